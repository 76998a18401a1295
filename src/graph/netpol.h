// netpol: NetworkPolicy (networking.k8s.io/v1), AdminNetworkPolicy and BaselineAdminNetworkPolicy
// (policy.networking.k8s.io/v1alpha1), ClusterNetworkPolicy (v1alpha2) as one list of rules.
//
// What the API server would refuse is reported with its place and left out: it cannot be in a cluster.
#ifndef GRAPH_NETPOL_H
#define GRAPH_NETPOL_H

#include "graph/inventory.h"

enum netpol_kind { NETPOL_NETWORK, NETPOL_ADMIN, NETPOL_BASELINE, NETPOL_CLUSTER };
enum netpol_tier { TIER_ADMIN, TIER_NETWORK, TIER_BASELINE, TIERS };
enum netpol_direction { DIRECTION_INGRESS, DIRECTION_EGRESS, DIRECTIONS };
enum netpol_action { ACTION_ALLOW, ACTION_DENY, ACTION_PASS };

// A row of netpols.selectors: [key, operator, n, values...]...; row 0 selects everything.
typedef uint32_t netpol_selector;

// Which Pods: of one namespace (own) or of those that a selector takes.
struct netpol_pods {
    uint32_t ns; // the policy's own, or INVENTORY_NONE: namespaces decides
    netpol_selector namespaces, pods;
};

enum netpol_peer_kind { PEER_PODS, PEER_BLOCK, PEER_NODES, PEER_DOMAINS };
struct netpol_peer {
    enum netpol_peer_kind kind;
    struct netpol_pods pods;      // PEER_PODS
    struct address_range block;   // PEER_BLOCK
    const struct address_range *except;
    uint32_t n_except;
    netpol_selector nodes;        // PEER_NODES
    name_id domain;               // PEER_DOMAINS
    bool any;                     // everything, inside and outside
};

enum { ANY_PROTOCOL = PROTOCOLS };
struct netpol_port {
    uint32_t protocol; // enum inventory_protocol; ANY_PROTOCOL only with a name
    uint32_t first, last; // of a number; 1 to 65535 for all
    name_id name; // 0: numbers
};

struct netpol_rule {
    enum netpol_direction direction;
    enum netpol_action action;
    name_id name; // "" for NetworkPolicy
    uint32_t index; // in its list, from 0
    const struct netpol_peer *peers;
    const struct netpol_port *ports; // n_ports 0: all ports of all protocols
    uint32_t n_peers, n_ports;
    struct inventory_origin at;
};

struct netpol {
    enum netpol_kind kind;
    enum netpol_tier tier;
    name_id name;
    uint32_t ns; // of a NetworkPolicy, else INVENTORY_NONE
    uint32_t priority;
    struct netpol_pods subject;
    bool isolates[DIRECTIONS]; // NetworkPolicy: what is not allowed is denied
    const struct netpol_rule *rules;
    uint32_t n_rules;
    struct inventory_origin at;
    bool replaced; // a later object of this name counts instead
};

struct netpols {
    struct inventory *inventory;
    struct rows selectors;
    struct netpol *all;
    uint32_t n, cap;
};

err_code netpols_init(struct netpols *p, struct inventory *v, struct err *e) MUST_USE;
// Takes an object in where it is one of these kinds; *ret_taken says so.
err_code netpols_add(struct netpols *p, const struct object *o, const struct origin *at, bool *ret_taken, struct err *e) MUST_USE;
// What a load_sink calls; netpols is its ctx: objects that are no policies go to the inventory.
err_code netpols_take(void *netpols, const struct object *o, const struct origin *at, struct err *e) MUST_USE;
// After inventory_finish: tiers are put in order; equal priorities, policies of namespaces that are not there and ports
// that can match nothing are reported.
err_code netpols_finish(struct netpols *p, struct err *e) MUST_USE;

// Of a label set of which only a selector is known: whether all that meet it are taken.
bool netpol_selects(const struct netpols *p, netpol_selector s, uint32_t labels);
bool netpol_selects_row(const struct netpols *p, netpol_selector s, const struct rows_row *labels);
const char *netpol_kind_name(enum netpol_kind k);
// "NetworkPolicy default/web", "AdminNetworkPolicy name"
void netpol_put_name(const struct netpols *p, struct buf *b, const struct netpol *n);
// "app=web,tier in (a, b)", or "" for everything
void netpol_put_selector(const struct netpols *p, struct buf *b, netpol_selector s);

#endif
