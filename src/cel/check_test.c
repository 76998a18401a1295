#include "cel/compile_test.h"

static void types_are_inferred(void **state)
{
    struct fixture *f = fixture_of(state);
    static const char *const cases[][2] = {
        {"1 + 2", "int"},
        {"object.a.b", "dyn"},
        {"request.userInfo.extra", "map(string, list(string))"},
        {"namespaceObject.metadata.creationTimestamp", "timestamp"},
        {"authorizer.requestResource.check('get').allowed()", "bool"},
        {"variables.image + 'x'", "string"},
        {"[[], [[]], [[[]]]]", "list(list(list(list(dyn))))"},
        {"[optional.none(), optional.of(1)]", "list(optional_type(int))"},
        {"([].map(x, x))[0].foo", "dyn"},
        {"true ? optional.of(dyn(1)) : optional.of(1)", "optional_type(dyn)"},
        {"{'a': 1}.transformMap(k, v, string(v))", "map(string, string)"},
        {"{'a': 1}.transformList(k, v, k)", "list(string)"},
        {"[1].transformMapEntry(i, v, {v: i})", "map(int, int)"},
        {"['a'].sortBy(s, s.size())", "list(string)"},
        {"{'a': [1]}.?a[?0].optMap(x, x > 0)", "optional_type(bool)"},
        {"optional.of(1).optFlatMap(x, optional.of('a'))", "optional_type(string)"},
        {"[?optional.of(1)]", "list(int)"},
        {"type(1)", "type(int)"},
        {"google.protobuf.Duration == type(duration('1s'))", "bool"},
        {"dyn(1) == 1.0", "bool"},
        {"1 < 2.0", "bool"},
        {"[1, 2].filter(i, i > 1)", "list(int)"},
        {"{1: 'a'}.exists(k, k > 0)", "bool"},
        {"duration('1s') + timestamp(0)", "timestamp"},
        {"null == duration('1s')", "bool"},
        {"quantity('1').add(1)", "kubernetes.Quantity"},
        {"ip.isCanonical('::1')", "bool"},
        {"string(cidr('10.0.0.0/8').ip())", "string"},
        {"'%s %d'.format(['a', 1])", "string"},
        {"object.x.indexOf(object.y)", "int"},
        {"dyn([1]).first()", "optional_type(dyn)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_type(f, cases[i][0], cases[i][1]);
}

static void mistakes_are_refused_in_cel_gos_words(void **state)
{
    struct fixture *f = fixture_of(state);
    static const char *const cases[][2] = {
        {"foo", "undeclared reference to 'foo' (in container '')"},
        {"object.x && f(1)", "undeclared reference to 'f' (in container '')"},
        {"1 + 'a'", "found no matching overload for '_+_' applied to '(int, string)'"},
        {"1 == 1.0", "found no matching overload for '_==_' applied to '(int, double)'"},
        {"1 in [1.0]", "found no matching overload for '@in' applied to '(int, list(double))'"},
        {"{1: 'a'}[1.0]", "found no matching overload for '_[_]' applied to '(map(int, string), double)'"},
        {"'a'.reverse()", "found no matching overload for 'reverse' applied to 'string.()'"},
        {"size()", "found no matching overload for 'size' applied to '()'"},
        {"true ? 1 : 'a'", "found no matching overload for '_?_:_' applied to '(bool, int, string)'"},
        {"1 && true", "expected type 'bool' but found 'int'"},
        {"[1].all(x, x)", "expected type 'bool' but found 'int'"},
        {"1.all(x, true)", "expression of type 'int' cannot be range of a comprehension (must be list, "
                           "map, or dynamic)"},
        {"request.uid", "undefined field 'uid'"},
        {"has(request.object)", "undefined field 'object'"},
        {"namespaceObject.metadata.ownerReferences", "undefined field 'ownerReferences'"},
        {"variables.other", "undefined field 'other'"},
        {"'a'.b", "type 'string' does not support field selection"},
        {"[1, 'a']", "expected type 'int' but found 'string'"},
        {"[object.a, 'a']", "expected type 'dyn' but found 'string'"},
        {"{'a': object.n, 'b': 1}", "expected type 'dyn' but found 'int'"},
        {"[?1]", "expected type 'optional_type(int)' but found 'int'"},
        {"[?object.a]", "expected type 'optional_type(dyn)' but found 'dyn'"},
        {"'%d'.format(['a'])",
         "error during formatting: decimal clause can only be used on integers, was given string"},
        {"'%d'.format([])", "index 0 out of range"},
        {"'a'.format([1])", "too many arguments supplied to string.format (expected 0, got 1)"},
        {"'%z'.format([1])",
         "could not parse formatting clause: unrecognized formatting clause \"z\""},
        {"[type(1)].map(t, t)", "reference to undefined type: t"},
        {"math.least(1)", "undeclared reference to 'math' (in container '')"},
        {"[1].existsOne(x, true)", "undeclared reference to 'x' (in container '')"},
        {"Object{a: 1}", "undeclared reference to 'Object' (in container '')"},
        {"quantity('1').sign()",
         "found no matching overload for 'sign' applied to 'kubernetes.Quantity.()'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(f, cases[i][0], cases[i][1]);
}

static void a_mistake_hides_no_other(void **state)
{
    struct fixture *f = fixture_of(state);
    assert_non_null(refusal(f, "foo == 1 && bar == 2 && 1 + 'a' == 3"));
    assert_int_equal(f->diags.errors, 3);
}

static void macro_variables_shadow(void **state)
{
    struct fixture *f = fixture_of(state);
    assert_type(f, "[1].map(object, object + 1)", "list(int)");
    assert_type(f, "['a'].map(x, [1].map(x, x))", "list(list(int))");
    assert_refused(f, "[1].map(x, x) == [x]", "undeclared reference to 'x' (in container '')");
    assert_compiles(f, "[1].map(x, [2].map(y, [3].map(z, x + y + z)))");
    assert_int_equal(f->program->n_locals, 6);
    assert_type(f, "[{'requestResource': 1}].map(authorizer, authorizer.requestResource)", "list(int)");
    assert_type(f, "[{'image': 1}].map(variables, variables.image)", "list(int)");
}

static void hidden_names_are_undeclared(void **state)
{
    struct fixture *f = fixture_of(state);
    cel_env_hide(f->env, S("authorizer"), true);
    cel_env_hide(f->env, S("variables"), true);
    assert_non_null(refusal(f, "authorizer.requestResource.check('get').allowed()"));
    assert_non_null(refusal(f, "variables.image == 'a'"));
    cel_env_hide(f->env, S("authorizer"), false);
    assert_compiles(f, "authorizer.requestResource.check('get').allowed()");
}

static void a_wanted_type_is_exact(void **state)
{
    struct fixture *f = fixture_of(state);
    const struct cel_type *boolean = type_simple(CEL_BOOL);
    assert_int_equal(cel_compile(f->env, S("object.a"), boolean, &f->arena, &f->program, NULL, &f->e),
                     ERR_SYNTAX);
    assert_string_equal(f->e.msg, "must evaluate to bool but got dyn");
    assert_int_equal(cel_compile(f->env, S("object.a == 1"), boolean, &f->arena, &f->program, NULL, NULL),
                     ERR_OK);
}

static void versions_gate_and_are_recorded(void **state)
{
    static const struct {
        const char *text;
        unsigned since;
    } cases[] = {
        {"'a'.indexOf('a') == 0", 0},
        {"object.a == 1", 0},
        {"authorizer.path('/a').check('get').allowed()", 27},
        {"object.?a", 28},
        {"[?object.?a]", 28},
        {"optional.of(1).optMap(x, x)", 28},
        {"1 < 2.0", 28},
        {"object.a < 2.0", 0}, // some older overload takes it
        {"'%s'.format(['a'])", 29},
        {"sets.contains([1], [1])", 29},
        {"ip('::1') == ip('::1')", 30},
        {"string(object.a)", 0},
        {"format.named('uuid').hasValue()", 31},
        {"authorizer.requestResource.fieldSelector('a').check('get').allowed()", 31},
        {"[1].all(i, v, v > i)", 32},
        {"semver('1.2.3').major()", 33},
        {"[1].sort()", 34},
        {"[1].sortBy(x, x)", 34},
        {"lists.range(3)", 34},
        {"[1].includes(1)", 37},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        void *s = NULL;
        assert_int_equal(fixture_open(&s), 0);
        assert_compiles(fixture_of(&s), cases[i].text);
        assert_int_equal(cel_program_since(fixture_of(&s)->program), cases[i].since);
        fixture_close(&s);
        assert_int_equal(fixture_open_at(&s, cases[i].since), 0);
        assert_compiles(fixture_of(&s), cases[i].text);
        fixture_close(&s);
        if (!cases[i].since)
            continue;
        assert_int_equal(fixture_open_at(&s, cases[i].since - 1), 0);
        if (!refusal(fixture_of(&s), cases[i].text))
            fail_msg("%s: compiles before its version", cases[i].text);
        fixture_close(&s);
    }
}

static void a_new_policy_needs_one_version_more(void **state)
{
    static const struct {
        const char *text;
        unsigned needs;
    } cases[] = {
        {"object.a == 1", 0},     {"object.?a", 29},        {"[1].sort()", 35}, {"[1].includes(1)", 38},
        {"object.`a`", 37},       {"has(object.`a`.b)", 37}, {"'`'", 0},         {"object.`a`.sort()", 37},
        {"object.`a`.includes(1)", 38},
    };
    struct fixture *f = fixture_of(state);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_compiles(f, cases[i].text);
        assert_int_equal(cel_program_needs(f->program), cases[i].needs);
    }
}

static void types_of_exponential_size_end(void **state)
{
    struct fixture *f = fixture_of(state);
    char text[2048] = "[0]";
    for (int i = 0; i < 80; i++)
        strcat(text, ".map(x,{x:x})");
    assert_refused(f, text, "the types of this expression are too large");
}

static void declared_functions_are_checked(void **state)
{
    struct fixture *f = fixture_of(state);
    const struct cel_type *all[3] = {type_parameter(0), type_parameter(1), type_parameter(2)};
    struct cel_signature tuple = {.result = type_abstract(&f->arena, S("tuple"), all, 3),
                                  .args = {all[0], all[1], all[2]},
                                  .n = 3};
    assert_int_equal(cel_env_function(f->env, S("tuple"), &tuple, 1, &f->e), ERR_OK);
    assert_type(f, "tuple(1, 'a', object.b)", "tuple(int, string, dyn)");
    assert_type(f, "tuple(1, 2u, 3.0) == tuple(1, dyn(2u), dyn(3.0))", "bool");
    assert_refused(f, "tuple(1)", "found no matching overload for 'tuple' applied to '(int)'");
}

static void unchecked_programs_only_resolve_names(void **state)
{
    struct fixture *f = fixture_of(state);
    struct cel_env_options o = {.kubernetes_minor = CEL_NEWEST_MINOR, .unchecked = true,
                                .container = S("com.example")};
    uint32_t slot;
    assert_int_equal(cel_env_new(&o, &f->arena, &f->env, &f->e), ERR_OK);
    assert_int_equal(cel_env_variable(f->env, S("com.example.y"), type_simple(CEL_INT), &slot, &f->e), 0);
    assert_int_equal(cel_env_variable(f->env, S("y"), type_simple(CEL_INT), &slot, &f->e), 0);
    assert_compiles(f, "1 + 'a' == [y, nowhere]");
    assert_compiles(f, "y");
    assert_int_equal(f->program->root->slot, 0);
    assert_compiles(f, ".y");
    assert_int_equal(f->program->root->slot, 1);
    assert_compiles(f, "[0].exists(y, y == 0)");
    assert_int_equal(f->program->root->macro.body->call.args[0]->op, CEL_OP_LOCAL);
    assert_compiles(f, "f_unknown(17) || true");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
    const struct CMUnitTest tests[] = {
        TEST(types_are_inferred),
        TEST(mistakes_are_refused_in_cel_gos_words),
        TEST(a_mistake_hides_no_other),
        TEST(macro_variables_shadow),
        TEST(hidden_names_are_undeclared),
        TEST(a_wanted_type_is_exact),
        cmocka_unit_test(versions_gate_and_are_recorded),
        TEST(a_new_policy_needs_one_version_more),
        TEST(types_of_exponential_size_end),
        TEST(declared_functions_are_checked),
        TEST(unchecked_programs_only_resolve_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
