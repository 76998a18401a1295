#include "doc/prune.h"

#include "doc/node_priv.h"

// Aliases share their children, so a tree may be far larger than its nodes; but LIMIT_NODES counts them
// where they are used, and so bounds this walk too.
static bool has_null(const struct node *n)
{
    if (n->kind == NODE_MAP) {
        for (uint32_t i = 0; i < n->n; i++) {
            const struct node *v = &n->members[i].value;
            if (v->kind == NODE_NULL || (v->kind >= NODE_LIST && has_null(v)))
                return true;
        }
    } else if (n->kind == NODE_LIST) {
        for (uint32_t i = 0; i < n->n; i++)
            if (n->items[i].kind >= NODE_LIST && has_null(&n->items[i]))
                return true;
    }
    return false;
}

static err_code prune(const struct node *from, struct arena *a, struct node *ret, struct err *e);

static err_code prune_list(const struct node *from, struct arena *a, struct node *ret, struct err *e)
{
    struct node *items;
    TRY_NEW(items, a, from->n, e);
    for (uint32_t i = 0; i < from->n; i++)
        TRY(prune(&from->items[i], a, &items[i], e));
    ret->items = items;
    return ERR_OK;
}

static err_code prune_map(const struct node *from, struct arena *a, struct node *ret, struct err *e)
{
    struct member *members;
    uint32_t n = 0;
    TRY_NEW(members, a, from->n, e);
    for (uint32_t i = 0; i < from->n; i++) {
        if (from->members[i].value.kind == NODE_NULL)
            continue;
        members[n] = from->members[i];
        TRY(prune(&from->members[i].value, a, &members[n].value, e));
        n++;
    }
    ret->flags &= (uint8_t)~NODE_INDEXED;
    return node_map_build(ret, members, n, a, NULL, NULL, e);
}

static err_code prune(const struct node *from, struct arena *a, struct node *ret, struct err *e)
{
    *ret = *from;
    if (from->kind < NODE_LIST || !has_null(from))
        return ERR_OK;
    return from->kind == NODE_LIST ? prune_list(from, a, ret, e) : prune_map(from, a, ret, e);
}

err_code prune_nulls(const struct node *root, struct arena *a, const struct node **ret,
                     struct err *e)
{
    if (!has_null(root)) {
        *ret = root;
        return ERR_OK;
    }
    struct node *copy;
    TRY_NEW(copy, a, 1, e);
    TRY(prune(root, a, copy, e));
    *ret = copy;
    return ERR_OK;
}
