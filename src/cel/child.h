// child: the operands of any node, for walks that treat all nodes alike.
#ifndef CEL_CHILD_H
#define CEL_CHILD_H

#include "cel/ast.h"

// The i-th child in the order of the source, or NULL behind the last. Of a macro: range, filter (if it
// has one), body.
struct cel_node *cel_child(const struct cel_node *n, uint32_t i);

#endif
