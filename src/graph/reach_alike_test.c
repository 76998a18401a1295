#include "graph/reach_alike.h"

#include "graph/cluster_test.h"

#define POD(name, labels, ip) "---\napiVersion: v1\nkind: Pod\nmetadata: {name: " name ", namespace: x, labels: {" labels "}}\n" \
    "spec: {containers: [{name: c, image: i}]}\nstatus: {podIP: " ip "}\n"
#define NP(name, spec) "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: " name ", namespace: x}\nspec: " spec "\n"

// Four kinds of Pods to the rules; but c's label is asked for where nothing comes of it, and blocks cut d and e from each other to no effect
// unless they count against Pods.
static const char text[] =
    POD("a", "app: a", "10.0.0.1") POD("a2", "app: a", "10.0.0.2") POD("b", "app: b", "10.0.0.3") POD("c", "app: b, more: sure", "10.0.0.4")
    POD("d", "app: d", "10.0.0.5") POD("e", "app: d", "10.0.0.200")
    NP("one", "{podSelector: {matchLabels: {app: a}}, ingress: [{from: [{podSelector: {matchLabels: {app: b}}}], ports: [{port: 80}]}, "
              "{from: [{podSelector: {matchLabels: {app: b, more: sure}}}], ports: [{port: 80}]}, "
              "{from: [{ipBlock: {cidr: 10.0.0.0/25}}], ports: [{port: 90, endPort: 100}]}]}")
    NP("two", "{podSelector: {matchLabels: {app: d}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: a}}}]}]}");

static bool same_cells(const struct reach *r, uint32_t i, uint32_t k, bool rows, const struct reach_view *view)
{
    struct reach_row row[2];
    struct err e = {0};
    bool same = true;
    for (int n = 0; n < 2; n++)
        assert_int_equal(reach_row_init(&row[n], r, r->arena, &e), ERR_OK);
    for (uint32_t x = 0; x < (rows ? r->n_columns : r->n_rows); x++) {
        const uint64_t *counted = rows ? view->columns : view->rows;
        if (counted && !(counted[x / 64] >> (x % 64) & 1))
            continue;
        reach_row(r, rows ? i : x, &row[0]);
        reach_row(r, rows ? k : x, &row[1]);
        uint32_t c[2] = {rows ? x : i, rows ? x : k};
        for (uint32_t a = 0; a < r->n_atoms; a++) {
            uint64_t bit[2][2];
            for (int n = 0; n < 2; n++) {
                bit[n][0] = reach_word(r, &row[n].low, a, c[n] / 64) >> (c[n] % 64) & 1;
                bit[n][1] = reach_word(r, &row[n].high, a, c[n] / 64) >> (c[n] % 64) & 1;
            }
            same = same && bit[0][0] == bit[1][0] && (view->certain || bit[0][1] == bit[1][1]);
        }
    }
    return same;
}

// Digests are the same exactly where cells are.
static void expect_digests(const struct reach *r, const struct reach_view *view)
{
    struct reach_digests d;
    struct err e = {0};
    assert_int_equal(reach_digest(r, view, r->arena, &d, &e), ERR_OK);
    for (int rows = 0; rows < 2; rows++)
        for (uint32_t i = 0; i < (rows ? r->n_rows : r->n_columns); i++)
            for (uint32_t k = 0; k < i; k++) {
                const struct reach_digest *of = rows ? d.rows : d.columns;
                assert_int_equal(of[i].a == of[k].a && of[i].b == of[k].b, same_cells(r, i, k, rows, view));
            }
}

static void test_digests(void **state)
{
    (void)state;
    for (int choice = 0; choice < 3; choice++) {
        struct cluster c;
        struct reach r;
        struct err e = {0};
        const struct reach_options o = {.block_matches_pods = (enum reach_choice)choice, .host_network_as_pods = REACH_YES};
        cluster_read(&c, text);
        assert_int_equal(reach_build(&r, &c.v, &c.p, o, &c.arena, &e), ERR_OK);
        uint64_t some[] = {0x15};
        assert_true(r.words == 1);
        expect_digests(&r, &(struct reach_view){0});
        expect_digests(&r, &(struct reach_view){.certain = true});
        expect_digests(&r, &(struct reach_view){.rows = some, .columns = some});
        expect_digests(&r, &(struct reach_view){.rows = some, .columns = some, .certain = true});
        cluster_done(&c);
    }
}

static void test_alike(void **state)
{
    (void)state;
    // a and a2, b and c, d, e (with d where blocks do not count), and those of which nothing is known.
    static const uint32_t wanted[] = {[REACH_UNKNOWN] = 5, [REACH_YES] = 5, [REACH_NO] = 4};
    for (int choice = 0; choice < 3; choice++) {
        struct cluster c;
        struct reach r;
        struct reach_digests d;
        struct err e = {0};
        uint32_t *of, n;
        const struct reach_options o = {.block_matches_pods = (enum reach_choice)choice, .host_network_as_pods = REACH_YES};
        cluster_read(&c, text);
        assert_int_equal(reach_build(&r, &c.v, &c.p, o, &c.arena, &e), ERR_OK);
        assert_int_equal(reach_digest(&r, &(struct reach_view){0}, &c.arena, &d, &e), ERR_OK);
        assert_int_equal(reach_alike(&r, &d, &c.arena, &of, &n, &e), ERR_OK);
        assert_int_equal(n, wanted[choice]);
        assert_int_equal(r.n_classes, n + 1); // b and c are asked for by different labels
        cluster_done(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_digests), cmocka_unit_test(test_alike)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
