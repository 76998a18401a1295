#include "cel/lib_quantity.h"

#include "cel/lib_semver.h"

#define NANO ((lib_quantity_nanos)1000000000)
#define MOST (NANO * NANO * NANO * 100000000000)          // 10^38: the largest power of ten that fits
#define CAP ((lib_quantity_nanos)INT64_MAX * NANO)         // resource.maxAllowed

static lib_quantity_nanos magnitude(lib_quantity_nanos n)
{
    return n < 0 ? -n : n;
}

// n * by, ending at the largest there is.
static lib_quantity_nanos times(lib_quantity_nanos n, lib_quantity_nanos by)
{
    return n > MOST / by ? MOST : n * by;
}

// The suffix's power of two, or of ten. False for none that Kubernetes knows.
static bool read_suffix(str s, enum lib_quantity_form *form, int *two, int *ten)
{
    static const char names[] = "numkMGTPE";
    static const int tens[] = {-9, -6, -3, 3, 6, 9, 12, 15, 18};
    *form = QUANTITY_DECIMAL;
    *two = *ten = 0;
    if (s.n == 0)
        return true;
    if (s.n == 2 && s.p[1] == 'i') {
        const char *at = memchr("KMGTPE", s.p[0], 6);
        if (!at)
            return false;
        static const char order[] = "KMGTPE";
        *form = QUANTITY_BINARY;
        for (int i = 0; order[i]; i++)
            *two = order[i] == s.p[0] ? 10 * (i + 1) : *two;
        return true;
    }
    const char *at = s.n == 1 ? memchr(names, s.p[0], sizeof names - 1) : NULL;
    if (at) {
        *ten = tens[(size_t)(at - names)];
        return true;
    }
    if (s.n < 2 || (s.p[0] != 'e' && s.p[0] != 'E'))
        return false;
    size_t i = 1u + (s.p[1] == '-' || s.p[1] == '+');
    int v = 0;
    if (i == s.n || s.n - i > 9)
        return false;
    for (; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        v = v * 10 + (s.p[i] - '0');
    }
    *form = QUANTITY_EXPONENT;
    *ten = s.p[1] == '-' ? -v : v;
    return true;
}

// The digits in nano-units times 10^ten * 2^two, rounded up where that is no whole number of them.
static lib_quantity_nanos scale(str whole, str part, int two, int ten)
{
    lib_quantity_nanos n = 0;
    bool rest = false;
    int shift = 9 + ten;
    for (size_t i = 0; i < whole.n + part.n; i++) {
        char c = i < whole.n ? whole.p[i] : part.p[i - whole.n];
        if (n > MOST / 100000) { // more digits than can matter
            rest |= c != '0';
            shift += i < whole.n;
            continue;
        }
        n = n * 10 + (c - '0');
        shift -= i >= whole.n;
    }
    for (int i = 0; i < two; i++) {
        if (n > MOST / 4) { // room for the next bits: drop a decimal digit
            rest |= n % 10 != 0;
            n /= 10;
            shift++;
        }
        n *= 2;
    }
    for (; shift > 0 && n && n < MOST; shift--)
        n = times(n, 10);
    for (; shift < 0 && n; shift++) {
        rest |= n % 10 != 0;
        n /= 10;
    }
    return n + rest;
}

bool lib_quantity_parse(str s, struct lib_quantity *ret)
{
    bool negative = s.n && s.p[0] == '-';
    if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
        s = str_skip(s, 1);
    size_t n = 0, m = 0;
    while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
        n++;
    str whole = str_head(s, n), part = str_skip(s, n);
    bool point = part.n && part.p[0] == '.';
    part = str_skip(part, point);
    while (point && m < part.n && part.p[m] >= '0' && part.p[m] <= '9')
        m++;
    str suffix = str_skip(part, m);
    part = str_head(part, m);
    if (n + m == 0)
        return false;
    int two, ten;
    struct lib_quantity q;
    if (!read_suffix(suffix, &q.form, &two, &ten))
        return false;
    q.nanos = scale(whole, part, two, ten);
    bool kept = two == 0 && n + m < 18 && ten - (int)m >= -9; // Kubernetes' fast path knows no cap
    if (!kept && q.nanos > CAP)
        q.nanos = CAP;
    if (q.form == QUANTITY_BINARY && q.nanos < NANO * 1024)
        q.form = q.nanos % NANO ? QUANTITY_DECIMAL : q.form;
    q.nanos = negative ? -q.nanos : q.nanos;
    *ret = q;
    return true;
}

static void put_number(struct lib_text *t, lib_quantity_nanos n)
{
    char digits[48];
    size_t at = sizeof digits;
    bool negative = n < 0;
    n = magnitude(n);
    do
        digits[--at] = (char)('0' + (int)(n % 10));
    while (n /= 10);
    if (negative)
        digits[--at] = '-';
    lib_text_put(t, (str){digits + at, sizeof digits - at});
}

void lib_quantity_text(struct lib_text *t, const struct lib_quantity *q)
{
    static const char *const decimal[] = {"n", "u", "m", "", "k", "M", "G", "T", "P", "E"};
    static const char *const exponent[] = {"e-9", "e-6", "e-3", "", "e3", "e6", "e9", "e12", "e15", "e18"};
    static const char *const binary[] = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
    lib_quantity_nanos n = q->nanos;
    unsigned i = 0;
    if (n == 0) {
        lib_text_putc(t, '0');
        return;
    }
    if (q->form == QUANTITY_BINARY && magnitude(n) >= NANO * 1024) {
        lib_quantity_nanos whole = n / NANO + (n % NANO > 0) - (n % NANO < 0);
        for (; i < 6 && whole % 1024 == 0; i++)
            whole /= 1024;
        put_number(t, whole);
        lib_text_put(t, str_of(binary[i]));
        return;
    }
    for (; i < 9 && n % 1000 == 0; i++)
        n /= 1000;
    put_number(t, n);
    lib_text_put(t, str_of(q->form == QUANTITY_EXPONENT ? exponent[i] : decimal[i]));
}

static const struct lib_quantity *quantity_of(const struct value *args, uint32_t n, uint32_t i)
{
    return i < n && args[i].kind == CEL_QUANTITY ? args[i].opaque : NULL;
}

static struct value make(struct cel_call *c, struct lib_quantity q)
{
    struct lib_quantity *own = arena_alloc(c->arena, 1, sizeof *own, 16);
    if (!own)
        return lib_full();
    *own = q;
    return (struct value){.kind = CEL_QUANTITY, .opaque = own};
}

struct value cel_fn_quantity(struct cel_call *c, const struct value *args, uint32_t n)
{
    struct lib_quantity q;
    if (!lib_takes(args, n, "s"))
        return lib_no_overload(c, args, n);
    if (!lib_quantity_parse(value_text(args[0]), &q))
        return value_error(c->arena, "quantities must match the regular expression "
                                     "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
    return make(c, q);
}

struct value cel_fn_is_quantity(struct cel_call *c, const struct value *args, uint32_t n)
{
    struct lib_quantity q;
    if (!lib_takes(args, n, "s"))
        return lib_no_overload(c, args, n);
    return value_bool(lib_quantity_parse(value_text(args[0]), &q));
}

struct value cel_fn_sign(struct cel_call *c, const struct value *args, uint32_t n)
{
    const struct lib_quantity *q = quantity_of(args, n, 0);
    return q && n == 1 ? value_int((q->nanos > 0) - (q->nanos < 0)) : lib_no_overload(c, args, n);
}

static bool integer_of(const struct lib_quantity *q, int64_t *ret)
{
    lib_quantity_nanos whole = q->nanos / NANO;
    *ret = (int64_t)whole;
    return q->nanos % NANO == 0 && whole >= INT64_MIN && whole <= INT64_MAX;
}

struct value cel_fn_is_integer(struct cel_call *c, const struct value *args, uint32_t n)
{
    const struct lib_quantity *q = quantity_of(args, n, 0);
    int64_t i;
    return q && n == 1 ? value_bool(integer_of(q, &i)) : lib_no_overload(c, args, n);
}

struct value cel_fn_as_integer(struct cel_call *c, const struct value *args, uint32_t n)
{
    const struct lib_quantity *q = quantity_of(args, n, 0);
    int64_t i;
    if (!q || n != 1)
        return lib_no_overload(c, args, n);
    return integer_of(q, &i) ? value_int(i) : value_error(c->arena, "cannot convert value to integer");
}

struct value cel_fn_as_approximate_float(struct cel_call *c, const struct value *args, uint32_t n)
{
    const struct lib_quantity *q = quantity_of(args, n, 0);
    if (!q || n != 1)
        return lib_no_overload(c, args, n);
    bool whole = q->nanos % NANO == 0;
    return value_double(whole ? (double)(q->nanos / NANO) : (double)q->nanos / 1e9);
}

static struct value sum(struct cel_call *c, const struct value *args, uint32_t n, int sign)
{
    const struct lib_quantity *a = quantity_of(args, n, 0), *b = quantity_of(args, n, 1);
    struct lib_quantity r;
    bool is_int = n == 2 && args[1].kind == CEL_INT;
    if (!a || n != 2 || (!b && !is_int))
        return lib_no_overload(c, args, n);
    lib_quantity_nanos more = (b ? b->nanos : (lib_quantity_nanos)args[1].i * NANO) * sign;
    r.form = a->nanos == 0 && b ? b->form : a->form; // Quantity.Add: zero takes the other's form
    r.nanos = a->nanos + more;
    return make(c, r);
}

struct value cel_fn_add(struct cel_call *c, const struct value *args, uint32_t n)
{
    return sum(c, args, n, 1);
}

struct value cel_fn_sub(struct cel_call *c, const struct value *args, uint32_t n)
{
    return sum(c, args, n, -1);
}

// False where the arguments are not two quantities or two versions.
static bool compare(const struct value *args, uint32_t n, int *ret)
{
    const struct lib_quantity *a = quantity_of(args, n, 0), *b = quantity_of(args, n, 1);
    if (n == 2 && a && b)
        *ret = (a->nanos > b->nanos) - (a->nanos < b->nanos);
    else if (n == 2 && args[0].kind == CEL_SEMVER && args[1].kind == CEL_SEMVER)
        *ret = lib_semver_compare(args[0].opaque, args[1].opaque);
    else
        return false;
    return true;
}

struct value cel_fn_compare_to(struct cel_call *c, const struct value *args, uint32_t n)
{
    int order = 0;
    return compare(args, n, &order) ? value_int(order) : lib_no_overload(c, args, n);
}

struct value cel_fn_is_greater_than(struct cel_call *c, const struct value *args, uint32_t n)
{
    int order = 0;
    return compare(args, n, &order) ? value_bool(order > 0) : lib_no_overload(c, args, n);
}

struct value cel_fn_is_less_than(struct cel_call *c, const struct value *args, uint32_t n)
{
    int order = 0;
    return compare(args, n, &order) ? value_bool(order < 0) : lib_no_overload(c, args, n);
}
