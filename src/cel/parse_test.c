#include "base/limits.h"
#include "cel/compile_test.h"

static void syntax_errors_are_located(void **state)
{
    struct fixture *f = fixture_of(state);
    static const struct {
        const char *text, *message;
        uint32_t start;
    } cases[] = {
        {"1 +", "Syntax error: mismatched input '<EOF>'", 3},
        {"a ? b", "Syntax error: mismatched input '<EOF>' expecting ':'", 5},
        {"1 2", "Syntax error: extraneous input '2' expecting <EOF>", 2},
        {"'abc", "Syntax error: token recognition error at: '''", 0},
        {"a # b", "Syntax error: token recognition error at: '#'", 2},
        {"size(1,)", "Syntax error: mismatched input ')'", 7},
        {"a.in", "Syntax error: mismatched input 'in' expecting IDENTIFIER", 2},
        {"a ? b ? c : d : e", "Syntax error: mismatched input '?' expecting ':'", 6},
        {"!-x", "Syntax error: mismatched input 'x'", 2},
        {"0xg", "Syntax error: extraneous input 'xg'", 1},
        {"rb'x'", "Syntax error: extraneous input ''x''", 2},
        {"9223372036854775808", "invalid int literal", 0},
        {"18446744073709551616u", "invalid uint literal", 0},
        {"1e400", "invalid double literal", 0},
        {"'\\q'", "unable to unescape string", 0},
        {"'\\ud800'", "invalid unicode code point", 0},
        {"b'\\u00e9'", "unable to unescape string", 0},
        {"'\\400'", "unable to unescape string", 0},
        {"namespace == 'a'", "reserved identifier: namespace", 0},
        {"[1].all(1, true)", "argument must be a simple name", 8},
        {"[1].map(1, true)", "argument is not an identifier", 8},
        {"[1].transformList(i, i, i)", "duplicate variable name: i", 21},
        {"has(object)", "invalid argument to has() macro", 4},
        {"has(object.?a)", "invalid argument to has() macro", 4},
        {"\xff", "Syntax error: the expression is not valid UTF-8", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *why = refusal(f, cases[i].text);
        if (!why)
            fail_msg("%s: compiled", cases[i].text);
        assert_memory_equal(why, cases[i].message, strlen(cases[i].message));
        assert_int_equal(f->diags.first->start, cases[i].start);
    }
}

static void literals_have_their_values(void **state)
{
    struct fixture *f = fixture_of(state);
    static const struct {
        const char *text;
        struct value value;
    } cases[] = {
        {"-9223372036854775808", {.kind = CEL_INT, .i = INT64_MIN}},
        {"0xFF", {.kind = CEL_INT, .i = 255}},
        {"-0x80", {.kind = CEL_INT, .i = -128}},
        {"0xFFu", {.kind = CEL_UINT, .u = 255}},
        {"18446744073709551615U", {.kind = CEL_UINT, .u = UINT64_MAX}},
        {".5e1", {.kind = CEL_DOUBLE, .d = 5}},
        {"-1e3", {.kind = CEL_DOUBLE, .d = -1000}},
        {"'\\x41\\101\\u0041\\U00000041'", {.kind = CEL_STRING, .s = "AAAA", .n = 4}},
        {"b'\\xff\\377'", {.kind = CEL_BYTES, .s = "\xff\xff", .n = 2}},
        {"'\\xff'", {.kind = CEL_STRING, .s = "\xc3\xbf", .n = 2}},
        {"r'\\n'", {.kind = CEL_STRING, .s = "\\n", .n = 2}},
        {"'''a'b\"\r\nc'''", {.kind = CEL_STRING, .s = "a'b\"\nc", .n = 6}},
        {"br\"\"\"\\\"\"\"", {.kind = CEL_BYTES, .s = "\\", .n = 1}},
        {"'\\a\\b\\f\\n\\r\\t\\v\\\\\\'\\\"\\`\\?'",
         {.kind = CEL_STRING, .s = "\a\b\f\n\r\t\v\\'\"`?", .n = 12}},
        {"--1", {.kind = CEL_INT, .i = 1}},
        {"!!true", {.kind = CEL_BOOL, .b = true}},
        {"// c\n1 // d", {.kind = CEL_INT, .i = 1}},
        {"null", {.kind = CEL_NULL}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_compiles(f, cases[i].text);
        assert_int_equal(f->program->root->op, CEL_OP_LITERAL);
        assert_int_equal(f->program->root->literal.kind, cases[i].value.kind);
        if (cases[i].value.kind != CEL_NULL)
            assert_true(value_equal(f->program->root->literal, cases[i].value));
    }
}

// `n` times text, between two ends.
static const char *repeated(struct fixture *f, const char *begin, const char *text, unsigned n,
                            const char *end)
{
    size_t size = strlen(text), at = strlen(begin);
    char *p = arena_alloc(&f->arena, at + n * size + strlen(end) + 1, 1, 1);
    assert_non_null(p);
    memcpy(p, begin, at);
    for (unsigned i = 0; i < n; i++, at += size)
        memcpy(p + at, text, size);
    memcpy(p + at, end, strlen(end));
    return p;
}

static void depth_is_limited_and_chains_of_logic_are_not(void **state)
{
    struct fixture *f = fixture_of(state);
    assert_compiles(f, repeated(f, "true", " && true", 5000, ""));
    assert_compiles(f, repeated(f, "1", " + 1", 200, " == 201"));
    assert_compiles(f, repeated(f, "object", ".a", 200, ""));
    assert_compiles(f, "((((((((((((((((((((((((((((((((1))))))))))))))))))))))))))))))))");
    assert_compiles(f, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
    static const char limit[] = "expression recursion limit exceeded: 250";
    assert_refused(f, repeated(f, "1", " + 1", 300, ""), limit);
    assert_refused(f, repeated(f, "object", ".a", 300, ""), limit);
    assert_refused(f, repeated(f, "object", "[0]", 300, ""), limit);
    assert_refused(f, repeated(f, "1", " < 1", 300, ""), limit);
    assert_refused(f, repeated(f, "", "(", 100000 - 1, "1"), limit);
    assert_refused(f, repeated(f, "", "[", 90000, ""), limit);
    assert_refused(f, repeated(f, "", "true?1:", 14000, "1"), limit);
    assert_refused(f, repeated(f, "", "!(", 40000, ""), limit);
    assert_refused(f, repeated(f, "", "a.b(", 20000, ""), limit);
    assert_compiles(f, repeated(f, "", "!", 50000, "true"));
}

static void size_is_limited_in_code_points(void **state)
{
    struct fixture *f = fixture_of(state);
    assert_compiles(f, repeated(f, "'", "\xe2\x98\xba", LIMIT_CEL_SOURCE - 2, "'"));
    assert_refused(f, repeated(f, "'", "\xe2\x98\xba", LIMIT_CEL_SOURCE - 1, "'"),
                   "expression code point size exceeds limit: size: 100001, limit 100000");
    const char *why = refusal(f, repeated(f, "'", "12345678", LIMIT_CEL_SOURCE, "'"));
    assert_non_null(why);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(syntax_errors_are_located, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(literals_have_their_values, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(depth_is_limited_and_chains_of_logic_are_not, fixture_open,
                                        fixture_close),
        cmocka_unit_test_setup_teardown(size_is_limited_in_code_points, fixture_open, fixture_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
