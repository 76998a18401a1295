// builtin: the files under policies/, as the build found them. cmake/embed.cmake writes the table.
#ifndef CMD_BUILTIN_H
#define CMD_BUILTIN_H

#include <stddef.h>

struct builtin {
    const char *name; // "policies/pod-security-standards/privileged/policy.yaml"
    const unsigned char *bytes;
    size_t n;
};
extern const struct builtin builtin_policies[];
extern const unsigned builtin_policies_n;

#endif
