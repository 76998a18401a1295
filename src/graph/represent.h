// represent: Pods that are not in the input, but that rules speak of: one for each distinct choice of Pods, of which nothing is
// known but that it is chosen. A rule or policy takes it where it takes every Pod that is chosen so (NotIn [a, b] is taken by NotIn
// [a], In [a, b] is not taken by In [a]). What they may reach, and what may reach them, is what a cluster is open to.
#ifndef GRAPH_REPRESENT_H
#define GRAPH_REPRESENT_H

#include "graph/netpol.h"

struct represent_peer {
    struct netpol_pods chosen;
    uint32_t pod; // inventory.pods
};
struct represent_peers {
    struct represent_peer *all;
    uint32_t n, cap;
};

// Before inventory_finish, when all policies are read. Choices that no Pod can meet are left out, and the one of all Pods of
// all namespaces, which inventory.unknown stands for.
err_code represent_add(struct netpols *p, struct represent_peers *ret, struct err *e) MUST_USE;

// "hello-world/[all pods]", "[namespace with {team=a}]/[pod with {app=web}]".
void represent_put(const struct netpols *p, struct buf *b, const struct netpol_pods *chosen);

#endif
