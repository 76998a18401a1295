#include "base/out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ENOUGH = 64 << 10 };

void out_open_fd(struct out *o, int fd, const char *name)
{
    *o = (struct out){.b = buf_new((size_t)1 << 30), .name = name, .fd = fd};
}

static void hold_signals(struct out *o)
{
    sigset_t ending;
    (void)sigemptyset(&ending);
    (void)sigaddset(&ending, SIGINT);
    (void)sigaddset(&ending, SIGTERM);
    (void)sigaddset(&ending, SIGHUP);
    o->holds = pthread_sigmask(SIG_BLOCK, &ending, &o->signals) == 0;
}

static void release_signals(struct out *o)
{
    if (o->holds)
        (void)pthread_sigmask(SIG_SETMASK, &o->signals, NULL);
    o->holds = false;
}

err_code out_open_file(struct out *o, const char *path, struct err *e)
{
    *o = (struct out){.b = buf_new((size_t)1 << 30), .name = path, .fd = -1, .owned = true};
    struct stat st;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
        o->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        return o->fd < 0 ? err_sys(e, "cannot write '%s'", path) : ERR_OK;
    }
    hold_signals(o);
    if (asprintf(&o->temp, "%s.%ld.tmp", path, (long)getpid()) < 0) {
        o->temp = NULL;
        release_signals(o);
        return err_set(e, ERR_LIMIT, "out of memory");
    }
    o->fd = open(o->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (o->fd < 0) {
        err_code rc = err_sys(e, "cannot write '%s'", path);
        free(o->temp);
        o->temp = NULL;
        release_signals(o);
        return rc;
    }
    return ERR_OK;
}

void out_flush_now(struct out *o)
{
    size_t done = 0;
    while (done < o->b.n && !o->sys) {
        ssize_t n = write(o->fd, o->b.p + done, o->b.n - done);
        if (n > 0)
            done += (size_t)n;
        else if (n < 0 && errno != EINTR)
            o->sys = errno;
    }
    o->b.n = 0;
}

void out_flush(struct out *o)
{
    if (o->b.n >= ENOUGH)
        out_flush_now(o);
}

void out_abandon(struct out *o)
{
    if (o->temp)
        (void)unlink(o->temp);
    if (o->owned && o->fd >= 0)
        (void)close(o->fd);
    free(o->temp);
    buf_done(&o->b);
    release_signals(o);
    *o = (struct out){.fd = -1};
}

err_code out_close(struct out *o, struct err *e)
{
    out_flush_now(o);
    if (o->b.failed && !o->sys)
        o->sys = ENOMEM;
    if (o->owned && close(o->fd) != 0 && !o->sys)
        o->sys = errno;
    o->fd = -1;
    if (!o->sys && o->temp && rename(o->temp, o->name) != 0)
        o->sys = errno;
    if (!o->sys) {
        free(o->temp);
        o->temp = NULL;
    }
    errno = o->sys;
    err_code rc = o->sys ? err_sys(e, "cannot write '%s'", o->name) : ERR_OK;
    out_abandon(o);
    return rc;
}
