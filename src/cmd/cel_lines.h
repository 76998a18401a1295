// cel_lines: `casemate cel --lines`: one expression a line in, one answer a line out (docs/cel.md).
#ifndef CMD_CEL_LINES_H
#define CMD_CEL_LINES_H

#include "base/err.h"
#include "base/out.h"

// Standard input: JSON lines {"id", "expr", "bindings", "type_env", "container", "disable_check", "check_only"}. A line that
// is no such object is rejected. An answer is written out before the next line is waited for. ERR_LIMIT, ERR_IO.
err_code cel_lines_run(unsigned kubernetes_minor, struct out *out, struct err *e) MUST_USE;

#endif
