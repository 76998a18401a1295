#include "base/rfc3339.h"

static bool digits(str *s, size_t n, unsigned *ret)
{
    unsigned v = 0;
    if (s->n < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (s->p[i] < '0' || s->p[i] > '9')
            return false;
        v = v * 10 + (unsigned)(s->p[i] - '0');
    }
    *s = str_skip(*s, n);
    *ret = v;
    return true;
}

static bool literal(str *s, char c)
{
    if (s->n == 0 || s->p[0] != c)
        return false;
    *s = str_skip(*s, 1);
    return true;
}

// A fraction of any length, of which nine digits count.
static void fraction(str *s, struct rfc3339 *t)
{
    uint32_t unit = 1000000000 / 10;
    if (s->n < 2 || (s->p[0] != '.' && s->p[0] != ',') || s->p[1] < '0' || s->p[1] > '9')
        return;
    *s = str_skip(*s, 1);
    while (s->n && s->p[0] >= '0' && s->p[0] <= '9') {
        t->nanoseconds += (uint32_t)(s->p[0] - '0') * unit;
        t->fraction_digits++;
        unit /= 10;
        *s = str_skip(*s, 1);
    }
}

static bool offset(str *s, int *ret_minutes)
{
    unsigned h, m;
    if (literal(s, 'Z'))
        return true;
    bool minus = s->n && s->p[0] == '-';
    if (!minus && !(s->n && s->p[0] == '+'))
        return false;
    *s = str_skip(*s, 1);
    if (!digits(s, 2, &h) || !literal(s, ':') || !digits(s, 2, &m) || h > 24 || m > 60)
        return false;
    *ret_minutes = (int)(h * 60 + m) * (minus ? -1 : 1);
    return true;
}

static unsigned days_of(unsigned year, unsigned month)
{
    static const uint8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return lengths[month - 1] + (unsigned)(month == 2 && leap);
}

bool rfc3339_parse(str s, struct rfc3339 *ret)
{
    struct rfc3339 t = {0};
    if (!digits(&s, 4, &t.year) || !literal(&s, '-') || !digits(&s, 2, &t.month) ||
        !literal(&s, '-') || !digits(&s, 2, &t.day) || !literal(&s, 'T'))
        return false;
    bool one = s.n > 1 && s.p[1] == ':';
    if (!digits(&s, one ? 1 : 2, &t.hour) || !literal(&s, ':') || !digits(&s, 2, &t.minute) ||
        !literal(&s, ':') || !digits(&s, 2, &t.second))
        return false;
    fraction(&s, &t);
    if (!offset(&s, &t.offset) || s.n)
        return false;
    if (t.month < 1 || t.month > 12 || t.day < 1 || t.day > days_of(t.year, t.month) ||
        t.hour > 23 || t.minute > 59 || t.second > 59)
        return false;
    *ret = t;
    return true;
}
