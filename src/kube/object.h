// object: a typed view over one Kubernetes object's tree. Borrows the tree; no allocation.
#ifndef KUBE_OBJECT_H
#define KUBE_OBJECT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "doc/node.h"

struct object {
    const struct node *root;
    const struct node *metadata; // or NULL
    str api_version, kind;       // never empty
    str group, version;          // of apiVersion: "apps", "v1"; group "" is the core group
    str name;                    // metadata.name, else metadata.generateName, else ""
    str ns;                      // metadata.namespace, or "" where none is written
};

// False where the tree is no Kubernetes object (no map, or apiVersion or kind is no non-empty string).
bool object_view(const struct node *root, struct object *ret);

// The plural resource of a kind ("pods", "networkpolicies", "endpoints"); for kinds that Kubernetes
// does not ship, the lower-case plural that API conventions give. Arena text or a constant.
str object_resource(const struct object *o, struct arena *a);
// Cluster-scoped kinds that Kubernetes ships; false for unknown ones.
bool object_is_cluster_scoped(const struct object *o);

#endif
