#include "check/natives_made.h"

static struct value full(void)
{
    return value_fatal("out of memory");
}

static struct node text_node(str text)
{
    return (struct node){.kind = NODE_STRING, .n = (uint32_t)text.n, .s = text.p};
}

static void put(struct member *m, str key, struct node value)
{
    *m = (struct member){.key = key.p, .key_n = (uint32_t)key.n, .hash = hash_key(key), .value = value};
}

static struct value made(struct cel_call *c, const struct member *m, uint32_t n)
{
    struct node *map = arena_alloc(c->arena, 1, sizeof *map, _Alignof(struct node));
    if (!map)
        return full();
    *map = (struct node){.kind = NODE_MAP, .n = n, .members = m};
    return value_of_node(map);
}

struct value natives_made_workload(struct cel_call *c, str name, const struct node *pod)
{
    struct member *m = arena_alloc(c->arena, 2, sizeof *m, _Alignof(struct member));
    if (!m)
        return full();
    put(&m[0], S("workload"), text_node(name));
    put(&m[1], S("pod"), *pod);
    return made(c, m, 2);
}

static struct node list_node(struct cel_call *c, const struct rbac_set *s, struct rbac_list l, bool *ret_full)
{
    struct node *items = arena_alloc(c->arena, l.n, sizeof *items, _Alignof(struct node));
    *ret_full = *ret_full || (l.n && !items);
    for (uint32_t i = 0; items && i < l.n; i++)
        items[i] = text_node(rbac_text(s, l.ids[i]));
    return (struct node){.kind = NODE_LIST, .n = items ? l.n : 0, .items = items};
}

struct value natives_made_grant(struct cel_call *c, const struct rbac_set *s, const struct rbac_binding *b, const struct rbac_rule *r)
{
    struct member *m = arena_alloc(c->arena, 7, sizeof *m, _Alignof(struct member));
    str name = arena_printf(c->arena, "%s %.*s%s%.*s", b->ns.n ? "RoleBinding" : "ClusterRoleBinding", STR_FMT(b->ns), b->ns.n ? "/" : "",
                            STR_FMT(b->name));
    bool out = false;
    if (!m || !name.p)
        return full();
    put(&m[0], S("binding"), text_node(name));
    put(&m[1], S("namespace"), text_node(b->ns));
    put(&m[2], S("verbs"), list_node(c, s, r->verbs, &out));
    put(&m[3], S("apiGroups"), list_node(c, s, r->groups, &out));
    put(&m[4], S("resources"), list_node(c, s, r->resources, &out));
    put(&m[5], S("resourceNames"), list_node(c, s, r->names, &out));
    put(&m[6], S("nonResourceURLs"), list_node(c, s, r->urls, &out));
    return out ? full() : made(c, m, 7);
}
