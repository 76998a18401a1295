// casemate net graph: who may talk to whom as a picture: DOT for other programs, SVG for people.
#include "cmd/net_graph.h"

enum { MOST_BOXES = 2000 };

static bool alike(const struct net_graph *g, const struct net_party *a, const struct net_party *b)
{
    const struct inventory *v = &g->in->inventory;
    return a->n_classes == 1 && b->n_classes == 1 && a->classes[0] == b->classes[0] &&
           v->workloads[a->workload].ns == v->workloads[b->workload].ns;
}

static err_code make_boxes(struct net_graph *g, struct err *e)
{
    TRY_NEW(g->boxes, &g->q->memory, g->from.n + 1, e);
    g->boxes[g->n++] = (struct net_graph_box){.party = INVENTORY_NONE, .n = 1};
    uint32_t first = 1;
    for (uint32_t i = 0; i < g->from.n; i++) {
        const struct net_party *p = &g->from.all[i];
        uint32_t k = g->n;
        if (p->workload == INVENTORY_NONE)
            continue;
        if (g->n > 1) { // parties come by namespace: only this namespace's boxes can be alike
            const struct net_party *last = &g->from.all[g->boxes[g->n - 1].party];
            const struct inventory *v = &g->in->inventory;
            if (v->workloads[last->workload].ns != v->workloads[p->workload].ns)
                first = g->n;
        }
        for (uint32_t n = first; n < g->n && k == g->n; n++)
            if (alike(g, &g->from.all[g->boxes[n].party], p))
                k = n;
        if (k < g->n)
            g->boxes[k].n++;
        else
            g->boxes[g->n++] = (struct net_graph_box){.party = i, .n = 1};
    }
    if (g->n > MOST_BOXES)
        return err_set(e, ERR_LIMIT, "net graph: %u boxes are no picture any more; name fewer PATHs, or look at net matrix", g->n);
    return ERR_OK;
}

str net_graph_name(const struct net_graph *g, uint32_t box)
{
    return box == NET_GRAPH_OUTSIDE ? S("outside") : g->from.all[g->boxes[box].party].name;
}

void net_graph_put_label(const struct net_graph *g, struct buf *b, uint32_t box)
{
    str name = net_graph_name(g, box);
    size_t slash = str_find(name, S("/"));
    buf_put(b, slash == (size_t)-1 ? name : str_skip(name, slash + 1));
    if (g->boxes[box].n > 1)
        buf_printf(b, " and %u alike", g->boxes[box].n - 1);
}

bool net_graph_is_certain(const struct net_graph *g)
{
    for (uint32_t i = 0; i < reach_atom_words(&g->in->reach); i++)
        if (g->answer.low[i])
            return true;
    return false;
}

void net_graph_put_ports(const struct net_graph *g, struct buf *b)
{
    const struct reach *r = &g->in->reach;
    bool some = net_graph_is_certain(g), more = false;
    for (uint32_t i = 0; i < reach_atom_words(r); i++) {
        g->answer.high[i] &= ~g->answer.low[i];
        more = more || g->answer.high[i];
    }
    if (some)
        reach_put_ports(r, b, g->answer.low);
    if (more) {
        buf_put(b, some ? S(", perhaps ") : S("perhaps "));
        reach_put_ports(r, b, g->answer.high);
    }
}

// What a box may send to another: bits in g->answer. For outside: any range of it.
static bool edge(struct net_graph *g, uint32_t from, uint32_t to)
{
    const struct reach *r = &g->in->reach;
    uint32_t words = reach_atom_words(r);
    uint64_t low[1024] = {0}, high[1024] = {0};
    bool any = false;
    if (from == to || words > 1024)
        return false;
    if (to != NET_GRAPH_OUTSIDE)
        return net_answer_get(&g->sender, &g->from.all[g->boxes[to].party], &g->answer);
    for (uint32_t i = 0; i < g->to.n && g->to.all[i].range != INVENTORY_NONE; i++)
        if (net_answer_get(&g->sender, &g->to.all[i], &g->answer)) {
            any = true;
            for (uint32_t k = 0; k < words; k++) {
                low[k] |= g->answer.low[k];
                high[k] |= g->answer.high[k];
            }
        }
    memcpy(g->answer.low, low, words * sizeof *low);
    memcpy(g->answer.high, high, words * sizeof *high);
    return any;
}

err_code net_graph_each_edge(struct net_graph *g, void (*put)(struct net_graph *g, uint32_t from, uint32_t to, void *data), void *data,
                             struct err *e)
{
    uint32_t *ranges, n = 0;
    TRY_NEW(ranges, &g->q->memory, g->from.n, e);
    for (uint32_t i = 0; i < g->from.n && g->from.all[i].range != INVENTORY_NONE; i++)
        ranges[n++] = g->from.all[i].classes[0];
    for (uint32_t i = 0; i < g->n && !g->q->out.sys; i++) {
        struct net_party outside = {.classes = ranges, .n_classes = n};
        net_sender_set(&g->sender, i == NET_GRAPH_OUTSIDE ? &outside : &g->from.all[g->boxes[i].party]);
        for (uint32_t k = 0; k < g->n; k++)
            if (edge(g, i, k))
                put(g, i, k, data);
        out_flush(&g->q->out);
    }
    return ERR_OK;
}

uint32_t net_graph_ns(const struct net_graph *g, uint32_t box)
{
    return g->in->inventory.workloads[g->from.all[g->boxes[box].party].workload].ns;
}

// ---- DOT

static void put_dot_text(struct buf *b, str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"' || s.p[i] == '\\')
            buf_putc(b, '\\');
        buf_putc(b, (unsigned char)s.p[i] < ' ' ? '?' : s.p[i]);
    }
}

static void put_dot_edge(struct net_graph *g, uint32_t from, uint32_t to, void *unused)
{
    (void)unused;
    struct buf *b = &g->q->out.b;
    buf_printf(b, "  b%u -> b%u [label=\"", from, to);
    net_graph_put_ports(g, b);
    buf_put(b, S("\"];\n"));
}

static err_code draw_dot(struct net_graph *g, struct err *e)
{
    struct buf *b = &g->q->out.b;
    OWN_BUF struct buf label = buf_new(1 << 20);
    buf_put(b, S("digraph net {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\", fontsize=9];\n"
                 "  b0 [label=\"outside\", shape=ellipse];\n"));
    for (uint32_t i = 1; i < g->n; i++) {
        bool opens = i == 1 || net_graph_ns(g, i) != net_graph_ns(g, i - 1), closes = i + 1 == g->n || net_graph_ns(g, i) != net_graph_ns(g, i + 1);
        if (opens) {
            buf_printf(b, "  subgraph cluster_%u {\n    label=\"", i);
            put_dot_text(b, inventory_str(&g->in->inventory, g->in->inventory.namespaces[net_graph_ns(g, i)].name));
            buf_put(b, S("\";\n"));
        }
        label.n = 0;
        net_graph_put_label(g, &label, i);
        buf_printf(b, "    b%u [label=\"", i);
        put_dot_text(b, buf_str(&label));
        buf_put(b, closes ? S("\"];\n  }\n") : S("\"];\n"));
    }
    TRY(net_graph_each_edge(g, put_dot_edge, NULL, e));
    buf_put(b, S("}\n"));
    return ERR_OK;
}

err_code net_graph_run(struct net_request *q, struct err *e)
{
    struct net_graph g = {.q = q};
    if (q->format == NET_JSON)
        return err_set(e, ERR_USAGE, "net graph draws dot and svg; net list -f json has the same as data");
    TRY_NEW(g.in, &q->memory, 1, e);
    TRY(net_input_open(g.in, q, q->words, q->n, e));
    TRY(net_parties_make(g.in, false, DIRECTION_INGRESS, &q->memory, &g.from, e));
    TRY(net_parties_make(g.in, false, DIRECTION_EGRESS, &q->memory, &g.to, e));
    TRY(net_sender_init(&g.sender, &g.in->reach, &q->memory, e));
    TRY(net_answer_init(&g.answer, &g.in->reach, &q->memory, e));
    TRY(make_boxes(&g, e));
    return q->format == NET_SVG ? net_svg_draw(&g, e) : draw_dot(&g, e);
}
