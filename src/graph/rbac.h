// rbac: a set of Roles, ClusterRoles and bindings, and what Kubernetes' RBAC authorizer says of it.
//
// Semantics: kubernetes plugin/pkg/auth/authorizer/rbac (rbac.go, subject and rule evaluation),
// pkg/registry/rbac/validation (escalation_check.go), component-helpers/auth/rbac/validation
// (policy_comparator.go), staging apiserver endpoints/filters/impersonation.go.
// One thread fills and seals a set; sealed, it is read only and any thread may ask.
#ifndef GRAPH_RBAC_H
#define GRAPH_RBAC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "graph/load.h"
#include "kube/object.h"

struct rbac_set;

#define RBAC_NONE UINT32_MAX

// Texts of a rule, as ids of the set: rbac_text(). The id of "*" is RBAC_STAR.
struct rbac_list {
    const uint32_t *ids;
    uint32_t n;
};
enum { RBAC_STAR = 1 };

struct rbac_rule {
    struct rbac_list verbs, groups, resources, names, urls;
    uint32_t role, index; // rules[index] of the role it is written in
    uint32_t line;        // 1-based; 0: unknown
};

struct rbac_role {
    str ns, name; // ns "": a ClusterRole
    struct origin at;
    const struct rbac_rule *rules; // written in it; none where it aggregates, whatever its manifest says
    uint32_t n_rules;
    const uint32_t *sources; // the roles whose rules it has: itself, or what it aggregates in the end
    uint32_t n_sources;
    bool aggregates;
    bool builtin;  // Kubernetes ships it and a binding names it, but it is not among the input
    bool replaced; // a later object of the same name takes its place
    bool shipped;  // among the input, but the API server made it: it says so (label kubernetes.io/bootstrapping)
    bool widens;   // an aggregated role takes its rules: a new ClusterRole with its labels widens that one
    const struct node *labels; // a copy, or NULL
};

enum rbac_subject_kind { RBAC_USER, RBAC_GROUP, RBAC_ACCOUNT, RBAC_BAD };

struct rbac_subject {
    enum rbac_subject_kind kind;
    uint32_t user;  // the id of the user or group that it means: for an account system:serviceaccount:NS:NAME
    str ns, name;   // as the binding means them; ns of an account only
};

struct rbac_binding {
    str ns, name; // ns "": a ClusterRoleBinding
    struct origin at;
    uint32_t role; // RBAC_NONE: it refers to nothing that exists and grants nothing
    bool role_is_cluster;
    bool replaced;
    bool labelled; // kubernetes.io/bootstrapping: it says that the API server made it (rbac_is_shipped)
    str role_name;
    const struct rbac_subject *subjects;
    uint32_t n_subjects;
};

struct rbac_account {
    str ns, name;
    struct origin at;
    bool no_token; // automountServiceAccountToken: false
};

// a: of the set's whole life. l: where problems go, and lines come from; may be NULL.
err_code rbac_set_new(struct arena *a, struct load *l, struct rbac_set **ret, struct err *e) MUST_USE;
// Takes what matters of the object, and copies it: roles, bindings, ServiceAccounts; ignores other kinds. What the
// API server would refuse is a problem of the load, and is read as the authorizer would read it.
err_code rbac_set_add(struct rbac_set *s, const struct object *o, const struct origin *at, struct err *e) MUST_USE;
struct rbac_seal_options {
    bool no_builtin; // the roles that every cluster has are not assumed where a binding names them
};
// Resolves references and aggregation, and makes the indexes. Duplicates (the later object counts),
// dangling references and cycles are problems of the load.
err_code rbac_set_seal(struct rbac_set *s, const struct rbac_seal_options *o, struct err *e) MUST_USE;

// Of a sealed set.
str rbac_text(const struct rbac_set *s, uint32_t id);
uint32_t rbac_id(const struct rbac_set *s, str text); // RBAC_NONE: no rule and no subject has this text
uint32_t rbac_n_texts(const struct rbac_set *s); // ids are below this
uint32_t rbac_n_roles(const struct rbac_set *s);
uint32_t rbac_n_bindings(const struct rbac_set *s);
uint32_t rbac_n_accounts(const struct rbac_set *s);
const struct rbac_role *rbac_role(const struct rbac_set *s, uint32_t i);
const struct rbac_binding *rbac_binding(const struct rbac_set *s, uint32_t i);
const struct rbac_account *rbac_account(const struct rbac_set *s, uint32_t i);
// Did the API server make the binding, for this subject of it?
bool rbac_is_shipped(const struct rbac_binding *b, const struct rbac_subject *x);
const struct rbac_account *rbac_find_account(const struct rbac_set *s, str ns, str name); // or NULL
uint32_t rbac_find_role(const struct rbac_set *s, str ns, str name); // ns "": a ClusterRole; RBAC_NONE

// Who asks: as the authenticator, or a SubjectAccessReview, describes the user. No group is added.
struct rbac_user {
    str name;
    const str *groups;
    uint32_t n_groups;
};
// The groups that the authenticator gives a user of this name without others: system:authenticated, a service
// account's two, system:unauthenticated for system:anonymous, system:nodes for a node. In the arena.
err_code rbac_implied_groups(str user, const str *more, uint32_t n_more, struct arena *a, struct rbac_user *ret,
                             struct err *e) MUST_USE;

struct rbac_question {
    struct rbac_user user;
    str verb;
    str path; // p is not NULL: a non-resource request, and the rest is not looked at
    str group, resource, subresource, name, ns; // "" where the request has none
};

struct rbac_answer {
    bool allowed;
    bool masters;     // as a member of system:masters: no binding and no rule was asked
    uint32_t binding; // RBAC_NONE where there is none
    uint32_t role;    // the one the binding refers to
    const struct rbac_rule *rule;
};
// The first grant: ClusterRoleBindings before RoleBindings, in the order they were added.
bool rbac_allows(const struct rbac_set *s, const struct rbac_question *q, struct rbac_answer *ret);

// Every binding of a user, or a group, in a namespace ("": ClusterRoleBindings), as indexes. n 0: none.
struct rbac_list rbac_bindings_of(const struct rbac_set *s, bool group, uint32_t id, str ns);
// The same of all namespaces: ClusterRoleBindings first, then namespace by namespace.
struct rbac_list rbac_bindings_all(const struct rbac_set *s, bool group, uint32_t id);
// Does the rule match the resource request? The question's user and namespace are not looked at.
bool rbac_rule_matches(const struct rbac_set *s, const struct rbac_rule *r, const struct rbac_question *q);
// The nth rule that a role has, its own or aggregated; NULL past the last.
struct rbac_walk {
    uint32_t source, rule;
};
const struct rbac_rule *rbac_role_next(const struct rbac_set *s, uint32_t role, struct rbac_walk *w);

// Every (binding, rule) that applies to the user in the namespace, ns "": ClusterRoleBindings only. An iteration.
struct rbac_grants {
    const struct rbac_set *set;
    const struct rbac_user *user;
    uint32_t scope, ns; // private
    uint32_t who, at;
    struct rbac_list list;
    struct rbac_walk walk;
    uint32_t binding;
};
void rbac_grants_init(struct rbac_grants *g, const struct rbac_set *s, const struct rbac_user *u, str ns);
const struct rbac_rule *rbac_grants_next(struct rbac_grants *g, uint32_t *ret_binding);

// policy_comparator.go: do the user's rules in ns cover all of the role's? A missing one is in *ret_missing (may be NULL).
bool rbac_covers(const struct rbac_set *s, const struct rbac_user *u, str ns, uint32_t role,
                 const struct rbac_rule **ret_missing);
// One verb, group, resource and name (p NULL: any), or one verb and path, of a rule. policy_comparator.go, BreakdownRule.
struct rbac_atom {
    str verb, group, resource, name, url;
};
// What of a rule of the set `of` the user does not have in s and ns: each, or where it is NULL only whether there is any.
err_code rbac_uncovered(const struct rbac_set *s, const struct rbac_user *u, str ns, const struct rbac_set *of,
                        const struct rbac_rule *r, void *ctx,
                        err_code (*each)(void *ctx, const struct rbac_atom *atom, struct err *e), bool *ret_any, struct err *e) MUST_USE;
// May the user write a binding in ns ("": a ClusterRoleBinding) to the role, as the API server checks: verb bind on it,
// or its rules covered. The permission to write bindings is asked for separately. *ret: what allowed bind, if that did.
bool rbac_may_bind(const struct rbac_set *s, const struct rbac_user *u, str ns, uint32_t role, struct rbac_answer *ret);
// May the user give the role of this name (ns "": a ClusterRole) any rules: verb escalate on it.
bool rbac_may_escalate(const struct rbac_set *s, const struct rbac_user *u, str ns, str name, struct rbac_answer *ret);
// May the user act as another (impersonation.go): its name, then each group. Group system:authenticated and an account's own groups are
// added by the filter and not asked for.
bool rbac_may_impersonate(const struct rbac_set *s, const struct rbac_user *u, const struct rbac_user *as,
                          struct rbac_answer *ret);

// "ClusterRole/admin", "Role/shop/reader", "RoleBinding/shop/read": how commands name them.
void rbac_put_role(struct buf *b, const struct rbac_set *s, uint32_t role);
void rbac_put_binding(struct buf *b, const struct rbac_set *s, uint32_t binding);
void rbac_put_subject(struct buf *b, const struct rbac_subject *x); // "ServiceAccount:ns/name", "User:jane"
// "ClusterRole/admin rules[2]", with "of" where another role aggregates it.
void rbac_put_rule(struct buf *b, const struct rbac_set *s, const struct rbac_rule *r);
// What the rule allows, in words: "get,list secrets,pods/log.apps named a,b", "get /healthz".
void rbac_put_allows(struct buf *b, const struct rbac_set *s, const struct rbac_rule *r);

#endif
