// slots: which record has a key: an index, by open addressing, of records that stand in an array of the caller's.
//
// The table holds the records' numbers only; keys and their hashes are asked of the records, by functions that the compiler
// puts in place. In an arena; one thread.
#ifndef BASE_SLOTS_H
#define BASE_SLOTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

#define SLOTS_NONE UINT32_MAX

struct slots {
    uint32_t *all;  // a record's number + 1; 0: free
    uint32_t n, cap; // cap: a power of two, more than twice n
};

// Of the record of that number: has it the key, and its key's hash.
typedef bool slots_is(const void *records, uint32_t number, const void *key);
typedef uint32_t slots_hash(const void *records, uint32_t number);

// Makes room for one record more, and at first for least / 2. Places that slots_at gave are void. ERR_LIMIT.
err_code slots_room(struct slots *t, uint32_t least, slots_hash *hash, const void *records, struct arena *a, struct err *e) MUST_USE;

// Where the key's record is, or, holding 0, where slots_set puts it. Only where there is room.
static inline uint32_t *slots_at(const struct slots *t, uint32_t hash, slots_is *is, const void *records, const void *key)
{
    uint32_t i = hash & (t->cap - 1);
    while (t->all[i] && !is(records, t->all[i] - 1, key))
        i = (i + 1) & (t->cap - 1);
    return &t->all[i];
}

static inline void slots_set(struct slots *t, uint32_t *place, uint32_t number)
{
    t->n += *place == 0;
    *place = number + 1;
}

// The record that has the key, or SLOTS_NONE; of an empty table too.
static inline uint32_t slots_find(const struct slots *t, uint32_t hash, slots_is *is, const void *records, const void *key)
{
    return t->cap ? *slots_at(t, hash, is, records, key) - 1 : SLOTS_NONE; // 0 - 1 is SLOTS_NONE
}

#endif
