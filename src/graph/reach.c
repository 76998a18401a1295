#include "graph/reach.h"

#include "graph/reach_priv.h"

static err_code mark_port_names(struct reach_builder *b)
{
    struct err *e = b->e;
    TRY_NEW(b->is_port_name, b->a, b->v->names.n, e);
    for (uint32_t i = 0; i < b->p->n; i++)
        for (uint32_t k = 0; k < b->p->all[i].n_rules; k++)
            for (uint32_t j = 0; j < b->p->all[i].rules[k].n_ports; j++)
                b->is_port_name[b->p->all[i].rules[k].ports[j].name] = true;
    b->is_port_name[0] = false;
    return ERR_OK;
}

err_code reach_build(struct reach *r, const struct inventory *v, const struct netpols *p, struct reach_options o, struct arena *a,
                     struct err *e)
{
    struct reach_builder b = {.r = r, .v = v, .p = p, .a = a, .e = e};
    *r = (struct reach){.inventory = v, .netpols = p, .options = o, .arena = a};
    TRY(mark_port_names(&b));
    TRY(reach_build_outside(&b));
    TRY(reach_build_classes(&b));
    TRY(reach_build_atoms(&b));
    r->n_rows = r->n_classes + r->n_outside[DIRECTION_INGRESS];
    r->n_columns = r->n_classes + r->n_outside[DIRECTION_EGRESS];
    r->words = (r->n_columns + 63) / 64;
    r->class_words = (r->n_classes + 63) / 64;
    return reach_build_pieces(&b);
}

err_code reach_row_init(struct reach_row *row, const struct reach *r, struct arena *a, struct err *e)
{
    size_t n = (size_t)r->n_atoms * r->words;
    TRY_NEW(row->low, a, n, e);
    row->high = row->low;
    if (r->has_maybe)
        TRY_NEW(row->high, a, n, e);
    TRY_NEW(row->sides[0], a, n, e);
    TRY_NEW(row->sides[1], a, n, e);
    TRY_NEW(row->next, a, n, e);
    TRY_NEW(row->sum, a, n, e);
    TRY_NEW(row->all, a, r->words, e);
    return ERR_OK;
}

// One side of one row under way: what destinations let in, or what the source lets out.
struct side {
    const struct reach *r;
    enum netpol_direction d;
    uint32_t row, from, to; // words of columns
    bool optimistic;
    struct reach_row *work;
    uint64_t *out;
};

static bool has(const struct reach_set *s, uint32_t bit)
{
    return bit / 64 >= s->from && bit / 64 < s->to && s->words[bit / 64 - s->from] >> (bit % 64) & 1;
}

static inline uint32_t max_u32(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}
static inline uint32_t min_u32(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

// What a rule does to the columns it certainly, or perhaps, is about; next: what the tiers after this one say.
static void apply_words(const struct side *s, enum netpol_action action, const struct reach_set *set, bool certain, uint64_t *out,
                        const uint64_t *next)
{
    uint32_t from = max_u32(set->from, s->from), to = min_u32(set->to, s->to);
    for (uint32_t w = from; w < to; w++) {
        uint64_t bits = set->words[w - set->from];
        if (action == ACTION_ALLOW)
            out[w] |= certain || s->optimistic ? bits : 0;
        else if (action == ACTION_DENY)
            out[w] &= certain || !s->optimistic ? ~bits : ~(uint64_t)0;
        else if (certain)
            out[w] = (out[w] & ~bits) | (next[w] & bits);
        else if (s->optimistic)
            out[w] |= next[w] & bits;
        else
            out[w] &= next[w] | ~bits;
    }
}

static void apply(const struct side *s, const struct reach_piece *p, bool certain)
{
    const struct rows_row *ports = &s->r->port_sets.rows[p->ports];
    for (uint32_t k = 0; k < ports->n; k++)
        for (uint32_t bits = ports->words[k]; bits; bits &= bits - 1) {
            size_t at = (size_t)(k * 32 + (uint32_t)__builtin_ctz(bits)) * s->r->words;
            apply_words(s, p->action, &p->yes, certain, s->out + at, s->work->next + at);
            apply_words(s, p->action, &p->maybe, false, s->out + at, s->work->next + at);
        }
}

// The rules of a tier, last first: each has its say over those after it.
static void run_tier(const struct side *s, enum netpol_tier tier)
{
    const struct reach *r = s->r;
    uint32_t from = r->first_of_tier[s->d][tier], to = r->first_of_tier[s->d][tier + 1];
    for (uint32_t i = to; i-- > from;) {
        uint64_t *maybe = r->row_maybe[s->d][i / 64];
        if (r->row_yes[s->d][i / 64][s->row] >> (i % 64) & 1)
            apply(s, &r->pieces[s->d][i], true);
        else if (maybe && maybe[s->row] >> (i % 64) & 1)
            apply(s, &r->pieces[s->d][i], false);
    }
}

static void add_set(const struct side *s, const struct reach_set *set, uint64_t *out)
{
    uint32_t from = max_u32(set->from, s->from), to = min_u32(set->to, s->to);
    for (uint32_t w = from; w < to; w++)
        out[w] |= set->words[w - set->from];
}

static void add_piece(const struct side *s, const struct reach_piece *p, bool certain)
{
    const struct rows_row *ports = &s->r->port_sets.rows[p->ports];
    const struct netpol_rule *rule = &s->r->netpols->all[p->policy].rules[p->rule];
    if (rule->n_ports == 0) { // all ports: once, not an atom at a time
        if (certain || s->optimistic)
            add_set(s, &p->yes, s->work->all);
        if (s->optimistic)
            add_set(s, &p->maybe, s->work->all);
        return;
    }
    for (uint32_t k = 0; k < ports->n; k++)
        for (uint32_t bits = ports->words[k]; bits; bits &= bits - 1) {
            uint64_t *out = s->work->sum + (size_t)(k * 32 + (uint32_t)__builtin_ctz(bits)) * s->r->words;
            if (certain || s->optimistic)
                add_set(s, &p->yes, out);
            if (s->optimistic)
                add_set(s, &p->maybe, out);
        }
}

// What NetworkPolicies allow, added up in work->sum and work->all.
static void add_network_rules(const struct side *s)
{
    const struct reach *r = s->r;
    uint32_t from = r->first_of_tier[s->d][TIER_NETWORK], to = r->first_of_tier[s->d][TIER_NETWORK + 1];
    for (uint32_t a = 0; a < r->n_atoms; a++)
        memset(s->work->sum + (size_t)a * r->words + s->from, 0, (s->to - s->from) * sizeof(uint64_t));
    memset(s->work->all + s->from, 0, (s->to - s->from) * sizeof(uint64_t));
    for (uint32_t k = from / 64; k * 64 < to; k++) {
        uint64_t yes = r->row_yes[s->d][k][s->row], maybe = r->row_maybe[s->d][k] ? r->row_maybe[s->d][k][s->row] : 0;
        maybe = s->optimistic ? maybe & ~yes : 0;
        for (uint64_t bits = yes | maybe; bits; bits &= bits - 1) {
            uint32_t bit = (uint32_t)__builtin_ctzll(bits), i = k * 64 + bit;
            if (i >= from && i < to)
                add_piece(s, &r->pieces[s->d][i], yes >> bit & 1);
        }
    }
}

static void isolate_ingress(const struct side *s)
{
    const struct reach *r = s->r;
    const struct reach_set *sets[] = {&r->isolated[DIRECTION_INGRESS], &r->isolated_maybe[DIRECTION_INGRESS]};
    for (uint32_t a = 0; a < r->n_atoms; a++) {
        uint64_t *out = s->out + (size_t)a * r->words;
        const uint64_t *sum = s->work->sum + (size_t)a * r->words;
        for (int k = 0; k < 2; k++) {
            uint32_t from = max_u32(sets[k]->from, s->from), to = min_u32(sets[k]->to, s->to);
            for (uint32_t w = from; w < to; w++) {
                uint64_t set = sets[k]->words[w - sets[k]->from], allowed = sum[w] | s->work->all[w];
                if (k == 0)
                    out[w] = (out[w] & ~set) | (allowed & set);
                else if (s->optimistic)
                    out[w] |= allowed & set;
                else
                    out[w] &= allowed | ~set;
            }
        }
    }
}

static void isolate_egress(const struct side *s, bool certain)
{
    const struct reach *r = s->r;
    for (uint32_t a = 0; a < r->n_atoms; a++) {
        uint64_t *out = s->out + (size_t)a * r->words;
        const uint64_t *sum = s->work->sum + (size_t)a * r->words;
        for (uint32_t w = s->from; w < s->to; w++) {
            uint64_t allowed = sum[w] | s->work->all[w];
            out[w] = certain ? allowed : s->optimistic ? out[w] | allowed : out[w] & allowed;
        }
    }
}

static void fill(const struct side *s, uint64_t *out)
{
    for (uint32_t a = 0; a < s->r->n_atoms; a++)
        memset(out + (size_t)a * s->r->words + s->from, 0xff, (s->to - s->from) * sizeof(uint64_t));
}

static bool has_tier(const struct side *s, enum netpol_tier tier)
{
    return s->r->first_of_tier[s->d][tier] < s->r->first_of_tier[s->d][tier + 1];
}

static void run_network(const struct side *s)
{
    const struct reach *r = s->r;
    if (s->d == DIRECTION_INGRESS) {
        if (r->isolated[s->d].to == 0 && r->isolated_maybe[s->d].to == 0)
            return;
        add_network_rules(s);
        isolate_ingress(s);
        return;
    }
    bool yes = has(&r->isolated[s->d], s->row), maybe = has(&r->isolated_maybe[s->d], s->row);
    if (!yes && !maybe)
        return;
    add_network_rules(s);
    isolate_egress(s, yes);
}

static void run_side(const struct side *s)
{
    const struct reach *r = s->r;
    fill(s, s->out);
    if (has_tier(s, TIER_BASELINE)) {
        fill(s, s->work->next); // what is passed on here is allowed
        run_tier(s, TIER_BASELINE);
    }
    run_network(s);
    if (!has_tier(s, TIER_ADMIN))
        return;
    for (uint32_t a = 0; a < r->n_atoms; a++) {
        size_t at = (size_t)a * r->words + s->from;
        memcpy(s->work->next + at, s->out + at, (s->to - s->from) * sizeof(uint64_t));
    }
    run_tier(s, TIER_ADMIN);
}

// Nobody outside is kept from receiving, or from sending, by a policy; and what goes on between others outside is
// no business of ours.
static void outside_columns(const struct reach *r, uint32_t from, uint32_t to, bool open, uint64_t *out)
{
    for (uint32_t w = max_u32(r->n_classes / 64, from); w < to; w++) {
        uint64_t classes = w * 64 + 64 <= r->n_classes ? ~(uint64_t)0 : w * 64 >= r->n_classes ? 0 : ((uint64_t)1 << (r->n_classes - w * 64)) - 1;
        uint64_t valid = w * 64 + 64 <= r->n_columns ? ~(uint64_t)0 : ((uint64_t)1 << (r->n_columns - w * 64)) - 1;
        for (uint32_t a = 0; a < r->n_atoms; a++) {
            uint64_t *word = &out[(size_t)a * r->words + w];
            *word = open ? (*word | ~classes) & valid : *word & classes;
        }
    }
}

static void bound(const struct reach *r, uint32_t row, uint32_t from, uint32_t to, bool optimistic, struct reach_row *work, uint64_t *out)
{
    struct side in = {r, DIRECTION_INGRESS, row, from, to, optimistic, work, work->sides[0]};
    struct side eg = {r, DIRECTION_EGRESS, row, from, to, optimistic, work, work->sides[1]};
    bool outside = row >= r->n_classes;
    run_side(&in);
    outside_columns(r, from, to, !outside, in.out);
    if (outside)
        fill(&eg, eg.out);
    else
        run_side(&eg);
    for (uint32_t a = 0; a < r->n_atoms; a++) {
        size_t at = (size_t)a * r->words;
        for (uint32_t w = from; w < to; w++)
            out[at + w] = in.out[at + w] & eg.out[at + w];
    }
}

void reach_row_part(const struct reach *r, uint32_t index, uint32_t from, uint32_t to, struct reach_row *row)
{
    bound(r, index, from, to, false, row, row->low);
    if (r->has_maybe)
        bound(r, index, from, to, true, row, row->high);
}

void reach_row(const struct reach *r, uint32_t index, struct reach_row *row)
{
    reach_row_part(r, index, 0, r->words, row);
}

bool reach_column(const struct reach *r, const uint64_t *rows, uint32_t column, uint64_t *ret_bits)
{
    uint64_t any = 0;
    memset(ret_bits, 0, reach_atom_words(r) * sizeof *ret_bits);
    for (uint32_t a = 0; a < r->n_atoms; a++) {
        uint64_t bit = rows[(size_t)a * r->words + column / 64] >> (column % 64) & 1;
        ret_bits[a / 64] |= bit << (a % 64);
        any |= bit;
    }
    return any;
}

void reach_put_ports(const struct reach *r, struct buf *b, const uint64_t *bits)
{
    static const char *const names[] = {"TCP", "UDP", "SCTP"};
    static const uint32_t order[] = {PROTOCOL_SCTP, PROTOCOL_TCP, PROTOCOL_UDP};
    bool all = true, any = false;
    for (uint32_t a = 0; a < r->n_atoms; a++) {
        all = all && reach_bit(bits, a);
        any = any || reach_bit(bits, a);
    }
    if (all || !any) {
        buf_put(b, all ? S("All Connections") : S("No Connections"));
        return;
    }
    bool first = true;
    for (unsigned p = 0; p < PROTOCOLS; p++) {
        bool named = false;
        for (uint32_t a = 0; a < r->n_atoms; a++) {
            if (r->atoms[a].protocol != order[p] || !reach_bit(bits, a))
                continue;
            uint32_t from = r->atoms[a].first, to = r->atoms[a].last;
            while (a + 1 < r->n_atoms && r->atoms[a + 1].protocol == order[p] && reach_bit(bits, a + 1))
                to = r->atoms[++a].last;
            buf_printf(b, named ? "," : first ? "%s " : ",%s ", names[order[p]]);
            buf_printf(b, from == to ? "%u" : "%u-%u", from, to);
            named = true;
            first = false;
        }
    }
}
