#include "graph/rows.h"

#include "base/hash.h"

static uint32_t *row_slot(const struct rows *t, uint32_t *slots, uint32_t cap, const uint32_t *words, uint32_t n)
{
    str bytes = {(const char *)words, (size_t)n * sizeof *words};
    uint32_t i = hash_key(bytes) & (cap - 1);
    while (slots[i]) {
        const struct rows_row *r = &t->rows[slots[i] - 1];
        if (r->n == n && (n == 0 || memcmp(r->words, words, bytes.n) == 0))
            break;
        i = (i + 1) & (cap - 1);
    }
    return &slots[i];
}

static err_code grow_row_slots(struct rows *t, struct err *e)
{
    uint32_t cap = t->cap_slots ? t->cap_slots * 2 : 256;
    uint32_t *slots;
    TRY_NEW(slots, t->arena, cap, e);
    for (uint32_t i = 0; i < t->n; i++)
        *row_slot(t, slots, cap, t->rows[i].words, t->rows[i].n) = i + 1;
    t->slots = slots;
    t->cap_slots = cap;
    return ERR_OK;
}

err_code rows_put(struct rows *t, const uint32_t *words, uint32_t n, uint32_t *ret, struct err *e)
{
    if (t->n * 2 >= t->cap_slots)
        TRY(grow_row_slots(t, e));
    uint32_t *slot = row_slot(t, t->slots, t->cap_slots, words, n);
    if (!*slot) {
        TRY_GROW(t->rows, t->n, t->cap_rows, t->arena, e);
        uint32_t *copy;
        TRY_NEW(copy, t->arena, n, e);
        if (n)
            memcpy(copy, words, (size_t)n * sizeof *words);
        t->rows[t->n++] = (struct rows_row){copy, n};
        *slot = t->n;
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
