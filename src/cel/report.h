// report: what a step of cel_compile refuses: every reason goes to the diagnostics, the first one
// also to the error that is returned.
#ifndef CEL_REPORT_H
#define CEL_REPORT_H

#include "base/diag.h"
#include "base/err.h"

struct report {
    struct diags *d; // may be NULL
    struct err *e;   // may be NULL
    uint32_t n;      // reasons so far
};

void report_at(struct report *r, uint32_t start, uint32_t end, const char *fmt, ...) PRINTF(4, 5);
// ERR_SYNTAX once something was reported, else ERR_OK.
static inline err_code report_end(const struct report *r)
{
    return r->n ? ERR_SYNTAX : ERR_OK;
}

#endif
