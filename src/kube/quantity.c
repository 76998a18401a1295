#include "kube/quantity.h"

#define TEXT(lit) {"" lit, sizeof(lit) - 1}

static size_t digits_from(str s, size_t at)
{
    while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9')
        at++;
    return at;
}

// parseQuantityString: sign, digits, a point and digits, suffix. False: none of it.
static bool split(str s, struct quantity_parts *p, str *ret_suffix)
{
    size_t at = 0, end;
    *p = (struct quantity_parts){.value = S("0"), .num = S("0"), .denom = S("")};
    *ret_suffix = S("");
    if (s.n == 0)
        return false;
    p->negative = s.p[0] == '-';
    at += s.p[0] == '-' || s.p[0] == '+';
    while (at < s.n && s.p[at] == '0')
        at++;
    if (at == s.n)
        return true;
    end = digits_from(s, at);
    if (end > at)
        p->num = (str){s.p + at, end - at};
    at = end;
    if (at < s.n && s.p[at] == '.') {
        end = digits_from(s, at + 1);
        p->denom = (str){s.p + at + 1, end - at - 1};
        at = end;
    }
    p->value = str_head(s, at);
    *ret_suffix = str_skip(s, at);
    while (at < s.n && s.p[at] && strchr("eEinumkKMGTP", s.p[at]))
        at++;
    if (at < s.n && (s.p[at] == '-' || s.p[at] == '+'))
        at++;
    return digits_from(s, at) == s.n;
}

// strconv.ParseInt of an exponent, as an int32.
static bool read_exponent(str s, int32_t *ret)
{
    bool negative = s.n && s.p[0] == '-', overflow = false;
    int64_t value = 0;
    if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
        s = str_skip(s, 1);
    for (size_t i = 0; i < s.n; i++) {
        int digit = s.p[i] - '0';
        if (digit < 0 || digit > 9)
            return false;
        overflow |= __builtin_mul_overflow(value, 10, &value) ||
                    __builtin_sub_overflow(value, digit, &value); // downwards: INT64_MIN fits
    }
    overflow |= !negative && value == INT64_MIN;
    *ret = (int32_t)(uint32_t)(uint64_t)(negative ? value : -value);
    return s.n && !overflow;
}

static bool read_suffix(str s, struct quantity_parts *p)
{
    static const struct {
        str suffix;
        int base;
        int32_t exponent;
    } known[] = {
        {TEXT(""), 10, 0},   {TEXT("n"), 10, -9},  {TEXT("u"), 10, -6}, {TEXT("m"), 10, -3},
        {TEXT("k"), 10, 3},  {TEXT("M"), 10, 6},   {TEXT("G"), 10, 9},  {TEXT("T"), 10, 12},
        {TEXT("P"), 10, 15}, {TEXT("E"), 10, 18},  {TEXT("Ki"), 2, 10}, {TEXT("Mi"), 2, 20},
        {TEXT("Gi"), 2, 30}, {TEXT("Ti"), 2, 40},  {TEXT("Pi"), 2, 50}, {TEXT("Ei"), 2, 60},
    };
    for (unsigned i = 0; i < sizeof known / sizeof *known; i++)
        if (str_eq(known[i].suffix, s)) {
            p->base = known[i].base;
            p->exponent = known[i].exponent;
            p->format = p->base == 2 ? QUANTITY_BINARY_SI : QUANTITY_DECIMAL_SI;
            return true;
        }
    p->base = 10;
    p->format = QUANTITY_DECIMAL_EXPONENT;
    return s.n > 1 && (s.p[0] == 'e' || s.p[0] == 'E') && read_exponent(str_skip(s, 1), &p->exponent);
}

enum quantity_fault quantity_split(str s, struct quantity_parts *ret)
{
    str suffix;
    if (!split(s, ret, &suffix))
        return QUANTITY_MALFORMED;
    return read_suffix(suffix, ret) ? QUANTITY_GOOD : QUANTITY_BAD_SUFFIX;
}

bool quantity_is(str s)
{
    struct quantity_parts p;
    if (quantity_split(s, &p) != QUANTITY_GOOD)
        return false;
    // "." is 0 to the quick way of small numbers, and nothing to the exact one
    bool digits = false;
    for (size_t i = 0; i < p.value.n; i++)
        digits |= p.value.p[i] >= '0' && p.value.p[i] <= '9';
    return digits || p.base == 2 || p.exponent >= -9;
}
