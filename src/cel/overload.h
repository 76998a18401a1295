// overload: functions.def and operators.def as the checker reads them. Constant tables.
#ifndef CEL_OVERLOAD_H
#define CEL_OVERLOAD_H

#include "cel/ast.h"

enum { OVERLOAD_ARGS = CEL_SIGNATURE_ARGS };

struct overload {
    const struct cel_type *types[1 + OVERLOAD_ARGS]; // result, arguments; A and B are CEL_PARAMs 0 and 1
    uint8_t n;                                       // arguments
    uint8_t since; // Kubernetes minor version
    bool member;   // the first argument is the receiver
};

struct overloads {
    const struct overload *p;
    uint32_t n;
};

// fn: an index of cel_functions, not CEL_FN_UNBOUND.
struct overloads cel_overloads_of_function(uint32_t fn);
// Empty for an operator that has none.
struct overloads cel_overloads_of_operator(enum cel_op op);
// How many of A, B, C... a type of an overload may contain: 1 + the highest, 0 where none.
uint32_t overload_parameters(const struct cel_type *t);

#endif
