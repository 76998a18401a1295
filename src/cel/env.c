#include "cel/env_priv.h"
#include "cel/type_priv.h"

err_code cel_env_new(const struct cel_env_options *o, struct arena *a, struct cel_env **ret,
                     struct err *e)
{
    struct cel_env *env;
    TRY_NEW(env, a, 1, e);
    env->arena = a;
    env->options = *o;
    env->options.container = arena_dup(a, o->container);
    if (!env->options.container.p)
        return err_set(e, ERR_LIMIT, "arena '%s' is full (%zu bytes)", a->name, a->cap);
    cel_function_names_init(&env->functions);
    *ret = env;
    return ERR_OK;
}

void cel_env_free(struct cel_env *env)
{
    if (!env)
        return;
    regex_cache_free(env->patterns);
    env->patterns = NULL;
}

static err_code add_variable(struct cel_env *env, struct env_variable v, struct err *e)
{
    for (uint32_t i = 0; i < env->n_variables; i++)
        if (str_eq(env->variables[i].name, v.name))
            return err_set(e, ERR_SYNTAX, "overlapping identifier for name '%.*s'", STR_FMT(v.name));
    if (env->n_variables == env->cap_variables) {
        uint32_t cap = env->cap_variables ? 2 * env->cap_variables : 16;
        struct env_variable *bigger;
        TRY_NEW(bigger, env->arena, cap, e);
        if (env->n_variables)
            memcpy(bigger, env->variables, env->n_variables * sizeof *bigger);
        env->variables = bigger;
        env->cap_variables = cap;
    }
    env->variables[env->n_variables++] = v;
    return ERR_OK;
}

err_code cel_env_variable(struct cel_env *env, str name, const struct cel_type *type,
                          uint32_t *ret_slot, struct err *e)
{
    str copy = arena_dup(env->arena, name);
    if (!copy.p)
        return err_set(e, ERR_LIMIT, "arena '%s' is full", env->arena->name);
    TRY(add_variable(env, (struct env_variable){copy, type, env->n_slots, false, false}, e));
    *ret_slot = env->n_slots++;
    return ERR_OK;
}

err_code cel_env_lazy(struct cel_env *env, str name, const struct cel_type *type,
                      uint32_t *ret_index, struct err *e)
{
    TRY(cel_env_lazy_at(env, name, type, env->n_lazy, e));
    *ret_index = env->n_lazy++;
    return ERR_OK;
}

err_code cel_env_lazy_at(struct cel_env *env, str name, const struct cel_type *type, uint32_t index,
                         struct err *e)
{
    str full = arena_printf(env->arena, "variables.%.*s", STR_FMT(name));
    if (!full.p)
        return err_set(e, ERR_LIMIT, "arena '%s' is full", env->arena->name);
    return add_variable(env, (struct env_variable){full, type, index, true, false}, e);
}

err_code cel_env_function(struct cel_env *env, str name, const struct cel_signature *overloads,
                          uint32_t n, struct err *e)
{
    struct env_function *f;
    struct overload *rows;
    TRY_NEW(f, env->arena, 1, e);
    TRY_NEW(rows, env->arena, n, e);
    for (uint32_t i = 0; i < n; i++) {
        const struct cel_signature *s = &overloads[i];
        rows[i] = (struct overload){.types = {s->result}, .n = (uint8_t)s->n, .member = s->member};
        for (uint32_t k = 0; k < s->n && k < CEL_SIGNATURE_ARGS; k++)
            rows[i].types[1 + k] = s->args[k];
    }
    *f = (struct env_function){arena_dup(env->arena, name), rows, n, env->declared};
    if (!f->name.p)
        return err_set(e, ERR_LIMIT, "arena '%s' is full", env->arena->name);
    env->declared = f;
    return ERR_OK;
}

const struct env_function *env_find_function(const struct cel_env *env, str name)
{
    const struct env_function *f = env->declared;
    while (f && !str_eq(f->name, name))
        f = f->next;
    return f;
}

void cel_env_trust(struct cel_env *env, bool trusted)
{
    env->trusted = trusted;
}

void cel_env_hide(struct cel_env *env, str name, bool hidden)
{
    for (uint32_t i = 0; i < env->n_variables; i++) {
        struct env_variable *v = &env->variables[i];
        // "variables" hides all of variables.*
        if (str_eq(v->name, name) ||
            (v->name.n > name.n && v->name.p[name.n] == '.' && str_starts(v->name, name)))
            v->hidden = hidden;
    }
}

const struct env_variable *env_find(const struct cel_env *env, str name)
{
    for (uint32_t i = 0; i < env->n_variables; i++)
        if (str_eq(env->variables[i].name, name))
            return env->variables[i].hidden ? NULL : &env->variables[i];
    return NULL;
}

const struct cel_type *env_find_type(const struct cel_env *env, str name, unsigned *ret_since)
{
    static const struct {
        str name;
        uint8_t kind, since;
    } types[] = {
        {{"bool", 4}, CEL_BOOL, 0},
        {{"bytes", 5}, CEL_BYTES, 0},
        {{"double", 6}, CEL_DOUBLE, 0},
        {{"int", 3}, CEL_INT, 0},
        {{"list", 4}, CEL_LIST, 0},
        {{"map", 3}, CEL_MAP, 0},
        {{"null_type", 9}, CEL_NULL, 0},
        {{"string", 6}, CEL_STRING, 0},
        {{"type", 4}, CEL_TYPE, 0},
        {{"uint", 4}, CEL_UINT, 0},
        {{"google.protobuf.Duration", 24}, CEL_DURATION, 0},
        {{"google.protobuf.Timestamp", 25}, CEL_TIMESTAMP, 0},
        {{"optional_type", 13}, CEL_OPTIONAL, 28},
        {{"net.IP", 6}, CEL_IP, 30},
        {{"net.CIDR", 8}, CEL_CIDR, 30},
    };
    for (unsigned i = 0; i < sizeof types / sizeof *types; i++) {
        if (str_eq(types[i].name, name) && types[i].since <= env->options.kubernetes_minor) {
            *ret_since = types[i].since;
            return type_simple((enum cel_kind)types[i].kind);
        }
    }
    *ret_since = 0;
    const struct cel_type *object = type_object_named(name);
    // only what some variable's type mentions is registered, and those two are what there is
    for (uint32_t i = 0; object && i < env->n_variables; i++)
        if (env->variables[i].type->kind == CEL_OBJECT)
            return object;
    return NULL;
}
