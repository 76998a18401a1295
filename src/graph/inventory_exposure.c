// What leads from outside to a Service, by the Service it names.
#include "graph/inventory_priv.h"

struct exposing {
    struct inventory *v;
    struct inventory_exposure base;
};

static err_code put(struct exposing *x, str service, str ns, const struct node *port, struct err *e)
{
    struct inventory *v = x->v;
    struct inventory_exposure p = x->base;
    if (!service.n)
        return ERR_OK;
    TRY(names_put(&v->names, service, &p.service, e));
    p.service_ns = p.ns;
    if (ns.n)
        TRY(inventory_namespace(v, ns, p.at, &p.service_ns, e));
    if (node_is(port, NODE_INT))
        p.port = inventory_int(port, 0, 65535);
    else if (node_is(port, NODE_STRING))
        TRY(names_put(&v->names, node_str(port), &p.port_name, e));
    TRY_GROW(v->exposures, v->n_exposures, v->cap_exposures, v->arena, e);
    v->exposures[v->n_exposures++] = p;
    return ERR_OK;
}

// networking.k8s.io/v1 {service: {name, port: {number | name}}}; v1beta1 {serviceName, servicePort}.
static err_code put_backend(struct exposing *x, const struct node *backend, struct err *e)
{
    const struct node *service = node_get(backend, KEY("service")), *port = node_get(service, KEY("port"));
    if (!node_is(service, NODE_MAP))
        return put(x, node_get_str(backend, KEY("serviceName")), S(""), node_get(backend, KEY("servicePort")), e);
    const struct node *number = node_get(port, KEY("number"));
    return put(x, node_get_str(service, KEY("name")), S(""), node_is(number, NODE_INT) ? number : node_get(port, KEY("name")), e);
}

static err_code read_ingress(struct exposing *x, const struct node *spec, struct err *e)
{
    const struct node *rules = node_get(spec, KEY("rules"));
    const struct node *all = node_get(spec, KEY("defaultBackend"));
    if (!all)
        all = node_get(spec, KEY("backend"));
    if (node_is(all, NODE_MAP))
        TRY(put_backend(x, all, e));
    for (uint32_t i = 0; node_is(rules, NODE_LIST) && i < rules->n; i++) {
        const struct node *paths = node_get(node_get(&rules->items[i], KEY("http")), KEY("paths"));
        for (uint32_t k = 0; node_is(paths, NODE_LIST) && k < paths->n; k++)
            TRY(put_backend(x, node_get(&paths->items[k], KEY("backend")), e));
    }
    return ERR_OK;
}

static err_code read_route(struct exposing *x, const struct node *spec, struct err *e)
{
    const struct node *rules = node_get(spec, KEY("rules"));
    for (uint32_t i = 0; node_is(rules, NODE_LIST) && i < rules->n; i++) {
        const struct node *refs = node_get(&rules->items[i], KEY("backendRefs"));
        for (uint32_t k = 0; node_is(refs, NODE_LIST) && k < refs->n; k++) {
            const struct node *r = &refs->items[k];
            str kind = node_get_str(r, KEY("kind"));
            if (!kind.n || str_eq(kind, S("Service")))
                TRY(put(x, node_get_str(r, KEY("name")), node_get_str(r, KEY("namespace")), node_get(r, KEY("port")), e));
        }
    }
    return ERR_OK;
}

static err_code read_openshift(struct exposing *x, const struct node *spec, struct err *e)
{
    const struct node *port = node_get(node_get(spec, KEY("port")), KEY("targetPort"));
    const struct node *more = node_get(spec, KEY("alternateBackends"));
    TRY(put(x, node_get_str(node_get(spec, KEY("to")), KEY("name")), S(""), port, e));
    for (uint32_t i = 0; node_is(more, NODE_LIST) && i < more->n; i++)
        TRY(put(x, node_get_str(&more->items[i], KEY("name")), S(""), port, e));
    return ERR_OK;
}

static err_code read_virtual_service(struct exposing *x, const struct node *spec, struct err *e)
{
    static const char *const protocols[] = {"http", "tcp", "tls"};
    const struct node *gateways = node_get(spec, KEY("gateways"));
    if (!node_is(gateways, NODE_LIST) || gateways->n == 0 ||
        (gateways->n == 1 && node_is(&gateways->items[0], NODE_STRING) && str_eq(node_str(&gateways->items[0]), S("mesh"))))
        return ERR_OK; // inside the mesh only
    for (unsigned p = 0; p < 3; p++) {
        const struct node *list = node_get(spec, key_of(str_of(protocols[p])));
        for (uint32_t i = 0; node_is(list, NODE_LIST) && i < list->n; i++) {
            const struct node *routes = node_get(&list->items[i], KEY("route"));
            for (uint32_t k = 0; node_is(routes, NODE_LIST) && k < routes->n; k++) {
                const struct node *to = node_get(&routes->items[k], KEY("destination"));
                str rest = node_get_str(to, KEY("host")), name = str_cut(&rest, '.'); // name[.namespace[.svc...]]
                str ns = rest.p ? str_cut(&rest, '.') : S("");
                TRY(put(x, name, ns, node_get(node_get(to, KEY("port")), KEY("number")), e));
            }
        }
    }
    return ERR_OK;
}

err_code inventory_read_exposure(struct inventory *v, const struct object *o, struct inventory_origin at, bool *ret_taken,
                                 struct err *e)
{
    struct exposing x = {.v = v, .base = {.at = at}};
    uint32_t earlier;
    err_code (*read)(struct exposing *, const struct node *, struct err *) = NULL;
    if ((str_eq(o->group, S("networking.k8s.io")) || str_eq(o->group, S("extensions"))) && str_eq(o->kind, S("Ingress")))
        read = read_ingress;
    else if (str_eq(o->group, S("gateway.networking.k8s.io")) && str_ends(o->kind, S("Route")))
        read = read_route;
    else if (str_eq(o->group, S("route.openshift.io")) && str_eq(o->kind, S("Route")))
        read = read_openshift;
    else if (str_eq(o->group, S("networking.istio.io")) && str_eq(o->kind, S("VirtualService")))
        read = read_virtual_service;
    *ret_taken = read != NULL;
    if (!read)
        return ERR_OK;
    TRY(inventory_namespace_of(v, o, at, &x.base.ns, e));
    TRY(inventory_seen(v, o, x.base.ns, 0, at, &earlier, e));
    x.base.of_pods = read == read_openshift;
    x.base.strict = read == read_route || read == read_virtual_service;
    TRY(names_put(&v->names, o->kind, &x.base.kind, e));
    TRY(names_put(&v->names, o->name, &x.base.name, e));
    return read(&x, node_get(o->root, KEY("spec")), e);
}
