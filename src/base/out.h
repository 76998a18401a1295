// out: buffered text to a file descriptor, or to a file that appears whole or not at all.
// Append to o->b with the buf_* functions; call out_flush now and then; ask once, in out_close.
#ifndef BASE_OUT_H
#define BASE_OUT_H

#include <signal.h>

#include "base/buf.h"
#include "base/err.h"

struct out {
    struct buf b;
    const char *name; // of what is written, for messages
    int fd;
    bool owned;     // fd is closed by out_close
    char *temp;     // the file is written under this name and renamed at the end, or NULL
    int sys;        // errno of the first failed write
    bool holds;       // ending signals wait; before, these were blocked:
    sigset_t signals;
};

// Writes to an open descriptor that stays open.
void out_open_fd(struct out *o, int fd, const char *name);
// Writes to a file: beside it first, renamed over it by out_close. What is no regular file
// (/dev/full, a FIFO) is written in place. SIGINT, SIGTERM and SIGHUP wait until the file is closed, so
// that none leaves the temporary file behind.
err_code out_open_file(struct out *o, const char *path, struct err *e) MUST_USE;
// Writes out what is buffered, once that is worth a system call.
void out_flush(struct out *o);
// Writes out what is buffered: somebody waits for it.
void out_flush_now(struct out *o);
// Writes the rest, makes the file appear. ERR_IO where any write failed; the file is then not there.
err_code out_close(struct out *o, struct err *e) MUST_USE;
// Drops what was written. Accepts one that was closed or never opened.
void out_abandon(struct out *o);

#endif
