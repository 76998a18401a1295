// Sources and destinations of answers: workloads (or Pods), and ranges of addresses outside.
#include <stdlib.h>

#include "base/flow.h"
#include "cmd/net.h"
#include "doc/write.h"

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const struct net_party *)a)->name, ((const struct net_party *)b)->name);
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

uint32_t net_sort(uint32_t *list, uint32_t n)
{
    uint32_t kept = 0;
    if (n)
        qsort(list, n, sizeof *list, by_number);
    for (uint32_t i = 0; i < n; i++)
        if (!kept || list[i] != list[kept - 1])
            list[kept++] = list[i];
    return kept;
}

// Names are made fit for a terminal: those that Kubernetes accepts stay as they are.
static err_code keep(struct arena *a, const struct buf *b, str *ret, struct err *e)
{
    OWN_BUF struct buf clean = buf_new(1 << 20);
    flow_put(&clean, buf_str(b));
    *ret = arena_dup(a, buf_str(&clean));
    return ret->p && !b->failed ? ERR_OK : err_set(e, ERR_LIMIT, "arena '%s' is full (%zu bytes)", a->name, a->cap);
}

static err_code add_ranges(const struct net_input *in, enum netpol_direction d, struct arena *a, struct net_parties *ret, struct err *e)
{
    OWN_BUF struct buf b = buf_new(1 << 20);
    for (uint32_t i = 0; i < in->reach.n_outside[d]; i++) {
        uint32_t *class;
        TRY_NEW(class, a, 1, e);
        *class = in->reach.n_classes + i;
        b.n = 0;
        address_put_range(&b, in->reach.outside[d][i]);
        buf_put(&b, S("[External]"));
        struct net_party *p = &ret->all[ret->n++];
        *p = (struct net_party){.workload = INVENTORY_NONE, .pod = INVENTORY_NONE, .range = i, .classes = class, .n_classes = 1};
        TRY(keep(a, &b, &p->name, e));
    }
    return ERR_OK;
}

static err_code add_party(const struct net_input *in, uint32_t workload, const uint32_t *pods, uint32_t n_pods, uint32_t pod,
                          struct arena *a, struct net_parties *ret, struct err *e)
{
    const struct inventory *v = &in->inventory;
    OWN_BUF struct buf b = buf_new(1 << 20);
    struct net_party *p = &ret->all[ret->n++];
    uint32_t *classes;
    TRY_NEW(classes, a, n_pods, e);
    for (uint32_t i = 0; i < n_pods; i++)
        classes[i] = in->reach.class_of_pod[pods[i]];
    *p = (struct net_party){.workload = workload, .pod = pod, .range = INVENTORY_NONE, .classes = classes, .n_classes = net_sort(classes, n_pods)};
    if (pod == INVENTORY_NONE || v->pods[pod].is_template)
        inventory_put_workload(v, &b, workload);
    else
        buf_printf(&b, "%.*s/%.*s[Pod]", STR_FMT(inventory_str(v, v->namespaces[v->pods[pod].ns].name)),
                   STR_FMT(inventory_str(v, v->pods[pod].name)));
    return keep(a, &b, &p->name, e);
}

err_code net_parties_make(const struct net_input *in, bool pods, enum netpol_direction d, struct arena *a, struct net_parties *ret,
                          struct err *e)
{
    const struct inventory *v = &in->inventory;
    uint32_t ranges = in->reach.n_outside[d];
    *ret = (struct net_parties){0};
    TRY_NEW(ret->all, a, ranges + (pods ? v->n_by_workload : v->n_workloads), e);
    TRY(add_ranges(in, d, a, ret, e));
    for (uint32_t w = 0; w < v->n_workloads; w++) {
        const struct inventory_workload *o = &v->workloads[w];
        const uint32_t *of = v->by_workload + o->first_pod;
        if (o->unknown || !o->n_pods)
            continue;
        if (!pods)
            TRY(add_party(in, w, of, o->n_pods, INVENTORY_NONE, a, ret, e));
        for (uint32_t i = 0; pods && i < o->n_pods; i++)
            TRY(add_party(in, w, of + i, 1, of[i], a, ret, e));
    }
    qsort(ret->all + ranges, ret->n - ranges, sizeof *ret->all, by_name);
    return ERR_OK;
}

bool net_is_self(const struct net_party *a, const struct net_party *b)
{
    return !a->n_more && !a->whole && a->range == INVENTORY_NONE && b->range == INVENTORY_NONE && a->workload == b->workload && a->pod == b->pod;
}

err_code net_sender_init(struct net_sender *s, const struct reach *r, struct arena *a, struct err *e)
{
    *s = (struct net_sender){.r = r, .last_row = UINT32_MAX};
    TRY(reach_row_init(&s->row, r, a, e));
    for (int i = 0; i < 3; i++) {
        TRY_NEW(s->sums[i].common, a, r->words, e);
        TRY_NEW(s->sums[i].detailed, a, r->words, e);
        TRY_NEW(s->sums[i].atoms, a, (size_t)r->words * r->n_atoms, e);
    }
    return ERR_OK;
}

void net_join(const struct reach *r, struct reach_bits *sum, const struct reach_bits *x, enum net_join join)
{
    for (uint32_t w = 0; w < r->words; w++) {
        size_t at = (size_t)w * r->n_atoms;
        if (join == NET_FIRST || (!sum->detailed[w] && !x->detailed[w])) {
            sum->common[w] = join == NET_FIRST ? x->common[w] : join == NET_OR ? sum->common[w] | x->common[w] : sum->common[w] & x->common[w];
            if (join == NET_FIRST && (sum->detailed[w] = x->detailed[w]))
                memcpy(sum->atoms + at, x->atoms + at, r->n_atoms * sizeof *sum->atoms);
            continue;
        }
        for (uint32_t a = 0; a < r->n_atoms; a++) {
            uint64_t one = reach_word(r, x, a, w), so_far = reach_word(r, sum, a, w);
            sum->atoms[at + a] = join == NET_OR ? so_far | one : so_far & one;
        }
        sum->detailed[w] = 1;
    }
}

static void set_cell(const struct reach *r, struct reach_bits *x, uint32_t column, bool on)
{
    uint32_t w = column / 64, n = x->detailed[w] ? r->n_atoms : 1;
    uint64_t bit = (uint64_t)1 << (column % 64), *words = x->detailed[w] ? x->atoms + (size_t)w * r->n_atoms : &x->common[w];
    for (uint32_t a = 0; a < n; a++)
        words[a] = on ? words[a] | bit : words[a] & ~bit;
}

void net_sender_set(struct net_sender *s, const struct net_party *p)
{
    if (p->n_classes == 1) {
        if (s->last_row != p->classes[0])
            reach_row(s->r, p->classes[0], &s->row);
        s->last_row = p->classes[0];
        s->low = s->least = s->row.low;
        s->high = s->row.high;
        return;
    }
    s->last_row = UINT32_MAX;
    for (uint32_t i = 0; i < p->n_classes; i++) {
        uint32_t class = p->classes[i];
        bool own = s->alone && class < s->r->n_classes && s->alone[class / 64] >> (class % 64) & 1;
        reach_row(s->r, class, &s->row);
        if (own) { // what no other Pod is asked: nothing where some may count, everything where all must
            set_cell(s->r, &s->row.high, class, false);
            set_cell(s->r, &s->row.low, class, true);
        }
        net_join(s->r, &s->sums[2], &s->row.low, i ? NET_AND : NET_FIRST);
        if (own)
            set_cell(s->r, &s->row.low, class, false);
        net_join(s->r, &s->sums[0], &s->row.low, i ? NET_OR : NET_FIRST);
        net_join(s->r, &s->sums[1], &s->row.high, i ? NET_OR : NET_FIRST);
    }
    s->low = s->sums[0];
    s->high = s->sums[1];
    s->least = s->sums[2];
}

err_code net_answer_init(struct net_answer *x, const struct reach *r, struct arena *a, struct err *e)
{
    TRY_NEW(x->low, a, reach_atom_words(r), e);
    TRY_NEW(x->high, a, reach_atom_words(r), e);
    TRY_NEW(x->least, a, reach_atom_words(r), e);
    return ERR_OK;
}

void net_sender_set_for(struct net_sender *s, uint32_t from, uint32_t to)
{
    reach_row_part(s->r, from, to / 64, to / 64 + 1, &s->row);
    s->last_row = UINT32_MAX; // the row is not whole
    s->low = s->least = s->row.low;
    s->high = s->row.high;
}

// The atoms of one column of a row into bits over atoms.
static void add_column(const struct reach *r, const struct reach_bits *x, uint32_t column, bool both, uint64_t *bits)
{
    uint32_t w = column / 64, bit = column % 64;
    if (!x->detailed[w]) {
        bool on = x->common[w] >> bit & 1;
        if (on == both) // nothing to add, or nothing to take away
            return;
        memset(bits, on ? 0xff : 0, reach_atom_words(r) * sizeof *bits);
        return;
    }
    const uint64_t *atoms = x->atoms + (size_t)w * r->n_atoms;
    for (uint32_t a = 0; a < r->n_atoms; a++) {
        uint64_t one = (atoms[a] >> bit & 1) << (a % 64);
        bits[a / 64] = both ? bits[a / 64] & (one | ~((uint64_t)1 << (a % 64))) : bits[a / 64] | one;
    }
}

// The same of many columns: of any of them, or of all.
static void add_mask(const struct reach *r, const struct reach_bits *x, const uint64_t *mask, bool both, uint64_t *bits)
{
    for (uint32_t w = 0; w < r->words; w++) {
        if (!mask[w])
            continue;
        for (uint32_t a = 0; a < r->n_atoms; a++) {
            uint64_t word = reach_word(r, x, a, w) & mask[w], one = (uint64_t)1 << (a % 64);
            if (both ? word != mask[w] : word != 0)
                bits[a / 64] = both ? bits[a / 64] & ~one : bits[a / 64] | one;
        }
    }
}

static void add_party_mask(const struct net_sender *s, const struct net_party *to, struct net_answer *x)
{
    const struct reach *r = s->r;
    add_mask(r, &s->low, to->mask, false, x->low);
    if (r->has_maybe)
        add_mask(r, &s->high, to->mask, false, x->high);
    add_mask(r, &s->least, to->mask, true, x->least);
}

bool net_answer_get(const struct net_sender *s, const struct net_party *to, struct net_answer *x)
{
    const struct reach *r = s->r;
    uint32_t words = reach_atom_words(r);
    uint64_t any = 0, last = r->n_atoms % 64 ? ((uint64_t)1 << (r->n_atoms % 64)) - 1 : ~(uint64_t)0;
    bool one = to->n_classes == 1 && s->least.common == s->low.common; // nothing to compare
    memset(x->low, 0, words * sizeof *x->low);
    memset(x->high, 0, words * sizeof *x->low);
    memset(x->least, 0xff, words * sizeof *x->low);
    if (to->mask)
        add_party_mask(s, to, x);
    for (uint32_t i = 0; i < to->n_classes && !to->mask; i++) {
        add_column(r, &s->low, to->classes[i], false, x->low);
        if (r->has_maybe)
            add_column(r, &s->high, to->classes[i], false, x->high);
        if (!one)
            add_column(r, &s->least, to->classes[i], true, x->least);
    }
    x->low[words - 1] &= last;
    x->high[words - 1] &= last;
    x->least[words - 1] &= last;
    if (one)
        memcpy(x->least, x->low, words * sizeof *x->low);
    if (!r->has_maybe)
        memcpy(x->high, x->low, words * sizeof *x->low);
    for (uint32_t k = 0; k < words; k++)
        any |= x->high[k] | x->low[k];
    return any != 0;
}

void net_put_ports_json(const struct reach *r, struct buf *b, const uint64_t *bits)
{
    static const char *const names[] = {"TCP", "UDP", "SCTP"};
    bool first = true;
    buf_putc(b, '[');
    for (uint32_t p = 0; p < PROTOCOLS; p++) {
        bool named = false;
        for (uint32_t a = 0; a < r->n_atoms; a++) {
            if (r->atoms[a].protocol != p || !(bits[a / 64] >> (a % 64) & 1))
                continue;
            uint32_t from = r->atoms[a].first, to = r->atoms[a].last;
            while (a + 1 < r->n_atoms && r->atoms[a + 1].protocol == p && bits[(a + 1) / 64] >> ((a + 1) % 64) & 1)
                to = r->atoms[++a].last;
            if (!named)
                buf_printf(b, "%s{\"protocol\": \"%s\", \"ports\": [", first ? "" : ", ", names[p]);
            buf_printf(b, from == to ? "%s\"%u\"" : "%s\"%u-%u\"", named ? ", " : "", from, to);
            named = true;
            first = false;
        }
        if (named)
            buf_put(b, S("]}"));
    }
    buf_putc(b, ']');
}
