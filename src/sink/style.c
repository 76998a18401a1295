#include "sink/style_priv.h"

static const char *const codes[] = {
    [PLAIN] = "\033[0m",   [BOLD] = "\033[1m",  [DIM] = "\033[2m",
    [RED] = "\033[31m",    [YELLOW] = "\033[33m", [BLUE] = "\033[34m",
    [CYAN] = "\033[36m",   [GREEN] = "\033[32m",  [CRITICAL] = "\033[1;31m",
};

void style_on(struct buf *b, const struct sink_style *s, enum colour c)
{
    if (s->colour)
        buf_put(b, str_of(codes[c]));
}

enum colour style_of_severity(enum severity severity)
{
    static const enum colour colours[] = {BLUE, YELLOW, RED, CRITICAL};
    return colours[severity];
}

void style_flow(struct buf *b, const struct sink_style *s, str text, unsigned indent, size_t used)
{
    flow_words(b, text, indent, used, s->width);
}

void style_wrap(struct buf *b, const struct sink_style *s, str text, unsigned indent)
{
    style_flow(b, s, text, indent, 0);
}

void style_rule(struct buf *b, const struct sink_style *s)
{
    style_on(b, s, DIM);
    for (unsigned i = 0; i < s->width; i++)
        buf_put(b, s->unicode ? S("\xE2\x94\x80") : S("-"));
    style_on(b, s, PLAIN);
    buf_putc(b, '\n');
}
