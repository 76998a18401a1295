#include "doc/yaml_anchor_priv.h"

// Most documents have none: nothing is allocated before the first.
static err_code grow(struct yaml_anchors *t, struct arena *a, struct err *e)
{
    uint32_t size = t->size ? 4 * t->size : 16;
    struct yaml_anchor **buckets, *oldest_first = NULL;
    TRY_NEW(buckets, a, size, e);
    for (struct yaml_anchor *x = t->last; x; x = x->older) {
        x->next = oldest_first;
        oldest_first = x;
    }
    for (struct yaml_anchor *x = oldest_first, *then; x; x = then) { // the newest comes to stand first
        then = x->next;
        x->next = buckets[x->hash & (size - 1)];
        buckets[x->hash & (size - 1)] = x;
    }
    t->buckets = buckets;
    t->size = size;
    return ERR_OK;
}

err_code yaml_anchor_add(struct yaml_anchors *t, const char *name, struct arena *a,
                         struct yaml_anchor **ret, struct err *e)
{
    struct yaml_anchor *x;
    if (t->n == t->size)
        TRY(grow(t, a, e));
    TRY_NEW(x, a, 1, e);
    str copy = arena_dup(a, str_of(name));
    if (!copy.p)
        return err_set(e, ERR_LIMIT, "arena '%s' is full (%zu bytes)", a->name, a->cap);
    x->name = copy.p;
    x->hash = hash_key(copy);
    x->next = t->buckets[x->hash & (t->size - 1)];
    t->buckets[x->hash & (t->size - 1)] = x;
    x->older = t->last;
    t->last = x;
    t->n++;
    *ret = x;
    return ERR_OK;
}

struct yaml_anchor *yaml_anchor_find(const struct yaml_anchors *t, const char *name)
{
    if (t->n == 0)
        return NULL;
    uint32_t hash = hash_key(str_of(name));
    struct yaml_anchor *x = t->buckets[hash & (t->size - 1)];
    while (x && (x->hash != hash || strcmp(x->name, name) != 0))
        x = x->next;
    return x;
}
