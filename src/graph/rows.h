// rows: every distinct row of 32-bit words once, under a small number: label sets, ports, lists of facts.
//
// One thread; everything lives as long as the arena. Number 0 is the empty row.
#ifndef GRAPH_ROWS_H
#define GRAPH_ROWS_H

#include "base/arena.h"
#include "base/slots.h"

struct rows {
    struct arena *arena;
    struct rows_row {
        const uint32_t *words;
        uint32_t n;
    } *rows;
    uint32_t n, cap;
    struct slots slots;
};
err_code rows_init(struct rows *t, struct arena *a, struct err *e) MUST_USE;
err_code rows_put(struct rows *t, const uint32_t *words, uint32_t n, uint32_t *ret, struct err *e) MUST_USE;

#endif
