// What of an answer one policy can have a say in: the rows of the Pods it selects, and the columns.
#include "graph/reach_priv.h"

static bool is_selected(const struct reach *r, const struct netpol *n, uint32_t class)
{
    const struct inventory *v = r->inventory;
    const struct inventory_pod *pod = &v->pods[r->pods[r->classes[class].first_pod]];
    if (n->subject.ns != INVENTORY_NONE ? n->subject.ns != pod->ns
                                        : !netpol_selects(r->netpols, n->subject.namespaces, v->namespaces[pod->ns].labels))
        return false;
    return netpol_selects(r->netpols, n->subject.pods, pod->labels);
}

err_code reach_selected(const struct reach *r, uint32_t policy, struct arena *a, uint32_t **ret, uint32_t *ret_n, struct err *e)
{
    uint32_t n = 0;
    TRY_NEW(*ret, a, r->n_classes, e);
    for (uint32_t c = 0; c < r->n_classes; c++)
        if (is_selected(r, &r->netpols->all[policy], c))
            (*ret)[n++] = c;
    *ret_n = n;
    return ERR_OK;
}
