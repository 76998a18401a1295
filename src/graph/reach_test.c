#include "graph/reach.h"

#include "graph/cluster_test.h"
#include "graph/reach_explain.h"

#define POD(ns, name, more) "---\napiVersion: v1\nkind: Pod\nmetadata: {name: " name ", namespace: " ns ", labels: {app: " name "}}\n" \
    "spec: {containers: [{name: c, image: i" more "}]}\n"
#define NP(ns, spec) "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: np, namespace: " ns "}\nspec: " spec "\n"

static uint32_t class_of(const struct cluster *c, const struct reach *r, const char *name)
{
    for (uint32_t i = 0; i < c->v.n_pods; i++)
        if (str_eq(inventory_str(&c->v, c->v.pods[i].name), str_of(name)))
            return r->class_of_pod[i];
    fail_msg("no Pod %s", name);
    return 0;
}

static void put(const struct reach *r, const struct reach_bits *x, uint32_t column, struct buf *b)
{
    uint64_t bits[64] = {0};
    for (uint32_t a = 0; a < r->n_atoms; a++)
        bits[a / 64] |= (reach_word(r, x, a, column / 64) >> (column % 64) & 1) << (a % 64);
    reach_put_ports(r, b, bits);
}

// From Pod to Pod, or to the first range outside ("*"): "low" or "low/high".
static void expect(const char *text, struct reach_options o, const char *from, const char *to, const char *wanted)
{
    struct cluster c;
    struct reach r;
    struct reach_row row;
    struct err e = {0};
    OWN_BUF struct buf b = buf_new(1 << 16);
    cluster_read(&c, text);
    assert_int_equal(reach_build(&r, &c.v, &c.p, o, &c.arena, &e), ERR_OK);
    assert_int_equal(reach_row_init(&row, &r, &c.arena, &e), ERR_OK);
    uint32_t column = to[0] == '*' ? r.n_classes : class_of(&c, &r, to);
    reach_row(&r, from[0] == '*' ? r.n_classes : class_of(&c, &r, from), &row);
    put(&r, &row.low, column, &b);
    if (r.has_maybe) {
        buf_putc(&b, '/');
        put(&r, &row.high, column, &b);
    }
    buf_putc(&b, '\0');
    assert_string_equal(b.p, wanted);
    cluster_done(&c);
}

static const struct reach_options spec = {.block_matches_pods = REACH_UNKNOWN, .host_network_as_pods = REACH_YES};
#define TWO POD("x", "a", "") POD("x", "b", ", ports: [{name: web, containerPort: 8080}]") POD("z", "c", "")

static void test_directions(void **state)
{
    (void)state;
    expect(TWO, spec, "a", "b", "All Connections");
    expect(TWO NP("x", "{podSelector: {}}"), spec, "a", "b", "No Connections");
    expect(TWO NP("x", "{podSelector: {}}"), spec, "a", "c", "All Connections"); // without egress rules only ingress is isolated
    expect(TWO NP("x", "{podSelector: {}}"), spec, "a", "*", "All Connections");
    expect(TWO NP("x", "{podSelector: {}, policyTypes: [Egress]}"), spec, "a", "*", "No Connections");
    expect(TWO NP("x", "{podSelector: {}, policyTypes: [Egress]}"), spec, "*", "a", "All Connections");
    expect(TWO NP("x", "{podSelector: {matchLabels: {app: b}}, ingress: [{from: [{podSelector: {}}], ports: [{port: web}]}]}"), spec, "a", "b", "TCP 8080");
    expect(TWO NP("x", "{podSelector: {matchLabels: {app: b}}, ingress: [{from: [{podSelector: {}}]}]}"), spec, "c", "b", "No Connections");
    expect(TWO NP("x", "{podSelector: {matchLabels: {app: b}}, ingress: [{from: [{namespaceSelector: {}}]}]}"), spec, "c", "b", "All Connections");
    // The classic: and in one item, or in two.
    expect(TWO NP("x", "{podSelector: {}, ingress: [{from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: z}}}]}]}"), spec, "c", "b", "No Connections");
    expect(TWO NP("x", "{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}, {podSelector: {matchLabels: {app: z}}}]}]}"), spec, "c", "b", "All Connections");
    // Both ends must allow the same port.
    expect(TWO NP("x", "{podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{ports: [{port: 1, endPort: 10}]}], egress: [{ports: [{port: 5, endPort: 20}]}]}"),
           spec, "a", "b", "TCP 5-10");
    expect(TWO NP("x", "{podSelector: {}, ingress: [{ports: [{protocol: UDP}]}]}"), spec, "a", "b", "UDP 1-65535");
}

static void test_blocks_and_pods(void **state)
{
    (void)state;
    const char *text = TWO NP("x", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}");
    struct reach_options yes = {.block_matches_pods = REACH_YES}, no = {.block_matches_pods = REACH_NO}, off = {.not_enforced = true};
    expect(text, spec, "a", "b", "No Connections/All Connections");
    expect(text, yes, "a", "b", "All Connections");
    expect(text, no, "a", "b", "No Connections");
    expect(text, no, "*", "b", "All Connections");
    expect(TWO NP("x", "{podSelector: {}}"), off, "a", "b", "All Connections");
    // A part of all addresses, and a Pod whose address nobody knows.
    expect(TWO NP("x", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}"), yes, "a", "b", "No Connections/All Connections");
}

static void test_tiers(void **state)
{
    (void)state;
#define ADMIN(name, priority, rules) "---\napiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: " name "}\n" \
    "spec: {priority: " priority ", subject: {namespaces: {}}, ingress: [" rules "]}\n"
#define BASE(rules) "---\napiVersion: policy.networking.k8s.io/v1alpha1\nkind: BaselineAdminNetworkPolicy\nmetadata: {name: default}\n" \
    "spec: {subject: {namespaces: {}}, ingress: [" rules "]}\n"
#define RULE(action, ports) "{action: " action ", from: [{namespaces: {}}]" ports "}"


    expect(TWO ADMIN("a", "5", RULE("Deny", "")) ADMIN("b", "4", RULE("Allow", "")), spec, "a", "b", "All Connections");
    expect(TWO ADMIN("a", "5", RULE("Allow", ", ports: [{portNumber: {protocol: TCP, port: 80}}]") ", " RULE("Deny", "")), spec, "a", "b", "TCP 80");
    expect(TWO NP("x", "{podSelector: {}}") ADMIN("a", "5", RULE("Allow", ", ports: [{portNumber: {protocol: TCP, port: 80}}]")), spec, "a", "b", "TCP 80");
    expect(TWO NP("x", "{podSelector: {}, ingress: [{}]}") BASE(RULE("Deny", "")), spec, "a", "b", "All Connections"); // final for what it selects
    expect(TWO BASE(RULE("Deny", "")), spec, "a", "b", "No Connections");
    expect(TWO BASE(RULE("Deny", "")), spec, "*", "b", "All Connections");
    expect(TWO BASE(RULE("Deny", "")) ADMIN("a", "5", RULE("Pass", ", ports: [{namedPort: web}]") ", " RULE("Allow", "")), spec, "a", "b",
           "SCTP 1-65535,TCP 1-8079,8081-65535,UDP 1-65535");
}

static void test_reasons(void **state)
{
    (void)state;
    struct cluster c;
    struct reach r;
    struct err e = {0};
    struct reach_reason x;
    cluster_read(&c, TWO NP("x", "{podSelector: {matchLabels: {app: b}}, ingress: [{from: [{podSelector: {matchLabels: {app: a}}}]}]}"));
    assert_int_equal(reach_build(&r, &c.v, &c.p, spec, &c.arena, &e), ERR_OK);
    reach_explain(&r, DIRECTION_INGRESS, class_of(&c, &r, "a"), class_of(&c, &r, "b"), 0, &x);
    assert_true(x.allowed && x.by == REACH_BY_RULE && x.n_rules == 1 && x.rules[0].rule == 0);
    reach_explain(&r, DIRECTION_INGRESS, class_of(&c, &r, "c"), class_of(&c, &r, "b"), 0, &x);
    assert_true(!x.allowed && x.by == REACH_BY_ISOLATION && x.n_rules == 1);
    reach_explain(&r, DIRECTION_EGRESS, class_of(&c, &r, "c"), class_of(&c, &r, "b"), 0, &x);
    assert_true(x.allowed && x.by == REACH_BY_DEFAULT);
    cluster_done(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_directions),
        cmocka_unit_test(test_blocks_and_pods),
        cmocka_unit_test(test_tiers),
        cmocka_unit_test(test_reasons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
