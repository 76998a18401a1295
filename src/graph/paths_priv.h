// paths_priv: the graph while it is built.
#ifndef GRAPH_PATHS_PRIV_H
#define GRAPH_PATHS_PRIV_H

#include "graph/paths.h"
#include "graph/paths_objects.h"
#include "graph/rbac_priv.h"

enum paths_risk {
#define RISK(id, attack) RISK_##id,
#define REQUEST(verb, group, resource, sub)
#include "graph/paths_risks.def"
    RISKS
};

// Nodes have fixed numbers: sinks, sets of the whole cluster, four for each namespace; then identities, Pods, hosts and grants as they are made.
enum paths_all { ALL_ACCOUNTS, ALL_PODS, ALL_ADMIN_OF, ALL_USERS, ALL_GROUPS, ALL_ROLES, ALL_BOUND, ANY_HOST, ALLS };
enum paths_of_ns { NS_ACCOUNTS, NS_PODS, NS_TOKENS, NS_ADMIN, NS_ROLES, NS_BOUND, NS_NODES };

// A rule of a role that has a risk.
struct paths_cap {
    const struct rbac_rule *rule;
    uint8_t risk;
};

// Where a right counts.
#define SCOPE_ALL UINT32_MAX
#define SCOPE_EACH (UINT32_MAX - 1) // in every namespace, but not outside of them

// One right of an identity, or of a role.
struct paths_right {
    uint8_t risk;
    uint32_t scope; // a namespace of the inventory, SCOPE_ALL or SCOPE_EACH
    struct paths_reason by;
    uint32_t source; // 0: a binding of its own; n: of its nth group
};

enum { MOST_GROUPS = 4 }; // that the authenticator gives one user

struct paths_priv {
    const struct paths_objects *objects;
    const bool *metadata; // by Pod, or NULL
    uint32_t n_ns, first_ns, first_role; // first_ns: node of namespace 0's accounts
    struct paths_cap *caps;
    uint32_t *first_cap; // of each role with rules of its own; n_roles + 1
    bool *used;          // roles that a binding names, or that may be bound: their caps are known
    struct names users;  // texts of identities
    uint32_t *of_user, *of_group; // by number in `users`: identity + 1
    uint32_t cap_of;
    uint32_t *identity_nodes, *pod_nodes, *host_nodes, *volume_nodes; // nodes of identities, of classes of Pods, of hosts
    uint32_t *host_of; // by name of the inventory: host + 1
    uint32_t n_names;
    uint8_t *restricted; // by namespace: Pod security there refuses what escapes
    bool lists_wanted; // somebody may bind any Role, or what is bound already
    struct slots grant_of; // by role and scope
    uint32_t cap_nodes, cap_edges, cap_identities, cap_findings, cap_grants, cap_identity_nodes;
    uint32_t done_grants; // grants whose edges are made
    struct paths_right *rights; // scratch: of the identity under way
    uint32_t n_rights, cap_rights;
    struct rbac_list held[MOST_GROUPS + 1]; // its bindings, and its groups'
    uint32_t n_held;
    struct paths_group { // rights of a group that count together with others, by risk and scope
        const struct paths_right *rights;
        uint32_t n;
        bool made;
    } *groups; // of each identity
    uint32_t *bootstrap, n_bootstrap; // groups of bootstrap tokens
    uint32_t kube_system; // namespace, or PATHS_NONE
    uint32_t *sorted_pods; // classes by namespace and Pod's name: pairs of Pod and class
    uint32_t n_sorted_pods;
};

static inline uint32_t paths_all_node(enum paths_all all)
{
    return PATHS_SINKS + (uint32_t)all;
}
static inline uint32_t paths_ns_node(const struct paths *p, uint32_t ns, enum paths_of_ns what)
{
    return p->priv->first_ns + ns * NS_NODES + (uint32_t)what;
}

err_code paths_node_new(struct paths *p, enum paths_kind kind, uint32_t index, uint32_t *ret, struct err *e) MUST_USE;
err_code paths_edge_add(struct paths *p, const struct paths_edge *edge, struct err *e) MUST_USE;
// The identity of that user or group; made where it is new.
err_code paths_identity_add(struct paths *p, bool group, str text, uint32_t *ret, struct err *e) MUST_USE;
// The account's identity, by the same.
err_code paths_account_add(struct paths *p, str ns, str name, uint32_t *ret, struct err *e) MUST_USE;
uint32_t paths_identity_of(const struct paths *p, bool group, str text); // PATHS_NONE
// The node of a role's rights in a scope.
err_code paths_grant_add(struct paths *p, uint32_t role, uint32_t scope, uint32_t *ret_node, struct err *e) MUST_USE;

// Members of the sets of roles, where an edge leads to them.
err_code paths_lists_make(struct paths *p, struct err *e) MUST_USE;
err_code paths_link(struct paths *p, uint32_t from, uint32_t to, enum paths_attack attack, struct err *e) MUST_USE; // no step of its own

// paths_caps.c: which rules have which risks.
err_code paths_caps_make(struct paths *p, struct err *e) MUST_USE;
extern const uint8_t paths_risk_attack[RISKS];
extern const bool paths_risk_is_part[RISKS];
extern const bool paths_risk_is_cluster[RISKS]; // of a resource in no namespace: a RoleBinding does not give it

// paths_rights.c: what every identity's and grant's rights lead to; paths_conj.c: two rights together.
err_code paths_rights_make(struct paths *p, struct err *e) MUST_USE;
// Risks that count together with a risk, as bits; and rights put in the order of risk and scope.
uint64_t paths_conj_partners(unsigned risk);
void paths_conj_sort(struct paths_right *rights, uint32_t n);
err_code paths_conj_make(struct paths *p, uint32_t from, uint32_t identity, struct err *e) MUST_USE;
bool paths_names_has(const struct paths *p, const struct rbac_rule *r, str name); // or names nothing

// paths_pods.c: classes of Pods, and what each leads to.
err_code paths_pods_sort(struct paths *p, struct err *e) MUST_USE;
err_code paths_pods_make(struct paths *p, struct err *e) MUST_USE;
uint32_t paths_pods_named(const struct paths *p, uint32_t ns, str name); // the class, or PATHS_NONE

// paths_disk.c: what a hostPath gives. Paths are clean.
err_code paths_disk_clean(str path, struct arena *a, str *ret, struct err *e) MUST_USE; // no //, no /., no / at the end
bool paths_disk_above(str path, const char *place); // it is the place, or holds it
bool paths_disk_below(str path, const char *place); // it is the place, or is in it
bool paths_disk_socket(str path);
bool paths_disk_credentials(str path);
bool paths_disk_runs(str path);
bool paths_disk_volumes(str path);
bool paths_disk_etcd(str path);

#endif
