// Files rarely hold the roles that every cluster has (cluster-admin, view, system:auth-delegator ...). A binding to one of
// them that grants nothing would be a dangerous answer; so they are assumed where they are named, and said to be.
#include "graph/rbac_priv.h"

struct builtin {
    const char *ns, *name; // of a role; name NULL: a rule of the role before it
    const char *label, *aggregates;
    const char *groups, *resources, *verbs, *urls, *names;
};
static const struct builtin table[] = {
#define ROLE(ns, name, label, aggregates) {ns, name, label, aggregates, NULL, NULL, NULL, NULL, NULL},
#define RULE(groups, resources, verbs, urls, names) {NULL, NULL, NULL, NULL, groups, resources, verbs, urls, names},
#include "graph/rbac_builtin.def"
#undef ROLE
#undef RULE
};
enum { ROWS = sizeof table / sizeof *table };
#define LABEL "rbac.authorization.k8s.io/"

static bool is_builtin(str ns, str name)
{
    for (unsigned i = 0; i < ROWS; i++)
        if (table[i].name && str_eq(name, str_of(table[i].name)) && str_eq(ns, str_of(table[i].ns)))
            return true;
    return false;
}

// "system:controller:job-controller" is of job-controller, "system:kube-dns" of kube-dns.
static bool is_named_after(str binding, str account)
{
    static const char *const before[] = {"system:controller:", "system::leader-locking-", "system:"};
    for (unsigned i = 0; i < sizeof before / sizeof *before; i++)
        if (str_starts(binding, str_of(before[i])) && str_eq(str_skip(binding, str_of(before[i]).n), account))
            return true;
    return str_eq(binding, S("system::leader-locking-kube-controller-manager")) && str_eq(account, S("leader-election-controller"));
}

// The label can be on anything, and somebody else can be added to such a binding: so it is one of theirs only where the role is, by the
// names that they have.
bool rbac_is_shipped(const struct rbac_binding *b, const struct rbac_subject *x)
{
    static const char *const users[] = {"system:kube-controller-manager", "system:kube-scheduler", "system:kube-proxy"};
    bool same = str_eq(b->name, b->role_name), masters = str_eq(b->name, S("cluster-admin"));
    bool component = str_starts(b->name, S("system:controller:")) || str_starts(b->name, S("system:kube-"));
    if (!b->labelled || !(same || (b->ns.n && str_starts(b->name, S("system::")))) || !is_builtin(b->role_is_cluster ? S("") : b->ns, b->role_name))
        return false;
    if (x->kind == RBAC_GROUP)
        return masters ? str_eq(x->name, S("system:masters")) : str_starts(x->name, S("system:")) && !component;
    if (x->kind == RBAC_ACCOUNT)
        return str_eq(x->ns, S("kube-system")) && is_named_after(b->name, x->name);
    for (unsigned i = 0; i < sizeof users / sizeof *users && x->kind == RBAC_USER && !masters; i++)
        if (str_eq(x->name, str_of(users[i])))
            return true;
    return false;
}

static err_code text_of(struct rbac_set *s, const char *prefix, const char *text, str *ret, struct err *e)
{
    *ret = arena_printf(s->arena, "%s%s", prefix, text);
    return ret->p ? ERR_OK : err_set(e, ERR_LIMIT, "arena '%s' is full (%zu bytes)", s->arena->name, s->arena->cap);
}

static err_code list_of(struct rbac_set *s, const char *text, struct rbac_list *ret, struct err *e)
{
    if (!text)
        return ERR_OK;
    str rest = str_of(text);
    uint32_t *ids, n = 1;
    for (size_t i = 0; i < rest.n; i++)
        n += rest.p[i] == ',';
    TRY_NEW(ids, s->arena, n, e);
    for (n = 0; rest.p; n++)
        TRY(names_put(&s->names, str_cut(&rest, ','), &ids[n], e));
    *ret = (struct rbac_list){ids, n};
    return ERR_OK;
}

static err_code make_labels(struct rbac_set *s, const char *label, const struct node **ret, struct err *e)
{
    struct node *map;
    struct member *m;
    str key = {0};
    TRY_NEW(map, s->arena, 1, e);
    TRY_NEW(m, s->arena, 1, e);
    TRY(text_of(s, LABEL, label, &key, e));
    *m = node_made_member(key, node_text(S("true")));
    *map = (struct node){.kind = NODE_MAP, .n = 1, .members = m};
    *ret = map;
    return ERR_OK;
}

static err_code aggregate(struct rbac_set *s, const char *label, uint32_t role, struct err *e)
{
    struct selector *selector;
    struct selector_term *term;
    str *value, key = {0};
    TRY_NEW(selector, s->arena, 1, e);
    TRY_NEW(term, s->arena, 1, e);
    TRY_NEW(value, s->arena, 1, e);
    TRY(text_of(s, LABEL, label, &key, e));
    *value = S("true");
    *term = (struct selector_term){key_of(key), SELECTOR_IN, value, 1};
    *selector = (struct selector){term, 1};
    TRY_GROW(s->aggregations, s->n_aggregations, s->cap_aggregations, s->arena, e);
    s->aggregations[s->n_aggregations++] = (struct rbac_aggregation){role, selector, 1};
    return ERR_OK;
}

static err_code add_role(struct rbac_set *s, unsigned row, uint32_t *ret, struct err *e)
{
    const struct builtin *b = &table[row];
    struct rbac_rule *rules;
    unsigned n = 0;
    uint32_t index = s->n_roles, old;
    while (row + 1 + n < ROWS && !table[row + 1 + n].name)
        n++;
    TRY_NEW(rules, s->arena, n, e);
    for (unsigned i = 0; i < n; i++) {
        const struct builtin *r = &table[row + 1 + i];
        rules[i] = (struct rbac_rule){.role = index, .index = i};
        TRY(list_of(s, r->groups, &rules[i].groups, e));
        TRY(list_of(s, r->resources, &rules[i].resources, e));
        TRY(list_of(s, r->verbs, &rules[i].verbs, e));
        TRY(list_of(s, r->urls, &rules[i].urls, e));
        TRY(list_of(s, r->names, &rules[i].names, e));
    }
    TRY_GROW(s->roles, s->n_roles, s->cap_roles, s->arena, e);
    s->roles[index] = (struct rbac_role){.ns = str_of(b->ns), .name = str_of(b->name), .at = {S("Kubernetes"), 0}, .rules = rules,
                                         .n_rules = n, .aggregates = b->aggregates, .builtin = true};
    s->n_roles++;
    if (b->label)
        TRY(make_labels(s, b->label, &s->roles[index].labels, e));
    if (b->aggregates)
        TRY(aggregate(s, b->aggregates, index, e));
    *ret = index;
    return rbac_table_put(s, RBAC_ROLES, index, &old, e);
}

err_code rbac_builtin_add(struct rbac_set *s, str ns, str name, uint32_t *ret_role, struct err *e)
{
    unsigned row = 0;
    while (row < ROWS && !(table[row].name && str_eq(name, str_of(table[row].name)) && str_eq(ns, str_of(table[row].ns))))
        row++;
    if (row == ROWS)
        return ERR_OK;
    TRY(add_role(s, row, ret_role, e));
    for (unsigned i = 0; table[row].aggregates && i < ROWS; i++) { // and what it aggregates of Kubernetes' own
        uint32_t other = RBAC_NONE;
        if (!table[i].name || !table[i].label || !str_eq(str_of(table[i].label), str_of(table[row].aggregates)))
            continue;
        if (rbac_table_find(s, RBAC_ROLES, S(""), str_of(table[i].name)) == RBAC_NONE)
            TRY(rbac_builtin_add(s, S(""), str_of(table[i].name), &other, e));
    }
    return ERR_OK;
}
