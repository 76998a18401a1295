#include "graph/rbac_priv.h"

void rbac_put_role(struct buf *b, const struct rbac_set *s, uint32_t role)
{
    const struct rbac_role *r = rbac_role(s, role);
    if (r->ns.n)
        buf_printf(b, "Role/%.*s/%.*s", STR_FMT(r->ns), STR_FMT(r->name));
    else
        buf_printf(b, "ClusterRole/%.*s", STR_FMT(r->name));
}

void rbac_put_binding(struct buf *b, const struct rbac_set *s, uint32_t binding)
{
    const struct rbac_binding *x = rbac_binding(s, binding);
    if (x->ns.n)
        buf_printf(b, "RoleBinding/%.*s/%.*s", STR_FMT(x->ns), STR_FMT(x->name));
    else
        buf_printf(b, "ClusterRoleBinding/%.*s", STR_FMT(x->name));
}

void rbac_put_subject(struct buf *b, const struct rbac_subject *x)
{
    static const char *const kinds[] = {"User", "Group", "ServiceAccount", "?"};
    buf_printf(b, "%s:%.*s%s%.*s", kinds[x->kind], STR_FMT(x->ns), x->kind == RBAC_ACCOUNT ? "/" : "", STR_FMT(x->name));
}

void rbac_put_rule(struct buf *b, const struct rbac_set *s, const struct rbac_rule *r)
{
    rbac_put_role(b, s, r->role);
    buf_printf(b, " rules[%u]", r->index);
}

static void put_list(struct buf *b, const struct rbac_set *s, const struct rbac_list *l)
{
    for (uint32_t i = 0; i < l->n; i++) {
        buf_put(b, i ? S(",") : S(""));
        buf_put(b, rbac_text(s, l->ids[i]));
    }
}

// Groups as kubectl writes them: pods, deployments.apps, pods,deployments.{core,apps} where there are several.
static void put_groups(struct buf *b, const struct rbac_set *s, const struct rbac_list *l)
{
    if (l->n == 1 && rbac_text(s, l->ids[0]).n == 0)
        return;
    buf_put(b, l->n == 1 ? S(".") : S(".{"));
    for (uint32_t i = 0; i < l->n; i++) {
        str group = rbac_text(s, l->ids[i]);
        buf_put(b, i ? S(",") : S(""));
        buf_put(b, group.n ? group : S("core"));
    }
    buf_put(b, l->n == 1 ? S("") : S("}"));
}

void rbac_put_allows(struct buf *b, const struct rbac_set *s, const struct rbac_rule *r)
{
    put_list(b, s, &r->verbs);
    buf_putc(b, ' ');
    if (r->urls.n) {
        put_list(b, s, &r->urls);
        return;
    }
    put_list(b, s, &r->resources);
    put_groups(b, s, &r->groups);
    if (r->names.n) {
        buf_put(b, S(" named "));
        put_list(b, s, &r->names);
    }
}
