// OVN's (Cluster)UserDefinedNetworks are not modelled; what is wrong with one is said all the same.
// k8s.ovn.org/v1: the definitions' validation rules.
#include "graph/inventory_priv.h"
#include "kube/selector.h"

static err_code fault(struct inventory *v, const struct object *o, const struct node *at, const char *what, struct err *e)
{
    return load_fault(v->load, "network", false, at ? at : o->root, e, "%.*s %.*s: %s", STR_FMT(o->kind), STR_FMT(o->name), what);
}

// layer2: CIDR blocks; layer3: {cidr, hostSubnet}.
static err_code check_subnets(struct inventory *v, const struct object *o, const struct node *layer, struct err *e)
{
    const struct node *subnets = node_get(layer, KEY("subnets"));
    for (uint32_t i = 0; node_is(subnets, NODE_LIST) && i < subnets->n; i++) {
        const struct node *x = &subnets->items[i];
        str cidr = node_is(x, NODE_STRING) ? node_str(x) : node_get_str(x, KEY("cidr"));
        struct address_range range;
        if (!address_parse_cidr(cidr, &range))
            TRY(fault(v, o, x, "a subnet must be a CIDR block", e));
    }
    return ERR_OK;
}

static err_code check_selector(struct inventory *v, const struct object *o, struct err *e)
{
    const struct node *selector = node_get(node_get(o->root, KEY("spec")), KEY("namespaceSelector"));
    struct selector s;
    struct diags d = {.arena = &v->scratch};
    struct err ignored;
    if (!selector)
        return fault(v, o, node_get(o->root, KEY("spec")), "namespaceSelector is missing", e);
    if (selector_parse(selector, S("spec.namespaceSelector"), &v->scratch, &s, &d, &ignored) != ERR_OK)
        return load_diags(v->load, "selector", &d, e);
    return ERR_OK;
}

static err_code check_layer(struct inventory *v, const struct object *o, const struct node *network, const struct node *layer, struct err *e)
{
    str role = node_get_str(layer, KEY("role"));
    if (!node_is(layer, NODE_MAP))
        return fault(v, o, network, "the field of its topology (layer2, layer3) is missing", e);
    if (!str_eq(role, S("Primary")) && !str_eq(role, S("Secondary")))
        return fault(v, o, layer, "role must be Primary or Secondary", e);
    if (!str_eq(role, S("Primary")) || !str_eq(o->kind, S("UserDefinedNetwork")))
        return ERR_OK;
    if (!o->ns.n || str_eq(o->ns, S("default")) || str_starts(o->ns, S("openshift-")) || str_starts(o->ns, S("kube-")))
        return fault(v, o, o->metadata, "a primary network cannot be in the namespace default, openshift-* or kube-*", e);
    uint32_t ns;
    struct inventory_origin at = {0, load_locate(v->load, o->root).line};
    TRY(inventory_namespace_of(v, o, at, &ns, e));
    if (v->namespaces[ns].has_primary_network)
        return fault(v, o, o->metadata, "its namespace has another primary network already", e);
    v->namespaces[ns].has_primary_network = true;
    return ERR_OK;
}

err_code inventory_check_network(struct inventory *v, const struct object *o, struct err *e)
{
    const struct node *spec = node_get(o->root, KEY("spec"));
    const struct node *network = str_eq(o->kind, S("UserDefinedNetwork")) ? spec : node_get(spec, KEY("network"));
    str topology = node_get_str(network, KEY("topology"));
    const struct node *layer2 = node_get(network, KEY("layer2")), *layer3 = node_get(network, KEY("layer3"));
    if (!str_eq(o->group, S("k8s.ovn.org")) || !str_ends(o->kind, S("UserDefinedNetwork")))
        return ERR_OK;
    if (str_eq(o->name, S("default")))
        return fault(v, o, o->metadata, "a network cannot be called default", e);
    if (str_starts(o->kind, S("Cluster")))
        TRY(check_selector(v, o, e));
    if (node_is(layer2, NODE_MAP) && node_is(layer3, NODE_MAP))
        return fault(v, o, network, "layer2 and layer3 cannot stand side by side", e);
    TRY(check_subnets(v, o, layer2 ? layer2 : layer3, e));
    if (str_eq(topology, S("Layer2")))
        return check_layer(v, o, network, layer2, e);
    if (str_eq(topology, S("Layer3")))
        return check_layer(v, o, network, layer3, e);
    if (str_eq(topology, S("Localnet")) && str_starts(o->kind, S("Cluster")))
        return ERR_OK;
    return fault(v, o, network, "topology must be Layer2 or Layer3", e);
}
