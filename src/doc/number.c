#include "doc/number.h"

#include <math.h>
#include <stdlib.h>

#include "doc/write.h"

static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                              1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

// Significant digits as an integer, and the power of ten that goes with it.
struct decimal {
    uint64_t digits;
    int64_t exponent;
    unsigned n; // significant digits; beyond 19 they no longer fit
    bool negative;
};

static struct decimal take_apart(str text)
{
    struct decimal d = {0};
    size_t i = 0;
    bool point = false;
    if (i < text.n && (text.p[i] == '-' || text.p[i] == '+'))
        d.negative = text.p[i++] == '-';
    for (; i < text.n && text.p[i] != 'e' && text.p[i] != 'E'; i++) {
        if (text.p[i] == '.') {
            point = true;
            continue;
        }
        d.exponent -= point;
        unsigned digit = (unsigned)(text.p[i] - '0');
        d.n += d.n > 0 || digit > 0;
        if (d.n <= 19)
            d.digits = d.digits * 10 + digit;
    }
    if (i == text.n)
        return d;
    bool down = ++i < text.n && text.p[i] == '-';
    i += i < text.n && (text.p[i] == '-' || text.p[i] == '+');
    int64_t e = 0;
    for (; i < text.n; i++)
        if (e < 1000000000)
            e = e * 10 + (text.p[i] - '0');
    d.exponent += down ? -e : e;
    return d;
}

// strtod wants a NUL; a number longer than this differs from its first digits only where those stand
// exactly between two doubles, which 800 digits decide (the longest such midpoint has 768).
enum { LONGEST = 800 };

static double slow(str text, const struct decimal *d)
{
    char room[LONGEST + 40];
    size_t n = 0, taken = 0;
    int64_t e = d->exponent;
    bool leading = true, sticky = false;
    for (size_t i = 0; i < text.n && text.p[i] != 'e' && text.p[i] != 'E'; i++) {
        char c = text.p[i];
        if (c < '0' || c > '9' || (leading && c == '0'))
            continue;
        leading = false;
        if (taken < LONGEST) {
            room[n++] = c;
            taken++;
        } else {
            sticky = sticky || c != '0';
            e++;
        }
    }
    if (sticky)
        room[n - 1] = room[n - 1] == '0' ? '1' : room[n - 1]; // not a midpoint any more
    room[n++] = 'e';
    if (e < 0)
        room[n++] = '-';
    uint64_t abs_e = e < 0 ? (uint64_t)-e : (uint64_t)e;
    char back[24];
    size_t k = 0;
    do
        back[k++] = (char)('0' + abs_e % 10);
    while (abs_e /= 10);
    while (k)
        room[n++] = back[--k];
    room[n] = 0;
    return strtod(room, NULL);
}

bool number_double(str text, double *ret)
{
    struct decimal d = take_apart(text);
    double v;
    if (d.digits == 0)
        v = 0;
    else if (d.n <= 15 && d.exponent >= 0 && d.exponent <= 22) // both factors are exact doubles
        v = (double)d.digits * tens[d.exponent];
    else if (d.n <= 15 && d.exponent < 0 && d.exponent >= -22)
        v = (double)d.digits / tens[-d.exponent];
    else
        v = slow(text, &d);
    if (isinf(v))
        return false;
    *ret = d.negative ? -v : v;
    return true;
}

void number_set(struct node *n, double d)
{
    n->kind = NODE_DOUBLE;
    n->d = d;
    if (d != trunc(d) || fabs(d) > 0x1p63)
        return;
    if (fabs(d) <= 0x1p53) {
        n->kind = NODE_INT;
        n->i = (int64_t)d;
        return;
    }
    // What is sent are the shortest digits filled up with zeros, and those are what is read back.
    struct write_decimal w;
    write_shortest(d, &w);
    uint64_t v = 0;
    for (int i = 0; i <= w.exponent; i++)
        v = v * 10 + (i < w.n ? (unsigned)(w.digits[i] - '0') : 0);
    if (v > (uint64_t)INT64_MAX + (d < 0))
        return;
    n->kind = NODE_INT;
    n->i = d < 0 ? (int64_t)(0 - v) : (int64_t)v;
}
