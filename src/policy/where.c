#include "policy/where.h"

#include <stdarg.h>
#include <stdio.h>

static size_t put(const struct where *w, char *room, size_t n)
{
    if (!w)
        return 0;
    size_t at = put(w->up, room, n);
    int added = 0;
    if (at >= n)
        return n;
    if (!w->field.p)
        added = snprintf(room + at, n - at, "[%u]", w->index);
    else
        added = snprintf(room + at, n - at, "%s%.*s", at ? "." : "", STR_FMT(w->field));
    at += added > 0 ? (size_t)added : 0;
    return at < n ? at : n - 1;
}

str where_print(const struct where *w, char *room, size_t n)
{
    room[0] = 0;
    return (str){room, put(w, room, n)};
}

__attribute__((format(printf, 6, 0))) static void
report(struct refusals *r, const struct where *w, uint32_t start, uint32_t end, str hint,
       const char *fmt, va_list ap)
{
    char path[200], text[400];
    str p = where_print(w, path, sizeof path);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    (void)n;
    r->refused = true;
    diag_add(r->diags, DIAG_ERROR, start, end, hint, "%.*s%s%s", STR_FMT(p), p.n ? ": " : "", text);
}

void where_refuse(struct refusals *r, const struct where *w, const struct node *at, const char *fmt,
                  ...)
{
    va_list ap;
    va_start(ap, fmt);
    bool wide = at->kind == NODE_MAP || at->kind == NODE_LIST;
    report(r, w, at->start, wide ? at->start : at->end, S(""), fmt, ap);
    va_end(ap);
}

void where_refuse_span(struct refusals *r, const struct where *w, uint32_t start, uint32_t end,
                       str hint, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    report(r, w, start, end, hint, fmt, ap);
    va_end(ap);
}
