#include "source/documents.h"

#include "base/limits.h"

err_code documents_init(struct documents *d, struct err *e)
{
    *d = (struct documents){0};
    TRY(arena_init(&d->file, "file", 8 * LIMIT_FILE_BYTES, e));
    return arena_init(&d->document, "document", LIMIT_DOC_ARENA, e);
}

void documents_done(struct documents *d)
{
    arena_done(&d->file);
    arena_done(&d->document);
}

static err_code tell(const struct documents_sink *sink, const struct doc_text *text, const struct diags *d,
                     struct err *e)
{
    return d->errors + d->warnings ? sink->diags(sink->ctx, text, d, e) : ERR_OK;
}

static err_code read_document(struct documents *r, const struct doc_text *text, struct doc_chunk chunk,
                              const struct documents_sink *sink, struct err *e)
{
    struct err why = {0};
    struct diags d = {.arena = &r->document};
    const struct node *root = NULL, *const *objects = NULL;
    size_t n = 0;
    arena_reset(&r->document);
    err_code rc = doc_parse(text, chunk, &r->document, &root, &d, &why);
    if (rc == ERR_OK)
        rc = doc_objects(root, &r->document, &objects, &n, &d, &why);
    if (rc != ERR_OK && d.errors == 0)
        TRY(sink->refused(sink->ctx, text->name, chunk.line, why.msg, e));
    TRY(tell(sink, text, &d, e));
    return rc == ERR_OK ? sink->document(sink->ctx, text, chunk, root, objects, n, e) : ERR_OK;
}

err_code documents_read_text(struct documents *r, str name, str bytes, const struct documents_sink *sink,
                             struct err *e)
{
    struct err why = {0};
    struct doc_text text = {.name = name};
    struct diags d = {.arena = &r->file};
    err_code rc = doc_text_read(name, bytes, &r->file, &text, &d, &why);
    if (rc != ERR_OK && d.errors == 0)
        return sink->refused(sink->ctx, name, 0, why.msg, e);
    TRY(tell(sink, &text, &d, e));
    if (rc != ERR_OK)
        return ERR_OK;
    struct diags split = {.arena = &r->file};
    struct doc_splitter s = {.text = &text, .diags = &split};
    for (struct doc_chunk chunk; doc_next(&s, &chunk);)
        TRY(read_document(r, &text, chunk, sink, e));
    return tell(sink, &text, &split, e);
}

err_code documents_read(struct documents *r, const struct files_entry *f, const struct documents_sink *sink,
                        struct err *e)
{
    struct err why = {0};
    str bytes = {0};
    arena_reset(&r->file);
    if (files_read(f, &r->file, &bytes, &why) != ERR_OK)
        return sink->refused(sink->ctx, f->name, 0, why.msg, e);
    return documents_read_text(r, f->name, bytes, sink, e);
}
