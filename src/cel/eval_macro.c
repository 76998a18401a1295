// Macros. cel-go expands them into one general fold; here each is a loop of its own that charges
// what the fold's parts would: per element `@not_strictly_false(accu)` of all is 2, `accu && body` 1
// beside the body, and so on. The numbers are derived in docs/cel.md.
#include <stdlib.h>

#include "cel/child.h"
#include "cel/eval_priv.h"

static struct value not_iterable(struct frame *f, const struct cel_node *n)
{
    return eval_fail(f, n, "expected iterable type");
}

static struct value over_limit(void)
{
    return value_fatal("operation cancelled: actual cost limit exceeded");
}

// all (decides: false) and exists (decides: true): a deciding element ends the loop, anything that
// is no bool is kept until the end.
static struct value quantifier(struct frame *f, const struct cel_node *n, struct value range,
                               bool decides)
{
    const unsigned condition = decides ? 3 : 2; // accu; ! of exists; not_strictly_false
    uint32_t size = eval_range_size(range);
    struct value pending = value_bool(!decides);
    for (uint32_t i = 0; i < size; i++) {
        eval_bind(f, n, range, i);
        f->run->cost += condition + 1;
        struct value v = eval_expr(f, n->macro.body);
        if (eval_over(f))
            return over_limit();
        if (v.kind == CEL_BOOL) {
            if (v.b != decides)
                continue;
            f->run->cost += 1 + (i + 1 < size ? condition : 0);
            return v;
        }
        if (eval_fatal(v))
            return v;
        if (!value_failed(v))
            v = eval_no_overload(f, n->macro.body);
        pending = pending.kind == CEL_BOOL ? v : eval_worse(f, pending, v);
    }
    f->run->cost += 1;
    return pending;
}

// Evaluates a condition as ?: does. True or false, or -1 and *failed.
static int decide(struct frame *f, const struct cel_node *n, struct value *failed)
{
    struct value v = eval_expr(f, n);
    if (v.kind == CEL_BOOL)
        return v.b;
    *failed = value_failed(v) ? v : eval_no_overload(f, n);
    return -1;
}

static struct value exists_one(struct frame *f, const struct cel_node *n, struct value range)
{
    uint32_t size = eval_range_size(range), count = 0;
    struct value failed = {0};
    for (uint32_t i = 0; i < size; i++) {
        eval_bind(f, n, range, i);
        int d = decide(f, n->macro.body, &failed);
        if (d < 0 && eval_fatal(failed))
            return failed;
        if (d == 1) {
            f->run->cost += 2;
            count++;
        }
        if (eval_over(f))
            return over_limit();
    }
    f->run->cost += 2;
    return value_failed(failed) ? failed : value_bool(count == 1);
}

static struct value *new_items(struct frame *f, uint32_t n)
{
    return arena_alloc(f->run->arena, n, sizeof(struct value), _Alignof(struct value));
}

// The fold goes on after a failure, which a later failing condition replaces: so it does in cel-go.
static struct value filter(struct frame *f, const struct cel_node *n, struct value range)
{
    uint32_t size = eval_range_size(range), count = 0;
    struct value failed = {0}, *items = new_items(f, size);
    if (!items)
        return value_fatal("out of memory");
    const uint32_t element = n->macro.local[n->flags & CEL_NODE_TWO_VARS ? 1 : 0];
    for (uint32_t i = 0; i < size; i++) {
        eval_bind(f, n, range, i);
        struct value item = f->locals[element];
        int d = decide(f, n->macro.body, &failed);
        if (d < 0 && eval_fatal(failed))
            return failed;
        if (d == 1) {
            f->run->cost += 13; // accu + [x]
            items[count++] = item;
        }
        if (eval_over(f))
            return over_limit();
    }
    f->run->cost += 1;
    return value_failed(failed) ? failed
                                : (struct value){.kind = CEL_LIST, .n = count, .items = items};
}

// Does the element pass `where`? *failed is set where that fails; *stop where nothing may go on.
static bool passes(struct frame *f, const struct cel_node *n, struct value *failed, bool *stop)
{
    if (!n->macro.where)
        return true;
    int d = decide(f, n->macro.where, failed);
    *stop = d < 0 && eval_fatal(*failed);
    return d == 1;
}

static struct value map_list(struct frame *f, const struct cel_node *n, struct value range)
{
    uint32_t size = eval_range_size(range), count = 0;
    struct value failed = {0}, *items = new_items(f, size);
    bool stop = false;
    if (!items)
        return value_fatal("out of memory");
    const unsigned step = n->macro.body->op == CEL_OP_LITERAL ? 2 : 12; // accu + [body]
    for (uint32_t i = 0; i < size; i++) {
        eval_bind(f, n, range, i);
        if (passes(f, n, &failed, &stop)) {
            struct value v = eval_expr(f, n->macro.body);
            f->run->cost += step;
            if (value_failed(v) && !value_failed(failed))
                failed = v;
            stop = eval_fatal(v);
            items[count++] = v;
        }
        if (stop)
            return failed;
        if (eval_over(f))
            return over_limit();
    }
    f->run->cost += 1;
    return value_failed(failed) ? failed
                                : (struct value){.kind = CEL_LIST, .n = count, .items = items};
}

// transformMap: the keys are the range's own, so none comes twice.
static struct value map_map(struct frame *f, const struct cel_node *n, struct value range)
{
    uint32_t size = eval_range_size(range);
    struct value failed = {0};
    struct value_builder b;
    bool stop = false;
    if (!value_builder_init(&b, f->run->arena, size))
        return value_fatal("out of memory");
    for (uint32_t i = 0; i < size; i++) {
        eval_bind(f, n, range, i);
        struct value key = f->locals[n->macro.local[0]];
        if (passes(f, n, &failed, &stop)) {
            f->run->cost += 1;
            if (!value_failed(failed)) { // the insertion is not tried on a failed accumulator
                struct value v = eval_expr(f, n->macro.body);
                f->run->cost += 2;
                if (value_failed(v))
                    failed = v;
                stop = eval_fatal(v);
                value_builder_set(&b, (struct entry){key, v});
            }
        }
        if (stop)
            return failed;
        if (eval_over(f))
            return over_limit();
    }
    f->run->cost += 1;
    return value_failed(failed) ? failed : value_builder_done(&b);
}

static bool insert_all(struct frame *f, const struct cel_node *n, struct value_builder *b,
                       struct value map, struct value *ret_failed)
{
    if (map.kind != CEL_MAP) {
        *ret_failed = eval_no_overload(f, n);
        return false;
    }
    uint32_t size = value_map_size(map);
    for (uint32_t i = 0; i < size; i++) {
        struct entry e = value_map_at(map, i);
        if (value_builder_has(b, e.key)) {
            char text[VALUE_KEY_TEXT];
            str s = e.key.kind == CEL_NULL ? S("0") : value_key_text(text, e.key); // Go's null is a number
            *ret_failed = eval_fail(f, n, "insert failed: key %.*s already exists", STR_FMT(s));
            return false;
        }
        value_builder_set(b, e);
    }
    return true;
}

static struct value map_entry(struct frame *f, const struct cel_node *n, struct value range)
{
    uint32_t size = eval_range_size(range);
    struct value failed = {0};
    struct value_builder b;
    bool stop = false;
    if (!value_builder_init(&b, f->run->arena, size))
        return value_fatal("out of memory");
    for (uint32_t i = 0; i < size; i++) {
        eval_bind(f, n, range, i);
        if (passes(f, n, &failed, &stop)) {
            struct value v = eval_expr(f, n->macro.body);
            f->run->cost += 2;
            if (value_failed(v) && !value_failed(failed))
                failed = v;
            stop = eval_fatal(v);
            if (!value_failed(failed) && !insert_all(f, n, &b, v, &failed))
                stop = eval_fatal(failed);
        }
        if (stop)
            return failed;
        if (eval_over(f))
            return over_limit();
    }
    f->run->cost += 1;
    return value_failed(failed) ? failed : value_builder_done(&b);
}

static bool reads_local(const struct cel_node *n, uint32_t slot)
{
    if (n->op == CEL_OP_LOCAL)
        return n->slot == slot;
    const struct cel_node *child;
    for (uint32_t i = 0; (child = cel_child(n, i)) != NULL; i++)
        if (reads_local(child, slot))
            return true;
    return false;
}

// x.optMap(v, body) is `x.hasValue() ? optional.of(body of x.value()) : optional.none()`: x is
// charged twice where the body reads v.
static struct value optional_map(struct frame *f, const struct cel_node *n)
{
    uint64_t before = f->run->cost;
    struct value v = eval_expr(f, n->macro.range);
    uint64_t once = f->run->cost - before;
    f->run->cost += 1;
    if (value_failed(v))
        return v;
    if (v.kind != CEL_OPTIONAL)
        return eval_no_overload(f, n);
    if (!v.some) {
        f->run->cost += 1;
        return v;
    }
    if (reads_local(n->macro.body, n->macro.local[0]))
        f->run->cost += once + 1;
    f->locals[n->macro.local[0]] = *v.some;
    struct value r = eval_expr(f, n->macro.body);
    if (n->op == CEL_OP_OPT_FLAT_MAP)
        return r;
    f->run->cost += 1;
    return value_failed(r) ? r : eval_access_some(f, r);
}

// sortBy.

struct keyed {
    struct value key, item;
    uint32_t at; // makes the order stable
};

static int by_key(const void *x, const void *y)
{
    const struct keyed *a = x, *b = y;
    int c;
    if (!value_compare(a->key, b->key, &c) || c == 0 || c == 2)
        return (a->at > b->at) - (a->at < b->at);
    return c;
}

static uint64_t sort_cost(const struct cel_node *n, const struct keyed *k, uint32_t size)
{
    const struct cel_type *t = n->macro.body->type;
    if (!t || t->kind == CEL_DYN)
        return 1; // no overload was chosen
    bool text = size && (k[0].key.kind == CEL_STRING || k[0].key.kind == CEL_BYTES);
    double squared = (double)size * size * (text ? 2.1 : 2.0);
    return (squared < 1e18 ? (uint64_t)squared : (uint64_t)1e18) + 11;
}

static struct value sort_keyed(struct frame *f, const struct cel_node *n, struct keyed *k,
                               uint32_t size)
{
    int c;
    if (size && !value_compare(k[0].key, k[0].key, &c))
        return eval_fail(f, n, "list elements must be comparable");
    for (uint32_t i = 1; i < size; i++)
        if (k[i].key.kind != k[0].key.kind)
            return eval_fail(f, n, "list elements must have the same type");
    qsort(k, size, sizeof *k, by_key);
    struct value *items = new_items(f, size);
    if (!items)
        return value_fatal("out of memory");
    for (uint32_t i = 0; i < size; i++)
        items[i] = k[i].item;
    return (struct value){.kind = CEL_LIST, .n = size, .items = items};
}

// As sort() of one type does, see panics() in eval.c.
static bool sort_panics(const struct cel_node *n)
{
    return n->op == CEL_OP_SORT_BY && n->macro.body->type && (unsigned)n->macro.body->type->kind < CEL_KINDS;
}

static struct value sort_by(struct frame *f, const struct cel_node *n, struct value range)
{
    uint32_t size = eval_range_size(range);
    struct value failed = {0};
    if (range.kind != CEL_LIST)
        return eval_no_overload(f, n);
    struct keyed *k = arena_alloc(f->run->arena, size, sizeof *k, _Alignof(struct keyed));
    if (!k)
        return value_fatal("out of memory");
    for (uint32_t i = 0; i < size; i++) {
        eval_bind(f, n, range, i);
        k[i].item = f->locals[n->macro.local[0]];
        k[i].key = eval_expr(f, n->macro.body);
        k[i].at = i;
        f->run->cost += n->macro.body->op == CEL_OP_LITERAL ? 2 : 12;
        if (value_failed(k[i].key) && !value_failed(failed))
            failed = k[i].key;
        if (eval_fatal(k[i].key))
            return failed;
        if (eval_over(f))
            return over_limit();
    }
    f->run->cost += 3 + sort_cost(n, k, size); // the bound input twice, the map's result
    if (eval_over(f))
        return over_limit();
    if (failed.kind == CEL_ERROR && sort_panics(n))
        return value_fatal("internal error: an error is no list");
    return value_failed(failed) ? failed : sort_keyed(f, n, k, size);
}

struct value eval_macro_run(struct frame *f, const struct cel_node *n)
{
    if (n->op == CEL_OP_OPT_MAP || n->op == CEL_OP_OPT_FLAT_MAP)
        return optional_map(f, n);
    struct value range = eval_expr(f, n->macro.range);
    if (value_failed(range))
        return range.kind == CEL_ERROR && sort_panics(n)
                   ? value_fatal("internal error: an error is no list")
                   : range;
    if (!eval_iterable(range) && sort_panics(n))
        return value_fatal("internal error: an error is no list");
    if (!eval_iterable(range))
        return not_iterable(f, n);
    switch (n->op) {
    case CEL_OP_ALL:
        return quantifier(f, n, range, false);
    case CEL_OP_EXISTS:
        return quantifier(f, n, range, true);
    case CEL_OP_EXISTS_ONE:
        return exists_one(f, n, range);
    case CEL_OP_FILTER:
        return filter(f, n, range);
    case CEL_OP_MAP_LIST:
        return map_list(f, n, range);
    case CEL_OP_MAP_MAP:
        return map_map(f, n, range);
    case CEL_OP_MAP_ENTRY:
        return map_entry(f, n, range);
    default:
        return sort_by(f, n, range);
    }
}
