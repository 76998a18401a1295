#include "base/intern.h"

#include "base/hash.h"

static str *slot_of(str *slots, uint32_t cap, str s)
{
    uint32_t i = hash_key(s) & (cap - 1);
    while (slots[i].p && !str_eq(slots[i], s))
        i = (i + 1) & (cap - 1);
    return &slots[i];
}

static bool grow(struct intern *t)
{
    uint32_t cap = t->cap ? t->cap * 2 : 256;
    str *slots = arena_alloc(t->arena, cap, sizeof *slots, _Alignof(str));
    if (!slots)
        return false;
    for (uint32_t i = 0; i < t->cap; i++)
        if (t->slots[i].p)
            *slot_of(slots, cap, t->slots[i]) = t->slots[i];
    t->slots = slots;
    t->cap = cap;
    return true;
}

str intern_str(struct intern *t, str s)
{
    if (t->n * 2 >= t->cap && !grow(t))
        return (str){NULL, 0};
    str *slot = slot_of(t->slots, t->cap, s);
    if (!slot->p) {
        str copy = arena_dup(t->arena, s);
        if (!copy.p)
            return copy;
        *slot = copy;
        t->n++;
    }
    return *slot;
}
