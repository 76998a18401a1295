// casemate net reach and who-can-reach: one question, and which rules decide it.
#include "cmd/net_crowd.h"
#include "cmd/net_target.h"
#include "doc/write.h"
#include "graph/reach_explain.h"

struct asking {
    struct net_request *q;
    struct net_input *in;
    struct net_target from, to;
    const uint64_t *port; // or NULL
    bool any_allowed, any_perhaps, any_denied;
    bool headed; // the pair's names stand there
    uint64_t n;
};

static void put_place(const struct inventory *v, struct buf *b, struct inventory_origin at)
{
    buf_printf(b, "%.*s:%u", STR_FMT(inventory_str(v, at.file)), at.line);
}

static const char *direction_name(enum netpol_direction d)
{
    return d == DIRECTION_INGRESS ? "ingress" : "egress";
}

// "NetworkPolicy default/web, ingress rule 2 (file:12)"
static void put_rule(const struct asking *k, struct buf *b, const struct reach_rule *rule)
{
    const struct netpols *p = &k->in->netpols;
    const struct netpol *n = &p->all[rule->policy];
    netpol_put_name(p, b, n);
    if (rule->rule == INVENTORY_NONE) {
        buf_put(b, S(" ("));
        put_place(&k->in->inventory, b, n->at);
        buf_putc(b, ')');
        return;
    }
    const struct netpol_rule *r = &n->rules[rule->rule];
    str name = inventory_str(&k->in->inventory, r->name);
    buf_printf(b, ", %s rule %u", direction_name(r->direction), r->index + 1);
    if (name.n)
        buf_printf(b, " \"%.*s\"", STR_FMT(name));
    buf_put(b, S(" ("));
    put_place(&k->in->inventory, b, r->at);
    buf_putc(b, ')');
}

static void put_reason(const struct asking *k, struct buf *b, enum netpol_direction d, const struct reach_reason *x)
{
    buf_printf(b, "    %-8s%s", direction_name(d), x->perhaps ? "depends" : x->allowed ? "allowed" : "denied");
    if (x->by == REACH_BY_NOBODY)
        buf_put(b, S(": it is outside, policies have no say\n"));
    else if (x->by == REACH_BY_DEFAULT)
        buf_put(b, S(": no policy says otherwise\n"));
    else if (x->by == REACH_BY_ISOLATION)
        buf_put(b, S(": selected by these policies, and no rule of them allows it\n"));
    else
        buf_put(b, x->perhaps ? S(" on\n") : S(" by\n"));
    for (uint32_t i = 0; i < x->n_rules; i++) {
        buf_pad(b, ' ', 12);
        put_rule(k, b, &x->rules[i]);
        buf_put(b, x->rules[i].perhaps ? S(": whether it matches depends on the network plugin, or on an address that is not known\n") : S("\n"));
    }
    if (x->more)
        buf_printf(b, "            and %u more\n", x->more);
    for (uint32_t i = 0; i < x->n_passed; i++) {
        buf_put(b, S("            passed on by "));
        put_rule(k, b, &x->passed[i]);
        buf_putc(b, '\n');
    }
}

static void put_rule_json(const struct asking *k, struct buf *b, const struct reach_rule *rule)
{
    const struct inventory *v = &k->in->inventory;
    const struct netpol *n = &k->in->netpols.all[rule->policy];
    const struct netpol_rule *r = rule->rule == INVENTORY_NONE ? NULL : &n->rules[rule->rule];
    struct inventory_origin at = r ? r->at : n->at;
    buf_printf(b, "{\"kind\": \"%s\", \"namespace\": ", netpol_kind_name(n->kind));
    write_json_string(b, n->ns == INVENTORY_NONE ? S("") : inventory_str(v, v->namespaces[n->ns].name));
    buf_put(b, S(", \"name\": "));
    write_json_string(b, inventory_str(v, n->name));
    if (r) {
        static const char *const actions[] = {"Allow", "Deny", "Pass"};
        buf_printf(b, ", \"direction\": \"%s\", \"rule\": %u, \"action\": \"%s\"", direction_name(r->direction), r->index + 1, actions[r->action]);
        if (r->name) {
            buf_put(b, S(", \"rule_name\": "));
            write_json_string(b, inventory_str(v, r->name));
        }
    }
    if (rule->perhaps)
        buf_put(b, S(", \"perhaps\": true"));
    buf_put(b, S(", \"file\": "));
    write_json_string(b, inventory_str(v, at.file));
    buf_printf(b, ", \"line\": %u}", at.line);
}

static void put_reason_json(const struct asking *k, struct buf *b, enum netpol_direction d, const struct reach_reason *x)
{
    static const char *const by[] = {"rule", "isolation", "default", "outside"};
    buf_printf(b, "\"%s\": {\"answer\": \"%s\", \"by\": \"%s\", \"rules\": [", direction_name(d),
               x->perhaps ? "depends" : x->allowed ? "allowed" : "denied", by[x->by]);
    for (uint32_t i = 0; i < x->n_rules; i++) {
        buf_put(b, i ? S(", ") : S(""));
        put_rule_json(k, b, &x->rules[i]);
    }
    buf_put(b, S("], \"passed\": ["));
    for (uint32_t i = 0; i < x->n_passed; i++) {
        buf_put(b, i ? S(", ") : S(""));
        put_rule_json(k, b, &x->passed[i]);
    }
    buf_put(b, S("]}"));
}

struct reasons {
    struct reach_reason of[DIRECTIONS];
};

static void explain(const struct reach *r, uint32_t row, uint32_t column, uint32_t atom, struct reasons *x)
{
    memset(x, 0, sizeof *x); // compared as bytes
    for (int d = 0; d < DIRECTIONS; d++)
        reach_explain(r, (enum netpol_direction)d, row, column, atom, &x->of[d]);
}

static const char *verdict(const struct reasons *x)
{
    const struct reach_reason *in = &x->of[DIRECTION_INGRESS], *eg = &x->of[DIRECTION_EGRESS];
    if ((!in->allowed && !in->perhaps) || (!eg->allowed && !eg->perhaps))
        return "denied";
    return in->perhaps || eg->perhaps ? "depends" : "allowed";
}

static void put_answer(struct asking *k, str from, str to, const uint64_t *bits, const struct reasons *x)
{
    struct buf *b = &k->q->out.b;
    const struct reach *r = &k->in->reach;
    const char *word = verdict(x);
    k->any_allowed = k->any_allowed || str_eq(str_of(word), S("allowed"));
    k->any_perhaps = k->any_perhaps || str_eq(str_of(word), S("depends"));
    k->any_denied = k->any_denied || str_eq(str_of(word), S("denied"));
    if (k->q->format == NET_JSON) {
        buf_put(b, k->n++ ? S(",\n  {\"source\": ") : S("\n  {\"source\": "));
        write_json_string(b, from);
        buf_put(b, S(", \"destination\": "));
        write_json_string(b, to);
        buf_printf(b, ", \"answer\": \"%s\", \"connections\": ", word);
        net_put_ports_json(r, b, bits);
        buf_put(b, S(", "));
        put_reason_json(k, b, DIRECTION_EGRESS, &x->of[DIRECTION_EGRESS]);
        buf_put(b, S(", "));
        put_reason_json(k, b, DIRECTION_INGRESS, &x->of[DIRECTION_INGRESS]);
        buf_putc(b, '}');
        return;
    }
    if (!k->headed)
        buf_printf(b, "%.*s => %.*s\n", STR_FMT(from), STR_FMT(to));
    k->headed = true;
    buf_put(b, S("  "));
    reach_put_ports(r, b, bits);
    buf_printf(b, ": %s\n", word);
    put_reason(k, b, DIRECTION_EGRESS, &x->of[DIRECTION_EGRESS]);
    put_reason(k, b, DIRECTION_INGRESS, &x->of[DIRECTION_INGRESS]);
    k->n++;
}

// Ports that the same rules decide are one answer.
static err_code ask_pair(struct asking *k, const struct net_end *from, const struct net_end *to, uint32_t row, uint32_t column, struct err *e)
{
    const struct reach *r = &k->in->reach;
    struct reasons *of, first;
    uint64_t *bits, *done;
    TRY_NEW(of, &k->q->memory, r->n_atoms, e);
    TRY_NEW(bits, &k->q->memory, reach_atom_words(r), e);
    TRY_NEW(done, &k->q->memory, reach_atom_words(r), e);
    for (uint32_t i = 0; i < r->n_atoms; i++) {
        const uint64_t *wanted[] = {k->port, to->ports};
        explain(r, row, column, i, &of[i]);
        for (int w = 0; w < 2; w++)
            if (wanted[w] && !(wanted[w][i / 64] >> (i % 64) & 1))
                done[i / 64] |= (uint64_t)1 << (i % 64);
    }
    // What is allowed first, then what depends, then what is denied.
    static const char *const words[] = {"allowed", "depends", "denied"};
    for (uint32_t i = 0, turn = 0; turn < 3; i = i + 1 < r->n_atoms ? i + 1 : 0, turn += i == 0) {
        if (done[i / 64] >> (i % 64) & 1 || !str_eq(str_of(verdict(&of[i])), str_of(words[turn])))
            continue;
        first = of[i];
        memset(bits, 0, reach_atom_words(r) * sizeof *bits);
        for (uint32_t n = i; n < r->n_atoms; n++)
            if (!(done[n / 64] >> (n % 64) & 1) && memcmp(&of[n], &first, sizeof first) == 0) {
                bits[n / 64] |= (uint64_t)1 << (n % 64);
                done[n / 64] |= (uint64_t)1 << (n % 64);
            }
        put_answer(k, from->party.name, to->party.name, bits, &first);
    }
    return ERR_OK;
}

static err_code ask_all(struct asking *k, struct err *e)
{
    for (uint32_t i = 0; i < k->from.n; i++)
        for (uint32_t n = 0; n < k->to.n; n++) {
            k->headed = false;
            const struct net_end *from = &k->from.ends[i], *to = &k->to.ends[n];
            size_t mark = arena_mark(&k->q->memory);
            for (uint32_t x = 0; x < from->party.n_classes; x++)
                for (uint32_t y = 0; y < to->party.n_classes; y++)
                    TRY(ask_pair(k, from, to, from->party.classes[x], to->party.classes[y], e));
            arena_rewind(&k->q->memory, mark);
            out_flush(&k->q->out);
        }
    return ERR_OK;
}

static void put_unknown(struct asking *k, const struct net_target *t)
{
    if (t->unknown && k->q->format != NET_JSON)
        buf_printf(&k->q->out.b, "%.*s: %s\n", STR_FMT(t->name), t->unknown);
}

static void close_entries(struct asking *k, const char *answer)
{
    struct buf *b = &k->q->out.b;
    buf_put(b, S("]"));
    if (answer)
        buf_printf(b, ", \"answer\": \"%s\"", answer);
    if (k->to.unknown) {
        buf_put(b, S(", \"unknown\": "));
        write_json_string(b, str_of(k->to.unknown));
    }
}

static void finish_json(struct asking *k)
{
    net_put_notes_json(k->in, k->q, &k->q->out.b);
    buf_put(&k->q->out.b, S("}\n"));
}

err_code net_reach_run(struct net_request *q, struct err *e)
{
    struct asking k = {.q = q};
    if (q->n < 3)
        return err_set(e, ERR_USAGE, "net reach: it takes FROM, TO and PATHs (or -)");
    q->target = q->words[1];
    TRY_NEW(k.in, &q->memory, 1, e);
    TRY(net_input_open(k.in, q, q->words + 2, q->n - 2, e));
    TRY(net_port_bits(k.in, q, &k.port, e));
    TRY(net_target_find(k.in, q, q->words[0], DIRECTION_INGRESS, &k.from, e));
    TRY(net_target_find(k.in, q, q->words[1], DIRECTION_EGRESS, &k.to, e));
    if (q->format == NET_JSON)
        buf_put(&q->out.b, S("{\"entries\": ["));
    put_unknown(&k, &k.from);
    put_unknown(&k, &k.to);
    TRY(ask_all(&k, e));
    const char *answer = k.any_allowed && k.any_denied ? "in part" : k.any_allowed ? "allowed" : k.any_perhaps ? "depends" : "denied";
    if (q->format == NET_JSON) {
        close_entries(&k, answer);
        finish_json(&k);
    } else {
        net_put_notes(k.in, q, &q->out.b);
    }
    if (!q->status)
        q->status = k.any_allowed ? 0 : 1;
    return ERR_OK;
}

// ---- who-can-reach

struct reaching {
    struct asking *k;
    struct net_sender sender;
    struct net_answer answer;
    uint64_t *perhaps;
    struct net_crowd crowd; // of sources, and of the target's ends
    bool *is_end;           // by source
    uint32_t *twin;         // by group of ends: the group of sources that has the same members, or INVENTORY_NONE
    bool *mentioned;        // by group of sources: it, or its twin, is in an entry
    // Text: the lines of the sender under way, and whether all say the same ports.
    size_t start, ports, ports_end; // offsets in the output of its first line, and of that line's ports
    uint32_t lines;
    bool differ;
};

// Pods of the same classes are one. Whether a source is an end too tells it apart, so that a group of ends is a group of sources, and has
// its name; ends whose ports are meant are not put together.
static uint32_t key_of_party(const void *ctx, enum netpol_direction d, uint32_t party, uint32_t *key)
{
    const struct reaching *w = ctx;
    const struct net_party *p = &w->crowd.all[d].all[party];
    bool ports = d == DIRECTION_EGRESS && w->k->to.ends[party].ports;
    bool address = p->range != INVENTORY_NONE || (p->pod != INVENTORY_NONE && !w->k->q->pods); // of a Pod, perhaps: a name of its own
    if (!w->crowd.together || ports || address) {
        key[0] = 2;
        key[1] = party;
        return 2;
    }
    key[0] = d == DIRECTION_EGRESS || w->is_end[party];
    memcpy(key + 1, p->classes, p->n_classes * sizeof *key);
    return 1 + p->n_classes;
}

// Which sources are ends: source_of, by end, is the source or INVENTORY_NONE.
static err_code match(struct reaching *w, uint32_t *source_of, struct err *e)
{
    struct arena *a = &w->k->q->memory;
    const struct net_parties *from = &w->crowd.all[DIRECTION_INGRESS];
    const struct net_target *target = &w->k->to;
    struct rows sources;
    uint32_t index;
    TRY(rows_init(&sources, a, e));
    for (uint32_t i = 0; i < from->n; i++) // ranges differ in what is no workload
        TRY(rows_put(&sources, (uint32_t[]){from->all[i].workload, from->all[i].pod, from->all[i].range}, 3, &index, e));
    for (uint32_t i = 0; i < target->n; i++) {
        const struct net_party *p = &target->ends[i].party;
        TRY(rows_put(&sources, (uint32_t[]){p->workload, p->pod, p->range}, 3, &index, e));
        source_of[i] = index <= from->n && !target->ends[i].ports ? index - 1 : INVENTORY_NONE;
        if (source_of[i] != INVENTORY_NONE)
            w->is_end[source_of[i]] = true;
    }
    return ERR_OK;
}

static err_code put_together(struct reaching *w, struct err *e)
{
    struct arena *a = &w->k->q->memory;
    const struct net_target *target = &w->k->to;
    struct net_parties *from = &w->crowd.all[DIRECTION_INGRESS], *to = &w->crowd.all[DIRECTION_EGRESS];
    uint32_t *source_of, *group_of;
    TRY_NEW(to->all, a, target->n, e);
    TRY_NEW(w->is_end, a, from->n, e);
    TRY_NEW(source_of, a, target->n, e);
    TRY(match(w, source_of, e));
    for (uint32_t i = 0; i < target->n; i++)
        to->all[to->n++] = target->ends[i].party;
    w->crowd.together = !w->k->q->each && (w->k->q->group || from->n > NET_MOST_APART);
    TRY(net_crowd_collect(&w->crowd, DIRECTION_EGRESS, 2, key_of_party, w, a, NULL, e));
    TRY(net_crowd_collect(&w->crowd, DIRECTION_INGRESS, 2, key_of_party, w, a, &group_of, e));
    TRY(net_crowd_name(&w->crowd, DIRECTION_INGRESS, a, e));
    TRY_NEW(w->twin, a, w->crowd.of[DIRECTION_EGRESS].n, e);
    TRY_NEW(w->mentioned, a, w->crowd.of[DIRECTION_INGRESS].n, e);
    for (uint32_t i = 0; i < w->crowd.of[DIRECTION_EGRESS].n; i++) {
        struct net_party *p = &w->crowd.of[DIRECTION_EGRESS].all[i];
        uint32_t source = source_of[p->first];
        w->twin[i] = source == INVENTORY_NONE ? INVENTORY_NONE : group_of[source] - 1;
        if (p->n_more && source != INVENTORY_NONE)
            p->name = w->crowd.of[DIRECTION_INGRESS].all[w->twin[i]].name;
    }
    return ERR_OK;
}

static void put_line(struct reaching *w, const struct net_party *from, str to, bool maybe)
{
    struct asking *k = w->k;
    struct buf *b = &k->q->out.b;
    size_t start = b->n;
    k->q->said_perhaps = k->q->said_perhaps || maybe;
    buf_printf(b, "%.*s => %.*s : ", STR_FMT(from->name), STR_FMT(to));
    size_t ports = b->n;
    reach_put_ports(&k->in->reach, b, w->answer.low);
    if (maybe) {
        buf_put(b, S(", perhaps "));
        reach_put_ports(&k->in->reach, b, w->perhaps);
    }
    buf_putc(b, '\n');
    if (w->lines++ == 0) {
        w->start = start;
        w->ports = ports;
        w->ports_end = b->n;
    } else if (!str_eq((str){b->p + ports, b->n - ports}, (str){b->p + w->ports, w->ports_end - w->ports})) {
        w->differ = true;
    }
}

// A sender that may reach all addresses of a target alike is one line. Of a target with more ends every line is written at once.
enum { MOST_MERGED = 64 };

static void merge_lines(struct reaching *w, const struct net_party *from)
{
    struct asking *k = w->k;
    struct buf *b = &k->q->out.b;
    if (w->lines == w->crowd.of[DIRECTION_EGRESS].n && w->lines > 1 && w->lines <= MOST_MERGED && !w->differ && !b->failed) {
        str ports = arena_dup(&k->q->memory, (str){b->p + w->ports, w->ports_end - w->ports});
        if (ports.p) {
            b->n = w->start;
            buf_printf(b, "%.*s => %.*s (all %u) : %.*s", STR_FMT(from->name), STR_FMT(k->to.name), k->to.n, STR_FMT(ports));
        }
    }
    w->lines = 0;
    w->differ = false;
}

// False: nothing.
static bool put_one(struct reaching *w, const struct net_party *from, const struct net_end *to)
{
    struct asking *k = w->k;
    const struct reach *r = &k->in->reach;
    struct buf *b = &k->q->out.b;
    struct net_answer *x = &w->answer;
    uint64_t any = 0, maybe = 0;
    if (!net_answer_get(&w->sender, &to->party, x))
        return false;
    for (uint32_t i = 0; i < reach_atom_words(r); i++) {
        uint64_t mask = (k->port ? k->port[i] : ~(uint64_t)0) & (to->ports ? to->ports[i] : ~(uint64_t)0);
        x->low[i] &= mask;
        w->perhaps[i] = x->high[i] & mask & ~x->low[i];
        any |= x->low[i] | w->perhaps[i];
        maybe |= w->perhaps[i];
    }
    if (!any)
        return false;
    if (k->q->format == NET_JSON) {
        buf_put(b, k->n ? S(",\n  {\"source\": ") : S("\n  {\"source\": "));
        write_json_string(b, from->name);
        buf_put(b, S(", \"destination\": "));
        write_json_string(b, to->party.name);
        buf_put(b, S(", \"connections\": "));
        net_put_ports_json(r, b, x->low);
        if (maybe) {
            buf_put(b, S(", \"perhaps\": "));
            net_put_ports_json(r, b, w->perhaps);
        }
        buf_putc(b, '}');
    } else {
        put_line(w, from, to->party.name, maybe);
    }
    k->n++;
    if (w->crowd.of[DIRECTION_EGRESS].n > MOST_MERGED)
        out_flush(&k->q->out);
    return true;
}

err_code net_who_run(struct net_request *q, struct err *e)
{
    struct asking k = {.q = q};
    struct reaching w = {.k = &k};
    const struct net_parties *from = &w.crowd.of[DIRECTION_INGRESS], *to = &w.crowd.of[DIRECTION_EGRESS];
    if (q->n < 2)
        return err_set(e, ERR_USAGE, "net who-can-reach: it takes a target and PATHs (or -)");
    q->target = q->words[0];
    TRY_NEW(k.in, &q->memory, 1, e);
    TRY(net_input_open(k.in, q, q->words + 1, q->n - 1, e));
    TRY(net_port_bits(k.in, q, &k.port, e));
    TRY(net_target_find(k.in, q, q->words[0], DIRECTION_EGRESS, &k.to, e));
    TRY(net_parties_make(k.in, q->pods, DIRECTION_INGRESS, &q->memory, &w.crowd.all[DIRECTION_INGRESS], e));
    TRY(put_together(&w, e));
    TRY(net_sender_init(&w.sender, &k.in->reach, &q->memory, e));
    TRY(net_answer_init(&w.answer, &k.in->reach, &q->memory, e));
    TRY_NEW(w.perhaps, &q->memory, reach_atom_words(&k.in->reach), e);
    if (q->format == NET_JSON)
        buf_put(&q->out.b, S("{\"entries\": ["));
    put_unknown(&k, &k.to);
    for (uint32_t i = 0; i < from->n; i++) {
        net_sender_set(&w.sender, &from->all[i]);
        for (uint32_t n = 0; n < to->n && !q->out.sys; n++) {
            const struct net_end end = {to->all[n], k.to.ends[to->all[n].first].ports};
            if (net_is_self(&from->all[i], &end.party) || !put_one(&w, &from->all[i], &end))
                continue;
            w.mentioned[i] = true;
            if (w.twin[n] != INVENTORY_NONE)
                w.mentioned[w.twin[n]] = true;
        }
        merge_lines(&w, &from->all[i]);
        out_flush(&q->out);
    }
    if (q->format == NET_JSON) {
        close_entries(&k, NULL);
        net_crowd_put_groups(&w.crowd, w.mentioned, q);
        finish_json(&k);
        return ERR_OK;
    }
    if (!k.n)
        buf_put(&q->out.b, S("Nobody.\n"));
    if (k.n)
        net_crowd_put_groups(&w.crowd, w.mentioned, q);
    net_put_notes(k.in, q, &q->out.b);
    return ERR_OK;
}
