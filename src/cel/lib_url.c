#include "cel/lib_url.h"

#include <stdlib.h>

#include "cel/opaque.h"

static const struct lib_url *url_of(const struct value *args, uint32_t n)
{
    return n == 1 && args[0].kind == CEL_URL ? args[0].opaque : NULL;
}

struct value cel_fn_url(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (!lib_takes(args, n, "s"))
        return lib_no_overload(c, args, n);
    struct lib_url *u = arena_alloc(c->arena, 1, sizeof *u, _Alignof(struct lib_url));
    str why = S("");
    if (!u)
        return lib_full();
    // ParseRequestURI decides, Parse reads: the former takes a fragment for a part of the path
    if (!cel_lib_url_parse(value_text(args[0]), true, c->arena, u, &why) ||
        !cel_lib_url_parse(value_text(args[0]), false, c->arena, u, &why))
        return why.n ? value_error(c->arena, "URL parse error during conversion from string: %.*s",
                                   STR_FMT(why))
                     : lib_full();
    return (struct value){.kind = CEL_URL, .opaque = u};
}

struct value cel_fn_is_url(struct cel_call *c, const struct value *args, uint32_t n)
{
    struct lib_url u;
    str why;
    if (!lib_takes(args, n, "s"))
        return lib_no_overload(c, args, n);
    return value_bool(cel_lib_url_parse(value_text(args[0]), true, c->arena, &u, &why));
}

struct value cel_fn_get_scheme(struct cel_call *c, const struct value *args, uint32_t n)
{
    const struct lib_url *u = url_of(args, n);
    return u ? value_str(u->scheme) : lib_no_overload(c, args, n);
}

struct value cel_fn_get_host(struct cel_call *c, const struct value *args, uint32_t n)
{
    const struct lib_url *u = url_of(args, n);
    return u ? value_str(u->host) : lib_no_overload(c, args, n);
}

// Host and port apart; a port that is no number belongs to the host.
static void split_host(str host, str *ret_name, str *ret_port)
{
    const char *colon = host.n ? memrchr(host.p, ':', host.n) : NULL;
    size_t n = colon ? (size_t)(colon - host.p) : host.n;
    for (size_t i = n + 1; i < host.n; i++)
        if (host.p[i] < '0' || host.p[i] > '9')
            n = host.n;
    *ret_port = str_skip(host, n < host.n ? n + 1 : n);
    host.n = n;
    if (n > 1 && host.p[0] == '[' && host.p[n - 1] == ']')
        host = (str){host.p + 1, n - 2};
    *ret_name = host;
}

struct value cel_fn_get_hostname(struct cel_call *c, const struct value *args, uint32_t n)
{
    const struct lib_url *u = url_of(args, n);
    str name, port;
    if (!u)
        return lib_no_overload(c, args, n);
    split_host(u->host, &name, &port);
    return value_str(name);
}

struct value cel_fn_get_port(struct cel_call *c, const struct value *args, uint32_t n)
{
    const struct lib_url *u = url_of(args, n);
    str name, port;
    if (!u)
        return lib_no_overload(c, args, n);
    split_host(u->host, &name, &port);
    return value_str(port);
}

struct value cel_fn_get_escaped_path(struct cel_call *c, const struct value *args, uint32_t n)
{
    const struct lib_url *u = url_of(args, n);
    struct lib_text t = {.arena = c->arena};
    if (!u)
        return lib_no_overload(c, args, n);
    cel_lib_url_escaped_path(&t, u);
    return lib_text_value(&t);
}

struct parameter {
    str key, value;
    uint32_t order;
};

static int by_key(const void *a, const void *b)
{
    const struct parameter *x = a, *y = b;
    int order = str_cmp(x->key, y->key);
    return order ? order : x->order < y->order ? -1 : 1;
}

// The parameters of a query; what Go's ParseQuery complains of is left out, as URL.Query does.
static struct parameter *read_query(struct cel_call *c, str query, uint32_t *ret_n)
{
    enum { MOST = 10000 }; // as many as Go reads
    uint32_t most = 1;
    for (size_t i = 0; i < query.n; i++)
        most += query.p[i] == '&';
    *ret_n = 0;
    struct parameter *p =
        arena_alloc(c->arena, most, sizeof *p, _Alignof(struct parameter));
    while (p && most <= MOST && query.n) {
        str value = str_cut(&query, '&');
        if (value.n == 0 || memchr(value.p, ';', value.n))
            continue;
        str key = str_cut(&value, '=');
        struct parameter one = {.order = *ret_n};
        if (cel_lib_url_unescape_query(key, c->arena, &one.key) &&
            cel_lib_url_unescape_query(value.p ? value : S(""), c->arena, &one.value))
            p[(*ret_n)++] = one;
    }
    return p;
}

struct value cel_fn_get_query(struct cel_call *c, const struct value *args, uint32_t n)
{
    const struct lib_url *u = url_of(args, n);
    uint32_t count = 0, kept = 0;
    if (!u)
        return lib_no_overload(c, args, n);
    struct parameter *p = read_query(c, u->query, &count);
    struct entry *entries =
        arena_alloc(c->arena, count, sizeof *entries, _Alignof(struct entry));
    struct value *values = fn_new_values(c, count);
    if (!p || !entries || !values)
        return lib_full();
    if (count)
        qsort(p, count, sizeof *p, by_key);
    for (uint32_t i = 0; i < count; i++) {
        values[i] = value_str(p[i].value);
        if (i && str_eq(p[i].key, p[i - 1].key))
            entries[kept - 1].value.n++;
        else
            entries[kept++] = (struct entry){value_str(p[i].key), fn_list(&values[i], 1)};
    }
    return (struct value){.kind = CEL_MAP, .n = kept, .entries = entries};
}
