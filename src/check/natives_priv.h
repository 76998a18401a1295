// natives_priv: what the files of natives share.
#ifndef CHECK_NATIVES_PRIV_H
#define CHECK_NATIVES_PRIV_H

#include "check/natives.h"

struct call {
    struct natives *x;
    struct objects *o;
    struct cel_call *c;
    const struct value *args;
    uint32_t n;
    struct err e;
};

static inline struct value full(void)
{
    return value_fatal("out of memory");
}

static inline bool is_text(struct value v)
{
    return v.kind == CEL_STRING;
}

static inline struct value wrong(struct call *k)
{
    return value_error(k->c->arena, "no such overload");
}

// "what else is in namespace shop (...) is not known without a cluster"
static inline struct value unknown_ns(struct call *k, str ns)
{
    str name = arena_printf(k->c->arena, "what else is in namespace %.*s (its Namespace is not among the input)", STR_FMT(ns));
    return name.p ? value_unknown(k->c->arena, name) : full();
}

static inline struct value unknown_cluster(struct call *k)
{
    return value_unknown(k->c->arena, S("the rest of the cluster (no Namespace kube-system is among the input)"));
}

static inline uint32_t namespace_of(const struct call *k, str ns)
{
    return inventory_find_namespace(&k->o->inventory, ns);
}

static inline bool is_whole(const struct call *k, str ns)
{
    return ns.n ? objects_is_declared(k->o, namespace_of(k, ns)) : k->o->whole;
}

// An answer about a namespace that holds whatever else there is, or only where all of it is known.
static inline struct value answer(struct call *k, str ns, bool yes, bool certain)
{
    return certain || is_whole(k, ns) ? value_bool(yes) : unknown_ns(k, ns);
}

// ---- values of objects

static inline const struct node *node_of(struct value v)
{
    return v.kind == CEL_MAP && v.flags & VALUE_NODE ? v.node : NULL;
}

static inline str ns_of(const struct node *object)
{
    str ns = node_get_str(node_get(object, KEY("metadata")), KEY("namespace"));
    return ns.n ? ns : S("default");
}

static inline str name_of(const struct node *object)
{
    str name = node_get_str(node_get(object, KEY("metadata")), KEY("name"));
    return name.p ? name : S("");
}

struct texts {
    struct value *items;
    uint32_t n, cap;
    bool full;
};

static inline void add_value(struct call *k, struct texts *t, struct value v)
{
    if (t->n == t->cap) {
        uint32_t cap = t->cap ? 2 * t->cap : 8;
        struct value *more = fn_new_values(k->c, cap);
        t->full = t->full || !more;
        if (t->full)
            return;
        if (t->n)
            memcpy(more, t->items, t->n * sizeof *more);
        t->items = more;
        t->cap = cap;
    }
    t->full = t->full || v.kind == CEL_ERROR;
    t->items[t->n++] = v;
}

static inline void add(struct call *k, struct texts *t, str text)
{
    add_value(k, t, text.p ? value_str(text) : full());
}

static inline struct value list_of(const struct texts *t)
{
    return t->full ? full() : fn_list(t->items, t->n);
}

struct pods_run {
    const uint32_t *at;
    uint32_t n, ns;
};

static inline struct pods_run pods_of(const struct call *k, str ns)
{
    struct pods_run r = {.ns = namespace_of(k, ns)};
    if (r.ns == INVENTORY_NONE || r.ns == k->o->stranger)
        return (struct pods_run){.ns = INVENTORY_NONE};
    r.at = k->o->pods_of_ns + k->o->first_pod[r.ns];
    r.n = k->o->first_pod[r.ns + 1] - k->o->first_pod[r.ns];
    return r;
}

// natives_net.c
struct value natives_isolated(struct call *k);
struct value natives_default_deny(struct call *k);
struct value natives_open(struct call *k);
struct value natives_reaches(struct call *k);
struct value natives_from(struct call *k);
struct value natives_into(struct call *k);

#endif
