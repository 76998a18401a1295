#include "graph/inventory_priv.h"
#include "kube/workload.h"

static uint32_t count_ports(const struct node *containers)
{
    uint32_t n = 0;
    for (uint32_t i = 0; node_is(containers, NODE_LIST) && i < containers->n; i++) {
        const struct node *ports = node_get(&containers->items[i], KEY("ports"));
        n += node_is(ports, NODE_LIST) ? ports->n : 0;
    }
    return n;
}

static err_code take_ports(struct inventory *v, const struct node *containers, struct inventory_port *out, uint32_t *n,
                           struct err *e)
{
    for (uint32_t i = 0; node_is(containers, NODE_LIST) && i < containers->n; i++) {
        const struct node *ports = node_get(&containers->items[i], KEY("ports"));
        for (uint32_t k = 0; node_is(ports, NODE_LIST) && k < ports->n; k++) {
            const struct node *p = &ports->items[k];
            struct inventory_port port = {0};
            port.number = inventory_int(node_get(p, KEY("containerPort")), 0, 65535);
            if (port.number == 0 || !inventory_read_protocol(node_get_str(p, KEY("protocol")), &port.protocol)) {
                TRY(load_fault(v->load, "port", false, p, e, "no port: containerPort must be 1 to 65535, protocol TCP, UDP or SCTP"));
                continue;
            }
            TRY(names_put(&v->names, node_get_str(p, KEY("name")), &port.name, e));
            out[(*n)++] = port;
        }
    }
    return ERR_OK;
}

// Init containers count: those that keep running (sidecars) listen too. In the order in which a Service looks for a name: the first
// port that has it (k8s.io/kubernetes pkg/api/v1/pod: FindPort).
static err_code read_ports(struct inventory *v, const struct node *spec, uint32_t *ret, struct err *e)
{
    const struct node *lists[] = {node_get(spec, KEY("containers")), node_get(spec, KEY("initContainers"))};
    struct inventory_port *ports;
    uint32_t n = 0;
    TRY_NEW(ports, &v->scratch, count_ports(lists[0]) + count_ports(lists[1]), e);
    for (unsigned i = 0; i < 2; i++)
        TRY(take_ports(v, lists[i], ports, &n, e));
    return rows_put(&v->ports, (const uint32_t *)(const void *)ports, n * PORT_WORDS, ret, e);
}

static uint32_t hash_workload(const void *workloads, uint32_t i)
{
    const struct inventory_workload *w = (const struct inventory_workload *)workloads + i;
    return (uint32_t)(hash_mix((uint64_t)w->kind << 32 | w->name, w->ns + 0x9e3779b97f4a7c15u));
}

static bool is_workload(const void *workloads, uint32_t i, const void *key)
{
    const struct inventory_workload *w = (const struct inventory_workload *)workloads + i, *k = key;
    return w->kind == k->kind && w->name == k->name && w->ns == k->ns;
}

static err_code put_workload(struct inventory *v, struct inventory_workload w, uint32_t *ret, struct err *e)
{
    TRY(slots_room(&v->workload_of, 256, hash_workload, v->workloads, v->arena, e));
    uint32_t *slot = slots_at(&v->workload_of, hash_workload(&w, 0), is_workload, v->workloads, &w);
    if (!*slot) {
        TRY_GROW(v->workloads, v->n_workloads, v->cap_workloads, v->arena, e);
        w.owner = INVENTORY_NONE;
        v->workloads[v->n_workloads] = w;
        slots_set(&v->workload_of, slot, v->n_workloads++);
    }
    *ret = *slot - 1;
    return ERR_OK;
}

uint32_t inventory_find_workload(const struct inventory *v, uint32_t ns, name_id kind, name_id name)
{
    struct inventory_workload key = {.ns = ns, .kind = kind, .name = name};
    return slots_find(&v->workload_of, hash_workload(&key, 0), is_workload, v->workloads, &key);
}

// The controller of an object, or NULL: one that says so. Nodes own their static Pods, which are nobody's workload.
static const struct node *controller(const struct object *o)
{
    const struct node *refs = node_get(o->metadata, KEY("ownerReferences"));
    for (uint32_t i = 0; node_is(refs, NODE_LIST) && i < refs->n; i++) {
        const struct node *c = node_get(&refs->items[i], KEY("controller"));
        if (node_is(c, NODE_BOOL) && c->b && node_get_str(&refs->items[i], KEY("name")).n)
            return str_eq(node_get_str(&refs->items[i], KEY("kind")), S("Node")) ? NULL : &refs->items[i];
    }
    return NULL;
}

static err_code owner_of(struct inventory *v, const struct object *o, uint32_t ns, struct inventory_origin at, uint32_t *ret,
                         struct err *e)
{
    const struct node *ref = controller(o);
    *ret = INVENTORY_NONE;
    if (!ref)
        return ERR_OK;
    struct inventory_workload w = {.ns = ns, .at = at, .replicas = 1};
    str kind = node_get_str(ref, KEY("kind")), version = node_get_str(ref, KEY("apiVersion"));
    TRY(names_put(&v->names, kind.n ? kind : S("Pod"), &w.kind, e));
    TRY(names_put(&v->names, node_get_str(ref, KEY("name")), &w.name, e));
    str rest = version, group = str_cut(&rest, '/');
    TRY(names_put(&v->names, rest.p ? group : S(""), &w.group, e));
    return put_workload(v, w, ret, e);
}

static err_code read_addresses(struct inventory *v, const struct object *o, struct inventory_pod *p, struct err *e)
{
    const struct node *status = node_get(o->root, KEY("status")), *list = node_get(status, KEY("podIPs"));
    p->first_ip = v->n_ips;
    for (uint32_t i = 0; node_is(list, NODE_LIST) && i < list->n; i++)
        TRY(inventory_add_ip(v, node_get(&list->items[i], KEY("ip")), "status.podIPs", &p->n_ips, e));
    return inventory_add_ip(v, node_get(status, KEY("podIP")), "status.podIP", &p->n_ips, e);
}

static bool is_true(const struct node *n)
{
    return node_is(n, NODE_BOOL) && n->b;
}

err_code inventory_read_end(struct inventory *v, const struct object *pod, struct inventory_pod *p, struct err *e)
{
    const struct node *spec = node_get(pod->root, KEY("spec"));
    TRY(inventory_labels(v, node_get(pod->metadata, KEY("labels")), &p->labels, e));
    TRY(read_ports(v, spec, &p->ports, e));
    p->host_network = is_true(node_get(spec, KEY("hostNetwork")));
    return read_addresses(v, pod, p, e);
}

// template: the node that holds metadata and spec.
static err_code read_template(struct inventory *v, const struct object *pod, struct inventory_pod *p, struct err *e)
{
    const struct node *spec = node_get(pod->root, KEY("spec"));
    TRY(inventory_read_end(v, pod, p, e));
    TRY(inventory_read_facts(v, pod, p->at.line, &p->facts, e));
    str account = node_get_str(spec, KEY("serviceAccountName"));
    if (!account.n)
        account = node_get_str(spec, KEY("serviceAccount"));
    TRY(names_put(&v->names, account, &p->service_account, e));
    TRY(names_put(&v->names, node_get_str(spec, KEY("nodeName")), &p->node, e));
    const struct node *automount = node_get(spec, KEY("automountServiceAccountToken"));
    p->automount = node_is(automount, NODE_BOOL) ? automount->b ? AUTOMOUNT_YES : AUTOMOUNT_NO : AUTOMOUNT_UNSET;
    return ERR_OK;
}

static err_code put_pod(struct inventory *v, const struct inventory_pod *p, uint32_t earlier, struct err *e)
{
    TRY_GROW(v->pods, v->n_pods, v->cap_pods, v->arena, e);
    if (earlier != INVENTORY_NONE)
        v->pods[earlier].replaced = true;
    v->pods[v->n_pods++] = *p;
    return ERR_OK;
}

static err_code read_pod(struct inventory *v, const struct object *o, struct inventory_origin at, struct err *e)
{
    struct inventory_pod p = {.at = at};
    uint32_t earlier, owner;
    TRY(inventory_namespace_of(v, o, at, &p.ns, e));
    TRY(inventory_seen(v, o, p.ns, v->n_pods, at, &earlier, e));
    TRY(names_put(&v->names, o->name, &p.name, e));
    TRY(owner_of(v, o, p.ns, at, &owner, e));
    if (owner == INVENTORY_NONE) {
        struct inventory_workload w = {.name = p.name, .ns = p.ns, .at = at, .is_there = true, .replicas = 1};
        TRY(names_put(&v->names, S("Pod"), &w.kind, e));
        TRY(put_workload(v, w, &owner, e));
    }
    p.workload = owner;
    TRY(read_template(v, o, &p, e));
    return put_pod(v, &p, earlier, e);
}

static err_code read_workload(struct inventory *v, const struct object *o, const struct object *pod, struct inventory_origin at,
                              struct err *e)
{
    struct inventory_pod p = {.at = at, .is_template = true};
    struct inventory_workload w = {.at = at, .is_there = true};
    uint32_t earlier, index, owner;
    TRY(inventory_namespace_of(v, o, at, &p.ns, e));
    TRY(inventory_seen(v, o, p.ns, v->n_pods, at, &earlier, e));
    w.ns = p.ns;
    w.replicas = inventory_int(node_get(node_get(o->root, KEY("spec")), KEY("replicas")), 1, INT32_MAX);
    TRY(names_put(&v->names, o->name, &w.name, e));
    TRY(names_put(&v->names, o->kind, &w.kind, e));
    TRY(names_put(&v->names, o->group, &w.group, e));
    TRY(put_workload(v, w, &index, e));
    v->workloads[index].is_there = true;
    v->workloads[index].at = at;
    v->workloads[index].replicas = w.replicas;
    TRY(owner_of(v, o, p.ns, at, &owner, e));
    v->workloads[index].owner = owner;
    p.name = w.name;
    p.workload = index;
    TRY(read_template(v, pod, &p, e));
    return put_pod(v, &p, earlier, e);
}

// KubeVirt's machines stand behind a Pod that has their template's labels.
static bool machine_view(const struct object *o, struct object *ret)
{
    bool machine = str_eq(o->kind, S("VirtualMachine")), instance = str_eq(o->kind, S("VirtualMachineInstance"));
    if (!str_eq(o->group, S("kubevirt.io")) || (!machine && !instance))
        return false;
    *ret = *o;
    if (machine) {
        ret->root = node_get(node_get(o->root, KEY("spec")), KEY("template"));
        ret->metadata = node_get(ret->root, KEY("metadata"));
    }
    return node_is(ret->root, NODE_MAP);
}

err_code inventory_read_pod(struct inventory *v, const struct object *o, struct inventory_origin at, bool *ret_taken,
                            struct err *e)
{
    struct workload_pod view;
    struct object machine;
    bool has = false;
    *ret_taken = true;
    if (machine_view(o, &machine))
        return read_workload(v, o, &machine, at, e);
    TRY(workload_pod_view(o, &v->scratch, &view, &has, e));
    *ret_taken = has && !str_eq(o->kind, S("PodTemplate"));
    if (!*ret_taken)
        return ERR_OK;
    return view.is_template ? read_workload(v, o, &view.pod, at, e) : read_pod(v, o, at, e);
}
