#include "graph/represent.h"

#include <stdlib.h>

#include "kube/selector.h"

static int by_key(const void *a, const void *b)
{
    uint32_t x = **(const uint32_t *const *)a, y = **(const uint32_t *const *)b;
    return x < y ? -1 : x > y;
}

static int by_id(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static bool has(const uint32_t *values, uint32_t n, uint32_t value)
{
    for (uint32_t i = 0; i < n; i++)
        if (values[i] == value)
            return true;
    return false;
}

struct facts {
    uint32_t *words, n;
};

static void put_fact(struct facts *f, uint32_t key, enum selector_operator operator, uint32_t n_values)
{
    f->words[f->n] = key;
    f->words[f->n + 1] = operator;
    f->words[f->n + 2] = n_values;
    qsort(f->words + f->n + 3, n_values, sizeof *f->words, by_id);
    f->n += 3 + n_values;
}

// Values of the first In that the other terms of the key let stand.
static bool put_values(struct facts *f, const uint32_t *const *terms, uint32_t n, const uint32_t *in)
{
    uint32_t found = 0;
    for (uint32_t k = 0; k < in[2]; k++) {
        bool good = !has(f->words + f->n + 3, found, in[3 + k]);
        for (uint32_t i = 0; i < n; i++)
            good = good && (terms[i][1] >= SELECTOR_EXISTS || has(terms[i] + 3, terms[i][2], in[3 + k]) == (terms[i][1] == SELECTOR_IN));
        if (good)
            f->words[f->n + 3 + found++] = in[3 + k];
    }
    put_fact(f, in[0], SELECTOR_IN, found);
    return found > 0;
}

// What the terms of one key say together: DoesNotExist, or In, or Exists and NotIn. False: nothing meets them.
static bool put_key(struct facts *f, const uint32_t *const *terms, uint32_t n)
{
    const uint32_t *in = NULL;
    bool exists = false, absent = false;
    uint32_t found = 0;
    for (uint32_t i = 0; i < n; i++) {
        in = terms[i][1] == SELECTOR_IN && !in ? terms[i] : in;
        exists = exists || terms[i][1] == SELECTOR_EXISTS;
        absent = absent || terms[i][1] == SELECTOR_NOT_EXISTS;
    }
    if (absent)
        put_fact(f, terms[0][0], SELECTOR_NOT_EXISTS, 0);
    if (absent || in)
        return absent ? !in && !exists : put_values(f, terms, n, in);
    if (exists)
        put_fact(f, terms[0][0], SELECTOR_EXISTS, 0);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < terms[i][2]; k++)
            if (!has(f->words + f->n + 3, found, terms[i][3 + k]))
                f->words[f->n + 3 + found++] = terms[i][3 + k];
    if (found)
        put_fact(f, terms[0][0], SELECTOR_NOT_IN, found);
    return true;
}

// A selector as a label set of which nothing else is known. also: a label that is there in any case, or 0. False: nothing
// meets the selector.
static err_code labels_for(struct netpols *p, netpol_selector s, name_id also, uint32_t *ret, bool *ret_found, struct err *e)
{
    struct inventory *v = p->inventory;
    const struct rows_row *row = &p->selectors.rows[s];
    const uint32_t there[] = {also, SELECTOR_EXISTS, 0}, **terms;
    struct facts f = {.n = 1};
    uint32_t n = 0;
    TRY_NEW(terms, v->arena, row->n / 3 + 1, e);
    TRY_NEW(f.words, v->arena, 2 * row->n + 8, e);
    f.words[0] = SELECTOR_ONLY;
    for (uint32_t at = 0; at < row->n; at += 3 + row->words[at + 2])
        terms[n++] = row->words + at;
    if (also)
        terms[n++] = there;
    qsort(terms, n, sizeof *terms, by_key);
    *ret_found = true;
    for (uint32_t i = 0, k; i < n; i = k) {
        for (k = i + 1; k < n && *terms[k] == *terms[i]; k++)
            ;
        *ret_found = put_key(&f, terms + i, k - i) && *ret_found;
    }
    return rows_put(&v->labels, f.words, f.n, ret, e);
}

// The namespace a selector names by its implicit label, and nothing else; or 0.
static name_id named_namespace(const struct netpols *p, netpol_selector s)
{
    const struct rows_row *row = &p->selectors.rows[s];
    bool one = row->n == 4 && row->words[1] == SELECTOR_IN && row->words[2] == 1;
    return one && row->words[0] == p->inventory->metadata_name ? row->words[3] : 0;
}

// The one name that the facts about a namespace leave it; or 0.
static name_id only_name(const struct inventory *v, const struct rows_row *facts)
{
    for (uint32_t k = 1; k < facts->n; k += 3 + facts->words[k + 2])
        if (facts->words[k] == v->metadata_name && facts->words[k + 1] == SELECTOR_IN && facts->words[k + 2] == 1)
            return facts->words[k + 3];
    return 0;
}

static err_code namespace_for(struct netpols *p, const struct netpol_pods *c, uint32_t *ret, bool *ret_found, struct err *e)
{
    struct inventory *v = p->inventory;
    uint32_t labels;
    *ret = c->ns;
    *ret_found = true;
    if (c->ns != INVENTORY_NONE)
        return ERR_OK;
    if (named_namespace(p, c->namespaces))
        return inventory_namespace(v, inventory_str(v, named_namespace(p, c->namespaces)), (struct inventory_origin){0}, ret, e);
    TRY(labels_for(p, c->namespaces, v->metadata_name, &labels, ret_found, e));
    if (!*ret_found)
        return ERR_OK;
    name_id name = only_name(v, &v->labels.rows[labels]);
    *ret = name ? inventory_find_namespace(v, inventory_str(v, name)) : INVENTORY_NONE;
    if (*ret != INVENTORY_NONE && v->namespaces[*ret].declared) { // its labels are known: it is the one that is meant, or none is
        *ret_found = netpol_selects(p, c->namespaces, v->namespaces[*ret].labels);
        return ERR_OK;
    }
    TRY_GROW(v->namespaces, v->n_namespaces, v->cap_namespaces, v->arena, e);
    *ret = v->n_namespaces;
    v->namespaces[v->n_namespaces++] = (struct inventory_namespace){.labels = labels};
    return ERR_OK;
}

static err_code add(struct netpols *p, const struct netpol_pods *c, struct represent_peers *ret, struct err *e)
{
    struct inventory *v = p->inventory;
    uint32_t ns, labels;
    bool has_ns, has_pod;
    for (uint32_t i = 0; i < ret->n; i++)
        if (ret->all[i].chosen.ns == c->ns && ret->all[i].chosen.namespaces == c->namespaces && ret->all[i].chosen.pods == c->pods)
            return ERR_OK;
    if (c->ns == INVENTORY_NONE && !c->namespaces && !c->pods)
        return ERR_OK;
    TRY(labels_for(p, c->pods, 0, &labels, &has_pod, e));
    if (!has_pod)
        return ERR_OK;
    TRY(namespace_for(p, c, &ns, &has_ns, e));
    if (!has_ns)
        return ERR_OK;
    for (uint32_t i = 0; i < ret->n; i++) { // the same choice in other words
        const struct inventory_pod *o = &v->pods[ret->all[i].pod];
        if (o->labels == labels && (o->ns == ns || (!v->namespaces[ns].name && v->namespaces[o->ns].labels == v->namespaces[ns].labels)))
            return ERR_OK;
    }
    TRY_GROW(v->workloads, v->n_workloads, v->cap_workloads, v->arena, e);
    TRY_GROW(v->pods, v->n_pods, v->cap_pods, v->arena, e);
    TRY_GROW(ret->all, ret->n, ret->cap, v->arena, e);
    ret->all[ret->n++] = (struct represent_peer){*c, v->n_pods};
    v->pods[v->n_pods++] = (struct inventory_pod){.ns = ns, .labels = labels, .workload = v->n_workloads};
    v->workloads[v->n_workloads++] = (struct inventory_workload){.ns = ns, .replicas = 1, .unknown = true, .is_there = true, .owner = INVENTORY_NONE};
    return ERR_OK;
}

err_code represent_add(struct netpols *p, struct represent_peers *ret, struct err *e)
{
    *ret = (struct represent_peers){0};
    for (uint32_t i = 0; i < p->n; i++)
        for (uint32_t k = 0; k < p->all[i].n_rules; k++)
            for (uint32_t j = 0; j < p->all[i].rules[k].n_peers; j++) {
                const struct netpol_peer *peer = &p->all[i].rules[k].peers[j];
                if (peer->kind == PEER_PODS && !peer->any)
                    TRY(add(p, &peer->pods, ret, e));
            }
    return ERR_OK;
}

void represent_put(const struct netpols *p, struct buf *b, const struct netpol_pods *c)
{
    const struct inventory *v = p->inventory;
    name_id name = c->ns != INVENTORY_NONE ? v->namespaces[c->ns].name : named_namespace(p, c->namespaces);
    if (name)
        buf_put(b, inventory_str(v, name));
    else if (!c->namespaces)
        buf_put(b, S("[all namespaces]"));
    else {
        buf_put(b, S("[namespace with {"));
        netpol_put_selector(p, b, c->namespaces);
        buf_put(b, S("}]"));
    }
    buf_put(b, c->pods ? S("/[pod with {") : S("/[all pods]"));
    if (c->pods) {
        netpol_put_selector(p, b, c->pods);
        buf_put(b, S("}]"));
    }
}
