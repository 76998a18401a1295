// documents: one file -> its documents -> the objects kubectl would send, one document at a time.
#ifndef SOURCE_DOCUMENTS_H
#define SOURCE_DOCUMENTS_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "doc/doc.h"
#include "source/files.h"

// Who takes what a file holds. Texts, trees and diagnostics are valid during the call only: their
// memory is used again for the next document.
struct documents_sink {
    void *ctx;
    // One document that could be read: root, and the objects of it (a List's items). An error ends everything.
    err_code (*document)(void *ctx, const struct doc_text *text, struct doc_chunk chunk, const struct node *root,
                         const struct node *const *objects, size_t n, struct err *e);
    // What is wrong with a document, or with the file as text; never called with an empty list.
    err_code (*diags)(void *ctx, const struct doc_text *text, const struct diags *d, struct err *e);
    // A file, or one document of it, that gave nothing and no diagnostics either.
    err_code (*refused)(void *ctx, str file, uint32_t line, const char *why, struct err *e);
};

struct documents {
    struct arena file, document; // the bytes of the file under way; the tree of the document under way
};
// Addresses only: what is touched is what is paid for. ERR_LIMIT, ERR_IO.
err_code documents_init(struct documents *d, struct err *e) MUST_USE;
void documents_done(struct documents *d); // accepts one that was never initialised

// Reads one file. What is wrong with it goes to the sink and costs nothing but itself; an error is the sink's own.
err_code documents_read(struct documents *d, const struct files_entry *f, const struct documents_sink *sink,
                        struct err *e) MUST_USE;
// The same of a text that is there already.
err_code documents_read_text(struct documents *d, str name, str bytes, const struct documents_sink *sink,
                             struct err *e) MUST_USE;

#endif
