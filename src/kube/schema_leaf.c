#include "base/base64.h"
#include "base/rfc3339.h"
#include "kube/quantity.h"
#include "kube/schema_priv.h"

// What the decoders of Go's basic types and of Kubernetes' own take. encoding/json leaves any value as it
// is where it reads null.

#define BIT(kind) (1u << NODE_##kind)
enum { ANY = BIT(NULL) | BIT(BOOL) | BIT(INT) | BIT(DOUBLE) | BIT(STRING) | BIT(LIST) | BIT(MAP) };

const uint8_t schema_leaf_takes[SHAPE_LEAVES] = {
    [SHAPE_string] = BIT(NULL) | BIT(STRING),
    [SHAPE_boolean] = BIT(NULL) | BIT(BOOL),
    [SHAPE_int32] = BIT(NULL),
    [SHAPE_int64] = BIT(NULL) | BIT(INT),
    [SHAPE_number] = BIT(NULL) | BIT(INT) | BIT(DOUBLE),
    [SHAPE_bytes] = BIT(NULL),
    [SHAPE_quantity] = BIT(NULL) | BIT(INT) | BIT(DOUBLE),
    [SHAPE_int_or_string] = BIT(NULL) | BIT(STRING),
    [SHAPE_time] = BIT(NULL),
    [SHAPE_micro_time] = BIT(NULL),
    [SHAPE_any] = ANY,
    [SHAPE_schema_or_bool] = BIT(NULL) | BIT(BOOL),
    [SHAPE_schema_or_list] = (uint8_t)(ANY & ~(BIT(MAP) | BIT(LIST))), // what is no schema is passed over
    [SHAPE_schema_or_strings] = (uint8_t)(ANY & ~(BIT(MAP) | BIT(LIST))),
};

static bool is_int32(const struct node *n)
{
    return n->kind == NODE_INT && n->i >= INT32_MIN && n->i <= INT32_MAX;
}

// A list of numbers is what encoding/json makes a []byte of, too.
static bool is_bytes(const struct node *n)
{
    if (n->kind == NODE_STRING)
        return base64_is(node_str(n));
    if (n->kind != NODE_LIST)
        return false;
    for (uint32_t i = 0; i < n->n; i++) {
        const struct node *c = &n->items[i];
        if (c->kind != NODE_NULL && !(c->kind == NODE_INT && c->i >= 0 && c->i <= UINT8_MAX))
            return false;
    }
    return true;
}

// Quantity.UnmarshalJSON looks at the JSON text between the quotes, where only blanks are blanks.
static bool is_quantity(str s)
{
    while (s.n && s.p[0] == ' ')
        s = str_skip(s, 1);
    while (s.n && s.p[s.n - 1] == ' ')
        s.n--;
    return quantity_is(s);
}

static bool is_time(const struct node *n, bool micro)
{
    struct rfc3339 t;
    if (n->kind != NODE_STRING || !rfc3339_parse(node_str(n), &t))
        return false;
    return !micro || t.fraction_digits == 6; // its layout has them
}

bool schema_leaf_is(uint16_t leaf, const struct node *n)
{
    switch (leaf) {
    case SHAPE_int32:
    case SHAPE_int_or_string:
        return is_int32(n);
    case SHAPE_bytes:
        return is_bytes(n);
    case SHAPE_quantity:
        return n->kind == NODE_STRING && is_quantity(node_str(n));
    case SHAPE_time:
        return is_time(n, false);
    case SHAPE_micro_time:
        return is_time(n, true);
    default:
        return false;
    }
}
