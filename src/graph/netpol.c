#include "graph/netpol.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/flow.h"
#include "graph/netpol_priv.h"
#include "kube/selector.h"

err_code netpols_init(struct netpols *p, struct inventory *v, struct err *e)
{
    *p = (struct netpols){.inventory = v};
    return rows_init(&p->selectors, v->arena, e);
}

err_code netpol_refuse(struct netpol_reader *r, const char *class, const struct node *at, const char *fmt, ...)
{
    char text[512];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    r->bad = true;
    return load_fault(r->v->load, class, false, at ? at : r->o->root, r->e, "%.*s %.*s: %s", STR_FMT(r->o->kind),
                      STR_FMT(r->o->name), text);
}

static int by_id(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

err_code netpol_read_selector(struct netpol_reader *r, const struct node *n, const char *path, netpol_selector *ret)
{
    struct selector s = {0};
    struct diags d = {.arena = r->scratch};
    struct err ignored, *e = r->e;
    uint32_t *words, size = 0, at = 0;
    *ret = 0;
    if (selector_parse(n, str_of(path), r->scratch, &s, &d, &ignored) != ERR_OK) {
        r->bad = true;
        return load_diags(r->v->load, "selector", &d, e);
    }
    for (uint32_t i = 0; i < s.n; i++)
        size += 3 + s.terms[i].n_values;
    TRY_NEW(words, r->scratch, size, e);
    for (uint32_t i = 0; i < s.n; i++) {
        const struct selector_term *t = &s.terms[i];
        TRY(names_put(&r->v->names, t->key.text, &words[at], e));
        words[at + 1] = t->operator;
        words[at + 2] = t->n_values;
        for (uint32_t k = 0; k < t->n_values; k++)
            TRY(names_put(&r->v->names, t->values[k], &words[at + 3 + k], e));
        qsort(words + at + 3, t->n_values, sizeof *words, by_id);
        at += 3 + t->n_values;
    }
    return rows_put(&r->p->selectors, words, size, ret, e);
}

bool netpol_selects(const struct netpols *p, netpol_selector s, uint32_t labels)
{
    return netpol_selects_row(p, s, &p->inventory->labels.rows[labels]);
}

bool netpol_selects_row(const struct netpols *p, netpol_selector s, const struct rows_row *labels)
{
    const struct rows_row *row = &p->selectors.rows[s];
    for (uint32_t at = 0; at < row->n; at += 3 + row->words[at + 2]) {
        const uint32_t *t = row->words + at;
        name_id value = inventory_label_of(labels, t[0]);
        bool exists = value != UINT32_MAX, among = false;
        for (uint32_t k = 0; exists && k < t[2] && !among; k++)
            among = t[3 + k] == value;
        bool holds = t[1] == SELECTOR_EXISTS       ? exists
                     : t[1] == SELECTOR_NOT_EXISTS ? !exists
                     : t[1] == SELECTOR_IN         ? among
                                                   : !among;
        if (!holds)
            return false;
    }
    return true;
}

const char *netpol_kind_name(enum netpol_kind k)
{
    static const char *const names[] = {"NetworkPolicy", "AdminNetworkPolicy", "BaselineAdminNetworkPolicy",
                                        "ClusterNetworkPolicy"};
    return names[k];
}

void netpol_put_name(const struct netpols *p, struct buf *b, const struct netpol *n)
{
    const struct inventory *v = p->inventory;
    buf_printf(b, "%s ", netpol_kind_name(n->kind));
    if (n->ns != INVENTORY_NONE)
        flow_put(b, inventory_str(v, v->namespaces[n->ns].name));
    buf_put(b, n->ns != INVENTORY_NONE ? S("/") : S(""));
    flow_put(b, inventory_str(v, n->name));
}

void netpol_put_selector(const struct netpols *p, struct buf *b, netpol_selector s)
{
    const struct rows_row *row = &p->selectors.rows[s];
    const struct inventory *v = p->inventory;
    for (uint32_t at = 0; at < row->n; at += 3 + row->words[at + 2]) {
        const uint32_t *t = row->words + at;
        if (at)
            buf_putc(b, ',');
        if (t[1] == SELECTOR_NOT_EXISTS)
            buf_putc(b, '!');
        buf_put(b, inventory_str(v, t[0]));
        if (t[1] == SELECTOR_IN && t[2] == 1) {
            buf_printf(b, "=%.*s", STR_FMT(inventory_str(v, t[3])));
            continue;
        }
        if (t[1] >= SELECTOR_EXISTS)
            continue;
        buf_put(b, t[1] == SELECTOR_IN ? S(" in (") : S(" notin ("));
        for (uint32_t k = 0; k < t[2]; k++)
            buf_printf(b, "%s%.*s", k ? "," : "", STR_FMT(inventory_str(v, t[3 + k])));
        buf_putc(b, ')');
    }
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
