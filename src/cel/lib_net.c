#include "cel/lib_net.h"

#include "cel/opaque.h"

static const struct ip *ip_of(struct value v)
{
    return v.opaque;
}

static const struct lib_net_cidr *cidr_of(struct value v)
{
    return v.opaque;
}

static struct value ip_value(struct cel_call *c, struct ip ip)
{
    struct ip *p = arena_alloc(c->arena, 1, sizeof *p, _Alignof(struct ip));
    if (!p)
        return lib_full();
    *p = ip;
    return (struct value){.kind = CEL_IP, .opaque = p};
}

static struct value cidr_value(struct cel_call *c, struct lib_net_cidr cidr)
{
    struct lib_net_cidr *p = arena_alloc(c->arena, 1, sizeof *p, _Alignof(struct lib_net_cidr));
    if (!p)
        return lib_full();
    *p = cidr;
    return (struct value){.kind = CEL_CIDR, .opaque = p};
}

// Kubernetes takes neither zones nor IPv4 in IPv6. Where false, *bad is the error.
static bool read_ip(struct cel_call *c, str s, struct ip *ret, struct value *bad)
{
    bool zone;
    str why = S("");
    if (!cel_lib_net_parse(s, c->arena, ret, &zone, &why)) {
        str quoted = lib_quoted(c->arena, s);
        *bad = value_error(c->arena,
                           "IP Address %.*s parse error during conversion from string: %.*s",
                           STR_FMT(quoted), STR_FMT(why));
        return false;
    }
    if (!zone && !cel_lib_net_is_v4_mapped(ret))
        return true;
    str quoted = lib_quoted(c->arena, s);
    *bad = zone ? value_error(c->arena, "IP address %.*s with zone value is not allowed",
                              STR_FMT(quoted))
                : value_error(c->arena, "IPv4-mapped IPv6 address %.*s is not allowed",
                              STR_FMT(quoted));
    return false;
}

// netip.ParsePrefix's errors; p NULL: none.
static str read_prefix(struct cel_call *c, str s, struct lib_net_cidr *ret)
{
    const char *slash = s.n ? memrchr(s.p, '/', s.n) : NULL;
    bool zone;
    str why = S("");
    if (!slash)
        return S("no '/'");
    size_t n = (size_t)(slash - s.p);
    if (!cel_lib_net_parse(str_head(s, n), c->arena, &ret->ip, &zone, &why))
        return why;
    if (zone)
        return S("IPv6 zones cannot be present in a prefix");
    str bits = str_skip(s, n + 1);
    // one digit, or more without a leading zero; Go's Atoi takes a lone digit only
    bool good = bits.n && (bits.n == 1 || bits.p[0] != '0');
    uint64_t value = 0;
    for (size_t i = 0; i < bits.n; i++) {
        good &= bits.p[i] >= '0' && bits.p[i] <= '9' && value < UINT64_MAX / 16;
        value = value * 10 + (uint64_t)(bits.p[i] - '0');
    }
    good &= value <= INT64_MAX;
    if (!good) {
        str q = lib_quoted(c->arena, bits);
        return arena_printf(c->arena, "bad bits after slash: %.*s", STR_FMT(q));
    }
    if (value > (ret->ip.v6 ? 128 : 32))
        return S("prefix length out of range");
    ret->bits = (uint8_t)value;
    return (str){NULL, 0};
}

static bool read_cidr(struct cel_call *c, str s, struct lib_net_cidr *ret, struct value *bad)
{
    static const char what[] = "network address parse error during conversion from string";
    *ret = (struct lib_net_cidr){0};
    str why = read_prefix(c, s, ret), quoted = S("");
    if (!why.p && !cel_lib_net_is_v4_mapped(&ret->ip))
        return true;
    quoted = lib_quoted(c->arena, s);
    if (why.p) // Kubernetes says it twice
        *bad = value_error(c->arena, "%s: %s: netip.ParsePrefix(%.*s): %.*s", what, what,
                           STR_FMT(quoted), STR_FMT(why));
    else
        *bad = value_error(c->arena, "%s: IPv4-mapped IPv6 address %.*s is not allowed", what,
                           STR_FMT(quoted));
    return false;
}

struct value cel_fn_ip(struct cel_call *c, const struct value *args, uint32_t n)
{
    struct ip ip;
    struct value bad;
    bool member = c->node->flags & CEL_NODE_MEMBER; // cidr.ip() and ip(string), and neither for the other's
    if (n == 1 && member && args[0].kind == CEL_CIDR)
        return ip_value(c, cidr_of(args[0])->ip);
    if (member || !lib_takes(args, n, "s"))
        return lib_no_overload(c, args, n);
    return read_ip(c, value_text(args[0]), &ip, &bad) ? ip_value(c, ip) : bad;
}

struct value cel_fn_is_ip(struct cel_call *c, const struct value *args, uint32_t n)
{
    struct ip ip;
    struct value bad;
    if (!lib_takes(args, n, "s"))
        return lib_no_overload(c, args, n);
    return value_bool(read_ip(c, value_text(args[0]), &ip, &bad));
}

struct value cel_fn_ip_is_canonical(struct cel_call *c, const struct value *args, uint32_t n)
{
    struct ip ip;
    struct value bad;
    if (!lib_takes(args, n, "s"))
        return lib_no_overload(c, args, n);
    if (!read_ip(c, value_text(args[0]), &ip, &bad))
        return bad;
    struct lib_text t = {.arena = c->arena};
    cel_lib_net_ip_text(&t, &ip);
    return t.full ? lib_full() : value_bool(str_eq(lib_text_str(&t), value_text(args[0])));
}

static bool is_unspecified(const struct ip *ip)
{
    static const uint8_t zero[16];
    return memcmp(ip->bytes, zero, 16) == 0;
}

static bool is_loopback(const struct ip *ip)
{
    static const uint8_t one[16] = {[15] = 1};
    return ip->v6 ? memcmp(ip->bytes, one, 16) == 0 : ip->bytes[0] == 127;
}

static bool is_link_local_multicast(const struct ip *ip)
{
    const uint8_t *b = ip->bytes;
    return ip->v6 ? b[0] == 0xFF && (b[1] & 0x0F) == 2 : b[0] == 224 && b[1] == 0 && b[2] == 0;
}

static bool is_link_local_unicast(const struct ip *ip)
{
    const uint8_t *b = ip->bytes;
    return ip->v6 ? b[0] == 0xFE && (b[1] & 0xC0) == 0x80 : b[0] == 169 && b[1] == 254;
}

static bool is_global_unicast(const struct ip *ip)
{
    static const uint8_t broadcast[4] = {255, 255, 255, 255};
    bool multicast = ip->v6 ? ip->bytes[0] == 0xFF : (ip->bytes[0] & 0xF0) == 0xE0;
    return !is_unspecified(ip) && !is_loopback(ip) && !multicast && !is_link_local_unicast(ip) &&
           (ip->v6 || memcmp(ip->bytes, broadcast, 4) != 0);
}

static struct value test(struct cel_call *c, const struct value *args, uint32_t n,
                         bool (*is)(const struct ip *))
{
    if (n != 1 || args[0].kind != CEL_IP)
        return lib_no_overload(c, args, n);
    return value_bool(is(ip_of(args[0])));
}

struct value cel_fn_is_unspecified(struct cel_call *c, const struct value *args, uint32_t n)
{
    return test(c, args, n, is_unspecified);
}

struct value cel_fn_is_loopback(struct cel_call *c, const struct value *args, uint32_t n)
{
    return test(c, args, n, is_loopback);
}

struct value cel_fn_is_link_local_multicast(struct cel_call *c, const struct value *args,
                                            uint32_t n)
{
    return test(c, args, n, is_link_local_multicast);
}

struct value cel_fn_is_link_local_unicast(struct cel_call *c, const struct value *args, uint32_t n)
{
    return test(c, args, n, is_link_local_unicast);
}

struct value cel_fn_is_global_unicast(struct cel_call *c, const struct value *args, uint32_t n)
{
    return test(c, args, n, is_global_unicast);
}

struct value cel_fn_family(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (n != 1 || args[0].kind != CEL_IP)
        return lib_no_overload(c, args, n);
    return value_int(ip_of(args[0])->v6 ? 6 : 4);
}

struct value cel_fn_cidr(struct cel_call *c, const struct value *args, uint32_t n)
{
    struct lib_net_cidr cidr;
    struct value bad;
    if (!lib_takes(args, n, "s"))
        return lib_no_overload(c, args, n);
    return read_cidr(c, value_text(args[0]), &cidr, &bad) ? cidr_value(c, cidr) : bad;
}

struct value cel_fn_is_cidr(struct cel_call *c, const struct value *args, uint32_t n)
{
    struct lib_net_cidr cidr;
    struct value bad;
    if (!lib_takes(args, n, "s"))
        return lib_no_overload(c, args, n);
    return value_bool(read_cidr(c, value_text(args[0]), &cidr, &bad));
}

// Do the first `bits` bits of the two agree?
static bool same_network(const struct ip *a, const struct ip *b, unsigned bits)
{
    if (a->v6 != b->v6 || memcmp(a->bytes, b->bytes, bits / 8) != 0)
        return false;
    unsigned shift = 8 - bits % 8;
    return shift == 8 || (a->bytes[bits / 8] ^ b->bytes[bits / 8]) >> shift == 0;
}

struct value cel_fn_contains_ip(struct cel_call *c, const struct value *args, uint32_t n)
{
    struct ip ip;
    struct value bad;
    if (n != 2 || args[0].kind != CEL_CIDR || (args[1].kind != CEL_IP && args[1].kind != CEL_STRING))
        return lib_no_overload(c, args, n);
    if (args[1].kind == CEL_IP)
        ip = *ip_of(args[1]);
    else if (!read_ip(c, value_text(args[1]), &ip, &bad))
        return value_no_overload(); // apiserver drops the parser's error
    const struct lib_net_cidr *cidr = cidr_of(args[0]);
    return value_bool(same_network(&cidr->ip, &ip, cidr->bits));
}

struct value cel_fn_contains_cidr(struct cel_call *c, const struct value *args, uint32_t n)
{
    struct lib_net_cidr inner;
    struct value bad;
    if (n != 2 || args[0].kind != CEL_CIDR ||
        (args[1].kind != CEL_CIDR && args[1].kind != CEL_STRING))
        return lib_no_overload(c, args, n);
    if (args[1].kind == CEL_CIDR)
        inner = *cidr_of(args[1]);
    else if (!read_cidr(c, value_text(args[1]), &inner, &bad))
        return bad;
    const struct lib_net_cidr *outer = cidr_of(args[0]);
    return value_bool(outer->bits <= inner.bits &&
                      same_network(&outer->ip, &inner.ip, outer->bits));
}

struct value cel_fn_prefix_length(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (n != 1 || args[0].kind != CEL_CIDR)
        return lib_no_overload(c, args, n);
    return value_int(cidr_of(args[0])->bits);
}

struct value cel_fn_masked(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (n != 1 || args[0].kind != CEL_CIDR)
        return lib_no_overload(c, args, n);
    struct lib_net_cidr m = *cidr_of(args[0]);
    for (unsigned bit = m.bits; bit < (m.ip.v6 ? 128 : 32); bit++)
        m.ip.bytes[bit / 8] &= (uint8_t)~(0x80u >> bit % 8);
    return cidr_value(c, m);
}
