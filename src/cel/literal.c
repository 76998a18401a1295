// literal: numbers and quoted text (cel-spec langdef.md, "Numeric values", "String and bytes values").
#include "cel/literal.h"

#include <math.h>
#include <stdlib.h>

// Decimal, or hexadecimal behind 0x; digits only, the lexer saw to that.
static bool unsigned_of(str text, uint64_t *ret)
{
    uint64_t base = 10, v = 0;
    if (text.n > 2 && text.p[1] == 'x') {
        base = 16;
        text = str_skip(text, 2);
    }
    for (size_t i = 0; i < text.n; i++) {
        uint64_t digit = (uint64_t)str_hex_digit(text.p[i]);
        if (v > (UINT64_MAX - digit) / base)
            return false;
        v = v * base + digit;
    }
    *ret = v;
    return true;
}

const char *literal_int(str text, bool negative, struct value *ret)
{
    uint64_t v, limit = (uint64_t)INT64_MAX + negative;
    if (!unsigned_of(text, &v) || v > limit)
        return "invalid int literal";
    *ret = value_int(negative ? (int64_t)(0 - v) : (int64_t)v);
    return NULL;
}

const char *literal_uint(str text, struct value *ret)
{
    uint64_t v;
    if (!unsigned_of(str_head(text, text.n - 1), &v))
        return "invalid uint literal";
    *ret = value_uint(v);
    return NULL;
}

const char *literal_double(str text, bool negative, struct value *ret)
{
    // strtod wants a NUL. Digits past the first few hundred change no double, but their number does:
    // a longer literal is refused instead of being cut.
    char digits[512];
    if (text.n >= sizeof digits)
        return "invalid double literal";
    memcpy(digits, text.p, text.n);
    digits[text.n] = '\0';
    double d = strtod(digits, NULL);
    if (isinf(d))
        return "invalid double literal";
    *ret = value_double(negative ? -d : d);
    return NULL;
}

// One unescaped string, growing in room that is as big as what was written: no escape makes text longer.
struct unescape {
    const char *p, *end;
    char *out;
    bool bytes;
};

static void put_rune(struct unescape *u, uint32_t r)
{
    if (r < 0x80) {
        *u->out++ = (char)r;
    } else if (r < 0x800) {
        *u->out++ = (char)(0xc0 | r >> 6);
        *u->out++ = (char)(0x80 | (r & 0x3f));
    } else if (r < 0x10000) {
        *u->out++ = (char)(0xe0 | r >> 12);
        *u->out++ = (char)(0x80 | (r >> 6 & 0x3f));
        *u->out++ = (char)(0x80 | (r & 0x3f));
    } else {
        *u->out++ = (char)(0xf0 | r >> 18);
        *u->out++ = (char)(0x80 | (r >> 12 & 0x3f));
        *u->out++ = (char)(0x80 | (r >> 6 & 0x3f));
        *u->out++ = (char)(0x80 | (r & 0x3f));
    }
}

// `size` digits of a base that is a power of two.
static bool digits(struct unescape *u, unsigned size, int base, uint32_t *ret)
{
    uint32_t v = 0;
    if ((size_t)(u->end - u->p) < size)
        return false;
    for (unsigned i = 0; i < size; i++) {
        int d = str_hex_digit(*u->p++);
        if (d < 0 || d >= base)
            return false;
        v = v * (uint32_t)base + (uint32_t)d;
    }
    *ret = v;
    return true;
}

static const char *escape_code(struct unescape *u, char c)
{
    static const char bad[] = "unable to unescape string";
    uint32_t v;
    if (c >= '0' && c <= '3') {
        u->p--;
        if (!digits(u, 3, 8, &v))
            return "unable to unescape octal sequence in string";
    } else if (c == 'x' || c == 'X') {
        if (!digits(u, 2, 16, &v))
            return bad;
    } else if ((c == 'u' || c == 'U') && !u->bytes) {
        if (!digits(u, c == 'u' ? 4 : 8, 16, &v))
            return bad;
        if (v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
            return "invalid unicode code point";
    } else {
        return bad;
    }
    if (u->bytes)
        *u->out++ = (char)v;
    else
        put_rune(u, v);
    return NULL;
}

static const char *unescape_one(struct unescape *u)
{
    static const char from[] = "abfnrtv\\'\"`?", to[] = "\a\b\f\n\r\t\v\\'\"`?";
    if (u->p == u->end)
        return "unable to unescape string, found '\\' as last character";
    char c = *u->p++;
    const char *simple = c ? strchr(from, c) : NULL;
    if (!simple)
        return escape_code(u, c);
    *u->out++ = to[simple - from];
    return NULL;
}

const char *literal_string(str text, bool bytes, struct arena *a, struct value *ret)
{
    if (bytes)
        text = str_skip(text, 1);
    bool raw = text.p[0] == 'r' || text.p[0] == 'R';
    if (raw)
        text = str_skip(text, 1);
    size_t quotes = text.n >= 6 && text.p[1] == text.p[0] && text.p[2] == text.p[0] ? 3 : 1;
    if (text.n < 2 * quotes)
        return "unable to unescape string";
    str body = {text.p + quotes, text.n - 2 * quotes};
    bool plain = !memchr(body.p, '\r', body.n) && (raw || !memchr(body.p, '\\', body.n));
    if (!plain) {
        char *room = arena_alloc(a, body.n, 1, 1);
        if (!room)
            return "out of memory";
        struct unescape u = {body.p, body.p + body.n, room, bytes};
        while (u.p < u.end) {
            char c = *u.p++;
            if (c == '\\' && !raw) {
                const char *why = unescape_one(&u);
                if (why)
                    return why;
            } else if (c == '\r') { // CRLF and CR are read as LF, in raw strings too
                u.p += u.p < u.end && *u.p == '\n';
                *u.out++ = '\n';
            } else {
                *u.out++ = c;
            }
        }
        body = (str){room, (size_t)(u.out - room)};
    }
    *ret = value_str(body);
    if (bytes)
        ret->kind = CEL_BYTES;
    return NULL;
}
