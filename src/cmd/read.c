#include <stdio.h>
#include <unistd.h>

#include "base/jail.h"
#include "base/limits.h"
#include "base/out.h"
#include "cmd/args.h"
#include "cmd/command.h"
#include "doc/doc.h"
#include "doc/write.h"
#include "source/files.h"

struct reading {
    bool quiet;
    bool errors; // something could not be read
    struct arena file, document;
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

static err_code parse_objects(struct reading *r, const struct doc_text *text, struct doc_chunk chunk,
                              struct diags *d, struct err *e)
{
    const struct node *root, *const *objects;
    size_t n;
    TRY(doc_parse(text, chunk, &r->document, &root, d, e));
    TRY(doc_objects(root, &r->document, &objects, &n, d, e));
    r->documents += root->kind != NODE_NULL;
    r->objects += n;
    for (size_t i = 0; i < n && !r->quiet; i++) {
        write_json(&r->out.b, objects[i]);
        buf_putc(&r->out.b, '\n');
    }
    return ERR_OK;
}

static void read_document(struct reading *r, const struct doc_text *text, struct doc_chunk chunk)
{
    struct err e = {0};
    struct diags d = {.arena = &r->document};
    if (parse_objects(r, text, chunk, &d, &e) != ERR_OK && d.errors == 0)
        print_error(r, text->name, e.msg);
    print_diags(r, text, &d);
    out_flush(&r->out);
    arena_reset(&r->document);
}

static void read_file(struct reading *r, const struct files_entry *f)
{
    struct err e = {0};
    struct diags d = {.arena = &r->file};
    struct doc_text text = {0};
    str bytes = {0};
    r->files++;
    arena_reset(&r->file);
    if (files_read(f, &r->file, &bytes, &e) != ERR_OK ||
        doc_text_read(f->name, bytes, &r->file, &text, &d, &e) != ERR_OK) {
        print_error(r, f->name, e.msg);
        return;
    }
    print_diags(r, &text, &d);
    struct diags split = {.arena = &r->file};
    struct doc_splitter s = {.text = &text, .diags = &split};
    for (struct doc_chunk chunk; doc_next(&s, &chunk);)
        read_document(r, &text, chunk);
    print_diags(r, &text, &split);
}

static err_code enter_jail(char **paths, unsigned n, struct arena *a, struct err *e)
{
    const char **read_paths, **write_paths;
    bool confined = false;
    TRY_NEW(read_paths, a, n + 1, e);
    TRY_NEW(write_paths, a, 1, e);
    for (unsigned i = 0; i < n; i++)
        read_paths[i] = paths[i];
    return jail_enter(&(struct jail){.read_paths = read_paths, .write_paths = write_paths}, &confined, e);
}

static err_code read_all(struct reading *r, char **paths, unsigned n, struct arena *a, struct err *e)
{
    struct files_list files = {0};
    TRY(enter_jail(paths, n, a, e));
    TRY(files_walk((const char *const *)paths, n, a, &files, e));
    for (uint32_t i = 0; i < files.n_problems; i++)
        print_error(r, files.problems[i].path, files.problems[i].message.p);
    for (uint32_t i = 0; i < files.n_gaps && !r->quiet; i++)
        buf_printf(&r->log.b, "%.*s: not read: %.*s\n", STR_FMT(files.gaps[i].path),
                   STR_FMT(files.gaps[i].reason));
    for (uint32_t i = 0; i < files.n && !r->out.sys; i++)
        read_file(r, &files.entries[i]);
    if (r->quiet)
        buf_printf(&r->out.b, "%llu files, %llu documents, %llu objects\n", (unsigned long long)r->files,
                   (unsigned long long)r->documents, (unsigned long long)r->objects);
    return ERR_OK;
}

static err_code run(struct reading *r, char **paths, unsigned n, struct err *e)
{
    OWN_ARENA struct arena a = {0};
    TRY(arena_init(&a, "command", (size_t)1 << 30, e));
    TRY(arena_init(&r->file, "file", 8 * LIMIT_FILE_BYTES, e));
    TRY(arena_init(&r->document, "document", LIMIT_DOC_ARENA, e));
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
    arena_done(&r.file);
    arena_done(&r.document);
    return rc != ERR_OK ? args_fail(rc, &e) : r.errors ? 2 : 0;
}
