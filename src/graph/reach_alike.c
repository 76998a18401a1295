// Digests of rows and columns.
//
// A row's digest is a sum over its words that are not zero, each mixed with where it stands. Columns are words too once 64 rows
// are turned by a quarter (reach_turn), so they get the same sums, 64 rows at a time. A cell has a set of ports; to be one text
// for one set, a word is written as what all atoms share (slot 0) and what each has beyond that (slots from 1), and
// the upper bound as its difference from the lower (as many slots again), which is zero nearly everywhere.
#include "graph/reach_alike.h"

#include "base/hash.h"
#include "graph/reach_priv.h"

enum { LANES = 64, MOST_CELLS = 1 << 21 }; // 16 MB of words

struct digesting {
    const struct reach *r;
    struct reach_row row;
    bool both;          // bounds
    uint32_t slots;     // of a word
    uint32_t from, to;  // the words of columns under way
    uint64_t *cells;    // [to - from][slots][LANES]: rows of the block under way; valid where used
    uint64_t *used;     // [to - from][slots]: all lanes or'ed
    uint64_t *extra[2]; // [n_atoms]: one word's atoms, by bound
    uint32_t n_lanes;
    uint64_t n_blocks;
    struct reach_digest *columns; // or NULL: not asked for
};

static inline uint64_t place_key(uint64_t place, uint64_t slot)
{
    return hash_mix(place * 0x9e3779b97f4a7c15u + 0xd6e8feb86659fd93u, slot * 0xe7037ed1a0b428dbu + 0x8ebc6af09c88c6e3u);
}

static inline struct reach_digest digest_of(uint64_t value, uint64_t key)
{
    return (struct reach_digest){hash_mix(value ^ key, 0xa0761d6478bd642fu ^ value),
                                 hash_mix(value + (key << 23 | key >> 41), key ^ 0x589965cc75374cc3u)};
}

static inline void add(struct reach_digest *sum, struct reach_digest x)
{
    sum->a += x.a;
    sum->b += x.b;
}

// ---- a row's words, into its lane

struct lane {
    struct digesting *g;
    uint32_t w;
    uint64_t mask; // columns that count in the row's digest
    struct reach_digest *sum;
};

static inline void put(const struct lane *l, uint32_t slot, uint64_t value)
{
    struct digesting *g = l->g;
    if (!value)
        return;
    if (g->columns) {
        size_t at = (size_t)(l->w - g->from) * g->slots + slot;
        if (!g->used[at])
            memset(g->cells + at * LANES, 0, LANES * sizeof *g->cells);
        g->used[at] |= value;
        g->cells[at * LANES + g->n_lanes] = value;
    }
    if (l->sum && (value & l->mask))
        add(l->sum, digest_of(value & l->mask, place_key(l->w, slot)));
}

static void put_atoms(const struct lane *l, uint32_t first_slot, const uint64_t *atoms)
{
    uint64_t shared = ~(uint64_t)0;
    for (uint32_t a = 0; a < l->g->r->n_atoms; a++)
        shared &= atoms[a];
    put(l, first_slot, shared);
    for (uint32_t a = 0; a < l->g->r->n_atoms; a++)
        put(l, first_slot + 1 + a, atoms[a] & ~shared);
}

static void put_word(const struct lane *l)
{
    const struct digesting *g = l->g;
    const struct reach *r = g->r;
    const struct reach_bits *low = &g->row.low, *high = &g->row.high;
    uint32_t w = l->w;
    if (!low->detailed[w] && (!g->both || !high->detailed[w])) {
        put(l, 0, low->common[w]);
        if (g->both)
            put(l, r->n_atoms + 1, low->common[w] ^ high->common[w]);
        return;
    }
    for (uint32_t a = 0; a < r->n_atoms; a++)
        g->extra[0][a] = reach_word(r, low, a, w);
    put_atoms(l, 0, g->extra[0]);
    if (!g->both)
        return;
    for (uint32_t a = 0; a < r->n_atoms; a++)
        g->extra[1][a] = g->extra[0][a] ^ reach_word(r, high, a, w);
    put_atoms(l, r->n_atoms + 1, g->extra[1]);
}

// ---- 64 rows, into the digests of columns

// Most often the rows of a block, which stand together because they are alike, have one word where they have any.
static bool turn_alike(const uint64_t *lanes, uint64_t value, uint64_t *ret_rows)
{
    uint64_t rows = 0, other = 0;
    for (uint32_t i = 0; i < LANES; i++) {
        other |= lanes[i] ? lanes[i] ^ value : 0;
        rows |= (uint64_t)(lanes[i] != 0) << i;
    }
    *ret_rows = rows;
    return other == 0;
}

static void flush_block(struct digesting *g)
{
    uint64_t rows;
    for (uint32_t w = g->from; w < g->to && g->n_lanes; w++)
        for (uint32_t slot = 0; slot < g->slots; slot++) {
            size_t at = (size_t)(w - g->from) * g->slots + slot;
            uint64_t bits = g->used[at], *lanes = g->cells + at * LANES, key = place_key(g->n_blocks + ((uint64_t)1 << 40), slot);
            struct reach_digest *columns = g->columns + (size_t)w * 64, same;
            if (!bits)
                continue;
            g->used[at] = 0;
            bool alike = turn_alike(lanes, bits, &rows);
            if (alike)
                same = digest_of(rows, key);
            else
                reach_turn(lanes);
            for (; bits; bits &= bits - 1) {
                uint32_t i = (uint32_t)__builtin_ctzll(bits);
                add(&columns[i], alike ? same : digest_of(lanes[i], key));
            }
        }
    g->n_blocks++;
    g->n_lanes = 0;
}

// ---- all rows

// Rows that the same rules concern are the same: the first of them. same[i] == i: it is one.
static err_code find_same_rows(const struct reach *r, struct arena *a, uint32_t **ret, struct err *e)
{
    struct rows seen;
    uint32_t words = 2, *key, index, *first, *same;
    for (int d = 0; d < DIRECTIONS; d++)
        words += (r->n_pieces[d] + 63) / 64 * 4;
    TRY(rows_init(&seen, a, e));
    TRY_NEW(key, a, words, e);
    TRY_NEW(first, a, r->n_rows + 1, e);
    TRY_NEW(same, a, r->n_rows, e);
    for (uint32_t i = 0; i < r->n_rows; i++) {
        struct reach_digest sum = {0};
        for (int d = 0; d < DIRECTIONS; d++)
            for (uint32_t k = 0; k * 64 < r->n_pieces[d]; k++) {
                uint64_t yes = r->row_yes[d][k][i], maybe = r->row_maybe[d][k] ? r->row_maybe[d][k][i] : 0;
                if (yes)
                    add(&sum, digest_of(yes, place_key(k, (uint64_t)d)));
                if (maybe)
                    add(&sum, digest_of(maybe, place_key(k, (uint64_t)d + DIRECTIONS)));
            }
        const struct reach_set *sets[] = {&r->isolated[DIRECTION_EGRESS], &r->isolated_maybe[DIRECTION_EGRESS]};
        uint32_t isolated = i >= r->n_classes ? 4 : 0;
        for (int k = 0; k < 2 && !(isolated & 4); k++)
            isolated |= (uint32_t)reach_set_has(sets[k], i) << k;
        uint32_t parts[] = {isolated, (uint32_t)sum.a, (uint32_t)(sum.a >> 32), (uint32_t)sum.b, (uint32_t)(sum.b >> 32)};
        TRY(rows_put(&seen, parts, 5, &index, e));
        if (!first[index])
            first[index] = i + 1;
        same[i] = first[index] - 1;
    }
    *ret = same;
    return ERR_OK;
}

// rows: whose words are evaluated, NULL all. ret_rows, if not NULL: their digests, of the columns in `counted` (NULL: all).
static void pass(struct digesting *g, const uint32_t *same, const uint64_t *rows, const uint64_t *counted, struct reach_digest *ret_rows)
{
    const struct reach *r = g->r;
    uint32_t n_rows = 0;
    g->n_blocks = g->n_lanes = 0;
    for (uint32_t i = 0; i < r->n_rows; i++) {
        if (same[i] != i || (rows && !reach_bit(rows, i)))
            continue;
        reach_row_part(r, i, g->from, g->to, &g->row);
        for (uint32_t w = g->from; w < g->to; w++) {
            uint64_t all = w * 64 + 64 <= r->n_columns ? ~(uint64_t)0 : ((uint64_t)1 << (r->n_columns % 64)) - 1;
            put_word(&(struct lane){g, w, counted ? counted[w] : all, ret_rows ? &ret_rows[i] : NULL});
        }
        n_rows++;
        if (g->columns && ++g->n_lanes == LANES)
            flush_block(g);
    }
    if (g->columns)
        flush_block(g);
}

// Words of columns whose cells fit.
static uint32_t tile_words(const struct digesting *g)
{
    uint32_t wide = MOST_CELLS / LANES / g->slots;
    return wide ? wide : 1;
}

// In tiles of columns that fit the cells.
static void pass_tiles(struct digesting *g, const uint32_t *same, const struct reach_view *view, bool rows, struct reach_digests *ret)
{
    const struct reach *r = g->r;
    uint32_t wide = tile_words(g), first = 0, last = r->words;
    for (; rows && !g->columns && first < last && !view->columns[first]; first++)
        continue;
    for (; rows && !g->columns && first < last && !view->columns[last - 1]; last--)
        continue;
    for (g->from = first; g->from < last; g->from = g->to) {
        g->to = g->columns && last - g->from > wide ? g->from + wide : last;
        pass(g, same, g->columns ? view->rows : NULL, view->columns, rows ? ret->rows : NULL);
    }
}

err_code reach_digest(const struct reach *r, const struct reach_view *view, struct arena *a, struct reach_digests *ret, struct err *e)
{
    OWN_ARENA struct arena work = {0};
    struct digesting g = {.r = r, .both = r->has_maybe && !view->certain};
    struct reach_digest *columns;
    uint32_t *same;
    TRY_NEW(ret->rows, a, r->n_rows, e);
    TRY_NEW(columns, a, (size_t)r->words * 64, e);
    ret->columns = columns;
    TRY(arena_init(&work, "digests", (size_t)64 << 30, e));
    g.slots = (r->n_atoms + 1) * (g.both ? 2 : 1);
    uint32_t wide = tile_words(&g) < r->words ? tile_words(&g) : r->words;
    TRY_NEW(g.cells, &work, (size_t)wide * g.slots * LANES, e);
    TRY_NEW(g.used, &work, (size_t)wide * g.slots, e);
    TRY_NEW(g.extra[0], &work, r->n_atoms, e);
    TRY_NEW(g.extra[1], &work, r->n_atoms, e);
    TRY(reach_row_init(&g.row, r, &work, e));
    TRY(find_same_rows(r, &work, &same, e));
    bool whole = !view->rows && !view->columns;
    if (!whole && (!view->rows || !view->columns))
        return err_set(e, ERR_INTERNAL, "a view has rows and columns");
    g.columns = whole ? columns : NULL;
    pass_tiles(&g, same, view, true, ret);
    for (uint32_t i = 0; i < r->n_rows; i++)
        ret->rows[i] = ret->rows[same[i]];
    if (whole)
        return ERR_OK;
    for (uint32_t i = 0; i < r->n_rows; i++)
        if (reach_bit(view->rows, i) && !reach_bit(view->rows, same[i]))
            same[i] = i; // the first of its like does not count: it does
    g.columns = columns;
    pass_tiles(&g, same, view, false, ret);
    return ERR_OK;
}

err_code reach_alike(const struct reach *r, const struct reach_digests *d, struct arena *a, uint32_t **ret_of, uint32_t *ret_n,
                     struct err *e)
{
    struct rows seen;
    TRY(rows_init(&seen, a, e));
    TRY_NEW(*ret_of, a, r->n_classes, e);
    for (uint32_t c = 0; c < r->n_classes; c++) {
        uint32_t parts[8];
        memcpy(parts, &d->rows[c], 16);
        memcpy(parts + 4, &d->columns[c], 16);
        TRY(rows_put(&seen, parts, 8, &(*ret_of)[c], e));
        (*ret_of)[c]--; // row 0 is the empty one
    }
    *ret_n = seen.n - 1;
    return ERR_OK;
}
