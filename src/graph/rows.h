// rows: every distinct row of 32-bit words once, under a small number: label sets, ports, lists of facts.
//
// One thread; everything lives as long as the arena. Number 0 is the empty row.
#ifndef GRAPH_ROWS_H
#define GRAPH_ROWS_H

#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"

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
