#include "cmd/verbs.h"

#include <stdio.h>
#include <unistd.h>

#include "base/flow.h"
#include "base/jail.h"

enum { MOST_OF_A_CLASS = 10 }; // on a screen: more of them push the answer away

err_code verbs_confine(const struct verbs_request *q, char **paths, unsigned n, struct err *e)
{
    bool confined = false;
    if (n == 0)
        return err_set(e, ERR_USAGE, "%s %s: name files, directories, or - for stdin", q->command, q->verb);
    return jail_enter(&(struct jail){.read_paths = (const char *const *)paths}, &confined, e);
}

void verbs_print_problems(const struct load *l, bool gaps_only)
{
    OWN_BUF struct buf b = buf_new((size_t)1 << 28);
    const unsigned most = isatty(STDERR_FILENO) ? MOST_OF_A_CLASS : 0;
    if (!gaps_only)
        load_print_problems(l, most, &b);
    for (uint32_t i = 0; i < l->files.n_gaps; i++) {
        if (most && i == most) {
            buf_printf(&b, "and %u more are not read\n", l->files.n_gaps - most);
            break;
        }
        flow_put(&b, l->files.gaps[i].path);
        buf_printf(&b, ": not read: %.*s\n", STR_FMT(l->files.gaps[i].reason));
    }
    if (!l->n_objects && !l->n_errors) // the answer is about nothing: it must not pass for good news
        buf_put(&b, S("no Kubernetes objects are in what was read\n"));
    (void)fwrite(b.p, 1, b.n, stderr);
    (void)fflush(stderr);
}

int verbs_run(const struct verbs *v, int argc, char **argv)
{
    struct verbs_request *q = v->base;
    struct args a;
    struct err e = {0};
    q->command = args_commands[v->id].name;
    err_code rc = args_parse(v->id, argc, argv, v->set, v->ctx, &a, &e);
    if (rc == ERR_OK && a.help)
        return 0;
    if (rc == ERR_OK)
        rc = args_subcommand(v->id, &a, &e);
    if (rc == ERR_OK)
        rc = arena_init(&q->memory, q->command, (size_t)64 << 30, &e);
    if (rc != ERR_OK)
        return args_fail(rc, &e);
    q->verb = a.rest[0];
    q->words = a.rest + 1;
    q->n = a.n - 1;
    out_open_fd(&q->out, STDOUT_FILENO, "standard output");
    rc = v->run(v->ctx, &e);
    err_code closed = out_close(&q->out, rc == ERR_OK ? &e : NULL);
    arena_done(&q->memory);
    rc = rc == ERR_OK ? closed : rc;
    return rc == ERR_OK ? q->status : args_fail(rc, &e);
}
