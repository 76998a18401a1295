#include "cel/ast.h"
#include "cel/lib.h"
#include "cel/value_priv.h"

static const struct regex *pattern_of(struct cel_call *c, struct value pattern, struct value *bad)
{
    const struct regex *r = fn_regex(c, value_text(pattern), bad);
    if (!r && bad->kind == CEL_ERROR && !bad->error->fatal)
        *bad = value_error(c->arena, "Illegal regex: %.*s", STR_FMT(bad->error->message));
    return r;
}

static struct value part(str text, size_t start, size_t end)
{
    return value_str((str){text.p + start, end - start});
}

// The text that is searched. With a constant pattern cel-go takes a type for its name: dyn(int).matches('i') is true.
static bool subject(const struct cel_call *c, struct value v, str *ret)
{
    bool good = v.kind == CEL_STRING || (v.kind == CEL_TYPE && c->node->call.regex);
    if (good)
        *ret = v.kind == CEL_TYPE ? value_type_denoted(v) : value_text(v);
    return good;
}

struct value cel_fn_matches(struct cel_call *c, const struct value *args, uint32_t n)
{
    struct value bad;
    str text;
    if (n != 2 || !subject(c, args[0], &text) || args[1].kind != CEL_STRING)
        return value_no_overload();
    const struct regex *r = fn_regex(c, value_text(args[1]), &bad);
    return r ? value_bool(regex_matches(r, text)) : bad;
}

struct value cel_fn_find(struct cel_call *c, const struct value *args, uint32_t n)
{
    struct value bad;
    str text;
    if (n != 2 || !subject(c, args[0], &text) || args[1].kind != CEL_STRING)
        return lib_no_overload(c, args, n);
    const struct regex *r = pattern_of(c, args[1], &bad);
    if (!r)
        return bad;
    size_t start, end;
    return regex_find(r, text, 0, &start, &end) ? part(text, start, end) : value_str(S(""));
}

// Go's FindAllString: an empty match right behind the match before it does not count.
struct value cel_fn_find_all(struct cel_call *c, const struct value *args, uint32_t n)
{
    struct value bad;
    str text;
    bool counted = n == 3 && args[2].kind == CEL_INT;
    if ((n != 2 && !counted) || !subject(c, args[0], &text) || args[1].kind != CEL_STRING)
        return lib_no_overload(c, args, n);
    const struct regex *r = pattern_of(c, args[1], &bad);
    if (!r)
        return bad;
    uint64_t most = counted && args[2].i >= 0 ? (uint64_t)args[2].i : UINT64_MAX;
    struct lib_items found = {.arena = c->arena};
    size_t at = 0, behind = SIZE_MAX, start, end;
    while (found.n < most && at <= text.n && !found.full &&
           regex_find(r, text, at, &start, &end)) {
        bool counts = end != at || start != behind;
        if (end != at)
            at = end;
        else if (at < text.n)
            lib_rune(text, &at);
        else
            at++;
        behind = end;
        if (counts)
            lib_items_add(&found, part(text, start, end));
    }
    return lib_items_value(&found);
}
