// ip: IP addresses as texts, as Go's net/netip reads and writes them (RFC 4291 section 2.2, RFC 5952).
#ifndef BASE_IP_H
#define BASE_IP_H

#include <stdint.h>

#include "base/str.h"

struct ip {
    uint8_t bytes[16]; // an IPv4 address is the first four
    bool v6;
};

// Why a text is no address: a constant, and the part of the text it speaks of, or an empty one.
struct ip_fault {
    const char *message;
    str at;
};

// netip.ParseAddr: no leading zeros, IPv4 at the end of IPv6. True and *ret, or false and *ret_why in netip's words.
// *ret_zone: the text had a zone, which *ret has not.
bool ip_parse(str s, struct ip *ret, bool *ret_zone, struct ip_fault *ret_why);

enum { IP_TEXT = 48 };
// "2001:db8::1", the number of its bytes; an IPv4 address in IPv6 too is written in groups.
size_t ip_format_v6(char out[IP_TEXT], const uint8_t bytes[16]);

#endif
