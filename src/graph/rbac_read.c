#include "graph/rbac_priv.h"
#include "base/limits.h"

#define GROUP "rbac.authorization.k8s.io"
#define ACCOUNT_PREFIX "system:serviceaccount:"

// The object under way.
struct reader {
    struct rbac_set *set;
    const struct object *object;
    const struct origin *at;
    str ns; // as the API server will have it
};

static err_code warn(struct reader *r, const struct node *at, struct err *e, const char *what, str about)
{
    if (!r->set->load)
        return ERR_OK;
    return load_problem(r->set->load, true, at, e, "%.*s %.*s%s%.*s: %s%s%.*s%s", STR_FMT(r->object->kind),
                        STR_FMT(r->ns), r->ns.n ? "/" : "", STR_FMT(r->object->name), what, about.p ? " '" : "",
                        STR_FMT(about), about.p ? "'" : "");
}

static err_code duplicate(struct reader *r, struct origin earlier, struct err *e)
{
    const struct object *o = r->object;
    if (!r->set->load)
        return ERR_OK;
    return load_fault(r->set->load, "duplicate", true, o->metadata ? o->metadata : o->root, e,
                      "%.*s %.*s%s%.*s is also at %.*s:%u: the later one counts", STR_FMT(o->kind), STR_FMT(r->ns),
                      r->ns.n ? "/" : "", STR_FMT(o->name), STR_FMT(earlier.file), earlier.line);
}

static err_code keep(struct reader *r, str s, str *ret, struct err *e)
{
    uint32_t id;
    TRY(names_put(&r->set->names, s, &id, e));
    *ret = names_str(&r->set->names, id);
    return ERR_OK;
}

// A list of strings. What is no string cannot be in an object of the API server: it is named and left out.
static err_code read_list(struct reader *r, const struct node *rule, const char *field, struct rbac_list *ret,
                          struct err *e)
{
    const struct node *list = node_get(rule, key_of(str_of(field)));
    *ret = (struct rbac_list){0};
    if (!list || list->kind == NODE_NULL)
        return ERR_OK;
    if (list->kind != NODE_LIST)
        return warn(r, list, e, "a list is wanted at", str_of(field));
    uint32_t *ids, n = 0;
    TRY_NEW(ids, r->set->arena, list->n, e);
    for (uint32_t i = 0; i < list->n; i++) {
        if (!node_is(&list->items[i], NODE_STRING))
            TRY(warn(r, &list->items[i], e, "a string is wanted in", str_of(field)));
        else
            TRY(names_put(&r->set->names, node_str(&list->items[i]), &ids[n++], e));
    }
    *ret = (struct rbac_list){ids, n};
    return ERR_OK;
}

// What validation refuses (pkg/apis/rbac/validation, ValidatePolicyRule): the rule is kept, and read as the authorizer
// would read it.
static err_code check_rule(struct reader *r, const struct node *n, const struct rbac_rule *rule, struct err *e)
{
    const str none = {NULL, 0};
    if (rule->verbs.n == 0)
        return warn(r, n, e, "a rule without verbs allows nothing", none);
    if (rule->urls.n && r->ns.n)
        return warn(r, n, e, "nonResourceURLs in a Role allow nothing", none);
    if (rule->urls.n && (rule->groups.n || rule->resources.n || rule->names.n))
        return warn(r, n, e, "a rule is either for resources or for nonResourceURLs: the API server refuses both", none);
    if (!rule->urls.n && !rule->groups.n)
        return warn(r, n, e, "a rule without apiGroups allows nothing (the core group is \"\")", none);
    if (!rule->urls.n && !rule->resources.n)
        return warn(r, n, e, "a rule without resources allows nothing", none);
    return ERR_OK;
}

static err_code read_rules(struct reader *r, struct rbac_role *role, uint32_t index, struct err *e)
{
    const struct node *list = node_get(r->object->root, KEY("rules"));
    struct rbac_rule *rules;
    uint32_t n = 0;
    if (!list || list->kind == NODE_NULL)
        return ERR_OK;
    if (list->kind != NODE_LIST)
        return warn(r, list, e, "a list is wanted at", S("rules"));
    TRY_NEW(rules, r->set->arena, list->n, e);
    for (uint32_t i = 0; i < list->n; i++) {
        const struct node *at = &list->items[i];
        struct rbac_rule *rule = &rules[n];
        if (at->kind != NODE_MAP) {
            TRY(warn(r, at, e, "a rule is no object", (str){NULL, 0}));
            continue;
        }
        rule->role = index;
        rule->index = i;
        rule->line = r->set->load ? load_locate(r->set->load, at).line : 0;
        TRY(read_list(r, at, "verbs", &rule->verbs, e));
        TRY(read_list(r, at, "apiGroups", &rule->groups, e));
        TRY(read_list(r, at, "resources", &rule->resources, e));
        TRY(read_list(r, at, "resourceNames", &rule->names, e));
        TRY(read_list(r, at, "nonResourceURLs", &rule->urls, e));
        TRY(check_rule(r, at, rule, e));
        n++;
    }
    role->rules = rules;
    role->n_rules = n;
    return ERR_OK;
}

// A copy of a small tree, without its indexes. Its texts recur: they are the set's.
static err_code copy_tree(struct reader *r, const struct node *from, struct node *to, struct err *e)
{
    struct arena *a = r->set->arena;
    str text;
    *to = *from;
    to->flags = (uint8_t)(to->flags & ~NODE_INDEXED);
    if (from->kind == NODE_STRING) {
        TRY(keep(r, node_str(from), &text, e));
        to->s = text.p;
        return ERR_OK;
    }
    if (from->kind == NODE_LIST) {
        struct node *items;
        TRY_NEW(items, a, from->n, e);
        for (uint32_t i = 0; i < from->n; i++)
            TRY(copy_tree(r, &from->items[i], &items[i], e));
        to->items = items;
    } else if (from->kind == NODE_MAP) {
        struct member *members;
        TRY_NEW(members, a, from->n, e);
        for (uint32_t i = 0; i < from->n; i++) {
            members[i] = from->members[i];
            TRY(keep(r, member_key(&from->members[i]), &text, e));
            members[i].key = text.p;
            TRY(copy_tree(r, &from->members[i].value, &members[i].value, e));
        }
        to->members = members;
    }
    return ERR_OK;
}

static err_code read_aggregation(struct reader *r, const struct node *rule, uint32_t index, struct err *e)
{
    struct rbac_set *s = r->set;
    const struct node *list = node_get(rule, KEY("clusterRoleSelectors"));
    struct rbac_aggregation *g;
    struct selector *selectors;
    TRY_GROW(s->aggregations, s->n_aggregations, s->cap_aggregations, s->arena, e);
    g = &s->aggregations[s->n_aggregations++];
    *g = (struct rbac_aggregation){.role = index};
    if (!node_is(list, NODE_LIST) || list->n == 0)
        return warn(r, rule, e, "an aggregationRule without clusterRoleSelectors: the role has no rules", (str){NULL, 0});
    TRY_NEW(selectors, s->arena, list->n, e);
    for (uint32_t i = 0; i < list->n; i++) {
        struct diags d = {.arena = s->arena};
        struct node *copy;
        TRY_NEW(copy, s->arena, 1, e);
        TRY(copy_tree(r, &list->items[i], copy, e));
        if (selector_parse(copy, S("aggregationRule.clusterRoleSelectors"), s->arena, &selectors[g->n], &d, NULL) == ERR_OK)
            g->n++;
        else if (s->load)
            TRY(load_diags(s->load, "selector", &d, e));
    }
    g->selectors = selectors;
    return ERR_OK;
}

static bool is_shipped(const struct object *o)
{
    return str_eq(node_get_str(node_get(o->metadata, KEY("labels")), KEY("kubernetes.io/bootstrapping")), S("rbac-defaults"));
}

static err_code read_role(struct reader *r, bool cluster, struct err *e)
{
    struct rbac_set *s = r->set;
    uint32_t index = s->n_roles, old;
    struct rbac_role role = {.at = *r->at, .ns = S(""), .shipped = is_shipped(r->object)};
    TRY_GROW_MOVED(s->roles, s->n_roles, s->cap_roles, s->arena, e);
    TRY(keep(r, r->ns, &role.ns, e));
    TRY(keep(r, r->object->name, &role.name, e));
    const struct node *rule = node_get(r->object->root, KEY("aggregationRule"));
    role.aggregates = cluster && node_is(rule, NODE_MAP);
    if (role.aggregates) // the controller writes the rules: what stands in the manifest is gone at once
        TRY(read_aggregation(r, rule, index, e));
    else
        TRY(read_rules(r, &role, index, e));
    const struct node *labels = node_get(r->object->metadata, KEY("labels"));
    if (cluster && node_is(labels, NODE_MAP)) {
        struct node *copy;
        TRY_NEW(copy, s->arena, 1, e);
        TRY(copy_tree(r, labels, copy, e));
        role.labels = copy;
    }
    s->roles[s->n_roles++] = role;
    TRY(rbac_table_put(s, RBAC_ROLES, index, &old, e));
    if (old == RBAC_NONE)
        return ERR_OK;
    s->roles[old].replaced = true;
    return duplicate(r, s->roles[old].at, e);
}

// subject: appliesToUser reads kind, name and namespace; apiGroup is validation's (ValidateRoleBindingSubject).
static err_code read_subject(struct reader *r, const struct node *n, struct rbac_subject *x, struct err *e)
{
    const str none = {NULL, 0};
    str kind = node_get_str(n, KEY("kind")), name = node_get_str(n, KEY("name"));
    str ns = node_get_str(n, KEY("namespace")), group = node_get_str(n, KEY("apiGroup"));
    *x = (struct rbac_subject){.kind = RBAC_BAD, .ns = S("")};
    TRY(keep(r, name.p ? name : S(""), &x->name, e));
    if (n->kind != NODE_MAP)
        return warn(r, n, e, "a subject is no object", none);
    if (!name.n)
        return warn(r, n, e, "a subject without a name is nobody", none);
    if (str_eq(kind, S("User")) || str_eq(kind, S("Group"))) {
        x->kind = str_eq(kind, S("User")) ? RBAC_USER : RBAC_GROUP;
        TRY(names_put(&r->set->names, name, &x->user, e));
        if (group.n && !str_eq(group, S(GROUP)))
            return warn(r, n, e, "the apiGroup of a User or Group is " GROUP ", not", group);
        return ERR_OK;
    }
    if (!str_eq(kind, S("ServiceAccount")))
        return warn(r, n, e, "a subject is a User, a Group or a ServiceAccount, not", kind.p ? kind : S(""));
    ns = ns.n ? ns : r->ns;
    if (!ns.n)
        return warn(r, n, e, "a ClusterRoleBinding's ServiceAccount needs a namespace", name);
    OWN_BUF struct buf b = buf_new(LIMIT_FILE_BYTES);
    buf_printf(&b, ACCOUNT_PREFIX "%.*s:%.*s", STR_FMT(ns), STR_FMT(name));
    x->kind = RBAC_ACCOUNT;
    TRY(keep(r, ns, &x->ns, e));
    TRY(names_put(&r->set->names, buf_str(&b), &x->user, e));
    if (group.n)
        return warn(r, n, e, "the apiGroup of a ServiceAccount is \"\", not", group);
    return ERR_OK;
}

static err_code read_subjects(struct reader *r, struct rbac_binding *b, struct err *e)
{
    const struct node *list = node_get(r->object->root, KEY("subjects"));
    struct rbac_subject *subjects;
    if (!list || list->kind == NODE_NULL)
        return ERR_OK;
    if (list->kind != NODE_LIST)
        return warn(r, list, e, "a list is wanted at", S("subjects"));
    TRY_NEW(subjects, r->set->arena, list->n, e);
    for (uint32_t i = 0; i < list->n; i++)
        TRY(read_subject(r, &list->items[i], &subjects[i], e));
    b->subjects = subjects;
    b->n_subjects = list->n;
    return ERR_OK;
}

static err_code read_binding(struct reader *r, bool cluster, struct err *e)
{
    struct rbac_set *s = r->set;
    uint32_t index = s->n_bindings, old;
    struct rbac_binding b = {.at = *r->at, .role = RBAC_NONE};
    TRY_GROW_MOVED(s->bindings, s->n_bindings, s->cap_bindings, s->arena, e);
    TRY(keep(r, r->ns, &b.ns, e));
    TRY(keep(r, r->object->name, &b.name, e));
    const struct node *ref = node_get(r->object->root, KEY("roleRef"));
    str kind = node_get_str(ref, KEY("kind")), name = node_get_str(ref, KEY("name")), group = node_get_str(ref, KEY("apiGroup"));
    TRY(keep(r, name.p ? name : S(""), &b.role_name, e));
    b.role_is_cluster = str_eq(kind, S("ClusterRole"));
    if (!b.role_is_cluster && (cluster || !str_eq(kind, S("Role")))) {
        b.role_name = S("");
        TRY(warn(r, ref, e, cluster ? "the roleRef of a ClusterRoleBinding is a ClusterRole, not kind"
                                    : "a roleRef is a Role or a ClusterRole, not kind",
                 kind.p ? kind : S("")));
    }
    if (group.n && !str_eq(group, S(GROUP)))
        TRY(warn(r, ref, e, "the apiGroup of a roleRef is " GROUP ", not", group));
    b.labelled = is_shipped(r->object);
    TRY(read_subjects(r, &b, e));
    s->bindings[s->n_bindings++] = b;
    TRY(rbac_table_put(s, RBAC_BINDINGS, index, &old, e));
    if (old == RBAC_NONE)
        return ERR_OK;
    s->bindings[old].replaced = true;
    return duplicate(r, s->bindings[old].at, e);
}

static err_code read_account(struct reader *r, struct err *e)
{
    struct rbac_set *s = r->set;
    struct rbac_account x = {.at = *r->at};
    uint32_t index = s->n_accounts, old = rbac_table_find(s, RBAC_ACCOUNTS, r->ns, r->object->name);
    const struct node *mount = node_get(r->object->root, KEY("automountServiceAccountToken"));
    x.no_token = node_is(mount, NODE_BOOL) && !mount->b;
    TRY(keep(r, r->ns, &x.ns, e));
    TRY(keep(r, r->object->name, &x.name, e));
    if (old != RBAC_NONE) { // of accounts nothing else is kept: the later one simply takes the place
        TRY(duplicate(r, s->accounts[old].at, e));
        s->accounts[old] = x;
        return ERR_OK;
    }
    TRY_GROW(s->accounts, s->n_accounts, s->cap_accounts, s->arena, e);
    s->accounts[s->n_accounts++] = x;
    return rbac_table_put(s, RBAC_ACCOUNTS, index, &old, e);
}

err_code rbac_set_add(struct rbac_set *s, const struct object *o, const struct origin *at, struct err *e)
{
    struct reader r = {.set = s, .object = o, .at = at};
    bool account = o->group.n == 0 && str_eq(o->kind, S("ServiceAccount"));
    if (!account && !str_eq(o->group, S(GROUP)))
        return ERR_OK;
    bool cluster = str_starts(o->kind, S("Cluster"));
    r.ns = cluster ? S("") : o->ns.n ? o->ns : S("default"); // as kubectl without -n sends it
    if (account)
        return read_account(&r, e);
    if (str_eq(o->kind, S("Role")) || str_eq(o->kind, S("ClusterRole")))
        return read_role(&r, cluster, e);
    if (str_eq(o->kind, S("RoleBinding")) || str_eq(o->kind, S("ClusterRoleBinding")))
        return read_binding(&r, cluster, e);
    return ERR_OK;
}
