#include "policy/policy_priv.h"

#include <stdio.h>

#include "base/test.h"

// A set of policies, an object, and what comes of it: "status message @path @path", a line a result, in
// the order they were handed on; "+id" for each rule that was applied.

#define HEAD(kind, name) "apiVersion: admissionregistration.k8s.io/v1\nkind: " kind "\nmetadata: {name: " name "}\nspec:\n"
#define ON(resources)                                                                              \
    "  matchConstraints: {resourceRules: [{apiGroups: ['*'], apiVersions: ['*'], resources: [" resources "], operations: " \
    "['*']}]}\n"
#define POLICY(name, resources) HEAD("ValidatingAdmissionPolicy", name) ON(resources)
#define STRONGER(name, weaker)                                                                     \
    "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {name: " name               \
    ", annotations: {casemate.dev/overrides: '" weaker "'}}\nspec:\n"
#define APPLIES(expression)                                                                        \
    "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {name: p, annotations: " \
    "{casemate.dev/applies: '" expression "'}}\nspec:\n" ON("pods")                               \
    "  variables: [{name: v, expression: 'object.spec.?xs.orValue([])'}]\n" VALIDATE("'variables.v.all(x, x == 1)'")
#define BINDING(name, policy) "---\n" HEAD("ValidatingAdmissionPolicyBinding", name) "  policyName: " policy "\n  validationActions: [Deny]\n"
#define VALIDATE(expression) "  validations: [{expression: " expression "}]\n"
#define CONFIG(name, ns, data) "---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: " name ", namespace: " ns ", labels: {for: p}}, data: {" data "}}\n"

#define POD_OF(ns, spec) "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: " ns "}, spec: " spec "}"
#define POD(spec) POD_OF("x", spec)
#define DEPLOYMENT(spec) "{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, namespace: x}, spec: {replicas: 1, template: {spec: " spec "}}}"

static const struct {
    const char *policies, *object, *says;
} cases[] = {
#include "policy/evaluate_test.def"
};

struct seen {
    struct arena *arena;
    struct policy_set *set;
    str text;
};

static err_code on_result(void *ctx, const struct policy_result *r, struct err *e)
{
    struct seen *s = ctx;
    (void)e;
    s->text = arena_printf(s->arena, "%.*s%s%.*s %.*s", STR_FMT(s->text), s->text.n ? "\n" : "",
                           STR_FMT(finding_status_name(r->status)), STR_FMT(r->message));
    for (uint32_t i = 0; i < r->n_places; i++) {
        assert_true(r->places[i].start <= r->places[i].end);
        s->text = arena_printf(s->arena, "%.*s @%.*s", STR_FMT(s->text), STR_FMT(r->places[i].path));
    }
    return ERR_OK;
}

static void on_applied(void *ctx, uint32_t rule)
{
    struct seen *s = ctx;
    s->text = arena_printf(s->arena, "%.*s%s+%.*s", STR_FMT(s->text), s->text.n ? "\n" : "",
                           STR_FMT(s->set->rules[rule]->id));
}

static void read_object(struct arena *a, const char *text, struct object *ret)
{
    const struct node *root = NULL;
    struct doc_text t = {.text = str_of(text)};
    const struct doc_chunk c = {.end = (uint32_t)t.text.n, .line = 1};
    if (doc_parse(&t, c, a, &root, NULL, NULL) != ERR_OK || !object_view(root, ret))
        fail_msg("no object: %s", text);
}

static struct policy_set *read_policies(struct arena *a, const char *text)
{
    struct policy_set *s = NULL;
    struct diags d = {.arena = a};
    const struct policy_options o = {.kubernetes_minor = 33, .ignore_bindings = true};
    assert_int_equal(policy_set_new(&o, &s, NULL), ERR_OK);
    if (policy_set_load(s, S("t"), str_of(text), &d, NULL) != ERR_OK)
        fail_msg("%s: %.*s", text, STR_FMT(d.first->message));
    assert_int_equal(policy_set_seal(s, &d, NULL), ERR_OK);
    assert_int_equal(d.kept, 0);
    return s;
}

static void policy_evaluate_as_the_api_server(void **state)
{
    (void)state;
    OWN_ARENA struct arena a = {0};
    unsigned bad = 0;
    assert_int_equal(arena_init(&a, "t", (size_t)1 << 30, NULL), ERR_OK);
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct policy_worker *w = NULL;
        struct object o;
        arena_reset(&a);
        struct policy_set *s = read_policies(&a, cases[i].policies);
        struct seen seen = {&a, s, S("")};
        const struct policy_sink sink = {.ctx = &seen, .result = on_result, .applied = on_applied};
        read_object(&a, cases[i].object, &o);
        assert_int_equal(policy_worker_new(s, &w, NULL), ERR_OK);
        str first = S("");
        for (unsigned round = 0; round < 3; round++) { // what was remembered must not show
            seen.text = S("");
            assert_int_equal(policy_evaluate(w, &o, true, &a, &sink, NULL), ERR_OK);
            if (round == 0)
                first = seen.text;
            assert_true(str_eq(seen.text, first));
        }
        if (!str_eq(seen.text, str_of(cases[i].says))) {
            printf("case %u: %s\n--- got (0)\n%.*s\n--- not\n%s\n", i, cases[i].object, STR_FMT(seen.text),
                   cases[i].says);
            bad++;
        }
        policy_worker_free(w);
        policy_set_free(s);
    }
    assert_int_equal(bad, 0);
}

// Variables of one name and text are one, whoever declares them: the second policy's is not computed.
static void variables_are_shared(void **state)
{
    (void)state;
    OWN_ARENA struct arena a = {0};
    assert_int_equal(arena_init(&a, "t", 16 << 20, NULL), ERR_OK);
    struct policy_set *s = read_policies(
        &a, POLICY("a", "pods") "  variables: [{name: v, expression: object.spec}, {name: w, expression: '1'}]\n" VALIDATE("has(variables.v.x)") "---\n"
            POLICY("b", "pods") "  variables: [{name: v, expression: ' object.spec '}, {name: w, expression: '2'}]\n" VALIDATE("has(variables.v.x)"));
    assert_int_equal(s->n_variables, 3);
    assert_ptr_equal(s->policies->validations[0].expr, s->policies->next->validations[0].expr);
    assert_int_equal(s->policies->variables[0], s->policies->next->variables[0]);
    assert_true(s->policies->variables[1] != s->policies->next->variables[1]);
    policy_set_free(s);
}

// More kinds than a worker remembers: it forgets, and stays right.
static void kinds_may_be_many(void **state)
{
    (void)state;
    OWN_ARENA struct arena a = {0};
    struct policy_worker *w = NULL;
    assert_int_equal(arena_init(&a, "t", 256 << 20, NULL), ERR_OK);
    struct policy_set *s = read_policies(&a, POLICY("p", "'*'") VALIDATE("'false'"));
    assert_int_equal(policy_worker_new(s, &w, NULL), ERR_OK);
    for (unsigned i = 0; i < 3000; i++) {
        struct object o;
        struct seen seen = {&a, s, S("")};
        const struct policy_sink sink = {.ctx = &seen, .result = on_result};
        str text = arena_printf(&a, "{apiVersion: e.com/v1, kind: K%u}", i);
        read_object(&a, text.p, &o);
        assert_int_equal(policy_evaluate(w, &o, true, &a, &sink, NULL), ERR_OK);
        assert_true(str_eq(seen.text, S("fail failed expression: false @")));
    }
    policy_worker_free(w);
    policy_set_free(s);
}

// What is compiled late judges as what is compiled at once; what nothing asks for is never compiled.
static void policies_may_be_read_later(void **state)
{
    (void)state;
    static const char pods[] =
        "{\"apiVersion\":\"admissionregistration.k8s.io/v1\",\"kind\":\"ValidatingAdmissionPolicy\",\"metadata\":{\"name\":\"p\"},"
        "\"spec\":{\"matchConstraints\":{\"resourceRules\":[{\"apiGroups\":[\"\"],\"apiVersions\":[\"v1\"],\"operations\":[\"CREATE\"],"
        "\"resources\":[\"pods\"]}]},\"variables\":[{\"name\":\"v\",\"expression\":\"object.spec.x\"}],\"validations\":[{\"expression\":"
        "\"variables.v == 1\"}]}}";
    OWN_ARENA struct arena a = {0};
    struct policy_set *s = NULL;
    struct policy_worker *w = NULL;
    struct err e = {0};
    struct object pod, node;
    const struct policy_options o = {.kubernetes_minor = 33, .ignore_bindings = true};
    assert_int_equal(arena_init(&a, "t", 16 << 20, NULL), ERR_OK);
    assert_int_equal(policy_set_new(&o, &s, NULL), ERR_OK);
    assert_int_equal(policy_set_load_later(s, S("p"), str_of(pods), &e), ERR_OK);
    assert_int_equal(policy_set_load_later(s, S("bad"), S("{}"), &e), ERR_INTERNAL);
    assert_int_equal(policy_set_seal(s, NULL, NULL), ERR_OK);
    assert_int_equal(policy_worker_new(s, &w, NULL), ERR_OK);
    struct seen seen = {&a, s, S("")};
    const struct policy_sink sink = {.ctx = &seen, .result = on_result, .applied = on_applied};
    read_object(&a, "{apiVersion: v1, kind: Node, metadata: {name: n}}", &node);
    assert_int_equal(policy_evaluate(w, &node, true, &a, &sink, NULL), ERR_OK);
    assert_non_null(s->policies->later);
    assert_int_equal(s->n_exprs, 0);
    read_object(&a, POD("{x: 2}"), &pod);
    assert_int_equal(policy_evaluate(w, &pod, true, &a, &sink, NULL), ERR_OK);
    assert_null(s->policies->later);
    assert_true(str_eq(seen.text, S("+p\nfail failed expression: variables.v == 1 @spec.x")));
    policy_worker_free(w);
    policy_set_free(s);
}

static err_code stop(void *ctx, const struct policy_result *r, struct err *e)
{
    (void)ctx, (void)r;
    return err_set(e, ERR_IO, "enough");
}

static void failures_of_others_are_passed_on(void **state)
{
    (void)state;
    OWN_ARENA struct arena a = {0}, small = {0};
    struct policy_worker *w = NULL;
    struct object o;
    struct err e = {0};
    assert_int_equal(arena_init(&a, "t", 16 << 20, NULL), ERR_OK);
    assert_int_equal(arena_init(&small, "small", 64, NULL), ERR_OK);
    struct policy_set *s = read_policies(&a, POLICY("p", "pods") VALIDATE("\"[object.spec.n].map(x, x + 1).size() == 7\""));
    const struct policy_sink sink = {.result = stop};
    assert_int_equal(policy_worker_new(s, &w, NULL), ERR_OK);
    read_object(&a, POD("{n: 1}"), &o);
    assert_int_equal(policy_evaluate(w, &o, true, &a, &sink, &e), ERR_IO);
    assert_int_equal(policy_evaluate(w, &o, true, &small, &sink, &e), ERR_LIMIT);
    policy_worker_free(w);
    policy_set_free(s);
    policy_worker_free(NULL);
    policy_set_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(policy_evaluate_as_the_api_server),
        cmocka_unit_test(variables_are_shared),
        cmocka_unit_test(kinds_may_be_many),
        cmocka_unit_test(policies_may_be_read_later),
        cmocka_unit_test(failures_of_others_are_passed_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
