#include "cel/lib.h"

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

struct value cel_fn_find(struct cel_call *c, const struct value *args, uint32_t n)
{
    struct value bad;
    if (!lib_takes(args, n, "ss"))
        return lib_no_overload(c, args, n);
    const struct regex *r = pattern_of(c, args[1], &bad);
    if (!r)
        return bad;
    size_t start, end;
    if (!regex_find(r, value_text(args[0]), 0, &start, &end))
        return value_str(S(""));
    return part(value_text(args[0]), start, end);
}

// Go's FindAllString: an empty match right behind the match before it does not count.
struct value cel_fn_find_all(struct cel_call *c, const struct value *args, uint32_t n)
{
    struct value bad;
    if (!lib_takes(args, n, "ss") && !lib_takes(args, n, "ssi"))
        return lib_no_overload(c, args, n);
    const struct regex *r = pattern_of(c, args[1], &bad);
    if (!r)
        return bad;
    str text = value_text(args[0]);
    uint64_t most = n == 3 && args[2].i >= 0 ? (uint64_t)args[2].i : UINT64_MAX;
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
