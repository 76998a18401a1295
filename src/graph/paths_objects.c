#include "graph/paths_objects.h"

err_code paths_objects_new(struct arena *a, struct paths_objects **ret, struct err *e)
{
    TRY_NEW(*ret, a, 1, e);
    (*ret)->arena = a;
    return ERR_OK;
}

static err_code keep(struct paths_objects *x, str s, str *ret, struct err *e)
{
    *ret = arena_dup(x->arena, s);
    return ret->p ? ERR_OK : err_set(e, ERR_LIMIT, "arena '%s' is full (%zu bytes)", x->arena->name, x->arena->cap);
}

static str ns_of(const struct object *o)
{
    return o->ns.n ? o->ns : S("default");
}

static err_code add_secret(struct paths_objects *x, const struct object *o, const struct origin *at, struct err *e)
{
    str account = node_get_str(node_get(o->metadata, KEY("annotations")), KEY("kubernetes.io/service-account.name"));
    if (!str_eq(node_get_str(o->root, KEY("type")), S("kubernetes.io/service-account-token")) || !account.n)
        return ERR_OK;
    TRY_GROW(x->tokens, x->n_tokens, x->cap_tokens, x->arena, e);
    struct paths_token *t = &x->tokens[x->n_tokens];
    *t = (struct paths_token){.at = *at};
    TRY(keep(x, ns_of(o), &t->ns, e));
    TRY(keep(x, o->name, &t->name, e));
    TRY(keep(x, account, &t->account, e));
    x->n_tokens++;
    return ERR_OK;
}

// hostPath, and local, which is the same with a node's name.
static err_code add_volume(struct paths_objects *x, const struct object *o, const struct origin *at, struct err *e)
{
    const struct node *spec = node_get(o->root, KEY("spec")), *claim = node_get(spec, KEY("claimRef"));
    str path = node_get_str(node_get(spec, KEY("hostPath")), KEY("path"));
    if (!path.n)
        path = node_get_str(node_get(spec, KEY("local")), KEY("path"));
    if (!path.n)
        return ERR_OK;
    TRY_GROW(x->volumes, x->n_volumes, x->cap_volumes, x->arena, e);
    struct paths_volume *v = &x->volumes[x->n_volumes];
    *v = (struct paths_volume){.at = *at};
    str ns = node_get_str(claim, KEY("namespace")), name = node_get_str(claim, KEY("name"));
    TRY(keep(x, o->name, &v->name, e));
    TRY(keep(x, path, &v->path, e));
    TRY(keep(x, ns.p ? ns : S(""), &v->claim_ns, e));
    TRY(keep(x, name.p ? name : S(""), &v->claim, e));
    x->n_volumes++;
    return ERR_OK;
}

static err_code add_claim(struct paths_objects *x, const struct object *o, struct err *e)
{
    str volume = node_get_str(node_get(o->root, KEY("spec")), KEY("volumeName"));
    TRY_GROW(x->claims, x->n_claims, x->cap_claims, x->arena, e);
    struct paths_claim *c = &x->claims[x->n_claims];
    TRY(keep(x, ns_of(o), &c->ns, e));
    TRY(keep(x, o->name, &c->name, e));
    TRY(keep(x, volume.p ? volume : S(""), &c->volume, e));
    x->n_claims++;
    return ERR_OK;
}

static err_code add_account(struct paths_objects *x, const struct object *o, struct err *e)
{
    static const char *const roles[][2] = {
        {"eks.amazonaws.com/role-arn", "an AWS role"},
        {"iam.gke.io/gcp-service-account", "a Google Cloud service account"},
        {"azure.workload.identity/client-id", "an Azure identity"},
    };
    const struct node *annotations = node_get(o->metadata, KEY("annotations"));
    for (unsigned i = 0; i < sizeof roles / sizeof *roles; i++) {
        if (!node_get_str(annotations, key_of(str_of(roles[i][0]))).n)
            continue;
        TRY_GROW(x->annotated, x->n_annotated, x->cap_annotated, x->arena, e);
        struct paths_annotated *n = &x->annotated[x->n_annotated];
        *n = (struct paths_annotated){.what = roles[i][1]};
        TRY(keep(x, ns_of(o), &n->ns, e));
        TRY(keep(x, o->name, &n->name, e));
        x->n_annotated++;
        return ERR_OK;
    }
    return ERR_OK;
}

err_code paths_objects_add(struct paths_objects *x, const struct object *o, const struct origin *at, struct err *e)
{
    if (o->group.n)
        return ERR_OK;
    if (str_eq(o->kind, S("Secret")))
        return add_secret(x, o, at, e);
    if (str_eq(o->kind, S("PersistentVolume")))
        return add_volume(x, o, at, e);
    if (str_eq(o->kind, S("PersistentVolumeClaim")))
        return add_claim(x, o, e);
    if (str_eq(o->kind, S("ServiceAccount")))
        return add_account(x, o, e);
    if (str_eq(o->kind, S("ConfigMap")) && str_eq(o->ns, S("kube-system")) && str_eq(o->name, S("aws-auth")))
        x->aws_auth = true;
    return ERR_OK;
}

const struct paths_volume *paths_objects_volume(const struct paths_objects *x, str ns, str claim)
{
    str volume = S("");
    for (uint32_t i = 0; i < x->n_claims; i++)
        if (str_eq(x->claims[i].ns, ns) && str_eq(x->claims[i].name, claim))
            volume = x->claims[i].volume;
    for (uint32_t i = 0; i < x->n_volumes; i++) {
        const struct paths_volume *v = &x->volumes[i];
        if (volume.n ? str_eq(v->name, volume) : str_eq(v->claim_ns, ns) && str_eq(v->claim, claim))
            return v;
    }
    return NULL;
}
