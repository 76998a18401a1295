// lines: a stream as lines, as they come: from a pipe, a terminal, a file. One thread.
#ifndef SOURCE_LINES_H
#define SOURCE_LINES_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct lines {
    struct buf b; // what was read and not yet taken begins at `taken`
    size_t taken;
    const char *name; // in messages
    int fd;
    bool ended; // the stream has
};

// fd stays the caller's. A line may have LIMIT_LINE_BYTES.
void lines_init(struct lines *l, int fd, const char *name);
void lines_done(struct lines *l);
// The next line without its LF, valid until the next call; *ret_more is false behind the last one. Waits for one:
// what answers lines writes its answers out before, unless lines_ready. ERR_LIMIT, ERR_IO.
err_code lines_next(struct lines *l, str *ret, bool *ret_more, struct err *e) MUST_USE;
// A whole line has been read already.
bool lines_ready(const struct lines *l);

static inline void lines_done_(struct lines *l)
{
    lines_done(l);
}
#define OWN_LINES __attribute__((cleanup(lines_done_)))

#endif
