// rbac_priv: the set behind rbac.h.
#ifndef GRAPH_RBAC_PRIV_H
#define GRAPH_RBAC_PRIV_H

#include "graph/names.h"
#include "graph/rbac.h"
#include "kube/selector.h"

// A request's texts as ids of the set. RBAC_NONE: no rule has this text, only "*" can match it.
struct rbac_request {
    bool resource; // or a path
    uint32_t verb, group, combined, any_sub, name;
    str path;
};
struct rbac_request rbac_request_of(const struct rbac_set *s, const struct rbac_question *q);
// Does the rule match the resource request with some name or another?
bool rbac_request_fits(const struct rbac_rule *r, const struct rbac_request *q);

// Aggregation of a ClusterRole as its manifest says it.
struct rbac_aggregation {
    uint32_t role;
    const struct selector *selectors;
    uint32_t n;
};

// A principal's binding in a scope; sorted, so that equal principals and scopes stand together.
struct rbac_entry {
    uint32_t who;   // 2 * id + (1 for a group)
    uint32_t ns;    // its name; 0: everywhere
    uint32_t binding;
};

enum rbac_what { RBAC_ROLES, RBAC_BINDINGS, RBAC_ACCOUNTS, RBAC_WHATS };

struct rbac_set {
    struct arena *arena;
    struct load *load; // or NULL
    struct names names;
    struct rbac_role *roles;
    struct rbac_binding *bindings;
    struct rbac_account *accounts;
    struct rbac_aggregation *aggregations;
    uint32_t n_roles, n_bindings, n_accounts, n_aggregations;
    uint32_t cap_roles, cap_bindings, cap_accounts, cap_aggregations;
    struct slots by_name[RBAC_WHATS]; // and namespace; the last one of a name
    struct rbac_entry *entries;
    uint32_t *entry_bindings; // the bindings of `entries`, in their order: what rbac_list points into
    uint32_t n_entries;
};

// The entry of (ns, name), or RBAC_NONE.
uint32_t rbac_table_find(const struct rbac_set *s, enum rbac_what what, str ns, str name);
// Puts the entry `index`, which is in its array already; *ret_old is the one of the same name that it replaces, or RBAC_NONE.
err_code rbac_table_put(struct rbac_set *s, enum rbac_what what, uint32_t index, uint32_t *ret_old, struct err *e) MUST_USE;

// Rules and aggregation of a role that Kubernetes ships (rbac_builtin.def), where a binding names it and nothing else is there.
// *ret_role stays as it is where there is none of the name.
err_code rbac_builtin_add(struct rbac_set *s, str ns, str name, uint32_t *ret_role, struct err *e) MUST_USE;
// Fills `sources` of every role.
err_code rbac_aggregate(struct rbac_set *s, struct err *e) MUST_USE;

#endif
