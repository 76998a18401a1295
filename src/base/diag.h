// diag: the input is wrong, in places. A parser reports all it can: spans, what, and a hint.
// A list lives in an arena; past LIMIT_DIAGS only the count grows.
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/cc.h"
#include "base/str.h"

enum diag_level {
    DIAG_ERROR,   // the document, expression or policy is refused
    DIAG_WARNING, // it is taken, but not as its author may think (a duplicate key)
};

struct diag {
    enum diag_level level;
    uint32_t start, end; // bytes of the text, end exclusive; start == end is a point
    str message;
    str hint; // what to do, or empty
    struct diag *next;
};

struct diags {
    struct arena *arena;
    struct diag *first, *last; // in the order they were reported
    uint32_t kept, errors, warnings; // errors and warnings count the dropped ones too
};

// ret: text in the diags' arena. A NULL list swallows the report.
void diag_add(struct diags *d, enum diag_level level, uint32_t start, uint32_t end, str hint,
              const char *fmt, ...) PRINTF(6, 7);

// 1-based line, and column in bytes, of a byte offset; an offset past the end is the end. Lines end at LF.
struct diag_position {
    uint32_t line, column;
};
struct diag_position diag_locate(str text, size_t offset);

// The line that holds the byte at the offset, without its end (LF or CRLF).
str diag_line(str text, size_t offset);

// "name:3:7: error: message", the line, and carets under the span, as a compiler prints them. No colour.
void diag_print(struct buf *out, str name, str text, const struct diag *d);
// Only the line and its carets, each indented by `indent`; tabs and wide characters keep columns aligned.
void diag_print_excerpt(struct buf *out, str text, uint32_t start, uint32_t end, unsigned indent);

#endif
