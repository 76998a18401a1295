// policy_priv: what a policy set is made of, for the files of this room.
#ifndef POLICY_POLICY_PRIV_H
#define POLICY_POLICY_PRIV_H

#include <pthread.h>

#include "cel/cel.h"
#include "kube/selector.h"
#include "policy/natives.h"
#include "policy/policy.h"

// The variables every expression may see, in the order every env declares them: slot numbers are the same in all.
enum policy_slot {
    SLOT_OBJECT,
    SLOT_OLD_OBJECT,
    SLOT_REQUEST,
    SLOT_NAMESPACE,
    SLOT_PARAMS,
    SLOT_AUTHORIZER,
    SLOT_REQUEST_RESOURCE, // authorizer.requestResource
    SLOTS,
};

// Where an expression stands: what it sees and what it must give.
enum expr_place {
    EXPR_MATCH,      // bool; no variables, namespaceObject is null
    EXPR_VALIDATION, // bool
    EXPR_MESSAGE,    // string; no authorizer
    EXPR_AUDIT,      // string or null
    EXPR_VARIABLE,   // any
    EXPR_PLACES,
};

// One compiled expression. Shared by every policy that has the same text in the same surroundings.
struct expr {
    const struct cel_program *program;
    str source; // trimmed
    const uint32_t *variables; // what it reads of variables: indexes into set.variables
    uint32_t n_variables;
    uint32_t hash;
    uint32_t owner; // a policy's ordinal, where it cannot be shared; else 0
    enum expr_place place;
    bool cross;       // of a ClusterCheck: it sees other functions
    bool with_params; // compiled where params are declared, and mentions them
    bool needs_params, needs_request; // it, or a variable below it, may read them
    uint8_t depth;    // of nested variables
    struct expr *next; // in its bucket
};

// A distinct variable of the set: its index is the one programs know (cel_env_lazy_at).
struct variable {
    str name;
    const struct expr *expr; // NULL: it did not compile
    const struct cel_type *type;
};

// What of a policy has a text, an expression.
struct condition {
    str name; // of a match condition; the key of an audit annotation
    const struct expr *expr;
};

struct validation {
    const struct expr *expr, *message_expr; // message_expr may be NULL
    str message; // trimmed; "failed expression: ..." where the policy gives none
    str reason;  // "Invalid" where the policy gives none
};

struct resource_rule {
    const str *groups, *versions, *resources, *names;
    uint32_t n_groups, n_versions, n_resources, n_names;
    bool create; // operations include CREATE
    char scope;  // '*', 'C'luster, 'N'amespaced
};

struct match {
    const struct resource_rule *rules, *excludes;
    uint32_t n_rules, n_excludes;
    struct selector namespaces, objects;
    bool equivalent; // matchPolicy
};

struct origin { // where a policy or a binding stands
    str file;
    struct diag_position at;
};

enum not_found_action { NOT_FOUND_ALLOW, NOT_FOUND_DENY };

struct param_ref {
    str name, ns; // name "": by selector
    struct selector selector;
    enum not_found_action not_found;
};

struct param_object {
    struct object object;
    struct param_object *next;
};

struct binding {
    str name, policy;
    const struct match *match;       // NULL: everything
    const struct param_ref *params;  // NULL: params is null
    struct origin origin;
    struct binding *next;            // in set.bindings
    struct binding *next_of_policy;  // in the order they were loaded
    bool replaced;                   // a later one of the same name stands for it
};

enum pss_level { PSS_NONE, PSS_BASELINE, PSS_RESTRICTED };

struct policy {
    struct rule rule;
    struct match match;
    const struct condition *conditions, *annotations;
    const struct validation *validations;
    uint32_t n_conditions, n_annotations, n_validations;
    bool ignore_errors; // failurePolicy: Ignore
    bool has_params;
    str param_api_version, param_kind;
    const uint32_t *variables; // in order of declaration: indexes into set.variables
    uint32_t n_variables;

    enum pss_level pss;
    str pss_overrides; // names, comma-separated
    str overrides;     // the same, of single places
    unsigned since_minor;
    const struct node *applies_text; // casemate.dev/applies, or NULL
    const struct expr *applies;      // bool: false where to pass means nothing; NULL: it always means something

    struct origin origin;
    struct binding *bindings;
    const struct param_object *const *params; // loaded objects of its paramKind, when the set is sealed
    uint32_t n_params;
    const struct node *const *given; // of them those that it is judged with though nothing binds it
    uint32_t n_given;
    struct policy *next; // in set.policies
    bool replaced;       // a later one of the same name stands for it
    bool needs_request;
    bool cross; // a ClusterCheck: judged with all objects at hand
    bool own; // the program's: policy_set_load_later()
    const struct later *later; // NULL: all has been read
    const uint32_t *stronger; // active policies that override this one's places, when the set is sealed
    uint32_t n_stronger;
};

// What of a policy has not been read yet: its expressions.
struct later {
    str file, text;
    const struct node *root;
    uint32_t owner;
};

// Held while something of a sealed set is compiled. All that workers read of a policy was written before.
struct compiling {
    pthread_mutex_t lock;
    struct policy_set *set;
};

struct env_list {
    struct cel_env *env;
    struct env_list *next;
};

struct policy_set {
    struct arena arena;
    struct policy_options options;
    struct policy *policies, *last_policy;
    struct binding *bindings, *last_binding;
    struct param_object *params, *last_param;
    uint32_t n_policies; // ever read: ordinals
    struct origin other; // the first thing of admission that is neither
    str other_kind;
    uint32_t n_others;

    struct env_list *envs;            // to free
    struct cel_env *plain_env[3];     // without variables: without and with params, of ClusterChecks
    struct expr **buckets;            // by hash
    uint32_t n_exprs, n_buckets;
    struct variable *variables;
    uint32_t n_variables, cap_variables;

    bool sealed;
    struct compiling *compiling;
    uint32_t declared; // variables of what is read later, at most
    struct policy **active; // by id, as rules
    const struct rule **rules;
    uint32_t n_active;
};

// set.c
struct policy *policy_set_find(const struct policy_set *s, str name); // the one that counts, or NULL
// load.c: reads what of an active policy was left for later. Thread-safe once the set is sealed.
err_code policy_prepare(const struct policy_set *s, uint32_t rule, struct err *e) MUST_USE;
err_code policy_arena_full(const struct arena *a, struct err *e) MUST_USE; // ERR_LIMIT, for who got NULL from it

#endif
