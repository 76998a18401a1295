#include "cel/lib_net.h"
#include "cel/lib_url.h"

// net/url of Go. Which bytes may stand unescaped depends on the part of the URL.
enum mode { PATH, HOST, ZONE, USER, QUERY, FRAGMENT };

struct parser {
    struct arena *arena;
    str why; // the error; p NULL: none yet
};

static bool fail(struct parser *p, const char *why)
{
    p->why = str_of(why);
    return false;
}

static bool fail_quoted(struct parser *p, const char *before, str s, const char *after)
{
    str q = lib_quoted(p->arena, s);
    p->why = arena_printf(p->arena, "%s%.*s%s", before, STR_FMT(q), after);
    if (!p->why.p)
        p->why = S("");
    return false;
}

static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool may_stand(char c, enum mode mode)
{
    static const char *const also[] = {
        [PATH] = "$&+,/:;=@", [HOST] = "!$&'()*+,;=:[]<>\"", [ZONE] = "!$&'()*+,;=:[]<>\"",
        [USER] = "$&+,;=",    [QUERY] = "",                  [FRAGMENT] = "!$&()*+,/:;=?@",
    };
    return is_alpha(c) || is_digit(c) || (c && strchr("-._~", c)) || (c && strchr(also[mode], c));
}

static bool check_escape(struct parser *p, str s, size_t i, enum mode mode)
{
    str escape = str_head(str_skip(s, i), 3);
    if (escape.n < 3 || str_hex_digit(escape.p[1]) < 0 || str_hex_digit(escape.p[2]) < 0)
        return fail_quoted(p, "invalid URL escape ", escape, "");
    char byte = (char)(str_hex_digit(escape.p[1]) << 4 | str_hex_digit(escape.p[2]));
    bool percent = str_eq(escape, S("%25"));
    // a host may escape only what is no ASCII; a zone only what it could say plainly
    if ((mode == HOST && str_hex_digit(escape.p[1]) < 8 && !percent) ||
        (mode == ZONE && !percent && byte != ' ' && !may_stand(byte, HOST)))
        return fail_quoted(p, "invalid URL escape ", escape, "");
    return true;
}

static bool unescape(struct parser *p, str s, enum mode mode, str *ret)
{
    bool changes = false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '%') {
            if (!check_escape(p, s, i, mode))
                return false;
            changes = true;
            i += 2;
        } else if (c == '+') {
            changes |= mode == QUERY;
        } else if ((mode == HOST || mode == ZONE) && !(c & 0x80) && !may_stand(c, mode)) {
            return fail_quoted(p, "invalid character ", (str){s.p + i, 1}, " in host name");
        }
    }
    *ret = s;
    if (!changes)
        return true;
    char *out = arena_alloc(p->arena, s.n + 1, 1, 1);
    size_t n = 0;
    if (!out)
        return fail(p, "");
    for (size_t i = 0; i < s.n; i++) {
        out[n++] = s.p[i] == '+' && mode == QUERY ? ' ' : s.p[i];
        if (s.p[i] == '%') {
            out[n - 1] = (char)(str_hex_digit(s.p[i + 1]) << 4 | str_hex_digit(s.p[i + 2]));
            i += 2;
        }
    }
    *ret = (str){out, n};
    return true;
}

bool cel_lib_url_unescape_query(str s, struct arena *a, str *ret)
{
    struct parser p = {.arena = a};
    return unescape(&p, s, QUERY, ret);
}

static void escape(struct lib_text *t, str s, enum mode mode)
{
    for (size_t i = 0; i < s.n && !t->full; i++) {
        if (may_stand(s.p[i], mode)) {
            lib_text_putc(t, s.p[i]);
            continue;
        }
        lib_text_putc(t, '%');
        lib_text_u64(t, (unsigned char)s.p[i] >> 4, 16, true);
        lib_text_u64(t, (unsigned char)s.p[i] & 15u, 16, true);
    }
}

// Is raw a correct writing of its part that Go would leave as it is?
static bool is_valid_encoded(str raw, enum mode mode)
{
    for (size_t i = 0; i < raw.n; i++)
        if (!raw.p[i] || (!strchr("!$&'()*+,;=:@[]%", raw.p[i]) && !may_stand(raw.p[i], mode)))
            return false;
    return true;
}

static void put_encoded(struct lib_text *t, str raw, str decoded, enum mode mode)
{
    if (raw.n && is_valid_encoded(raw, mode))
        lib_text_put(t, raw); // it decodes to `decoded`: that is where that came from
    else if (mode == PATH && str_eq(decoded, S("*")))
        lib_text_putc(t, '*');
    else
        escape(t, decoded, mode);
}

// Decodes a path or fragment; *ret_raw is what it was where escaping it again would say something else.
static bool set_part(struct parser *p, str s, enum mode mode, str *ret, str *ret_raw)
{
    struct lib_text again = {.arena = p->arena};
    if (!unescape(p, s, mode, ret))
        return false;
    escape(&again, *ret, mode);
    if (again.full)
        return fail(p, "");
    *ret_raw = str_eq(lib_text_str(&again), s) ? S("") : s;
    return true;
}

static size_t last_of(str s, char c)
{
    const char *at = s.n ? memrchr(s.p, c, s.n) : NULL;
    return at ? (size_t)(at - s.p) : SIZE_MAX;
}

static bool is_port(str s) // empty, or ":" and digits
{
    for (size_t i = 0; i < s.n; i++)
        if (i == 0 ? s.p[0] != ':' : !is_digit(s.p[i]))
            return false;
    return true;
}

static bool read_literal(struct parser *p, str host, str *ret)
{
    size_t close = last_of(host, ']');
    struct ip ip;
    bool has_zone;
    if (close == SIZE_MAX)
        return fail(p, "missing ']' in host");
    str port = str_skip(host, close + 1), name = {host.p + 1, close - 1}, zone = S(""), why;
    if (!is_port(port))
        return fail_quoted(p, "invalid port ", port, " after host");
    size_t at = str_find(name, S("%25"));
    if (at != SIZE_MAX) {
        zone = str_skip(name, at);
        name = str_head(name, at);
    }
    if (!unescape(p, name, HOST, &name) || !unescape(p, zone, ZONE, &zone))
        return false;
    str whole = arena_printf(p->arena, "[%.*s%.*s]%.*s", STR_FMT(name), STR_FMT(zone),
                             STR_FMT(port));
    if (!whole.p)
        return fail(p, "");
    str address = {whole.p + 1, name.n + zone.n};
    if (!cel_lib_net_parse(address, p->arena, &ip, &has_zone, &why)) {
        p->why = arena_printf(p->arena, "invalid host: %.*s", STR_FMT(why));
        return p->why.p ? false : fail(p, "");
    }
    if (!ip.v6)
        return fail(p, "invalid IP-literal");
    *ret = whole;
    return true;
}

static bool read_host(struct parser *p, str scheme, str host, str *ret)
{
    size_t open = last_of(host, '['), colon = str_find(host, S(":"));
    if (open != SIZE_MAX)
        return open ? fail(p, "invalid IP-literal") : read_literal(p, host, ret);
    // several colons are an error for http only: lists of hosts are in use elsewhere
    if (colon != SIZE_MAX && !str_eq(scheme, S("http")) && !str_eq(scheme, S("https")))
        colon = last_of(host, ':');
    str port = colon == SIZE_MAX ? S("") : str_skip(host, colon);
    if (!is_port(port))
        return fail_quoted(p, "invalid port ", port, " after host");
    return unescape(p, host, HOST, ret);
}

static bool read_authority(struct parser *p, str s, struct lib_url *u)
{
    size_t at = last_of(s, '@');
    if (!read_host(p, u->scheme, at == SIZE_MAX ? s : str_skip(s, at + 1), &u->host))
        return false;
    if (at == SIZE_MAX)
        return true;
    str password = str_head(s, at);
    for (size_t i = 0; i < password.n; i++) {
        char c = password.p[i];
        if (!c || (!is_alpha(c) && !is_digit(c) && !strchr("-._:~!$&'()*+,;=%@", c)))
            return fail(p, "net/url: invalid userinfo");
    }
    u->has_user = true;
    str user = str_cut(&password, ':');
    u->has_password = password.p != NULL;
    return unescape(p, user, USER, &u->user) &&
           (!u->has_password || unescape(p, password, USER, &u->password));
}

static bool read_scheme(struct parser *p, str *rest, str *ret)
{
    for (size_t i = 0; i < rest->n; i++) {
        char c = rest->p[i];
        if (is_alpha(c) || (i && (is_digit(c) || c == '+' || c == '-' || c == '.')))
            continue;
        if (c != ':')
            return true;
        if (i == 0)
            return fail(p, "missing protocol scheme");
        char *lower = arena_alloc(p->arena, i, 1, 1);
        if (!lower)
            return fail(p, "");
        for (size_t k = 0; k < i; k++)
            lower[k] = (char)(rest->p[k] >= 'A' && rest->p[k] <= 'Z' ? rest->p[k] | 0x20
                                                                     : rest->p[k]);
        *ret = (str){lower, i};
        *rest = str_skip(*rest, i + 1);
        return true;
    }
    return true;
}

// What stands before a path that has no leading slash. *ret_done: nothing is left to read.
static bool read_rootless(struct parser *p, struct lib_url *u, str rest, bool via_request,
                          bool *ret_done)
{
    if (u->scheme.n) {
        u->opaque = rest;
        *ret_done = true;
        return true;
    }
    if (via_request)
        return fail(p, "invalid URI for request");
    str segment = str_cut(&rest, '/');
    return str_find(segment, S(":")) == SIZE_MAX ||
           fail(p, "first path segment in URL cannot contain colon");
}

static bool read_url(struct parser *p, str s, bool via_request, struct lib_url *u)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7F)
            return fail(p, "net/url: invalid control character in URL");
    if (s.n == 0 && via_request)
        return fail(p, "empty url");
    if (str_eq(s, S("*"))) {
        u->path = s;
        return true;
    }
    str rest = s;
    bool done = false;
    if (!read_scheme(p, &rest, &u->scheme))
        return false;
    str query = rest;
    rest = str_cut(&query, '?');
    u->force_query = query.p && query.n == 0;
    u->query = query.p ? query : S("");
    if (!str_starts(rest, S("/")) && !read_rootless(p, u, rest, via_request, &done))
        return false;
    if (done)
        return true;
    if ((u->scheme.n || (!via_request && !str_starts(rest, S("///")))) &&
        str_starts(rest, S("//"))) {
        str authority = str_skip(rest, 2);
        size_t slash = str_find(authority, S("/"));
        rest = slash == SIZE_MAX ? S("") : str_skip(authority, slash);
        if (!read_authority(p, str_head(authority, slash), u))
            return false;
    } else if (u->scheme.n && str_starts(rest, S("/"))) {
        u->omit_host = true;
    }
    return set_part(p, rest, PATH, &u->path, &u->raw_path);
}

bool cel_lib_url_parse(str s, bool via_request, struct arena *a, struct lib_url *ret, str *ret_why)
{
    struct parser p = {.arena = a};
    struct lib_url u = {.scheme = S(""), .opaque = S(""), .host = S(""), .user = S(""),
                        .password = S(""), .path = S(""), .raw_path = S(""), .query = S(""),
                        .fragment = S(""), .raw_fragment = S("")};
    str fragment = (str){NULL, 0}, rest = s, named;
    if (!via_request) {
        fragment = s;
        rest = str_cut(&fragment, '#');
    }
    named = rest;
    bool good = read_url(&p, rest, via_request, &u);
    if (good && fragment.n) {
        named = s;
        good = set_part(&p, fragment, FRAGMENT, &u.fragment, &u.raw_fragment);
    }
    if (good) {
        *ret = u;
        return true;
    }
    str q = lib_quoted(a, named), why = p.why;
    *ret_why = why.n ? arena_printf(a, "parse %.*s: %.*s", STR_FMT(q), STR_FMT(why)) : S("");
    return false;
}

void cel_lib_url_escaped_path(struct lib_text *t, const struct lib_url *u)
{
    put_encoded(t, u->raw_path, u->path, PATH);
}

static void put_authority(struct lib_text *t, const struct lib_url *u)
{
    if ((!u->scheme.n && !u->host.n && !u->has_user) ||
        (u->omit_host && !u->host.n && !u->has_user))
        return;
    if (u->host.n || u->path.n || u->has_user)
        lib_text_put(t, S("//"));
    if (u->has_user) {
        escape(t, u->user, USER);
        if (u->has_password) {
            lib_text_putc(t, ':');
            escape(t, u->password, USER);
        }
        lib_text_putc(t, '@');
    }
    escape(t, u->host, HOST);
}

void cel_lib_url_text(struct lib_text *t, const struct lib_url *u)
{
    if (u->scheme.n) {
        lib_text_put(t, u->scheme);
        lib_text_putc(t, ':');
    }
    if (u->opaque.n) {
        lib_text_put(t, u->opaque);
    } else {
        put_authority(t, u);
        if (u->path.n && u->path.p[0] != '/' && u->host.n)
            lib_text_putc(t, '/');
        cel_lib_url_escaped_path(t, u);
    }
    if (u->force_query || u->query.n) {
        lib_text_putc(t, '?');
        lib_text_put(t, u->query);
    }
    if (u->fragment.n) {
        lib_text_putc(t, '#');
        put_encoded(t, u->raw_fragment, u->fragment, FRAGMENT);
    }
}
