// What of a Pod matters to somebody who is in it: rows of facts, shared by all Pods that were made alike.
#include <strings.h>

#include "graph/inventory_priv.h"

struct facts {
    struct inventory *v;
    struct inventory_fact *rows;
    uint32_t n, cap;
    uint32_t line; // of the record
    struct err *e;
};

static err_code put(struct facts *f, enum inventory_fact_kind kind, const struct node *at, str container, str text, str more,
                    bool read_only)
{
    struct err *e = f->e;
    TRY_GROW(f->rows, f->n, f->cap, &f->v->scratch, e);
    uint32_t line = load_locate(f->v->load, at).line;
    struct inventory_fact fact = {.kind = kind, .read_only = read_only, .line = line > f->line ? line - f->line : 0};
    TRY(names_put(&f->v->names, container, &fact.container, e));
    TRY(names_put(&f->v->names, text, &fact.text, e));
    TRY(names_put(&f->v->names, more, &fact.more, e));
    f->rows[f->n++] = fact;
    return ERR_OK;
}

static bool is_true(const struct node *n)
{
    return node_is(n, NODE_BOOL) && n->b;
}

// A field of a container's securityContext, or else of the Pod's.
static const struct node *in_force(const struct node *pod, const struct node *container, struct key k)
{
    const struct node *n = node_get(container, k);
    return n && n->kind != NODE_NULL ? n : node_get(pod, k);
}

// Runtimes take capabilities in either case, and some of them with CAP_ before it.
bool inventory_same_capability(str a, str b)
{
    str *both[] = {&a, &b};
    for (unsigned i = 0; i < 2; i++)
        if (both[i]->n > 4 && strncasecmp(both[i]->p, "CAP_", 4) == 0)
            *both[i] = str_skip(*both[i], 4);
    return a.n == b.n && strncasecmp(a.p, b.p, a.n) == 0;
}

static bool lists_capability(const struct node *list, str name)
{
    for (uint32_t i = 0; node_is(list, NODE_LIST) && i < list->n; i++)
        if (node_is(&list->items[i], NODE_STRING) && inventory_same_capability(node_str(&list->items[i]), name))
            return true;
    return false;
}

// Runtimes add ALL, drop ALL, add what is named, drop what is named, in this order (containerd, WithAddedCapabilities): so of
// drop ALL and add X, X is left, and of add X and drop X it is not.
static err_code read_capabilities(struct facts *f, const struct node *capabilities, str name)
{
    const struct node *add = node_get(capabilities, KEY("add")), *drop = node_get(capabilities, KEY("drop"));
    OWN_BUF struct buf dropped = buf_new(1 << 16);
    for (uint32_t i = 0; node_is(drop, NODE_LIST) && i < drop->n; i++)
        if (node_is(&drop->items[i], NODE_STRING))
            buf_printf(&dropped, "%s%.*s", dropped.n ? "," : "", STR_FMT(node_str(&drop->items[i])));
    for (uint32_t i = 0; node_is(add, NODE_LIST) && i < add->n; i++) {
        if (!node_is(&add->items[i], NODE_STRING) || lists_capability(drop, node_str(&add->items[i])))
            continue;
        bool all = inventory_same_capability(node_str(&add->items[i]), S("ALL"));
        TRY(put(f, FACT_CAPABILITY, &add->items[i], name, node_str(&add->items[i]), all ? buf_str(&dropped) : S(""), false));
    }
    return ERR_OK;
}

// The container's profile; before 1.30 an annotation of the Pod said it.
static const struct node *unconfined(const struct node *pod, const struct node *security, const struct node *annotations, str name)
{
    const struct node *field = in_force(pod, security, KEY("appArmorProfile"));
    if (node_is(field, NODE_MAP))
        return str_eq(node_get_str(field, KEY("type")), S("Unconfined")) ? field : NULL;
    OWN_BUF struct buf b = buf_new(1 << 16);
    buf_printf(&b, "container.apparmor.security.beta.kubernetes.io/%.*s", STR_FMT(name));
    const struct node *old = node_get(annotations, key_of(buf_str(&b)));
    return node_is(old, NODE_STRING) && str_eq(node_str(old), S("unconfined")) ? old : NULL;
}

static err_code read_security(struct facts *f, const struct node *pod, const struct node *annotations, const struct node *container, str name)
{
    const struct node *own = node_get(container, KEY("securityContext")), *at;
    if (is_true(at = node_get(own, KEY("privileged"))))
        TRY(put(f, FACT_PRIVILEGED, at, name, S(""), S(""), false));
    if (is_true(at = node_get(own, KEY("allowPrivilegeEscalation"))))
        TRY(put(f, FACT_ESCALATION, at, name, S(""), S(""), false));
    TRY(read_capabilities(f, node_get(own, KEY("capabilities")), name));
    const struct node *user = in_force(pod, own, KEY("runAsUser")), *other = in_force(pod, own, KEY("runAsNonRoot"));
    if (node_is(user, NODE_INT) && user->i == 0)
        TRY(put(f, FACT_ROOT, user, name, S(""), S(""), false));
    else if (node_is(user, NODE_INT) || is_true(other))
        TRY(put(f, FACT_NON_ROOT, node_is(user, NODE_INT) ? user : other, name, S(""), S(""), false));
    const struct node *armor = unconfined(pod, own, annotations, name);
    if (armor)
        TRY(put(f, FACT_APPARMOR_OFF, armor, name, S(""), S(""), false));
    return ERR_OK;
}

static err_code read_environment(struct facts *f, const struct node *container, str name)
{
    const struct node *env = node_get(container, KEY("env")), *from = node_get(container, KEY("envFrom"));
    for (uint32_t i = 0; node_is(env, NODE_LIST) && i < env->n; i++) {
        const struct node *source = node_get(&env->items[i], KEY("valueFrom"));
        const struct node *secret = node_get(source, KEY("secretKeyRef")), *map = node_get(source, KEY("configMapKeyRef"));
        if (node_is(secret, NODE_MAP))
            TRY(put(f, FACT_SECRET_ENV, secret, name, node_get_str(secret, KEY("name")), S(""), false));
        if (node_is(map, NODE_MAP))
            TRY(put(f, FACT_CONFIGMAP_ENV, map, name, node_get_str(map, KEY("name")), S(""), false));
    }
    for (uint32_t i = 0; node_is(from, NODE_LIST) && i < from->n; i++) {
        const struct node *secret = node_get(&from->items[i], KEY("secretRef")), *map = node_get(&from->items[i], KEY("configMapRef"));
        if (node_is(secret, NODE_MAP))
            TRY(put(f, FACT_SECRET_ENV, secret, name, node_get_str(secret, KEY("name")), S(""), false));
        if (node_is(map, NODE_MAP))
            TRY(put(f, FACT_CONFIGMAP_ENV, map, name, node_get_str(map, KEY("name")), S(""), false));
    }
    return ERR_OK;
}

static err_code read_container(struct facts *f, const struct node *pod, const struct node *annotations, const struct node *container)
{
    str name = node_get_str(container, KEY("name"));
    const struct node *image = node_get(container, KEY("image")), *ports = node_get(container, KEY("ports"));
    TRY(read_security(f, pod, annotations, container, name));
    TRY(read_environment(f, container, name));
    if (node_is(image, NODE_STRING))
        TRY(put(f, FACT_IMAGE, image, name, node_str(image), S(""), false));
    for (uint32_t i = 0; node_is(ports, NODE_LIST) && i < ports->n; i++) {
        const struct node *port = node_get(&ports->items[i], KEY("hostPort"));
        char text[16];
        if (!node_is(port, NODE_INT) || port->i <= 0 || port->i > 65535)
            continue;
        uint32_t n = 0, value = (uint32_t)port->i;
        char digits[16];
        for (; value; value /= 10)
            digits[n++] = (char)('0' + value % 10);
        for (uint32_t k = 0; k < n; k++)
            text[k] = digits[n - 1 - k];
        TRY(put(f, FACT_HOST_PORT, port, name, (str){text, n}, S(""), false));
    }
    return ERR_OK;
}

// What of the node's disk the container sees: the path, and below it the mount's subPath (or subPathExpr, as written).
static err_code put_host_path(struct facts *f, const struct node *host, const struct node *mount, str container, str where, bool read_only)
{
    OWN_BUF struct buf b = buf_new(1 << 16);
    str path = node_get_str(host, KEY("path")), sub = node_get_str(mount, KEY("subPath"));
    if (!sub.n)
        sub = node_get_str(mount, KEY("subPathExpr"));
    buf_put(&b, path);
    if (sub.n)
        buf_printf(&b, "%s%.*s", str_ends(path, S("/")) ? "" : "/", STR_FMT(sub));
    return put(f, FACT_HOST_PATH, host, container, buf_str(&b), where, read_only);
}

// One volume as a container sees it by a mount; mount NULL: none mounts it.
static err_code put_volume(struct facts *f, const struct node *volume, const struct node *mount, str container)
{
    str where = node_get_str(mount, KEY("mountPath"));
    bool read_only = is_true(node_get(mount, KEY("readOnly")));
    where = where.p ? where : S("");
    const struct node *host = node_get(volume, KEY("hostPath")), *secret = node_get(volume, KEY("secret"));
    const struct node *map = node_get(volume, KEY("configMap")), *claim = node_get(volume, KEY("persistentVolumeClaim"));
    const struct node *sources = node_get(node_get(volume, KEY("projected")), KEY("sources"));
    if (node_is(host, NODE_MAP))
        return put_host_path(f, host, mount, container, where, read_only);
    if (node_is(secret, NODE_MAP))
        return put(f, FACT_SECRET_VOLUME, secret, container, node_get_str(secret, KEY("secretName")), where, read_only);
    if (node_is(map, NODE_MAP))
        return put(f, FACT_CONFIGMAP_VOLUME, map, container, node_get_str(map, KEY("name")), where, read_only);
    if (node_is(claim, NODE_MAP))
        return put(f, FACT_CLAIM_VOLUME, claim, container, node_get_str(claim, KEY("claimName")), where,
                   read_only || is_true(node_get(claim, KEY("readOnly"))));
    for (uint32_t i = 0; node_is(sources, NODE_LIST) && i < sources->n; i++) {
        const struct node *s = &sources->items[i];
        const struct node *token = node_get(s, KEY("serviceAccountToken"));
        if (node_is(token, NODE_MAP))
            TRY(put(f, FACT_TOKEN_VOLUME, token, container, node_get_str(token, KEY("audience")), where, read_only));
        if (node_is(secret = node_get(s, KEY("secret")), NODE_MAP))
            TRY(put(f, FACT_SECRET_VOLUME, secret, container, node_get_str(secret, KEY("name")), where, read_only));
        if (node_is(map = node_get(s, KEY("configMap")), NODE_MAP))
            TRY(put(f, FACT_CONFIGMAP_VOLUME, map, container, node_get_str(map, KEY("name")), where, read_only));
    }
    return ERR_OK;
}

static err_code read_mounts(struct facts *f, const struct node *volume, const struct node *containers, uint32_t *n)
{
    str name = node_get_str(volume, KEY("name"));
    for (uint32_t i = 0; node_is(containers, NODE_LIST) && i < containers->n; i++) {
        const struct node *mounts = node_get(&containers->items[i], KEY("volumeMounts"));
        for (uint32_t k = 0; node_is(mounts, NODE_LIST) && k < mounts->n; k++) {
            const struct node *m = &mounts->items[k];
            if (!name.n || !str_eq(node_get_str(m, KEY("name")), name))
                continue;
            ++*n;
            TRY(put_volume(f, volume, m, node_get_str(&containers->items[i], KEY("name"))));
        }
    }
    return ERR_OK;
}

err_code inventory_read_facts(struct inventory *v, const struct object *pod, uint32_t line, uint32_t *ret, struct err *e)
{
    struct facts f = {.v = v, .line = line, .e = e};
    const struct node *spec = node_get(pod->root, KEY("spec")), *at;
    const struct node *security = node_get(spec, KEY("securityContext")), *annotations = node_get(pod->metadata, KEY("annotations"));
    const struct node *lists[] = {node_get(spec, KEY("containers")), node_get(spec, KEY("initContainers")),
                                  node_get(spec, KEY("ephemeralContainers"))};
    const struct {
        struct key key;
        enum inventory_fact_kind kind;
    } flags[] = {{KEY("hostPID"), FACT_HOST_PID},
                 {KEY("hostIPC"), FACT_HOST_IPC},
                 {KEY("hostNetwork"), FACT_HOST_NETWORK},
                 {KEY("shareProcessNamespace"), FACT_SHARE_PROCESSES}};
    for (unsigned i = 0; i < sizeof flags / sizeof *flags; i++)
        if (is_true(at = node_get(spec, flags[i].key)))
            TRY(put(&f, flags[i].kind, at, S(""), S(""), S(""), false));
    if (node_is(at = node_get(spec, KEY("hostUsers")), NODE_BOOL) && !at->b)
        TRY(put(&f, FACT_USER_NAMESPACE, at, S(""), S(""), S(""), false));
    for (unsigned l = 0; l < 3; l++)
        for (uint32_t i = 0; node_is(lists[l], NODE_LIST) && i < lists[l]->n; i++)
            TRY(read_container(&f, security, annotations, &lists[l]->items[i]));
    const struct node *volumes = node_get(spec, KEY("volumes")), *pull = node_get(spec, KEY("imagePullSecrets"));
    for (uint32_t i = 0; node_is(volumes, NODE_LIST) && i < volumes->n; i++) {
        uint32_t n = 0;
        for (unsigned l = 0; l < 3; l++)
            TRY(read_mounts(&f, &volumes->items[i], lists[l], &n));
        if (n == 0)
            TRY(put_volume(&f, &volumes->items[i], NULL, S("")));
    }
    for (uint32_t i = 0; node_is(pull, NODE_LIST) && i < pull->n; i++)
        TRY(put(&f, FACT_PULL_SECRET, &pull->items[i], S(""), node_get_str(&pull->items[i], KEY("name")), S(""), false));
    return rows_put(&v->facts, (const uint32_t *)(const void *)f.rows, f.n * FACT_WORDS, ret, e);
}
