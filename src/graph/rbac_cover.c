// What the API server asks before it lets somebody write roles and bindings, or act as another.
#include "graph/rbac_priv.h"

#define GROUP "rbac.authorization.k8s.io"

static bool has(const struct rbac_list *l, uint32_t id)
{
    for (uint32_t i = 0; i < l->n; i++)
        if (l->ids[i] == id)
            return true;
    return false;
}

static str before_stars(str url)
{
    while (str_ends(url, S("*")))
        url.n--;
    return url;
}

// One verb, group, resource and name of a servant's rule; or one verb and path. policy_comparator.go, BreakdownRule.
// Ids are those of the set that is asked, which may be another than the rule's.
struct atom {
    uint32_t verb, group, resource, any_sub, name;
    bool named; // else any
    str url;    // p NULL: a resource
};

static bool rule_covers(const struct rbac_set *s, const struct rbac_rule *r, const struct atom *a)
{
    if (!has(&r->verbs, RBAC_STAR) && !has(&r->verbs, a->verb))
        return false;
    if (a->url.p) {
        for (uint32_t i = 0; i < r->urls.n; i++) {
            str url = rbac_text(s, r->urls.ids[i]);
            if (str_eq(url, a->url) || (str_ends(url, S("*")) && str_starts(a->url, before_stars(url))))
                return true;
        }
        return false;
    }
    if (!has(&r->groups, RBAC_STAR) && !has(&r->groups, a->group))
        return false;
    if (!has(&r->resources, RBAC_STAR) && !has(&r->resources, a->resource) &&
        !has(&r->resources, a->any_sub))
        return false;
    return r->names.n == 0 || (a->named && has(&r->names, a->name));
}

static bool atom_covered(const struct rbac_set *s, const struct rbac_user *u, str ns, const struct atom *a)
{
    struct rbac_grants g;
    uint32_t binding;
    rbac_grants_init(&g, s, u, ns);
    for (const struct rbac_rule *r; (r = rbac_grants_next(&g, &binding));)
        if (rule_covers(s, r, a))
            return true;
    return false;
}

// "pods/log" -> the id of "*/log"
static uint32_t any_sub_of(const struct rbac_set *s, str text)
{
    size_t slash = str_find(text, S("/"));
    char any[256];
    if (slash == (size_t)-1 || text.n - slash + 1 > sizeof any)
        return RBAC_NONE;
    any[0] = '*';
    memcpy(any + 1, text.p + slash, text.n - slash);
    return rbac_id(s, (str){any, text.n - slash + 1});
}

// The rule's atoms one after the other; false behind the last.
struct atoms {
    uint32_t verb, at, name;
};

static bool next_atom(const struct rbac_set *of, const struct rbac_rule *r, struct atoms *w, struct rbac_atom *ret)
{
    uint32_t pairs = r->groups.n * r->resources.n, names = r->names.n ? r->names.n : 1;
    for (; w->verb < r->verbs.n; w->verb++, w->at = w->name = 0) {
        *ret = (struct rbac_atom){.verb = rbac_text(of, r->verbs.ids[w->verb])};
        if (w->at < r->urls.n) {
            ret->url = rbac_text(of, r->urls.ids[w->at++]);
            return true;
        }
        uint32_t pair = w->at - r->urls.n;
        if (pair >= pairs)
            continue;
        ret->group = rbac_text(of, r->groups.ids[pair / r->resources.n]);
        ret->resource = rbac_text(of, r->resources.ids[pair % r->resources.n]);
        if (r->names.n)
            ret->name = rbac_text(of, r->names.ids[w->name]);
        if (++w->name == names) {
            w->name = 0;
            w->at++;
        }
        return true;
    }
    return false;
}

err_code rbac_uncovered(const struct rbac_set *s, const struct rbac_user *u, str ns, const struct rbac_set *of,
                        const struct rbac_rule *r, void *ctx,
                        err_code (*each)(void *ctx, const struct rbac_atom *atom, struct err *e), bool *ret_any, struct err *e)
{
    struct atoms walk = {0};
    struct rbac_atom atom;
    *ret_any = false;
    while (next_atom(of, r, &walk, &atom)) {
        struct atom a = {.verb = rbac_id(s, atom.verb), .url = atom.url, .group = RBAC_NONE, .resource = RBAC_NONE, .any_sub = RBAC_NONE,
                         .name = RBAC_NONE, .named = atom.name.p};
        if (!atom.url.p) {
            a.group = rbac_id(s, atom.group);
            a.resource = rbac_id(s, atom.resource);
            a.any_sub = any_sub_of(s, atom.resource);
            if (atom.name.p)
                a.name = rbac_id(s, atom.name);
        }
        if (atom_covered(s, u, ns, &a))
            continue;
        *ret_any = true;
        if (!each)
            return ERR_OK;
        TRY(each(ctx, &atom, e));
    }
    return ERR_OK;
}

static bool rule_covered(const struct rbac_set *s, const struct rbac_user *u, str ns, const struct rbac_rule *r)
{
    bool any = true;
    return rbac_uncovered(s, u, ns, s, r, NULL, NULL, &any, NULL) == ERR_OK && !any;
}

bool rbac_covers(const struct rbac_set *s, const struct rbac_user *u, str ns, uint32_t role,
                 const struct rbac_rule **ret_missing)
{
    struct rbac_walk w = {0};
    for (const struct rbac_rule *r; (r = rbac_role_next(s, role, &w));) {
        if (rule_covered(s, u, ns, r))
            continue;
        if (ret_missing)
            *ret_missing = r;
        return false;
    }
    return true;
}

static bool may(const struct rbac_set *s, const struct rbac_user *u, str verb, str group, str resource, str ns, str name,
                struct rbac_answer *ret)
{
    struct rbac_question q = {.user = *u, .verb = verb, .group = group, .resource = resource, .subresource = S(""),
                              .name = name, .ns = ns};
    return rbac_allows(s, &q, ret);
}

bool rbac_may_bind(const struct rbac_set *s, const struct rbac_user *u, str ns, uint32_t role, struct rbac_answer *ret)
{
    const struct rbac_role *r = rbac_role(s, role);
    if (may(s, u, S("bind"), S(GROUP), r->ns.n ? S("roles") : S("clusterroles"), ns, r->name, ret))
        return true;
    *ret = (struct rbac_answer){.binding = RBAC_NONE, .role = RBAC_NONE};
    return rbac_covers(s, u, ns, role, NULL);
}

bool rbac_may_escalate(const struct rbac_set *s, const struct rbac_user *u, str ns, str name, struct rbac_answer *ret)
{
    return may(s, u, S("escalate"), S(GROUP), ns.n ? S("roles") : S("clusterroles"), ns, name, ret);
}

bool rbac_may_impersonate(const struct rbac_set *s, const struct rbac_user *u, const struct rbac_user *as,
                          struct rbac_answer *ret)
{
    str rest = as->name;
    bool account = str_starts(rest, S("system:serviceaccount:"));
    if (account) {
        rest = str_skip(rest, sizeof "system:serviceaccount:" - 1);
        str ns = str_cut(&rest, ':');
        if (!may(s, u, S("impersonate"), S(""), S("serviceaccounts"), ns, rest, ret))
            return false;
    } else if (!may(s, u, S("impersonate"), S(""), S("users"), S(""), as->name, ret)) {
        return false;
    }
    for (uint32_t i = 0; i < as->n_groups; i++)
        if (!may(s, u, S("impersonate"), S(""), S("groups"), S(""), as->groups[i], ret))
            return false;
    return true;
}

err_code rbac_implied_groups(str user, const str *more, uint32_t n_more, struct arena *a, struct rbac_user *ret,
                             struct err *e)
{
    str *groups, rest = user;
    uint32_t n = n_more;
    TRY_NEW(groups, a, n_more + 3, e);
    if (n_more)
        memcpy(groups, more, n_more * sizeof *more);
    if (str_starts(user, S("system:serviceaccount:"))) {
        rest = str_skip(user, sizeof "system:serviceaccount:" - 1);
        str ns = str_cut(&rest, ':');
        groups[n++] = S("system:serviceaccounts");
        groups[n] = arena_printf(a, "system:serviceaccounts:%.*s", STR_FMT(ns));
        if (!groups[n++].p)
            return err_set(e, ERR_LIMIT, "arena '%s' is full (%zu bytes)", a->name, a->cap);
    } else if (str_starts(user, S("system:node:"))) {
        groups[n++] = S("system:nodes");
    }
    groups[n++] = str_eq(user, S("system:anonymous")) ? S("system:unauthenticated") : S("system:authenticated");
    *ret = (struct rbac_user){user, groups, n};
    return ERR_OK;
}
