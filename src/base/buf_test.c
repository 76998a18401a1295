#include "base/buf.h"

#include "base/test.h"

static void buf_appends_and_formats(void **state)
{
    (void)state;
    OWN_BUF struct buf b = buf_new(1 << 16);
    buf_put(&b, S("a="));
    buf_put_i64(&b, INT64_MIN);
    buf_printf(&b, " %300s|", "x");
    assert_false(b.failed);
    assert_memory_equal(b.p, "a=-9223372036854775808 ", 23);
    assert_int_equal(b.n, 23 + 301);
}

static void buf_stops_at_its_cap_and_says_so(void **state)
{
    (void)state;
    OWN_BUF struct buf b = buf_new(8);
    buf_put(&b, S("12345678"));
    assert_false(b.failed);
    buf_putc(&b, '9');
    assert_true(b.failed);
    assert_int_equal(b.n, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buf_appends_and_formats),
        cmocka_unit_test(buf_stops_at_its_cap_and_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
