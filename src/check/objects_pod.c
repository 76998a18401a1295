#include "check/objects_priv.h"
#include "kube/workload.h"

// What a Pod is and uses; and, of other objects, every text that may be a name.

enum { LONGEST_NAME = 253, LONGEST_TEXT = 320 };

struct user {
    struct objects *o;
    uint32_t record;
    str ns;
};

static err_code use(const struct user *u, enum objects_use what, const struct node *holder, struct key key, struct err *e)
{
    str name = node_get_str(holder, key);
    return name.n ? objects_use_put(u->o, what, u->ns, name, u->record, e) : ERR_OK;
}

static err_code use_list(const struct user *u, enum objects_use what, const struct node *list, struct key key, struct err *e)
{
    for (uint32_t i = 0; node_is(list, NODE_LIST) && i < list->n; i++)
        TRY(use(u, what, &list->items[i], key, e));
    return ERR_OK;
}

// Volume drivers and projected sources name Secrets in fields of their own: secretRef, nodePublishSecretRef...
static err_code use_refs(const struct user *u, const struct node *n, struct err *e)
{
    if (node_is(n, NODE_LIST))
        for (uint32_t i = 0; i < n->n; i++)
            TRY(use_refs(u, &n->items[i], e));
    for (uint32_t i = 0; node_is(n, NODE_MAP) && i < n->n; i++) {
        const struct member *m = &n->members[i];
        str key = member_key(m);
        if (str_ends(key, S("ecretRef")) || str_eq(key, S("secret")) || str_eq(key, S("secretKeyRef")))
            TRY(use(u, USE_SECRET, &m->value, KEY("name"), e));
        if (str_eq(key, S("configMap")) || str_eq(key, S("configMapRef")) || str_eq(key, S("configMapKeyRef")))
            TRY(use(u, USE_CONFIG_MAP, &m->value, KEY("name"), e));
        if (str_ends(key, S("ecretName")) && node_is(&m->value, NODE_STRING))
            TRY(objects_use_put(u->o, USE_SECRET, u->ns, node_str(&m->value), u->record, e));
        if (str_eq(key, S("secret")))
            TRY(use(u, USE_SECRET, &m->value, KEY("secretName"), e));
        TRY(use_refs(u, &m->value, e));
    }
    return ERR_OK;
}

static bool is_true(const struct node *n)
{
    return node_is(n, NODE_BOOL) && n->b;
}

static err_code read_owner(struct objects *o, const struct object *x, struct objects_pod *p, struct err *e)
{
    const struct node *refs = node_get(x->metadata, KEY("ownerReferences"));
    for (uint32_t i = 0; node_is(refs, NODE_LIST) && i < refs->n; i++) {
        const struct node *r = &refs->items[i];
        if (!is_true(node_get(r, KEY("controller"))))
            continue;
        TRY(names_put(&o->inventory.names, node_get_str(r, KEY("kind")), &p->owner_kind, e));
        TRY(names_put(&o->inventory.names, node_get_str(r, KEY("name")), &p->owner, e));
    }
    return ERR_OK;
}

// Names in arguments and in the environment: "--configmap=$(POD_NAMESPACE)/nginx" names nginx.
static err_code use_words(const struct user *u, const struct node *n, struct err *e)
{
    static const char between[] = "=,:/ \t\n\"'";
    str text = node_is(n, NODE_STRING) ? node_str(n) : S("");
    for (size_t from = 0, i = 0; i <= text.n; i++) {
        if (i < text.n && !memchr(between, text.p[i], sizeof between - 1))
            continue;
        if (i > from && i - from <= LONGEST_NAME)
            TRY(objects_use_put(u->o, USE_ANY, S(""), (str){text.p + from, i - from}, u->record, e));
        from = i + 1;
    }
    return ERR_OK;
}

static err_code use_arguments(const struct user *u, const struct node *containers, struct err *e)
{
    for (uint32_t i = 0; node_is(containers, NODE_LIST) && i < containers->n; i++) {
        const struct node *c = &containers->items[i], *env = node_get(c, KEY("env"));
        const struct node *lists[] = {node_get(c, KEY("command")), node_get(c, KEY("args"))};
        for (unsigned k = 0; k < 2; k++)
            for (uint32_t j = 0; node_is(lists[k], NODE_LIST) && j < lists[k]->n; j++)
                TRY(use_words(u, &lists[k]->items[j], e));
        for (uint32_t j = 0; node_is(env, NODE_LIST) && j < env->n; j++)
            TRY(use_words(u, node_get(&env->items[j], KEY("value")), e));
    }
    return ERR_OK;
}

err_code objects_read_end(struct objects *o, const struct object *pod, struct objects_pod *p, struct err *e)
{
    struct inventory_pod x = {0};
    TRY(inventory_read_end(&o->inventory, pod, &x, e));
    p->labels = x.labels;
    p->ports = x.ports;
    p->first_ip = x.first_ip;
    p->n_ips = x.n_ips;
    p->host_network = x.host_network;
    return ERR_OK;
}

// Does the Pod itself say whether it is in a mesh, or has it a proxy already?
static bool speaks_to_mesh(const struct workload_pod *pod, const struct node *spec)
{
    const struct node *labels = node_get(pod->pod.metadata, KEY("labels")), *notes = node_get(pod->pod.metadata, KEY("annotations"));
    const struct node *lists[] = {node_get(spec, KEY("containers")), node_get(spec, KEY("initContainers"))};
    if (node_get(labels, KEY("sidecar.istio.io/inject")) || node_get(labels, KEY("istio.io/rev")) ||
        node_get(labels, KEY("istio.io/dataplane-mode")) || node_get(notes, KEY("sidecar.istio.io/inject")) ||
        node_get(notes, KEY("linkerd.io/inject")))
        return true;
    for (unsigned k = 0; k < 2; k++)
        for (uint32_t i = 0; node_is(lists[k], NODE_LIST) && i < lists[k]->n; i++) {
            str name = node_get_str(&lists[k]->items[i], KEY("name"));
            if (str_eq(name, S("istio-proxy")) || str_eq(name, S("linkerd-proxy")))
                return true;
        }
    return false;
}

err_code objects_read_pod(struct objects *o, uint32_t record, const struct object *x, str ns, bool *ret_is, uint32_t *ret_ns,
                          struct err *e)
{
    struct workload_pod view;
    struct objects_pod p = {.record = record};
    struct inventory *v = &o->inventory;
    bool has = false;
    *ret_is = false;
    TRY(workload_pod_view(x, o->scratch, &view, &has, e));
    if (!has || str_eq(x->kind, S("PodTemplate")))
        return ERR_OK;
    const struct node *spec = node_get(view.pod.root, KEY("spec"));
    arena_reset(&v->scratch);
    TRY(inventory_namespace(v, ns, (struct inventory_origin){0}, &p.ns, e));
    TRY(objects_read_end(o, &view.pod, &p, e));
    str account = node_get_str(spec, KEY("serviceAccountName"));
    account = account.n ? account : node_get_str(spec, KEY("serviceAccount"));
    TRY(names_put(&v->names, account.n ? account : S("default"), &p.account, e));
    const struct node *automount = node_get(spec, KEY("automountServiceAccountToken"));
    p.automount = node_is(automount, NODE_BOOL) ? automount->b ? AUTOMOUNT_YES : AUTOMOUNT_NO : AUTOMOUNT_UNSET;
    TRY(read_owner(o, x, &p, e));
    const struct user u = {o, record, ns};
    TRY(use_refs(&u, spec, e));
    if (speaks_to_mesh(&view, spec))
        TRY(objects_use_put(o, USE_MESH, ns, S(""), record, e));
    TRY(use_list(&u, USE_SECRET, node_get(spec, KEY("imagePullSecrets")), KEY("name"), e));
    TRY(use_arguments(&u, node_get(spec, KEY("containers")), e));
    TRY(use_arguments(&u, node_get(spec, KEY("initContainers")), e));
    o->pods[o->n_pods++] = p;
    *ret_is = true;
    *ret_ns = p.ns;
    return ERR_OK;
}

// "serviceAccountName: x", "serviceAccountRef: {name: x, namespace: y}"
static err_code mention_account(const struct user *u, const struct member *m, struct err *e)
{
    str key = member_key(m);
    bool is = str_ends(key, S("erviceAccount")) || str_ends(key, S("erviceAccountName")) || str_ends(key, S("erviceAccountRef"));
    const struct node *holder = &m->value;
    str name = node_is(holder, NODE_STRING) ? node_str(holder) : node_get_str(holder, KEY("name"));
    str ns = node_get_str(holder, KEY("namespace"));
    return is && name.n ? objects_use_put(u->o, USE_ACCOUNT, ns.n ? ns : u->ns, name, u->record, e) : ERR_OK;
}

// A text, and of "namespace/name" the name.
static err_code mention_text(const struct user *u, str text, struct err *e)
{
    if (!text.n || text.n > LONGEST_TEXT)
        return ERR_OK;
    TRY(objects_use_put(u->o, USE_ANY, S(""), text, u->record, e));
    const char *slash = memrchr(text.p, '/', text.n);
    str name = slash ? (str){slash + 1, text.n - (size_t)(slash + 1 - text.p)} : S("");
    return name.n ? objects_use_put(u->o, USE_ANY, S(""), name, u->record, e) : ERR_OK;
}

// Operators' objects, Ingresses, Gateways and ServiceAccounts name Secrets and ConfigMaps in many ways: every text counts.
static err_code mention_all(const struct user *u, const struct node *n, struct err *e)
{
    switch ((enum node_kind)n->kind) {
    case NODE_STRING:
        return mention_text(u, node_str(n), e);
    case NODE_LIST:
        for (uint32_t i = 0; i < n->n; i++)
            TRY(mention_all(u, &n->items[i], e));
        return ERR_OK;
    case NODE_MAP:
        for (uint32_t i = 0; i < n->n; i++) {
            TRY(mention_account(u, &n->members[i], e));
            TRY(mention_all(u, &n->members[i].value, e));
        }
        return ERR_OK;
    case NODE_NULL:
    case NODE_BOOL:
    case NODE_INT:
    case NODE_DOUBLE:
        break;
    }
    return ERR_OK;
}

static bool is_of_a_project(const struct object *x)
{
    return x->group.n && memchr(x->group.p, '.', x->group.n);
}

// A policy of a network plugin whose rules are not modelled. Staged ones do nothing.
static bool is_foreign_policy(const struct object *x)
{
    bool policy = str_ends(x->kind, S("NetworkPolicy")) || str_eq(x->kind, S("EgressFirewall"));
    return policy && is_of_a_project(x) && !str_ends(x->group, S(".k8s.io")) && !str_starts(x->kind, S("Staged"));
}

// A custom resource whose operator may make Pods. Of a live object (it has a uid) the Pods are there as well.
static bool may_make_pods(const struct object *x)
{
    static const struct {
        const char *group, *kind; // kind NULL: all
    } harmless[] = {{"istio.io", NULL}, {"linkerd.io", NULL}, {"cilium.io", NULL}, {"projectcalico.org", NULL}, {"antrea.io", NULL},
                    {"cert-manager.io", NULL}, {"external-secrets.io", NULL}, {"kyverno.io", NULL}, {"gatekeeper.sh", NULL},
                    {"traefik.io", NULL}, {"traefik.containo.us", NULL}, {"bitnami.com", "SealedSecret"}, {"route.openshift.io", NULL},
                    {"argoproj.io", "AppProject"}, {"monitoring.coreos.com", "ServiceMonitor"}, {"monitoring.coreos.com", "PodMonitor"},
                    {"monitoring.coreos.com", "PrometheusRule"}, {"monitoring.coreos.com", "Probe"},
                    {"monitoring.coreos.com", "ScrapeConfig"}, {"monitoring.coreos.com", "AlertmanagerConfig"},
                    {"secrets-store.csi.x-k8s.io", NULL}, {"k8s.cni.cncf.io", NULL}, {"casemate.dev", NULL}};
    bool shipped = str_ends(x->group, S(".k8s.io")) && !str_ends(x->group, S(".x-k8s.io"));
    if (!is_of_a_project(x) || shipped || is_foreign_policy(x) || node_get(x->metadata, KEY("uid")))
        return false;
    for (unsigned i = 0; i < sizeof harmless / sizeof *harmless; i++)
        if (str_ends(x->group, str_of(harmless[i].group)) && (!harmless[i].kind || str_eq(x->kind, str_of(harmless[i].kind))))
            return false;
    return true;
}

static err_code use_role(const struct user *u, const struct object *x, struct err *e)
{
    const struct node *ref = node_get(x->root, KEY("roleRef"));
    bool cluster = str_eq(node_get_str(ref, KEY("kind")), S("ClusterRole"));
    return objects_use_put(u->o, cluster ? USE_CLUSTER_ROLE : USE_ROLE, cluster ? S("") : u->ns, node_get_str(ref, KEY("name")), u->record, e);
}

static err_code mention_annotations(const struct user *u, const struct object *x, struct err *e)
{
    const struct node *all = node_get(x->metadata, KEY("annotations"));
    for (uint32_t i = 0; node_is(all, NODE_MAP) && i < all->n; i++)
        TRY(mention_all(u, &all->members[i].value, e));
    return ERR_OK;
}

err_code objects_read_uses(struct objects *o, uint32_t record, const struct object *x, struct err *e)
{
    const struct user u = {o, record, x->ns.n ? x->ns : S("default")};
    bool binding = str_eq(x->kind, S("RoleBinding")) || str_eq(x->kind, S("ClusterRoleBinding"));
    if (binding && str_eq(x->group, S("rbac.authorization.k8s.io")))
        return use_role(&u, x, e);
    if (str_eq(x->kind, S("Secret")) && str_eq(node_get_str(x->root, KEY("type")), S("kubernetes.io/service-account-token")))
        return use(&u, USE_ACCOUNT, node_get(x->metadata, KEY("annotations")), KEY("kubernetes.io/service-account.name"), e);
    if (is_foreign_policy(x))
        TRY(objects_use_put(o, USE_FOREIGN_POLICY, x->ns, S(""), record, e));
    else if (may_make_pods(x))
        TRY(objects_use_put(o, USE_POD_MAKER, u.ns, S(""), record, e));
    if (str_eq(x->kind, S("Service")))
        return mention_annotations(&u, x, e);
    static const char *const silent[] = {"ConfigMap", "Secret", "NetworkPolicy", "Role", "ClusterRole"};
    for (unsigned i = 0; i < sizeof silent / sizeof *silent; i++)
        if (str_eq(x->kind, str_of(silent[i])) && !str_eq(x->group, S("serving.knative.dev")))
            return ERR_OK;
    TRY(mention_annotations(&u, x, e));
    for (uint32_t i = 0; i < x->root->n; i++) {
        str key = member_key(&x->root->members[i]);
        if (!str_eq(key, S("metadata")) && !str_eq(key, S("apiVersion")) && !str_eq(key, S("kind")))
            TRY(mention_all(&u, &x->root->members[i].value, e));
    }
    return ERR_OK;
}
