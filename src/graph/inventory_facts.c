// What of a Pod matters to somebody who is in it: rows of facts, shared by all Pods that were made alike.
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

static err_code read_security(struct facts *f, const struct node *pod, const struct node *container, str name)
{
    const struct node *own = node_get(container, KEY("securityContext")), *at;
    if (is_true(at = node_get(own, KEY("privileged"))))
        TRY(put(f, FACT_PRIVILEGED, at, name, S(""), S(""), false));
    if (is_true(at = node_get(own, KEY("allowPrivilegeEscalation"))))
        TRY(put(f, FACT_ESCALATION, at, name, S(""), S(""), false));
    const struct node *add = node_get(node_get(own, KEY("capabilities")), KEY("add"));
    for (uint32_t i = 0; node_is(add, NODE_LIST) && i < add->n; i++)
        if (node_is(&add->items[i], NODE_STRING))
            TRY(put(f, FACT_CAPABILITY, &add->items[i], name, node_str(&add->items[i]), S(""), false));
    const struct node *user = in_force(pod, own, KEY("runAsUser")), *other = in_force(pod, own, KEY("runAsNonRoot"));
    if (node_is(user, NODE_INT) && user->i == 0)
        TRY(put(f, FACT_ROOT, user, name, S(""), S(""), false));
    else if (node_is(user, NODE_INT) || is_true(other))
        TRY(put(f, FACT_NON_ROOT, node_is(user, NODE_INT) ? user : other, name, S(""), S(""), false));
    const struct node *armor = in_force(pod, own, KEY("appArmorProfile"));
    if (str_eq(node_get_str(armor, KEY("type")), S("Unconfined")))
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

static err_code read_container(struct facts *f, const struct node *pod, const struct node *container)
{
    str name = node_get_str(container, KEY("name"));
    const struct node *image = node_get(container, KEY("image")), *ports = node_get(container, KEY("ports"));
    TRY(read_security(f, pod, container, name));
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

// One volume as its container sees it; container NULL: none mounts it.
static err_code put_volume(struct facts *f, const struct node *volume, str container, str where, bool read_only)
{
    const struct node *host = node_get(volume, KEY("hostPath")), *secret = node_get(volume, KEY("secret"));
    const struct node *map = node_get(volume, KEY("configMap")), *claim = node_get(volume, KEY("persistentVolumeClaim"));
    const struct node *sources = node_get(node_get(volume, KEY("projected")), KEY("sources"));
    if (node_is(host, NODE_MAP))
        return put(f, FACT_HOST_PATH, host, container, node_get_str(host, KEY("path")), where, read_only);
    if (node_is(secret, NODE_MAP))
        return put(f, FACT_SECRET_VOLUME, secret, container, node_get_str(secret, KEY("secretName")), where, read_only);
    if (node_is(map, NODE_MAP))
        return put(f, FACT_CONFIGMAP_VOLUME, map, container, node_get_str(map, KEY("name")), where, read_only);
    if (node_is(claim, NODE_MAP))
        return put(f, FACT_CLAIM_VOLUME, claim, container, node_get_str(claim, KEY("claimName")), where, read_only);
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
            TRY(put_volume(f, volume, node_get_str(&containers->items[i], KEY("name")), node_get_str(m, KEY("mountPath")),
                           is_true(node_get(m, KEY("readOnly")))));
        }
    }
    return ERR_OK;
}

err_code inventory_read_facts(struct inventory *v, const struct object *pod, uint32_t line, uint32_t *ret, struct err *e)
{
    struct facts f = {.v = v, .line = line, .e = e};
    const struct node *spec = node_get(pod->root, KEY("spec")), *at;
    const struct node *security = node_get(spec, KEY("securityContext"));
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
    for (unsigned l = 0; l < 3; l++)
        for (uint32_t i = 0; node_is(lists[l], NODE_LIST) && i < lists[l]->n; i++)
            TRY(read_container(&f, security, &lists[l]->items[i]));
    const struct node *volumes = node_get(spec, KEY("volumes")), *pull = node_get(spec, KEY("imagePullSecrets"));
    for (uint32_t i = 0; node_is(volumes, NODE_LIST) && i < volumes->n; i++) {
        uint32_t n = 0;
        for (unsigned l = 0; l < 3; l++)
            TRY(read_mounts(&f, &volumes->items[i], lists[l], &n));
        if (n == 0)
            TRY(put_volume(&f, &volumes->items[i], S(""), S(""), false));
    }
    for (uint32_t i = 0; node_is(pull, NODE_LIST) && i < pull->n; i++)
        TRY(put(&f, FACT_PULL_SECRET, &pull->items[i], S(""), node_get_str(&pull->items[i], KEY("name")), S(""), false));
    return rows_put(&v->facts, (const uint32_t *)(const void *)f.rows, f.n * FACT_WORDS, ret, e);
}
