// opaque: values of the libraries' own kinds (QUANTITY, IP, CIDR, URL, SEMVER, FORMAT): what every
// such kind answers, each by its library.
#ifndef CEL_OPAQUE_H
#define CEL_OPAQUE_H

#include "cel/value.h"

// Both of the same kind.
bool cel_opaque_equal(struct value a, struct value b);
// What string() and messages show; p is NULL where the arena is full.
str cel_opaque_text(struct value v, struct arena *a);
// What the cost model takes for its size: an IP's bytes (4, 16), a CIDR's prefix in whole bytes, a named
// format's MaxRegexSize (apiserver pkg/cel/library/format.go); 1 for the others.
uint64_t cel_opaque_size(struct value v);

#endif
