#include "scan/scan.h"

#include <errno.h>
#include <time.h>

#include "scan/scan_priv.h"

#define SCAN_ARENA ((size_t)4 << 30)

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

// The first worker is the calling thread itself: a scan on one thread starts none.
static err_code run_workers(struct scan *s, struct err *e)
{
    unsigned started = 1;
    err_code rc = ERR_OK;
    for (; started < s->options->threads; started++) {
        int failed =
            pthread_create(&s->workers[started].thread, NULL, worker_main, &s->workers[started]);
        if (failed) {
            errno = failed;
            rc = err_sys(e, "cannot start a thread");
            break;
        }
    }
    if (rc == ERR_OK)
        (void)worker_main(&s->workers[0]);
    else
        s->failed = rc;
    for (unsigned i = 1; i < started; i++)
        (void)pthread_join(s->workers[i].thread, NULL);
    if (rc == ERR_OK && s->failed) {
        rc = s->failed;
        if (e)
            *e = s->why;
    }
    return rc;
}

static err_code run(struct scan *s, struct err *e)
{
    double start = now();
    TRY_NEW(s->files, &s->arena, s->list->n + 1, e);
    TRY_NEW(s->workers, &s->arena, s->options->threads, e);
    TRY(rules_join(s->options->policies, &s->arena, &s->rules, e));
    s->cross = !s->options->no_cross && policy_set_has_cross(s->options->policies);
    for (unsigned i = 0; i < s->options->threads; i++)
        TRY(worker_init(&s->workers[i], s, e));
    TRY(run_workers(s, e));
    if (s->cross)
        TRY(cross_run(s, e));
    return merge_report(s, now() - start, e);
}

err_code scan_run(const struct scan_options *o, const struct files_list *files, struct scan **ret,
                  struct err *e)
{
    struct arena arena = {0};
    TRY(arena_init(&arena, "scan", SCAN_ARENA, e));
    struct scan *s = arena_alloc(&arena, 1, sizeof *s, _Alignof(struct scan));
    if (!s)
        return err_set(e, ERR_INTERNAL, "no room for a scan");
    s->own_options = *o; // the caller's may be gone before the report is
    s->options = &s->own_options;
    s->list = files;
    s->arena = arena;
    (void)pthread_mutex_init(&s->lock, NULL);
    (void)pthread_cond_init(&s->more, NULL);
    err_code rc = run(s, e);
    if (rc != ERR_OK)
        scan_free(s);
    else
        *ret = s;
    return rc;
}

const struct report *scan_report(const struct scan *s)
{
    return &s->report;
}

void scan_free(struct scan *s)
{
    if (!s)
        return;
    for (unsigned i = 0; s->workers && i < s->options->threads; i++)
        worker_done(&s->workers[i]);
    (void)pthread_cond_destroy(&s->more);
    (void)pthread_mutex_destroy(&s->lock);
    struct arena arena = s->arena; // s itself lives in it
    arena_done(&arena);
}
