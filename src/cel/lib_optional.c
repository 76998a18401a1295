// Optionals: cel-go's cel/library.go. `or` and `orValue` are lazy and the evaluator's own; their
// bodies here serve whoever calls them with both arguments.
#include "cel/ast.h"
#include "cel/timestamp.h"

static struct value some(struct cel_call *c, struct value v)
{
    struct value *p = fn_new_values(c, 1);
    if (!p)
        return value_fatal("out of memory");
    *p = v;
    return (struct value){.kind = CEL_OPTIONAL, .some = p};
}

static struct value none(void)
{
    return (struct value){.kind = CEL_OPTIONAL};
}

struct value cel_fn_optional_of(struct cel_call *c, const struct value *args, uint32_t n)
{
    return n == 1 ? some(c, args[0]) : value_no_overload();
}

static bool is_zero(struct value v)
{
    switch (v.kind) {
    case CEL_NULL:
        return true;
    case CEL_BOOL:
        return !v.b;
    case CEL_INT:
    case CEL_DURATION:
        return v.i == 0;
    case CEL_UINT:
        return v.u == 0;
    case CEL_DOUBLE:
        return v.d == 0; // a NaN is something
    case CEL_STRING:
    case CEL_BYTES:
        return v.n == 0;
    case CEL_LIST:
        return value_list_size(v) == 0;
    case CEL_MAP:
    case CEL_OBJECT:
        return value_map_size(v) == 0;
    case CEL_TIMESTAMP: // Go's zero time is the first instant of year 1
        return v.i == TIMESTAMP_MIN && v.n == 0;
    default:
        return false;
    }
}

struct value cel_fn_optional_of_non_zero_value(struct cel_call *c, const struct value *args,
                                               uint32_t n)
{
    if (n != 1)
        return value_no_overload();
    return is_zero(args[0]) ? none() : some(c, args[0]);
}

struct value cel_fn_optional_none(struct cel_call *c, const struct value *args, uint32_t n)
{
    (void)c, (void)args;
    return n == 0 ? none() : value_no_overload();
}

struct value cel_fn_has_value(struct cel_call *c, const struct value *args, uint32_t n)
{
    (void)c;
    return n == 1 && args[0].kind == CEL_OPTIONAL ? value_bool(args[0].some != NULL)
                                                  : value_no_overload();
}

struct value cel_fn_value(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (n != 1 || args[0].kind != CEL_OPTIONAL)
        return value_no_overload();
    return args[0].some ? *args[0].some : value_error(c->arena, "optional.none() dereference");
}

struct value cel_fn_or(struct cel_call *c, const struct value *args, uint32_t n)
{
    (void)c;
    if (n != 2 || args[0].kind != CEL_OPTIONAL)
        return value_no_overload();
    return args[0].some ? args[0] : args[1];
}

struct value cel_fn_or_value(struct cel_call *c, const struct value *args, uint32_t n)
{
    (void)c;
    if (n != 2 || args[0].kind != CEL_OPTIONAL)
        return value_no_overload();
    return args[0].some ? *args[0].some : args[1];
}

struct value cel_fn_first(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (n != 1 || args[0].kind != CEL_LIST)
        return value_no_overload();
    return value_list_size(args[0]) ? some(c, value_list_at(args[0], 0)) : none();
}

struct value cel_fn_last(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (n != 1 || args[0].kind != CEL_LIST)
        return value_no_overload();
    uint32_t size = value_list_size(args[0]);
    return size ? some(c, value_list_at(args[0], size - 1)) : none();
}

// optional.unwrap(list) and list.unwrapOpt()
struct value cel_fn_optional_unwrap(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (n != 1 || args[0].kind != CEL_LIST)
        return value_no_overload();
    uint32_t size = value_list_size(args[0]), count = 0;
    struct value *items = fn_new_values(c, size);
    if (!items)
        return value_fatal("out of memory");
    for (uint32_t i = 0; i < size; i++) {
        struct value v = value_list_at(args[0], i);
        if (v.kind != CEL_OPTIONAL)
            return value_no_overload();
        if (v.some)
            items[count++] = *v.some;
    }
    return fn_list(items, count);
}

struct value cel_fn_unwrap_opt(struct cel_call *c, const struct value *args, uint32_t n)
{
    return cel_fn_optional_unwrap(c, args, n);
}
