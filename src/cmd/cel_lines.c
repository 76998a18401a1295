#include "cmd/cel_lines.h"

#include "base/limits.h"
#include "cel/typed.h"
#include "cmd/json_lines.h"
#include "doc/write.h"

enum { MOST_VARIABLES = 64 };

struct line {
    struct arena *arena;
    const struct node *root;
    struct buf *out;
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
    struct buf *b = l->out;
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

// ctx: the minor version.
static err_code answer(void *ctx, const struct node *question, struct arena *a, struct buf *out, struct err *e)
{
    struct line l = {.arena = a, .root = question, .out = out};
    str container = node_get_str(question, KEY("container"));
    struct cel_env_options o = {.kubernetes_minor = *(const unsigned *)ctx,
                                .unchecked = is_true(&l, "disable_check"),
                                .container = container.p ? container : S("")};
    struct cel_env *env = NULL;
    if (!node_get_str(question, KEY("expr")).p) {
        put_text(out, "rejected", S("the line is no JSON object with an 'expr'"));
        return ERR_OK;
    }
    TRY(cel_env_new(&o, a, &env, e));
    err_code rc = declare_all(&l, env, e);
    if (rc == ERR_OK)
        rc = evaluate(&l, env, e);
    cel_env_free(env);
    return rc;
}

err_code cel_lines_run(unsigned kubernetes_minor, struct out *out, struct err *e)
{
    return json_lines_run(answer, &kubernetes_minor, out, e);
}
