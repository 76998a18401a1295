// base64: RFC 4648 section 4, as Go's base64.StdEncoding reads and writes it.
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

// Line ends are skipped, padding is a must, left-over bits may be anything. *ret is in the arena. False
// where the text is no base64 or the arena is full.
bool base64_decode(str text, struct arena *a, str *ret);
bool base64_is(str text); // whether it would decode
void base64_put(struct buf *out, str bytes);

#endif
