#include "cel/lib_semver.h"

struct parser {
    struct arena *arena;
    str why;
};

static bool fail(struct parser *p, const char *why, const char *what, str s)
{
    str q = what ? lib_quoted(p->arena, s) : S("");
    p->why = arena_printf(p->arena, "%s%s%.*s", why, what ? what : "", STR_FMT(q));
    return false;
}

static bool is_number(str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return true;
}

static bool is_identifier(str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i], lower = (char)(c | 0x20);
        if ((c < '0' || c > '9') && (lower < 'a' || lower > 'z') && c != '-')
            return false;
    }
    return true;
}

// strconv.ParseUint of a text of digits.
static bool read_u64(struct parser *p, str s, uint64_t *ret)
{
    uint64_t value = 0;
    bool overflow = false;
    for (size_t i = 0; i < s.n; i++)
        overflow |= __builtin_mul_overflow(value, 10, &value) ||
                    __builtin_add_overflow(value, (uint64_t)(s.p[i] - '0'), &value);
    if (s.n && !overflow) {
        *ret = value;
        return true;
    }
    str q = lib_quoted(p->arena, s);
    p->why = arena_printf(p->arena, "strconv.ParseUint: parsing %.*s: %s", STR_FMT(q),
                          overflow ? "value out of range" : "invalid syntax");
    return false;
}

static bool read_part(struct parser *p, const char *upper, const char *lower, str s, uint64_t *ret)
{
    if (!is_number(s))
        return fail(p, "Invalid character(s) found in ", lower, s);
    if (s.n > 1 && s.p[0] == '0')
        return fail(p, upper, " number must not contain leading zeroes ", s);
    return read_u64(p, s, ret);
}

static bool check_pre(struct parser *p, str all)
{
    while (all.p) {
        str s = str_cut(&all, '.');
        uint64_t number;
        if (s.n == 0)
            return fail(p, "Prerelease is empty", NULL, s);
        if (!is_identifier(s))
            return fail(p, "Invalid character(s) found in prerelease", " ", s);
        if (is_number(s) && s.n > 1 && s.p[0] == '0')
            return fail(p, "Numeric PreRelease version must not contain leading zeroes", " ", s);
        if (is_number(s) && !read_u64(p, s, &number))
            return false;
    }
    return true;
}

static bool check_build(struct parser *p, str all)
{
    while (all.p) {
        str s = str_cut(&all, '.');
        if (s.n == 0)
            return fail(p, "Build meta data is empty", NULL, s);
        if (!is_identifier(s))
            return fail(p, "Invalid character(s) found in build meta data", " ", s);
    }
    return true;
}

static bool read_version(struct parser *p, str s, struct lib_semver *v)
{
    if (s.n == 0)
        return fail(p, "Version string empty", NULL, s);
    str rest = s, major = str_cut(&rest, '.'), minor = rest.p ? str_cut(&rest, '.') : S("");
    if (!rest.p)
        return fail(p, "No Major.Minor.Patch elements found", NULL, s);
    if (!read_part(p, "Major", "major number ", major, &v->major) ||
        !read_part(p, "Minor", "minor number ", minor, &v->minor))
        return false;
    v->build = rest;
    str patch = str_cut(&v->build, '+');
    v->pre = patch;
    patch = str_cut(&v->pre, '-');
    return read_part(p, "Patch", "patch number ", patch, &v->patch) && check_pre(p, v->pre) &&
           check_build(p, v->build);
}

// Drops a leading v and leading zeros, and completes "1" and "1.2" with ".0".
static bool normalized(struct parser *p, str s, str *ret)
{
    struct lib_text t = {.arena = p->arena};
    str rest = str_starts(s, S("v")) ? str_skip(s, 1) : s;
    unsigned parts = 0;
    while (rest.p && parts < 3) {
        str part = parts < 2 ? str_cut(&rest, '.') : rest;
        bool last = parts == 2 || !rest.p;
        if (last && parts < 2 && (memchr(part.p, '+', part.n) || memchr(part.p, '-', part.n)))
            return fail(p, "short version cannot contain PreRelease/Build meta data", NULL, s);
        bool was_long = part.n > 1;
        while (was_long && part.n && part.p[0] == '0')
            part = str_skip(part, 1);
        lib_text_put(&t, parts ? S(".") : S(""));
        if (was_long && (part.n == 0 || part.p[0] < '0' || part.p[0] > '9'))
            lib_text_putc(&t, '0');
        lib_text_put(&t, part);
        if (++parts == 3)
            break;
    }
    for (; parts < 3; parts++)
        lib_text_put(&t, S(".0"));
    *ret = lib_text_str(&t);
    return !t.full || fail(p, "", NULL, s);
}

bool lib_semver_parse(str s, bool normalize, struct arena *a, struct lib_semver *ret, str *ret_why)
{
    struct parser p = {.arena = a};
    struct lib_semver v = {0};
    if ((!normalize || normalized(&p, s, &s)) && read_version(&p, s, &v)) {
        *ret = v;
        return true;
    }
    *ret_why = p.why.p ? p.why : S("");
    return false;
}

static int order(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

// Numbers order as numbers and before words.
static int compare_identifiers(str a, str b)
{
    bool na = is_number(a), nb = is_number(b);
    if (na != nb)
        return na ? -1 : 1;
    if (na && a.n != b.n) // neither has leading zeros
        return order(a.n, b.n);
    int c = str_cmp(a, b);
    return (c > 0) - (c < 0);
}

int lib_semver_compare(const struct lib_semver *a, const struct lib_semver *b)
{
    int c = order(a->major, b->major);
    c = c ? c : order(a->minor, b->minor);
    c = c ? c : order(a->patch, b->patch);
    if (c || (!a->pre.p && !b->pre.p))
        return c;
    if (!a->pre.p || !b->pre.p)
        return a->pre.p ? -1 : 1;
    str x = a->pre, y = b->pre;
    while (!c && x.p && y.p)
        c = compare_identifiers(str_cut(&x, '.'), str_cut(&y, '.'));
    return c ? c : (x.p != NULL) - (y.p != NULL);
}

void lib_semver_text(struct lib_text *t, const struct lib_semver *v)
{
    lib_text_u64(t, v->major, 10, false);
    lib_text_putc(t, '.');
    lib_text_u64(t, v->minor, 10, false);
    lib_text_putc(t, '.');
    lib_text_u64(t, v->patch, 10, false);
    if (v->pre.p) {
        lib_text_putc(t, '-');
        lib_text_put(t, v->pre);
    }
    if (v->build.p) {
        lib_text_putc(t, '+');
        lib_text_put(t, v->build);
    }
}

struct value cel_fn_semver(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (!lib_takes(args, n, "s") && !lib_takes(args, n, "sb"))
        return lib_no_overload(c, args, n);
    struct lib_semver *v = arena_alloc(c->arena, 1, sizeof *v, _Alignof(struct lib_semver));
    str why;
    if (!v)
        return lib_full();
    if (!lib_semver_parse(value_text(args[0]), n == 2 && args[1].b, c->arena, v, &why))
        return why.n ? value_error(c->arena, "%.*s", STR_FMT(why)) : lib_full();
    return (struct value){.kind = CEL_SEMVER, .opaque = v};
}

struct value cel_fn_is_semver(struct cel_call *c, const struct value *args, uint32_t n)
{
    struct lib_semver v;
    str why;
    if (!lib_takes(args, n, "s") && !lib_takes(args, n, "sb"))
        return lib_no_overload(c, args, n);
    return value_bool(
        lib_semver_parse(value_text(args[0]), n == 2 && args[1].b, c->arena, &v, &why));
}

static const struct lib_semver *semver_of(const struct value *args, uint32_t n)
{
    return n == 1 && args[0].kind == CEL_SEMVER ? args[0].opaque : NULL;
}

struct value cel_fn_major(struct cel_call *c, const struct value *args, uint32_t n)
{
    const struct lib_semver *v = semver_of(args, n);
    return v ? value_int((int64_t)v->major) : lib_no_overload(c, args, n);
}

struct value cel_fn_minor(struct cel_call *c, const struct value *args, uint32_t n)
{
    const struct lib_semver *v = semver_of(args, n);
    return v ? value_int((int64_t)v->minor) : lib_no_overload(c, args, n);
}

struct value cel_fn_patch(struct cel_call *c, const struct value *args, uint32_t n)
{
    const struct lib_semver *v = semver_of(args, n);
    return v ? value_int((int64_t)v->patch) : lib_no_overload(c, args, n);
}
