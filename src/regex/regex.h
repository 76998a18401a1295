// regex: RE2 behind C. CEL's `matches` is RE2 by specification (cel-spec langdef.md, "Regular
// expressions"): linear time, no backtracking. The only C++ in the tree is this room's one .cc.
//
// A cache owns the compiled patterns. A cache that is filled before threads start and only read
// afterwards needs no lock (regex_cache_find); each worker has its own cache for dynamic patterns.
#ifndef REGEX_REGEX_H
#define REGEX_REGEX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

struct regex;
struct regex_cache;

// keep: patterns held at most; the oldest is dropped for a new one. 0: no limit.
err_code regex_cache_new(size_t keep, struct regex_cache **ret, struct err *e) MUST_USE;
void regex_cache_free(struct regex_cache *c); // accepts NULL

// The compiled pattern, valid until it is dropped or the cache freed. ERR_SYNTAX with RE2's own
// message (Go's wording: "error parsing regexp: missing closing ]: `[a`"), ERR_LIMIT.
err_code regex_cache_get(struct regex_cache *c, str pattern, const struct regex **ret,
                         struct err *e) MUST_USE;
// The same of a pattern that is known to be good: it is compiled when it is first matched, by whichever thread that is. One
// that is not good after all ends the program there.
err_code regex_cache_get_later(struct regex_cache *c, str pattern, const struct regex **ret, struct err *e) MUST_USE;

// Does the text contain a match (unanchored)? Thread-safe.
bool regex_matches(const struct regex *r, str text);
// The leftmost match from byte `from` on: its byte span. False where there is none.
bool regex_find(const struct regex *r, str text, size_t from, size_t *ret_start, size_t *ret_end);

#endif
