#include "doc/yaml_scalar_priv.h"

#include <math.h>

#include "base/fixture_test.h"

// What a text is: b bool, i int, u uint, f float, n null, s string; then its value, or for a key its text.
// Expectations are go-yaml v2.4's and sigs.k8s.io/yaml's own answers.
static const struct {
    const char *text;
    char kind;
    const char *key; // NULL: no key
} cases[] = {
    {"y", 'b', "true"}, {"Yes", 'b', "true"}, {"ON", 'b', "true"}, {"TRUE", 'b', "true"}, {"on", 'b', "true"},
    {"n", 'b', "false"}, {"No", 'b', "false"}, {"OFF", 'b', "false"}, {"False", 'b', "false"}, {"off", 'b', "false"},
    {"yES", 's', "yES"}, {"tRue", 's', "tRue"}, {"oN", 's', "oN"}, {"nope", 's', "nope"}, {"yesno", 's', "yesno"},
    {"", 'n', NULL}, {"~", 'n', NULL}, {"null", 'n', NULL}, {"NULL", 'n', NULL}, {"nULL", 's', "nULL"},
    {"0", 'i', "0"}, {"-0", 'i', "0"}, {"+1", 'i', "1"}, {"017", 'i', "15"}, {"0o17", 'i', "15"}, {"0O17", 'i', "15"},
    {"0x1F", 'i', "31"}, {"0X1f", 'i', "31"}, {"-0x10", 'i', "-16"}, {"0b11", 'i', "3"}, {"-0b11", 'i', "-3"},
    {"0b+1", 'i', "1"}, {"0b-1", 'i', "-1"}, {"-0b-1", 's', "-0b-1"}, {"1_000", 'i', "1000"}, {"1__0", 'i', "10"},
    {"1_", 'i', "1"}, {"0x_1F", 'i', "31"}, {"_1", 's', "_1"}, {"0_8", 'f', "8"}, {"08", 'f', "8"}, {"0o8", 's', "0o8"},
    {"0x", 's', "0x"}, {"0b", 's', "0b"}, {"0o", 's', "0o"}, {"0b12", 's', "0b12"}, {"-", 's', "-"}, {"+", 's', "+"},
    {"9223372036854775807", 'i', "9223372036854775807"}, {"-9223372036854775808", 'i', "-9223372036854775808"},
    {"9223372036854775808", 'u', NULL}, {"18446744073709551615", 'u', NULL},
    {"18446744073709551616", 'f', "1.8446744e+19"}, {"-9223372036854775809", 'f', "-9.223372e+18"},
    {"+18446744073709551615", 'f', "1.8446744e+19"}, {"0777777777777777777777777", 'f', "7.777778e+23"},
    {"1e3", 'f', "1000"}, {"1E3", 'f', "1000"}, {"1e3x", 's', "1e3x"}, {"1e", 's', "1e"}, {"1e+", 's', "1e+"},
    {"1E400", 's', "1E400"}, {"1e-400", 'f', "0"}, {"1.", 'f', "1"}, {"1.0", 'f', "1"}, {"1.5", 'f', "1.5"},
    {"-0.0", 'f', "-0"}, {"0.1", 'f', "0.1"}, {"1e6", 'f', "1e+06"}, {"100000.0", 'f', "100000"},
    {"1234567.0", 'f', "1.234567e+06"}, {"123456789.0", 'f', "1.2345679e+08"}, {"1e-5", 'f', "1e-05"},
    {"0.0001", 'f', "0.0001"}, {"1e300", 'f', ".inf"}, {"-1e300", 'f', "-.inf"},
    {".5", 'f', "0.5"}, {"-.5", 'f', "-0.5"}, {"+.5", 'f', "0.5"}, {".5_0", 'f', "0.5"}, {".5__0", 's', ".5__0"},
    {".5_", 's', ".5_"}, {"._5", 's', "._5"}, {".5e1_0", 'f', "5e+09"}, {".", 's', "."}, {"..", 's', ".."},
    {".e1", 's', ".e1"}, {".5E3", 'f', "500"}, {".5p1", 's', ".5p1"}, {"0x1p3", 's', "0x1p3"},
    {".inf", 'f', ".inf"}, {"+.INF", 'f', ".inf"}, {"-.Inf", 'f', "-.inf"}, {".NaN", 'f', ".nan"}, {".iNf", 's', ".iNf"},
    {"12:30:45", 's', "12:30:45"}, {"2001-01-01", 's', "2001-01-01"}, {"1.2.3", 's', "1.2.3"}, {"10.0.0.1", 's', "10.0.0.1"},
    {"100m", 's', "100m"}, {"<<", 's', "<<"}, {"=", 's', "="},
};

static const char kinds[] = {[YAML_IS_STRING] = 's', [YAML_IS_NULL] = 'n', [YAML_IS_BOOL] = 'b',
                             [YAML_IS_INT] = 'i',    [YAML_IS_UINT] = 'u', [YAML_IS_FLOAT] = 'f'};

static void test_plain(void **state)
{
    struct arena *a = *state;
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct yaml_scalar s;
        assert_null(doc_yaml_resolve(str_of(cases[i].text), YAML_NO_TAG, a, &s));
        str key = doc_yaml_key_text(&s, a);
        if (kinds[s.kind] != cases[i].kind || !cases[i].key != !key.p ||
            (key.p && !str_eq(key, str_of(cases[i].key))))
            fail_msg("'%s' is %c, as a key '%.*s'", cases[i].text, kinds[s.kind], STR_FMT(key));
    }
}

static const struct {
    const char *tag, *text;
    const char *key; // NULL: refused
} tagged[] = {
    {"str", "yes", "yes"}, {"str", "1", "1"}, {"bool", "on", "true"}, {"bool", "1", NULL}, {"int", "0x10", "16"},
    {"int", "1.0", NULL}, {"int", "18446744073709551616", NULL}, {"int", "", NULL}, {"float", "1", "1"}, {"float", "1.5", "1.5"},
    {"float", "18446744073709551615", NULL}, {"float", "x", NULL}, {"null", "x", NULL}, {"merge", "<<", "<<"}, {"set", "yes", "yes"},
    {"binary", "aGVsbG8=", "hello"}, {"binary", "aGVs\nbG8=", "hello"}, {"binary", "aGk=", "hi"}, {"binary", "/w==", "\xEF\xBF\xBD"},
    {"binary", "aGk", NULL}, {"binary", "aGVs bG8=", NULL}, {"binary", "a===", NULL}, {"binary", "aGk=aGk=", NULL}, {"binary", "", ""},
    {"timestamp", "2001-1-1", "2001-1-1"}, {"timestamp", "2001-12-14T21:59:43.1Z", "2001-12-14T21:59:43.1Z"},
    {"timestamp", "2001-12-14t21:59:43-05:00", "2001-12-14t21:59:43-05:00"}, {"timestamp", "2001-12-14 21:59:43", "2001-12-14 21:59:43"},
    {"timestamp", "2001-13-1", NULL}, {"timestamp", "2001-2-29", NULL}, {"timestamp", "2000-2-29", "2000-2-29"}, {"timestamp", "yes", NULL},
    {"timestamp", "2001-12-14T21:59:43", NULL}, {"timestamp", "01-1-1", NULL},
};

static void test_tags(void **state)
{
    struct arena *a = *state;
    for (unsigned i = 0; i < sizeof tagged / sizeof *tagged; i++) {
        struct yaml_scalar s;
        str tag = arena_printf(a, "tag:yaml.org,2002:%s", tagged[i].tag);
        const char *wanted = doc_yaml_resolve(str_of(tagged[i].text), doc_yaml_tag_of(tag.p), a, &s);
        if (!wanted != !!tagged[i].key)
            fail_msg("!!%s '%s': %s", tagged[i].tag, tagged[i].text, wanted ? wanted : "taken");
        if (!wanted)
            assert_true(str_eq(doc_yaml_key_text(&s, a), str_of(tagged[i].key)));
    }
    assert_int_equal(doc_yaml_tag_of(NULL), YAML_NO_TAG);
    assert_int_equal(doc_yaml_tag_of("!int"), YAML_TAG_OTHER);
}

// The table of first bytes must not keep a text from being looked at.
static void test_first_bytes(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
        if (cases[i].kind != 's' && cases[i].text[0])
            assert_true(doc_yaml_first_bytes[(unsigned char)cases[i].text[0]]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_plain), cmocka_unit_test(test_tags),
                                       cmocka_unit_test(test_first_bytes)};
    return cmocka_run_group_tests(tests, fixture_arena, fixture_arena_done);
}
