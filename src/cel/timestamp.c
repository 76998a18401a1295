#include "cel/timestamp.h"

#include <stdio.h>

#include "base/rfc3339.h"
#include "cel/number.h"

enum { DAY = 86400, NANOS = 1000000000 };

// Days since 1970-01-01 of a proleptic Gregorian date, counted in eras of 400 years from a March 1st, so
// that the leap day is the last of its year.
int64_t timestamp_seconds(int64_t year, unsigned month, unsigned day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + (int64_t)day - 1;
    int64_t days = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    return (era * 146097 + days - 719468) * DAY;
}

struct civil timestamp_civil(int64_t seconds)
{
    int64_t days = seconds / DAY, left = seconds % DAY;
    if (left < 0) {
        left += DAY;
        days--;
    }
    struct civil c = {.hour = (unsigned)(left / 3600),
                      .minute = (unsigned)(left % 3600 / 60),
                      .second = (unsigned)(left % 60),
                      .weekday = (unsigned)(((days + 4) % 7 + 7) % 7)};
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t of_era = days - era * 146097;
    int64_t year_of_era =
        (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * of_year + 2) / 153;
    c.day = (unsigned)(of_year - (153 * month + 2) / 5 + 1);
    c.month = (unsigned)(month < 10 ? month + 3 : month - 9);
    c.year = year_of_era + era * 400 + (c.month <= 2);
    c.day_of_year = (unsigned)((timestamp_seconds(c.year, c.month, c.day) -
                                timestamp_seconds(c.year, 1, 1)) /
                               DAY);
    return c;
}

// Parsing.

static bool literal(str *s, char c)
{
    if (s->n == 0 || s->p[0] != c)
        return false;
    *s = str_skip(*s, 1);
    return true;
}

bool timestamp_parse(str s, struct value *ret)
{
    struct rfc3339 t;
    if (!rfc3339_parse(s, &t))
        return false;
    *ret = (struct value){.kind = CEL_TIMESTAMP,
                          .zone = (int16_t)t.offset,
                          .n = t.nanoseconds,
                          .i = timestamp_seconds(t.year, t.month, t.day) + t.hour * 3600 +
                               t.minute * 60 + t.second - t.offset * 60};
    return true;
}

// Formatting.

static size_t put_fraction(char *out, uint32_t nanos)
{
    if (nanos == 0)
        return 0;
    int n = snprintf(out, 11, ".%09u", nanos % NANOS);
    while (n > 0 && out[n - 1] == '0')
        n--;
    return (size_t)n;
}

size_t timestamp_format(char out[TIMESTAMP_TEXT], struct value t)
{
    struct civil c = timestamp_civil(t.i + t.zone * 60);
    int n = snprintf(out, TIMESTAMP_TEXT, "%04lld-%02u-%02uT%02u:%02u:%02u", (long long)c.year,
                     c.month % 100, c.day % 100, c.hour % 100, c.minute % 100, c.second % 100);
    size_t at = n > 0 ? (size_t)n : 0;
    at += put_fraction(out + at, t.n);
    if (t.zone == 0) {
        out[at++] = 'Z';
        return at;
    }
    unsigned minutes = (unsigned)(t.zone < 0 ? -t.zone : t.zone);
    n = snprintf(out + at, TIMESTAMP_TEXT - at, "%c%02u:%02u", t.zone < 0 ? '-' : '+',
                 minutes / 60 % 100, minutes % 60);
    return at + (n > 0 ? (size_t)n : 0);
}

// Arithmetic.

bool timestamp_add(struct value *t, int64_t nanoseconds)
{
    int64_t seconds = t->i + nanoseconds / NANOS;
    int64_t nanos = (int64_t)t->n + nanoseconds % NANOS;
    if (nanos < 0) {
        nanos += NANOS;
        seconds--;
    } else if (nanos >= NANOS) {
        nanos -= NANOS;
        seconds++;
    }
    if (seconds < TIMESTAMP_MIN || seconds > TIMESTAMP_MAX)
        return false;
    t->i = seconds;
    t->n = (uint32_t)nanos;
    return true;
}

bool timestamp_difference(struct value a, struct value b, int64_t *ret)
{
    int64_t d;
    return !__builtin_mul_overflow(a.i - b.i, (int64_t)NANOS, &d) &&
           !__builtin_add_overflow(d, (int64_t)a.n - b.n, ret);
}

// Durations. As in Go, the whole part and the fraction of a number are scaled apart, and the sum may reach
// 2^63 only where it is negative.

static bool unit_of(str *s, uint64_t *ret)
{
    static const struct {
        str name;
        uint64_t ns;
    } units[] = {{{"ns", 2}, 1},          {{"us", 2}, 1000},        {{"\xC2\xB5s", 3}, 1000},
                 {{"\xCE\xBCs", 3}, 1000}, {{"ms", 2}, 1000000},     {{"s", 1}, NANOS},
                 {{"m", 1}, 60ull * NANOS}, {{"h", 1}, 3600ull * NANOS}};
    size_t n = 0;
    while (n < s->n && s->p[n] != '.' && (s->p[n] < '0' || s->p[n] > '9'))
        n++;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (str_eq(str_head(*s, n), units[i].name)) {
            *s = str_skip(*s, n);
            *ret = units[i].ns;
            return true;
        }
    return false;
}

static bool leading(str *s, uint64_t *ret, bool *ret_any)
{
    uint64_t v = 0;
    *ret_any = false;
    while (s->n && s->p[0] >= '0' && s->p[0] <= '9') {
        if (__builtin_mul_overflow(v, 10u, &v) ||
            __builtin_add_overflow(v, (uint64_t)(s->p[0] - '0'), &v) || v > (uint64_t)1 << 63)
            return false;
        *s = str_skip(*s, 1);
        *ret_any = true;
    }
    *ret = v;
    return true;
}

// Digits beyond what fits are dropped.
static bool trailing(str *s, uint64_t *ret, double *ret_scale)
{
    uint64_t v = 0;
    double scale = 1;
    bool any = false, full = false;
    for (; s->n && s->p[0] >= '0' && s->p[0] <= '9'; *s = str_skip(*s, 1)) {
        any = true;
        if (full || v > (((uint64_t)1 << 63) - 1) / 10) {
            full = true;
            continue;
        }
        uint64_t next = v * 10 + (uint64_t)(s->p[0] - '0');
        if (next > (uint64_t)1 << 63) {
            full = true;
            continue;
        }
        v = next;
        scale *= 10;
    }
    *ret = v;
    *ret_scale = scale;
    return any;
}

static bool part(str *s, uint64_t *ret)
{
    uint64_t whole, f = 0, unit;
    double scale = 1;
    bool any, any_f = false;
    if (!leading(s, &whole, &any))
        return false;
    if (literal(s, '.'))
        any_f = trailing(s, &f, &scale);
    if ((!any && !any_f) || !unit_of(s, &unit) || whole > ((uint64_t)1 << 63) / unit)
        return false;
    whole *= unit;
    if (f)
        whole += (uint64_t)((double)f * ((double)unit / scale));
    *ret = whole;
    return whole <= (uint64_t)1 << 63;
}

bool timestamp_parse_duration(str s, int64_t *ret)
{
    uint64_t sum = 0, p;
    bool minus = s.n && s.p[0] == '-';
    if (minus || (s.n && s.p[0] == '+'))
        s = str_skip(s, 1);
    if (str_eq(s, S("0"))) {
        *ret = 0;
        return true;
    }
    if (s.n == 0)
        return false;
    while (s.n) {
        if (!part(&s, &p) || __builtin_add_overflow(sum, p, &sum) || sum > (uint64_t)1 << 63)
            return false;
    }
    if (!minus && sum > INT64_MAX)
        return false;
    *ret = minus ? (int64_t)(0 - sum) : (int64_t)sum;
    return true;
}

size_t timestamp_format_duration(char out[TIMESTAMP_TEXT], int64_t nanoseconds)
{
    // Go's Seconds(): whole seconds and the rest, each as a double, then the shortest decimals.
    double d = (double)(nanoseconds / NANOS) + (double)(nanoseconds % NANOS) / 1e9;
    char text[NUMBER_F];
    size_t n = number_format_f(text, d);
    n = n < TIMESTAMP_TEXT - 1 ? n : TIMESTAMP_TEXT - 1;
    memcpy(out, text, n);
    out[n] = 's';
    return n + 1;
}
