#include "cel/lib.h"

// From this many comparisons on, the larger list is hashed first.
enum { HASH_FROM = 256 };

struct list {
    const struct value *items;
    uint32_t n;
};

static bool items_of(struct cel_call *c, struct value v, struct list *ret)
{
    uint32_t n = value_list_size(v);
    if (!(v.flags & VALUE_NODE)) {
        *ret = (struct list){v.items, n};
        return true;
    }
    struct value *items = n ? fn_new_values(c, n) : NULL;
    if (n && !items)
        return false;
    for (uint32_t i = 0; i < n; i++)
        items[i] = value_list_at(v, i);
    *ret = (struct list){items, n};
    return true;
}

static bool has(const struct list *l, struct value v)
{
    for (uint32_t i = 0; i < l->n; i++)
        if (value_equal(v, l->items[i]))
            return true;
    return false;
}

// How many elements of `part` stand in `whole`: all (want_all) or any. -1: no memory.
static int found(struct cel_call *c, struct value whole, struct value part, bool want_all)
{
    struct list w, p;
    struct lib_set set;
    if (!items_of(c, whole, &w) || !items_of(c, part, &p))
        return -1;
    bool hashed = (uint64_t)w.n * p.n >= HASH_FROM;
    if (hashed && !lib_set_init(&set, c->arena, w.items, w.n))
        return -1;
    for (uint32_t i = 0; hashed && i < w.n; i++)
        lib_set_add(&set, i);
    for (uint32_t i = 0; i < p.n; i++)
        if ((hashed ? lib_set_has(&set, p.items[i]) : has(&w, p.items[i])) != want_all)
            return !want_all;
    return want_all;
}

static struct value answer(int yes)
{
    return yes < 0 ? lib_full() : value_bool(yes);
}

struct value cel_fn_sets_contains(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (!lib_takes(args, n, "ll"))
        return lib_no_overload(c, args, n);
    return answer(found(c, args[0], args[1], true));
}

struct value cel_fn_sets_equivalent(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (!lib_takes(args, n, "ll"))
        return lib_no_overload(c, args, n);
    int yes = found(c, args[0], args[1], true);
    return answer(yes == 1 ? found(c, args[1], args[0], true) : yes);
}

struct value cel_fn_sets_intersects(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (!lib_takes(args, n, "ll"))
        return lib_no_overload(c, args, n);
    return answer(found(c, args[1], args[0], false));
}
