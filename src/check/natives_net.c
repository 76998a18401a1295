#include "check/natives_priv.h"
#include "check/net.h"
#include "kube/workload.h"

// The functions net.* and netpol.*, but for netpol.pods.

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
    struct objects_pod p = {.ns = k->o->stranger};
    struct workload_pod view;
    struct object o;
    bool has = false;
    if (is_text(v)) {
        struct address a;
        str s = value_text(v);
        if (str_eq(s, S("stranger")))
            return net_pod(&k->x->net, &p, ret, &k->e) == ERR_OK;
        return address_parse(str_eq(s, S("internet")) ? internet : s, &a) && net_address(&k->x->net, a, ret, &k->e) == ERR_OK;
    }
    const struct node *n = node_of(v);
    if (!n || !object_view(n, &o) || workload_pod_view(&o, k->c->arena, &view, &has, &k->e) != ERR_OK || !has)
        return false;
    p.ns = namespace_of(k, ns_of(view.pod.root));
    uint32_t ips = i->n_ips;
    arena_reset(&i->scratch);
    bool ok = p.ns != INVENTORY_NONE && objects_read_end(k->o, &view.pod, &p, &k->e) == ERR_OK &&
              net_pod(&k->x->net, &p, ret, &k->e) == ERR_OK;
    i->n_ips = ips; // the Pod that it is like has them
    return ok;
}

static struct value on_plugin(struct call *k)
{
    return value_unknown(k->c->arena, S("what the network plugin does with ipBlock rules and Pods of the node's network"));
}

struct value natives_isolated(struct call *k)
{
    enum netpol_direction d;
    struct net_end x;
    if (!direction_of(k->args[1], &d) || !end_of(k, k->args[0], &x) || !x.is_pod)
        return wrong(k);
    enum net_answer a = net_is_isolated(&k->x->net, &x, d);
    if (a == NET_DEPENDS)
        return on_plugin(k);
    str ns = inventory_str(&k->o->inventory, k->o->inventory.namespaces[x.ns].name);
    struct value v = answer(k, ns, a == NET_YES, a == NET_YES);
    return a == NET_YES ? v : foreign(k, ns, v);
}

struct value natives_default_deny(struct call *k)
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

// The next workload of a namespace as an end, taken off the run: owned Pods and those of the node's network are passed over. NULL: no more.
static err_code next_end(struct call *k, struct pods_run *run, const struct objects_pod **ret, struct net_end *ret_end)
{
    *ret = NULL;
    for (; run->n && !*ret; run->at++, run->n--) {
        const struct objects_pod *p = &k->o->pods[*run->at];
        *ret = p->owned || p->host_network ? NULL : p;
    }
    return *ret ? net_pod(&k->x->net, *ret, ret_end, &k->e) : ERR_OK;
}

// Workloads of a namespace that no NetworkPolicy isolates; Pods of the node's network are left out.
struct value natives_open(struct call *k)
{
    enum netpol_direction d;
    struct texts t = {0};
    if (!is_text(k->args[0]) || !direction_of(k->args[1], &d))
        return wrong(k);
    str ns = value_text(k->args[0]);
    struct pods_run r = pods_of(k, ns);
    const struct objects_pod *p;
    struct net_end x;
    err_code rc;
    while ((rc = next_end(k, &r, &p, &x)) == ERR_OK && p) {
        if (net_is_isolated(&k->x->net, &x, d) == NET_NO)
            add(k, &t, objects_name(k->o, p->record, k->c->arena));
    }
    if (rc != ERR_OK)
        return full();
    if (!t.n)
        return list_of(&t);
    return is_whole(k, ns) ? foreign(k, ns, list_of(&t)) : unknown_ns(k, ns);
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

struct value natives_reaches(struct call *k)
{
    struct net_end from, to;
    uint32_t port;
    if (!end_of(k, k->args[0], &from) || !end_of(k, k->args[1], &to) || !port_of(k, 2, &port))
        return wrong(k);
    const struct inventory *v = &k->o->inventory;
    if (!is_known_end(k, &from) || !is_known_end(k, &to))
        return unknown_ns(k, inventory_str(v, v->namespaces[is_known_end(k, &from) ? to.ns : from.ns].name));
    enum net_answer a = net_reaches(&k->x->net, &from, &to, port);
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
    const struct objects_pod *p;
    struct net_end far, x;
    uint32_t port;
    bool depends = false;
    err_code rc;
    if (!end_of(k, other, &far) || !port_of(k, 2, &port))
        return wrong(k);
    struct pods_run r = pods_of(k, ns);
    if (r.n && !is_whole(k, ns))
        return unknown_ns(k, ns);
    if (r.n && !is_known_end(k, &far))
        return unknown_ns(k, inventory_str(&k->o->inventory, k->o->inventory.namespaces[far.ns].name));
    while ((rc = next_end(k, &r, &p, &x)) == ERR_OK && p) {
        enum net_answer a = into ? net_reaches(&k->x->net, &far, &x, port) : net_reaches(&k->x->net, &x, &far, port);
        depends = depends || a == NET_DEPENDS;
        if (a == NET_YES)
            add(k, &t, objects_name(k->o, p->record, k->c->arena));
    }
    if (rc != ERR_OK)
        return full();
    return depends && !t.n ? on_plugin(k) : t.n ? foreign(k, ns, list_of(&t)) : list_of(&t);
}

struct value natives_from(struct call *k)
{
    return is_text(k->args[0]) ? of_workloads(k, value_text(k->args[0]), k->args[1], false) : wrong(k);
}

struct value natives_into(struct call *k)
{
    return is_text(k->args[1]) ? of_workloads(k, value_text(k->args[1]), k->args[0], true) : wrong(k);
}

