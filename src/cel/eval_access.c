// Selecting and indexing. What is read from a document is found by walking its nodes: a chain like
// object.spec.a.b makes one value, at its end. Where anything is not as in a good document (absent,
// a scalar, an optional, a computed map), the general path decides, node by node.
#include "cel/eval_priv.h"

static bool is_attribute(const struct cel_node *n)
{
    switch (n->op) {
    case CEL_OP_SLOT:
    case CEL_OP_LAZY:
    case CEL_OP_LOCAL:
    case CEL_OP_IDENT:
    case CEL_OP_SELECT:
    case CEL_OP_OPT_SELECT:
    case CEL_OP_INDEX:
    case CEL_OP_OPT_INDEX:
    case CEL_OP_CONDITION:
        return true;
    default:
        return false;
    }
}

static const struct cel_node *operand_of(const struct cel_node *n)
{
    return n->op == CEL_OP_SELECT || n->op == CEL_OP_OPT_SELECT   ? n->select.operand
           : n->op == CEL_OP_INDEX || n->op == CEL_OP_OPT_INDEX ? n->call.args[0]
                                                                : NULL;
}

uint64_t eval_access_discount(const struct cel_node *n)
{
    if (!is_attribute(n))
        return 0;
    for (const struct cel_node *o = n; o; o = operand_of(o))
        n = o;
    return n->op != CEL_OP_CONDITION;
}

struct value eval_access_some(struct frame *f, struct value v)
{
    struct value *some = arena_alloc(f->run->arena, 1, sizeof *some, _Alignof(struct value));
    if (!some)
        return value_fatal("out of memory");
    *some = v;
    return (struct value){.kind = CEL_OPTIONAL, .some = some};
}

// The document node that a chain of selections ends at, or NULL where the general path must say what
// happens. *cost grows by what the chain costs; it counts only if a node is found.
static const struct node *find_node(struct frame *f, const struct cel_node *n, unsigned *cost)
{
    const struct node *o;
    const struct value *v;
    struct value lazy;
    switch (n->op) {
    case CEL_OP_SELECT:
        *cost += 1;
        o = find_node(f, n->select.operand, cost);
        return o && o->kind == NODE_MAP ? node_get(o, n->select.field) : NULL;
    case CEL_OP_SLOT:
        *cost += 1;
        v = &f->run->slots[n->slot];
        break;
    case CEL_OP_LOCAL:
        *cost += 1;
        v = &f->locals[n->slot];
        break;
    case CEL_OP_LAZY:
        if (!f->run->lazy)
            return NULL;
        *cost += 2;
        lazy = f->run->lazy(f->run->ctx, n->slot, f->run);
        v = &lazy;
        break;
    default:
        return NULL;
    }
    return v->flags & VALUE_NODE ? v->node : NULL;
}

// The operand's value, with what cel-go charges where it is no attribute.
static struct value operand(struct frame *f, const struct cel_node *n)
{
    struct value v = eval_expr(f, n);
    if (!is_attribute(n))
        f->run->cost += 1;
    return v;
}

static struct value no_such_key(struct frame *f, const struct cel_node *n, struct value key)
{
    char text[VALUE_KEY_TEXT];
    str s = value_key_text(text, key);
    return eval_fail(f, n, "no such key: %.*s", STR_FMT(s));
}

static bool list_index(struct value key, int64_t *ret)
{
    if (key.kind == CEL_INT)
        *ret = key.i;
    else if (key.kind == CEL_UINT && key.u <= INT64_MAX)
        *ret = (int64_t)key.u;
    else if (key.kind == CEL_DOUBLE && key.d > -0x1p63 && key.d < 0x1p63 &&
             (double)(int64_t)key.d == key.d)
        *ret = (int64_t)key.d;
    else
        return false;
    return true;
}

// One look-up. True: *ret is what is there. False: *ret is why not, an error; `presence` tells that
// nothing being there is an answer (then *ret has kind CEL_NULL), but a key of a wrong kind is none.
static bool look_up(struct frame *f, const struct cel_node *n, struct value v, struct value key,
                    bool presence, struct value *ret)
{
    if (v.kind == CEL_MAP || v.kind == CEL_OBJECT) {
        if (value_map_find(v, key, ret))
            return true;
    } else if (v.kind == CEL_LIST) {
        int64_t i;
        if (!list_index(key, &i)) {
            *ret = eval_fail(f, n,
                             key.kind == CEL_UINT || key.kind == CEL_DOUBLE
                                 ? "unsupported index value in list"
                                 : "unsupported index type '%s' in list",
                             cel_kind_name((enum cel_kind)key.kind));
            return false;
        }
        if (i >= 0 && i < value_list_size(v)) {
            *ret = value_list_at(v, (uint32_t)i);
            return true;
        }
        if (!presence) {
            *ret = eval_fail(f, n, "index out of bounds: %lld", (long long)i);
            return false;
        }
    }
    *ret = presence ? value_null() : no_such_key(f, n, key);
    return false;
}

// Applies one key to an operand that has not failed. An optional operand makes everything after it
// optional: absent is none then.
static struct value apply(struct frame *f, const struct cel_node *n, struct value v,
                          struct value key, bool optional)
{
    struct value ret;
    if (v.kind == CEL_OPTIONAL) {
        if (!v.some)
            return v;
        v = *v.some;
        optional = true;
    }
    bool found = look_up(f, n, v, key, optional, &ret);
    if (found || !optional)
        f->run->cost += 1; // an absent optional is not charged
    if (!optional)
        return ret;
    if (!found)
        return ret.kind == CEL_ERROR ? ret : (struct value){.kind = CEL_OPTIONAL};
    return eval_access_some(f, ret);
}

struct value eval_access_select(struct frame *f, const struct cel_node *n)
{
    unsigned cost = 1;
    const struct node *o = find_node(f, n->select.operand, &cost);
    if (o && o->kind == NODE_MAP) {
        const struct node *m = node_get(o, n->select.field);
        if (m) {
            f->run->cost += cost;
            struct value v = value_of_node_fast(m);
            return n->op == CEL_OP_SELECT ? v : eval_access_some(f, v);
        }
    }
    struct value v = operand(f, n->select.operand);
    if (value_failed(v))
        return v;
    return apply(f, n, v, value_str(n->select.field.text), n->op == CEL_OP_OPT_SELECT);
}

struct value eval_access_index(struct frame *f, const struct cel_node *n)
{
    struct value v = operand(f, n->call.args[0]);
    if (value_failed(v))
        return v;
    if (v.kind == CEL_OPTIONAL && !v.some)
        return v; // the index is not evaluated
    struct value key = eval_expr(f, n->call.args[1]);
    f->run->cost -= eval_access_discount(n->call.args[1]);
    if (value_failed(key))
        return key;
    if (!value_is_key(key))
        return eval_fail(f, n, "invalid qualifier type: %s",
                         cel_kind_name((enum cel_kind)key.kind));
    return apply(f, n, v, key, n->op == CEL_OP_OPT_INDEX);
}

// has(e.f) asks for the last step only: e must be there. It costs its selections, the name nothing.
struct value eval_access_has(struct frame *f, const struct cel_node *n)
{
    unsigned cost = 0;
    const struct node *o = find_node(f, n->select.operand, &cost);
    if (o && o->kind == NODE_MAP) {
        f->run->cost += cost;
        return value_bool(node_member(o, n->select.field) != NULL);
    }
    struct value v = operand(f, n->select.operand), ret;
    if (value_failed(v) || (v.kind == CEL_OPTIONAL && !v.some)) {
        f->run->cost -= 1; // the name, which has() does not charge
        return value_failed(v) ? v : value_bool(false);
    }
    bool optional = v.kind == CEL_OPTIONAL;
    if (optional)
        v = *v.some;
    if (look_up(f, n, v, value_str(n->select.field.text), true, &ret))
        return value_bool(true);
    if (optional)
        f->run->cost -= 1;
    return ret.kind == CEL_ERROR ? ret : value_bool(false);
}
