// flow: text for a terminal: wrapped at words, indented, with nothing in it that steers the terminal.
#ifndef BASE_FLOW_H
#define BASE_FLOW_H

#include "base/buf.h"

// Columns a text takes: code points (wide characters count as one).
size_t flow_columns(str s);
// The text with its control characters replaced by '?'.
void flow_put(struct buf *b, str s);
// Words from column `indent` on, no line longer than `width` where a word allows it; the line under way has `used` columns
// already. Ends with a line end. A width that leaves less than 20 columns is taken as 20 more than the indent.
void flow_words(struct buf *b, str text, size_t indent, size_t used, size_t width);

#endif
