// fn: how CEL's functions are written. One line in functions.def declares a function with its
// overloads, versions and cost; the body is a cel_fn in one of the lib_*.c files.
#ifndef CEL_FN_H
#define CEL_FN_H

#include "cel/value.h"
#include "regex/regex.h"

struct cel_run;
struct cel_node;

// What a function gets beside its arguments.
struct cel_call {
    struct arena *arena;         // for results
    struct cel_run *run;         // budget, caches
    const struct cel_node *node; // the call: its span, and its constant pattern if it has one
};

// args[0] is the receiver of a member call. Arguments are never errors or unknowns: the evaluator has
// passed those on. Kinds are NOT checked by the caller: a function gives value_no_overload() for what it does
// not take. Results may borrow from the arguments. Must charge its own loops? No: cost is computed by the evaluator from the COST column.
typedef struct value (*cel_fn)(struct cel_call *c, const struct value *args, uint32_t n);

// The regex of a pattern: the constant one compiled with the program, else from the worker's cache.
// On failure *ret_error is the value to return.
const struct regex *fn_regex(struct cel_call *c, str pattern, struct value *ret_error);

// Sequence with room for n values in the arena, or NULL when full (return value_fatal("out of memory")).
struct value *fn_new_values(struct cel_call *c, uint32_t n);
struct value fn_list(struct value *items, uint32_t n);
struct value fn_str(struct cel_call *c, str copy_of); // copies into the arena

#endif
