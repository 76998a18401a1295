// macro: the calls that are not calls. The parser turns them into nodes of their own.
#ifndef CEL_MACRO_H
#define CEL_MACRO_H

#include "cel/ast.h"
#include "cel/report.h"

struct macro_form {
    str name;
    uint8_t args;  // written between the parentheses
    uint8_t op;    // enum cel_op
    uint8_t flags; // CEL_NODE_TWO_VARS
    bool where;    // the last argument but one is a filter
};

// The member-call macro of that name and number of arguments, or NULL.
const struct macro_form *macro_find(str name, uint32_t args);
// The same the other way round, for printing: the name a node is written with.
str macro_name(const struct cel_node *n);
// Fills the node (op, flags, macro) from a call's receiver and arguments; false where they are not
// well-formed, which is reported.
bool macro_build(struct cel_node *n, const struct macro_form *m, struct cel_node *range,
                 struct cel_node **args, struct report *r);
// The Kubernetes minor version from which on the macro exists.
unsigned macro_since(const struct cel_node *n);

#endif
