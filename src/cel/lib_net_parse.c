#include "cel/lib_net.h"

// netip.ParseAddr, its errors included: policies show them to users.

struct parser {
    str in;
    const char *message;
    str at; // where, if the message says so
};

static bool fail(struct parser *p, const char *message, str at)
{
    p->message = message;
    p->at = at;
    return false;
}

static bool read_v4(struct parser *p, str s, uint8_t fields[4])
{
    unsigned value = 0, field = 0, digits = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c >= '0' && c <= '9') {
            if (digits == 1 && value == 0)
                return fail(p, "IPv4 field has octet with leading zero", S(""));
            value = value * 10 + (unsigned)(c - '0');
            digits++;
            if (value > 255)
                return fail(p, "IPv4 field has value >255", S(""));
        } else if (c == '.') {
            if (i == 0 || i == s.n - 1 || s.p[i - 1] == '.')
                return fail(p, "IPv4 field must have at least one digit", str_skip(s, i));
            if (field == 3)
                return fail(p, "IPv4 address too long", S(""));
            fields[field++] = (uint8_t)value;
            value = digits = 0;
        } else {
            return fail(p, "unexpected character", str_skip(s, i));
        }
    }
    if (field < 3)
        return fail(p, "IPv4 address too short", S(""));
    fields[3] = (uint8_t)value;
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// One group of up to four hexadecimal digits at the start of s; *ret_n is its length.
static bool read_group(struct parser *p, str s, unsigned *ret, size_t *ret_n)
{
    size_t n = 0;
    unsigned value = 0;
    for (; n < s.n && hex_digit(s.p[n]) >= 0; n++) {
        if (n > 3)
            return fail(p, "each group must have 4 or less digits", s);
        value = value << 4 | (unsigned)hex_digit(s.p[n]);
    }
    if (n == 0)
        return fail(p, "each colon-separated field must have at least one digit", s);
    *ret = value;
    *ret_n = n;
    return true;
}

// What stands behind a group. False: an error; s with n == 0: the end.
static bool read_colon(struct parser *p, str *s, unsigned at, int *ellipsis)
{
    if (s->p[0] != ':')
        return fail(p, "unexpected character, want colon", *s);
    if (s->n == 1)
        return fail(p, "colon must be followed by more characters", *s);
    *s = str_skip(*s, 1);
    if (s->p[0] != ':')
        return true;
    if (*ellipsis >= 0)
        return fail(p, "multiple :: in address", *s);
    *ellipsis = (int)at;
    *s = str_skip(*s, 1);
    return true;
}

static bool read_v4_tail(struct parser *p, str s, unsigned at, int ellipsis, uint8_t *bytes)
{
    if (ellipsis < 0 && at != 12)
        return fail(p, "embedded IPv4 address must replace the final 2 fields of the address", s);
    if (at + 4 > 16)
        return fail(p,
                    "too many hex fields to fit an embedded IPv4 at the end of the address", s);
    return read_v4(p, s, bytes + at);
}

static bool expand(struct parser *p, unsigned have, int ellipsis, uint8_t *bytes)
{
    if (have == 16)
        return ellipsis < 0 ||
               fail(p, "the :: must expand to at least one field of zeros", S(""));
    if (ellipsis < 0)
        return fail(p, "address string too short", S(""));
    unsigned from = (unsigned)ellipsis, gap = 16 - have;
    memmove(bytes + from + gap, bytes + from, have - from);
    memset(bytes + from, 0, gap);
    return true;
}

static bool read_v6(struct parser *p, str s, uint8_t *bytes)
{
    int ellipsis = -1;
    unsigned have = 0;
    if (str_starts(s, S("::"))) {
        ellipsis = 0;
        s = str_skip(s, 2);
        if (s.n == 0)
            return true;
    }
    while (have < 16) {
        unsigned value;
        size_t n;
        if (!read_group(p, s, &value, &n))
            return false;
        if (n < s.n && s.p[n] == '.') {
            if (!read_v4_tail(p, s, have, ellipsis, bytes))
                return false;
            s.n = 0;
            have += 4;
            break;
        }
        bytes[have++] = (uint8_t)(value >> 8);
        bytes[have++] = (uint8_t)value;
        s = str_skip(s, n);
        if (s.n == 0)
            break;
        if (!read_colon(p, &s, have, &ellipsis))
            return false;
        if (s.n == 0)
            break;
    }
    if (s.n)
        return fail(p, "trailing garbage after address", s);
    return expand(p, have, ellipsis, bytes);
}

static bool read_any(struct parser *p, struct lib_net_ip *ip, bool *ret_zone)
{
    for (size_t i = 0; i < p->in.n; i++) {
        char c = p->in.p[i];
        if (c == '.')
            return read_v4(p, p->in, ip->bytes);
        if (c == '%')
            return fail(p, "missing IPv6 address", S(""));
        if (c != ':')
            continue;
        ip->v6 = true;
        str zone = p->in, s = str_cut(&zone, '%');
        *ret_zone = zone.p != NULL;
        if (zone.p && zone.n == 0)
            return fail(p, "zone must be a non-empty string", S(""));
        return read_v6(p, s, ip->bytes);
    }
    return fail(p, "unable to parse IP", S(""));
}

bool cel_lib_net_parse(str s, struct arena *a, struct lib_net_ip *ret, bool *ret_zone, str *ret_why)
{
    struct parser p = {.in = s};
    struct lib_net_ip ip = {0};
    *ret_zone = false;
    if (read_any(&p, &ip, ret_zone)) {
        *ret = ip;
        return true;
    }
    struct lib_text t = {.arena = a};
    lib_text_put(&t, S("ParseAddr("));
    lib_text_quote(&t, s);
    lib_text_put(&t, S("): "));
    lib_text_put(&t, str_of(p.message));
    if (p.at.n) {
        lib_text_put(&t, S(" (at "));
        lib_text_quote(&t, p.at);
        lib_text_put(&t, S(")"));
    }
    *ret_why = t.full ? S("") : lib_text_str(&t);
    return false;
}

bool cel_lib_net_is_v4_mapped(const struct lib_net_ip *ip)
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

// RFC 5952: the longest run of at least two zero groups becomes ::, the first of equals.
void cel_lib_net_ip_text(struct lib_text *t, const struct lib_net_ip *ip)
{
    if (!ip->v6) {
        put_v4(t, ip->bytes);
        return;
    }
    if (cel_lib_net_is_v4_mapped(ip)) {
        lib_text_put(t, S("::ffff:"));
        put_v4(t, ip->bytes + 12);
        return;
    }
    unsigned groups[8], start = 8, length = 1;
    for (unsigned i = 0; i < 8; i++)
        groups[i] = (unsigned)ip->bytes[2 * i] << 8 | ip->bytes[2 * i + 1];
    for (unsigned i = 0, n; i < 8; i += n ? n : 1) {
        for (n = 0; i + n < 8 && groups[i + n] == 0; n++)
            ;
        if (n > length) {
            start = i;
            length = n;
        }
    }
    for (unsigned i = 0; i < 8; i++) {
        if (i == start) {
            lib_text_put(t, S("::"));
            i += length - 1;
            continue;
        }
        if (i && i != start + length)
            lib_text_putc(t, ':');
        lib_text_u64(t, groups[i], 16, false);
    }
}

void cel_lib_net_cidr_text(struct lib_text *t, const struct lib_net_cidr *p)
{
    cel_lib_net_ip_text(t, &p->ip);
    lib_text_putc(t, '/');
    lib_text_u64(t, p->bits, 10, false);
}
