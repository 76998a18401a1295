#include "policy/natives.h"

static const struct row {
    const char *name, *result, *args;
} rows[POLICY_NATIVES] = {
#define NATIVE(id, name, result, args) {name, result, args},
#include "policy/natives.def"
#undef NATIVE
};

enum policy_native natives_find(str name, uint32_t n)
{
    unsigned i = 0;
    while (i < POLICY_NATIVES && !(str_of(rows[i].args).n == n && str_eq(str_of(rows[i].name), name)))
        i++;
    return (enum policy_native)i;
}

// NULL where the arena is full.
static const struct cel_type *type_of(char letter, struct arena *a)
{
    switch (letter) {
    case 'b':
        return type_simple(CEL_BOOL);
    case 'i':
        return type_simple(CEL_INT);
    case 's':
        return type_simple(CEL_STRING);
    case 'S':
        return type_list(a, type_simple(CEL_STRING));
    case 'O':
        return type_list(a, type_simple(CEL_DYN));
    default:
        return type_simple(CEL_DYN);
    }
}

err_code natives_declare(struct cel_env *env, struct arena *a, struct err *e)
{
    enum { MOST_OVERLOADS = 4 };
    for (unsigned i = 0, n; i < POLICY_NATIVES; i += n) {
        struct cel_signature overloads[MOST_OVERLOADS] = {0};
        for (n = 0; i + n < POLICY_NATIVES && n < MOST_OVERLOADS && strcmp(rows[i + n].name, rows[i].name) == 0; n++) {
            const struct row *r = &rows[i + n];
            struct cel_signature *s = &overloads[n];
            s->result = type_of(r->result[0], a);
            for (; r->args[s->n]; s->n++)
                s->args[s->n] = type_of(r->args[s->n], a);
            if (!s->result || (s->n && !s->args[s->n - 1]))
                return err_set(e, ERR_LIMIT, "arena '%s' is full (%zu bytes)", a->name, a->cap);
        }
        TRY(cel_env_function(env, str_of(rows[i].name), overloads, n, e));
    }
    return ERR_OK;
}
