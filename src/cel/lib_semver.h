// lib_semver: semantic versions as blang/semver reads and orders them.
#ifndef CEL_LIB_SEMVER_H
#define CEL_LIB_SEMVER_H

#include "cel/lib.h"

struct lib_semver {
    uint64_t major, minor, patch;
    str pre, build; // with dots between their parts; p NULL: none
};

// False: *ret_why is the error; empty where the arena is full. normalize: as semver(text, true) does.
bool lib_semver_parse(str s, bool normalize, struct arena *a, struct lib_semver *ret, str *ret_why);
int lib_semver_compare(const struct lib_semver *a, const struct lib_semver *b); // -1, 0, 1
void lib_semver_text(struct lib_text *t, const struct lib_semver *v);

#endif
