#include "cel/compile_test.h"

static void constants_are_built_once(void **state)
{
    struct fixture *f = fixture_of(state);
    static const char *const folded[] = {
        "[1, 2, 3]", "{'a': 1}", "[[1], [2]]", "int('12')", "duration('1h')", "string(1)", "type(1)",
        "dyn(1)", "timestamp('2020-01-01T00:00:00Z')", "[int('1'), 2]",
    };
    static const char *const left[] = {
        "1 + 1", "!true", "-(1)", "[object.a]", "int(1 + 1)", "size('a')", "'a'.matches('a')",
        "true ? 1 : 2", "[?optional.none()]",
    };
    for (size_t i = 0; i < sizeof folded / sizeof *folded; i++) {
        assert_compiles(f, folded[i]);
        assert_int_equal(f->program->root->op, CEL_OP_LITERAL);
    }
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        assert_compiles(f, left[i]);
        assert_int_not_equal(f->program->root->op, CEL_OP_LITERAL);
    }
}

static void failing_conversions_refuse(void **state)
{
    struct fixture *f = fixture_of(state);
    assert_refused(f, "duration('abc')", "invalid duration argument");
    assert_refused(f, "timestamp('abc')", "invalid timestamp argument");
    assert_refused(f, "object.a ? 1 : int('abc')", "type conversion error from 'string' to 'int'");
    assert_refused(f, "uint(-1) == 1u", "unsigned integer overflow");
    assert_refused(f, "[1].all(x, string(b'\\xff') == 'a')",
                   "invalid UTF-8 in bytes, cannot convert to string");
    assert_compiles(f, "int('a' + 'b')"); // computed, not constant: fails when it is evaluated
    assert_compiles(f, "1 / 0 == 1");
}

static void what_panics_is_refused_at_its_place(void **state)
{
    struct fixture *f = fixture_of(state);
    assert_refused(f, "object.a == {b'a': null}", "internal error: unsupported key type");
    assert_int_equal(f->diags.first->start, 12);
}

static void constant_patterns_are_compiled(void **state)
{
    struct fixture *f = fixture_of(state);
    assert_compiles(f, "object.a.matches('^a+$')");
    assert_non_null(f->program->root->call.regex);
    assert_compiles(f, "object.a.findAll('a', 2)");
    assert_non_null(f->program->root->call.regex);
    assert_compiles(f, "object.a.matches(object.b)");
    assert_null(f->program->root->call.regex);
    assert_refused(f, "object.a.matches('[')", "invalid matches argument");
    // Kubernetes' validator takes the text of the global form for a pattern
    assert_refused(f, "matches('[', 'a')", "invalid matches argument");
    assert_non_null(refusal(f, "matches(object.a, '[')"));
    assert_non_null(refusal(f, "object.a.find('[')"));
}

static void older_servers_refuse_in_other_words(void **state)
{
    void *s = NULL;
    (void)state;
    assert_int_equal(fixture_open_at(&s, 28), 0);
    const char *why = refusal(fixture_of(&s), "duration('abc')");
    assert_non_null(why);
    assert_string_not_equal(why, "invalid duration argument");
    assert_compiles(fixture_of(&s), "matches('[', 'a')");
    fixture_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(constants_are_built_once, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(failing_conversions_refuse, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(what_panics_is_refused_at_its_place, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(constant_patterns_are_compiled, fixture_open, fixture_close),
        cmocka_unit_test(older_servers_refuse_in_other_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
