#include "base/buf.h"
#include "cel/compile_test.h"

static const char *printed(struct fixture *f, const char *text)
{
    struct cel_node *n;
    OWN_BUF struct buf out = buf_new(1 << 20);
    assert_int_equal(cel_parse(str_of(text), &f->arena, &n, &f->diags, &f->e), ERR_OK);
    cel_print(n, &out);
    return arena_dup(&f->arena, buf_str(&out)).p;
}

static void printing_is_canonical(void **state)
{
    struct fixture *f = fixture_of(state);
    static const char *const cases[][2] = {
        {"1+2*3", "1 + 2 * 3"},
        {"(1+2)*3", "(1 + 2) * 3"},
        {"1-(2-3)", "1 - (2 - 3)"},
        {"(1-2)-3", "1 - 2 - 3"},
        {"a&&(b&&c)||d", "a && b && c || d"},
        {"a&&(b||c)", "a && (b || c)"},
        {"(a?b:c)?d:(e?f:g)", "(a ? b : c) ? d : e ? f : g"},
        {"a ? (b ? c : d) : e", "a ? (b ? c : d) : e"},
        {"!(a==b)", "!(a == b)"},
        {"!(!a)", "!(!a)"},
        {"-(1)", "-(1)"},
        {"-1", "-1"},
        {"-(1.0.x[2])", "-(1.0.x[2])"},
        {"-(-1)", "-(-1)"},
        {"-1.x", "-1.x"},
        {"-x.y", "-x.y"},
        {"(-x).y", "(-x).y"},
        {"a.b[0].?c[?d].e(1,'x')", "a.b[0].?c[?d].e(1, \"x\")"},
        {"x.`a-b`.`in`", "x.`a-b`.`in`"},
        {"has(a.b)", "has(a.b)"},
        {"[1,?a,]", "[1, ?a]"},
        {"{?'a':1,2:3}", "{?\"a\": 1, 2: 3}"},
        {"x.map(i, i>0, i*2).all(k, v, k==v)", "x.map(i, i > 0, i * 2).all(k, v, k == v)"},
        {"x.exists_one(i, i)", "x.exists_one(i, i)"},
        {"x.transformMapEntry(k, v, {v:k})", "x.transformMapEntry(k, v, {v: k})"},
        {"google.protobuf.Int64Value{value: 1}", "google.protobuf.Int64Value{value: 1}"},
        {".a.b", ".a.b"},
        {"'\\x00\\n\"\\u00e9'", "\"\\x00\\n\\\"\xc3\xa9\""},
        {"b'\\xff'", "b\"\\xff\""},
        {"1.0 + 1e100 + 0.1", "1.0 + 1e+100 + 0.1"},
        {"a in b == c", "a in b == c"},
        {"a in (b == c)", "a in (b == c)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *once = printed(f, cases[i][0]);
        assert_string_equal(once, cases[i][1]);
        assert_string_equal(printed(f, once), once);
    }
}

static void folding_does_not_show(void **state)
{
    struct fixture *f = fixture_of(state);
    OWN_BUF struct buf out = buf_new(1 << 20);
    assert_compiles(f, "[duration('1h'), duration('2h')].all(d, d < duration('3h')) && type(1) == int");
    cel_program_print(f->program, &out);
    buf_putc(&out, '\0');
    assert_string_equal(out.p, "[duration(\"1h\"), duration(\"2h\")].all(d, d < duration(\"3h\")) && "
                               "type(1) == int");
}

static void explaining_names_types_costs_and_version(void **state)
{
    struct fixture *f = fixture_of(state);
    OWN_BUF struct buf out = buf_new(1 << 20);
    assert_compiles(f, "[1, 2].sort().size() == 2 && object.all(c, c.ok)");
    cel_program_explain(f->program, &out);
    buf_putc(&out, '\0');
    assert_non_null(strstr(out.p, "sort()"));
    assert_non_null(strstr(out.p, "list(int)"));
    assert_non_null(strstr(out.p, "..unbounded"));
    assert_non_null(strstr(out.p, "kubernetes  >= 1.35"));
    out.n = 0;
    assert_compiles(f, "1 + 2 == 3");
    cel_program_explain(f->program, &out);
    buf_putc(&out, '\0');
    assert_non_null(strstr(out.p, "cost        2\n"));
    assert_non_null(strstr(out.p, "kubernetes  any"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(printing_is_canonical, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(folding_does_not_show, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(explaining_names_types_costs_and_version, fixture_open,
                                        fixture_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
