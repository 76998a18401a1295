#include "policy/worker_priv.h"

// The request is a CREATE by somebody. Fields that the API server would always send are there, unknown
// where they are the cluster's; fields that it leaves out when they are empty are left out.

static bool is_namespace(const struct subject *s)
{
    return s->kind->match.group.n == 0 && str_eq(s->kind->match.resource, S("namespaces"));
}

str request_namespace(const struct subject *s)
{
    return is_namespace(s) ? s->o->name : s->o->ns;
}

bool request_is_cluster_scoped(const struct subject *s)
{
    return s->kind->match.scope == MATCH_CLUSTER;
}

static struct value map_of(struct entry *entries, uint32_t n)
{
    return (struct value){.kind = CEL_MAP, .n = n, .entries = entries};
}

static struct entry entry_of(const char *key, struct value v)
{
    return (struct entry){value_str(str_of(key)), v};
}

static err_code triple(struct policy_worker *w, const char *what, str text, struct value *ret,
                       struct err *e)
{
    const struct match_kind *k = &w->subject->kind->match;
    struct entry *t;
    TRY_NEW(t, w->a, 3, e);
    t[0] = entry_of("group", value_str(k->group));
    t[1] = entry_of("version", value_str(k->version));
    t[2] = entry_of(what, value_str(text));
    *ret = map_of(t, 3);
    return ERR_OK;
}

err_code request_value(struct policy_worker *w, struct value *ret, struct err *e)
{
    const struct subject *s = w->subject;
    struct value kind, resource;
    struct entry *f;
    uint32_t n = 0;
    TRY(triple(w, "kind", s->o->kind, &kind, e));
    TRY(triple(w, "resource", s->kind->match.resource, &resource, e));
    TRY_NEW(f, w->a, 10, e);
    f[n++] = entry_of("kind", kind);
    f[n++] = entry_of("resource", resource);
    f[n++] = entry_of("requestKind", kind);
    f[n++] = entry_of("requestResource", resource);
    str name = node_get_str(s->o->metadata, KEY("name"));
    if (name.n)
        f[n++] = entry_of("name", value_str(name));
    str ns = request_namespace(s);
    if (ns.n)
        f[n++] = entry_of("namespace", value_str(ns));
    else if (!request_is_cluster_scoped(s))
        f[n++] = entry_of("namespace", w->unknown_request_namespace);
    f[n++] = entry_of("operation", value_str(S("CREATE")));
    f[n++] = entry_of("userInfo", w->unknown_user);
    f[n++] = entry_of("dryRun", value_bool(false));
    f[n++] = entry_of("options", w->unknown_options);
    *ret = map_of(f, n);
    return ERR_OK;
}
