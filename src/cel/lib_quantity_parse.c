#include "cel/lib_quantity.h"
#include "cel/value_priv.h"

enum {
    MOST_DIGITS = 1 << 20, // of an exact amount; the API server would compute on, for minutes
    NANO = -9,
};

static int32_t wrap(int64_t v) // Kubernetes' scales are int32 and wrap around
{
    return (int32_t)(uint32_t)(uint64_t)v;
}

static bool ends_in_zeros(str num, str denom) // the two written together end in 000
{
    size_t n = num.n + denom.n;
    for (size_t i = n < 3 ? 0 : n - 3; i < n; i++)
        if ((i < num.n ? num.p[i] : denom.p[i - num.n]) != '0')
            return false;
    return n >= 3;
}

// The way of small numbers. False: it does not fit.
static bool read_small(str text, const struct quantity_parts *p, struct lib_quantity *ret)
{
    int64_t mantissa = 1, value = 0, result, precision;
    int32_t scale = 0;
    if (p->num.n + p->denom.n > 18)
        return false;
    if (p->format == QUANTITY_BINARY_SI) {
        if (p->denom.n)
            return false;
        mantissa = (int64_t)1 << p->exponent;
        precision = 15 - (int64_t)p->num.n - p->exponent * 3 / 10 - 1;
    } else {
        scale = p->exponent;
        precision = 18 - (int64_t)(p->num.n + p->denom.n);
    }
    scale = wrap((int64_t)scale - (int64_t)p->denom.n);
    if (precision < 0 || scale < NANO)
        return false;
    for (size_t i = 0; i < p->num.n + p->denom.n; i++)
        value = value * 10 + ((i < p->num.n ? p->num.p[i] : p->denom.p[i - p->num.n]) - '0');
    if (__builtin_mul_overflow(value, mantissa, &result))
        return false;
    char first = p->num.n ? p->num.p[0] : '0';
    bool kept = p->format == QUANTITY_BINARY_SI
                    ? value % 8 != 0
                    : scale % 3 == 0 && first != '0' && !ends_in_zeros(p->num, p->denom);
    *ret = (struct lib_quantity){.format = p->format,
                                 .scale = scale,
                                 .value = p->negative ? -result : result,
                                 .text = kept ? text : (str){NULL, 0}};
    return true;
}

// digits * 2^bits, in place at the end of the n bytes at p; gives where the result begins.
static size_t shift_left(char *p, size_t start, size_t end, int bits)
{
    for (; bits > 0; bits -= 10) {
        unsigned carry = 0;
        for (size_t i = end; i > start; i--) {
            unsigned v = (unsigned)(p[i - 1] - '0') * 1024 + carry;
            p[i - 1] = (char)('0' + v % 10);
            carry = v / 10;
        }
        for (; carry; carry /= 10)
            p[--start] = (char)('0' + carry % 10);
    }
    return start;
}

static str without_zeros(str s)
{
    while (s.n && s.p[0] == '0')
        s = str_skip(s, 1);
    return s;
}

// Rounds away from zero to nine decimals, and writes every one of them, as inf.Dec.Round does.
static bool to_nano(struct lib_quantity *q, char *p, size_t start, size_t end, size_t cap)
{
    int64_t drop = (int64_t)NANO - q->scale; // decimals beyond nine; negative: zeros to add
    if (drop < 0 && (uint64_t)-drop > cap - end)
        return false;
    for (; drop < 0; drop++)
        p[end++] = '0';
    bool rest = false;
    for (; drop > 0 && end > start; drop--)
        rest |= p[--end] != '0';
    size_t i = end;
    while (rest && i > start && p[i - 1] == '9')
        p[--i] = '0';
    if (rest && i > start)
        p[i - 1]++;
    else if (rest)
        p[--start] = '1';
    q->digits = without_zeros((str){p + start, end - start});
    q->scale = NANO;
    return true;
}

const char *cel_lib_quantity_parse(str s, struct arena *a, struct lib_quantity *ret)
{
    struct quantity_parts parts;
    enum quantity_fault fault = quantity_split(s, &parts);
    if (fault == QUANTITY_MALFORMED)
        return "quantities must match the regular expression "
               "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
    if (fault == QUANTITY_BAD_SUFFIX)
        return "unable to parse quantity's suffix";
    if (read_small(s, &parts, ret))
        return NULL;

    size_t room = 32, digits = 0; // room in front for 2^60 and a carry
    int64_t zeros = (int64_t)parts.exponent + 9;
    if (zeros < 0 || parts.base == 2)
        zeros = 9;
    if (zeros > MOST_DIGITS || s.n > MOST_DIGITS)
        return "";
    size_t cap = room + s.n + (size_t)zeros + 16;
    char *p = arena_alloc(a, cap, 1, 1);
    if (!p)
        return "";
    struct lib_quantity q = {.big = true, .format = parts.format, .negative = parts.negative};
    for (size_t i = 0; i < parts.value.n; i++)
        if (parts.value.p[i] >= '0' && parts.value.p[i] <= '9')
            p[room + digits++] = parts.value.p[i];
    if (digits == 0)
        return "unable to parse numeric part of quantity";
    q.scale = wrap((int64_t)(parts.base == 10 ? parts.exponent : 0) - (int64_t)parts.denom.n);
    size_t start = room, end = room + digits;
    if (parts.base == 2)
        start = shift_left(p, start, end, parts.exponent);
    if (without_zeros((str){p + start, end - start}).n && !to_nano(&q, p, start, end, cap))
        return "";
    static const struct lib_quantity most = {.value = INT64_MAX}, one = {.value = 1};
    q.negative = false;
    if (parts.base == 2 && lib_quantity_compare(&q, &most) > 0) {
        q.digits = S("9223372036854775807");
        q.scale = 0;
    }
    if (parts.base == 2 && q.digits.n && lib_quantity_compare(&q, &one) < 0)
        q.format = QUANTITY_DECIMAL_SI;
    q.negative = parts.negative && q.digits.n;
    *ret = q;
    return NULL;
}
