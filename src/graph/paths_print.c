#include "graph/paths_priv.h"

void paths_put_pod(const struct paths *p, struct buf *b, uint32_t pod)
{
    const struct inventory *v = p->inventory;
    const struct inventory_pod *x = &v->pods[pod];
    str kind = S("Pod");
    if (x->is_template && x->workload != INVENTORY_NONE)
        kind = inventory_str(v, v->workloads[x->workload].kind);
    buf_printf(b, "%.*s:%.*s/%.*s", STR_FMT(kind), STR_FMT(inventory_str(v, v->namespaces[x->ns].name)), STR_FMT(inventory_str(v, x->name)));
}

static void put_namespace(const struct paths *p, struct buf *b, uint32_t ns)
{
    buf_put(b, inventory_str(p->inventory, p->inventory->namespaces[ns].name));
}

void paths_put_node(const struct paths *p, struct buf *b, uint32_t node)
{
    const struct paths_node *n = &p->nodes[node];
    switch ((enum paths_kind)n->kind) {
    case PATHS_SINK:
        buf_put(b, str_of(paths_sinks[n->index]));
        return;
    case PATHS_IDENTITY: {
        const struct paths_identity *x = &p->identities[n->index];
        rbac_put_subject(b, &(struct rbac_subject){.kind = x->kind, .ns = x->ns, .name = x->name});
        return;
    }
    case PATHS_POD:
        paths_put_pod(p, b, p->pods[n->index].pod);
        if (p->pods[n->index].n > 1)
            buf_printf(b, " and %u alike", p->pods[n->index].n - 1);
        return;
    case PATHS_HOST:
        buf_put(b, p->hosts[n->index] ? S("Node:") : S("its Node"));
        buf_put(b, inventory_str(p->inventory, p->hosts[n->index]));
        return;
    case PATHS_HOSTS:
        buf_put(b, S("any Node"));
        return;
    case PATHS_ADMIN_OF:
        buf_put(b, S("everything in "));
        put_namespace(p, b, n->index);
        return;
    case PATHS_GRANT:
        rbac_put_role(b, p->set, p->grants[n->index].role);
        if (p->grants[n->index].ns < p->inventory->n_namespaces && !rbac_role(p->set, p->grants[n->index].role)->ns.n) {
            buf_put(b, S(" in "));
            put_namespace(p, b, p->grants[n->index].ns);
        }
        return;
    case PATHS_SET:
        buf_put(b, S("any"));
        return;
    }
}

void paths_put_fact(const struct paths *p, struct buf *b, uint32_t pods, uint16_t fact)
{
    static const char *const names[] = {
        [FACT_PRIVILEGED] = "privileged",    [FACT_HOST_PID] = "hostPID",
        [FACT_HOST_IPC] = "hostIPC",         [FACT_HOST_NETWORK] = "hostNetwork",
        [FACT_SHARE_PROCESSES] = "shareProcessNamespace", [FACT_CAPABILITY] = "capability",
        [FACT_HOST_PATH] = "hostPath",       [FACT_CLAIM_VOLUME] = "persistentVolumeClaim",
        [FACT_SECRET_VOLUME] = "Secret",     [FACT_SECRET_ENV] = "Secret",
        [FACT_HOST_PORT] = "",
    };
    uint32_t n;
    if (fact == PATHS_TOKEN_FACT) {
        buf_put(b, S("the token of its account"));
        return;
    }
    const struct inventory *v = p->inventory;
    const struct inventory_fact *f = &inventory_facts(v, v->pods[p->pods[pods].pod].facts, &n)[fact];
    str text = inventory_str(v, f->text), container = inventory_str(v, f->container);
    buf_put(b, f->kind < sizeof names / sizeof *names && names[f->kind] ? str_of(names[f->kind]) : S("a field"));
    buf_printf(b, "%s%.*s", text.n ? " " : "", STR_FMT(text));
    buf_printf(b, "%s%.*s", container.n ? " in container " : "", STR_FMT(container));
}

struct origin paths_fact_place(const struct paths *p, uint32_t pods, uint16_t fact)
{
    const struct inventory *v = p->inventory;
    const struct inventory_pod *pod = &v->pods[p->pods[pods].pod];
    uint32_t n;
    const struct inventory_fact *facts = inventory_facts(v, pod->facts, &n);
    return (struct origin){inventory_str(v, pod->at.file), pod->at.line + (fact < n ? facts[fact].line : 0)};
}

void paths_put_cut(const struct paths *p, struct buf *b, const struct paths_cut *c)
{
    if (c->binding != RBAC_NONE) {
        rbac_put_binding(b, p->set, c->binding);
        return;
    }
    paths_put_fact(p, b, c->pods, c->fact);
    buf_put(b, S(" of "));
    paths_put_pod(p, b, p->pods[c->pods].pod);
    if (p->pods[c->pods].n > 1)
        buf_printf(b, " and %u alike", p->pods[c->pods].n - 1);
}

uint32_t paths_find(const struct paths *p, str who)
{
    static const struct {
        const char *prefix;
        bool group;
    } subjects[] = {{"User:", false}, {"Group:", true}};
    for (unsigned i = 0; i < sizeof subjects / sizeof *subjects; i++) {
        if (!str_starts(who, str_of(subjects[i].prefix)))
            continue;
        uint32_t x = paths_identity_of(p, subjects[i].group, str_skip(who, str_of(subjects[i].prefix).n));
        return x == PATHS_NONE ? x : p->priv->identity_nodes[x];
    }
    if (str_starts(who, S("system:serviceaccount:"))) {
        uint32_t x = paths_identity_of(p, false, who);
        return x == PATHS_NONE ? x : p->priv->identity_nodes[x];
    }
    str rest = who, kind = str_cut(&rest, ':'), ns = str_cut(&rest, '/'), name = rest;
    if (!name.p)
        return PATHS_NONE;
    if (str_eq(kind, S("ServiceAccount")) || str_eq(kind, S("sa"))) {
        OWN_BUF struct buf b = buf_new(1 << 20);
        buf_printf(&b, "system:serviceaccount:%.*s:%.*s", STR_FMT(ns), STR_FMT(name));
        uint32_t x = paths_identity_of(p, false, buf_str(&b));
        return x == PATHS_NONE ? x : p->priv->identity_nodes[x];
    }
    const struct inventory *v = p->inventory;
    uint32_t in = inventory_find_namespace(v, ns), pods = in == INVENTORY_NONE ? PATHS_NONE : paths_pods_named(p, in, name);
    for (uint32_t i = 0; i < p->n_pods && pods == PATHS_NONE && in != INVENTORY_NONE; i++) { // Pods of the workload
        const struct inventory_pod *pod = &v->pods[p->pods[i].pod];
        if (pod->ns == in && pod->workload != INVENTORY_NONE && str_eq(inventory_str(v, v->workloads[pod->workload].name), name) &&
            str_eq(inventory_str(v, v->workloads[pod->workload].kind), kind))
            pods = i;
    }
    return pods == PATHS_NONE ? pods : p->priv->pod_nodes[pods];
}
