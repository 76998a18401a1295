#include "graph/inventory.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/limits.h"
#include "graph/inventory_priv.h"
#include "kube/schema.h"

struct inventory_seen {
    name_id kind, name;
    uint32_t group, ns, index;
    struct inventory_origin at;
};

err_code inventory_init(struct inventory *v, struct load *l, struct arena *a, struct err *e)
{
    *v = (struct inventory){.arena = a, .load = l};
    TRY(names_init(&v->names, a, e));
    TRY(rows_init(&v->labels, a, e));
    TRY(rows_init(&v->ports, a, e));
    TRY(rows_init(&v->facts, a, e));
    TRY(names_put(&v->names, S("default"), &v->default_ns, e));
    TRY(names_put(&v->names, S("kubernetes.io/metadata.name"), &v->metadata_name, e));
    return arena_init(&v->scratch, "object", LIMIT_DOC_ARENA, e);
}

void inventory_done(struct inventory *v)
{
    arena_done(&v->scratch);
}

static int by_key(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return x[0] < y[0] ? -1 : x[0] > y[0];
}

err_code inventory_labels(struct inventory *v, const struct node *map, uint32_t *ret, struct err *e)
{
    uint32_t n = 0, *pairs;
    *ret = 0;
    if (!node_is(map, NODE_MAP) || map->n == 0)
        return ERR_OK;
    TRY_NEW(pairs, &v->scratch, (size_t)map->n * 2, e);
    for (uint32_t i = 0; i < map->n; i++) {
        const struct member *m = &map->members[i];
        if (m->value.kind != NODE_STRING && m->value.kind != NODE_NULL)
            continue; // the decoder refuses the object, and says so
        TRY(names_put(&v->names, member_key(m), &pairs[n], e));
        TRY(names_put(&v->names, m->value.kind == NODE_STRING ? node_str(&m->value) : S(""), &pairs[n + 1], e));
        n += 2;
    }
    qsort(pairs, n / 2, 2 * sizeof *pairs, by_key);
    return rows_put(&v->labels, pairs, n, ret, e);
}

name_id inventory_label(const struct inventory *v, uint32_t labels, name_id key)
{
    return inventory_label_of(&v->labels.rows[labels], key);
}

name_id inventory_label_of(const struct rows_row *r, name_id key)
{
    uint32_t low = 0, high = inventory_is_selector(r) ? 0 : r->n / 2;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (r->words[2 * mid] < key)
            low = mid + 1;
        else
            high = mid;
    }
    return low < r->n / 2 && r->words[2 * low] == key && !inventory_is_selector(r) ? r->words[2 * low + 1] : UINT32_MAX;
}

static err_code with_implicit_label(struct inventory *v, uint32_t labels, name_id name, uint32_t *ret, struct err *e)
{
    const struct rows_row *r = &v->labels.rows[labels];
    uint32_t *pairs, n = 0;
    TRY_NEW(pairs, &v->scratch, r->n + 2, e);
    for (uint32_t i = 0; i < r->n; i += 2) {
        if (r->words[i] == v->metadata_name) // the API server writes it, whatever stands there
            continue;
        pairs[n++] = r->words[i];
        pairs[n++] = r->words[i + 1];
    }
    pairs[n++] = v->metadata_name;
    pairs[n++] = name;
    qsort(pairs, n / 2, 2 * sizeof *pairs, by_key);
    return rows_put(&v->labels, pairs, n, ret, e);
}

static uint32_t hash_name(name_id name)
{
    return name * 2654435761u;
}

static bool is_namespace(const void *namespaces, uint32_t i, const void *name)
{
    return ((const struct inventory_namespace *)namespaces)[i].name == *(const name_id *)name;
}

static uint32_t hash_namespace(const void *namespaces, uint32_t i)
{
    return hash_name(((const struct inventory_namespace *)namespaces)[i].name);
}

err_code inventory_namespace(struct inventory *v, str name, struct inventory_origin at, uint32_t *ret, struct err *e)
{
    name_id id;
    TRY(names_put(&v->names, name, &id, e));
    TRY(slots_room(&v->namespace_of, 64, hash_namespace, v->namespaces, v->arena, e));
    uint32_t *slot = slots_at(&v->namespace_of, hash_name(id), is_namespace, v->namespaces, &id);
    if (!*slot) {
        TRY_GROW(v->namespaces, v->n_namespaces, v->cap_namespaces, v->arena, e);
        struct inventory_namespace *n = &v->namespaces[v->n_namespaces];
        *n = (struct inventory_namespace){.name = id, .at = at};
        TRY(with_implicit_label(v, 0, id, &n->labels, e));
        slots_set(&v->namespace_of, slot, v->n_namespaces++);
    }
    *ret = *slot - 1;
    return ERR_OK;
}

uint32_t inventory_find_namespace(const struct inventory *v, str name)
{
    name_id id = names_find(&v->names, name);
    return slots_find(&v->namespace_of, hash_name(id), is_namespace, v->namespaces, &id); // SLOTS_NONE is INVENTORY_NONE
}

err_code inventory_namespace_of(struct inventory *v, const struct object *o, struct inventory_origin at, uint32_t *ret,
                                struct err *e)
{
    return inventory_namespace(v, o->ns.n ? o->ns : S("default"), at, ret, e);
}

static uint32_t hash_seen(const void *seen, uint32_t i)
{
    const struct inventory_seen *x = (const struct inventory_seen *)seen + i;
    uint64_t h = hash_mix((uint64_t)x->kind << 32 | x->name, (uint64_t)x->ns << 32 | (x->group + 0x9e3779b9u));
    return (uint32_t)(h ^ h >> 32);
}

static bool is_seen(const void *seen, uint32_t i, const void *key)
{
    const struct inventory_seen *x = (const struct inventory_seen *)seen + i, *k = key;
    return x->kind == k->kind && x->name == k->name && x->ns == k->ns && x->group == k->group;
}

err_code inventory_seen(struct inventory *v, const struct object *o, uint32_t ns, uint32_t index, struct inventory_origin at,
                        uint32_t *ret_earlier, struct err *e)
{
    struct inventory_seen key = {.ns = ns, .index = index, .at = at};
    *ret_earlier = INVENTORY_NONE;
    if (!o->name.n || !node_get_str(o->metadata, KEY("name")).n)
        return ERR_OK; // generateName: each one is another
    TRY(names_put(&v->names, o->kind, &key.kind, e));
    TRY(names_put(&v->names, o->name, &key.name, e));
    TRY(names_put(&v->names, o->group, &key.group, e));
    TRY(slots_room(&v->seen_of, 256, hash_seen, v->seen, v->arena, e));
    uint32_t *slot = slots_at(&v->seen_of, hash_seen(&key, 0), is_seen, v->seen, &key);
    if (*slot) {
        struct inventory_seen *old = &v->seen[*slot - 1];
        *ret_earlier = old->index;
        TRY(load_fault(v->load, "duplicate", false, o->metadata ? o->metadata : o->root, e,
                       "%.*s %.*s%s%.*s is also at %.*s:%u: the later one counts", STR_FMT(o->kind),
                       STR_FMT(ns == INVENTORY_NONE ? S("") : inventory_str(v, v->namespaces[ns].name)),
                       ns == INVENTORY_NONE ? "" : "/", STR_FMT(o->name), STR_FMT(inventory_str(v, old->at.file)), old->at.line));
        *old = key;
        return ERR_OK;
    }
    TRY_GROW(v->seen, v->n_seen, v->cap_seen, v->arena, e);
    v->seen[v->n_seen] = key;
    slots_set(&v->seen_of, slot, v->n_seen++);
    return ERR_OK;
}

bool inventory_read_protocol(str s, uint32_t *ret)
{
    static const char *const names[] = {"TCP", "UDP", "SCTP"};
    if (s.n == 0) {
        *ret = PROTOCOL_TCP;
        return true;
    }
    for (uint32_t i = 0; i < PROTOCOLS; i++)
        if (str_eq(s, str_of(names[i]))) {
            *ret = i;
            return true;
        }
    return false;
}

err_code inventory_add_ip(struct inventory *v, const struct node *n, const char *what, uint32_t *n_ips, struct err *e)
{
    struct address a;
    if (!node_is(n, NODE_STRING) || n->n == 0 || str_eq(node_str(n), S("None")))
        return ERR_OK;
    if (!address_parse(node_str(n), &a))
        return load_fault(v->load, "address", false, n, e, "%s: \"%.*s\" is no IP address", what, STR_FMT(node_str(n)));
    for (uint32_t i = 0; i < *n_ips; i++)
        if (address_cmp(v->ips[v->n_ips - 1 - i], a) == 0)
            return ERR_OK;
    TRY_GROW(v->ips, v->n_ips, v->cap_ips, v->arena, e);
    v->ips[v->n_ips++] = a;
    ++*n_ips;
    return ERR_OK;
}

static err_code read_namespace(struct inventory *v, const struct object *o, struct inventory_origin at, struct err *e)
{
    uint32_t index, earlier, labels;
    if (!o->name.n)
        return ERR_OK;
    TRY(inventory_namespace(v, o->name, at, &index, e));
    TRY(inventory_seen(v, o, INVENTORY_NONE, index, at, &earlier, e));
    TRY(inventory_labels(v, node_get(o->metadata, KEY("labels")), &labels, e));
    struct inventory_namespace *n = &v->namespaces[index];
    TRY(with_implicit_label(v, labels, n->name, &labels, e));
    v->namespaces[index].labels = labels;
    v->namespaces[index].declared = true;
    v->namespaces[index].at = at;
    return ERR_OK;
}

// Kinds that decide about connections, of projects whose rules are not modelled (facts: docs/net.md).
static bool is_unmodelled(const struct object *o)
{
    static const char *const groups[] = {"crd.projectcalico.org", "projectcalico.org", "cilium.io", "crd.antrea.io",
                                         "k8s.cni.cncf.io", "k8s.ovn.org", "security.istio.io", "policy.linkerd.io",
                                         "kuma.io", "network.openshift.io", "security.antrea.tanzu.vmware.com", "networking.gke.io",
                                         "networking.k8s.aws", "kubeovn.io"};
    static const char *const kinds[] = {
        "NetworkPolicy", "GlobalNetworkPolicy", "StagedNetworkPolicy", "StagedGlobalNetworkPolicy", "Tier", "NetworkSet",
        "GlobalNetworkSet", "HostEndpoint", "CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy", "CiliumCIDRGroup",
        "ClusterNetworkPolicy", "ClusterGroup", "Group", "NetworkAttachmentDefinition", "MultiNetworkPolicy",
        "UserDefinedNetwork", "ClusterUserDefinedNetwork", "EgressFirewall", "EgressNetworkPolicy", "EgressIP",
        "AuthorizationPolicy", "PeerAuthentication", "Server", "ServerAuthorization", "MeshTrafficPermission",
        "FQDNNetworkPolicy", "GKENetworkParamSet", "ApplicationNetworkPolicy", "SecurityGroup", "Subnet"};
    bool group = false;
    for (unsigned i = 0; i < sizeof groups / sizeof *groups && !group; i++)
        group = str_eq(o->group, str_of(groups[i]));
    for (unsigned i = 0; group && i < sizeof kinds / sizeof *kinds; i++)
        if (str_eq(o->kind, str_of(kinds[i])))
            return true;
    return false;
}

static err_code count_unmodelled(struct inventory *v, const struct object *o, struct inventory_origin at, struct err *e)
{
    name_id group, kind;
    TRY(names_put(&v->names, o->group, &group, e));
    TRY(names_put(&v->names, o->kind, &kind, e));
    for (uint32_t i = 0; i < v->n_unmodelled; i++)
        if (v->unmodelled[i].group == group && v->unmodelled[i].kind == kind) {
            v->unmodelled[i].n++;
            return ERR_OK;
        }
    TRY_GROW(v->unmodelled, v->n_unmodelled, v->cap_unmodelled, v->arena, e);
    v->unmodelled[v->n_unmodelled++] = (struct inventory_unmodelled){group, kind, 1, at};
    return ERR_OK;
}

// The API server's decoder refuses what has values of the wrong type: such an object does not come to be.
err_code inventory_check_types(struct inventory *v, const struct object *o, bool *ret_bad, struct err *e)
{
    struct kube_schema_result r = {0};
    TRY(kube_schema_check(o, &v->scratch, &r, e));
    *ret_bad = false;
    for (const struct kube_schema_problem *p = r.first; p; p = p->next) {
        if (p->fault != KUBE_SCHEMA_WRONG)
            continue;
        *ret_bad = true;
        const struct node *at = p->first && p->first->node ? p->first->node : o->root;
        str path = p->first ? p->first->path : S("");
        TRY(load_fault(v->load, "type", false, at, e, "%.*s %.*s: %.*s %.*s", STR_FMT(o->kind), STR_FMT(o->name), STR_FMT(path),
                       STR_FMT(p->hint)));
    }
    return ERR_OK;
}

err_code inventory_add(struct inventory *v, const struct object *o, const struct origin *origin, struct err *e)
{
    struct inventory_origin at = {.line = origin->line};
    bool bad = false, taken = false;
    arena_reset(&v->scratch);
    TRY(names_put(&v->names, origin->file, &at.file, e));
    TRY(inventory_check_types(v, o, &bad, e));
    if (bad)
        return ERR_OK;
    if (is_unmodelled(o)) {
        uint32_t ns = INVENTORY_NONE, earlier;
        if (o->ns.n)
            TRY(inventory_namespace_of(v, o, at, &ns, e));
        TRY(inventory_seen(v, o, ns, 0, at, &earlier, e));
        if (earlier == INVENTORY_NONE)
            TRY(inventory_check_network(v, o, e));
        return count_unmodelled(v, o, at, e);
    }
    bool core = o->group.n == 0;
    if (core && str_eq(o->kind, S("Namespace")))
        return read_namespace(v, o, at, e);
    if (core && str_eq(o->kind, S("Service")))
        return inventory_read_service(v, o, at, e);
    if (core && str_eq(o->kind, S("Node")))
        return inventory_read_node(v, o, at, e);
    if ((core && str_eq(o->kind, S("Endpoints"))) ||
        (str_eq(o->group, S("discovery.k8s.io")) && str_eq(o->kind, S("EndpointSlice"))))
        return inventory_read_endpoints(v, o, at, e);
    TRY(inventory_read_pod(v, o, at, &taken, e));
    return taken ? ERR_OK : inventory_read_exposure(v, o, at, &taken, e);
}

void inventory_put_workload(const struct inventory *v, struct buf *b, uint32_t workload)
{
    const struct inventory_workload *w = &v->workloads[workload];
    buf_put(b, inventory_str(v, v->namespaces[w->ns].name));
    buf_putc(b, '/');
    buf_put(b, inventory_str(v, w->name));
    buf_putc(b, '[');
    buf_put(b, inventory_str(v, w->kind));
    buf_putc(b, ']');
}
