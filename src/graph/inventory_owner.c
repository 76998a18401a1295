// From Pods to the workloads that own them, once all objects are there.
#include "graph/inventory_priv.h"

// A ReplicaSet that is not there, but whose Deployment is: Pods say which part of the name is the template's hash.
static uint32_t deployment_of(const struct inventory *v, const struct inventory_pod *p)
{
    const struct inventory_workload *w = &v->workloads[p->workload];
    name_id key = names_find(&v->names, S("pod-template-hash")), kind = names_find(&v->names, S("Deployment"));
    if (key == UINT32_MAX || kind == UINT32_MAX || !str_eq(inventory_str(v, w->kind), S("ReplicaSet")))
        return INVENTORY_NONE;
    name_id value = inventory_label(v, p->labels, key);
    str name = inventory_str(v, w->name), hash = value == UINT32_MAX ? S("") : inventory_str(v, value);
    if (!hash.n || name.n < hash.n + 2 || !str_ends(name, hash) || name.p[name.n - hash.n - 1] != '-')
        return INVENTORY_NONE;
    name_id owner = names_find(&v->names, str_head(name, name.n - hash.n - 1));
    uint32_t index = owner == UINT32_MAX ? INVENTORY_NONE : inventory_find_workload(v, w->ns, kind, owner);
    return index != INVENTORY_NONE && v->workloads[index].is_there ? index : INVENTORY_NONE;
}

// As far up as objects are there. A cycle of owners ends where it was entered.
static err_code top(struct inventory *v, uint32_t workload, uint32_t *ret, struct err *e)
{
    uint32_t at = workload;
    for (unsigned steps = 0;; steps++) {
        uint32_t owner = v->workloads[at].owner;
        if (owner == INVENTORY_NONE || !v->workloads[owner].is_there)
            break;
        if (owner == workload || steps == 16) {
            const struct inventory_workload *w = &v->workloads[workload];
            TRY(load_fault_at(v->load, "cycle", false, (struct origin){inventory_str(v, w->at.file), w->at.line}, e,
                              "%.*s %.*s: its owner references lead back to it", STR_FMT(inventory_str(v, w->kind)),
                              STR_FMT(inventory_str(v, w->name))));
            at = workload;
            break;
        }
        at = owner;
    }
    *ret = at;
    return ERR_OK;
}

static err_code collapse(struct inventory *v, struct err *e)
{
    uint32_t *tops;
    TRY_NEW(tops, v->arena, v->n_workloads, e);
    for (uint32_t i = 0; i < v->n_workloads; i++)
        TRY(top(v, i, &tops[i], e));
    for (uint32_t i = 0; i < v->n_pods; i++) {
        struct inventory_pod *p = &v->pods[i];
        uint32_t own = p->workload, up = tops[own];
        if (up == own && !v->workloads[own].is_there) {
            uint32_t deployment = deployment_of(v, p);
            up = deployment == INVENTORY_NONE ? own : tops[deployment];
        }
        p->workload = up;
        if (p->is_template && up != own)
            p->replaced = true; // its owner's template stands for it
    }
    return ERR_OK;
}

// A Pod that is not in the input and of which nothing is known, as an ingress controller: only rules that choose all
// Pods, or all namespaces, choose it.
static err_code add_unknown(struct inventory *v, struct err *e)
{
    TRY_GROW(v->namespaces, v->n_namespaces, v->cap_namespaces, v->arena, e);
    v->namespaces[v->n_namespaces++] = (struct inventory_namespace){.unknown = true};
    TRY_GROW(v->workloads, v->n_workloads, v->cap_workloads, v->arena, e);
    v->unknown = v->n_workloads;
    v->workloads[v->n_workloads++] =
        (struct inventory_workload){.ns = v->n_namespaces - 1, .replicas = 1, .unknown = true, .is_there = true, .owner = INVENTORY_NONE};
    TRY_GROW(v->pods, v->n_pods, v->cap_pods, v->arena, e);
    v->pods[v->n_pods++] = (struct inventory_pod){.ns = v->n_namespaces - 1, .workload = v->unknown};
    return ERR_OK;
}

static err_code index_namespaces(struct inventory *v, struct err *e)
{
    uint32_t *at;
    TRY_NEW(v->ns_first, v->arena, v->n_namespaces + 1, e);
    TRY_NEW(at, v->arena, v->n_namespaces + 1, e);
    TRY_NEW(v->pods_of_ns, v->arena, v->n_pods, e);
    for (uint32_t i = 0; i < v->n_pods; i++)
        v->ns_first[v->pods[i].ns + 1] += !v->pods[i].replaced;
    for (uint32_t i = 0; i < v->n_namespaces; i++)
        v->ns_first[i + 1] += v->ns_first[i];
    memcpy(at, v->ns_first, v->n_namespaces * sizeof *at);
    for (uint32_t i = 0; i < v->n_pods; i++)
        if (!v->pods[i].replaced)
            v->pods_of_ns[at[v->pods[i].ns]++] = i;
    return ERR_OK;
}

err_code inventory_finish(struct inventory *v, struct err *e)
{
    uint32_t *real;
    TRY(add_unknown(v, e));
    TRY(collapse(v, e));
    TRY_NEW(real, v->arena, v->n_workloads, e);
    for (uint32_t i = 0; i < v->n_pods; i++)
        real[v->pods[i].workload] += !v->pods[i].is_template && !v->pods[i].replaced;
    for (uint32_t i = 0; i < v->n_pods; i++) // what runs counts, not what would be made
        if (v->pods[i].is_template && real[v->pods[i].workload])
            v->pods[i].replaced = true;
    for (uint32_t i = 0; i < v->n_pods; i++)
        v->workloads[v->pods[i].workload].n_pods += !v->pods[i].replaced;
    uint32_t at = 0;
    for (uint32_t i = 0; i < v->n_workloads; i++) {
        v->workloads[i].first_pod = at;
        at += v->workloads[i].n_pods;
        v->workloads[i].n_pods = 0;
    }
    TRY_NEW(v->by_workload, v->arena, at, e);
    v->n_by_workload = at;
    for (uint32_t i = 0; i < v->n_pods; i++) {
        if (v->pods[i].replaced)
            continue;
        struct inventory_workload *w = &v->workloads[v->pods[i].workload];
        v->by_workload[w->first_pod + w->n_pods++] = i;
    }
    for (uint32_t i = 0; i < v->n_workloads; i++)
        if (real[i])
            v->workloads[i].replicas = real[i];
    return index_namespaces(v, e);
}
