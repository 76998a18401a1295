// finding: the product's one result type, and the report that collects it.
//
// A report borrows its texts: from the policy set, or from the arena the worker that found them owns
// (a report keeps those arenas). Sinks get it complete and sorted, and only read it.
#ifndef FINDING_FINDING_H
#define FINDING_FINDING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum severity { SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH, SEVERITY_CRITICAL };
str finding_severity_name(enum severity s); // "low" ... "critical"
bool finding_severity_parse(str name, enum severity *ret);

enum finding_status { FINDING_FAIL, FINDING_NOT_ASSESSED, FINDING_WAIVED };
str finding_status_name(enum finding_status s); // "fail", "not-assessed", "waived"

// What every finding of one policy shares. Owned by the policy set, constant while a report lives.
struct rule {
    str id; // the policy's metadata.name
    str title, description, remedy, url;
    enum severity severity;
    str recommendations[8]; // ids of the guide: "POD-13"
    uint32_t n_recommendations;
    bool needs_params; // and has none: it was not judged by
    bool cross; // a ClusterCheck: it sees all objects, and no API server can enforce it
    bool sensitive; // its places are on or beside secrets: no report shows their lines
};

// Where. Offsets are into the file's text; line and column are 1-based, columns in bytes.
struct place {
    uint32_t start, end;
    uint32_t line, column;
    str path; // in the object as it stands in the file
    uint32_t hide_start, hide_end; // of a sensitive rule: what no report may show; else both are 0
};

// One policy against one object: every place that decided.
struct finding {
    const struct rule *rule;
    uint32_t object; // index into report.objects
    enum finding_status status;
    uint32_t n_places;
    const struct place *places;
    str message; // what is wrong here, or for not-assessed what was missing
    const char *reason; // a constant: of a failure, as the API server would give it: "Invalid", "Forbidden"...; or NULL
};
// Stable over line shifts, file moves, thread counts and releases: made of the policy, the object's
// identity and the path (docs/finding.md). 16 lower-case hex digits and a NUL.
struct finding_object;
void finding_fingerprint(const struct finding *f, const struct finding_object *o, str path,
                         char ret[17]);

// An object that has findings.
struct finding_object {
    uint32_t file;    // index into report.files
    uint32_t ordinal; // n-th object of its file, from 0
    uint32_t line;    // of its first byte
    str api_version, kind, ns, name;
};

struct finding_file {
    str name;   // as the user named it
    str text;   // for excerpts; kept while the report lives where the file has findings or errors, else empty
    uint32_t objects, other_documents; // other: documents that are no Kubernetes object
};

// Input that could not be judged: parse errors (located), unreadable files (line 0).
struct finding_error {
    uint32_t file;
    uint32_t line, column, start, end; // line 0: no place
    bool warning; // the object was still judged (a duplicate key)
    str message, hint;
};

// Lines of a file that no report shows: start and end are those of lines.
struct finding_hidden {
    uint32_t file, start, end;
};

// A whole thing that was not assessed: a Helm chart, a kustomization, a link that was not followed.
struct finding_gap {
    str path;
    str reason; // "a Helm chart"
    str remedy; // "helm template PATH | casemate scan -"
};

// What a rule did over the whole scan.
struct finding_tally {
    uint32_t applied, failed, not_assessed; // objects
};

struct report {
    const struct finding_file *files;
    const struct finding_object *objects; // in file order
    const struct finding *const *findings; // by object, then severity (worst first), then rule id
    const struct finding_error *errors;   // by file, then line
    const struct finding_gap *gaps;
    const struct finding_hidden *hidden; // by file, then start; none touches another
    const struct rule *const *rules;   // every rule that was loaded, by id
    const struct finding_tally *tally; // per rule
    uint32_t n_files, n_objects, n_findings, n_errors, n_gaps, n_hidden, n_rules;
    uint32_t counted[4]; // findings of status fail that are not among findings, by severity: scan_options.count_only
    uint32_t total_objects, other_documents, unreadable; // unreadable: documents and files with an error
    uint64_t bytes;
    double seconds;
    enum severity threshold; // findings below it are not in the report
    unsigned kubernetes_minor;
    str pss;  // "baseline", ... or ""
    str tool; // "0.1.0"
};

// Findings of status fail; and by severity.
void finding_count(const struct report *r, uint32_t ret_by_severity[4]);
// Does [start, end) of a file touch a line that must not be shown?
bool finding_is_hidden(const struct report *r, uint32_t file, uint32_t start, uint32_t end);
// Why a rule that needs_params was not judged by, and what to do: "needs parameters: ...".
str finding_params_missing(void);
// 0 nothing, 1 findings, 2 errors: the exit status of a scan.
int finding_exit_status(const struct report *r);

#endif
