// rbac_resource: RESOURCE and SUBJECT as a person types them.
#ifndef GRAPH_RBAC_RESOURCE_H
#define GRAPH_RBAC_RESOURCE_H

#include "graph/rbac.h"

// "pods", "pods/exec", "deployments.apps", "deployments.v1.apps", "deploy", "Deployment", "*", "*.apps", "*/scale" -> group, resource
// and subresource; "/healthz" -> path. As kubectl auth can-i takes them; where no group is given the one of Kubernetes'
// own resource of that name, else the core group. *ret_cluster: the resource is known to have no namespace.
// Texts borrow from `text` or are constants.
void rbac_resource_parse(str text, struct rbac_question *ret, bool *ret_cluster);

// "User:jane", "Group:devs", "ServiceAccount:ns/name" (also "sa:ns/name"), "system:serviceaccount:ns:name"; a name alone is a
// User. ERR_USAGE.
err_code rbac_resource_subject(str text, struct arena *a, struct rbac_subject *ret, str *ret_user, struct err *e) MUST_USE;

#endif
