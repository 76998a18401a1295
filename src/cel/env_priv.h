// env_priv: what an env knows, for the checker and the folder.
#ifndef CEL_ENV_PRIV_H
#define CEL_ENV_PRIV_H

#include "cel/ast.h"
#include "cel/overload.h"

struct env_variable {
    str name; // "object", "authorizer.requestResource", "variables.containers"
    const struct cel_type *type;
    uint32_t index; // of the slot, or of the lazy variable
    bool lazy, hidden;
};

struct env_function {
    str name;
    const struct overload *overloads;
    uint32_t n;
    const struct env_function *next;
};

struct cel_env {
    struct arena *arena;
    struct cel_env_options options;
    struct env_variable *variables;
    uint32_t n_variables, cap_variables;
    uint32_t n_slots, n_lazy;
    const struct env_function *declared; // cel_env_function
    struct cel_function_names functions;
    struct regex_cache *patterns; // constant ones; made when the first is met
    bool trusted;                 // see cel_env_trust()
};

// A visible variable by its full name, or NULL.
const struct env_variable *env_find(const struct cel_env *env, str name);
const struct env_function *env_find_function(const struct cel_env *env, str name);
// A type by its name ("int", "google.protobuf.Duration", "kubernetes.Namespace"), or NULL.
const struct cel_type *env_find_type(const struct cel_env *env, str name, unsigned *ret_since);

#endif
