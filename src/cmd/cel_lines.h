// cel_lines: `casemate cel --lines`: one expression a line in, one answer a line out (docs/cel.md).
#ifndef CMD_CEL_LINES_H
#define CMD_CEL_LINES_H

#include "base/err.h"
#include "base/out.h"

// in: JSON lines {"id", "expr", "bindings", "type_env", "container", "disable_check", "check_only"}. A line that
// is no such object is answered with an error. ERR_LIMIT where memory ran out.
err_code cel_lines_run(str in, unsigned kubernetes_minor, struct out *out, struct err *e) MUST_USE;

#endif
