#include "doc/build_priv.h"

#include "base/limits.h"
#include "doc/node_priv.h"

enum { FIRST_ENTRIES = 64 };

err_code build_grow(struct build *b, struct err *e)
{
    struct member *more;
    if (b->cap > LIMIT_NODES)
        return err_set(e, ERR_LIMIT, "more than %zu values are open at once", LIMIT_NODES);
    uint32_t cap = b->cap ? 2 * b->cap : FIRST_ENTRIES;
    TRY_NEW(more, b->arena, cap, e);
    if (b->n)
        memcpy(more, b->entries, b->n * sizeof *more);
    b->entries = more;
    b->cap = cap;
    return ERR_OK;
}

err_code build_list(struct build *b, uint32_t first, struct node *ret, struct err *e)
{
    uint32_t n = b->n - first;
    struct node *items = NULL;
    if (n)
        TRY_NEW(items, b->arena, n, e);
    ret->flags &= (uint8_t)~NODE_NULLS;
    for (uint32_t i = 0; i < n; i++) {
        items[i] = b->entries[first + i].value;
        ret->flags |= items[i].flags & NODE_NULLS;
    }
    b->n = first;
    ret->kind = NODE_LIST;
    ret->n = n;
    ret->items = items;
    return ERR_OK;
}

// value.reserved is for the YAML reader: what the key was before it became text.
static void report_drop(void *ctx, const struct member *goes, const struct member *stays)
{
    struct diags *d = ctx;
    bool goes_merged = goes->value.flags & NODE_MERGED, stays_merged = stays->value.flags & NODE_MERGED;
    str key = str_head(member_key(stays), 64);
    if (goes->value.reserved != stays->value.reserved)
        diag_add(d, DIAG_WARNING, stays->key_start, stays->key_end,
                 S("Kubernetes takes one of them at random: quote the one that is meant, remove the other."),
                 "this key and one before it both become \"%.*s\"", STR_FMT(key));
    else if (stays_merged && !goes_merged)
        diag_add(d, DIAG_WARNING, goes->key_start, goes->key_end,
                 S("Put `<<` first: Kubernetes lets what is merged later win."),
                 "'%.*s' is replaced by a merge key (<<) that stands after it", STR_FMT(key));
    else if (!goes_merged)
        diag_add(d, DIAG_WARNING, stays->key_start, stays->key_end,
                 S("Kubernetes takes the last one. Remove the others."),
                 "the key '%.*s' is there more than once", STR_FMT(key));
}

err_code build_map(struct build *b, uint32_t first, struct node *ret, struct err *e)
{
    TRY(node_map_build(ret, b->entries + first, b->n - first, b->arena, report_drop, b->diags, e));
    b->n = first;
    return ERR_OK;
}
