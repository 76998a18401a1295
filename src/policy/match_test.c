#include "policy/match.h"

#include <stdio.h>

#include "base/test.h"

// A rule and what else of matchConstraints, in flow style, and an object: does it match?
#define RULE(groups, versions, resources)                                                          \
    "resourceRules: [{apiGroups: [" groups "], apiVersions: [" versions "], resources: [" resources \
    "], operations: [CREATE]}]"
#define PODS RULE("''", "v1", "pods")
#define ANY RULE("'*'", "'*'", "'*'")
#define POD "apiVersion: v1, kind: Pod, metadata: {name: a, namespace: x, labels: {app: web}}"
#define LOOSE "apiVersion: v1, kind: Pod, metadata: {generateName: a-}"
#define NODE "apiVersion: v1, kind: Node, metadata: {name: n}"
#define NAMESPACE "apiVersion: v1, kind: Namespace, metadata: {name: x, labels: {env: prod}}"
#define CUSTOM "apiVersion: e.com/v1, kind: Widget, metadata: {name: w}"
#define DEPLOYMENT(version) "apiVersion: " version ", kind: Deployment, metadata: {name: d, namespace: x}"

static const struct {
    const char *match, *object;
    enum selector_answer any, one; // of the kind, of the object
} cases[] = {
    {PODS, POD, SELECTOR_YES, SELECTOR_YES},
    {ANY, POD, SELECTOR_YES, SELECTOR_YES},
    {RULE("apps", "v1", "pods"), POD, SELECTOR_NO, SELECTOR_NO},
    {RULE("''", "v1", "'pods/*'"), POD, SELECTOR_YES, SELECTOR_YES},
    {RULE("''", "v1", "'*/*'"), POD, SELECTOR_YES, SELECTOR_YES},
    {RULE("''", "v1", "pods/log, '*/status'"), POD, SELECTOR_NO, SELECTOR_NO},
    {"resourceRules: [{apiGroups: [''], apiVersions: [v1], resources: [pods], operations: [UPDATE, DELETE]}]", POD,
     SELECTOR_NO, SELECTOR_NO},
    {"resourceRules: [{apiGroups: [''], apiVersions: [v1], resources: [pods], operations: ['*']}]", POD,
     SELECTOR_YES, SELECTOR_YES},
    // names: a generated one is none
    {"resourceRules: [{apiGroups: [''], apiVersions: [v1], resources: [pods], operations: ['*'], "
     "resourceNames: [a]}]", POD, SELECTOR_OPEN, SELECTOR_YES},
    {"resourceRules: [{apiGroups: [''], apiVersions: [v1], resources: [pods], operations: ['*'], "
     "resourceNames: [a-]}]", LOOSE, SELECTOR_OPEN, SELECTOR_NO},
    // versions and groups
    {RULE("apps", "v1", "deployments"), DEPLOYMENT("apps/v1"), SELECTOR_YES, SELECTOR_YES},
    {RULE("apps", "v1", "deployments"), DEPLOYMENT("apps/v1beta1"), SELECTOR_YES, SELECTOR_YES},
    {RULE("apps", "v1", "deployments"), DEPLOYMENT("extensions/v1beta1"), SELECTOR_YES, SELECTOR_YES},
    {RULE("apps", "v1beta1", "deployments"), DEPLOYMENT("apps/v1"), SELECTOR_NO, SELECTOR_NO},
    {RULE("extensions", "v1beta1", "deployments"), DEPLOYMENT("apps/v1"), SELECTOR_NO, SELECTOR_NO},
    {RULE("apps", "v1", "deployments") ", matchPolicy: Exact", DEPLOYMENT("apps/v1beta1"), SELECTOR_NO, SELECTOR_NO},
    {RULE("autoscaling", "v2", "horizontalpodautoscalers"),
     "apiVersion: autoscaling/v1, kind: HorizontalPodAutoscaler, metadata: {name: h}", SELECTOR_YES, SELECTOR_YES},
    {RULE("events.k8s.io", "v1", "events"), "apiVersion: v1, kind: Event, metadata: {name: e}", SELECTOR_YES, SELECTOR_YES},
    {RULE("e.com", "v2", "widgets"), CUSTOM, SELECTOR_OPEN, SELECTOR_OPEN},
    {RULE("e.com", "v1", "widgets"), CUSTOM, SELECTOR_YES, SELECTOR_YES},
    // scope
    {ANY ", excludeResourceRules: [{apiGroups: ['*'], apiVersions: ['*'], resources: ['*'], operations: ['*'], "
     "scope: Cluster}]", NODE, SELECTOR_NO, SELECTOR_NO},
    {"resourceRules: [{apiGroups: ['*'], apiVersions: ['*'], resources: ['*'], operations: ['*'], scope: Cluster}]",
     NAMESPACE, SELECTOR_YES, SELECTOR_YES},
    {"resourceRules: [{apiGroups: ['*'], apiVersions: ['*'], resources: ['*'], operations: ['*'], scope: Namespaced}]",
     POD, SELECTOR_YES, SELECTOR_YES},
    {"resourceRules: [{apiGroups: ['*'], apiVersions: ['*'], resources: ['*'], operations: ['*'], scope: Cluster}]",
     CUSTOM, SELECTOR_OPEN, SELECTOR_OPEN},
    {"resourceRules: [{apiGroups: ['*'], apiVersions: ['*'], resources: ['*'], operations: ['*'], scope: Cluster}]",
     "apiVersion: e.com/v1, kind: Widget, metadata: {name: w, namespace: x}", SELECTOR_OPEN, SELECTOR_NO},
    // excludes
    {ANY ", excludeResourceRules: [{apiGroups: [''], apiVersions: [v1], resources: [pods], operations: [CREATE]}]", POD,
     SELECTOR_NO, SELECTOR_NO},
    {ANY ", excludeResourceRules: [{apiGroups: [''], apiVersions: [v1], resources: [pods], operations: [UPDATE]}]", POD,
     SELECTOR_YES, SELECTOR_YES},
    {ANY ", excludeResourceRules: [{apiGroups: [''], apiVersions: [v1], resources: [pods], operations: [CREATE], "
     "resourceNames: [a]}]", POD, SELECTOR_OPEN, SELECTOR_NO},
    {ANY ", excludeResourceRules: [{apiGroups: [''], apiVersions: [v1], resources: [pods], operations: [CREATE], "
     "resourceNames: [b]}]", POD, SELECTOR_OPEN, SELECTOR_YES},
    // selectors
    {PODS ", objectSelector: {matchLabels: {app: web}}", POD, SELECTOR_OPEN, SELECTOR_YES},
    {PODS ", objectSelector: {matchLabels: {app: db}}", POD, SELECTOR_OPEN, SELECTOR_NO},
    {PODS ", objectSelector: {matchExpressions: [{key: app, operator: DoesNotExist}]}", LOOSE, SELECTOR_OPEN, SELECTOR_YES},
    {PODS ", namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: x}}", POD, SELECTOR_OPEN, SELECTOR_YES},
    {PODS ", namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [x]}]}", POD,
     SELECTOR_OPEN, SELECTOR_NO},
    {PODS ", namespaceSelector: {matchLabels: {env: prod}}", POD, SELECTOR_OPEN, SELECTOR_OPEN},
    {PODS ", namespaceSelector: {matchLabels: {env: prod, kubernetes.io/metadata.name: z}}", POD, SELECTOR_OPEN, SELECTOR_NO},
    {PODS ", namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: x}}", LOOSE, SELECTOR_OPEN, SELECTOR_OPEN},
    {ANY ", namespaceSelector: {matchLabels: {env: prod}}", NODE, SELECTOR_YES, SELECTOR_YES}, // never exempted
    {ANY ", namespaceSelector: {matchLabels: {env: prod}}", NAMESPACE, SELECTOR_OPEN, SELECTOR_YES},
    {ANY ", namespaceSelector: {matchLabels: {env: dev}}", NAMESPACE, SELECTOR_OPEN, SELECTOR_NO},
    {ANY ", namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: x}}", NAMESPACE, SELECTOR_OPEN, SELECTOR_YES},
    {ANY ", namespaceSelector: {matchLabels: {env: prod}}", CUSTOM, SELECTOR_OPEN, SELECTOR_OPEN},
    {ANY ", namespaceSelector: {matchLabels: {env: prod}}, objectSelector: {matchLabels: {app: db}}", POD, SELECTOR_OPEN,
     SELECTOR_NO},
};

static void read_object(struct arena *a, const char *text, struct object *ret)
{
    const struct node *root = NULL;
    struct doc_text t = {.text = arena_printf(a, "{%s}", text)};
    const struct doc_chunk c = {.end = (uint32_t)t.text.n, .line = 1};
    assert_int_equal(doc_parse(&t, c, a, &root, NULL, NULL), ERR_OK);
    assert_true(object_view(root, ret));
}

static const struct match *read_match(struct policy_set *s, struct arena *a, const char *text)
{
    struct diags d = {.arena = a};
    str policy = arena_printf(a, "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\n"
                                 "metadata: {name: p}\nspec: {validations: [{expression: 'true'}], matchConstraints: {%s}}\n",
                              text);
    if (policy_set_load(s, S("t"), policy, &d, NULL) != ERR_OK)
        fail_msg("%s: %.*s", text, STR_FMT(d.first->message));
    return &policy_set_find(s, S("p"))->match;
}

static void match_object_as_the_api_server(void **state)
{
    (void)state;
    static const char *const answers[] = {"no", "yes", "open"};
    OWN_ARENA struct arena a = {0};
    assert_int_equal(arena_init(&a, "t", 64 << 20, NULL), ERR_OK);
    unsigned bad = 0;
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct policy_set *s = NULL;
        struct object o;
        struct match_kind k;
        const struct policy_options options = {.kubernetes_minor = CEL_NEWEST_MINOR};
        assert_int_equal(policy_set_new(&options, &s, NULL), ERR_OK);
        const struct match *m = read_match(s, &a, cases[i].match);
        read_object(&a, cases[i].object, &o);
        assert_int_equal(match_kind_of(&o, &a, &k, NULL), ERR_OK);
        enum selector_answer any = match_any(m, &k), one = match_object(m, &k, &o);
        if (any != cases[i].any || one != cases[i].one) {
            printf("%s\n  on %s: %s, %s\n", cases[i].match, cases[i].object, answers[any], answers[one]);
            bad++;
        }
        policy_set_free(s);
    }
    assert_int_equal(bad, 0);
}

static void match_exemption_knows_what_is_never_asked(void **state)
{
    (void)state;
    const struct match_kind pods = {.group = S(""), .resource = S("pods")},
        policies = {.group = S("admissionregistration.k8s.io"), .resource = S("validatingadmissionpolicybindings")},
        hooks = {.group = S("admissionregistration.k8s.io"), .resource = S("validatingwebhookconfigurations")},
        reviews = {.group = S("authorization.k8s.io"), .resource = S("subjectaccessreviews")};
    assert_int_equal(match_exemption(&pods), MATCH_JUDGED);
    assert_int_equal(match_exemption(&policies), MATCH_BY_STATIC);
    assert_int_equal(match_exemption(&hooks), MATCH_JUDGED);
    assert_int_equal(match_exemption(&reviews), MATCH_EXEMPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(match_object_as_the_api_server),
        cmocka_unit_test(match_exemption_knows_what_is_never_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
