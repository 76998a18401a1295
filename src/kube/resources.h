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

// The plural that the definition of a kind is likely to give it: as Kubernetes guesses (meta.UnsafeGuessKindToResource),
// lower case; s gets es, y becomes ies, the rest gets s. But as in English, and in what generators of definitions write, y
// stays behind a vowel (gateways), and x, ch and sh get es (sandboxes). p is NULL where the arena is full.
str resources_guess(str kind, struct arena *a);

// Is it the group of configuration files of Kubernetes' programs? They are decoded as the kinds above are, but served by
// nobody. The core group is one of them: a kubeconfig is a Config of it.
bool resources_is_configuration(str group);

#endif
