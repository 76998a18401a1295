// value_priv: what the evaluator and the functions know about values beside value.h.
#ifndef CEL_VALUE_PRIV_H
#define CEL_VALUE_PRIV_H

#include "base/buf.h"
#include "cel/value.h"

#define S_INIT(lit) {"" lit, sizeof(lit) - 1}

// The name that a TYPE value denotes: "int", "kubernetes.Namespace".
str value_type_denoted(struct value type);

// value_of_node without a call, for the evaluator's inner loops. Kinds of nodes in order.
static inline struct value value_of_node_fast(const struct node *n)
{
    static const uint8_t kinds[] = {CEL_NULL,   CEL_BOOL, CEL_INT, CEL_DOUBLE,
                                    CEL_STRING, CEL_LIST, CEL_MAP};
    struct value v = {.kind = kinds[n->kind], .n = n->n, .i = n->i, .origin = n};
    if (n->kind >= NODE_LIST) {
        v.flags = VALUE_NODE;
        v.node = n;
    }
    return v;
}

// For printers: a library's own value as quoted text; "NaN", "Infinity", "-Infinity".
void cel_value_put_opaque(struct buf *out, struct value v);
str cel_value_special_double(double d);

// A key as errors show it: a string as it is, a number, a bool; at most VALUE_KEY_TEXT bytes.
enum { VALUE_KEY_TEXT = 256 };
str value_key_text(char buf[VALUE_KEY_TEXT], struct value key);

// Positions of entries by key, for maps of more than VALUE_INDEX_FROM entries: open addressing, a
// slot holds position + 1. A map with VALUE_INDEXED has one right behind its entries.
enum { VALUE_INDEX_FROM = 16 };
struct value_index {
    uint32_t *slots;
    uint32_t mask;
};
// The key's position, or UINT32_MAX; *ret_slot is where it stands or would stand.
uint32_t value_index_find(const struct value_index *x, const struct entry *entries,
                          struct value key, uint32_t *ret_slot);

// What CEL takes as a key of a map.
static inline bool value_is_key(struct value v)
{
    return v.kind == CEL_STRING || v.kind == CEL_INT || v.kind == CEL_UINT || v.kind == CEL_BOOL ||
           v.kind == CEL_DOUBLE;
}

// A computed map while it grows. Keys of different kinds are different keys, as in cel-go's
// literals: {1: 'a', 1u: 'b'} has two entries, and a look-up prefers its own kind.
struct value_builder {
    struct arena *arena;
    struct entry *entries; // room for cap, and one more for the index
    uint32_t n, cap;
    struct value_index index; // slots NULL while there are few entries
    bool failed;              // the arena was full
};
bool value_builder_init(struct value_builder *b, struct arena *a, uint32_t capacity);
void value_builder_set(struct value_builder *b, struct entry e);
bool value_builder_has(const struct value_builder *b, struct value key); // of any numeric kind
void value_builder_remove(struct value_builder *b, struct value key);
struct value value_builder_done(struct value_builder *b); // the map, or a fatal error

#endif
