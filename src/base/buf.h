// buf: text that grows up to a declared cap. One owner; buf_done frees. Failure is sticky: append
// freely, ask once at the end.
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cc.h"
#include "base/str.h"

struct buf {
    char *p;
    size_t n, cap, max;
    bool failed; // the cap was reached or memory ran out; what was appended since is lost
};

// No allocation until the first append. max: bytes.
static inline struct buf buf_new(size_t max)
{
    return (struct buf){.max = max};
}
void buf_done(struct buf *b); // accepts one that was never used
// Room for n more bytes at b->p + b->n, or NULL; the caller then adds what it wrote to b->n.
char *buf_reserve(struct buf *b, size_t n);
void buf_put(struct buf *b, str s);
void buf_putc(struct buf *b, char c);
void buf_put_u64(struct buf *b, uint64_t v);
void buf_put_i64(struct buf *b, int64_t v);
void buf_pad(struct buf *b, char c, size_t n);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
static inline str buf_str(const struct buf *b)
{
    return (str){b->p, b->n};
}

static inline void buf_done_(struct buf *b)
{
    buf_done(b);
}
#define OWN_BUF __attribute__((cleanup(buf_done_)))

#endif
