// policy.networking.k8s.io: AdminNetworkPolicy and BaselineAdminNetworkPolicy v1alpha1, ClusterNetworkPolicy v1alpha2.
// sigs.k8s.io/network-policy-api: the types' comments and the definitions' validation; docs/net.md.
#include "graph/netpol_priv.h"

enum { MOST_NETWORKS = 25, MOST_NAME = 100 };

// Rules of a direction, peers and ports of a rule.
static uint32_t most(const struct netpol_reader *r)
{
    return r->policy.kind == NETPOL_CLUSTER ? 25 : 100;
}

static err_code read_pods(struct netpol_reader *r, const struct node *n, const char *what, struct netpol_pods *ret)
{
    const struct node *namespaces = node_get(n, KEY("namespaces")), *pods = node_get(n, KEY("pods"));
    *ret = (struct netpol_pods){.ns = INVENTORY_NONE};
    if (!netpol_is_null(namespaces) && netpol_is_null(pods))
        return netpol_read_selector(r, namespaces, "namespaces", &ret->namespaces);
    if (netpol_is_null(namespaces) && node_is(pods, NODE_MAP)) {
        TRY(netpol_read_selector(r, node_get(pods, KEY("namespaceSelector")), "pods.namespaceSelector", &ret->namespaces));
        return netpol_read_selector(r, node_get(pods, KEY("podSelector")), "pods.podSelector", &ret->pods);
    }
    return netpol_refuse(r, "subject", n, "%s must have exactly one of namespaces and pods", what);
}

static err_code read_number(struct netpol_reader *r, const struct node *at, const struct node *first, const struct node *last,
                            struct netpol_port *p)
{
    p->first = inventory_int(first, 0, 65535);
    p->last = last ? inventory_int(last, 0, 65535) : p->first;
    if (p->first == 0 || p->last < p->first)
        return netpol_refuse(r, "port", at, "a port must be 1 to 65535, and a range must not end before it starts");
    return ERR_OK;
}

// v1alpha1: {portNumber: {protocol, port}}, {portRange: {protocol, start, end}}, {namedPort}.
static err_code read_port(struct netpol_reader *r, const struct node *n, struct netpol_port *p)
{
    const struct node *number = node_get(n, KEY("portNumber")), *range = node_get(n, KEY("portRange"));
    const struct node *name = node_get(n, KEY("namedPort")), *one = node_is(number, NODE_MAP) ? number : range;
    *p = (struct netpol_port){.first = 1, .last = 65535};
    if (!netpol_is_null(number) + !netpol_is_null(range) + !netpol_is_null(name) != 1)
        return netpol_refuse(r, "port", n, "an entry of ports must have exactly one of portNumber, portRange and namedPort");
    if (node_is(name, NODE_STRING) && name->n) {
        p->protocol = ANY_PROTOCOL;
        return names_put(&r->v->names, node_str(name), &p->name, r->e);
    }
    if (!node_is(one, NODE_MAP) || !inventory_read_protocol(node_get_str(one, KEY("protocol")), &p->protocol))
        return netpol_refuse(r, "port", n, "protocol must be TCP, UDP or SCTP");
    if (one == number)
        return read_number(r, n, node_get(one, KEY("port")), NULL, p);
    const struct node *end = node_get(one, KEY("end"));
    return read_number(r, n, node_get(one, KEY("start")), end ? end : one, p);
}

// v1alpha2: {tcp | udp | sctp: {destinationPort: {number} | {range: {start, end}}}}, {destinationNamedPort}.
static err_code read_protocol(struct netpol_reader *r, const struct node *n, struct netpol_port *p)
{
    const struct node *of[PROTOCOLS] = {node_get(n, KEY("tcp")), node_get(n, KEY("udp")), node_get(n, KEY("sctp"))};
    const struct node *name = node_get(n, KEY("destinationNamedPort")), *one = NULL;
    uint32_t found = !netpol_is_null(name);
    *p = (struct netpol_port){.first = 1, .last = 65535};
    for (uint32_t i = 0; i < PROTOCOLS; i++)
        if (!netpol_is_null(of[i])) {
            p->protocol = i;
            one = of[i];
            found++;
        }
    if (found != 1)
        return netpol_refuse(r, "port", n, "an entry of protocols must have exactly one of tcp, udp, sctp and destinationNamedPort");
    if (node_is(name, NODE_STRING)) {
        p->protocol = ANY_PROTOCOL;
        return names_put(&r->v->names, node_str(name), &p->name, r->e);
    }
    const struct node *port = node_get(one, KEY("destinationPort")), *range = node_get(port, KEY("range"));
    if (netpol_is_null(port))
        return ERR_OK;
    if (node_is(range, NODE_MAP)) {
        const struct node *end = node_get(range, KEY("end"));
        return read_number(r, n, node_get(range, KEY("start")), end ? end : range, p);
    }
    return read_number(r, n, node_get(port, KEY("number")), NULL, p);
}

static err_code put_peer(struct netpol_reader *r, struct netpol_peer **peers, uint32_t *n, uint32_t *cap, struct netpol_peer one)
{
    struct err *e = r->e;
    TRY_GROW(*peers, *n, *cap, r->v->arena, e);
    (*peers)[(*n)++] = one;
    return ERR_OK;
}

static err_code read_networks(struct netpol_reader *r, const struct node *list, struct netpol_peer **peers, uint32_t *n, uint32_t *cap)
{
    if (list->n > MOST_NETWORKS)
        return netpol_refuse(r, "limit", list, "more than %d networks in one peer", MOST_NETWORKS);
    for (uint32_t i = 0; i < list->n; i++) {
        struct netpol_peer one = {.kind = PEER_BLOCK};
        str cidr = node_is(&list->items[i], NODE_STRING) ? node_str(&list->items[i]) : S("");
        if (!address_parse_cidr(cidr, &one.block))
            TRY(netpol_refuse(r, "cidr", &list->items[i], "networks: \"%.*s\" is no CIDR block", STR_FMT(cidr)));
        else
            TRY(put_peer(r, peers, n, cap, one));
    }
    return ERR_OK;
}

static err_code read_peer(struct netpol_reader *r, const struct node *n, const struct netpol_rule *rule, struct netpol_peer **peers,
                          uint32_t *count, uint32_t *cap)
{
    const struct node *nodes = node_get(n, KEY("nodes")), *networks = node_get(n, KEY("networks"));
    const struct node *domains = node_get(n, KEY("domainNames"));
    struct netpol_peer one = {.kind = PEER_NODES};
    uint32_t given = 0;
    for (uint32_t i = 0; node_is(n, NODE_MAP) && i < n->n; i++)
        given += n->members[i].value.kind != NODE_NULL;
    if (given != 1)
        return netpol_refuse(r, "peer", n, "an entry of %s must have exactly one field",
                             rule->direction == DIRECTION_INGRESS ? "from" : "to");
    bool out = rule->direction == DIRECTION_EGRESS;
    if (out && node_is(networks, NODE_LIST) && networks->n)
        return read_networks(r, networks, peers, count, cap);
    if (out && node_is(nodes, NODE_MAP)) {
        TRY(netpol_read_selector(r, nodes, "nodes", &one.nodes));
        return put_peer(r, peers, count, cap, one);
    }
    if (out && node_is(domains, NODE_LIST)) {
        one.kind = PEER_DOMAINS;
        if (rule->action != ACTION_ALLOW)
            return netpol_refuse(r, "peer", domains, "domainNames can only be accepted");
        return put_peer(r, peers, count, cap, one);
    }
    one.kind = PEER_PODS;
    if (!node_get(n, KEY("namespaces")) && !node_get(n, KEY("pods"))) {
        // A peer from a later version: fail closed, so an accept matches nothing and the others everything.
        TRY(load_fault(r->v->load, "peer", true, n, r->e, "%.*s: a kind of peer that is not known; the rule %s",
                       STR_FMT(r->o->name), rule->action == ACTION_ALLOW ? "accepts nothing for it" : "denies everything"));
        if (r->policy.kind != NETPOL_CLUSTER)
            return netpol_refuse(r, "peer", n, "a peer must be one of namespaces, pods%s", out ? ", nodes, networks" : "");
        one.any = true;
        return rule->action == ACTION_ALLOW ? ERR_OK : put_peer(r, peers, count, cap, one);
    }
    TRY(read_pods(r, n, "a peer", &one.pods));
    return put_peer(r, peers, count, cap, one);
}

static err_code read_action(struct netpol_reader *r, const struct node *n, struct netpol_rule *rule)
{
    str action = node_get_str(n, KEY("action"));
    bool cluster = r->policy.kind == NETPOL_CLUSTER;
    rule->action = ACTION_ALLOW;
    if (str_eq(action, cluster ? S("Accept") : S("Allow")))
        return ERR_OK;
    if (str_eq(action, S("Deny")))
        rule->action = ACTION_DENY;
    else if (str_eq(action, S("Pass")) && r->policy.kind != NETPOL_BASELINE)
        rule->action = ACTION_PASS;
    else
        return netpol_refuse(r, "action", n, "action \"%.*s\" must be %s", STR_FMT(action),
                             cluster ? "Accept, Deny or Pass" : r->policy.kind == NETPOL_ADMIN ? "Allow, Deny or Pass" : "Allow or Deny");
    return ERR_OK;
}

// The experimental channel's definitions refuse it, the standard one's do not.
static err_code check_names(struct netpol_reader *r, const struct node *n, const struct netpol_rule *rule)
{
    bool names = false, outside = false;
    for (uint32_t i = 0; i < rule->n_ports; i++)
        names = names || rule->ports[i].name;
    for (uint32_t i = 0; i < rule->n_peers; i++)
        outside = outside || rule->peers[i].kind != PEER_PODS;
    if (!names || !outside)
        return ERR_OK;
    return load_fault(r->v->load, "named-port", true, n, r->e, "%.*s: a port's name matches nothing at networks, nodes and domains",
                      STR_FMT(r->o->name));
}

static err_code read_rule(struct netpol_reader *r, const struct node *n, struct netpol_rule *rule)
{
    bool cluster = r->policy.kind == NETPOL_CLUSTER, in = rule->direction == DIRECTION_INGRESS;
    const struct node *list = node_get(n, in ? KEY("from") : KEY("to"));
    const struct node *entries = node_get(n, cluster ? KEY("protocols") : KEY("ports"));
    struct netpol_peer *peers = NULL;
    struct netpol_port *ports;
    struct err *e = r->e;
    uint32_t cap = 0, n_ports = node_is(entries, NODE_LIST) ? entries->n : 0;
    rule->at = (struct inventory_origin){r->policy.at.file, load_locate(r->v->load, n).line};
    TRY(names_put(&r->v->names, node_get_str(n, KEY("name")), &rule->name, e));
    TRY(read_action(r, n, rule));
    if (node_get_str(n, KEY("name")).n > MOST_NAME)
        return netpol_refuse(r, "name", n, "a rule's name has at most %d characters", MOST_NAME);
    if (!node_is(list, NODE_LIST) || list->n == 0 || list->n > most(r))
        return netpol_refuse(r, "peer", n, "%s must have 1 to %u entries", in ? "from" : "to", most(r));
    for (uint32_t i = 0; i < list->n; i++)
        TRY(read_peer(r, &list->items[i], rule, &peers, &rule->n_peers, &cap));
    if (n_ports > most(r))
        return netpol_refuse(r, "port", entries, "more than %u ports", most(r));
    TRY_NEW(ports, r->v->arena, n_ports, e);
    for (uint32_t i = 0; i < n_ports; i++)
        TRY(cluster ? read_protocol(r, &entries->items[i], &ports[i]) : read_port(r, &entries->items[i], &ports[i]));
    rule->peers = peers;
    rule->ports = ports;
    rule->n_ports = n_ports;
    return check_names(r, n, rule);
}

static err_code read_head(struct netpol_reader *r, const struct node *spec)
{
    const struct node *priority = node_get(spec, KEY("priority"));
    str tier = node_get_str(spec, KEY("tier"));
    r->policy.tier = r->policy.kind == NETPOL_BASELINE ? TIER_BASELINE : TIER_ADMIN;
    if (r->policy.kind == NETPOL_CLUSTER) {
        if (str_eq(tier, S("Baseline")))
            r->policy.tier = TIER_BASELINE;
        else if (!str_eq(tier, S("Admin")))
            TRY(netpol_refuse(r, "tier", spec, "tier must be Admin or Baseline"));
    }
    if (r->policy.kind == NETPOL_BASELINE) {
        r->policy.priority = 1001; // after every ClusterNetworkPolicy of the tier
        if (!str_eq(r->o->name, S("default")))
            TRY(netpol_refuse(r, "name", r->o->metadata, "the one BaselineAdminNetworkPolicy must be called default"));
        return ERR_OK;
    }
    r->policy.priority = inventory_int(priority, UINT32_MAX, 1000);
    if (r->policy.priority == UINT32_MAX)
        TRY(netpol_refuse(r, "priority", priority ? priority : spec, "priority must be 0 to 1000"));
    return ERR_OK;
}

err_code netpol_read_tiered(struct netpol_reader *r)
{
    const struct node *spec = node_get(r->o->root, KEY("spec")), *subject = node_get(spec, KEY("subject"));
    const struct node *lists[DIRECTIONS] = {node_get(spec, KEY("ingress")), node_get(spec, KEY("egress"))};
    struct netpol_rule *rules;
    struct err *e = r->e;
    uint32_t n = 0, count[DIRECTIONS];
    if (!node_is(spec, NODE_MAP))
        return netpol_refuse(r, "subject", r->o->root, "spec is missing");
    TRY(read_head(r, spec));
    TRY(read_pods(r, subject ? subject : spec, "subject", &r->policy.subject));
    for (int d = 0; d < DIRECTIONS; d++) {
        count[d] = node_is(lists[d], NODE_LIST) ? lists[d]->n : 0;
        if (count[d] > most(r))
            return netpol_refuse(r, "limit", lists[d], "more than %u rules in one direction", most(r));
    }
    TRY_NEW(rules, r->v->arena, count[0] + count[1], e);
    for (int d = 0; d < DIRECTIONS; d++)
        for (uint32_t i = 0; i < count[d]; i++) {
            rules[n] = (struct netpol_rule){.direction = (enum netpol_direction)d, .index = i};
            TRY(read_rule(r, &lists[d]->items[i], &rules[n++]));
        }
    r->policy.rules = rules;
    r->policy.n_rules = n;
    return ERR_OK;
}
