// policy_suite: policies that test themselves: a folder has policy.yaml or check.yaml, and files in pass/ and fail/.
// docs/policy.md says what their comments mean.
#ifndef CMD_POLICY_SUITE_H
#define CMD_POLICY_SUITE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

struct policy_suite_totals {
    unsigned folders, files, failed; // failed: folders
};

// Runs every folder with a policy.yaml under the paths; a line a folder and what failed in *out. ERR_SYNTAX
// and kin where a policy or a test file cannot be read; what kube-apiserver refuses is printed to stderr.
err_code policy_suite_run(const char *const *paths, unsigned n, struct arena *a, struct buf *out,
                          struct policy_suite_totals *ret, struct err *e) MUST_USE;

#endif
