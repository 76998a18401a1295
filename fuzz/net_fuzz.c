// Any text as a cluster: read, owners resolved, policies ordered, reachability built, some rows evaluated.
#include <stdlib.h>

#include "graph/expose.h"
#include "graph/reach_explain.h"
#include "graph/represent.h"

struct cluster {
    struct load load;
    struct inventory v;
    struct netpols p;
};

static err_code look(const struct cluster *c, struct reach_options o, struct arena *a, struct err *e)
{
    struct reach r;
    struct reach_row row;
    struct reach_reason why;
    TRY(reach_build(&r, &c->v, &c->p, o, a, e));
    TRY(reach_row_init(&row, &r, a, e));
    for (uint32_t i = 0; i < r.n_rows && i < 64; i++) {
        reach_row(&r, i, &row);
        for (uint32_t column = 0; column < r.n_columns && column < 64; column++)
            for (uint32_t at = 0; at < r.n_atoms && at < 8; at++) {
                bool low = reach_word(&r, &row.low, at, column / 64) >> (column % 64) & 1;
                bool high = reach_word(&r, &row.high, at, column / 64) >> (column % 64) & 1;
                bool allowed = true;
                if (low && !high)
                    abort(); // the bounds are bounds
                if (i >= r.n_classes && column >= r.n_classes)
                    continue;
                for (int d = 0; d < DIRECTIONS; d++) {
                    reach_explain(&r, (enum netpol_direction)d, i, column, at, &why);
                    allowed = allowed && why.allowed && !why.perhaps;
                }
                if (allowed && !low)
                    abort(); // reasons are reasons of the answer
            }
    }
    return ERR_OK;
}

static err_code run(struct cluster *c, str text, struct arena *a, struct err *e)
{
    struct represent_peers peers;
    struct expose_leads leads;
    TRY(inventory_init(&c->v, &c->load, a, e));
    TRY(netpols_init(&c->p, &c->v, e));
    TRY(load_text(&c->load, S("fuzz"), text, &(struct load_sink){&c->p, netpols_take}, a, e));
    TRY(represent_add(&c->p, &peers, e));
    TRY(inventory_finish(&c->v, e));
    TRY(netpols_finish(&c->p, e));
    TRY(expose_find(&c->v, a, &leads, e));
    TRY(look(c, (struct reach_options){.host_network_as_pods = REACH_YES, .ipv6 = true}, a, e));
    return look(c, (struct reach_options){.block_matches_pods = REACH_YES}, a, e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    OWN_ARENA struct arena a = {0};
    struct cluster c = {0};
    struct err e = {0};
    if (arena_init(&a, "fuzz", (size_t)1 << 30, &e) != ERR_OK)
        abort();
    if (run(&c, (str){(const char *)data, n}, &a, &e) != ERR_OK && e.code != ERR_LIMIT)
        abort();
    inventory_done(&c.v);
    return 0;
}
