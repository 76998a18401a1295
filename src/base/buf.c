#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void buf_done(struct buf *b)
{
    free(b->p);
    *b = (struct buf){.max = b->max};
}

char *buf_reserve(struct buf *b, size_t n)
{
    if (b->failed)
        return NULL;
    if (n <= b->cap - b->n)
        return b->p + b->n;
    size_t want = b->cap ? b->cap : 256;
    while (want - b->n < n && want < b->max)
        want *= 2;
    if (want > b->max)
        want = b->max;
    if (want - b->n < n) {
        b->failed = true;
        return NULL;
    }
    char *p = realloc(b->p, want);
    if (!p) {
        b->failed = true;
        return NULL;
    }
    b->p = p;
    b->cap = want;
    return p + b->n;
}

void buf_put(struct buf *b, str s)
{
    if (s.n == 0)
        return;
    char *at = buf_reserve(b, s.n);
    if (!at)
        return;
    memcpy(at, s.p, s.n);
    b->n += s.n;
}

void buf_putc(struct buf *b, char c)
{
    char *at = buf_reserve(b, 1);
    if (!at)
        return;
    *at = c;
    b->n++;
}

void buf_put_u64(struct buf *b, uint64_t v)
{
    char digits[20];
    size_t i = sizeof digits;
    do
        digits[--i] = (char)('0' + v % 10);
    while (v /= 10);
    buf_put(b, (str){digits + i, sizeof digits - i});
}

void buf_put_i64(struct buf *b, int64_t v)
{
    if (v < 0)
        buf_putc(b, '-');
    buf_put_u64(b, v < 0 ? -(uint64_t)v : (uint64_t)v);
}

void buf_pad(struct buf *b, char c, size_t n)
{
    char *at = buf_reserve(b, n);
    if (!at || n == 0)
        return;
    memset(at, c, n);
    b->n += n;
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    char small[256];
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(small, sizeof small, fmt, ap);
    va_end(ap);
    if (n >= 0 && (size_t)n < sizeof small) {
        buf_put(b, (str){small, (size_t)n});
    } else if (n >= 0) {
        char *at = buf_reserve(b, (size_t)n + 1);
        if (at) {
            (void)vsnprintf(at, (size_t)n + 1, fmt, again);
            b->n += (size_t)n;
        }
    }
    va_end(again);
}
