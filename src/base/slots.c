#include "base/slots.h"

err_code slots_room(struct slots *t, uint32_t least, slots_hash *hash, const void *records, struct arena *a, struct err *e)
{
    if (t->n < t->cap / 2)
        return ERR_OK;
    uint32_t cap = t->cap ? t->cap * 2 : least, *all;
    TRY_NEW(all, a, cap, e);
    for (uint32_t i = 0; i < t->cap; i++) {
        if (!t->all[i])
            continue;
        uint32_t at = hash(records, t->all[i] - 1) & (cap - 1);
        while (all[at])
            at = (at + 1) & (cap - 1);
        all[at] = t->all[i];
    }
    arena_drop(a, t->all, t->cap * sizeof *t->all);
    t->all = all;
    t->cap = cap;
    return ERR_OK;
}
