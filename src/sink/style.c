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

void style_put(struct buf *b, str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool c1 = c == 0xC2 && i + 1 < s.n && (unsigned char)s.p[i + 1] < 0xA0; // U+0080..U+009F
        buf_putc(b, c < 0x20 || c == 0x7F || c1 ? '?' : (char)c);
        i += c1;
    }
}

size_t style_columns(str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
    return n;
}

void style_flow(struct buf *b, const struct sink_style *s, str text, unsigned indent, size_t used)
{
    size_t room = s->width > indent + 20 ? s->width : indent + 20;
    size_t column = used;
    bool first = true; // of its line: no blank before it
    while (text.p) {
        str word = str_cut(&text, ' ');
        if (word.n == 0)
            continue;
        size_t n = style_columns(word);
        if (column > indent && column + !first + n > room) {
            buf_putc(b, '\n');
            column = 0;
            first = true;
        }
        if (column == 0) {
            buf_pad(b, ' ', indent);
            column = indent;
        }
        if (!first)
            buf_putc(b, ' ');
        style_put(b, word);
        column += n + !first;
        first = false;
    }
    buf_putc(b, '\n');
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
