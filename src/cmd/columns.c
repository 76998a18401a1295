#include "cmd/columns.h"

#include "base/flow.h"

void columns_put(struct columns *c, str text)
{
    if (c->n == c->cap) {
        uint32_t cap = c->cap ? c->cap * 2 : 256;
        str *cells = arena_alloc(c->arena, cap, sizeof *cells, _Alignof(str));
        if (!cells) {
            c->failed = true;
            return;
        }
        if (c->n)
            memcpy(cells, c->cells, c->n * sizeof *cells);
        c->cells = cells;
        c->cap = cap;
    }
    str copy = arena_dup(c->arena, text);
    c->failed = c->failed || !copy.p;
    c->cells[c->n++] = copy;
}

void columns_print(const struct columns *c, struct buf *out, unsigned indent)
{
    size_t widths[16] = {0};
    for (uint32_t i = 0; i < c->n; i++) {
        size_t n = flow_columns(c->cells[i]);
        size_t *w = &widths[i % c->width];
        *w = n > *w ? n : *w;
    }
    for (uint32_t row = 0; row + c->width <= c->n; row += c->width) {
        size_t missing = indent; // blanks that are owed before the next cell that has something
        for (uint32_t k = 0; k < c->width; k++) {
            str cell = c->cells[row + k];
            if (!widths[k])
                continue;
            if (cell.n) {
                buf_pad(out, ' ', missing);
                flow_put(out, cell);
                missing = 0;
            }
            missing += widths[k] - flow_columns(cell) + 2;
        }
        buf_putc(out, '\n');
    }
}
