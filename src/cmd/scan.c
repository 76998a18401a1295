#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/jail.h"
#include "base/own.h"
#include "cel/cel.h"
#include "cmd/args.h"
#include "cmd/command.h"
#include "cmd/policies.h"
#include "cmd/terminal.h"
#include "scan/scan.h"

enum { MOST_OUTPUTS = 16, MOST_PATHS = 1024 };

struct output {
    const char *format; // NULL: text
    const char *file;   // NULL: standard output
};

struct options {
    struct output outputs[MOST_OUTPUTS];
    const char *policies[MOST_PATHS];
    const char *colour;
    unsigned n_outputs, n_policies, threads, minor;
    enum severity severity;
    str pss;
    bool quiet, compact, all, no_cross;
};

static unsigned processors(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    int n = CPU_COUNT(&set);
    return n < 1 ? 1 : n > 64 ? 64 : (unsigned)n;
}

static err_code add_format(struct options *o, const char *format, struct err *e)
{
    struct output *last = o->n_outputs ? &o->outputs[o->n_outputs - 1] : NULL;
    if (last && !last->format) { // -o stood before its -f
        last->format = format;
        return ERR_OK;
    }
    if (o->n_outputs == MOST_OUTPUTS)
        return err_set(e, ERR_USAGE, "more than %d formats", MOST_OUTPUTS);
    o->outputs[o->n_outputs++] = (struct output){.format = format};
    return ERR_OK;
}

static err_code add_output(struct options *o, const char *file, struct err *e)
{
    if (strcmp(file, "-") == 0)
        file = NULL;
    struct output *last = o->n_outputs ? &o->outputs[o->n_outputs - 1] : NULL;
    if (last && last->format && !last->file) {
        last->file = file;
        return ERR_OK;
    }
    if (o->n_outputs == MOST_OUTPUTS)
        return err_set(e, ERR_USAGE, "more than %d outputs", MOST_OUTPUTS);
    o->outputs[o->n_outputs++] = (struct output){.file = file};
    return ERR_OK;
}

static err_code set_threads(struct options *o, const char *text, struct err *e)
{
    char *end = NULL;
    errno = 0;
    unsigned long n = strtoul(text, &end, 10);
    if (errno || *end || n < 1 || n > 256 || *text == '-')
        return err_set(e, ERR_USAGE, "--threads takes 1 to 256, not '%s'", text);
    o->threads = (unsigned)n;
    return ERR_OK;
}

static err_code set_option(void *ctx, enum args_id id, const char *value, struct err *e)
{
    struct options *o = ctx;
    switch ((unsigned)id) {
    case ARG_scan_FORMAT:
        return add_format(o, value, e);
    case ARG_scan_OUTPUT:
        return add_output(o, value, e);
    case ARG_scan_COMPACT:
        o->compact = true;
        break;
    case ARG_scan_ALL:
        o->all = true;
        break;
    case ARG_scan_SEVERITY:
        (void)finding_severity_parse(str_of(value), &o->severity);
        break;
    case ARG_scan_POLICY:
        if (o->n_policies == MOST_PATHS)
            return err_set(e, ERR_USAGE, "more than %d --policy", MOST_PATHS);
        o->policies[o->n_policies++] = value;
        break;
    case ARG_scan_PSS:
        o->pss = str_of(value);
        break;
    case ARG_scan_VERSION:
        return policies_version_option(value, &o->minor, e);
    case ARG_scan_THREADS:
        return set_threads(o, value, e);
    case ARG_scan_COLOR:
        o->colour = value;
        break;
    case ARG_scan_QUIET:
        o->quiet = true;
        break;
    case ARG_scan_NO_CROSS:
        o->no_cross = true;
        break;
    default:
        return err_set(e, ERR_INTERNAL, "option %d is not handled", (int)id);
    }
    return ERR_OK;
}

static err_code check(struct options *o, const struct args *a, struct err *e)
{
    if (a->n == 0)
        return err_set(e, ERR_USAGE, "nothing to scan: name files, directories, or - for stdin");
    if (o->n_outputs == 0)
        o->outputs[o->n_outputs++] = (struct output){0};
    unsigned to_stdout = 0;
    for (unsigned i = 0; i < o->n_outputs; i++)
        to_stdout += !o->outputs[i].file;
    if (to_stdout > 1)
        return err_set(e, ERR_USAGE, "only one format can go to standard output: give -o FILE");
    return ERR_OK;
}

// The directory part of an output's path: where its temporary file is made and renamed.
static const char *directory_of(const char *path, struct arena *a)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return ".";
    str dir = arena_dup(a, (str){path, slash == path ? 1 : (size_t)(slash - path)});
    return dir.p;
}

// From here on this process can read what it was asked to scan and write what it was asked to write.
static err_code enter_jail(const struct options *o, char **paths, unsigned n, struct arena *a,
                           struct err *e)
{
    const char **read_paths, **write_paths;
    unsigned reads = 0, writes = 0;
    bool confined = false;
    TRY_NEW(read_paths, a, n + o->n_policies + 2, e);
    TRY_NEW(write_paths, a, 2 * o->n_outputs + 1, e);
    read_paths[reads++] = "/usr/share/zoneinfo"; // CEL's getHours('Europe/Paris')
    for (unsigned i = 0; i < n; i++)
        read_paths[reads++] = paths[i];
    for (unsigned i = 0; i < o->n_policies; i++)
        read_paths[reads++] = o->policies[i];
    for (unsigned i = 0; i < o->n_outputs; i++) {
        if (!o->outputs[i].file)
            continue;
        write_paths[writes++] = o->outputs[i].file;
        write_paths[writes++] = directory_of(o->outputs[i].file, a);
    }
    return jail_enter(&(struct jail){.read_paths = read_paths, .write_paths = write_paths},
                      &confined, e);
}

struct progress {
    struct timespec next;
    bool shown;
};

enum { PROGRESS_DELAY = 1 }; // seconds before a scan counts as long

static void on_progress(void *ctx, const struct scan_progress *p)
{
    struct progress *state = ctx;
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    if (now.tv_sec < state->next.tv_sec ||
        (now.tv_sec == state->next.tv_sec && now.tv_nsec < state->next.tv_nsec))
        return;
    state->next = now;
    state->next.tv_nsec += 100000000;
    if (state->next.tv_nsec >= 1000000000) {
        state->next.tv_nsec -= 1000000000;
        state->next.tv_sec++;
    }
    state->shown = true;
    fprintf(stderr, "\r\033[Kscanned %u of %u files, %.1f MB", p->files_done, p->files,
            (double)p->bytes / 1e6);
}

static err_code write_one(const struct options *o, const struct output *to, const struct report *r,
                          struct err *e)
{
    struct out out;
    if (to->file)
        TRY(out_open_file(&out, to->file, e));
    else
        out_open_fd(&out, STDOUT_FILENO, "standard output");
    sink_format format = to->format ? sink_by_name(str_of(to->format)) : NULL;
    if (format) {
        format(&out, r);
    } else if (o->compact) {
        sink_compact(&out, r);
    } else {
        struct sink_style style = terminal_style(to->file ? -1 : STDOUT_FILENO, o->colour);
        style.brief = style.brief && !o->all;
        sink_text(&out, r, &style);
    }
    return out_close(&out, e);
}

static err_code run(const struct options *o, char **paths, unsigned n, int *ret_status,
                    struct err *e)
{
    OWN_ARENA struct arena a = {0};
    TRY(arena_init(&a, "command", (size_t)4 << 30, e));
    TRY(enter_jail(o, paths, n, &a, e));

    struct policy_set *set = NULL;
    struct policy_options po = {
        .kubernetes_minor = o->minor, .pss = o->pss, .ignore_bindings = true};
    TRY(policies_load(&po, true, o->policies, o->n_policies, &set, e));

    struct files_list files = {0};
    struct progress progress = {0};
    struct scan *scan = NULL;
    struct scan_options so = {.policies = set,
                              .threads = o->threads,
                              .threshold = o->severity,
                              .no_cross = o->no_cross,
                              .count_only = o->quiet,
                              .kubernetes_minor = o->minor,
                              .pss = o->pss,
                              .tool = S(CASEMATE_VERSION)};
    if (isatty(STDERR_FILENO) && !o->quiet) {
        (void)clock_gettime(CLOCK_MONOTONIC, &progress.next);
        progress.next.tv_sec += PROGRESS_DELAY;
        so.progress = on_progress;
        so.ctx = &progress;
    }
    err_code rc = files_walk((const char *const *)paths, n, &a, &files, e);
    if (rc == ERR_OK)
        rc = scan_run(&so, &files, &scan, e);
    if (progress.shown)
        fputs("\r\033[K", stderr);
    if (rc == ERR_OK) {
        const struct report *r = scan_report(scan);
        for (unsigned i = 0; i < o->n_outputs && rc == ERR_OK && !o->quiet; i++)
            rc = write_one(o, &o->outputs[i], r, e);
        *ret_status = finding_exit_status(r);
    }
    scan_free(scan);
    policy_set_free(set);
    return rc;
}

int scan_command(int argc, char **argv)
{
    struct options o = {.colour = "auto",
                        .threads = processors(),
                        .minor = CEL_NEWEST_MINOR,
                        .pss = S("restricted"),
                        .severity = SEVERITY_LOW};
    struct args a;
    struct err e = {0};
    int status = 0;
    err_code rc = args_parse(ARGS_scan, argc, argv, set_option, &o, &a, &e);
    if (rc == ERR_OK && a.help)
        return 0;
    if (rc == ERR_OK)
        rc = check(&o, &a, &e);
    if (rc == ERR_OK)
        rc = run(&o, a.rest, a.n, &status, &e);
    return rc == ERR_OK ? status : args_fail(rc, &e);
}
