#include "check/natives_made.h"
#include "check/natives_priv.h"

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
    m[0] = node_made_member(S("workload"), node_text(name));
    m[1] = node_made_member(S("pod"), *pod);
    return made(c, m, 2);
}

static struct node list_node(struct cel_call *c, const struct rbac_set *s, struct rbac_list l, bool *ret_full)
{
    struct node *items = arena_alloc(c->arena, l.n, sizeof *items, _Alignof(struct node));
    *ret_full = *ret_full || (l.n && !items);
    for (uint32_t i = 0; items && i < l.n; i++)
        items[i] = node_text(rbac_text(s, l.ids[i]));
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
    m[0] = node_made_member(S("binding"), node_text(name));
    m[1] = node_made_member(S("namespace"), node_text(b->ns));
    m[2] = node_made_member(S("verbs"), list_node(c, s, r->verbs, &out));
    m[3] = node_made_member(S("apiGroups"), list_node(c, s, r->groups, &out));
    m[4] = node_made_member(S("resources"), list_node(c, s, r->resources, &out));
    m[5] = node_made_member(S("resourceNames"), list_node(c, s, r->names, &out));
    m[6] = node_made_member(S("nonResourceURLs"), list_node(c, s, r->urls, &out));
    return out ? full() : made(c, m, 7);
}
