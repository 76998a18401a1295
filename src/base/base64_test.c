#include "base/base64.h"

#include "base/test.h"

static void expect(str text, bool good, str bytes)
{
    OWN_ARENA struct arena a = {0};
    str got = {0};
    assert_int_equal(arena_init(&a, "t", 1 << 16, NULL), ERR_OK);
    assert_int_equal(base64_decode(text, &a, &got), good);
    assert_int_equal(base64_is(text), good);
    if (good)
        assert_true(str_eq(got, bytes));
}

static void base64_decodes_as_go_does(void **state)
{
    (void)state;
    expect(S(""), true, S(""));
    expect(S("Zg=="), true, S("f"));
    expect(S("Zm8="), true, S("fo"));
    expect(S("Zm9v\nYmFy\r\n"), true, S("foobar"));
    expect(S("Zh=="), true, S("f")); // left-over bits may be anything
    expect(S("+/8="), true, S("\xfb\xff"));
    expect(S("Zg"), false, S(""));
    expect(S("Zg="), false, S(""));
    expect(S("Zg==Zg=="), false, S(""));
    expect(S("Z g="), false, S(""));
    expect(S("-_8="), false, S(""));
}

static void base64_writes_what_it_reads(void **state)
{
    (void)state;
    const char bytes[] = "\0\x80\xff*hello";
    for (size_t n = 0; n < sizeof bytes; n++) {
        OWN_BUF struct buf b = buf_new(1 << 10);
        base64_put(&b, (str){bytes, n});
        expect(n ? buf_str(&b) : S(""), true, (str){bytes, n});
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_decodes_as_go_does),
        cmocka_unit_test(base64_writes_what_it_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
