#include "base/limits.h"
#include "cel/lib.h"

// Kubernetes' lists library (isSorted sum min max includes) and cel-go's ext.Lists v3.

static bool is_comparable(uint8_t kind)
{
    return kind == CEL_BOOL || kind == CEL_INT || kind == CEL_UINT || kind == CEL_DOUBLE ||
           kind == CEL_STRING || kind == CEL_BYTES || kind == CEL_TIMESTAMP || kind == CEL_DURATION;
}

// The element type of the overload that the checker chose; CEL_DYN where it left that open.
static unsigned element_kind(const struct cel_call *c)
{
    const struct cel_type *list = c->node->n ? c->node->call.args[0]->type : NULL;
    if (!list || list->kind != CEL_LIST || !list->params[0] ||
        (unsigned)list->params[0]->kind >= CEL_KINDS)
        return CEL_DYN;
    return list->params[0]->kind;
}

// The dispatcher looks at a list's first element only, and among the overloads that the checker left:
// `dyn([1.5]).reverse().max()` has lists of int alone, the first that fits what reverse() gives.
static bool takes_list_of(const struct cel_call *c, const struct value *args, uint32_t n,
                          bool (*good)(uint8_t))
{
    if (!lib_takes(args, n, "l"))
        return false;
    if (value_list_size(args[0]) == 0)
        return true;
    unsigned kind = value_list_at(args[0], 0).kind, chosen = element_kind(c);
    return good((uint8_t)kind) && (chosen == CEL_DYN || chosen == kind);
}

// cel-go's Compare: 2 where the two do not order (which its callers then take for "not").
static int compare(struct value a, struct value b)
{
    int order;
    return value_compare(a, b, &order) ? (order == 2 ? 2 : (order > 0) - (order < 0)) : 2;
}

struct value cel_fn_is_sorted(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (!takes_list_of(c, args, n, is_comparable))
        return lib_no_overload(c, args, n);
    uint32_t count = value_list_size(args[0]);
    for (uint32_t i = 0; i < count; i++) {
        struct value v = value_list_at(args[0], i);
        if (!is_comparable(v.kind))
            return value_no_overload();
        if (i && compare(value_list_at(args[0], i - 1), v) == 1)
            return value_bool(false);
    }
    return value_bool(true);
}

static struct value extreme(struct cel_call *c, const struct value *args, uint32_t n,
                            const char *name, int better)
{
    if (!takes_list_of(c, args, n, is_comparable))
        return lib_no_overload(c, args, n);
    uint32_t count = value_list_size(args[0]);
    struct value best = {0};
    for (uint32_t i = 0; i < count; i++) {
        struct value v = value_list_at(args[0], i);
        if (!is_comparable(v.kind))
            return value_no_overload();
        if (i == 0 || compare(best, v) == better)
            best = v;
    }
    return count ? best : value_error(c->arena, "%s called on empty list", name);
}

struct value cel_fn_min(struct cel_call *c, const struct value *args, uint32_t n)
{
    return extreme(c, args, n, "min", 1);
}

struct value cel_fn_max(struct cel_call *c, const struct value *args, uint32_t n)
{
    return extreme(c, args, n, "max", -1);
}

static bool is_summable(uint8_t kind)
{
    return kind == CEL_INT || kind == CEL_UINT || kind == CEL_DOUBLE || kind == CEL_DURATION;
}

// The sum of nothing: of the type that the checker chose, int where it knows none.
static struct value zero(const struct cel_call *c)
{
    switch (element_kind(c)) {
    case CEL_UINT:
        return value_uint(0);
    case CEL_DOUBLE:
        return value_double(0);
    case CEL_DURATION:
        return (struct value){.kind = CEL_DURATION};
    default:
        return value_int(0);
    }
}

struct value cel_fn_sum(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (!takes_list_of(c, args, n, is_summable))
        return lib_no_overload(c, args, n);
    uint32_t count = value_list_size(args[0]);
    struct value sum = zero(c);
    for (uint32_t i = 0; i < count; i++) {
        struct value v = value_list_at(args[0], i);
        if (i == 0) {
            sum = v.kind == CEL_DOUBLE ? value_double(0 + v.d) : v; // 0.0 + -0.0 is 0.0
            sum.origin = NULL;
            continue;
        }
        bool overflow = false;
        if (v.kind != sum.kind)
            return value_no_overload();
        if (v.kind == CEL_DOUBLE)
            sum.d += v.d;
        else if (v.kind == CEL_UINT)
            overflow = __builtin_add_overflow(sum.u, v.u, &sum.u);
        else
            overflow = __builtin_add_overflow(sum.i, v.i, &sum.i);
        if (overflow)
            return value_error(c->arena, "%sinteger overflow", v.kind == CEL_UINT ? "unsigned " : "");
    }
    return sum;
}

struct value cel_fn_includes(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (n != 2)
        return lib_no_overload(c, args, n);
    if (args[0].kind != CEL_LIST)
        return value_bool(value_equal(args[0], args[1]));
    for (uint32_t i = 0; i < value_list_size(args[0]); i++)
        if (value_equal(value_list_at(args[0], i), args[1]))
            return value_bool(true);
    return value_bool(false);
}

struct value cel_fn_slice(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (!lib_takes(args, n, "lii"))
        return lib_no_overload(c, args, n);
    long long start = args[1].i, end = args[2].i;
    uint32_t count = value_list_size(args[0]);
    if (start < 0 || end < 0)
        return value_error(c->arena, "cannot slice(%lld, %lld), negative indexes not supported",
                           start, end);
    if (start > end)
        return value_error(
            c->arena,
            "cannot slice(%lld, %lld), start index must be less than or equal to end index", start,
            end);
    if (end > count)
        return value_error(c->arena, "cannot slice(%lld, %lld), list is length %u", start, end,
                           count);
    uint32_t from = (uint32_t)start, length = (uint32_t)(end - start);
    if (length == 0 || length == count)
        return length ? args[0] : fn_list(NULL, 0);
    struct value *items = fn_new_values(c, length);
    if (!items)
        return lib_full();
    for (uint32_t i = 0; i < length; i++)
        items[i] = value_list_at(args[0], from + i);
    return fn_list(items, length);
}

// Appends what list holds, lists in it opened to `depth`. *budget bounds the visits: a list of one
// shared list a million times over is small, and its flat form is not.
static bool flatten(struct lib_items *out, struct value list, int64_t depth, uint64_t *budget)
{
    for (uint32_t i = 0; i < value_list_size(list); i++) {
        struct value v = value_list_at(list, i);
        if (out->full || (*budget)-- == 0)
            return false;
        if (v.kind != CEL_LIST || depth == 0)
            lib_items_add(out, v);
        else if (!flatten(out, v, depth - 1, budget))
            return false;
    }
    return !out->full;
}

struct value cel_fn_flatten(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (n == 1 && args[0].kind != CEL_LIST)
        return value_error(c->arena, "no such overload: %.*s.flatten()",
                           STR_FMT(value_type_name(args[0])));
    if (!lib_takes(args, n, "l") && !lib_takes(args, n, "li"))
        return lib_no_overload(c, args, n);
    int64_t depth = n == 2 ? args[1].i : 1;
    uint64_t budget = c->arena->cap / sizeof(struct value);
    struct lib_items out = {.arena = c->arena};
    if (depth < 0)
        return value_error(c->arena, "level must be non-negative");
    return flatten(&out, args[0], depth, &budget) ? lib_items_value(&out) : lib_full();
}

struct value cel_fn_lists_range(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (!lib_takes(args, n, "i"))
        return lib_no_overload(c, args, n);
    long long count = args[0].i;
    if (count < 0)
        return value_error(c->arena, "lists.range: size must be non-negative, got %lld", count);
    if (count > LIMIT_CEL_RANGE)
        return value_error(c->arena, "lists.range: size %lld exceeds maximum allowed (%d)", count,
                           LIMIT_CEL_RANGE);
    struct value *items = count ? fn_new_values(c, (uint32_t)count) : NULL;
    if (count && !items)
        return lib_full();
    for (long long i = 0; i < count; i++)
        items[i] = value_int(i);
    return fn_list(items, (uint32_t)count);
}

struct value cel_fn_reverse(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (!lib_takes(args, n, "l"))
        return lib_no_overload(c, args, n);
    uint32_t count = value_list_size(args[0]);
    struct value *items = count ? fn_new_values(c, count) : NULL;
    if (count && !items)
        return lib_full();
    for (uint32_t i = 0; i < count; i++)
        items[i] = value_list_at(args[0], count - 1 - i);
    return fn_list(items, count);
}

struct value cel_fn_distinct(struct cel_call *c, const struct value *args, uint32_t n)
{
    struct lib_set seen;
    if (!lib_takes(args, n, "l")) // cel-go panics
        return value_fatal("internal error: an error is no list");
    uint32_t count = value_list_size(args[0]), kept = 0;
    struct value *items = count ? fn_new_values(c, count) : NULL;
    if (count && (!items || !lib_set_init(&seen, c->arena, items, count)))
        return lib_full();
    for (uint32_t i = 0; i < count; i++) {
        items[kept] = value_list_at(args[0], i);
        kept += lib_set_add(&seen, kept);
    }
    return fn_list(items, kept);
}

static bool in_order(const struct value *a, const struct value *b)
{
    return compare(*b, *a) != -1;
}

// Merge sort, bottom up: never quadratic. Leaves the result in items.
static void sort_values(struct value *items, struct value *spare, uint32_t n)
{
    struct value *from = items, *to = spare;
    for (uint32_t width = 1; width < n; width *= 2) {
        for (uint32_t start = 0; start < n; start += 2 * width) {
            uint32_t a = start, mid = n - start < width ? n : start + width, b = mid;
            uint32_t end = n - mid < width ? n : mid + width;
            for (uint32_t k = start; k < end; k++)
                to[k] = b == end || (a < mid && in_order(&from[a], &from[b])) ? from[a++]
                                                                              : from[b++];
        }
        struct value *swap = from;
        from = to;
        to = swap;
    }
    if (from != items)
        memcpy(items, from, n * sizeof *items);
}

struct value cel_fn_sort(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (!lib_takes(args, n, "l"))
        return lib_no_overload(c, args, n);
    uint32_t count = value_list_size(args[0]);
    if (count == 0)
        return args[0];
    struct value first = value_list_at(args[0], 0);
    if (!is_comparable(first.kind))
        return value_error(c->arena, "list elements must be comparable");
    struct value *items = fn_new_values(c, count), *spare = fn_new_values(c, count);
    if (!items || !spare)
        return lib_full();
    for (uint32_t i = 0; i < count; i++) {
        items[i] = value_list_at(args[0], i);
        if (items[i].kind != first.kind)
            return value_error(c->arena, "list elements must have the same type");
    }
    sort_values(items, spare, count);
    return fn_list(items, count);
}
