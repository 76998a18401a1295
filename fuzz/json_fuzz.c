// Any bytes as JSON: no crash; what is taken comes out of write_json and back in as an equal tree.
#include <stdint.h>
#include <stdlib.h>

#include "base/limits.h"
#include "doc/json.h"
#include "doc/write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena a; // one for all runs: its address space is big
    struct err e;
    if (!a.base && arena_init(&a, "fuzz", LIMIT_DOC_ARENA, &e) != ERR_OK)
        abort();
    arena_reset(&a);
    struct diags d = {.arena = &a};
    const struct node *root, *again;
    str text = {(const char *)data, size};
    if (size > UINT32_MAX || json_parse(text, 0, (uint32_t)size, &a, &root, &d, &e) != ERR_OK)
        return 0;
    OWN_BUF struct buf out = buf_new((size_t)64 << 20);
    write_json(&out, root);
    if (out.failed)
        return 0;
    if (json_parse(buf_str(&out), 0, (uint32_t)out.n, &a, &again, &d, &e) != ERR_OK ||
        !node_equal(root, again))
        abort();
    return 0;
}
