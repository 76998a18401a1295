#include "check/net.h"

// Connections are graph/reach.h's to decide: here Pods of the scan become its Pods, and questions rows and columns.

enum { ADDRESS_WORDS = 5 };

// The labels, ports and addresses of a Pod that some policy asks for, as words.
static uint32_t put_asked(const struct net *n, const struct objects_pod *p, uint32_t *words)
{
    const struct inventory *v = &n->objects->inventory;
    const struct rows_row *labels = &v->labels.rows[p->labels], *ports = &v->ports.rows[p->ports];
    uint32_t at = 0;
    words[at++] = p->ns;
    words[at++] = p->host_network;
    for (uint32_t i = 0; i < labels->n; i += 2)
        if (labels->words[i] < n->n_names && n->is_key[labels->words[i]]) {
            words[at++] = labels->words[i];
            words[at++] = labels->words[i + 1];
        }
    words[at++] = UINT32_MAX;
    for (uint32_t i = 0; i < ports->n; i += PORT_WORDS)
        if (ports->words[i] < n->n_names && n->is_port_name[ports->words[i]]) {
            memcpy(words + at, ports->words + i, PORT_WORDS * sizeof *words);
            at += PORT_WORDS;
        }
    words[at++] = UINT32_MAX;
    for (uint32_t i = 0; i < p->n_ips; i++, at += ADDRESS_WORDS) {
        const struct address *a = &v->ips[p->first_ip + i];
        memcpy(words + at, &a->high, sizeof a->high);
        memcpy(words + at + 2, &a->low, sizeof a->low);
        words[at + 4] = a->family;
    }
    return at;
}

// *ret: the one of the inventory's Pods that is like this one to policies.
static err_code number(struct net *n, const struct objects_pod *p, uint32_t *ret, struct err *e)
{
    struct inventory *v = &n->objects->inventory;
    uint32_t *words;
    arena_reset(&v->scratch);
    TRY_NEW(words, &v->scratch, 4 + v->labels.rows[p->labels].n + v->ports.rows[p->ports].n + (size_t)p->n_ips * ADDRESS_WORDS, e);
    TRY(rows_put(&n->alike, words, put_asked(n, p, words), ret, e));
    if (--*ret < v->n_pods)
        return ERR_OK;
    if (n->is_open)
        return err_set(e, ERR_INTERNAL, "a Pod is asked about that is not of the scan");
    TRY_GROW_MOVED(v->pods, v->n_pods, v->cap_pods, v->arena, e);
    v->pods[v->n_pods++] = (struct inventory_pod){.ns = p->ns,
                                                  .labels = p->labels,
                                                  .ports = p->ports,
                                                  .host_network = p->host_network,
                                                  .first_ip = p->first_ip,
                                                  .n_ips = p->n_ips};
    return ERR_OK;
}

// Which keys of labels and names of ports policies speak of.
static err_code mark_asked(struct net *n, struct err *e)
{
    const struct objects *o = n->objects;
    const struct rows *selectors = &o->netpols.selectors;
    n->n_names = o->inventory.names.n;
    TRY_NEW(n->is_key, o->arena, n->n_names, e);
    TRY_NEW(n->is_port_name, o->arena, n->n_names, e);
    for (uint32_t i = 0; i < selectors->n; i++)
        for (uint32_t at = 0; at < selectors->rows[i].n; at += 3 + selectors->rows[i].words[at + 2])
            n->is_key[selectors->rows[i].words[at]] = true;
    for (uint32_t i = 0; i < o->netpols.n; i++)
        for (uint32_t k = 0; k < o->netpols.all[i].n_rules; k++)
            for (uint32_t j = 0; j < o->netpols.all[i].rules[k].n_ports; j++)
                n->is_port_name[o->netpols.all[i].rules[k].ports[j].name] = true;
    n->is_port_name[0] = false; // numbers have no name
    return ERR_OK;
}

// Nothing is known of the plugin, or of addresses' family: what depends on them is not answered.
static err_code open(struct net *n, struct err *e)
{
    struct objects *o = n->objects;
    const struct reach_options options = {.ipv6 = true};
    uint32_t pod;
    TRY(rows_init(&n->alike, o->arena, e));
    TRY(mark_asked(n, e));
    for (uint32_t i = 0; i < o->n_pods; i++)
        TRY(number(n, &o->pods[i], &pod, e));
    TRY(number(n, &(struct objects_pod){.ns = o->stranger}, &pod, e));
    TRY(reach_build(&n->reach, &o->inventory, &o->netpols, options, o->arena, e));
    TRY(reach_row_init(&n->row, &n->reach, o->arena, e));
    n->index = UINT32_MAX;
    n->is_open = true;
    return ERR_OK;
}

err_code net_pod(struct net *n, const struct objects_pod *p, struct net_end *ret, struct err *e)
{
    uint32_t pod;
    if (!n->is_open)
        TRY(open(n, e));
    TRY(number(n, p, &pod, e));
    *ret = (struct net_end){.is_pod = true, .ns = p->ns, .row = n->reach.class_of_pod[pod]};
    ret->column = ret->row;
    return ERR_OK;
}

err_code net_address(struct net *n, struct address a, struct net_end *ret, struct err *e)
{
    const struct reach *r = &n->reach;
    if (!n->is_open)
        TRY(open(n, e));
    *ret = (struct net_end){.row = r->n_classes + reach_outside(r, DIRECTION_INGRESS, a),
                            .column = r->n_classes + reach_outside(r, DIRECTION_EGRESS, a)};
    return ERR_OK;
}

// One word of a row; all of it where one source is asked about many destinations.
static void work_out(struct net *n, uint32_t row, uint32_t word)
{
    if (n->index == row && n->from <= word && word < n->to)
        return;
    bool again = n->index == row;
    n->from = again ? 0 : word;
    n->to = again ? n->reach.words : word + 1;
    n->index = row;
    reach_row_part(&n->reach, row, n->from, n->to, &n->row);
}

static bool any_port(const struct net *n, const struct reach_bits *x, uint32_t column, uint32_t port)
{
    const struct reach *r = &n->reach;
    uint32_t word = column / 64;
    uint64_t bits = x->detailed[word] ? 0 : x->common[word];
    for (uint32_t i = 0; x->detailed[word] && i < r->n_atoms; i++)
        if (!port || (r->atoms[i].protocol == PROTOCOL_TCP && r->atoms[i].first <= port && port <= r->atoms[i].last))
            bits |= reach_word(r, x, i, word);
    return bits >> (column % 64) & 1;
}

enum net_answer net_reaches(struct net *n, const struct net_end *from, const struct net_end *to, uint32_t port)
{
    if (!from->is_pod && !to->is_pod)
        return NET_YES;
    work_out(n, from->row, to->column / 64);
    if (any_port(n, &n->row.low, to->column, port))
        return NET_YES;
    return any_port(n, &n->row.high, to->column, port) ? NET_DEPENDS : NET_NO;
}

enum net_answer net_is_isolated(const struct net *n, const struct net_end *x, enum netpol_direction d)
{
    if (reach_set_has(&n->reach.isolated[d], x->row))
        return NET_YES;
    return reach_set_has(&n->reach.isolated_maybe[d], x->row) ? NET_DEPENDS : NET_NO;
}

// ---- default deny: said of a namespace, so of Pods that are still to come as well. No set of Pods tells; what is written does.

static bool allows_all(const struct netpol *p, enum netpol_direction d)
{
    for (uint32_t i = 0; i < p->n_rules; i++)
        for (uint32_t k = 0; p->rules[i].direction == d && p->rules[i].n_ports == 0 && k < p->rules[i].n_peers; k++)
            if (p->rules[i].peers[k].any)
                return true;
    return false;
}

// What the policies of a tier decide for all Pods of a namespace: about other Pods, and about addresses outside.
enum { OF_PODS, OF_WORLD, KINDS_OF_PEER };
struct fate {
    bool settled[KINDS_OF_PEER];
    enum netpol_action action[KINDS_OF_PEER];
};

static bool covers(const struct netpol *p, const struct netpol_peer *x, unsigned of)
{
    bool all = x->kind == PEER_BLOCK && !x->n_except && !address_cmp(x->block.first, address_all(x->block.first.family).first) &&
               !address_cmp(x->block.last, address_all(x->block.first.family).last);
    bool pods = x->kind == PEER_PODS && x->pods.ns == INVENTORY_NONE && x->pods.namespaces == 0 && x->pods.pods == 0;
    // Networks of a ClusterNetworkPolicy match Pods as well.
    return x->any || (of == OF_PODS ? pods || (all && p->kind == NETPOL_CLUSTER) : all);
}

static void settle(const struct objects *o, enum netpol_tier tier, uint32_t ns, enum netpol_direction d, struct fate *f)
{
    for (uint32_t i = 0; i < o->netpols.n; i++) {
        const struct netpol *p = &o->netpols.all[i];
        if (p->tier != tier || p->subject.pods != 0 || p->subject.ns != INVENTORY_NONE ||
            !netpol_selects(&o->netpols, p->subject.namespaces, o->inventory.namespaces[ns].labels))
            continue;
        for (uint32_t k = 0; k < p->n_rules * KINDS_OF_PEER; k++) {
            const struct netpol_rule *r = &p->rules[k / KINDS_OF_PEER];
            unsigned of = k % KINDS_OF_PEER;
            for (uint32_t j = 0; r->direction == d && r->n_ports == 0 && !f->settled[of] && j < r->n_peers; j++)
                if (covers(p, &r->peers[j], of)) {
                    f->settled[of] = true;
                    f->action[of] = r->action;
                }
        }
    }
}

// Of ingress these policies name Pods only.
static bool all_denied(const struct fate *f, enum netpol_direction d)
{
    bool pods = f->settled[OF_PODS] && f->action[OF_PODS] == ACTION_DENY;
    return pods && (d == DIRECTION_INGRESS || (f->settled[OF_WORLD] && f->action[OF_WORLD] == ACTION_DENY));
}

bool net_denies_by_default(const struct objects *o, uint32_t ns, enum netpol_direction d)
{
    bool denied = false;
    struct fate f = {0};
    settle(o, TIER_ADMIN, ns, d, &f);
    for (unsigned of = 0; of < KINDS_OF_PEER; of++) {
        if (f.settled[of] && f.action[of] == ACTION_ALLOW)
            return false; // and no other policy is asked
        f.settled[of] = f.settled[of] && f.action[of] != ACTION_PASS;
    }
    for (uint32_t i = o->first_policy[ns]; i < o->first_policy[ns + 1]; i++) {
        const struct netpol *p = &o->netpols.all[o->policies_of_ns[i]];
        if (p->subject.pods != 0 || !p->isolates[d])
            continue;
        if (allows_all(p, d))
            return all_denied(&f, d);
        denied = true;
    }
    if (!denied)
        settle(o, TIER_BASELINE, ns, d, &f);
    return denied || all_denied(&f, d);
}
