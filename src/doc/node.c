#include "doc/node.h"

#include "doc/node_priv.h"

// The index of a big map: open addressing over 32-bit positions (plus one; 0 is free), at most half
// full. It stands right behind the members, so that a node needs no field for it.
static uint32_t index_size(uint32_t n)
{
    uint32_t size = 32;
    while (size < 2 * n)
        size *= 2;
    return size;
}

static inline bool has_key(const struct member *m, uint32_t hash, const char *key, uint32_t key_n)
{
    return m->hash == hash && m->key_n == key_n && (key_n == 0 || memcmp(m->key, key, key_n) == 0);
}

const struct member *node_member_indexed(const struct node *map, struct key k)
{
    const uint32_t *slots = (const uint32_t *)(const void *)(map->members + map->n);
    uint32_t mask = index_size(map->n) - 1;
    for (uint32_t i = k.hash & mask; slots[i]; i = (i + 1) & mask) {
        const struct member *m = &map->members[slots[i] - 1];
        if (m->hash == k.hash && str_eq(member_key(m), k.text))
            return m;
    }
    return NULL;
}

// The slot that holds the key, or the free one where it belongs.
static uint32_t *find_slot(uint32_t *slots, uint32_t mask, const struct member *members,
                           const struct member *m)
{
    uint32_t i = m->hash & mask;
    while (slots[i] && !has_key(&members[slots[i] - 1], m->hash, m->key, m->key_n))
        i = (i + 1) & mask;
    return &slots[i];
}

// Which members go: a NULL key marks them. Only called where there may be duplicates.
typedef void drop_fn(void *ctx, const struct member *goes, const struct member *stays);

static uint32_t drop_small(struct member *members, uint32_t n, drop_fn *drop, void *ctx)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct member *later = NULL;
        for (uint32_t j = i + 1; j < n && !later; j++)
            if (has_key(&members[j], members[i].hash, members[i].key, members[i].key_n))
                later = &members[j];
        if (later && drop)
            drop(ctx, &members[i], later);
        if (!later)
            members[kept++] = members[i];
    }
    return kept;
}

static uint32_t drop_big(struct member *members, uint32_t n, uint32_t *slots, uint32_t mask,
                         drop_fn *drop, void *ctx)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t *slot = find_slot(slots, mask, members, &members[i]);
        if (*slot) {
            struct member *goes = &members[*slot - 1];
            if (drop)
                drop(ctx, goes, &members[i]);
            goes->value.kind = UINT8_MAX; // marks it: the slot needs its key until the end
        }
        *slot = i + 1;
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++)
        if (members[i].value.kind != UINT8_MAX)
            members[kept++] = members[i];
    return kept;
}

// True where no two keys can be equal; false: perhaps. 64 bits of the hashes as a filter.
static bool surely_distinct(const struct member *members, uint32_t n)
{
    uint64_t seen = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t bit = (uint64_t)1 << (members[i].hash & 63);
        if (!(seen & bit)) {
            seen |= bit;
            continue;
        }
        for (uint32_t j = 0; j < i; j++)
            if (members[j].hash == members[i].hash)
                return false;
    }
    return true;
}

err_code node_map_build(struct node *map, const struct member *members, uint32_t n, struct arena *a,
                        drop_fn *drop, void *ctx, struct err *e)
{
    map->kind = NODE_MAP;
    map->n = n;
    map->members = NULL;
    map->flags &= (uint8_t)~NODE_NULLS;
    for (uint32_t i = 0; i < n; i++)
        map->flags |= node_nulls(&members[i].value);
    if (n == 0)
        return ERR_OK;
    struct member *own;
    if (n <= NODE_INDEX_FROM) {
        TRY_NEW(own, a, n, e);
        memcpy(own, members, n * sizeof *own);
        if (!surely_distinct(own, n))
            map->n = drop_small(own, n, drop, ctx);
        map->members = own;
        return ERR_OK;
    }
    if (n > UINT32_MAX / 4)
        return err_set(e, ERR_LIMIT, "a map of %u members", n);
    uint32_t size = index_size(n);
    own = arena_alloc(a, 1, n * sizeof *own + size * sizeof(uint32_t), _Alignof(struct member));
    if (!own)
        return err_set(e, ERR_LIMIT, "arena '%s' is full (%zu bytes)", a->name, a->cap);
    memcpy(own, members, n * sizeof *own);
    uint32_t *slots = (uint32_t *)(void *)(own + n);
    uint32_t kept = drop_big(own, n, slots, size - 1, drop, ctx);
    map->members = own;
    map->n = kept;
    map->flags |= NODE_INDEXED;
    if (kept == n)
        return ERR_OK;
    if (kept <= NODE_INDEX_FROM) {
        map->flags &= (uint8_t)~NODE_INDEXED;
        return ERR_OK;
    }
    slots = (uint32_t *)(void *)(own + kept); // never beyond what was allocated: kept < n
    size = index_size(kept);
    memset(slots, 0, size * sizeof *slots);
    for (uint32_t i = 0; i < kept; i++)
        *find_slot(slots, size - 1, own, &own[i]) = i + 1;
    return ERR_OK;
}

str node_get_str(const struct node *map, struct key k)
{
    const struct node *n = node_get(map, k);
    return n && n->kind == NODE_STRING ? node_str(n) : (str){NULL, 0};
}

// Exact: 2^53 + 1 as an int differs from 2^53 as a double.
static bool int_is_double(int64_t i, double d)
{
    return d >= -0x1p63 && d < 0x1p63 && (double)i == d && (int64_t)d == i;
}

bool node_equal(const struct node *a, const struct node *b)
{
    if (a == b)
        return true;
    if (a->kind == NODE_INT && b->kind == NODE_DOUBLE)
        return int_is_double(a->i, b->d);
    if (a->kind == NODE_DOUBLE && b->kind == NODE_INT)
        return int_is_double(b->i, a->d);
    if (a->kind != b->kind)
        return false;
    switch ((enum node_kind)a->kind) {
    case NODE_NULL:
        return true;
    case NODE_BOOL:
        return a->b == b->b;
    case NODE_INT:
        return a->i == b->i;
    case NODE_DOUBLE:
        return a->d == b->d;
    case NODE_STRING:
        return str_eq(node_str(a), node_str(b));
    case NODE_LIST:
        if (a->n != b->n)
            return false;
        if (a->items == b->items) // one anchor: aliases of aliases would take exponential time
            return true;
        for (uint32_t i = 0; i < a->n; i++)
            if (!node_equal(&a->items[i], &b->items[i]))
                return false;
        return true;
    case NODE_MAP:
        if (a->n != b->n)
            return false;
        if (a->members == b->members)
            return true;
        for (uint32_t i = 0; i < a->n; i++) {
            const struct member *m = &a->members[i];
            const struct member *o = node_member(b, (struct key){member_key(m), m->hash});
            if (!o || !node_equal(&m->value, &o->value))
                return false;
        }
        return true;
    }
    return false;
}
