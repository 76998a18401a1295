#include "kube/quantity.h"

#include "base/test.h"

static void amounts_are_taken_apart(void **state)
{
    (void)state;
    struct quantity_parts p;
    assert_int_equal(quantity_split(S("-012.50Gi"), &p), QUANTITY_GOOD);
    assert_true(p.negative);
    assert_true(str_eq(p.value, S("-012.50")));
    assert_true(str_eq(p.num, S("12")));
    assert_true(str_eq(p.denom, S("50")));
    assert_int_equal(p.base, 2);
    assert_int_equal(p.exponent, 30);
    assert_int_equal(p.format, QUANTITY_BINARY_SI);
    assert_int_equal(quantity_split(S("5e-3"), &p), QUANTITY_GOOD);
    assert_int_equal(p.exponent, -3);
    assert_int_equal(p.format, QUANTITY_DECIMAL_EXPONENT);
    assert_int_equal(quantity_split(S("5x"), &p), QUANTITY_MALFORMED);
    assert_int_equal(quantity_split(S("5mm"), &p), QUANTITY_BAD_SUFFIX);
}

static void good_and_bad_texts(void **state)
{
    (void)state;
    static const char *const good[] = {"0", "1", "-1", "+1", "1.5", ".5", "1.", "100m", "1Gi", "1E", "1e3", "1E-3", "+", ".", "5e9223372036854775807"};
    static const char *const bad[] = {"", "a", "1 Gi", "1gi", "1KB", "1Gb", "0x10", "1,5", "1e", "true", "1.2.3", "--1", ".e-10", "5e9223372036854775808", "1_000"};
    for (unsigned i = 0; i < sizeof good / sizeof *good; i++)
        if (!quantity_is(str_of(good[i])))
            fail_msg("refused: %s", good[i]);
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
        if (quantity_is(str_of(bad[i])))
            fail_msg("taken: %s", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_are_taken_apart),
        cmocka_unit_test(good_and_bad_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
