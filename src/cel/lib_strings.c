#include "cel/lib.h"

// Kubernetes has ext.Strings v2: no string.reverse (the one in reach is that of lists).

static struct value out_of_range(struct cel_call *c, int64_t index)
{
    return value_error(c->arena, "index out of range: %lld", (long long)index);
}

struct value cel_fn_char_at(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (!lib_takes(args, n, "si"))
        return lib_no_overload(c, args, n);
    str s = value_text(args[0]);
    size_t at = args[1].i < 0 ? SIZE_MAX : lib_rune_offset(s, (uint64_t)args[1].i), end = at;
    if (at == SIZE_MAX)
        return out_of_range(c, args[1].i);
    if (at < s.n)
        lib_rune(s, &end);
    return value_str((str){s.p + at, end - at});
}

static struct value index_in_list(const struct value *args, bool last)
{
    uint32_t n = value_list_size(args[0]);
    for (uint32_t k = 0; k < n; k++) {
        uint32_t i = last ? n - 1 - k : k;
        if (value_equal(value_list_at(args[0], i), args[1]))
            return value_int(i);
    }
    return value_int(-1);
}

// An empty needle is found at the offset, or at the end.
static struct value index_of_nothing(str s, int64_t offset)
{
    int64_t count = (int64_t)lib_rune_count(s);
    return value_int(offset > count ? count : offset);
}

struct value cel_fn_index_of(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (n == 2 && args[0].kind == CEL_LIST)
        return index_in_list(args, false);
    if (!lib_takes(args, n, "ss") && !lib_takes(args, n, "ssi"))
        return lib_no_overload(c, args, n);
    str s = value_text(args[0]), part = value_text(args[1]);
    int64_t offset = n == 3 ? args[2].i : 0;
    if (offset < 0)
        return out_of_range(c, offset);
    if (part.n == 0)
        return index_of_nothing(s, offset);
    size_t from = lib_rune_offset(s, (uint64_t)offset);
    size_t at = from == SIZE_MAX ? SIZE_MAX : str_find(str_skip(s, from), part);
    if (at == SIZE_MAX)
        return value_int(-1);
    return value_int(offset + (int64_t)lib_rune_count((str){s.p + from, at}));
}

// The last byte at or before `limit` where part (not empty) begins, or SIZE_MAX; *ret_full where the
// arena is. Knuth-Morris-Pratt from the end, because a plain search is quadratic on hostile texts.
static size_t find_last(struct arena *a, str s, str part, size_t limit, bool *ret_full)
{
    size_t m = part.n, matched = 0;
    uint32_t *border = m <= s.n ? arena_alloc(a, m + 1, sizeof *border, _Alignof(uint32_t)) : NULL;
    *ret_full = m <= s.n && !border;
    if (!border)
        return SIZE_MAX;
    for (size_t i = 1, k = 0; i < m; i++) {
        while (k && part.p[m - 1 - i] != part.p[m - 1 - k])
            k = border[k];
        k += part.p[m - 1 - i] == part.p[m - 1 - k];
        border[i + 1] = (uint32_t)k;
    }
    size_t end = limit > s.n - m ? s.n : limit + m;
    for (size_t i = end; i > 0; i--) {
        while (matched && s.p[i - 1] != part.p[m - 1 - matched])
            matched = border[matched];
        matched += s.p[i - 1] == part.p[m - 1 - matched];
        if (matched == m)
            return i - 1;
    }
    return SIZE_MAX;
}

struct value cel_fn_last_index_of(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (n == 2 && args[0].kind == CEL_LIST)
        return index_in_list(args, true);
    if (!lib_takes(args, n, "ss") && !lib_takes(args, n, "ssi"))
        return lib_no_overload(c, args, n);
    str s = value_text(args[0]), part = value_text(args[1]);
    int64_t offset = n == 3 ? args[2].i : INT64_MAX;
    if (offset < 0)
        return out_of_range(c, offset);
    if (part.n == 0)
        return index_of_nothing(s, offset);
    size_t limit = n == 3 ? lib_rune_offset(s, (uint64_t)offset) : s.n;
    if (n == 3 && (limit == SIZE_MAX || limit == s.n)) // an offset beyond the last character
        return value_int(-1);
    bool full;
    size_t at = find_last(c->arena, s, part, limit, &full);
    if (full)
        return lib_full();
    return value_int(at == SIZE_MAX ? -1 : (int64_t)lib_rune_count(str_head(s, at)));
}

static struct value map_ascii(struct cel_call *c, const struct value *args, uint32_t n, char first)
{
    if (!lib_takes(args, n, "s"))
        return lib_no_overload(c, args, n);
    str s = value_text(args[0]);
    char *p = arena_alloc(c->arena, s.n + 1, 1, 1);
    if (!p)
        return lib_full();
    for (size_t i = 0; i < s.n; i++)
        p[i] = s.p[i] >= first && s.p[i] <= first + 25 ? (char)(s.p[i] ^ 0x20) : s.p[i];
    return value_str((str){p, s.n});
}

struct value cel_fn_lower_ascii(struct cel_call *c, const struct value *args, uint32_t n)
{
    return map_ascii(c, args, n, 'A');
}

struct value cel_fn_upper_ascii(struct cel_call *c, const struct value *args, uint32_t n)
{
    return map_ascii(c, args, n, 'a');
}

// An empty `old` stands before every character and at the end.
static void replace_nothing(struct lib_text *t, str s, str new, uint64_t most)
{
    size_t i = 0;
    for (; most && !t->full; most--) {
        lib_text_put(t, new);
        if (i == s.n)
            return;
        size_t from = i;
        lib_rune(s, &i);
        lib_text_put(t, (str){s.p + from, i - from});
    }
    lib_text_put(t, str_skip(s, i));
}

struct value cel_fn_replace(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (!lib_takes(args, n, "sss") && !lib_takes(args, n, "sssi"))
        return lib_no_overload(c, args, n);
    str s = value_text(args[0]), old = value_text(args[1]), new = value_text(args[2]);
    uint64_t most = n == 4 && args[3].i >= 0 ? (uint64_t)args[3].i : UINT64_MAX;
    struct lib_text t = {.arena = c->arena};
    if (most == 0 || str_eq(old, new))
        return args[0];
    if (old.n == 0) {
        replace_nothing(&t, s, new, most);
        return lib_text_value(&t);
    }
    size_t at;
    for (; most && !t.full && (at = str_find(s, old)) != SIZE_MAX; most--) {
        lib_text_put(&t, str_head(s, at));
        lib_text_put(&t, new);
        s = str_skip(s, at + old.n);
    }
    lib_text_put(&t, s);
    return lib_text_value(&t);
}

static void split_runes(struct lib_items *l, str s, uint64_t most)
{
    for (size_t i = 0, from; i < s.n && !l->full;) {
        from = i;
        lib_rune(s, &i);
        i = l->n + 1 == most ? s.n : i;
        lib_items_add(l, value_str((str){s.p + from, i - from}));
    }
}

struct value cel_fn_split(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (!lib_takes(args, n, "ss") && !lib_takes(args, n, "ssi"))
        return lib_no_overload(c, args, n);
    str s = value_text(args[0]), separator = value_text(args[1]);
    uint64_t most = n == 3 && args[2].i >= 0 ? (uint64_t)args[2].i : UINT64_MAX;
    struct lib_items l = {.arena = c->arena};
    if (most == 0)
        return lib_items_value(&l);
    if (separator.n == 0) {
        split_runes(&l, s, most);
        return lib_items_value(&l);
    }
    size_t at;
    while (l.n + 1 < most && !l.full && (at = str_find(s, separator)) != SIZE_MAX) {
        lib_items_add(&l, value_str(str_head(s, at)));
        s = str_skip(s, at + separator.n);
    }
    lib_items_add(&l, value_str(s));
    return lib_items_value(&l);
}

struct value cel_fn_substring(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (!lib_takes(args, n, "si") && !lib_takes(args, n, "sii"))
        return lib_no_overload(c, args, n);
    str s = value_text(args[0]);
    int64_t start = args[1].i;
    if (n == 3 && start > args[2].i)
        return value_error(c->arena, "invalid substring range. start: %lld, end: %lld",
                           (long long)start, (long long)args[2].i);
    size_t from = start < 0 ? SIZE_MAX : lib_rune_offset(s, (uint64_t)start);
    if (from == SIZE_MAX)
        return out_of_range(c, start);
    str rest = str_skip(s, from);
    size_t length = n == 3 ? lib_rune_offset(rest, (uint64_t)(args[2].i - start)) : rest.n;
    if (length == SIZE_MAX)
        return out_of_range(c, args[2].i);
    return value_str(str_head(rest, length));
}

static bool is_space(uint32_t r)
{
    return (r >= 9 && r <= 13) || r == ' ' || r == 0x85 || r == 0xA0 || r == 0x1680 ||
           (r >= 0x2000 && r <= 0x200A) || r == 0x2028 || r == 0x2029 || r == 0x202F ||
           r == 0x205F || r == 0x3000;
}

struct value cel_fn_trim(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (!lib_takes(args, n, "s"))
        return lib_no_overload(c, args, n);
    str s = value_text(args[0]);
    size_t start = SIZE_MAX, end = 0;
    for (size_t i = 0, from; i < s.n;) {
        from = i;
        if (is_space(lib_rune(s, &i)))
            continue;
        start = start == SIZE_MAX ? from : start;
        end = i;
    }
    return value_str(start == SIZE_MAX ? S("") : (str){s.p + start, end - start});
}

struct value cel_fn_join(struct cel_call *c, const struct value *args, uint32_t n)
{
    uint32_t count = n ? value_list_size(args[0].kind == CEL_LIST ? args[0] : fn_list(NULL, 0)) : 0;
    if ((!lib_takes(args, n, "l") && !lib_takes(args, n, "ls")) ||
        (count && value_list_at(args[0], 0).kind != CEL_STRING))
        return lib_no_overload(c, args, n);
    struct lib_text t = {.arena = c->arena};
    for (uint32_t i = 0; i < count && !t.full; i++) {
        struct value v = value_list_at(args[0], i);
        if (v.kind == CEL_INT)
            return value_error(c->arena, "join: invalid input: %lld", (long long)v.i);
        if (v.kind != CEL_STRING)
            return value_error(c->arena, "join: invalid input: %.*s", STR_FMT(value_type_name(v)));
        if (i && n == 2)
            lib_text_put(&t, value_text(args[1]));
        lib_text_put(&t, value_text(v));
    }
    return lib_text_value(&t);
}

struct value cel_fn_strings_quote(struct cel_call *c, const struct value *args, uint32_t n)
{
    static const char letters[] = "abtnvfr"; // of U+0007 and on
    if (!lib_takes(args, n, "s"))
        return lib_no_overload(c, args, n);
    str s = value_text(args[0]);
    struct lib_text t = {.arena = c->arena};
    lib_text_putc(&t, '"');
    for (size_t i = 0; i < s.n && !t.full;) {
        uint32_t r = lib_rune(s, &i);
        if ((r >= 7 && r <= 13) || r == '\\' || r == '"') {
            lib_text_putc(&t, '\\');
            lib_text_putc(&t, r <= 13 ? letters[r - 7] : (char)r);
        } else {
            lib_text_rune(&t, r);
        }
    }
    lib_text_putc(&t, '"');
    return lib_text_value(&t);
}
