#include "doc/json.h"

#include <assert.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "doc/build_priv.h"
#include "doc/json_priv.h"
#include "doc/number.h"

// Where the reader is. `p` runs through text[start, end); spans are p - base.
struct reader {
    const char *base, *p, *end;
    bool check; // only the grammar: nothing is built, nothing allocated
    struct member scratch; // what is read while checking
    struct build build;
    struct diags *diags;
    struct err *e;
};

// A container that is open: its entry on the build stack, and its first child.
struct frame {
    uint32_t entry, first;
    bool map;
};

static uint32_t at(const struct reader *r, const char *p)
{
    return (uint32_t)(p - r->base);
}

// Refuses the document because of the bytes from `from` on, which end before `to`.
static COLD err_code refuse(struct reader *r, const char *from, const char *to, str hint,
                            const char *what)
{
    diag_add(r->diags, DIAG_ERROR, at(r, from), at(r, to), hint, "%s", what);
    return err_set(r->e, ERR_SYNTAX, "%s", what);
}

static COLD err_code too_much(struct reader *r, const char *what)
{
    if (!r->check) // the value is read again, and then reported
        diag_add(r->diags, DIAG_ERROR, at(r, r->p), at(r, r->p) + 1, (str){0}, "%s", what);
    return err_set(r->e, ERR_LIMIT, "%s", what);
}
static_assert(LIMIT_DEPTH == 1000 && LIMIT_NODES == 8 << 20, "the messages of too_much()");

static void skip_blanks(struct reader *r)
{
    const char *p = r->p;
    while (p < r->end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
        p++;
    r->p = p;
}

#define BYTES(b) (0x0101010101010101u * (b))

// Bytes a string may hold as they are: no quote, backslash, control, nothing beyond ASCII. Eight at a
// time: a byte's high bit is set where it is one of those (a borrow may set it wrongly above a true
// one, and the loop behind looks again).
static const char *skip_plain(const char *p, const char *end)
{
    for (; end - p >= 8; p += 8) {
        uint64_t w;
        memcpy(&w, p, 8);
        uint64_t quote = w ^ BYTES('"'), backslash = w ^ BYTES('\\');
        uint64_t special = (w - BYTES(0x20)) | (quote - BYTES(1)) | (backslash - BYTES(1)) | w;
        if (special & BYTES(0x80))
            break;
    }
    while (p < end && (unsigned char)*p >= 0x20 && (unsigned char)*p < 0x80 && *p != '"' && *p != '\\')
        p++;
    return p;
}

// The four digits of a \u escape, or -1.
static int32_t hex4(const char *p, const char *end)
{
    int32_t v = 0;
    if (end - p < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int d = str_hex_digit(p[i]);
        if (d < 0)
            return -1;
        v = v << 4 | d;
    }
    return v;
}

// Walks over a string without its first quote, checks it, and tells whether it holds escapes.
static err_code skip_string(struct reader *r, bool *ret_escapes)
{
    const char *open = r->p - 1, *p = r->p;
    *ret_escapes = false;
    for (;;) {
        p = skip_plain(p, r->end);
        if (p == r->end)
            return refuse(r, open, open + 1, (str){0}, "this string has no end");
        if (*p == '"')
            break;
        unsigned char c = (unsigned char)*p;
        if (c < 0x20)
            return refuse(r, p, p + 1, S("Write line ends as \\n and tabs as \\t."),
                          "a control character in a string");
        if (c >= 0x80) {
            size_t n = utf8_len((str){p, (size_t)(r->end - p)});
            if (n == 0)
                return refuse(r, p, p + 1, (str){0}, "invalid UTF-8 in a string");
            p += n;
            continue;
        }
        *ret_escapes = true;
        char escaped = r->end - p > 1 ? p[1] : 0;
        if (escaped == 'u') {
            if (hex4(p + 2, r->end) < 0)
                return refuse(r, p, p + 2, (str){0}, "\\u needs four hexadecimal digits");
            p += 6;
        } else if (escaped && strchr("\"\\/bfnrt", escaped)) {
            p += 2;
        } else {
            return refuse(r, p, p + 1, S("A backslash itself is written \\\\."),
                          "JSON knows no such escape");
        }
    }
    r->p = p + 1;
    return ERR_OK;
}

// The code point of a \u escape at p (checked by skip_string); a surrogate without its other half
// is U+FFFD, as Go reads it.
static uint32_t take_unicode(const char **p, const char *end)
{
    uint32_t c = (uint32_t)hex4(*p + 2, end);
    *p += 6;
    if (c < 0xD800 || c > 0xDFFF)
        return c;
    if (c < 0xDC00 && end - *p >= 6 && (*p)[0] == '\\' && (*p)[1] == 'u') {
        int32_t low = hex4(*p + 2, end);
        if (low >= 0xDC00 && low <= 0xDFFF) {
            *p += 6;
            return 0x10000 + ((c - 0xD800) << 10) + ((uint32_t)low - 0xDC00);
        }
    }
    return 0xFFFD;
}

// A string's value: never longer than the text it is written as.
static err_code unescape(struct reader *r, str raw, str *ret)
{
    char *room, *to;
    TRY_NEW(room, r->build.arena, raw.n, r->e);
    to = room;
    const char *end = raw.p + raw.n;
    for (const char *p = raw.p; p < end;) {
        if (*p != '\\') {
            *to++ = *p++;
            continue;
        }
        if (p[1] == 'u') {
            to += utf8_put(to, take_unicode(&p, end));
            continue;
        }
        static const char from[] = "bfnrt", into[] = "\b\f\n\r\t";
        const char *known = strchr(from, p[1]);
        *to++ = known ? into[known - from] : p[1];
        p += 2;
    }
    *ret = (str){room, (size_t)(to - room)};
    return ERR_OK;
}

static err_code read_string(struct reader *r, str *ret)
{
    bool escapes;
    const char *from = r->p;
    TRY(skip_string(r, &escapes));
    str raw = {from, (size_t)(r->p - from) - 1};
    if (escapes && !r->check)
        return unescape(r, raw, ret);
    *ret = raw;
    return ERR_OK;
}

static const char *skip_digits(const char *p, const char *end)
{
    while (p < end && *p >= '0' && *p <= '9')
        p++;
    return p;
}

// Walks over a number; *ret_integer: it has neither point nor exponent.
static err_code skip_number(struct reader *r, bool *ret_integer)
{
    const char *from = r->p, *p = from;
    p += *p == '-';
    const char *digits = p;
    p = skip_digits(p, r->end);
    if (p == digits)
        return refuse(r, from, from + 1, (str){0}, "a digit must follow the minus sign");
    if (*digits == '0' && p - digits > 1)
        return refuse(r, from, p, (str){0}, "a number in JSON does not begin with 0");
    *ret_integer = true;
    if (p < r->end && *p == '.') {
        *ret_integer = false;
        digits = ++p;
        p = skip_digits(p, r->end);
        if (p == digits)
            return refuse(r, from, p, (str){0}, "a digit must follow the decimal point");
    }
    if (p < r->end && (*p == 'e' || *p == 'E')) {
        *ret_integer = false;
        p++;
        p += p < r->end && (*p == '-' || *p == '+');
        digits = p;
        p = skip_digits(p, r->end);
        if (p == digits)
            return refuse(r, from, p, (str){0}, "a digit must follow the exponent's e");
    }
    r->p = p;
    return ERR_OK;
}

static err_code read_number(struct reader *r, struct node *n)
{
    bool integer;
    const char *from = r->p;
    TRY(skip_number(r, &integer));
    str text = {from, (size_t)(r->p - from)};
    if (r->check)
        return ERR_OK;
    if (integer && text.n <= 18) { // fits whatever the digits
        int64_t v = 0;
        for (size_t i = *from == '-'; i < text.n; i++)
            v = v * 10 + (from[i] - '0');
        n->kind = NODE_INT;
        n->i = *from == '-' ? -v : v;
        return ERR_OK;
    }
    if (integer) {
        bool negative = *from == '-', over = false;
        uint64_t v = 0;
        for (size_t i = negative; i < text.n && !over; i++)
            over = __builtin_mul_overflow(v, 10, &v) ||
                   __builtin_add_overflow(v, (uint64_t)(from[i] - '0'), &v);
        if (!over && v <= (uint64_t)INT64_MAX + negative) {
            n->kind = NODE_INT;
            n->i = negative ? (int64_t)(0 - v) : (int64_t)v;
            return ERR_OK;
        }
    }
    double d;
    if (!number_double(text, &d))
        return refuse(r, from, r->p, (str){0}, "this number is beyond what a 64-bit float can hold");
    number_set(n, d);
    if (integer) {
        n->kind = NODE_DOUBLE;
        n->d = d;
        n->flags = NODE_BIG;
    }
    return ERR_OK;
}

static const char *word_end(const struct reader *r)
{
    const char *p = r->p;
    while (p < r->end && ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                          (*p >= '0' && *p <= '9') || *p == '_' || *p == '.' || *p == '-' || *p == '+'))
        p++;
    return p > r->p ? p : r->p < r->end ? r->p + 1 : r->p;
}

static err_code refuse_value(struct reader *r)
{
    if (r->p == r->end)
        return refuse(r, r->p, r->p, (str){0}, "the text ends where a value should stand");
    if (*r->p == '\'')
        return refuse(r, r->p, r->p + 1, S("JSON knows only double quotes."), "no value begins like this");
    if (*r->p == '}' || *r->p == ']')
        return refuse(r, r->p, r->p + 1, S("There may be a comma too many before it."),
                      "a value should stand here");
    return refuse(r, r->p, word_end(r), (str){0}, "this is no value");
}

static bool take_word(struct reader *r, str word)
{
    if (!str_starts((str){r->p, (size_t)(r->end - r->p)}, word))
        return false;
    r->p += word.n;
    return true;
}

// Reads a scalar into *n, whose start is set.
static err_code read_scalar(struct reader *r, struct node *n)
{
    switch (*r->p) {
    case '"': {
        str s;
        r->p++;
        TRY(read_string(r, &s));
        n->kind = NODE_STRING;
        n->s = s.p;
        n->n = (uint32_t)s.n;
        return ERR_OK;
    }
    case 't':
    case 'f':
        n->kind = NODE_BOOL;
        n->b = *r->p == 't';
        return take_word(r, n->b ? S("true") : S("false")) ? ERR_OK : refuse_value(r);
    case 'n':
        n->kind = NODE_NULL;
        return take_word(r, S("null")) ? ERR_OK : refuse_value(r);
    default:
        if (*r->p == '-' || (*r->p >= '0' && *r->p <= '9'))
            return read_number(r, n);
        return refuse_value(r);
    }
}

static struct member *top(struct reader *r)
{
    return r->check ? &r->scratch : &r->build.entries[r->build.n - 1];
}

static err_code push(struct reader *r)
{
    struct member *m;
    return r->check ? ERR_OK : build_push(&r->build, &m, r->e);
}

// A member's entry with its key, up to and with the colon.
static err_code read_key(struct reader *r)
{
    str key;
    const char *from = r->p;
    if (r->p == r->end)
        return refuse(r, r->p, r->p, (str){0}, "the text ends inside an object");
    if (*r->p != '"')
        return *r->p == '}' ? refuse(r, r->p, r->p + 1, S("There is a comma too many before it."),
                                     "a key should stand here")
                            : refuse(r, r->p, word_end(r), S("Keys stand in double quotes."),
                                     "a key should stand here");
    r->p++;
    TRY(read_string(r, &key));
    TRY(push(r));
    *top(r) = (struct member){.key = key.p,
                              .key_n = (uint32_t)key.n,
                              .hash = hash_key(key),
                              .key_start = at(r, from),
                              .key_end = at(r, r->p)};
    skip_blanks(r);
    if (r->p == r->end || *r->p != ':')
        return refuse(r, r->p, r->p + (r->p < r->end), (str){0}, "a colon should follow the key");
    r->p++;
    return ERR_OK;
}

static err_code close_container(struct reader *r, const struct frame *f)
{
    r->p++;
    if (r->check)
        return ERR_OK;
    struct node v = r->build.entries[f->entry].value;
    v.end = at(r, r->p);
    TRY(f->map ? build_map(&r->build, f->first, &v, r->e)
               : build_list(&r->build, f->first, &v, r->e));
    r->build.entries[f->entry].value = v;
    return ERR_OK;
}

// Opens the container at p. Empty ones are closed by close_finished like all others.
static err_code open_container(struct reader *r, struct frame *frames, uint32_t *depth)
{
    if (*depth == LIMIT_DEPTH)
        return too_much(r, "nested too deep: more than 1000 levels");
    frames[(*depth)++] =
        (struct frame){.entry = r->build.n - 1, .first = r->build.n, .map = *r->p == '{'};
    r->p++;
    return ERR_OK;
}

// Behind a value or an opening bracket: closes what ends here, and takes the comma before the next
// child. `opened`: nothing stands in the innermost container yet.
static err_code close_finished(struct reader *r, struct frame *frames, uint32_t *depth, bool opened)
{
    for (; *depth > 0; (*depth)--, opened = false) {
        const struct frame *f = &frames[*depth - 1];
        skip_blanks(r);
        char c = r->p < r->end ? *r->p : 0;
        if (c != (f->map ? '}' : ']')) {
            if (opened)
                return ERR_OK;
            if (c != ',')
                return refuse(r, r->p, r->p + (r->p < r->end), (str){0},
                              r->p == r->end ? "the text ends inside an object or a list"
                              : f->map       ? "a comma or } should stand here"
                                             : "a comma or ] should stand here");
            r->p++;
            skip_blanks(r);
            return ERR_OK;
        }
        TRY(close_container(r, f));
    }
    return ERR_OK;
}

// Reads the value at p and everything in it; it becomes the one entry of the stack.
static err_code read_value(struct reader *r)
{
    struct frame frames[LIMIT_DEPTH];
    uint32_t depth = 0;
    do {
        if (depth > 0 && frames[depth - 1].map) {
            TRY(read_key(r));
        } else {
            TRY(push(r));
            *top(r) = (struct member){0};
        }
        if (++r->build.nodes > LIMIT_NODES)
            return too_much(r, "a document of more than 8 million values");
        struct member *m = top(r);
        skip_blanks(r);
        if (r->p == r->end)
            return refuse_value(r);
        m->value.start = at(r, r->p);
        bool opened = *r->p == '{' || *r->p == '[';
        if (opened) {
            TRY(open_container(r, frames, &depth));
        } else {
            TRY(read_scalar(r, &m->value));
            m->value.end = at(r, r->p);
        }
        TRY(close_finished(r, frames, &depth, opened));
    } while (depth > 0);
    return ERR_OK;
}

err_code json_parse(str text, uint32_t start, uint32_t end, struct arena *a,
                    const struct node **ret_root, struct diags *d, struct err *e)
{
    struct reader r = {.base = text.p,
                       .p = text.p + start,
                       .end = text.p + end,
                       .build = {.arena = a, .diags = d},
                       .diags = d,
                       .e = e};
    struct node *root;
    TRY_NEW(root, a, 1, e);
    skip_blanks(&r);
    TRY(read_value(&r));
    skip_blanks(&r);
    if (r.p < r.end)
        return refuse(&r, r.p, word_end(&r), (str){0}, "nothing may follow the value");
    *root = r.build.entries[0].value;
    *ret_root = root;
    return ERR_OK;
}

enum json_skipped json_skip(str text, uint32_t start, uint32_t end, uint32_t *ret_start,
                            uint32_t *ret_end, struct diags *d)
{
    struct reader r = {
        .base = text.p, .p = text.p + start, .end = text.p + end, .check = true, .diags = d};
    skip_blanks(&r);
    if (r.p == r.end)
        return JSON_NONE;
    *ret_start = at(&r, r.p);
    err_code rc = read_value(&r);
    *ret_end = rc == ERR_OK ? at(&r, r.p) : end;
    return rc == ERR_OK || rc == ERR_LIMIT ? JSON_VALUE : JSON_BROKEN;
}
