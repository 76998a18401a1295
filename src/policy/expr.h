// expr: the expressions of policies, compiled once for all that share them.
//
// Two expressions are the same program where their text is the same, they stand in the same kind of
// place, and every variable they name is the same variable; two variables are the same where their name
// and expression are. A policy set repeats itself: "all containers of a Pod" is in most policies.
#ifndef POLICY_EXPR_H
#define POLICY_EXPR_H

#include "policy/policy_priv.h"
#include "policy/where.h"

// The surroundings of one policy's expressions while it is read.
struct scope {
    struct policy_set *set;
    struct refusals *refusals;
    uint32_t owner; // a number of this policy's own, from 1
    bool has_params;
    bool cross; // a ClusterCheck's
    bool own; // the program's, known to be good
    struct cel_env *env; // with the policy's variables; made when an expression needs it
    uint32_t *variables; // declared so far: indexes into set.variables
    uint32_t n_variables;
};

// Compiles the string at `node`. What kube-apiserver refuses is reported at its place, and *ret NULL.
err_code expr_compile(struct scope *s, enum expr_place place, const struct node *node,
                      const struct where *w, const struct expr **ret, struct err *e) MUST_USE;
// The same of a text that stands for the node's (a pinned version).
err_code expr_compile_text(struct scope *s, enum expr_place place, str text, const struct node *node,
                           const struct where *w, const struct expr **ret, struct err *e) MUST_USE;
// Declares `variables.NAME` for what follows; expr NULL: it did not compile, its type is dyn. The scope's
// array must have room.
err_code expr_declare(struct scope *s, str name, const struct expr *expr, struct err *e) MUST_USE;

#endif
