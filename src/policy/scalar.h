// scalar: from a byte of a string's value back to the byte of the file it was written as.
#ifndef POLICY_SCALAR_H
#define POLICY_SCALAR_H

#include "doc/node.h"

// text: what the node's span is an offset into; node: a NODE_STRING read from it, in YAML of any style or
// JSON; offset: in its value, the end included. Exact in plain, quoted and literal scalars; in folded
// ones as exact as folding lets it be. Never past the node's span.
uint32_t scalar_locate(str text, const struct node *node, uint32_t offset);

#endif
