// Operators on numbers, texts, lists, timestamps and durations. Every overflow is an error; there is
// no conversion between numeric kinds.
#include <math.h>

#include "cel/eval_priv.h"
#include "cel/timestamp.h"

static struct value joined(struct frame *f, struct value a, struct value b)
{
    size_t n = (size_t)a.n + b.n;
    if (a.n == 0 || b.n == 0) {
        struct value v = a.n ? a : b;
        return v;
    }
    char *p = n <= UINT32_MAX ? arena_alloc(f->run->arena, n, 1, 1) : NULL;
    if (!p)
        return value_fatal("out of memory");
    memcpy(p, a.s, a.n);
    memcpy(p + a.n, b.s, b.n);
    return (struct value){.kind = a.kind, .n = (uint32_t)n, .s = p};
}

static void copy_items(struct value *to, struct value list, uint32_t n)
{
    if (list.flags & VALUE_NODE)
        for (uint32_t i = 0; i < n; i++)
            to[i] = value_of_node_fast(&list.node->items[i]);
    else
        memcpy(to, list.items, n * sizeof *to);
}

// Items keep their origins; a list of one side only stays what it is.
static struct value concatenated(struct frame *f, struct value a, struct value b)
{
    uint32_t an = eval_range_size(a), bn = eval_range_size(b);
    if (bn == 0)
        return a;
    if (an == 0)
        return b;
    struct value *items = (uint64_t)an + bn <= UINT32_MAX
                              ? arena_alloc(f->run->arena, (size_t)an + bn, sizeof *items,
                                            _Alignof(struct value))
                              : NULL;
    if (!items)
        return value_fatal("out of memory");
    copy_items(items, a, an);
    copy_items(items + an, b, bn);
    return (struct value){.kind = CEL_LIST, .n = an + bn, .items = items};
}

static struct value overflow(struct frame *f, const struct cel_node *n, struct value a)
{
    return eval_fail(f, n, "%sinteger overflow", a.kind == CEL_UINT ? "unsigned " : "");
}

static struct value moved(struct frame *f, const struct cel_node *n, struct value t, int64_t by)
{
    struct value v = t;
    if (!timestamp_add(&v, by))
        return eval_fail(f, n, "timestamp overflow");
    v.origin = NULL;
    return v;
}

struct value eval_op_add(struct frame *f, const struct cel_node *n, struct value a, struct value b)
{
    if (a.kind == CEL_TIMESTAMP && b.kind == CEL_DURATION)
        return moved(f, n, a, b.i);
    if (a.kind == CEL_DURATION && b.kind == CEL_TIMESTAMP)
        return moved(f, n, b, a.i);
    if (a.kind != b.kind)
        return eval_no_overload(f, n);
    int64_t i;
    uint64_t u;
    switch (a.kind) {
    case CEL_INT:
    case CEL_DURATION:
        return __builtin_add_overflow(a.i, b.i, &i) ? overflow(f, n, a)
                                                    : (struct value){.kind = a.kind, .i = i};
    case CEL_UINT:
        return __builtin_add_overflow(a.u, b.u, &u) ? overflow(f, n, a) : value_uint(u);
    case CEL_DOUBLE:
        return value_double(a.d + b.d);
    case CEL_STRING:
    case CEL_BYTES:
        return joined(f, a, b);
    case CEL_LIST:
        return concatenated(f, a, b);
    default:
        return eval_no_overload(f, n);
    }
}

static struct value subtract_times(struct frame *f, const struct cel_node *n, struct value a,
                                   struct value b)
{
    int64_t d;
    if (b.kind == CEL_TIMESTAMP)
        return timestamp_difference(a, b, &d) ? (struct value){.kind = CEL_DURATION, .i = d}
                                              : overflow(f, n, a);
    if (b.kind != CEL_DURATION)
        return eval_no_overload(f, n);
    return b.i == INT64_MIN ? overflow(f, n, a) : moved(f, n, a, -b.i);
}

static struct value on_ints(struct frame *f, const struct cel_node *n, struct value a,
                            struct value b)
{
    int64_t i = 0;
    bool over = false;
    switch (n->op) {
    case CEL_OP_SUB:
        over = __builtin_sub_overflow(a.i, b.i, &i);
        break;
    case CEL_OP_MUL:
        over = __builtin_mul_overflow(a.i, b.i, &i);
        break;
    default:
        if (b.i == 0)
            return eval_fail(f, n, n->op == CEL_OP_DIV ? "division by zero" : "modulus by zero");
        over = a.i == INT64_MIN && b.i == -1; // cel-go calls that an overflow of % too
        if (!over)
            i = n->op == CEL_OP_DIV ? a.i / b.i : a.i % b.i;
    }
    return over ? overflow(f, n, a) : value_int(i);
}

static struct value on_uints(struct frame *f, const struct cel_node *n, struct value a,
                             struct value b)
{
    uint64_t u = 0;
    bool over = false;
    switch (n->op) {
    case CEL_OP_SUB:
        over = __builtin_sub_overflow(a.u, b.u, &u);
        break;
    case CEL_OP_MUL:
        over = __builtin_mul_overflow(a.u, b.u, &u);
        break;
    default:
        if (b.u == 0)
            return eval_fail(f, n, n->op == CEL_OP_DIV ? "division by zero" : "modulus by zero");
        u = n->op == CEL_OP_DIV ? a.u / b.u : a.u % b.u;
    }
    return over ? overflow(f, n, a) : value_uint(u);
}

static struct value on_doubles(struct frame *f, const struct cel_node *n, struct value a,
                               struct value b)
{
    switch (n->op) {
    case CEL_OP_SUB:
        return value_double(a.d - b.d);
    case CEL_OP_MUL:
        return value_double(a.d * b.d);
    case CEL_OP_DIV:
        return value_double(a.d / b.d);
    default:
        return eval_no_overload(f, n);
    }
}

struct value eval_op_arithmetic(struct frame *f, const struct cel_node *n, struct value a,
                             struct value b)
{
    if (a.kind == CEL_TIMESTAMP && n->op == CEL_OP_SUB)
        return subtract_times(f, n, a, b);
    if (a.kind != b.kind)
        return eval_no_overload(f, n);
    switch (a.kind) {
    case CEL_INT:
        return on_ints(f, n, a, b);
    case CEL_UINT:
        return on_uints(f, n, a, b);
    case CEL_DOUBLE:
        return on_doubles(f, n, a, b);
    case CEL_DURATION: {
        int64_t i;
        if (n->op != CEL_OP_SUB)
            return eval_no_overload(f, n);
        return __builtin_sub_overflow(a.i, b.i, &i) ? overflow(f, n, a)
                                                    : (struct value){.kind = CEL_DURATION, .i = i};
    }
    default:
        return eval_no_overload(f, n);
    }
}

struct value eval_op_negate(struct frame *f, const struct cel_node *n, struct value a)
{
    if (a.kind == CEL_DOUBLE)
        return value_double(-a.d);
    if (a.kind != CEL_INT && a.kind != CEL_DURATION)
        return eval_no_overload(f, n);
    return a.i == INT64_MIN ? overflow(f, n, a) : (struct value){.kind = a.kind, .i = -a.i};
}

// The text among a list of nodes or values, without making a value of each.
static bool has_text(struct value list, str s)
{
    uint32_t n = eval_range_size(list);
    if (!(list.flags & VALUE_NODE)) {
        for (uint32_t i = 0; i < n; i++)
            if (list.items[i].kind == CEL_STRING && str_eq(value_text(list.items[i]), s))
                return true;
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct node *item = &list.node->items[i];
        if (item->kind == NODE_STRING && str_eq(node_str(item), s))
            return true;
    }
    return false;
}

struct value eval_op_in(struct value a, struct value b)
{
    if (b.kind == CEL_MAP || b.kind == CEL_OBJECT) {
        struct value found;
        return value_bool(value_map_find(b, a, &found));
    }
    if (b.kind != CEL_LIST)
        return value_no_overload();
    if (a.kind == CEL_STRING)
        return value_bool(has_text(b, value_text(a)));
    uint32_t n = eval_range_size(b);
    for (uint32_t i = 0; i < n; i++)
        if (value_equal(a, value_list_at(b, i)))
            return value_bool(true);
    return value_bool(false);
}
