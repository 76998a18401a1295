// workload: where an object carries a Pod, and that Pod as an object of its own, so that policies
// written for Pods judge Deployments unchanged.
#ifndef KUBE_WORKLOAD_H
#define KUBE_WORKLOAD_H

#include "kube/object.h"

// One Pod that an object is or would make. The tree is {apiVersion: v1, kind: Pod, metadata, spec}:
// metadata and spec share the object's own nodes, so their spans and addresses are the file's, and
// metadata gets the owner's namespace where the template has none.
struct workload_pod {
    struct object pod;
    const struct node *template; // the node that holds metadata and spec: the root for a Pod
    bool is_template;            // false: the object itself is the Pod
    str prefix;                  // path of `template` in the object: "spec.template", "spec.jobTemplate.spec.template", "" for a Pod
};

// Pod; Deployment, ReplicaSet, StatefulSet, DaemonSet, Job, CronJob, ReplicationController,
// PodTemplate; custom resources that embed a template (Argo Rollout, Knative Service,
// OpenShift DeploymentConfig, and any with spec.template.spec.containers). *ret_has is false where there is none.
err_code workload_pod_view(const struct object *o, struct arena *a, struct workload_pod *ret,
                           bool *ret_has, struct err *e) MUST_USE;

#endif
