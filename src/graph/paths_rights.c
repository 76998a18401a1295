// What one right leads to. An identity has the rights of its bindings, those of its groups' are the groups' own edges.
#include "graph/paths_priv.h"

static str text_of(const struct paths *p, uint32_t id)
{
    return rbac_text(p->set, id);
}

bool paths_names_has(const struct paths *p, const struct rbac_rule *r, str name)
{
    for (uint32_t i = 0; i < r->names.n; i++)
        if (str_eq(text_of(p, r->names.ids[i]), name))
            return true;
    return r->names.n == 0;
}

static err_code lead(struct paths *p, uint32_t from, uint32_t to, enum paths_attack attack, const struct paths_right *r,
                     const char *assumes, struct err *e)
{
    struct paths_edge edge = {.from = from, .to = to, .attack = (uint8_t)attack, .cost = 1, .facts = PATHS_NO_FACTS,
                              .pods = PATHS_NONE, .by = {r->by, {RBAC_NONE, NULL}}, .assumes = assumes};
    return paths_edge_add(p, &edge, e);
}

static bool everywhere(const struct paths_right *r)
{
    return r->scope == SCOPE_ALL || r->scope == SCOPE_EACH;
}

static uint32_t accounts(const struct paths *p, const struct paths_right *r)
{
    return everywhere(r) ? paths_all_node(ALL_ACCOUNTS) : paths_ns_node(p, r->scope, NS_ACCOUNTS);
}

// Each account of the scope that the rule names.
static err_code named_accounts(struct paths *p, uint32_t from, enum paths_attack attack, const struct paths_right *r, struct err *e)
{
    OWN_BUF struct buf b = buf_new(1 << 20);
    uint32_t first = everywhere(r) ? 0 : r->scope, last = everywhere(r) ? p->priv->n_ns : r->scope + 1;
    for (uint32_t ns = first; ns < last; ns++) {
        for (uint32_t i = 0; i < r->by.rule->names.n; i++) {
            b.n = 0;
            buf_printf(&b, "system:serviceaccount:%.*s:%.*s", STR_FMT(inventory_str(p->inventory, p->inventory->namespaces[ns].name)),
                       STR_FMT(text_of(p, r->by.rule->names.ids[i])));
            uint32_t x = paths_identity_of(p, false, buf_str(&b));
            if (x != PATHS_NONE)
                TRY(lead(p, from, p->priv->identity_nodes[x], attack, r, NULL, e));
        }
    }
    return ERR_OK;
}

static err_code use_accounts(struct paths *p, uint32_t from, enum paths_attack attack, const struct paths_right *r, struct err *e)
{
    if (r->by.rule->names.n)
        return named_accounts(p, from, attack, r, e);
    return lead(p, from, accounts(p, r), attack, r, NULL, e);
}

// Into running Pods of the scope.
static err_code use_pods(struct paths *p, uint32_t from, enum paths_attack attack, const struct paths_right *r, struct err *e)
{
    const struct rbac_list *names = &r->by.rule->names;
    if (!names->n)
        return lead(p, from, everywhere(r) ? paths_all_node(ALL_PODS) : paths_ns_node(p, r->scope, NS_PODS), attack, r, NULL, e);
    uint32_t first = everywhere(r) ? 0 : r->scope, last = everywhere(r) ? p->priv->n_ns : r->scope + 1;
    for (uint32_t ns = first; ns < last; ns++)
        for (uint32_t i = 0; i < names->n; i++) {
            uint32_t pods = paths_pods_named(p, ns, text_of(p, names->ids[i]));
            if (pods != PATHS_NONE)
                TRY(lead(p, from, p->priv->pod_nodes[pods], attack, r, NULL, e));
        }
    return ERR_OK;
}

// Pods of one's own: with any account of the namespace, and, where Pod security lets them, with the node's disk.
static err_code use_new_pods(struct paths *p, uint32_t from, enum paths_attack attack, const struct paths_right *r, struct err *e)
{
    TRY(lead(p, from, accounts(p, r), attack, r, NULL, e));
    bool escapes = r->scope == SCOPE_ALL;
    for (uint32_t i = 0; r->scope == SCOPE_EACH && i < p->priv->n_ns; i++)
        escapes = escapes || !p->priv->restricted[i];
    if (!everywhere(r))
        escapes = !p->priv->restricted[r->scope];
    return escapes ? lead(p, from, paths_all_node(ANY_HOST), attack, r, NULL, e) : ERR_OK;
}

static const char legacy[] = "the account has a token Secret, as Kubernetes before 1.24 made one for each";

static err_code named_secrets(struct paths *p, uint32_t from, enum paths_attack attack, const struct paths_right *r, struct err *e)
{
    const struct paths_objects *o = p->priv->objects;
    bool in_kube_system = false;
    for (uint32_t i = 0; i < o->n_tokens; i++) {
        uint32_t ns = inventory_find_namespace(p->inventory, o->tokens[i].ns), x;
        if ((!everywhere(r) && ns != r->scope) || !paths_names_has(p, r->by.rule, o->tokens[i].name))
            continue;
        TRY(paths_account_add(p, o->tokens[i].ns, o->tokens[i].account, &x, e));
        TRY(lead(p, from, p->priv->identity_nodes[x], attack, r, NULL, e));
    }
    in_kube_system = !everywhere(r) && r->scope == p->priv->kube_system;
    return in_kube_system ? lead(p, from, PATHS_KUBE_SYSTEM_SECRETS, ATTACK_SECRET_READ, r, NULL, e) : ERR_OK;
}

static err_code use_secrets(struct paths *p, uint32_t from, enum paths_attack attack, const struct paths_right *r, struct err *e)
{
    if (r->by.rule->names.n)
        return named_secrets(p, from, attack, r, e);
    if (everywhere(r) || r->scope == p->priv->kube_system)
        TRY(lead(p, from, PATHS_KUBE_SYSTEM_SECRETS, ATTACK_SECRET_READ, r, NULL, e));
    for (uint32_t i = 0; i < p->priv->n_ns; i++) {
        if (!everywhere(r))
            i = r->scope;
        TRY(lead(p, from, paths_ns_node(p, i, NS_TOKENS), attack, r, NULL, e));
        if (!everywhere(r))
            break;
    }
    return lead(p, from, accounts(p, r), attack, r, legacy, e);
}

static err_code use_impersonation(struct paths *p, uint32_t from, bool group, const struct paths_right *r, struct err *e)
{
    const struct rbac_list *names = &r->by.rule->names;
    if (r->scope != SCOPE_ALL) // users and groups are in no namespace
        return ERR_OK;
    if (!names->n)
        return lead(p, from, paths_all_node(group ? ALL_GROUPS : ALL_USERS), ATTACK_IMPERSONATE, r, NULL, e);
    for (uint32_t i = 0; i < names->n; i++) {
        uint32_t x = paths_identity_of(p, group, text_of(p, names->ids[i]));
        if (x != PATHS_NONE && p->identities[x].kind != RBAC_ACCOUNT) // accounts are a resource of their own
            TRY(lead(p, from, p->priv->identity_nodes[x], ATTACK_IMPERSONATE, r, NULL, e));
    }
    return ERR_OK;
}

static err_code use_users(struct paths *p, uint32_t from, enum paths_attack attack, const struct paths_right *r, struct err *e)
{
    (void)attack;
    return use_impersonation(p, from, false, r, e);
}

static err_code use_proxy(struct paths *p, uint32_t from, enum paths_attack attack, const struct paths_right *r, struct err *e)
{
    if (r->scope != SCOPE_ALL || r->by.rule->names.n) // nodes are in no namespace
        return ERR_OK;
    TRY(lead(p, from, paths_all_node(ALL_PODS), attack, r, NULL, e));
    return lead(p, from, paths_all_node(ANY_HOST), attack, r, "a privileged Pod runs there, as network plugins do", e);
}

static err_code use_webhook(struct paths *p, uint32_t from, enum paths_attack attack, const struct paths_right *r, struct err *e)
{
    if (r->scope != SCOPE_ALL)
        return ERR_OK;
    TRY(lead(p, from, PATHS_CLUSTER_ADMIN, attack, r, "an administrator writes a binding meanwhile", e));
    return lead(p, from, paths_all_node(ALL_ACCOUNTS), attack, r, "a Pod is created in the account's namespace meanwhile", e);
}

static const char third_party[] = "the controller of that kind runs";

static err_code use_other_workload(struct paths *p, uint32_t from, enum paths_attack attack, const struct paths_right *r, struct err *e)
{
    return lead(p, from, accounts(p, r), attack, r, third_party, e);
}

static err_code use_deployer(struct paths *p, uint32_t from, enum paths_attack attack, const struct paths_right *r, struct err *e)
{
    return lead(p, from, PATHS_CLUSTER_ADMIN, attack, r, "its controller runs and is an administrator, as it is installed by default", e);
}

static err_code use_configmap(struct paths *p, uint32_t from, enum paths_attack attack, const struct paths_right *r, struct err *e)
{
    bool there = everywhere(r) || r->scope == p->priv->kube_system;
    if (!p->priv->objects->aws_auth || !there || !paths_names_has(p, r->by.rule, S("aws-auth")))
        return ERR_OK;
    return lead(p, from, PATHS_SYSTEM_MASTERS, attack, r, NULL, e);
}

// A Secret of type bootstrap.kubernetes.io/token in kube-system is a way in, as the groups it names: those of system:bootstrappers only.
static err_code use_secret_create(struct paths *p, uint32_t from, enum paths_attack attack, const struct paths_right *r, struct err *e)
{
    if (!everywhere(r) && r->scope != p->priv->kube_system)
        return ERR_OK;
    for (uint32_t i = 0; i < p->priv->n_bootstrap; i++)
        TRY(lead(p, from, p->priv->identity_nodes[p->priv->bootstrap[i]], attack, r, "kube-apiserver takes bootstrap tokens", e));
    return ERR_OK;
}

// Risks that are not here count together with another (paths_conj.c), or lead nowhere by themselves.
static err_code use(struct paths *p, uint32_t from, const struct paths_right *r, struct err *e)
{
    static const struct {
        err_code (*use)(struct paths *p, uint32_t from, enum paths_attack attack, const struct paths_right *r, struct err *e);
        enum paths_attack attack;
    } table[RISKS] = {
        [RISK_POD_CREATE] = {use_new_pods, ATTACK_POD_CREATE},
        [RISK_WORKLOAD_WRITE] = {use_new_pods, ATTACK_WORKLOAD_WRITE},
        [RISK_POD_PATCH] = {use_pods, ATTACK_POD_PATCH},
        [RISK_POD_EXEC] = {use_pods, ATTACK_POD_EXEC},
        [RISK_POD_ATTACH] = {use_pods, ATTACK_POD_ATTACH},
        [RISK_POD_EPHEMERAL] = {use_pods, ATTACK_POD_EPHEMERAL},
        [RISK_SECRET_GET] = {use_secrets, ATTACK_TOKEN_BRUTEFORCE},
        [RISK_SECRET_LIST] = {use_secrets, ATTACK_TOKEN_LIST},
        [RISK_TOKEN_REQUEST] = {use_accounts, ATTACK_TOKEN_REQUEST},
        [RISK_IMPERSONATE_ACCOUNT] = {use_accounts, ATTACK_IMPERSONATE},
        [RISK_IMPERSONATE_USER] = {use_users, ATTACK_IMPERSONATE},
        [RISK_NODES_PROXY] = {use_proxy, ATTACK_NODES_PROXY},
        [RISK_WEBHOOK_WRITE] = {use_webhook, ATTACK_WEBHOOK_WRITE},
        [RISK_POLICY_WRITE] = {use_webhook, ATTACK_MUTATING_POLICY},
        [RISK_OTHER_WORKLOAD] = {use_other_workload, ATTACK_WORKLOAD_WRITE},
        [RISK_DEPLOYER] = {use_deployer, ATTACK_DEPLOYER_WRITE},
        [RISK_SECRET_CREATE] = {use_secret_create, ATTACK_BOOTSTRAP_TOKEN},
        [RISK_CONFIGMAP_WRITE] = {use_configmap, ATTACK_AWS_AUTH},
    };
    return table[r->risk].use ? table[r->risk].use(p, from, table[r->risk].attack, r, e) : ERR_OK;
}

// ---- collecting

static bool is_star(const struct rbac_list *l)
{
    for (uint32_t i = 0; i < l->n; i++)
        if (l->ids[i] == RBAC_STAR)
            return true;
    return false;
}

enum { MOST_SEEN = 64 }; // findings of one rule: there are not more risks

static err_code find(struct paths *p, uint32_t node, enum paths_attack attack, uint32_t ns, const struct paths_right *r,
                     bool part, struct err *e)
{
    for (uint32_t i = p->n_findings, seen = 0; i-- > 0 && seen < MOST_SEEN && p->findings[i].node == node; seen++) {
        const struct paths_finding *f = &p->findings[i];
        if (f->attack == attack && f->ns == ns && f->part == part && f->by[0].rule == r->by.rule && f->by[0].binding == r->by.binding)
            return ERR_OK; // get and list of secrets are two risks, a wildcard is many parts of one
    }
    TRY_GROW(p->findings, p->n_findings, p->priv->cap_findings, p->arena, e);
    p->findings[p->n_findings++] = (struct paths_finding){.node = node, .attack = (uint8_t)attack, .ns = ns, .part = part,
                                                          .by = {r->by, {RBAC_NONE, NULL}}, .pods = PATHS_NONE, .fact = PATHS_NO_FACT};
    return ERR_OK;
}

// `*` on everything.
static err_code admin_edges(struct paths *p, uint32_t from, uint32_t role, const struct paths_right *base, uint32_t ns, bool report,
                            struct err *e)
{
    const struct rbac_role *r = rbac_role(p->set, role);
    for (uint32_t i = 0; i < r->n_rules; i++) {
        const struct rbac_rule *rule = &r->rules[i];
        if (!is_star(&rule->verbs) || !is_star(&rule->groups) || !is_star(&rule->resources) || rule->names.n)
            continue;
        struct paths_right right = *base;
        right.by.rule = rule;
        if (report)
            TRY(find(p, from, ATTACK_ADMIN, ns, &right, false, e));
        uint32_t to = base->scope == SCOPE_ALL    ? (uint32_t)PATHS_CLUSTER_ADMIN
                      : base->scope == SCOPE_EACH ? paths_all_node(ALL_ADMIN_OF)
                                                  : paths_ns_node(p, base->scope, NS_ADMIN);
        TRY(lead(p, from, to, ATTACK_ADMIN, &right, NULL, e));
    }
    return ERR_OK;
}

static err_code keep(struct paths_priv *v, const struct paths_right *r, struct arena *a, struct err *e)
{
    TRY_GROW(v->rights, v->n_rights, v->cap_rights, a, e);
    v->rights[v->n_rights++] = *r;
    return ERR_OK;
}

// What of kube-system decides for the whole cluster: elsewhere a ConfigMap or a Lease is an application's own.
static err_code report_right(struct paths *p, uint32_t node, uint32_t ns, const struct paths_right *r, struct err *e)
{
    static const char *const components[] = {"coredns", "kube-proxy", "kubelet-config", "kubeadm-config", "extension-apiserver-authentication"};
    bool there = everywhere(r) || r->scope == p->priv->kube_system, counts = there;
    if (r->risk == RISK_CONFIGMAP_WRITE) {
        if (there && p->priv->objects->aws_auth && paths_names_has(p, r->by.rule, S("aws-auth")))
            TRY(find(p, node, ATTACK_AWS_AUTH, ns, r, false, e));
        counts = false;
        for (unsigned i = 0; i < sizeof components / sizeof *components; i++)
            counts = counts || (there && paths_names_has(p, r->by.rule, str_of(components[i])));
    }
    if ((r->risk == RISK_CONFIGMAP_WRITE || r->risk == RISK_LEASE_WRITE) && !counts)
        return ERR_OK;
    return find(p, node, (enum paths_attack)paths_risk_attack[r->risk], ns, r, paths_risk_is_part[r->risk], e);
}

// All rights of a role in a scope: used, reported, and kept in v->rights where they count together with others.
static err_code take_role(struct paths *p, uint32_t from, uint32_t role, uint32_t scope, uint32_t binding, bool report,
                          struct err *e)
{
    struct paths_priv *v = p->priv;
    const struct rbac_role *r = rbac_role(p->set, role);
    uint32_t ns = binding != RBAC_NONE && rbac_binding(p->set, binding)->ns.n ? rbac_id(p->set, rbac_binding(p->set, binding)->ns) : 0;
    struct paths_right right = {.scope = scope, .by = {binding, NULL}};
    for (uint32_t i = 0; i < r->n_sources; i++) {
        uint32_t plain = r->sources[i];
        TRY(admin_edges(p, from, plain, &right, ns, report, e));
        for (uint32_t k = v->first_cap[plain]; k < v->first_cap[plain + 1]; k++) {
            right.risk = v->caps[k].risk;
            right.by.rule = v->caps[k].rule;
            if (paths_risk_is_cluster[right.risk] && scope != SCOPE_ALL)
                continue;
            if (paths_conj_partners(right.risk))
                TRY(keep(v, &right, p->arena, e));
            TRY(use(p, from, &right, e));
            if (report)
                TRY(report_right(p, from, ns, &right, e));
        }
    }
    return ERR_OK;
}

static uint32_t scope_of(const struct paths *p, uint32_t binding)
{
    str ns = rbac_binding(p->set, binding)->ns;
    return ns.n ? inventory_find_namespace(p->inventory, ns) : SCOPE_ALL;
}

// ---- groups: what a user has beside its own rights

// A group's rights that count together with others, once.
static err_code group_rights(struct paths *p, uint32_t group, const struct paths_group **ret, struct err *e)
{
    struct paths_priv *v = p->priv;
    struct paths_group *g = &v->groups[group];
    *ret = g;
    if (g->made)
        return ERR_OK;
    struct paths_right *all = NULL;
    struct rbac_list list = rbac_bindings_all(p->set, true, p->identities[group].id);
    uint32_t cap = 0;
    for (uint32_t i = 0; i < list.n; i++) {
        const struct rbac_role *r = rbac_role(p->set, rbac_binding(p->set, list.ids[i])->role);
        uint32_t scope = scope_of(p, list.ids[i]);
        for (uint32_t s = 0; s < r->n_sources; s++)
            for (uint32_t k = v->first_cap[r->sources[s]]; k < v->first_cap[r->sources[s] + 1]; k++) {
                if (!paths_conj_partners(v->caps[k].risk) || (paths_risk_is_cluster[v->caps[k].risk] && scope != SCOPE_ALL))
                    continue;
                TRY_GROW(all, g->n, cap, p->arena, e);
                all[g->n++] = (struct paths_right){v->caps[k].risk, scope, {list.ids[i], v->caps[k].rule}, group + 1};
            }
    }
    paths_conj_sort(all, g->n);
    g->rights = all;
    g->made = true;
    return ERR_OK;
}

// The first of a group's rights that is not before (risk, scope).
static uint32_t first_of(const struct paths_group *g, unsigned risk, uint32_t scope)
{
    uint32_t low = 0, high = g->n;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (g->rights[mid].risk < risk || (g->rights[mid].risk == risk && g->rights[mid].scope < scope))
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static err_code take_range(struct paths *p, const struct paths_group *g, uint32_t from, uint32_t to, struct err *e)
{
    for (uint32_t i = from; i < to; i++)
        TRY(keep(p->priv, &g->rights[i], p->arena, e));
    return ERR_OK;
}

// Those of a group's rights that a right of the user's own counts with. A group may have a binding in each namespace, and be every
// account's: all of them for each would be quadratic.
static err_code take_partners(struct paths *p, const struct paths_group *g, uint32_t n_own, struct err *e)
{
    struct paths_priv *v = p->priv;
    for (uint32_t i = 0; i < n_own; i++) {
        uint64_t partners = paths_conj_partners(v->rights[i].risk);
        uint32_t scope = v->rights[i].scope;
        bool wide = scope == SCOPE_ALL || scope == SCOPE_EACH;
        for (unsigned risk = 0; risk < RISKS; risk++) {
            if (!(partners >> risk & 1))
                continue;
            if (!wide)
                TRY(take_range(p, g, first_of(g, risk, scope), first_of(g, risk, scope + 1), e));
            TRY(take_range(p, g, first_of(g, risk, wide ? 0 : SCOPE_EACH), first_of(g, risk + 1, 0), e));
        }
    }
    return ERR_OK;
}

enum { FEW_RIGHTS = 512 }; // of groups: so many are paired with each other for every member

static err_code take_groups(struct paths *p, const struct paths_identity *x, struct err *e)
{
    struct paths_priv *v = p->priv;
    struct rbac_user u = {0};
    const struct paths_group *groups[MOST_GROUPS];
    uint32_t n = 0, n_own = v->n_rights, n_rights = 0;
    size_t mark = arena_mark(p->arena);
    uint32_t at[MOST_GROUPS];
    TRY(rbac_implied_groups(x->user, NULL, 0, p->arena, &u, e));
    for (uint32_t k = 0; k < u.n_groups && n < MOST_GROUPS; k++) {
        at[n] = paths_identity_of(p, true, u.groups[k]);
        n += at[n] != PATHS_NONE;
    }
    arena_rewind(p->arena, mark);
    for (uint32_t k = 0; k < n; k++) {
        TRY(group_rights(p, at[k], &groups[k], e));
        n_rights += groups[k]->n;
        v->held[v->n_held++] = rbac_bindings_all(p->set, true, p->identities[at[k]].id);
    }
    for (uint32_t k = 0; k < n; k++) {
        if (n_rights <= FEW_RIGHTS)
            TRY(take_range(p, groups[k], 0, groups[k]->n, e));
        else
            TRY(take_partners(p, groups[k], n_own, e));
    }
    return ERR_OK;
}

static err_code identity_edges(struct paths *p, uint32_t i, struct err *e)
{
    struct paths_priv *v = p->priv;
    const struct paths_identity x = p->identities[i];
    uint32_t from = v->identity_nodes[i];
    struct rbac_list list = rbac_bindings_all(p->set, x.kind == RBAC_GROUP, x.id);
    v->n_rights = v->n_held = 0;
    v->held[v->n_held++] = list;
    for (uint32_t k = 0; k < list.n; k++)
        TRY(take_role(p, from, rbac_binding(p->set, list.ids[k])->role, scope_of(p, list.ids[k]), list.ids[k], true, e));
    if (x.kind == RBAC_GROUP && str_eq(x.user, S("system:masters")))
        TRY(lead(p, from, PATHS_SYSTEM_MASTERS, ATTACK_MASTERS, &(struct paths_right){.by = {RBAC_NONE, NULL}}, NULL, e));
    if (x.kind != RBAC_GROUP) // with a group's rights beside its own, two may come together
        TRY(take_groups(p, &x, e));
    return v->n_rights ? paths_conj_make(p, from, i, e) : ERR_OK;
}

// Rights that were gained by binding a role: those of the role alone.
static err_code grant_edges(struct paths *p, struct err *e)
{
    struct paths_priv *v = p->priv;
    for (; v->done_grants < p->n_grants; v->done_grants++) {
        const struct paths_grant g = p->grants[v->done_grants];
        v->n_rights = v->n_held = 0;
        TRY(take_role(p, g.node, g.role, g.ns, RBAC_NONE, false, e));
        if (v->n_rights)
            TRY(paths_conj_make(p, g.node, PATHS_NONE, e));
    }
    return ERR_OK;
}

static err_code find_bootstrap(struct paths *p, struct err *e)
{
    struct paths_priv *v = p->priv;
    TRY_NEW(v->bootstrap, p->arena, p->n_identities, e);
    for (uint32_t i = 0; i < p->n_identities; i++)
        if (p->identities[i].kind == RBAC_GROUP && (str_eq(p->identities[i].user, S("system:bootstrappers")) ||
                                                    str_starts(p->identities[i].user, S("system:bootstrappers:"))))
            v->bootstrap[v->n_bootstrap++] = i;
    return ERR_OK;
}

err_code paths_rights_make(struct paths *p, struct err *e)
{
    TRY_NEW(p->priv->groups, p->arena, p->n_identities, e);
    TRY(find_bootstrap(p, e));
    for (uint32_t i = 0; i < p->n_identities; i++)
        TRY(identity_edges(p, i, e));
    for (uint32_t i = 0; i < p->n_identities; i++) {
        struct paths_edge edge = {.from = p->priv->identity_nodes[i], .to = PATHS_CLOUD_ROLE, .attack = ATTACK_CLOUD_IDENTITY, .cost = 1,
                                  .facts = PATHS_NO_FACTS, .pods = PATHS_NONE, .by = {{RBAC_NONE, NULL}, {RBAC_NONE, NULL}}};
        if (p->identities[i].cloud)
            TRY(paths_edge_add(p, &edge, e));
    }
    TRY(grant_edges(p, e));
    if (!p->priv->lists_wanted)
        return ERR_OK;
    TRY(paths_lists_make(p, e));
    return grant_edges(p, e);
}
