// unify: type variables and what they stand for (cel-go's checker/types.go, rule for rule: which
// expressions compile depends on its details). One struct for one expression.
//
// A type variable is a CEL_PARAM; `bound` says what each stands for. An attempt that fails leaves no
// trace: bindings are logged and taken back.
#ifndef CEL_UNIFY_H
#define CEL_UNIFY_H

#include "base/arena.h"
#include "cel/type.h"

// A few characters, [0].map(x, {x: x}).map(x, {x: x})..., write types of 2^n parts: comparing them is
// given up here. Real expressions take hundreds of steps.
enum { UNIFY_STEPS = 1000000 };

struct unify_undo {
    uint32_t var;
    const struct cel_type *old;
};

struct unify {
    struct arena *arena;
    const struct cel_type **bound; // by param
    uint32_t n_vars, cap_vars;
    struct unify_undo *log;
    uint32_t n_log, cap_log;
    uint32_t steps; // taken so far
    bool full;      // the arena is, or too many steps were taken: answers are no longer meant
};

// A new type variable.
const struct cel_type *unify_var(struct unify *u);
// The overload's type with its A and B replaced by variables.
const struct cel_type *unify_instance(struct unify *u, const struct cel_type *t,
                                      const struct cel_type *const vars[3]);
// Can a value of type `from` stand where `to` is wanted? Binds variables of both. cel-go asks in both
// directions in places: keep its order of arguments.
bool unify_assignable(struct unify *u, const struct cel_type *from, const struct cel_type *to);
// The same for n pairs, all or none.
bool unify_assignable_n(struct unify *u, const struct cel_type *const *from,
                        const struct cel_type *const *to, uint32_t n);
// The type with bound variables replaced; unbound ones become dyn where `close` is set.
const struct cel_type *unify_apply(struct unify *u, const struct cel_type *t, bool close);
// Of two types known to unify, the more general.
const struct cel_type *unify_general(struct unify *u, const struct cel_type *a,
                                     const struct cel_type *b);
// type_equal, counted.
bool unify_equal(struct unify *u, const struct cel_type *a, const struct cel_type *b);

#endif
