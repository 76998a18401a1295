// Addresses and ports that no rule tells apart: ranges between the places where some rule begins or ends.
#include <stdlib.h>

#include "graph/reach_priv.h"

static int by_address(const void *a, const void *b)
{
    return address_cmp(*(const struct address *)a, *(const struct address *)b);
}

struct cuts {
    struct address *at;
    uint32_t n, cap;
};

static err_code put_cut(struct reach_builder *b, struct cuts *c, struct address a)
{
    struct err *e = b->e;
    TRY_GROW(c->at, c->n, c->cap, b->a, e);
    c->at[c->n++] = a;
    return ERR_OK;
}

static bool in_block(struct address a, const struct netpol_peer *peer)
{
    if (!address_in(a, peer->block))
        return false;
    for (uint32_t i = 0; i < peer->n_except; i++)
        if (address_in(a, peer->except[i]))
            return false;
    return true;
}

// A range begins where the peer begins or ends to have its addresses; where two exceptions meet it does neither.
static err_code cut_at(struct reach_builder *b, struct cuts *c, const struct netpol_peer *peer, struct address at)
{
    bool first = address_cmp(at, address_all(at.family).first) == 0;
    return first || in_block(at, peer) != in_block(address_previous(at), peer) ? put_cut(b, c, at) : ERR_OK;
}

static err_code cut(struct reach_builder *b, struct cuts *c, const struct netpol_peer *peer, struct address_range r)
{
    TRY(cut_at(b, c, peer, r.first));
    return address_cmp(r.last, address_all(r.first.family).last) == 0 ? ERR_OK : cut_at(b, c, peer, address_next(r.last));
}

static void sort_cuts(struct cuts *c)
{
    uint32_t n = 0;
    if (c->n)
        qsort(c->at, c->n, sizeof *c->at, by_address);
    for (uint32_t i = 0; i < c->n; i++)
        if (n == 0 || address_cmp(c->at[i], c->at[n - 1]) != 0)
            c->at[n++] = c->at[i];
    c->n = n;
}

static err_code cut_peer(struct reach_builder *b, struct cuts *c, const struct netpol_peer *peer)
{
    const struct inventory *v = b->v;
    if (peer->any)
        return ERR_OK;
    if (peer->kind == PEER_BLOCK) {
        TRY(cut(b, c, peer, peer->block));
        for (uint32_t i = 0; i < peer->n_except; i++)
            TRY(cut(b, c, peer, peer->except[i]));
    }
    if (peer->kind == PEER_NODES)
        for (uint32_t i = 0; i < v->n_nodes; i++) {
            if (!netpol_selects(b->p, peer->nodes, v->nodes[i].labels))
                continue;
            for (uint32_t k = 0; k < v->nodes[i].n_ips; k++) {
                struct address a = v->ips[v->nodes[i].first_ip + k];
                struct address_range one = {a, a};
                TRY(cut(b, c, &(struct netpol_peer){.kind = PEER_BLOCK, .block = one}, one));
            }
        }
    return ERR_OK;
}

bool reach_peer_is_in_play(const struct reach *r, const struct netpol *n, const struct netpol_peer *peer)
{
    return peer->kind == PEER_BLOCK && !peer->any && (n->tier != TIER_NETWORK || r->options.block_matches_pods != REACH_NO);
}

static err_code make_ranges(struct reach_builder *b, enum netpol_direction d, struct cuts *c)
{
    struct err *e = b->e;
    struct reach *r = b->r;
    TRY(put_cut(b, c, address_all(4).first));
    if (r->options.ipv6)
        TRY(put_cut(b, c, address_all(6).first));
    sort_cuts(c);
    TRY_NEW(r->outside[d], b->a, c->n, e);
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->n; i++) {
        bool last = i + 1 == c->n || c->at[i + 1].family != c->at[i].family;
        if (c->at[i].family == 6 && !r->options.ipv6)
            break;
        r->outside[d][n++] =
            (struct address_range){c->at[i], last ? address_all(c->at[i].family).last : address_previous(c->at[i + 1])};
    }
    r->n_outside[d] = n;
    return ERR_OK;
}

err_code reach_build_outside(struct reach_builder *b)
{
    struct cuts of[DIRECTIONS] = {{0}}, pods = {0};
    for (uint32_t i = 0; i < b->p->n; i++) {
        const struct netpol *n = &b->p->all[i];
        for (uint32_t k = 0; k < n->n_rules; k++)
            for (uint32_t j = 0; j < n->rules[k].n_peers; j++) {
                const struct netpol_peer *peer = &n->rules[k].peers[j];
                TRY(cut_peer(b, &of[n->rules[k].direction], peer));
                if (reach_peer_is_in_play(b->r, n, peer))
                    TRY(cut_peer(b, &pods, peer));
            }
    }
    sort_cuts(&pods);
    b->cuts = pods.at;
    b->n_cuts = pods.n;
    b->by_address = pods.n > 0;
    for (int d = 0; d < DIRECTIONS; d++)
        for (uint32_t i = 0; i < b->r->options.n_ranges[d]; i++)
            TRY(put_cut(b, &of[d], b->r->options.ranges[d][i].first));
    for (int d = 0; d < DIRECTIONS; d++)
        TRY(make_ranges(b, (enum netpol_direction)d, &of[d]));
    return ERR_OK;
}

uint32_t reach_outside(const struct reach *r, enum netpol_direction d, struct address a)
{
    for (uint32_t low = 0, high = r->n_outside[d]; low < high;) {
        uint32_t mid = (low + high) / 2;
        if (address_in(a, r->outside[d][mid]))
            return mid;
        if (address_cmp(a, r->outside[d][mid].first) < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return INVENTORY_NONE;
}

// Where Pods have addresses: private IPv4 (RFC 1918, 6598, and 240.0.0.0/4, which some clouds use), any IPv6 but the special ones. A
// Pod whose address nobody knows has none of the others.
static bool is_pod_space(struct address_range r)
{
    static const char *const four[] = {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.18.0.0/15", "240.0.0.0/4"};
    static const char *const six[] = {"2000::/3", "fc00::/7", "64:ff9b::/96"};
    const char *const *list = r.first.family == 4 ? four : six;
    struct address_range x;
    for (unsigned i = 0; i < (r.first.family == 4 ? sizeof four / sizeof *four : sizeof six / sizeof *six); i++)
        if (address_parse_cidr(str_of(list[i]), &x) && address_cmp(r.first, x.last) <= 0 && address_cmp(x.first, r.last) <= 0)
            return true;
    return false;
}

enum reach_choice reach_class_in_block(const struct reach *r, const struct reach_class *c, const struct netpol_peer *peer)
{
    const struct inventory *v = r->inventory;
    const struct inventory_pod *p = &v->pods[r->pods[c->first_pod]];
    for (uint32_t i = 0; i < p->n_ips; i++) {
        if (in_block(v->ips[p->first_ip + i], peer))
            return REACH_YES;
    }
    if (p->n_ips)
        return REACH_NO;
    uint8_t family = peer->block.first.family;
    struct address_range all = address_all(family);
    bool whole = address_cmp(peer->block.first, all.first) == 0 && address_cmp(peer->block.last, all.last) == 0 && !peer->n_except;
    if (family == 6 && !r->options.ipv6)
        return REACH_NO;
    return whole ? REACH_YES : is_pod_space(peer->block) ? REACH_UNKNOWN : REACH_NO;
}

struct starts {
    bool at[PROTOCOLS][65536 + 1];
};

static void start(struct starts *s, uint32_t protocol, uint32_t first, uint32_t last)
{
    s->at[protocol][first] = true;
    s->at[protocol][last + 1] = true;
}

err_code reach_build_atoms(struct reach_builder *b)
{
    struct err *e = b->e;
    struct reach *r = b->r;
    struct starts *s;
    uint32_t n = 0;
    TRY_NEW(s, b->a, 1, e);
    for (uint32_t i = 0; i < b->p->n; i++)
        for (uint32_t k = 0; k < b->p->all[i].n_rules && !reach_is_idle(b, &b->p->all[i]); k++) {
            const struct netpol_rule *rule = &b->p->all[i].rules[k];
            for (uint32_t j = 0; j < rule->n_ports; j++)
                if (!rule->ports[j].name)
                    start(s, rule->ports[j].protocol, rule->ports[j].first, rule->ports[j].last);
        }
    for (uint32_t i = 0; i < r->options.n_cuts; i++)
        if (r->options.cuts[i].start_only)
            s->at[r->options.cuts[i].protocol][r->options.cuts[i].port] = true;
        else
            start(s, r->options.cuts[i].protocol, r->options.cuts[i].port, r->options.cuts[i].port);
    for (uint32_t i = 0; i < b->port_names.n; i++)
        for (uint32_t k = 0; k < b->port_names.rows[i].n; k += PORT_WORDS) {
            const uint32_t *p = b->port_names.rows[i].words + k;
            start(s, p[2], p[1], p[1]);
        }
    for (uint32_t p = 0; p < PROTOCOLS; p++) {
        s->at[p][1] = true;
        for (uint32_t i = 1; i <= 65535; i++)
            n += s->at[p][i];
    }
    TRY_NEW(r->atoms, b->a, n, e);
    for (uint32_t p = 0; p < PROTOCOLS; p++)
        for (uint32_t i = 1; i <= 65535; i++) {
            if (s->at[p][i])
                r->atoms[r->n_atoms++] = (struct reach_atom){p, i, i};
            r->atoms[r->n_atoms - 1].last = i;
        }
    return ERR_OK;
}
