// path: from a node of a tree to its place: "spec.containers[0].securityContext".
#ifndef DOC_PATH_H
#define DOC_PATH_H

#include "base/buf.h"
#include "doc/node.h"

// Appends the path from root to `target` (found by address). Keys that are no identifiers are
// written ["like/this"]. The root's own path is empty. False, and nothing written, where target is
// not below root. *ret_member: the member that holds the target, or the nearest one above it in case
// it is a list's item; NULL for the root.
bool path_of(const struct node *root, const struct node *target, struct buf *out,
             const struct member **ret_member);
// One step of a path. first: it begins the path.
void path_put_key(struct buf *out, str key, bool first);
void path_put_index(struct buf *out, uint32_t index);
// The node at a path in the same notation, or NULL.
const struct node *path_find(const struct node *root, str path);

#endif
