// expose: what outside leads to: Services of type NodePort or LoadBalancer or with externalIPs, and through Ingress,
// routes and the like, to ports of workloads.
#ifndef GRAPH_EXPOSE_H
#define GRAPH_EXPOSE_H

#include "graph/inventory.h"

struct expose_lead {
    uint32_t exposure; // inventory.exposures, or INVENTORY_NONE: the Service itself is open
    uint32_t service;
    uint32_t workload;
    uint32_t protocol, port; // of its Pods
};
struct expose_leads {
    struct expose_lead *all;
    uint32_t n, cap;
};

// In the arena. Exposures that lead nowhere (no such Service, no Pod behind it) are problems of the load: "dangling".
err_code expose_find(struct inventory *v, struct arena *a, struct expose_leads *ret, struct err *e) MUST_USE;

#endif
