#include "cel/number.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// 15 digits always survive a double and 17 always tell two apart, so only three precisions need a
// try; below the normal range fewer than 15 digits can be enough and all are tried.
size_t number_shortest(double d, char digits[20], int *ret_point)
{
    char text[40];
    int exponent = 0;
    for (int p = fabs(d) < DBL_MIN ? 0 : 14; p < 17; p++) {
        (void)snprintf(text, sizeof text, "%.*e", p, fabs(d));
        if (strtod(text, NULL) == fabs(d))
            break;
    }
    const char *e = strchr(text, 'e');
    exponent = e ? (int)strtol(e + 1, NULL, 10) : 0;
    size_t n = 0;
    for (const char *p = text; p < e && n < 19; p++)
        if (*p >= '0' && *p <= '9')
            digits[n++] = *p;
    while (n > 1 && digits[n - 1] == '0')
        n--;
    *ret_point = exponent + 1;
    return n;
}

static size_t special(char *out, double d)
{
    const char *s = isnan(d) ? "NaN" : d > 0 ? "+Inf" : "-Inf";
    size_t n = strlen(s);
    memcpy(out, s, n + 1);
    return n;
}

static size_t positional(char *out, size_t at, const char *digits, size_t n, int point)
{
    if (point <= 0) {
        out[at++] = '0';
        out[at++] = '.';
        for (int i = point; i < 0; i++)
            out[at++] = '0';
    }
    for (size_t i = 0; i < n || (int)i < point; i++) {
        if (point > 0 && (int)i == point)
            out[at++] = '.';
        out[at++] = i < n ? digits[i] : '0';
    }
    out[at] = '\0';
    return at;
}

size_t number_format_f(char out[NUMBER_F], double d)
{
    if (!isfinite(d))
        return special(out, d);
    char digits[20];
    int point;
    size_t n = number_shortest(d, digits, &point), at = 0;
    if (signbit(d))
        out[at++] = '-';
    if (d == 0) {
        memcpy(out + at, "0", 2);
        return at + 1;
    }
    return positional(out, at, digits, n, point);
}

size_t number_format_g(char out[NUMBER_G], double d)
{
    if (!isfinite(d))
        return special(out, d);
    char digits[20];
    int point;
    size_t n = number_shortest(d, digits, &point), at = 0;
    // Go decides between %e and %f as if the precision were 6.
    int exponent = d == 0 ? 0 : point - 1;
    if (exponent < -4 || exponent >= 6) {
        if (signbit(d))
            out[at++] = '-';
        out[at++] = digits[0];
        if (n > 1) {
            out[at++] = '.';
            memcpy(out + at, digits + 1, n - 1);
            at += n - 1;
        }
        int w = snprintf(out + at, NUMBER_G - at, "e%c%02d", exponent < 0 ? '-' : '+',
                         abs(exponent));
        return at + (w > 0 ? (size_t)w : 0);
    }
    char wide[NUMBER_F];
    size_t length = number_format_f(wide, d);
    memcpy(out, wide, length + 1);
    return length;
}
