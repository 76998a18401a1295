#include "cmd/json_lines.h"

#include <unistd.h>

#include "base/limits.h"
#include "doc/json.h"
#include "doc/write.h"
#include "source/lines.h"

static err_code answer_one(json_lines_answer *answer, void *ctx, str text, struct arena *a, struct buf *out, struct err *e)
{
    struct diags d = {.arena = a};
    const struct node *root = NULL;
    if (json_parse(text, 0, (uint32_t)text.n, a, &root, &d, NULL) != ERR_OK)
        root = NULL;
    const struct node *id = node_get(root, KEY("id"));
    buf_putc(out, '{');
    if (id) {
        buf_put(out, S("\"id\": "));
        write_json(out, id);
        buf_put(out, S(", "));
    }
    TRY(answer(ctx, root, a, out, e));
    buf_put(out, S("}\n"));
    return ERR_OK;
}

err_code json_lines_run(json_lines_answer *answer, void *ctx, struct out *out, struct err *e)
{
    OWN_ARENA struct arena a = {0};
    OWN_LINES struct lines in;
    lines_init(&in, STDIN_FILENO, "standard input");
    TRY(arena_init(&a, "question", LIMIT_DOC_ARENA, e));
    for (;;) {
        str text;
        bool more = false;
        if (!lines_ready(&in))
            out_flush_now(out);
        TRY(lines_next(&in, &text, &more, e));
        if (!more)
            return ERR_OK;
        if (str_trim(text).n == 0)
            continue;
        TRY(answer_one(answer, ctx, text, &a, &out->b, e));
        out_flush(out);
        arena_reset(&a);
    }
}
