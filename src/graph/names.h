// names: every distinct text of a cluster once, under a small number; and sets of numbers once, under a number.
//
// One thread; everything lives as long as the arena. Number 0 is the empty text, and the empty set.
#ifndef GRAPH_NAMES_H
#define GRAPH_NAMES_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

typedef uint32_t name_id;

struct names {
    struct arena *arena;
    str *texts; // of each number
    uint32_t *slots;
    uint32_t n, cap_texts, cap_slots;
};
err_code names_init(struct names *t, struct arena *a, struct err *e) MUST_USE;
err_code names_put(struct names *t, str s, name_id *ret, struct err *e) MUST_USE;
// The number of a text that is known, or UINT32_MAX.
name_id names_find(const struct names *t, str s);
static inline str names_str(const struct names *t, name_id id)
{
    return t->texts[id];
}

// Distinct rows of 32-bit words: label sets, ports, lists of facts.
struct rows {
    struct arena *arena;
    struct rows_row {
        const uint32_t *words;
        uint32_t n;
    } *rows;
    uint32_t *slots;
    uint32_t n, cap_rows, cap_slots;
};
err_code rows_init(struct rows *t, struct arena *a, struct err *e) MUST_USE;
err_code rows_put(struct rows *t, const uint32_t *words, uint32_t n, uint32_t *ret, struct err *e) MUST_USE;

// Room for one more item: arrays of an arena double; what was there before stays in the arena.
#define TRY_GROW(items, n, cap, a, e)                                                              \
    do {                                                                                           \
        if ((n) == (cap)) {                                                                        \
            uint32_t grow_cap_ = (cap) ? (cap) * 2 : 16;                                           \
            __typeof__(items) grow_to_;                                                            \
            TRY_NEW(grow_to_, (a), grow_cap_, (e));                                                \
            if (n)                                                                                 \
                memcpy(grow_to_, (items), (n) * sizeof *(items));                                  \
            (items) = grow_to_;                                                                    \
            (cap) = grow_cap_;                                                                     \
        }                                                                                          \
    } while (0)

#endif
