#include "graph/rbac.h"

#include <stdio.h>

#include "base/test.h"
#include "graph/rbac_resource.h"

struct world {
    struct arena arena;
    struct load load;
    struct rbac_set *set;
};

static err_code take(void *ctx, const struct object *o, const struct origin *at, struct err *e)
{
    return rbac_set_add(((struct world *)ctx)->set, o, at, e);
}

static void setup(struct world *w, const char *yaml)
{
    struct err e = {0};
    assert_int_equal(arena_init(&w->arena, "test", 1 << 26, &e), ERR_OK);
    assert_int_equal(rbac_set_new(&w->arena, &w->load, &w->set, &e), ERR_OK);
    assert_int_equal(load_text(&w->load, S("in.yaml"), str_of(yaml), &(struct load_sink){w, take}, &w->arena, &e), ERR_OK);
    assert_int_equal(rbac_set_seal(w->set, &(struct rbac_seal_options){0}, &e), ERR_OK);
}

static struct rbac_user user_of(struct world *w, const char *name)
{
    struct err e = {0};
    struct rbac_user u = {0};
    assert_int_equal(rbac_implied_groups(str_of(name), NULL, 0, &w->arena, &u, &e), ERR_OK);
    return u;
}

// "verb resource[/sub][.group] [name] [-n ns]" as a test writes it
static bool may(struct world *w, const char *name, const char *verb, const char *resource, const char *object, const char *ns)
{
    struct rbac_question q = {.user = user_of(w, name), .verb = str_of(verb)};
    struct rbac_answer a;
    bool cluster;
    rbac_resource_parse(str_of(resource), &q, &cluster);
    q.name = str_of(object);
    q.ns = str_of(ns);
    return rbac_allows(w->set, &q, &a);
}

#define ROLE(kind, meta, rules) "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: " kind "\nmetadata: {" meta "}\nrules:\n" rules "\n"
#define BIND(kind, meta, role_kind, role, subjects)                                                                               \
    "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: " kind "\nmetadata: {" meta "}\nroleRef: {kind: " role_kind ", name: " role \
    "}\nsubjects: [" subjects "]\n"
#define JANE "{kind: User, name: jane}"

static void test_scopes(void **state)
{
    (void)state;
    struct world w = {0};
    setup(&w, ROLE("ClusterRole", "name: pods", "- {apiGroups: [\"\"], resources: [pods, \"*/scale\"], verbs: [get, list]}\n- {nonResourceURLs: [\"/x/*\"], verbs: [get]}")
              BIND("RoleBinding", "name: a, namespace: shop", "ClusterRole", "pods", JANE)
              BIND("ClusterRoleBinding", "name: b", "ClusterRole", "pods", "{kind: ServiceAccount, name: web, namespace: shop}"));
    assert_true(may(&w, "jane", "get", "pods", "", "shop"));
    assert_false(may(&w, "jane", "get", "deploy/scale", "x", "shop")); // of group apps
    assert_false(may(&w, "jane", "get", "pods", "", "bank"));
    assert_false(may(&w, "jane", "get", "pods", "", ""));
    assert_false(may(&w, "jane", "get", "pods/log", "", "shop"));
    assert_false(may(&w, "jane", "get", "/x/y", "", "")); // paths by ClusterRoleBindings only
    assert_true(may(&w, "system:serviceaccount:shop:web", "get", "/x/y", "", ""));
    assert_false(may(&w, "system:serviceaccount:shop:web", "get", "/x", "", ""));
    assert_true(may(&w, "system:serviceaccount:shop:web", "list", "po", "", "bank"));
    assert_true(may(&w, "system:serviceaccount:shop:web", "get", "services/scale", "x", "bank"));
    arena_done(&w.arena);
}

static void test_names(void **state)
{
    (void)state;
    struct world w = {0};
    setup(&w, ROLE("Role", "name: r, namespace: shop", "- {apiGroups: [\"\"], resources: [secrets], resourceNames: [a], verbs: [\"*\"]}")
              BIND("RoleBinding", "name: b, namespace: shop", "Role", "r", JANE));
    assert_true(may(&w, "jane", "get", "secrets", "a", "shop"));
    assert_false(may(&w, "jane", "get", "secrets", "b", "shop"));
    assert_false(may(&w, "jane", "list", "secrets", "", "shop"));
    assert_false(may(&w, "jane", "create", "secrets", "", "shop"));
    arena_done(&w.arena);
}

static void test_what_is_wrong_is_said(void **state)
{
    (void)state;
    struct world w = {0};
    setup(&w, ROLE("Role", "name: r, namespace: shop", "- {resources: [pods], verbs: [get]}\n- 7")
              BIND("RoleBinding", "name: b, namespace: shop", "Role", "nowhere", JANE ", {kind: Robot, name: x}, {kind: User}")
              BIND("ClusterRoleBinding", "name: c", "ClusterRole", "view", "{kind: ServiceAccount, name: x}, " JANE)
              BIND("ClusterRoleBinding", "name: c", "ClusterRole", "view", JANE));
    OWN_BUF struct buf b = buf_new(1 << 20);
    load_print_problems(&w.load, 0, &b);
    buf_putc(&b, '\0');
    assert_non_null(strstr(b.p, "Role shop/r: a rule without apiGroups allows nothing"));
    assert_non_null(strstr(b.p, "a rule is no object"));
    assert_non_null(strstr(b.p, "not 'Robot'"));
    assert_non_null(strstr(b.p, "a subject without a name is nobody"));
    assert_non_null(strstr(b.p, "ServiceAccount needs a namespace"));
    assert_non_null(strstr(b.p, "is also at in.yaml"));
    assert_non_null(strstr(b.p, "Role 'nowhere' is not among the input"));
    assert_true(may(&w, "jane", "get", "pods", "", "shop")); // view is Kubernetes' own
    assert_false(may(&w, "jane", "get", "secrets", "", "shop"));
    arena_done(&w.arena);
}

#define AGGREGATES(name, of) "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: " name ", labels: {is-" name ": \"\"}}\n" \
                             "aggregationRule: {clusterRoleSelectors: [{matchLabels: {" of "}}]}\nrules: [{apiGroups: [\"\"], resources: [lost], verbs: [get]}]\n"

// Kubernetes' own roles: of the cluster, aggregated, and in a namespace.
static void test_builtin(void **state)
{
    (void)state;
    struct world w = {0};
    const char *reader = "extension-apiserver-authentication";
    setup(&w, BIND("ClusterRoleBinding", "name: x", "ClusterRole", "system:auth-delegator", JANE)
              BIND("ClusterRoleBinding", "name: e", "ClusterRole", "edit", "{kind: User, name: joe}")
              BIND("RoleBinding", "name: z, namespace: kube-system", "Role", "extension-apiserver-authentication-reader", JANE)
              BIND("RoleBinding", "name: z, namespace: shop", "Role", "extension-apiserver-authentication-reader", "{kind: User, name: joe}"));
    assert_true(may(&w, "jane", "create", "tokenreviews.authentication.k8s.io", "", ""));
    assert_true(may(&w, "jane", "get", "configmaps", reader, "kube-system"));
    assert_false(may(&w, "jane", "get", "configmaps", "other", "kube-system"));
    assert_true(may(&w, "joe", "get", "configmaps", "other", "shop")); // edit aggregates view
    assert_false(may(&w, "joe", "get", "roles.rbac.authorization.k8s.io", "", "shop"));
    assert_int_equal(w.load.n_warnings, 1); // there is no such Role in shop
    arena_done(&w.arena);
}

static void test_aggregation(void **state)
{
    (void)state;
    struct world w = {0};
    setup(&w, AGGREGATES("a", "is-b: \"\"") AGGREGATES("b", "is-a: \"\"") AGGREGATES("c", "is-d: \"\"") AGGREGATES("d", "leaf: \"\"")
              ROLE("ClusterRole", "name: plain, labels: {leaf: \"\", is-a: \"\"}", "- {apiGroups: [\"\"], resources: [pods], verbs: [get]}")
              BIND("ClusterRoleBinding", "name: x", "ClusterRole", "c", JANE) BIND("ClusterRoleBinding", "name: z", "ClusterRole", "a", "{kind: User, name: joe}"));
    assert_true(may(&w, "jane", "get", "pods", "", ""));
    assert_true(may(&w, "joe", "get", "pods", "", ""));
    assert_false(may(&w, "joe", "get", "lost", "", ""));
    assert_int_equal(w.load.n_warnings, 2); // a and b aggregate each other
    arena_done(&w.arena);
}

static void test_escalation(void **state)
{
    (void)state;
    struct world w = {0};
    struct rbac_answer a;
    setup(&w, ROLE("ClusterRole", "name: small", "- {apiGroups: [\"\"], resources: [pods, pods/log], verbs: [get, list]}")
              ROLE("ClusterRole", "name: large", "- {apiGroups: [\"\"], resources: [pods, secrets], verbs: [get]}")
              ROLE("ClusterRole", "name: half", "- {apiGroups: [\"*\"], resources: [pods], verbs: [\"*\"]}\n- {apiGroups: [\"\"], resources: [\"*/log\"], verbs: [get, list]}")
              ROLE("ClusterRole", "name: binder", "- {apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], resourceNames: [large], verbs: [bind, escalate]}")
              ROLE("ClusterRole", "name: actor", "- {apiGroups: [\"\"], resources: [users], resourceNames: [joe], verbs: [impersonate]}\n- {apiGroups: [\"\"], resources: [groups], verbs: [impersonate]}\n"
                                                "- {apiGroups: [\"\"], resources: [serviceaccounts], verbs: [impersonate]}")
              BIND("RoleBinding", "name: h, namespace: shop", "ClusterRole", "half", JANE)
              BIND("RoleBinding", "name: b, namespace: shop", "ClusterRole", "binder", "{kind: User, name: joe}")
              BIND("RoleBinding", "name: a, namespace: shop", "ClusterRole", "actor", "{kind: User, name: ann}")
              BIND("ClusterRoleBinding", "name: a", "ClusterRole", "actor", "{kind: User, name: bob}"));
    struct rbac_user jane = user_of(&w, "jane"), joe = user_of(&w, "joe"), ann = user_of(&w, "ann"), bob = user_of(&w, "bob");
    uint32_t small = rbac_find_role(w.set, S(""), S("small")), large = rbac_find_role(w.set, S(""), S("large"));
    assert_true(rbac_may_bind(w.set, &jane, S("shop"), small, &a)); // she has all of it there
    assert_false(rbac_may_bind(w.set, &jane, S(""), small, &a));
    assert_false(rbac_may_bind(w.set, &jane, S("shop"), large, &a));
    assert_true(rbac_may_bind(w.set, &joe, S("shop"), large, &a)); // bind, in the binding's namespace
    assert_false(rbac_may_bind(w.set, &joe, S(""), large, &a));
    assert_false(rbac_may_bind(w.set, &joe, S("shop"), small, &a));
    assert_false(rbac_may_escalate(w.set, &joe, S(""), S("large"), &a)); // ClusterRoles are in no namespace
    const str masters = S("system:masters");
    const struct rbac_user as_joe = {S("joe"), &masters, 1}, as_jane = {S("jane"), NULL, 0}, as_web = {S("system:serviceaccount:shop:web"), NULL, 0};
    assert_true(rbac_may_impersonate(w.set, &bob, &as_joe, &a));
    assert_false(rbac_may_impersonate(w.set, &bob, &as_jane, &a));
    assert_false(rbac_may_impersonate(w.set, &ann, &as_joe, &a)); // users are in no namespace
    assert_true(rbac_may_impersonate(w.set, &ann, &as_web, &a)); // accounts are
    arena_done(&w.arena);
}

static void check_parse(const char *text, const char *wanted)
{
    struct rbac_question q = {0};
    char got[128];
    bool cluster;
    rbac_resource_parse(str_of(text), &q, &cluster);
    (void)snprintf(got, sizeof got, "%.*s %.*s/%.*s", STR_FMT(q.group), STR_FMT(q.resource), STR_FMT(q.subresource));
    assert_string_equal(got, wanted);
}

static void test_typed(void **state)
{
    (void)state;
    check_parse("po", " pods/");
    check_parse("pods/exec", " pods/exec");
    check_parse("deploy", "apps deployments/");
    check_parse("Deployment", "apps deployments/");
    check_parse("deployments.extensions", "extensions deployments/");
    check_parse("deployments.v1.apps", "apps deployments/");
    check_parse("deployments.apps/scale", "apps deployments/scale");
    check_parse("pods.v1.", " pods/");
    check_parse("ingresses", "networking.k8s.io ingresses/");
    check_parse("widgets.example.com", "example.com widgets/");
    check_parse("*.*", "* */");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scopes),      cmocka_unit_test(test_names),      cmocka_unit_test(test_what_is_wrong_is_said),
        cmocka_unit_test(test_aggregation), cmocka_unit_test(test_escalation), cmocka_unit_test(test_typed),
        cmocka_unit_test(test_builtin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
