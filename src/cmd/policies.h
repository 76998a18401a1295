// policies: from the policies in the program and the paths a user names to a sealed policy set.
#ifndef CMD_POLICIES_H
#define CMD_POLICIES_H

#include "base/err.h"
#include "policy/policy.h"

// builtin: the program's own first. paths: files and directories of policies, bindings and params.
// What kube-apiserver would refuse is printed on stderr with its place, and is ERR_SYNTAX.
err_code policies_load(const struct policy_options *o, bool builtin, const char *const *paths,
                       uint32_t n_paths, struct policy_set **ret, struct err *e) MUST_USE;

// The same from n files' texts.
struct policies_text {
    str name, text;
};
err_code policies_load_texts(const struct policy_options *o, const struct policies_text *texts, uint32_t n,
                             struct policy_set **ret, struct err *e) MUST_USE;

// "1.31", "v1.31", "1.31.4" -> 31. False for anything else, or a version beyond what is known.
bool policies_parse_version(const char *text, unsigned *ret_minor);
// The same for the value of --kubernetes-version: ERR_USAGE.
err_code policies_version_option(const char *value, unsigned *ret_minor, struct err *e) MUST_USE;

#endif
