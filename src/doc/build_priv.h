// build_priv: the stack on which the readers of this room grow a tree before it is put into the arena.
//
// Each value under way is an entry: the root, the members of the maps and the items of the lists
// that are open. A container that closes takes its children off the stack.
#ifndef DOC_BUILD_PRIV_H
#define DOC_BUILD_PRIV_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "doc/node.h"

struct build {
    struct arena *arena;
    struct diags *diags;
    struct member *entries;
    uint32_t n, cap;
    size_t nodes; // of the document so far, aliases counted with all below them
};

// An entry on top of the stack; what stands in it is not cleared. The pointer is good until the next.
err_code build_grow(struct build *b, struct err *e) MUST_USE;
static inline err_code build_push(struct build *b, struct member **ret, struct err *e)
{
    if (b->n == b->cap)
        TRY(build_grow(b, e));
    *ret = &b->entries[b->n++];
    return ERR_OK;
}
// Takes the entries from `first` on into the value as list items or members; start, end and flags stay.
err_code build_list(struct build *b, uint32_t first, struct node *ret, struct err *e) MUST_USE;
// Duplicate keys are reported; the last is left.
err_code build_map(struct build *b, uint32_t first, struct node *ret, struct err *e) MUST_USE;

#endif
