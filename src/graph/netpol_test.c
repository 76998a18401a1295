#include "graph/netpol.h"

#include "graph/cluster_test.h"

#define NP(spec) "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: np, namespace: default}\nspec: " spec "\n"
#define ANP(kind, version, name, spec) \
    "apiVersion: policy.networking.k8s.io/" version "\nkind: " kind "\nmetadata: {name: " name "}\nspec: " spec "\n"

static void expect(const char *text, const char *problems, uint32_t policies)
{
    struct cluster c;
    cluster_read(&c, text);
    cluster_expect_problems(&c, problems);
    assert_int_equal(c.p.n, policies);
    cluster_done(&c);
}

static void test_network_policies(void **state)
{
    (void)state;
    expect(NP("{podSelector: {}}"), "", 1);
    expect(NP("{podSelector: {}, ingress: [{}]}"), "", 1);
    expect(NP("{podSelector: {matchExpressions: [{key: a, operator: Is}]}}"), "selector policy", 0);
    expect(NP("{podSelector: {matchLabels: {-a: b}}}"), "selector policy", 0);
    expect(NP("{podSelector: {}, policyTypes: [Ingres]}"), "policy-types policy", 0);
    expect(NP("{podSelector: {}, policyTypes: [Ingress, Ingress]}"), "", 1);
    expect(NP("{podSelector: {}, policyTypes: [Ingress, Egress, Ingress]}"), "policy-types policy", 0);
    expect(NP("{podSelector: {}, ingress: [{from: [{}]}]}"), "peer policy", 0);
    expect(NP("{podSelector: {}, ingress: [{from: [null]}]}"), "peer policy", 0);
    expect(NP("{podSelector: {}, ingress: [{from: [{ipBlock: {}}]}]}"), "cidr policy", 0);
    expect(NP("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/33}}]}]}"), "cidr policy", 0);
    expect(NP("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: ['fd00::/64']}}]}]}"), "cidr policy", 0);
    expect(NP("{podSelector: {}, ingress: [{ports: [{endPort: 80}]}]}"), "port policy", 0);
    expect(NP("{podSelector: {}, ingress: [{ports: [{port: 1, endPort: 65536}]}]}"), "port policy", 0);
    expect(NP("{podSelector: {}, ingress: [{ports: [{port: ''}]}]}"), "port policy", 0);
    expect(NP("{podSelector: {matchExpressions: [{key: a, operator: In}]}}"), "selector policy", 0);
    expect(NP("{podSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}}"), "selector policy", 0);
    expect(NP("{podSelector: {}, ingress: {}}"), "type policy", 0);
    expect(NP("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}]}]}"), "peer policy", 0);
    expect(NP("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0}}]}]}"), "cidr policy", 0);
    expect(NP("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16]}}]}]}"), "cidr policy", 0);
    expect(NP("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}}]}]}"), "cidr policy", 0);
    expect(NP("{podSelector: {}, ingress: [{ports: [{port: 0}]}]}"), "port policy", 0);
    expect(NP("{podSelector: {}, ingress: [{ports: [{port: 80, endPort: 79}]}]}"), "port policy", 0);
    expect(NP("{podSelector: {}, ingress: [{ports: [{port: web, endPort: 80}]}]}"), "port policy", 0);
    expect(NP("{podSelector: {}, ingress: [{ports: [{port: '80'}]}]}"), "port policy", 0);
    expect(NP("{podSelector: {}, ingress: [{ports: [{protocol: ICMP}]}]}"), "port policy", 0);
    expect(NP("{podSelector: 1}"), "type policy", 0);
    // Legal, and not what its author may think.
    expect(NP("{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: web}]}]}"), "named-port", 1);
    expect(NP("{podSelector: {}, policyTypes: [Ingress], egress: [{}]}"), "policy-types", 1);
    expect("apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: np, namespace: gone}\nspec: {podSelector: {}}\n", "dangling", 1);
    expect(NP("{podSelector: {}}") "---\n" NP("{podSelector: {}}"), "duplicate", 1);
}

#define TEN(x) x "," x "," x "," x "," x "," x "," x "," x "," x "," x
#define SUBJECT "subject: {namespaces: {}}"

static void test_tiered_policies(void **state)
{
    (void)state;
    expect(ANP("AdminNetworkPolicy", "v1alpha1", "a", "{priority: 1, " SUBJECT "}"), "", 1);
    expect(ANP("AdminNetworkPolicy", "v1alpha1", "a", "{priority: 1001, " SUBJECT "}"), "priority policy", 0);
    expect(ANP("AdminNetworkPolicy", "v1alpha1", "a", "{" SUBJECT "}"), "priority policy", 0);
    expect(ANP("AdminNetworkPolicy", "v1alpha1", "a", "{priority: 1, subject: {}}"), "subject policy", 0);
    expect(ANP("AdminNetworkPolicy", "v1alpha1", "a", "{priority: 1, " SUBJECT ", ingress: [{action: Accept, from: [{namespaces: {}}]}]}"), "action policy", 0);
    expect(ANP("AdminNetworkPolicy", "v1alpha1", "a", "{priority: 1, " SUBJECT ", ingress: [{action: Deny, from: []}]}"), "peer policy", 0);
    expect(ANP("AdminNetworkPolicy", "v1alpha1", "a", "{priority: 1, " SUBJECT ", egress: [{action: Deny, to: [{networks: [x]}]}]}"), "cidr policy", 0);
    expect(ANP("AdminNetworkPolicy", "v1alpha1", "a", "{priority: 1, " SUBJECT "}") "---\n"
           ANP("AdminNetworkPolicy", "v1alpha1", "b", "{priority: 1, " SUBJECT "}"), "priority", 2);
#define ADMIN(rules) ANP("AdminNetworkPolicy", "v1alpha1", "a", "{priority: 1, " SUBJECT ", " rules "}")
#define PORTS(ports) ADMIN("ingress: [{action: Deny, from: [{namespaces: {}}], ports: [" ports "]}]")
    expect(ANP("AdminNetworkPolicy", "v1alpha1", "a", "{priority: -1, " SUBJECT "}"), "priority policy", 0);
    expect(ANP("AdminNetworkPolicy", "v1alpha1", "a", "{priority: 1}"), "subject policy", 0);
    expect(ANP("AdminNetworkPolicy", "v1alpha1", "a", "{priority: 1, subject: {namespaces: {}, pods: {namespaceSelector: {}, podSelector: {}}}}"),
           "subject policy", 0);
    expect(ADMIN("ingress: [{from: [{namespaces: {}}]}]"), "action policy", 0);
    expect(ADMIN("ingress: [{action: Deny, to: [{namespaces: {}}]}]"), "peer policy", 0);
    expect(ADMIN("ingress: [{action: Deny, from: [{}]}]"), "peer policy", 0);
    expect(ADMIN("ingress: [{action: Deny, from: [{networks: [10.0.0.0/8]}]}]"), "peer peer policy", 0);
    expect(ADMIN("egress: [{action: Deny, to: [{networks: [" TEN("10.0.0.0/8") "," TEN("10.0.0.0/8") "," TEN("10.0.0.0/8") "]}]}]"), "limit policy", 0);
    expect(ADMIN("egress: [{action: Deny, to: [{nodes: {}}], ports: [{namedPort: web}]}]"), "named-port", 1);
    expect(ADMIN("ingress: [{name: '" TEN("0123456789") "', action: Deny, from: [{namespaces: {}}]}]"), "name policy", 0);
    expect(PORTS("{}"), "port policy", 0);
    expect(PORTS("{namedPort: web, portNumber: {protocol: TCP, port: 80}}"), "port policy", 0);
    expect(PORTS("{portNumber: {protocol: ICMP, port: 80}}"), "port policy", 0);
    expect(PORTS("{portNumber: {protocol: TCP, port: 65536}}"), "port policy", 0);
    expect(PORTS("{portRange: {protocol: TCP, start: 90, end: 80}}"), "port policy", 0);
    expect(PORTS("{portRange: {protocol: TCP, start: 80}}"), "port policy", 0);
    expect(PORTS("{portRange: {start: 80, end: 90}}"), "", 1);
    expect(ADMIN("ingress: []") "---\n" ANP("AdminNetworkPolicy", "v1alpha1", "a", "{priority: 2, " SUBJECT "}"), "duplicate", 1);
    expect(ANP("ClusterNetworkPolicy", "v1alpha2", "c", "{tier: Admin, priority: 1, " SUBJECT ", egress: [{action: Deny, to: [" TEN("{namespaces: {}}")
               "," TEN("{namespaces: {}}") "," TEN("{namespaces: {}}") "]}]}"), "peer policy", 0);
    expect(ANP("BaselineAdminNetworkPolicy", "v1alpha1", "b", "{" SUBJECT "}"), "name policy", 0);
    expect(ANP("BaselineAdminNetworkPolicy", "v1alpha1", "default", "{" SUBJECT ", ingress: [{action: Pass, from: [{namespaces: {}}]}]}"), "action policy", 0);
    expect(ANP("ClusterNetworkPolicy", "v1alpha2", "c", "{tier: Admin, priority: 1, " SUBJECT ", egress: [{action: Accept, to: [{domainNames: [a.b]}]}]}"), "", 1);
    expect(ANP("ClusterNetworkPolicy", "v1alpha2", "c", "{tier: Admin, priority: 1, " SUBJECT ", egress: [{action: Deny, to: [{domainNames: [a.b]}]}]}"), "peer policy", 0);
    expect(ANP("ClusterNetworkPolicy", "v1alpha2", "c", "{tier: Top, priority: 1, " SUBJECT "}"), "tier policy", 0);
    // A kind of peer that is not known yet: fails closed.
    expect(ANP("ClusterNetworkPolicy", "v1alpha2", "c", "{tier: Admin, priority: 1, " SUBJECT ", egress: [{action: Deny, to: [{moons: {}}]}]}"), "peer", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_network_policies),
        cmocka_unit_test(test_tiered_policies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
