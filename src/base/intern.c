#include "base/intern.h"

#include "base/hash.h"

static bool is(const void *texts, uint32_t number, const void *s)
{
    return str_eq(((const str *)texts)[number], *(const str *)s);
}

static uint32_t hash_of(const void *texts, uint32_t number)
{
    return hash_key(((const str *)texts)[number]);
}

err_code intern_put(struct intern *t, str s, uint32_t *ret, struct err *e)
{
    TRY(slots_room(&t->slots, 256, hash_of, t->texts, t->arena, e));
    uint32_t *slot = slots_at(&t->slots, hash_key(s), is, t->texts, &s);
    if (!*slot) {
        TRY_GROW_MOVED(t->texts, t->n, t->cap, t->arena, e);
        str copy = arena_dup(t->arena, s);
        if (!copy.p)
            return err_set(e, ERR_LIMIT, "arena '%s' is full (%zu bytes)", t->arena->name, t->arena->cap);
        t->texts[t->n] = copy;
        slots_set(&t->slots, slot, t->n++);
    }
    *ret = *slot - 1;
    return ERR_OK;
}

uint32_t intern_find(const struct intern *t, str s)
{
    return slots_find(&t->slots, hash_key(s), is, t->texts, &s);
}

str intern_str(struct intern *t, str s)
{
    uint32_t number = 0;
    return intern_put(t, s, &number, NULL) == ERR_OK ? t->texts[number] : (str){NULL, 0};
}
