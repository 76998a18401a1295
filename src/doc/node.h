// node: the one tree that every engine reads. Immutable once its reader returns it; lives in the
// arena it was read into, borrows from it and from the text. Safe to share between threads.
//
// A node is what the API server would receive from kubectl, not what stood in the file: scalars are
// resolved (yes -> true, 0o17 -> 15, 2.0 -> 2), merge keys and aliases are applied, of duplicate
// keys the last is left. Spans say where it stood.
#ifndef DOC_NODE_H
#define DOC_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/str.h"

enum node_kind {
    NODE_NULL,
    NODE_BOOL,
    NODE_INT,    // fits int64
    NODE_DOUBLE, // everything else that is a number, integers beyond int64 too (see NODE_BIG)
    NODE_STRING,
    NODE_LIST,
    NODE_MAP,
};

enum node_flag {
    NODE_BIG = 1,   // a NODE_DOUBLE that was an integer beyond int64: its exact digits are in the span
    NODE_ALIAS = 2, // stands at `*name`: the span is the alias's, the children's spans are the anchor's
    NODE_MERGED = 4, // a member that came through `<<`
    NODE_INDEXED = 8, // a map with an index behind its members (node_priv.h)
    NODE_NULLS = 16,  // a map or list with a null member somewhere below it; see prune.h
};
enum { NODE_INDEX_FROM = 12 }; // maps with more members than this are indexed by their readers

struct member;

struct node {
    uint8_t kind;  // enum node_kind
    uint8_t flags; // enum node_flag
    uint16_t reserved;
    uint32_t n;          // bytes of a string, items of a list, members of a map
    uint32_t start, end; // bytes of the text (struct doc_text), end exclusive; 0,0: made, not read
    union {
        bool b;
        int64_t i;
        double d;
        const char *s; // not NUL-terminated; UTF-8
        const struct node *items;
        const struct member *members; // in the order of the file, keys distinct
    };
};

// A key and its value. Key spans are separate: a finding about an absent field points at a key.
struct member {
    const char *key;
    uint32_t key_n, hash; // hash_key() of the key
    uint32_t key_start, key_end;
    struct node value;
};

// A key to look up, with its hash computed once.
struct key {
    str text;
    uint32_t hash;
};
static inline struct key key_of(str text)
{
    return (struct key){text, hash_key(text)};
}
#define KEY(lit) (key_of(S(lit)))

static inline str member_key(const struct member *m)
{
    return (str){m->key, m->key_n};
}
static inline str node_str(const struct node *n) // of a NODE_STRING
{
    return (str){n->s, n->n};
}

// As if a file had it, but with no place. Both borrow their texts.
static inline struct node node_text(str text)
{
    return (struct node){.kind = NODE_STRING, .n = (uint32_t)text.n, .s = text.p};
}
static inline struct member node_made_member(str key, struct node value)
{
    return (struct member){.key = key.p, .key_n = (uint32_t)key.n, .hash = hash_key(key), .value = value};
}

// The member's value, or NULL where the map lacks it; NULL too where `map` is NULL or no map, so
// look-ups chain. Maps of over NODE_INDEX_FROM members carry an index and answer in O(1).
const struct member *node_member_indexed(const struct node *map, struct key k); // inner: use node_member
static inline const struct member *node_member(const struct node *map, struct key k)
{
    if (!map || map->kind != NODE_MAP)
        return 0;
    if (map->flags & NODE_INDEXED)
        return node_member_indexed(map, k);
    for (uint32_t i = 0; i < map->n; i++) { // an index: members of an empty map are NULL
        const struct member *m = &map->members[i];
        if (m->hash == k.hash && str_eq((str){m->key, m->key_n}, k.text))
            return m;
    }
    return 0;
}
static inline const struct node *node_get(const struct node *map, struct key k)
{
    const struct member *m = node_member(map, k);
    return m ? &m->value : 0;
}
static inline bool node_is(const struct node *n, enum node_kind kind)
{
    return n && n->kind == kind;
}
// The text of map.key where it is a string; otherwise an empty str with p NULL.
str node_get_str(const struct node *map, struct key k);

// Deep equality as JSON values: int 1 and double 1.0 are equal, map order does not matter.
bool node_equal(const struct node *a, const struct node *b);

#endif
