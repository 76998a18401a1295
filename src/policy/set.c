#include <stdlib.h>

#include "kube/resources.h"
#include "policy/policy_priv.h"

// Address space of one set; a thousand policies take a few megabytes.
#define SET_ARENA ((size_t)4 << 30)

err_code policy_arena_full(const struct arena *a, struct err *e)
{
    return err_set(e, ERR_LIMIT, "arena '%s' is full (%zu bytes)", a->name, a->cap);
}

err_code policy_set_new(const struct policy_options *o, struct policy_set **ret, struct err *e)
{
    struct arena a = {0};
    struct policy_set *s;
    TRY(arena_init(&a, "policies", SET_ARENA, e));
    s = arena_alloc(&a, 1, sizeof *s, _Alignof(struct policy_set));
    str pss = arena_dup(&a, o->pss);
    if (!s || !pss.p) {
        err_code rc = policy_arena_full(&a, e);
        arena_done(&a);
        return rc;
    }
    s->arena = a; // the set lives in its own arena
    s->options = *o;
    s->options.pss = pss;
    *ret = s;
    return ERR_OK;
}

void policy_set_free(struct policy_set *s)
{
    if (!s)
        return;
    if (s->compiling)
        (void)pthread_mutex_destroy(&s->compiling->lock);
    for (struct env_list *l = s->envs; l; l = l->next)
        cel_env_free(l->env);
    struct arena a = s->arena;
    arena_done(&a);
}

struct policy *policy_set_find(const struct policy_set *s, str name)
{
    struct policy *p = s->policies;
    while (p && (p->replaced || !str_eq(p->rule.id, name)))
        p = p->next;
    return p;
}

// Pod Security levels and versions: which policies this set is for.
static bool is_wanted(const struct policy_set *s, const struct policy *p)
{
    str level = s->options.pss;
    if (level.n == 0)
        return !p->replaced && p->since_minor <= s->options.kubernetes_minor;
    if (p->replaced || p->since_minor > s->options.kubernetes_minor)
        return false;
    if (p->pss == PSS_NONE)
        return true;
    if (str_eq(level, S("privileged")))
        return false;
    return p->pss == PSS_BASELINE || !str_eq(level, S("baseline"));
}

static bool names(str list, str name)
{
    for (str rest = list; rest.p;)
        if (str_eq(str_trim(str_cut(&rest, ',')), name))
            return true;
    return false;
}

// A restricted policy stands in for the baseline ones that it contains: one cause is one finding.
static bool is_overridden(const struct policy_set *s, const struct policy *p)
{
    if (p->pss == PSS_NONE || s->options.pss.n == 0)
        return false;
    for (const struct policy *o = s->policies; o; o = o->next)
        if (o != p && o->pss_overrides.n && is_wanted(s, o) && names(o->pss_overrides, p->rule.id))
            return true;
    return false;
}

static void bind(struct policy_set *s, struct diags *d)
{
    for (struct binding *b = s->bindings; b; b = b->next) {
        if (b->replaced)
            continue;
        struct policy *p = policy_set_find(s, b->policy);
        if (!p) {
            diag_add(d, DIAG_WARNING, 0, 0, S(""),
                     "%.*s:%u: ValidatingAdmissionPolicyBinding '%.*s' does nothing: there is no "
                     "policy '%.*s'",
                     STR_FMT(b->origin.file), b->origin.at.line, STR_FMT(b->name),
                     STR_FMT(b->policy));
            continue;
        }
        struct binding **end = &p->bindings;
        while (*end)
            end = &(*end)->next_of_policy;
        *end = b;
    }
}

static void warn_of_others(const struct policy_set *s, struct diags *d)
{
    static const char why[] = "not evaluated: only ValidatingAdmissionPolicy is";
    if (s->n_others == 1)
        diag_add(d, DIAG_WARNING, 0, 0, S(""), "%.*s:%u: a %.*s is %s", STR_FMT(s->other.file), s->other.at.line,
                 STR_FMT(s->other_kind), why);
    else if (s->n_others > 1)
        diag_add(d, DIAG_WARNING, 0, 0, S(""), "%.*s:%u: a %.*s, and %u more objects of admission, are %s",
                 STR_FMT(s->other.file), s->other.at.line, STR_FMT(s->other_kind), s->n_others - 1, why);
}

static bool is_param_of(const struct policy *p, const struct object *o)
{
    return str_eq(o->api_version, p->param_api_version) && str_eq(o->kind, p->param_kind);
}

static err_code collect_params(struct policy_set *s, struct policy *p, struct err *e)
{
    const struct param_object **params;
    uint32_t n = 0;
    for (const struct param_object *o = s->params; o; o = o->next)
        n += is_param_of(p, &o->object);
    TRY_NEW(params, &s->arena, n, e);
    p->params = params;
    for (const struct param_object *o = s->params; o; o = o->next)
        if (is_param_of(p, &o->object))
            params[p->n_params++] = o;
    return ERR_OK;
}

// Is it meant for this policy? Of a kind of its own every object is; but a ConfigMap may be anything.
static bool is_meant_for(const struct policy *p, const struct object *o)
{
    return !resources_find(o->group, o->kind) || str_eq(o->name, p->rule.id);
}

static bool is_loaded_later(const struct policy *p, uint32_t i)
{
    const struct object *o = &p->params[i]->object;
    for (uint32_t k = i + 1; k < p->n_params; k++)
        if (str_eq(p->params[k]->object.name, o->name) && str_eq(p->params[k]->object.ns, o->ns))
            return true;
    return false;
}

// What a policy that nothing binds is judged with: wherever it matches, whatever namespace the parameters are in.
static err_code give_params(struct policy_set *s, struct policy *p, struct err *e)
{
    const struct node **given;
    TRY_NEW(given, &s->arena, p->n_params, e);
    for (uint32_t i = 0; i < p->n_params; i++)
        if (is_meant_for(p, &p->params[i]->object) && !is_loaded_later(p, i))
            given[p->n_given++] = p->params[i]->object.root;
    p->given = given;
    p->rule.needs_params = p->n_given == 0;
    return ERR_OK;
}

static err_code find_stronger(struct policy_set *s, struct policy *p, struct err *e)
{
    uint32_t *list, n = 0;
    for (uint32_t i = 0; i < s->n_active; i++)
        n += s->active[i]->overrides.n && names(s->active[i]->overrides, p->rule.id);
    if (!n)
        return ERR_OK;
    TRY_NEW(list, &s->arena, n, e);
    for (uint32_t i = 0; i < s->n_active; i++)
        if (s->active[i]->overrides.n && names(s->active[i]->overrides, p->rule.id))
            list[p->n_stronger++] = i;
    p->stronger = list;
    return ERR_OK;
}

static int by_id(const void *a, const void *b)
{
    const struct policy *const *x = a, *const *y = b;
    return str_cmp((*x)->rule.id, (*y)->rule.id);
}

// What compiling after the seal will need, so that nothing a worker reads is moved under it.
static err_code prepare_for_later(struct policy_set *s, struct err *e)
{
    struct variable *all;
    TRY_NEW(all, &s->arena, s->n_variables + s->declared, e);
    if (s->n_variables)
        memcpy(all, s->variables, s->n_variables * sizeof *all);
    s->variables = all;
    s->cap_variables = s->n_variables + s->declared;
    TRY_NEW(s->compiling, &s->arena, 1, e);
    s->compiling->set = s;
    return pthread_mutex_init(&s->compiling->lock, NULL) == 0 ? ERR_OK
                                                               : err_set(e, ERR_LIMIT, "no mutex");
}

err_code policy_set_seal(struct policy_set *s, struct diags *d, struct err *e)
{
    uint32_t n = 0;
    if (s->sealed)
        return err_set(e, ERR_INTERNAL, "the policy set is sealed");
    bind(s, d);
    warn_of_others(s, d);
    for (const struct policy *p = s->policies; p; p = p->next)
        n++;
    TRY_NEW(s->active, &s->arena, n, e);
    TRY_NEW(s->rules, &s->arena, n, e);
    for (struct policy *p = s->policies; p; p = p->next)
        if (is_wanted(s, p) && !is_overridden(s, p) && (p->bindings || s->options.ignore_bindings))
            s->active[s->n_active++] = p;
    if (s->n_active)
        qsort(s->active, s->n_active, sizeof(struct policy *), by_id);
    for (uint32_t i = 0; i < s->n_active; i++) {
        s->rules[i] = &s->active[i]->rule;
        TRY(find_stronger(s, s->active[i], e));
        if (s->active[i]->has_params)
            TRY(collect_params(s, s->active[i], e));
        if (s->active[i]->has_params && !s->active[i]->bindings)
            TRY(give_params(s, s->active[i], e));
    }
    TRY(prepare_for_later(s, e));
    s->sealed = true;
    return ERR_OK;
}

bool policy_set_has_cross(const struct policy_set *s)
{
    bool any = false;
    for (uint32_t i = 0; i < s->n_active && !any; i++)
        any = s->active[i]->cross;
    return any;
}

const struct rule *const *policy_set_rules(const struct policy_set *s, uint32_t *ret_n)
{
    *ret_n = s->n_active;
    return s->rules;
}
