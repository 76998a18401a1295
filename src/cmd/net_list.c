// casemate net list: every connection that is allowed.
#include "cmd/net.h"
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

static err_code list_controller(struct listing *l, struct err *e)
{
    const struct reach *r = &l->in->reach;
    const struct inventory *v = &l->in->inventory;
    uint64_t **leads;
    uint32_t class = r->class_of_pod[v->by_workload[v->workloads[v->unknown].first_pod]];
    TRY(collect_leads(l->in, &l->q->memory, &leads, e));
    net_sender_set(&l->sender, &(struct net_party){.classes = &class, .n_classes = 1});
    for (uint32_t i = 0; i < l->to.n && !l->q->out.sys; i++) {
        const struct net_party *to = &l->to.all[i];
        if (to->workload == INVENTORY_NONE || !leads[to->workload] || !net_answer_get(&l->sender, to, &l->answer))
            continue;
        uint64_t any = 0;
        for (uint32_t k = 0; k < reach_atom_words(r); k++) {
            l->answer.low[k] &= leads[to->workload][k];
            l->answer.high[k] &= leads[to->workload][k];
            l->answer.least[k] &= leads[to->workload][k];
            any |= l->answer.high[k];
        }
        if (any)
            put_entry(l, S("{ingress-controller}"), to->name);
    }
    return ERR_OK;
}

enum { MOST_APART = 1000 }; // workloads; of more, those that behave alike are listed as groups unless --each is given

// Who is in which group: the answer names groups only.
static void put_groups(struct listing *l, const struct net_parties *groups, const struct net_parties *of, const uint32_t *next)
{
    struct buf *b = &l->q->out.b;
    bool json = l->q->format == NET_JSON, first = true;
    buf_put(b, json ? S(", \"groups\": {") : S(""));
    for (uint32_t i = 0; i < groups->n; i++) {
        const struct net_party *g = &groups->all[i];
        uint32_t shown = 0;
        if (!g->n_more)
            continue;
        if (json) {
            buf_put(b, first ? S("\n  ") : S(",\n  "));
            write_json_string(b, g->name);
            buf_put(b, S(": ["));
        } else {
            buf_printf(b, "%s%.*s: %u alike: ", first ? "\n" : "", STR_FMT(g->name), g->n_more + 1);
        }
        first = false;
        for (uint32_t k = g->first; k != INVENTORY_NONE && (json || shown < 3); k = next[k]) {
            buf_put(b, shown++ ? S(", ") : S(""));
            if (json)
                write_json_string(b, of->all[k].name);
            else
                buf_put(b, of->all[k].name);
        }
        buf_put(b, json ? S("]") : shown <= g->n_more ? S(" ...\n") : S("\n"));
        out_flush(&l->q->out);
    }
    if (json)
        buf_putc(b, '}');
}

// Puts both sides together by class; `from` and l->to are then groups.
static err_code make_groups(struct listing *l, struct net_parties *from, struct net_parties *ret_all, uint32_t **next, struct err *e)
{
    struct net_parties to = l->to;
    uint32_t *of_destinations;
    *ret_all = *from;
    TRY(net_parties_group(l->in, ret_all, &l->q->memory, from, next, e));
    return net_parties_group(l->in, &to, &l->q->memory, &l->to, &of_destinations, e);
}

err_code net_list_run(struct net_request *q, struct err *e)
{
    struct net_parties all = {0};
    uint32_t *next = NULL;
    struct net_input *in;
    struct net_parties from;
    TRY_NEW(in, &q->memory, 1, e);
    TRY(net_input_open(in, q, q->words, q->n, e));
    struct listing l = {.q = q, .in = in};
    TRY(net_parties_make(in, q->pods, DIRECTION_INGRESS, &q->memory, &from, e));
    TRY(net_parties_make(in, q->pods, DIRECTION_EGRESS, &q->memory, &l.to, e));
    bool group = !q->each && (q->group || (!q->pods && from.n > MOST_APART));
    if (group)
        TRY(make_groups(&l, &from, &all, &next, e));
    TRY(net_sender_init(&l.sender, &in->reach, &q->memory, e));
    TRY(net_answer_init(&l.answer, &in->reach, &q->memory, e));
    TRY_NEW(l.perhaps, &q->memory, reach_atom_words(&in->reach), e);
    if (q->format == NET_JSON)
        buf_put(&q->out.b, S("{\"entries\": ["));
    for (uint32_t i = 0; i < from.n && !q->out.sys; i++)
        list_party(&l, &from.all[i]);
    TRY(list_controller(&l, e));
    if (q->format == NET_JSON) {
        buf_put(&q->out.b, S("]"));
        if (group)
            put_groups(&l, &from, &all, next);
        net_put_notes_json(in, q, &q->out.b);
        buf_put(&q->out.b, S("}\n"));
        return ERR_OK;
    }
    if (group)
        put_groups(&l, &from, &all, next);
    if (l.n == 0)
        buf_put(&q->out.b, S("No connections.\n"));
    net_put_notes(in, q, &q->out.b);
    return ERR_OK;
}
