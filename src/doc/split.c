#include "base/utf8.h"
#include "doc/doc.h"
#include "doc/json_priv.h"

// apimachinery's YAMLOrJSONDecoder (k8s.io/apimachinery/pkg/util/yaml, v0.34): a text that begins with
// `{` is JSON objects one after the other. Where JSON breaks on the first or second of them, the rest
// is YAML; later it is an error. YAML documents are separated by lines that begin with `---`.

enum state { STATE_NEW, STATE_JSON, STATE_YAML, STATE_END };

// How far kubectl looks for the `{`.
enum { SNIFFED = 4096 };

// Bytes of the white space (unicode.IsSpace) at the start of s, or 0.
static size_t space_len(str s)
{
    unsigned char c = (unsigned char)s.p[0];
    if (c == ' ' || (c >= '\t' && c <= '\r'))
        return 1;
    if (c < 0x80)
        return 0;
    static const char *const wide[] = {"\xC2\x85", "\u00A0", "\u1680", "\u2000", "\u2001", "\u2002",
                                       "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008",
                                       "\u2009", "\u200A", "\u2028", "\u2029", "\u202F", "\u205F",
                                       "\u3000"};
    for (unsigned i = 0; i < sizeof wide / sizeof *wide; i++)
        if (str_starts(s, str_of(wide[i])))
            return strlen(wide[i]);
    return 0;
}

static str skip_space(str s)
{
    for (size_t n; s.n && (n = space_len(s));)
        s = str_skip(s, n);
    return s;
}

static bool is_json(str text)
{
    str rest = skip_space(str_head(text, SNIFFED));
    return rest.n && rest.p[0] == '{';
}

static void move_to(struct doc_splitter *s, uint32_t to)
{
    const char *p = s->text->text.p, *end = p + to;
    for (const char *at = p + s->at; at < end && (at = memchr(at, '\n', (size_t)(end - at))); at++)
        s->line++;
    s->at = to;
}

// What kubectl does before it reads on as YAML: white space goes, up to and with the first line end.
// False where fewer than 4 bytes are left: it then gives up.
static bool skip_to_yaml(struct doc_splitter *s)
{
    str text = s->text->text;
    uint32_t at = s->at;
    for (;;) {
        str rest = str_skip(text, at);
        if (rest.n < 4)
            return false;
        size_t n = space_len(rest);
        at += (uint32_t)n;
        if (n == 0 || rest.p[0] == '\n')
            break;
    }
    move_to(s, at);
    return true;
}

static void report_broken_json(struct doc_splitter *s)
{
    uint32_t start = s->at, end = s->at;
    if (!s->diags)
        return;
    struct diags why = {.arena = s->diags->arena};
    (void)json_skip(s->text->text, s->at, (uint32_t)s->text->text.n, &start, &end, &why);
    if (!why.first)
        return;
    if (s->json_objects > 1)
        diag_add(s->diags, DIAG_ERROR, why.first->start, why.first->end,
                 S("Behind two JSON objects kubectl reads no YAML, and this file no further."),
                 "broken JSON: %.*s", STR_FMT(why.first->message));
    else
        diag_add(s->diags, DIAG_ERROR, why.first->start, why.first->end, why.first->hint, "%.*s",
                 STR_FMT(why.first->message));
}

static bool next_json(struct doc_splitter *s, struct doc_chunk *ret)
{
    str text = s->text->text;
    uint32_t start = s->at, end = s->at;
    switch (json_skip(text, s->at, (uint32_t)text.n, &start, &end, NULL)) {
    case JSON_VALUE:
        move_to(s, start);
        *ret = (struct doc_chunk){.start = start, .end = end, .line = s->line, .format = DOC_JSON};
        move_to(s, end);
        s->json_objects++;
        return true;
    case JSON_NONE:
        s->state = STATE_END;
        return false;
    case JSON_BROKEN:
        break;
    }
    if (s->json_objects <= 1 && skip_to_yaml(s)) {
        s->state = STATE_YAML;
        return false;
    }
    report_broken_json(s);
    s->state = STATE_END;
    return false;
}

static bool is_separator(str line)
{
    return line.n >= 3 && line.p[0] == '-' && line.p[1] == '-' && line.p[2] == '-';
}

// Behind the dashes only white space or a comment may stand.
static bool is_good_separator(str line)
{
    str rest = skip_space(str_skip(line, 3));
    return rest.n == 0 || rest.p[0] == '#';
}

// The line at `at` without its LF; the position behind it.
static str line_at(str text, uint32_t at, uint32_t *ret_next)
{
    const char *nl = memchr(text.p + at, '\n', text.n - at);
    size_t n = nl ? (size_t)(nl - text.p) - at : text.n - at;
    *ret_next = at + (uint32_t)n + (nl != NULL);
    return (str){text.p + at, n};
}

// A line that cannot matter. A comment with anything unusual in it can: a CR or U+2028 ends it, and a
// control character makes kubectl refuse the document.
static bool is_blank(str line)
{
    size_t i = 0;
    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    while (i < line.n && (line.p[i] == ' ' || line.p[i] == '\t'))
        i++;
    if (i == line.n)
        return true;
    if (line.p[i] != '#')
        return false;
    for (; i < line.n; i++)
        if (line.p[i] != '\t' && (line.p[i] < ' ' || line.p[i] > '~'))
            return false;
    return true;
}

static bool refuse_separator(struct doc_splitter *s, str line, uint32_t at)
{
    diag_add(s->diags, DIAG_ERROR, at, at + (uint32_t)line.n,
             S("Put the document's first line below it. Kubernetes reads this file no further."),
             "on a document separator (---) nothing but a comment may follow");
    s->state = STATE_END;
    return false;
}

// The next separator line that begins at or behind `at`, or the end of the text; *ret_lines: line ends
// before it. One pass for both: this touches every line of the file.
static uint32_t find_separator(str text, uint32_t at, uint32_t *ret_lines)
{
    const char *p = text.p + at, *end = text.p + text.n;
    uint32_t lines = 0;
    while (!is_separator((str){p, (size_t)(end - p)})) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));
        p = nl ? nl + 1 : end;
        lines += nl != NULL;
        if (p == end)
            break;
    }
    *ret_lines = lines;
    return (uint32_t)(p - text.p);
}

// What kubectl's reader has gathered in front of a document: nothing, blank lines and comments, or a
// separator with those behind it. A separator that comes upon something gathered ends it, and is dropped.
struct lead {
    uint32_t start, line;
    bool any, separator;
};

// A separator that is part of its document may hold some of it: a CR or U+2028 ends its comment, and a
// comment that touches the dashes is text.
static bool holds_content(str separator)
{
    str rest = str_skip(separator, 3);
    return rest.n && (rest.p[0] == '#' || !is_blank(rest));
}

static bool skip_lead(struct doc_splitter *s, struct lead *lead)
{
    str text = s->text->text;
    while (s->at < text.n) {
        uint32_t next;
        str line = line_at(text, s->at, &next);
        bool separator = is_separator(line), drop = separator && lead->any;
        if (separator && !is_good_separator(line))
            return refuse_separator(s, line, s->at);
        if (!separator && !is_blank(line))
            break;
        if (!lead->any)
            *lead = (struct lead){.start = s->at, .line = s->line, .any = true, .separator = separator};
        if (separator && !drop && holds_content(line))
            break;
        if (drop)
            *lead = (struct lead){0};
        s->at = next;
        s->line++;
    }
    return true;
}

// A separator ends a document that has begun, and is dropped with its comment. Blank lines, comments
// and separators in front of a document make no documents; the separator that kubectl leaves in front
// of one is part of it, and so are the lines before a byte order mark, which is not at the start then.
static bool next_yaml(struct doc_splitter *s, struct doc_chunk *ret)
{
    str text = s->text->text;
    struct lead lead = {0};
    if (!skip_lead(s, &lead))
        return false;
    if (s->at >= text.n) {
        s->state = STATE_END;
        return false;
    }
    uint32_t from = s->at, after, lines;
    bool own = lead.separator && lead.start == s->at; // the document's own separator ends none
    if (own)
        (void)line_at(text, s->at, &from);
    uint32_t end = find_separator(text, from, &lines);
    after = end;
    *ret = (struct doc_chunk){.start = s->at, .end = end, .line = s->line, .format = DOC_YAML};
    if (lead.separator || (lead.any && str_starts(str_skip(text, s->at), S("\xEF\xBB\xBF")))) {
        ret->start = lead.start;
        ret->line = lead.line;
    }
    if (end < text.n) {
        str line = line_at(text, end, &after);
        if (!is_good_separator(line))
            return refuse_separator(s, line, end);
        lines++;
    }
    s->at = after;
    s->line += lines + own;
    return true;
}

bool doc_next(struct doc_splitter *s, struct doc_chunk *ret)
{
    if (s->state == STATE_NEW) {
        s->line = 1;
        s->state = is_json(s->text->text) ? STATE_JSON : STATE_YAML;
    }
    if (s->state == STATE_JSON && next_json(s, ret))
        return true;
    return s->state == STATE_YAML && next_yaml(s, ret);
}
