// compile: the steps of cel_compile in order, and what a program answers about itself.
#include "cel/ast.h"
#include "cel/env_priv.h"
#include "cel/lex.h"
#include "cel/report.h"
#include "cel/type_priv.h"

// The result has to be of exactly that type: dyn is not bool (apiserver pkg/admission/plugin/cel).
static err_code check_result(const struct cel_env *env, const struct cel_program *p,
                             const struct cel_type *want, struct arena *a, struct diags *d, struct err *e)
{
    if (!want || env->options.unchecked || type_equal(p->type, want))
        return ERR_OK;
    struct report r = {d, e, 0};
    str w = type_text(a, want), h = type_text(a, p->type);
    report_at(&r, 0, (uint32_t)p->source.n, "must evaluate to %.*s but got %.*s", STR_FMT(w), STR_FMT(h));
    return report_end(&r);
}

err_code cel_compile(struct cel_env *env, str source, const struct cel_type *want, struct arena *a,
                     const struct cel_program **ret, struct diags *d, struct err *e)
{
    struct cel_program *p;
    TRY_NEW(p, a, 1, e);
    p->source = arena_dup(a, source);
    if (!p->source.p)
        return err_set(e, ERR_LIMIT, "arena '%s' is full (%zu bytes)", a->name, a->cap);
    TRY(cel_parse(p->source, a, &p->root, d, e));
    TRY(cel_check(env, p, a, d, e));
    TRY(check_result(env, p, want, a, d, e));
    TRY(cel_fold(env, p, a, d, e));
    *ret = p;
    return ERR_OK;
}

const struct cel_type *cel_program_type(const struct cel_program *p)
{
    return p->type;
}

unsigned cel_program_since(const struct cel_program *p)
{
    return p->since;
}

// A field in backticks: cel-go's parser takes them from 0.29 on, whatever version the environment has.
enum { ESCAPED_FIELDS_MINOR = 37 };

static bool has_escaped_field(str source)
{
    struct lexer l = {.text = source};
    do
        lex_next(&l);
    while (l.token != TOKEN_END && l.token != TOKEN_BAD && l.token != TOKEN_ESCAPED);
    return l.token == TOKEN_ESCAPED;
}

unsigned cel_program_needs(const struct cel_program *p)
{
    unsigned needs = p->since ? p->since + 1 : 0;
    if (needs < ESCAPED_FIELDS_MINOR && has_escaped_field(p->source))
        needs = ESCAPED_FIELDS_MINOR;
    return needs;
}
