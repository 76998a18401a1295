// worker_priv: one thread's evaluation of a policy set, for the files that share it.
#ifndef POLICY_WORKER_PRIV_H
#define POLICY_WORKER_PRIV_H

#include "cel/idle.h"
#include "policy/match.h"
#include "policy/policy_priv.h"

// A variable's value, where `at` is the moment that what it may read last changed. Moments are values of
// policy_worker.clock, so nothing needs clearing between objects.
struct memo {
    uint64_t at;
    uint64_t charged; // the evaluation that has paid for it
    uint64_t cost;    // of its own expression
    uint64_t counted; // in the count that this number stands for
    struct value value;
};

// Keys that policies must find in an object to have anything to say of it, see idle.h.
enum { IDLE_KEYS = 192, IDLE_WORDS = IDLE_KEYS / 64, IDLE_SLOTS = 512 };
struct idle_keys {
    struct key slots[IDLE_SLOTS]; // open addressing
    uint8_t numbers[IDLE_SLOTS];
    uint32_t n, members; // members: of the subject, all together
    uint64_t present[IDLE_WORDS]; // in the subject, by number
    bool known; // of the subject
};

// A policy whose rules may select objects of a kind. sure: every one, and nothing is left to ask.
struct candidate {
    uint32_t index; // into set.active
    bool sure;
    enum { IDLE_UNKNOWN, IDLE_NEVER, IDLE_KNOWN } idle;
    uint64_t idle_from;                // the moment its keys were added: looked for in what comes later
    bool idle_any;                     // IDLE_KNOWN: it passes where one of these is absent; else where all are
    uint64_t idle_without[IDLE_WORDS];
    bool no_idle_keys;                 // only these can tell: variables that are an empty list where it passes
    uint8_t n_idle_lists;
    uint32_t idle_lists[CEL_IDLE_LISTS];
};

// What is known of a kind once and for all.
struct kind_entry {
    str api_version, kind;
    struct match_kind match;
    struct candidate *candidates;
    uint32_t n;
    uint32_t met; // objects, up to where it matters
    uint32_t hash;
    bool decoded; // Kubernetes decodes it into Go's types
    bool prepared, needs_request; // needs_request is known once it is prepared
    struct kind_entry *next; // in its bucket
};
enum { KIND_BUCKETS = 64, MOST_KINDS = 1024, MOST_PLACES = 1000 };

// The object being judged: one that stands in a file, or the Pod in it.
struct subject {
    const struct object *o;
    struct kind_entry *kind;
    const struct object *file; // the object as it stands in the file: o itself, or what carries it
    const struct node *template; // of a Pod in another object; else NULL
    str prefix;                // its path: "spec.template", or ""
};

// A result that was handed on: two bindings or views that say the same of one object say it once.
struct said {
    uint32_t rule;
    enum finding_status status;
    str message, reason;
    struct place *places;
    uint32_t n_places;
    bool of_pod, by_error;
    struct said *next;
};

struct policy_worker {
    struct arena arena; // itself, and the kinds
    size_t kinds_mark;
    const struct policy_set *set;
    const struct policy_cluster *cluster; // not NULL: ClusterChecks are judged by, and nothing else
    struct kind_entry *kinds[KIND_BUCKETS];
    uint32_t n_kinds;
    struct kind_entry *pod_kind;

    struct memo *memos;         // by variable
    struct regex_cache *patterns;
    const struct node **blamed; // room for MOST_PLACES
    struct buf path;
    struct idle_keys idle_keys;
    uint64_t *applied;          // by active policy: the object it was last applied to
    struct value unknown_authorizer, unknown_params, unknown_namespace, unknown_request_namespace,
        unknown_user, unknown_options;

    // One policy_evaluate().
    struct arena *a;
    const struct policy_sink *sink;
    uint64_t clock, object;
    struct said *said, **last_said; // in the order they came
    bool full; // the arena: nothing can be trusted any more
    bool well_formed; // the object: as its kind's schema says

    // One subject.
    const struct subject *subject;
    uint64_t subject_at, params_at; // when the slots last changed
    struct value slots[SLOTS];
    struct value ns; // namespaceObject, where it may be seen
    struct cel_run run;

    // One evaluation.
    uint64_t evaluation, variable_cost;
};

// decide.c: one policy against the subject, with one params value.
struct decision {
    const struct policy *policy;
    uint32_t rule;     // its index in set.active
    str open;          // why it is not known whether the policy applies, or empty
    bool by_error;     // of what is reported now
};
err_code decide_policy(struct policy_worker *w, const struct decision *d, struct err *e) MUST_USE;
// A decision without an evaluation: the policy is not configured right for this object.
err_code decide_misconfigured(struct policy_worker *w, const struct decision *d, str message,
                              struct err *e) MUST_USE;

// report.c: keeps a result until the object is done. nodes: what decided; none: the object as a whole.
struct verdict {
    uint32_t rule;
    enum finding_status status;
    str message, reason;
    bool by_error;
};
err_code report_verdict(struct policy_worker *w, const struct verdict *v,
                        const struct node *const *nodes, uint32_t n_nodes, struct err *e) MUST_USE;
void report_applied(struct policy_worker *w, uint32_t rule);
// Hands on what was kept of the object; of places that a stronger policy has named, only its own.
err_code report_object(struct policy_worker *w, struct err *e) MUST_USE;

// params.c: the params values of one binding for the subject.
struct params {
    const struct node **nodes;
    uint32_t n;
    bool none;    // one evaluation with params null
    bool unknown; // one evaluation with params unknown
    const char *error; // or a configuration error
};
err_code params_collect(struct policy_worker *w, const struct policy *p, const struct binding *b,
                        struct params *ret, struct err *e) MUST_USE;

// request.c: the request that would create the subject, as far as it is known.
err_code request_value(struct policy_worker *w, struct value *ret, struct err *e) MUST_USE;
// The namespace the request is in: a Namespace is in itself. "" for none or not known.
str request_namespace(const struct subject *s);
bool request_is_cluster_scoped(const struct subject *s);

#endif
