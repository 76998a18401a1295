// re2: what regex.cc (C++) offers regex.c (C): plain types only, because base's headers are C.
#ifndef REGEX_RE2_H
#define REGEX_RE2_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct regex;
struct regex_cache;

enum re2_outcome { RE2_OK, RE2_SYNTAX, RE2_TOO_LARGE, RE2_NO_MEMORY };

// NULL when memory is out.
struct regex_cache *re2_cache_new(size_t keep);
void re2_cache_free(struct regex_cache *c);

// On RE2_SYNTAX and RE2_TOO_LARGE *why (of why_size bytes) holds the reason, NUL-ended. later: compile when it is first
// matched; it must be good.
enum re2_outcome re2_cache_get(struct regex_cache *c, const char *pattern, size_t n, size_t max_mem, int later,
                               const struct regex **ret, char *why, size_t why_size);

// Byte span of the leftmost match from `from` on; the spans may be NULL. 0: no match.
int re2_find(const struct regex *r, const char *text, size_t n, size_t from, size_t *ret_start,
             size_t *ret_end);

#ifdef __cplusplus
}
#endif

#endif
