// prune: a tree without its null members, as the API server decodes an object of a kind that it ships:
// `initContainers:` with nothing behind it is a field that is not there.
//
// Source: encoding/json and k8s.io/apimachinery's converter to unstructured: a null leaves a Go field at its
// zero value, and the zero value is left out. Items of lists stay.
#ifndef DOC_PRUNE_H
#define DOC_PRUNE_H

#include "base/arena.h"
#include "base/err.h"
#include "doc/node.h"

// *ret is root itself where no member below it is null. Otherwise a tree in the arena that shares what it can
// with root; every node keeps its span. ERR_LIMIT on a full arena.
err_code prune_nulls(const struct node *root, struct arena *a, const struct node **ret,
                     struct err *e) MUST_USE;

#endif
