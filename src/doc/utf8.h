// utf8: one sequence of UTF-8 at a time.
#ifndef DOC_UTF8_H
#define DOC_UTF8_H

#include "base/str.h"

// Bytes of the well-formed sequence at the start of s (which is not empty), or 0 where there is none:
// overlong, a surrogate, beyond U+10FFFF, truncated.
static inline size_t utf8_len(str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    unsigned char lo = 0x80, hi = 0xBF;
    size_t n;
    if (p[0] < 0x80)
        return 1;
    if (p[0] < 0xC2 || p[0] > 0xF4)
        return 0;
    if (p[0] < 0xE0) {
        n = 2;
    } else if (p[0] < 0xF0) {
        n = 3;
        lo = p[0] == 0xE0 ? 0xA0 : 0x80;
        hi = p[0] == 0xED ? 0x9F : 0xBF;
    } else {
        n = 4;
        lo = p[0] == 0xF0 ? 0x90 : 0x80;
        hi = p[0] == 0xF4 ? 0x8F : 0xBF;
    }
    if (s.n < n || p[1] < lo || p[1] > hi)
        return 0;
    for (size_t i = 2; i < n; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    return n;
}

#endif
