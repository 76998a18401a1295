// cel-go's standard library but for operators and time: sizes, types, conversions, tests of texts.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "cel/ast.h"
#include "cel/number.h"
#include "cel/opaque.h"
#include "cel/timestamp.h"
#include "cel/type.h"

static struct value not_convertible(struct cel_call *c, struct value v, const char *to)
{
    return value_error(c->arena, "type conversion error from '%s' to '%s'",
                       cel_kind_name((enum cel_kind)v.kind), to);
}

struct value cel_fn_size(struct cel_call *c, const struct value *args, uint32_t n)
{
    (void)c;
    if (n != 1)
        return value_no_overload();
    switch (args[0].kind) {
    case CEL_STRING:
        return value_int((int64_t)utf8_count(value_text(args[0])));
    case CEL_BYTES:
        return value_int(args[0].n);
    case CEL_LIST:
        return value_int(value_list_size(args[0]));
    case CEL_MAP:
    case CEL_OBJECT:
        return value_int(value_map_size(args[0]));
    default:
        return value_no_overload();
    }
}

struct value cel_fn_type(struct cel_call *c, const struct value *args, uint32_t n)
{
    // At run time a typed object is a map: so it is in Kubernetes.
    static const struct cel_type types[] = {
#define KIND(name, text, what) {.kind = CEL_##name == CEL_OBJECT ? CEL_MAP : CEL_##name},
#include "cel/kinds.def"
#undef KIND
    };
    (void)c;
    return n == 1 ? (struct value){.kind = CEL_TYPE, .type = &types[args[0].kind]}
                  : value_no_overload();
}

struct value cel_fn_dyn(struct cel_call *c, const struct value *args, uint32_t n)
{
    (void)c;
    return n == 1 ? args[0] : value_no_overload();
}

// Conversions, as strconv and time have them.

struct value cel_fn_bool(struct cel_call *c, const struct value *args, uint32_t n)
{
    static const char *const words[2][6] = {{"0", "f", "F", "false", "FALSE", "False"},
                                            {"1", "t", "T", "true", "TRUE", "True"}};
    if (n != 1 || (args[0].kind != CEL_BOOL && args[0].kind != CEL_STRING))
        return value_no_overload();
    if (args[0].kind == CEL_BOOL)
        return args[0];
    for (int b = 0; b < 2; b++)
        for (int i = 0; i < 6; i++)
            if (str_eq(value_text(args[0]), str_of(words[b][i])))
                return value_bool(b == 1);
    return not_convertible(c, args[0], "bool");
}

struct value cel_fn_bytes(struct cel_call *c, const struct value *args, uint32_t n)
{
    (void)c;
    if (n != 1 || (args[0].kind != CEL_BYTES && args[0].kind != CEL_STRING))
        return value_no_overload();
    struct value v = args[0];
    v.kind = CEL_BYTES;
    return v;
}

static bool decimal(str s, uint64_t *ret)
{
    uint64_t v = 0;
    if (s.n == 0)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9' || __builtin_mul_overflow(v, 10u, &v) ||
            __builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v))
            return false;
    }
    *ret = v;
    return true;
}

static struct value int_of_text(struct cel_call *c, struct value v)
{
    str s = value_text(v);
    bool minus = s.n && s.p[0] == '-';
    if (minus || (s.n && s.p[0] == '+'))
        s = str_skip(s, 1);
    uint64_t u;
    if (!decimal(s, &u) || u > (uint64_t)INT64_MAX + minus)
        return not_convertible(c, v, "int");
    return value_int(minus ? (int64_t)(0 - u) : (int64_t)u);
}

struct value cel_fn_int(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (n != 1)
        return value_no_overload();
    switch (args[0].kind) {
    case CEL_INT:
        return args[0];
    case CEL_UINT:
        return args[0].u <= INT64_MAX ? value_int((int64_t)args[0].u)
                                      : value_error(c->arena, "integer overflow");
    case CEL_DOUBLE: // both bounds are excluded
        return args[0].d > -0x1p63 && args[0].d < 0x1p63
                   ? value_int((int64_t)args[0].d)
                   : value_error(c->arena, "integer overflow");
    case CEL_STRING:
        return int_of_text(c, args[0]);
    case CEL_TIMESTAMP:
    case CEL_DURATION:
        return value_int(args[0].i);
    default:
        return value_no_overload();
    }
}

struct value cel_fn_uint(struct cel_call *c, const struct value *args, uint32_t n)
{
    uint64_t u;
    if (n != 1)
        return value_no_overload();
    switch (args[0].kind) {
    case CEL_UINT:
        return args[0];
    case CEL_INT:
        return args[0].i >= 0 ? value_uint((uint64_t)args[0].i)
                              : value_error(c->arena, "unsigned integer overflow");
    case CEL_DOUBLE:
        return args[0].d >= 0 && args[0].d < 0x1p64
                   ? value_uint((uint64_t)args[0].d)
                   : value_error(c->arena, "unsigned integer overflow");
    case CEL_STRING:
        return decimal(value_text(args[0]), &u) ? value_uint(u)
                                                : not_convertible(c, args[0], "uint");
    default:
        return value_no_overload();
    }
}

// What Go's ParseFloat takes and strtod does not: underscores between digits. What strtod takes
// and ParseFloat does not: blanks, "nan(...)", a hexadecimal number without exponent.
static bool float_text(str s, char *out, size_t cap)
{
    size_t at = 0;
    bool hex = false, exponent = false;
    if (s.n + 1 > cap)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char ch = s.p[i], low = (char)(ch | 0x20);
        bool digit = (ch >= '0' && ch <= '9') || (hex && low >= 'a' && low <= 'f');
        if (ch == '_') {
            bool before = i && s.p[i - 1] != '_' && s.p[i - 1] != '.', after = i + 1 < s.n;
            if (!before || !after || s.p[i + 1] == '_' || s.p[i + 1] == '.')
                return false;
            continue;
        }
        if (low == 'x' && i && s.p[i - 1] == '0')
            hex = true;
        else if (low == (hex ? 'p' : 'e'))
            exponent = true;
        else if (!digit && ch != '.' && ch != '+' && ch != '-')
            return false;
        out[at++] = ch;
    }
    out[at] = '\0';
    return at > 0 && hex <= exponent;
}

static bool named_float(str s, double *ret)
{
    static const struct {
        str word;
        double value;
        bool sign; // may stand before it
    } words[] = {{{"inf", 3}, __builtin_inf(), true},
                 {{"infinity", 8}, __builtin_inf(), true},
                 {{"nan", 3}, __builtin_nan(""), false}};
    bool sign = s.n && (s.p[0] == '-' || s.p[0] == '+');
    str w = sign ? str_skip(s, 1) : s;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        bool same = w.n == words[i].word.n && (!sign || words[i].sign);
        for (size_t k = 0; same && k < w.n; k++)
            same = (w.p[k] | 0x20) == words[i].word.p[k];
        if (same) {
            *ret = s.p[0] == '-' ? -words[i].value : words[i].value;
            return true;
        }
    }
    return false;
}

static struct value double_of_text(struct cel_call *c, struct value v)
{
    double d;
    str s = value_text(v);
    if (named_float(s, &d))
        return value_double(d);
    char small[64];
    char *text = s.n < sizeof small ? small : arena_alloc(c->arena, s.n + 1, 1, 1);
    if (!text)
        return value_fatal("out of memory");
    if (!float_text(s, text, s.n < sizeof small ? sizeof small : s.n + 1))
        return not_convertible(c, v, "double");
    char *end;
    d = strtod(text, &end);
    if (*end || end == text || d - d != 0) // a number too big is infinite
        return not_convertible(c, v, "double");
    return value_double(d);
}

struct value cel_fn_double(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (n != 1)
        return value_no_overload();
    switch (args[0].kind) {
    case CEL_DOUBLE:
        return args[0];
    case CEL_INT:
        return value_double((double)args[0].i);
    case CEL_UINT:
        return value_double((double)args[0].u);
    case CEL_STRING:
        return double_of_text(c, args[0]);
    default:
        return value_no_overload();
    }
}

static struct value text_of(struct cel_call *c, struct value v)
{
    char text[64];
    int n = 0;
    switch (v.kind) {
    case CEL_INT:
        n = snprintf(text, sizeof text, "%lld", (long long)v.i);
        break;
    case CEL_UINT:
        n = snprintf(text, sizeof text, "%llu", (unsigned long long)v.u);
        break;
    case CEL_DOUBLE:
        n = (int)number_format_g(text, v.d);
        break;
    case CEL_TIMESTAMP:
        n = (int)timestamp_format(text, v);
        break;
    default:
        n = (int)timestamp_format_duration(text, v.i);
        break;
    }
    return fn_str(c, (str){text, n > 0 ? (size_t)n : 0});
}

struct value cel_fn_string(struct cel_call *c, const struct value *args, uint32_t n)
{
    struct value v = n == 1 ? args[0] : value_null();
    str s;
    switch (v.kind) {
    case CEL_STRING:
        return v;
    case CEL_BOOL:
        return value_str(v.b ? S("true") : S("false"));
    case CEL_BYTES:
        if (!utf8_valid(value_text(v)))
            return value_error(c->arena, "invalid UTF-8 in bytes, cannot convert to string");
        v.kind = CEL_STRING;
        return v;
    case CEL_INT:
    case CEL_UINT:
    case CEL_DOUBLE:
    case CEL_TIMESTAMP:
    case CEL_DURATION:
        return text_of(c, v);
    case CEL_IP:
    case CEL_CIDR:
        s = cel_opaque_text(v, c->arena);
        return s.p ? value_str(s) : value_fatal("out of memory");
    default:
        return value_no_overload();
    }
}

struct value cel_fn_timestamp(struct cel_call *c, const struct value *args, uint32_t n)
{
    struct value v = n == 1 ? args[0] : value_null(), t = {.kind = CEL_TIMESTAMP};
    if (v.kind == CEL_TIMESTAMP)
        return v;
    if (v.kind == CEL_STRING) {
        if (!timestamp_parse(value_text(v), &t))
            return not_convertible(c, v, "google.protobuf.Timestamp");
    } else if (v.kind == CEL_INT) {
        t.i = v.i;
    } else {
        return value_no_overload();
    }
    return t.i >= TIMESTAMP_MIN && t.i <= TIMESTAMP_MAX
               ? t
               : value_error(c->arena, "timestamp overflow");
}

struct value cel_fn_duration(struct cel_call *c, const struct value *args, uint32_t n)
{
    struct value v = n == 1 ? args[0] : value_null(), d = {.kind = CEL_DURATION};
    if (v.kind == CEL_DURATION)
        return v;
    if (v.kind != CEL_STRING)
        return value_no_overload();
    return timestamp_parse_duration(value_text(v), &d.i)
               ? d
               : not_convertible(c, v, "google.protobuf.Duration");
}

// Texts.

static bool two_texts(const struct value *args, uint32_t n)
{
    return n == 2 && args[0].kind == CEL_STRING && args[1].kind == CEL_STRING;
}

struct value cel_fn_contains(struct cel_call *c, const struct value *args, uint32_t n)
{
    (void)c;
    return two_texts(args, n)
               ? value_bool(str_find(value_text(args[0]), value_text(args[1])) != (size_t)-1)
               : value_no_overload();
}

struct value cel_fn_starts_with(struct cel_call *c, const struct value *args, uint32_t n)
{
    (void)c;
    return two_texts(args, n) ? value_bool(str_starts(value_text(args[0]), value_text(args[1])))
                              : value_no_overload();
}

struct value cel_fn_ends_with(struct cel_call *c, const struct value *args, uint32_t n)
{
    (void)c;
    return two_texts(args, n) ? value_bool(str_ends(value_text(args[0]), value_text(args[1])))
                              : value_no_overload();
}

// Nothing asks an API server here: every decision of an authorizer is unknown.
struct value cel_fn_authorizer(struct cel_call *c, const struct value *args, uint32_t n)
{
    (void)args, (void)n;
    return value_unknown(c->arena, S("authorizer"));
}
