#include "base/ip.h"

#include <stdio.h>

static bool fail(struct ip_fault *p, const char *message, str at)
{
    *p = (struct ip_fault){message, at};
    return false;
}

static bool read_v4(struct ip_fault *p, str s, uint8_t fields[4])
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

// One group of up to four hexadecimal digits at the start of s; *ret_n is its length.
static bool read_group(struct ip_fault *p, str s, unsigned *ret, size_t *ret_n)
{
    size_t n = 0;
    unsigned value = 0;
    for (; n < s.n && str_hex_digit(s.p[n]) >= 0; n++) {
        if (n > 3)
            return fail(p, "each group must have 4 or less digits", s);
        value = value << 4 | (unsigned)str_hex_digit(s.p[n]);
    }
    if (n == 0)
        return fail(p, "each colon-separated field must have at least one digit", s);
    *ret = value;
    *ret_n = n;
    return true;
}

// What stands behind a group. False: an error; s with n == 0: the end.
static bool read_colon(struct ip_fault *p, str *s, unsigned at, int *ellipsis)
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

static bool read_v4_tail(struct ip_fault *p, str s, unsigned at, int ellipsis, uint8_t *bytes)
{
    if (ellipsis < 0 && at != 12)
        return fail(p, "embedded IPv4 address must replace the final 2 fields of the address", s);
    if (at + 4 > 16)
        return fail(p,
                    "too many hex fields to fit an embedded IPv4 at the end of the address", s);
    return read_v4(p, s, bytes + at);
}

static bool expand(struct ip_fault *p, unsigned have, int ellipsis, uint8_t *bytes)
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

static bool read_v6(struct ip_fault *p, str s, uint8_t *bytes)
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

bool ip_parse(str s, struct ip *ret, bool *ret_zone, struct ip_fault *ret_why)
{
    struct ip ip = {0};
    *ret_zone = false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '%')
            return fail(ret_why, "missing IPv6 address", S(""));
        if (c != '.' && c != ':')
            continue;
        str zone = s, address = s;
        ip.v6 = c == ':';
        if (ip.v6)
            address = str_cut(&zone, '%');
        *ret_zone = ip.v6 && zone.p;
        if (*ret_zone && zone.n == 0)
            return fail(ret_why, "zone must be a non-empty string", S(""));
        if (!(ip.v6 ? read_v6(ret_why, address, ip.bytes) : read_v4(ret_why, address, ip.bytes)))
            return false;
        *ret = ip;
        return true;
    }
    return fail(ret_why, "unable to parse IP", S(""));
}

// RFC 5952: the longest run of at least two zero groups becomes ::, the first of equals.
size_t ip_format_v6(char out[IP_TEXT], const uint8_t bytes[16])
{
    unsigned groups[8], start = 8, length = 1;
    size_t at = 0;
    for (unsigned i = 0; i < 8; i++)
        groups[i] = (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
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
            out[at++] = ':';
            out[at++] = ':';
            i += length - 1;
            continue;
        }
        if (i && i != start + length)
            out[at++] = ':';
        int n = snprintf(out + at, IP_TEXT - at, "%x", groups[i]);
        at += n > 0 ? (size_t)n : 0;
    }
    return at;
}
