#include "cmd/cel_lines.h"

#include <stdlib.h>

#include "base/base64.h"
#include "base/limits.h"
#include "cel/cel.h"
#include "doc/json.h"
#include "doc/write.h"

enum { MOST_VARIABLES = 64 };

struct line {
    struct arena *arena;
    const struct node *root;
    struct out *out;
    struct value slots[MOST_VARIABLES];
    uint32_t n;
};

static const char *text_of(struct line *l, const struct node *n)
{
    str s = n && n->kind == NODE_STRING ? arena_dup(l->arena, node_str(n)) : (str){NULL, 0};
    return s.p ? s.p : "";
}

static struct value read_value(struct line *l, const struct node *n);

static struct value read_list(struct line *l, const struct node *n)
{
    struct value *items = arena_alloc(l->arena, n->n, sizeof *items, _Alignof(struct value));
    if (!items)
        return value_fatal("out of memory");
    for (uint32_t i = 0; i < n->n; i++)
        items[i] = read_value(l, &n->items[i]);
    return (struct value){.kind = CEL_LIST, .n = n->n, .items = items};
}

static struct value read_map(struct line *l, const struct node *n)
{
    struct entry *entries = arena_alloc(l->arena, n->n, sizeof *entries, _Alignof(struct entry));
    uint32_t kept = 0;
    if (!entries)
        return value_fatal("out of memory");
    for (uint32_t i = 0; i < n->n; i++)
        if (n->items[i].kind == NODE_LIST && n->items[i].n == 2)
            entries[kept++] = (struct entry){read_value(l, &n->items[i].items[0]),
                                             read_value(l, &n->items[i].items[1])};
    return (struct value){.kind = CEL_MAP, .n = kept, .entries = entries};
}

static struct value read_pair(struct value v, const struct node *n)
{
    if (n->kind == NODE_LIST && n->n == 2 && n->items[0].kind == NODE_INT && n->items[1].kind == NODE_INT) {
        int64_t seconds = n->items[0].i, nanos = n->items[1].i;
        v.i = v.kind == CEL_TIMESTAMP ? seconds : seconds * 1000000000 + nanos;
        v.n = v.kind == CEL_TIMESTAMP ? (uint32_t)nanos : 0;
    }
    return v;
}

// {"int": "1"}, {"list": [...]}, {"json": any}: the forms that answers have too.
static struct value read_value(struct line *l, const struct node *n)
{
    if (n->kind != NODE_MAP || n->n != 1)
        return value_error(l->arena, "a value is {\"TYPE\": ...}");
    const struct member *m = &n->members[0];
    str kind = member_key(m);
    const struct node *v = &m->value;
    const char *text = text_of(l, v);
    if (str_eq(kind, S("json")))
        return value_of_node(v);
    if (str_eq(kind, S("int")))
        return value_int(strtoll(text, NULL, 10));
    if (str_eq(kind, S("uint")))
        return value_uint(strtoull(text, NULL, 10));
    if (str_eq(kind, S("double")))
        return value_double(strtod(text, NULL));
    if (str_eq(kind, S("bool")))
        return value_bool(v->kind == NODE_BOOL ? v->b : !strcmp(text, "true"));
    if (str_eq(kind, S("null")))
        return value_null();
    if (str_eq(kind, S("string")) && v->kind == NODE_STRING)
        return value_str(node_str(v));
    str bytes;
    if (str_eq(kind, S("bytes")) && v->kind == NODE_STRING && base64_decode(node_str(v), l->arena, &bytes))
        return (struct value){.kind = CEL_BYTES, .n = (uint32_t)bytes.n, .s = bytes.p};
    if (str_eq(kind, S("list")) && v->kind == NODE_LIST)
        return read_list(l, v);
    if (str_eq(kind, S("map")) && v->kind == NODE_LIST)
        return read_map(l, v);
    if (str_eq(kind, S("timestamp")))
        return read_pair((struct value){.kind = CEL_TIMESTAMP}, v);
    if (str_eq(kind, S("duration")))
        return read_pair((struct value){.kind = CEL_DURATION}, v);
    return value_error(l->arena, "values of type '%.*s' cannot be given", STR_FMT(kind));
}

// A type as the conformance suite writes it; what is not known here is dyn.
static const struct cel_type *read_type(struct line *l, const struct node *n)
{
    static const struct {
        const char *name;
        enum cel_kind kind;
    } simple[] = {{"BOOL", CEL_BOOL},     {"INT64", CEL_INT},     {"UINT64", CEL_UINT},
                  {"DOUBLE", CEL_DOUBLE}, {"STRING", CEL_STRING}, {"BYTES", CEL_BYTES},
                  {"google.protobuf.Timestamp", CEL_TIMESTAMP},
                  {"google.protobuf.Duration", CEL_DURATION}};
    if (!node_is(n, NODE_MAP))
        return type_simple(CEL_DYN);
    str name = node_get_str(n, KEY("primitive"));
    name = name.p ? name : node_get_str(n, KEY("message_type"));
    for (unsigned i = 0; i < sizeof simple / sizeof *simple; i++)
        if (str_eq(name, str_of(simple[i].name)))
            return type_simple(simple[i].kind);
    if (node_get(n, KEY("null")))
        return type_simple(CEL_NULL);
    const struct node *list = node_get(n, KEY("list_type")), *map = node_get(n, KEY("map_type"));
    const struct cel_type *t = NULL;
    if (list)
        t = type_list(l->arena, read_type(l, node_get(list, KEY("elem_type"))));
    else if (map)
        t = type_map(l->arena, read_type(l, node_get(map, KEY("key_type"))),
                     read_type(l, node_get(map, KEY("value_type"))));
    return t ? t : type_simple(CEL_DYN);
}

static err_code declare(struct line *l, struct cel_env *env, str name, const struct cel_type *type,
                        struct err *e)
{
    uint32_t slot;
    const struct node *bindings = node_get(l->root, KEY("bindings"));
    const struct node *given = node_get(bindings, key_of(name));
    if (l->n == MOST_VARIABLES)
        return err_set(e, ERR_LIMIT, "more than %d variables", MOST_VARIABLES);
    TRY(cel_env_variable(env, name, type, &slot, e));
    l->slots[slot] = given ? read_value(l, given) : value_unknown(l->arena, name);
    l->n++;
    return ERR_OK;
}

static bool is_declared(const struct node *types, str name)
{
    for (uint32_t i = 0; node_is(types, NODE_LIST) && i < types->n; i++)
        if (str_eq(node_get_str(&types->items[i], KEY("name")), name))
            return true;
    return false;
}

static err_code declare_all(struct line *l, struct cel_env *env, struct err *e)
{
    const struct node *types = node_get(l->root, KEY("type_env"));
    const struct node *bindings = node_get(l->root, KEY("bindings"));
    for (uint32_t i = 0; node_is(types, NODE_LIST) && i < types->n; i++) {
        const struct node *ident = node_get(&types->items[i], KEY("ident"));
        str name = node_get_str(&types->items[i], KEY("name"));
        if (ident && name.n)
            TRY(declare(l, env, name, read_type(l, node_get(ident, KEY("type"))), e));
    }
    for (uint32_t i = 0; node_is(bindings, NODE_MAP) && i < bindings->n; i++)
        if (!is_declared(types, member_key(&bindings->members[i])))
            TRY(declare(l, env, member_key(&bindings->members[i]), type_simple(CEL_DYN), e));
    return ERR_OK;
}

static void put_text(struct buf *b, const char *what, str text)
{
    buf_printf(b, "\"%s\": ", what);
    write_json_string(b, text);
}

static void put_answer(struct buf *b, struct value v, uint64_t cost)
{
    if (v.kind == CEL_ERROR) {
        put_text(b, "error", v.error->message);
    } else if (v.kind == CEL_UNKNOWN) {
        buf_put(b, S("\"unknown\": ["));
        for (uint32_t i = 0; i < v.unknown->n; i++) {
            buf_put(b, i ? S(", ") : S(""));
            write_json_string(b, v.unknown->names[i]);
        }
        buf_putc(b, ']');
    } else {
        buf_put(b, S("\"value\": "));
        cel_value_print_typed(b, v);
    }
    buf_printf(b, ", \"cost\": %llu", (unsigned long long)cost);
}

static bool is_true(const struct line *l, const char *field)
{
    const struct node *n = node_get(l->root, key_of(str_of(field)));
    return n && n->kind == NODE_BOOL && n->b;
}

static err_code evaluate(struct line *l, struct cel_env *env, struct err *e)
{
    struct buf *b = &l->out->b;
    struct diags d = {.arena = l->arena};
    const struct cel_program *p = NULL;
    str source = node_get_str(l->root, KEY("expr"));
    err_code rc = cel_compile(env, source, NULL, l->arena, &p, &d, e);
    if (rc != ERR_OK) {
        put_text(b, "rejected", d.first ? d.first->message : e ? str_of(e->msg) : S(""));
        return ERR_OK;
    }
    if (is_true(l, "check_only")) {
        buf_put(b, S("\"type\": \""));
        type_print(b, cel_program_type(p));
        buf_putc(b, '"');
        return ERR_OK;
    }
    struct regex_cache *patterns = NULL;
    TRY(regex_cache_new(LIMIT_REGEX_CACHE, &patterns, e));
    struct cel_run run = {.arena = l->arena, .slots = l->slots, .cost_limit = LIMIT_CEL_COST, .patterns = patterns};
    struct value v = cel_eval(p, &run);
    put_answer(b, v, run.cost);
    regex_cache_free(patterns);
    return ERR_OK;
}

static err_code answer(struct line *l, unsigned minor, struct err *e)
{
    const struct node *id = node_get(l->root, KEY("id"));
    str container = node_get_str(l->root, KEY("container"));
    struct cel_env_options o = {.kubernetes_minor = minor,
                                .unchecked = is_true(l, "disable_check"),
                                .container = container.p ? container : S("")};
    struct cel_env *env = NULL;
    buf_putc(&l->out->b, '{');
    if (id) {
        buf_put(&l->out->b, S("\"id\": "));
        write_json(&l->out->b, id);
        buf_put(&l->out->b, S(", "));
    }
    TRY(cel_env_new(&o, l->arena, &env, e));
    err_code rc = declare_all(l, env, e);
    if (rc == ERR_OK)
        rc = evaluate(l, env, e);
    cel_env_free(env);
    buf_put(&l->out->b, S("}\n"));
    out_flush(l->out);
    return rc;
}

err_code cel_lines_run(str in, unsigned minor, struct out *out, struct err *e)
{
    OWN_ARENA struct arena a = {0};
    TRY(arena_init(&a, "expression", LIMIT_DOC_ARENA, e));
    while (in.p) {
        str text = str_cut(&in, '\n');
        struct diags d = {.arena = &a};
        struct line l = {.arena = &a, .out = out};
        if (str_trim(text).n == 0)
            continue;
        if (text.n > UINT32_MAX || json_parse(text, 0, (uint32_t)text.n, &a, &l.root, &d, NULL) != ERR_OK ||
            !node_get_str(l.root, KEY("expr")).p) {
            buf_put(&out->b, S("{\"rejected\": \"the line is no JSON object with an 'expr'\"}\n"));
        } else {
            TRY(answer(&l, minor, e));
        }
        arena_reset(&a);
    }
    return ERR_OK;
}
