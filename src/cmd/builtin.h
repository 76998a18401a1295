// builtin: the files under policies/, as the build found them. tools/embed.c writes the table.
#ifndef CMD_BUILTIN_H
#define CMD_BUILTIN_H

#include <stddef.h>

struct builtin {
    const char *name;          // "policies/pod-security-standards/privileged/policy.yaml"
    const unsigned char *yaml; // as it stands
    size_t n;
    const unsigned char *json; // the same object as one line
    size_t n_json;
};
extern const struct builtin builtin_policies[];
extern const unsigned builtin_policies_n;

#endif
