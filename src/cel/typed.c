#include "cel/typed.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/base64.h"
#include "cel/number.h"
#include "cel/value_priv.h"
#include "doc/write.h"

// Reading values.

static struct value read_list(const struct node *n, struct arena *a)
{
    struct value *items = arena_alloc(a, n->n, sizeof *items, _Alignof(struct value));
    if (!items)
        return value_fatal("out of memory");
    for (uint32_t i = 0; i < n->n; i++) {
        items[i] = typed_value(&n->items[i], a);
        if (items[i].kind == CEL_ERROR)
            return items[i];
    }
    return (struct value){.kind = CEL_LIST, .n = n->n, .items = items};
}

static struct value read_map(const struct node *n, struct arena *a)
{
    struct value_builder b;
    if (!value_builder_init(&b, a, n->n))
        return value_fatal("out of memory");
    for (uint32_t i = 0; i < n->n; i++) {
        const struct node *pair = &n->items[i];
        if (pair->kind != NODE_LIST || pair->n != 2)
            return value_error(a, "an entry of a map is [key, value]");
        struct entry e = {typed_value(&pair->items[0], a), typed_value(&pair->items[1], a)};
        if (e.key.kind == CEL_ERROR || e.value.kind == CEL_ERROR)
            return e.key.kind == CEL_ERROR ? e.key : e.value;
        if (!value_is_key(e.key))
            return value_error(a, "a key of a map is an int, uint, bool or string");
        value_builder_set(&b, e);
    }
    return value_builder_done(&b);
}

// [seconds, nanoseconds]
static struct value read_time(enum cel_kind kind, const struct node *n, struct arena *a)
{
    if (n->kind != NODE_LIST || n->n != 2 || n->items[0].kind != NODE_INT || n->items[1].kind != NODE_INT)
        return value_error(a, "a time is [seconds, nanoseconds]");
    int64_t seconds = n->items[0].i, nanos = n->items[1].i, all = 0;
    if (kind == CEL_TIMESTAMP && nanos >= 0 && nanos < 1000000000)
        return (struct value){.kind = CEL_TIMESTAMP, .i = seconds, .n = (uint32_t)nanos};
    if (kind == CEL_TIMESTAMP || __builtin_mul_overflow(seconds, 1000000000, &all) ||
        __builtin_add_overflow(all, nanos, &all))
        return value_error(a, "a time is out of range");
    return (struct value){.kind = CEL_DURATION, .i = all};
}

// Numbers stand as text, and so do true and false.
static struct value read_text(str kind, str text, struct arena *a)
{
    str copy = arena_dup(a, text); // NUL-ended
    char *end = NULL;
    struct value v = {0};
    if (!copy.p)
        return value_fatal("out of memory");
    errno = 0;
    if (str_eq(kind, S("int")))
        v = value_int(strtoll(copy.p, &end, 10));
    else if (str_eq(kind, S("uint")))
        v = value_uint(strtoull(copy.p, &end, 10));
    else if (str_eq(kind, S("double")))
        return value_double(strtod(copy.p, &end));
    else if (str_eq(kind, S("bool")))
        return value_bool(str_eq(text, S("true")));
    else
        return value_error(a, "values of type '%.*s' cannot be given", STR_FMT(kind));
    return errno || *end || end == copy.p ? value_error(a, "'%.*s' is no %.*s", STR_FMT(text), STR_FMT(kind)) : v;
}

struct value typed_value(const struct node *n, struct arena *a)
{
    if (n->kind != NODE_MAP || n->n != 1)
        return value_error(a, "a value is {\"TYPE\": ...}");
    str kind = member_key(&n->members[0]), bytes;
    const struct node *v = &n->members[0].value;
    if (str_eq(kind, S("json")))
        return value_of_node(v);
    if (str_eq(kind, S("null")))
        return value_null();
    if (str_eq(kind, S("string")) && v->kind == NODE_STRING)
        return value_str(node_str(v));
    if (str_eq(kind, S("bytes")) && v->kind == NODE_STRING && base64_decode(node_str(v), a, &bytes))
        return (struct value){.kind = CEL_BYTES, .n = (uint32_t)bytes.n, .s = bytes.p};
    if (str_eq(kind, S("bool")) && v->kind == NODE_BOOL)
        return value_bool(v->b);
    if (str_eq(kind, S("list")) && v->kind == NODE_LIST)
        return read_list(v, a);
    if (str_eq(kind, S("map")) && v->kind == NODE_LIST)
        return read_map(v, a);
    if (str_eq(kind, S("timestamp")))
        return read_time(CEL_TIMESTAMP, v, a);
    if (str_eq(kind, S("duration")))
        return read_time(CEL_DURATION, v, a);
    if (v->kind == NODE_STRING)
        return read_text(kind, node_str(v), a);
    return value_error(a, "values of type '%.*s' cannot be given", STR_FMT(kind));
}

// Printing values.

static void put_failure(struct buf *out, struct value v)
{
    if (v.kind == CEL_ERROR) {
        buf_put(out, S("{\"error\": "));
        write_json_string(out, v.error->message);
    } else {
        buf_put(out, S("{\"unknown\": ["));
        for (uint32_t i = 0; i < v.unknown->n; i++) {
            buf_put(out, i ? S(", ") : S(""));
            write_json_string(out, v.unknown->names[i]);
        }
        buf_putc(out, ']');
    }
    buf_putc(out, '}');
}

static void put_tag(struct buf *out, const char *tag)
{
    buf_printf(out, "{\"%s\": ", tag);
}

static void put_text(struct buf *out, const char *tag, str s)
{
    put_tag(out, tag);
    write_json_string(out, s);
    buf_putc(out, '}');
}

static void put_double(struct buf *out, double d)
{
    char text[NUMBER_G];
    put_text(out, "double",
                         isfinite(d) ? (str){text, number_format_g(text, d)} : cel_value_special_double(d));
}

static void put_list(struct buf *out, struct value v)
{
    uint32_t n = value_list_size(v);
    put_tag(out, "list");
    buf_putc(out, '[');
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            buf_put(out, S(", "));
        typed_value_print(out, value_list_at(v, i));
    }
    buf_put(out, S("]}"));
}

static void put_map(struct buf *out, struct value v)
{
    uint32_t n = value_map_size(v);
    put_tag(out, "map");
    buf_putc(out, '[');
    for (uint32_t i = 0; i < n; i++) {
        struct entry e = value_map_at(v, i);
        buf_put(out, i ? S(", [") : S("["));
        typed_value_print(out, e.key);
        buf_put(out, S(", "));
        typed_value_print(out, e.value);
        buf_putc(out, ']');
    }
    buf_put(out, S("]}"));
}

static const char *opaque_tag(uint8_t kind)
{
    switch (kind) {
    case CEL_QUANTITY:
        return "quantity";
    case CEL_IP:
        return "ip";
    case CEL_CIDR:
        return "cidr";
    case CEL_URL:
        return "url";
    case CEL_SEMVER:
        return "semver";
    default:
        return "format";
    }
}

static void put_time(struct buf *out, struct value v)
{
    if (v.kind == CEL_TIMESTAMP)
        buf_printf(out, "{\"timestamp\": [%lld, %u]}", (long long)v.i, v.n);
    else
        buf_printf(out, "{\"duration\": [%lld, %lld]}", (long long)(v.i / 1000000000),
                   (long long)(v.i % 1000000000));
}

void typed_value_print(struct buf *out, struct value v)
{
    switch (v.kind) {
    case CEL_NULL:
        buf_put(out, S("{\"null\": \"NULL_VALUE\"}"));
        break;
    case CEL_BOOL:
        put_text(out, "bool", v.b ? S("true") : S("false"));
        break;
    case CEL_INT:
        buf_printf(out, "{\"int\": \"%lld\"}", (long long)v.i);
        break;
    case CEL_UINT:
        buf_printf(out, "{\"uint\": \"%llu\"}", (unsigned long long)v.u);
        break;
    case CEL_DOUBLE:
        put_double(out, v.d);
        break;
    case CEL_STRING:
        put_text(out, "string", value_text(v));
        break;
    case CEL_BYTES:
        buf_put(out, S("{\"bytes\": \""));
        base64_put(out, value_text(v));
        buf_put(out, S("\"}"));
        break;
    case CEL_LIST:
        put_list(out, v);
        break;
    case CEL_MAP:
    case CEL_OBJECT:
        put_map(out, v);
        break;
    case CEL_TYPE:
        put_text(out, "type", value_type_denoted(v));
        break;
    case CEL_TIMESTAMP:
    case CEL_DURATION:
        put_time(out, v);
        break;
    case CEL_OPTIONAL:
        put_tag(out, "optional");
        if (v.some)
            typed_value_print(out, *v.some);
        else
            buf_put(out, S("null"));
        buf_putc(out, '}');
        break;
    case CEL_ERROR:
    case CEL_UNKNOWN:
        put_failure(out, v);
        break;
    default:
        put_tag(out, opaque_tag(v.kind));
        cel_value_put_opaque(out, v);
        buf_putc(out, '}');
    }
}

// Types.

static const struct {
    str tag, name;
    enum cel_kind kind;
} simple[] = {
    {S_INIT("primitive"), S_INIT("BOOL"), CEL_BOOL},
    {S_INIT("primitive"), S_INIT("INT64"), CEL_INT},
    {S_INIT("primitive"), S_INIT("UINT64"), CEL_UINT},
    {S_INIT("primitive"), S_INIT("DOUBLE"), CEL_DOUBLE},
    {S_INIT("primitive"), S_INIT("STRING"), CEL_STRING},
    {S_INIT("primitive"), S_INIT("BYTES"), CEL_BYTES},
    {S_INIT("null"), S_INIT("NULL_VALUE"), CEL_NULL},
    {S_INIT("message_type"), S_INIT("google.protobuf.Timestamp"), CEL_TIMESTAMP},
    {S_INIT("message_type"), S_INIT("google.protobuf.Duration"), CEL_DURATION},
    {S_INIT("well_known"), S_INIT("TIMESTAMP"), CEL_TIMESTAMP},
    {S_INIT("well_known"), S_INIT("DURATION"), CEL_DURATION},
};
enum { SIMPLE = sizeof simple / sizeof *simple, MOST_OVERLOADS = 16 };

// What stands alone where there is one, and as a list where there are several.
static const struct node *one_or_many(const struct node *n, uint32_t *ret_n)
{
    *ret_n = !n ? 0 : n->kind == NODE_LIST ? n->n : 1;
    return n && n->kind == NODE_LIST ? n->items : n;
}

static const struct cel_type *parameter(str name, struct typed_names *names)
{
    uint32_t i = 0;
    while (names && i < names->n && !str_eq(names->names[i], name))
        i++;
    if (!names || i == TYPED_PARAMETERS)
        return type_simple(CEL_DYN);
    if (i == names->n)
        names->names[names->n++] = name;
    return type_parameter(i);
}

static const struct cel_type *abstract(const struct node *n, struct typed_names *names, struct arena *a)
{
    const struct cel_type *of[CEL_SIGNATURE_ARGS] = {0};
    uint32_t count;
    const struct node *given = one_or_many(node_get(n, KEY("parameter_types")), &count);
    for (uint32_t i = 0; i < count && i < CEL_SIGNATURE_ARGS; i++)
        if (!(of[i] = typed_type(&given[i], names, a)))
            return NULL;
    str name = node_get_str(n, KEY("name"));
    if (str_eq(name, S("optional_type")))
        return type_optional(a, count ? of[0] : type_simple(CEL_DYN));
    return type_abstract(a, name, of, count < CEL_SIGNATURE_ARGS ? count : CEL_SIGNATURE_ARGS);
}

const struct cel_type *typed_type(const struct node *n, struct typed_names *names, struct arena *a)
{
    for (unsigned i = 0; i < SIMPLE; i++)
        if (str_eq(node_get_str(n, key_of(simple[i].tag)), simple[i].name))
            return type_simple(simple[i].kind);
    const struct node *list = node_get(n, KEY("list_type")), *map = node_get(n, KEY("map_type"));
    const struct node *other = node_get(n, KEY("abstract_type"));
    str name = node_get_str(n, KEY("type_param"));
    if (name.p)
        return parameter(name, names);
    if (other)
        return abstract(other, names, a);
    const struct cel_type *x = NULL, *y = NULL;
    if (list) {
        x = typed_type(node_get(list, KEY("elem_type")), names, a);
        return x ? type_list(a, x) : NULL;
    }
    if (map) {
        x = typed_type(node_get(map, KEY("key_type")), names, a);
        y = typed_type(node_get(map, KEY("value_type")), names, a);
        return x && y ? type_map(a, x, y) : NULL;
    }
    return type_simple(CEL_DYN);
}

static void put_abstract(struct buf *out, const struct cel_type *t)
{
    const struct cel_type *at = t;
    str name = t->kind == CEL_OPTIONAL ? S("optional_type") : t->name;
    buf_put(out, S("{\"abstract_type\": {\"name\": "));
    write_json_string(out, name);
    if (t->params[0]) {
        buf_put(out, S(", \"parameter_types\": "));
        buf_put(out, t->params[1] ? S("[") : S(""));
        while (at) { // a nameless tail holds what is more than two
            typed_type_print(out, at->params[0]);
            const struct cel_type *next = at->params[1];
            bool tail = next && next->kind == CEL_OBJECT && next->name.n == 0;
            if (next)
                buf_put(out, S(", "));
            if (next && !tail)
                typed_type_print(out, next);
            at = tail ? next : NULL;
        }
        buf_put(out, t->params[1] ? S("]") : S(""));
    }
    buf_put(out, S("}}"));
}

void typed_type_print(struct buf *out, const struct cel_type *t)
{
    for (unsigned i = 0; i < SIMPLE; i++) {
        if (simple[i].kind == t->kind) {
            put_text(out, simple[i].tag.p, simple[i].name);
            return;
        }
    }
    switch ((unsigned)t->kind) {
    case CEL_LIST:
        buf_put(out, S("{\"list_type\": {\"elem_type\": "));
        typed_type_print(out, t->params[0] ? t->params[0] : type_simple(CEL_DYN));
        buf_put(out, S("}}"));
        break;
    case CEL_MAP:
        buf_put(out, S("{\"map_type\": {\"key_type\": "));
        typed_type_print(out, t->params[0] ? t->params[0] : type_simple(CEL_DYN));
        buf_put(out, S(", \"value_type\": "));
        typed_type_print(out, t->params[1] ? t->params[1] : type_simple(CEL_DYN));
        buf_put(out, S("}}"));
        break;
    case CEL_TYPE:
        buf_put(out, S("{\"type\": "));
        typed_type_print(out, t->params[0] ? t->params[0] : type_simple(CEL_DYN));
        buf_putc(out, '}');
        break;
    case CEL_OPTIONAL:
        put_abstract(out, t);
        break;
    case CEL_OBJECT:
        if (t->n_fields)
            put_text(out, "message_type", t->name);
        else
            put_abstract(out, t);
        break;
    case CEL_DYN:
    case CEL_PARAM:
        buf_put(out, S("{\"dyn\": {}}"));
        break;
    default: // a library's own kind
        buf_printf(out, "{\"abstract_type\": {\"name\": \"%s\"}}", cel_kind_name(t->kind));
    }
}

err_code typed_declare_function(struct cel_env *env, str name, const struct node *function,
                                struct arena *a, struct err *e)
{
    struct cel_signature rows[MOST_OVERLOADS] = {0};
    uint32_t n;
    const struct node *overloads = one_or_many(node_get(function, KEY("overloads")), &n);
    if (n > MOST_OVERLOADS)
        return err_set(e, ERR_LIMIT, "function '%.*s' has more than %d overloads", STR_FMT(name), MOST_OVERLOADS);
    for (uint32_t i = 0; i < n; i++) {
        struct typed_names names = {0};
        struct cel_signature *s = &rows[i];
        const struct node *params = one_or_many(node_get(&overloads[i], KEY("params")), &s->n);
        const struct node *member = node_get(&overloads[i], KEY("is_instance_function"));
        s->member = member && member->kind == NODE_BOOL && member->b;
        if (s->n > CEL_SIGNATURE_ARGS)
            return err_set(e, ERR_LIMIT, "function '%.*s' has more than %d parameters", STR_FMT(name),
                           CEL_SIGNATURE_ARGS);
        bool full = false;
        for (uint32_t k = 0; k < s->n; k++)
            full |= !(s->args[k] = typed_type(&params[k], &names, a));
        s->result = typed_type(node_get(&overloads[i], KEY("result_type")), &names, a);
        if (full || !s->result)
            return err_set(e, ERR_LIMIT, "arena '%s' is full", a->name);
    }
    return cel_env_function(env, name, rows, n, e);
}
