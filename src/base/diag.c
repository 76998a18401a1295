#include "base/diag.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/limits.h"
#include "base/utf8.h"

void diag_add(struct diags *d, enum diag_level level, uint32_t start, uint32_t end, str hint,
              const char *fmt, ...)
{
    if (!d)
        return;
    d->errors += level == DIAG_ERROR;
    d->warnings += level == DIAG_WARNING;
    if (d->kept >= LIMIT_DIAGS)
        return;

    char text[512];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    struct diag *g = arena_alloc(d->arena, 1, sizeof *g, _Alignof(struct diag));
    char *copy = arena_alloc(d->arena, len + 1, 1, 1);
    if (!g || !copy)
        return; // counted above
    memcpy(copy, text, len);
    *g = (struct diag){level, start, end, {copy, len}, hint, NULL};
    if (d->last)
        d->last->next = g;
    else
        d->first = g;
    d->last = g;
    d->kept++;
}

struct diag_position diag_locate(str text, size_t offset)
{
    if (offset > text.n)
        offset = text.n;
    struct diag_position at = {1, 1};
    const char *line = text.p, *end = text.p + offset;
    for (const char *nl; line < end && (nl = memchr(line, '\n', (size_t)(end - line))); line = nl + 1)
        at.line++;
    at.column = (uint32_t)(end - line) + 1;
    return at;
}

str diag_line(str text, size_t offset)
{
    size_t a = offset > text.n ? text.n : offset;
    while (a > 0 && text.p[a - 1] != '\n')
        a--;
    const char *nl = a < text.n ? memchr(text.p + a, '\n', text.n - a) : NULL;
    size_t b = nl ? (size_t)(nl - text.p) : text.n;
    if (b > a && text.p[b - 1] == '\r')
        b--;
    return (str){text.p + a, b - a};
}

enum { EXCERPT = 160 }; // bytes of a long line that are shown, around the place

void diag_print_excerpt(struct buf *out, str text, uint32_t start, uint32_t end, unsigned indent)
{
    str line = diag_line(text, start);
    size_t line_start = (size_t)(line.p - text.p);
    size_t from = start - line_start > line.n ? line.n : start - line_start;
    size_t to = end > start ? end - line_start : from + 1;
    if (to > line.n)
        to = line.n;
    size_t skip = 0;
    if (line.n > EXCERPT && from > EXCERPT / 2) {
        skip = from - EXCERPT / 2;
        while (skip < from && utf8_tail(line.p[skip]))
            skip++;
    }
    str shown = str_head(str_skip(line, skip), EXCERPT);
    buf_pad(out, ' ', indent);
    for (size_t i = 0; i < shown.n; i++) { // control characters must not reach a terminal
        unsigned char c = (unsigned char)shown.p[i];
        buf_putc(out, c == '\t' || c >= 0x20 ? (char)(c == 0x7F ? '?' : c) : '?');
    }
    buf_putc(out, '\n');
    buf_pad(out, ' ', indent);
    for (size_t i = 0; i < from - skip; i++)
        if (!utf8_tail(line.p[skip + i]))
            buf_putc(out, line.p[skip + i] == '\t' ? '\t' : ' ');
    size_t carets = 0;
    for (size_t i = from; i < to && i - skip < EXCERPT; i++)
        carets += !utf8_tail(line.p[i]);
    buf_pad(out, '^', carets ? carets : 1);
    buf_putc(out, '\n');
}

void diag_print(struct buf *out, str name, str text, const struct diag *d)
{
    struct diag_position at = diag_locate(text, d->start);
    buf_printf(out, "%.*s:%u:%u: %s: %.*s\n", STR_FMT(name), at.line, at.column,
               d->level == DIAG_ERROR ? "error" : "warning", STR_FMT(d->message));
    diag_print_excerpt(out, text, d->start, d->end, 4);
    if (d->hint.n)
        buf_printf(out, "    %.*s\n", STR_FMT(d->hint));
}
