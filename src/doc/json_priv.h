// json_priv: finding where a JSON value ends, for the splitting of concatenated JSON.
#ifndef DOC_JSON_PRIV_H
#define DOC_JSON_PRIV_H

#include "base/diag.h"
#include "base/str.h"

enum json_skipped {
    JSON_VALUE,  // a value, by JSON's grammar; also one that is nested too deep for json_parse
    JSON_NONE,   // only blanks
    JSON_BROKEN, // *d says why
};

// Looks at text[start, end). *ret_start, *ret_end: where the first value is. d may be NULL.
enum json_skipped json_skip(str text, uint32_t start, uint32_t end, uint32_t *ret_start,
                            uint32_t *ret_end, struct diags *d);

#endif
