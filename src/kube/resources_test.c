#include "kube/resources.h"

#include "base/test.h"

static const struct {
    const char *group, *kind, *plural;
    bool cluster_scoped;
} rows[] = {
    {"", "Pod", "pods", false},
    {"", "Endpoints", "endpoints", false},
    {"", "Namespace", "namespaces", true},
    {"", "Event", "events", false},
    {"events.k8s.io", "Event", "events", false},
    {"networking.k8s.io", "NetworkPolicy", "networkpolicies", false},
    {"networking.k8s.io", "IngressClass", "ingressclasses", true},
    {"rbac.authorization.k8s.io", "ClusterRole", "clusterroles", true},
    {"rbac.authorization.k8s.io", "Role", "roles", false},
    {"storage.k8s.io", "CSINode", "csinodes", true},
    {"apiregistration.k8s.io", "APIService", "apiservices", true},
};

static void resources_finds_what_kubernetes_ships(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct resource *r = resources_find(str_of(rows[i].group), str_of(rows[i].kind));
        assert_non_null(r);
        assert_true(str_eq(r->plural, str_of(rows[i].plural)));
        assert_true(r->cluster_scoped == rows[i].cluster_scoped);
    }
    assert_null(resources_find(S("apps"), S("Pod")));
    assert_null(resources_find(S(""), S("Deployment")));
    assert_null(resources_find(S(""), S("")));
    assert_null(resources_find(S("zzz"), S("Zzz")));
}

// The search goes by halves: a row out of order would never be found.
static void resources_are_sorted_and_all_found(void **state)
{
    (void)state;
    str kind = S(""), group = S("");
    unsigned n = 0;
#define KIND(k, g, p, scope)                                                                       \
    do {                                                                                           \
        int c = str_cmp(kind, S(k));                                                               \
        assert_true(c < 0 || (c == 0 && str_cmp(group, S(g)) < 0));                                \
        kind = S(k), group = S(g), n++;                                                            \
        const struct resource *r = resources_find(group, kind);                                    \
        assert_true(r && str_eq(r->kind, kind) && str_eq(r->group, group));                        \
    } while (0);
#include "kube/resources.def"
#undef KIND
    assert_true(n > 80);
}

static void resources_guesses_plurals(void **state)
{
    (void)state;
    static const char *const guess[][2] = {
        {"Widget", "widgets"},           {"Policy", "policies"},
        {"GlobalNetworkPolicy", "globalnetworkpolicies"}, {"IngressClass", "ingressclasses"},
        {"Gateway", "gateways"}, {"Sandbox", "sandboxes"}, {"ServiceMesh", "servicemeshes"}, {"Watch", "watches"}, {"Y", "ies"}, {"ServiceEntry", "serviceentries"}, {"Proxy", "proxies"},
        {"CustomEndpoints", "customendpoints"},
    };
    OWN_ARENA struct arena a = {0};
    assert_int_equal(arena_init(&a, "t", 4096, NULL), ERR_OK);
    for (unsigned i = 0; i < sizeof guess / sizeof *guess; i++)
        assert_true(str_eq(resources_guess(str_of(guess[i][0]), &a), str_of(guess[i][1])));
}

static void resources_knows_the_groups_of_configuration(void **state)
{
    (void)state;
    static const char *const yes[] = {"", "audit.k8s.io", "kubelet.config.k8s.io", "apiserver.config.k8s.io", "kubeadm.k8s.io",
                                      "pod-security.admission.config.k8s.io", "eventratelimit.admission.k8s.io"};
    static const char *const no[] = {"apps", "gateway.networking.k8s.io", "config.k8s.io", "config.example.com", "agents.x-k8s.io"};
    for (unsigned i = 0; i < sizeof yes / sizeof *yes; i++)
        assert_true(resources_is_configuration(str_of(yes[i])));
    for (unsigned i = 0; i < sizeof no / sizeof *no; i++)
        assert_false(resources_is_configuration(str_of(no[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resources_finds_what_kubernetes_ships),
        cmocka_unit_test(resources_are_sorted_and_all_found),
        cmocka_unit_test(resources_guesses_plurals),
        cmocka_unit_test(resources_knows_the_groups_of_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
