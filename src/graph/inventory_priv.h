// inventory_priv: what the files of the inventory share.
#ifndef GRAPH_INVENTORY_PRIV_H
#define GRAPH_INVENTORY_PRIV_H

#include "graph/inventory.h"

// pod: a Pod's tree, {metadata, spec}; line: of its record, facts count from it.
err_code inventory_read_facts(struct inventory *v, const struct object *pod, uint32_t line, uint32_t *ret, struct err *e)
    MUST_USE;
// inventory_pod.c
err_code inventory_read_pod(struct inventory *v, const struct object *o, struct inventory_origin at, bool *ret_taken,
                            struct err *e) MUST_USE;
uint32_t inventory_find_workload(const struct inventory *v, uint32_t ns, name_id kind, name_id name);
// inventory_service.c
err_code inventory_read_service(struct inventory *v, const struct object *o, struct inventory_origin at, struct err *e)
    MUST_USE;
err_code inventory_read_node(struct inventory *v, const struct object *o, struct inventory_origin at, struct err *e) MUST_USE;
err_code inventory_read_endpoints(struct inventory *v, const struct object *o, struct inventory_origin at, struct err *e)
    MUST_USE;
// inventory_exposure.c. False in *ret_taken: no kind that exposes.
err_code inventory_read_exposure(struct inventory *v, const struct object *o, struct inventory_origin at, bool *ret_taken,
                                 struct err *e) MUST_USE;

err_code inventory_check_network(struct inventory *v, const struct object *o, struct err *e) MUST_USE; // inventory_network.c
// Values of the wrong type: the API server refuses the object, and so do we.
err_code inventory_check_types(struct inventory *v, const struct object *o, bool *ret_bad, struct err *e) MUST_USE;
err_code inventory_add_ip(struct inventory *v, const struct node *n, const char *what, uint32_t *n_ips, struct err *e) MUST_USE;
bool inventory_read_protocol(str s, uint32_t *ret); // "" is TCP
// The namespace of an object: its own, or "default".
err_code inventory_namespace_of(struct inventory *v, const struct object *o, struct inventory_origin at, uint32_t *ret,
                                struct err *e) MUST_USE;
static inline uint32_t inventory_int(const struct node *n, uint32_t otherwise, uint32_t max)
{
    return node_is(n, NODE_INT) && n->i >= 0 && n->i <= max ? (uint32_t)n->i : otherwise;
}

#endif
