// scan_priv: what the worker, the queue and the merge of one scan share.
#ifndef SCAN_SCAN_PRIV_H
#define SCAN_SCAN_PRIV_H

#include <pthread.h>

#include "base/intern.h"
#include "check/tape.h"
#include "doc/doc.h"
#include "scan/rules.h"
#include "scan/scan.h"
#include "scan/strict.h"

// What one worker found, as lists in its own arena; the merge makes arrays of them.
struct found_finding {
    struct finding finding;
    struct found_finding *next;
};
struct found_object {
    struct finding_object object; // file and ordinal (in its unit) are set
    struct found_finding *first;
    uint32_t n;
    struct found_object *next;
};
struct found_hidden {
    uint32_t start, end;
    struct found_hidden *next;
};
struct found_error {
    struct finding_error error;
    struct found_error *next;
};

// What cross-object checks need of an object, for after the last one.
struct found_record {
    struct tape tape;
    uint32_t line, ordinal;
    struct found_record *next;
};

enum { UNIT_CHUNKS = 64, UNIT_BYTES = 64 << 10 };

// A batch of one file's documents, and what was found in it.
struct unit {
    uint32_t file;
    uint32_t n;
    struct doc_chunk chunks[UNIT_CHUNKS];
    struct unit *next_of_file, *next_in_queue;
    struct found_object *objects, *last_object;
    struct found_error *errors, *last_error;
    struct found_hidden *hidden;
    struct found_record *records, *last_record;
    uint32_t n_objects, n_other;
};

struct scan_file {
    struct doc_text text;
    struct unit *first, *last;       // in the order of the file
    struct found_error *errors;      // of the file as a whole, and of its splitting
    uint32_t units_left;
    bool keep_text;
};

struct scan {
    struct scan_options own_options;
    const struct scan_options *options;
    const struct files_list *list;
    struct scan_file *files;
    struct arena arena; // files, and the report's arrays
    struct worker *workers;
    struct rules rules;
    bool cross; // there are ClusterChecks to judge by
    struct report report;

    // The queue. Under the lock: what is below.
    pthread_mutex_t lock;
    pthread_cond_t more;
    uint32_t next_file, opening, files_done;
    uint64_t bytes;
    struct unit *first, *last;
    err_code failed; // the first failure of a worker: the others stop
    struct err why;
};

struct worker {
    struct scan *scan;
    pthread_t thread;
    struct arena doc;     // one document's tree; reset for each
    struct arena results; // lives as long as the report
    struct arena texts;   // the files this worker read
    struct intern intern; // in results
    struct policy_worker *policy;
    struct tape_keys keys;
    struct finding_tally *tally;
    uint32_t counted[4]; // failures that are only counted, by severity
    struct err e;

    // The document at work.
    struct unit *unit;
    const struct doc_text *text;
    struct found_object *object; // NULL until it has its first finding
    const struct object *view;
    enum strict_shape shape; // the object's
    bool warned; // of something in its document, which is shown with its line
    uint32_t ordinal, tallied_object; // counts up over objects, for the tally
    uint32_t *seen_failed, *seen_unassessed; // per rule: the last object counted
    struct {
        uint32_t offset, line;
    } cursor; // lines are counted from here on
    struct doc_chunk chunk; // the current document: for a place before the cursor, from its start
};

err_code worker_init(struct worker *w, struct scan *s, struct err *e) MUST_USE;
void worker_done(struct worker *w);
// Records a result of the object in hand, w->object NULL before its first; rule: of all rules of the scan.
err_code worker_result(struct worker *w, const struct policy_result *r, struct err *e) MUST_USE;
void *worker_main(void *worker); // runs until the queue is empty

// cross.c: after the workers: ClusterChecks, into the first worker's results.
err_code cross_run(struct scan *s, struct err *e) MUST_USE;

// merge.c: lists -> the report's arrays.
err_code merge_report(struct scan *s, double seconds, struct err *e) MUST_USE;

#endif
