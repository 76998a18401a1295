// node_priv: how the readers of this room build maps. Nobody else includes it.
#ifndef DOC_NODE_PRIV_H
#define DOC_NODE_PRIV_H

#include "base/arena.h"
#include "base/err.h"
#include "doc/node.h"

// Makes `map` a NODE_MAP of the n members, which it copies into the arena, and indexes it where it
// is big. Where keys are equal the later member is left, in its own place. For each member that goes,
// `drop` (may be NULL) is called with the one that stays.
err_code node_map_build(struct node *map, const struct member *members, uint32_t n, struct arena *a,
                        void (*drop)(void *ctx, const struct member *goes, const struct member *stays),
                        void *ctx, struct err *e) MUST_USE;

// What a value adds to the flags of the map it is a member of.
static inline uint8_t node_nulls(const struct node *value)
{
    return value->kind == NODE_NULL ? (uint8_t)NODE_NULLS : (uint8_t)(value->flags & NODE_NULLS);
}

#endif
