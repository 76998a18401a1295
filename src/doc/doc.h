// doc: one file as kubectl reads it: bytes -> text -> chunks (documents) -> trees.
//
//     doc_text_read   UTF-16, BOM, invalid UTF-8 -> UTF-8 text      once a file
//     doc_next        apimachinery's document splitting             cheap; gives work to threads
//     doc_parse       one chunk -> one tree                         the work; any thread
//
// Sources: k8s.io/apimachinery/pkg/util/yaml, sigs.k8s.io/yaml, go-yaml v2; see docs/doc.md.
#ifndef DOC_DOC_H
#define DOC_DOC_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "doc/node.h"

// The text all spans are offsets into. Borrows `bytes` where no decoding was needed, otherwise the
// arena. Byte splices (repairs) are possible only where `decoded` is false.
struct doc_text {
    str name; // as the user named the file; "-" for standard input
    str text;
    bool decoded; // the text is not the file's bytes (UTF-16, or bad UTF-8 became U+FFFD)
};
err_code doc_text_read(str name, str bytes, struct arena *a, struct doc_text *ret, struct diags *d,
                       struct err *e) MUST_USE;

enum doc_format { DOC_YAML, DOC_JSON };

struct doc_chunk {
    uint32_t start, end; // bytes of the text
    uint32_t line;       // 1-based line of `start`
    enum doc_format format;
};

// Iterates over a text's documents: zero it, set text, call until it gives false. Chunks that hold
// only blanks and comments are skipped, as kubectl skips them. What stops kubectl (a bad separator,
// broken JSON after two objects) is reported and ends the iteration.
struct doc_splitter {
    const struct doc_text *text;
    struct diags *diags;
    uint32_t at, line;
    int state; // private
    uint32_t json_objects; // private
};
bool doc_next(struct doc_splitter *s, struct doc_chunk *ret);

// One chunk's tree. ERR_SYNTAX or ERR_LIMIT: the document is refused and *d says where and why.
// Duplicate keys and content that kubectl ignores (after `...`) are warnings in *d.
err_code doc_parse(const struct doc_text *text, struct doc_chunk chunk, struct arena *a,
                   const struct node **ret_root, struct diags *d, struct err *e) MUST_USE;

// What kubectl sends for one document: the root itself, or for anything with an `items` list its
// items (which inherit kind and apiVersion from a typed list where both are absent). NULL-free array
// of *ret_n nodes in the arena. A List in a List is refused, as kubectl refuses it.
err_code doc_objects(const struct node *root, struct arena *a, const struct node *const **ret,
                     size_t *ret_n, struct diags *d, struct err *e) MUST_USE;

#endif
