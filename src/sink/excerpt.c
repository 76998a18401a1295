#include "base/diag.h"
#include "base/utf8.h"
#include "sink/style_priv.h"

enum { GUTTER = 10, PARENT_LINES = 60 };

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

// The line above that the place's line belongs to: the nearest with less indentation.
static str parent_of(str text, str line, uint32_t number, uint32_t *ret_number)
{
    size_t indent = indent_of(line);
    if (line.n > indent + 1 && line.p[indent] == '-' && line.p[indent + 1] == ' ')
        indent++; // `- name: x` belongs to a key that may stand just as far left
    const char *at = line.p;
    for (unsigned i = 1; i <= PARENT_LINES && i < number && at > text.p; i++) {
        str above = diag_line(text, (size_t)(at - text.p) - 1);
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
        columns += !utf8_tail(shown.p[n]);
        if (columns > room)
            break;
    }
    for (size_t i = 0; i < n; i++) // a tab is one column here, or the marks below would be off
        buf_putc(b, shown.p[i] == '\t' ? ' ' : ((unsigned char)shown.p[i] < 0x20 ? '?' : shown.p[i]));
    buf_putc(b, '\n');
}

// What of a line is shown: its bytes from `skip` on, the marks over [from, to).
struct window {
    str line;
    size_t from, to, skip, room;
};

static bool window_of(struct window *w, const struct sink_style *s, str text, uint32_t start, uint32_t end)
{
    w->line = diag_line(text, start);
    w->from = (size_t)(text.p + start - w->line.p);
    if (!w->line.n || w->from > w->line.n)
        return false;
    w->to = end > start ? w->from + (end - start) : w->from + 1;
    if (w->to > w->line.n)
        w->to = w->line.n;
    w->room = s->width > GUTTER + 13 ? s->width - GUTTER - 3 : 10;
    w->skip = w->to > w->room ? (w->from > 20 ? w->from - 20 : 0) : 0;
    while (w->skip < w->from && w->skip > 0 && utf8_tail(w->line.p[w->skip]))
        w->skip++;
    return true;
}

static void put_marks(struct buf *b, const struct sink_style *s, const struct window *w)
{
    gutter(b, s, 0);
    for (size_t i = w->skip; i < w->from; i++)
        if (!utf8_tail(w->line.p[i]))
            buf_putc(b, ' ');
    style_on(b, s, RED);
    size_t marks = 0;
    for (size_t i = w->from; i < w->to && i - w->skip < w->room; i++)
        marks += !utf8_tail(w->line.p[i]);
    buf_pad(b, '^', marks ? marks : 1);
    style_on(b, s, PLAIN);
    buf_putc(b, '\n');
}

static bool is_hidden(const struct excerpt *x, str line)
{
    str text = x->report->files[x->file].text;
    uint32_t start = (uint32_t)(line.p - text.p);
    return finding_is_hidden(x->report, x->file, start, start + (uint32_t)line.n);
}

// The last name of a path, with the list's item or the map that it is in: `password`, `env[0].name`, `args[1]`,
// `annotations["a.b/c"]`.
static str tail_of(str path)
{
    size_t last = 0, before = 0;
    bool bracket = false; // one stands directly before the last name
    for (size_t i = 0; i < path.n; i++) {
        if (path.p[i] == '.') {
            bracket = i > 0 && path.p[i - 1] == ']';
            before = last;
            last = i + 1;
        } else if (path.p[i] == '[' && i + 1 < path.n && path.p[i + 1] == '"') {
            for (i += 2; i < path.n && path.p[i] != '"'; i++)
                i += path.p[i] == '\\';
        }
    }
    return str_skip(path, bracket ? before : last);
}

// A line that must not be shown: what stands there, without what it says.
static void put_hidden(struct buf *b, const struct sink_style *s, const struct excerpt *x, const struct window *w)
{
    size_t indent = indent_of(w->line);
    str tail = tail_of(x->place.path);
    gutter(b, s, x->place.line);
    buf_pad(b, ' ', indent < w->room / 2 ? indent : 0);
    flow_put(b, tail);
    buf_put(b, tail.n ? S(": ***\n") : S("***\n"));
}

static void put_parent(struct buf *b, const struct sink_style *s, const struct excerpt *x, const struct window *w,
                       struct excerpt_shown *shown, uint32_t *ret_above)
{
    str text = x->report->files[x->file].text;
    str parent = w->skip ? (str){0} : parent_of(text, w->line, x->place.line, ret_above);
    if (parent.p && *ret_above != shown->parent && *ret_above != shown->line && !is_hidden(x, parent))
        put_line(b, s, parent, *ret_above, 0);
}

void excerpt_put_alone(struct buf *b, const struct sink_style *s, const struct excerpt *x)
{
    struct window w;
    if (!window_of(&w, s, x->report->files[x->file].text, x->place.start, x->place.end))
        return;
    if (x->sensitive || is_hidden(x, w.line)) {
        put_hidden(b, s, x, &w);
        return;
    }
    put_line(b, s, w.line, x->place.line, w.skip);
    put_marks(b, s, &w);
}

void excerpt_put(struct buf *b, const struct sink_style *s, const struct excerpt *x, struct excerpt_shown *shown)
{
    struct window w;
    uint32_t above = 0;
    if (!window_of(&w, s, x->report->files[x->file].text, x->place.start, x->place.end))
        return;
    put_parent(b, s, x, &w, shown, &above);
    bool hidden = x->sensitive || is_hidden(x, w.line);
    if (hidden) {
        put_hidden(b, s, x, &w);
    } else {
        if (x->place.line != shown->line)
            put_line(b, s, w.line, x->place.line, w.skip);
        put_marks(b, s, &w);
    }
    *shown = (struct excerpt_shown){above, x->place.line};
}
