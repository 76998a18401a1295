#include "graph/address.h"

#include "base/ip.h"

bool address_parse(str s, struct address *ret)
{
    struct ip ip;
    struct ip_fault why;
    bool zone;
    if (!ip_parse(s, &ip, &zone, &why) || zone)
        return false;
    *ret = (struct address){.family = ip.v6 ? 6 : 4};
    for (unsigned i = 0; i < (ip.v6 ? 16 : 4); i++) {
        ret->high = ret->high << 8 | ret->low >> 56;
        ret->low = ret->low << 8 | ip.bytes[i];
    }
    return true;
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

static void put_ipv6(struct buf *b, struct address a)
{
    uint8_t bytes[16];
    char text[IP_TEXT];
    for (unsigned i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(a.high >> (56 - 8 * i));
        bytes[8 + i] = (uint8_t)(a.low >> (56 - 8 * i));
    }
    buf_put(b, (str){text, ip_format_v6(text, bytes)});
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
