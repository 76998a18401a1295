// lib_net: IP addresses and prefixes as Go's net/netip reads and writes them.
#ifndef CEL_LIB_NET_H
#define CEL_LIB_NET_H

#include "cel/lib.h"

struct lib_net_ip {
    uint8_t bytes[16]; // an IPv4 address is the first four
    bool v6;
};
struct lib_net_cidr {
    struct lib_net_ip ip; // not masked
    uint8_t bits;
};

// netip.ParseAddr. True and *ret, or false and *ret_why what its error says ("ParseAddr("x"): unable
// to parse IP"; empty where the arena is full). *ret_zone: the text had a zone, which *ret has not.
bool cel_lib_net_parse(str s, struct arena *a, struct lib_net_ip *ret, bool *ret_zone, str *ret_why);
bool cel_lib_net_is_v4_mapped(const struct lib_net_ip *ip);
void cel_lib_net_ip_text(struct lib_text *t, const struct lib_net_ip *ip);
void cel_lib_net_cidr_text(struct lib_text *t, const struct lib_net_cidr *p);

#endif
