// format_scan: the clauses of a format string, '%.3f', one by one.
#ifndef CEL_FORMAT_SCAN_H
#define CEL_FORMAT_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct format_clause {
    char letter;   // sdfebxXo, or NUL: what stood there is text
    bool bad;      // `why` says what is wrong
    bool at_end;   // bad because nothing follows the %
    int precision; // -1: none was written
};

// Reads what stands at i: a clause, '%%' or other text. Returns where to go on.
size_t cel_format_scan(str text, size_t i, struct format_clause *ret, char *why, size_t why_size);

#endif
