#include "base/limits.h"
#include "policy/worker_priv.h"

// Decision semantics of kube-apiserver: pkg/admission/plugin/policy/validating/validator.go and
// plugin/webhook/matchconditions/matcher.go. A third value is ours: what only a cluster knows makes a
// result not-assessed, unless the rest decides without it.

// The expressions of one phase share a budget.
struct budget {
    uint64_t left;
    bool spent;
};
#define OUT_OF_BUDGET                                                                              \
    "validation failed due to running out of cost budget, no further validation rules will be run"

static struct value run(struct policy_worker *w, const struct expr *x, struct budget *b)
{
    w->run.cost = 0;
    w->run.cost_limit = LIMIT_CEL_COST;
    w->variable_cost = 0;
    struct value v = cel_eval(x->program, &w->run);
    uint64_t cost = w->run.cost + w->variable_cost;
    if (cost > b->left)
        b->spent = true;
    else
        b->left -= cost;
    if (v.kind == CEL_ERROR && v.error->fatal && str_eq(v.error->message, S("out of memory")))
        w->full = true;
    return v;
}

// A new set of expressions: its variables are paid for anew.
static struct budget begin(struct policy_worker *w, uint64_t budget)
{
    w->evaluation = ++w->clock;
    return (struct budget){.left = budget};
}

// What ran out of its budget would do so again.
static const struct expr *blamable(struct value v, const struct expr *x)
{
    return v.error->fatal ? NULL : x;
}

static str error_text(struct policy_worker *w, const struct expr *x, struct value v)
{
    return arena_printf(w->a, "expression '%.*s' resulted in error: %.*s", STR_FMT(x->source),
                        STR_FMT(v.error->message));
}

// ---- results ----

static err_code blame(struct policy_worker *w, const struct expr *x, const struct value *known,
                      const struct verdict *v, struct err *e)
{
    struct cel_blame b = {.nodes = w->blamed, .cap = MOST_PLACES};
    if (x) {
        w->run.cost = 0;
        w->run.cost_limit = 2 * LIMIT_CEL_COST; // it computes variables again
        cel_blame(x->program, &w->run, known, &b);
    }
    return report_verdict(w, v, b.nodes, b.n, e);
}

// Fails at what decided in `x`, whose value is `known` or not (NULL); x NULL: as a whole. Where it is open whether
// the policy applies at all, so is the failure.
static err_code fail(struct policy_worker *w, const struct decision *d, const struct expr *x,
                     const struct value *known, str message, str reason, struct err *e)
{
    struct verdict v = {d->rule, FINDING_FAIL, message, reason, d->by_error};
    if (d->open.n) {
        v.status = FINDING_NOT_ASSESSED;
        v.reason = S("");
        v.message = arena_printf(w->a, "%.*s (if the policy applies: %.*s)", STR_FMT(message),
                                 STR_FMT(d->open));
    } else {
        report_applied(w, d->rule);
    }
    if (!v.message.p)
        return policy_arena_full(w->a, e);
    return blame(w, x, known, &v, e);
}

static err_code not_assessed(struct policy_worker *w, const struct decision *d,
                             const struct expr *x, str message, struct err *e)
{
    const struct verdict v = {d->rule, FINDING_NOT_ASSESSED, message, S(""), d->by_error};
    if (!message.p)
        return policy_arena_full(w->a, e);
    return blame(w, x, NULL, &v, e);
}

// What failurePolicy makes of an error. Ignored by the API server is not the same as passed.
static err_code fail_by_error(struct policy_worker *w, const struct decision *d,
                              const struct expr *x, str message, struct err *e)
{
    struct decision by_error = *d;
    by_error.by_error = true;
    if (!message.p)
        return policy_arena_full(w->a, e);
    if (!d->policy->ignore_errors)
        return fail(w, &by_error, x, NULL, message, S("Invalid"), e);
    return not_assessed(w, &by_error, x,
                        d->policy->cross ? message
                                           : arena_printf(w->a, "%.*s (failurePolicy: Ignore lets it pass)",
                                                          STR_FMT(message)),
                        e);
}

err_code decide_misconfigured(struct policy_worker *w, const struct decision *d, str message,
                              struct err *e)
{
    return fail_by_error(w, d, NULL, message, e);
}

// "request.userInfo and authorizer are not known without a cluster"
static str unknown_text(struct policy_worker *w, struct value v)
{
    const struct cel_unknown *u = v.unknown;
    str text = S("");
    for (uint32_t i = 0; i < u->n && text.p; i++)
        text = arena_printf(w->a, "%.*s%s%.*s", STR_FMT(text),
                            i == 0              ? ""
                            : i + 1 == u->n ? " and "
                                            : ", ",
                            STR_FMT(u->names[i]));
    if (!text.p)
        return text;
    return arena_printf(w->a, "%.*s %s not known without a cluster", STR_FMT(text),
                        u->n == 1 ? "is" : "are");
}

static struct value merge(struct policy_worker *w, struct value all, struct value more)
{
    return all.kind == CEL_UNKNOWN ? value_unknown_merge(w->a, all, more) : more;
}

// ---- matchConditions ----

enum applies { APPLIES_NOT, APPLIES, APPLIES_PERHAPS, APPLIES_ERROR };

struct conditions {
    struct value unknown; // merged, where its kind says so
    const struct expr *failed; // the first that failed
    str errors;
    uint32_t n_errors;
};

static err_code add_error(struct policy_worker *w, struct conditions *c,
                          const struct expr *blamed, const struct expr *x, struct value v,
                          struct err *e)
{
    str text = error_text(w, x, v);
    c->errors = c->n_errors ? arena_printf(w->a, "%.*s, %.*s", STR_FMT(c->errors), STR_FMT(text))
                            : text;
    c->n_errors++;
    c->failed = c->n_errors > 1 ? c->failed : blamed;
    return c->errors.p ? ERR_OK : policy_arena_full(w->a, e);
}

static err_code match_conditions(struct policy_worker *w, const struct policy *p,
                                 struct conditions *c, enum applies *ret, struct err *e)
{
    struct budget b = begin(w, LIMIT_CEL_COST_MATCH);
    w->slots[SLOT_NAMESPACE] = value_null();
    *ret = APPLIES;
    for (uint32_t i = 0; i < p->n_conditions; i++) {
        const struct expr *x = p->conditions[i].expr;
        struct value v = run(w, x, &b);
        if (b.spent) {
            *c = (struct conditions){.errors = S(OUT_OF_BUDGET), .n_errors = 1};
            *ret = APPLIES_ERROR;
            return ERR_OK;
        }
        if (v.kind == CEL_BOOL && !v.b) {
            *ret = APPLIES_NOT;
            return ERR_OK;
        }
        if (v.kind == CEL_ERROR)
            TRY(add_error(w, c, blamable(v, x), x, v, e));
        if (v.kind == CEL_UNKNOWN)
            c->unknown = merge(w, c->unknown, v);
    }
    if (c->n_errors > 1)
        c->errors = arena_printf(w->a, "[%.*s]", STR_FMT(c->errors));
    *ret = c->unknown.kind == CEL_UNKNOWN ? APPLIES_PERHAPS : c->n_errors ? APPLIES_ERROR : APPLIES;
    return ERR_OK;
}

// ---- messages ----

// A messageExpression's result where it is usable, else an empty str.
static str usable(struct value v)
{
    if (v.kind != CEL_STRING)
        return S("");
    str text = str_trim(value_text(v));
    if (text.n > LIMIT_MESSAGE || (text.n && memchr(text.p, '\n', text.n)))
        return S("");
    return text;
}

// The most an expression can cost, its variables included that were not counted yet: its limit, and what one
// operation may go beyond it. Of variables that were computed the cost is known.
static uint64_t most(struct policy_worker *w, const struct expr *x, uint64_t count)
{
    uint64_t cost = 2 * LIMIT_CEL_COST;
    for (uint32_t i = 0; i < x->n_variables; i++) {
        struct memo *m = &w->memos[x->variables[i]];
        const struct expr *v = w->set->variables[x->variables[i]].expr;
        if (!v || m->counted == count)
            continue;
        m->counted = count;
        cost += most(w, v, count);
        if (m->at == (v->needs_params ? w->params_at : w->subject_at))
            cost -= 2 * LIMIT_CEL_COST - m->cost;
    }
    return cost;
}

// kube-apiserver evaluates every messageExpression, also of what passed, and an exhausted budget turns all
// into errors. That can only happen where the budget is smaller than all of them could cost together; else
// only failures pay for their message.
static bool could_run_out(struct policy_worker *w, const struct policy *p, const struct budget *b)
{
    uint64_t cost = 0, count = ++w->clock;
    if (p->own && w->idle_keys.known) // our messages of an object of ordinary size: they do not
        return false;
    for (uint32_t i = 0; i < p->n_validations; i++)
        if (p->validations[i].message_expr)
            cost += most(w, p->validations[i].message_expr, count);
    return cost > b->left;
}

static bool messages_run_out(struct policy_worker *w, const struct policy *p, struct budget b)
{
    for (uint32_t i = 0; i < p->n_validations && !b.spent; i++)
        if (p->validations[i].message_expr)
            (void)run(w, p->validations[i].message_expr, &b);
    return b.spent;
}

// ---- validations ----

// Does nobody ask what it says, and where? Places still decide between policies of which one stands in for another.
static bool is_brief(const struct policy_worker *w, const struct policy *p)
{
    return w->sink->verdicts_only && !p->n_stronger && !p->overrides.n;
}

static err_code judge(struct policy_worker *w, const struct decision *d, const struct value *results,
                      struct budget *b, struct err *e)
{
    const struct policy *p = d->policy;
    struct value unknown = value_null();
    const struct expr *first_unknown = NULL;
    *b = begin(w, b->left);
    bool spent = could_run_out(w, p, b) && messages_run_out(w, p, *b);
    for (uint32_t i = 0; i < p->n_validations; i++) {
        const struct validation *v = &p->validations[i];
        struct value r = results[i];
        if (r.kind == CEL_UNKNOWN) {
            unknown = merge(w, unknown, r);
            first_unknown = first_unknown ? first_unknown : v->expr;
        } else if (r.kind == CEL_ERROR) {
            TRY(fail_by_error(w, d, blamable(r, v->expr), error_text(w, v->expr, r), e));
        } else if (spent) {
            TRY(fail_by_error(w, d, NULL, S("failed messageExpression: " OUT_OF_BUDGET), e));
        } else if (r.kind != CEL_BOOL || !r.b) {
            bool brief = is_brief(w, p);
            str message = v->message_expr && !brief ? usable(run(w, v->message_expr, b)) : S("");
            TRY(fail(w, d, brief ? NULL : v->expr, &r, message.n ? message : v->message, v->reason, e));
        }
    }
    if (first_unknown)
        TRY(not_assessed(w, d, first_unknown, unknown_text(w, unknown), e));
    return ERR_OK;
}

// All true, which is what nearly always happens?
static bool all_true(struct policy_worker *w, const struct policy *p, struct value *results,
                     struct budget *b)
{
    bool good = true;
    for (uint32_t i = 0; i < p->n_validations; i++) {
        results[i] = run(w, p->validations[i].expr, b);
        if (b->spent)
            return false;
        good &= results[i].kind == CEL_BOOL && results[i].b;
    }
    return good;
}

// An audit annotation has no place in a report, but one that cannot be computed denies the request.
static err_code audit(struct policy_worker *w, const struct decision *d, struct err *e)
{
    const struct policy *p = d->policy;
    struct budget b = begin(w, LIMIT_CEL_COST_POLICY);
    for (uint32_t i = 0; i < p->n_annotations; i++) {
        const struct expr *x = p->annotations[i].expr;
        struct value v = run(w, x, &b);
        if (b.spent)
            return fail_by_error(w, d, NULL, S(OUT_OF_BUDGET), e);
        if (v.kind == CEL_ERROR)
            TRY(fail_by_error(w, d, blamable(v, x), error_text(w, x, v), e));
    }
    return ERR_OK;
}

// Has the policy looked at anything? To pass where it has not is no news.
static bool means_something(struct policy_worker *w, const struct policy *p, struct budget *b)
{
    if (!p->applies)
        return true;
    struct value v = run(w, p->applies, b);
    return v.kind != CEL_BOOL || v.b;
}

static err_code evaluate(struct policy_worker *w, const struct decision *d, struct err *e)
{
    enum { FEW = 16 };
    const struct policy *p = d->policy;
    __attribute__((uninitialized)) struct value few[FEW];
    struct value *results = few;
    struct budget b = begin(w, LIMIT_CEL_COST_POLICY);
    w->slots[SLOT_NAMESPACE] = w->ns;
    if (p->n_validations > FEW)
        TRY_NEW(results, w->a, p->n_validations, e);
    if (all_true(w, p, results, &b)) {
        if (!d->open.n && means_something(w, p, &b))
            report_applied(w, d->rule);
        if (could_run_out(w, p, &b))
            TRY(judge(w, d, results, &b, e));
    } else if (b.spent) {
        return fail_by_error(w, d, NULL, S(OUT_OF_BUDGET), e);
    } else {
        TRY(judge(w, d, results, &b, e));
    }
    return p->n_annotations ? audit(w, d, e) : ERR_OK;
}

err_code decide_policy(struct policy_worker *w, const struct decision *d, struct err *e)
{
    struct decision with_conditions = *d;
    enum applies applies = APPLIES;
    struct conditions c = {.errors = S("")};
    if (d->policy->n_conditions)
        TRY(match_conditions(w, d->policy, &c, &applies, e));
    switch (applies) {
    case APPLIES_NOT:
        return ERR_OK;
    case APPLIES_ERROR:
        if (!c.errors.p)
            return policy_arena_full(w->a, e);
        return fail_by_error(w, d, c.failed, c.errors, e);
    case APPLIES_PERHAPS:
        with_conditions.open = unknown_text(w, c.unknown);
        if (!with_conditions.open.p)
            return policy_arena_full(w->a, e);
        if (c.n_errors)
            return not_assessed(w, d, c.failed, with_conditions.open, e);
        return evaluate(w, &with_conditions, e);
    case APPLIES:
        break;
    }
    return evaluate(w, d, e);
}
