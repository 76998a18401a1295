#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cel/lib.h"
#include "cel/number.h"
#include "cel/timestamp.h"
#include "cel/value_priv.h"

// string.format as Kubernetes has it: ext.Strings v2, which formats numbers for en-US with
// golang.org/x/text. That gives what one would not guess: `%f` groups thousands, `%e` writes
// 1.500000×10⁰³, and the N of `%.Ne` is a width, not a precision. Newer cel-go does otherwise.

struct formatter {
    struct cel_call *c;
    struct lib_text out;
    struct value error; // what went wrong, if anything did
};

static bool refuse(struct formatter *f, const char *what, str detail)
{
    f->error = value_error(f->c->arena, "error during formatting: %s%.*s", what, STR_FMT(detail));
    return false;
}

static bool refuse_kind(struct formatter *f, const char *clause, struct value v)
{
    struct value error = value_error(f->c->arena, "error during formatting: %s, was given %.*s",
                                     clause, STR_FMT(value_type_name(v)));
    f->error = error;
    return false;
}

static bool put_literal(struct formatter *f, struct lib_text *t, struct value v);

static bool put_list(struct formatter *f, struct lib_text *t, struct value list)
{
    lib_text_putc(t, '[');
    for (uint32_t i = 0; i < value_list_size(list) && !t->full; i++) {
        lib_text_put(t, i ? S(", ") : S(""));
        if (!put_literal(f, t, value_list_at(list, i)))
            return false;
    }
    lib_text_putc(t, ']');
    return true;
}

struct pair {
    str key, value;
};

static int by_key(const void *a, const void *b)
{
    return str_cmp(((const struct pair *)a)->key, ((const struct pair *)b)->key);
}

static bool put_map(struct formatter *f, struct lib_text *t, struct value map)
{
    uint32_t n = value_map_size(map);
    struct pair *pairs =
        n ? arena_alloc(t->arena, n, sizeof *pairs, _Alignof(struct pair)) : NULL;
    if (n && !pairs) {
        t->full = true;
        return true;
    }
    for (uint32_t i = 0; i < n && !t->full; i++) {
        struct entry e = value_map_at(map, i);
        struct lib_text key = {.arena = t->arena}, value = {.arena = t->arena};
        if (e.key.kind != CEL_STRING && e.key.kind != CEL_BOOL && e.key.kind != CEL_INT &&
            e.key.kind != CEL_UINT)
            return refuse(f, "no formatting function for map key of type ", value_type_name(e.key));
        if (!put_literal(f, &key, e.key) || !put_literal(f, &value, e.value))
            return false;
        t->full = key.full || value.full;
        pairs[i] = (struct pair){lib_text_str(&key), lib_text_str(&value)};
    }
    if (n && !t->full)
        qsort(pairs, n, sizeof *pairs, by_key);
    lib_text_putc(t, '{');
    for (uint32_t i = 0; i < n && !t->full; i++) {
        lib_text_put(t, i ? S(", ") : S(""));
        lib_text_put(t, pairs[i].key);
        lib_text_putc(t, ':');
        lib_text_put(t, pairs[i].value);
    }
    lib_text_putc(t, '}');
    return true;
}

static bool put_bytes(struct formatter *f, struct lib_text *t, str s, bool quoted)
{
    for (size_t i = 0, from; i < s.n;) {
        from = i;
        if (lib_rune(s, &i) == 0xFFFD && i - from == 1)
            return refuse(f, "could not convert argument \"invalid UTF-8 in bytes, cannot convert "
                             "to string\" to string", S(""));
    }
    if (quoted)
        lib_text_quote(t, s);
    else
        lib_text_put(t, s);
    return true;
}

// Scalars that look alike at the top and within lists and maps. False: v is none of these.
static bool put_plain(struct lib_text *t, struct value v)
{
    char text[TIMESTAMP_TEXT];
    if (v.kind == CEL_BOOL)
        lib_text_put(t, v.b ? S("true") : S("false"));
    else if (v.kind == CEL_INT)
        lib_text_i64(t, v.i, 10, false);
    else if (v.kind == CEL_UINT)
        lib_text_u64(t, v.u, 10, false);
    else if (v.kind == CEL_NULL)
        lib_text_put(t, S("null"));
    else if (v.kind == CEL_TYPE)
        lib_text_put(t, value_type_denoted(v));
    else if (v.kind == CEL_TIMESTAMP)
        lib_text_put(t, (str){text, timestamp_format(text, v)});
    else if (v.kind == CEL_DURATION)
        lib_text_put(t, (str){text, timestamp_format_duration(text, v.i)});
    else
        return false;
    return true;
}

// Within a list or a map: as a CEL literal.
static bool put_literal(struct formatter *f, struct lib_text *t, struct value v)
{
    char number[NUMBER_F];
    if (v.kind == CEL_STRING) {
        lib_text_quote(t, value_text(v));
    } else if (v.kind == CEL_BYTES) {
        lib_text_putc(t, 'b');
        return put_bytes(f, t, value_text(v), true);
    } else if (v.kind == CEL_DOUBLE && isfinite(v.d)) {
        int n = snprintf(number, sizeof number, "%.6f", v.d);
        lib_text_put(t, (str){number, (size_t)n});
    } else if (v.kind == CEL_DOUBLE) {
        lib_text_put(t, isnan(v.d) ? S("\"NaN\"") : v.d > 0 ? S("\"+Inf\"") : S("\"-Inf\""));
    } else if (v.kind == CEL_LIST) {
        return put_list(f, t, v);
    } else if (v.kind == CEL_MAP || v.kind == CEL_OBJECT) {
        return put_map(f, t, v);
    } else if (v.kind == CEL_TIMESTAMP || v.kind == CEL_DURATION) {
        lib_text_put(t, v.kind == CEL_TIMESTAMP ? S("timestamp(\"") : S("duration(\""));
        put_plain(t, v);
        lib_text_put(t, S("\")"));
    } else if (!put_plain(t, v)) {
        return refuse(f, "no formatting function for ", value_type_name(v));
    }
    return true;
}

static bool put_string(struct formatter *f, struct value v)
{
    char number[NUMBER_G];
    if (v.kind == CEL_STRING)
        lib_text_put(&f->out, value_text(v));
    else if (v.kind == CEL_BYTES)
        return put_bytes(f, &f->out, value_text(v), false);
    else if (v.kind == CEL_DOUBLE)
        lib_text_put(&f->out, (str){number, number_format_g(number, v.d)});
    else if (v.kind == CEL_LIST)
        return put_list(f, &f->out, v);
    else if (v.kind == CEL_MAP || v.kind == CEL_OBJECT)
        return put_map(f, &f->out, v);
    else if (!put_plain(&f->out, v))
        return refuse_kind(f, "string clause can only be used on strings, bools, bytes, ints, "
                              "doubles, maps, lists, types, durations, and timestamps", v);
    return true;
}

// %b %o %d of integers, %b of bools.
static bool put_integer(struct formatter *f, char clause, struct value v)
{
    unsigned base = clause == 'b' ? 2 : clause == 'o' ? 8 : 10;
    if (v.kind == CEL_INT)
        lib_text_i64(&f->out, v.i, base, false);
    else if (v.kind == CEL_UINT)
        lib_text_u64(&f->out, v.u, base, false);
    else if (v.kind == CEL_BOOL && clause == 'b')
        lib_text_putc(&f->out, v.b ? '1' : '0');
    else
        return refuse_kind(f,
                           clause == 'b'   ? "only integers and bools can be formatted as binary"
                           : clause == 'o' ? "octal clause can only be used on integers"
                                           : "decimal clause can only be used on integers",
                           v);
    return true;
}

static bool put_hex(struct formatter *f, bool upper, struct value v)
{
    if (v.kind == CEL_INT)
        lib_text_i64(&f->out, v.i, 16, upper);
    else if (v.kind == CEL_UINT)
        lib_text_u64(&f->out, v.u, 16, upper);
    else if (v.kind != CEL_STRING && v.kind != CEL_BYTES)
        return refuse_kind(f,
                           "only integers, byte buffers, and strings can be formatted as hex", v);
    else
        for (uint32_t i = 0; i < v.n && !f->out.full; i++) {
            lib_text_u64(&f->out, (unsigned char)v.s[i] >> 4, 16, upper);
            lib_text_u64(&f->out, (unsigned char)v.s[i] & 15u, 16, upper);
        }
    return true;
}

// Doubles, and the three strings that name what has no digits.
static bool to_double(struct value v, double *ret)
{
    str s = v.kind == CEL_STRING ? value_text(v) : S("");
    if (v.kind == CEL_DOUBLE)
        *ret = v.d;
    else if (str_eq(s, S("NaN")))
        *ret = NAN;
    else if (str_eq(s, S("Infinity")))
        *ret = INFINITY;
    else if (str_eq(s, S("-Infinity")))
        *ret = -INFINITY;
    else
        return false;
    return true;
}

static str not_finite(double d)
{
    return isnan(d) ? S("NaN") : d > 0 ? S("∞") : S("-∞");
}

// x/text's parser gives up on longer numbers.
enum { LONGEST_NUMBER = 10000009 };
#define NO_VERB S("%!(NOVERB)")

static bool put_fixed(struct formatter *f, int64_t precision, struct value v)
{
    enum { EXACT = 1074 }; // no double has more decimals
    char digits[EXACT + 320];
    double d;
    if (!to_double(v, &d))
        return refuse_kind(f, "fixed-point clause can only be used on doubles", v);
    if (precision > LONGEST_NUMBER || !isfinite(d)) {
        lib_text_put(&f->out, precision > LONGEST_NUMBER ? NO_VERB : not_finite(d));
        return true;
    }
    int places = precision < EXACT ? (int)precision : EXACT;
    int n = snprintf(digits, sizeof digits, "%.*f", places, fabs(d));
    str all = {digits, (size_t)n}, whole = str_cut(&all, '.');
    str decimals = all.p ? all : S("");
    while (decimals.n && decimals.p[decimals.n - 1] == '0')
        decimals.n--;
    if (d < 0)
        lib_text_putc(&f->out, '-');
    for (size_t i = 0; i < whole.n; i++) {
        if (i && (whole.n - i) % 3 == 0)
            lib_text_putc(&f->out, ',');
        lib_text_putc(&f->out, whole.p[i]);
    }
    size_t least = (size_t)precision % 256; // x/text keeps the number of decimals in a byte
    if (decimals.n || least)
        lib_text_putc(&f->out, '.');
    lib_text_put(&f->out, decimals);
    lib_text_fill(&f->out, '0', least > decimals.n ? least - decimals.n : 0);
    return true;
}

static bool put_scientific(struct formatter *f, int64_t width, struct value v)
{
    static const str raised[] = {S_INIT("⁰"), S_INIT("¹"), S_INIT("²"), S_INIT("³"), S_INIT("⁴"),
                                 S_INIT("⁵"), S_INIT("⁶"), S_INIT("⁷"), S_INIT("⁸"), S_INIT("⁹")};
    char digits[32];
    double d;
    if (!to_double(v, &d))
        return refuse_kind(f, "scientific clause can only be used on doubles", v);
    struct lib_text t = {.arena = f->out.arena};
    if (!isfinite(d)) {
        lib_text_put(&t, not_finite(d));
    } else {
        int n = snprintf(digits, sizeof digits, "%.6e", d == 0 ? 0.0 : d);
        str exponent = {digits, (size_t)n};
        lib_text_put(&t, str_cut(&exponent, 'e'));
        lib_text_put(&t, S("×10"));
        lib_text_put(&t, exponent.p[0] == '-' ? S("⁻") : S(""));
        for (size_t i = 1; i < exponent.n; i++)
            lib_text_put(&t, raised[exponent.p[i] - '0']);
    }
    if (width > LONGEST_NUMBER) {
        lib_text_put(&f->out, NO_VERB);
        return true;
    }
    size_t taken = lib_rune_count(lib_text_str(&t)), wanted = (size_t)width % 65536;
    lib_text_fill(&f->out, ' ', wanted > taken ? wanted - taken : 0);
    lib_text_put(&f->out, lib_text_str(&t));
    return true;
}

// The N of ".N" at *i; the default of 6 where there is none. False: f->error says why.
static bool read_precision(struct formatter *f, str format, size_t *i, int64_t *ret)
{
    *ret = 6;
    if (format.p[*i] != '.')
        return true;
    size_t from = ++*i;
    bool overflow = false;
    for (*ret = 0; *i < format.n && format.p[*i] >= '0' && format.p[*i] <= '9'; (*i)++)
        overflow |= __builtin_mul_overflow(*ret, 10, ret) ||
                    __builtin_add_overflow(*ret, format.p[*i] - '0', ret);
    str digits = {format.p + from, *i - from};
    static const char clause[] = "could not parse formatting clause: error while parsing precision";
    if (*i == format.n)
        f->error = value_error(f->c->arena, "%s: could not find end of precision specifier", clause);
    else if (digits.n == 0 || overflow)
        f->error = value_error(f->c->arena,
                               "%s: error while converting precision to integer: strconv.Atoi: "
                               "parsing \"%.*s\": %s",
                               clause, STR_FMT(digits),
                               overflow ? "value out of range" : "invalid syntax");
    return !value_failed(f->error);
}

static bool put_clause(struct formatter *f, char clause, int64_t precision, struct value v)
{
    switch (clause) {
    case 's':
        return put_string(f, v);
    case 'd':
    case 'b':
    case 'o':
        return put_integer(f, clause, v);
    case 'x':
    case 'X':
        return put_hex(f, clause == 'X', v);
    case 'f':
        return put_fixed(f, precision, v);
    case 'e':
        return put_scientific(f, precision, v);
    default:
        break;
    }
    struct lib_text t = {.arena = f->c->arena};
    lib_text_rune(&t, (unsigned char)clause); // cel-go takes the byte for a code point
    f->error = value_error(
        f->c->arena, "could not parse formatting clause: unrecognized formatting clause \"%.*s\"",
        STR_FMT(lib_text_str(&t)));
    return false;
}

struct value cel_fn_format(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (!lib_takes(args, n, "sl"))
        return lib_no_overload(c, args, n);
    str format = value_text(args[0]);
    struct formatter f = {.c = c, .out = {.arena = c->arena}};
    uint32_t next = 0;
    for (size_t i = 0; i < format.n && !f.out.full; i++) {
        int64_t precision;
        if (format.p[i] != '%') {
            size_t end = i + 1;
            while (end < format.n && format.p[end] != '%')
                end++;
            lib_text_put(&f.out, (str){format.p + i, end - i});
            i = end - 1;
            continue;
        }
        if (++i < format.n && format.p[i] == '%') {
            lib_text_putc(&f.out, '%');
            continue;
        }
        if (next >= value_list_size(args[1]))
            return value_error(c->arena, "index %u out of range", next);
        if (i >= format.n)
            return value_error(c->arena, "unexpected end of string");
        if (!read_precision(&f, format, &i, &precision) ||
            !put_clause(&f, format.p[i], precision, value_list_at(args[1], next++)))
            return f.error;
    }
    return lib_text_value(&f.out);
}
