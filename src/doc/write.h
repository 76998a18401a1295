// write: a tree as one line of JSON, as Go's encoding/json writes it (keys sorted by bytes, <>& and
// U+2028/9 escaped, shortest floats).
#ifndef DOC_WRITE_H
#define DOC_WRITE_H

#include "base/buf.h"
#include "doc/node.h"

void write_json(struct buf *out, const struct node *n);
void write_json_string(struct buf *out, str s); // quoted and escaped
void write_json_double(struct buf *out, double d); // as Go: shortest, 'e' from 1e21 and below 1e-6

#endif
