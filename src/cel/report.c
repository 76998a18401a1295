#include "cel/report.h"

#include <stdarg.h>
#include <stdio.h>

void report_at(struct report *r, uint32_t start, uint32_t end, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (r->n++ == 0)
        (void)err_set(r->e, ERR_SYNTAX, "%s", text);
    diag_add(r->d, DIAG_ERROR, start, end, S(""), "%s", text);
}
