// OVN's (Cluster)UserDefinedNetworks are not modelled; what is wrong with one is said all the same.
// k8s.ovn.org/v1: the definitions' validation rules.
#include "graph/inventory_priv.h"

static err_code fault(struct inventory *v, const struct object *o, const struct node *at, const char *what, struct err *e)
{
    return load_fault(v->load, "network", false, at ? at : o->root, e, "%.*s %.*s: %s", STR_FMT(o->kind), STR_FMT(o->name), what);
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
    if (!str_eq(o->group, S("k8s.ovn.org")) || !str_ends(o->kind, S("UserDefinedNetwork")))
        return ERR_OK;
    if (str_eq(o->name, S("default")))
        return fault(v, o, o->metadata, "a network cannot be called default", e);
    if (str_eq(topology, S("Layer2")))
        return check_layer(v, o, network, node_get(network, KEY("layer2")), e);
    if (str_eq(topology, S("Layer3")))
        return check_layer(v, o, network, node_get(network, KEY("layer3")), e);
    if (str_eq(topology, S("Localnet")) && str_starts(o->kind, S("Cluster")))
        return ERR_OK;
    return fault(v, o, network, "topology must be Layer2 or Layer3", e);
}
