#include "graph/rbac.h"

#include <assert.h>
#include <stdlib.h>

#include "graph/rbac_priv.h"

#define MASTERS "system:masters"

err_code rbac_set_new(struct arena *a, struct load *l, struct rbac_set **ret, struct err *e)
{
    struct rbac_set *s;
    uint32_t star = RBAC_NONE;
    TRY_NEW(s, a, 1, e);
    s->arena = a;
    s->load = l;
    TRY(names_init(&s->names, a, e));
    TRY(names_put(&s->names, S("*"), &star, e));
    assert(star == RBAC_STAR);
    *ret = s;
    return ERR_OK;
}

static int compare_entries(const void *a, const void *b)
{
    const struct rbac_entry *x = a, *y = b;
    if (x->who != y->who)
        return x->who < y->who ? -1 : 1;
    if (x->ns != y->ns)
        return x->ns < y->ns ? -1 : 1;
    return (x->binding > y->binding) - (x->binding < y->binding);
}

static bool same_entry(const struct rbac_entry *a, const struct rbac_entry *b)
{
    return a->who == b->who && a->ns == b->ns && a->binding == b->binding;
}

static err_code index_bindings(struct rbac_set *s, struct err *e)
{
    size_t n = 0, kept = 0;
    for (uint32_t i = 0; i < s->n_bindings; i++)
        n += s->bindings[i].n_subjects;
    TRY_NEW(s->entries, s->arena, n, e);
    n = 0;
    for (uint32_t i = 0; i < s->n_bindings; i++) {
        const struct rbac_binding *b = &s->bindings[i];
        uint32_t ns = b->ns.n ? names_find(&s->names, b->ns) : 0;
        for (uint32_t k = 0; k < b->n_subjects && !b->replaced && b->role != RBAC_NONE; k++)
            if (b->subjects[k].kind != RBAC_BAD)
                s->entries[n++] = (struct rbac_entry){b->subjects[k].user * 2 + (b->subjects[k].kind == RBAC_GROUP), ns, i};
    }
    if (n)
        qsort(s->entries, n, sizeof *s->entries, compare_entries);
    TRY_NEW(s->entry_bindings, s->arena, n, e);
    for (size_t i = 0; i < n; i++) { // a subject may be written twice
        if (kept && same_entry(&s->entries[kept - 1], &s->entries[i]))
            continue;
        s->entries[kept] = s->entries[i];
        s->entry_bindings[kept++] = s->entries[i].binding;
    }
    s->n_entries = (uint32_t)kept;
    return ERR_OK;
}

static err_code dangling(struct rbac_set *s, const struct rbac_binding *b, struct err *e)
{
    if (!s->load || !b->role_name.n)
        return ERR_OK;
    return load_problem_at(s->load, true, b->at, e, "%s %.*s%s%.*s: %s '%.*s' is not among the input: the binding grants nothing",
                           b->ns.n ? "RoleBinding" : "ClusterRoleBinding", STR_FMT(b->ns), b->ns.n ? "/" : "",
                           STR_FMT(b->name), b->role_is_cluster ? "ClusterRole" : "Role", STR_FMT(b->role_name));
}

err_code rbac_set_seal(struct rbac_set *s, const struct rbac_seal_options *o, struct err *e)
{
    for (uint32_t i = 0; i < s->n_bindings; i++) {
        struct rbac_binding *b = &s->bindings[i];
        if (b->replaced)
            continue;
        str ns = b->role_is_cluster ? S("") : b->ns;
        if (b->role_name.n)
            b->role = rbac_table_find(s, RBAC_ROLES, ns, b->role_name);
        if (b->role == RBAC_NONE && !o->no_builtin)
            TRY(rbac_builtin_add(s, ns, b->role_name, &b->role, e));
        if (b->role == RBAC_NONE)
            TRY(dangling(s, b, e));
    }
    TRY(rbac_aggregate(s, e));
    return index_bindings(s, e);
}

str rbac_text(const struct rbac_set *s, uint32_t id)
{
    assert(id < s->names.n);
    return names_str(&s->names, id);
}

uint32_t rbac_id(const struct rbac_set *s, str text)
{
    return names_find(&s->names, text);
}

uint32_t rbac_n_texts(const struct rbac_set *s)
{
    return s->names.n;
}

uint32_t rbac_n_roles(const struct rbac_set *s)
{
    return s->n_roles;
}

uint32_t rbac_n_bindings(const struct rbac_set *s)
{
    return s->n_bindings;
}

uint32_t rbac_n_accounts(const struct rbac_set *s)
{
    return s->n_accounts;
}

const struct rbac_role *rbac_role(const struct rbac_set *s, uint32_t i)
{
    return &s->roles[i];
}

const struct rbac_binding *rbac_binding(const struct rbac_set *s, uint32_t i)
{
    return &s->bindings[i];
}

const struct rbac_account *rbac_account(const struct rbac_set *s, uint32_t i)
{
    return &s->accounts[i];
}

const struct rbac_account *rbac_find_account(const struct rbac_set *s, str ns, str name)
{
    uint32_t i = rbac_table_find(s, RBAC_ACCOUNTS, ns, name);
    return i == RBAC_NONE ? NULL : &s->accounts[i];
}

uint32_t rbac_find_role(const struct rbac_set *s, str ns, str name)
{
    return rbac_table_find(s, RBAC_ROLES, ns, name);
}

// ---- one rule: pkg/apis/rbac/v1/evaluation_helpers.go

static bool has(const struct rbac_list *l, uint32_t id)
{
    for (uint32_t i = 0; i < l->n; i++)
        if (l->ids[i] == id || l->ids[i] == RBAC_STAR)
            return true;
    return false;
}

static bool has_exactly(const struct rbac_list *l, uint32_t id)
{
    for (uint32_t i = 0; i < l->n; i++)
        if (l->ids[i] == id)
            return true;
    return false;
}

static uint32_t id_of_pair(const struct rbac_set *s, str a, str b)
{
    char text[256];
    if (a.n + 1 + b.n <= sizeof text) {
        memcpy(text, a.p, a.n);
        text[a.n] = '/';
        memcpy(text + a.n + 1, b.p, b.n);
        return names_find(&s->names, (str){text, a.n + 1 + b.n});
    }
    for (uint32_t id = 1; id < s->names.n; id++) { // nobody's resource is this long
        str t = names_str(&s->names, id);
        if (t.n == a.n + 1 + b.n && str_starts(t, a) && t.p[a.n] == '/' && str_ends(t, b))
            return id;
    }
    return RBAC_NONE;
}

struct rbac_request rbac_request_of(const struct rbac_set *s, const struct rbac_question *q)
{
    struct rbac_request r = {.resource = !q->path.p, .verb = names_find(&s->names, q->verb), .any_sub = RBAC_NONE, .path = q->path};
    if (!r.resource)
        return r;
    r.group = names_find(&s->names, q->group);
    r.name = names_find(&s->names, q->name);
    if (q->subresource.n) {
        r.combined = id_of_pair(s, q->resource, q->subresource);
        r.any_sub = id_of_pair(s, S("*"), q->subresource);
    } else {
        r.combined = names_find(&s->names, q->resource);
    }
    return r;
}

static str without_stars(str url)
{
    while (str_ends(url, S("*")))
        url.n--;
    return url;
}

static bool url_matches(const struct rbac_set *s, const struct rbac_list *urls, str path)
{
    for (uint32_t i = 0; i < urls->n; i++) {
        str url = names_str(&s->names, urls->ids[i]);
        if (str_eq(url, path) || (str_ends(url, S("*")) && str_starts(path, without_stars(url))))
            return true;
    }
    return false;
}

bool rbac_request_fits(const struct rbac_rule *r, const struct rbac_request *q)
{
    return has(&r->verbs, q->verb) && has(&r->groups, q->group) &&
           (has(&r->resources, q->combined) || has_exactly(&r->resources, q->any_sub));
}

static bool matches(const struct rbac_set *s, const struct rbac_rule *r, const struct rbac_request *q)
{
    if (!q->resource)
        return has(&r->verbs, q->verb) && url_matches(s, &r->urls, q->path);
    return rbac_request_fits(r, q) && (r->names.n == 0 || has_exactly(&r->names, q->name));
}

bool rbac_rule_matches(const struct rbac_set *s, const struct rbac_rule *r, const struct rbac_question *q)
{
    struct rbac_request request = rbac_request_of(s, q);
    return matches(s, r, &request);
}

// ---- a user's grants: pkg/registry/rbac/validation/rule.go, VisitRulesFor

// The first entry that is not before the wanted one.
static uint32_t lower_bound(const struct rbac_set *s, const struct rbac_entry *wanted)
{
    uint32_t low = 0, high = s->n_entries;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (compare_entries(&s->entries[mid], wanted) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

struct rbac_list rbac_bindings_all(const struct rbac_set *s, bool group, uint32_t id)
{
    if (id == RBAC_NONE)
        return (struct rbac_list){0};
    uint32_t from = lower_bound(s, &(struct rbac_entry){id * 2 + group, 0, 0});
    return (struct rbac_list){s->entry_bindings + from, lower_bound(s, &(struct rbac_entry){id * 2 + group + 1, 0, 0}) - from};
}

struct rbac_list rbac_bindings_of(const struct rbac_set *s, bool group, uint32_t id, str ns)
{
    const struct rbac_entry wanted = {id * 2 + group, ns.n ? names_find(&s->names, ns) : 0, 0};
    if (id == RBAC_NONE || wanted.ns == RBAC_NONE)
        return (struct rbac_list){0};
    uint32_t n = 0, low = lower_bound(s, &wanted);
    while (low + n < s->n_entries && s->entries[low + n].who == wanted.who && s->entries[low + n].ns == wanted.ns)
        n++;
    return (struct rbac_list){s->entry_bindings + low, n};
}

const struct rbac_rule *rbac_role_next(const struct rbac_set *s, uint32_t role, struct rbac_walk *w)
{
    const struct rbac_role *r = &s->roles[role];
    for (; w->source < r->n_sources; w->source++, w->rule = 0) {
        const struct rbac_role *from = &s->roles[r->sources[w->source]];
        if (w->rule < from->n_rules)
            return &from->rules[w->rule++];
    }
    return NULL;
}

void rbac_grants_init(struct rbac_grants *g, const struct rbac_set *s, const struct rbac_user *u, str ns)
{
    *g = (struct rbac_grants){.set = s, .user = u, .ns = ns.n ? names_find(&s->names, ns) : 0, .binding = RBAC_NONE};
    if (g->ns == RBAC_NONE) // no binding is in it
        g->ns = 0;
}

// The next list of bindings: everywhere for the user, everywhere for each group, then the same in the namespace.
static bool next_list(struct rbac_grants *g)
{
    for (;;) {
        if (g->who > g->user->n_groups) {
            if (g->scope || !g->ns)
                return false;
            g->scope = 1;
            g->who = 0;
        }
        uint32_t who = g->who++;
        str name = who ? g->user->groups[who - 1] : g->user->name;
        g->list = rbac_bindings_of(g->set, who > 0, names_find(&g->set->names, name),
                                   g->scope ? names_str(&g->set->names, g->ns) : S(""));
        g->at = 0;
        if (g->list.n)
            return true;
    }
}

const struct rbac_rule *rbac_grants_next(struct rbac_grants *g, uint32_t *ret_binding)
{
    for (;;) {
        if (g->binding != RBAC_NONE) {
            const struct rbac_rule *r = rbac_role_next(g->set, g->set->bindings[g->binding].role, &g->walk);
            if (r) {
                *ret_binding = g->binding;
                return r;
            }
            g->binding = RBAC_NONE;
        }
        if (g->at == g->list.n && !next_list(g))
            return NULL;
        g->binding = g->list.ids[g->at++];
        g->walk = (struct rbac_walk){0};
    }
}

static bool is_master(const struct rbac_user *u)
{
    for (uint32_t i = 0; i < u->n_groups; i++)
        if (str_eq(u->groups[i], S(MASTERS)))
            return true;
    return false;
}

bool rbac_allows(const struct rbac_set *s, const struct rbac_question *q, struct rbac_answer *ret)
{
    struct rbac_grants g;
    struct rbac_request request = rbac_request_of(s, q);
    uint32_t binding;
    *ret = (struct rbac_answer){.binding = RBAC_NONE, .role = RBAC_NONE};
    if (is_master(&q->user)) {
        ret->allowed = ret->masters = true;
        return true;
    }
    rbac_grants_init(&g, s, &q->user, q->path.p ? S("") : q->ns);
    for (const struct rbac_rule *r; (r = rbac_grants_next(&g, &binding));) {
        if (!matches(s, r, &request))
            continue;
        *ret = (struct rbac_answer){.allowed = true, .binding = binding, .role = s->bindings[binding].role, .rule = r};
        return true;
    }
    return false;
}
