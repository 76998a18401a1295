#include "regex/regex.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/test.h"

static const struct regex *compile(struct regex_cache *c, const char *pattern)
{
    const struct regex *r = NULL;
    struct err e = {0};
    assert_int_equal(regex_cache_get(c, str_of(pattern), &r, &e), ERR_OK);
    return r;
}

static void matches_anywhere(void **state)
{
    (void)state;
    struct regex_cache *c = NULL;
    struct err e = {0};
    assert_int_equal(regex_cache_new(0, &c, &e), ERR_OK);
    assert_true(regex_matches(compile(c, "b+"), S("abbc")));
    assert_false(regex_matches(compile(c, "^b+$"), S("abbc")));
    assert_true(regex_matches(compile(c, ""), (str){NULL, 0}));
    assert_false(regex_matches(compile(c, "^a$"), S("a\n"))); // $ is the end of the text
    assert_true(regex_matches(compile(c, "(?m)^a$"), S("b\na\n")));
    assert_true(regex_matches(compile(c, "^.$"), S("\xC3\xA9"))); // a code point, not a byte
    assert_true(regex_matches(compile(c, "\\pL"), S("\xC3\xA9")));
    regex_cache_free(c);
}

static void finds_from_where_it_is_told(void **state)
{
    (void)state;
    struct regex_cache *c = NULL;
    struct err e = {0};
    size_t start = 7, end = 7;
    assert_int_equal(regex_cache_new(0, &c, &e), ERR_OK);
    const struct regex *r = compile(c, "a+");
    assert_true(regex_find(r, S("xaaya"), 0, &start, &end));
    assert_int_equal(start, 1);
    assert_int_equal(end, 3);
    assert_true(regex_find(r, S("xaaya"), 3, &start, &end));
    assert_int_equal(start, 4);
    assert_int_equal(end, 5);
    assert_false(regex_find(r, S("xaaya"), 5, &start, &end));
    assert_false(regex_find(r, S("xaaya"), 6, &start, &end));
    assert_false(regex_find(compile(c, "^a"), S("xa"), 1, &start, &end)); // ^ is the text's start
    regex_cache_free(c);
}

static void takes_what_go_takes(void **state)
{
    (void)state;
    struct regex_cache *c = NULL;
    struct err e = {0};
    assert_int_equal(regex_cache_new(0, &c, &e), ERR_OK);
    assert_true(regex_matches(compile(c, "(?<year>\\d{4})"), S("in 1999")));
    assert_true(regex_matches(compile(c, "^[(?<x>]+$"), S("(?<x>"))); // no group in a class
    assert_true(regex_matches(compile(c, "^\\Q(?<x>\\E$"), S("(?<x>")));
    assert_true(regex_matches(compile(c, "^[]]$"), S("]")));
    assert_true(regex_matches(compile(c, "\\Q\\C\\E"), S("\\C")));
    regex_cache_free(c);
}

static void refuses_in_gos_words(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *why;
    } cases[] = {
        {"[a", "error parsing regexp: missing closing ]: `[a`"},
        {"(a", "error parsing regexp: missing closing ): `(a`"},
        {"a)", "error parsing regexp: unexpected ): `a)`"},
        {"*a", "error parsing regexp: missing argument to repetition operator: `*`"},
        {"a**", "error parsing regexp: invalid nested repetition operator: `**`"},
        {"a{1001}", "error parsing regexp: invalid repeat count: `{1001}`"},
        {"[z-a]", "error parsing regexp: invalid character class range: `z-a`"},
        {"\\8", "error parsing regexp: invalid escape sequence: `\\8`"},
        {"a\\", "error parsing regexp: trailing backslash at end of expression: ``"},
        {"(?=a)", "error parsing regexp: invalid or unsupported Perl syntax: `(?=`"},
        {"a\\C", "error parsing regexp: invalid escape sequence: `\\C`"},
    };
    struct regex_cache *c = NULL;
    struct err e = {0};
    assert_int_equal(regex_cache_new(0, &c, &e), ERR_OK);
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct regex *r = NULL;
        assert_int_equal(regex_cache_get(c, str_of(cases[i].pattern), &r, &e), ERR_SYNTAX);
        assert_string_equal(e.msg, cases[i].why);
        assert_null(r);
    }
    regex_cache_free(c);
}

static void keeps_only_so_many(void **state)
{
    (void)state;
    struct regex_cache *c = NULL;
    struct err e = {0};
    assert_int_equal(regex_cache_new(2, &c, &e), ERR_OK);
    const struct regex *a = compile(c, "a");
    assert_ptr_equal(compile(c, "a"), a);
    compile(c, "b");
    assert_ptr_equal(compile(c, "a"), a);
    for (int i = 0; i < 100; i++) { // far more than it may keep: memory stays bounded
        char pattern[16];
        snprintf(pattern, sizeof pattern, "x{%d}", i + 1);
        assert_true(regex_matches(compile(c, pattern), S("xxxxxxxxxx")) == (i < 10));
    }
    regex_cache_free(c);
}

static void hostile_patterns_are_refused(void **state)
{
    (void)state;
    struct regex_cache *c = NULL;
    struct err e = {0};
    const struct regex *r = NULL;
    assert_int_equal(regex_cache_new(2, &c, &e), ERR_OK);
    assert_int_equal(regex_cache_get(c, S("((a{100}){100}){100}"), &r, &e), ERR_SYNTAX);
    assert_int_equal(regex_cache_get(c, S("(\\pL{1000}|\\pN{900}){1}"), &r, &e), ERR_LIMIT);
    char *big = calloc(1, LIMIT_REGEX_PATTERN + 1);
    assert_non_null(big);
    memset(big, 'a', LIMIT_REGEX_PATTERN + 1);
    assert_int_equal(regex_cache_get(c, (str){big, LIMIT_REGEX_PATTERN + 1}, &r, &e), ERR_LIMIT);
    memset(big, '(', LIMIT_REGEX_PATTERN); // nested beyond reason
    assert_int_not_equal(regex_cache_get(c, (str){big, LIMIT_REGEX_PATTERN}, &r, &e), ERR_OK);
    memset(big, 'a', LIMIT_REGEX_PATTERN); // (a*)*b is exponential to backtrackers
    assert_false(regex_matches(compile(c, "^(a*)*b$"), (str){big, LIMIT_REGEX_PATTERN}));
    free(big);
    regex_cache_free(c);
    regex_cache_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_anywhere),     cmocka_unit_test(finds_from_where_it_is_told),
        cmocka_unit_test(takes_what_go_takes),  cmocka_unit_test(refuses_in_gos_words),
        cmocka_unit_test(keeps_only_so_many),   cmocka_unit_test(hostile_patterns_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
