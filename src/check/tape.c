#include "check/tape.h"

#include <strings.h>

#include "doc/node.h"

// First a byte: are there places? Then the object's name, and the root. One node: a byte of kind and flags; its place as the distance from the last one and its length; then what it holds.
// Numbers are varints of seven bits, low first; signed ones zigzag. A key is twice its length and itself, or twice its place in a
// table and one: an object is mostly keys. A text is four times its length, plus what it begins with, and the rest of it.

enum { KIND_BITS = 3 };

static const str common[] = {
#define TEXT(lit) {"" lit, sizeof(lit) - 1}
    TEXT("name"), TEXT("metadata"), TEXT("namespace"), TEXT("labels"), TEXT("spec"), TEXT("kind"), TEXT("apiVersion"), TEXT("template"),
    TEXT("containers"), TEXT("env"), TEXT("valueFrom"), TEXT("secretKeyRef"), TEXT("configMapKeyRef"), TEXT("key"), TEXT("ports"),
    TEXT("containerPort"), TEXT("protocol"), TEXT("volumes"), TEXT("configMap"), TEXT("secret"), TEXT("secretName"), TEXT("rules"),
    TEXT("apiGroups"), TEXT("resources"), TEXT("verbs"), TEXT("subjects"), TEXT("apiGroup"), TEXT("roleRef"), TEXT("matchLabels"),
    TEXT("podSelector"), TEXT("port"), TEXT("serviceAccountName"), TEXT("selector"), TEXT("type"), TEXT("resourceNames"),
    TEXT("namespaceSelector"), TEXT("ingress"), TEXT("egress"), TEXT("from"), TEXT("to"), TEXT("policyTypes"), TEXT("app"),
    TEXT("app.kubernetes.io/name"), TEXT("app.kubernetes.io/instance"), TEXT("app.kubernetes.io/version"),
    TEXT("app.kubernetes.io/component"), TEXT("app.kubernetes.io/part-of"), TEXT("app.kubernetes.io/managed-by"), TEXT("helm.sh/chart"),
    TEXT("annotations"), TEXT("targetPort"), TEXT("jobTemplate"), TEXT("replicas"), TEXT("automountServiceAccountToken"),
    TEXT("ownerReferences"), TEXT("initContainers"), TEXT("matchExpressions"), TEXT("operator"), TEXT("values"),
#undef TEXT
};
enum { COMMON = sizeof common / sizeof *common };

// What texts begin with: nothing, the object's name (labels, selectors, what belongs to it), what roles and bindings are full of.
enum { BEGIN_NONE, BEGIN_NAME, BEGIN_RBAC, BEGINNINGS, BEGIN_BITS = 2 };
static const str rbac_group = {"rbac.authorization.k8s.io", 25};

struct writer {
    str begin[BEGINNINGS];
    struct arena *arena;
    unsigned char *p;
    uint32_t n, cap;
    uint32_t last; // place
    const struct tape_keys *keys;
    bool places;
    bool full;
};

static unsigned char *room(struct writer *w, uint32_t n)
{
    if (w->full)
        return NULL;
    if (w->cap - w->n < n) {
        uint32_t cap = w->cap * 2 + n;
        unsigned char *more = arena_alloc(w->arena, cap, 1, 1);
        if (!more) {
            w->full = true;
            return NULL;
        }
        memcpy(more, w->p, w->n);
        w->p = more;
        w->cap = cap;
    }
    return w->p + w->n;
}

static void put_number(struct writer *w, uint64_t v)
{
    unsigned char *at = room(w, 10), *p = at;
    if (!at)
        return;
    for (; v >= 0x80; v >>= 7)
        *p++ = (unsigned char)(v | 0x80);
    *p++ = (unsigned char)v;
    w->n += (uint32_t)(p - at);
}

static void put_signed(struct writer *w, int64_t v)
{
    put_number(w, (uint64_t)v << 1 ^ (uint64_t)(v >> 63));
}

static void put_text(struct writer *w, str s)
{
    unsigned begin = BEGINNINGS - 1;
    while (begin && (!w->begin[begin].n || !str_starts(s, w->begin[begin])))
        begin--;
    s = str_skip(s, w->begin[begin].n);
    put_number(w, (uint64_t)s.n << BEGIN_BITS | begin);
    unsigned char *at = room(w, (uint32_t)s.n);
    if (at && s.n) {
        memcpy(at, s.p, s.n);
        w->n += (uint32_t)s.n;
    }
}

void tape_keys_init(struct tape_keys *k)
{
    *k = (struct tape_keys){0};
    for (uint32_t i = 0; i < COMMON; i++) {
        uint8_t at = (uint8_t)hash_key(common[i]);
        while (k->slots[at])
            at++;
        k->slots[at] = (uint8_t)(i + 1);
    }
}

static void put_key(struct writer *w, const struct member *m)
{
    str key = member_key(m);
    for (uint8_t at = (uint8_t)m->hash; w->keys->slots[at]; at++)
        if (str_eq(common[w->keys->slots[at] - 1], key)) {
            put_number(w, (w->keys->slots[at] - 1ull) << 1 | 1);
            return;
        }
    put_number(w, (uint64_t)key.n << 1);
    unsigned char *at = room(w, (uint32_t)key.n);
    if (at && key.n) {
        memcpy(at, key.p, key.n);
        w->n += (uint32_t)key.n;
    }
}

static void put_place(struct writer *w, uint32_t start, uint32_t end)
{
    if (!w->places)
        return;
    put_signed(w, (int64_t)start - (int64_t)w->last);
    put_signed(w, (int64_t)end - (int64_t)start);
    w->last = start;
}

static void put_head(struct writer *w, const struct node *n)
{
    unsigned char *at = room(w, 1);
    uint8_t flags = (uint8_t)((n->flags & 7) | (n->flags & NODE_NULLS ? 8 : 0));
    if (!at)
        return;
    *at = (unsigned char)(n->kind | flags << KIND_BITS);
    w->n++;
    put_place(w, n->start, n->end);
}

// ---- what is kept

enum keep { KEEP_ALL, KEEP_TOP, KEEP_HEAD, KEEP_WORKLOAD, KEEP_MAKER, KEEP_METADATA, KEEP_ANNOTATIONS, KEEP_POD, KEEP_CONTAINERS, KEEP_CONTAINER, KEEP_ENV, KEEP_ARGUMENTS, KEEP_LIVE, KEEP_STATUS, KEEP_NOT };

static bool is_one_of(str key, const char *const *list)
{
    for (; *list; list++)
        if (key.n && **list == *key.p && str_eq(key, str_of(*list)))
            return true;
    return false;
}

// What becomes of a member of a map that is kept in this way.
static enum keep keep_member(enum keep of, const struct member *m)
{
    static const char *const pod[] = {"serviceAccountName", "serviceAccount", "automountServiceAccountToken", "hostNetwork", "nodeName",
                                      "volumes", "imagePullSecrets", "runtimeClassName", "priorityClassName", NULL};
    static const char *const container[] = {"name", "envFrom", "ports", NULL};
    static const char *const head[] = {"apiVersion", "kind", "type", "immutable", NULL};
    static const char *const addresses[] = {"podIP", "podIPs", "addresses", NULL}; // of Pods and Nodes
    str key = member_key(m);
    switch (of) {
    case KEEP_LIVE:
        return str_eq(key, S("status")) ? KEEP_STATUS : keep_member(KEEP_TOP, m);
    case KEEP_STATUS:
        return is_one_of(key, addresses) ? KEEP_ALL : KEEP_NOT;
    case KEEP_HEAD:
        if (str_eq(key, S("status")))
            return KEEP_STATUS;
        return str_eq(key, S("metadata")) ? KEEP_METADATA : is_one_of(key, head) ? KEEP_ALL : KEEP_NOT;
    case KEEP_TOP:
        return str_eq(key, S("metadata")) ? KEEP_METADATA : str_eq(key, S("status")) ? KEEP_NOT : KEEP_ALL;
    case KEEP_WORKLOAD:
        return str_eq(key, S("metadata")) ? KEEP_METADATA
               : str_eq(key, S("spec"))   ? KEEP_MAKER
               : str_eq(key, S("status")) ? KEEP_NOT
                                          : KEEP_ALL;
    case KEEP_MAKER:
        return str_eq(key, S("template")) || str_eq(key, S("jobTemplate")) || str_eq(key, S("replicas")) ? KEEP_ALL : KEEP_NOT;
    case KEEP_METADATA:
        return str_eq(key, S("managedFields")) ? KEEP_NOT : str_eq(key, S("annotations")) ? KEEP_ANNOTATIONS : KEEP_ALL;
    case KEEP_ANNOTATIONS:
        return m->value.n <= 256 ? KEEP_ALL : KEEP_NOT;
    case KEEP_POD:
        if (str_eq(key, S("containers")) || str_eq(key, S("initContainers")) || str_eq(key, S("ephemeralContainers")))
            return KEEP_CONTAINERS;
        return is_one_of(key, pod) ? KEEP_ALL : KEEP_NOT;
    case KEEP_CONTAINER:
        if (str_eq(key, S("env")))
            return KEEP_ENV;
        if (str_eq(key, S("args")) || str_eq(key, S("command")))
            return KEEP_ARGUMENTS;
        return is_one_of(key, container) ? KEEP_ALL : KEEP_NOT;
    case KEEP_CONTAINERS:
    case KEEP_ENV:
    case KEEP_ARGUMENTS:
    case KEEP_ALL:
    case KEEP_NOT:
        break;
    }
    return KEEP_ALL;
}

// Does the text speak of a ConfigMap or a Secret, as "--tcp-services-configmap=ns/name" does? In whatever case.
static bool speaks_of_them(const struct node *n)
{
    static const str words[] = {{"secret", 6}, {"configmap", 9}, {"config-map", 10}, {"config_map", 10}};
    enum { LONGEST = 512, WORDS = sizeof words / sizeof *words };
    for (uint32_t i = 0; node_is(n, NODE_STRING) && n->n <= LONGEST && i < n->n; i++) {
        char c = (char)(n->s[i] | 0x20);
        for (unsigned w = 0; (c == 's' || c == 'c') && w < WORDS; w++)
            if (n->n - i >= words[w].n && strncasecmp(n->s + i, words[w].p, words[w].n) == 0)
                return true;
    }
    return false;
}

// Something in a Pod's environment that comes from a ConfigMap or a Secret.
static bool is_reference(const struct node *item)
{
    const struct node *from = node_get(item, KEY("valueFrom"));
    return from && (node_get(from, KEY("secretKeyRef")) || node_get(from, KEY("configMapKeyRef")));
}

// An item of a list that is kept in this way: of the environment what refers to something or is named for it, of arguments
// what speaks of it, and what follows such a flag.
static bool keep_item(const struct node *list, uint32_t i, enum keep how)
{
    const struct node *item = &list->items[i], *before = i ? &list->items[i - 1] : NULL;
    if (how == KEEP_ENV)
        return is_reference(item) || speaks_of_them(node_get(item, KEY("name")));
    if (how != KEEP_ARGUMENTS || speaks_of_them(item))
        return true;
    return before && before->kind == NODE_STRING && before->n && before->s[0] == '-' && !memchr(before->s, '=', before->n) &&
           node_is(item, NODE_STRING) && item->n <= 253 && speaks_of_them(before);
}

static void put(struct writer *w, const struct node *n, enum keep how);

static void put_map(struct writer *w, const struct node *n, enum keep how)
{
    uint32_t kept = 0;
    if (how == KEEP_ALL && node_is(node_get(n, KEY("containers")), NODE_LIST))
        how = KEEP_POD;
    for (uint32_t i = 0; i < n->n; i++)
        kept += how == KEEP_ALL || keep_member(how, &n->members[i]) != KEEP_NOT;
    put_number(w, kept);
    for (uint32_t i = 0; i < n->n; i++) {
        const struct member *m = &n->members[i];
        enum keep inner = how == KEEP_ALL ? KEEP_ALL : keep_member(how, m);
        if (inner == KEEP_NOT)
            continue;
        put_key(w, m);
        put_place(w, m->key_start, m->key_end);
        put(w, &m->value, inner);
    }
}

static void put(struct writer *w, const struct node *n, enum keep how)
{
    static const struct node nothing = {.kind = NODE_NULL};
    unsigned char *at;
    put_head(w, n);
    switch ((enum node_kind)n->kind) {
    case NODE_NULL:
        break;
    case NODE_BOOL:
        put_number(w, n->b);
        break;
    case NODE_INT:
        put_signed(w, n->i);
        break;
    case NODE_DOUBLE:
        at = room(w, sizeof n->d);
        if (at) {
            memcpy(at, &n->d, sizeof n->d);
            w->n += (uint32_t)sizeof n->d;
        }
        break;
    case NODE_STRING:
        put_text(w, node_str(n));
        break;
    case NODE_LIST:
        put_number(w, n->n);
        for (uint32_t i = 0; i < n->n; i++)
            put(w, keep_item(n, i, how) ? &n->items[i] : &nothing,
                how == KEEP_CONTAINERS ? KEEP_CONTAINER : KEEP_ALL);
        break;
    case NODE_MAP:
        put_map(w, n, how);
        break;
    }
}

static enum keep keep_object(const struct object *o)
{
    static const char *const heads[] = {"ConfigMap", "Secret", "Node", NULL};
    static const char *const makers[] = {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", NULL};
    static const char *const nothing[] = {"Event", "CustomResourceDefinition", "Lease", "ControllerRevision", NULL};
    // What the installations of Istio and Linkerd were told: a line or two of it counts for all Pods.
    static const char *const meshes[] = {"istio", "linkerd-config", NULL};
    if (is_one_of(o->kind, nothing))
        return KEEP_NOT;
    if (o->group.n == 0 && str_eq(o->kind, S("ConfigMap")) && is_one_of(o->name, meshes))
        return KEEP_TOP;
    if ((str_eq(o->group, S("apps")) || str_eq(o->group, S("batch"))) && is_one_of(o->kind, makers))
        return KEEP_WORKLOAD;
    if (o->group.n == 0 && str_eq(o->kind, S("Pod")))
        return KEEP_LIVE;
    return o->group.n == 0 && is_one_of(o->kind, heads) ? KEEP_HEAD : KEEP_TOP;
}

err_code tape_write(const struct object *o, bool places, const struct tape_keys *keys, struct arena *scratch, struct arena *a,
                    struct tape *ret, struct err *e)
{
    enum keep how = keep_object(o);
    unsigned char few[2048], *kept;
    struct writer w = {.arena = scratch, .p = few, .cap = sizeof few, .places = places, .keys = keys};
    *ret = (struct tape){NULL, 0};
    if (how == KEEP_NOT)
        return ERR_OK;
    few[w.n++] = places;
    put_text(&w, o->name);
    w.begin[BEGIN_NAME] = o->name;
    w.begin[BEGIN_RBAC] = rbac_group;
    put(&w, o->root, how);
    if (w.full)
        return err_set(e, ERR_LIMIT, "arena '%s' is full (%zu bytes)", scratch->name, scratch->cap);
    TRY_NEW(kept, a, w.n, e);
    memcpy(kept, w.p, w.n);
    *ret = (struct tape){kept, w.n};
    return ERR_OK;
}

// ---- reading

struct reader {
    const unsigned char *p, *end;
    struct arena *arena;
    str begin[BEGINNINGS];
    uint32_t last;
    bool places, bad;
};

static uint64_t get_number(struct reader *r)
{
    uint64_t v = 0;
    for (unsigned shift = 0; r->p < r->end && shift < 64; shift += 7) {
        unsigned char c = *r->p++;
        v |= (uint64_t)(c & 0x7f) << shift;
        if (c < 0x80)
            return v;
    }
    r->bad = true;
    return 0;
}

static int64_t get_signed(struct reader *r)
{
    uint64_t v = get_number(r);
    return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

static void get_place(struct reader *r, uint32_t *ret_start, uint32_t *ret_end)
{
    *ret_start = *ret_end = 0;
    if (!r->places)
        return;
    r->last = (uint32_t)((int64_t)r->last + get_signed(r));
    *ret_start = r->last;
    *ret_end = (uint32_t)((int64_t)r->last + get_signed(r));
}

static str take(struct reader *r, uint64_t n)
{
    if (n > (uint64_t)(r->end - r->p)) {
        r->bad = true;
        return S("");
    }
    str s = {(const char *)r->p, (size_t)n};
    r->p += n;
    return s;
}

static str get_text(struct reader *r)
{
    uint64_t n = get_number(r);
    unsigned begin = n & ((1u << BEGIN_BITS) - 1);
    str rest = take(r, n >> BEGIN_BITS), first = begin < BEGINNINGS ? r->begin[begin] : S("");
    r->bad = r->bad || begin >= BEGINNINGS;
    if (!first.n || !rest.n)
        return first.n ? first : rest;
    char *both = arena_alloc(r->arena, first.n + rest.n, 1, 1);
    if (!both) {
        r->bad = true;
        return S("");
    }
    memcpy(both, first.p, first.n);
    memcpy(both + first.n, rest.p, rest.n);
    return (str){both, first.n + rest.n};
}

static str get_key(struct reader *r)
{
    uint64_t n = get_number(r);
    if (!(n & 1))
        return take(r, n >> 1);
    r->bad = r->bad || n >> 1 >= COMMON;
    return r->bad ? S("") : common[n >> 1];
}

static void get(struct reader *r, struct node *ret, unsigned depth);

static void get_list(struct reader *r, struct node *n, unsigned depth)
{
    uint64_t count = get_number(r);
    struct node *items = count <= (uint64_t)(r->end - r->p) ? arena_alloc(r->arena, (size_t)count, sizeof *items, _Alignof(struct node)) : NULL;
    r->bad = r->bad || (count && !items);
    n->n = r->bad ? 0 : (uint32_t)count;
    n->items = items;
    for (uint32_t i = 0; i < n->n && !r->bad; i++)
        get(r, &items[i], depth);
}

static void get_map(struct reader *r, struct node *n, unsigned depth)
{
    uint64_t count = get_number(r);
    struct member *members =
        count <= (uint64_t)(r->end - r->p) ? arena_alloc(r->arena, (size_t)count, sizeof *members, _Alignof(struct member)) : NULL;
    r->bad = r->bad || (count && !members);
    n->n = r->bad ? 0 : (uint32_t)count;
    n->members = members;
    for (uint32_t i = 0; i < n->n && !r->bad; i++) {
        struct member *m = &members[i];
        str key = get_key(r);
        m->key = key.p;
        m->key_n = (uint32_t)key.n;
        m->hash = hash_key(key);
        get_place(r, &m->key_start, &m->key_end);
        get(r, &m->value, depth);
    }
}

static void get(struct reader *r, struct node *ret, unsigned depth)
{
    enum { DEEPEST = 10000 }; // documents are limited before: LIMIT_DOC_DEPTH
    unsigned char head = r->p < r->end ? *r->p++ : 0xff;
    unsigned flags = head >> KIND_BITS;
    *ret = (struct node){.kind = head & 7, .flags = (uint8_t)((flags & 7) | (flags & 8 ? NODE_NULLS : 0))};
    r->bad = r->bad || head == 0xff || depth > DEEPEST;
    if (r->bad)
        return;
    get_place(r, &ret->start, &ret->end);
    switch ((enum node_kind)ret->kind) {
    case NODE_NULL:
        break;
    case NODE_BOOL:
        ret->b = get_number(r);
        break;
    case NODE_INT:
        ret->i = get_signed(r);
        break;
    case NODE_DOUBLE:
        r->bad = r->end - r->p < (ptrdiff_t)sizeof ret->d;
        if (!r->bad) {
            memcpy(&ret->d, r->p, sizeof ret->d);
            r->p += sizeof ret->d;
        }
        break;
    case NODE_STRING: {
        str s = get_text(r);
        ret->s = s.p;
        ret->n = (uint32_t)s.n;
        break;
    }
    case NODE_LIST:
        get_list(r, ret, depth + 1);
        break;
    case NODE_MAP:
        get_map(r, ret, depth + 1);
        break;
    }
}

err_code tape_read(struct tape t, struct arena *a, const struct node **ret, struct err *e)
{
    struct reader r = {.p = t.bytes, .end = t.bytes + t.n, .arena = a};
    struct node *root;
    TRY_NEW(root, a, 1, e);
    r.places = r.p < r.end && *r.p++;
    r.begin[BEGIN_NAME] = get_text(&r);
    r.begin[BEGIN_RBAC] = rbac_group;
    get(&r, root, 0);
    if (r.bad)
        return err_set(e, ERR_INTERNAL, "an object's record cannot be read: memory is short, or it is damaged");
    *ret = root;
    return ERR_OK;
}
