// networking.k8s.io/v1, as its validation and its documentation have it.
// k8s.io/kubernetes pkg/apis/networking/validation: ValidateNetworkPolicySpec; docs/net.md.
#include "graph/netpol_priv.h"

// A port's name: IANA_SVC_NAME, RFC 6335 section 5.1.
static bool is_port_name(str s)
{
    bool letter = false;
    if (s.n == 0 || s.n > 15 || s.p[0] == '-' || s.p[s.n - 1] == '-')
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c >= 'a' && c <= 'z')
            letter = true;
        else if (!(c >= '0' && c <= '9') && (c != '-' || s.p[i - 1] == '-'))
            return false;
    }
    return letter;
}

static err_code read_port(struct netpol_reader *r, const struct node *n, struct netpol_port *p)
{
    const struct node *port = node_get(n, KEY("port")), *end = node_get(n, KEY("endPort")), *protocol = node_get(n, KEY("protocol"));
    *p = (struct netpol_port){.first = 1, .last = 65535};
    if (!node_is(n, NODE_MAP))
        return n->kind == NODE_NULL ? ERR_OK : netpol_refuse(r, "port", n, "an entry of ports must be an object");
    if (!netpol_is_null(protocol) && (protocol->kind != NODE_STRING || protocol->n == 0 ||
                                      !inventory_read_protocol(node_str(protocol), &p->protocol)))
        return netpol_refuse(r, "port", protocol, "protocol must be TCP, UDP or SCTP");
    if (node_is(port, NODE_STRING)) {
        if (!is_port_name(node_str(port)))
            return netpol_refuse(r, "port", port, "port \"%.*s\" is neither a number nor a port's name", STR_FMT(node_str(port)));
        if (!netpol_is_null(end))
            return netpol_refuse(r, "port", end, "endPort cannot stand beside a port's name");
        return names_put(&r->v->names, node_str(port), &p->name, r->e);
    }
    if (netpol_is_null(port))
        return netpol_is_null(end) ? ERR_OK : netpol_refuse(r, "port", end, "endPort needs a port");
    p->first = p->last = inventory_int(port, 0, 65535);
    if (p->first == 0)
        return netpol_refuse(r, "port", port, "port must be 1 to 65535");
    if (netpol_is_null(end))
        return ERR_OK;
    p->last = inventory_int(end, 0, 65535);
    if (p->last < p->first)
        return netpol_refuse(r, "port", end, "endPort must be a port from `port` (%u) on", p->first);
    return ERR_OK;
}

static err_code read_block(struct netpol_reader *r, const struct node *n, struct netpol_peer *peer)
{
    const struct node *except = node_get(n, KEY("except"));
    str cidr = node_get_str(n, KEY("cidr"));
    struct err *e = r->e;
    struct address_range *ranges;
    peer->kind = PEER_BLOCK;
    if (!address_parse_cidr(cidr, &peer->block))
        return netpol_refuse(r, "cidr", n, "ipBlock.cidr \"%.*s\" is no CIDR block", STR_FMT(cidr));
    uint32_t count = node_is(except, NODE_LIST) ? except->n : 0;
    TRY_NEW(ranges, r->v->arena, count, e);
    for (uint32_t i = 0; i < count; i++) {
        const struct node *x = &except->items[i];
        str text = node_is(x, NODE_STRING) ? node_str(x) : S("");
        if (!address_parse_cidr(text, &ranges[i])) {
            TRY(netpol_refuse(r, "cidr", x, "ipBlock.except \"%.*s\" is no CIDR block", STR_FMT(text)));
            continue;
        }
        bool inside = address_in(ranges[i].first, peer->block) && address_in(ranges[i].last, peer->block);
        if (!inside || (address_cmp(ranges[i].first, peer->block.first) == 0 && address_cmp(ranges[i].last, peer->block.last) == 0))
            TRY(netpol_refuse(r, "cidr", x, "ipBlock.except %.*s is no smaller block inside %.*s", STR_FMT(text), STR_FMT(cidr)));
    }
    peer->except = ranges;
    peer->n_except = count;
    return ERR_OK;
}

static err_code read_peer(struct netpol_reader *r, const struct node *n, const char *field, struct netpol_peer *peer)
{
    const struct node *pods = node_get(n, KEY("podSelector")), *namespaces = node_get(n, KEY("namespaceSelector"));
    const struct node *block = node_get(n, KEY("ipBlock"));
    *peer = (struct netpol_peer){.kind = PEER_PODS, .pods = {.ns = INVENTORY_NONE}};
    if (netpol_is_null(pods) && netpol_is_null(namespaces) && netpol_is_null(block))
        return netpol_refuse(r, "peer", n, "an entry of %s must have a peer", field);
    if (!netpol_is_null(block)) {
        if (!netpol_is_null(pods) || !netpol_is_null(namespaces))
            return netpol_refuse(r, "peer", n, "ipBlock cannot stand beside podSelector or namespaceSelector");
        return read_block(r, block, peer);
    }
    TRY(netpol_read_selector(r, pods, "podSelector", &peer->pods.pods));
    if (netpol_is_null(namespaces))
        peer->pods.ns = r->policy.ns;
    else
        TRY(netpol_read_selector(r, namespaces, "namespaceSelector", &peer->pods.namespaces));
    return ERR_OK;
}

static err_code read_rule(struct netpol_reader *r, const struct node *n, struct netpol_rule *rule)
{
    bool in = rule->direction == DIRECTION_INGRESS;
    const struct node *list = node_get(n, in ? KEY("from") : KEY("to")), *entries = node_get(n, KEY("ports"));
    struct netpol_peer *peers;
    struct netpol_port *ports;
    struct err *e = r->e;
    uint32_t n_peers = node_is(list, NODE_LIST) ? list->n : 0, n_ports = node_is(entries, NODE_LIST) ? entries->n : 0;
    bool blocks = false, names = false;
    rule->at = (struct inventory_origin){r->policy.at.file, load_locate(r->v->load, n).line};
    TRY_NEW(peers, r->v->arena, n_peers ? n_peers : 1, e);
    TRY_NEW(ports, r->v->arena, n_ports, e);
    peers[0].any = true;
    for (uint32_t i = 0; i < n_peers; i++) {
        TRY(read_peer(r, &list->items[i], in ? "from" : "to", &peers[i]));
        blocks = blocks || peers[i].kind == PEER_BLOCK;
    }
    for (uint32_t i = 0; i < n_ports; i++) {
        TRY(read_port(r, &entries->items[i], &ports[i]));
        names = names || ports[i].name;
    }
    if (!in && blocks && names)
        TRY(load_fault(r->v->load, "named-port", true, n, e,
                       "%.*s: a port's name matches nothing at addresses of an ipBlock", STR_FMT(r->o->name)));
    rule->peers = peers;
    rule->n_peers = n_peers ? n_peers : 1;
    rule->ports = ports;
    rule->n_ports = n_ports;
    return ERR_OK;
}

static err_code read_types(struct netpol_reader *r, const struct node *types)
{
    const struct node *spec = node_get(r->o->root, KEY("spec"));
    const struct node *egress = node_get(spec, KEY("egress"));
    if (!node_is(types, NODE_LIST) || types->n == 0) { // the API server's defaults
        r->policy.isolates[DIRECTION_INGRESS] = true;
        r->policy.isolates[DIRECTION_EGRESS] = node_is(egress, NODE_LIST) && egress->n > 0;
        return ERR_OK;
    }
    if (types->n > 2)
        return netpol_refuse(r, "policy-types", types, "policyTypes has at most two entries");
    for (uint32_t i = 0; i < types->n; i++) {
        str t = node_is(&types->items[i], NODE_STRING) ? node_str(&types->items[i]) : S("");
        if (str_eq(t, S("Ingress")))
            r->policy.isolates[DIRECTION_INGRESS] = true;
        else if (str_eq(t, S("Egress")))
            r->policy.isolates[DIRECTION_EGRESS] = true;
        else
            return netpol_refuse(r, "policy-types", &types->items[i], "policyTypes: \"%.*s\" is neither Ingress nor Egress", STR_FMT(t));
    }
    return ERR_OK;
}

err_code netpol_read_v1(struct netpol_reader *r)
{
    const struct node *spec = node_get(r->o->root, KEY("spec"));
    const struct node *lists[DIRECTIONS] = {node_get(spec, KEY("ingress")), node_get(spec, KEY("egress"))};
    struct netpol_rule *rules;
    struct err *e = r->e;
    uint32_t n = 0, count[DIRECTIONS];
    r->policy.tier = TIER_NETWORK;
    r->policy.subject.ns = r->policy.ns;
    TRY(netpol_read_selector(r, node_get(spec, KEY("podSelector")), "spec.podSelector", &r->policy.subject.pods));
    TRY(read_types(r, node_get(spec, KEY("policyTypes"))));
    for (int d = 0; d < DIRECTIONS; d++)
        count[d] = node_is(lists[d], NODE_LIST) ? lists[d]->n : 0;
    TRY_NEW(rules, r->v->arena, count[0] + count[1], e);
    for (int d = 0; d < DIRECTIONS; d++) {
        for (uint32_t i = 0; i < count[d]; i++) {
            struct netpol_rule *rule = &rules[n];
            *rule = (struct netpol_rule){.direction = (enum netpol_direction)d, .index = i};
            TRY(read_rule(r, &lists[d]->items[i], rule));
            n += r->policy.isolates[d]; // rules of a direction that policyTypes leaves out do nothing
        }
        if (count[d] && !r->policy.isolates[d])
            TRY(load_fault(r->v->load, "policy-types", true, lists[d], e, "%.*s: rules for %s, which policyTypes leaves out, do nothing",
                           STR_FMT(r->o->name), d == DIRECTION_INGRESS ? "Ingress" : "Egress"));
    }
    r->policy.rules = rules;
    r->policy.n_rules = n;
    return ERR_OK;
}
