// Any bytes as a file: no crash; each document that is taken comes out of write_json and back in as an
// equal tree, its spans lie in the text, and its objects can be told apart.
#include <stdint.h>
#include <stdlib.h>

#include "base/limits.h"
#include "doc/doc.h"
#include "doc/json.h"
#include "doc/write.h"

static struct arena file, document; // one pair for all runs: their address space is big

static void check_spans(const struct node *n, size_t size)
{
    if (n->start > n->end || n->end > size)
        abort();
    for (uint32_t i = 0; n->kind == NODE_LIST && i < n->n; i++)
        check_spans(&n->items[i], size);
    for (uint32_t i = 0; n->kind == NODE_MAP && i < n->n; i++) {
        const struct member *m = &n->members[i];
        if (m->key_start > m->key_end || m->key_end > size ||
            node_member(n, key_of(member_key(m))) != m)
            abort();
        check_spans(&m->value, size);
    }
}

static void check_document(const struct doc_text *text, struct doc_chunk chunk)
{
    struct err e;
    struct diags d = {.arena = &document};
    const struct node *root, *again, *const *objects;
    size_t n;
    if (doc_parse(text, chunk, &document, &root, &d, &e) != ERR_OK)
        return;
    OWN_BUF struct buf out = buf_new((size_t)4 << 20); // aliases may make it large
    write_json(&out, root);
    if (out.failed)
        return;
    check_spans(root, text->text.n);
    if (json_parse(buf_str(&out), 0, (uint32_t)out.n, &document, &again, &d, &e) != ERR_OK ||
        !node_equal(root, again))
        abort();
    if (doc_objects(root, &document, &objects, &n, &d, &e) != ERR_OK)
        return;
    for (size_t i = 0; i < n; i++)
        write_json(&out, objects[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err e;
    if (!file.base && (arena_init(&file, "file", (size_t)1 << 30, &e) != ERR_OK ||
                       arena_init(&document, "document", LIMIT_DOC_ARENA, &e) != ERR_OK))
        abort();
    arena_reset(&file);
    struct diags d = {.arena = &file};
    struct doc_text text;
    if (doc_text_read(S("fuzz"), (str){(const char *)data, size}, &file, &text, &d, &e) != ERR_OK)
        return 0;
    struct doc_splitter s = {.text = &text, .diags = &d};
    for (struct doc_chunk chunk; doc_next(&s, &chunk);) {
        if (chunk.start >= chunk.end || chunk.end > text.text.n ||
            chunk.line != diag_locate(text.text, chunk.start).line)
            abort();
        check_document(&text, chunk);
        arena_reset(&document);
    }
    return 0;
}
