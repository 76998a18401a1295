#include "cmd/cel_lines.h"

#include "base/limits.h"
#include "cel/typed.h"
#include "doc/json.h"
#include "doc/write.h"
#include "source/lines.h"

enum { MOST_VARIABLES = 64 };

struct line {
    struct arena *arena;
    const struct node *root;
    struct out *out;
    struct value slots[MOST_VARIABLES];
    uint32_t n;
};

static err_code declare(struct line *l, struct cel_env *env, str name, const struct cel_type *type,
                        struct err *e)
{
    uint32_t slot;
    const struct node *bindings = node_get(l->root, KEY("bindings"));
    const struct node *given = node_get(bindings, key_of(name));
    if (l->n == MOST_VARIABLES)
        return err_set(e, ERR_LIMIT, "more than %d variables", MOST_VARIABLES);
    TRY(cel_env_variable(env, name, type, &slot, e));
    l->slots[slot] = given ? typed_value(given, l->arena) : value_unknown(l->arena, name);
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
        const struct node *function = node_get(&types->items[i], KEY("function"));
        if (ident && name.n)
            TRY(declare(l, env, name, typed_type(node_get(ident, KEY("type")), NULL, l->arena), e));
        else if (function && name.n)
            TRY(typed_declare_function(env, name, function, l->arena, e));
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
        typed_value_print(b, v);
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
    if (node_get(l->root, KEY("type")) || is_true(l, "check_only")) {
        buf_put(b, S("\"type\": "));
        typed_type_print(b, cel_program_type(p));
        if (is_true(l, "check_only"))
            return ERR_OK;
        buf_put(b, S(", "));
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
    return rc;
}

err_code cel_lines_run(int fd, unsigned minor, struct out *out, struct err *e)
{
    OWN_ARENA struct arena a = {0};
    OWN_LINES struct lines in;
    lines_init(&in, fd, "standard input");
    TRY(arena_init(&a, "expression", LIMIT_DOC_ARENA, e));
    for (;;) {
        str text;
        bool more = false;
        if (!lines_ready(&in))
            out_flush_now(out);
        TRY(lines_next(&in, &text, &more, e));
        if (!more)
            return ERR_OK;
        struct diags d = {.arena = &a};
        struct line l = {.arena = &a, .out = out};
        if (str_trim(text).n == 0)
            continue;
        if (json_parse(text, 0, (uint32_t)text.n, &a, &l.root, &d, NULL) != ERR_OK ||
            !node_get_str(l.root, KEY("expr")).p) {
            buf_put(&out->b, S("{\"rejected\": \"the line is no JSON object with an 'expr'\"}\n"));
        } else {
            TRY(answer(&l, minor, e));
        }
        arena_reset(&a);
    }
}
