// columns: a table as text: cells are collected, then printed with every column as wide as its widest cell.
#ifndef CMD_COLUMNS_H
#define CMD_COLUMNS_H

#include "base/arena.h"
#include "base/buf.h"

struct columns {
    struct arena *arena;
    str *cells; // row by row
    uint32_t n, cap, width; // cells; columns
    bool failed;
};

// The next cell; text is copied. A row is full after `width` cells.
void columns_put(struct columns *c, str text);
// Rows without the cells that are empty in all of them, two spaces between, `indent` before; nothing behind the last.
void columns_print(const struct columns *c, struct buf *out, unsigned indent);

#endif
