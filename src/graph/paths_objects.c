#include "graph/paths_objects.h"

#include "doc/doc.h"

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
        str role = node_get_str(annotations, key_of(str_of(roles[i][0])));
        if (!role.n)
            continue;
        TRY_GROW(x->annotated, x->n_annotated, x->cap_annotated, x->arena, e);
        struct paths_annotated *n = &x->annotated[x->n_annotated];
        *n = (struct paths_annotated){.what = roles[i][1]};
        TRY(keep(x, role, &n->role, e));
        TRY(keep(x, ns_of(o), &n->ns, e));
        TRY(keep(x, o->name, &n->name, e));
        x->n_annotated++;
        return ERR_OK;
    }
    return ERR_OK;
}

static err_code add_mapped(struct paths_objects *x, const struct node *entry, const char *arn, struct err *e)
{
    const struct node *list = node_get(entry, KEY("groups"));
    str user = node_get_str(entry, KEY("username")), of = node_get_str(entry, key_of(str_of(arn))), *groups;
    uint32_t n = 0;
    if (!of.n || !node_is(list, NODE_LIST) || str_starts(user, S("system:node:")))
        return ERR_OK; // nodes are what every such cluster has
    TRY_GROW(x->mapped, x->n_mapped, x->cap_mapped, x->arena, e);
    TRY_NEW(groups, x->arena, list->n, e);
    for (uint32_t i = 0; i < list->n; i++)
        if (node_is(&list->items[i], NODE_STRING))
            TRY(keep(x, node_str(&list->items[i]), &groups[n++], e));
    struct paths_mapped *m = &x->mapped[x->n_mapped];
    *m = (struct paths_mapped){.groups = groups, .n_groups = n};
    TRY(keep(x, of, &m->arn, e));
    TRY(keep(x, user.n ? user : of, &m->user, e));
    x->n_mapped++;
    return ERR_OK;
}

// mapRoles and mapUsers are YAML in the ConfigMap's texts. Text that is none maps nobody, as the authenticator has it.
static err_code add_aws_auth(struct paths_objects *x, const struct object *o, struct err *e)
{
    static const char *const keys[][2] = {{"mapRoles", "rolearn"}, {"mapUsers", "userarn"}};
    const struct node *data = node_get(o->root, KEY("data")), *list;
    x->aws_auth = true;
    for (unsigned i = 0; i < sizeof keys / sizeof *keys; i++) {
        str yaml = node_get_str(data, key_of(str_of(keys[i][0])));
        if (!yaml.n || yaml.n > UINT32_MAX)
            continue;
        struct doc_text text = {.name = S("aws-auth"), .text = yaml};
        struct err ignored = {0};
        if (doc_parse(&text, (struct doc_chunk){0, (uint32_t)yaml.n, 1, DOC_YAML}, x->arena, &list, NULL, &ignored) != ERR_OK)
            continue;
        for (uint32_t k = 0; node_is(list, NODE_LIST) && k < list->n; k++)
            TRY(add_mapped(x, &list->items[k], keys[i][1], e));
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
        return add_aws_auth(x, o, e);
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
