#include "graph/represent.h"

#include <stdio.h>

#include "graph/cluster_test.h"

// A policy whose ingress rules name these peers, one rule each.
#define FROM(peers) \
    "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: np, namespace: default}\n" \
    "spec: {podSelector: {}, ingress: [" peers "]}\n"
#define PODS(expressions) "{from: [{podSelector: {matchExpressions: [" expressions "]}}]}"
#define NS(expressions) "{from: [{namespaceSelector: {matchExpressions: [" expressions "]}}]}"
#define IN(key, values) "{key: " key ", operator: In, values: [" values "]}"
#define NOT_IN(key, values) "{key: " key ", operator: NotIn, values: [" values "]}"
#define EXISTS(key) "{key: " key ", operator: Exists}"
#define NONE(key) "{key: " key ", operator: DoesNotExist}"

static struct represent_peers peers_of(struct cluster *c, const char *text)
{
    struct represent_peers peers;
    struct err e = {0};
    cluster_load(c, text);
    assert_int_equal(represent_add(&c->p, &peers, &e), ERR_OK);
    cluster_finish(c);
    cluster_expect_problems(c, "");
    return peers;
}

static void expect_peers(const char *text, const char *wanted)
{
    struct cluster c;
    struct represent_peers peers = peers_of(&c, text);
    OWN_BUF struct buf b = buf_new(1 << 16);
    for (uint32_t i = 0; i < peers.n; i++) {
        if (i)
            buf_put(&b, S(" and "));
        represent_put(&c.p, &b, &peers.all[i].chosen);
    }
    buf_putc(&b, '\0');
    assert_string_equal(b.p, wanted);
    cluster_done(&c);
}

static void test_choices(void **state)
{
    (void)state;
    expect_peers(FROM(PODS(IN("a", "x"))), "default/[pod with {a=x}]");
    // The same in other words once; what nothing can meet not at all.
    expect_peers(FROM("{from: [{podSelector: {matchLabels: {a: x}}}]}," PODS(IN("a", "x") "," EXISTS("a"))), "default/[pod with {a=x}]");
    expect_peers(FROM(PODS(IN("a", "x") "," NONE("a"))), "");
    expect_peers(FROM(PODS(IN("a", "x, w") "," NOT_IN("a", "x, w"))), "");
    expect_peers(FROM(PODS(IN("a", "x, w") "," NOT_IN("a", "x"))), "default/[pod with {a in (x,w),a notin (x)}]");
    // A namespace that is there is what its labels are; every namespace has its name.
    expect_peers("apiVersion: v1\nkind: Namespace\nmetadata: {name: one, labels: {t: a}}\n---\n" FROM(
                     NS(IN("kubernetes.io/metadata.name", "one") "," IN("t", "b"))), "");
    expect_peers("apiVersion: v1\nkind: Namespace\nmetadata: {name: one, labels: {t: a}}\n---\n" FROM(
                     NS(IN("kubernetes.io/metadata.name", "one") "," IN("t", "a"))),
                 "[namespace with {kubernetes.io/metadata.name=one,t=a}]/[all pods]");
    expect_peers(FROM(NS(NONE("kubernetes.io/metadata.name"))), "");
}

// Is what the first rule chooses chosen by the second one in any case?
static void implies(const char *first, const char *second, bool wanted)
{
    char text[1024];
    struct cluster c;
    (void)snprintf(text, sizeof text, FROM("%s,%s"), first, second);
    struct represent_peers peers = peers_of(&c, text);
    bool alike = peers.n == 1;
    const struct inventory_pod *pod = &c.v.pods[peers.all[0].pod];
    const struct netpol_pods *other = &c.p.all[0].rules[1].peers[0].pods;
    bool got = netpol_selects(&c.p, other->pods, pod->labels) &&
               (other->ns != INVENTORY_NONE || netpol_selects(&c.p, other->namespaces, c.v.namespaces[pod->ns].labels));
    if (got != wanted || (alike && !got))
        fail_msg("%s: %s is %s", first, second, got ? "implied" : "not implied");
    cluster_done(&c);
}

static void test_what_follows(void **state)
{
    (void)state;
    implies(PODS(IN("a", "x")), PODS(IN("a", "x, w")), true);
    implies(PODS(IN("a", "x, w")), PODS(IN("a", "x")), false);
    implies(PODS(IN("a", "x, w") "," NOT_IN("a", "w")), PODS(IN("a", "x")), true);
    implies(PODS(IN("a", "x")), PODS(EXISTS("a")), true);
    implies(PODS(EXISTS("a")), PODS(IN("a", "x")), false);
    implies(PODS(IN("a", "x")), PODS(NOT_IN("a", "w")), true);
    implies(PODS(IN("a", "x, w")), PODS(NOT_IN("a", "w")), false);
    implies(PODS(NOT_IN("a", "x, w")), PODS(NOT_IN("a", "w")), true);
    implies(PODS(NOT_IN("a", "w")), PODS(NOT_IN("a", "x, w")), false);
    implies(PODS(NOT_IN("a", "x")), PODS(EXISTS("a")), false);
    implies(PODS(NOT_IN("a", "x") "," EXISTS("a")), PODS(EXISTS("a")), true);
    implies(PODS(NOT_IN("a", "x") "," EXISTS("a")), PODS(NOT_IN("a", "x")), true);
    implies(PODS(NONE("a")), PODS(NOT_IN("a", "x")), true);
    implies(PODS(NONE("a")), PODS(NONE("a")), true);
    implies(PODS(NOT_IN("a", "x")), PODS(NONE("a")), false);
    implies(PODS(IN("b", "x")), PODS(NONE("a")), false);
    implies(PODS(IN("b", "x")), PODS(NOT_IN("a", "x")), false);
    implies(NS(IN("t", "x")), NS(EXISTS("kubernetes.io/metadata.name")), true);
    implies(NS(IN("t", "x")), NS(NOT_IN("kubernetes.io/metadata.name", "one")), false);
    implies(NS(IN("kubernetes.io/metadata.name", "m, o")), NS(NOT_IN("kubernetes.io/metadata.name", "one")), true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_choices),
        cmocka_unit_test(test_what_follows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
