#include <stdlib.h>

#include "check/objects_priv.h"
#include "kube/workload.h"

// What a Pod is and uses; and, of other objects, every text that may be a name.

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

static int by_words(const void *a, const void *b)
{
    const struct inventory_port *x = a, *y = b;
    if (x->name != y->name)
        return x->name < y->name ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

// Only ports with a name: numbers need no port to be declared.
static err_code read_ports(struct objects *o, const struct node *spec, uint32_t *ret, struct err *e)
{
    enum { MOST = 256 };
    struct inventory_port ports[MOST];
    const struct node *lists[] = {node_get(spec, KEY("containers")), node_get(spec, KEY("initContainers"))};
    uint32_t n = 0;
    for (uint32_t k = 0; k < 2; k++)
        for (uint32_t i = 0; node_is(lists[k], NODE_LIST) && i < lists[k]->n; i++) {
            const struct node *list = node_get(&lists[k]->items[i], KEY("ports"));
            for (uint32_t j = 0; node_is(list, NODE_LIST) && j < list->n && n < MOST; j++) {
                const struct node *p = &list->items[j], *number = node_get(p, KEY("containerPort"));
                str name = node_get_str(p, KEY("name")), protocol = node_get_str(p, KEY("protocol"));
                if (!name.n || !node_is(number, NODE_INT))
                    continue;
                ports[n].number = (uint32_t)number->i;
                ports[n].protocol = str_eq(protocol, S("UDP")) ? PROTOCOL_UDP : str_eq(protocol, S("SCTP")) ? PROTOCOL_SCTP : PROTOCOL_TCP;
                TRY(names_put(&o->inventory.names, name, &ports[n].name, e));
                n++;
            }
        }
    if (n)
        qsort(ports, n, sizeof *ports, by_words);
    return rows_put(&o->inventory.ports, (const uint32_t *)(const void *)ports, n * PORT_WORDS, ret, e);
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
    TRY(inventory_labels(v, node_get(view.pod.metadata, KEY("labels")), &p.labels, e));
    TRY(read_ports(o, spec, &p.ports, e));
    str account = node_get_str(spec, KEY("serviceAccountName"));
    account = account.n ? account : node_get_str(spec, KEY("serviceAccount"));
    TRY(names_put(&v->names, account.n ? account : S("default"), &p.account, e));
    const struct node *automount = node_get(spec, KEY("automountServiceAccountToken"));
    p.automount = node_is(automount, NODE_BOOL) ? automount->b ? AUTOMOUNT_YES : AUTOMOUNT_NO : AUTOMOUNT_UNSET;
    p.host_network = is_true(node_get(spec, KEY("hostNetwork")));
    TRY(read_owner(o, x, &p, e));
    const struct user u = {o, record, ns};
    TRY(use_refs(&u, spec, e));
    TRY(use_list(&u, USE_SECRET, node_get(spec, KEY("imagePullSecrets")), KEY("name"), e));
    o->pods[o->n_pods++] = p;
    *ret_is = true;
    *ret_ns = p.ns;
    return ERR_OK;
}

// Operators' objects, Ingresses, Gateways and ServiceAccounts name Secrets and ConfigMaps in many ways: every text counts.
static err_code mention_all(const struct user *u, const struct node *n, struct err *e)
{
    switch ((enum node_kind)n->kind) {
    case NODE_STRING:
        return n->n && n->n <= 253 ? objects_use_put(u->o, USE_ANY, S(""), node_str(n), u->record, e) : ERR_OK;
    case NODE_LIST:
        for (uint32_t i = 0; i < n->n; i++)
            TRY(mention_all(u, &n->items[i], e));
        return ERR_OK;
    case NODE_MAP:
        for (uint32_t i = 0; i < n->n; i++)
            TRY(mention_all(u, &n->members[i].value, e));
        return ERR_OK;
    case NODE_NULL:
    case NODE_BOOL:
    case NODE_INT:
    case NODE_DOUBLE:
        break;
    }
    return ERR_OK;
}

err_code objects_read_uses(struct objects *o, uint32_t record, const struct object *x, struct err *e)
{
    const struct user u = {o, record, x->ns.n ? x->ns : S("default")};
    bool binding = str_eq(x->kind, S("RoleBinding")) || str_eq(x->kind, S("ClusterRoleBinding"));
    if (binding && str_eq(x->group, S("rbac.authorization.k8s.io"))) {
        const struct node *ref = node_get(x->root, KEY("roleRef"));
        bool cluster = str_eq(node_get_str(ref, KEY("kind")), S("ClusterRole"));
        return objects_use_put(o, cluster ? USE_CLUSTER_ROLE : USE_ROLE, cluster ? S("") : u.ns, node_get_str(ref, KEY("name")), record, e);
    }
    static const char *const silent[] = {"ConfigMap", "Secret", "Service", "NetworkPolicy", "Role", "ClusterRole"};
    for (unsigned i = 0; i < sizeof silent / sizeof *silent; i++)
        if (str_eq(x->kind, str_of(silent[i])) && !str_eq(x->group, S("serving.knative.dev")))
            return ERR_OK;
    for (uint32_t i = 0; i < x->root->n; i++) {
        str key = member_key(&x->root->members[i]);
        if (!str_eq(key, S("metadata")) && !str_eq(key, S("apiVersion")) && !str_eq(key, S("kind")))
            TRY(mention_all(&u, &x->root->members[i].value, e));
    }
    return ERR_OK;
}
