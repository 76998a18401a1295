#include "check/objects.h"

#include <stdlib.h>

#include "base/hash.h"
#include "check/objects_priv.h"
#include "kube/workload.h"

uint32_t objects_mentioned(const struct objects *o, uint32_t ns)
{
    return ns < o->cap_mention ? o->mention[ns] : OBJECTS_NONE;
}

err_code objects_tree(const struct objects *o, uint32_t record, struct arena *a, struct object *ret, struct err *e)
{
    const struct node *root = NULL;
    TRY(tape_read(o->records[record].tape, a, &root, e));
    return object_view(root, ret) ? ERR_OK : err_set(e, ERR_INTERNAL, "a record is no object");
}

// ---- by key

static uint32_t hash_entry(const struct objects_entry *x)
{
    return (uint32_t)hash_mix((uint64_t)x->kind << 32 | x->name, x->ns + 0x9e3779b97f4a7c15u);
}

static bool same_key(const struct objects_entry *a, const struct objects_entry *b)
{
    return a->kind == b->kind && a->name == b->name && a->ns == b->ns;
}

static uint32_t *slot_of(const struct objects *o, const struct objects_entry *x)
{
    uint32_t i = hash_entry(x) & (o->cap_slots - 1);
    while (o->slots[i] && !same_key(&o->entries[o->slots[i] - 1], x))
        i = (i + 1) & (o->cap_slots - 1);
    return &o->slots[i];
}

uint32_t objects_find(const struct objects *o, str kind, str ns, str name)
{
    const struct names *t = &o->inventory.names;
    struct objects_entry key = {.kind = names_find(t, kind), .name = names_find(t, name), .ns = ns.n ? names_find(t, ns) : 0};
    if (key.kind == UINT32_MAX || key.name == UINT32_MAX || key.ns == UINT32_MAX)
        return OBJECTS_NONE;
    return *slot_of(o, &key) - 1;
}

static int by_kind_then_ns(const void *a, const void *b, void *ctx)
{
    const struct objects *sorted = ctx;
    uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;
    const struct objects_entry *x = &sorted->entries[i], *y = &sorted->entries[k];
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->ns != y->ns)
        return x->ns < y->ns ? -1 : 1;
    return i < k ? -1 : i > k;
}

static uint32_t lower(const struct objects *o, name_id kind, name_id ns)
{
    uint32_t low = 0, high = o->n_by_kind;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        const struct objects_entry *x = &o->entries[o->by_kind[mid]];
        if (x->kind < kind || (x->kind == kind && x->ns < ns))
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

const uint32_t *objects_of_kind(const struct objects *o, str kind, const str *ns, uint32_t *ret_n)
{
    const struct names *t = &o->inventory.names;
    name_id k = names_find(t, kind), s = ns ? names_find(t, *ns) : 0;
    *ret_n = 0;
    if (k == UINT32_MAX || s == UINT32_MAX)
        return o->by_kind;
    uint32_t from = lower(o, k, s), to = ns ? lower(o, k, s + 1) : lower(o, k + 1, 0);
    *ret_n = to - from;
    return o->by_kind + from;
}

// ---- uses

static uint64_t use_key(enum objects_use what, str ns, str name)
{
    uint64_t h = hash_mix(((uint64_t)what << 32 | hash_key(ns)) ^ 0x9e3779b97f4a7c15u, (uint64_t)hash_key(name) << 20 ^ name.n);
    return h ? h : 1;
}

static bool is_free(const struct objects_used *u)
{
    return !(u->key[0] | u->key[1]);
}

static struct objects_used *use_slot(struct objects_used *all, uint32_t cap, uint64_t key)
{
    uint32_t low = (uint32_t)key, high = (uint32_t)(key >> 32), i = low & (cap - 1);
    while (!is_free(&all[i]) && (all[i].key[0] != low || all[i].key[1] != high))
        i = (i + 1) & (cap - 1);
    return &all[i];
}

err_code objects_use_put(struct objects *o, enum objects_use what, str ns, str name, uint32_t record, struct err *e)
{
    if (o->n_used >= o->cap_used / 4 * 3) {
        uint32_t cap = o->cap_used ? o->cap_used * 2 : 1024;
        struct objects_used *all;
        TRY_NEW(all, o->arena, cap, e);
        for (uint32_t i = 0; i < o->cap_used; i++)
            if (!is_free(&o->used[i]))
                *use_slot(all, cap, (uint64_t)o->used[i].key[1] << 32 | o->used[i].key[0]) = o->used[i];
        arena_drop(o->arena, o->used, o->cap_used * sizeof *all);
        o->used = all;
        o->cap_used = cap;
    }
    uint64_t key = use_key(what, ns, name);
    struct objects_used *u = use_slot(o->used, o->cap_used, key);
    if (is_free(u)) {
        *u = (struct objects_used){{(uint32_t)key, (uint32_t)(key >> 32)}, record};
        o->n_used++;
    }
    return ERR_OK;
}

uint32_t objects_user(const struct objects *o, enum objects_use what, str ns, str name)
{
    if (!o->cap_used)
        return OBJECTS_NONE;
    const struct objects_used *u = use_slot(o->used, o->cap_used, use_key(what, ns, name));
    if (is_free(u) && what != USE_ANY && what != USE_ACCOUNT)
        u = use_slot(o->used, o->cap_used, use_key(USE_ANY, S(""), name));
    return is_free(u) ? OBJECTS_NONE : u->record;
}

// ---- reading

static err_code add_entry(struct objects *o, uint32_t record, const struct object *x, str ns, struct err *e)
{
    struct names *t = &o->inventory.names;
    struct objects_entry *n = &o->entries[record];
    TRY(names_put(t, x->api_version, &n->api, e));
    TRY(names_put(t, x->kind, &n->kind, e));
    TRY(names_put(t, x->name, &n->name, e));
    TRY(names_put(t, ns, &n->ns, e));
    o->by_kind[o->n_by_kind++] = record;
    uint32_t *slot = slot_of(o, n);
    *slot = record + 1;
    return ERR_OK;
}

static err_code mention(struct objects *o, uint32_t ns, uint32_t record, struct err *e)
{
    if (ns >= o->cap_mention) {
        uint32_t cap = (ns + 16) * 2, *more;
        TRY_NEW(more, o->arena, cap, e);
        memset(more, 0xff, cap * sizeof *more);
        if (o->cap_mention)
            memcpy(more, o->mention, o->cap_mention * sizeof *more);
        o->mention = more;
        o->cap_mention = cap;
    }
    if (o->mention[ns] == OBJECTS_NONE)
        o->mention[ns] = record;
    return ERR_OK;
}

static bool is_of_rbac(const struct object *x)
{
    return str_eq(x->group, S("rbac.authorization.k8s.io")) || (x->group.n == 0 && str_eq(x->kind, S("ServiceAccount")));
}

static err_code read_one(struct objects *o, uint32_t record, struct err *e)
{
    struct object x;
    struct inventory *v = &o->inventory;
    const struct origin at = {*o->records[record].file, o->records[record].line};
    bool taken = false, pod = false;
    uint32_t ns = OBJECTS_NONE;
    arena_reset(o->scratch);
    if (o->load.first) {
        arena_reset(&o->problems);
        o->load.first = o->load.last = NULL;
        o->load.intern = (struct intern){.arena = &o->problems};
    }
    TRY(objects_tree(o, record, o->scratch, &x, e));
    bool in_none = object_is_cluster_scoped(&x) && !x.ns.n;
    str ns_name = in_none ? S("") : x.ns.n ? x.ns : S("default");
    TRY(add_entry(o, record, &x, ns_name, e));
    bool namespace = str_eq(x.kind, S("Namespace"));
    if (x.group.n == 0 && (namespace || str_eq(x.kind, S("Node")))) {
        o->whole = o->whole || (namespace && str_eq(x.name, S("kube-system")));
        return inventory_add(v, &x, &at, e);
    }
    TRY(objects_read_pod(o, record, &x, ns_name, &pod, &ns, e));
    if (pod) // other things than Pods make no namespace worth judging
        TRY(mention(o, ns, record, e));
    TRY(netpols_add(&o->netpols, &x, &at, &taken, e));
    if (is_of_rbac(&x))
        TRY(rbac_set_add(o->rbac, &x, &at, e));
    return pod ? ERR_OK : objects_read_uses(o, record, &x, e);
}

static bool is_owned(const struct objects *o, const struct objects_pod *p)
{
    const struct objects_entry key = {.kind = p->owner_kind, .name = p->owner, .ns = o->inventory.namespaces[p->ns].name};
    return p->owner && *slot_of(o, &key);
}

static err_code index_pods(struct objects *o, struct err *e)
{
    uint32_t n_ns = o->inventory.n_namespaces, *at;
    for (uint32_t i = 0; i < o->n_pods; i++)
        o->pods[i].owned = is_owned(o, &o->pods[i]);
    TRY_NEW(o->first_pod, o->arena, n_ns + 1, e);
    TRY_NEW(o->pods_of_ns, o->arena, o->n_pods, e);
    TRY_NEW(at, o->scratch, n_ns + 1, e);
    for (uint32_t i = 0; i < o->n_pods; i++)
        o->first_pod[o->pods[i].ns + 1]++;
    for (uint32_t i = 0; i < n_ns; i++)
        o->first_pod[i + 1] += o->first_pod[i];
    memcpy(at, o->first_pod, n_ns * sizeof *at);
    for (uint32_t i = 0; i < o->n_pods; i++)
        o->pods_of_ns[at[o->pods[i].ns]++] = i;
    return ERR_OK;
}

static err_code index_policies(struct objects *o, struct err *e)
{
    uint32_t n_ns = o->inventory.n_namespaces, *at;
    const struct netpols *p = &o->netpols;
    TRY_NEW(o->first_policy, o->arena, n_ns + 1, e);
    TRY_NEW(o->policies_of_ns, o->arena, p->n, e);
    TRY_NEW(at, o->scratch, n_ns + 1, e);
    for (uint32_t i = 0; i < p->n; i++)
        if (p->all[i].kind == NETPOL_NETWORK)
            o->first_policy[p->all[i].ns + 1]++;
    for (uint32_t i = 0; i < n_ns; i++)
        o->first_policy[i + 1] += o->first_policy[i];
    memcpy(at, o->first_policy, n_ns * sizeof *at);
    for (uint32_t i = 0; i < p->n; i++)
        if (p->all[i].kind == NETPOL_NETWORK)
            o->policies_of_ns[at[p->all[i].ns]++] = i;
    return ERR_OK;
}

// Bindings by the role that they refer to, where that is there.
static err_code index_bindings(struct objects *o, struct err *e)
{
    uint32_t n_roles = rbac_n_roles(o->rbac), n = rbac_n_bindings(o->rbac), *at;
    TRY_NEW(o->first_binding, o->arena, n_roles + 1, e);
    TRY_NEW(o->bindings_of_role, o->arena, n, e);
    TRY_NEW(at, o->scratch, n_roles + 1, e);
    for (uint32_t i = 0; i < n; i++) {
        const struct rbac_binding *b = rbac_binding(o->rbac, i);
        if (!b->replaced && b->role != RBAC_NONE)
            o->first_binding[b->role + 1]++;
    }
    for (uint32_t i = 0; i < n_roles; i++)
        o->first_binding[i + 1] += o->first_binding[i];
    memcpy(at, o->first_binding, n_roles * sizeof *at);
    for (uint32_t i = 0; i < n; i++) {
        const struct rbac_binding *b = rbac_binding(o->rbac, i);
        if (!b->replaced && b->role != RBAC_NONE)
            o->bindings_of_role[at[b->role]++] = i;
    }
    return ERR_OK;
}

err_code objects_read(struct objects *o, const struct check_record *records, uint32_t n, struct arena *a, struct arena *scratch,
                      struct err *e)
{
    *o = (struct objects){.arena = a, .scratch = scratch, .records = records, .n = n, .cap_slots = 16};
    while (o->cap_slots < 2 * n)
        o->cap_slots *= 2;
    TRY(arena_init(&o->problems, "problems", (size_t)1 << 30, e));
    o->load.arena = o->load.intern.arena = &o->problems;
    TRY_NEW(o->entries, a, n, e);
    TRY_NEW(o->pods, a, n, e); // pages that are not touched cost nothing
    TRY_NEW(o->by_kind, a, n, e);
    TRY_NEW(o->slots, a, o->cap_slots, e);
    TRY(inventory_init(&o->inventory, &o->load, a, e));
    TRY(inventory_namespace(&o->inventory, S("(any other namespace)"), (struct inventory_origin){0}, &o->stranger, e));
    TRY(netpols_init(&o->netpols, &o->inventory, e));
    TRY(rbac_set_new(a, NULL, &o->rbac, e));
    for (uint32_t i = 0; i < n; i++)
        if (records[i].tape.n)
            TRY(read_one(o, i, e));
    arena_reset(scratch);
    TRY(netpols_finish(&o->netpols, e));
    TRY(rbac_set_seal(o->rbac, &(struct rbac_seal_options){0}, e));
    if (o->n_by_kind)
        qsort_r(o->by_kind, o->n_by_kind, sizeof *o->by_kind, by_kind_then_ns, o);
    TRY(index_pods(o, e));
    TRY(index_bindings(o, e));
    return index_policies(o, e);
}

void objects_done(struct objects *o)
{
    inventory_done(&o->inventory);
    arena_done(&o->problems);
}

bool objects_is_declared(const struct objects *o, uint32_t ns)
{
    return ns != INVENTORY_NONE && o->inventory.namespaces[ns].declared;
}

// Has an earlier one of these labels the value of this one as well?
static bool is_again(const struct rows_row *r, uint32_t at)
{
    uint32_t i = 0;
    while (i < at && r->words[i + 1] != r->words[at + 1])
        i += 2;
    return i < at;
}

err_code objects_index_labels(struct objects *o, struct err *e)
{
    const struct rows *rows = &o->inventory.labels;
    uint32_t *at, n = 0;
    if (o->by_value)
        return ERR_OK;
    o->n_values = o->inventory.names.n;
    TRY_NEW(o->first_of_value, o->arena, o->n_values + 1, e);
    for (uint32_t i = 0; i < o->n_pods; i++)
        for (uint32_t k = 0; k < rows->rows[o->pods[i].labels].n; k += 2, n++)
            o->first_of_value[rows->rows[o->pods[i].labels].words[k + 1] + 1]++;
    for (uint32_t v = 0; v < o->n_values; v++)
        o->first_of_value[v + 1] += o->first_of_value[v];
    TRY_NEW(o->by_value, o->arena, n + 1, e);
    memset(o->by_value, 0xff, (n + 1) * sizeof *o->by_value); // a value that a Pod has twice leaves a gap at the end
    arena_reset(o->scratch);
    TRY_NEW(at, o->scratch, o->n_values + 1, e);
    memcpy(at, o->first_of_value, o->n_values * sizeof *at);
    for (uint32_t i = 0; i < o->n_pods; i++) {
        uint32_t pod = o->pods_of_ns[i];
        const struct rows_row *r = &rows->rows[o->pods[pod].labels];
        for (uint32_t k = 0; k < r->n; k += 2)
            if (!is_again(r, k))
                o->by_value[at[r->words[k + 1]]++] = pod;
    }
    arena_reset(o->scratch);
    return ERR_OK;
}

const uint32_t *objects_labelled(const struct objects *o, uint32_t ns, name_id value, uint32_t *ret_n)
{
    uint32_t low = value < o->n_values ? o->first_of_value[value] : 0, end = value < o->n_values ? o->first_of_value[value + 1] : 0;
    for (uint32_t high = end; low < high;) {
        uint32_t mid = low + (high - low) / 2, pod = o->by_value[mid];
        if (pod != OBJECTS_NONE && o->pods[pod].ns < ns)
            low = mid + 1;
        else
            high = mid;
    }
    *ret_n = 0;
    while (low + *ret_n < end && o->by_value[low + *ret_n] != OBJECTS_NONE && o->pods[o->by_value[low + *ret_n]].ns == ns)
        ++*ret_n;
    return o->by_value + low;
}

str objects_name(const struct objects *o, uint32_t record, struct arena *a)
{
    const struct objects_entry *x = &o->entries[record];
    const struct names *t = &o->inventory.names;
    str ns = names_str(t, x->ns);
    return arena_printf(a, "%.*s %.*s%s%.*s", STR_FMT(names_str(t, x->kind)), STR_FMT(ns), ns.n ? "/" : "",
                        STR_FMT(names_str(t, x->name)));
}
