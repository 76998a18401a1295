#include "doc/prune.h"

#include "doc/node_priv.h"

static err_code prune(const struct node *from, struct arena *a, struct node *ret, struct err *e);

static err_code prune_list(const struct node *from, struct arena *a, struct node *ret, struct err *e)
{
    struct node *items;
    TRY_NEW(items, a, from->n, e);
    for (uint32_t i = 0; i < from->n; i++)
        TRY(prune(&from->items[i], a, &items[i], e));
    ret->items = items;
    ret->flags &= (uint8_t)~NODE_NULLS;
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
    if (from->kind < NODE_LIST || !(from->flags & NODE_NULLS))
        return ERR_OK;
    return from->kind == NODE_LIST ? prune_list(from, a, ret, e) : prune_map(from, a, ret, e);
}

err_code prune_nulls(const struct node *root, struct arena *a, const struct node **ret,
                     struct err *e)
{
    if (!(root->flags & NODE_NULLS)) {
        *ret = root;
        return ERR_OK;
    }
    struct node *copy;
    TRY_NEW(copy, a, 1, e);
    TRY(prune(root, a, copy, e));
    *ret = copy;
    return ERR_OK;
}
