#include "policy/policy_priv.h"

// What people ask of a loaded policy.

typedef void (*see)(void *ctx, const char *list, uint32_t i, const char *field, str name,
                    const struct expr *x);

static void each(const struct policy_set *s, const struct policy *p, see f, void *ctx)
{
    for (uint32_t i = 0; i < p->n_conditions; i++)
        f(ctx, "matchConditions", i, "expression", p->conditions[i].name, p->conditions[i].expr);
    for (uint32_t i = 0; i < p->n_variables; i++)
        f(ctx, "variables", i, "expression", s->variables[p->variables[i]].name,
          s->variables[p->variables[i]].expr);
    for (uint32_t i = 0; i < p->n_validations; i++) {
        f(ctx, "validations", i, "expression", S(""), p->validations[i].expr);
        if (p->validations[i].message_expr)
            f(ctx, "validations", i, "messageExpression", S(""), p->validations[i].message_expr);
    }
    for (uint32_t i = 0; i < p->n_annotations; i++)
        f(ctx, "auditAnnotations", i, "valueExpression", p->annotations[i].name,
          p->annotations[i].expr);
}

static void note_version(void *ctx, const char *list, uint32_t i, const char *field, str name,
                         const struct expr *x)
{
    unsigned *minor = ctx;
    (void)list, (void)i, (void)field, (void)name;
    unsigned needs = cel_program_needs(x->program);
    if (needs > *minor)
        *minor = needs;
}

err_code policy_set_facts(const struct policy_set *s, uint32_t rule, struct policy_facts *ret, struct err *e)
{
    const struct policy *p = s->active[rule];
    TRY(policy_prepare(s, rule, e));
    *ret = (struct policy_facts){.since_minor = p->since_minor};
    ret->level = p->pss == PSS_BASELINE ? S("baseline") : p->pss == PSS_RESTRICTED ? S("restricted") : S("");
    each(s, p, note_version, &ret->needs_minor);
    return ERR_OK;
}

static void explain(void *ctx, const char *list, uint32_t i, const char *field, str name,
                    const struct expr *x)
{
    struct buf *out = ctx;
    buf_printf(out, "\n%s[%u].%s", list, i, field);
    if (name.n)
        buf_printf(out, "  (%.*s)", STR_FMT(name));
    buf_putc(out, '\n');
    cel_program_explain(x->program, out);
}

err_code policy_set_explain(const struct policy_set *s, uint32_t rule, struct buf *out, struct err *e)
{
    TRY(policy_prepare(s, rule, e));
    each(s, s->active[rule], explain, out);
    return ERR_OK;
}
