#include "kube/resources.h"
#include "policy/worker_priv.h"

// apiserver pkg/admission/plugin/policy/generic/policy_dispatcher.go, CollectParams, over the objects that
// were loaded beside the policies. A file may leave the namespace to whoever applies it: such an
// object is taken for one of any namespace.

static bool is_namespaced(const struct policy *p)
{
    str version = p->param_api_version, group = S("");
    if (memchr(version.p, '/', version.n))
        group = str_cut(&version, '/');
    const struct resource *r = resources_find(group, p->param_kind);
    if (r)
        return !r->cluster_scoped;
    for (uint32_t i = 0; i < p->n_params; i++)
        if (p->params[i]->object.ns.n)
            return true;
    return false;
}

static bool selects(const struct param_ref *ref, const struct object *o, bool by_namespace, str ns)
{
    if (by_namespace && o->ns.n && !str_eq(o->ns, ns))
        return false;
    if (ref->name.n)
        return str_eq(o->name, ref->name);
    return selector_matches(&ref->selector, node_get(o->metadata, KEY("labels")));
}

static err_code find(struct policy_worker *w, const struct policy *p, const struct param_ref *ref,
                     bool by_namespace, str ns, struct params *ret, struct err *e)
{
    TRY_NEW(ret->nodes, w->a, p->n_params, e);
    for (uint32_t i = p->n_params; i-- > 0;) { // of two with one name the one loaded last counts
        const struct object *o = &p->params[i]->object;
        if (ref->name.n && ret->n)
            break;
        if (selects(ref, o, by_namespace, ns))
            ret->nodes[ret->n++] = o->root;
    }
    return ERR_OK;
}

err_code params_collect(struct policy_worker *w, const struct policy *p, const struct binding *b,
                        struct params *ret, struct err *e)
{
    const struct param_ref *ref = b->params;
    *ret = (struct params){.none = !p->has_params || !ref};
    if (ret->none)
        return ERR_OK;
    bool namespaced = is_namespaced(p);
    str ns = ref->ns.n ? ref->ns : request_namespace(w->subject);
    if (ref->ns.n && !namespaced && p->n_params) {
        ret->error = "paramRef.namespace must not be provided for a cluster-scoped `paramKind`";
        return ERR_OK;
    }
    if (namespaced && !ns.n && request_is_cluster_scoped(w->subject)) {
        ret->error = "cannot use namespaced paramRef in policy binding that matches cluster-scoped "
                     "resources";
        return ERR_OK;
    }
    TRY(find(w, p, ref, namespaced, ns, ret, e));
    if (ret->n)
        return ERR_OK;
    ret->unknown = namespaced && !ns.n; // it depends on where the object will be created
    if (!ret->unknown && ref->not_found == NOT_FOUND_DENY)
        ret->error = "no params found for policy binding with `Deny` parameterNotFoundAction";
    return ERR_OK;
}
