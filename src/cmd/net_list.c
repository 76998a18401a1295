// casemate net list: every connection that is allowed.
#include "cmd/net_crowd.h"
#include "doc/write.h"

struct listing {
    struct net_request *q;
    struct net_input *in;
    struct net_parties to;
    struct net_sender sender;
    struct net_answer answer;
    uint64_t *perhaps;
    uint64_t n; // entries
};

static bool same(const uint64_t *a, const uint64_t *b, uint32_t n)
{
    return memcmp(a, b, n * sizeof *a) == 0;
}

static void put_entry(struct listing *l, str from, str to)
{
    const struct reach *r = &l->in->reach;
    struct buf *b = &l->q->out.b;
    struct net_answer *x = &l->answer;
    uint32_t words = reach_atom_words(r);
    bool depends = false, uniform = same(x->low, x->least, words);
    for (uint32_t i = 0; i < words; i++) {
        l->perhaps[i] = x->high[i] & ~x->low[i];
        depends = depends || l->perhaps[i];
    }
    if (l->q->format == NET_JSON) {
        buf_put(b, l->n ? S(",\n  {\"source\": ") : S("\n  {\"source\": "));
        write_json_string(b, from);
        buf_put(b, S(", \"destination\": "));
        write_json_string(b, to);
        buf_put(b, S(", \"connections\": "));
        net_put_ports_json(r, b, x->low);
        if (depends) {
            buf_put(b, S(", \"perhaps\": "));
            net_put_ports_json(r, b, l->perhaps);
        }
        if (!uniform)
            buf_put(b, S(", \"some_pods\": true"));
        buf_putc(b, '}');
    } else {
        l->q->said_perhaps = l->q->said_perhaps || depends;
        buf_printf(b, "%.*s => %.*s : ", STR_FMT(from), STR_FMT(to));
        reach_put_ports(r, b, x->low);
        if (depends) {
            buf_put(b, S(", perhaps "));
            reach_put_ports(r, b, l->perhaps);
        }
        buf_put(b, uniform ? S("\n") : S(" (some of the Pods)\n"));
    }
    l->n++;
    out_flush(&l->q->out);
}

static void list_party(struct listing *l, const struct net_party *from)
{
    net_sender_set(&l->sender, from);
    for (uint32_t i = 0; i < l->to.n && !l->q->out.sys; i++) {
        const struct net_party *to = &l->to.all[i];
        if (!net_is_self(from, to) && net_answer_get(&l->sender, to, &l->answer))
            put_entry(l, from->name, to->name);
    }
}

// ---- what an ingress controller, of which nothing is known, may reach behind the Services it is told of

// Which atoms exposures lead to, by workload.
static err_code collect_leads(const struct net_input *in, struct arena *a, uint64_t ***ret, struct err *e)
{
    const struct reach *r = &in->reach;
    TRY_NEW(*ret, a, in->inventory.n_workloads, e);
    for (uint32_t i = 0; i < in->leads.n; i++) {
        const struct expose_lead *x = &in->leads.all[i];
        uint64_t **bits = &(*ret)[x->workload];
        if (x->exposure == INVENTORY_NONE)
            continue; // addresses outside lead there
        if (!*bits)
            TRY_NEW(*bits, a, reach_atom_words(r), e);
        for (uint32_t k = 0; k < r->n_atoms; k++)
            if (r->atoms[k].protocol == x->protocol && r->atoms[k].first <= x->port && x->port <= r->atoms[k].last)
                (*bits)[k / 64] |= (uint64_t)1 << (k % 64);
    }
    return ERR_OK;
}

// What the controller may send to one party, as far as exposures lead there: added to `sum`. False: nothing.
static bool add_lead(struct listing *l, const struct net_party *to, uint64_t *const *leads, struct net_answer *sum, bool first)
{
    uint64_t any = 0;
    const uint64_t *bits = to->workload == INVENTORY_NONE ? NULL : leads[to->workload];
    bool some = bits && net_answer_get(&l->sender, to, &l->answer);
    for (uint32_t k = 0; k < reach_atom_words(&l->in->reach); k++) {
        uint64_t low = some ? l->answer.low[k] & bits[k] : 0, high = some ? l->answer.high[k] & bits[k] : 0;
        uint64_t least = some ? l->answer.least[k] & bits[k] : 0;
        any |= high;
        sum->low[k] = first ? low : sum->low[k] | low;
        sum->high[k] = first ? high : sum->high[k] | high;
        sum->least[k] = first ? least : sum->least[k] & least;
    }
    return any;
}

static void put_lead(struct listing *l, struct net_answer *sum, str to)
{
    struct net_answer own = l->answer;
    l->answer = *sum;
    put_entry(l, S("{ingress-controller}"), to);
    l->answer = own;
}

// Alike are Pods to rules, not to exposures: those that are led to are named one by one, but for whole namespaces.
static err_code list_controller(struct listing *l, const struct net_crowd *c, struct err *e)
{
    const struct reach *r = &l->in->reach;
    const struct inventory *v = &l->in->inventory;
    uint64_t **leads;
    struct net_answer sum;
    uint32_t class = r->class_of_pod[v->by_workload[v->workloads[v->unknown].first_pod]];
    TRY(collect_leads(l->in, &l->q->memory, &leads, e));
    TRY(net_answer_init(&sum, r, &l->q->memory, e));
    net_sender_set(&l->sender, &(struct net_party){.classes = &class, .n_classes = 1});
    const struct net_parties *all = &c->all[DIRECTION_EGRESS];
    for (uint32_t i = 0; i < l->to.n && !l->q->out.sys; i++) {
        const struct net_party *to = &l->to.all[i];
        bool any = false;
        for (uint32_t k = c->together ? to->first : i, first = k; k != INVENTORY_NONE; k = c->together ? c->next[DIRECTION_EGRESS][k] : INVENTORY_NONE) {
            bool one = add_lead(l, &all->all[k], leads, &sum, k == first || !to->whole);
            if (one && !to->whole)
                put_lead(l, &sum, all->all[k].name);
            any = any || one;
        }
        if (any && to->whole)
            put_lead(l, &sum, to->name);
    }
    return ERR_OK;
}

err_code net_list_run(struct net_request *q, struct err *e)
{
    struct net_crowd c = {0};
    struct net_input *in;
    TRY_NEW(in, &q->memory, 1, e);
    TRY(net_input_open(in, q, q->words, q->n, e));
    struct listing l = {.q = q, .in = in};
    for (int d = 0; d < DIRECTIONS; d++)
        TRY(net_parties_make(in, q->pods, (enum netpol_direction)d, &q->memory, &c.all[d], e));
    TRY(net_crowd_make(in, q, &c, e));
    const struct net_parties from = c.of[DIRECTION_INGRESS];
    l.to = c.of[DIRECTION_EGRESS];
    TRY(net_sender_init(&l.sender, &in->reach, &q->memory, e));
    l.sender.alone = in->alone;
    TRY(net_answer_init(&l.answer, &in->reach, &q->memory, e));
    TRY_NEW(l.perhaps, &q->memory, reach_atom_words(&in->reach), e);
    if (q->format == NET_JSON)
        buf_put(&q->out.b, S("{\"entries\": ["));
    for (uint32_t i = 0; i < from.n && !q->out.sys; i++)
        list_party(&l, &from.all[i]);
    TRY(list_controller(&l, &c, e));
    if (q->format == NET_JSON) {
        buf_put(&q->out.b, S("]"));
        net_crowd_put_groups(&c, NULL, q);
        net_put_notes_json(in, q, &q->out.b);
        buf_put(&q->out.b, S("}\n"));
        return ERR_OK;
    }
    net_crowd_put_groups(&c, NULL, q);
    if (l.n == 0)
        buf_put(&q->out.b, S("No connections.\n"));
    net_put_notes(in, q, &q->out.b);
    return ERR_OK;
}
