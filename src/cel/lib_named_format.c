#include "cel/lib_named_format.h"

#include "cel/lib_url.h"
#include "cel/opaque.h"
#include "cel/value_priv.h"

// Kubernetes' `format` library: checks of apimachinery's validation package and kube-openapi's
// strfmt, in their own words.

struct checker {
    struct arena *arena;
    struct lib_items *found;
};

static void say(struct checker *c, str prefix, str what)
{
    struct lib_text t = {.arena = c->arena};
    lib_text_put(&t, prefix);
    lib_text_put(&t, what);
    lib_items_add(c->found, lib_text_value(&t));
    c->found->full |= t.full;
}

static bool is_lower(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_alnum(char c)
{
    return is_lower(c) || (c >= 'A' && c <= 'Z');
}

// Letters and digits, between them also what `inner` has; at least one character.
static bool is_word(str s, bool (*end)(char), const char *inner)
{
    if (s.n == 0 || !end(s.p[0]) || !end(s.p[s.n - 1]))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!end(s.p[i]) && (!s.p[i] || !strchr(inner, s.p[i])))
            return false;
    return true;
}

static bool is_subdomain(str s)
{
    do {
        if (!is_word(str_cut(&s, '.'), is_lower, "-"))
            return false;
    } while (s.p);
    return true;
}

#define LABEL_RE "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
#define NAME_RE "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"

// apimachinery has each rule twice: util/validation counts characters, api/validate/content bytes.
static void check_subdomain(struct checker *c, str prefix, str s)
{
    if (s.n > 253)
        say(c, prefix, prefix.n ? S("must be no more than 253 bytes") : S("must be no more than 253 characters"));
    if (!is_subdomain(s))
        say(c, prefix,
            S("a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, "
              "'-' or '.', and must start and end with an alphanumeric character (e.g. "
              "'example.com', regex used for validation is '" LABEL_RE "(\\." LABEL_RE ")*')"));
}

static void check_label(struct checker *c, str s)
{
    if (s.n > 63)
        say(c, S(""), S("must be no more than 63 characters"));
    if (is_word(s, is_lower, "-"))
        return;
    if (is_subdomain(s))
        say(c, S(""), S("must not contain dots"));
    else
        say(c, S(""),
            S("a lowercase RFC 1123 label must consist of lower case alphanumeric characters or "
              "'-', and must start and end with an alphanumeric character (e.g. 'my-name',  or "
              "'123-abc', regex used for validation is '" LABEL_RE "')"));
}

static void check_label_1035(struct checker *c, str s)
{
    if (s.n > 63)
        say(c, S(""), S("must be no more than 63 characters"));
    if (!is_word(s, is_lower, "-") || s.p[0] < 'a')
        say(c, S(""),
            S("a DNS-1035 label must consist of lower case alphanumeric characters or '-', start "
              "with an alphabetic character, and end with an alphanumeric character (e.g. "
              "'my-name',  or 'abc-123', regex used for validation is "
              "'[a-z]([-a-z0-9]*[a-z0-9])?')"));
}

#define NAME_RULE                                                                                  \
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "   \
    "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "        \
    "validation is '" NAME_RE "')"

static void check_qualified(struct checker *c, str s)
{
    str name = s, prefix = str_cut(&name, '/');
    if (name.p && memchr(name.p, '/', name.n)) {
        say(c, S("a valid label key "),
            S(NAME_RULE " with an optional DNS subdomain prefix and '/' (e.g. "
                        "'example.com/MyName')"));
        return;
    }
    if (!name.p)
        name = prefix;
    else if (prefix.n == 0)
        say(c, S("prefix part "), S("must be non-empty"));
    else
        check_subdomain(c, S("prefix part "), prefix);
    if (name.n == 0)
        say(c, S("name part "), S("must be non-empty"));
    else if (name.n > 63)
        say(c, S("name part "), S("must be no more than 63 bytes"));
    if (!is_word(name, is_alnum, "-_."))
        say(c, S("name part "), S(NAME_RULE));
}

static void check_label_value(struct checker *c, str s)
{
    if (s.n > 63)
        say(c, S(""), S("must be no more than 63 bytes"));
    if (s.n && !is_word(s, is_alnum, "-_."))
        say(c, S(""),
            S("a valid label must be an empty string or consist of alphanumeric characters, '-', "
              "'_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue', "
              " or 'my_value',  or '12345', regex used for validation is '(" NAME_RE ")?')"));
}

// A prefix may end in a dash, for something will follow. apimachinery looks at the name without its
// last two bytes and an `a` in their place: so does this.
static str masked(struct checker *c, str s)
{
    if (s.n < 2 || s.p[s.n - 1] != '-')
        return s;
    struct lib_text t = {.arena = c->arena};
    lib_text_put(&t, str_head(s, s.n - 2));
    lib_text_putc(&t, 'a');
    c->found->full |= t.full;
    return t.full ? S("a") : lib_text_str(&t);
}

static void check_label_prefix(struct checker *c, str s)
{
    check_label(c, masked(c, s));
}

static void check_subdomain_any(struct checker *c, str s)
{
    check_subdomain(c, S(""), s);
}

static void check_subdomain_prefix(struct checker *c, str s)
{
    check_subdomain(c, S(""), masked(c, s));
}

static void check_label_1035_prefix(struct checker *c, str s)
{
    check_label_1035(c, masked(c, s));
}

static void check_uri(struct checker *c, str s)
{
    struct lib_url u;
    str why = S("");
    if (!cel_lib_url_parse(s, true, c->arena, &u, &why))
        say(c, S(""), why);
}

static bool is_hex(char c)
{
    char lower = (char)(c | 0x20);
    return (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'f');
}

static void check_uuid(struct checker *c, str s)
{
    static const unsigned groups[] = {8, 4, 4, 4, 12};
    bool good = true;
    size_t i = 0;
    for (unsigned g = 0; g < 5; g++) {
        i += g && i < s.n && s.p[i] == '-';
        for (unsigned k = 0; k < groups[g]; k++, i++)
            good &= i < s.n && is_hex(s.p[i]);
    }
    if (!good || i != s.n)
        say(c, S(""), S("does not match the UUID format"));
}

static void check_byte(struct checker *c, str s)
{
    bool good = s.n && s.n % 4 == 0;
    size_t pad = good && s.p[s.n - 1] == '=' ? 1 + (s.p[s.n - 2] == '=') : 0;
    for (size_t i = 0; good && i < s.n - pad; i++)
        good = is_alnum(s.p[i]) || s.p[i] == '+' || s.p[i] == '/';
    if (!good)
        say(c, S(""), S("invalid base64"));
}

static int digits_at(str s, size_t at, size_t n) // -1: no digits
{
    int value = 0;
    for (size_t i = at; i < at + n; i++) {
        if (i >= s.n || s.p[i] < '0' || s.p[i] > '9')
            return -1;
        value = value * 10 + (s.p[i] - '0');
    }
    return value;
}

static bool is_date(str s)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = digits_at(s, 0, 4), month = digits_at(s, 5, 2), day = digits_at(s, 8, 2);
    if (s.n != 10 || year < 0 || month < 1 || month > 12 || day < 1 || s.p[4] != '-' ||
        s.p[7] != '-')
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day <= days[month - 1] + (month == 2 && leap);
}

static void check_date(struct checker *c, str s)
{
    if (!is_date(s))
        say(c, S(""), S("invalid date"));
}

// hh:mm:ss, any character and digits, then z or an offset. What stands behind a second t is not read.
static bool is_time(str s)
{
    int hour = digits_at(s, 0, 2), minute = digits_at(s, 3, 2), second = digits_at(s, 6, 2);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 ||
        s.p[2] != ':' || s.p[5] != ':')
        return false;
    s = str_skip(s, 8);
    size_t skip = 0, i = 0;
    if (s.n) // the fraction's point may be any character but a line feed
        lib_rune(s, &i);
    while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9' && s.p[0] != '\n')
        skip = ++i;
    for (unsigned with = 0; with < 2; with++) {
        str zone = str_skip(s, with ? skip : 0);
        if (str_eq(zone, S("z")) ||
            (zone.n == 6 && (zone.p[0] == '+' || zone.p[0] == '-') && zone.p[3] == ':' &&
             digits_at(zone, 1, 2) >= 0 && digits_at(zone, 4, 2) >= 0))
            return true;
    }
    return false;
}

static void check_datetime(struct checker *c, str s)
{
    char *p = arena_alloc(c->arena, s.n + 1, 1, 1);
    if (!p) {
        c->found->full = true;
        return;
    }
    for (size_t i = 0; i < s.n; i++)
        p[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] | 0x20) : s.p[i];
    str rest = {p, s.n}, date = str_cut(&rest, 't'), time = rest.p ? str_cut(&rest, 't') : S("");
    if (!is_date(date) || !is_time(time))
        say(c, S(""), S("invalid datetime"));
}

struct format {
    str name, shown; // format.NAME(), and what apiserver calls it
    void (*check)(struct checker *c, str s);
    uint16_t regex_size; // for the cost model (apiserver pkg/cel/library/format.go)
};

enum { URI_SIZE = 1103, UUID_SIZE = 70, BYTE_SIZE = 84, DATETIME_SIZE = 71 };
static const struct format formats[] = {
    {S_INIT("dns1123Label"), S_INIT("DNS1123Label"), check_label, 30},
    {S_INIT("dns1123Subdomain"), S_INIT("DNS1123Subdomain"), check_subdomain_any, 60},
    {S_INIT("dns1035Label"), S_INIT("DNS1035Label"), check_label_1035, 30},
    {S_INIT("qualifiedName"), S_INIT("QualifiedName"), check_qualified, 60},
    {S_INIT("dns1123LabelPrefix"), S_INIT("DNS1123LabelPrefix"), check_label_prefix, 30},
    {S_INIT("dns1123SubdomainPrefix"), S_INIT("DNS1123SubdomainPrefix"), check_subdomain_prefix, 60},
    {S_INIT("dns1035LabelPrefix"), S_INIT("DNS1035LabelPrefix"), check_label_1035_prefix, 30},
    {S_INIT("labelValue"), S_INIT("LabelValue"), check_label_value, 40},
    {S_INIT("uri"), S_INIT("URI"), check_uri, URI_SIZE},
    {S_INIT("uuid"), S_INIT("uuid"), check_uuid, UUID_SIZE},
    {S_INIT("byte"), S_INIT("byte"), check_byte, BYTE_SIZE},
    {S_INIT("date"), S_INIT("date"), check_date, DATETIME_SIZE},
    {S_INIT("datetime"), S_INIT("datetime"), check_datetime, DATETIME_SIZE},
};

static struct value find(str name)
{
    for (unsigned i = 0; i < sizeof formats / sizeof *formats; i++)
        if (str_eq(formats[i].name, name))
            return (struct value){.kind = CEL_FORMAT, .opaque = &formats[i]};
    return value_null();
}

str lib_named_format_name(struct value v)
{
    return ((const struct format *)v.opaque)->shown;
}

uint64_t lib_named_format_size(struct value v)
{
    return ((const struct format *)v.opaque)->regex_size;
}

static struct value optional(struct cel_call *c, struct value v)
{
    struct value *p = fn_new_values(c, 1);
    if (!p)
        return lib_full();
    *p = v;
    return (struct value){.kind = CEL_OPTIONAL, .some = p};
}

struct value cel_fn_format_named(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (!lib_takes(args, n, "s"))
        return lib_no_overload(c, args, n);
    struct value v = find(value_text(args[0]));
    return v.kind == CEL_FORMAT ? optional(c, v) : (struct value){.kind = CEL_OPTIONAL};
}

struct value cel_fn_validate(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (n != 2 || args[0].kind != CEL_FORMAT || args[1].kind != CEL_STRING)
        return lib_no_overload(c, args, n);
    struct lib_items found = {.arena = c->arena};
    struct checker checker = {c->arena, &found};
    ((const struct format *)args[0].opaque)->check(&checker, value_text(args[1]));
    struct value list = lib_items_value(&found);
    if (value_failed(list))
        return list;
    return found.n ? optional(c, list) : (struct value){.kind = CEL_OPTIONAL};
}

#define NAMED(function, name)                                                                      \
    struct value function(struct cel_call *c, const struct value *args, uint32_t n)                \
    {                                                                                              \
        return n == 0 ? find(S(name)) : lib_no_overload(c, args, n);                               \
    }
NAMED(cel_fn_format_dns1123_label, "dns1123Label")
NAMED(cel_fn_format_dns1123_subdomain, "dns1123Subdomain")
NAMED(cel_fn_format_dns1035_label, "dns1035Label")
NAMED(cel_fn_format_qualified_name, "qualifiedName")
NAMED(cel_fn_format_dns1123_label_prefix, "dns1123LabelPrefix")
NAMED(cel_fn_format_dns1123_subdomain_prefix, "dns1123SubdomainPrefix")
NAMED(cel_fn_format_dns1035_label_prefix, "dns1035LabelPrefix")
NAMED(cel_fn_format_label_value, "labelValue")
NAMED(cel_fn_format_uri, "uri")
NAMED(cel_fn_format_uuid, "uuid")
NAMED(cel_fn_format_byte, "byte")
NAMED(cel_fn_format_date, "date")
NAMED(cel_fn_format_datetime, "datetime")
