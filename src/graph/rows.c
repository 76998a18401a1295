#include "graph/rows.h"

#include "base/hash.h"

static str bytes_of(const struct rows_row *r)
{
    return (str){(const char *)r->words, r->n * sizeof *r->words};
}

static bool is(const void *rows, uint32_t number, const void *key)
{
    return str_eq(bytes_of(&((const struct rows_row *)rows)[number]), bytes_of(key));
}

static uint32_t hash_of(const void *rows, uint32_t number)
{
    return hash_key(bytes_of(&((const struct rows_row *)rows)[number]));
}

err_code rows_put(struct rows *t, const uint32_t *words, uint32_t n, uint32_t *ret, struct err *e)
{
    const struct rows_row key = {words, n};
    TRY(slots_room(&t->slots, 256, hash_of, t->rows, t->arena, e));
    uint32_t *slot = slots_at(&t->slots, hash_key(bytes_of(&key)), is, t->rows, &key);
    if (!*slot) {
        TRY_GROW_MOVED(t->rows, t->n, t->cap, t->arena, e);
        uint32_t *copy;
        TRY_NEW(copy, t->arena, n, e);
        if (n)
            memcpy(copy, words, (size_t)n * sizeof *words);
        t->rows[t->n] = (struct rows_row){copy, n};
        slots_set(&t->slots, slot, t->n++);
    }
    *ret = *slot - 1;
    return ERR_OK;
}

err_code rows_init(struct rows *t, struct arena *a, struct err *e)
{
    uint32_t empty;
    *t = (struct rows){.arena = a};
    return rows_put(t, NULL, 0, &empty, e);
}
