// netpol_priv: what the readers of the three families of policies share.
#ifndef GRAPH_NETPOL_PRIV_H
#define GRAPH_NETPOL_PRIV_H

#include "graph/inventory_priv.h"
#include "graph/netpol.h"

// One object under way. What is wrong is said with refuse, which makes `bad` true: the policy is left out.
struct netpol_reader {
    struct netpols *p;
    struct inventory *v;
    struct arena *scratch;
    const struct object *o;
    struct netpol policy;
    bool bad;
    struct err *e;
};

err_code netpol_refuse(struct netpol_reader *r, const char *class, const struct node *at, const char *fmt, ...) PRINTF(4, 5)
    MUST_USE;
err_code netpol_read_selector(struct netpol_reader *r, const struct node *n, const char *path, netpol_selector *ret) MUST_USE;
err_code netpol_read_v1(struct netpol_reader *r) MUST_USE;      // netpol_v1.c
err_code netpol_read_tiered(struct netpol_reader *r) MUST_USE;  // netpol_tiered.c
static inline bool netpol_is_null(const struct node *n)
{
    return !n || n->kind == NODE_NULL;
}

#endif
