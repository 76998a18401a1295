// value: what CEL computes with. By value, 24 bytes; lists and maps point into the document tree
// (VALUE_NODE) or into the run's arena. Nothing is owned.
//
// `origin` is the document node a value was read from, or NULL for a computed one. It survives
// lists, filter() and `+`, and is how blame finds the place of a scalar.
#ifndef CEL_VALUE_H
#define CEL_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/cc.h"
#include "doc/node.h"

enum cel_kind {
#define KIND(name, text, what) CEL_##name,
#include "cel/kinds.def"
#undef KIND
    CEL_KINDS,
    // only types have these:
    CEL_DYN = CEL_KINDS,
    CEL_PARAM,
};

enum value_flag {
    VALUE_NODE = 1,    // a LIST or MAP (or OBJECT) that is v.node, in place
    VALUE_INDEXED = 2, // a computed MAP with a hash index behind its entries (value_priv.h)
    VALUE_DERIVED = 4, // a QUANTITY that add() or sub() gave, see value_compare_equal
};

struct value;
struct entry;
struct cel_type;

// Why an evaluation failed. msg is what cel-go says where the suites compare it.
struct cel_error {
    str message;
    uint32_t start, end; // span in the expression, filled by the evaluator if 0,0
    bool fatal;          // cost limit, cancelled, out of memory: && and || do not absorb it
};

// Names of the variables that were missing, distinct, in order of first use.
struct cel_unknown {
    const str *names;
    uint32_t n;
};

struct value {
    uint8_t kind;  // enum cel_kind
    uint8_t flags; // enum value_flag
    int16_t zone; // TIMESTAMP: minutes east of UTC that string() shows; no part of its identity
    uint32_t n;
    union {
        bool b;
        int64_t i;
        uint64_t u;
        double d;
        const char *s;
        const struct node *node;
        const struct value *items;
        const struct entry *entries; // distinct keys, insertion order
        const struct value *some;
        const struct cel_type *type;
        const void *opaque;
        const struct cel_error *error;
        const struct cel_unknown *unknown;
    };
    const struct node *origin;
};

struct entry {
    struct value key, value;
};

static inline struct value value_null(void)
{
    return (struct value){.kind = CEL_NULL};
}
static inline struct value value_bool(bool b)
{
    return (struct value){.kind = CEL_BOOL, .b = b};
}
static inline struct value value_int(int64_t i)
{
    return (struct value){.kind = CEL_INT, .i = i};
}
static inline struct value value_uint(uint64_t u)
{
    return (struct value){.kind = CEL_UINT, .u = u};
}
static inline struct value value_double(double d)
{
    return (struct value){.kind = CEL_DOUBLE, .d = d};
}
static inline struct value value_str(str s) // borrowed; at most 4 GiB
{
    return (struct value){.kind = CEL_STRING, .n = (uint32_t)s.n, .s = s.p};
}
static inline str value_text(struct value v) // of STRING and BYTES
{
    return (str){v.s, v.n};
}
static inline bool value_failed(struct value v) // error or unknown
{
    return v.kind == CEL_ERROR || v.kind == CEL_UNKNOWN;
}

// A node as a value; origin is the node. Objects read from documents are dyn JSON: ints are int, other numbers double.
struct value value_of_node(const struct node *n);

// Lists, of either form.
uint32_t value_list_size(struct value list);
struct value value_list_at(struct value list, uint32_t i); // i < size
// Maps, of either form.
uint32_t value_map_size(struct value map);
struct entry value_map_at(struct value map, uint32_t i);
// Cross-type numeric look-up as langdef.md asks: 1, 1u and 1.0 are one key. False where absent.
bool value_map_find(struct value map, struct value key, struct value *ret);

// CEL equality (heterogeneous, cross-type numeric, NaN != NaN, deep), asked of a, as cel-go asks it. Kubernetes'
// own kinds (quantity, IP...) compare with their like only: beside another kind on the right they are incomparable,
// "no such overload". So is a quantity with one that add() or sub() gave: those return a pointer to the
// struct that Quantity.Equal wants (apiserver pkg/cel/library/quantity.go). Lists and maps with
// incomparable items are the same: cel-go only looks for a false.
enum value_equality { VALUE_DIFFERENT, VALUE_SAME, VALUE_INCOMPARABLE };
enum value_equality value_compare_equal(struct value a, struct value b);
static inline bool value_equal(struct value a, struct value b)
{
    return value_compare_equal(a, b) == VALUE_SAME;
}
// What Go cannot hash: as a key, or asked of a map or a constant list, cel-go panics.
static inline bool value_is_unhashable(struct value v)
{
    return v.kind == CEL_BYTES || v.kind == CEL_SEMVER || v.kind == CEL_FORMAT;
}
// Ordering: false where the two kinds do not order. *ret_order <0, 0, >0; 2 for NaN (unordered).
bool value_compare(struct value a, struct value b, int *ret_order);

// CEL's name of the runtime type: "int", "list", "google.protobuf.Timestamp"...
str value_type_name(struct value v);
const char *cel_kind_name(enum cel_kind k);

// Errors as values. Text in the arena; on a full arena a constant, fatal error.
struct value value_error(struct arena *a, const char *fmt, ...) PRINTF(2, 3);
struct value value_no_overload(void); // "no such overload"
struct value value_fatal(const char *constant_message);
struct value value_unknown(struct arena *a, str name);
struct value value_unknown_merge(struct arena *a, struct value x, struct value y);

#endif
