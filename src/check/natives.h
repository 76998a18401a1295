// natives: the functions of ClusterChecks over objects; docs/cluster-checks.md says what each answers.
#ifndef CHECK_NATIVES_H
#define CHECK_NATIVES_H

#include "check/net.h"
#include "policy/natives.h"

struct natives {
    struct objects *objects;
    struct net net; // of the same
};
struct value natives_call(void *natives, enum policy_native f, struct cel_call *c, const struct value *args, uint32_t n);

#endif
