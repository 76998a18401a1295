// cel: compile and evaluate one expression as kube-apiserver does.
//
//     env (variables, version) --cel_compile--> program --cel_eval--> value
//
// Env and program are immutable after building and shared by threads; a run belongs to one thread.
#ifndef CEL_CEL_H
#define CEL_CEL_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "cel/type.h"
#include "cel/value.h"
#include "regex/regex.h"

struct cel_env;
struct cel_program;
struct zone;
struct cel_call;

enum { CEL_NEWEST_MINOR = 37 };

struct cel_env_options {
    unsigned kubernetes_minor; // which libraries exist; CEL_NEWEST_MINOR for all
    bool unchecked;            // conformance only: skip the checker (cel-spec's disable_check)
    str container;             // conformance only: names are resolved in it first
};
err_code cel_env_new(const struct cel_env_options *o, struct arena *a, struct cel_env **ret,
                     struct err *e) MUST_USE;
void cel_env_free(struct cel_env *env); // compiled patterns; the rest is the arena's

// Declares a variable; its value is read from run.slots[*ret_slot].
err_code cel_env_variable(struct cel_env *env, str name, const struct cel_type *type,
                          uint32_t *ret_slot, struct err *e) MUST_USE;
// Declares variables.NAME: its value is asked of run.lazy(ctx, index) when it is first read.
err_code cel_env_lazy(struct cel_env *env, str name, const struct cel_type *type, uint32_t *ret_index,
                      struct err *e) MUST_USE;
// The same with an index of the caller's choosing, so that several envs (one a policy) can give one
// variable one index and programs compiled in one env are valid beside those of another.
err_code cel_env_lazy_at(struct cel_env *env, str name, const struct cel_type *type, uint32_t index,
                         struct err *e) MUST_USE;
// Declares a function whose body is run.native; calling it in a run without that is the error "unbound function".
enum { CEL_SIGNATURE_ARGS = 4 };
struct cel_signature {
    const struct cel_type *result;
    const struct cel_type *args[CEL_SIGNATURE_ARGS]; // with type_parameter()s
    uint32_t n;
    bool member; // args[0] is the receiver
};
err_code cel_env_function(struct cel_env *env, str name, const struct cel_signature *overloads,
                          uint32_t n, struct err *e) MUST_USE;
// What an expression cannot see although it is declared (matchConditions see no variables...):
// a reference is then a compile error.
void cel_env_hide(struct cel_env *env, str name, bool hidden);
// What is compiled from here on is known to be good: its constant patterns are compiled when they are first matched.
void cel_env_trust(struct cel_env *env, bool trusted);

// Parse, check, fold constants, plan. What kube-apiserver would refuse is ERR_SYNTAX with diagnostics (spans in
// `source`). want: the type the result must have (NULL: any). The source is copied.
err_code cel_compile(struct cel_env *env, str source, const struct cel_type *want, struct arena *a,
                     const struct cel_program **ret, struct diags *d, struct err *e) MUST_USE;

const struct cel_type *cel_program_type(const struct cel_program *p);
// The first minor version of the environment in which it compiles, 0 for any.
unsigned cel_program_since(const struct cel_program *p);
// The first Kubernetes minor version that takes it in a new policy, 0 for any: one later, since a new policy is
// compiled in the environment of the version before, so that the server can still go back to that.
unsigned cel_program_needs(const struct cel_program *p);
// Tree, types, estimated cost (min..max) and version, for a person.
void cel_program_explain(const struct cel_program *p, struct buf *out);
// The expression again, canonically: parse(print(x)) == x.
void cel_program_print(const struct cel_program *p, struct buf *out);

// Places that decided, collected by blame (see docs/cel.md, "Blame").
struct cel_blame {
    const struct node **nodes; // room for cap
    uint32_t n, cap;
};

struct cel_run {
    struct arena *arena;
    const struct value *slots; // by slot; an absent variable is a value_unknown
    struct value (*lazy)(void *ctx, uint32_t index, struct cel_run *run);
    // Recording only: the lazy variable's expression once more, for blame.
    const struct cel_program *(*lazy_program)(void *ctx, uint32_t index);
    // Bodies of cel_env_function()s, by name and number of arguments; may be NULL.
    struct value (*native)(void *native_ctx, str name, struct cel_call *c, const struct value *args, uint32_t n);
    void *ctx, *native_ctx;
    uint64_t cost, cost_limit; // limit 0: none. Exceeding it is a fatal error value
    struct regex_cache *patterns; // the worker's, for dynamic patterns; may be NULL
    uint32_t depth;
    const struct zone *zones; // time zones read during this evaluation, in the arena
};

// The result, or an ERROR or UNKNOWN value. Never crashes on any input; bounded by cost and depth.
struct value cel_eval(const struct cel_program *p, struct cel_run *run);
// Evaluates once more, in parts, and collects the document nodes that decided that the result was not true. known: the result,
// where the caller has it; or NULL.
void cel_blame(const struct cel_program *p, struct cel_run *run, const struct value *known, struct cel_blame *ret);

// A value as JSON for people: what JSON lacks is written as its string() (timestamps, quantities), a
// type as its name, an optional as its value or null, doubles always with a point or exponent.
void cel_value_print(struct buf *out, struct value v);

#endif
