// scan: files -> documents -> objects -> policies -> one report, on several threads.
//
// Work is handed out in files, and big files in batches of documents, so one file of 50 MB keeps
// every thread busy too. Results are put together in the order of the input: the report is the same
// whatever the thread count.
#ifndef SCAN_SCAN_H
#define SCAN_SCAN_H

#include "base/err.h"
#include "finding/finding.h"
#include "policy/policy.h"
#include "source/files.h"

struct scan_progress {
    uint32_t files_done, files;
    uint64_t bytes;
};

struct scan_options {
    const struct policy_set *policies;
    unsigned threads; // at least 1
    enum severity threshold;   // findings below it are dropped
    bool no_cross;             // no ClusterChecks
    bool count_only;           // nobody will read them: the report has counts and tallies, and no findings
    unsigned kubernetes_minor; // these three only go into the report
    str pss, tool;
    // Called by one thread at a time, after each batch; may be NULL.
    void (*progress)(void *ctx, const struct scan_progress *p);
    void *ctx;
};

struct scan; // owns what the report borrows

// ERR_IO where threads cannot be made, ERR_LIMIT where memory ran out. What is wrong with the input
// is in the report, never an error here.
err_code scan_run(const struct scan_options *o, const struct files_list *files, struct scan **ret,
                  struct err *e) MUST_USE;
// Valid until scan_free. policies must outlive it.
const struct report *scan_report(const struct scan *s);
void scan_free(struct scan *s); // accepts NULL

#endif
