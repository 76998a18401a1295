// casemate net exposure: what each workload is open to beyond the Pods of the input: any Pod of the cluster, Pods that rules
// speak of, addresses outside; which workloads no policy protects; and what Services and routes offer to the outside.
#include "cmd/net_crowd.h"
#include "doc/write.h"

struct exposing {
    struct net_request *q;
    struct net_input *in;
    struct net_parties ranges[DIRECTIONS]; // with the workloads behind them
    struct net_sender sender;
    struct net_answer answer;
    uint64_t *entire, *entire_high; // of any Pod, to compare with
    uint64_t n; // entries
    bool first; // of the peers of an entry
};

// Is the Pod a subject of the policy? Those of the node's network are none of cluster-scoped policies, and of NetworkPolicies only
// where the network plugin has it so.
static bool is_of(const struct reach *r, const struct netpol *o, const struct inventory_pod *pod)
{
    const struct inventory *v = r->inventory;
    const struct netpols *n = r->netpols;
    if (pod->host_network && (o->ns == INVENTORY_NONE || r->options.host_network_as_pods == REACH_NO))
        return false;
    bool in = o->subject.ns != INVENTORY_NONE ? o->subject.ns == pod->ns
                                              : netpol_selects(n, o->subject.namespaces, v->namespaces[pod->ns].labels);
    return in && netpol_selects(n, o->subject.pods, pod->labels);
}

// Is a Pod of the party subject to some policy with something to say about a direction?
static bool is_protected(const struct exposing *x, const struct net_party *p, enum netpol_direction d)
{
    const struct inventory *v = &x->in->inventory;
    const struct reach *r = &x->in->reach;
    const struct netpols *n = r->netpols;
    const struct inventory_pod *pod = &v->pods[v->by_workload[v->workloads[p->workload].first_pod]];
    for (uint32_t i = 0; i < n->n; i++) {
        const struct netpol *o = &n->all[i];
        bool says = o->isolates[d];
        for (uint32_t k = 0; k < o->n_rules; k++)
            says = says || o->rules[k].direction == d;
        if (says && is_of(r, o, pod))
            return true;
    }
    return false;
}

// ---- ports by name, which nobody can look up at a Pod that is not there

// Does the rule take every Pod that `to` stands for?
static bool takes(const struct netpols *n, const struct netpol_rule *r, const struct inventory_pod *to)
{
    const struct inventory *v = n->inventory;
    bool unknown = v->namespaces[to->ns].unknown;
    for (uint32_t j = 0; j < r->n_peers; j++) {
        const struct netpol_pods *c = &r->peers[j].pods;
        if (r->peers[j].any)
            return true;
        if (r->peers[j].kind != PEER_PODS)
            continue;
        if (unknown ? c->ns == INVENTORY_NONE && !c->namespaces && !c->pods
                    : (c->ns != INVENTORY_NONE ? c->ns == to->ns : netpol_selects(n, c->namespaces, v->namespaces[to->ns].labels)) &&
                          netpol_selects(n, c->pods, to->labels))
            return true;
    }
    return false;
}

// Does the rule speak of the port, whatever number it has?
static bool covers(const struct netpol_rule *r, const struct netpol_port *port)
{
    for (uint32_t j = 0; j < r->n_ports; j++) {
        const struct netpol_port *o = &r->ports[j];
        if (o->name ? o->name == port->name && (o->protocol == ANY_PROTOCOL || o->protocol == port->protocol)
                    : o->protocol == port->protocol && o->first == 1 && o->last == 65535)
            return true;
    }
    return r->n_ports == 0;
}

// Has something that counts before the rule at `own` the last word about the port, or named it already?
static bool is_settled(const struct reach *reach, const struct inventory_pod *from, const struct inventory_pod *to, uint32_t own,
                       uint32_t own_rule, const struct netpol_port *port)
{
    const struct netpols *n = reach->netpols;
    enum netpol_tier passed = TIERS;
    for (uint32_t i = 0; i <= own; i++) {
        const struct netpol *o = &n->all[i];
        if (!is_of(reach, o, from))
            continue;
        if (o->tier == TIER_NETWORK && n->all[own].tier == TIER_BASELINE && o->isolates[DIRECTION_EGRESS])
            return true;
        for (uint32_t k = 0; k < o->n_rules && (i < own || k < own_rule) && o->tier != passed; k++) {
            const struct netpol_rule *r = &o->rules[k];
            if (r->direction != DIRECTION_EGRESS || !covers(r, port) || !takes(n, r, to))
                continue;
            if (r->action != ACTION_PASS)
                return true;
            passed = o->tier;
        }
        if (i == own && o->tier == passed)
            return true;
    }
    return false;
}

static void put_name(struct exposing *x, struct buf *b, const struct netpol_port *port, bool json)
{
    static const char *const protocols[] = {"TCP", "UDP", "SCTP", "any"};
    str name = inventory_str(&x->in->inventory, port->name);
    buf_put(b, b->n == 0 ? (json ? S(", \"named\": [") : S(", named ")) : S(", "));
    if (json) {
        buf_printf(b, "{\"protocol\": \"%s\", \"name\": ", protocols[port->protocol]);
        write_json_string(b, name);
        buf_putc(b, '}');
    } else {
        buf_printf(b, "%s %.*s", protocols[port->protocol], STR_FMT(name));
    }
}

// Names of ports that rules allow towards Pods of which nothing is known: which numbers they are nobody knows.
static void put_names(struct exposing *x, struct buf *b, const struct net_party *p, const struct inventory_pod *to, bool json)
{
    const struct inventory *v = &x->in->inventory;
    const struct reach *reach = &x->in->reach;
    const struct netpols *n = reach->netpols;
    const struct inventory_pod *own = &v->pods[v->by_workload[v->workloads[p->workload].first_pod]];
    b->n = 0;
    for (uint32_t i = 0; i < n->n; i++) {
        const struct netpol *o = &n->all[i];
        if (!is_of(reach, o, own))
            continue;
        for (uint32_t k = 0; k < o->n_rules; k++) {
            const struct netpol_rule *r = &o->rules[k];
            if (r->direction != DIRECTION_EGRESS || r->action != ACTION_ALLOW || !takes(n, r, to))
                continue;
            for (uint32_t j = 0; j < r->n_ports; j++)
                if (r->ports[j].name && !is_settled(reach, own, to, i, k, &r->ports[j]))
                    put_name(x, b, &r->ports[j], json);
        }
    }
    if (b->n && json)
        buf_putc(b, ']');
}

static bool is_perhaps(const struct exposing *x)
{
    return memcmp(x->answer.low, x->answer.high, reach_atom_words(&x->in->reach) * sizeof(uint64_t)) != 0;
}

// What depends, in place of what is possible.
static const uint64_t *perhaps_of(struct exposing *x)
{
    for (uint32_t i = 0; i < reach_atom_words(&x->in->reach); i++)
        x->answer.high[i] &= ~x->answer.low[i];
    return x->answer.high;
}

// One peer of the workload: connections are in x->answer, whose high is changed.
static void put_peer(struct exposing *x, str peer, enum netpol_direction d, const struct buf *names)
{
    struct buf *b = &x->q->out.b;
    const struct reach *r = &x->in->reach;
    if (x->q->format == NET_JSON) {
        buf_put(b, x->first ? S("{\"peer\": ") : S(", {\"peer\": "));
        write_json_string(b, peer);
        buf_put(b, S(", \"connections\": "));
        net_put_ports_json(r, b, x->answer.low);
        if (is_perhaps(x)) {
            buf_put(b, S(", \"perhaps\": "));
            net_put_ports_json(r, b, perhaps_of(x));
        }
        buf_put(b, buf_str(names));
        buf_putc(b, '}');
    } else {
        buf_printf(b, "    %s %.*s : ", d == DIRECTION_INGRESS ? "<=" : "=>", STR_FMT(peer));
        reach_put_ports(r, b, x->answer.low);
        buf_put(b, buf_str(names));
        if (is_perhaps(x)) {
            x->q->said_perhaps = true;
            buf_put(b, S(", perhaps "));
            reach_put_ports(r, b, perhaps_of(x));
        }
        buf_putc(b, '\n');
    }
    x->first = false;
}

static void ask(struct exposing *x, enum netpol_direction d, const struct net_party *own, uint32_t class)
{
    struct net_party other = {.classes = &class, .n_classes = 1};
    if (d == DIRECTION_INGRESS && own->n_classes == 1)
        net_sender_set_for(&x->sender, class, own->classes[0]);
    else
        net_sender_set(&x->sender, d == DIRECTION_INGRESS ? &other : own);
    (void)net_answer_get(&x->sender, d == DIRECTION_INGRESS ? own : &other, &x->answer);
}

static bool is_entire(const struct exposing *x)
{
    size_t size = reach_atom_words(&x->in->reach) * sizeof(uint64_t);
    return memcmp(x->answer.low, x->entire, size) == 0 && memcmp(x->answer.high, x->entire_high, size) == 0;
}

static bool is_none(const struct exposing *x)
{
    uint64_t any = 0;
    for (uint32_t i = 0; i < reach_atom_words(&x->in->reach); i++)
        any |= x->answer.high[i];
    return any == 0;
}

static void put_direction(struct exposing *x, const struct net_party *p, enum netpol_direction d)
{
    const struct reach *r = &x->in->reach;
    const struct inventory *v = &x->in->inventory;
    OWN_BUF struct buf name = buf_new(1 << 20);
    OWN_BUF struct buf any_names = buf_new(1 << 20), names = buf_new(1 << 20); // of ports
    OWN_BUF struct buf closed = buf_new(1 << 24); // peers without connections: for people they are one line
    bool json = x->q->format == NET_JSON;
    uint32_t unknown = v->by_workload[v->workloads[v->unknown].first_pod];
    ask(x, d, p, r->class_of_pod[unknown]);
    memcpy(x->entire, x->answer.low, reach_atom_words(r) * sizeof *x->entire);
    memcpy(x->entire_high, x->answer.high, reach_atom_words(r) * sizeof *x->entire);
    if (d == DIRECTION_EGRESS)
        put_names(x, &any_names, p, &v->pods[unknown], json);
    if (!is_none(x) || any_names.n)
        put_peer(x, S("entire-cluster"), d, &any_names);
    for (uint32_t i = 0; i < x->in->peers.n; i++) {
        const struct represent_peer *o = &x->in->peers.all[i];
        ask(x, d, p, r->class_of_pod[o->pod]);
        if (d == DIRECTION_EGRESS)
            put_names(x, &names, p, &v->pods[o->pod], json);
        if (is_entire(x) && str_eq(buf_str(&names), buf_str(&any_names)))
            continue;
        name.n = 0;
        represent_put(&x->in->netpols, &name, &o->chosen);
        if (json || !is_none(x) || names.n) {
            put_peer(x, buf_str(&name), d, &names);
            continue;
        }
        buf_put(&closed, closed.n ? S(", ") : S(""));
        buf_put(&closed, buf_str(&name));
    }
    if (closed.n)
        buf_printf(&x->q->out.b, "    %s No Connections : %.*s\n", d == DIRECTION_INGRESS ? "<=" : "=>", STR_FMT(buf_str(&closed)));
    const struct net_parties *outside = &x->ranges[d];
    names.n = 0;
    for (uint32_t i = 0; i < outside->n && outside->all[i].range != INVENTORY_NONE; i++) {
        ask(x, d, p, outside->all[i].classes[0]);
        if (!is_none(x))
            put_peer(x, outside->all[i].name, d, &names);
    }
}

static void put_workload(struct exposing *x, const struct net_party *p)
{
    static const char *const names[] = {"ingress", "egress"};
    struct buf *b = &x->q->out.b;
    for (int d = 0; d < DIRECTIONS; d++) {
        bool protected = is_protected(x, p, (enum netpol_direction)d);
        x->first = true;
        if (x->q->format == NET_JSON) {
            buf_put(b, x->n++ ? S(",\n  {\"workload\": ") : S("\n  {\"workload\": "));
            write_json_string(b, p->name);
            buf_printf(b, ", \"direction\": \"%s\", \"protected\": %s, \"peers\": [", names[d], protected ? "true" : "false");
        } else {
            if (d == 0)
                buf_printf(b, "%.*s\n", STR_FMT(p->name));
            buf_printf(b, "  %s%s\n", names[d], protected ? "" : ": no policy protects it");
        }
        put_direction(x, p, (enum netpol_direction)d);
        if (x->q->format == NET_JSON)
            buf_put(b, S("]}"));
        else if (x->first)
            buf_put(b, S("    open to nobody beyond the input\n"));
    }
    out_flush(&x->q->out);
}

// ---- what is offered to the outside

static const char *lead_answer(struct exposing *x, const struct expose_lead *lead, const struct net_party *to)
{
    const struct reach *r = &x->in->reach;
    const struct inventory *v = &x->in->inventory;
    bool some = false, every = true, perhaps = false;
    const struct net_parties *outside = &x->ranges[DIRECTION_INGRESS];
    uint32_t unknown = r->class_of_pod[v->by_workload[v->workloads[v->unknown].first_pod]];
    for (uint32_t i = 0; i < outside->n; i++) {
        bool controller = lead->exposure != INVENTORY_NONE; // an ingress controller is a Pod of which nothing is known
        if (!controller && outside->all[i].range == INVENTORY_NONE)
            break;
        ask(x, DIRECTION_INGRESS, to, controller ? unknown : outside->all[i].classes[0]);
        for (uint32_t a = 0; a < r->n_atoms; a++)
            if (r->atoms[a].protocol == lead->protocol && r->atoms[a].first <= lead->port && lead->port <= r->atoms[a].last) {
                bool open = x->answer.low[a / 64] >> (a % 64) & 1;
                perhaps = perhaps || (x->answer.high[a / 64] >> (a % 64) & 1);
                some = some || open;
                every = every && open;
            }
        if (controller)
            break;
    }
    return !some ? (perhaps ? "depends" : "denied") : every ? "allowed" : "in part";
}

static void put_lead(struct exposing *x, const struct expose_lead *lead, const struct net_party *to, bool first)
{
    static const char *const protocols[] = {"TCP", "UDP", "SCTP"};
    const struct inventory *v = &x->in->inventory;
    const struct inventory_service *s = &v->services[lead->service];
    const struct inventory_exposure *o = lead->exposure == INVENTORY_NONE ? NULL : &v->exposures[lead->exposure];
    str kind = o ? inventory_str(v, o->kind) : S("Service"), name = inventory_str(v, o ? o->name : s->name);
    str ns = inventory_str(v, v->namespaces[o ? o->ns : s->ns].name);
    struct inventory_origin at = o ? o->at : s->at;
    const char *answer = lead_answer(x, lead, to);
    struct buf *b = &x->q->out.b;
    if (x->q->format == NET_JSON) {
        buf_put(b, first ? S("\n  {\"kind\": ") : S(",\n  {\"kind\": "));
        write_json_string(b, kind);
        buf_put(b, S(", \"namespace\": "));
        write_json_string(b, ns);
        buf_put(b, S(", \"name\": "));
        write_json_string(b, name);
        buf_put(b, S(", \"service\": "));
        write_json_string(b, inventory_str(v, s->name));
        buf_put(b, S(", \"destination\": "));
        write_json_string(b, to->name);
        buf_printf(b, ", \"protocol\": \"%s\", \"port\": %u, \"answer\": \"%s\", \"file\": ", protocols[lead->protocol], lead->port, answer);
        write_json_string(b, inventory_str(v, at.file));
        buf_printf(b, ", \"line\": %u}", at.line);
        return;
    }
    buf_printf(b, "  %.*s %.*s/%.*s => %.*s %s %u: %s (%.*s:%u)\n", STR_FMT(kind), STR_FMT(ns), STR_FMT(name), STR_FMT(to->name),
               protocols[lead->protocol], lead->port, answer, STR_FMT(inventory_str(v, at.file)), at.line);
}

static void put_leads(struct exposing *x)
{
    const struct net_parties *p = &x->ranges[DIRECTION_INGRESS];
    bool first = true;
    struct buf *b = &x->q->out.b;
    if (x->q->format == NET_JSON)
        buf_put(b, S("], \"offered\": ["));
    else if (x->in->leads.n)
        buf_put(b, S("\noffered to the outside\n"));
    for (uint32_t i = 0; i < x->in->leads.n; i++)
        for (uint32_t k = 0; k < p->n; k++)
            if (p->all[k].workload == x->in->leads.all[i].workload) {
                put_lead(x, &x->in->leads.all[i], &p->all[k], first);
                first = false;
                break;
            }
}

err_code net_exposure_run(struct net_request *q, struct err *e)
{
    struct exposing x = {.q = q};
    struct net_crowd c = {0};
    TRY_NEW(x.in, &q->memory, 1, e);
    x.in->represent = true;
    TRY(net_input_open(x.in, q, q->words, q->n, e));
    for (int d = 0; d < DIRECTIONS; d++)
        TRY(net_parties_make(x.in, false, (enum netpol_direction)d, &q->memory, &x.ranges[d], e));
    c.all[DIRECTION_INGRESS] = x.ranges[DIRECTION_INGRESS];
    TRY(net_crowd_make_exposed(x.in, q, &c, e));
    TRY(net_sender_init(&x.sender, &x.in->reach, &q->memory, e));
    TRY(net_answer_init(&x.answer, &x.in->reach, &q->memory, e));
    TRY_NEW(x.entire, &q->memory, reach_atom_words(&x.in->reach), e);
    TRY_NEW(x.entire_high, &q->memory, reach_atom_words(&x.in->reach), e);
    if (q->format == NET_JSON)
        buf_put(&q->out.b, S("{\"entries\": ["));
    const struct net_parties *p = &c.of[DIRECTION_INGRESS];
    for (uint32_t i = 0; i < p->n && !q->out.sys; i++)
        if (p->all[i].workload != INVENTORY_NONE)
            put_workload(&x, &p->all[i]);
    put_leads(&x);
    if (q->format == NET_JSON) {
        buf_put(&q->out.b, S("]"));
        net_crowd_put_groups(&c, NULL, q);
        net_put_notes_json(x.in, q, &q->out.b);
        buf_put(&q->out.b, S("}\n"));
        return ERR_OK;
    }
    net_crowd_put_groups(&c, NULL, q);
    net_put_notes(x.in, q, &q->out.b);
    return ERR_OK;
}
