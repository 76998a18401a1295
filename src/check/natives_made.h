// natives_made: maps that natives answer with and no file has.
#ifndef CHECK_NATIVES_MADE_H
#define CHECK_NATIVES_MADE_H

#include "check/natives.h"

// {workload: "Deployment shop/web", pod: ...}. Borrows both. An error value where memory is full.
struct value natives_made_workload(struct cel_call *c, str name, const struct node *pod);
// {binding: "RoleBinding shop/x", namespace, verbs, apiGroups, resources, resourceNames, nonResourceURLs} of a rule that a
// binding gives; lists that a rule has not are empty. Borrows the set's texts. An error value where memory is full.
struct value natives_made_grant(struct cel_call *c, const struct rbac_set *s, const struct rbac_binding *b, const struct rbac_rule *r);

#endif
