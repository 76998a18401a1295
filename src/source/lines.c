#include "source/lines.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/limits.h"

enum { STEP = 64 << 10 };

void lines_init(struct lines *l, int fd, const char *name)
{
    *l = (struct lines){.b = buf_new(LIMIT_LINE_BYTES + STEP), .name = name, .fd = fd};
}

void lines_done(struct lines *l)
{
    buf_done(&l->b);
}

static str rest(const struct lines *l)
{
    return (str){l->b.p + l->taken, l->b.n - l->taken};
}

bool lines_ready(const struct lines *l)
{
    str r = rest(l);
    return r.n && memchr(r.p, '\n', r.n);
}

// Reads once, behind what is there.
static err_code fill(struct lines *l, struct err *e)
{
    if (l->taken) {
        memmove(l->b.p, l->b.p + l->taken, l->b.n - l->taken);
        l->b.n -= l->taken;
        l->taken = 0;
    }
    char *at = l->b.n > LIMIT_LINE_BYTES ? NULL : buf_reserve(&l->b, STEP);
    if (!at)
        return err_set(e, ERR_LIMIT, "a line of %s is longer than %zu bytes", l->name, LIMIT_LINE_BYTES);
    ssize_t got = read(l->fd, at, STEP);
    if (got > 0) {
        l->b.n += (size_t)got;
    } else if (got == 0) {
        l->ended = true;
    } else if (errno == EAGAIN) {
        struct pollfd p = {.fd = l->fd, .events = POLLIN};
        (void)poll(&p, 1, -1);
    } else if (errno != EINTR) {
        return err_sys(e, "cannot read %s", l->name);
    }
    return ERR_OK;
}

err_code lines_next(struct lines *l, str *ret, bool *ret_more, struct err *e)
{
    size_t seen = 0; // of the rest: no line end in it
    for (;;) {
        str r = rest(l);
        const char *end = r.n > seen ? memchr(r.p + seen, '\n', r.n - seen) : NULL;
        if (end || (l->ended && r.n)) {
            *ret = (str){r.p, end ? (size_t)(end - r.p) : r.n};
            l->taken += ret->n + (end != NULL);
            *ret_more = true;
            return ERR_OK;
        }
        if (l->ended) {
            *ret_more = false;
            return ERR_OK;
        }
        seen = r.n;
        TRY(fill(l, e));
    }
}
