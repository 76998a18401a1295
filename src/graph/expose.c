#include "graph/expose.h"

#include "graph/inventory_priv.h"

struct finding_leads {
    struct inventory *v;
    struct arena *a;
    struct expose_leads *leads;
    uint32_t exposure, service, from; // leads of this exposure begin at `from`
    const struct inventory_service_port *port;
    uint32_t only; // that port of a Pod, or 0
};

static err_code add_pod(void *ctx, uint32_t pod, struct err *e)
{
    struct finding_leads *f = ctx;
    struct expose_lead lead = {f->exposure, f->service, f->v->pods[pod].workload, f->port->protocol,
                               inventory_target_port(f->v, f->port, pod)};
    if (!lead.port || (f->only && lead.port != f->only))
        return ERR_OK;
    for (uint32_t i = f->leads->n; i-- > f->from;) { // Pods of a workload come together, most often
        const struct expose_lead *o = &f->leads->all[i];
        if (o->workload == lead.workload && o->protocol == lead.protocol && o->port == lead.port)
            return ERR_OK;
        if (f->leads->n - i > 64)
            break;
    }
    TRY_GROW(f->leads->all, f->leads->n, f->leads->cap, f->a, e);
    f->leads->all[f->leads->n++] = lead;
    return ERR_OK;
}

// Leads through the Service's ports that the exposure means; or, where `only` is not 0, through all that lead to this port of a Pod.
static err_code follow_ports(struct finding_leads *f, const struct inventory_exposure *x, uint32_t only, struct err *e)
{
    const struct inventory_service *s = &f->v->services[f->service];
    f->only = only;
    for (uint32_t i = 0; i < s->n_ports; i++) {
        f->port = &s->ports[i];
        if (only || !x || inventory_exposes(x, f->port))
            TRY(inventory_service_pods(f->v, s, add_pod, f, e));
    }
    return ERR_OK;
}

// A number that is no port of the Service may be one of its Pods: ingress-nginx takes it so (serviceEndpoints), although
// an Ingress should name the Service's. OpenShift's routers look for the Pods' first.
static err_code follow(struct finding_leads *f, const struct inventory_exposure *x, struct err *e)
{
    f->from = f->leads->n;
    if (x && x->of_pods && x->port)
        TRY(follow_ports(f, x, x->port, e));
    if (f->leads->n == f->from)
        TRY(follow_ports(f, x, 0, e));
    if (x && !x->strict && x->port && f->leads->n == f->from)
        TRY(follow_ports(f, x, x->port, e));
    return ERR_OK;
}

static bool is_open(const struct inventory *v, const struct inventory_service *s)
{
    str type = inventory_str(v, s->type);
    return str_eq(type, S("NodePort")) || str_eq(type, S("LoadBalancer")) || s->has_external_ips;
}

static err_code dangling(struct inventory *v, const struct inventory_exposure *x, struct err *e)
{
    return load_fault_at(v->load, "dangling", true, (struct origin){inventory_str(v, x->at.file), x->at.line}, e,
                         "%.*s %.*s: there is no Service %.*s/%.*s", STR_FMT(inventory_str(v, x->kind)),
                         STR_FMT(inventory_str(v, x->name)), STR_FMT(inventory_str(v, v->namespaces[x->service_ns].name)),
                         STR_FMT(inventory_str(v, x->service)));
}

err_code expose_find(struct inventory *v, struct arena *a, struct expose_leads *ret, struct err *e)
{
    struct finding_leads f = {.v = v, .a = a, .leads = ret};
    *ret = (struct expose_leads){0};
    for (uint32_t i = 0; i < v->n_exposures; i++) {
        const struct inventory_exposure *x = &v->exposures[i];
        f.exposure = i;
        f.service = inventory_find_service(v, x->service_ns, x->service);
        if (f.service == INVENTORY_NONE)
            TRY(dangling(v, x, e));
        else
            TRY(follow(&f, x, e));
    }
    f.exposure = INVENTORY_NONE;
    for (f.service = 0; f.service < v->n_services; f.service++)
        if (!v->services[f.service].replaced && is_open(v, &v->services[f.service]))
            TRY(follow(&f, NULL, e));
    return ERR_OK;
}
