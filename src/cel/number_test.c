#include "cel/number.h"

#include <string.h>

#include "base/test.h"

static void as_go_writes_them(void **state)
{
    (void)state;
    static const struct {
        double d;
        const char *g, *f;
    } rows[] = {
        {0, "0", "0"},
        {-0.0, "-0", "-0"},
        {1, "1", "1"},
        {-2.5, "-2.5", "-2.5"},
        {100000, "100000", "100000"},
        {1000000, "1e+06", "1000000"},
        {123456789, "1.23456789e+08", "123456789"},
        {0.0001, "0.0001", "0.0001"},
        {0.00001, "1e-05", "0.00001"},
        {0.1 + 0.2, "0.30000000000000004", "0.30000000000000004"},
        {5e-324, "5e-324", NULL},
        {1.7976931348623157e308, "1.7976931348623157e+308", NULL},
        {2.2250738585072014e-308, "2.2250738585072014e-308", NULL},
        {__builtin_inf(), "+Inf", "+Inf"},
        {-__builtin_inf(), "-Inf", "-Inf"},
        {__builtin_nan(""), "NaN", "NaN"},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        char g[NUMBER_G], f[NUMBER_F];
        size_t gn = number_format_g(g, rows[i].d), fn = number_format_f(f, rows[i].d);
        assert_int_equal(gn, strlen(g));
        assert_int_equal(fn, strlen(f));
        assert_string_equal(g, rows[i].g);
        if (rows[i].f)
            assert_string_equal(f, rows[i].f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_go_writes_them)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
