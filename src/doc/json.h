// json: our own strict RFC 8259 reader into the tree: spans, last duplicate wins and is reported,
// integers exact to 64 bits and as text beyond (NODE_BIG), depth cap.
#ifndef DOC_JSON_H
#define DOC_JSON_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "doc/node.h"

// Reads the one JSON value in text[start, end), with blanks around it and nothing else. Spans are
// offsets into text. ERR_SYNTAX, ERR_LIMIT with a diagnostic.
err_code json_parse(str text, uint32_t start, uint32_t end, struct arena *a,
                    const struct node **ret_root, struct diags *d, struct err *e) MUST_USE;

#endif
