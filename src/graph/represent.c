#include "graph/represent.h"

#include <stdlib.h>

#include "kube/selector.h"

static int by_key(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

// Labels that a selector takes: of In the first value that its other terms let stand, of Exists any. False: there are none.
static err_code labels_for(struct netpols *p, netpol_selector s, uint32_t *ret, bool *ret_found, struct err *e)
{
    struct inventory *v = p->inventory;
    const struct rows_row *row = &p->selectors.rows[s];
    uint32_t *pairs, n = 0, most = 2;
    name_id any;
    for (uint32_t at = 0; at < row->n; at += 3 + row->words[at + 2])
        most += 2;
    TRY_NEW(pairs, v->arena, most, e);
    TRY(names_put(&v->names, S("any"), &any, e));
    for (uint32_t at = 0; at < row->n; at += 3 + row->words[at + 2]) {
        const uint32_t *t = row->words + at;
        uint32_t k = 0;
        while (k < n && pairs[2 * k] != t[0])
            k++;
        if (k < n || t[1] == SELECTOR_NOT_IN || t[1] == SELECTOR_NOT_EXISTS)
            continue;
        pairs[2 * n] = t[0];
        pairs[2 * n + 1] = t[1] == SELECTOR_IN ? t[3] : any;
        n++;
    }
    for (uint32_t at = 0; at < row->n; at += 3 + row->words[at + 2]) { // a later In is stricter than an earlier Exists
        const uint32_t *t = row->words + at;
        for (uint32_t k = 0; t[1] == SELECTOR_IN && k < n; k++)
            if (pairs[2 * k] == t[0] && pairs[2 * k + 1] == any)
                pairs[2 * k + 1] = t[3];
    }
    qsort(pairs, n, 2 * sizeof *pairs, by_key);
    TRY(rows_put(&v->labels, pairs, 2 * n, ret, e));
    *ret_found = netpol_selects(p, s, *ret);
    return ERR_OK;
}

// The namespace a selector names by its implicit label, and nothing else; or 0.
static name_id named_namespace(const struct netpols *p, netpol_selector s)
{
    const struct rows_row *row = &p->selectors.rows[s];
    bool one = row->n == 4 && row->words[1] == SELECTOR_IN && row->words[2] == 1;
    return one && str_eq(inventory_str(p->inventory, row->words[0]), S("kubernetes.io/metadata.name")) ? row->words[3] : 0;
}

static err_code namespace_for(struct netpols *p, const struct netpol_pods *c, uint32_t *ret, bool *ret_found, struct err *e)
{
    struct inventory *v = p->inventory;
    name_id name = c->ns == INVENTORY_NONE ? named_namespace(p, c->namespaces) : 0;
    uint32_t labels;
    *ret = c->ns;
    *ret_found = true;
    if (c->ns != INVENTORY_NONE)
        return ERR_OK;
    if (name)
        return inventory_namespace(v, inventory_str(v, name), (struct inventory_origin){0}, ret, e);
    TRY(labels_for(p, c->namespaces, &labels, ret_found, e));
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
    TRY(namespace_for(p, c, &ns, &has_ns, e));
    TRY(labels_for(p, c->pods, &labels, &has_pod, e));
    if (!has_ns || !has_pod)
        return ERR_OK;
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
