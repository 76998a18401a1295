#include "policy/scalar.h"

// Walks the written form and the value side by side.
struct walk {
    str raw, value;
    size_t at, done; // bytes of raw and of value that are behind us
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

// Anchors and tags stand inside the node's span, in front of the scalar.
static size_t skip_properties(str raw)
{
    size_t i = 0;
    while (i < raw.n && (raw.p[i] == '&' || raw.p[i] == '!')) {
        while (i < raw.n && !is_blank(raw.p[i]) && raw.p[i] != '\n')
            i++;
        while (i < raw.n && (is_blank(raw.p[i]) || raw.p[i] == '\n' || raw.p[i] == '\r'))
            i++;
    }
    return i;
}

static size_t line_end(str raw, size_t at)
{
    const char *nl = at < raw.n ? memchr(raw.p + at, '\n', raw.n - at) : NULL;
    return nl ? (size_t)(nl - raw.p) : raw.n;
}

static size_t indent_of(str raw, size_t line)
{
    size_t n = 0;
    while (line + n < raw.n && raw.p[line + n] == ' ')
        n++;
    return n;
}

// The indentation of a block scalar's text: of the first line that is not blank. (An explicit
// indicator only matters where that line starts with more blanks, which `value` then tells.)
static size_t block_indent(struct walk *w)
{
    for (size_t line = w->at; line < w->raw.n; line = line_end(w->raw, line) + 1) {
        size_t n = indent_of(w->raw, line);
        char c = line + n < w->raw.n ? w->raw.p[line + n] : '\n';
        if (c == '\n' || c == '\r')
            continue;
        size_t lead = 0; // blank lines give line feeds in front
        while (lead < w->value.n && w->value.p[lead] == '\n')
            lead++;
        size_t extra = indent_of(w->value, lead);
        return n > extra ? n - extra : 0;
    }
    return 0;
}

// `|` line by line: a line of the value is a line of the text behind its indentation.
static size_t locate_literal(struct walk *w, size_t offset)
{
    size_t indent = block_indent(w);
    size_t line = w->at, value_line = 0;
    for (;;) {
        const char *nl = memchr(w->value.p + value_line, '\n', w->value.n - value_line);
        size_t end = nl ? (size_t)(nl - w->value.p) : w->value.n;
        if (offset <= end || !nl) {
            size_t blank = indent_of(w->raw, line);
            return line + (blank < indent ? blank : indent) + (offset - value_line);
        }
        line = line_end(w->raw, line) + 1;
        value_line = end + 1;
        if (line >= w->raw.n)
            return w->raw.n;
    }
}

// How many bytes of the text one escape takes; *ret_value: how many bytes of the value it gives.
static size_t escape(const struct walk *w, size_t *ret_value)
{
    char c = w->at + 1 < w->raw.n ? w->raw.p[w->at + 1] : 0;
    size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    unsigned char lead = w->done < w->value.n ? (unsigned char)w->value.p[w->done] : 0;
    *ret_value = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (c == 'u' && lead >= 0xF0) // JSON: a pair of surrogates is one character
        return 12;
    return 2 + digits;
}

// A line break of a flow or folded scalar, with the blanks around it, is one blank or its empty lines.
static void cross_lines(struct walk *w)
{
    size_t breaks = 0;
    while (w->at < w->raw.n && (is_blank(w->raw.p[w->at]) || w->raw.p[w->at] == '\n' ||
                                w->raw.p[w->at] == '\r'))
        breaks += w->raw.p[w->at++] == '\n';
    size_t give = breaks > 1 ? breaks - 1 : 1;
    while (give-- && w->done < w->value.n &&
           (w->value.p[w->done] == ' ' || w->value.p[w->done] == '\n'))
        w->done++;
}

static bool at_break(const struct walk *w)
{
    size_t i = w->at;
    while (i < w->raw.n && is_blank(w->raw.p[i]))
        i++;
    return i < w->raw.n && (w->raw.p[i] == '\n' || w->raw.p[i] == '\r');
}

static size_t locate_flow(struct walk *w, size_t offset, char quote)
{
    while (w->done < offset && w->at < w->raw.n) {
        char c = w->raw.p[w->at];
        if (quote == '"' && c == '\\') {
            size_t value = 0, n = escape(w, &value);
            if (w->at + 1 < w->raw.n && w->raw.p[w->at + 1] == '\n') { // an escaped line break is nothing
                w->at++;
                while (w->at < w->raw.n && (w->raw.p[w->at] == '\n' || is_blank(w->raw.p[w->at])))
                    w->at++;
                continue;
            }
            if (w->done + value > offset)
                break;
            w->at += n;
            w->done += value;
        } else if (quote == '\'' && c == '\'') {
            w->at += 2;
            w->done++;
        } else if (at_break(w)) {
            cross_lines(w);
        } else {
            w->at++;
            w->done++;
        }
    }
    return w->at;
}

uint32_t scalar_locate(str text, const struct node *node, uint32_t offset)
{
    if (node->end > text.n || node->start >= node->end || (node->flags & NODE_ALIAS))
        return node->start;
    struct walk w = {.raw = {text.p + node->start, node->end - node->start}, .value = node_str(node)};
    w.at = skip_properties(w.raw);
    char first = w.at < w.raw.n ? w.raw.p[w.at] : 0;
    size_t at;
    if (first == '|' || first == '>') {
        w.at = line_end(w.raw, w.at) + 1;
        if (first == '>') {
            size_t indent = block_indent(&w);
            w.at += indent;
            at = locate_flow(&w, offset, 0);
        } else {
            at = locate_literal(&w, offset);
        }
    } else if (first == '"' || first == '\'') {
        w.at++;
        at = locate_flow(&w, offset, first);
    } else {
        at = locate_flow(&w, offset, 0);
    }
    return node->start + (uint32_t)(at < w.raw.n ? at : w.raw.n);
}
