#include "policy/policy_priv.h"

#include <stdio.h>

#include "base/test.h"

// Every case is a whole policy or binding with one line changed; `says` is what is refused, with line and
// column, a line each; "" where it is taken.
static const char policy[] = "apiVersion: admissionregistration.k8s.io/v1\n" // 1
                             "kind: ValidatingAdmissionPolicy\n"             // 2
                             "metadata: {name: p}\n"                         // 3
                             "spec:\n"                                       // 4
                             "  failurePolicy: Fail\n"                       // 5
                             "  paramKind: {apiVersion: v1, kind: ConfigMap}\n" // 6
                             "  matchConstraints:\n"                         // 7
                             "    matchPolicy: Equivalent\n"                 // 8
                             "    resourceRules:\n"                          // 9
                             "    - apiGroups: ['']\n"                       // 10
                             "      apiVersions: [v1]\n"                     // 11
                             "      resources: [pods]\n"                     // 12
                             "      operations: [CREATE]\n"                  // 13
                             "      scope: '*'\n"                            // 14
                             "  matchConditions: []\n"                       // 15
                             "  variables: []\n"                             // 16
                             "  validations:\n"                              // 17
                             "  - expression: 'true'\n"                      // 18
                             "    message: never\n"                             // 19
                             "    messageExpression: \"'never'\"\n"             // 20
                             "  auditAnnotations: []\n";                     // 21

static const char binding[] = "apiVersion: admissionregistration.k8s.io/v1\n" // 1
                              "kind: ValidatingAdmissionPolicyBinding\n"      // 2
                              "metadata: {name: b}\n"                         // 3
                              "spec:\n"                                       // 4
                              "  policyName: p\n"                             // 5
                              "  validationActions: [Deny]\n"                 // 6
                              "  paramRef: {name: x, parameterNotFoundAction: Deny}\n" // 7
                              "  matchResources: {}\n";                       // 8

static const struct {
    const char *text; // policy or binding
    unsigned line;    // replaced (0: nothing is)
    const char *by;
    const char *says;
} cases[] = {
#define P policy
#define B binding
#include "policy/load_test.def"
#undef P
#undef B
};

static str replaced(struct arena *a, const char *text, unsigned line, const char *by)
{
    str rest = str_of(text), out = S("");
    for (unsigned n = 1; rest.p && rest.n; n++) {
        str one = str_cut(&rest, '\n');
        str new = n == line ? str_of(by) : one;
        out = arena_printf(a, "%.*s%.*s\n", STR_FMT(out), STR_FMT(new));
    }
    return out;
}

static str diags_text(struct arena *a, str text, const struct diags *d)
{
    str out = S("");
    for (const struct diag *g = d->first; g; g = g->next) {
        struct diag_position at = diag_locate(text, g->start);
        out = arena_printf(a, "%.*s%s%u:%u: %.*s", STR_FMT(out), out.n ? "\n" : "", at.line,
                           at.column, STR_FMT(g->message));
    }
    return out;
}

static struct policy_set *new_set(void)
{
    struct policy_set *s = NULL;
    const struct policy_options o = {.kubernetes_minor = CEL_NEWEST_MINOR, .ignore_bindings = true};
    assert_int_equal(policy_set_new(&o, &s, NULL), ERR_OK);
    return s;
}

static void policy_set_load_refuses_with_places(void **state)
{
    (void)state;
    OWN_ARENA struct arena a = {0};
    unsigned bad = 0;
    assert_int_equal(arena_init(&a, "t", 64 << 20, NULL), ERR_OK);
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        arena_reset(&a);
        struct policy_set *s = new_set();
        struct diags d = {.arena = &a};
        struct err e = {0};
        str text = replaced(&a, cases[i].text, cases[i].line, cases[i].by);
        err_code rc = policy_set_load(s, S("t.yaml"), text, &d, &e);
        str says = diags_text(&a, text, &d);
        if (!str_eq(says, str_of(cases[i].says)) || (rc == ERR_SYNTAX) != (d.errors > 0) ||
            (rc != ERR_OK && rc != ERR_SYNTAX)) {
            printf("case %u: %s\n--- got (%d)\n%.*s\n--- not\n%s\n", i, cases[i].by, (int)rc,
                   STR_FMT(says), cases[i].says);
            bad++;
        }
        policy_set_free(s);
    }
    assert_int_equal(bad, 0);
}

// What is refused costs nothing but itself; the last of a name counts.
static void policy_set_load_takes_the_rest(void **state)
{
    (void)state;
    OWN_ARENA struct arena a = {0};
    assert_int_equal(arena_init(&a, "t", 64 << 20, NULL), ERR_OK);
    struct policy_set *s = new_set();
    struct diags d = {.arena = &a};
    uint32_t n = 0;
    str bad = replaced(&a, policy, 3, "metadata: {name: X}");
    str text = arena_printf(&a, "%.*s---\n%s---\nnonsense\n---\n%s", STR_FMT(bad), policy, binding);
    assert_int_equal(policy_set_load(s, S("a.yaml"), text, &d, NULL), ERR_SYNTAX);
    assert_int_equal(d.errors, 2);
    str other = replaced(&a, policy, 3, "metadata: {name: p, annotations: {casemate.dev/title: second}}");
    assert_int_equal(policy_set_load(s, S("b.yaml"), other, &d, NULL), ERR_OK);
    assert_int_equal(policy_set_seal(s, &d, NULL), ERR_OK);
    const struct rule *const *rules = policy_set_rules(s, &n);
    assert_int_equal(n, 1);
    assert_true(str_eq(rules[0]->title, S("second")));
    assert_non_null(s->active[0]->bindings);
    assert_int_equal(d.warnings, 0);
    policy_set_free(s);
}

static void policy_set_seal_warns_of_lonely_bindings(void **state)
{
    (void)state;
    OWN_ARENA struct arena a = {0};
    assert_int_equal(arena_init(&a, "t", 1 << 20, NULL), ERR_OK);
    struct policy_set *s = new_set();
    struct diags d = {.arena = &a};
    uint32_t n = 0;
    assert_int_equal(policy_set_load(s, S("b.yaml"), str_of(binding), &d, NULL), ERR_OK);
    assert_int_equal(policy_set_seal(s, &d, NULL), ERR_OK);
    assert_int_equal(d.warnings, 1);
    assert_true(str_eq(d.first->message,
                       S("b.yaml:1: ValidatingAdmissionPolicyBinding 'b' does nothing: there is no policy 'p'")));
    (void)policy_set_rules(s, &n);
    assert_int_equal(n, 0);
    assert_int_equal(policy_set_load(s, S("c"), S(""), &d, NULL), ERR_INTERNAL);
    policy_set_free(s);
}

static void policy_set_seal_warns_once_of_what_is_not_evaluated(void **state)
{
    (void)state;
    OWN_ARENA struct arena a = {0};
    assert_int_equal(arena_init(&a, "t", 1 << 20, NULL), ERR_OK);
    static const char hooks[] =
        "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: a}\n"
        "---\napiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\nmetadata: {name: b}\n";
    struct policy_set *s = new_set();
    struct diags d = {.arena = &a};
    assert_int_equal(policy_set_load(s, S("h.yaml"), str_of(hooks), &d, NULL), ERR_OK);
    assert_int_equal(policy_set_load(s, S("i.yaml"), str_of(hooks), &d, NULL), ERR_OK);
    assert_int_equal(policy_set_seal(s, &d, NULL), ERR_OK);
    assert_int_equal(d.warnings, 1);
    assert_true(str_eq(d.first->message, S("h.yaml:1: a ValidatingWebhookConfiguration, and 3 more objects of admission, "
                                           "are not evaluated: only ValidatingAdmissionPolicy is")));
    policy_set_free(s);
}

// Levels, versions and overrides: which policies are left, in order.
static const struct {
    const char *pss;
    unsigned minor;
    const char *ids;
} levels[] = {
    {"privileged", 37, "plain"}, {"baseline", 37, "base plain"},      {"restricted", 37, "plain strict"},
    {"restricted", 30, "plain strict"}, {"restricted", 29, "base plain"}, {"", 37, "base plain strict"},
};

static str named(struct arena *a, const char *name, const char *annotations)
{
    str head = arena_printf(a, "metadata: {name: %s, annotations: {%s}}", name, annotations);
    return replaced(a, policy, 3, head.p);
}

static void policy_set_seal_picks_by_level_and_version(void **state)
{
    (void)state;
    OWN_ARENA struct arena a = {0};
    assert_int_equal(arena_init(&a, "t", 64 << 20, NULL), ERR_OK);
    for (unsigned i = 0; i < sizeof levels / sizeof *levels; i++) {
        struct policy_set *s = NULL;
        uint32_t n = 0;
        const struct policy_options o = {
            .kubernetes_minor = levels[i].minor, .pss = str_of(levels[i].pss), .ignore_bindings = true};
        assert_int_equal(policy_set_new(&o, &s, NULL), ERR_OK);
        str text = arena_printf(
            &a, "%.*s---\n%.*s---\n%.*s",
            STR_FMT(named(&a, "strict", "casemate.dev/pss: restricted, casemate.dev/pss-overrides: "
                                        "'base, plain', casemate.dev/since: '1.30'")),
            STR_FMT(named(&a, "plain", "")), STR_FMT(named(&a, "base", "casemate.dev/pss: baseline")));
        assert_int_equal(policy_set_load(s, S("t"), text, NULL, NULL), ERR_OK);
        assert_int_equal(policy_set_seal(s, NULL, NULL), ERR_OK);
        const struct rule *const *rules = policy_set_rules(s, &n);
        str ids = S("");
        for (uint32_t k = 0; k < n; k++)
            ids = arena_printf(&a, "%.*s%s%.*s", STR_FMT(ids), k ? " " : "", STR_FMT(rules[k]->id));
        if (!str_eq(ids, str_of(levels[i].ids)))
            fail_msg("%s at 1.%u: %.*s", levels[i].pss, levels[i].minor, STR_FMT(ids));
        policy_set_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(policy_set_load_refuses_with_places),
        cmocka_unit_test(policy_set_load_takes_the_rest),
        cmocka_unit_test(policy_set_seal_warns_of_lonely_bindings),
        cmocka_unit_test(policy_set_seal_warns_once_of_what_is_not_evaluated),
        cmocka_unit_test(policy_set_seal_picks_by_level_and_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
