#include "base/rfc3339.h"

#include "base/test.h"

static void a_time_is_read(void **state)
{
    (void)state;
    struct rfc3339 t;
    assert_true(rfc3339_parse(S("2024-02-29T23:59:58.25-07:30"), &t));
    assert_int_equal(t.year, 2024);
    assert_int_equal(t.month, 2);
    assert_int_equal(t.day, 29);
    assert_int_equal(t.hour, 23);
    assert_int_equal(t.minute, 59);
    assert_int_equal(t.second, 58);
    assert_int_equal(t.nanoseconds, 250000000);
    assert_int_equal(t.fraction_digits, 2);
    assert_int_equal(t.offset, -450);
}

static void good_and_bad_texts(void **state)
{
    (void)state;
    static const char *const good[] = {
        "2006-01-02T15:04:05Z",           "2006-01-02T5:04:05Z",       "2006-01-02T15:04:05,123Z",
        "2006-01-02T15:04:05.123456789Z", "0000-01-01T00:00:00+24:60", "2000-02-29T00:00:00Z",
    };
    static const char *const bad[] = {
        "",
        "2006-01-02",
        "2006-01-02 15:04:05Z",
        "2006-01-02t15:04:05Z",
        "2006-01-02T15:04:05z",
        "2006-01-02T15:04:05",
        "2006-01-02T15:04:05.Z",
        "2006-01-02T15:4:05Z",
        "2006-1-02T15:04:05Z",
        "2006-01-02T24:00:00Z",
        "2006-01-02T15:60:00Z",
        "2006-01-02T15:04:60Z",
        "1900-02-29T00:00:00Z",
        "2006-04-31T00:00:00Z",
        "2006-13-01T00:00:00Z",
        "2006-01-00T00:00:00Z",
        "2006-01-02T15:04:05+0700",
        "2006-01-02T15:04:05+25:00",
        "2006-01-02T15:04:05Z ",
        "+2006-01-02T15:04:05Z",
    };
    struct rfc3339 t;
    for (unsigned i = 0; i < sizeof good / sizeof *good; i++)
        if (!rfc3339_parse(str_of(good[i]), &t))
            fail_msg("refused: %s", good[i]);
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
        if (rfc3339_parse(str_of(bad[i]), &t))
            fail_msg("taken: %s", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_is_read),
        cmocka_unit_test(good_and_bad_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
