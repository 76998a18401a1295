#include "graph/paths.h"

#include "base/test.h"

struct world {
    struct arena arena, scratch;
    struct load load;
    struct rbac_set *set;
    struct inventory inventory;
    struct paths_objects *objects;
    struct paths paths;
};

static err_code take(void *ctx, const struct object *o, const struct origin *at, struct err *e)
{
    struct world *w = ctx;
    TRY(rbac_set_add(w->set, o, at, e));
    TRY(inventory_add(&w->inventory, o, at, e));
    return paths_objects_add(w->objects, o, at, e);
}

static void setup(struct world *w, const char *yaml)
{
    struct err e = {0};
    assert_int_equal(arena_init(&w->arena, "test", 1 << 26, &e), ERR_OK);
    assert_int_equal(arena_init(&w->scratch, "scratch", 1 << 26, &e), ERR_OK);
    assert_int_equal(rbac_set_new(&w->arena, &w->load, &w->set, &e), ERR_OK);
    assert_int_equal(inventory_init(&w->inventory, &w->load, &w->arena, &e), ERR_OK);
    assert_int_equal(paths_objects_new(&w->arena, &w->objects, &e), ERR_OK);
    assert_int_equal(load_text(&w->load, S("in.yaml"), str_of(yaml), &(struct load_sink){w, take}, &w->arena, &e), ERR_OK);
    assert_int_equal(rbac_set_seal(w->set, &(struct rbac_seal_options){0}, &e), ERR_OK);
    assert_int_equal(inventory_finish(&w->inventory, &e), ERR_OK);
    assert_int_equal(paths_build(&w->paths, &w->inventory, w->set, w->objects, NULL, &w->arena, &e), ERR_OK);
}

static void teardown(struct world *w)
{
    inventory_done(&w->inventory);
    arena_done(&w->scratch);
    arena_done(&w->arena);
}

// Steps from `who`, or -1: there is no way that is certain.
static int steps(struct world *w, const char *who, enum paths_sink sink)
{
    struct err e = {0};
    struct paths_tree t;
    uint32_t node = paths_find(&w->paths, str_of(who));
    assert_int_equal(paths_search(&w->paths, sink, false, &w->scratch, &t, &e), ERR_OK);
    assert_int_not_equal(node, PATHS_NONE);
    return t.distance[node] == PATHS_NONE ? -1 : (int)t.distance[node];
}

static void check_cut(struct world *w, const char *who, enum paths_sink sink, const char *wanted)
{
    struct err e = {0};
    struct paths_tree t;
    struct paths_cut cut[PATHS_MOST_CUTS];
    uint32_t n = 0, node = paths_find(&w->paths, str_of(who));
    uint64_t budget = 1 << 20;
    OWN_BUF struct buf b = buf_new(1 << 16);
    assert_int_equal(paths_search(&w->paths, sink, false, &w->scratch, &t, &e), ERR_OK);
    paths_smallest_cut(&w->paths, &t, node, &budget, &w->scratch, cut, &n);
    for (uint32_t i = 0; i < n; i++) {
        buf_put(&b, i ? S(" + ") : S(""));
        paths_put_cut(&w->paths, &b, &cut[i]);
    }
    buf_putc(&b, '\0');
    assert_string_equal(b.p, wanted);
    assert_true(paths_cuts(&w->paths, &t, node, cut, n, &budget));
}

#define RULE(groups, resources, verbs) "- {apiGroups: [" groups "], resources: [" resources "], verbs: [" verbs "]}\n"
#define ROLE(kind, meta, rules) "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: " kind "\nmetadata: {" meta "}\nrules:\n" rules
#define BIND(kind, meta, role_kind, role, subjects)                                                                               \
    "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: " kind "\nmetadata: {" meta "}\nroleRef: {kind: " role_kind ", name: " role \
    "}\nsubjects: [" subjects "]\n"
#define USER(name) "{kind: User, name: " name "}"
#define ACCOUNT(ns, name) "{kind: ServiceAccount, namespace: " ns ", name: " name "}"
#define POD(meta, spec) "---\napiVersion: v1\nkind: Pod\nmetadata: {" meta "}\nspec:\n" spec
#define RBAC "rbac.authorization.k8s.io"

static void test_both_or_nothing(void **state)
{
    (void)state;
    struct world w = {0};
    setup(&w, ROLE("ClusterRole", "name: write", RULE(RBAC, "clusterrolebindings, rolebindings", "create"))
              ROLE("ClusterRole", "name: bind", RULE(RBAC, "clusterroles", "bind"))
              ROLE("ClusterRole", "name: groups", RULE("\"\"", "groups", "impersonate"))
              ROLE("ClusterRole", "name: users", RULE("\"\"", "users", "impersonate"))
              BIND("ClusterRoleBinding", "name: w", "ClusterRole", "write", USER("ann") ", " USER("bob") ", " USER("cid"))
              BIND("ClusterRoleBinding", "name: b", "ClusterRole", "bind", USER("bob"))
              BIND("RoleBinding", "name: b, namespace: shop", "ClusterRole", "bind", USER("cid"))
              BIND("ClusterRoleBinding", "name: g", "ClusterRole", "groups", USER("dan") ", " USER("eve"))
              BIND("ClusterRoleBinding", "name: u", "ClusterRole", "users", USER("eve")));
    assert_int_equal(steps(&w, "User:ann", PATHS_CLUSTER_ADMIN), -1); // may write bindings, but bind nothing
    assert_int_equal(steps(&w, "User:bob", PATHS_CLUSTER_ADMIN), 1);
    assert_int_equal(steps(&w, "User:cid", PATHS_CLUSTER_ADMIN), -1);
    assert_int_equal(steps(&w, "User:cid", PATHS_NAMESPACE_ADMIN), 1); // bind in shop: everything there
    assert_int_equal(steps(&w, "User:dan", PATHS_SYSTEM_MASTERS), -1); // a group only beside a user
    assert_int_equal(steps(&w, "User:eve", PATHS_SYSTEM_MASTERS), 1);
    teardown(&w);
}

static void test_pods(void **state)
{
    (void)state;
    struct world w = {0};
    setup(&w, "apiVersion: v1\nkind: Namespace\nmetadata: {name: safe, labels: {pod-security.kubernetes.io/enforce: restricted}}\n"
              ROLE("ClusterRole", "name: create", RULE("\"\"", "pods", "create"))
              BIND("RoleBinding", "name: c, namespace: safe", "ClusterRole", "create", USER("ann"))
              BIND("RoleBinding", "name: c, namespace: shop", "ClusterRole", "create", USER("bob"))
              BIND("ClusterRoleBinding", "name: admin", "ClusterRole", "cluster-admin", ACCOUNT("shop", "strong"))
              POD("name: a, namespace: shop", "  serviceAccountName: strong\n  containers: [{name: x, securityContext: {privileged: true}}]\n")
              POD("name: b, namespace: shop", "  serviceAccountName: strong\n  automountServiceAccountToken: false\n  containers: [{name: x}]\n"));
    assert_int_equal(steps(&w, "User:ann", PATHS_NODE), -1);
    assert_int_equal(steps(&w, "User:bob", PATHS_NODE), 1);
    assert_int_equal(steps(&w, "User:bob", PATHS_CLUSTER_ADMIN), 2);
    assert_int_equal(steps(&w, "User:ann", PATHS_CLUSTER_ADMIN), -1);
    assert_int_equal(steps(&w, "Pod:shop/a", PATHS_NODE), 1);
    assert_int_equal(steps(&w, "Pod:shop/a", PATHS_CLUSTER_ADMIN), 2);
    assert_int_equal(steps(&w, "Pod:shop/b", PATHS_CLUSTER_ADMIN), -1); // no token
    check_cut(&w, "User:bob", PATHS_CLUSTER_ADMIN, "RoleBinding/shop/c");
    teardown(&w);
}

static void test_cuts(void **state)
{
    (void)state;
    struct world w = {0};
    setup(&w, ROLE("ClusterRole", "name: token", RULE("\"\"", "serviceaccounts/token", "create")) ROLE("ClusterRole", "name: act", RULE("\"\"", "serviceaccounts", "impersonate"))
              BIND("RoleBinding", "name: t, namespace: shop", "ClusterRole", "token", USER("ann"))
              BIND("RoleBinding", "name: i, namespace: shop", "ClusterRole", "act", USER("ann"))
              BIND("ClusterRoleBinding", "name: one", "ClusterRole", "cluster-admin", ACCOUNT("shop", "a") ", " ACCOUNT("shop", "b"))
              BIND("ClusterRoleBinding", "name: two", "ClusterRole", "cluster-admin", ACCOUNT("shop", "a")));
    assert_int_equal(steps(&w, "User:ann", PATHS_CLUSTER_ADMIN), 2);
    check_cut(&w, "User:ann", PATHS_CLUSTER_ADMIN, "RoleBinding/shop/t + RoleBinding/shop/i"); // two ways in, two ways on
    teardown(&w);
}

// More ways than the smallest cut is looked for: one thing of each way, and none that is needless.
static void test_enough(void **state)
{
    (void)state;
    struct world w = {0};
    struct err e = {0};
    struct paths_tree t;
    struct paths_cut cut[PATHS_MOST_ENOUGH];
    uint32_t n = 0;
    uint64_t budget = 1 << 20;
#define WAY(ns) BIND("RoleBinding", "name: t, namespace: " ns, "ClusterRole", "token", USER("ann")) \
                BIND("ClusterRoleBinding", "name: " ns, "ClusterRole", "cluster-admin", ACCOUNT(ns, "x"))
    setup(&w, ROLE("ClusterRole", "name: token", RULE("\"\"", "serviceaccounts/token", "create")) WAY("a") WAY("b") WAY("c") WAY("d")
              BIND("RoleBinding", "name: u, namespace: d", "ClusterRole", "token", USER("ann")));
    uint32_t ann = paths_find(&w.paths, S("User:ann"));
    assert_int_equal(paths_search(&w.paths, PATHS_CLUSTER_ADMIN, false, &w.scratch, &t, &e), ERR_OK);
    paths_smallest_cut(&w.paths, &t, ann, &budget, &w.scratch, cut, &n);
    assert_int_equal(n, 0);
    paths_enough(&w.paths, &t, ann, &budget, &w.scratch, cut, &n);
    assert_in_range(n, 4, 5); // the two of d, or what they lead to
    assert_true(paths_cuts(&w.paths, &t, ann, cut, n, &budget));
    for (uint32_t i = 0; i < n; i++) {
        struct paths_cut it = cut[i];
        cut[i] = cut[n - 1];
        assert_false(paths_cuts(&w.paths, &t, ann, cut, n - 1, &budget));
        cut[i] = it;
    }
    budget = 0;
    paths_enough(&w.paths, &t, ann, &budget, &w.scratch, cut, &n);
    assert_int_equal(n, 0);
    teardown(&w);
}

static void test_tokens_and_volumes(void **state)
{
    (void)state;
    struct world w = {0};
    setup(&w, ROLE("Role", "name: list, namespace: shop", RULE("\"\"", "secrets", "list")) BIND("RoleBinding", "name: l, namespace: shop", "Role", "list", USER("ann"))
              ROLE("Role", "name: list, namespace: bank", RULE("\"\"", "secrets", "list")) BIND("RoleBinding", "name: l, namespace: bank", "Role", "list", USER("bob"))
              BIND("ClusterRoleBinding", "name: admin", "ClusterRole", "cluster-admin", ACCOUNT("shop", "strong") ", " ACCOUNT("bank", "strong"))
              "---\napiVersion: v1\nkind: Secret\ntype: kubernetes.io/service-account-token\nmetadata: {name: t, namespace: shop, annotations: {kubernetes.io/service-account.name: strong}}\n"
              "---\napiVersion: v1\nkind: PersistentVolume\nmetadata: {name: v}\nspec: {hostPath: {path: /etc}, claimRef: {namespace: shop, name: c}}\n"
              POD("name: a, namespace: shop", "  volumes: [{name: v, persistentVolumeClaim: {claimName: c}}]\n  containers: [{name: x, volumeMounts: [{name: v, mountPath: /v}]}]\n"));
    assert_int_equal(steps(&w, "User:ann", PATHS_CLUSTER_ADMIN), 2);
    assert_int_equal(steps(&w, "User:bob", PATHS_CLUSTER_ADMIN), -1); // only if there were a token
    assert_int_equal(steps(&w, "Pod:shop/a", PATHS_NODE), 1);
    teardown(&w);
}

// What takes several fields ends with any of them: of two containers it is the Pod's own that is the smallest cut.
static void test_fields_together(void **state)
{
    (void)state;
    struct world w = {0};
#define TRACER(name) "{name: " name ", image: i, securityContext: {runAsUser: 1, appArmorProfile: {type: Unconfined}, capabilities: {add: [cap_sys_ptrace, SYS_ADMIN]}}}"
    setup(&w, POD("name: a, namespace: shop", "  hostPID: true\n  containers: [" TRACER("x") ", " TRACER("z") "]\n")
              POD("name: b, namespace: shop", "  containers: [" TRACER("x") "]\n")
              POD("name: c, namespace: shop", "  hostUsers: false\n  containers: [{name: x, securityContext: {privileged: true}}]\n")
              POD("name: d, namespace: shop", "  containers: [{name: x, securityContext: {capabilities: {add: [ALL], drop: [sys_module, SYS_ADMIN, DAC_READ_SEARCH]}}}]\n"));
    assert_int_equal(steps(&w, "Pod:shop/a", PATHS_NODE), 1);
    check_cut(&w, "Pod:shop/a", PATHS_NODE, "hostPID of Pod:shop/a");
    assert_int_equal(steps(&w, "Pod:shop/b", PATHS_NODE), -1);
    assert_int_equal(steps(&w, "Pod:shop/c", PATHS_NODE), -1);
    assert_int_equal(steps(&w, "Pod:shop/d", PATHS_NODE), -1);
    teardown(&w);
}

static void test_disk(void **state)
{
    (void)state;
    struct world w = {0};
    setup(&w, POD("name: a, namespace: shop", "  volumes: [{name: v, hostPath: {path: //var//}}]\n  containers: [{name: x, volumeMounts: [{name: v, mountPath: /v, subPath: app/data}]}]\n")
              POD("name: b, namespace: shop", "  volumes: [{name: v, hostPath: {path: //var//}}]\n  containers: [{name: x, volumeMounts: [{name: v, mountPath: /v, subPath: spool/cron}]}]\n"));
    assert_int_equal(steps(&w, "Pod:shop/a", PATHS_NODE), -1);
    assert_int_equal(steps(&w, "Pod:shop/b", PATHS_NODE), 1);
    teardown(&w);
}

// A RoleBinding gives nothing that is in no namespace; cluster-admin includes what is below it.
static void test_ends(void **state)
{
    (void)state;
    struct world w = {0};
    setup(&w, ROLE("ClusterRole", "name: hooks", RULE("admissionregistration.k8s.io", "mutatingwebhookconfigurations", "create") RULE("\"\"", "nodes/proxy, users", "get, impersonate"))
              ROLE("ClusterRole", "name: bind", RULE(RBAC, "clusterrolebindings", "create") RULE(RBAC, "clusterroles", "bind"))
              BIND("RoleBinding", "name: h, namespace: shop", "ClusterRole", "hooks", USER("ann"))
              BIND("ClusterRoleBinding", "name: b", "ClusterRole", "bind", USER("bob")));
    uint32_t ann = paths_find(&w.paths, S("User:ann"));
    for (uint32_t i = 0; i < w.paths.n_findings; i++)
        assert_int_not_equal(w.paths.findings[i].node, ann);
    assert_int_equal(steps(&w, "User:bob", PATHS_CLUSTER_ADMIN), 1);
    assert_int_equal(steps(&w, "User:bob", PATHS_NODE), 2);
    assert_int_equal(steps(&w, "User:bob", PATHS_KUBE_SYSTEM_SECRETS), 2);
    teardown(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_or_nothing),
        cmocka_unit_test(test_pods),
        cmocka_unit_test(test_cuts), cmocka_unit_test(test_enough),
        cmocka_unit_test(test_tokens_and_volumes),
        cmocka_unit_test(test_fields_together),
        cmocka_unit_test(test_disk),
        cmocka_unit_test(test_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
