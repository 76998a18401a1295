#include "sink/style_priv.h"

enum { GUTTER = 10, PARENT_LINES = 60 };

// [start, end) of the line that holds offset, without its line end.
static str line_of(str text, size_t offset)
{
    size_t a = offset > text.n ? text.n : offset;
    while (a > 0 && text.p[a - 1] != '\n')
        a--;
    const char *nl = a < text.n ? memchr(text.p + a, '\n', text.n - a) : NULL;
    size_t b = nl ? (size_t)(nl - text.p) : text.n;
    if (b > a && text.p[b - 1] == '\r')
        b--;
    return (str){text.p + a, b - a};
}

static size_t indent_of(str line)
{
    size_t n = 0;
    while (n < line.n && line.p[n] == ' ')
        n++;
    return n;
}

static void gutter(struct buf *b, const struct sink_style *s, uint32_t number)
{
    style_on(b, s, DIM);
    if (number)
        buf_printf(b, "%*u ", GUTTER, number);
    else
        buf_pad(b, ' ', GUTTER + 1);
    buf_put(b, s->unicode ? S("\xE2\x94\x82") : S("|"));
    style_on(b, s, PLAIN);
    buf_putc(b, ' ');
}

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

// The line above that the place's line belongs to: the nearest with less indentation.
static str parent_of(str text, str line, uint32_t number, uint32_t *ret_number)
{
    size_t indent = indent_of(line);
    if (line.n > indent + 1 && line.p[indent] == '-' && line.p[indent + 1] == ' ')
        indent++; // `- name: x` belongs to a key that may stand just as far left
    const char *at = line.p;
    for (unsigned i = 1; i <= PARENT_LINES && i < number && at > text.p; i++) {
        str above = line_of(text, (size_t)(at - text.p) - 1);
        size_t n = indent_of(above);
        at = above.p;
        if (above.n == n || above.p[n] == '#')
            continue;
        if (str_starts(above, S("---")))
            break;
        if (n < indent && !(above.p[n] == '-' && n + 2 > indent)) {
            *ret_number = number - i;
            return above;
        }
    }
    return (str){NULL, 0};
}

// Long lines (JSON on one line) are shown around the place.
static void put_line(struct buf *b, const struct sink_style *s, str line, uint32_t number,
                     size_t skip)
{
    size_t room = s->width > GUTTER + 13 ? s->width - GUTTER - 3 : 10;
    gutter(b, s, number);
    str shown = str_skip(line, skip);
    size_t n = 0, columns = 0;
    for (; n < shown.n; n++) {
        columns += !is_continuation(shown.p[n]);
        if (columns > room)
            break;
    }
    for (size_t i = 0; i < n; i++) // a tab is one column here, or the marks below would be off
        buf_putc(b, shown.p[i] == '\t' ? ' ' : ((unsigned char)shown.p[i] < 0x20 ? '?' : shown.p[i]));
    buf_putc(b, '\n');
}

void excerpt_put(struct buf *b, const struct sink_style *s, str text, uint32_t start, uint32_t end,
                 uint32_t number, bool with_parent)
{
    str line = line_of(text, start);
    size_t from = (size_t)(text.p + start - line.p);
    if (!line.n || from > line.n)
        return;
    size_t to = end > start ? from + (end - start) : from + 1;
    if (to > line.n)
        to = line.n;
    size_t room = s->width > GUTTER + 13 ? s->width - GUTTER - 3 : 10;
    size_t skip = to > room ? (from > 20 ? from - 20 : 0) : 0;
    while (skip < from && skip > 0 && is_continuation(line.p[skip]))
        skip++;

    uint32_t parent_number = 0;
    str parent = with_parent && !skip ? parent_of(text, line, number, &parent_number) : (str){0};
    if (parent.p)
        put_line(b, s, parent, parent_number, 0);
    put_line(b, s, line, number, skip);
    gutter(b, s, 0);
    for (size_t i = skip; i < from; i++)
        if (!is_continuation(line.p[i]))
            buf_putc(b, ' ');
    style_on(b, s, RED);
    size_t marks = 0;
    for (size_t i = from; i < to && i - skip < room; i++)
        marks += !is_continuation(line.p[i]);
    buf_pad(b, '^', marks ? marks : 1);
    style_on(b, s, PLAIN);
    buf_putc(b, '\n');
}
