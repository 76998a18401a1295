// names: every distinct text of a cluster once, under a small number.
//
// One thread; everything lives as long as the arena. Number 0 is the empty text.
#ifndef GRAPH_NAMES_H
#define GRAPH_NAMES_H

#include "base/intern.h"
#include "graph/rows.h"

typedef uint32_t name_id;

struct names {
    struct intern texts;
    uint32_t n; // numbers given
};

static inline err_code names_put(struct names *t, str s, name_id *ret, struct err *e)
{
    TRY(intern_put(&t->texts, s, ret, e));
    t->n = t->texts.n;
    return ERR_OK;
}
// The number of a text that is known, or UINT32_MAX.
static inline name_id names_find(const struct names *t, str s)
{
    return intern_find(&t->texts, s);
}
static inline str names_str(const struct names *t, name_id id)
{
    return t->texts.texts[id];
}
static inline err_code names_init(struct names *t, struct arena *a, struct err *e)
{
    name_id empty;
    *t = (struct names){.texts = {.arena = a}};
    return names_put(t, S(""), &empty, e);
}

#endif
