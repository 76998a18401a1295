#include "cel/lib_net.h"

bool cel_lib_net_parse(str s, struct arena *a, struct ip *ret, bool *ret_zone, str *ret_why)
{
    struct ip_fault why;
    if (ip_parse(s, ret, ret_zone, &why))
        return true;
    struct lib_text t = {.arena = a};
    lib_text_put(&t, S("ParseAddr("));
    lib_text_quote(&t, s);
    lib_text_put(&t, S("): "));
    lib_text_put(&t, str_of(why.message));
    if (why.at.n) {
        lib_text_put(&t, S(" (at "));
        lib_text_quote(&t, why.at);
        lib_text_put(&t, S(")"));
    }
    *ret_why = t.full ? S("") : lib_text_str(&t);
    return false;
}

bool cel_lib_net_is_v4_mapped(const struct ip *ip)
{
    static const uint8_t prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    return ip->v6 && memcmp(ip->bytes, prefix, sizeof prefix) == 0;
}

static void put_v4(struct lib_text *t, const uint8_t *bytes)
{
    for (unsigned i = 0; i < 4; i++) {
        lib_text_put(t, i ? S(".") : S(""));
        lib_text_u64(t, bytes[i], 10, false);
    }
}

void cel_lib_net_ip_text(struct lib_text *t, const struct ip *ip)
{
    char text[IP_TEXT];
    if (!ip->v6) {
        put_v4(t, ip->bytes);
    } else if (cel_lib_net_is_v4_mapped(ip)) {
        lib_text_put(t, S("::ffff:"));
        put_v4(t, ip->bytes + 12);
    } else {
        lib_text_put(t, (str){text, ip_format_v6(text, ip->bytes)});
    }
}

void cel_lib_net_cidr_text(struct lib_text *t, const struct lib_net_cidr *p)
{
    cel_lib_net_ip_text(t, &p->ip);
    lib_text_putc(t, '/');
    lib_text_u64(t, p->bits, 10, false);
}
