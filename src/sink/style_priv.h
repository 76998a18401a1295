// style_priv: colours, widths and lines of the text report, one place for all of them.
#ifndef SINK_STYLE_PRIV_H
#define SINK_STYLE_PRIV_H

#include "base/flow.h"
#include "base/out.h"
#include "sink/sink.h"

enum colour { PLAIN, BOLD, DIM, RED, YELLOW, BLUE, CYAN, GREEN, CRITICAL };

// Turns a colour on; PLAIN turns all off. Nothing where the style has no colour.
void style_on(struct buf *b, const struct sink_style *s, enum colour c);
enum colour style_of_severity(enum severity severity);
// Text wrapped at the style's width, every line indented.
void style_wrap(struct buf *b, const struct sink_style *s, str text, unsigned indent);
// The same on a line that has `used` columns already; what does not fit there is indented.
void style_flow(struct buf *b, const struct sink_style *s, str text, unsigned indent, size_t used);
void style_rule(struct buf *b, const struct sink_style *s); // a horizontal line

// excerpt.c: the lines of a place with a gutter, the place marked; of a line that must not be shown the end of the
// place's path, and stars. shown: the lines that stand above already, {0} at first; they are not repeated.
struct excerpt {
    const struct report *report; // what must not be shown
    uint32_t file;
    struct place place; // its path is read only where the line must not be shown
    bool sensitive;     // whatever the report says
};
struct excerpt_shown {
    uint32_t parent, line;
};
void excerpt_put(struct buf *b, const struct sink_style *s, const struct excerpt *x, struct excerpt_shown *shown);
// Without the line it belongs to.
void excerpt_put_alone(struct buf *b, const struct sink_style *s, const struct excerpt *x);

// text_summary.c: what stands below the findings.
void sink_summary_put(struct out *o, const struct report *r, const struct sink_style *s);
// "2 critical · 11 high", and its columns.
size_t sink_summary_counts(struct buf *b, const struct sink_style *s, const uint32_t by_severity[4]);

#endif
