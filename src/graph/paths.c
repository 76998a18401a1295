#include "graph/paths.h"

#include "base/hash.h"
#include "graph/paths_priv.h"

const struct paths_attack_row paths_attacks[ATTACKS] = {
#define ATTACK(id, name, what, recommendation, fix) {name, what, recommendation, fix},
#include "graph/paths_attacks.def"
#undef ATTACK
};
const char *const paths_sinks[PATHS_SINKS] = {
    [PATHS_CLUSTER_ADMIN] = "cluster-admin",     [PATHS_SYSTEM_MASTERS] = "system-masters",
    [PATHS_ETCD] = "etcd",                       [PATHS_NODE] = "node",
    [PATHS_KUBE_SYSTEM_SECRETS] = "kube-system-secrets", [PATHS_CLOUD_ROLE] = "cloud-role",
    [PATHS_NAMESPACE_ADMIN] = "namespace-admin",
};

err_code paths_node_new(struct paths *p, enum paths_kind kind, uint32_t index, uint32_t *ret, struct err *e)
{
    TRY_GROW(p->nodes, p->n_nodes, p->priv->cap_nodes, p->arena, e);
    p->nodes[p->n_nodes] = (struct paths_node){(uint8_t)kind, index};
    *ret = p->n_nodes++;
    return ERR_OK;
}

err_code paths_edge_add(struct paths *p, const struct paths_edge *edge, struct err *e)
{
    TRY_GROW(p->edges, p->n_edges, p->priv->cap_edges, p->arena, e);
    p->edges[p->n_edges++] = *edge;
    return ERR_OK;
}

// An edge that is no step of its own: from a set to a member.
err_code paths_link(struct paths *p, uint32_t from, uint32_t to, enum paths_attack attack, struct err *e)
{
    struct paths_edge edge = {.from = from, .to = to, .attack = (uint8_t)attack, .facts = PATHS_NO_FACTS, .pods = PATHS_NONE,
                              .by = {{RBAC_NONE, NULL}, {RBAC_NONE, NULL}}};
    return paths_edge_add(p, &edge, e);
}

// ---- identities

static err_code grow_users(struct paths *p, struct err *e)
{
    struct paths_priv *v = p->priv;
    uint32_t cap = v->cap_of ? v->cap_of * 2 : 1024;
    uint32_t *users, *groups;
    TRY_NEW(users, p->arena, cap, e);
    TRY_NEW(groups, p->arena, cap, e);
    if (v->cap_of) {
        memcpy(users, v->of_user, v->cap_of * sizeof *users);
        memcpy(groups, v->of_group, v->cap_of * sizeof *groups);
    }
    v->of_user = users;
    v->of_group = groups;
    v->cap_of = cap;
    return ERR_OK;
}

uint32_t paths_identity_of(const struct paths *p, bool group, str text)
{
    name_id id = names_find(&p->priv->users, text);
    if (id == UINT32_MAX || id >= p->priv->cap_of)
        return PATHS_NONE;
    uint32_t found = (group ? p->priv->of_group : p->priv->of_user)[id];
    return found ? found - 1 : PATHS_NONE;
}

err_code paths_identity_add(struct paths *p, bool group, str text, uint32_t *ret, struct err *e)
{
    struct paths_priv *v = p->priv;
    name_id id = 0;
    uint32_t node = 0;
    TRY(names_put(&v->users, text, &id, e));
    while (id >= v->cap_of)
        TRY(grow_users(p, e));
    uint32_t *slot = &(group ? v->of_group : v->of_user)[id];
    if (*slot) {
        *ret = *slot - 1;
        return ERR_OK;
    }
    TRY_GROW(p->identities, p->n_identities, v->cap_identities, p->arena, e);
    TRY_GROW(v->identity_nodes, p->n_identities, v->cap_identity_nodes, p->arena, e);
    text = names_str(&v->users, id);
    struct paths_identity x = {.kind = group ? RBAC_GROUP : RBAC_USER, .user = text, .ns = S(""), .name = text, .at = {S(""), 0}};
    x.id = rbac_id(p->set, text);
    if (!group && str_starts(text, S("system:serviceaccount:"))) {
        str rest = str_skip(text, sizeof "system:serviceaccount:" - 1);
        x.kind = RBAC_ACCOUNT;
        x.ns = str_cut(&rest, ':');
        x.name = rest.p ? rest : S("");
        const struct rbac_account *a = rbac_find_account(p->set, x.ns, x.name);
        if (a)
            x.at = a->at;
    }
    TRY(paths_node_new(p, PATHS_IDENTITY, p->n_identities, &node, e));
    v->identity_nodes[p->n_identities] = node;
    p->identities[p->n_identities++] = x;
    *slot = p->n_identities;
    *ret = p->n_identities - 1;
    if (x.kind == RBAC_ACCOUNT) {
        uint32_t ns = inventory_find_namespace(p->inventory, x.ns);
        return ns < v->n_ns ? paths_link(p, paths_ns_node(p, ns, NS_ACCOUNTS), node, ATTACK_ANY, e) : ERR_OK;
    }
    if (group && str_eq(text, S("system:masters")))
        return ERR_OK; // nobody can be given this group by impersonating all, unless it is asked for
    return paths_link(p, paths_all_node(group ? ALL_GROUPS : ALL_USERS), node, ATTACK_ANY, e);
}

err_code paths_account_add(struct paths *p, str ns, str name, uint32_t *ret, struct err *e)
{
    OWN_BUF struct buf b = buf_new(1 << 20);
    buf_printf(&b, "system:serviceaccount:%.*s:%.*s", STR_FMT(ns), STR_FMT(name));
    return paths_identity_add(p, false, buf_str(&b), ret, e);
}

// ---- grants

static uint32_t hash_grant(const void *grants, uint32_t i)
{
    const struct paths_grant *g = (const struct paths_grant *)grants + i;
    return (uint32_t)hash_mix((uint64_t)g->role + 1, g->ns + 0x9e3779b97f4a7c15u);
}

static bool is_grant(const void *grants, uint32_t i, const void *key)
{
    const struct paths_grant *g = (const struct paths_grant *)grants + i, *k = key;
    return g->role == k->role && g->ns == k->ns;
}

err_code paths_grant_add(struct paths *p, uint32_t role, uint32_t scope, uint32_t *ret_node, struct err *e)
{
    struct paths_priv *v = p->priv;
    struct paths_grant grant = {.role = role, .ns = scope};
    TRY(slots_room(&v->grant_of, 256, hash_grant, p->grants, p->arena, e));
    uint32_t *slot = slots_at(&v->grant_of, hash_grant(&grant, 0), is_grant, p->grants, &grant);
    if (!*slot) {
        TRY_GROW(p->grants, p->n_grants, v->cap_grants, p->arena, e);
        TRY(paths_node_new(p, PATHS_GRANT, p->n_grants, &grant.node, e));
        p->grants[p->n_grants] = grant;
        slots_set(&v->grant_of, slot, p->n_grants++);
    }
    *ret_node = p->grants[*slot - 1].node;
    return ERR_OK;
}

// ---- the whole

static err_code name_namespaces(struct paths *p, struct err *e)
{
    const struct rbac_set *s = p->set;
    const struct inventory_origin nowhere = {0, 0};
    uint32_t ns;
    TRY(inventory_namespace(p->inventory, S("kube-system"), nowhere, &ns, e)); // every cluster has it
    for (uint32_t i = 0; i < rbac_n_bindings(s); i++) {
        const struct rbac_binding *b = rbac_binding(s, i);
        if (b->ns.n)
            TRY(inventory_namespace(p->inventory, b->ns, nowhere, &ns, e));
        for (uint32_t k = 0; k < b->n_subjects; k++)
            if (b->subjects[k].kind == RBAC_ACCOUNT)
                TRY(inventory_namespace(p->inventory, b->subjects[k].ns, nowhere, &ns, e));
    }
    for (uint32_t i = 0; i < rbac_n_accounts(s); i++)
        TRY(inventory_namespace(p->inventory, rbac_account(s, i)->ns, nowhere, &ns, e));
    for (uint32_t i = 0; i < rbac_n_roles(s); i++)
        if (rbac_role(s, i)->ns.n)
            TRY(inventory_namespace(p->inventory, rbac_role(s, i)->ns, nowhere, &ns, e));
    return ERR_OK;
}

static err_code fixed_nodes(struct paths *p, struct err *e)
{
    struct paths_priv *v = p->priv;
    uint32_t node;
    for (uint32_t i = 0; i < PATHS_SINKS; i++)
        TRY(paths_node_new(p, PATHS_SINK, i, &node, e));
    for (uint32_t i = 0; i < ALLS; i++)
        TRY(paths_node_new(p, i == ANY_HOST ? PATHS_HOSTS : PATHS_SET, i, &node, e));
    v->n_ns = p->inventory->n_namespaces;
    v->first_ns = p->n_nodes;
    for (uint32_t i = 0; i < v->n_ns; i++)
        for (uint32_t k = 0; k < NS_NODES; k++)
            TRY(paths_node_new(p, k == NS_ADMIN ? PATHS_ADMIN_OF : PATHS_SET, i, &node, e));
    return ERR_OK;
}

// What everything of a namespace is: its accounts, its Pods, and Pods of one's own.
static err_code namespace_edges(struct paths *p, struct err *e)
{
    struct paths_priv *v = p->priv;
    name_id key = names_find(&p->inventory->names, S("pod-security.kubernetes.io/enforce"));
    TRY_NEW(v->restricted, p->arena, (size_t)v->n_ns + 1, e);
    for (uint32_t i = 0; i < v->n_ns; i++) {
        const struct inventory_namespace *n = &p->inventory->namespaces[i];
        name_id level = key == UINT32_MAX ? UINT32_MAX : inventory_label(p->inventory, n->labels, key);
        str text = level == UINT32_MAX ? S("") : inventory_str(p->inventory, level);
        v->restricted[i] = str_eq(text, S("baseline")) || str_eq(text, S("restricted"));
        if (!inventory_str(p->inventory, n->name).n) // of Pods that are not in the input
            continue;
        TRY(paths_link(p, paths_all_node(ALL_ACCOUNTS), paths_ns_node(p, i, NS_ACCOUNTS), ATTACK_ANY, e));
        TRY(paths_link(p, paths_all_node(ALL_PODS), paths_ns_node(p, i, NS_PODS), ATTACK_ANY, e));
        TRY(paths_link(p, paths_all_node(ALL_ADMIN_OF), paths_ns_node(p, i, NS_ADMIN), ATTACK_ANY, e));
        uint32_t admin = paths_ns_node(p, i, NS_ADMIN);
        TRY(paths_link(p, admin, PATHS_NAMESPACE_ADMIN, ATTACK_ANY, e));
        struct paths_edge edge = {.from = admin, .attack = ATTACK_POD_CREATE, .cost = 1, .facts = PATHS_NO_FACTS, .pods = PATHS_NONE,
                                  .by = {{RBAC_NONE, NULL}, {RBAC_NONE, NULL}}};
        edge.to = paths_ns_node(p, i, NS_ACCOUNTS);
        TRY(paths_edge_add(p, &edge, e));
        if (!v->restricted[i]) {
            edge.to = paths_all_node(ANY_HOST);
            TRY(paths_edge_add(p, &edge, e));
        }
        if (i == v->kube_system) {
            edge.to = PATHS_KUBE_SYSTEM_SECRETS;
            edge.attack = ATTACK_SECRET_READ;
            TRY(paths_edge_add(p, &edge, e));
        }
    }
    return ERR_OK;
}

// What the highest ends include: who asks for a lower one is told of them too.
static err_code end_edges(struct paths *p, struct err *e)
{
    const struct {
        uint32_t from, to;
        enum paths_attack attack;
    } ends[] = {{PATHS_CLUSTER_ADMIN, paths_all_node(ANY_HOST), ATTACK_POD_CREATE},
                {PATHS_CLUSTER_ADMIN, paths_all_node(ALL_ADMIN_OF), ATTACK_ADMIN},
                {PATHS_CLUSTER_ADMIN, PATHS_KUBE_SYSTEM_SECRETS, ATTACK_SECRET_READ}};
    for (unsigned i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct paths_edge edge = {.from = ends[i].from, .to = ends[i].to, .attack = (uint8_t)ends[i].attack, .cost = 1, .facts = PATHS_NO_FACTS,
                                  .pods = PATHS_NONE, .by = {{RBAC_NONE, NULL}, {RBAC_NONE, NULL}}};
        TRY(paths_edge_add(p, &edge, e));
    }
    return paths_link(p, PATHS_SYSTEM_MASTERS, PATHS_CLUSTER_ADMIN, ATTACK_ANY, e); // to be in the group is all
}

// Whom kube-system/aws-auth lets in: users of its groups. An account with the same role is them, too.
static err_code add_mapped(struct paths *p, struct err *e)
{
    const struct paths_objects *o = p->priv->objects;
    uint32_t user, other;
    for (uint32_t i = 0; i < o->n_mapped; i++) {
        const struct paths_mapped *m = &o->mapped[i];
        TRY(paths_identity_add(p, false, m->user, &user, e));
        struct paths_edge edge = {.from = p->priv->identity_nodes[user], .attack = ATTACK_AWS_MAP, .cost = 1, .facts = PATHS_NO_FACTS,
                                  .pods = PATHS_NONE, .by = {{RBAC_NONE, NULL}, {RBAC_NONE, NULL}}};
        for (uint32_t k = 0; k < m->n_groups; k++) {
            TRY(paths_identity_add(p, true, m->groups[k], &other, e));
            edge.to = p->priv->identity_nodes[other];
            TRY(paths_edge_add(p, &edge, e));
        }
        for (uint32_t k = 0; k < o->n_annotated; k++) {
            if (!str_eq(o->annotated[k].role, m->arn))
                continue;
            TRY(paths_account_add(p, o->annotated[k].ns, o->annotated[k].name, &other, e));
            edge.from = p->priv->identity_nodes[other];
            edge.to = p->priv->identity_nodes[user];
            edge.attack = ATTACK_CLOUD_IDENTITY;
            TRY(paths_edge_add(p, &edge, e));
        }
    }
    return ERR_OK;
}

static err_code add_identities(struct paths *p, struct err *e)
{
    const struct rbac_set *s = p->set;
    uint32_t x;
    for (uint32_t i = 0; i < rbac_n_accounts(s); i++)
        TRY(paths_account_add(p, rbac_account(s, i)->ns, rbac_account(s, i)->name, &x, e));
    for (uint32_t i = 0; i < rbac_n_bindings(s); i++) {
        const struct rbac_binding *b = rbac_binding(s, i);
        for (uint32_t k = 0; k < b->n_subjects && !b->replaced; k++)
            if (b->subjects[k].kind != RBAC_BAD)
                TRY(paths_identity_add(p, b->subjects[k].kind == RBAC_GROUP, rbac_text(s, b->subjects[k].user), &x, e));
    }
    const struct paths_objects *o = p->priv->objects;
    for (uint32_t i = 0; i < o->n_tokens; i++) {
        TRY(paths_account_add(p, o->tokens[i].ns, o->tokens[i].account, &x, e));
        uint32_t ns = inventory_find_namespace(p->inventory, o->tokens[i].ns);
        if (ns < p->priv->n_ns)
            TRY(paths_link(p, paths_ns_node(p, ns, NS_TOKENS), p->priv->identity_nodes[x], ATTACK_ANY, e));
    }
    for (uint32_t i = 0; i < o->n_annotated; i++) {
        TRY(paths_account_add(p, o->annotated[i].ns, o->annotated[i].name, &x, e));
        p->identities[x].cloud = o->annotated[i].what;
    }
    return add_mapped(p, e);
}

// Groups that a user is in without anybody saying so.
static err_code memberships(struct paths *p, struct err *e)
{
    OWN_BUF struct buf b = buf_new(1 << 20);
    uint32_t n = p->n_identities;
    for (uint32_t i = 0; i < n; i++) {
        const struct paths_identity *x = &p->identities[i];
        if (x->kind == RBAC_GROUP)
            continue;
        b.n = 0;
        if (x->kind == RBAC_ACCOUNT)
            buf_printf(&b, "system:serviceaccounts:%.*s", STR_FMT(x->ns));
        const str groups[] = {buf_str(&b), S("system:serviceaccounts"), S("system:authenticated"), S("system:unauthenticated"), S("system:nodes")};
        bool anonymous = str_eq(x->user, S("system:anonymous"));
        const bool in[] = {x->kind == RBAC_ACCOUNT, x->kind == RBAC_ACCOUNT, !anonymous, anonymous, str_starts(x->user, S("system:node:"))};
        for (unsigned k = 0; k < sizeof groups / sizeof *groups; k++) {
            uint32_t group = in[k] ? paths_identity_of(p, true, groups[k]) : PATHS_NONE;
            if (group != PATHS_NONE)
                TRY(paths_link(p, p->priv->identity_nodes[i], p->priv->identity_nodes[group], ATTACK_MEMBER, e));
        }
    }
    return ERR_OK;
}

// Counting sort of edges by one of their ends.
static err_code index_edges(struct paths *p, bool by_end, uint32_t **ret_edges, uint32_t **ret_first, struct err *e)
{
    uint32_t *first, *edges;
    TRY_NEW(first, p->arena, (size_t)p->n_nodes + 2, e);
    TRY_NEW(edges, p->arena, p->n_edges, e);
    for (uint32_t i = 0; i < p->n_edges; i++)
        first[(by_end ? p->edges[i].to : p->edges[i].from) + 2]++;
    for (uint32_t i = 2; i < p->n_nodes + 2; i++)
        first[i] += first[i - 1];
    for (uint32_t i = 0; i < p->n_edges; i++)
        edges[first[(by_end ? p->edges[i].to : p->edges[i].from) + 1]++] = i;
    *ret_edges = edges;
    *ret_first = first;
    return ERR_OK;
}

err_code paths_build(struct paths *p, struct inventory *v, const struct rbac_set *s, const struct paths_objects *x,
                     const bool *metadata, struct arena *a, struct err *e)
{
    *p = (struct paths){.arena = a, .inventory = v, .set = s};
    TRY_NEW(p->priv, a, 1, e);
    p->priv->objects = x;
    p->priv->metadata = metadata;
    TRY(names_init(&p->priv->users, a, e));
    TRY(name_namespaces(p, e));
    p->priv->kube_system = inventory_find_namespace(v, S("kube-system"));
    TRY(fixed_nodes(p, e));
    TRY(namespace_edges(p, e));
    TRY(end_edges(p, e));
    TRY(add_identities(p, e));
    TRY(paths_pods_sort(p, e)); // and the accounts they use
    TRY(memberships(p, e));
    TRY(paths_caps_make(p, e));
    TRY(paths_rights_make(p, e));
    TRY(paths_pods_make(p, e));
    TRY(index_edges(p, false, &p->out, &p->first_out, e));
    return index_edges(p, true, &p->in, &p->first_in, e);
}

uint32_t paths_identity_node(const struct paths *p, uint32_t identity)
{
    return p->priv->identity_nodes[identity];
}

uint32_t paths_pod_node(const struct paths *p, uint32_t pods)
{
    return p->priv->pod_nodes[pods];
}
