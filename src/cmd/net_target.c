#include "cmd/net_target.h"

#include <strings.h>

// Addresses where clouds answer Pods about their node, and hand out its credentials. docs/net.md has the sources.
static const char *const imds[] = {"169.254.169.254", "fd00:ec2::254", "169.254.170.2", "169.254.170.23", "fd00:ec2::23",
                                   "169.254.169.252", "168.63.129.16", "100.100.100.200"};

// Components of the control plane and of nodes: where they listen.
static const struct component {
    const char *name, *label; // of their Pods in kube-system: component=...
    bool on_every_node;
    uint16_t ports[4];
} components[] = {
    {"etcd", "etcd", false, {2379, 2380}},
    {"apiserver", "kube-apiserver", false, {6443, 443, 8080}},
    {"kubelet", NULL, true, {10250, 10255}},
    {"controller-manager", "kube-controller-manager", false, {10257, 10252}},
    {"scheduler", "kube-scheduler", false, {10259, 10251}},
};

static const struct component *find_component(str s)
{
    for (unsigned i = 0; i < sizeof components / sizeof *components; i++)
        if (str_eq(s, str_of(components[i].name)))
            return &components[i];
    return NULL;
}

// "80", "8000-8080", "53/UDP", "http" is none.
static bool parse_port(str text, struct reach_atom *ret)
{
    str rest = text, numbers = str_cut(&rest, '/'), first = str_cut(&numbers, '-');
    uint32_t value[2] = {0, 0};
    str parts[2] = {first, numbers.p ? numbers : first};
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < parts[k].n || !parts[k].n; i++) {
            if (!parts[k].n || parts[k].p[i] < '0' || parts[k].p[i] > '9' || value[k] > 65535)
                return false;
            value[k] = value[k] * 10 + (uint32_t)(parts[k].p[i] - '0');
        }
    static const char *const names[] = {"TCP", "UDP", "SCTP"};
    *ret = (struct reach_atom){PROTOCOL_TCP, value[0], value[1]};
    for (uint32_t i = 0; rest.p && i < PROTOCOLS; i++)
        if (rest.n == strlen(names[i]) && strncasecmp(rest.p, names[i], rest.n) == 0) {
            ret->protocol = i;
            rest = (str){NULL, 0};
        }
    return !rest.p && value[0] > 0 && value[1] <= 65535 && value[0] <= value[1];
}

static err_code cut(struct net_request *q, struct reach_cut **cuts, uint32_t *n, uint32_t *cap, uint32_t protocol, uint32_t port,
                    struct err *e)
{
    struct arena *a = &q->memory;
    if (port == 0 || port > 65535)
        return ERR_OK;
    TRY_GROW(*cuts, *n, *cap, a, e);
    (*cuts)[(*n)++] = (struct reach_cut){protocol, port, false};
    return ERR_OK;
}

static const struct inventory_service *find_service(const struct inventory *v, str text, uint32_t *ret_index)
{
    str rest = text, ns = S("default"), first = str_cut(&rest, '/');
    if (rest.p)
        ns = first;
    name_id name = names_find(&v->names, rest.p ? rest : first);
    uint32_t n = inventory_find_namespace(v, ns);
    *ret_index = name == UINT32_MAX || n == INVENTORY_NONE ? INVENTORY_NONE : inventory_find_service(v, n, name);
    return *ret_index == INVENTORY_NONE ? NULL : &v->services[*ret_index];
}

static str service_text(str text)
{
    static const char *const prefixes[] = {"svc/", "service/", "Service/", "svc:", "service:", "Service:"};
    for (unsigned i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (str_starts(text, str_of(prefixes[i])))
            return str_skip(text, strlen(prefixes[i]));
    return (str){NULL, 0};
}

static err_code cut_service(const struct net_input *in, struct net_request *q, const struct inventory_service *s,
                            struct reach_cut **cuts, uint32_t *n, uint32_t *cap, struct err *e)
{
    const struct inventory *v = &in->inventory;
    for (uint32_t i = 0; i < s->n_ports; i++) {
        TRY(cut(q, cuts, n, cap, s->ports[i].protocol, s->ports[i].target, e));
        for (uint32_t k = v->ns_first[s->ns]; s->ports[i].target_name && k < v->ns_first[s->ns + 1]; k++)
            TRY(cut(q, cuts, n, cap, s->ports[i].protocol, inventory_target_port(v, &s->ports[i], v->pods_of_ns[k]), e));
    }
    return ERR_OK;
}

err_code net_target_cuts(const struct net_input *in, struct net_request *q, const char *text, struct reach_cut **cuts,
                         uint32_t *n, struct err *e)
{
    uint32_t cap = *n, index;
    struct reach_atom port;
    const struct component *c = find_component(str_of(text));
    if (q->port) {
        if (!parse_port(str_of(q->port), &port))
            return err_set(e, ERR_USAGE, "--port takes 80, 8000-8080 or 53/UDP, not '%s'", q->port);
        TRY(cut(q, cuts, n, &cap, port.protocol, port.first, e));
        TRY(cut(q, cuts, n, &cap, port.protocol, port.last + 1, e));
        TRY(cut(q, cuts, n, &cap, port.protocol, port.last, e));
    }
    for (unsigned i = 0; c && i < 4; i++)
        TRY(cut(q, cuts, n, &cap, PROTOCOL_TCP, c->ports[i], e));
    str name = service_text(str_of(text));
    const struct inventory_service *s = find_service(&in->inventory, name.p ? name : str_of(text), &index);
    return s ? cut_service(in, q, s, cuts, n, &cap, e) : ERR_OK;
}

static void set_port(const struct reach *r, uint64_t *bits, uint32_t protocol, uint32_t first, uint32_t last)
{
    for (uint32_t i = 0; i < r->n_atoms; i++)
        if (r->atoms[i].protocol == protocol && r->atoms[i].first <= last && first <= r->atoms[i].last)
            bits[i / 64] |= (uint64_t)1 << (i % 64);
}

err_code net_port_bits(const struct net_input *in, struct net_request *q, const uint64_t **ret, struct err *e)
{
    struct arena *a = &q->memory;
    struct reach_atom port;
    uint64_t *bits;
    *ret = NULL;
    if (!q->port)
        return ERR_OK;
    if (!parse_port(str_of(q->port), &port))
        return err_set(e, ERR_USAGE, "--port takes 80, 8000-8080 or 53/UDP, not '%s'", q->port);
    TRY_NEW(bits, a, reach_atom_words(&in->reach), e);
    set_port(&in->reach, bits, port.protocol, port.first, port.last);
    *ret = bits;
    return ERR_OK;
}

// ---- what a text names

struct search {
    const struct net_input *in;
    struct arena *a;
    enum netpol_direction d;
    struct net_target *t;
    struct net_parties parties;
};

static err_code add_end(struct search *s, const struct net_party *p, const uint64_t *ports, struct err *e)
{
    TRY_GROW(s->t->ends, s->t->n, s->t->cap, s->a, e);
    s->t->ends[s->t->n++] = (struct net_end){*p, ports};
    return ERR_OK;
}

static err_code add_address(struct search *s, struct address a, const uint64_t *ports, struct err *e)
{
    const struct reach *r = &s->in->reach;
    const struct inventory *v = &s->in->inventory;
    OWN_BUF struct buf b = buf_new(1 << 16);
    struct net_party p = {.workload = INVENTORY_NONE, .pod = INVENTORY_NONE, .range = INVENTORY_NONE, .n_classes = 1};
    uint32_t *class;
    TRY_NEW(class, s->a, 1, e);
    p.classes = class;
    address_put(&b, a);
    for (uint32_t i = 0; i < v->n_pods && p.pod == INVENTORY_NONE; i++)
        for (uint32_t k = 0; !v->pods[i].replaced && !v->pods[i].host_network && k < v->pods[i].n_ips; k++)
            if (address_cmp(v->ips[v->pods[i].first_ip + k], a) == 0) {
                p.pod = i;
                p.workload = v->pods[i].workload;
                *class = r->class_of_pod[i];
                buf_put(&b, S(" = "));
                inventory_put_workload(v, &b, p.workload);
            }
    if (p.pod == INVENTORY_NONE) {
        p.range = reach_outside(r, s->d, a);
        if (p.range == INVENTORY_NONE)
            return ERR_OK; // IPv6, where there is none
        *class = r->n_classes + p.range;
    }
    p.name = arena_dup(s->a, buf_str(&b));
    return add_end(s, &p, ports, e);
}

static bool is_public(struct address_range r)
{
    static const char *const not_public[] = {"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
                                             "192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
                                             "203.0.113.0/24", "224.0.0.0/3"};
    struct address_range x, six;
    if (r.first.family == 6)
        return address_parse_cidr(S("2000::/3"), &six) && address_cmp(r.first, six.last) <= 0 && address_cmp(six.first, r.last) <= 0;
    for (struct address at = r.first;;) { // over the blocks that are not public, in order
        bool skipped = false;
        for (unsigned i = 0; i < sizeof not_public / sizeof *not_public; i++)
            if (address_parse_cidr(str_of(not_public[i]), &x) && address_in(at, x)) {
                if (address_cmp(x.last, r.last) >= 0)
                    return false;
                at = address_next(x.last);
                skipped = true;
            }
        if (!skipped)
            return true;
    }
}

static err_code add_internet(struct search *s, struct err *e)
{
    for (uint32_t i = 0; i < s->parties.n; i++)
        if (s->parties.all[i].range != INVENTORY_NONE && is_public(s->in->reach.outside[s->d][s->parties.all[i].range]))
            TRY(add_end(s, &s->parties.all[i], NULL, e));
    return ERR_OK;
}

static err_code add_component_pods(struct search *s, const struct component *c, const uint64_t *ports, struct err *e)
{
    const struct inventory *v = &s->in->inventory;
    name_id key = names_find(&v->names, S("component")), value = names_find(&v->names, str_of(c->label));
    uint32_t ns = inventory_find_namespace(v, S("kube-system"));
    for (uint32_t i = 0; c->label && key != UINT32_MAX && value != UINT32_MAX && i < s->parties.n; i++) {
        const struct net_party *p = &s->parties.all[i];
        if (p->workload == INVENTORY_NONE || v->workloads[p->workload].ns != ns)
            continue;
        const struct inventory_pod *pod = &v->pods[v->by_workload[v->workloads[p->workload].first_pod]];
        if (inventory_label(v, pod->labels, key) == value)
            TRY(add_end(s, p, ports, e));
    }
    return ERR_OK;
}

static err_code add_component(struct search *s, const struct component *c, struct err *e)
{
    const struct inventory *v = &s->in->inventory;
    uint64_t *ports;
    bool any = false, planes = false;
    TRY_NEW(ports, s->a, reach_atom_words(&s->in->reach), e);
    for (unsigned i = 0; i < 4 && c->ports[i]; i++)
        set_port(&s->in->reach, ports, PROTOCOL_TCP, c->ports[i], c->ports[i]);
    for (uint32_t i = 0; i < v->n_nodes; i++)
        planes = planes || v->nodes[i].control_plane;
    for (uint32_t i = 0; i < v->n_nodes; i++)
        for (uint32_t k = 0; (c->on_every_node || v->nodes[i].control_plane) && k < v->nodes[i].n_ips; k++) {
            TRY(add_address(s, v->ips[v->nodes[i].first_ip + k], ports, e));
            any = true;
        }
    TRY(add_component_pods(s, c, ports, e));
    uint32_t ns = inventory_find_namespace(v, S("default"));
    name_id kubernetes = names_find(&v->names, S("kubernetes"));
    for (uint32_t i = 0; str_eq(str_of(c->name), S("apiserver")) && i < v->n_endpoints; i++)
        if (v->endpoints[i].ns == ns && v->endpoints[i].service == kubernetes) {
            TRY(add_address(s, v->endpoints[i].address, ports, e));
            any = true;
        }
    if (any || s->t->n)
        return ERR_OK;
    s->t->unknown = "its addresses are not in the input (Nodes, Endpoints): every address outside is taken for it";
    for (uint32_t i = 0; i < s->parties.n; i++)
        if (s->parties.all[i].range != INVENTORY_NONE)
            TRY(add_end(s, &s->parties.all[i], ports, e));
    return ERR_OK;
}

struct behind {
    struct search *s;
    const struct inventory_service_port *port;
    uint64_t **ports; // by workload
};

static err_code add_behind(void *ctx, uint32_t pod, struct err *e)
{
    struct behind *h = ctx;
    uint32_t target = inventory_target_port(&h->s->in->inventory, h->port, pod), w = h->s->in->inventory.pods[pod].workload;
    if (!h->ports[w])
        TRY_NEW(h->ports[w], h->s->a, reach_atom_words(&h->s->in->reach), e);
    if (target)
        set_port(&h->s->in->reach, h->ports[w], h->port->protocol, target, target);
    return ERR_OK;
}

static err_code add_service(struct search *s, const struct inventory_service *service, struct err *e)
{
    const struct inventory *v = &s->in->inventory;
    struct behind h = {.s = s};
    TRY_NEW(h.ports, s->a, v->n_workloads, e);
    for (uint32_t i = 0; i < service->n_ports; i++) {
        h.port = &service->ports[i];
        TRY(inventory_service_pods(v, service, add_behind, &h, e));
    }
    for (uint32_t i = 0; i < s->parties.n; i++) {
        const struct net_party *p = &s->parties.all[i];
        if (p->workload != INVENTORY_NONE && h.ports[p->workload])
            TRY(add_end(s, p, h.ports[p->workload], e));
    }
    if (s->t->n == 0)
        s->t->unknown = "no Pod of the input is behind this Service";
    return ERR_OK;
}

// "namespace/name", "namespace/name[Kind]", "Kind/namespace/name", "name".
static bool is_called(const struct inventory *v, const struct net_party *p, str text)
{
    const struct inventory_workload *w = &v->workloads[p->workload];
    if (str_eq(p->name, text))
        return true;
    str ns = inventory_str(v, v->namespaces[w->ns].name), name = inventory_str(v, w->name), kind = inventory_str(v, w->kind);
    str rest = text, first = str_cut(&rest, '/');
    if (!rest.p)
        return str_eq(first, name) && str_eq(ns, S("default"));
    str more = rest, second = str_cut(&more, '/');
    if (more.p)
        return str_eq(first, kind) && str_eq(second, ns) && str_eq(more, name);
    return str_eq(first, ns) && str_eq(second, name);
}

static err_code add_named(struct search *s, str text, struct err *e)
{
    const struct inventory *v = &s->in->inventory;
    struct net_parties pods;
    for (uint32_t i = 0; i < s->parties.n; i++)
        if (s->parties.all[i].workload != INVENTORY_NONE && is_called(v, &s->parties.all[i], text))
            TRY(add_end(s, &s->parties.all[i], NULL, e));
    if (s->t->n)
        return ERR_OK;
    TRY(net_parties_make(s->in, true, s->d, s->a, &pods, e));
    str rest = text, ns = S("default"), name = str_cut(&rest, '/');
    if (rest.p) {
        ns = name;
        name = rest;
    }
    for (uint32_t i = 0; i < pods.n; i++) {
        if (pods.all[i].pod == INVENTORY_NONE)
            continue;
        const struct inventory_pod *p = &v->pods[pods.all[i].pod];
        if (str_eq(inventory_str(v, p->name), name) && str_eq(inventory_str(v, v->namespaces[p->ns].name), ns))
            TRY(add_end(s, &pods.all[i], NULL, e));
    }
    return ERR_OK;
}

static err_code add_namespace(struct search *s, str name, struct err *e)
{
    const struct inventory *v = &s->in->inventory;
    uint32_t ns = inventory_find_namespace(v, name);
    for (uint32_t i = 0; ns != INVENTORY_NONE && i < s->parties.n; i++)
        if (s->parties.all[i].workload != INVENTORY_NONE && v->workloads[s->parties.all[i].workload].ns == ns)
            TRY(add_end(s, &s->parties.all[i], NULL, e));
    return ERR_OK;
}

static err_code add_block(struct search *s, struct address_range block, struct err *e)
{
    for (uint32_t i = 0; i < s->parties.n; i++) {
        const struct net_party *p = &s->parties.all[i];
        if (p->range == INVENTORY_NONE)
            continue;
        const struct address_range *r = &s->in->reach.outside[s->d][p->range];
        if (address_cmp(r->first, block.last) <= 0 && address_cmp(block.first, r->last) <= 0)
            TRY(add_end(s, p, NULL, e));
    }
    return ERR_OK;
}

// "10.0.0.0-10.0.0.255", "10.0.0.0-10.0.0.255[External]" as we write it, or CIDR.
static bool parse_range(str t, struct address_range *ret)
{
    if (str_ends(t, S("[External]")))
        t.n -= strlen("[External]");
    str rest = t, first = str_cut(&rest, '-');
    if (rest.p)
        return address_parse(first, &ret->first) && address_parse(rest, &ret->last) && ret->first.family == ret->last.family;
    return address_parse_cidr(t, ret);
}

err_code net_target_find(const struct net_input *in, struct net_request *q, const char *text, enum netpol_direction d,
                         struct net_target *ret, struct err *e)
{
    struct search s = {.in = in, .a = &q->memory, .d = d, .t = ret};
    str t = str_of(text), service = service_text(t), ns = S("");
    const struct component *c = find_component(t);
    struct address a;
    struct address_range block;
    uint32_t index;
    *ret = (struct net_target){.name = t};
    TRY(net_parties_make(in, q->pods, d, s.a, &s.parties, e));
    if (str_eq(t, S("internet")))
        return add_internet(&s, e);
    if (str_eq(t, S("imds"))) {
        for (unsigned i = 0; i < sizeof imds / sizeof *imds; i++)
            if (address_parse(str_of(imds[i]), &a))
                TRY(add_address(&s, a, NULL, e));
        return ERR_OK;
    }
    if (c)
        return add_component(&s, c, e);
    if (address_parse(t, &a))
        TRY(add_address(&s, a, NULL, e));
    else if (parse_range(t, &block))
        TRY(add_block(&s, block, e));
    else if (service.p) {
        const struct inventory_service *o = find_service(&in->inventory, service, &index);
        if (o)
            return add_service(&s, o, e);
    } else {
        TRY(add_named(&s, t, e));
        if (!ret->n && find_service(&in->inventory, t, &index))
            return add_service(&s, &in->inventory.services[index], e);
        if (str_starts(t, S("namespace/")) || str_starts(t, S("namespace:")))
            ns = str_skip(t, 10);
        if (!ret->n)
            TRY(add_namespace(&s, ns.n ? ns : t, e));
    }
    if (ret->n)
        return ERR_OK;
    return err_set(e, ERR_NOTFOUND, "'%s' is nothing of the input: a workload or Pod is NAMESPACE/NAME, a Service svc/NAMESPACE/NAME, "
                                    "a namespace its name, or internet, imds, etcd, kubelet, apiserver, an address", text);
}
