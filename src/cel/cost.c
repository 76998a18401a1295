// The runtime cost model of cel-go with the library costs of Kubernetes. Which overload the checker
// chose decides some costs; where it could not choose (dyn operands) a call costs 1. docs/cel.md
// says where this differs.
#include "base/utf8.h"
#include "cel/eval_priv.h"
#include "cel/opaque.h"

uint64_t cost_size(struct value v)
{
    switch (v.kind) {
    case CEL_STRING:
        return utf8_count(value_text(v));
    case CEL_BYTES:
        return v.n;
    case CEL_LIST:
    case CEL_MAP:
    case CEL_OBJECT:
        return eval_range_size(v);
    case CEL_OPTIONAL:
        return v.some ? cost_size(*v.some) : 1;
    case CEL_IP:
    case CEL_CIDR:
        return cel_opaque_size(v);
    default:
        return 1;
    }
}

static uint64_t tenth(uint64_t size) // ceil(size * 0.1) as float64: 0.1 is a bit more than a tenth
{
    return size / 10 + (size % 10 != 0);
}

static uint64_t fifth(uint64_t size)
{
    return size / 5 + (size % 5 != 0);
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

// tenth() of a value's size. Few texts have ten bytes, and the others need not be counted.
static uint64_t size_tenth(struct value v)
{
    return v.kind == CEL_STRING && v.n < 10 ? v.n > 0 : tenth(cost_size(v));
}

static uint64_t smaller_tenth(struct value a, struct value b)
{
    if (a.kind == CEL_STRING && b.kind == CEL_STRING && (a.n < 10 || b.n < 10))
        return a.n > 0 && b.n > 0;
    return tenth(smaller(cost_size(a), cost_size(b)));
}

static bool is_own(uint8_t kind) // a kind of Kubernetes' libraries
{
    return kind >= CEL_QUANTITY && kind <= CEL_DECISION;
}

uint64_t cost_equality(const struct cel_node *n, struct value a, struct value b)
{
    if (is_own(a.kind) && n->op == CEL_OP_EQ)
        return 1; // apiserver's cost.go knows ==, but not !=
    return smaller_tenth(a, b);
}

static enum cel_kind static_kind(const struct cel_node *n)
{
    return n->type ? n->type->kind : CEL_DYN;
}

static bool one_is(const struct cel_node *n, enum cel_kind k)
{
    return static_kind(n->call.args[0]) == k || static_kind(n->call.args[1]) == k;
}

uint64_t cost_order(const struct cel_node *n, struct value a, struct value b)
{
    if (!one_is(n, CEL_STRING) && !one_is(n, CEL_BYTES))
        return 1;
    return smaller_tenth(a, b);
}

uint64_t cost_in(const struct cel_node *n, struct value set)
{
    const struct cel_node *list = n->call.args[1];
    if (static_kind(list) != CEL_LIST)
        return 1; // no overload was chosen, or that of maps
    return list->flags & CEL_NODE_SET ? 0 : cost_size(set);
}

uint64_t cost_add(const struct cel_node *n, struct value a, struct value b)
{
    if (!one_is(n, CEL_STRING) && !one_is(n, CEL_BYTES))
        return 1;
    return tenth(cost_size(a) + cost_size(b));
}

static uint64_t regex_cost(uint64_t text, uint64_t pattern)
{
    return tenth(text + 1) * (pattern / 4 + (pattern % 4 != 0));
}

// Each text truncates to whole units, and nothing else has any but 1.
static uint64_t traversal(struct value v)
{
    uint64_t sum = 0;
    if (v.kind == CEL_STRING || v.kind == CEL_BYTES)
        return v.n / 10;
    if (!eval_iterable(v))
        return 1;
    uint32_t n = eval_range_size(v);
    for (uint32_t i = 0; i < n && v.kind == CEL_LIST; i++)
        sum += traversal(value_list_at(v, i));
    for (uint32_t i = 0; i < n && v.kind != CEL_LIST; i++) {
        struct entry e = value_map_at(v, i);
        sum += traversal(e.key) + traversal(e.value);
    }
    return sum;
}

static uint64_t scaled(double factor, double size) // what a list function charges
{
    double units = (factor < 0 ? 1 : factor) * size;
    return (units < 1e18 ? (uint64_t)units : (uint64_t)1e18) + 11;
}

static uint64_t self_compare(const struct cel_node *n, struct value list)
{
    const struct cel_type *t = n->call.args[0]->type;
    if (n->fn == CEL_FN_sort && (!t || t->kind != CEL_LIST || t->params[0]->kind == CEL_DYN))
        return 1; // sort has an overload for each kind of element: none was chosen
    if (list.kind != CEL_LIST)
        return 1;
    uint64_t size = cost_size(list);
    struct value first = size ? value_list_at(list, 0) : value_null();
    double factor = first.kind == CEL_STRING || first.kind == CEL_BYTES ? 2.1 : 2.0;
    return scaled(factor, (double)size * (double)size);
}

static uint64_t flatten(const struct cel_node *n, const struct value *args)
{
    double depth = n->n > 1 && args[1].kind == CEL_INT ? (double)args[1].i : 1;
    return scaled(depth, (double)cost_size(args[0]));
}

static uint64_t in_cidr(const struct value *args, bool of_cidr)
{
    uint64_t size = cost_size(args[0]), c = fifth(size);
    if (of_cidr)
        c += tenth(size) + 1;
    return args[1].kind == CEL_STRING ? c + tenth(cost_size(args[1])) : c;
}

static bool takes_two(uint8_t cost)
{
    switch (cost) {
    case CEL_COST_TRAVERSE_SECOND:
    case CEL_COST_CONTAINS:
    case CEL_COST_REGEX:
    case CEL_COST_CONTAINS_IP:
    case CEL_COST_CONTAINS_CIDR:
    case CEL_COST_VALIDATE:
    case CEL_COST_SETS:
    case CEL_COST_SETS_TWICE:
        return true;
    default:
        return false;
    }
}

uint64_t cost_call(const struct cel_node *n, const struct value *args, struct value result)
{
    uint8_t cost = cel_functions[n->fn].cost;
    if (n->n < (takes_two(cost) ? 2u : 1u))
        return 1; // an unchecked call
    switch (cost) {
    case CEL_COST_TRAVERSE:
        return size_tenth(args[0]);
    case CEL_COST_TRAVERSE_TWICE:
        return fifth(cost_size(args[0]));
    case CEL_COST_TRAVERSE_SECOND:
        return size_tenth(args[1]);
    case CEL_COST_RESULT_TWICE:
        return fifth(cost_size(result));
    case CEL_COST_CONTAINS:
        return size_tenth(args[0]) * size_tenth(args[1]);
    case CEL_COST_REGEX:
        return regex_cost(cost_size(args[0]), cost_size(args[1]));
    case CEL_COST_FROM_BYTES:
        return static_kind(n->call.args[0]) == CEL_BYTES ? tenth(cost_size(args[0])) : 1;
    case CEL_COST_FROM_STRING:
        return static_kind(n->call.args[0]) == CEL_STRING ? tenth(cost_size(args[0])) : 1;
    case CEL_COST_LIST_TRAVERSE:
        return traversal(args[0]);
    case CEL_COST_IP:
        return args[0].kind == CEL_CIDR ? 1 : tenth(cost_size(args[0]));
    case CEL_COST_CONTAINS_IP:
    case CEL_COST_CONTAINS_CIDR:
        return in_cidr(args, cost == CEL_COST_CONTAINS_CIDR);
    case CEL_COST_VALIDATE:
        return args[0].kind == CEL_FORMAT ? regex_cost(cost_size(args[1]), cel_opaque_size(args[0]))
                                          : 1;
    case CEL_COST_LIST_RESULT:
        return scaled(1, (double)cost_size(result));
    case CEL_COST_FLATTEN:
        return flatten(n, args);
    case CEL_COST_SELF_COMPARE:
        return self_compare(n, args[0]);
    case CEL_COST_SETS:
        return cost_size(args[0]) * cost_size(args[1]) + 1;
    case CEL_COST_SETS_TWICE:
        return cost_size(args[0]) * cost_size(args[1]) * 2 + 1;
    case CEL_COST_AUTHORIZER:
        return 350000;
    default:
        return 1;
    }
}
