// literal: from a token's text to a value. On failure the reason, as cel-go words it.
#ifndef CEL_LITERAL_H
#define CEL_LITERAL_H

#include "base/arena.h"
#include "cel/value.h"

// Each returns NULL and fills *ret, or why not. Strings are copied into the arena unless nothing in
// them is escaped; a full arena is "out of memory".
const char *literal_int(str text, bool negative, struct value *ret);
const char *literal_uint(str text, struct value *ret);
const char *literal_double(str text, bool negative, struct value *ret);
const char *literal_string(str text, bool bytes, struct arena *a, struct value *ret);

#endif
