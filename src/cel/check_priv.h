// check_priv: the checker's state, between its files.
//
//     check.c         the walk: literals, selections, lists, maps, logic
//     check_name.c    what a name means: macro variables, variables, types, functions
//     check_call.c    overload resolution
//     check_macro.c   macros, typed as cel-go's expansion of them would be
//     check_message.c protobuf's wrapper messages
//     check_rules.c   Kubernetes' validators over the typed tree
#ifndef CEL_CHECK_PRIV_H
#define CEL_CHECK_PRIV_H

#include "cel/env_priv.h"
#include "cel/overload.h"
#include "cel/report.h"
#include "cel/unify.h"

struct local {
    str name;
    const struct cel_type *type;
};

struct checker {
    struct cel_env *env;
    struct arena *arena;
    struct report r;
    struct unify u;
    struct local *locals; // innermost last; the position is the slot
    uint32_t n_locals, cap_locals, most_locals;
    unsigned since;
    bool uses_lazy;
    bool unchecked; // only names are resolved
    bool full;      // the arena is
};

// Resolves and types the node and all below it; the type may still hold variables (unify_apply).
const struct cel_type *check_node(struct checker *c, struct cel_node *n);
// Names only, for unchecked programs.
void check_names(struct checker *c, struct cel_node *n);

// check_name.c
// Turns an IDENT, or a whole chain of selections, into what it names; false where it names nothing
// (then nothing is reported and the node is as it was).
bool cel_check_resolve(struct checker *c, struct cel_node *n);
// The function of a call: by its name, or for a member call by receiver and name together (then the
// receiver is dropped and *n is a global call). Its overloads; none where no library has it, and then
// n->fn is CEL_FN_UNBOUND, as it is for a function that is only declared.
struct overloads cel_check_resolve_function(struct checker *c, struct cel_node *n);
// Candidate full names of `name` within the env's container, best first: call with i = 0, 1, 2...
// until p is NULL.
str cel_check_candidate(struct checker *c, str name, uint32_t i);
// Opens a scope with one more macro variable; returns its slot. Close with n_locals--.
uint32_t cel_check_push_local(struct checker *c, str name, const struct cel_type *type);

// check_call.c
// The result type of an operator or function for these argument types, or NULL after reporting that
// none matches. `name` is for the report.
const struct cel_type *check_call_overloads(struct checker *c, const struct cel_node *at, str name,
                                       struct overloads o, bool member,
                                       const struct cel_type **args, uint32_t n);
const struct cel_type *check_call_node(struct checker *c, struct cel_node *n);
const struct cel_type *check_call_operator(struct checker *c, struct cel_node *n);

// check_macro.c
bool check_macro_is(const struct cel_node *n);
const struct cel_type *check_macro_node(struct checker *c, struct cel_node *n);

// check_message.c
const struct cel_type *check_message_node(struct checker *c, struct cel_node *n);

// check_rules.c
void cel_check_rules(struct checker *c, struct cel_node *root);

void check_mismatch(struct checker *c, const struct cel_node *at, const struct cel_type *want,
                    const struct cel_type *have);
void check_undeclared(struct checker *c, const struct cel_node *at, str name);
// Remembers that the expression needs this Kubernetes minor version.
static inline void check_needs(struct checker *c, unsigned since)
{
    if (since > c->since)
        c->since = since;
}

#endif
