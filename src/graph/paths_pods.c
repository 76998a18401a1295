// What somebody in a Pod can do: be its account, and leave its containers. Predicates as KubeHound's (docs/paths.md lists
// each, with where we ask for more), over the inventory's facts. Pods that are alike in all of this are one node.
#include <stdlib.h>

#include "graph/paths_priv.h"

// ---- classes

struct alike {
    uint32_t ns, account, node, facts, automount, everywhere, metadata, pod;
};

static int compare_keys(const void *a, const void *b)
{
    return memcmp(a, b, offsetof(struct alike, pod)) ? memcmp(a, b, offsetof(struct alike, pod))
           : ((const struct alike *)a)->pod < ((const struct alike *)b)->pod ? -1
                                                                          : 1;
}

static bool is_daemon_set(const struct inventory *v, const struct inventory_pod *pod)
{
    return pod->is_template && pod->workload != INVENTORY_NONE &&
           str_eq(inventory_str(v, v->workloads[pod->workload].kind), S("DaemonSet"));
}

static err_code add_class(struct paths *p, const struct alike *k, uint32_t n, uint32_t *cap, uint32_t *cap_nodes, struct err *e)
{
    const struct inventory *v = p->inventory;
    uint32_t x;
    TRY_GROW(p->pods, p->n_pods, *cap, p->arena, e);
    TRY_GROW(p->priv->pod_nodes, p->n_pods, *cap_nodes, p->arena, e);
    TRY(paths_node_new(p, PATHS_POD, p->n_pods, &p->priv->pod_nodes[p->n_pods], e));
    p->pods[p->n_pods++] = (struct paths_pods){k->pod, n};
    str account = inventory_str(v, k->account);
    return paths_account_add(p, inventory_str(v, v->namespaces[k->ns].name), account.n ? account : S("default"), &x, e);
}

static int compare_names(const void *a, const void *b, void *ctx)
{
    const struct inventory *v = ctx;
    const struct inventory_pod *x = &v->pods[*(const uint32_t *)a], *y = &v->pods[*(const uint32_t *)b];
    if (x->ns != y->ns)
        return x->ns < y->ns ? -1 : 1;
    return (x->name > y->name) - (x->name < y->name);
}

err_code paths_pods_sort(struct paths *p, struct err *e)
{
    const struct inventory *v = p->inventory;
    struct alike *keys;
    uint32_t n = 0, cap = 0, cap_nodes = 0, *pairs;
    TRY_NEW(keys, p->arena, v->n_by_workload, e);
    TRY_NEW(pairs, p->arena, 2 * (size_t)v->n_by_workload, e);
    for (uint32_t i = 0; i < v->n_by_workload; i++) {
        uint32_t pod = v->by_workload[i];
        const struct inventory_pod *x = &v->pods[pod];
        if (v->workloads[x->workload].unknown) // stands for Pods that are not in the input
            continue;
        keys[n++] = (struct alike){x->ns, x->service_account, x->node, x->facts, x->automount, is_daemon_set(v, x),
                                  p->priv->metadata && p->priv->metadata[pod], pod};
    }
    qsort(keys, n, sizeof *keys, compare_keys);
    for (uint32_t i = 0; i < n;) {
        uint32_t last = i;
        while (last < n && memcmp(&keys[i], &keys[last], offsetof(struct alike, pod)) == 0) {
            pairs[2 * last] = keys[last].pod;
            pairs[2 * last + 1] = p->n_pods;
            last++;
        }
        TRY(add_class(p, &keys[i], last - i, &cap, &cap_nodes, e));
        i = last;
    }
    qsort_r(pairs, n, 2 * sizeof *pairs, compare_names, p->inventory);
    p->priv->sorted_pods = pairs;
    p->priv->n_sorted_pods = n;
    return ERR_OK;
}

uint32_t paths_pods_named(const struct paths *p, uint32_t ns, str name)
{
    const struct inventory *v = p->inventory;
    const uint32_t *pairs = p->priv->sorted_pods;
    name_id id = names_find(&v->names, name);
    uint32_t low = 0, high = p->priv->n_sorted_pods;
    while (id != UINT32_MAX && low < high) {
        uint32_t mid = low + (high - low) / 2;
        const struct inventory_pod *x = &v->pods[pairs[2 * mid]];
        if (x->ns == ns && x->name == id)
            return pairs[2 * mid + 1];
        if (x->ns < ns || (x->ns == ns && x->name < id))
            low = mid + 1;
        else
            high = mid;
    }
    return PATHS_NONE;
}

// ---- escapes

struct pod {
    struct paths *p;
    uint32_t pods, node;    // the class, its node
    uint32_t host, volumes; // nodes: root on the host it runs on, and what is mounted there
    const struct inventory_pod *of;
    const struct inventory_fact *facts;
    uint32_t n;
    uint32_t host_pid, host_network; // facts, or PATHS_NO_FACT
    bool own_users, may_log;         // own_users: root there is nobody outside (hostUsers: false)
    uint32_t n_containers;
    struct err *e;
};

// A way that needs up to three fields together: without any of them it is not there.
static err_code way_of(struct pod *x, uint32_t to, enum paths_attack attack, uint32_t fact, uint32_t second, uint32_t third,
                       const char *assumes)
{
    struct paths *p = x->p;
    struct err *e = x->e;
    struct paths_edge edge = {.from = x->node, .to = to, .attack = (uint8_t)attack, .cost = 1, .pods = x->pods,
                              .facts = {(uint16_t)fact, (uint16_t)second, (uint16_t)third},
                              .by = {{RBAC_NONE, NULL}, {RBAC_NONE, NULL}}, .assumes = assumes};
    TRY_GROW(p->findings, p->n_findings, p->priv->cap_findings, p->arena, e);
    p->findings[p->n_findings++] = (struct paths_finding){.node = x->node, .attack = (uint8_t)attack, .by = {{RBAC_NONE, NULL}, {RBAC_NONE, NULL}},
                                                          .pods = x->pods, .fact = (uint16_t)fact};
    return to == PATHS_NONE ? ERR_OK : paths_edge_add(p, &edge, e);
}

static err_code way(struct pod *x, uint32_t to, enum paths_attack attack, uint32_t fact, const char *assumes)
{
    return way_of(x, to, attack, fact, PATHS_NO_FACT, PATHS_NO_FACT, assumes);
}

// Does the added capability give it: ALL does, but for what is dropped.
static bool gives(const struct pod *x, const struct inventory_fact *f, const char *name)
{
    const struct inventory *v = x->p->inventory;
    str c = inventory_str(v, f->text), dropped = inventory_str(v, f->more), wanted = str_of(name);
    if (inventory_same_capability(c, wanted))
        return true;
    if (!inventory_same_capability(c, S("ALL")))
        return false;
    while (dropped.p && dropped.n)
        if (inventory_same_capability(str_cut(&dropped, ','), wanted))
            return false;
    return true;
}

// The fact that gives the container the capability, or PATHS_NO_FACT.
static uint32_t capability_of(const struct pod *x, name_id container, const char *name)
{
    for (uint32_t i = 0; i < x->n && i < PATHS_TOKEN_FACT; i++)
        if (x->facts[i].kind == FACT_CAPABILITY && x->facts[i].container == container && gives(x, &x->facts[i], name))
            return i;
    return PATHS_NO_FACT;
}

static bool has_fact(const struct pod *x, name_id container, enum inventory_fact_kind kind)
{
    for (uint32_t i = 0; i < x->n; i++)
        if (x->facts[i].kind == kind && x->facts[i].container == container)
            return true;
    return false;
}

static err_code privileged(struct pod *x, uint32_t i)
{
    TRY(way(x, x->host, ATTACK_CE_PRIV_MOUNT, i, NULL));
    TRY(way(x, x->host, ATTACK_CE_MODULE_LOAD, i, NULL));
    return x->host_pid != PATHS_NO_FACT ? way_of(x, x->host, ATTACK_CE_NSENTER, i, x->host_pid, PATHS_NO_FACT, NULL) : ERR_OK;
}

static err_code capability(struct pod *x, uint32_t i)
{
    const struct inventory_fact *f = &x->facts[i];
    if (has_fact(x, f->container, FACT_PRIVILEGED))
        return ERR_OK; // says all of this already
    const char *armor = has_fact(x, f->container, FACT_APPARMOR_OFF) ? NULL : "AppArmor is off, or the node has none";
    bool root = !has_fact(x, f->container, FACT_NON_ROOT);
    uint32_t mounts = capability_of(x, f->container, "SYS_ADMIN");
    if (gives(x, f, "SYS_MODULE"))
        TRY(way(x, x->host, ATTACK_CE_MODULE_LOAD, i, NULL));
    if (gives(x, f, "SYS_PTRACE") && x->host_pid != PATHS_NO_FACT && mounts != PATHS_NO_FACT)
        TRY(way_of(x, x->host, ATTACK_CE_SYS_PTRACE, i, x->host_pid, mounts == i ? PATHS_NO_FACT : mounts, armor));
    if (gives(x, f, "SYS_ADMIN") && root)
        TRY(way(x, x->host, ATTACK_CE_SYS_ADMIN, i, armor));
    if (gives(x, f, "DAC_READ_SEARCH") && root)
        TRY(way(x, x->host, ATTACK_EXPLOIT_HOST_READ, i, "a file of the node's disk is mounted, as /etc/hosts always is"));
    if (gives(x, f, "NET_ADMIN") && x->host_network != PATHS_NO_FACT)
        TRY(way_of(x, x->host, ATTACK_CE_NET_MITM, i, x->host_network, PATHS_NO_FACT, "credentials pass the node in the clear"));
    return ERR_OK;
}

static err_code read_path(struct pod *x, uint32_t i, str path)
{
    if (paths_disk_credentials(path))
        TRY(way(x, x->host, ATTACK_EXPLOIT_HOST_READ, i, NULL));
    if (paths_disk_volumes(path))
        TRY(way(x, x->volumes, ATTACK_EXPLOIT_HOST_TRAVERSE, i, NULL));
    else if (str_eq(path, S("/proc")) && !has_fact(x, x->facts[i].container, FACT_NON_ROOT))
        TRY(way(x, x->volumes, ATTACK_EXPLOIT_HOST_TRAVERSE, i, "a process of another Pod has no more capabilities: its files are below /proc/PID/root"));
    return paths_disk_etcd(path) ? way(x, PATHS_ETCD, ATTACK_ETCD_READ, i, "it runs where the control plane runs") : ERR_OK;
}

// Of ways of the same length the first is shown: so the particular ones come before the general one.
static err_code host_path(struct pod *x, uint32_t i, str written, bool read_only)
{
    const struct inventory_fact *f = &x->facts[i];
    bool root = !has_fact(x, f->container, FACT_NON_ROOT);
    str path;
    if (str_eq(inventory_str(x->p->inventory, f->container), S("")))
        return ERR_OK; // a volume that no container mounts
    TRY(paths_disk_clean(written, x->p->arena, &path, x->e));
    if (!read_only && str_eq(path, S("/"))) // the plainest of all that it gives
        TRY(way(x, x->host, ATTACK_EXPLOIT_HOST_WRITE, i, root ? NULL : "its user may write there"));
    if (paths_disk_socket(path))
        TRY(way(x, x->host, ATTACK_EXPLOIT_CONTAINERD_SOCK, i, NULL)); // read-only mounts do not stop connecting
    if (!read_only && root && (paths_disk_above(path, "/proc/sys/kernel") || paths_disk_below(path, "/proc/sys/kernel")))
        TRY(way(x, x->host, ATTACK_CE_UMH_CORE_PATTERN, i, NULL));
    if (!read_only && paths_disk_runs(path) && !str_eq(path, S("/")))
        TRY(way(x, x->host, ATTACK_EXPLOIT_HOST_WRITE, i, root ? NULL : "its user may write there"));
    if (!read_only && str_eq(path, S("/dev")))
        TRY(way(x, x->host, ATTACK_EXPLOIT_HOST_WRITE, i, "it may open the device of the node's disk"));
    TRY(read_path(x, i, path));
    if (!read_only && (paths_disk_above(path, "/var/log") || paths_disk_below(path, "/var/log")))
        TRY(way(x, x->host, ATTACK_CE_VAR_LOG_SYMLINK, i, x->may_log ? NULL : "somebody it can be may read pods/log or nodes/log"));
    return ERR_OK;
}

// Something mounted into a container.
bool paths_is_volume(const struct inventory_fact *f)
{
    return f->container && (f->kind == FACT_HOST_PATH || f->kind == FACT_SECRET_VOLUME || f->kind == FACT_CONFIGMAP_VOLUME ||
                            f->kind == FACT_CLAIM_VOLUME || f->kind == FACT_TOKEN_VOLUME);
}

static err_code fact(struct pod *x, uint32_t i)
{
    const struct inventory *v = x->p->inventory;
    const struct inventory_fact *f = &x->facts[i];
    if (f->kind == FACT_PRIVILEGED)
        return x->own_users ? ERR_OK : privileged(x, i);
    if (f->kind == FACT_CAPABILITY)
        return x->own_users ? ERR_OK : capability(x, i);
    if (f->kind == FACT_HOST_PATH)
        TRY(host_path(x, i, inventory_str(v, f->text), f->read_only));
    if (f->kind == FACT_CLAIM_VOLUME) {
        const struct paths_volume *volume = paths_objects_volume(x->p->priv->objects, inventory_str(v, v->namespaces[x->of->ns].name),
                                                                 inventory_str(v, f->text));
        if (volume)
            TRY(host_path(x, i, volume->path, f->read_only));
    }
    if (f->kind == FACT_SHARE_PROCESSES && x->n_containers > 1)
        return way(x, PATHS_NONE, ATTACK_SHARE_PS_NAMESPACE, i, NULL);
    if (paths_is_volume(f) || f->kind == FACT_SECRET_ENV)
        return way(x, PATHS_NONE, ATTACK_VOLUME_DISCOVER, i, NULL);
    return ERR_OK;
}

static bool has_token(const struct pod *x, const struct rbac_account *account)
{
    for (uint32_t i = 0; i < x->n; i++)
        if (x->facts[i].kind == FACT_TOKEN_VOLUME && inventory_str(x->p->inventory, x->facts[i].text).n == 0)
            return true;
    return x->of->automount == AUTOMOUNT_YES || (x->of->automount == AUTOMOUNT_UNSET && !(account && account->no_token));
}

static const char has_role[] = "its node has a role of a cloud, and the metadata service answers Pods";

// logs: of each node: may it read logs? reached: of each class: does a port or a Service lead to it?
static err_code pod_edges(struct paths *p, uint32_t i, const bool *logs, const bool *reached, struct err *e)
{
    struct inventory *v = p->inventory;
    const struct inventory_pod *of = &v->pods[p->pods[i].pod];
    struct pod x = {.p = p, .pods = i, .node = p->priv->pod_nodes[i], .of = of, .host_pid = PATHS_NO_FACT, .host_network = PATHS_NO_FACT, .e = e};
    uint32_t identity;
    x.facts = inventory_facts(v, of->facts, &x.n);
    uint32_t host = p->priv->host_of[of->node] - 1;
    x.host = p->priv->host_nodes[host];
    x.volumes = p->priv->volume_nodes[host];
    str ns = inventory_str(v, v->namespaces[of->ns].name), account = inventory_str(v, of->service_account);
    account = account.n ? account : S("default");
    TRY(paths_account_add(p, ns, account, &identity, e));
    TRY(paths_link(p, paths_ns_node(p, of->ns, NS_PODS), x.node, ATTACK_ANY, e));
    if (has_token(&x, rbac_find_account(p->set, ns, account)))
        TRY(way(&x, p->priv->identity_nodes[identity], ATTACK_IDENTITY_ASSUME, PATHS_TOKEN_FACT, NULL));
    for (uint32_t k = 0; k < x.n; k++) {
        if (x.facts[k].kind == FACT_HOST_PID)
            x.host_pid = k;
        if (x.facts[k].kind == FACT_HOST_NETWORK)
            x.host_network = k;
        x.own_users = x.own_users || x.facts[k].kind == FACT_USER_NAMESPACE;
        x.n_containers += x.facts[k].kind == FACT_IMAGE;
        x.may_log = x.may_log || (x.facts[k].kind == FACT_HOST_PATH && logs[p->priv->identity_nodes[identity]]);
    }
    for (uint32_t k = 0; k < x.n && k < PATHS_TOKEN_FACT; k++)
        TRY(fact(&x, k));
    if (p->priv->metadata && p->priv->metadata[p->pods[i].pod])
        TRY(way(&x, PATHS_CLOUD_ROLE, ATTACK_IMDS, PATHS_NO_FACT, has_role));
    if (x.n_containers > 1) // a Pod is one place: whoever is in it is in each of its containers
        TRY(way(&x, PATHS_NONE, ATTACK_CONTAINER_ATTACH, PATHS_NO_FACT, NULL));
    if (reached[i]) // how somebody outside begins: nothing that somebody inside gains
        TRY(way(&x, PATHS_NONE, ATTACK_ENDPOINT_EXPLOIT, PATHS_NO_FACT, NULL));
    return ERR_OK;
}

// ---- what is reached over the network

static err_code mark(void *ctx, uint32_t pod, struct err *e)
{
    bool *served = ctx;
    (void)e;
    served[pod] = true;
    return ERR_OK;
}

// Of each class: has one of its Pods a port, of its own or of the node, or does a Service select it?
static err_code find_reached(struct paths *p, bool **ret, struct err *e)
{
    const struct inventory *v = p->inventory;
    bool *served, *reached;
    TRY_NEW(served, p->arena, v->n_pods, e);
    TRY_NEW(reached, p->arena, p->n_pods, e);
    for (uint32_t i = 0; i < v->n_services; i++)
        if (!v->services[i].replaced && v->services[i].has_selector)
            TRY(inventory_service_pods(v, &v->services[i], mark, served, e));
    for (uint32_t i = 0; i < p->priv->n_sorted_pods; i++) {
        uint32_t pod = p->priv->sorted_pods[2 * i], class = p->priv->sorted_pods[2 * i + 1], n = 0;
        (void)inventory_ports(v, v->pods[pod].ports, &n);
        reached[class] = reached[class] || n || served[pod];
    }
    *ret = reached;
    return ERR_OK;
}

// ---- nodes

static err_code add_host(struct paths *p, name_id name, uint32_t *cap, struct err *e)
{
    struct paths_priv *v = p->priv;
    if (v->host_of[name])
        return ERR_OK;
    TRY_GROW(p->hosts, p->n_hosts, *cap, p->arena, e);
    TRY(paths_node_new(p, PATHS_HOST, p->n_hosts, &v->host_nodes[p->n_hosts], e));
    TRY(paths_node_new(p, PATHS_SET, p->n_hosts, &v->volume_nodes[p->n_hosts], e));
    p->hosts[p->n_hosts++] = name;
    v->host_of[name] = p->n_hosts;
    return paths_link(p, v->host_nodes[p->n_hosts - 1], PATHS_NODE, ATTACK_ANY, e);
}

static err_code step(struct paths *p, uint32_t from, uint32_t to, enum paths_attack attack, struct err *e)
{
    struct paths_edge edge = {.from = from, .to = to, .attack = (uint8_t)attack, .cost = 1, .facts = PATHS_NO_FACTS, .pods = PATHS_NONE,
                              .by = {{RBAC_NONE, NULL}, {RBAC_NONE, NULL}}};
    return paths_edge_add(p, &edge, e);
}

static err_code host_edges(struct paths *p, struct err *e)
{
    const struct inventory *v = p->inventory;
    uint32_t any = paths_all_node(ANY_HOST), nodes = paths_identity_of(p, true, S("system:nodes"));
    bool control_plane = false;
    TRY(paths_link(p, any, PATHS_NODE, ATTACK_ANY, e));
    TRY(step(p, any, paths_all_node(ALL_PODS), ATTACK_TOKEN_STEAL, e));
    for (uint32_t i = 0; i <= p->n_hosts; i++) {
        struct paths_edge edge = {.from = i < p->n_hosts ? p->priv->host_nodes[i] : any, .to = PATHS_CLOUD_ROLE, .attack = ATTACK_IMDS, .cost = 1,
                                  .facts = PATHS_NO_FACTS, .pods = PATHS_NONE, .by = {{RBAC_NONE, NULL}, {RBAC_NONE, NULL}},
                                  .assumes = "the node has a role of a cloud"};
        TRY(paths_edge_add(p, &edge, e));
    }
    if (nodes != PATHS_NONE)
        TRY(step(p, any, p->priv->identity_nodes[nodes], ATTACK_IDENTITY_ASSUME, e));
    for (uint32_t i = 0; i < p->n_hosts && nodes != PATHS_NONE; i++)
        TRY(step(p, p->priv->host_nodes[i], p->priv->identity_nodes[nodes], ATTACK_IDENTITY_ASSUME, e));
    for (uint32_t i = 0; i < p->n_hosts; i++) {
        struct paths_edge edge = {.from = p->priv->volume_nodes[i], .to = paths_all_node(ALL_PODS), .attack = ATTACK_ANY, .facts = PATHS_NO_FACTS,
                                  .pods = PATHS_NONE, .by = {{RBAC_NONE, NULL}, {RBAC_NONE, NULL}}, .assumes = "it runs on the same node"};
        TRY(step(p, p->priv->host_nodes[i], p->priv->volume_nodes[i], ATTACK_TOKEN_STEAL, e));
        if (!p->hosts[i]) // no node is known yet: a template's Pods
            TRY(paths_edge_add(p, &edge, e));
    }
    for (uint32_t i = 0; i < p->n_pods; i++) {
        const struct inventory_pod *of = &v->pods[p->pods[i].pod];
        bool daemon = is_daemon_set(v, of);
        for (uint32_t k = 0; k < p->n_hosts && daemon; k++)
            TRY(paths_link(p, p->priv->volume_nodes[k], p->priv->pod_nodes[i], ATTACK_ANY, e));
        if (of->node && !daemon)
            TRY(paths_link(p, p->priv->volume_nodes[p->priv->host_of[of->node] - 1], p->priv->pod_nodes[i], ATTACK_ANY, e));
    }
    for (uint32_t i = 0; i < v->n_nodes; i++) {
        if (!v->nodes[i].control_plane)
            continue;
        uint32_t host = p->priv->host_of[v->nodes[i].name];
        if (host)
            TRY(step(p, p->priv->host_nodes[host - 1], PATHS_CLUSTER_ADMIN, ATTACK_CONTROL_PLANE, e));
        if (host)
            TRY(step(p, p->priv->host_nodes[host - 1], PATHS_ETCD, ATTACK_CONTROL_PLANE, e));
        control_plane = true;
    }
    if (!control_plane)
        return ERR_OK;
    TRY(step(p, any, PATHS_CLUSTER_ADMIN, ATTACK_CONTROL_PLANE, e));
    return step(p, any, PATHS_ETCD, ATTACK_CONTROL_PLANE, e);
}

err_code paths_pods_make(struct paths *p, struct err *e)
{
    const struct inventory *v = p->inventory;
    uint32_t cap = 0;
    bool *logs, *reached;
    TRY_NEW(p->priv->host_of, p->arena, v->names.n, e);
    TRY_NEW(p->priv->host_nodes, p->arena, (size_t)p->n_pods + v->n_nodes + 1, e);
    TRY_NEW(p->priv->volume_nodes, p->arena, (size_t)p->n_pods + v->n_nodes + 1, e);
    TRY_NEW(logs, p->arena, p->n_nodes, e);
    for (uint32_t i = 0; i < p->n_findings; i++)
        logs[p->findings[i].node] = logs[p->findings[i].node] || p->findings[i].attack == ATTACK_CE_VAR_LOG_SYMLINK;
    TRY(find_reached(p, &reached, e));
    TRY(add_host(p, 0, &cap, e));
    for (uint32_t i = 0; i < p->n_pods; i++)
        TRY(add_host(p, v->pods[p->pods[i].pod].node, &cap, e));
    for (uint32_t i = 0; i < v->n_nodes; i++)
        TRY(add_host(p, v->nodes[i].name, &cap, e));
    for (uint32_t i = 0; i < p->n_pods; i++)
        TRY(pod_edges(p, i, logs, reached, e));
    return host_edges(p, e);
}

uint32_t paths_pods_host(const struct paths *p, uint32_t pods)
{
    return p->priv->host_nodes[p->priv->host_of[p->inventory->pods[p->pods[pods].pod].node] - 1];
}
