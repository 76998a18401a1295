#include "cel/unify.h"

#include "cel/type_priv.h"

static bool step(struct unify *u)
{
    if (u->steps < UNIFY_STEPS)
        u->steps++;
    else
        u->full = true;
    return !u->full;
}

static bool grow(struct unify *u, void **array, uint32_t *cap, uint32_t n, size_t size)
{
    if (n < *cap)
        return true;
    uint32_t bigger = *cap ? 2 * *cap : 16;
    void *p = arena_alloc(u->arena, bigger, size, _Alignof(void *));
    if (!p) {
        u->full = true;
        return false;
    }
    if (n)
        memcpy(p, *array, n * size);
    *array = p;
    *cap = bigger;
    return true;
}

const struct cel_type *unify_var(struct unify *u)
{
    struct cel_type *t = arena_alloc(u->arena, 1, sizeof *t, _Alignof(struct cel_type));
    void *bound = (void *)u->bound;
    if (!t || !grow(u, &bound, &u->cap_vars, u->n_vars, sizeof *u->bound)) {
        u->full = true;
        return type_simple(CEL_DYN);
    }
    u->bound = bound;
    u->bound[u->n_vars] = NULL;
    *t = (struct cel_type){.kind = CEL_PARAM, .param = u->n_vars++};
    return t;
}

// A copy of t with other parameters, or t itself where they are the same.
static const struct cel_type *with_params(struct unify *u, const struct cel_type *t,
                                          const struct cel_type *p0, const struct cel_type *p1)
{
    if (p0 == t->params[0] && p1 == t->params[1])
        return t;
    struct cel_type *copy = arena_alloc(u->arena, 1, sizeof *copy, _Alignof(struct cel_type));
    if (!copy) {
        u->full = true;
        return type_simple(CEL_DYN);
    }
    *copy = *t;
    copy->params[0] = p0;
    copy->params[1] = p1;
    return copy;
}

const struct cel_type *unify_instance(struct unify *u, const struct cel_type *t,
                                      const struct cel_type *const vars[3])
{
    if (t->kind == CEL_PARAM)
        return vars[t->param];
    if (!t->params[0])
        return t;
    return with_params(u, t, unify_instance(u, t->params[0], vars),
                       t->params[1] ? unify_instance(u, t->params[1], vars) : NULL);
}

static const struct cel_type *find(const struct unify *u, const struct cel_type *t)
{
    return t->kind == CEL_PARAM ? u->bound[t->param] : NULL;
}

static void bind(struct unify *u, const struct cel_type *var, const struct cel_type *to)
{
    void *log = u->log;
    if (!grow(u, &log, &u->cap_log, u->n_log, sizeof *u->log))
        return;
    u->log = log;
    u->log[u->n_log++] = (struct unify_undo){var->param, u->bound[var->param]};
    u->bound[var->param] = to;
}

static bool is_dyn(const struct cel_type *t)
{
    return (unsigned)t->kind == CEL_DYN;
}

static bool is_dyn_or_error(const struct cel_type *t)
{
    return is_dyn(t) || t->kind == CEL_ERROR;
}

bool unify_equal(struct unify *u, const struct cel_type *a, const struct cel_type *b)
{
    if (a == b)
        return true;
    if (!step(u) || a->kind != b->kind)
        return false;
    if (a->kind == CEL_PARAM)
        return a->param == b->param;
    if (a->kind == CEL_OBJECT && !str_eq(a->name, b->name))
        return false;
    for (unsigned i = 0; i < 2; i++) {
        const struct cel_type *x = a->params[i], *y = b->params[i];
        if (!x != !y || (x && !unify_equal(u, x, y)))
            return false;
    }
    return true;
}

// a is the same as b, or says less (dyn, a variable) where they differ.
static bool less_specific(struct unify *u, const struct cel_type *a, const struct cel_type *b)
{
    if (!step(u) || a == b)
        return true;
    if (is_dyn(a) || a->kind == CEL_PARAM)
        return true;
    if (is_dyn(b) || b->kind == CEL_PARAM || a->kind != b->kind)
        return false;
    if (a->kind == CEL_TYPE)
        return true;
    if (!a->params[0])
        return unify_equal(u, a, b);
    return less_specific(u, a->params[0], b->params[0]) &&
           (!a->params[1] || less_specific(u, a->params[1], b->params[1]));
}

const struct cel_type *unify_general(struct unify *u, const struct cel_type *a,
                                     const struct cel_type *b)
{
    return less_specific(u, a, b) ? a : b;
}

// The occurs check: var stands nowhere in t.
static bool absent(struct unify *u, const struct cel_type *var, const struct cel_type *t)
{
    if (!step(u))
        return false;
    if (t->kind == CEL_PARAM) {
        if (t->param == var->param)
            return false;
        const struct cel_type *to = find(u, t);
        return !to || absent(u, var, to);
    }
    return (!t->params[0] || absent(u, var, t->params[0])) &&
           (!t->params[1] || absent(u, var, t->params[1]));
}

static bool assignable(struct unify *u, const struct cel_type *from, const struct cel_type *to);

// May var (or what it stands for) be t? *ret_bound: var had a meaning.
static bool substitutes(struct unify *u, const struct cel_type *t, const struct cel_type *var,
                        bool *ret_bound)
{
    *ret_bound = true;
    if (t->kind == var->kind && unify_equal(u, t, var))
        return true;
    const struct cel_type *to = find(u, var);
    if (to) {
        if (t->kind == to->kind && unify_equal(u, t, to))
            return true;
        if (!assignable(u, t, to))
            return false;
        const struct cel_type *general = unify_general(u, t, to);
        if (absent(u, var, general))
            bind(u, var, general);
        return true;
    }
    *ret_bound = false;
    if (!absent(u, var, t))
        return false;
    bind(u, var, t);
    return true;
}

// null fits message-like and abstract types, as in cel-go's first checker.
static bool nullable(const struct cel_type *t)
{
    switch ((unsigned)t->kind) {
    case CEL_NULL:
    case CEL_TIMESTAMP:
    case CEL_DURATION:
    case CEL_OPTIONAL:
    case CEL_OBJECT:
        return true;
    default:
        return t->kind >= CEL_QUANTITY && t->kind <= CEL_DECISION;
    }
}

static bool assignable(struct unify *u, const struct cel_type *from, const struct cel_type *to)
{
    bool bound;
    if (!step(u) || from == to)
        return !u->full;
    if (to->kind == CEL_PARAM) {
        if (substitutes(u, from, to, &bound))
            return true;
        if (bound)
            return false;
    }
    if (from->kind == CEL_PARAM)
        return substitutes(u, to, from, &bound);
    if (is_dyn_or_error(from) || is_dyn_or_error(to))
        return true;
    if (from->kind == CEL_NULL)
        return nullable(to);
    if (to->kind == CEL_NULL)
        return nullable(from);
    if (from->kind != to->kind)
        return false;
    if (from->kind == CEL_TYPE)
        return true;
    if (from->kind == CEL_OBJECT && !str_eq(from->name, to->name))
        return false;
    if (!from->params[0] != !to->params[0] || !from->params[1] != !to->params[1])
        return false;
    return (!from->params[0] || assignable(u, from->params[0], to->params[0])) &&
           (!from->params[1] || assignable(u, from->params[1], to->params[1]));
}

bool unify_assignable_n(struct unify *u, const struct cel_type *const *from,
                        const struct cel_type *const *to, uint32_t n)
{
    uint32_t mark = u->n_log;
    for (uint32_t i = 0; i < n; i++) {
        if (!assignable(u, from[i], to[i])) {
            while (u->n_log > mark) {
                u->n_log--;
                u->bound[u->log[u->n_log].var] = u->log[u->n_log].old;
            }
            return false;
        }
    }
    return true;
}

bool unify_assignable(struct unify *u, const struct cel_type *from, const struct cel_type *to)
{
    return unify_assignable_n(u, &from, &to, 1);
}

const struct cel_type *unify_apply(struct unify *u, const struct cel_type *t, bool close)
{
    if (!step(u))
        return type_simple(CEL_DYN);
    const struct cel_type *to = find(u, t);
    if (to)
        return unify_apply(u, to, close);
    if (t->kind == CEL_PARAM)
        return close ? type_simple(CEL_DYN) : t;
    if (!t->params[0])
        return t;
    return with_params(u, t, unify_apply(u, t->params[0], close),
                       t->params[1] ? unify_apply(u, t->params[1], close) : NULL);
}
