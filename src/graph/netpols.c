// All policies of the input: taken in one by one, put in the order in which they count.
#include <stdlib.h>

#include "graph/netpol_priv.h"

err_code netpols_init(struct netpols *p, struct inventory *v, struct err *e)
{
    *p = (struct netpols){.inventory = v};
    return rows_init(&p->selectors, v->arena, e);
}

static bool which_kind(const struct object *o, enum netpol_kind *ret)
{
    bool v1 = str_eq(o->group, S("networking.k8s.io")) || str_eq(o->group, S("extensions"));
    if (v1 && str_eq(o->kind, S("NetworkPolicy"))) {
        *ret = NETPOL_NETWORK;
        return true;
    }
    if (!str_eq(o->group, S("policy.networking.k8s.io")))
        return false;
    for (int k = NETPOL_ADMIN; k <= NETPOL_CLUSTER; k++)
        if (str_eq(o->kind, str_of(netpol_kind_name((enum netpol_kind)k)))) {
            *ret = (enum netpol_kind)k;
            return true;
        }
    return false;
}

err_code netpols_add(struct netpols *p, const struct object *o, const struct origin *origin, bool *ret_taken, struct err *e)
{
    struct inventory *v = p->inventory;
    struct netpol_reader r = {.p = p, .v = v, .scratch = &v->scratch, .o = o, .e = e};
    uint32_t earlier = INVENTORY_NONE, already = v->load->n_errors;
    *ret_taken = which_kind(o, &r.policy.kind);
    if (!*ret_taken)
        return ERR_OK;
    arena_reset(&v->scratch);
    r.policy.at.line = origin->line;
    r.policy.ns = INVENTORY_NONE;
    TRY(names_put(&v->names, origin->file, &r.policy.at.file, e));
    TRY(names_put(&v->names, o->name, &r.policy.name, e));
    if (r.policy.kind == NETPOL_NETWORK)
        TRY(inventory_namespace_of(v, o, r.policy.at, &r.policy.ns, e));
    TRY(inventory_check_types(v, o, &r.bad, e));
    if (!r.bad)
        TRY(r.policy.kind == NETPOL_NETWORK ? netpol_read_v1(&r) : netpol_read_tiered(&r));
    if (r.bad || v->load->n_errors > already) {
        return load_fault(v->load, "policy", true, o->metadata, e,
                          "%.*s %.*s is left out: the API server refuses it", STR_FMT(o->kind), STR_FMT(o->name));
    }
    TRY(inventory_seen(v, o, r.policy.ns, p->n, r.policy.at, &earlier, e));
    if (earlier != INVENTORY_NONE)
        p->all[earlier].replaced = true;
    TRY_GROW(p->all, p->n, p->cap, v->arena, e);
    p->all[p->n++] = r.policy;
    return ERR_OK;
}

err_code netpols_take(void *netpols, const struct object *o, const struct origin *at, struct err *e)
{
    struct netpols *p = netpols;
    bool taken = false;
    TRY(netpols_add(p, o, at, &taken, e));
    return taken ? ERR_OK : inventory_add(p->inventory, o, at, e);
}

// Evaluation order: tiers; in a tier by priority, then the order they came in.
static int in_order(const void *a, const void *b)
{
    const struct netpol *x = a, *y = b;
    if (x->tier != y->tier)
        return x->tier < y->tier ? -1 : 1;
    if (x->tier == TIER_NETWORK)
        return 0;
    if (x->priority != y->priority)
        return x->priority < y->priority ? -1 : 1;
    return x->kind < y->kind ? -1 : x->kind > y->kind;
}

static err_code check_namespaces(struct netpols *p, const struct netpol *n, const bool *has_pods, struct err *e)
{
    const struct inventory *v = p->inventory;
    static const char *const always[] = {"default", "kube-system", "kube-public", "kube-node-lease"};
    if (n->ns == INVENTORY_NONE || v->namespaces[n->ns].declared || has_pods[n->ns])
        return ERR_OK;
    for (unsigned i = 0; i < sizeof always / sizeof *always; i++)
        if (str_eq(inventory_str(v, v->namespaces[n->ns].name), str_of(always[i])))
            return ERR_OK;
    return load_fault_at(v->load, "dangling", true, (struct origin){inventory_str(v, n->at.file), n->at.line}, e,
                         "NetworkPolicy %.*s: its namespace %.*s is not there", STR_FMT(inventory_str(v, n->name)),
                         STR_FMT(inventory_str(v, v->namespaces[n->ns].name)));
}

err_code netpols_finish(struct netpols *p, struct err *e)
{
    struct inventory *v = p->inventory;
    bool *has_pods;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < p->n; i++)
        if (!p->all[i].replaced)
            p->all[kept++] = p->all[i];
    p->n = kept;
    struct netpol *sorted;
    TRY_NEW(sorted, v->arena, p->n, e);
    for (uint32_t t = 0, at = 0; t < TIERS; t++) { // stable over tiers; qsort of what has an order only
        uint32_t from = at;
        for (uint32_t i = 0; i < p->n; i++)
            if (p->all[i].tier == t)
                sorted[at++] = p->all[i];
        if (t != TIER_NETWORK && at > from)
            qsort(sorted + from, at - from, sizeof *sorted, in_order);
        for (uint32_t i = from + 1; t != TIER_NETWORK && i < at; i++)
            if (sorted[i].priority == sorted[i - 1].priority && sorted[i].kind != NETPOL_BASELINE)
                TRY(load_fault_at(v->load, "priority", false, (struct origin){inventory_str(v, sorted[i].at.file), sorted[i].at.line}, e,
                                  "%s %.*s has the priority %u of %.*s: which of the two counts is not defined",
                                  netpol_kind_name(sorted[i].kind), STR_FMT(inventory_str(v, sorted[i].name)),
                                  sorted[i].priority, STR_FMT(inventory_str(v, sorted[i - 1].name))));
    }
    p->all = sorted;
    p->cap = p->n;
    TRY_NEW(has_pods, v->arena, v->n_namespaces, e);
    for (uint32_t i = 0; i < v->n_pods; i++)
        has_pods[v->pods[i].ns] = true;
    for (uint32_t i = 0; i < p->n; i++)
        TRY(check_namespaces(p, &p->all[i], has_pods, e));
    return ERR_OK;
}
