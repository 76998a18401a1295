// builtin: files of policies/ and guide/, as the build found them. tools/embed.c writes the tables.
#ifndef CMD_BUILTIN_H
#define CMD_BUILTIN_H

#include <stddef.h>

struct builtin {
    const char *name;          // "policies/pod-security-standards/privileged/policy.yaml"
    const unsigned char *yaml; // as it stands
    size_t n;
    const unsigned char *json; // its first document as one line
    size_t n_json;
};
extern const struct builtin builtin_policies[];
extern const unsigned builtin_policies_n;
extern const struct builtin builtin_checks[]; // ClusterChecks: no kube-apiserver takes them
extern const unsigned builtin_checks_n;
// recommendations.yaml first, then the examples.
extern const struct builtin builtin_guide[];
extern const unsigned builtin_guide_n;

#endif
