#include "kube/workload.h"

#include "base/limits.h"

// Where kinds keep the Pod they make, from the object's root.
enum shape {
    SHAPE_NONE,
    SHAPE_POD,     // the object is the Pod
    SHAPE_ROOT,    // the object's own spec is a Pod's
    SHAPE_TOP,     // template
    SHAPE_SPEC,    // spec.template
    SHAPE_CRONJOB, // spec.jobTemplate.spec.template
};

// A kind named here carries a Pod whatever stands in the template; of other kinds only those do that
// have containers where a template would have them.
static const struct known {
    const char *group, *kind;
    enum shape shape;
} known[] = {
    {"", "Pod", SHAPE_POD},
    {"", "PodTemplate", SHAPE_TOP},
    {"", "ReplicationController", SHAPE_SPEC},
    {"apps", "DaemonSet", SHAPE_SPEC},
    {"apps", "Deployment", SHAPE_SPEC},
    {"apps", "ReplicaSet", SHAPE_SPEC},
    {"apps", "StatefulSet", SHAPE_SPEC},
    {"apps.openshift.io", "DeploymentConfig", SHAPE_SPEC},
    {"argoproj.io", "Rollout", SHAPE_SPEC},
    {"batch", "CronJob", SHAPE_CRONJOB},
    {"batch", "Job", SHAPE_SPEC},
    {"extensions", "DaemonSet", SHAPE_SPEC},
    {"extensions", "Deployment", SHAPE_SPEC},
    {"extensions", "ReplicaSet", SHAPE_SPEC},
    {"serving.knative.dev", "Configuration", SHAPE_SPEC},
    {"serving.knative.dev", "Revision", SHAPE_ROOT},
    {"serving.knative.dev", "Service", SHAPE_SPEC},
};

static enum shape shape_of_kind(const struct object *o)
{
    for (unsigned i = 0; i < sizeof known / sizeof *known; i++)
        if (str_eq(o->kind, str_of(known[i].kind)) && str_eq(o->group, str_of(known[i].group)))
            return known[i].shape;
    return SHAPE_NONE;
}

static const struct node *template_at(const struct node *root, enum shape shape, str *ret_prefix)
{
    const struct node *at = root;
    str prefix = S("");
    if (shape == SHAPE_TOP) {
        at = node_get(root, KEY("template"));
        prefix = S("template");
    } else if (shape == SHAPE_SPEC) {
        at = node_get(node_get(root, KEY("spec")), KEY("template"));
        prefix = S("spec.template");
    } else if (shape == SHAPE_CRONJOB) {
        at = node_get(node_get(root, KEY("spec")), KEY("jobTemplate"));
        at = node_get(node_get(at, KEY("spec")), KEY("template"));
        prefix = S("spec.jobTemplate.spec.template");
    }
    if (!node_is(at, NODE_MAP))
        return NULL;
    *ret_prefix = prefix;
    return at;
}

static bool has_containers(const struct node *template)
{
    return template && node_is(node_get(node_get(template, KEY("spec")), KEY("containers")), NODE_LIST);
}

static const struct node *find_template(const struct object *o, str *ret_prefix)
{
    enum shape shape = shape_of_kind(o);
    if (shape != SHAPE_NONE)
        return template_at(o->root, shape, ret_prefix);
    str prefix = S("");
    const struct node *template = template_at(o->root, SHAPE_SPEC, &prefix);
    if (!has_containers(template))
        template = template_at(o->root, SHAPE_CRONJOB, &prefix);
    if (!has_containers(template))
        return NULL;
    *ret_prefix = prefix;
    return template;
}

// A member that stands in no file. Its spans are a point, where the template begins.
static struct member made(const char *key, struct node value, const struct node *template)
{
    struct member m = node_made_member(str_of(key), value);
    m.key_start = m.key_end = m.value.start = m.value.end = template->start;
    return m;
}

// The template's metadata with the owner's namespace, which the Pod will get; the template's own
// member where nothing is to be added.
static err_code pod_metadata(const struct object *o, const struct node *template, struct arena *a,
                             struct member *ret, struct err *e)
{
    const struct member *own = node_member(template, KEY("metadata"));
    own = own && own->value.kind == NODE_MAP ? own : NULL;
    const struct member *ns = node_member(o->metadata, KEY("namespace"));
    const struct member *old = own ? node_member(&own->value, KEY("namespace")) : NULL;
    if (old && (old->value.kind == NODE_NULL || (old->value.kind == NODE_STRING && !old->value.n)))
        old = NULL; // an empty namespace is none
    *ret = own ? *own : made("metadata", (struct node){.kind = NODE_MAP}, template);
    if (old || !o->ns.n || !ns)
        return ERR_OK;

    struct member *members = NULL;
    uint32_t n = 0;
    TRY_NEW(members, a, (size_t)ret->value.n + 1, e);
    for (uint32_t i = 0; i < ret->value.n; i++)
        if (!str_eq(member_key(&ret->value.members[i]), S("namespace")))
            members[n++] = ret->value.members[i];
    members[n++] = *ns;
    ret->value.members = members;
    ret->value.n = n;
    ret->value.flags &= (uint8_t)~NODE_INDEXED; // the index stood behind the old members
    return ERR_OK;
}

static err_code pod_root(const struct object *o, const struct node *template, struct arena *a,
                         const struct node **ret, struct err *e)
{
    struct node *root = NULL;
    struct member *members = NULL;
    TRY_NEW(root, a, 1, e);
    TRY_NEW(members, a, 4, e);
    members[0] = made("apiVersion", node_text(S("v1")), template);
    members[1] = made("kind", node_text(S("Pod")), template);
    TRY(pod_metadata(o, template, a, &members[2], e));
    const struct member *spec = node_member(template, KEY("spec"));
    if (spec)
        members[3] = *spec;
    *root = *template;
    root->flags = template->flags & NODE_NULLS;
    root->n = spec ? 4 : 3;
    root->members = members;
    *ret = root;
    return ERR_OK;
}

err_code workload_pod_view(const struct object *o, struct arena *a, struct workload_pod *ret,
                           bool *ret_has, struct err *e)
{
    str prefix = S("");
    const struct node *template = find_template(o, &prefix);
    if (!template) {
        *ret_has = false;
        return ERR_OK;
    }
    struct workload_pod w = {.pod = *o, .template = template, .prefix = prefix};
    if (shape_of_kind(o) != SHAPE_POD) {
        const struct node *root = NULL;
        TRY(pod_root(o, template, a, &root, e));
        w.is_template = object_view(root, &w.pod);
    }
    *ret = w;
    *ret_has = true;
    return ERR_OK;
}
