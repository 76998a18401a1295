#include "graph/load.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/flow.h"
#include "doc/doc.h"
#include "source/documents.h"

struct reading {
    struct load *load;
    const struct load_sink *sink;
};

static err_code full(struct load *l, struct err *e)
{
    return err_set(e, ERR_LIMIT, "arena '%s' is full (%zu bytes)", l->arena->name, l->arena->cap);
}

static err_code add(struct load *l, struct load_problem p, struct err *e)
{
    struct load_problem *kept;
    TRY_NEW(kept, l->arena, 1, e);
    p.message = intern_str(&l->intern, p.message);
    p.hint = intern_str(&l->intern, p.hint);
    if (!p.message.p || !p.hint.p)
        return full(l, e);
    *kept = p;
    kept->next = NULL;
    if (l->last)
        l->last->next = kept;
    else
        l->first = kept;
    l->last = kept;
    l->n_errors += !p.warning;
    l->n_warnings += p.warning;
    return ERR_OK;
}

// Lines are counted from the cursor on: objects come in the order of the text.
static struct diag_position locate(struct load *l, uint32_t offset)
{
    str text = l->text->text;
    if (offset > text.n)
        offset = (uint32_t)text.n;
    if (offset < l->cursor.offset) { // back to the start of this document, or of the file
        l->cursor.offset = 0;
        l->cursor.line = 1;
    }
    const char *at = text.p + l->cursor.offset, *end = text.p + offset;
    for (const char *nl; at < end && (nl = memchr(at, '\n', (size_t)(end - at))); at = nl + 1)
        l->cursor.line++;
    l->cursor.offset = (uint32_t)(at - text.p); // the first byte of a line
    return (struct diag_position){l->cursor.line, (uint32_t)(end - at) + 1};
}

struct diag_position load_locate(struct load *l, const struct node *n)
{
    if (!n || !l->text)
        return (struct diag_position){0, 0};
    // The cursor stays at the object: the next place asked for may be before this one.
    uint32_t offset = l->cursor.offset, line = l->cursor.line;
    struct diag_position p = locate(l, n->start);
    l->cursor.offset = offset;
    l->cursor.line = line;
    return p;
}

static err_code add_diags(struct load *l, const char *class, const struct diags *d, struct err *e)
{
    for (const struct diag *g = d->first; g; g = g->next) {
        struct diag_position p = load_locate(l, &(struct node){.start = g->start});
        TRY(add(l, (struct load_problem){.at = {l->text ? l->text->name : S(""), p.line},
                                         .column = p.column,
                                         .class = str_of(class),
                                         .warning = g->level == DIAG_WARNING,
                                         .message = g->message,
                                         .hint = g->hint},
                e));
    }
    return ERR_OK;
}

err_code load_diags(struct load *l, const char *class, const struct diags *d, struct err *e)
{
    return add_diags(l, class, d, e);
}

static err_code add_formatted(struct load *l, const char *class, bool warning, struct origin at, uint32_t column,
                              struct err *e, const char *fmt, va_list args) PRINTF(7, 0);
static err_code add_formatted(struct load *l, const char *class, bool warning, struct origin at, uint32_t column,
                              struct err *e, const char *fmt, va_list args)
{
    char text[1024]; // names in a message are cut there: a label of a megabyte is no help to anybody
    int n = vsnprintf(text, sizeof text, fmt, args);
    str message = {text, n < 0 ? 0 : (size_t)n >= sizeof text ? sizeof text - 1 : (size_t)n};
    return add(l, (struct load_problem){.at = at, .column = column, .warning = warning, .message = message,
                                        .hint = S(""), .class = str_of(class)}, e);
}

err_code load_problem(struct load *l, bool warning, const struct node *n, struct err *e, const char *fmt, ...)
{
    struct diag_position p = load_locate(l, n);
    va_list args;
    va_start(args, fmt);
    err_code rc = add_formatted(l, "input", warning, (struct origin){l->text ? l->text->name : S(""), p.line}, p.column, e, fmt, args);
    va_end(args);
    return rc;
}

err_code load_problem_at(struct load *l, bool warning, struct origin at, struct err *e, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    err_code rc = add_formatted(l, "input", warning, at, 0, e, fmt, args);
    va_end(args);
    return rc;
}

err_code load_fault(struct load *l, const char *class, bool warning, const struct node *n, struct err *e, const char *fmt, ...)
{
    struct diag_position p = load_locate(l, n);
    va_list args;
    va_start(args, fmt);
    err_code rc = add_formatted(l, class, warning, (struct origin){l->text ? l->text->name : S(""), p.line}, p.column, e, fmt, args);
    va_end(args);
    return rc;
}

err_code load_fault_at(struct load *l, const char *class, bool warning, struct origin at, struct err *e, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    err_code rc = add_formatted(l, class, warning, at, 0, e, fmt, args);
    va_end(args);
    return rc;
}

static void set_text(struct load *l, const struct doc_text *text)
{
    if (l->text == text)
        return;
    l->text = text;
    l->cursor.offset = 0;
    l->cursor.line = 1;
}

static err_code on_document(void *ctx, const struct doc_text *text, struct doc_chunk chunk, const struct node *root,
                            const struct node *const *objects, size_t n, struct err *e)
{
    struct reading *r = ctx;
    struct load *l = r->load;
    (void)root;
    set_text(l, text);
    if (chunk.start >= l->cursor.offset) {
        l->cursor.offset = chunk.start;
        l->cursor.line = chunk.line;
    }
    for (size_t i = 0; i < n; i++) {
        struct object o;
        if (!object_view(objects[i], &o)) {
            l->n_other++;
            if (objects[i]->kind != NODE_NULL)
                TRY(load_fault(l, "object", true, objects[i], e, "this is no Kubernetes object: apiVersion or kind is missing"));
            continue;
        }
        l->n_objects++;
        struct origin at = {text->name, locate(l, o.root->start).line};
        TRY(r->sink->object(r->sink->ctx, &o, &at, e));
    }
    return ERR_OK;
}

static err_code on_diags(void *ctx, const struct doc_text *text, const struct diags *d, struct err *e)
{
    struct reading *r = ctx;
    set_text(r->load, text);
    return add_diags(r->load, "syntax", d, e);
}

static err_code on_refused(void *ctx, str file, uint32_t line, const char *why, struct err *e)
{
    struct reading *r = ctx;
    return load_fault_at(r->load, line ? "syntax" : "file", false, (struct origin){file, line}, e, "%s", why);
}

static err_code read_files(struct reading *r, struct documents *d, struct err *e)
{
    const struct documents_sink sink = {r, on_document, on_diags, on_refused};
    for (uint32_t i = 0; i < r->load->files.n; i++) {
        r->load->text = NULL;
        TRY(documents_read(d, &r->load->files.entries[i], &sink, e));
    }
    r->load->text = NULL;
    return ERR_OK;
}

err_code load_paths(struct load *l, const char *const *paths, uint32_t n, const struct load_sink *sink,
                    struct arena *a, struct err *e)
{
    struct reading r = {l, sink};
    l->arena = l->intern.arena = a;
    TRY(files_walk(paths, n, a, &l->files, e));
    for (uint32_t i = 0; i < l->files.n_problems; i++) {
        const struct files_problem *p = &l->files.problems[i];
        TRY(load_fault_at(l, "file", false, (struct origin){p->path, 0}, e, "%.*s", STR_FMT(p->message)));
    }
    struct documents d;
    err_code rc = documents_init(&d, e);
    if (rc == ERR_OK)
        rc = read_files(&r, &d, e);
    documents_done(&d);
    return rc;
}

err_code load_text(struct load *l, str name, str bytes, const struct load_sink *sink, struct arena *a, struct err *e)
{
    struct reading r = {l, sink};
    const struct documents_sink inner = {&r, on_document, on_diags, on_refused};
    l->arena = l->intern.arena = a;
    l->text = NULL;
    struct documents d;
    err_code rc = documents_init(&d, e);
    if (rc == ERR_OK)
        rc = documents_read_text(&d, name, bytes, &inner, e);
    documents_done(&d);
    l->text = NULL;
    return rc;
}

// Problems of a class: how many of them were met. The last one counts all classes there was no room for.
struct tally {
    str class;
    unsigned n;
};
enum { TALLIES = 32 };

static struct tally *tally_of(struct tally *all, str class)
{
    unsigned i = 0;
    while (i + 1 < TALLIES && all[i].class.n && !str_eq(all[i].class, class))
        i++;
    if (!all[i].class.n)
        all[i].class = class;
    return &all[i];
}

void load_print_problems(const struct load *l, unsigned most, struct buf *out)
{
    struct tally tallies[TALLIES] = {0};
    for (const struct load_problem *p = l->first; p; p = p->next) {
        if (++tally_of(tallies, p->class)->n > most && most)
            continue;
        flow_put(out, p->at.file);
        if (p->at.line)
            buf_printf(out, ":%u", p->at.line);
        if (p->at.line && p->column)
            buf_printf(out, ":%u", p->column);
        buf_printf(out, ": %s: ", p->warning ? "warning" : "error");
        flow_put(out, p->message); // texts of the input may steer a terminal
        buf_put(out, p->hint.n ? S("\n    ") : S(""));
        flow_put(out, p->hint);
        buf_putc(out, '\n');
    }
    for (unsigned i = 0; most && i < TALLIES; i++)
        if (tallies[i].n > most)
            buf_printf(out, "and %u more of this kind: %.*s (in a pipe or file all of them are named)\n", tallies[i].n - most,
                       STR_FMT(tallies[i].class));
}
