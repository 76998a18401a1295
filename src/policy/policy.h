// policy: ValidatingAdmissionPolicy (admissionregistration.k8s.io/v1) over a tree.
//
// A set is built once (load everything, then policy_set_seal), then immutable and shared by threads.
// Each thread evaluates with its own policy_worker.
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "doc/doc.h"
#include "finding/finding.h"
#include "kube/object.h"

struct policy_set;
struct policy_worker;
struct policy_cluster; // policy/natives.h

struct policy_options {
    unsigned kubernetes_minor; // 37: judge as Kubernetes 1.37 does
    str pss;                   // Pod Security level: "privileged", "baseline", "restricted"; filters policies that carry casemate.dev/pss; "": all of them
    bool ignore_bindings;      // judge every policy unbound too (our own, and users' without a binding): Deny
};

err_code policy_set_new(const struct policy_options *o, struct policy_set **ret, struct err *e) MUST_USE;
void policy_set_free(struct policy_set *s); // accepts NULL

// Takes every policy, binding and params object of one file's text (copied). What kube-apiserver would
// refuse is a diagnostic with position and reason, and ERR_SYNTAX; the rest of the file is still taken.
err_code policy_set_load(struct policy_set *s, str name, str bytes, struct diags *d, struct err *e) MUST_USE;
// The same of one policy that is known to be good, as one JSON object that outlives the set: its expressions are compiled
// when a worker first meets a kind that it matches. A fault is ERR_INTERNAL, now or then.
err_code policy_set_load_later(struct policy_set *s, str name, str json, struct err *e) MUST_USE;
// Resolves bindings and params, sorts, builds the match index. No loading after it.
err_code policy_set_seal(struct policy_set *s, struct diags *d, struct err *e) MUST_USE;

const struct rule *const *policy_set_rules(const struct policy_set *s, uint32_t *ret_n); // by id

// What there is to say of a rule beside its texts.
struct policy_facts {
    str level;            // "baseline", "restricted", or ""
    unsigned since_minor; // not judged by below this Kubernetes version
    unsigned needs_minor; // the first Kubernetes version that takes it when it is new; 0: any that has policies
};
err_code policy_set_facts(const struct policy_set *s, uint32_t rule, struct policy_facts *ret,
                          struct err *e) MUST_USE;
// Every expression of a rule for a person: tree, types, cost, version.
err_code policy_set_explain(const struct policy_set *s, uint32_t rule, struct buf *out, struct err *e) MUST_USE;

// Is any rule a ClusterCheck?
bool policy_set_has_cross(const struct policy_set *s);

err_code policy_worker_new(const struct policy_set *s, struct policy_worker **ret, struct err *e) MUST_USE;
// A worker that judges by the set's ClusterChecks only, with a cluster to ask. Without one it judges by none of them.
err_code policy_worker_new_cross(const struct policy_set *s, const struct policy_cluster *c, struct policy_worker **ret,
                                 struct err *e) MUST_USE;
// May any policy have something to say of objects of this apiVersion and kind? Of a kind that may carry a Pod, yes where any is
// about Pods.
err_code policy_worker_asks(struct policy_worker *w, const struct object *o, bool *ret, struct err *e) MUST_USE;
void policy_worker_free(struct policy_worker *w);

// What a policy decided against one object. Texts and places are in the arena given to evaluate.
struct policy_result {
    uint32_t rule; // index into policy_set_rules
    enum finding_status status;
    str message;
    str reason; // of a failure, a constant with a NUL: "Invalid", "Forbidden", "RequestEntityTooLarge"; else empty
    bool by_error; // an expression could not be evaluated against this object; failurePolicy made it of that
    const struct place *places; // start, end and path are set; line and column are the caller's to fill
    uint32_t n_places;
};
struct policy_sink {
    void *ctx;
    err_code (*result)(void *ctx, const struct policy_result *r, struct err *e);
    void (*applied)(void *ctx, uint32_t rule); // the rule matched and was evaluated; may be NULL
    bool verdicts_only; // messages and places of results are not needed
};

// Judges one object as a CREATE: the object itself, and the Pod it carries (kube/workload.h) by the
// policies that match pods. Never fails for what a policy does; ERR_LIMIT where the arena is full.
// well_formed: the object is known to have no value of another type than its kind's schema says; then policies that
// speak of fields it lacks need not be run.
err_code policy_evaluate(struct policy_worker *w, const struct object *o, bool well_formed, struct arena *a,
                         const struct policy_sink *sink, struct err *e) MUST_USE;

#endif
