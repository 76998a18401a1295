// objects: all objects of a scan, to be asked across: by kind and name, Pods with their labels, who uses what, and the
// network policies and roles as graph/ reads them.
#ifndef CHECK_OBJECTS_H
#define CHECK_OBJECTS_H

#include "check/check.h"
#include "graph/netpol.h"
#include "graph/rbac.h"

#define OBJECTS_NONE UINT32_MAX

struct objects_entry {
    name_id api, kind, name, ns; // ns 0: none
};

// A Pod, or the one that a workload makes.
struct objects_pod {
    uint32_t record, ns; // ns: of the inventory
    uint32_t labels, ports, first_ip, n_ips;
    name_id account;
    name_id owner_kind, owner; // of the controller that makes it; 0: none
    uint8_t automount; // AUTOMOUNT_...
    bool host_network;
    bool owned;        // a controller among the input makes it: that one is looked at
};

// FOREIGN_POLICY: a network policy that is not modelled, of the namespace, or ns "" of all; POD_MAKER: a custom resource of the
// namespace, whose operator may make Pods; MESH: a Pod of it that says something to Istio or Linkerd. They have no name.
enum objects_use { USE_CONFIG_MAP, USE_SECRET, USE_ACCOUNT, USE_ROLE, USE_CLUSTER_ROLE, USE_FOREIGN_POLICY, USE_POD_MAKER, USE_MESH, USE_ANY };

struct objects {
    struct arena *arena;  // lives as long
    struct arena *scratch; // of one object
    const struct check_record *records;
    struct objects_entry *entries; // of each record
    uint32_t n;
    struct load load; // where the readers of graph/ leave their complaints: nobody reads them here
    struct arena problems;
    struct inventory inventory; // names, label sets, namespaces, Nodes; Pods: check/net.h
    struct netpols netpols;
    struct rbac_set *rbac;
    struct objects_pod *pods; // at most one a record
    uint32_t n_pods;
    uint32_t *by_value, *first_of_value; // Pods by the value of a label, there by namespace; and one more. NULL: not yet made
    uint32_t n_values;
    uint32_t *pods_of_ns, *first_pod; // by namespace of the inventory, and one more
    uint32_t *by_kind;    // records by kind, namespace, then as they came
    uint32_t n_by_kind;
    uint32_t *slots, cap_slots; // records by key
    uint32_t *bindings_of_role, *first_binding; // by role of rbac, and one more
    uint32_t *policies_of_ns, *first_policy; // NetworkPolicies
    struct objects_used {
        uint32_t key[2]; // a hash; 0: free
        uint32_t record;
    } *used;
    uint32_t n_used, cap_used;
    uint32_t *mention; // by namespace of the inventory: the record that mentions it first
    uint32_t cap_mention;
    uint32_t stranger; // of the inventory: stands for all namespaces that are not named anywhere
    bool whole; // kube-system itself is among the input: this is a cluster
};

err_code objects_read(struct objects *o, const struct check_record *records, uint32_t n, struct arena *a, struct arena *scratch,
                      struct err *e) MUST_USE;
void objects_done(struct objects *o);

// The record's tree, in the arena.
err_code objects_tree(const struct objects *o, uint32_t record, struct arena *a, struct object *ret, struct err *e) MUST_USE;
uint32_t objects_find(const struct objects *o, str kind, str ns, str name); // the last one of the name; OBJECTS_NONE
// Records of a kind (of a namespace, where ns is not NULL): a run of by_kind.
const uint32_t *objects_of_kind(const struct objects *o, str kind, const str *ns, uint32_t *ret_n);
// A record that uses the thing, or OBJECTS_NONE.
uint32_t objects_user(const struct objects *o, enum objects_use what, str ns, str name);
bool objects_is_declared(const struct objects *o, uint32_t ns); // the Namespace itself is among the input
// The record whose Pod is in the namespace, the first; OBJECTS_NONE: there is no Pod in it.
uint32_t objects_mentioned(const struct objects *o, uint32_t ns);
// Of a Pod what network policies go by: labels, ports, addresses, whether it is of the node's network.
err_code objects_read_end(struct objects *o, const struct object *pod, struct objects_pod *p, struct err *e) MUST_USE;
// Pods of a namespace of which some label has the value, each once: a run of by_value. objects_index_labels before it.
err_code objects_index_labels(struct objects *o, struct err *e) MUST_USE;
const uint32_t *objects_labelled(const struct objects *o, uint32_t ns, name_id value, uint32_t *ret_n);
// "Deployment shop/web"
str objects_name(const struct objects *o, uint32_t record, struct arena *a);

#endif
