// names: every distinct text of a cluster once, under a small number.
//
// One thread; everything lives as long as the arena. Number 0 is the empty text.
#ifndef GRAPH_NAMES_H
#define GRAPH_NAMES_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "graph/rows.h"

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

#endif
