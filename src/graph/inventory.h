// inventory: the objects of a cluster held compactly: numbers for texts, one label set for all Pods that
// have it, one list of facts for all Pods that were made alike. From files now, from a cluster later.
//
// Pods collapse to their owner: the controller that owner references lead to, as far as objects are there
// to follow; a workload of which no Pod is there counts as one Pod with replicas. What is kept is
// copied: trees are not borrowed. Everything lives in the arena. Read-only once inventory_finish is done.
#ifndef GRAPH_INVENTORY_H
#define GRAPH_INVENTORY_H

#include "graph/address.h"
#include "graph/load.h"
#include "graph/names.h"
#include "kube/object.h"

#define INVENTORY_NONE UINT32_MAX

// Where a record stands: a file's number in inventory.files (names), and its line.
struct inventory_origin {
    name_id file;
    uint32_t line;
};

// What of a Pod's specification an attacker would care for. Rows of inventory.facts: FACT_WORDS words each.
enum inventory_fact_kind {
    FACT_PRIVILEGED,       // container
    FACT_HOST_PID,
    FACT_HOST_IPC,
    FACT_HOST_NETWORK,
    FACT_SHARE_PROCESSES,  // shareProcessNamespace
    FACT_CAPABILITY,       // container, text: the capability as written; more: of ALL, what is dropped, with commas
    FACT_ESCALATION,       // container: allowPrivilegeEscalation true is written
    FACT_ROOT,             // container: runAsUser 0 is in force
    FACT_NON_ROOT,         // container: runAsNonRoot, or a user that is not 0, is in force
    FACT_APPARMOR_OFF,     // container: unconfined
    FACT_HOST_PATH,        // container ("": no container mounts it), text: the path with the mount's subPath, more: where; read_only
    FACT_SECRET_VOLUME,    // container or "", text: the Secret
    FACT_CONFIGMAP_VOLUME, // the same of a ConfigMap
    FACT_SECRET_ENV,       // container, text: the Secret
    FACT_CONFIGMAP_ENV,
    FACT_TOKEN_VOLUME,     // projected serviceAccountToken; text: the audience or ""; more: where
    FACT_CLAIM_VOLUME,     // persistentVolumeClaim, text: its name
    FACT_PULL_SECRET,      // text: the Secret
    FACT_IMAGE,            // container, text: the image
    FACT_HOST_PORT,        // container, text: the port
    FACT_USER_NAMESPACE,   // hostUsers: false: root is root in the Pod only
};
struct inventory_fact {
    uint32_t kind; // enum inventory_fact_kind
    name_id container, text, more;
    uint32_t read_only;
    uint32_t line; // after the line of the Pod's record: its place is origin.line + line
};
enum { FACT_WORDS = 6 };

enum inventory_protocol { PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_SCTP, PROTOCOLS };
// A container's port, or a Service's. Rows of inventory.ports.
struct inventory_port {
    name_id name;
    uint32_t number, protocol;
};
enum { PORT_WORDS = 3 };

enum { AUTOMOUNT_UNSET, AUTOMOUNT_YES, AUTOMOUNT_NO };

// One Pod, or the one a workload's template makes.
struct inventory_pod {
    name_id name, service_account, node; // service_account "" is "default"
    uint32_t ns, workload;
    uint32_t labels; // row of inventory.labels: key, value, key, value ... sorted by key
    uint32_t ports, facts;
    uint32_t first_ip, n_ips; // inventory.ips
    struct inventory_origin at;
    uint8_t automount;
    bool host_network, is_template;
    bool replaced; // a later object of this name counts instead
};

struct inventory_workload {
    name_id name, kind, group; // Pods without an owner are workloads of kind Pod
    uint32_t ns, replicas;
    uint32_t first_pod, n_pods; // inventory.by_workload
    struct inventory_origin at; // of the object, or of its first Pod
    bool is_there; // the object itself is in the input
    bool unknown;  // stands for Pods that are not in the input: no labels, in a namespace without labels
    uint32_t owner; // a workload, or INVENTORY_NONE
};

struct inventory_namespace {
    name_id name;
    uint32_t labels; // with kubernetes.io/metadata.name
    struct inventory_origin at; // where it is declared, else where it was first mentioned
    bool declared;
    bool has_primary_network;
    bool unknown; // of Pods of which nothing is known: only what chooses everything chooses it
};

struct inventory_service_port {
    name_id name, target_name; // target_name 0: target is a number
    uint32_t port, target, node_port, protocol;
};
struct inventory_service {
    name_id name, type, external_name;
    uint32_t ns;
    uint32_t selector; // a label set; has_selector false: nothing is selected
    bool has_selector, has_external_ips, replaced;
    const struct inventory_service_port *ports;
    uint32_t n_ports;
    uint32_t first_ip, n_ips; // clusterIPs
    struct inventory_origin at;
};

// Something outside that leads to a Service: Ingress, Gateway API routes, OpenShift Routes, Istio VirtualServices.
struct inventory_exposure {
    name_id kind, name, service;
    uint32_t ns, service_ns;
    uint32_t port; // 0: by name, or all
    name_id port_name;
    bool of_pods; // port is one of the Pods, not of the Service (OpenShift's Routes)
    bool strict;  // it is the Service's, and nobody takes it for one of the Pods
    struct inventory_origin at;
};

struct inventory_node {
    name_id name;
    uint32_t labels;
    uint32_t first_ip, n_ips;
    bool control_plane;
    struct inventory_origin at;
};

// Addresses behind a Service that the cluster, not a selector, names (Endpoints, EndpointSlice).
struct inventory_endpoint {
    name_id service;
    uint32_t ns;
    struct address address;
    uint32_t port; // 0: none named
    struct inventory_origin at;
};

// Objects that decide about connections and are not modelled, by kind.
struct inventory_unmodelled {
    name_id group, kind;
    uint32_t n;
    struct inventory_origin at; // the first one
};

struct inventory {
    struct arena *arena;
    struct load *load; // problems go there
    struct names names;
    struct rows labels, ports, facts;
    struct inventory_pod *pods;
    struct inventory_workload *workloads;
    struct inventory_namespace *namespaces;
    struct inventory_service *services;
    struct inventory_exposure *exposures;
    struct inventory_node *nodes;
    struct inventory_endpoint *endpoints;
    struct inventory_unmodelled *unmodelled;
    struct address *ips;
    uint32_t n_pods, n_workloads, n_namespaces, n_services, n_exposures, n_nodes, n_endpoints, n_unmodelled, n_ips;
    uint32_t *by_workload; // pods in the order of their workloads, replaced ones left out
    uint32_t n_by_workload;
    uint32_t unknown; // the workload for what is not in the input: its one Pod

    // Private.
    uint32_t cap_pods, cap_workloads, cap_namespaces, cap_services, cap_exposures, cap_nodes, cap_endpoints, cap_unmodelled, cap_ips;
    struct inventory_seen *seen; // objects
    uint32_t n_seen, cap_seen;
    struct slots seen_of, namespace_of, workload_of; // by kind, namespace and name; by name; by namespace, kind and name
    uint32_t *ns_first; // in pods_of_ns, by namespace, and one more
    uint32_t *pods_of_ns;
    name_id default_ns, metadata_name;
    struct arena scratch; // of one object
};

err_code inventory_init(struct inventory *v, struct load *l, struct arena *a, struct err *e) MUST_USE;
void inventory_done(struct inventory *v); // the scratch space; the rest is the arena's
// Takes one object in, called while it is loaded. Kinds that are none of its business are passed over.
// What is wrong with the object becomes a problem of the load. ERR_LIMIT where the arena is full.
err_code inventory_add(struct inventory *v, const struct object *o, const struct origin *at, struct err *e) MUST_USE;
// After the last object: owners are resolved, workloads get their Pods.
err_code inventory_finish(struct inventory *v, struct err *e) MUST_USE;

// Of a Pod (or a template) what network policies go by: labels, ports, addresses, whether it is of the node's network.
err_code inventory_read_end(struct inventory *v, const struct object *pod, struct inventory_pod *p, struct err *e) MUST_USE;

// For readers of further kinds: the namespace of that name (which may only be mentioned), made where it is new.
err_code inventory_namespace(struct inventory *v, str name, struct inventory_origin at, uint32_t *ret, struct err *e) MUST_USE;
// The namespace of that name, or INVENTORY_NONE.
uint32_t inventory_find_namespace(const struct inventory *v, str name);
// Has an object of this kind and name been seen? If so *ret_earlier is its index as given then, and the problem
// is reported: the last one counts. index: what to remember.
err_code inventory_seen(struct inventory *v, const struct object *o, uint32_t ns, uint32_t index, struct inventory_origin at,
                        uint32_t *ret_earlier, struct err *e) MUST_USE;
// A map of strings as a label set.
err_code inventory_labels(struct inventory *v, const struct node *map, uint32_t *ret, struct err *e) MUST_USE;
// The value of a label in a label set, or UINT32_MAX.
name_id inventory_label(const struct inventory *v, uint32_t labels, name_id key);

name_id inventory_label_of(const struct rows_row *labels, name_id key);

// A label set of which only a selector is known, of a Pod or a namespace that is not in the input: SELECTOR_ONLY, then the
// selector's terms as netpols.selectors has them, one fact a key (represent.c). It has no label that could be looked up.
#define SELECTOR_ONLY UINT32_MAX
static inline bool inventory_is_selector(const struct rows_row *labels)
{
    return labels->n && labels->words[0] == SELECTOR_ONLY;
}

static inline str inventory_str(const struct inventory *v, name_id id)
{
    return names_str(&v->names, id);
}
static inline const struct inventory_port *inventory_ports(const struct inventory *v, uint32_t row, uint32_t *ret_n)
{
    *ret_n = v->ports.rows[row].n / PORT_WORDS;
    return (const struct inventory_port *)(const void *)v->ports.rows[row].words;
}
static inline const struct inventory_fact *inventory_facts(const struct inventory *v, uint32_t row, uint32_t *ret_n)
{
    *ret_n = v->facts.rows[row].n / FACT_WORDS;
    return (const struct inventory_fact *)(const void *)v->facts.rows[row].words;
}
// "SYS_ADMIN", "sys_admin" and "CAP_SYS_ADMIN" are the same.
bool inventory_same_capability(str a, str b);
// Pods that a Service selects, in the order of the inventory: calls back for each. An error ends it.
err_code inventory_service_pods(const struct inventory *v, const struct inventory_service *s,
                                err_code (*pod)(void *ctx, uint32_t pod, struct err *e), void *ctx, struct err *e) MUST_USE;
// The port of a Pod that a Service's port leads to, or 0: a name that the Pod does not have.
uint32_t inventory_target_port(const struct inventory *v, const struct inventory_service_port *p, uint32_t pod);
// Does the exposure lead to this port of its Service?
bool inventory_exposes(const struct inventory_exposure *x, const struct inventory_service_port *p);
uint32_t inventory_find_service(const struct inventory *v, uint32_t ns, name_id name); // or INVENTORY_NONE
// "namespace/name[Kind]"
void inventory_put_workload(const struct inventory *v, struct buf *b, uint32_t workload);

#endif
