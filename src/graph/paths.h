// paths: how somebody in a cluster comes to own it: a graph of identities, Pods and nodes, and ways between them.
//
// Every way has its evidence: the binding and the rule, or the field of a Pod. A way that holds only if something is so that the
// input does not say is marked, with what that is. Built once, then read only.
#ifndef GRAPH_PATHS_H
#define GRAPH_PATHS_H

#include "graph/inventory.h"
#include "graph/netpol.h"
#include "graph/rbac.h"

enum paths_attack {
#define ATTACK(id, name, what, recommendation, fix) ATTACK_##id,
#include "graph/paths_attacks.def"
#undef ATTACK
    ATTACKS
};
struct paths_attack_row {
    const char *name, *what, *recommendation, *fix;
};
extern const struct paths_attack_row paths_attacks[ATTACKS];

// What a path ends at; the worst first.
enum paths_sink {
    PATHS_CLUSTER_ADMIN,
    PATHS_SYSTEM_MASTERS,
    PATHS_ETCD,
    PATHS_NODE,
    PATHS_KUBE_SYSTEM_SECRETS,
    PATHS_CLOUD_ROLE,
    PATHS_NAMESPACE_ADMIN,
    PATHS_SINKS
};
extern const char *const paths_sinks[PATHS_SINKS]; // "cluster-admin" ...

enum paths_kind {
    PATHS_SINK,     // index: enum paths_sink
    PATHS_IDENTITY, // index: of an identity
    PATHS_POD,      // index: of a class of Pods that are alike
    PATHS_HOST,     // root on a node; index: of the node's name in `hosts`
    PATHS_HOSTS,    // root on any node
    PATHS_ADMIN_OF, // everything in a namespace; index: of the namespace
    PATHS_GRANT,    // what a role allows, in a namespace or everywhere; index: of a grant
    PATHS_SET,      // any of its members: accounts, Pods, tokens of a namespace or of all; never the end of a hop that is shown
};
struct paths_node {
    uint8_t kind;
    uint32_t index;
};

struct paths_identity {
    enum rbac_subject_kind kind;
    str user;     // as the authenticator names it
    str ns, name; // as a subject names it
    uint32_t id;  // of the set; RBAC_NONE: no binding names it
    struct origin at; // of the ServiceAccount; file "": it is not among the input
    const char *cloud; // the annotation that gives it a role of a cloud, or NULL
};

struct paths_pods {
    uint32_t pod, n; // of the inventory: one of them; how many
};

// Why a way is there. binding RBAC_NONE: none.
struct paths_reason {
    uint32_t binding;
    const struct rbac_rule *rule;
};
enum { PATHS_FACTS = 3, PATHS_NO_FACT = UINT16_MAX, PATHS_TOKEN_FACT = UINT16_MAX - 1 };
#define PATHS_NO_FACTS {PATHS_NO_FACT, PATHS_NO_FACT, PATHS_NO_FACT}
struct paths_edge {
    uint32_t from, to;
    uint8_t attack;
    uint8_t cost; // 0: not a step of its own
    uint16_t facts[PATHS_FACTS]; // of a Pod: indexes of its facts, all of which it takes; PATHS_NO_FACT
    uint32_t pods;     // the class of Pods whose fields they are, or PATHS_NONE
    struct paths_reason by[2];
    const char *assumes; // NULL: it holds
};
#define PATHS_NONE UINT32_MAX

// Something that somebody may do or that a Pod has, whether or not it leads anywhere.
struct paths_finding {
    uint32_t node; // who
    uint8_t attack;
    uint32_t ns; // RBAC: id of the namespace's name in the set, 0: everywhere
    struct paths_reason by[2];
    uint32_t pods;
    uint16_t fact;
    bool part; // with another right that it has not, or has too: then there is a finding of both
};

struct paths {
    struct arena *arena;
    struct inventory *inventory;
    const struct rbac_set *set;
    struct paths_node *nodes;
    struct paths_edge *edges;
    struct paths_identity *identities;
    struct paths_pods *pods;
    struct paths_finding *findings;
    name_id *hosts; // of the inventory; 0: a node whose name is not known
    struct paths_grant {
        uint32_t role, ns, node; // ns: of the inventory, SCOPE_ALL or SCOPE_EACH (paths_priv.h)
    } *grants;
    uint32_t n_nodes, n_edges, n_identities, n_pods, n_findings, n_hosts, n_grants;
    uint32_t *out, *in;           // edges by where they begin, and by where they end: indexes of edges
    uint32_t *first_out, *first_in; // n_nodes + 1 each
    struct paths_priv *priv;
};

// What paths need of objects beside the inventory and the set: Secrets, volumes, annotations. Collects while objects are loaded.
struct paths_objects;
err_code paths_objects_new(struct arena *a, struct paths_objects **ret, struct err *e) MUST_USE;
err_code paths_objects_add(struct paths_objects *x, const struct object *o, const struct origin *at, struct err *e) MUST_USE;

// *ret: of each Pod of the inventory: do its network policies let it reach a cloud's metadata service?
err_code paths_metadata(const struct inventory *v, const struct netpols *n, struct arena *a, bool **ret, struct err *e) MUST_USE;

// v: finished; s: sealed; metadata: as paths_metadata gives it, or NULL. All outlive the graph.
err_code paths_build(struct paths *p, struct inventory *v, const struct rbac_set *s, const struct paths_objects *x,
                     const bool *metadata, struct arena *a, struct err *e) MUST_USE;

// Every node's way to a sink: next[node] is the edge it begins with, or PATHS_NONE; shortest in steps, then by the order
// of edges. assumed: take ways that only may be there, too.
struct paths_tree {
    enum paths_sink sink;
    bool assumed;
    uint32_t *next, *distance; // n_nodes
    struct paths_walk *walk;   // for questions about cuts: of one thread
};
err_code paths_search(const struct paths *p, enum paths_sink sink, bool assumed, struct arena *a, struct paths_tree *ret,
                      struct err *e) MUST_USE;

// What may be taken away: a binding, or a field of Pods that are alike.
struct paths_cut {
    uint32_t binding; // RBAC_NONE: it is a field
    uint32_t pods;
    uint16_t fact;
};
// Does taking it away leave node no way to the tree's sink?
bool paths_cuts(const struct paths *p, const struct paths_tree *t, uint32_t node, const struct paths_cut *cuts, uint32_t n,
                uint64_t *budget);
// A way from node to the tree's sink that is left without them: its edges, sets and all, at most `most`. 0: there is none, or it is longer.
uint32_t paths_way_past(const struct paths *p, const struct paths_tree *t, uint32_t node, const struct paths_cut *cuts, uint32_t n,
                        uint64_t *budget, struct arena *scratch, uint32_t *ret_edges, uint32_t most);
// The fewest things to take away so that node has no way left: up to PATHS_MOST_CUTS, all of them on ways that exist. *ret_n 0: there are
// no so few, or the budget (edges looked at) is spent.
enum { PATHS_MOST_CUTS = 3 };
void paths_smallest_cut(const struct paths *p, const struct paths_tree *t, uint32_t node, uint64_t *budget, struct arena *scratch,
                        struct paths_cut ret[PATHS_MOST_CUTS], uint32_t *ret_n);
// Where so few are not enough: things that are, each of them needed beside the others; whether they are the fewest nobody looked.
// *ret_n 0: a way rests on nothing that can be taken away, or they are too many, or the budget is spent.
enum { PATHS_MOST_ENOUGH = 12 };
void paths_enough(const struct paths *p, const struct paths_tree *t, uint32_t node, uint64_t *budget, struct arena *scratch,
                  struct paths_cut ret[PATHS_MOST_ENOUGH], uint32_t *ret_n);
// What of an edge could be taken away, each of which ends it.
enum { PATHS_CUTS_OF = 3 };
uint32_t paths_cuts_of(const struct paths_edge *edge, struct paths_cut ret[PATHS_CUTS_OF]);

// The node of a subject, or of the class of a Pod or workload "Pod:ns/name", "Deployment:ns/name"; PATHS_NONE.
uint32_t paths_find(const struct paths *p, str who);
uint32_t paths_identity_node(const struct paths *p, uint32_t identity);
uint32_t paths_pod_node(const struct paths *p, uint32_t pods);
uint32_t paths_pods_host(const struct paths *p, uint32_t pods); // the node that stands for root where they run
bool paths_is_volume(const struct inventory_fact *f);           // something mounted into a container

void paths_put_node(const struct paths *p, struct buf *b, uint32_t node);
// "Pod:shop/web" or "Deployment:shop/web" of an inventory's Pod.
void paths_put_pod(const struct paths *p, struct buf *b, uint32_t pod);
void paths_put_cut(const struct paths *p, struct buf *b, const struct paths_cut *c);
// What a fact of a Pod says: "privileged in app", "hostPath / in app", "the token of its account".
void paths_put_fact(const struct paths *p, struct buf *b, uint32_t pods, uint16_t fact);
struct origin paths_fact_place(const struct paths *p, uint32_t pods, uint16_t fact);

#endif
