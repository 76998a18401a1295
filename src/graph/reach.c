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

static err_code new_bits(struct reach_bits *x, const struct reach *r, struct arena *a, struct err *e)
{
    TRY_NEW(x->common, a, r->words, e);
    TRY_NEW(x->detailed, a, r->words, e);
    TRY_NEW(x->atoms, a, (size_t)r->n_atoms * r->words, e);
    return ERR_OK;
}

err_code reach_row_init(struct reach_row *row, const struct reach *r, struct arena *a, struct err *e)
{
    TRY(new_bits(&row->low, r, a, e));
    row->high = row->low;
    if (r->has_maybe)
        TRY(new_bits(&row->high, r, a, e));
    TRY(new_bits(&row->sides[0], r, a, e));
    TRY(new_bits(&row->sides[1], r, a, e));
    TRY(new_bits(&row->next, r, a, e));
    return new_bits(&row->sum, r, a, e);
}

// One side of one row under way: what destinations let in, or what the source lets out.
//
// Most words of columns are the same for every port: nothing, or everything, or what is not isolated. Such a word is
// kept once (`common`); it becomes a word for each atom when the first rule for some ports touches it.
struct side {
    const struct reach *r;
    enum netpol_direction d;
    uint32_t row, from, to; // words of columns
    bool optimistic;
    struct reach_row *work;
    struct reach_bits *out;
};

static inline uint32_t max_u32(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}
static inline uint32_t min_u32(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static void fill(const struct side *s, struct reach_bits *x, uint64_t value)
{
    for (uint32_t w = s->from; w < s->to; w++)
        x->common[w] = value;
    memset(x->detailed + s->from, 0, s->to - s->from);
}

static uint64_t *detail(const struct reach *r, struct reach_bits *x, uint32_t w)
{
    uint64_t *atoms = x->atoms + (size_t)w * r->n_atoms;
    if (!x->detailed[w]) {
        x->detailed[w] = 1;
        for (uint32_t a = 0; a < r->n_atoms; a++)
            atoms[a] = x->common[w];
    }
    return atoms;
}

// What a rule does to the columns it certainly, or perhaps, is about; next: what the tiers after this one say.
static inline uint64_t act(const struct side *s, enum netpol_action action, bool certain, uint64_t now, uint64_t bits, uint64_t next)
{
    if (action == ACTION_ALLOW)
        return certain || s->optimistic ? now | bits : now;
    if (action == ACTION_DENY)
        return certain || !s->optimistic ? now & ~bits : now;
    if (certain)
        return (now & ~bits) | (next & bits);
    return s->optimistic ? now | (next & bits) : now & (next | ~bits);
}

static void apply_set(const struct side *s, const struct reach_piece *p, const struct reach_set *set, bool certain)
{
    const struct reach *r = s->r;
    const struct rows_row *ports = &r->port_sets.rows[p->ports];
    const struct reach_bits *next = &s->work->next;
    bool all = p->ports == r->all_ports;
    for (uint32_t w = max_u32(set->from, s->from), to = min_u32(set->to, s->to); w < to; w++) {
        uint64_t bits = set->words[w - set->from];
        if (!bits)
            continue;
        if (all && !s->out->detailed[w] && !(p->action == ACTION_PASS && next->detailed[w])) {
            s->out->common[w] = act(s, p->action, certain, s->out->common[w], bits, next->common[w]);
            continue;
        }
        uint64_t *atoms = detail(r, s->out, w);
        const uint64_t *others = next->detailed[w] ? next->atoms + (size_t)w * r->n_atoms : NULL;
        for (uint32_t k = 0; k < ports->n; k++)
            for (uint32_t on = ports->words[k]; on; on &= on - 1) {
                uint32_t a = k * 32 + (uint32_t)__builtin_ctz(on);
                atoms[a] = act(s, p->action, certain, atoms[a], bits, others ? others[a] : next->common[w]);
            }
    }
}

// The rules of a tier, last first: each has its say over those after it.
static void run_tier(const struct side *s, enum netpol_tier tier)
{
    const struct reach *r = s->r;
    uint32_t from = r->first_of_tier[s->d][tier], to = r->first_of_tier[s->d][tier + 1];
    for (uint32_t i = to; i-- > from;) {
        const uint64_t *maybe = r->row_maybe[s->d][i / 64];
        bool certain = r->row_yes[s->d][i / 64][s->row] >> (i % 64) & 1;
        if (!certain && !(maybe && maybe[s->row] >> (i % 64) & 1))
            continue;
        apply_set(s, &r->pieces[s->d][i], &r->pieces[s->d][i].yes, certain);
        apply_set(s, &r->pieces[s->d][i], &r->pieces[s->d][i].maybe, false);
    }
}

static void add_set(const struct side *s, const struct reach_piece *p, const struct reach_set *set)
{
    const struct reach *r = s->r;
    const struct rows_row *ports = &r->port_sets.rows[p->ports];
    struct reach_bits *sum = &s->work->sum;
    bool all = p->ports == r->all_ports;
    for (uint32_t w = max_u32(set->from, s->from), to = min_u32(set->to, s->to); w < to; w++) {
        uint64_t bits = set->words[w - set->from];
        if (all || !(bits & ~sum->common[w])) { // all ports: `common` holds beside the atoms, see add_up
            sum->common[w] |= bits;
            continue;
        }
        uint64_t *atoms = sum->atoms + (size_t)w * r->n_atoms;
        if (!sum->detailed[w]) {
            sum->detailed[w] = 1;
            memset(atoms, 0, r->n_atoms * sizeof *atoms);
        }
        for (uint32_t k = 0; k < ports->n; k++)
            for (uint32_t on = ports->words[k]; on; on &= on - 1)
                atoms[k * 32 + (uint32_t)__builtin_ctz(on)] |= bits;
    }
}

// What NetworkPolicies allow, added up in work->sum: a word's atoms (where detailed) or'ed with its common.
static void add_network_rules(const struct side *s)
{
    const struct reach *r = s->r;
    uint32_t from = r->first_of_tier[s->d][TIER_NETWORK], to = r->first_of_tier[s->d][TIER_NETWORK + 1];
    fill(s, &s->work->sum, 0);
    for (uint32_t k = from / 64; k * 64 < to; k++) {
        uint64_t yes = r->row_yes[s->d][k][s->row], maybe = r->row_maybe[s->d][k] ? r->row_maybe[s->d][k][s->row] : 0;
        maybe = s->optimistic ? maybe & ~yes : 0;
        for (uint64_t bits = yes | maybe; bits; bits &= bits - 1) {
            uint32_t i = k * 64 + (uint32_t)__builtin_ctzll(bits);
            if (i < from || i >= to)
                continue;
            add_set(s, &r->pieces[s->d][i], &r->pieces[s->d][i].yes);
            if (s->optimistic)
                add_set(s, &r->pieces[s->d][i], &r->pieces[s->d][i].maybe);
        }
    }
}

// Where `set` is isolated (certainly, or perhaps) only the sum holds.
static inline uint64_t isolate(uint64_t now, uint64_t allowed, uint64_t set, bool certain, bool optimistic)
{
    return certain ? (now & ~set) | (allowed & set) : optimistic ? now | (allowed & set) : now & (allowed | ~set);
}

static void isolate_word(const struct side *s, uint32_t w, uint64_t set, bool certain)
{
    const struct reach *r = s->r;
    const struct reach_bits *sum = &s->work->sum;
    if (!set)
        return;
    if (!sum->detailed[w] && !s->out->detailed[w]) {
        s->out->common[w] = isolate(s->out->common[w], sum->common[w], set, certain, s->optimistic);
        return;
    }
    uint64_t *atoms = detail(r, s->out, w);
    const uint64_t *added = sum->atoms + (size_t)w * r->n_atoms;
    for (uint32_t a = 0; a < r->n_atoms; a++) {
        uint64_t allowed = sum->common[w] | (sum->detailed[w] ? added[a] : 0);
        atoms[a] = isolate(atoms[a], allowed, set, certain, s->optimistic);
    }
}

static bool has_tier(const struct side *s, enum netpol_tier tier)
{
    return s->r->first_of_tier[s->d][tier] < s->r->first_of_tier[s->d][tier + 1];
}

// Do policies have a say at all?
static bool is_open(const struct side *s)
{
    const struct reach_set *sets[] = {&s->r->isolated[s->d], &s->r->isolated_maybe[s->d]};
    if (has_tier(s, TIER_ADMIN) || has_tier(s, TIER_BASELINE))
        return false;
    if (s->d == DIRECTION_INGRESS)
        return sets[0]->to == 0 && sets[1]->to == 0;
    return s->row >= s->r->n_classes || (!reach_set_has(sets[0], s->row) && !reach_set_has(sets[1], s->row));
}

static void run_network(const struct side *s)
{
    const struct reach *r = s->r;
    const struct reach_set *sets[] = {&r->isolated[s->d], &r->isolated_maybe[s->d]};
    if (s->d == DIRECTION_INGRESS) {
        if (sets[0]->to == 0 && sets[1]->to == 0)
            return;
        struct side isolated = *s; // subjects are isolated: nothing is allowed anywhere else
        isolated.from = max_u32(s->from, sets[1]->to ? min_u32(sets[0]->from, sets[1]->from) : sets[0]->from);
        isolated.to = min_u32(s->to, max_u32(sets[0]->to, sets[1]->to));
        if (isolated.from >= isolated.to)
            return;
        add_network_rules(&isolated);
        for (int k = 0; k < 2; k++)
            for (uint32_t w = max_u32(sets[k]->from, s->from), to = min_u32(sets[k]->to, s->to); w < to; w++)
                isolate_word(s, w, sets[k]->words[w - sets[k]->from], k == 0);
        return;
    }
    bool yes = reach_set_has(sets[0], s->row), maybe = reach_set_has(sets[1], s->row);
    if (!yes && !maybe)
        return;
    add_network_rules(s);
    for (uint32_t w = s->from; w < s->to; w++)
        isolate_word(s, w, ~(uint64_t)0, yes);
}

static void run_side(const struct side *s)
{
    const struct reach *r = s->r;
    fill(s, s->out, ~(uint64_t)0);
    if (has_tier(s, TIER_BASELINE)) {
        fill(s, &s->work->next, ~(uint64_t)0); // what is passed on here is allowed
        run_tier(s, TIER_BASELINE);
    }
    run_network(s);
    if (!has_tier(s, TIER_ADMIN))
        return;
    struct reach_bits *next = &s->work->next;
    for (uint32_t w = s->from; w < s->to; w++) {
        next->common[w] = s->out->common[w];
        next->detailed[w] = s->out->detailed[w];
        size_t at = (size_t)w * r->n_atoms;
        if (next->detailed[w])
            memcpy(next->atoms + at, s->out->atoms + at, r->n_atoms * sizeof *next->atoms);
    }
    run_tier(s, TIER_ADMIN);
}

// Columns of a word that are ranges outside, and those that are there at all.
static void masks(const struct reach *r, uint32_t w, uint64_t *ret_classes, uint64_t *ret_all)
{
    uint32_t first = w * 64;
    *ret_classes = first + 64 <= r->n_classes ? ~(uint64_t)0 : first >= r->n_classes ? 0 : ((uint64_t)1 << (r->n_classes - first)) - 1;
    *ret_all = first + 64 <= r->n_columns ? ~(uint64_t)0 : ((uint64_t)1 << (r->n_columns - first)) - 1;
}

// Nobody outside is kept from receiving by a policy, and what goes on between others outside is no business of ours.
// in: what destinations let in; words before the first range outside need nothing.
static void open_outside(const struct side *in, bool from_outside)
{
    const struct reach *r = in->r;
    for (uint32_t w = max_u32(in->from, r->n_classes / 64); w < in->to; w++) {
        uint64_t classes, all;
        masks(r, w, &classes, &all);
        uint64_t open = from_outside ? 0 : ~classes, keep = from_outside ? classes : all;
        in->out->common[w] = (in->out->common[w] | open) & keep;
        for (uint32_t a = 0; in->out->detailed[w] && a < r->n_atoms; a++) {
            uint64_t *word = &in->out->atoms[(size_t)w * r->n_atoms + a];
            *word = (*word | open) & keep;
        }
    }
}

static void both(const struct side *in, const struct side *eg, struct reach_bits *out)
{
    const struct reach *r = in->r;
    for (uint32_t w = in->from; w < in->to; w++) {
        bool a_in = in->out->detailed[w], a_eg = eg->out->detailed[w];
        out->detailed[w] = a_in || a_eg;
        if (!out->detailed[w]) {
            out->common[w] = in->out->common[w] & eg->out->common[w];
            continue;
        }
        size_t at = (size_t)w * r->n_atoms;
        const uint64_t *x = in->out->atoms + at, *y = eg->out->atoms + at;
        for (uint32_t a = 0; a < r->n_atoms; a++)
            out->atoms[at + a] = (a_in ? x[a] : in->out->common[w]) & (a_eg ? y[a] : eg->out->common[w]);
    }
}

static void bound(const struct reach *r, uint32_t row, uint32_t from, uint32_t to, bool optimistic, struct reach_row *work,
                  struct reach_bits *out)
{
    struct side in = {r, DIRECTION_INGRESS, row, from, to, optimistic, work, &work->sides[0]};
    struct side eg = {r, DIRECTION_EGRESS, row, from, to, optimistic, work, &work->sides[1]};
    bool lets_out = is_open(&eg);
    if (lets_out)
        in.out = out;
    run_side(&in);
    open_outside(&in, row >= r->n_classes);
    if (lets_out)
        return;
    run_side(&eg);
    both(&in, &eg, out);
}

void reach_row_part(const struct reach *r, uint32_t index, uint32_t from, uint32_t to, struct reach_row *row)
{
    bound(r, index, from, to, false, row, &row->low);
    if (r->has_maybe)
        bound(r, index, from, to, true, row, &row->high);
}

void reach_row(const struct reach *r, uint32_t index, struct reach_row *row)
{
    reach_row_part(r, index, 0, r->words, row);
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
