// utf8: sequences of UTF-8, and what they count as.
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/str.h"

// Does the byte continue a sequence?
static inline bool utf8_tail(char c)
{
    return ((unsigned char)c & 0xC0u) == 0x80u;
}

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
        if (!utf8_tail(s.p[i]))
            return 0;
    return n;
}

// Writes a code point, which is one and no surrogate: 1 to 4 bytes.
static inline size_t utf8_put(char *to, uint32_t c)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (char)(0xC0 | c >> 6);
        to[1] = (char)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        to[0] = (char)(0xE0 | c >> 12);
        to[1] = (char)(0x80 | (c >> 6 & 63));
        to[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    to[0] = (char)(0xF0 | c >> 18);
    to[1] = (char)(0x80 | (c >> 12 & 63));
    to[2] = (char)(0x80 | (c >> 6 & 63));
    to[3] = (char)(0x80 | (c & 63));
    return 4;
}

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
        tails += utf8_tail(s.p[i]);
    return s.n - tails;
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
        } else if (c >= 0xC2 && c < 0xE0 && left > 1 && utf8_tail((char)p[1])) {
            p += 2;
        } else if (c >= 0xE0 && c < 0xF0 && left > 2 && utf8_tail((char)p[1]) && utf8_tail((char)p[2]) &&
                   (c != 0xE0 || p[1] >= 0xA0) && (c != 0xED || p[1] < 0xA0)) {
            p += 3;
        } else if (c >= 0xF0 && c < 0xF5 && left > 3 && utf8_tail((char)p[1]) && utf8_tail((char)p[2]) &&
                   utf8_tail((char)p[3]) && (c != 0xF0 || p[1] >= 0x90) && (c != 0xF4 || p[1] < 0x90)) {
            p += 4;
        } else {
            return false;
        }
    }
    return true;
}

#endif
