// cluster_test: a cluster from a text, for tests of the inventory, of policies and of reachability.
#ifndef GRAPH_CLUSTER_TEST_H
#define GRAPH_CLUSTER_TEST_H

#include "graph/netpol.h"

#include "base/test.h"

struct cluster {
    struct arena arena;
    struct load load;
    struct inventory v;
    struct netpols p;
};

static inline void cluster_load(struct cluster *c, const char *text)
{
    struct err e = {0};
    *c = (struct cluster){0};
    assert_int_equal(arena_init(&c->arena, "test", (size_t)1 << 30, &e), ERR_OK);
    assert_int_equal(inventory_init(&c->v, &c->load, &c->arena, &e), ERR_OK);
    assert_int_equal(netpols_init(&c->p, &c->v, &e), ERR_OK);
    const struct load_sink sink = {&c->p, netpols_take};
    assert_int_equal(load_text(&c->load, S("in.yaml"), str_of(text), &sink, &c->arena, &e), ERR_OK);
}

static inline void cluster_finish(struct cluster *c)
{
    struct err e = {0};
    assert_int_equal(inventory_finish(&c->v, &e), ERR_OK);
    assert_int_equal(netpols_finish(&c->p, &e), ERR_OK);
}

static inline void cluster_read(struct cluster *c, const char *text)
{
    cluster_load(c, text);
    cluster_finish(c);
}

static inline void cluster_done(struct cluster *c)
{
    inventory_done(&c->v);
    arena_done(&c->arena);
}

// The classes of problems, in order: "duplicate selector".
static inline void cluster_expect_problems(const struct cluster *c, const char *wanted)
{
    OWN_BUF struct buf b = buf_new(1 << 16);
    for (const struct load_problem *p = c->load.first; p; p = p->next)
        buf_printf(&b, "%s%.*s", p == c->load.first ? "" : " ", STR_FMT(p->class));
    buf_putc(&b, '\0');
    assert_string_equal(b.p, wanted);
}

#endif
