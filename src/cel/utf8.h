// utf8: CEL's sizes and positions count code points.
#ifndef CEL_UTF8_H
#define CEL_UTF8_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/str.h"

// Code points of valid UTF-8: the bytes that do not continue one.
static inline uint64_t utf8_count(str s)
{
    uint64_t tails = 0, eight;
    size_t i = 0;
    for (; i + sizeof eight <= s.n; i += sizeof eight) {
        memcpy(&eight, s.p + i, sizeof eight);
        tails += ((eight >> 7 & ~eight >> 6 & 0x0101010101010101u) * 0x0101010101010101u) >> 56;
    }
    for (; i < s.n; i++)
        tails += ((unsigned char)s.p[i] & 0xC0u) == 0x80u;
    return s.n - tails;
}

static inline bool utf8_tail(unsigned char c)
{
    return (c & 0xC0u) == 0x80u;
}

// Go's utf8.Valid: no surrogates, no overlong forms, nothing beyond U+10FFFF.
static inline bool utf8_valid(str s)
{
    const unsigned char *p = (const unsigned char *)s.p, *end = p + s.n;
    while (p < end) {
        unsigned char c = *p;
        size_t left = (size_t)(end - p);
        if (c < 0x80) {
            p++;
        } else if (c >= 0xC2 && c < 0xE0 && left > 1 && utf8_tail(p[1])) {
            p += 2;
        } else if (c >= 0xE0 && c < 0xF0 && left > 2 && utf8_tail(p[1]) && utf8_tail(p[2]) &&
                   (c != 0xE0 || p[1] >= 0xA0) && (c != 0xED || p[1] < 0xA0)) {
            p += 3;
        } else if (c >= 0xF0 && c < 0xF5 && left > 3 && utf8_tail(p[1]) && utf8_tail(p[2]) &&
                   utf8_tail(p[3]) && (c != 0xF0 || p[1] >= 0x90) && (c != 0xF4 || p[1] < 0x90)) {
            p += 4;
        } else {
            return false;
        }
    }
    return true;
}

#endif
