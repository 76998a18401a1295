#include "check/natives.h"

#include "check/natives_made.h"
#include "check/net.h"
#include "graph/rbac_resource.h"
#include "kube/selector.h"
#include "kube/workload.h"

// An answer that other objects could change is given only where those would be among the input: of a namespace whose Namespace is;
// else it is unknown, and the check not assessed.

struct call {
    struct natives *x;
    struct objects *o;
    struct cel_call *c;
    const struct value *args;
    uint32_t n;
    struct err e;
};

static struct value full(void)
{
    return value_fatal("out of memory");
}

static bool is_text(struct value v)
{
    return v.kind == CEL_STRING;
}

static struct value wrong(struct call *k)
{
    return value_error(k->c->arena, "no such overload");
}

// "what else is in namespace shop (...) is not known without a cluster"
static struct value unknown_ns(struct call *k, str ns)
{
    str name = arena_printf(k->c->arena, "what else is in namespace %.*s (its Namespace is not among the input)", STR_FMT(ns));
    return name.p ? value_unknown(k->c->arena, name) : full();
}

static struct value unknown_cluster(struct call *k)
{
    return value_unknown(k->c->arena, S("the rest of the cluster (no Namespace kube-system is among the input)"));
}

static uint32_t namespace_of(const struct call *k, str ns)
{
    return inventory_find_namespace(&k->o->inventory, ns);
}

static bool is_whole(const struct call *k, str ns)
{
    return ns.n ? objects_is_declared(k->o, namespace_of(k, ns)) : k->o->whole;
}

// An answer about a namespace that holds whatever else there is, or only where all of it is known.
static struct value answer(struct call *k, str ns, bool yes, bool certain)
{
    return certain || is_whole(k, ns) ? value_bool(yes) : unknown_ns(k, ns);
}

// ---- values of objects

static const struct node *node_of(struct value v)
{
    return v.kind == CEL_MAP && v.flags & VALUE_NODE ? v.node : NULL;
}

static str ns_of(const struct node *object)
{
    str ns = node_get_str(node_get(object, KEY("metadata")), KEY("namespace"));
    return ns.n ? ns : S("default");
}

static str name_of(const struct node *object)
{
    str name = node_get_str(node_get(object, KEY("metadata")), KEY("name"));
    return name.p ? name : S("");
}

struct texts {
    struct value *items;
    uint32_t n, cap;
    bool full;
};

static void add_value(struct call *k, struct texts *t, struct value v)
{
    if (t->n == t->cap) {
        uint32_t cap = t->cap ? 2 * t->cap : 8;
        struct value *more = fn_new_values(k->c, cap);
        t->full = t->full || !more;
        if (t->full)
            return;
        if (t->n)
            memcpy(more, t->items, t->n * sizeof *more);
        t->items = more;
        t->cap = cap;
    }
    t->full = t->full || v.kind == CEL_ERROR;
    t->items[t->n++] = v;
}

static void add(struct call *k, struct texts *t, str text)
{
    add_value(k, t, text.p ? value_str(text) : full());
}

static struct value list_of(const struct texts *t)
{
    return t->full ? full() : fn_list(t->items, t->n);
}

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

struct pods_run {
    const uint32_t *at;
    uint32_t n, ns;
};

static struct pods_run pods_of(const struct call *k, str ns)
{
    struct pods_run r = {.ns = namespace_of(k, ns)};
    if (r.ns == INVENTORY_NONE || r.ns == k->o->stranger)
        return (struct pods_run){.ns = INVENTORY_NONE};
    r.at = k->o->pods_of_ns + k->o->first_pod[r.ns];
    r.n = k->o->first_pod[r.ns + 1] - k->o->first_pod[r.ns];
    return r;
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

static void shortest(const struct objects *o, uint32_t ns, name_id key, name_id value, const struct objects_label **some, uint32_t *n)
{
    uint32_t found = 0;
    const struct objects_label *run = objects_labelled(o, ns, key, value, &found);
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
    const struct objects_label *some = NULL;
    uint32_t n = UINT32_MAX;
    for (uint32_t i = 0; r.n && i < want->n; i += 2) // the rarest of the labels
        shortest(k->o, r.ns, want->words[i], want->words[i + 1], &some, &n);
    for (uint32_t i = 0; some && i < n; i++) {
        const struct objects_pod *p = &k->o->pods[some[i].pod];
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

// ---- network

// What policies of other kinds do in a namespace is not known; n false: they change nothing here.
static struct value foreign(struct call *k, str ns, struct value v)
{
    uint32_t policy = objects_user(k->o, USE_FOREIGN_POLICY, ns, S(""));
    policy = policy == OBJECTS_NONE ? objects_user(k->o, USE_FOREIGN_POLICY, S(""), S("")) : policy;
    if (policy == OBJECTS_NONE || v.kind == CEL_UNKNOWN)
        return v;
    str name = objects_name(k->o, policy, k->c->arena);
    name = name.p ? arena_printf(k->c->arena, "what %.*s does (its kind is not modelled)", STR_FMT(name)) : name;
    return name.p ? value_unknown(k->c->arena, name) : full();
}

static bool direction_of(struct value v, enum netpol_direction *ret)
{
    if (!is_text(v))
        return false;
    *ret = str_eq(value_text(v), S("Egress")) ? DIRECTION_EGRESS : DIRECTION_INGRESS;
    return str_eq(value_text(v), S("Egress")) || str_eq(value_text(v), S("Ingress"));
}

static const str internet = {"11.22.33.44", 11}; // an address of nobody's in particular

// A Pod (or what makes one), "stranger", "internet" or an address.
static bool end_of(struct call *k, struct value v, struct net_end *ret)
{
    struct inventory *i = &k->o->inventory;
    struct workload_pod view;
    struct object o;
    bool has = false;
    *ret = (struct net_end){.ns = k->o->stranger};
    if (is_text(v)) {
        str s = value_text(v);
        ret->is_pod = str_eq(s, S("stranger"));
        return ret->is_pod || address_parse(str_eq(s, S("internet")) ? internet : s, &ret->address);
    }
    const struct node *n = node_of(v);
    if (!n || !object_view(n, &o) || workload_pod_view(&o, k->c->arena, &view, &has, &k->e) != ERR_OK || !has)
        return false;
    const struct node *host = node_get(node_get(view.pod.root, KEY("spec")), KEY("hostNetwork"));
    arena_reset(&i->scratch);
    ret->is_pod = true;
    ret->host_network = node_is(host, NODE_BOOL) && host->b;
    if (inventory_labels(i, node_get(view.pod.metadata, KEY("labels")), &ret->labels, &k->e) != ERR_OK)
        return false;
    ret->ns = namespace_of(k, ns_of(view.pod.root));
    return ret->ns != INVENTORY_NONE;
}

static struct value netpol_isolated(struct call *k)
{
    enum netpol_direction d;
    struct net_end x;
    if (!direction_of(k->args[1], &d) || !end_of(k, k->args[0], &x) || !x.is_pod)
        return wrong(k);
    bool yes = net_is_isolated(k->o, &x, d);
    str ns = inventory_str(&k->o->inventory, k->o->inventory.namespaces[x.ns].name);
    struct value v = answer(k, ns, yes, yes);
    return yes ? v : foreign(k, ns, v);
}

static struct value netpol_default_deny(struct call *k)
{
    enum netpol_direction d;
    if (!is_text(k->args[0]) || !direction_of(k->args[1], &d))
        return wrong(k);
    str ns = value_text(k->args[0]);
    uint32_t at = namespace_of(k, ns);
    bool yes = at != INVENTORY_NONE && net_denies_by_default(k->o, at, d);
    struct value v = answer(k, ns, yes, yes);
    return yes ? v : foreign(k, ns, v);
}

// Workloads of a namespace that no NetworkPolicy isolates; Pods of the node's network are left out.
static struct value netpol_open(struct call *k)
{
    enum netpol_direction d;
    struct texts t = {0};
    if (!is_text(k->args[0]) || !direction_of(k->args[1], &d))
        return wrong(k);
    str ns = value_text(k->args[0]);
    struct pods_run r = pods_of(k, ns);
    if (r.n && objects_select(k->o, r.ns, &k->e) != ERR_OK)
        return full();
    for (uint32_t i = 0; i < r.n; i++) {
        const struct objects_pod *p = &k->o->pods[r.at[i]];
        struct net_end x = net_pod(k->o, p);
        if (!p->owned && !p->host_network && !net_is_isolated(k->o, &x, d))
            add(k, &t, objects_name(k->o, p->record, k->c->arena));
    }
    if (!t.n)
        return list_of(&t);
    return is_whole(k, ns) ? foreign(k, ns, list_of(&t)) : unknown_ns(k, ns);
}

static void add_selected(struct call *k, struct texts *t, const struct netpol *p, const struct pods_run *r)
{
    const struct objects *o = k->o;
    const struct rows_row *terms = &o->netpols.selectors.rows[p->subject.pods];
    const struct objects_label *some = NULL;
    uint32_t n = UINT32_MAX;
    for (uint32_t at = 0; at < terms->n; at += 3 + terms->words[at + 2]) // key, operator, number of values, values
        if (terms->words[at + 1] == SELECTOR_IN && terms->words[at + 2] == 1)
            shortest(o, r->ns, terms->words[at], terms->words[at + 3], &some, &n);
    n = some ? n : r->n;
    for (uint32_t i = 0; i < n; i++) {
        const struct objects_pod *x = &o->pods[some ? some[i].pod : r->at[i]];
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

static struct value on_plugin(struct call *k)
{
    return value_unknown(k->c->arena, S("what the network plugin does with ipBlock rules and Pods of the node's network"));
}

static bool port_of(struct call *k, uint32_t at, uint32_t *ret)
{
    *ret = 0;
    if (k->n <= at)
        return true;
    if (k->args[at].kind != CEL_INT || k->args[at].i < 1 || k->args[at].i > 65535)
        return false;
    *ret = (uint32_t)k->args[at].i;
    return true;
}

static bool is_known_end(const struct call *k, const struct net_end *x)
{
    return !x->is_pod || x->ns == k->o->stranger || objects_is_declared(k->o, x->ns);
}

static struct value net_between(struct call *k)
{
    struct net_end from, to;
    uint32_t port;
    if (!end_of(k, k->args[0], &from) || !end_of(k, k->args[1], &to) || !port_of(k, 2, &port))
        return wrong(k);
    const struct inventory *v = &k->o->inventory;
    if (!is_known_end(k, &from) || !is_known_end(k, &to))
        return unknown_ns(k, inventory_str(v, v->namespaces[is_known_end(k, &from) ? to.ns : from.ns].name));
    enum net_answer a = net_reaches(k->o, &from, &to, port);
    struct value yes = value_bool(a == NET_YES);
    for (unsigned i = 0; i < 2 && a == NET_YES; i++) {
        const struct net_end *x = i ? &to : &from;
        yes = x->is_pod ? foreign(k, inventory_str(v, v->namespaces[x->ns].name), yes) : yes;
    }
    return a == NET_DEPENDS ? on_plugin(k) : yes;
}

// Workloads of a namespace that reach something, or (into) that something reaches.
static struct value of_workloads(struct call *k, str ns, struct value other, bool into)
{
    struct texts t = {0};
    struct net_end far;
    uint32_t port;
    bool depends = false;
    if (!end_of(k, other, &far) || !port_of(k, 2, &port))
        return wrong(k);
    struct pods_run r = pods_of(k, ns);
    if (r.n && !is_whole(k, ns))
        return unknown_ns(k, ns);
    if (r.n && objects_select(k->o, r.ns, &k->e) != ERR_OK)
        return full();
    for (uint32_t i = 0; i < r.n; i++) {
        const struct objects_pod *p = &k->o->pods[r.at[i]];
        struct net_end x = net_pod(k->o, p);
        if (p->owned || p->host_network)
            continue;
        enum net_answer a = into ? net_reaches(k->o, &far, &x, port) : net_reaches(k->o, &x, &far, port);
        depends = depends || a == NET_DEPENDS;
        if (a == NET_YES)
            add(k, &t, objects_name(k->o, p->record, k->c->arena));
    }
    return depends && !t.n ? on_plugin(k) : t.n ? foreign(k, ns, list_of(&t)) : list_of(&t);
}

static struct value net_from(struct call *k)
{
    return is_text(k->args[0]) ? of_workloads(k, value_text(k->args[0]), k->args[1], false) : wrong(k);
}

static struct value net_into(struct call *k)
{
    return is_text(k->args[1]) ? of_workloads(k, value_text(k->args[1]), k->args[0], true) : wrong(k);
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

static struct value rbac_may(struct call *k)
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
    return known ? value_bool(false) : unknown_grants(k, value_text(k->args[0]));
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
        [POLICY_NATIVE_QUOTA_OF] = quota_of,
        [POLICY_NATIVE_LIMITS_OF] = limits_of,
        [POLICY_NATIVE_SERVICE_PODS] = service_pods,
        [POLICY_NATIVE_SA_PODS] = sa_pods,
        [POLICY_NATIVE_SA_MOUNTS] = sa_mounts,
        [POLICY_NATIVE_SA_BINDINGS] = sa_bindings,
        [POLICY_NATIVE_NETPOL_ISOLATED] = netpol_isolated,
        [POLICY_NATIVE_NETPOL_DEFAULT_DENY] = netpol_default_deny,
        [POLICY_NATIVE_NETPOL_OPEN] = netpol_open,
        [POLICY_NATIVE_NETPOL_PODS] = netpol_pods,
        [POLICY_NATIVE_NET_REACHES] = net_between,
        [POLICY_NATIVE_NET_REACHES_PORT] = net_between,
        [POLICY_NATIVE_NET_FROM] = net_from,
        [POLICY_NATIVE_NET_FROM_PORT] = net_from,
        [POLICY_NATIVE_NET_INTO] = net_into,
        [POLICY_NATIVE_NET_INTO_PORT] = net_into,
        [POLICY_NATIVE_RBAC_ALLOWS] = rbac_may,
        [POLICY_NATIVE_RBAC_ALLOWS_IN] = rbac_may,
        [POLICY_NATIVE_RBAC_RULES] = rbac_rules,
        [POLICY_NATIVE_RBAC_SUBJECTS] = rbac_subjects,
    };
    return bodies[f](&k);
}
