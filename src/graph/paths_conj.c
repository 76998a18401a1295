// Two rights that lead somewhere only together: writing bindings and bind, writing roles and escalate ... The API server asks for
// both (escalation_check.go), in the namespace that is written to; so do these. Covering a role's rules instead of bind gives nothing
// that one does not have already.
#include <stdlib.h>

#include "graph/paths_priv.h"

enum { MOST_PAIRS = 64 }; // of alternatives for one conjunction: more bindings than that say the same thing

struct conj {
    struct paths *p;
    uint32_t from, identity;
    uint32_t said[ATTACKS];
    struct err *e;
};

// What can be done with both, in the scope that they share.
typedef err_code use_pair(struct conj *c, const struct paths_right *a, const struct paths_right *b, uint32_t scope);

static err_code lead(struct conj *c, uint32_t to, enum paths_attack attack, const struct paths_right *a, const struct paths_right *b)
{
    struct paths_edge edge = {.from = c->from, .to = to, .attack = (uint8_t)attack, .cost = 1, .facts = PATHS_NO_FACTS,
                              .pods = PATHS_NONE, .by = {a->by, b->by}};
    struct paths *p = c->p;
    struct err *e = c->e;
    if (c->identity != PATHS_NONE && c->said[attack] == 0) {
        TRY_GROW(p->findings, p->n_findings, p->priv->cap_findings, p->arena, e);
        uint32_t scope = a->scope < p->priv->n_ns ? a->scope : b->scope;
        str ns = scope < p->priv->n_ns ? inventory_str(p->inventory, p->inventory->namespaces[scope].name) : S("");
        p->findings[p->n_findings++] = (struct paths_finding){.node = c->from, .attack = (uint8_t)attack, .by = {a->by, b->by},
                                                              .ns = ns.n ? rbac_id(p->set, ns) : 0, .pods = PATHS_NONE,
                                                              .fact = PATHS_NO_FACT};
        c->said[attack] = scope + 1; // the first namespace is enough
    }
    return paths_edge_add(c->p, &edge, c->e);
}

static bool wide(uint32_t scope)
{
    return scope == SCOPE_ALL || scope == SCOPE_EACH;
}

// The scope of two rights; false where they share none.
static bool share(uint32_t a, uint32_t b, uint32_t *ret)
{
    if (!wide(a) && !wide(b) && a != b)
        return false;
    *ret = !wide(a) ? a : !wide(b) ? b : a == SCOPE_EACH || b == SCOPE_EACH ? SCOPE_EACH : SCOPE_ALL;
    return true;
}

// Rights by risk and scope, those of every namespace last; the rest makes the order the same on every machine.
static int by_risk(const void *x, const void *y)
{
    const struct paths_right *a = x, *b = y;
    if (a->risk != b->risk)
        return a->risk < b->risk ? -1 : 1;
    if (a->scope != b->scope)
        return a->scope < b->scope ? -1 : 1;
    if (a->source != b->source)
        return a->source < b->source ? -1 : 1;
    if (a->by.binding != b->by.binding)
        return a->by.binding < b->by.binding ? -1 : 1;
    if (a->by.rule->role != b->by.rule->role)
        return a->by.rule->role < b->by.rule->role ? -1 : 1;
    return (a->by.rule->index > b->by.rule->index) - (a->by.rule->index < b->by.rule->index);
}

// The first right that is not before (risk, scope).
static uint32_t first_right(const struct paths_priv *v, unsigned risk, uint32_t scope)
{
    uint32_t low = 0, high = v->n_rights;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        const struct paths_right *r = &v->rights[mid];
        if (r->risk < risk || (r->risk == risk && r->scope < scope))
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

// With each right of [from, to). Alternatives for one right beyond MOST_PAIRS say the same thing.
static err_code pair_with(struct conj *c, const struct paths_right *a, uint32_t from, uint32_t to, use_pair *use)
{
    const struct paths_priv *v = c->p->priv;
    unsigned n = 0;
    for (uint32_t k = from; k < to && n < MOST_PAIRS; k++) {
        const struct paths_right *b = &v->rights[k];
        uint32_t scope;
        // both of one group: the group's own edges say it
        if ((a->source && a->source == b->source) || !share(a->scope, b->scope, &scope))
            continue;
        n++;
        TRY(use(c, a, b, scope));
    }
    return ERR_OK;
}

static err_code each_pair(struct conj *c, enum paths_risk one, enum paths_risk other, use_pair *use)
{
    const struct paths_priv *v = c->p->priv;
    uint32_t end = first_right(v, (unsigned)one + 1, 0);
    for (uint32_t i = first_right(v, one, 0); i < end; i++) {
        const struct paths_right *a = &v->rights[i];
        if (!wide(a->scope))
            TRY(pair_with(c, a, first_right(v, other, a->scope), first_right(v, other, a->scope + 1), use));
        TRY(pair_with(c, a, first_right(v, other, wide(a->scope) ? 0 : SCOPE_EACH), first_right(v, (unsigned)other + 1, 0), use));
    }
    return ERR_OK;
}

// ---- bindings

static err_code grant(struct conj *c, uint32_t role, uint32_t scope, const struct paths_right *a, const struct paths_right *b)
{
    uint32_t node;
    TRY(paths_grant_add(c->p, role, scope, &node, c->e));
    return lead(c, node, ATTACK_ROLE_BIND, a, b);
}

// Each ClusterRole that the rule names.
static err_code named_roles(struct conj *c, uint32_t scope, const struct paths_right *write, const struct paths_right *bind)
{
    const struct rbac_list *names = &bind->by.rule->names;
    for (uint32_t i = 0; i < names->n; i++) {
        uint32_t role = rbac_find_role(c->p->set, S(""), rbac_text(c->p->set, names->ids[i]));
        if (role != RBAC_NONE)
            TRY(grant(c, role, scope, write, bind));
    }
    return ERR_OK;
}

static err_code bind_cluster(struct conj *c, const struct paths_right *write, const struct paths_right *bind, uint32_t scope)
{
    if (scope != SCOPE_ALL)
        return ERR_OK;
    if (paths_names_has(c->p, bind->by.rule, S("cluster-admin"))) // every cluster has it, and a binding to it
        return paths_names_has(c->p, write->by.rule, S("cluster-admin")) ? lead(c, PATHS_CLUSTER_ADMIN, ATTACK_ROLE_BIND, write, bind) : ERR_OK;
    return write->risk == RISK_CLUSTER_BINDING_CREATE ? named_roles(c, scope, write, bind) : ERR_OK;
}

// A RoleBinding to a ClusterRole, or to cluster-admin: everything in the namespace.
static err_code bind_in_namespace(struct conj *c, const struct paths_right *write, const struct paths_right *bind, uint32_t scope)
{
    if (paths_names_has(c->p, bind->by.rule, S("cluster-admin")))
        return lead(c, wide(scope) ? paths_all_node(ALL_ADMIN_OF) : paths_ns_node(c->p, scope, NS_ADMIN), ATTACK_ROLE_BIND, write, bind);
    return named_roles(c, wide(scope) ? SCOPE_EACH : scope, write, bind);
}

static err_code bind_role(struct conj *c, const struct paths_right *write, const struct paths_right *bind, uint32_t scope)
{
    const struct rbac_set *s = c->p->set;
    if (!bind->by.rule->names.n) {
        c->p->priv->lists_wanted = true;
        return lead(c, wide(scope) ? paths_all_node(ALL_ROLES) : paths_ns_node(c->p, scope, NS_ROLES), ATTACK_ROLE_BIND, write, bind);
    }
    for (uint32_t i = 0; i < rbac_n_roles(s); i++) {
        const struct rbac_role *r = rbac_role(s, i);
        if (!r->ns.n || r->replaced)
            continue;
        uint32_t ns = inventory_find_namespace(c->p->inventory, r->ns);
        if ((wide(scope) || ns == scope) && paths_names_has(c->p, bind->by.rule, r->name))
            TRY(grant(c, i, ns, write, bind));
    }
    return ERR_OK;
}

// An existing binding's roleRef cannot be changed: one gains the roles that are bound already.
static err_code rebind(struct conj *c, const struct paths_right *write, const struct paths_right *bind, uint32_t scope)
{
    const struct rbac_set *s = c->p->set;
    bool cluster = bind->risk == RISK_BIND_CLUSTER;
    if (!bind->by.rule->names.n && !write->by.rule->names.n) { // Roles and ClusterRoles alike: who has the one mostly has the other
        c->p->priv->lists_wanted = true;
        return lead(c, wide(scope) ? paths_all_node(ALL_BOUND) : paths_ns_node(c->p, scope, NS_BOUND), ATTACK_ROLE_BIND, write, bind);
    }
    for (uint32_t i = 0; i < rbac_n_bindings(s); i++) {
        const struct rbac_binding *b = rbac_binding(s, i);
        if (!b->ns.n || b->replaced || b->role == RBAC_NONE || b->role_is_cluster != cluster)
            continue;
        uint32_t ns = inventory_find_namespace(c->p->inventory, b->ns);
        if ((wide(scope) || ns == scope) && paths_names_has(c->p, write->by.rule, b->name) &&
            paths_names_has(c->p, bind->by.rule, b->role_name))
            TRY(grant(c, b->role, ns, write, bind));
    }
    return ERR_OK;
}

// Who may bind any Role, or whatever is bound in a namespace.
err_code paths_lists_make(struct paths *p, struct err *e)
{
    const struct rbac_set *s = p->set;
    uint32_t node;
    for (uint32_t i = 0; i < p->priv->n_ns; i++) {
        TRY(paths_link(p, paths_all_node(ALL_ROLES), paths_ns_node(p, i, NS_ROLES), ATTACK_ANY, e));
        TRY(paths_link(p, paths_all_node(ALL_BOUND), paths_ns_node(p, i, NS_BOUND), ATTACK_ANY, e));
    }
    for (uint32_t i = 0; i < rbac_n_roles(s); i++) {
        if (!rbac_role(s, i)->ns.n || rbac_role(s, i)->replaced)
            continue;
        uint32_t ns = inventory_find_namespace(p->inventory, rbac_role(s, i)->ns);
        TRY(paths_grant_add(p, i, ns, &node, e));
        TRY(paths_link(p, paths_ns_node(p, ns, NS_ROLES), node, ATTACK_ANY, e));
    }
    for (uint32_t i = 0; i < rbac_n_bindings(s); i++) {
        const struct rbac_binding *b = rbac_binding(s, i);
        if (!b->ns.n || b->replaced || b->role == RBAC_NONE)
            continue;
        uint32_t ns = inventory_find_namespace(p->inventory, b->ns);
        TRY(paths_grant_add(p, b->role, ns, &node, e));
        TRY(paths_link(p, paths_ns_node(p, ns, NS_BOUND), node, ATTACK_ANY, e));
    }
    return ERR_OK;
}

// ---- roles

// A role that the identity is bound to, that both rules name: what was written into it is gained where it is bound.
static err_code escalate(struct conj *c, const struct paths_right *write, const struct paths_right *right, uint32_t scope)
{
    const struct paths_priv *v = c->p->priv;
    bool cluster = right->risk == RISK_ESCALATE_CLUSTER, creates = write->risk == RISK_CLUSTER_ROLE_CREATE;
    if (cluster && scope != SCOPE_ALL)
        return ERR_OK;
    for (uint32_t list = 0, i = 0; list < v->n_held; i++) {
        if (i == v->held[list].n) {
            list++;
            i = UINT32_MAX; // 0 the next time
            continue;
        }
        const struct rbac_binding *b = rbac_binding(c->p->set, v->held[list].ids[i]);
        const struct rbac_role *r = rbac_role(c->p->set, b->role);
        // rules of an aggregated role come from others: a new one with its labels is as good
        if ((r->ns.n == 0) != cluster || (cluster && r->aggregates != creates))
            continue;
        uint32_t ns = b->ns.n ? inventory_find_namespace(c->p->inventory, b->ns) : SCOPE_ALL;
        if (!cluster && !wide(scope) && ns != scope)
            continue;
        if (!creates && (!paths_names_has(c->p, write->by.rule, r->name) || !paths_names_has(c->p, right->by.rule, r->name)))
            continue;
        TRY(lead(c, b->ns.n ? paths_ns_node(c->p, ns, NS_ADMIN) : (uint32_t)PATHS_CLUSTER_ADMIN, ATTACK_ROLE_ESCALATE, write, right));
        if (!b->ns.n)
            return ERR_OK;
    }
    return ERR_OK;
}

// ---- the rest

static err_code token_secret(struct conj *c, const struct paths_right *create, const struct paths_right *read, uint32_t scope)
{
    if (read->by.rule->names.n && read->risk == RISK_SECRET_LIST)
        return ERR_OK;
    return lead(c, wide(scope) ? paths_all_node(ALL_ACCOUNTS) : paths_ns_node(c->p, scope, NS_ACCOUNTS), ATTACK_TOKEN_SECRET, create, read);
}

// Groups are impersonated beside a user only (impersonation.go).
static err_code groups(struct conj *c, const struct paths_right *group, const struct paths_right *user, uint32_t scope)
{
    const struct rbac_list *names = &group->by.rule->names;
    bool account = user->risk == RISK_IMPERSONATE_ACCOUNT;
    if (group->scope != SCOPE_ALL || (!account && user->scope != SCOPE_ALL))
        return ERR_OK;
    (void)scope;
    if (paths_names_has(c->p, group->by.rule, S("system:masters")))
        TRY(lead(c, PATHS_SYSTEM_MASTERS, ATTACK_IMPERSONATE, group, user));
    if (!names->n)
        return lead(c, paths_all_node(ALL_GROUPS), ATTACK_IMPERSONATE, group, user);
    for (uint32_t i = 0; i < names->n; i++) {
        uint32_t x = paths_identity_of(c->p, true, rbac_text(c->p->set, names->ids[i]));
        if (x != PATHS_NONE)
            TRY(lead(c, paths_identity_node(c->p, x), ATTACK_IMPERSONATE, group, user));
    }
    return ERR_OK;
}

static bool may_sign(const struct paths *p, const struct rbac_rule *r, const char *signer)
{
    return paths_names_has(p, r, str_of(signer)) || paths_names_has(p, r, S("kubernetes.io/*"));
}

static const struct paths_right *any_right(const struct conj *c, enum paths_risk risk, bool cluster)
{
    const struct paths_priv *v = c->p->priv;
    for (uint32_t i = 0; i < v->n_rights; i++)
        if (v->rights[i].risk == risk && (!cluster || v->rights[i].scope == SCOPE_ALL))
            return &v->rights[i];
    return NULL;
}

// A certificate for any user but system:masters, which the CertificateSubjectRestriction plugin refuses; or for a node.
static err_code certificates(struct conj *c, const struct paths_right *approve, const struct paths_right *sign, uint32_t scope)
{
    if (scope != SCOPE_ALL || !any_right(c, RISK_CSR_CREATE, true))
        return ERR_OK;
    if (may_sign(c->p, sign->by.rule, "kubernetes.io/kube-apiserver-client")) {
        TRY(lead(c, paths_all_node(ALL_USERS), ATTACK_CSR_APPROVE, approve, sign));
        TRY(lead(c, paths_all_node(ALL_ACCOUNTS), ATTACK_CSR_APPROVE, approve, sign)); // an account is known by its user name
        TRY(lead(c, paths_all_node(ALL_GROUPS), ATTACK_CSR_APPROVE, approve, sign));
    }
    uint32_t nodes = paths_identity_of(c->p, true, S("system:nodes"));
    if (nodes != PATHS_NONE && may_sign(c->p, sign->by.rule, "kubernetes.io/kube-apiserver-client-kubelet"))
        return lead(c, paths_identity_node(c->p, nodes), ATTACK_CSR_APPROVE, approve, sign);
    return ERR_OK;
}

// kube-controller-manager approves a kubelet's client certificate for who may create the subresource, whatever node it names.
static err_code node_client(struct conj *c, const struct paths_right *create, const struct paths_right *approved, uint32_t scope)
{
    uint32_t nodes = paths_identity_of(c->p, true, S("system:nodes"));
    if (scope != SCOPE_ALL || nodes == PATHS_NONE)
        return ERR_OK;
    return lead(c, paths_identity_node(c->p, nodes), ATTACK_NODE_CLIENT, create, approved);
}

static err_code own_volume(struct conj *c, const struct paths_right *volume, const struct paths_right *pod, uint32_t scope)
{
    if (volume->scope != SCOPE_ALL || !any_right(c, RISK_CLAIM_CREATE, false))
        return ERR_OK;
    (void)scope;
    return lead(c, paths_all_node(ANY_HOST), ATTACK_PV_CREATE, volume, pod);
}

// Where Pod security refuses what escapes, somebody who may change the Namespace's labels takes it away first.
static err_code relabel(struct conj *c, const struct paths_right *label, const struct paths_right *pod, uint32_t scope)
{
    const struct paths *p = c->p;
    if (wide(scope) || !p->priv->restricted[scope] ||
        !paths_names_has(p, label->by.rule, inventory_str(p->inventory, p->inventory->namespaces[scope].name)))
        return ERR_OK;
    return lead(c, paths_all_node(ANY_HOST), ATTACK_NAMESPACE_WRITE, label, pod);
}

// Nodes that take no Pods leave only one's own, on which one is root.
static err_code steal_pods(struct conj *c, const struct paths_right *evict, const struct paths_right *nodes, uint32_t scope)
{
    (void)scope;
    if (nodes->scope != SCOPE_ALL || evict->by.rule->names.n)
        return ERR_OK;
    uint32_t to = wide(evict->scope) ? paths_all_node(ALL_PODS) : paths_ns_node(c->p, evict->scope, NS_PODS);
    struct paths_edge *edge;
    err_code rc = lead(c, to, ATTACK_STEAL_PODS, evict, nodes);
    edge = &c->p->edges[c->p->n_edges - 1];
    if (rc == ERR_OK)
        edge->assumes = "it is root on some node";
    return rc;
}

static const struct {
    enum paths_risk one, other;
    use_pair *use;
} table[] = {
    {RISK_CLUSTER_BINDING_CREATE, RISK_BIND_CLUSTER, bind_cluster},
    {RISK_CLUSTER_BINDING_WRITE, RISK_BIND_CLUSTER, bind_cluster},
    {RISK_BINDING_CREATE, RISK_BIND_CLUSTER, bind_in_namespace},
    {RISK_BINDING_CREATE, RISK_BIND_ROLE, bind_role},
    {RISK_BINDING_WRITE, RISK_BIND_CLUSTER, rebind},
    {RISK_BINDING_WRITE, RISK_BIND_ROLE, rebind},
    {RISK_CLUSTER_ROLE_WRITE, RISK_ESCALATE_CLUSTER, escalate},
    {RISK_CLUSTER_ROLE_CREATE, RISK_ESCALATE_CLUSTER, escalate},
    {RISK_ROLE_WRITE, RISK_ESCALATE_ROLE, escalate},
    {RISK_SECRET_CREATE, RISK_SECRET_GET, token_secret},
    {RISK_SECRET_CREATE, RISK_SECRET_LIST, token_secret},
    {RISK_IMPERSONATE_GROUP, RISK_IMPERSONATE_USER, groups},
    {RISK_IMPERSONATE_GROUP, RISK_IMPERSONATE_ACCOUNT, groups},
    {RISK_CSR_APPROVE, RISK_SIGNER_APPROVE, certificates},
    {RISK_CSR_CREATE, RISK_NODE_CLIENT, node_client},
    {RISK_POD_EVICT, RISK_NODE_WRITE, steal_pods},
    {RISK_PV_CREATE, RISK_POD_CREATE, own_volume},
    {RISK_PV_CREATE, RISK_WORKLOAD_WRITE, own_volume},
    {RISK_NAMESPACE_WRITE, RISK_POD_CREATE, relabel},
    {RISK_NAMESPACE_WRITE, RISK_WORKLOAD_WRITE, relabel},
};
enum { PAIRS = sizeof table / sizeof *table };

uint64_t paths_conj_partners(unsigned risk)
{
    uint64_t found = 0;
    for (unsigned i = 0; i < PAIRS; i++) {
        found |= (uint64_t)(table[i].one == risk) << table[i].other;
        found |= (uint64_t)(table[i].other == risk) << table[i].one;
    }
    // the third of its three
    if (risk == RISK_CSR_APPROVE || risk == RISK_SIGNER_APPROVE)
        found |= (uint64_t)1 << RISK_CSR_CREATE;
    if (risk == RISK_CSR_CREATE)
        found |= (uint64_t)1 << RISK_CSR_APPROVE | (uint64_t)1 << RISK_SIGNER_APPROVE;
    if (risk == RISK_PV_CREATE || risk == RISK_POD_CREATE || risk == RISK_WORKLOAD_WRITE)
        found |= (uint64_t)1 << RISK_CLAIM_CREATE;
    if (risk == RISK_CLAIM_CREATE)
        found |= (uint64_t)1 << RISK_PV_CREATE | (uint64_t)1 << RISK_POD_CREATE | (uint64_t)1 << RISK_WORKLOAD_WRITE;
    return found;
}

void paths_conj_sort(struct paths_right *rights, uint32_t n)
{
    if (n)
        qsort(rights, n, sizeof *rights, by_risk);
}

err_code paths_conj_make(struct paths *p, uint32_t from, uint32_t identity, struct err *e)
{
    struct paths_priv *v = p->priv;
    struct conj c = {.p = p, .from = from, .identity = identity, .e = e};
    uint32_t n = 0;
    uint64_t has = 0;
    paths_conj_sort(v->rights, v->n_rights);
    for (uint32_t i = 0; i < v->n_rights; i++) { // a group's right may have been taken for several of one's own
        if (n && by_risk(&v->rights[n - 1], &v->rights[i]) == 0)
            continue;
        v->rights[n++] = v->rights[i];
        has |= (uint64_t)1 << v->rights[i].risk;
    }
    v->n_rights = n;
    for (unsigned i = 0; i < PAIRS; i++)
        if (has >> table[i].one & has >> table[i].other & 1)
            TRY(each_pair(&c, table[i].one, table[i].other, table[i].use));
    return ERR_OK;
}
