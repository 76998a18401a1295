#include "cel/value.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "cel/number.h"
#include "cel/opaque.h"
#include "cel/type.h"
#include "cel/value_priv.h"

struct value value_of_node(const struct node *n)
{
    return value_of_node_fast(n);
}

// Lists and maps.

uint32_t value_list_size(struct value list)
{
    return list.flags & VALUE_NODE ? list.node->n : list.n;
}

struct value value_list_at(struct value list, uint32_t i)
{
    return list.flags & VALUE_NODE ? value_of_node(&list.node->items[i]) : list.items[i];
}

uint32_t value_map_size(struct value map)
{
    return map.flags & VALUE_NODE ? map.node->n : map.n;
}

struct entry value_map_at(struct value map, uint32_t i)
{
    if (!(map.flags & VALUE_NODE))
        return map.entries[i];
    const struct member *m = &map.node->members[i];
    struct value key = value_str(member_key(m));
    key.origin = &m->value; // a key has no node of its own: its place is its member's
    return (struct entry){key, value_of_node(&m->value)};
}

// Keys that are equal must hash alike, so every number that is a whole int64 hashes as that.
static uint32_t hash_number(uint64_t bits)
{
    return (uint32_t)(hash_mix(bits ^ 0x9e3779b97f4a7c15u, 0xd6e8feb86659fd93u) >> 16);
}

static uint32_t hash_of_key(struct value key)
{
    switch (key.kind) {
    case CEL_STRING:
        return hash_key(value_text(key));
    case CEL_BOOL:
        return key.b ? 1u : 2u;
    case CEL_INT:
        return hash_number((uint64_t)key.i);
    case CEL_UINT:
        return hash_number(key.u);
    case CEL_DOUBLE:
        if (key.d >= -0x1p63 && key.d < 0x1p63)
            return hash_number((uint64_t)(int64_t)key.d);
        return key.d >= 0x1p63 && key.d < 0x1p64 ? hash_number((uint64_t)key.d) : 3u;
    default:
        return 4u;
    }
}

// What cel-go keeps behind a pointer (dyn operands make anything a key) is itself and equal to no other; it makes
// a new one whenever a document is read.
static bool same_key(struct value a, struct value b)
{
    bool by_address = a.kind == CEL_LIST || a.kind == CEL_MAP || a.kind == CEL_OBJECT || a.kind == CEL_OPTIONAL ||
                      a.kind == CEL_QUANTITY || a.kind == CEL_URL;
    return by_address ? a.kind == b.kind && !(a.flags & VALUE_NODE) && a.opaque == b.opaque : value_equal(a, b);
}

static bool index_init(struct value_index *x, struct arena *a, uint32_t capacity)
{
    uint32_t cap = 16;
    while (cap < capacity && cap < 1u << 30)
        cap *= 2;
    cap *= 2;
    x->slots = arena_alloc(a, cap, sizeof *x->slots, _Alignof(uint32_t));
    x->mask = cap - 1;
    return x->slots != NULL;
}

uint32_t value_index_find(const struct value_index *x, const struct entry *entries,
                          struct value key, uint32_t *ret_slot)
{
    uint32_t at = hash_of_key(key) & x->mask;
    for (; x->slots[at]; at = (at + 1) & x->mask)
        if (same_key(entries[x->slots[at] - 1].key, key))
            break;
    *ret_slot = at;
    return x->slots[at] ? x->slots[at] - 1 : UINT32_MAX;
}

static const struct entry *find_entry(struct value map, struct value key)
{
    if (map.flags & VALUE_INDEXED) {
        uint32_t slot;
        const struct value_index *x = (const struct value_index *)(map.entries + map.n);
        uint32_t i = value_index_find(x, map.entries, key, &slot);
        return i == UINT32_MAX ? NULL : &map.entries[i];
    }
    const struct entry *similar = NULL;
    for (uint32_t i = 0; i < map.n; i++)
        if (same_key(map.entries[i].key, key)) {
            if (map.entries[i].key.kind == key.kind)
                return &map.entries[i];
            similar = similar ? similar : &map.entries[i];
        }
    return similar;
}

bool value_map_find(struct value map, struct value key, struct value *ret)
{
    if (map.flags & VALUE_NODE) {
        if (key.kind != CEL_STRING)
            return false;
        const struct node *n = node_get(map.node, key_of(value_text(key)));
        if (n)
            *ret = value_of_node(n);
        return n != NULL;
    }
    const struct entry *e = find_entry(map, key);
    if (e)
        *ret = e->value;
    return e != NULL;
}

// Building maps.

static bool grow(struct value_builder *b, uint32_t cap)
{
    struct entry *e =
        arena_alloc(b->arena, (size_t)cap + 1, sizeof *e, _Alignof(struct entry));
    b->failed = b->failed || !e;
    if (!e)
        return false;
    if (b->n)
        memcpy(e, b->entries, b->n * sizeof *e);
    b->entries = e;
    b->cap = cap;
    if (cap <= VALUE_INDEX_FROM)
        return true;
    if (!index_init(&b->index, b->arena, cap)) {
        b->failed = true;
        return false;
    }
    for (uint32_t i = 0; i < b->n; i++) {
        uint32_t slot;
        (void)value_index_find(&b->index, e, e[i].key, &slot);
        b->index.slots[slot] = i + 1;
    }
    return true;
}

bool value_builder_init(struct value_builder *b, struct arena *a, uint32_t capacity)
{
    *b = (struct value_builder){.arena = a};
    return grow(b, capacity ? capacity : 1);
}

// The position of the key, or UINT32_MAX; *ret_slot is for the index.
static uint32_t position(const struct value_builder *b, struct value key, bool any_kind,
                         uint32_t *ret_slot)
{
    *ret_slot = 0;
    if (b->index.slots)
        return value_index_find(&b->index, b->entries, key, ret_slot);
    for (uint32_t i = 0; i < b->n; i++)
        if ((any_kind || b->entries[i].key.kind == key.kind) &&
            same_key(b->entries[i].key, key))
            return i;
    return UINT32_MAX;
}

bool value_builder_has(const struct value_builder *b, struct value key)
{
    uint32_t slot;
    return position(b, key, true, &slot) != UINT32_MAX;
}

void value_builder_set(struct value_builder *b, struct entry e)
{
    uint32_t slot, at = position(b, e.key, false, &slot);
    if (at != UINT32_MAX) {
        b->entries[at].value = e.value;
        return;
    }
    if (b->n == b->cap) {
        if (b->cap > 1u << 29 || !grow(b, b->cap * 2)) {
            b->failed = true;
            return;
        }
        (void)position(b, e.key, false, &slot);
    }
    b->entries[b->n++] = e;
    if (b->index.slots)
        b->index.slots[slot] = b->n;
}

void value_builder_remove(struct value_builder *b, struct value key)
{
    uint32_t slot, at = position(b, key, false, &slot);
    if (at == UINT32_MAX)
        return;
    b->n--;
    memmove(b->entries + at, b->entries + at + 1, (b->n - at) * sizeof *b->entries);
    if (b->index.slots)
        (void)grow(b, b->cap); // rare: {?k: none, k: ...} of many entries
}

struct value value_builder_done(struct value_builder *b)
{
    if (b->failed)
        return value_fatal("out of memory");
    struct value v = {.kind = CEL_MAP, .n = b->n, .entries = b->entries};
    if (b->index.slots) {
        memcpy(b->entries + b->n, &b->index, sizeof b->index);
        v.flags = VALUE_INDEXED;
    }
    return v;
}

// Equality and order.

static bool is_opaque(uint8_t kind)
{
    return kind >= CEL_QUANTITY && kind <= CEL_FORMAT;
}

static bool is_number(uint8_t kind)
{
    return kind == CEL_INT || kind == CEL_UINT || kind == CEL_DOUBLE;
}

static int order(double a, double b)
{
    return (a > b) - (a < b);
}

// cel-go compares an integer with a double as two doubles, after the double's range is ruled out;
// that is why 2^53 + 1 equals 2^53 as a double.
static int compare_numbers(struct value a, struct value b)
{
    if (a.kind == b.kind) {
        if (a.kind == CEL_INT)
            return (a.i > b.i) - (a.i < b.i);
        if (a.kind == CEL_UINT)
            return (a.u > b.u) - (a.u < b.u);
    }
    if ((a.kind == CEL_DOUBLE && isnan(a.d)) || (b.kind == CEL_DOUBLE && isnan(b.d)))
        return 2;
    if (a.kind == CEL_DOUBLE && b.kind == CEL_DOUBLE)
        return order(a.d, b.d);
    if (a.kind == CEL_DOUBLE)
        return -compare_numbers(b, a);
    if (b.kind == CEL_DOUBLE) {
        double low = a.kind == CEL_INT ? -0x1p63 : 0, high = a.kind == CEL_INT ? 0x1p63 : 0x1p64;
        if (b.d < low)
            return 1;
        if (b.d > high)
            return -1;
        return order(a.kind == CEL_INT ? (double)a.i : (double)a.u, b.d);
    }
    if (a.kind == CEL_UINT)
        return -compare_numbers(b, a);
    if (a.i < 0 || b.u > INT64_MAX)
        return -1;
    return (a.i > (int64_t)b.u) - (a.i < (int64_t)b.u);
}

static bool lists_equal(struct value a, struct value b)
{
    uint32_t n = value_list_size(a);
    if (n != value_list_size(b))
        return false;
    for (uint32_t i = 0; i < n; i++)
        if (value_compare_equal(value_list_at(a, i), value_list_at(b, i)) == VALUE_DIFFERENT)
            return false;
    return true;
}

static bool maps_equal(struct value a, struct value b)
{
    uint32_t n = value_map_size(a);
    if (n != value_map_size(b))
        return false;
    for (uint32_t i = 0; i < n; i++) {
        struct entry e = value_map_at(a, i);
        struct value other;
        if (!value_map_find(b, e.key, &other) || value_compare_equal(e.value, other) == VALUE_DIFFERENT)
            return false;
    }
    return true;
}

static enum value_equality same(bool yes)
{
    return yes ? VALUE_SAME : VALUE_DIFFERENT;
}

static enum value_equality compare_opaque(struct value a, struct value b)
{
    if (b.kind == CEL_NULL)
        return VALUE_DIFFERENT;
    return a.kind == b.kind && !(b.flags & VALUE_DERIVED) ? same(cel_opaque_equal(a, b)) : VALUE_INCOMPARABLE;
}

static uint8_t shape(uint8_t kind) // a typed object is a map to its reader
{
    return kind == CEL_OBJECT ? CEL_MAP : kind;
}

enum value_equality value_compare_equal(struct value a, struct value b)
{
    if (is_number(a.kind) && is_number(b.kind))
        return same(compare_numbers(a, b) == 0);
    if (is_opaque(a.kind))
        return compare_opaque(a, b);
    if (shape(a.kind) != shape(b.kind))
        return VALUE_DIFFERENT;
    switch (a.kind) {
    case CEL_NULL:
        return VALUE_SAME;
    case CEL_BOOL:
        return same(a.b == b.b);
    case CEL_STRING:
    case CEL_BYTES:
        return same(str_eq(value_text(a), value_text(b)));
    case CEL_LIST:
        return same(lists_equal(a, b));
    case CEL_MAP:
    case CEL_OBJECT:
        return same(maps_equal(a, b));
    case CEL_TYPE:
        return same(str_eq(value_type_denoted(a), value_type_denoted(b)));
    case CEL_TIMESTAMP:
        return same(a.i == b.i && a.n == b.n);
    case CEL_DURATION:
        return same(a.i == b.i);
    case CEL_OPTIONAL:
        return a.some && b.some ? value_compare_equal(*a.some, *b.some) : same(a.some == b.some);
    default:
        return VALUE_DIFFERENT;
    }
}

bool value_compare(struct value a, struct value b, int *ret_order)
{
    if (is_number(a.kind) && is_number(b.kind)) {
        *ret_order = compare_numbers(a, b);
        return true;
    }
    if (a.kind != b.kind)
        return false;
    if (a.kind == CEL_STRING || a.kind == CEL_BYTES) {
        int c = str_cmp(value_text(a), value_text(b)); // of any size, and 2 has a meaning here
        *ret_order = (c > 0) - (c < 0);
    } else if (a.kind == CEL_BOOL) {
        *ret_order = a.b - b.b;
    } else if (a.kind == CEL_TIMESTAMP && a.i == b.i) {
        *ret_order = (a.n > b.n) - (a.n < b.n);
    } else if (a.kind == CEL_TIMESTAMP || a.kind == CEL_DURATION) {
        *ret_order = (a.i > b.i) - (a.i < b.i);
    } else {
        return false;
    }
    return true;
}

// Names.

static const char *const names[] = {
#define KIND(name, text, what) text,
#include "cel/kinds.def"
#undef KIND
};

const char *cel_kind_name(enum cel_kind k)
{
    return k < CEL_KINDS ? names[k] : k == CEL_DYN ? "dyn" : "type_parameter";
}

str value_type_name(struct value v)
{
    return str_of(cel_kind_name((enum cel_kind)v.kind));
}

str value_type_denoted(struct value type)
{
    const struct cel_type *t = type.type;
    return t->kind == CEL_OBJECT ? t->name : str_of(cel_kind_name(t->kind));
}

str value_key_text(char buf[VALUE_KEY_TEXT], struct value key)
{
    int n = 0;
    switch (key.kind) {
    case CEL_STRING:
    case CEL_BYTES:
        return str_head(value_text(key), VALUE_KEY_TEXT);
    case CEL_INT:
        n = snprintf(buf, VALUE_KEY_TEXT, "%lld", (long long)key.i);
        break;
    case CEL_UINT:
        n = snprintf(buf, VALUE_KEY_TEXT, "%llu", (unsigned long long)key.u);
        break;
    case CEL_DOUBLE:
        return (str){buf, number_format_g(buf, key.d)};
    case CEL_BOOL:
        return str_of(key.b ? "true" : "false");
    default:
        return value_type_name(key);
    }
    return (str){buf, n > 0 ? (size_t)n : 0};
}

// Errors and unknowns.

struct value value_fatal(const char *constant_message)
{
    // The messages there are; a value cannot own its text.
    static const struct cel_error fatal[] = {
        {S_INIT("out of memory"), 0, 0, true},
        {S_INIT("operation cancelled: actual cost limit exceeded"), 0, 0, true},
        {S_INIT("evaluation nests too deeply"), 0, 0, true},
        {S_INIT("internal error: an error is no list"), 0, 0, true},
        {S_INIT("internal error: unsupported key type"), 0, 0, true},
        {S_INIT("operation cancelled"), 0, 0, true},
    };
    for (size_t i = 0; i + 1 < sizeof fatal / sizeof *fatal; i++)
        if (str_eq(fatal[i].message, str_of(constant_message)))
            return (struct value){.kind = CEL_ERROR, .error = &fatal[i]};
    return (struct value){.kind = CEL_ERROR, .error = &fatal[sizeof fatal / sizeof *fatal - 1]};
}

struct value value_no_overload(void)
{
    static const struct cel_error e = {S_INIT("no such overload"), 0, 0, false};
    return (struct value){.kind = CEL_ERROR, .error = &e};
}

struct value value_error(struct arena *a, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *text = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1, 1, 1);
    struct cel_error *e = text ? arena_alloc(a, 1, sizeof *e, _Alignof(struct cel_error)) : NULL;
    if (e) {
        (void)vsnprintf(text, (size_t)n + 1, fmt, again);
        *e = (struct cel_error){.message = {text, (size_t)n}};
    }
    va_end(again);
    return e ? (struct value){.kind = CEL_ERROR, .error = e} : value_fatal("out of memory");
}

static struct value unknown_of(struct arena *a, const str *names_, uint32_t n)
{
    struct cel_unknown *u = arena_alloc(a, 1, sizeof *u, _Alignof(struct cel_unknown));
    if (!u)
        return value_fatal("out of memory");
    *u = (struct cel_unknown){names_, n};
    return (struct value){.kind = CEL_UNKNOWN, .unknown = u};
}

struct value value_unknown(struct arena *a, str name)
{
    str *copy = arena_alloc(a, 1, sizeof *copy, _Alignof(str));
    if (!copy || !(*copy = arena_dup(a, name)).p)
        return value_fatal("out of memory");
    return unknown_of(a, copy, 1);
}

static bool has_name(const str *names_, uint32_t n, str name)
{
    for (uint32_t i = 0; i < n; i++)
        if (str_eq(names_[i], name))
            return true;
    return false;
}

struct value value_unknown_merge(struct arena *a, struct value x, struct value y)
{
    uint32_t n = x.unknown->n, fresh = 0;
    for (uint32_t i = 0; i < y.unknown->n; i++)
        fresh += !has_name(x.unknown->names, n, y.unknown->names[i]);
    if (fresh == 0)
        return x;
    str *all = arena_alloc(a, (size_t)n + y.unknown->n, sizeof *all, _Alignof(str));
    if (!all)
        return value_fatal("out of memory");
    memcpy(all, x.unknown->names, n * sizeof *all);
    for (uint32_t i = 0; i < y.unknown->n; i++)
        if (!has_name(all, n, y.unknown->names[i]))
            all[n++] = y.unknown->names[i];
    return unknown_of(a, all, n);
}
