// resources: the kinds that Kubernetes ships: their plural, group and scope.
#ifndef KUBE_RESOURCES_H
#define KUBE_RESOURCES_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

struct resource {
    str kind, group, plural;
    bool cluster_scoped;
};

// The row of a kind, or NULL for one that Kubernetes does not ship. group: "" is the core group.
const struct resource *resources_find(str group, str kind);

// The plural that Kubernetes guesses for a kind it does not know (meta.UnsafeGuessKindToResource):
// lower case; s gets es, y becomes ies, the rest gets s. p is NULL where the arena is full.
str resources_guess(str kind, struct arena *a);

#endif
