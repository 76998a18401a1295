// casemate net diff: what a change of the objects opens and closes.
#include "cmd/net_crowd.h"
#include "doc/write.h"

// A party of the one, of the other, or of both.
struct pair {
    const struct net_party *of[2]; // old, new; NULL: not there
    str name;
};
struct pairs {
    struct pair *all;
    uint32_t n;
};

struct comparing {
    struct net_request *q;
    struct pairs pairs[DIRECTIONS];
    struct net_crowd crowd; // of pairs: those that policies tell apart neither before nor after are one
    struct net_input *in[2];
    struct net_sender senders[2];
    struct net_answer answers[2];
    uint64_t *changed;
    bool *mentioned; // by sender: it, or as a receiver, is in an entry
    uint64_t n_opened, n_closed, n;
};

static int order(const struct net_party *a, const struct net_party *b)
{
    bool x = a->range != INVENTORY_NONE, y = b->range != INVENTORY_NONE;
    if (x != y)
        return x ? -1 : 1;
    if (x)
        return a->range < b->range ? -1 : a->range > b->range; // both have the same ranges
    return str_cmp(a->name, b->name);
}

static err_code merge(struct comparing *c, enum netpol_direction d, struct pairs *ret, struct err *e)
{
    struct net_parties p[2];
    uint32_t i = 0, k = 0;
    for (int s = 0; s < 2; s++)
        TRY(net_parties_make(c->in[s], c->q->pods, d, &c->q->memory, &p[s], e));
    *ret = (struct pairs){0};
    TRY_NEW(ret->all, &c->q->memory, p[0].n + p[1].n, e);
    while (i < p[0].n || k < p[1].n) {
        const struct net_party *a = i < p[0].n ? &p[0].all[i] : NULL, *b = k < p[1].n ? &p[1].all[k] : NULL;
        int o = !a ? 1 : !b ? -1 : order(a, b);
        ret->all[ret->n++] = (struct pair){{o <= 0 ? a : NULL, o >= 0 ? b : NULL}, o <= 0 ? a->name : b->name};
        i += o <= 0;
        k += o >= 0;
    }
    return ERR_OK;
}

static uint32_t key_of_pair(const void *ctx, enum netpol_direction d, uint32_t party, uint32_t *key)
{
    const struct comparing *c = ctx;
    const struct pair *p = &c->pairs[d].all[party];
    uint32_t n = 1;
    key[0] = c->crowd.all[d].all[party].range != INVENTORY_NONE || !c->crowd.together;
    if (key[0])
        key[n++] = party;
    for (int s = 0; s < 2 && !key[0]; s++) {
        key[n] = p->of[s] ? p->of[s]->n_classes : 0;
        if (key[n])
            memcpy(key + n + 1, p->of[s]->classes, key[n] * sizeof *key);
        n += key[n] + 1;
    }
    return n;
}

// Above so many workloads those whose Pods are of the same classes, in the old and in the new, are one.
static err_code put_together(struct comparing *c, struct err *e)
{
    for (int d = 0; d < DIRECTIONS; d++) {
        struct net_parties *all = &c->crowd.all[d];
        uint32_t most = 0; // classes in the new
        TRY(merge(c, (enum netpol_direction)d, &c->pairs[d], e));
        TRY_NEW(all->all, &c->q->memory, c->pairs[d].n, e);
        for (uint32_t i = 0; i < c->pairs[d].n; i++) {
            const struct pair *p = &c->pairs[d].all[i];
            all->all[all->n++] = *p->of[p->of[0] ? 0 : 1];
            most = p->of[1] && p->of[1]->n_classes > most ? p->of[1]->n_classes : most;
        }
        c->crowd.together = !c->q->each && (c->q->group || all->n > NET_MOST_APART);
        TRY(net_crowd_collect(&c->crowd, (enum netpol_direction)d, most + 3, key_of_pair, c, &c->q->memory, NULL, e));
        TRY(net_crowd_name(&c->crowd, (enum netpol_direction)d, &c->q->memory, e));
    }
    return ERR_OK;
}

// Both get the ranges and the ports of either, so that answers can be compared bit by bit.
static err_code refine(struct comparing *c, struct err *e)
{
    struct reach_options o[2];
    for (int s = 0; s < 2; s++)
        o[s] = c->in[s]->reach.options;
    bool ipv6 = o[0].ipv6 || o[1].ipv6;
    for (int round = 0; round < 2; round++) { // the second time both know all
        for (int s = 0; s < 2; s++) {
            const struct reach *other = &c->in[!s]->reach;
            struct reach_cut *cuts;
            TRY_NEW(cuts, &c->q->memory, other->n_atoms + o[s].n_cuts, e);
            for (uint32_t i = 0; i < other->n_atoms; i++)
                cuts[i] = (struct reach_cut){other->atoms[i].protocol, other->atoms[i].first, true};
            o[s].cuts = cuts;
            o[s].n_cuts = other->n_atoms;
            o[s].ipv6 = ipv6;
            for (int d = 0; d < DIRECTIONS; d++) {
                o[s].ranges[d] = other->outside[d];
                o[s].n_ranges[d] = other->n_outside[d];
            }
            struct net_input *in = c->in[s];
            TRY(reach_build(&in->reach, &in->inventory, &in->netpols, o[s], &c->q->memory, e));
        }
    }
    if (c->in[0]->reach.n_atoms != c->in[1]->reach.n_atoms || c->in[0]->reach.n_outside[0] != c->in[1]->reach.n_outside[0])
        return err_set(e, ERR_INTERNAL, "net diff: ports or ranges of the two are not the same");
    return ERR_OK;
}

static void put_change(struct comparing *c, const struct net_party *sender, const struct net_party *receiver, bool opened, bool perhaps)
{
    static const char *const words[] = {"closed", "opened"};
    const struct pair *from = &c->pairs[DIRECTION_INGRESS].all[sender->first], *to = &c->pairs[DIRECTION_EGRESS].all[receiver->first];
    const struct reach *r = &c->in[1]->reach;
    struct buf *b = &c->q->out.b;
    uint64_t *n = opened ? &c->n_opened : &c->n_closed;
    const char *why = !from->of[opened ? 0 : 1] ? (opened ? "source is new" : "source is gone")
                      : !to->of[opened ? 0 : 1] ? (opened ? "destination is new" : "destination is gone") : NULL;
    ++*n;
    // Workloads stand in the same order behind the ranges of both directions.
    c->mentioned[sender - c->crowd.of[DIRECTION_INGRESS].all] = true;
    if (receiver->range == INVENTORY_NONE)
        c->mentioned[receiver - c->crowd.of[DIRECTION_EGRESS].all + c->crowd.of[DIRECTION_INGRESS].n - c->crowd.of[DIRECTION_EGRESS].n] = true;
    if (c->q->format == NET_JSON) {
        buf_printf(b, "%s\n  {\"change\": \"%s\", \"source\": ", c->n ? "," : "", words[opened]);
        write_json_string(b, sender->name);
        buf_put(b, S(", \"destination\": "));
        write_json_string(b, receiver->name);
        buf_put(b, S(", \"connections\": "));
        net_put_ports_json(r, b, c->changed);
        if (perhaps)
            buf_put(b, S(", \"perhaps\": true"));
        if (why)
            buf_printf(b, ", \"because\": \"%s\"", why);
        buf_putc(b, '}');
    } else {
        buf_printf(b, "%c %.*s => %.*s : ", opened ? '+' : '-', STR_FMT(sender->name), STR_FMT(receiver->name));
        buf_put(b, perhaps ? S("perhaps ") : S(""));
        reach_put_ports(r, b, c->changed);
        if (why)
            buf_printf(b, " (%s)", why);
        buf_putc(b, '\n');
    }
    c->n++;
    out_flush(&c->q->out);
}

static bool difference(struct comparing *c, const uint64_t *more, const uint64_t *less, const uint64_t *unless)
{
    uint64_t any = 0;
    for (uint32_t i = 0; i < reach_atom_words(&c->in[0]->reach); i++) {
        c->changed[i] = more[i] & ~less[i] & (unless ? ~unless[i] : ~(uint64_t)0);
        any |= c->changed[i];
    }
    return any != 0;
}

static void compare(struct comparing *c, const struct net_party *sender, const struct net_party *receiver)
{
    const struct pair *from = &c->pairs[DIRECTION_INGRESS].all[sender->first], *to = &c->pairs[DIRECTION_EGRESS].all[receiver->first];
    uint32_t words = reach_atom_words(&c->in[0]->reach);
    for (int s = 0; s < 2; s++)
        if (!from->of[s] || !to->of[s] || !net_answer_get(&c->senders[s], to->of[s], &c->answers[s])) {
            memset(c->answers[s].low, 0, words * sizeof(uint64_t));
            memset(c->answers[s].high, 0, words * sizeof(uint64_t));
        }
    const struct net_answer *old = &c->answers[0], *new = &c->answers[1];
    if (difference(c, new->low, old->low, NULL))
        put_change(c, sender, receiver, true, false);
    if (difference(c, old->low, new->low, NULL))
        put_change(c, sender, receiver, false, false);
    if (difference(c, new->high, old->high, new->low))
        put_change(c, sender, receiver, true, true);
    if (difference(c, old->high, new->high, old->low))
        put_change(c, sender, receiver, false, true);
}

static err_code read_both(struct comparing *c, struct err *e)
{
    TRY(verbs_confine(&c->q->base, c->q->words, 2, e));
    for (int s = 0; s < 2; s++) {
        TRY_NEW(c->in[s], &c->q->memory, 1, e);
        TRY(net_input_read(c->in[s], c->q, c->q->words + s, 1, e));
    }
    TRY(refine(c, e));
    for (int s = 0; s < 2; s++) {
        TRY(net_sender_init(&c->senders[s], &c->in[s]->reach, &c->q->memory, e));
        TRY(net_answer_init(&c->answers[s], &c->in[s]->reach, &c->q->memory, e));
    }
    TRY_NEW(c->changed, &c->q->memory, reach_atom_words(&c->in[0]->reach), e);
    return ERR_OK;
}

err_code net_diff_run(struct net_request *q, struct err *e)
{
    struct comparing c = {.q = q};
    const struct net_parties *from = &c.crowd.of[DIRECTION_INGRESS], *to = &c.crowd.of[DIRECTION_EGRESS];
    if (q->n != 2)
        return err_set(e, ERR_USAGE, "net diff: it takes OLD and NEW, each a file or a directory");
    TRY(read_both(&c, e));
    TRY(put_together(&c, e));
    TRY_NEW(c.mentioned, &q->memory, from->n, e);
    if (q->format == NET_JSON)
        buf_put(&q->out.b, S("{\"entries\": ["));
    for (uint32_t i = 0; i < from->n && !q->out.sys; i++) {
        const struct net_party *a = &from->all[i];
        for (int s = 0; s < 2; s++)
            if (c.pairs[DIRECTION_INGRESS].all[a->first].of[s])
                net_sender_set(&c.senders[s], c.pairs[DIRECTION_INGRESS].all[a->first].of[s]);
        for (uint32_t k = 0; k < to->n; k++) {
            const struct net_party *b = &to->all[k];
            bool outside = a->range != INVENTORY_NONE && b->range != INVENTORY_NONE;
            bool pods = a->range == INVENTORY_NONE && b->range == INVENTORY_NONE;
            if (!outside && !(pods && !a->n_more && str_eq(a->name, b->name)))
                compare(&c, a, b);
        }
    }
    if (!q->status)
        q->status = c.n ? 1 : 0;
    if (q->format == NET_JSON) {
        buf_printf(&q->out.b, "], \"opened\": %llu, \"closed\": %llu", (unsigned long long)c.n_opened, (unsigned long long)c.n_closed);
        net_crowd_put_groups(&c.crowd, c.mentioned, q);
        net_put_notes_json(c.in[1], q, &q->out.b);
        buf_put(&q->out.b, S("}\n"));
        return ERR_OK;
    }
    buf_printf(&q->out.b, "%llu opened, %llu closed\n", (unsigned long long)c.n_opened, (unsigned long long)c.n_closed);
    net_crowd_put_groups(&c.crowd, c.mentioned, q);
    net_put_notes(c.in[1], q, &q->out.b);
    return ERR_OK;
}
