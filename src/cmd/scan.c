#include "cmd/scan.h"

#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/jail.h"
#include "base/own.h"
#include "cel/cel.h"
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
    bool quiet, compact, all, help;
};

static const char help[] =
    "usage: casemate scan [OPTIONS] PATH... | -\n"
    "\n"
    "Judges the Kubernetes objects in files, directories (.yaml, .yml, .json, recursively) or\n"
    "standard input (-) against the NSA/CISA Kubernetes Hardening Guidance.\n"
    "\n"
    "  -f, --format FORMAT        text, json, sarif or junit; may be repeated, each with its own -o\n"
    "  -o, --output FILE          where the format before it goes (default: standard output)\n"
    "      --compact              text: one line a finding, file:line:column: severity: message [policy]\n"
    "      --all                  text on a terminal: every object whole, not only the worst ten\n"
    "  -s, --severity SEVERITY    report findings from low (default), medium, high or critical on\n"
    "      --policy PATH          also judge by the ValidatingAdmissionPolicies there (repeatable)\n"
    "      --pss LEVEL            Pod Security Standard: privileged, baseline, restricted (default)\n"
    "      --kubernetes-version V judge as this version does, 1.0 to 1.37 (default: 1.37)\n"
    "      --threads N            worker threads (default: the processors)\n"
    "      --color WHEN           auto (default), always or never; NO_COLOR is honoured\n"
    "  -q, --quiet                print nothing; the exit status tells\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 nothing at or above the severity, 1 findings, 2 usage, input or I/O error.\n";

enum { OPT_COMPACT = 256, OPT_ALL, OPT_POLICY, OPT_PSS, OPT_VERSION, OPT_THREADS, OPT_COLOUR };

static const struct option long_options[] = {
    {"format", required_argument, NULL, 'f'},
    {"output", required_argument, NULL, 'o'},
    {"severity", required_argument, NULL, 's'},
    {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},
    {"compact", no_argument, NULL, OPT_COMPACT},
    {"all", no_argument, NULL, OPT_ALL},
    {"policy", required_argument, NULL, OPT_POLICY},
    {"pss", required_argument, NULL, OPT_PSS},
    {"kubernetes-version", required_argument, NULL, OPT_VERSION},
    {"threads", required_argument, NULL, OPT_THREADS},
    {"color", required_argument, NULL, OPT_COLOUR},
    {"colour", required_argument, NULL, OPT_COLOUR},
    {0},
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
    if (strcmp(format, "text") != 0 && !sink_by_name(str_of(format)))
        return err_set(e, ERR_USAGE, "--format takes text, json, sarif or junit, not '%s'", format);
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

static err_code set_option(struct options *o, int option, const char *value, struct err *e)
{
    switch (option) {
    case 'f':
        return add_format(o, value, e);
    case 'o':
        return add_output(o, value, e);
    case 's':
        if (!finding_severity_parse(str_of(value), &o->severity))
            return err_set(e, ERR_USAGE, "--severity takes low, medium, high or critical, not '%s'",
                           value);
        return ERR_OK;
    case OPT_POLICY:
        if (o->n_policies == MOST_PATHS)
            return err_set(e, ERR_USAGE, "more than %d --policy", MOST_PATHS);
        o->policies[o->n_policies++] = value;
        return ERR_OK;
    case OPT_PSS:
        o->pss = str_of(value);
        if (!str_eq(o->pss, S("privileged")) && !str_eq(o->pss, S("baseline")) &&
            !str_eq(o->pss, S("restricted")))
            return err_set(e, ERR_USAGE,
                           "--pss takes privileged, baseline or restricted, not '%s'", value);
        return ERR_OK;
    case OPT_VERSION:
        if (!policies_parse_version(value, &o->minor))
            return err_set(e, ERR_USAGE, "--kubernetes-version takes 1.0 to 1.%d, not '%s'",
                           CEL_NEWEST_MINOR, value);
        return ERR_OK;
    case OPT_THREADS:
        return set_threads(o, value, e);
    case OPT_COLOUR:
        if (strcmp(value, "auto") != 0 && strcmp(value, "always") != 0 && strcmp(value, "never") != 0)
            return err_set(e, ERR_USAGE, "--color takes auto, always or never, not '%s'", value);
        o->colour = value;
        return ERR_OK;
    default:
        return err_set(e, ERR_INTERNAL, "option %d is not handled", option);
    }
}

static err_code parse(int argc, char **argv, struct options *o, struct err *e)
{
    optind = 1;
    for (int c; (c = getopt_long(argc, argv, "f:o:s:qh", long_options, NULL)) != -1;) {
        switch (c) {
        case 'q':
            o->quiet = true;
            break;
        case 'h':
            o->help = true;
            break;
        case OPT_COMPACT:
            o->compact = true;
            break;
        case OPT_ALL:
            o->all = true;
            break;
        case '?':
            return err_set(e, ERR_USAGE, "`casemate scan --help` lists the options");
        default:
            TRY(set_option(o, c, optarg, e));
        }
    }
    if (o->help)
        return ERR_OK;
    if (optind == argc)
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
    struct err e = {0};
    int status = 0;
    err_code rc = parse(argc, argv, &o, &e);
    if (rc == ERR_OK && o.help) {
        fputs(help, stdout);
        return fflush(stdout) == 0 ? 0 : 2;
    }
    if (rc == ERR_OK)
        rc = run(&o, argv + optind, (unsigned)(argc - optind), &status, &e);
    if (rc == ERR_OK)
        return status;
    if (e.sys != EPIPE) // a reader that has seen enough is told nothing
        fprintf(stderr, "casemate: %s\n", e.msg);
    return err_exit_status(rc);
}
