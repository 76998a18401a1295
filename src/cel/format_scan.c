#include "cel/format_scan.h"

#include <stdio.h>

static size_t bad(struct format_clause *ret, char *why, size_t why_size, const char *text, char letter)
{
    ret->bad = true;
    (void)snprintf(why, why_size, letter ? "%s \"%c\"" : "%s", text, letter);
    return 0;
}

// Digits behind the dot at i. More than an int holds is no number, as in Go.
static bool scan_precision(str text, size_t *i, int *ret)
{
    long v = 0;
    size_t from = *i;
    for (; *i < text.n && text.p[*i] >= '0' && text.p[*i] <= '9'; (*i)++)
        if (v < 1000000000)
            v = v * 10 + (text.p[*i] - '0');
    *ret = v >= 1000000000 ? 1000000000 : (int)v;
    return *i > from;
}

size_t cel_format_scan(str text, size_t i, struct format_clause *ret, char *why, size_t why_size)
{
    *ret = (struct format_clause){.precision = -1};
    if (text.p[i] != '%')
        return i + 1;
    ret->at_end = ++i >= text.n;
    if (ret->at_end)
        return bad(ret, why, why_size, "unexpected end of string", 0);
    if (text.p[i] == '%')
        return i + 1;
    if (text.p[i] == '.') {
        i++;
        bool digits = scan_precision(text, &i, &ret->precision);
        if (i >= text.n)
            return bad(ret, why, why_size,
                       "could not parse formatting clause: error while parsing precision: could not "
                       "find end of precision specifier",
                       0);
        if (!digits)
            return bad(ret, why, why_size,
                       "could not parse formatting clause: error while parsing precision: error while "
                       "converting precision to integer",
                       0);
    }
    char letter = text.p[i];
    if (!letter || !strchr("sdfebxXo", letter))
        return bad(ret, why, why_size,
                   "could not parse formatting clause: unrecognized formatting clause", letter);
    ret->letter = letter;
    return i + 1;
}
