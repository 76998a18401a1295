#include "check/natives.h"

#include "check/natives_made.h"
#include "check/natives_priv.h"
#include "graph/rbac_resource.h"
#include "kube/selector.h"
#include "kube/workload.h"

// An answer that other objects could change is given only where those would be among the input: of a namespace whose Namespace is;
// else it is unknown, and the check not assessed.

// ---- cluster

static struct value list(struct call *k, str kind, const str *ns)
{
    uint32_t n = 0;
    const uint32_t *records = objects_of_kind(k->o, kind, ns, &n);
    struct value *items = fn_new_values(k->c, n);
    if (n && !items)
        return full();
    for (uint32_t i = 0; i < n; i++) {
        struct object x;
        if (objects_tree(k->o, records[i], k->c->arena, &x, &k->e) != ERR_OK)
            return full();
        items[i] = value_of_node(x.root);
    }
    return fn_list(items, n);
}

static struct value cluster_list(struct call *k)
{
    if (!is_text(k->args[0]))
        return wrong(k);
    return list(k, value_text(k->args[0]), NULL);
}

static struct value cluster_list_in(struct call *k)
{
    if (!is_text(k->args[0]) || !is_text(k->args[1]))
        return wrong(k);
    str ns = value_text(k->args[1]);
    return list(k, value_text(k->args[0]), &ns);
}

// The object, or null; unknown where it may be elsewhere.
static struct value cluster_find(struct call *k)
{
    struct object x;
    for (uint32_t i = 0; i < 3; i++)
        if (!is_text(k->args[i]))
            return wrong(k);
    str kind = value_text(k->args[0]), ns = value_text(k->args[1]), name = value_text(k->args[2]);
    uint32_t record = objects_find(k->o, kind, ns, name);
    if (record == OBJECTS_NONE && !is_whole(k, ns)) {
        str what = arena_printf(k->c->arena, "%.*s %.*s%s%.*s", STR_FMT(kind), STR_FMT(ns), ns.n ? "/" : "", STR_FMT(name));
        return what.p ? value_unknown(k->c->arena, what) : full();
    }
    if (record == OBJECTS_NONE)
        return value_null();
    return objects_tree(k->o, record, k->c->arena, &x, &k->e) == ERR_OK ? value_of_node(x.root) : full();
}

static struct value cluster_declared(struct call *k)
{
    return is_text(k->args[0]) ? value_bool(is_whole(k, value_text(k->args[0]))) : wrong(k);
}

// true, or unknown: for a check that finds fault with what is here, where more may be elsewhere.
static struct value cluster_known(struct call *k)
{
    if (!is_text(k->args[0]))
        return wrong(k);
    str ns = value_text(k->args[0]);
    return is_whole(k, ns) ? value_bool(true) : ns.n ? unknown_ns(k, ns) : unknown_cluster(k);
}

static struct value cluster_whole(struct call *k)
{
    return value_bool(k->o->whole);
}

// Of a ClusterRole: does another take its rules?
static bool is_aggregated(const struct call *k, str name)
{
    uint32_t role = rbac_find_role(k->o->rbac, S(""), name);
    return role != RBAC_NONE && rbac_role(k->o->rbac, role)->widens;
}

// Who uses a ConfigMap, Secret, ServiceAccount (but for Pods: sa.pods), Role or ClusterRole: one that does, or none.
static struct value cluster_users(struct call *k)
{
    const struct node *x = node_of(k->args[0]);
    str kind = node_get_str(x, KEY("kind")), ns = ns_of(x);
    struct texts t = {0};
    enum objects_use what = USE_ANY;
    if (kind.p && str_eq(kind, S("ConfigMap")))
        what = USE_CONFIG_MAP;
    else if (kind.p && str_eq(kind, S("Secret")))
        what = USE_SECRET;
    else if (kind.p && str_eq(kind, S("ServiceAccount")))
        what = USE_ACCOUNT;
    else if (kind.p && str_eq(kind, S("Role")))
        what = USE_ROLE;
    else if (kind.p && str_eq(kind, S("ClusterRole")))
        what = USE_CLUSTER_ROLE;
    else
        return wrong(k);
    ns = what == USE_CLUSTER_ROLE ? S("") : ns;
    uint32_t user = objects_user(k->o, what, ns, name_of(x));
    if (user != OBJECTS_NONE)
        add(k, &t, objects_name(k->o, user, k->c->arena));
    else if (what == USE_CLUSTER_ROLE && is_aggregated(k, name_of(x)))
        add(k, &t, S("another ClusterRole"));
    else if (!is_whole(k, ns))
        return ns.n ? unknown_ns(k, ns) : unknown_cluster(k);
    return list_of(&t);
}

// ---- workloads of a namespace

// Workloads of a namespace, or the ones that it has where there may be more; unknown where that could be any.
static struct value workloads(struct call *k, const struct texts *t, str ns)
{
    uint32_t maker = objects_user(k->o, USE_POD_MAKER, ns, S(""));
    if (t->n || t->full)
        return list_of(t);
    if (!is_whole(k, ns))
        return unknown_ns(k, ns);
    if (maker == OBJECTS_NONE)
        return list_of(t);
    str name = objects_name(k->o, maker, k->c->arena);
    name = name.p ? arena_printf(k->c->arena, "which Pods are made for %.*s", STR_FMT(name)) : name;
    return name.p ? value_unknown(k->c->arena, name) : full();
}

static struct value cluster_workloads(struct call *k)
{
    struct texts t = {0};
    if (!is_text(k->args[0]))
        return wrong(k);
    struct pods_run r = pods_of(k, value_text(k->args[0]));
    for (uint32_t i = 0; i < r.n; i++)
        if (!k->o->pods[r.at[i]].owned)
            add(k, &t, objects_name(k->o, k->o->pods[r.at[i]].record, k->c->arena));
    return list_of(&t);
}

// Its workloads with their Pods: {workload: "Deployment shop/web", pod: ...}.
static struct value cluster_pods(struct call *k)
{
    if (!is_text(k->args[0]))
        return wrong(k);
    struct pods_run r = pods_of(k, value_text(k->args[0]));
    struct value *items = fn_new_values(k->c, r.n);
    uint32_t n = 0;
    if (r.n && !items)
        return full();
    for (uint32_t i = 0; i < r.n; i++) {
        uint32_t record = k->o->pods[r.at[i]].record;
        struct object x;
        struct workload_pod view;
        bool has = false;
        if (k->o->pods[r.at[i]].owned)
            continue;
        str name = objects_name(k->o, record, k->c->arena);
        if (!name.p || objects_tree(k->o, record, k->c->arena, &x, &k->e) != ERR_OK ||
            workload_pod_view(&x, k->c->arena, &view, &has, &k->e) != ERR_OK || !has)
            return full();
        items[n++] = natives_made_workload(k->c, name, view.pod.root);
    }
    return fn_list(items, n);
}

// Does a Pod of the namespace say itself whether it is in a mesh?
static struct value mesh_asked(struct call *k)
{
    return is_text(k->args[0]) ? value_bool(objects_user(k->o, USE_MESH, value_text(k->args[0]), S("")) != OBJECTS_NONE) : wrong(k);
}

static struct value of_namespace(struct call *k, str kind)
{
    if (!is_text(k->args[0]))
        return wrong(k);
    str ns = value_text(k->args[0]);
    struct value v = list(k, kind, &ns);
    return v.kind == CEL_LIST && v.n == 0 && !is_whole(k, ns) ? unknown_ns(k, ns) : v;
}

static struct value quota_of(struct call *k)
{
    return of_namespace(k, S("ResourceQuota"));
}

static struct value limits_of(struct call *k)
{
    return of_namespace(k, S("LimitRange"));
}

static void shortest(const struct objects *o, uint32_t ns, name_id value, const uint32_t **some, uint32_t *n)
{
    uint32_t found = 0;
    const uint32_t *run = objects_labelled(o, ns, value, &found);
    if (found >= *n)
        return;
    *some = run;
    *n = found;
}

// Pods whose labels have all pairs of a map.
static struct value service_pods(struct call *k)
{
    const struct node *x = node_of(k->args[0]), *selector = node_get(node_get(x, KEY("spec")), KEY("selector"));
    struct inventory *v = &k->o->inventory;
    struct texts t = {0};
    uint32_t row = 0;
    if (!x)
        return wrong(k);
    arena_reset(&v->scratch);
    if (inventory_labels(v, selector, &row, &k->e) != ERR_OK)
        return full();
    if (objects_index_labels(k->o, &k->e) != ERR_OK)
        return full();
    struct pods_run r = pods_of(k, ns_of(x));
    const struct rows_row *want = &v->labels.rows[row];
    const uint32_t *some = NULL;
    uint32_t n = UINT32_MAX;
    for (uint32_t i = 0; r.n && i < want->n; i += 2) // the rarest of the labels
        shortest(k->o, r.ns, want->words[i + 1], &some, &n);
    for (uint32_t i = 0; some && i < n; i++) {
        const struct objects_pod *p = &k->o->pods[some[i]];
        bool all = true;
        for (uint32_t j = 0; all && j < want->n; j += 2)
            all = inventory_label(v, p->labels, want->words[j]) == want->words[j + 1];
        if (all && !p->owned)
            add(k, &t, objects_name(k->o, p->record, k->c->arena));
    }
    return workloads(k, &t, ns_of(x));
}

// Workloads that run as an account; mounts: those that have its token.
static struct value pods_of_account(struct call *k, bool mounts)
{
    const struct node *x = node_of(k->args[0]), *automount = node_get(x, KEY("automountServiceAccountToken"));
    bool by_account = !node_is(automount, NODE_BOOL) || automount->b;
    struct texts t = {0};
    if (!x)
        return wrong(k);
    name_id name = names_find(&k->o->inventory.names, name_of(x));
    struct pods_run r = pods_of(k, ns_of(x));
    for (uint32_t i = 0; i < r.n; i++) {
        const struct objects_pod *p = &k->o->pods[r.at[i]];
        bool has = !mounts || p->automount == AUTOMOUNT_YES || (p->automount == AUTOMOUNT_UNSET && by_account);
        if (p->account == name && !p->owned && has)
            add(k, &t, objects_name(k->o, p->record, k->c->arena));
    }
    return workloads(k, &t, ns_of(x));
}

static struct value sa_pods(struct call *k)
{
    return pods_of_account(k, false);
}

static struct value sa_mounts(struct call *k)
{
    return pods_of_account(k, true);
}

static void add_selected(struct call *k, struct texts *t, const struct netpol *p, const struct pods_run *r)
{
    const struct objects *o = k->o;
    const struct rows_row *terms = &o->netpols.selectors.rows[p->subject.pods];
    const uint32_t *some = NULL;
    uint32_t n = UINT32_MAX;
    for (uint32_t at = 0; at < terms->n; at += 3 + terms->words[at + 2]) // key, operator, number of values, values
        if (terms->words[at + 1] == SELECTOR_IN && terms->words[at + 2] == 1)
            shortest(o, r->ns, terms->words[at + 3], &some, &n);
    n = some ? n : r->n;
    for (uint32_t i = 0; i < n; i++) {
        const struct objects_pod *x = &o->pods[some ? some[i] : r->at[i]];
        if (!x->owned && netpol_selects(&o->netpols, p->subject.pods, x->labels))
            add(k, t, objects_name(o, x->record, k->c->arena));
    }
}

// Workloads that a NetworkPolicy selects.
static struct value netpol_pods(struct call *k)
{
    const struct node *x = node_of(k->args[0]);
    struct texts t = {0};
    if (!x)
        return wrong(k);
    struct objects *o = k->o;
    if (objects_index_labels(o, &k->e) != ERR_OK)
        return full();
    name_id name = names_find(&o->inventory.names, name_of(x));
    struct pods_run r = pods_of(k, ns_of(x));
    for (uint32_t i = r.n ? o->first_policy[r.ns] : 0; r.n && i < o->first_policy[r.ns + 1]; i++) {
        const struct netpol *p = &o->netpols.all[o->policies_of_ns[i]];
        if (p->name == name)
            add_selected(k, &t, p, &r);
    }
    return workloads(k, &t, ns_of(x));
}

// ---- RBAC

// Whether what is granted to an account is all among the input: whoever makes the account grants.
static bool grants_are_known(const struct call *k, str ns, str name)
{
    bool there = str_eq(name, S("default")) || objects_find(k->o, S("ServiceAccount"), ns, name) != OBJECTS_NONE;
    return k->o->whole || (is_whole(k, ns) && there);
}

static struct value unknown_grants(struct call *k, str who)
{
    str what = arena_printf(k->c->arena, "every binding of %.*s", STR_FMT(who));
    return what.p ? value_unknown(k->c->arena, what) : full();
}

static void add_bindings(struct call *k, struct texts *t, bool group, str who)
{
    uint32_t id = rbac_id(k->o->rbac, who);
    struct rbac_list l = id == RBAC_NONE ? (struct rbac_list){0} : rbac_bindings_all(k->o->rbac, group, id);
    for (uint32_t i = 0; i < l.n; i++) {
        const struct rbac_binding *b = rbac_binding(k->o->rbac, l.ids[i]);
        if (group && str_starts(b->name, S("system:"))) // every account has these: discovery
            continue;
        add(k, t, arena_printf(k->c->arena, "%s %.*s%s%.*s", b->ns.n ? "RoleBinding" : "ClusterRoleBinding", STR_FMT(b->ns),
                               b->ns.n ? "/" : "", STR_FMT(b->name)));
    }
}

// Bindings that name the account, or the groups that only accounts are in.
static struct value sa_bindings(struct call *k)
{
    struct texts t = {0};
    if (!is_text(k->args[0]) || !is_text(k->args[1]))
        return wrong(k);
    str ns = value_text(k->args[0]), name = value_text(k->args[1]);
    str user = arena_printf(k->c->arena, "system:serviceaccount:%.*s:%.*s", STR_FMT(ns), STR_FMT(name));
    if (!user.p)
        return full();
    str group = arena_printf(k->c->arena, "system:serviceaccounts:%.*s", STR_FMT(ns));
    if (!group.p)
        return full();
    add_bindings(k, &t, false, user);
    add_bindings(k, &t, true, group);
    add_bindings(k, &t, true, S("system:serviceaccounts"));
    return t.n || t.full || grants_are_known(k, ns, name) ? list_of(&t) : unknown_grants(k, user);
}

// unknown false: what is not known is not granted.
static struct value ask(struct call *k, bool unknown)
{
    struct rbac_question q = {0};
    struct rbac_subject subject = {0};
    struct rbac_answer a;
    str user = S("");
    bool cluster = false;
    for (uint32_t i = 0; i < k->n; i++)
        if (!is_text(k->args[i]))
            return wrong(k);
    if (rbac_resource_subject(value_text(k->args[0]), k->c->arena, &subject, &user, &k->e) != ERR_OK)
        return value_error(k->c->arena, "%s", k->e.msg);
    rbac_resource_parse(value_text(k->args[2]), &q, &cluster);
    q.verb = value_text(k->args[1]);
    q.ns = k->n == 4 && !cluster ? value_text(k->args[3]) : S("");
    str group = user;
    bool is_group = subject.kind == RBAC_GROUP;
    if (rbac_implied_groups(is_group ? S("somebody") : user, is_group ? &group : NULL, is_group, k->c->arena, &q.user, &k->e) != ERR_OK)
        return full();
    if (rbac_allows(k->o->rbac, &q, &a))
        return value_bool(true);
    bool known = subject.kind == RBAC_ACCOUNT ? grants_are_known(k, subject.ns, subject.name) : k->o->whole;
    return known || !unknown ? value_bool(false) : unknown_grants(k, value_text(k->args[0]));
}

static struct value rbac_may(struct call *k)
{
    return ask(k, true);
}

static struct value rbac_granted(struct call *k)
{
    return ask(k, false);
}

// To whom a role is bound: "User:jane", "Group:devs", "ServiceAccount:ns/name".
static struct value rbac_subjects(struct call *k)
{
    const struct node *x = node_of(k->args[0]);
    struct texts t = {0};
    if (!x)
        return wrong(k);
    bool cluster = str_eq(node_get_str(x, KEY("kind")).p ? node_get_str(x, KEY("kind")) : S(""), S("ClusterRole"));
    str ns = cluster ? S("") : ns_of(x), name = name_of(x);
    uint32_t role = rbac_find_role(k->o->rbac, ns, name);
    if (role == RBAC_NONE)
        return list_of(&t);
    for (uint32_t i = k->o->first_binding[role]; i < k->o->first_binding[role + 1]; i++) {
        const struct rbac_binding *b = rbac_binding(k->o->rbac, k->o->bindings_of_role[i]);
        for (uint32_t j = 0; j < b->n_subjects; j++) {
            OWN_BUF struct buf text = buf_new(4096);
            rbac_put_subject(&text, &b->subjects[j]);
            add(k, &t, arena_dup(k->c->arena, buf_str(&text)));
        }
    }
    return list_of(&t);
}

static void add_rules(struct call *k, struct texts *t, bool group, str who)
{
    const struct rbac_set *s = k->o->rbac;
    uint32_t id = rbac_id(s, who);
    struct rbac_list l = id == RBAC_NONE ? (struct rbac_list){0} : rbac_bindings_all(s, group, id);
    for (uint32_t i = 0; i < l.n; i++) {
        const struct rbac_binding *b = rbac_binding(s, l.ids[i]);
        struct rbac_walk walk = {0};
        const struct rbac_rule *r;
        while (b->role != RBAC_NONE && !t->full && (r = rbac_role_next(s, b->role, &walk)))
            if (!b->ns.n || !r->urls.n) // paths are granted by ClusterRoleBindings only
                add_value(k, t, natives_made_grant(k->c, s, b, r));
    }
}

// The rules that a user has by all bindings of its name and of its groups, those of aggregated roles included.
static struct value rbac_rules(struct call *k)
{
    struct rbac_subject subject = {0};
    struct rbac_user who;
    struct texts t = {0};
    str user = S("");
    if (!is_text(k->args[0]))
        return wrong(k);
    if (rbac_resource_subject(value_text(k->args[0]), k->c->arena, &subject, &user, &k->e) != ERR_OK)
        return value_error(k->c->arena, "%s", k->e.msg);
    if (subject.kind == RBAC_GROUP) {
        add_rules(k, &t, true, user);
        return list_of(&t);
    }
    if (rbac_implied_groups(user, NULL, 0, k->c->arena, &who, &k->e) != ERR_OK)
        return full();
    add_rules(k, &t, false, user);
    for (uint32_t i = 0; i < who.n_groups; i++)
        add_rules(k, &t, true, who.groups[i]);
    return list_of(&t);
}

// ----

struct value natives_call(void *natives, enum policy_native f, struct cel_call *c, const struct value *args, uint32_t n)
{
    struct natives *x = natives;
    struct call k = {.x = x, .o = x->objects, .c = c, .args = args, .n = n};
    static struct value (*const bodies[POLICY_NATIVES])(struct call *k) = {
        [POLICY_NATIVE_CLUSTER_LIST] = cluster_list,
        [POLICY_NATIVE_CLUSTER_LIST_IN] = cluster_list_in,
        [POLICY_NATIVE_CLUSTER_FIND] = cluster_find,
        [POLICY_NATIVE_CLUSTER_DECLARED] = cluster_declared,
        [POLICY_NATIVE_CLUSTER_KNOWN] = cluster_known,
        [POLICY_NATIVE_CLUSTER_PODS] = cluster_pods,
        [POLICY_NATIVE_CLUSTER_WHOLE] = cluster_whole,
        [POLICY_NATIVE_CLUSTER_USERS] = cluster_users,
        [POLICY_NATIVE_CLUSTER_WORKLOADS] = cluster_workloads,
        [POLICY_NATIVE_MESH_ASKED] = mesh_asked,
        [POLICY_NATIVE_QUOTA_OF] = quota_of,
        [POLICY_NATIVE_LIMITS_OF] = limits_of,
        [POLICY_NATIVE_SERVICE_PODS] = service_pods,
        [POLICY_NATIVE_SA_PODS] = sa_pods,
        [POLICY_NATIVE_SA_MOUNTS] = sa_mounts,
        [POLICY_NATIVE_SA_BINDINGS] = sa_bindings,
        [POLICY_NATIVE_NETPOL_ISOLATED] = natives_isolated,
        [POLICY_NATIVE_NETPOL_DEFAULT_DENY] = natives_default_deny,
        [POLICY_NATIVE_NETPOL_OPEN] = natives_open,
        [POLICY_NATIVE_NETPOL_PODS] = netpol_pods,
        [POLICY_NATIVE_NET_REACHES] = natives_reaches,
        [POLICY_NATIVE_NET_REACHES_PORT] = natives_reaches,
        [POLICY_NATIVE_NET_FROM] = natives_from,
        [POLICY_NATIVE_NET_FROM_PORT] = natives_from,
        [POLICY_NATIVE_NET_INTO] = natives_into,
        [POLICY_NATIVE_NET_INTO_PORT] = natives_into,
        [POLICY_NATIVE_RBAC_ALLOWS] = rbac_may,
        [POLICY_NATIVE_RBAC_ALLOWS_IN] = rbac_may,
        [POLICY_NATIVE_RBAC_GRANTED] = rbac_granted,
        [POLICY_NATIVE_RBAC_GRANTED_IN] = rbac_granted,
        [POLICY_NATIVE_RBAC_RULES] = rbac_rules,
        [POLICY_NATIVE_RBAC_SUBJECTS] = rbac_subjects,
    };
    return bodies[f](&k);
}
