// str: a borrowed view of bytes. Never owned, never assumed NUL-terminated.
#ifndef BASE_STR_H
#define BASE_STR_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef struct str {
    const char *p;
    size_t n;
} str;

// A str from a string literal, and the pair that prints one: printf("%.*s", STR_FMT(s)).
#define S(lit) ((str){"" lit, sizeof(lit) - 1})
#define STR_FMT(s) ((s).n > INT_MAX ? INT_MAX : (int)(s).n), (s).p

static inline str str_of(const char *nul_ended)
{
    return nul_ended ? (str){nul_ended, strlen(nul_ended)} : (str){"", 0};
}

static inline bool str_eq(str a, str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

// Byte order, as Go and CEL compare strings: <0, 0, >0.
static inline int str_cmp(str a, str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

static inline bool str_starts(str s, str prefix)
{
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

static inline bool str_ends(str s, str suffix)
{
    return s.n >= suffix.n &&
           (suffix.n == 0 || memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0);
}

// The part of s before its first n bytes are dropped; n past the end gives an empty str.
static inline str str_skip(str s, size_t n)
{
    return n >= s.n ? (str){s.p + s.n, 0} : (str){s.p + n, s.n - n};
}

// The first n bytes of s, or all of it.
static inline str str_head(str s, size_t n)
{
    return (str){s.p, n < s.n ? n : s.n};
}

static inline str str_trim(str s)
{
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t' || s.p[0] == '\n' || s.p[0] == '\r')) {
        s.p++;
        s.n--;
    }
    while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t' || s.p[s.n - 1] == '\n' ||
                   s.p[s.n - 1] == '\r'))
        s.n--;
    return s;
}

// The value of a hexadecimal digit, or -1.
static inline int str_hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// A letter or _, then letters, digits and _ (CEL, and most languages).
static inline bool str_is_identifier(str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && !(i > 0 && c >= '0' && c <= '9'))
            return false;
    }
    return s.n > 0;
}

// Where `part` first occurs in s, or SIZE_MAX. An empty part occurs at 0.
static inline size_t str_find(str s, str part)
{
    if (part.n == 0)
        return 0;
    const char *at = s.n ? memmem(s.p, s.n, part.p, part.n) : NULL;
    return at ? (size_t)(at - s.p) : (size_t)-1;
}

// Cuts s at the first `sep`: returns what stands before it and leaves the rest in *s; without a
// sep returns all and leaves *s empty with p NULL, so `while (s.p)` visits every part.
static inline str str_cut(str *s, char sep)
{
    const char *at = s->n ? memchr(s->p, sep, s->n) : NULL;
    str head = at ? (str){s->p, (size_t)(at - s->p)} : *s;
    *s = at ? (str){at + 1, s->n - head.n - 1} : (str){NULL, 0};
    return head;
}

#endif
