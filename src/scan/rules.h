// rules: every rule of a scan: the policies of a set, and the checks of the program itself that no policy
// can say, for a policy sees an object after the API server has decoded it (docs/strict.md).
#ifndef SCAN_RULES_H
#define SCAN_RULES_H

#include "kube/schema.h"
#include "policy/policy.h"

extern const struct rule rules_strict[KUBE_SCHEMA_FAULTS]; // "unknown-field", "wrong-type"

#define RULES_NONE UINT32_MAX

struct rules {
    const struct rule *const *all; // by id
    uint32_t n;
    const uint32_t *of_policy;           // index into policy_set_rules -> index into `all`
    uint32_t strict[KUBE_SCHEMA_FAULTS]; // index into `all`; RULES_NONE where a policy of that name stands in for it
};

// Borrows the set. ERR_LIMIT where the arena is full.
err_code rules_join(const struct policy_set *set, struct arena *a, struct rules *ret, struct err *e) MUST_USE;

#endif
