#include "graph/names.h"

#include "base/hash.h"

static uint32_t *slot_of(const struct names *t, uint32_t *slots, uint32_t cap, str s)
{
    uint32_t i = hash_key(s) & (cap - 1);
    while (slots[i] && !str_eq(t->texts[slots[i] - 1], s))
        i = (i + 1) & (cap - 1);
    return &slots[i];
}

static err_code grow_slots(struct names *t, struct err *e)
{
    uint32_t cap = t->cap_slots ? t->cap_slots * 2 : 1024;
    uint32_t *slots;
    TRY_NEW(slots, t->arena, cap, e);
    for (uint32_t i = 0; i < t->n; i++)
        *slot_of(t, slots, cap, t->texts[i]) = i + 1;
    t->slots = slots;
    t->cap_slots = cap;
    return ERR_OK;
}

err_code names_put(struct names *t, str s, name_id *ret, struct err *e)
{
    if (t->n * 2 >= t->cap_slots)
        TRY(grow_slots(t, e));
    uint32_t *slot = slot_of(t, t->slots, t->cap_slots, s);
    if (!*slot) {
        TRY_GROW(t->texts, t->n, t->cap_texts, t->arena, e);
        str copy = arena_dup(t->arena, s);
        if (!copy.p)
            return err_set(e, ERR_LIMIT, "arena '%s' is full (%zu bytes)", t->arena->name, t->arena->cap);
        t->texts[t->n++] = copy;
        *slot = t->n;
    }
    *ret = *slot - 1;
    return ERR_OK;
}

name_id names_find(const struct names *t, str s)
{
    uint32_t slot = *slot_of(t, t->slots, t->cap_slots, s);
    return slot ? slot - 1 : UINT32_MAX;
}

err_code names_init(struct names *t, struct arena *a, struct err *e)
{
    name_id empty;
    *t = (struct names){.arena = a};
    return names_put(t, S(""), &empty, e);
}
