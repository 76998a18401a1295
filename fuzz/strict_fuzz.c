// strict_fuzz: objects as text -> read -> strict check. No input may crash or leak; every problem has a place
// in the text, a path that leads there, and a message.
#include <stdint.h>
#include <stdlib.h>

#include "doc/doc.h"
#include "doc/path.h"
#include "kube/schema.h"

enum { LONGEST = 512 }; // longer keys path_find does not look up

static void need(bool good)
{
    if (!good)
        abort();
}

static void check(const struct node *root, size_t size, struct arena *a)
{
    struct kube_schema_result r;
    struct object o;
    if (!object_view(root, &o) || kube_schema_check(&o, a, &r, NULL) != ERR_OK)
        return;
    for (const struct kube_schema_problem *p = r.first; p; p = p->next) {
        str message = kube_schema_message(p, a);
        need(message.p && message.n && p->n_places > 0);
        for (const struct kube_schema_place *x = p->first; x; x = x->next) {
            need(x->node->end <= size && x->path.n > 0);
            need(x->path.n >= LONGEST || path_find(root, x->path) == x->node);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const heads[] = {
        "", "apiVersion: v1\nkind: Pod\n", "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n",
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"};
    OWN_ARENA struct arena a = {0};
    struct doc_text text = {0};
    struct doc_chunk chunk;
    if (size == 0 || arena_init(&a, "fuzz", (size_t)1 << 30, NULL) != ERR_OK)
        return 0;
    str head = str_of(heads[data[0] % 4]); // most inputs would not name a kind
    char *bytes = arena_alloc(&a, head.n + size, 1, 1);
    memcpy(bytes, head.p, head.n);
    memcpy(bytes + head.n, data + 1, size - 1);
    if (doc_text_read(S("f"), (str){bytes, head.n + size - 1}, &a, &text, NULL, NULL) != ERR_OK)
        return 0;
    struct doc_splitter splitter = {.text = &text};
    while (doc_next(&splitter, &chunk)) {
        const struct node *root = NULL;
        if (doc_parse(&text, chunk, &a, &root, NULL, NULL) == ERR_OK)
            check(root, text.text.n, &a);
    }
    return 0;
}
