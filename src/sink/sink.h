// sink: a report -> bytes, one function a format. They only read the report; what cannot be written
// shows when the out is closed.
#ifndef SINK_SINK_H
#define SINK_SINK_H

#include "base/out.h"
#include "finding/finding.h"

// How text looks.
struct sink_style {
    bool colour;
    bool unicode;   // box characters and bars; plain ASCII otherwise
    unsigned width; // columns
    bool brief;     // a terminal: the worst objects whole, the rest as a line each
};

// For people: grouped by object, worst first; docs/report.md.
void sink_text(struct out *o, const struct report *r, const struct sink_style *style);
// One line a finding: "file:line:column: severity: message [policy]".
void sink_compact(struct out *o, const struct report *r);
// casemate.dev/report/v1; docs/report.schema.json.
void sink_json(struct out *o, const struct report *r);
// SARIF 2.1.0 (OASIS), one result a place.
void sink_sarif(struct out *o, const struct report *r);
// JUnit XML as CI systems read it: a suite a file, a case an object, a failure a finding.
void sink_junit(struct out *o, const struct report *r);

typedef void (*sink_format)(struct out *o, const struct report *r);
// "json", "sarif", "junit"; NULL for others ("text" wants a style).
sink_format sink_by_name(str name);

#endif
