#include "cel/idle.h"

#include <stdio.h>

#include "base/test.h"
#include "cel/ast.h"

// An expression over `object` and variables.v, variables.w, and what makes it true without a look: "any a b", one of
// these keys is absent; "all a b", all are; "; v w", one of these variables is an empty list; "-", nothing.
enum { VARIABLES = 2 };

static const struct {
    const char *v, *w, *expression, *says;
} cases[] = {
    {"[]", "[]", "!has(object.metadata.x)", "any x"},
    {"[]", "[]", "!has(object.spec)", "-"},
    {"[]", "[]", "!has(object.spec.x)", "-"}, // spec may be absent, and that is an error
    {"[]", "[]", "!has(object.spec) || !has(object.spec.x)", "any x"},
    {"[]", "[]", "has(object.spec)", "-"},
    {"[]", "[]", "!object.?spec.?x.orValue(false)", "any x"},
    {"[]", "[]", "object.?spec.?x.orValue('') == '' && object.?spec.?y.orValue('') == ''", "all x y"},
    {"[]", "[]", "object.?a.orValue('') == '' && object.?b.orValue('') == ''", "all a b"},
    {"[]", "[]", "object.?spec.?x.orValue('a') == 'b'", "-"},
    {"[]", "[]", "!object.?metadata.?annotations[?'a/b'].hasValue()", "any a/b annotations"},
    {"[]", "[]", "object.?xs.orValue([]).all(x, !has(x.y) || x.y == 1)", "any y xs"},
    {"[]", "[]", "object.?xs.orValue([]).all(x, has(x.y) && x.y == 1)", "any xs"},
    {"[]", "[]", "object.?xs.orValue([]).exists(x, has(x.y))", "-"},
    {"[]", "[]", "object.?xs.orValue([]).filter(x, has(x.y) && has(x.y.z)).all(x, x.y.z == 1)", "any z y xs"},
    {"[]", "[]", "object.?xs.orValue([]).map(x, has(x.y), x.y).all(y, !has(y.z))", "any z y xs"},
    {"[]", "[]", "[?object.?x].all(x, x == 1)", "any x"},
    {"[]", "[]", "(object.?x.orValue([]) + object.?y.orValue([])).all(e, e == 1)", "all x y"},
    {"[]", "[]", "size(object.?xs.orValue([])) == 0 || object.xs[0] == 1", "any xs"},
    {"[]", "[]", "has(object.a) ? object.a == 1 : true", "any a"},
    {"[]", "[]", "[{'x': 1}].all(e, !has(e.x))", "-"}, // not of the object
    {"[]", "[]", "[object, dyn({'x': 1})].all(e, !has(e.x))", "-"},
    {"object.?xs.orValue([])", "[]", "variables.v.all(x, x == 1)", "any xs; v"},
    {"object.?xs.orValue([])", "variables.v.filter(x, has(x.y))", "variables.w.all(x, x.y == 1)", "any y xs; v w"},
    {"object.?xs.orValue([])", "object.?ys.orValue([])", "variables.v.all(x, x == 1) && variables.w.all(y, y == 1)", "all xs ys"},
    {"object.?xs.orValue([])", "[]", "variables.v.exists(x, x == 1)", "-"},
    {"object.xs", "[]", "variables.v.all(x, x == 1)", "; v"},
};

struct programs {
    const struct cel_program *of[VARIABLES];
};

static const struct cel_program *lazy(void *ctx, uint32_t index)
{
    const struct programs *p = ctx;
    return p->of[index];
}

static const struct cel_program *compile(struct cel_env *env, struct arena *a, const char *text)
{
    const struct cel_program *program = NULL;
    struct diags d = {.arena = a};
    if (cel_compile(env, str_of(text), NULL, a, &program, &d, NULL) != ERR_OK)
        fail_msg("%s: %s", text, d.first ? d.first->message.p : "?");
    return program;
}

static str say(struct arena *a, const struct cel_idle *idle, bool found)
{
    str text = S("");
    if (!found)
        return S("-");
    for (uint32_t i = 0; i < idle->n; i++)
        text = arena_printf(a, "%.*s%s%.*s", STR_FMT(text), i ? " " : idle->any ? "any " : "all ",
                            STR_FMT(idle->keys[i].text));
    for (uint32_t i = 0; i < idle->n_lists; i++)
        text = arena_printf(a, "%.*s%s%s", STR_FMT(text), i ? " " : "; ", idle->lists[i] ? "w" : "v");
    return text;
}

static void cel_idle_finds_what_makes_true(void **state)
{
    (void)state;
    OWN_ARENA struct arena a = {0};
    unsigned bad = 0;
    assert_int_equal(arena_init(&a, "t", 64 << 20, NULL), ERR_OK);
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct cel_env_options o = {.kubernetes_minor = CEL_NEWEST_MINOR};
        struct cel_env *env = NULL;
        struct programs p;
        struct cel_idle idle;
        uint32_t slot;
        arena_reset(&a);
        assert_int_equal(cel_env_new(&o, &a, &env, NULL), ERR_OK);
        assert_int_equal(cel_env_variable(env, S("object"), type_simple(CEL_DYN), &slot, NULL), ERR_OK);
        p.of[0] = compile(env, &a, cases[i].v);
        assert_int_equal(cel_env_lazy(env, S("v"), cel_program_type(p.of[0]), &slot, NULL), ERR_OK);
        p.of[1] = compile(env, &a, cases[i].w);
        assert_int_equal(cel_env_lazy(env, S("w"), cel_program_type(p.of[1]), &slot, NULL), ERR_OK);
        const struct cel_program *program = compile(env, &a, cases[i].expression);
        bool found = cel_idle_find(&program, 1, NULL, lazy, &p, &idle);
        str says = say(&a, &idle, found);
        if (!str_eq(says, str_of(cases[i].says))) {
            printf("%s\n  got: %.*s\n  not: %s\n", cases[i].expression, STR_FMT(says), cases[i].says);
            bad++;
        }
        cel_env_free(env);
    }
    assert_int_equal(bad, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cel_idle_finds_what_makes_true),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
