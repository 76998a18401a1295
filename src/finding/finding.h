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
str severity_name(enum severity s); // "low" ... "critical"
bool severity_parse(str name, enum severity *ret);

enum finding_status { FINDING_FAIL, FINDING_NOT_ASSESSED, FINDING_WAIVED };
str finding_status_name(enum finding_status s); // "fail", "not-assessed", "waived"

// What every finding of one policy shares. Owned by the policy set, constant while a report lives.
struct rule {
    str id; // the policy's metadata.name
    str title, description, remedy, url;
    enum severity severity;
    str recommendations[8]; // ids of the guide: "POD-13"
    uint32_t n_recommendations;
};

// Where. Offsets are into the file's text; line and column are 1-based, columns in bytes.
struct place {
    uint32_t start, end;
    uint32_t line, column;
    str path; // in the object as it stands in the file
};

// One policy against one object: every place that decided.
struct finding {
    const struct rule *rule;
    uint32_t object; // index into report.objects
    enum finding_status status;
    str message; // what is wrong here, or for not-assessed what was missing
    const struct place *places;
    uint32_t n_places;
};
// Stable over line shifts, thread counts and releases: policy, object identity (file's base name only where the object has no
// name) and path. 16 lower-case hex digits and a NUL.
struct finding_object;
void finding_fingerprint(const struct finding *f, const struct finding_object *o, str path, char ret[17]);

struct finding_object {
    uint32_t file;    // index into report.files
    uint32_t ordinal; // n-th object of its file, from 0
    str api_version, kind, ns, name;
    uint32_t line; // of its first byte
};

struct finding_file {
    str name; // as the user named it
    str text; // for excerpts; stays mapped while the report lives
    uint32_t objects, other_documents; // other: YAML that is no Kubernetes object
};

// Input that could not be judged: parse errors (located), unreadable files (line 0).
struct finding_error {
    uint32_t file;
    uint32_t line, column, start, end; // line 0: no place
    bool warning; // the object was still judged (duplicate key)
    str message, hint;
};

// A whole thing that was not assessed: a Helm chart, a kustomization.
struct finding_gap {
    uint32_t file;
    str path;   // the chart's directory
    str reason; // "Helm chart"
    str remedy; // "helm template . | casemate scan -"
};

struct report {
    const struct finding_file *files;
    const struct finding_object *objects; // in file order
    const struct finding *findings;       // by object, then severity (worst first), then rule id, then path
    const struct finding_error *errors;   // by file, then line
    const struct finding_gap *gaps;
    const struct rule *const *rules; // every rule that was loaded, by id
    uint32_t n_files, n_objects, n_findings, n_errors, n_gaps, n_rules;
    const uint32_t *rule_applied; // per rule: objects it was evaluated against
    const uint32_t *rule_failed;  // per rule: objects that failed it
    uint64_t bytes;
    double seconds;
    enum severity threshold; // of the exit status and of what is shown
    unsigned kubernetes_minor;
    str pss; // "baseline", ... or ""
};

#endif
