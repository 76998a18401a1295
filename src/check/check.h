// check: ClusterChecks over all objects of a scan: what no object by itself shows.
//
// Records are what is kept of objects (tape.h), in the order of the input. One thread.
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

#include "check/tape.h"
#include "policy/policy.h"

struct check_record {
    struct tape tape; // n 0: nothing is kept, the record is passed over
    const str *file;
    uint32_t line; // 1-based; 0: nothing is shown
};

struct check_sink {
    void *ctx;
    // made: a Namespace that is only mentioned, first by this record; its places are none.
    err_code (*result)(void *ctx, uint32_t record, const struct object *o, bool made, const struct policy_result *r, struct err *e);
    void (*applied)(void *ctx, uint32_t rule); // index into policy_set_rules, as a result's
    bool verdicts_only;
};

// Judges by the set's ClusterChecks. Same records, same results in the same order. ERR_LIMIT where memory is full.
err_code check_run(const struct policy_set *set, const struct check_record *records, uint32_t n, const struct check_sink *sink,
                   struct err *e) MUST_USE;

#endif
