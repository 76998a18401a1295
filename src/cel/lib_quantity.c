#include "cel/lib_quantity.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cel/lib_semver.h"
#include "cel/opaque.h"

enum { MOST_DIGITS = 1 << 20 };

struct digits {
    bool negative;
    str text; // no leading zeros
    int64_t scale;
};

static struct digits digits_of(const struct lib_quantity *q, char room[24])
{
    if (q->big)
        return (struct digits){q->negative, q->digits, q->scale};
    uint64_t v = q->value < 0 ? -(uint64_t)q->value : (uint64_t)q->value;
    size_t i = 24;
    for (; v; v /= 10)
        room[--i] = (char)('0' + v % 10);
    return (struct digits){q->value < 0, {room + i, 24 - i}, q->scale};
}

static char digit_at(const struct digits *d, int64_t power) // the digit of 10^power
{
    int64_t i = (int64_t)d->text.n - 1 - (power - d->scale);
    return i < 0 || i >= (int64_t)d->text.n ? '0' : d->text.p[i];
}

static int compare_magnitudes(const struct digits *a, const struct digits *b)
{
    if (a->text.n == 0 || b->text.n == 0)
        return (a->text.n != 0) - (b->text.n != 0);
    int64_t top_a = a->scale + (int64_t)a->text.n, top_b = b->scale + (int64_t)b->text.n;
    if (top_a != top_b)
        return top_a < top_b ? -1 : 1;
    size_t n = a->text.n > b->text.n ? a->text.n : b->text.n;
    for (size_t i = 0; i < n; i++) {
        char x = i < a->text.n ? a->text.p[i] : '0', y = i < b->text.n ? b->text.p[i] : '0';
        if (x != y)
            return x < y ? -1 : 1;
    }
    return 0;
}

static int sign_of(const struct lib_quantity *q)
{
    if (q->big)
        return q->digits.n == 0 ? 0 : q->negative ? -1 : 1;
    return (q->value > 0) - (q->value < 0);
}

int lib_quantity_compare(const struct lib_quantity *a, const struct lib_quantity *b)
{
    char room_a[24], room_b[24];
    int sa = sign_of(a), sb = sign_of(b);
    if (sa != sb)
        return sa < sb ? -1 : 1;
    struct digits x = digits_of(a, room_a), y = digits_of(b, room_b);
    return sa * compare_magnitudes(&x, &y);
}

// value * 10^scale as an int64.
static bool scale_up(int64_t value, int64_t scale, int64_t *ret)
{
    if (value == 0)
        scale = 0;
    for (; scale > 0; scale--)
        if (__builtin_mul_overflow(value, 10, &value))
            return false;
    *ret = value;
    return true;
}

static bool add_small(const struct lib_quantity *a, const struct lib_quantity *b, int64_t other,
                      struct lib_quantity *ret)
{
    int64_t x = a->value, y = other;
    if (y == 0)
        return true;
    if (x == 0) {
        ret->value = y;
        ret->scale = b->scale;
        return true;
    }
    if (!scale_up(x, a->scale > b->scale ? (int64_t)a->scale - b->scale : 0, &x) ||
        !scale_up(y, b->scale > a->scale ? (int64_t)b->scale - a->scale : 0, &y) ||
        __builtin_add_overflow(x, y, &ret->value))
        return false;
    ret->scale = a->scale < b->scale ? a->scale : b->scale;
    return true;
}

static bool add_big(const struct lib_quantity *a, const struct lib_quantity *b, bool minus,
                    struct arena *arena, struct lib_quantity *ret)
{
    char room_a[24], room_b[24];
    struct digits x = digits_of(a, room_a), y = digits_of(b, room_b);
    y.negative = minus ? !y.negative : y.negative;
    int64_t low = x.scale < y.scale ? x.scale : y.scale;
    int64_t top_x = x.scale + (int64_t)x.text.n, top_y = y.scale + (int64_t)y.text.n;
    int64_t n = (top_x > top_y ? top_x : top_y) - low + 1;
    char *p = n <= MOST_DIGITS ? arena_alloc(arena, (size_t)n, 1, 1) : NULL;
    if (!p)
        return false;
    bool subtract = x.negative != y.negative;
    if (subtract && compare_magnitudes(&x, &y) < 0) {
        struct digits swap = x;
        x = y;
        y = swap;
    }
    int carry = 0;
    for (int64_t i = 0; i < n; i++) {
        int v = digit_at(&x, low + i) - '0', w = digit_at(&y, low + i) - '0' + carry;
        v += subtract ? -w : w;
        carry = v < 0 || v > 9;
        p[n - 1 - i] = (char)('0' + (v < 0 ? v + 10 : v > 9 ? v - 10 : v));
    }
    str all = {p, (size_t)n};
    while (all.n && all.p[0] == '0')
        all = str_skip(all, 1);
    ret->big = true;
    ret->negative = x.negative && all.n;
    ret->digits = all;
    ret->scale = (int32_t)low;
    return true;
}

bool lib_quantity_add(const struct lib_quantity *a, const struct lib_quantity *b, bool minus,
                      struct arena *arena, struct lib_quantity *ret)
{
    struct lib_quantity sum = *a;
    sum.text = (str){NULL, 0};
    int64_t other = minus ? (int64_t)-(uint64_t)b->value : b->value; // wraps as Go's does
    if (sign_of(a) == 0)
        sum.format = b->format;
    if ((a->big || b->big || !add_small(a, b, other, &sum)) &&
        !add_big(a, b, minus, arena, &sum))
        return false;
    *ret = sum;
    return true;
}

static struct value quantity_value(struct cel_call *c, const struct lib_quantity *q)
{
    struct lib_quantity *p = arena_alloc(c->arena, 1, sizeof *p, _Alignof(struct lib_quantity));
    if (!p)
        return lib_full();
    *p = *q;
    return (struct value){.kind = CEL_QUANTITY, .opaque = p};
}

static struct value parse_failed(struct cel_call *c, const char *why)
{
    return *why ? value_error(c->arena, "%s", why) : value_fatal("a quantity of too many digits");
}

struct value cel_fn_quantity(struct cel_call *c, const struct value *args, uint32_t n)
{
    struct lib_quantity q;
    if (!lib_takes(args, n, "s"))
        return lib_no_overload(c, args, n);
    const char *why = cel_lib_quantity_parse(value_text(args[0]), c->arena, &q);
    return why ? parse_failed(c, why) : quantity_value(c, &q);
}

struct value cel_fn_is_quantity(struct cel_call *c, const struct value *args, uint32_t n)
{
    struct lib_quantity q;
    if (!lib_takes(args, n, "s"))
        return lib_no_overload(c, args, n);
    const char *why = cel_lib_quantity_parse(value_text(args[0]), c->arena, &q);
    return why && !*why ? parse_failed(c, why) : value_bool(!why);
}

static const struct lib_quantity *only(const struct value *args, uint32_t n)
{
    return n == 1 && args[0].kind == CEL_QUANTITY ? args[0].opaque : NULL;
}

static bool as_integer(const struct lib_quantity *q, int64_t *ret)
{
    return !q->big && q->scale >= 0 && scale_up(q->value, q->scale, ret);
}

struct value cel_fn_sign(struct cel_call *c, const struct value *args, uint32_t n)
{
    const struct lib_quantity *q = only(args, n);
    return q ? value_int(sign_of(q)) : lib_no_overload(c, args, n);
}

struct value cel_fn_is_integer(struct cel_call *c, const struct value *args, uint32_t n)
{
    const struct lib_quantity *q = only(args, n);
    int64_t i;
    return q ? value_bool(as_integer(q, &i)) : lib_no_overload(c, args, n);
}

struct value cel_fn_as_integer(struct cel_call *c, const struct value *args, uint32_t n)
{
    const struct lib_quantity *q = only(args, n);
    int64_t i;
    if (!q)
        return lib_no_overload(c, args, n);
    return as_integer(q, &i) ? value_int(i)
                             : value_error(c->arena, "cannot convert value to integer");
}

static double power(int exponent)
{
    char text[24];
    snprintf(text, sizeof text, "1e%d", exponent);
    return strtod(text, NULL);
}

// Go's math.Pow10, made of two powers as Go makes it: its last bit shows in results.
static double pow10_of(int64_t n)
{
    if (n > 308 || n < -323)
        return n > 0 ? INFINITY : 0;
    int e = (int)n, rest = e % 32;
    return n > 0 ? power(e - rest) * power(rest) : power(e - rest) / power(-rest);
}

struct value cel_fn_as_approximate_float(struct cel_call *c, const struct value *args, uint32_t n)
{
    const struct lib_quantity *q = only(args, n);
    if (!q)
        return lib_no_overload(c, args, n);
    double d = (double)q->value;
    if (q->big) {
        struct lib_text t = {.arena = c->arena};
        lib_text_put(&t, q->digits.n ? q->digits : S("0"));
        lib_text_putc(&t, '\0');
        if (t.full)
            return lib_full();
        d = q->negative ? -strtod(t.p, NULL) : strtod(t.p, NULL);
    }
    return value_double(q->scale == 0 ? d : d * pow10_of(q->scale));
}

static struct value add(struct cel_call *c, const struct value *args, uint32_t n, bool minus)
{
    struct lib_quantity other, sum;
    if (n != 2 || args[0].kind != CEL_QUANTITY ||
        (args[1].kind != CEL_QUANTITY && args[1].kind != CEL_INT))
        return lib_no_overload(c, args, n);
    if (args[1].kind == CEL_INT)
        other = (struct lib_quantity){.format = QUANTITY_DECIMAL_EXPONENT, .value = args[1].i};
    else
        other = *(const struct lib_quantity *)args[1].opaque;
    if (!lib_quantity_add(args[0].opaque, &other, minus, c->arena, &sum))
        return parse_failed(c, "");
    struct value v = quantity_value(c, &sum);
    v.flags |= VALUE_DERIVED;
    return v;
}

struct value cel_fn_add(struct cel_call *c, const struct value *args, uint32_t n)
{
    return add(c, args, n, false);
}

struct value cel_fn_sub(struct cel_call *c, const struct value *args, uint32_t n)
{
    return add(c, args, n, true);
}

// Two quantities or two versions. False: neither.
static bool compare(const struct value *args, uint32_t n, int *ret)
{
    if (n != 2 || args[0].kind != args[1].kind)
        return false;
    if (args[0].kind == CEL_QUANTITY)
        *ret = lib_quantity_compare(args[0].opaque, args[1].opaque);
    else if (args[0].kind == CEL_SEMVER)
        *ret = lib_semver_compare(args[0].opaque, args[1].opaque);
    else
        return false;
    return true;
}

struct value cel_fn_compare_to(struct cel_call *c, const struct value *args, uint32_t n)
{
    int order;
    return compare(args, n, &order) ? value_int(order) : lib_no_overload(c, args, n);
}

struct value cel_fn_is_greater_than(struct cel_call *c, const struct value *args, uint32_t n)
{
    int order;
    return compare(args, n, &order) ? value_bool(order > 0) : lib_no_overload(c, args, n);
}

struct value cel_fn_is_less_than(struct cel_call *c, const struct value *args, uint32_t n)
{
    int order;
    return compare(args, n, &order) ? value_bool(order < 0) : lib_no_overload(c, args, n);
}

// A whole amount as mantissa and power of 1024. False where there is none, or none of up to 64 bits.
static bool put_binary(struct lib_text *t, const struct lib_quantity *q)
{
    static const char *const suffixes[] = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
    char room[24];
    struct digits d = digits_of(q, room);
    __extension__ unsigned __int128 v = 0; // sums of what each fits int64 do not
    int64_t top = d.scale + (int64_t)d.text.n;
    unsigned power = 0;
    if (top > 38)
        return false;
    for (int64_t i = top - 1; i >= 0; i--)
        v = v * 10 + (unsigned)(digit_at(&d, i) - '0');
    for (int64_t i = -1; i >= d.scale && d.text.n; i--)
        if (digit_at(&d, i) != '0' || i < -32)
            return false;
    if (v < 1024)
        return false;
    for (; v % 1024 == 0 && power < 6; power++)
        v /= 1024;
    if (v > UINT64_MAX)
        return false;
    if (d.negative)
        lib_text_putc(t, '-');
    lib_text_u64(t, (uint64_t)v, 10, false);
    lib_text_put(t, str_of(suffixes[power]));
    return true;
}

void lib_quantity_text(struct lib_text *t, const struct lib_quantity *q)
{
    static const char *const suffixes[] = {"n", "u", "m", "", "k", "M", "G", "T", "P", "E"};
    char room[24];
    struct digits d = digits_of(q, room);
    if (q->text.p || d.text.n == 0) {
        lib_text_put(t, q->text.p ? q->text : S("0"));
        return;
    }
    if (q->format == QUANTITY_BINARY_SI && put_binary(t, q))
        return;
    while (d.text.p[d.text.n - 1] == '0') {
        d.text.n--;
        d.scale++;
    }
    int64_t zeros = ((d.scale % 3) + 3) % 3, power = d.scale - zeros;
    if (d.negative)
        lib_text_putc(t, '-');
    lib_text_put(t, d.text);
    lib_text_fill(t, '0', (uint64_t)zeros);
    if (q->format != QUANTITY_DECIMAL_EXPONENT && power >= -9 && power <= 18) {
        lib_text_put(t, str_of(suffixes[power / 3 + 3]));
    } else if (power && q->format == QUANTITY_DECIMAL_EXPONENT) {
        lib_text_putc(t, 'e');
        lib_text_i64(t, power, 10, false);
    }
}
