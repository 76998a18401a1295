#include "graph/address.h"

#include <stddef.h>

static bool parse_ipv4(str s, uint32_t *ret)
{
    uint32_t value = 0;
    for (int part = 0; part < 4; part++) {
        uint32_t n = 0, digits = 0;
        while (s.n && s.p[0] >= '0' && s.p[0] <= '9') {
            if (digits && n == 0)
                return false; // a leading zero
            n = n * 10 + (uint32_t)(s.p[0] - '0');
            s = str_skip(s, 1);
            if (++digits > 3 || n > 255)
                return false;
        }
        if (!digits)
            return false;
        value = value << 8 | n;
        if (part < 3) {
            if (!s.n || s.p[0] != '.')
                return false;
            s = str_skip(s, 1);
        }
    }
    *ret = value;
    return s.n == 0;
}

static int hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool parse_ipv6(str s, struct address *ret)
{
    uint16_t groups[8] = {0};
    int n = 0, gap = -1;
    if (str_starts(s, S("::"))) {
        gap = 0;
        s = str_skip(s, 2);
    }
    while (s.n && n < 8) {
        uint32_t value = 0, digits = 0, v4 = 0;
        str before = s;
        while (s.n && hex(s.p[0]) >= 0 && digits < 5) {
            value = value << 4 | (uint32_t)hex(s.p[0]);
            digits++;
            s = str_skip(s, 1);
        }
        if (s.n && s.p[0] == '.') {
            if (n > 6 || !parse_ipv4(before, &v4))
                return false;
            groups[n++] = (uint16_t)(v4 >> 16);
            groups[n++] = (uint16_t)v4;
            s.n = 0;
            break;
        }
        if (!digits || digits > 4)
            return false;
        groups[n++] = (uint16_t)value;
        if (!s.n)
            break;
        if (s.p[0] != ':' || s.n == 1)
            return false;
        s = str_skip(s, 1);
        if (s.p[0] == ':') {
            if (gap >= 0)
                return false;
            gap = n;
            s = str_skip(s, 1);
        }
    }
    if (s.n || (gap < 0 && n != 8) || (gap >= 0 && n == 8))
        return false;
    uint16_t all[8] = {0};
    for (int i = 0; i < n; i++)
        all[gap >= 0 && i >= gap ? 8 - n + i : i] = groups[i];
    *ret = (struct address){.family = 6};
    for (int i = 0; i < 4; i++) {
        ret->high = ret->high << 16 | all[i];
        ret->low = ret->low << 16 | all[4 + i];
    }
    return true;
}

bool address_parse(str s, struct address *ret)
{
    uint32_t v4 = 0;
    if (parse_ipv4(s, &v4)) {
        *ret = (struct address){.family = 4, .low = v4};
        return true;
    }
    return s.n && parse_ipv6(s, ret);
}

static uint64_t low_bits(unsigned n)
{
    return n == 0 ? 0 : n >= 64 ? UINT64_MAX : ((uint64_t)1 << n) - 1;
}

bool address_parse_cidr(str s, struct address_range *ret)
{
    str rest = s, text = str_cut(&rest, '/');
    struct address a;
    if (!rest.p || !rest.n || rest.n > 3 || !address_parse(text, &a))
        return false;
    unsigned prefix = 0;
    for (size_t i = 0; i < rest.n; i++) {
        if (rest.p[i] < '0' || rest.p[i] > '9' || (i == 1 && rest.p[0] == '0'))
            return false;
        prefix = prefix * 10 + (unsigned)(rest.p[i] - '0');
    }
    unsigned width = a.family == 4 ? 32 : 128;
    if (prefix > width)
        return false;
    unsigned host = width - prefix;
    uint64_t low = low_bits(host), high = host > 64 ? low_bits(host - 64) : 0;
    ret->first = (struct address){a.family, a.high & ~high, a.low & ~low};
    ret->last = (struct address){a.family, a.high | high, a.low | low};
    return true;
}

struct address_range address_all(uint8_t family)
{
    uint64_t ones = UINT64_MAX;
    return (struct address_range){{family, 0, 0},
                                  {family, family == 4 ? 0 : ones, family == 4 ? UINT32_MAX : ones}};
}

int address_cmp(struct address a, struct address b)
{
    if (a.family != b.family)
        return a.family < b.family ? -1 : 1;
    if (a.high != b.high)
        return a.high < b.high ? -1 : 1;
    return a.low < b.low ? -1 : a.low > b.low;
}

struct address address_next(struct address a)
{
    a.high += ++a.low == 0;
    return a;
}

struct address address_previous(struct address a)
{
    a.high -= a.low-- == 0;
    return a;
}

// RFC 5952: the longest run of two or more zero groups is "::", of equal ones the first.
static void put_ipv6(struct buf *b, struct address a)
{
    uint16_t g[8];
    for (int i = 0; i < 4; i++) {
        g[i] = (uint16_t)(a.high >> (48 - 16 * i));
        g[4 + i] = (uint16_t)(a.low >> (48 - 16 * i));
    }
    int best = -1, best_n = 1;
    for (int i = 0; i < 8; i++) {
        int n = 0;
        while (i + n < 8 && g[i + n] == 0)
            n++;
        if (n > best_n) {
            best = i;
            best_n = n;
        }
    }
    for (int i = 0; i < 8; i++) {
        if (i == best) {
            buf_put(b, S("::"));
            i += best_n - 1;
            continue;
        }
        if (i && i != best + best_n)
            buf_putc(b, ':');
        buf_printf(b, "%x", g[i]);
    }
}

void address_put(struct buf *b, struct address a)
{
    if (a.family == 4)
        buf_printf(b, "%u.%u.%u.%u", (unsigned)(a.low >> 24 & 255), (unsigned)(a.low >> 16 & 255),
                   (unsigned)(a.low >> 8 & 255), (unsigned)(a.low & 255));
    else
        put_ipv6(b, a);
}

void address_put_range(struct buf *b, struct address_range r)
{
    address_put(b, r.first);
    buf_putc(b, '-');
    address_put(b, r.last);
}
