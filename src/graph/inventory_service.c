// Services, the addresses behind them, and nodes.
#include "graph/inventory_priv.h"

static err_code read_service_port(struct inventory *v, const struct node *n, struct inventory_service_port *p, struct err *e)
{
    const struct node *target = node_get(n, KEY("targetPort"));
    *p = (struct inventory_service_port){.port = inventory_int(node_get(n, KEY("port")), 0, 65535),
                                         .node_port = inventory_int(node_get(n, KEY("nodePort")), 0, 65535)};
    TRY(names_put(&v->names, node_get_str(n, KEY("name")), &p->name, e));
    if (!inventory_read_protocol(node_get_str(n, KEY("protocol")), &p->protocol))
        TRY(load_fault(v->load, "port", false, n, e, "a Service port's protocol must be TCP, UDP or SCTP"));
    if (node_is(target, NODE_STRING) && target->n)
        return names_put(&v->names, node_str(target), &p->target_name, e);
    p->target = inventory_int(target, p->port, 65535);
    if (p->target == 0)
        p->target = p->port;
    return ERR_OK;
}

err_code inventory_read_service(struct inventory *v, const struct object *o, struct inventory_origin at, struct err *e)
{
    struct inventory_service s = {.at = at};
    struct inventory_service_port *ports;
    uint32_t earlier;
    const struct node *spec = node_get(o->root, KEY("spec")), *list = node_get(spec, KEY("ports"));
    const struct node *selector = node_get(spec, KEY("selector")), *ips = node_get(spec, KEY("clusterIPs"));
    const struct node *external = node_get(spec, KEY("externalIPs"));
    TRY(inventory_namespace_of(v, o, at, &s.ns, e));
    TRY(inventory_seen(v, o, s.ns, v->n_services, at, &earlier, e));
    if (earlier != INVENTORY_NONE)
        v->services[earlier].replaced = true;
    TRY(names_put(&v->names, o->name, &s.name, e));
    str type = node_get_str(spec, KEY("type"));
    TRY(names_put(&v->names, type.n ? type : S("ClusterIP"), &s.type, e));
    TRY(names_put(&v->names, node_get_str(spec, KEY("externalName")), &s.external_name, e));
    TRY(inventory_labels(v, selector, &s.selector, e));
    s.has_selector = node_is(selector, NODE_MAP) && selector->n && !str_eq(type, S("ExternalName"));
    s.has_external_ips = node_is(external, NODE_LIST) && external->n;
    s.n_ports = node_is(list, NODE_LIST) ? list->n : 0;
    TRY_NEW(ports, v->arena, s.n_ports, e);
    for (uint32_t i = 0; i < s.n_ports; i++)
        TRY(read_service_port(v, &list->items[i], &ports[i], e));
    s.ports = ports;
    s.first_ip = v->n_ips;
    for (uint32_t i = 0; node_is(ips, NODE_LIST) && i < ips->n; i++)
        TRY(inventory_add_ip(v, &ips->items[i], "spec.clusterIPs", &s.n_ips, e));
    TRY(inventory_add_ip(v, node_get(spec, KEY("clusterIP")), "spec.clusterIP", &s.n_ips, e));
    TRY_GROW(v->services, v->n_services, v->cap_services, v->arena, e);
    v->services[v->n_services++] = s;
    return ERR_OK;
}

static bool is_control_plane(const struct node *labels)
{
    return node_get(labels, KEY("node-role.kubernetes.io/control-plane")) || node_get(labels, KEY("node-role.kubernetes.io/master"));
}

err_code inventory_read_node(struct inventory *v, const struct object *o, struct inventory_origin at, struct err *e)
{
    struct inventory_node n = {.at = at};
    uint32_t earlier;
    const struct node *labels = node_get(o->metadata, KEY("labels"));
    const struct node *list = node_get(node_get(o->root, KEY("status")), KEY("addresses"));
    TRY(inventory_seen(v, o, INVENTORY_NONE, v->n_nodes, at, &earlier, e));
    TRY(names_put(&v->names, o->name, &n.name, e));
    TRY(inventory_labels(v, labels, &n.labels, e));
    n.control_plane = is_control_plane(labels);
    n.first_ip = v->n_ips;
    for (uint32_t i = 0; node_is(list, NODE_LIST) && i < list->n; i++) {
        str type = node_get_str(&list->items[i], KEY("type"));
        if (str_eq(type, S("InternalIP")) || str_eq(type, S("ExternalIP")))
            TRY(inventory_add_ip(v, node_get(&list->items[i], KEY("address")), "status.addresses", &n.n_ips, e));
    }
    if (earlier != INVENTORY_NONE) {
        v->nodes[earlier] = n;
        return ERR_OK;
    }
    TRY_GROW(v->nodes, v->n_nodes, v->cap_nodes, v->arena, e);
    v->nodes[v->n_nodes++] = n;
    return ERR_OK;
}

static err_code put_endpoint(struct inventory *v, uint32_t ns, name_id service, const struct node *address, const struct node *ports,
                             struct inventory_origin at, struct err *e)
{
    struct inventory_endpoint p = {.ns = ns, .service = service, .at = at};
    if (!node_is(address, NODE_STRING))
        return ERR_OK;
    if (!address_parse(node_str(address), &p.address))
        return load_fault(v->load, "address", false, address, e, "\"%.*s\" is no IP address", STR_FMT(node_str(address)));
    uint32_t n = node_is(ports, NODE_LIST) ? ports->n : 0;
    for (uint32_t i = 0; i < (n ? n : 1); i++) {
        p.port = n ? inventory_int(node_get(&ports->items[i], KEY("port")), 0, 65535) : 0;
        TRY_GROW(v->endpoints, v->n_endpoints, v->cap_endpoints, v->arena, e);
        v->endpoints[v->n_endpoints++] = p;
    }
    return ERR_OK;
}

static err_code read_subset(struct inventory *v, const struct node *subset, uint32_t ns, name_id service,
                            struct inventory_origin at, struct err *e)
{
    const struct node *lists[] = {node_get(subset, KEY("addresses")), node_get(subset, KEY("notReadyAddresses"))};
    for (unsigned l = 0; l < 2; l++)
        for (uint32_t i = 0; node_is(lists[l], NODE_LIST) && i < lists[l]->n; i++)
            TRY(put_endpoint(v, ns, service, node_get(&lists[l]->items[i], KEY("ip")), node_get(subset, KEY("ports")), at, e));
    return ERR_OK;
}

err_code inventory_read_endpoints(struct inventory *v, const struct object *o, struct inventory_origin at, struct err *e)
{
    uint32_t ns;
    name_id service;
    TRY(inventory_namespace_of(v, o, at, &ns, e));
    str owner = node_get_str(node_get(o->metadata, KEY("labels")), KEY("kubernetes.io/service-name"));
    TRY(names_put(&v->names, owner.n ? owner : o->name, &service, e));
    const struct node *subsets = node_get(o->root, KEY("subsets")), *slices = node_get(o->root, KEY("endpoints"));
    for (uint32_t i = 0; node_is(subsets, NODE_LIST) && i < subsets->n; i++)
        TRY(read_subset(v, &subsets->items[i], ns, service, at, e));
    for (uint32_t i = 0; node_is(slices, NODE_LIST) && i < slices->n; i++) {
        const struct node *addresses = node_get(&slices->items[i], KEY("addresses"));
        for (uint32_t k = 0; node_is(addresses, NODE_LIST) && k < addresses->n; k++)
            TRY(put_endpoint(v, ns, service, &addresses->items[k], node_get(o->root, KEY("ports")), at, e));
    }
    return ERR_OK;
}

static bool is_subset(const struct rows_row *selector, const struct rows_row *labels)
{
    for (uint32_t i = 0; i < selector->n; i += 2)
        if (inventory_label_of(labels, selector->words[i]) != selector->words[i + 1])
            return false;
    return true;
}

err_code inventory_service_pods(const struct inventory *v, const struct inventory_service *s,
                                err_code (*pod)(void *ctx, uint32_t pod, struct err *e), void *ctx, struct err *e)
{
    if (!s->has_selector)
        return ERR_OK;
    const struct rows_row *selector = &v->labels.rows[s->selector];
    for (uint32_t i = v->ns_first[s->ns]; i < v->ns_first[s->ns + 1]; i++)
        if (is_subset(selector, &v->labels.rows[v->pods[v->pods_of_ns[i]].labels]))
            TRY(pod(ctx, v->pods_of_ns[i], e));
    return ERR_OK;
}

uint32_t inventory_target_port(const struct inventory *v, const struct inventory_service_port *p, uint32_t pod)
{
    uint32_t n;
    if (!p->target_name)
        return p->target;
    const struct inventory_port *ports = inventory_ports(v, v->pods[pod].ports, &n);
    for (uint32_t i = 0; i < n; i++)
        if (ports[i].name == p->target_name && ports[i].protocol == p->protocol)
            return ports[i].number;
    return 0;
}

bool inventory_exposes(const struct inventory_exposure *x, const struct inventory_service_port *p)
{
    if (x->port_name)
        return x->port_name == p->name || x->port_name == p->target_name;
    return x->port == 0 || x->port == p->port;
}

uint32_t inventory_find_service(const struct inventory *v, uint32_t ns, name_id name)
{
    for (uint32_t i = 0; i < v->n_services; i++)
        if (v->services[i].ns == ns && v->services[i].name == name && !v->services[i].replaced)
            return i;
    return INVENTORY_NONE;
}
