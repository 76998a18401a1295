// Rules as pieces: for each direction a set of rows and a set of columns, in the order in which rules count.
#include "graph/reach_priv.h"

// Sets under way, over rows or columns, in full width.
struct wide {
    uint64_t *yes, *maybe;
    uint32_t words;
    bool has_maybe; // false: maybe is all zero
};

struct pieces {
    struct reach_builder *b;
    enum netpol_direction direction;
    uint32_t cap, cap_blocks;
    uint32_t n_rows, n_columns; // of this direction's sets: peers of ingress are rows, of egress columns
    struct wide subject, peers, part;
    uint64_t *block_yes, *block_maybe; // [64][words of a row set]: the rows of the pieces not yet turned
    uint32_t n_block;
    bool block_has_maybe;
    uint32_t row_words;
    uint32_t *scratch;
    uint8_t *of_addresses; // enum reach_choice + 1, by address signature, of one block
};

static err_code new_wide(struct pieces *s, uint32_t bits, struct wide *w)
{
    struct err *e = s->b->e;
    w->words = (bits + 63) / 64;
    TRY_NEW(w->yes, s->b->a, w->words, e);
    TRY_NEW(w->maybe, s->b->a, w->words, e);
    return ERR_OK;
}

static void clear(struct wide *w)
{
    memset(w->yes, 0, w->words * sizeof *w->yes);
    if (w->has_maybe)
        memset(w->maybe, 0, w->words * sizeof *w->maybe);
    w->has_maybe = false;
}

static void put(struct wide *w, uint32_t bit, enum reach_choice c)
{
    if (c != REACH_NO)
        reach_set_bit(c == REACH_YES ? w->yes : w->maybe, bit);
    w->has_maybe = w->has_maybe || c == REACH_UNKNOWN;
}

static void put_class(const struct reach_builder *b, const struct netpol *n, uint32_t c, struct wide *w)
{
    enum reach_choice choice = REACH_YES;
    if (b->r->classes[c].host_network)
        choice = n->tier == TIER_NETWORK ? b->r->options.host_network_as_pods : REACH_NO;
    put(w, c, choice);
}

// Where in an ascending list the first number stands that is not below `least`.
static uint32_t first_from(const uint32_t *list, uint32_t n, uint32_t least)
{
    uint32_t low = 0;
    while (low < n) {
        uint32_t mid = (low + n) / 2;
        if (list[mid] < least)
            low = mid + 1;
        else
            n = mid;
    }
    return low;
}

// The classes from first to before end.
static void put_classes(const struct reach_builder *b, const struct netpol *n, uint32_t first, uint32_t end, struct wide *w)
{
    for (uint32_t c = first; c < end; c = (c | 63) + 1) {
        uint64_t bits = ~(uint64_t)0 << (c % 64), hosts = b->host_network[c / 64];
        if (end - c < 64 - c % 64)
            bits &= ((uint64_t)1 << (end % 64)) - 1;
        w->yes[c / 64] |= bits & ~hosts;
        for (hosts &= bits; hosts; hosts &= hosts - 1)
            put_class(b, n, c / 64 * 64 + (uint32_t)__builtin_ctzll(hosts), w);
    }
}

// The classes of a namespace class that a selector of Pods takes.
static void put_pods_in(const struct reach_builder *b, const struct netpol *n, uint32_t ns_class, netpol_selector s, struct wide *w)
{
    const uint32_t *list = b->classes_of[s];
    uint32_t first = b->class_of_ns_first[ns_class], end = b->class_of_ns_first[ns_class + 1];
    if (!s)
        put_classes(b, n, first, end, w);
    else
        for (uint32_t i = first_from(list, b->n_classes_of[s], first); i < b->n_classes_of[s] && list[i] < end; i++)
            put_class(b, n, list[i], w);
}

static void put_pods(const struct reach_builder *b, const struct netpol *n, const struct netpol_pods *pods, struct wide *w)
{
    if (pods->ns != INVENTORY_NONE) {
        put_pods_in(b, n, b->ns_class_of[pods->ns], pods->pods, w);
        return;
    }
    const uint64_t *of = b->ns_matches[pods->namespaces];
    uint32_t n_of = 0;
    for (uint32_t k = 0; of && pods->pods && k < b->ns_words; k++)
        n_of += (uint32_t)__builtin_popcountll(of[k]);
    if (n_of > b->n_classes_of[pods->pods] / 8) { // looking up each namespace in the list takes longer than the list
        for (uint32_t i = 0; i < b->n_classes_of[pods->pods]; i++)
            if (reach_bit(of, b->r->classes[b->classes_of[pods->pods][i]].ns_class))
                put_class(b, n, b->classes_of[pods->pods][i], w);
        return;
    }
    for (uint32_t k = 0; of && k < b->ns_words; k++)
        if (!pods->pods && of[k] == ~(uint64_t)0)
            put_classes(b, n, b->class_of_ns_first[k * 64], b->class_of_ns_first[k * 64 + 64], w);
        else
            for (uint64_t bits = of[k]; bits; bits &= bits - 1)
                put_pods_in(b, n, k * 64 + (uint32_t)__builtin_ctzll(bits), pods->pods, w);
}

bool reach_is_idle(const struct reach_builder *b, const struct netpol *n)
{
    if (n->tier != TIER_NETWORK)
        return false;
    uint32_t k = b->ns_class_of[n->ns], first = b->class_of_ns_first[k], end = b->class_of_ns_first[k + 1];
    netpol_selector s = n->subject.pods;
    uint32_t at = s ? first_from(b->classes_of[s], b->n_classes_of[s], first) : 0;
    return s ? at == b->n_classes_of[s] || b->classes_of[s][at] >= end : first == end;
}

static void put_block(struct pieces *s, const struct netpol *n, const struct netpol_peer *peer, struct wide *w)
{
    const struct reach *r = s->b->r;
    for (uint32_t i = 0; i < r->n_outside[s->direction]; i++) {
        const struct address_range *range = &r->outside[s->direction][i];
        bool in = address_in(range->first, peer->block);
        for (uint32_t k = 0; k < peer->n_except && in; k++)
            in = !address_in(range->first, peer->except[k]);
        put(w, r->n_classes + i, in ? REACH_YES : REACH_NO);
    }
    if (!reach_peer_is_in_play(r, n, peer))
        return;
    memset(s->of_addresses, 0, s->b->addresses.n);
    for (uint32_t c = 0; c < r->n_classes; c++) {
        uint8_t *known = &s->of_addresses[r->classes[c].addresses];
        if (!*known)
            *known = (uint8_t)(reach_class_in_block(r, &r->classes[c], peer) + 1);
        enum reach_choice choice = (enum reach_choice)(*known - 1);
        if (choice == REACH_YES && n->tier == TIER_NETWORK)
            choice = r->options.block_matches_pods;
        put(w, c, choice);
    }
}

static void put_nodes(struct pieces *s, const struct netpol_peer *peer, struct wide *w)
{
    const struct inventory *v = s->b->v;
    for (uint32_t i = 0; i < v->n_nodes; i++) {
        if (!netpol_selects(s->b->p, peer->nodes, v->nodes[i].labels))
            continue;
        for (uint32_t k = 0; k < v->nodes[i].n_ips; k++) {
            uint32_t range = reach_outside(s->b->r, s->direction, v->ips[v->nodes[i].first_ip + k]);
            if (range != INVENTORY_NONE)
                put(w, s->b->r->n_classes + range, REACH_YES);
        }
    }
}

static void put_peers(struct pieces *s, const struct netpol *n, const struct netpol_rule *rule, struct wide *w)
{
    const struct reach *r = s->b->r;
    uint32_t all = r->n_classes + r->n_outside[s->direction];
    clear(w);
    for (uint32_t i = 0; i < rule->n_peers; i++) {
        const struct netpol_peer *peer = &rule->peers[i];
        if (peer->any)
            for (uint32_t k = 0; k < all; k++)
                put(w, k, REACH_YES);
        else if (peer->kind == PEER_PODS)
            put_pods(s->b, n, &peer->pods, w);
        else if (peer->kind == PEER_BLOCK)
            put_block(s, n, peer, w);
        else if (peer->kind == PEER_NODES)
            put_nodes(s, peer, w);
        else
            for (uint32_t k = r->n_classes; k < all; k++)
                put(w, k, REACH_UNKNOWN); // which addresses a domain has nobody knows
    }
    for (uint32_t k = 0; w->has_maybe && k < w->words; k++)
        w->maybe[k] &= ~w->yes[k];
}

// The atoms of a rule's ports at a destination with these names (a row of port_names; 0: none).
static err_code ports_of(struct pieces *s, const struct netpol_rule *rule, uint32_t names, uint32_t *ret, bool *ret_any)
{
    struct reach *r = s->b->r;
    const struct rows_row *row = &s->b->port_names.rows[names];
    uint32_t words = (r->n_atoms + 31) / 32;
    memset(s->scratch, 0, words * sizeof *s->scratch);
    *ret_any = false;
    for (uint32_t a = 0; a < r->n_atoms; a++) {
        const struct reach_atom *atom = &r->atoms[a];
        bool in = rule->n_ports == 0;
        for (uint32_t i = 0; i < rule->n_ports && !in; i++) {
            const struct netpol_port *p = &rule->ports[i];
            if (!p->name)
                in = p->protocol == atom->protocol && p->first <= atom->first && atom->last <= p->last;
            for (uint32_t k = 0; p->name && k < row->n && !in; k += PORT_WORDS)
                in = row->words[k] == p->name && (p->protocol == ANY_PROTOCOL || p->protocol == row->words[k + 2]) &&
                     row->words[k + 2] == atom->protocol && row->words[k + 1] == atom->first;
        }
        if (in) {
            s->scratch[a / 32] |= 1u << (a % 32);
            *ret_any = true;
        }
    }
    return rows_put(&r->port_sets, s->scratch, words, ret, s->b->e);
}

static err_code trim(struct pieces *s, const uint64_t *words, uint32_t n, struct reach_set *ret)
{
    struct err *e = s->b->e;
    uint32_t from = 0, to = n;
    while (to > from && words[to - 1] == 0)
        to--;
    while (from < to && words[from] == 0)
        from++;
    *ret = (struct reach_set){.from = from, .to = to};
    TRY_NEW(ret->words, s->b->a, to - from, e);
    if (to > from)
        memcpy(ret->words, words + from, (to - from) * sizeof *words);
    return ERR_OK;
}

void reach_turn(uint64_t a[64])
{
    uint64_t mask = 0x00000000ffffffff;
    for (unsigned j = 32; j; j >>= 1, mask ^= mask << j)
        for (unsigned k = 0; k < 64; k = ((k | j) + 1) & ~j) {
            uint64_t t = ((a[k] >> j) ^ a[k | j]) & mask;
            a[k] ^= t << j;
            a[k | j] ^= t;
        }
}

enum { FEW = 6 };

static void turn_block(const struct pieces *s, const uint64_t *block, uint64_t *out, uint32_t n_rows)
{
    uint64_t square[64];
    for (uint32_t w = 0; w < s->row_words; w++) {
        uint32_t used = 0;
        for (uint32_t i = 0; i < 64; i++) {
            square[i] = i < s->n_block ? block[(size_t)i * s->row_words + w] : 0;
            used += square[i] != 0;
        }
        if (used < FEW) { // subjects are few: out is zero where nothing is set
            for (uint32_t i = 0; i < 64; i++)
                for (uint64_t bits = square[i]; bits; bits &= bits - 1)
                    out[w * 64 + (uint32_t)__builtin_ctzll(bits)] |= (uint64_t)1 << i;
            continue;
        }
        reach_turn(square);
        for (uint32_t i = 0; i < 64 && w * 64 + i < n_rows; i++)
            out[w * 64 + i] = square[i];
    }
}

static err_code flush_block(struct pieces *s, uint32_t n_pieces)
{
    struct reach *r = s->b->r;
    struct err *e = s->b->e;
    enum netpol_direction d = s->direction;
    uint32_t at = (n_pieces - 1) / 64;
    if (s->n_block == 0)
        return ERR_OK;
    if (at >= s->cap_blocks) {
        uint32_t cap = s->cap_blocks ? s->cap_blocks * 2 : 64;
        uint64_t **yes, **maybe;
        TRY_NEW(yes, s->b->a, cap, e);
        TRY_NEW(maybe, s->b->a, cap, e);
        if (at) {
            memcpy(yes, r->row_yes[d], at * sizeof *yes);
            memcpy(maybe, r->row_maybe[d], at * sizeof *maybe);
        }
        r->row_yes[d] = yes;
        r->row_maybe[d] = maybe;
        s->cap_blocks = cap;
    }
    TRY_NEW(r->row_yes[d][at], s->b->a, r->n_rows, e);
    turn_block(s, s->block_yes, r->row_yes[d][at], r->n_rows);
    if (s->block_has_maybe) {
        TRY_NEW(r->row_maybe[d][at], s->b->a, r->n_rows, e);
        turn_block(s, s->block_maybe, r->row_maybe[d][at], r->n_rows);
    }
    s->n_block = 0;
    s->block_has_maybe = false;
    return ERR_OK;
}

static bool is_empty(const struct wide *w)
{
    uint64_t any = 0;
    for (uint32_t i = 0; i < w->words; i++)
        any |= w->yes[i];
    for (uint32_t i = 0; w->has_maybe && i < w->words; i++)
        any |= w->maybe[i];
    return any == 0;
}

static err_code put_piece(struct pieces *s, struct reach_piece piece, const struct wide *rows, const struct wide *columns)
{
    struct reach *r = s->b->r;
    struct err *e = s->b->e;
    enum netpol_direction d = s->direction;
    if (is_empty(rows) || is_empty(columns))
        return ERR_OK;
    TRY(trim(s, columns->yes, columns->words, &piece.yes));
    if (columns->has_maybe)
        TRY(trim(s, columns->maybe, columns->words, &piece.maybe));
    r->has_maybe = r->has_maybe || piece.maybe.to > piece.maybe.from;
    TRY_GROW(r->pieces[d], r->n_pieces[d], s->cap, s->b->a, e);
    r->pieces[d][r->n_pieces[d]++] = piece;
    size_t row = (size_t)s->n_block * s->row_words;
    memset(s->block_yes + row, 0, s->row_words * sizeof *s->block_yes);
    memset(s->block_maybe + row, 0, s->row_words * sizeof *s->block_maybe);
    memcpy(s->block_yes + row, rows->yes, rows->words * sizeof *rows->yes);
    if (rows->has_maybe)
        memcpy(s->block_maybe + row, rows->maybe, rows->words * sizeof *rows->maybe);
    s->block_has_maybe = s->block_has_maybe || rows->has_maybe;
    r->has_maybe = r->has_maybe || s->block_has_maybe;
    return ++s->n_block == 64 ? flush_block(s, r->n_pieces[d]) : ERR_OK;
}

static bool has_names(const struct netpol_rule *rule)
{
    bool names = false;
    for (uint32_t i = 0; i < rule->n_ports && !names; i++)
        names = rule->ports[i].name != 0;
    return names;
}

// Those columns of `all` whose Pods have these names of ports; outside counts as Pods without any.
static void part_of(struct pieces *s, const struct wide *all, uint32_t names, struct wide *part)
{
    const struct reach *r = s->b->r;
    clear(part);
    for (uint32_t i = 0; i < all->words; i++)
        for (uint64_t bits = all->yes[i] | all->maybe[i]; bits; bits &= bits - 1) {
            uint32_t column = i * 64 + (uint32_t)__builtin_ctzll(bits);
            uint32_t own = column < r->n_classes ? r->classes[column].port_names : 0;
            if (own == names)
                put(part, column, reach_bit(all->yes, column) ? REACH_YES : REACH_UNKNOWN);
        }
    part->words = all->words;
}

static err_code put_rule(struct pieces *s, const struct netpol *n, struct reach_piece piece)
{
    const struct netpol_rule *rule = &n->rules[piece.rule];
    const struct wide *rows = s->direction == DIRECTION_INGRESS ? &s->peers : &s->subject;
    const struct wide *columns = s->direction == DIRECTION_INGRESS ? &s->subject : &s->peers;
    bool any = false;
    put_peers(s, n, rule, &s->peers);
    if (!has_names(rule)) {
        TRY(ports_of(s, rule, 0, &piece.ports, &any));
        return put_piece(s, piece, rows, columns);
    }
    for (uint32_t names = 0; names < s->b->port_names.n; names++) {
        TRY(ports_of(s, rule, names, &piece.ports, &any));
        if (!any)
            continue;
        part_of(s, columns, names, &s->part);
        TRY(put_piece(s, piece, rows, &s->part));
    }
    return ERR_OK;
}

static err_code isolate(struct pieces *s, const struct netpol *n, struct wide *isolated)
{
    if (n->tier == TIER_NETWORK && n->isolates[s->direction])
        for (uint32_t i = 0; i < isolated->words; i++) {
            isolated->yes[i] |= s->subject.yes[i];
            isolated->maybe[i] |= s->subject.maybe[i];
        }
    return ERR_OK;
}

static err_code build_direction(struct pieces *s)
{
    struct reach_builder *b = s->b;
    struct reach *r = b->r;
    struct err *e = b->e;
    enum netpol_direction d = s->direction;
    struct wide isolated;
    uint32_t others = r->n_classes + r->n_outside[d], widest = r->n_rows > r->n_columns ? r->n_rows : r->n_columns;
    TRY(new_wide(s, r->n_classes, &s->subject));
    TRY(new_wide(s, others, &s->peers));
    TRY(new_wide(s, widest, &s->part));
    TRY(new_wide(s, r->n_classes, &isolated));
    s->row_words = (r->n_rows + 63) / 64;
    TRY_NEW(s->block_yes, b->a, (size_t)64 * s->row_words, e);
    TRY_NEW(s->block_maybe, b->a, (size_t)64 * s->row_words, e);
    TRY_NEW(s->scratch, b->a, (r->n_atoms + 31) / 32, e);
    TRY_NEW(s->of_addresses, b->a, b->addresses.n, e);
    uint32_t tier = 0;
    for (uint32_t i = 0; i < b->p->n && !r->options.not_enforced; i++) {
        const struct netpol *n = &b->p->all[i];
        for (; tier < n->tier; tier++)
            r->first_of_tier[d][tier + 1] = r->n_pieces[d];
        if (reach_is_idle(b, n))
            continue;
        clear(&s->subject);
        put_pods(b, n, &n->subject, &s->subject);
        TRY(isolate(s, n, &isolated));
        for (uint32_t k = 0; k < n->n_rules; k++)
            if (n->rules[k].direction == d)
                TRY(put_rule(s, n, (struct reach_piece){.policy = i, .rule = k, .tier = n->tier, .action = n->rules[k].action}));
    }
    for (; tier < TIERS; tier++)
        r->first_of_tier[d][tier + 1] = r->n_pieces[d];
    if (r->n_pieces[d])
        TRY(flush_block(s, r->n_pieces[d]));
    for (uint32_t i = 0; i < isolated.words; i++)
        isolated.maybe[i] &= ~isolated.yes[i];
    TRY(trim(s, isolated.yes, isolated.words, &r->isolated[d]));
    TRY(trim(s, isolated.maybe, isolated.words, &r->isolated_maybe[d]));
    r->has_maybe = r->has_maybe || r->isolated_maybe[d].to > r->isolated_maybe[d].from;
    return ERR_OK;
}

err_code reach_build_pieces(struct reach_builder *b)
{
    struct err *e = b->e;
    uint32_t *all;
    TRY(rows_init(&b->r->port_sets, b->a, e));
    TRY_NEW(all, b->a, (b->r->n_atoms + 31) / 32, e);
    for (uint32_t i = 0; i < b->r->n_atoms; i++)
        all[i / 32] |= 1u << (i % 32);
    TRY(rows_put(&b->r->port_sets, all, (b->r->n_atoms + 31) / 32, &b->r->all_ports, e));
    TRY_NEW(b->host_network, b->a, b->r->class_words, e);
    for (uint32_t c = 0; c < b->r->n_classes; c++)
        if (b->r->classes[c].host_network)
            reach_set_bit(b->host_network, c);
    for (int d = 0; d < DIRECTIONS; d++) {
        struct pieces s = {.b = b, .direction = (enum netpol_direction)d};
        TRY(build_direction(&s));
    }
    return ERR_OK;
}
