// Workloads of which net exposure says the same.
#include <stdlib.h>

#include "base/hash.h"
#include "cmd/net_crowd.h"
#include "graph/reach_alike.h"

static void set(uint64_t *bits, uint32_t bit)
{
    bits[bit / 64] |= (uint64_t)1 << (bit % 64);
}

// The rows and columns that exposure asks about: Pods of which nothing, or only a rule's choice, is known, and all outside.
static err_code asked_about(const struct net_input *in, struct arena *a, struct reach_view *ret, uint32_t *ret_n, struct err *e)
{
    const struct reach *r = &in->reach;
    const struct inventory *v = &in->inventory;
    uint64_t *of[DIRECTIONS];
    const uint32_t n[DIRECTIONS] = {r->n_rows, r->n_columns};
    for (int d = 0; d < DIRECTIONS; d++) {
        TRY_NEW(of[d], a, (size_t)n[d] / 64 + 1, e);
        set(of[d], r->class_of_pod[v->by_workload[v->workloads[v->unknown].first_pod]]);
        for (uint32_t i = 0; i < in->peers.n; i++)
            set(of[d], r->class_of_pod[in->peers.all[i].pod]);
        for (uint32_t i = r->n_classes; i < n[d]; i++)
            set(of[d], i);
    }
    *ret = (struct reach_view){.rows = of[DIRECTION_INGRESS], .columns = of[DIRECTION_EGRESS]};
    *ret_n = 2 * (1 + in->peers.n) + r->n_outside[0] + r->n_outside[1];
    return ERR_OK;
}

enum { MOST_QUESTIONS = 250000 }; // of exposure about groups: milliseconds for each hundred
enum { KEY = 14 }; // words: digests of row and column, of the policies that select the class; its namespace and names of ports

static err_code class_keys(const struct net_input *in, const struct reach_digests *d, struct arena *a, uint32_t **ret, struct err *e)
{
    const struct reach *r = &in->reach;
    struct rows keys;
    struct reach_digest *policies;
    TRY(rows_init(&keys, a, e));
    TRY_NEW(policies, a, r->n_classes, e);
    TRY_NEW(*ret, a, r->n_classes, e);
    for (uint32_t i = 0; i < in->netpols.n; i++) {
        size_t mark = arena_mark(a);
        uint32_t *classes, n;
        TRY(reach_selected(r, i, a, &classes, &n, e));
        for (uint32_t k = 0; k < n; k++) {
            policies[classes[k]].a += hash_mix(i * 0x9e3779b97f4a7c15u + 1, 0xd6e8feb86659fd93u);
            policies[classes[k]].b += hash_mix(i * 0xe7037ed1a0b428dbu + 3, 0x8ebc6af09c88c6e3u);
        }
        arena_rewind(a, mark);
    }
    for (uint32_t c = 0; c < r->n_classes; c++) {
        uint32_t key[KEY] = {r->classes[c].ns_class, r->classes[c].port_names * 2 + r->classes[c].host_network};
        memcpy(key + 2, &d->rows[c], 16);
        memcpy(key + 6, &d->columns[c], 16);
        memcpy(key + 10, &policies[c], 16);
        TRY(rows_put(&keys, key, KEY, &(*ret)[c], e));
    }
    return ERR_OK;
}

struct keys {
    const struct net_crowd *c;
    const uint32_t *key_of; // by class
};

static uint32_t key_of_party(const void *ctx, enum netpol_direction d, uint32_t party, uint32_t *key)
{
    const struct keys *k = ctx;
    const struct net_party *p = &k->c->all[d].all[party];
    bool alone = p->range != INVENTORY_NONE || p->n_classes > 1;
    key[0] = p->range != INVENTORY_NONE ? 0 : p->n_classes == 1 ? 1 : 2;
    key[1] = alone ? party : k->key_of[p->classes[0]];
    return 2;
}

static err_code group(struct net_request *q, struct net_crowd *c, const uint32_t *key_of, struct err *e)
{
    const struct keys k = {c, key_of};
    TRY(net_crowd_collect(c, DIRECTION_INGRESS, 2, key_of_party, &k, &q->memory, NULL, e));
    return net_crowd_name(c, DIRECTION_INGRESS, &q->memory, e);
}

static int by_size(const void *a, const void *b)
{
    const struct net_party *x = a, *y = b;
    if (x->n_more != y->n_more)
        return x->n_more > y->n_more ? -1 : 1;
    return x->first < y->first ? -1 : x->first > y->first;
}

static int by_first(const void *a, const void *b)
{
    const struct net_party *x = a, *y = b;
    return x->first < y->first ? -1 : x->first > y->first;
}

// Keeps the ranges and the largest groups; namespaces of which workloads are left out are named.
static err_code cut(struct net_input *in, struct net_request *q, struct net_crowd *c, uint32_t most, struct err *e)
{
    const struct inventory *v = &in->inventory;
    struct net_parties *p = &c->of[DIRECTION_INGRESS];
    uint32_t first = 0, *left_out;
    while (first < p->n && p->all[first].range != INVENTORY_NONE)
        first++;
    if (p->n - first <= most)
        return ERR_OK;
    TRY_NEW(left_out, &q->memory, v->n_namespaces, e);
    qsort(p->all + first, p->n - first, sizeof *p->all, by_size);
    for (uint32_t i = first + most; i < p->n; i++)
        for (uint32_t k = p->all[i].first; k != INVENTORY_NONE; k = c->next[DIRECTION_INGRESS][k])
            left_out[v->workloads[c->all[DIRECTION_INGRESS].all[k].workload].ns]++;
    p->n = first + most;
    qsort(p->all + first, most, sizeof *p->all, by_first);
    for (uint32_t i = 0; i < v->n_namespaces; i++) {
        if (!left_out[i])
            continue;
        str message = arena_printf(&q->memory, "namespace %.*s: %u of its workloads are not listed, they are open to too many different peers; --group lists "
                                               "those alike together, --each one by one",
                                   STR_FMT(inventory_str(v, v->namespaces[i].name)), left_out[i]);
        TRY(net_crowd_say(in, q, v->namespaces[i].at, message, e));
    }
    return ERR_OK;
}

err_code net_crowd_make_exposed(struct net_input *in, struct net_request *q, struct net_crowd *c, struct err *e)
{
    struct reach_view view;
    struct reach_digests digests;
    uint32_t *key_of = NULL, n_asked = 0;
    c->of[DIRECTION_INGRESS] = c->all[DIRECTION_INGRESS];
    c->together = !q->each && (q->group || c->all[DIRECTION_INGRESS].n > NET_MOST_APART);
    if (!c->together)
        return ERR_OK;
    TRY(asked_about(in, &q->memory, &view, &n_asked, e));
    TRY(reach_digest(&in->reach, &view, &q->memory, &digests, e));
    TRY(class_keys(in, &digests, &q->memory, &key_of, e));
    TRY(group(q, c, key_of, e));
    return q->group ? ERR_OK : cut(in, q, c, MOST_QUESTIONS / n_asked + 1, e);
}
