#include "check/net.h"

// Semantics: NetworkPolicy API reference; network-policy-api (tiers, priorities, Pass). Where a question is about "some port", a rule that
// denies some ports only does not deny.

struct question {
    const struct objects *o;
    enum netpol_direction direction;
    const struct net_end *self, *other;
    const struct net_end *to; // whose ports are meant
    uint32_t protocol, port;  // port 0: any
};

struct net_end net_pod(const struct objects *o, const struct objects_pod *p)
{
    return (struct net_end){.is_pod = true,
                            .host_network = p->host_network,
                            .ns = p->ns,
                            .labels = p->labels,
                            .ports = p->ports,
                            .policies = o->selecting + p->first_policy,
                            .n_policies = p->n_policies};
}

static bool selects_pod(const struct objects *o, const struct netpol_pods *pods, const struct net_end *x)
{
    if (pods->ns != INVENTORY_NONE ? pods->ns != x->ns
                                   : !netpol_selects(&o->netpols, pods->namespaces, o->inventory.namespaces[x->ns].labels))
        return false;
    return netpol_selects(&o->netpols, pods->pods, x->labels);
}

static enum net_answer matches_block(const struct netpol_peer *p, const struct net_end *x)
{
    if (x->is_pod)
        return NET_DEPENDS;
    bool in = address_in(x->address, p->block);
    for (uint32_t i = 0; in && i < p->n_except; i++)
        in = !address_in(x->address, p->except[i]);
    return in ? NET_YES : NET_NO;
}

static enum net_answer matches_peer(const struct question *q, const struct netpol_peer *p)
{
    if (p->any)
        return NET_YES;
    if (p->kind == PEER_BLOCK)
        return matches_block(p, q->other);
    if (p->kind != PEER_PODS || !q->other->is_pod || !selects_pod(q->o, &p->pods, q->other))
        return NET_NO;
    return q->other->host_network ? NET_DEPENDS : NET_YES;
}

static bool has_port(const struct question *q, const struct netpol_port *p)
{
    const struct rows_row *row = &q->o->inventory.ports.rows[q->to->ports];
    for (uint32_t i = 0; q->to->is_pod && i < row->n; i += PORT_WORDS)
        if (row->words[i] == p->name && (p->protocol == ANY_PROTOCOL || p->protocol == row->words[i + 2]) &&
            (!q->port || (q->port == row->words[i + 1] && q->protocol == row->words[i + 2])))
            return true;
    return false;
}

static bool matches_ports(const struct question *q, const struct netpol_rule *r)
{
    for (uint32_t i = 0; i < r->n_ports; i++) {
        const struct netpol_port *p = &r->ports[i];
        if (p->name ? has_port(q, p) : !q->port || (p->protocol == q->protocol && p->first <= q->port && q->port <= p->last))
            return true;
    }
    return r->n_ports == 0;
}

static enum net_answer matches(const struct question *q, const struct netpol_rule *r)
{
    enum net_answer best = NET_NO;
    bool some = !q->port && r->n_ports && r->action != ACTION_ALLOW; // denies or passes on some ports only
    if (r->direction != q->direction || some || !matches_ports(q, r))
        return NET_NO;
    for (uint32_t i = 0; i < r->n_peers && best != NET_YES; i++) {
        enum net_answer a = matches_peer(q, &r->peers[i]);
        best = a == NET_NO ? best : a;
    }
    return best;
}

// The decision of the rules of a tier of several policies, in order; ACTION_PASS where none decides.
static enum netpol_action decide_tier(const struct question *q, enum netpol_tier tier, bool *ret_depends)
{
    const struct netpols *p = &q->o->netpols;
    for (uint32_t i = 0; i < p->n; i++) {
        const struct netpol *n = &p->all[i];
        if (n->tier != tier || q->self->host_network || !selects_pod(q->o, &n->subject, q->self))
            continue;
        for (uint32_t k = 0; k < n->n_rules; k++) {
            enum net_answer a = matches(q, &n->rules[k]);
            if (a == NET_YES)
                return n->rules[k].action;
            *ret_depends = *ret_depends || a == NET_DEPENDS;
        }
    }
    return ACTION_PASS;
}

static bool selects(const struct question *q, uint32_t policy)
{
    return selects_pod(q->o, &q->o->netpols.all[policy].subject, q->self);
}

// NetworkPolicies: NET_YES and NET_NO where they isolate the Pod, else *ret_isolated is false.
static enum net_answer decide_network(const struct question *q, bool *ret_isolated)
{
    const struct net_end *x = q->self;
    enum net_answer best = NET_NO;
    uint32_t n = x->policies ? x->n_policies : q->o->first_policy[x->ns + 1] - q->o->first_policy[x->ns];
    const uint32_t *list = x->policies ? x->policies : q->o->policies_of_ns + q->o->first_policy[x->ns];
    *ret_isolated = false;
    for (uint32_t i = 0; i < n; i++) {
        const struct netpol *p = &q->o->netpols.all[list[i]];
        if (!p->isolates[q->direction] || (!x->policies && !selects(q, list[i])))
            continue;
        *ret_isolated = true;
        for (uint32_t k = 0; k < p->n_rules && best != NET_YES; k++) {
            enum net_answer a = matches(q, &p->rules[k]);
            best = a == NET_NO ? best : a;
        }
    }
    return best;
}

static enum net_answer allowed(const struct question *q)
{
    bool depends = false, isolated = false;
    if (!q->self->is_pod)
        return NET_YES;
    enum netpol_action a = decide_tier(q, TIER_ADMIN, &depends);
    enum net_answer n = decide_network(q, &isolated);
    if (isolated && q->self->host_network)
        return NET_DEPENDS;
    if (a == ACTION_PASS && !isolated)
        a = decide_tier(q, TIER_BASELINE, &depends);
    if (a != ACTION_PASS)
        n = a == ACTION_ALLOW ? NET_YES : NET_NO;
    else if (!isolated)
        n = NET_YES;
    return depends ? NET_DEPENDS : n;
}

static enum net_answer worse(enum net_answer a, enum net_answer b)
{
    return a == NET_NO || b == NET_NO ? NET_NO : a == NET_DEPENDS || b == NET_DEPENDS ? NET_DEPENDS : NET_YES;
}

static enum net_answer reaches_on(const struct objects *o, const struct net_end *from, const struct net_end *to, uint32_t protocol,
                                  uint32_t port)
{
    const struct question out = {o, DIRECTION_EGRESS, from, to, to, protocol, port};
    const struct question in = {o, DIRECTION_INGRESS, to, from, to, protocol, port};
    enum net_answer a = allowed(&out);
    return a == NET_NO ? NET_NO : worse(a, allowed(&in));
}

enum net_answer net_reaches(const struct objects *o, const struct net_end *from, const struct net_end *to, uint32_t port)
{
    enum net_answer best = reaches_on(o, from, to, PROTOCOL_TCP, port);
    if (port || best == NET_NO || !from->is_pod || !to->is_pod)
        return best;
    // Each side lets some port through: the same one? Any port that no rule names, and the first of each that one does.
    best = reaches_on(o, from, to, PROTOCOL_SCTP, 65535);
    const struct rows_row *row = &o->inventory.ports.rows[to->ports];
    for (uint32_t i = 0; i < row->n && best != NET_YES; i += PORT_WORDS) {
        enum net_answer a = reaches_on(o, from, to, row->words[i + 2], row->words[i + 1]);
        best = a == NET_NO ? best : a;
    }
    for (uint32_t i = 0; i < o->netpols.n; i++)
        for (uint32_t k = 0; k < o->netpols.all[i].n_rules; k++) {
            const struct netpol_rule *r = &o->netpols.all[i].rules[k];
            for (uint32_t j = 0; j < r->n_ports && best != NET_YES; j++) {
                if (r->ports[j].name)
                    continue;
                enum net_answer a = reaches_on(o, from, to, r->ports[j].protocol, r->ports[j].first);
                best = a == NET_NO ? best : a;
            }
        }
    return best;
}

bool net_is_isolated(const struct objects *o, const struct net_end *x, enum netpol_direction d)
{
    const struct question q = {.o = o, .direction = d, .self = x, .other = x, .to = x, .port = 1};
    bool isolated = false;
    (void)decide_network(&q, &isolated);
    return isolated;
}

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
