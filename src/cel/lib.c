#include "cel/lib.h"

#include "base/hash.h"
#include "base/utf8.h"

bool lib_takes(const struct value *args, uint32_t n, const char *kinds)
{
    uint32_t i = 0;
    for (; i < n && kinds[i]; i++) {
        uint8_t want = kinds[i] == 's'   ? CEL_STRING
                       : kinds[i] == 'i' ? CEL_INT
                       : kinds[i] == 'b' ? CEL_BOOL
                       : kinds[i] == 'l' ? CEL_LIST
                                         : args[i].kind;
        if (args[i].kind != want)
            return false;
    }
    return i == n && !kinds[i];
}

struct value lib_no_overload(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (!c->node || c->node->op != CEL_OP_CALL)
        return value_no_overload();
    struct lib_text t = {.arena = c->arena};
    for (uint32_t i = 0; i < n; i++) {
        lib_text_put(&t, i ? S(", ") : S(""));
        lib_text_put(&t, value_type_name(args[i]));
    }
    return value_error(c->arena, "no such overload: %.*s(%.*s)", STR_FMT(c->node->call.name),
                       STR_FMT(lib_text_str(&t)));
}

struct value lib_full(void)
{
    return value_fatal("out of memory");
}

static char *grow(struct lib_text *t, size_t n)
{
    if (t->full)
        return NULL;
    if (n > t->cap - t->n) {
        size_t want = t->cap < 32 ? 64 : t->cap * 2;
        want = want - t->n < n ? t->n + n : want;
        char *p = want < UINT32_MAX ? arena_alloc(t->arena, want, 1, 1) : NULL;
        if (!p) {
            t->full = true;
            return NULL;
        }
        if (t->n)
            memcpy(p, t->p, t->n);
        t->p = p;
        t->cap = want;
    }
    char *at = t->p + t->n;
    t->n += n;
    return at;
}

void lib_text_put(struct lib_text *t, str s)
{
    char *at = s.n ? grow(t, s.n) : NULL;
    if (at)
        memcpy(at, s.p, s.n);
}

void lib_text_putc(struct lib_text *t, char c)
{
    char *at = grow(t, 1);
    if (at)
        *at = c;
}

void lib_text_fill(struct lib_text *t, char c, uint64_t n)
{
    char *at = n == 0 ? NULL : n < UINT32_MAX ? grow(t, (size_t)n) : NULL;
    if (at)
        memset(at, c, (size_t)n);
    else if (n)
        t->full = true;
}

void lib_text_rune(struct lib_text *t, uint32_t r)
{
    if (r > 0x10FFFF || (r >= 0xD800 && r < 0xE000))
        r = 0xFFFD;
    char text[4];
    lib_text_put(t, (str){text, utf8_put(text, r)});
}

void lib_text_u64(struct lib_text *t, uint64_t v, unsigned base, bool upper)
{
    char digits[64];
    size_t i = sizeof digits;
    do
        digits[--i] = (upper ? "0123456789ABCDEF" : "0123456789abcdef")[v % base];
    while (v /= base);
    lib_text_put(t, (str){digits + i, sizeof digits - i});
}

void lib_text_i64(struct lib_text *t, int64_t v, unsigned base, bool upper)
{
    if (v < 0)
        lib_text_putc(t, '-');
    lib_text_u64(t, v < 0 ? -(uint64_t)v : (uint64_t)v, base, upper);
}

// What Go's strconv.IsPrint refuses above ASCII, without the unassigned code points: which those
// are differs from one Unicode version to the next, and so between Go releases.
static bool is_print(uint32_t r)
{
    static const struct {
        uint32_t first, last;
    } hidden[] = {
        {0x7F, 0xA0},     {0xAD, 0xAD},     {0x600, 0x605},     {0x61C, 0x61C},
        {0x6DD, 0x6DD},   {0x70F, 0x70F},   {0x180E, 0x180E},   {0x1680, 0x1680},
        {0x2000, 0x200F}, {0x2028, 0x202F}, {0x205F, 0x206F},   {0x3000, 0x3000},
        {0xD800, 0xF8FF}, {0xFEFF, 0xFEFF}, {0xFFF0, 0xFFFB},   {0xFFFE, 0xFFFF},
        {0xE0000, 0xE00FF}, {0xE01F0, 0x10FFFF},
    };
    if (r < 0x20)
        return false;
    for (unsigned i = 0; i < sizeof hidden / sizeof *hidden; i++)
        if (r >= hidden[i].first && r <= hidden[i].last)
            return false;
    return true;
}

static void put_hex(struct lib_text *t, uint32_t r, unsigned digits)
{
    while (digits--)
        lib_text_putc(t, "0123456789abcdef"[r >> (4 * digits) & 15]);
}

static void quote_rune(struct lib_text *t, uint32_t r)
{
    static const char escaped[] = "abtnvfr"; // from U+0007 on
    if (r == '"' || r == '\\') {
        lib_text_putc(t, '\\');
        lib_text_putc(t, (char)r);
    } else if (is_print(r)) {
        lib_text_rune(t, r);
    } else if (r >= 7 && r <= 13) {
        lib_text_putc(t, '\\');
        lib_text_putc(t, escaped[r - 7]);
    } else {
        lib_text_put(t, r < 0x80 ? S("\\x") : r < 0x10000 ? S("\\u") : S("\\U"));
        put_hex(t, r, r < 0x80 ? 2 : r < 0x10000 ? 4 : 8);
    }
}

void lib_text_quote(struct lib_text *t, str s)
{
    lib_text_putc(t, '"');
    for (size_t i = 0; i < s.n && !t->full;) {
        size_t at = i;
        uint32_t r = lib_rune(s, &i);
        if (r == 0xFFFD && i - at == 1) { // no UTF-8
            lib_text_put(t, S("\\x"));
            put_hex(t, (unsigned char)s.p[at], 2);
        } else {
            quote_rune(t, r);
        }
    }
    lib_text_putc(t, '"');
}

str lib_quoted(struct arena *a, str s)
{
    struct lib_text t = {.arena = a};
    lib_text_quote(&t, s);
    return t.full ? S("") : lib_text_str(&t);
}

struct value lib_text_value(const struct lib_text *t)
{
    return t->full ? lib_full() : value_str(t->p ? lib_text_str(t) : S(""));
}

void lib_items_add(struct lib_items *l, struct value v)
{
    if (l->full)
        return;
    if (l->n == l->cap) {
        uint32_t want = l->cap ? l->cap * 2 : 8;
        struct value *p = l->cap < UINT32_MAX / 4
                              ? arena_alloc(l->arena, want, sizeof *p, _Alignof(struct value))
                              : NULL;
        if (!p) {
            l->full = true;
            return;
        }
        if (l->n)
            memcpy(p, l->items, l->n * sizeof *p);
        l->items = p;
        l->cap = want;
    }
    l->items[l->n++] = v;
}

struct value lib_items_value(const struct lib_items *l)
{
    return l->full ? lib_full() : fn_list(l->items, l->n);
}

uint32_t lib_rune(str s, size_t *i)
{
    const unsigned char *p = (const unsigned char *)s.p + *i;
    size_t left = s.n - *i;
    unsigned more = p[0] < 0x80 ? 0 : p[0] < 0xC2 ? 9 : p[0] < 0xE0 ? 1 : p[0] < 0xF0 ? 2 : 3;
    if (more == 0) {
        (*i)++;
        return p[0];
    }
    uint32_t r = p[0] & (0x3Fu >> more);
    bool good = more < left && p[0] < 0xF5;
    for (unsigned k = 1; good && k <= more; k++) {
        good = utf8_tail((char)p[k]);
        r = r << 6 | (p[k] & 0x3F);
    }
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    if (!good || r < least[more] || r > 0x10FFFF || (r >= 0xD800 && r < 0xE000)) {
        (*i)++;
        return 0xFFFD;
    }
    *i += more + 1;
    return r;
}

size_t lib_rune_count(str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; n++)
        lib_rune(s, &i);
    return n;
}

size_t lib_rune_offset(str s, uint64_t index)
{
    if (index > s.n)
        return SIZE_MAX;
    size_t i = 0;
    while (index && i < s.n) {
        lib_rune(s, &i);
        index--;
    }
    return index ? SIZE_MAX : i;
}

static uint32_t hash_value(struct value v, unsigned depth)
{
    uint64_t h = v.kind;
    double d = 0;
    switch ((unsigned)v.kind) {
    case CEL_INT:
    case CEL_UINT:
    case CEL_DOUBLE: // numbers that compare equal are equal as doubles
        d = v.kind == CEL_INT ? (double)v.i : v.kind == CEL_UINT ? (double)v.u : v.d;
        d = d == 0 ? 0 : d;
        memcpy(&h, &d, sizeof h);
        return (uint32_t)hash_mix(h, 0x9e3779b97f4a7c15u);
    case CEL_BOOL:
        return (uint32_t)hash_mix(h + 256 * (uint64_t)v.b, 0x9e3779b97f4a7c15u);
    case CEL_STRING:
    case CEL_BYTES:
        return hash_key(value_text(v)) + v.kind;
    case CEL_TIMESTAMP:
        return (uint32_t)hash_mix((uint64_t)v.i ^ (uint64_t)v.n << 32, 0x9e3779b97f4a7c15u);
    case CEL_DURATION:
        return (uint32_t)hash_mix((uint64_t)v.i, 0xd6e8feb86659fd93u);
    case CEL_LIST:
        for (uint32_t i = 0; i < value_list_size(v) && i < 16 && depth < 4; i++)
            h = hash_mix(h ^ hash_value(value_list_at(v, i), depth + 1), 0x9e3779b97f4a7c15u);
        return (uint32_t)h + value_list_size(v);
    case CEL_MAP:
    case CEL_OBJECT:
        h = CEL_MAP; // a typed object equals a map
        for (uint32_t i = 0; i < value_map_size(v) && value_map_size(v) <= 64 && depth < 4; i++) {
            struct entry e = value_map_at(v, i); // a sum: order does not count
            h += hash_mix(hash_value(e.key, depth + 1) + 1u, hash_value(e.value, depth + 1) | 1u);
        }
        return (uint32_t)h;
    default:
        return v.kind;
    }
}

bool lib_set_init(struct lib_set *s, struct arena *a, const struct value *items, uint32_t n)
{
    uint32_t cap = 16;
    while (cap < n * 2 && cap < UINT32_MAX / 4)
        cap *= 2;
    s->items = items;
    s->mask = cap - 1;
    s->slots = arena_alloc(a, cap, sizeof *s->slots, _Alignof(uint32_t));
    return s->slots != NULL;
}

static uint32_t *slot_of(const struct lib_set *s, struct value v)
{
    uint32_t i = hash_value(v, 0);
    for (i ^= i >> 15;; i++) {
        uint32_t *slot = &s->slots[i & s->mask];
        if (!*slot || value_equal(v, s->items[*slot - 1]))
            return slot;
    }
}

bool lib_set_add(struct lib_set *s, uint32_t i)
{
    uint32_t *slot = slot_of(s, s->items[i]);
    if (*slot)
        return false;
    *slot = i + 1;
    return true;
}

bool lib_set_has(const struct lib_set *s, struct value v)
{
    return *slot_of(s, v) != 0;
}
