#include "cel/type.h"

#include "cel/type_priv.h"

static const struct cel_type simple[] = {
#define KIND(name, text, what) {.kind = CEL_##name},
#include "cel/kinds.def"
#undef KIND
    {.kind = CEL_DYN},
};

const struct cel_type *type_simple(enum cel_kind k)
{
    return &simple[k <= CEL_DYN ? k : CEL_DYN];
}

static const struct cel_type *new_type(struct arena *a, enum cel_kind kind, const struct cel_type *p0,
                                       const struct cel_type *p1)
{
    struct cel_type *t = arena_alloc(a, 1, sizeof *t, _Alignof(struct cel_type));
    if (t)
        *t = (struct cel_type){.kind = kind, .params = {p0, p1}};
    return t;
}

const struct cel_type *type_list(struct arena *a, const struct cel_type *of)
{
    return new_type(a, CEL_LIST, of, NULL);
}

const struct cel_type *type_map(struct arena *a, const struct cel_type *key,
                                const struct cel_type *value)
{
    return new_type(a, CEL_MAP, key, value);
}

const struct cel_type *type_optional(struct arena *a, const struct cel_type *of)
{
    return new_type(a, CEL_OPTIONAL, of, NULL);
}

const struct cel_type *type_type(struct arena *a, const struct cel_type *of)
{
    return new_type(a, CEL_TYPE, of, NULL);
}

// A type holds two parameters; more hang in a nameless tail.
const struct cel_type *type_abstract(struct arena *a, str name, const struct cel_type *const *params,
                                     uint32_t n)
{
    struct cel_type *t = arena_alloc(a, 1, sizeof *t, _Alignof(struct cel_type));
    if (!t)
        return NULL;
    *t = (struct cel_type){.kind = CEL_OBJECT, .name = name};
    for (uint32_t i = 0; i < n && i < 2; i++)
        t->params[i] = params[i];
    if (n <= 2)
        return t;
    t->params[1] = type_abstract(a, S(""), params + 1, n - 1);
    return t->params[1] ? t : NULL;
}

const struct cel_type *type_parameter(uint32_t i)
{
    static const struct cel_type parameters[] = {
        {.kind = CEL_PARAM, .param = 0}, {.kind = CEL_PARAM, .param = 1}, {.kind = CEL_PARAM, .param = 2}};
    return i < 3 ? &parameters[i] : type_simple(CEL_DYN);
}

bool type_equal(const struct cel_type *a, const struct cel_type *b)
{
    if (a == b)
        return true;
    if (a->kind != b->kind)
        return false;
    if (a->kind == CEL_PARAM)
        return a->param == b->param;
    if (a->kind == CEL_OBJECT && !str_eq(a->name, b->name))
        return false;
    for (unsigned i = 0; i < 2; i++) {
        const struct cel_type *x = a->params[i], *y = b->params[i];
        if (!x != !y || (x && !type_equal(x, y)))
            return false;
    }
    return true;
}

// cel-go's names in diagnostics: short for the two time types, parameters in parentheses.
void type_print(struct buf *out, const struct cel_type *t)
{
    switch ((unsigned)t->kind) {
    case CEL_DYN:
        buf_put(out, S("dyn"));
        break;
    case CEL_NULL:
        buf_put(out, S("null"));
        break;
    case CEL_TIMESTAMP:
        buf_put(out, S("timestamp"));
        break;
    case CEL_DURATION:
        buf_put(out, S("duration"));
        break;
    case CEL_OBJECT:
        buf_put(out, t->name);
        break;
    case CEL_PARAM:
        buf_printf(out, "_var%u", t->param);
        break;
    default:
        buf_put(out, str_of(cel_kind_name(t->kind)));
    }
    if (!t->params[0] || out->failed)
        return;
    bool tail = t->kind == CEL_OBJECT && t->name.n == 0;
    if (!tail)
        buf_putc(out, '(');
    type_print(out, t->params[0]);
    if (t->params[1]) {
        buf_put(out, S(", "));
        type_print(out, t->params[1]);
    }
    if (!tail)
        buf_putc(out, ')');
}

str type_text(struct arena *a, const struct cel_type *t)
{
    OWN_BUF struct buf b = buf_new(4096);
    type_print(&b, t);
    str text = arena_dup(a, buf_str(&b));
    return text.p ? text : S("?");
}

const struct cel_type *type_field(const struct cel_type *object, str name)
{
    for (uint32_t i = 0; i < object->n_fields; i++)
        if (str_eq(object->fields[i].name, name))
            return object->fields[i].type;
    return NULL;
}

// Kubernetes' two typed variables (apiserver pkg/admission/plugin/cel/compile.go, BuildRequestType and
// BuildNamespaceType): a subset of the wire types; what is left out cannot be named in a policy.
static const struct cel_type string = {.kind = CEL_STRING}, boolean = {.kind = CEL_BOOL},
                             integer = {.kind = CEL_INT}, dyn = {.kind = CEL_DYN},
                             timestamp = {.kind = CEL_TIMESTAMP},
                             strings = {.kind = CEL_LIST, .params = {&string}},
                             string_map = {.kind = CEL_MAP, .params = {&string, &string}},
                             strings_map = {.kind = CEL_MAP, .params = {&string, &strings}};

#define OBJECT(ident, type_name, ...)                                                              \
    static const struct cel_field ident##_fields[] = {__VA_ARGS__};                                \
    static const struct cel_type ident = {.kind = CEL_OBJECT,                                      \
                                          .name = {type_name, sizeof type_name - 1},               \
                                          .fields = ident##_fields,                                \
                                          .n_fields = sizeof ident##_fields / sizeof *ident##_fields}
#define FIELD(field_name, field_type) {{field_name, sizeof field_name - 1}, &field_type}

OBJECT(gvk, "kubernetes.GroupVersionKind", FIELD("group", string), FIELD("version", string),
       FIELD("kind", string));
OBJECT(gvr, "kubernetes.GroupVersionResource", FIELD("group", string), FIELD("version", string),
       FIELD("resource", string));
OBJECT(user_info, "kubernetes.UserInfo", FIELD("username", string), FIELD("uid", string),
       FIELD("groups", strings), FIELD("extra", strings_map));
OBJECT(namespace_spec, "kubernetes.NamespaceSpec", FIELD("finalizers", strings));
OBJECT(namespace_condition, "kubernetes.NamespaceCondition", FIELD("status", string),
       FIELD("type", string), FIELD("lastTransitionTime", timestamp), FIELD("message", string),
       FIELD("reason", string));
static const struct cel_type conditions = {.kind = CEL_LIST, .params = {&namespace_condition}};
OBJECT(namespace_status, "kubernetes.NamespaceStatus", FIELD("conditions", conditions),
       FIELD("phase", string));
OBJECT(namespace_metadata, "kubernetes.NamespaceMetadata", FIELD("name", string),
       FIELD("generateName", string), FIELD("namespace", string), FIELD("labels", string_map),
       FIELD("annotations", string_map), FIELD("UID", string), FIELD("creationTimestamp", timestamp),
       FIELD("deletionGracePeriodSeconds", integer), FIELD("deletionTimestamp", timestamp),
       FIELD("generation", integer), FIELD("resourceVersion", string), FIELD("finalizers", strings));

static const struct cel_field request_fields[] = {
    FIELD("kind", gvk),
    FIELD("resource", gvr),
    FIELD("subResource", string),
    FIELD("requestKind", gvk),
    FIELD("requestResource", gvr),
    FIELD("requestSubResource", string),
    FIELD("name", string),
    FIELD("namespace", string),
    FIELD("operation", string),
    FIELD("userInfo", user_info),
    FIELD("dryRun", boolean),
    FIELD("options", dyn),
};
const struct cel_type type_admission_request = {
    .kind = CEL_OBJECT,
    .name = {"kubernetes.AdmissionRequest", 27},
    .fields = request_fields,
    .n_fields = sizeof request_fields / sizeof *request_fields,
};

static const struct cel_field namespace_fields[] = {
    FIELD("metadata", namespace_metadata),
    FIELD("spec", namespace_spec),
    FIELD("status", namespace_status),
};
const struct cel_type type_namespace = {
    .kind = CEL_OBJECT,
    .name = {"kubernetes.Namespace", 20},
    .fields = namespace_fields,
    .n_fields = sizeof namespace_fields / sizeof *namespace_fields,
};

static const struct cel_type *const objects[] = {
    &type_admission_request, &type_namespace, &gvk,
    &gvr, &user_info, &namespace_spec, &namespace_condition, &namespace_status, &namespace_metadata,
};

const struct cel_type *type_object_named(str name)
{
    for (unsigned i = 0; i < sizeof objects / sizeof *objects; i++)
        if (str_eq(objects[i]->name, name))
            return objects[i];
    return NULL;
}
