#include <stdio.h>
#include <unistd.h>

#include "base/jail.h"
#include "base/out.h"
#include "cmd/args.h"
#include "cmd/command.h"
#include "doc/write.h"
#include "source/documents.h"

struct reading {
    bool quiet;
    bool errors; // something could not be read
    struct documents d;
    struct out out; // objects, or with -q the counts
    struct out log; // what is wrong with the input
    uint64_t files, documents, objects;
};

static void print_diags(struct reading *r, const struct doc_text *text, const struct diags *d)
{
    for (const struct diag *g = d->first; g; g = g->next) {
        if (r->quiet && g->level == DIAG_WARNING)
            continue;
        diag_print(&r->log.b, text->name, text->text, g);
    }
    if (d->errors + d->warnings > d->kept)
        buf_printf(&r->log.b, "%.*s: and %u more\n", STR_FMT(text->name),
                   d->errors + d->warnings - d->kept);
    r->errors = r->errors || d->errors;
    out_flush(&r->log);
}

static void print_error(struct reading *r, str name, const char *what)
{
    r->errors = true;
    buf_printf(&r->log.b, "%.*s: error: %s\n", STR_FMT(name), what);
}

static err_code on_document(void *ctx, const struct doc_text *text, struct doc_chunk chunk, const struct node *root,
                            const struct node *const *objects, size_t n, struct err *e)
{
    struct reading *r = ctx;
    (void)text, (void)chunk, (void)e;
    r->documents += root->kind != NODE_NULL;
    r->objects += n;
    for (size_t i = 0; i < n && !r->quiet; i++) {
        write_json(&r->out.b, objects[i]);
        buf_putc(&r->out.b, '\n');
    }
    out_flush(&r->out);
    return ERR_OK;
}

static err_code on_diags(void *ctx, const struct doc_text *text, const struct diags *d, struct err *e)
{
    (void)e;
    print_diags(ctx, text, d);
    return ERR_OK;
}

static err_code on_refused(void *ctx, str file, uint32_t line, const char *why, struct err *e)
{
    (void)line, (void)e;
    print_error(ctx, file, why);
    return ERR_OK;
}

static err_code read_file(struct reading *r, const struct files_entry *f, struct err *e)
{
    r->files++;
    return documents_read(&r->d, f, &(struct documents_sink){r, on_document, on_diags, on_refused}, e);
}

static err_code read_all(struct reading *r, char **paths, unsigned n, struct arena *a, struct err *e)
{
    struct files_list files = {0};
    bool confined = false;
    TRY(jail_enter(&(struct jail){.read_paths = (const char *const *)paths}, &confined, e));
    TRY(files_walk((const char *const *)paths, n, a, &files, e));
    for (uint32_t i = 0; i < files.n_problems; i++)
        print_error(r, files.problems[i].path, files.problems[i].message.p);
    for (uint32_t i = 0; i < files.n_gaps && !r->quiet; i++)
        buf_printf(&r->log.b, "%.*s: not read: %.*s\n", STR_FMT(files.gaps[i].path),
                   STR_FMT(files.gaps[i].reason));
    for (uint32_t i = 0; i < files.n && !r->out.sys; i++)
        TRY(read_file(r, &files.entries[i], e));
    if (r->quiet)
        buf_printf(&r->out.b, "%llu files, %llu documents, %llu objects\n", (unsigned long long)r->files,
                   (unsigned long long)r->documents, (unsigned long long)r->objects);
    return ERR_OK;
}

static err_code run(struct reading *r, char **paths, unsigned n, struct err *e)
{
    OWN_ARENA struct arena a = {0};
    TRY(arena_init(&a, "command", (size_t)1 << 30, e));
    TRY(documents_init(&r->d, e));
    out_open_fd(&r->out, STDOUT_FILENO, "standard output");
    out_open_fd(&r->log, STDERR_FILENO, "standard error");
    err_code rc = read_all(r, paths, n, &a, e);
    err_code log_rc = out_close(&r->log, e), out_rc = ERR_OK;
    if (rc == ERR_OK)
        out_rc = out_close(&r->out, e);
    else
        out_abandon(&r->out);
    return rc != ERR_OK ? rc : out_rc != ERR_OK ? out_rc : log_rc;
}

static err_code set_option(void *ctx, enum args_id id, const char *value, struct err *e)
{
    (void)value, (void)e;
    struct reading *r = ctx;
    r->quiet = id == ARG_read_QUIET;
    return ERR_OK;
}

int read_command(int argc, char **argv)
{
    struct reading r = {0};
    struct args a;
    struct err e = {0};
    err_code rc = args_parse(ARGS_read, argc, argv, set_option, &r, &a, &e);
    if (rc == ERR_OK && a.help)
        return 0;
    if (rc == ERR_OK && a.n == 0)
        rc = err_set(&e, ERR_USAGE, "nothing to read: name files, directories, or - for stdin");
    if (rc == ERR_OK)
        rc = run(&r, a.rest, a.n, &e);
    documents_done(&r.d);
    return rc != ERR_OK ? args_fail(rc, &e) : r.errors ? 2 : 0;
}
