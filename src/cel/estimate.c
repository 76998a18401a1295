#include "cel/estimate.h"

#include "base/utf8.h"
#include "cel/child.h"

// What a node costs, and how big its value is.
struct guess {
    struct estimate cost, size;
};

static const struct estimate nothing = {0, 0}, one = {1, 1}, any = {0, ESTIMATE_UNBOUNDED};

static uint64_t sum(uint64_t a, uint64_t b)
{
    return a > ESTIMATE_UNBOUNDED - b ? ESTIMATE_UNBOUNDED : a + b;
}

static uint64_t product(uint64_t a, uint64_t b)
{
    return a && b > ESTIMATE_UNBOUNDED / a ? ESTIMATE_UNBOUNDED : a * b;
}

static struct estimate plus(struct estimate a, struct estimate b)
{
    return (struct estimate){sum(a.min, b.min), sum(a.max, b.max)};
}

static struct estimate times(struct estimate a, struct estimate b)
{
    return (struct estimate){product(a.min, b.min), product(a.max, b.max)};
}

// A part of a size, rounded up.
static struct estimate part(struct estimate a, uint64_t of)
{
    uint64_t max = a.max == ESTIMATE_UNBOUNDED ? a.max : a.max / of + (a.max % of != 0);
    return (struct estimate){a.min / of + (a.min % of != 0), max};
}

static struct estimate smaller(struct estimate a, struct estimate b)
{
    return (struct estimate){a.min < b.min ? a.min : b.min, a.max < b.max ? a.max : b.max};
}

static struct estimate either(struct estimate a, struct estimate b)
{
    return (struct estimate){a.min < b.min ? a.min : b.min, a.max > b.max ? a.max : b.max};
}

static bool has_size(const struct cel_type *t)
{
    switch ((unsigned)t->kind) {
    case CEL_STRING:
    case CEL_BYTES:
    case CEL_LIST:
    case CEL_MAP:
    case CEL_OBJECT:
    case CEL_DYN:
    case CEL_OPTIONAL:
        return true;
    default:
        return false;
    }
}

static struct estimate literal_size(struct value v)
{
    uint64_t n = 1;
    if (v.kind == CEL_STRING)
        n = utf8_count(value_text(v));
    else if (v.kind == CEL_BYTES || v.kind == CEL_LIST || v.kind == CEL_MAP)
        n = v.n;
    return (struct estimate){n, n};
}

static struct guess guess(const struct cel_node *n);

static struct guess guess_call(const struct cel_node *n)
{
    struct guess r = {one, has_size(n->type) ? any : one};
    struct estimate size[2] = {one, one}, own = one;
    r.cost = nothing;
    for (uint32_t i = 0; i < n->n; i++) {
        struct guess x = guess(n->call.args[i]);
        r.cost = plus(r.cost, x.cost);
        if (i < 2)
            size[i] = x.size;
    }
    switch ((unsigned)cel_functions[n->fn].cost) {
    case CEL_COST_CALL:
        break;
    case CEL_COST_AUTHORIZER:
        own = (struct estimate){350000, 350000};
        break;
    case CEL_COST_CONTAINS:
        own = times(part(size[0], 10), part(size[1], 10));
        break;
    case CEL_COST_REGEX:
    case CEL_COST_VALIDATE:
        own = times(part(plus(size[0], one), 10), part(size[1], 4));
        break;
    case CEL_COST_SETS:
    case CEL_COST_SETS_TWICE:
        own = plus(one, times(size[0], size[1]));
        break;
    case CEL_COST_SELF_COMPARE:
        own = times(size[0], size[0]);
        break;
    case CEL_COST_LIST_TRAVERSE:
    case CEL_COST_LIST_RESULT:
    case CEL_COST_FLATTEN:
        own = size[0];
        break;
    default:
        own = part(size[0], 10);
    }
    r.cost = plus(r.cost, own);
    return r;
}

// How large what the macro ranges over is, times what one round costs.
static struct guess guess_macro(const struct cel_node *n)
{
    struct guess range = guess(n->macro.range), body = guess(n->macro.body);
    struct guess r = {range.cost, has_size(n->type) ? range.size : one};
    if (n->op == CEL_OP_OPT_MAP || n->op == CEL_OP_OPT_FLAT_MAP) {
        r.cost = plus(plus(r.cost, (struct estimate){0, body.cost.max}), one);
        return r;
    }
    struct estimate round = plus(body.cost, one);
    if (n->macro.where)
        round = plus((struct estimate){0, round.max}, guess(n->macro.where).cost);
    if (n->op != CEL_OP_ALL && n->op != CEL_OP_EXISTS && n->op != CEL_OP_EXISTS_ONE) {
        // what passes the filter is appended as a list of one
        round = plus(round, (struct estimate){n->op == CEL_OP_FILTER || n->macro.where ? 0 : 11, 11});
        r.size.min = n->op == CEL_OP_FILTER || n->macro.where ? 0 : r.size.min;
    }
    r.cost = plus(plus(r.cost, times(range.size, round)), one);
    if (n->op == CEL_OP_ALL || n->op == CEL_OP_EXISTS) // the first element may decide
        r.cost.min = sum(range.cost.min, range.size.min ? round.min : 1);
    return r;
}

static struct guess guess_aggregate(const struct cel_node *n)
{
    bool map = n->op == CEL_OP_MAP;
    struct guess r = {{map ? 30 : 10, map ? 30 : 10}, {n->n, n->n}};
    for (uint32_t i = 0; cel_child(n, i); i++)
        r.cost = plus(r.cost, guess(cel_child(n, i)).cost);
    if (n->call.optional)
        r.size.min = 0;
    return r;
}

static struct guess guess_binary(const struct cel_node *n)
{
    struct guess a = guess(n->call.args[0]), b = guess(n->call.args[1]);
    struct guess r = {plus(a.cost, b.cost), has_size(n->type) ? any : one};
    switch ((unsigned)n->op) {
    case CEL_OP_AND:
    case CEL_OP_OR:
        r.cost.min = a.cost.min;
        return r;
    case CEL_OP_EQ:
    case CEL_OP_NE:
    case CEL_OP_LT:
    case CEL_OP_LE:
    case CEL_OP_GT:
    case CEL_OP_GE:
        r.cost = plus(r.cost, part(smaller(a.size, b.size), 10));
        return r;
    case CEL_OP_ADD:
        if (has_size(n->type)) {
            r.size = plus(a.size, b.size);
            r.cost = plus(r.cost, n->type->kind == CEL_LIST ? one : part(r.size, 10));
            return r;
        }
        break;
    case CEL_OP_IN:
        r.cost = plus(r.cost, n->call.args[1]->type->kind == CEL_MAP ? one : b.size);
        return r;
    default:
        break;
    }
    r.cost = plus(r.cost, one);
    return r;
}

static struct guess guess_condition(const struct cel_node *n)
{
    struct guess c = guess(n->call.args[0]), yes = guess(n->call.args[1]), no = guess(n->call.args[2]);
    return (struct guess){plus(c.cost, either(yes.cost, no.cost)), either(yes.size, no.size)};
}

static struct guess guess(const struct cel_node *n)
{
    struct guess r = {one, has_size(n->type) ? any : one};
    switch ((unsigned)n->op) {
    case CEL_OP_LITERAL:
        return (struct guess){nothing, literal_size(n->literal)};
    case CEL_OP_IDENT:
    case CEL_OP_SLOT:
    case CEL_OP_LOCAL:
        return r;
    case CEL_OP_LAZY:
        r.cost = plus(one, one);
        return r;
    case CEL_OP_SELECT:
    case CEL_OP_OPT_SELECT:
        r.cost = plus(one, guess(n->select.operand).cost);
        return r;
    case CEL_OP_HAS: // Kubernetes charges nothing for has() itself
        r.cost = guess(n->select.operand).cost;
        return r;
    case CEL_OP_NOT:
    case CEL_OP_NEGATE:
        r.cost = plus(one, guess(n->call.args[0]).cost);
        return r;
    case CEL_OP_CONDITION:
        return guess_condition(n);
    case CEL_OP_CALL:
        return guess_call(n);
    case CEL_OP_LIST:
    case CEL_OP_MAP:
        return guess_aggregate(n);
    case CEL_OP_STRUCT:
        return r;
    default:
        return n->op >= CEL_OP_ALL ? guess_macro(n) : guess_binary(n);
    }
}

struct estimate estimate_cost(const struct cel_program *p)
{
    return guess(p->root).cost;
}
