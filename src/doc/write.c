#include "doc/write.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"

// Bytes that cannot stand as they are in a JSON string of Go's encoding/json: controls, quote,
// backslash and <>&; 0xE2 begins U+2028 and U+2029, 0x80 and up may be no UTF-8.
static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&';
}

static void put_escaped(struct buf *out, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    switch (c) {
    case '"':
    case '\\':
        buf_putc(out, '\\');
        buf_putc(out, (char)c);
        return;
    case '\b':
        buf_put(out, S("\\b"));
        return;
    case '\f':
        buf_put(out, S("\\f"));
        return;
    case '\n':
        buf_put(out, S("\\n"));
        return;
    case '\r':
        buf_put(out, S("\\r"));
        return;
    case '\t':
        buf_put(out, S("\\t"));
        return;
    default:
        buf_put(out, S("\\u00"));
        buf_putc(out, hex[c >> 4]);
        buf_putc(out, hex[c & 15]);
        return;
    }
}

void write_json_string(struct buf *out, str s)
{
    buf_putc(out, '"');
    for (size_t i = 0; i < s.n;) {
        size_t from = i;
        while (i < s.n && is_plain((unsigned char)s.p[i]))
            i++;
        if (i > from)
            buf_put(out, (str){s.p + from, i - from});
        if (i == s.n)
            break;
        str rest = str_skip(s, i);
        if ((unsigned char)rest.p[0] < 0x80) {
            put_escaped(out, (unsigned char)rest.p[0]);
            i++;
            continue;
        }
        size_t n = utf8_len(rest);
        if (n == 0)
            buf_put(out, S("\\ufffd"));
        else if (str_starts(rest, S("\xE2\x80\xA8")))
            buf_put(out, S("\\u2028"));
        else if (str_starts(rest, S("\xE2\x80\xA9")))
            buf_put(out, S("\\u2029"));
        else
            buf_put(out, str_head(rest, n));
        i += n ? n : 1;
    }
    buf_putc(out, '"');
}

void write_json_double(struct buf *out, double d)
{
    struct write_decimal w;
    if (fabs(d) < 0x1p53 && d == trunc(d) && d != 0) { // exact, and most numbers are
        buf_put_i64(out, (int64_t)d);
        return;
    }
    write_shortest(d, &w);
    if (signbit(d))
        buf_putc(out, '-');
    if (d == 0) {
        buf_putc(out, '0');
    } else if (fabs(d) < 1e-6 || fabs(d) >= 1e21) {
        buf_putc(out, w.digits[0]);
        if (w.n > 1) {
            buf_putc(out, '.');
            buf_put(out, (str){w.digits + 1, (size_t)w.n - 1});
        }
        buf_putc(out, 'e');
        buf_putc(out, w.exponent < 0 ? '-' : '+');
        buf_put_u64(out, (uint64_t)abs(w.exponent));
    } else if (w.exponent < 0) {
        buf_put(out, S("0."));
        buf_pad(out, '0', (size_t)(-w.exponent - 1));
        buf_put(out, (str){w.digits, (size_t)w.n});
    } else {
        int whole = w.exponent + 1; // digits in front of the point
        buf_put(out, (str){w.digits, (size_t)(w.n < whole ? w.n : whole)});
        if (w.n < whole) {
            buf_pad(out, '0', (size_t)(whole - w.n));
        } else if (w.n > whole) {
            buf_putc(out, '.');
            buf_put(out, (str){w.digits + whole, (size_t)(w.n - whole)});
        }
    }
}

// Splits "d.ddde+xx" into its digits, without zeros at the end, and its exponent.
static void split(const char *text, struct write_decimal *ret)
{
    ret->n = 0;
    const char *p = text + (*text == '-');
    for (; *p && *p != 'e'; p++)
        if (*p >= '0' && *p <= '9' && ret->n < (int)sizeof ret->digits)
            ret->digits[ret->n++] = *p;
    ret->exponent = *p == 'e' ? (int)strtol(p + 1, NULL, 10) : 0;
    while (ret->n > 1 && ret->digits[ret->n - 1] == '0')
        ret->n--;
}

static bool reads_back(const struct write_decimal *w, double d, bool single)
{
    char text[40];
    snprintf(text, sizeof text, "%.*se%d", w->n, w->digits, w->exponent - w->n + 1);
    return single ? strtof(text, NULL) == (float)d : strtod(text, NULL) == d;
}

// The next decimal of as many digits: 1999 -> 2.
static void step_up(struct write_decimal *w)
{
    int i = w->n - 1;
    while (i >= 0 && w->digits[i] == '9')
        i--;
    if (i < 0) {
        w->digits[0] = '1';
        w->n = 1;
        w->exponent++;
        return;
    }
    w->digits[i]++;
    w->n = i + 1;
}

// The shortest digits that read back as d, and of those the closest. Correct rounding to n digits
// gives the closest of n digits, so the first n that reads back is it; but below a power of two
// doubles lie twice as dense as above, so there the next decimal up may read back where the closest
// does not.
static void shortest(double d, bool single, struct write_decimal *ret)
{
    char text[40];
    d = fabs(d);
    for (int n = 1; n <= 17; n++) {
        snprintf(text, sizeof text, "%.*e", n - 1, d);
        split(text, ret);
        if (reads_back(ret, d, single))
            return;
        int exponent;
        bool power_of_two = (single ? (double)frexpf((float)d, &exponent) : frexp(d, &exponent)) == 0.5;
        if (!power_of_two)
            continue;
        struct write_decimal up = *ret;
        while (up.n < n) // split() took zeros off
            up.digits[up.n++] = '0';
        step_up(&up);
        if (reads_back(&up, d, single)) {
            *ret = up;
            return;
        }
    }
}

void write_shortest(double d, struct write_decimal *ret)
{
    shortest(d, false, ret);
}

void write_shortest_single(float f, struct write_decimal *ret)
{
    shortest((double)f, true, ret);
}

// The members' order by key: a heap sort over positions, which has no bad case.
static bool before(const struct node *map, uint32_t a, uint32_t b)
{
    return str_cmp(member_key(&map->members[a]), member_key(&map->members[b])) < 0;
}

static void sift(const struct node *map, uint32_t *at, uint32_t i, uint32_t n)
{
    for (uint32_t c; (c = 2 * i + 1) < n; i = c) {
        if (c + 1 < n && before(map, at[c], at[c + 1]))
            c++;
        if (!before(map, at[i], at[c]))
            return;
        uint32_t t = at[i];
        at[i] = at[c];
        at[c] = t;
    }
}

static void sort(const struct node *map, uint32_t *at)
{
    uint32_t n = map->n;
    for (uint32_t i = n / 2; i-- > 0;)
        sift(map, at, i, n);
    for (uint32_t end = n; end-- > 1;) {
        uint32_t t = at[0];
        at[0] = at[end];
        at[end] = t;
        sift(map, at, 0, end);
    }
}

enum { SORT_ON_STACK = 64 };

static void write_map(struct buf *out, const struct node *map)
{
    uint32_t few[SORT_ON_STACK], *at = few;
    OWN_BUF struct buf many = buf_new(SIZE_MAX);
    if (map->n > SORT_ON_STACK) {
        at = (uint32_t *)(void *)buf_reserve(&many, map->n * sizeof *at);
        if (!at) {
            out->failed = true;
            return;
        }
    }
    for (uint32_t i = 0; i < map->n; i++)
        at[i] = i;
    sort(map, at);
    buf_putc(out, '{');
    for (uint32_t i = 0; i < map->n; i++) {
        const struct member *m = &map->members[at[i]];
        if (i)
            buf_putc(out, ',');
        write_json_string(out, member_key(m));
        buf_putc(out, ':');
        write_json(out, &m->value);
    }
    buf_putc(out, '}');
}

// Recursion is as deep as the tree: LIMIT_DEPTH.
void write_json(struct buf *out, const struct node *n)
{
    if (out->failed)
        return;
    switch ((enum node_kind)n->kind) {
    case NODE_NULL:
        buf_put(out, S("null"));
        return;
    case NODE_BOOL:
        buf_put(out, n->b ? S("true") : S("false"));
        return;
    case NODE_INT:
        buf_put_i64(out, n->i);
        return;
    case NODE_DOUBLE:
        write_json_double(out, n->d);
        return;
    case NODE_STRING:
        write_json_string(out, node_str(n));
        return;
    case NODE_LIST:
        buf_putc(out, '[');
        for (uint32_t i = 0; i < n->n; i++) {
            if (i)
                buf_putc(out, ',');
            write_json(out, &n->items[i]);
        }
        buf_putc(out, ']');
        return;
    case NODE_MAP:
        write_map(out, n);
        return;
    }
}
