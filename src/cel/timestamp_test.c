#include "cel/timestamp.h"

#include "base/test.h"

static str s_of(const char *text)
{
    return (str){text, strlen(text)};
}

static void texts_survive(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "1970-01-01T00:00:00Z",      "0001-01-01T00:00:00Z",           "9999-12-31T23:59:59.999999999Z",
        "2024-02-29T12:00:00.5Z",    "2000-02-29T23:59:59.000000001Z", "1999-12-31T23:59:59-05:30",
        "1900-03-01T00:00:00+14:00",
    };
    for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct value t;
        char out[TIMESTAMP_TEXT];
        assert_true(timestamp_parse(s_of(texts[i]), &t));
        size_t n = timestamp_format(out, t);
        assert_true(str_eq((str){out, n}, s_of(texts[i])));
    }
}

static void what_go_takes_and_refuses(void **state)
{
    (void)state;
    static const char *const good[] = {"2024-01-01T1:00:00Z", "2024-01-01T01:00:00,5Z",
                                       "2024-01-01T01:00:00+24:00", "0000-01-01T00:00:00Z"};
    static const char *const bad[] = {"",
                                      "2024-01-01",
                                      "2024-01-01t00:00:00Z",
                                      "2024-01-01T00:00:00z",
                                      "2024-13-01T00:00:00Z",
                                      "2023-02-29T00:00:00Z",
                                      "1900-02-29T00:00:00Z",
                                      "2024-01-01T24:00:00Z",
                                      "2024-01-01T00:00:60Z",
                                      "2024-01-01T00:00:00",
                                      "2024-01-01T00:00:00.Z",
                                      "2024-01-01T00:00:00+1:00",
                                      "10000-01-01T00:00:00Z",
                                      "2024-01-01T00:00:00Zx"};
    struct value t;
    for (unsigned i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(timestamp_parse(s_of(good[i]), &t));
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
        if (timestamp_parse(s_of(bad[i]), &t))
            fail_msg("%s is taken", bad[i]);
}

static void calendar_agrees_with_itself(void **state)
{
    (void)state;
    for (int64_t t = TIMESTAMP_MIN; t <= TIMESTAMP_MAX; t += 86400 * 97 + 12345) {
        struct civil c = timestamp_civil(t);
        int64_t back = timestamp_seconds(c.year, c.month, c.day) + c.hour * 3600 + c.minute * 60 +
                       c.second;
        assert_int_equal(back, t);
        assert_int_equal(timestamp_seconds(c.year, 1, 1) + (int64_t)c.day_of_year * 86400,
                         timestamp_seconds(c.year, c.month, c.day));
    }
    assert_int_equal(timestamp_civil(0).weekday, 4); // a Thursday
    assert_int_equal(timestamp_civil(-86400).weekday, 3);
}

static void durations(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ns;
    } good[] = {
        {"0", 0},
        {"1s", 1000000000},
        {"-1.5h", -5400000000000},
        {"+5m", 300000000000},
        {"1h34us", 3600000034000},
        {"1\xC2\xB5s", 1000},
        {".5s", 500000000},
        {"1.s", 1000000000},
        {"9223372036854775807ns", INT64_MAX},
        {"-9223372036854775808ns", INT64_MIN},
        {"0.000000000000000000000000001s", 0},
        {"0.3333333333333333333h", 1200000000000},
    };
    static const char *const bad[] = {"",   "s",  ".s", "1", "1x", "1 s", "--1s", "9223372036854775808ns",
                                      "-",  "+",  "1h-1m", "320000000000s", "1S"};
    int64_t ns;
    for (unsigned i = 0; i < sizeof good / sizeof *good; i++) {
        if (!timestamp_parse_duration(s_of(good[i].text), &ns))
            fail_msg("%s is refused", good[i].text);
        assert_int_equal(ns, good[i].ns);
    }
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
        if (timestamp_parse_duration(s_of(bad[i]), &ns))
            fail_msg("%s is taken", bad[i]);
    char out[TIMESTAMP_TEXT];
    size_t n = timestamp_format_duration(out, -1500000001);
    assert_true(str_eq((str){out, n}, S("-1.500000001s")));
}

static void ranges(void **state)
{
    (void)state;
    struct value t = {.kind = CEL_TIMESTAMP, .i = TIMESTAMP_MAX, .n = 999999999}, u = t;
    int64_t d;
    assert_false(timestamp_add(&u, 1));
    u = t;
    assert_true(timestamp_add(&u, -1000000000));
    assert_int_equal(u.i, TIMESTAMP_MAX - 1);
    struct value first = {.kind = CEL_TIMESTAMP, .i = TIMESTAMP_MIN};
    assert_false(timestamp_add(&first, -1));
    assert_false(timestamp_difference(t, first, &d));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_survive), cmocka_unit_test(what_go_takes_and_refuses),
        cmocka_unit_test(calendar_agrees_with_itself), cmocka_unit_test(durations),
        cmocka_unit_test(ranges)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
