// write: a tree as one line of JSON, as Go's encoding/json writes it (keys sorted by bytes, <>& and
// U+2028/9 escaped, shortest floats).
#ifndef DOC_WRITE_H
#define DOC_WRITE_H

#include "base/buf.h"
#include "doc/node.h"

void write_json(struct buf *out, const struct node *n);
void write_json_string(struct buf *out, str s); // quoted and escaped
void write_json_double(struct buf *out, double d); // as Go: shortest, 'e' from 1e21 and below 1e-6

// The shortest digits that read back as |d|, of those the closest: d.ddd x 10^exponent. d is finite.
struct write_decimal {
    char digits[20]; // no NUL; no zeros at the end but for 0 itself
    int n, exponent;
};
void write_shortest(double d, struct write_decimal *ret);
void write_shortest_single(float f, struct write_decimal *ret);

#endif
