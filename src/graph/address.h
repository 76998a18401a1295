// address: IP addresses of both families, CIDR blocks, and ranges of them.
#ifndef GRAPH_ADDRESS_H
#define GRAPH_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

struct address {
    uint8_t family; // 4 or 6; orders first
    uint64_t high, low; // of IPv4 only the last 32 bits of low
};
struct address_range {
    struct address first, last; // of one family, last included
};

// As Go's netip.ParseAddr without zones: no leading zeros, IPv4 in IPv6 at its end. False where it is none.
bool address_parse(str s, struct address *ret);
// Host bits may be set, as Kubernetes takes them: 10.10.1.12/24 is 10.10.1.0/24. False where it is none.
bool address_parse_cidr(str s, struct address_range *ret);
struct address_range address_all(uint8_t family);

int address_cmp(struct address a, struct address b);
struct address address_next(struct address a); // not of the last one of a family
struct address address_previous(struct address a); // not of the first
static inline bool address_in(struct address a, struct address_range r)
{
    return address_cmp(r.first, a) <= 0 && address_cmp(a, r.last) <= 0;
}

void address_put(struct buf *b, struct address a);
void address_put_range(struct buf *b, struct address_range r); // "first-last"

#endif
