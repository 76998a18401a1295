// paths_objects: what paths need of objects that neither the inventory nor the RBAC set keeps.
#ifndef GRAPH_PATHS_OBJECTS_H
#define GRAPH_PATHS_OBJECTS_H

#include "graph/paths.h"

struct paths_token { // a Secret that holds an account's token
    str ns, name, account;
    struct origin at;
};
struct paths_volume { // a PersistentVolume on a node's disk
    str name, path, claim_ns, claim;
    struct origin at;
};
struct paths_claim {
    str ns, name, volume;
};
struct paths_annotated { // a ServiceAccount with a role of a cloud
    str ns, name, role;
    const char *what;
};
struct paths_mapped { // who somebody of AWS is in the cluster, by an entry of kube-system/aws-auth
    str arn, user;
    const str *groups;
    uint32_t n_groups;
};

struct paths_objects {
    struct arena *arena;
    struct paths_token *tokens;
    struct paths_volume *volumes;
    struct paths_claim *claims;
    struct paths_annotated *annotated;
    struct paths_mapped *mapped;
    uint32_t n_tokens, n_volumes, n_claims, n_annotated, n_mapped;
    uint32_t cap_tokens, cap_volumes, cap_claims, cap_annotated, cap_mapped;
    bool aws_auth; // there is a ConfigMap kube-system/aws-auth
};

// The volume behind a claim, or NULL.
const struct paths_volume *paths_objects_volume(const struct paths_objects *x, str ns, str claim);

#endif
