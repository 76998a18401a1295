#include "graph/inventory.h"

#include "graph/cluster_test.h"

#define POD(name, more) "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: " name "\n" more
#define SPEC "spec: {containers: [{name: c, image: i}]}\n"

static void expect_workloads(const char *text, const char *wanted)
{
    struct cluster c;
    OWN_BUF struct buf b = buf_new(1 << 16);
    cluster_read(&c, text);
    for (uint32_t i = 0; i < c.v.n_workloads; i++) {
        if (c.v.workloads[i].unknown || !c.v.workloads[i].n_pods)
            continue;
        buf_put(&b, b.n ? S(" ") : S(""));
        inventory_put_workload(&c.v, &b, i);
        buf_printf(&b, "*%u", c.v.workloads[i].n_pods);
    }
    buf_putc(&b, '\0');
    assert_string_equal(b.p, wanted);
    cluster_done(&c);
}

static void test_owners(void **state)
{
    (void)state;
    expect_workloads(POD("a", SPEC), "default/a[Pod]*1");
    // The controller, as far as it is there to follow.
    expect_workloads(POD("a", "  namespace: x\n  ownerReferences: [{kind: ReplicaSet, name: r, controller: true}]\n" SPEC)
                     POD("b", "  namespace: x\n  ownerReferences: [{kind: ReplicaSet, name: r, controller: true}]\n" SPEC),
                     "x/r[ReplicaSet]*2");
    expect_workloads(POD("a", "  ownerReferences: [{kind: Node, name: node, controller: true}]\n" SPEC), "default/a[Pod]*1");
    expect_workloads(POD("a", "  ownerReferences: [{kind: Job, name: j}]\n" SPEC), "default/a[Pod]*1");
    // A Deployment whose ReplicaSet is not there; what runs counts, not the template.
    expect_workloads(POD("a", "  labels: {pod-template-hash: 5d4f}\n  ownerReferences: [{kind: ReplicaSet, name: web-5d4f, controller: true}]\n" SPEC)
                     "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3, template: {" SPEC "}}\n",
                     "default/web[Deployment]*1");
    expect_workloads("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3, template: {" SPEC "}}\n", "default/web[Deployment]*1");
}

static void test_namespaces(void **state)
{
    (void)state;
    struct cluster c;
    cluster_read(&c, "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {kubernetes.io/metadata.name: lie, team: t}}\n" POD("p", "  namespace: b\n" SPEC));
    uint32_t a = inventory_find_namespace(&c.v, S("a")), b = inventory_find_namespace(&c.v, S("b"));
    name_id key = names_find(&c.v.names, S("kubernetes.io/metadata.name"));
    assert_true(c.v.namespaces[a].declared && !c.v.namespaces[b].declared);
    assert_true(str_eq(inventory_str(&c.v, inventory_label(&c.v, c.v.namespaces[a].labels, key)), S("a")));
    assert_true(str_eq(inventory_str(&c.v, inventory_label(&c.v, c.v.namespaces[b].labels, key)), S("b")));
    assert_int_equal(inventory_find_namespace(&c.v, S("c")), INVENTORY_NONE);
    cluster_done(&c);
}

static bool has_fact(const struct cluster *c, enum inventory_fact_kind kind, const char *container, const char *text, uint32_t line)
{
    uint32_t n;
    const struct inventory_pod *p = &c->v.pods[0];
    const struct inventory_fact *f = inventory_facts(&c->v, p->facts, &n);
    for (uint32_t i = 0; i < n; i++)
        if (f[i].kind == (uint32_t)kind && str_eq(inventory_str(&c->v, f[i].container), str_of(container)) &&
            str_eq(inventory_str(&c->v, f[i].text), str_of(text)) && p->at.line + f[i].line == line)
            return true;
    return false;
}

static void test_facts(void **state)
{
    (void)state;
    struct cluster c;
    cluster_read(&c, "# a comment\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  hostPID: true\n  securityContext: {runAsUser: 0}\n  containers:\n"
                     "  - name: c\n    image: i\n    securityContext:\n      privileged: true\n      capabilities: {add: [SYS_ADMIN]}\n"
                     "    volumeMounts: [{name: v, mountPath: /m, readOnly: true}]\n    env: [{name: E, valueFrom: {secretKeyRef: {name: s, key: k}}}]\n"
                     "  volumes:\n  - name: v\n    hostPath: {path: /var/run/docker.sock}\n  - name: w\n    secret: {secretName: t}\n");
    assert_true(has_fact(&c, FACT_HOST_PID, "", "", 6));
    assert_true(has_fact(&c, FACT_PRIVILEGED, "c", "", 12));
    assert_true(has_fact(&c, FACT_CAPABILITY, "c", "SYS_ADMIN", 13));
    assert_true(has_fact(&c, FACT_ROOT, "c", "", 7));
    assert_true(has_fact(&c, FACT_HOST_PATH, "c", "/var/run/docker.sock", 18));
    assert_true(has_fact(&c, FACT_SECRET_ENV, "c", "s", 15));
    assert_true(has_fact(&c, FACT_SECRET_VOLUME, "", "t", 20));
    assert_false(has_fact(&c, FACT_HOST_IPC, "", "", 6));
    cluster_done(&c);
}

static void expect_of(const char *text, const char *problems)
{
    struct cluster c;
    cluster_read(&c, text);
    cluster_expect_problems(&c, problems);
    cluster_done(&c);
}

#define NETWORK(ns, name, spec) \
    "---\napiVersion: k8s.ovn.org/v1\nkind: UserDefinedNetwork\nmetadata: {name: " name ", namespace: " ns "}\nspec: {" spec "}\n"
#define CLUSTER_NETWORK(spec) \
    "---\napiVersion: k8s.ovn.org/v1\nkind: ClusterUserDefinedNetwork\nmetadata: {name: c}\nspec: {" spec "}\n"
#define LAYER2(role, subnet) "topology: Layer2, layer2: {role: " role ", subnets: [" subnet "]}"

static void test_networks(void **state)
{
    (void)state;
    expect_of(NETWORK("blue", "a", LAYER2("Primary", "10.0.0.0/16")), "");
    expect_of(NETWORK("blue", "a", LAYER2("Primary", "10.0.0.0")), "network");
    expect_of(NETWORK("blue", "a", LAYER2("Third", "10.0.0.0/16")), "network");
    expect_of(NETWORK("blue", "a", "topology: Layer4"), "network");
    expect_of(NETWORK("blue", "a", "topology: Layer3, layer2: {role: Primary}"), "network");
    expect_of(NETWORK("blue", "a", LAYER2("Primary", "10.0.0.0/16") ", layer3: {role: Primary}"), "network");
    expect_of(NETWORK("blue", "default", LAYER2("Primary", "10.0.0.0/16")), "network");
    expect_of(NETWORK("default", "a", LAYER2("Primary", "10.0.0.0/16")), "network");
    expect_of(NETWORK("default", "a", LAYER2("Secondary", "10.0.0.0/16")), "");
    expect_of(NETWORK("blue", "a", LAYER2("Primary", "10.0.0.0/16")) NETWORK("blue", "b", LAYER2("Primary", "10.0.0.0/16")), "network");
    expect_of(NETWORK("blue", "a", LAYER2("Primary", "10.0.0.0/16")) NETWORK("blue", "a", LAYER2("Primary", "10.0.0.0/16")), "duplicate");
    expect_of(NETWORK("blue", "a", LAYER2("Primary", "10.0.0.0/16")) NETWORK("red", "a", LAYER2("Primary", "10.0.0.0/16")), "");
    expect_of(CLUSTER_NETWORK("namespaceSelector: {}, network: {" LAYER2("Primary", "10.0.0.0/16") "}"), "");
    expect_of(CLUSTER_NETWORK("network: {" LAYER2("Primary", "10.0.0.0/16") "}"), "network");
    expect_of(CLUSTER_NETWORK("namespaceSelector: {matchExpressions: [{key: a, operator: Is}]}, network: {" LAYER2("Primary", "10.0.0.0/16") "}"),
              "selector");
}

static void test_problems(void **state)
{
    (void)state;
    struct cluster c;
    cluster_read(&c, POD("a", SPEC) POD("a", "  labels: {x: z}\n" SPEC) POD("b", "spec: {containers: 1}\n")
                     "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: cnp}\n");
    cluster_expect_problems(&c, "duplicate type");
    assert_int_equal(c.v.n_unmodelled, 1);
    assert_true(c.v.pods[0].replaced && !c.v.pods[1].replaced);
    cluster_done(&c);
    cluster_read(&c, "apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: a, ownerReferences: [{kind: ReplicaSet, name: b, controller: true}]}\nspec: {template: {" SPEC "}}\n"
                     "---\napiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: b, ownerReferences: [{kind: ReplicaSet, name: a, controller: true}]}\nspec: {template: {" SPEC "}}\n");
    cluster_expect_problems(&c, "cycle cycle");
    cluster_done(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_owners),
        cmocka_unit_test(test_namespaces),
        cmocka_unit_test(test_facts),
        cmocka_unit_test(test_networks),
        cmocka_unit_test(test_problems),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
