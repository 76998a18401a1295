// fold: what cel-go does when kube-apiserver plans an expression with OptOptimize. Literals of
// constants are built once; conversions of constants are done, and one that fails refuses the
// expression, also where it would never be evaluated; constant patterns are compiled. Nothing else is
// folded: what is accepted depends on doing no more than that.
#include "cel/child.h"
#include "cel/env_priv.h"
#include "cel/report.h"
#include "cel/value_priv.h"

struct folder {
    struct cel_env *env;
    struct arena *arena;
    struct report r;
    err_code rc; // of what is no fault of the expression
    struct err *e;
};

static bool is_conversion(uint32_t fn)
{
    switch (fn) {
    case CEL_FN_type:
    case CEL_FN_dyn:
    case CEL_FN_to_bool:
    case CEL_FN_to_bytes:
    case CEL_FN_to_double:
    case CEL_FN_to_duration:
    case CEL_FN_to_int:
    case CEL_FN_to_string:
    case CEL_FN_to_timestamp:
    case CEL_FN_to_uint:
        return true;
    default:
        return false;
    }
}

static bool is_foldable(const struct cel_node *n)
{
    bool aggregate = n->op == CEL_OP_LIST || n->op == CEL_OP_MAP;
    if (aggregate && n->call.optional)
        return false;
    if (!aggregate && !(n->op == CEL_OP_CALL && n->n == 1 && is_conversion(n->fn)))
        return false;
    for (uint32_t i = 0; cel_child(n, i); i++)
        if (cel_child(n, i)->op != CEL_OP_LITERAL)
            return false;
    return true;
}

// Kubernetes' validators speak of literals, and in their own words; planning of what it computed.
static void report_conversion(struct folder *f, const struct cel_node *n, struct value v)
{
    const struct cel_node *arg = n->op == CEL_OP_CALL ? n->call.args[0] : n;
    bool validated = n->op == CEL_OP_CALL && !arg->unfolded && !f->env->options.unchecked &&
                     f->env->options.kubernetes_minor >= 29 &&
                     (n->fn == CEL_FN_to_duration || n->fn == CEL_FN_to_timestamp);
    str why = v.kind == CEL_ERROR ? v.error->message : S("no such overload");
    if (validated)
        report_at(&f->r, arg->start, arg->end, "invalid %.*s argument", STR_FMT(n->call.name));
    else
        report_at(&f->r, n->start, n->end, "%.*s", STR_FMT(why));
}

static bool is_list_of_keys(const struct cel_node *n)
{
    bool keys = n->type && n->type->kind == CEL_LIST && n->literal.kind == CEL_LIST;
    uint32_t size = keys ? value_list_size(n->literal) : 0;
    for (uint32_t i = 0; i < size; i++)
        keys = keys && value_is_key(value_list_at(n->literal, i));
    return keys;
}

static void fold_node(struct folder *f, struct cel_node *n)
{
    struct cel_program p = {.root = n, .type = n->type};
    struct cel_run run = {.arena = f->arena};
    struct value v = cel_eval(&p, &run);
    if (value_failed(v)) {
        if (v.kind == CEL_ERROR && str_starts(v.error->message, S("internal error: ")))
            report_at(&f->r, n->start, n->end, "%.*s", STR_FMT(v.error->message)); // the planner panics
        else if (v.kind == CEL_ERROR && v.error->fatal)
            f->rc = err_set(f->e, ERR_LIMIT, "%.*s", STR_FMT(v.error->message));
        else if (n->op == CEL_OP_CALL) // a map's bad key is an error of every evaluation, not of planning
            report_conversion(f, n, v);
        return;
    }
    struct cel_node *written = arena_alloc(f->arena, 1, sizeof *written, _Alignof(struct cel_node));
    if (!written) {
        f->rc = err_set(f->e, ERR_LIMIT, "arena '%s' is full", f->arena->name);
        return;
    }
    *written = *n;
    n->op = CEL_OP_LITERAL;
    n->literal = v;
    n->unfolded = written;
    if (is_list_of_keys(n))
        n->flags |= CEL_NODE_SET;
}

static const struct regex *compile(struct folder *f, str pattern, struct err *why)
{
    const struct regex *regex = NULL;
    if (!f->env->patterns)
        f->rc = regex_cache_new(0, &f->env->patterns, f->e);
    if (f->rc != ERR_OK)
        return NULL;
    err_code rc = f->env->trusted ? regex_cache_get_later(f->env->patterns, pattern, &regex, why)
                                  : regex_cache_get(f->env->patterns, pattern, &regex, why);
    return rc == ERR_OK ? regex : NULL;
}

// matches, find, findAll: the pattern is the second argument, the receiver counted.
static void fold_pattern(struct folder *f, struct cel_node *n)
{
    struct err why = {0};
    bool validated = n->fn == CEL_FN_matches && !f->env->options.unchecked &&
                     f->env->options.kubernetes_minor >= 29;
    const struct cel_node *text = n->call.args[0], *pattern = n->call.args[1];
    // the validator takes the first argument for the pattern, and in matches(text, pattern) it is not
    if (validated && !(n->flags & CEL_NODE_MEMBER) && text->op == CEL_OP_LITERAL && !text->unfolded &&
        text->literal.kind == CEL_STRING && !compile(f, value_text(text->literal), &why))
        report_at(&f->r, text->start, text->end, "invalid matches argument");
    if (pattern->op != CEL_OP_LITERAL || pattern->literal.kind != CEL_STRING)
        return;
    n->call.regex = compile(f, value_text(pattern->literal), &why);
    if (n->call.regex || f->rc != ERR_OK)
        return;
    if (validated && (n->flags & CEL_NODE_MEMBER) && !pattern->unfolded)
        report_at(&f->r, pattern->start, pattern->end, "invalid matches argument");
    else
        report_at(&f->r, pattern->start, pattern->end, "%s", why.msg);
}

// A constant that no list or map has for a key: the planner makes a qualifier of it and cannot.
static void fold_key(struct folder *f, const struct cel_node *n)
{
    const struct cel_node *key = n->call.args[1];
    if (key->op == CEL_OP_LITERAL && !value_is_key(key->literal))
        report_at(&f->r, key->start, key->end, "invalid qualifier type: %s",
                  cel_kind_name((enum cel_kind)key->literal.kind));
}

static void fold(struct folder *f, struct cel_node *n)
{
    for (uint32_t i = 0; cel_child(n, i) && f->rc == ERR_OK; i++)
        fold(f, cel_child(n, i));
    if (f->rc != ERR_OK || f->r.n)
        return;
    if (is_foldable(n))
        fold_node(f, n);
    else if (n->op == CEL_OP_CALL && n->n >= 2 &&
             (n->fn == CEL_FN_matches || n->fn == CEL_FN_find || n->fn == CEL_FN_find_all))
        fold_pattern(f, n);
    else if (n->op == CEL_OP_INDEX || n->op == CEL_OP_OPT_INDEX)
        fold_key(f, n);
}

err_code cel_fold(struct cel_env *env, struct cel_program *p, struct arena *a, struct diags *d,
                  struct err *e)
{
    struct folder f = {.env = env, .arena = a, .r = {d, e, 0}, .e = e};
    fold(&f, p->root);
    return f.rc != ERR_OK ? f.rc : report_end(&f.r);
}
