// natives: the functions of ClusterChecks, declared for the checker; their bodies are given by whoever has a cluster's objects.
#ifndef POLICY_NATIVES_H
#define POLICY_NATIVES_H

#include "cel/cel.h"
#include "cel/fn.h"

enum policy_native {
#define NATIVE(id, ...) POLICY_NATIVE_##id,
#include "policy/natives.def"
#undef NATIVE
    POLICY_NATIVES
};

// What answers. One thread's, as the worker that it is given to.
struct policy_cluster {
    void *ctx;
    struct value (*call)(void *ctx, enum policy_native f, struct cel_call *c, const struct value *args, uint32_t n);
};

err_code natives_declare(struct cel_env *env, struct arena *a, struct err *e) MUST_USE;
// The row of a name and number of arguments; POLICY_NATIVES where there is none.
enum policy_native natives_find(str name, uint32_t n);

#endif
