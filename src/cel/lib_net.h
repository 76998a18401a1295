// lib_net: IP addresses and prefixes as values of CEL.
#ifndef CEL_LIB_NET_H
#define CEL_LIB_NET_H

#include "base/ip.h"
#include "cel/lib.h"

struct lib_net_cidr {
    struct ip ip; // not masked
    uint8_t bits;
};

// netip.ParseAddr. True and *ret, or false and *ret_why what its error says ("ParseAddr("x"): unable
// to parse IP"; empty where the arena is full). *ret_zone: the text had a zone, which *ret has not.
bool cel_lib_net_parse(str s, struct arena *a, struct ip *ret, bool *ret_zone, str *ret_why);
bool cel_lib_net_is_v4_mapped(const struct ip *ip);
void cel_lib_net_ip_text(struct lib_text *t, const struct ip *ip);
void cel_lib_net_cidr_text(struct lib_text *t, const struct lib_net_cidr *p);

#endif
