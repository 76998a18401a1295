// casemate net graph: who may talk to whom as a picture: DOT for other programs, SVG for people.
#include "cmd/net.h"
#include "doc/write.h"

// Workloads that send and receive alike (and are in one namespace) are one box.
struct box {
    uint32_t party; // the first of them; parties of ranges are not boxes but for "outside"
    uint32_t n;     // how many
    uint32_t ns, row; // SVG: column and row
};

struct drawing {
    struct net_request *q;
    struct net_input *in;
    struct net_parties from, to;
    struct box *boxes;
    uint32_t n;
    struct net_sender sender;
    struct net_answer answer;
};

enum { OUTSIDE = 0, MOST_BOXES = 2000 };
enum { BOX_WIDTH = 220, BOX_HEIGHT = 30, GAP_X = 120, GAP_Y = 16, MARGIN = 30, HEAD = 26 };

static bool alike(const struct drawing *g, const struct net_party *a, const struct net_party *b)
{
    const struct inventory *v = &g->in->inventory;
    return a->n_classes == 1 && b->n_classes == 1 && a->classes[0] == b->classes[0] &&
           v->workloads[a->workload].ns == v->workloads[b->workload].ns;
}

static err_code make_boxes(struct drawing *g, struct err *e)
{
    TRY_NEW(g->boxes, &g->q->memory, g->from.n + 1, e);
    g->boxes[g->n++] = (struct box){.party = INVENTORY_NONE, .n = 1};
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
            g->boxes[g->n++] = (struct box){.party = i, .n = 1};
    }
    if (g->n > MOST_BOXES)
        return err_set(e, ERR_LIMIT, "net graph: %u boxes are no picture any more; name fewer PATHs, or look at net matrix", g->n);
    return ERR_OK;
}

static str box_name(const struct drawing *g, uint32_t box)
{
    return box == OUTSIDE ? S("outside") : g->from.all[g->boxes[box].party].name;
}

static void put_label(const struct drawing *g, struct buf *b, uint32_t box)
{
    str name = box_name(g, box);
    size_t slash = str_find(name, S("/"));
    buf_put(b, slash == (size_t)-1 ? name : str_skip(name, slash + 1));
    if (g->boxes[box].n > 1)
        buf_printf(b, " and %u alike", g->boxes[box].n - 1);
}

static void put_ports(const struct drawing *g, struct buf *b)
{
    const struct reach *r = &g->in->reach;
    bool some = false, more = false;
    for (uint32_t i = 0; i < reach_atom_words(r); i++) {
        some = some || g->answer.low[i];
        more = more || (g->answer.high[i] & ~g->answer.low[i]);
        g->answer.high[i] &= ~g->answer.low[i];
    }
    if (some)
        reach_put_ports(r, b, g->answer.low);
    if (more) {
        buf_put(b, some ? S(", perhaps ") : S("perhaps "));
        reach_put_ports(r, b, g->answer.high);
    }
}

// What a box may send to another: bits in g->answer. For outside: any range of it.
static bool edge(struct drawing *g, uint32_t from, uint32_t to)
{
    const struct reach *r = &g->in->reach;
    uint32_t words = reach_atom_words(r);
    uint64_t low[1024] = {0}, high[1024] = {0};
    bool any = false;
    if (from == to || words > 1024)
        return false;
    if (to != OUTSIDE)
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

// Calls put for every edge. Outside sends what any of its ranges may.
static err_code each_edge(struct drawing *g, void (*put)(struct drawing *g, uint32_t from, uint32_t to), struct err *e)
{
    uint32_t *ranges, n = 0;
    TRY_NEW(ranges, &g->q->memory, g->from.n, e);
    for (uint32_t i = 0; i < g->from.n && g->from.all[i].range != INVENTORY_NONE; i++)
        ranges[n++] = g->from.all[i].classes[0];
    for (uint32_t i = 0; i < g->n && !g->q->out.sys; i++) {
        struct net_party outside = {.classes = ranges, .n_classes = n};
        net_sender_set(&g->sender, i == OUTSIDE ? &outside : &g->from.all[g->boxes[i].party]);
        for (uint32_t k = 0; k < g->n; k++)
            if (edge(g, i, k))
                put(g, i, k);
        out_flush(&g->q->out);
    }
    return ERR_OK;
}

static uint32_t ns_of(const struct drawing *g, uint32_t box)
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

static void put_dot_edge(struct drawing *g, uint32_t from, uint32_t to)
{
    struct buf *b = &g->q->out.b;
    buf_printf(b, "  b%u -> b%u [label=\"", from, to);
    put_ports(g, b);
    buf_put(b, S("\"];\n"));
}

static err_code draw_dot(struct drawing *g, struct err *e)
{
    struct buf *b = &g->q->out.b;
    OWN_BUF struct buf label = buf_new(1 << 20);
    buf_put(b, S("digraph net {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\", fontsize=9];\n"
                 "  b0 [label=\"outside\", shape=ellipse];\n"));
    for (uint32_t i = 1; i < g->n; i++) {
        bool opens = i == 1 || ns_of(g, i) != ns_of(g, i - 1), closes = i + 1 == g->n || ns_of(g, i) != ns_of(g, i + 1);
        if (opens) {
            buf_printf(b, "  subgraph cluster_%u {\n    label=\"", i);
            put_dot_text(b, inventory_str(&g->in->inventory, g->in->inventory.namespaces[ns_of(g, i)].name));
            buf_put(b, S("\";\n"));
        }
        label.n = 0;
        put_label(g, &label, i);
        buf_printf(b, "    b%u [label=\"", i);
        put_dot_text(b, buf_str(&label));
        buf_put(b, closes ? S("\"];\n  }\n") : S("\"];\n"));
    }
    TRY(each_edge(g, put_dot_edge, e));
    buf_put(b, S("}\n"));
    return ERR_OK;
}

// ---- SVG: a column a namespace, outside on the left; arrows are curves, their ports are titles

static void put_xml(struct buf *b, str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        buf_put(b, c == '<' ? S("&lt;") : c == '&' ? S("&amp;") : c == '>' ? S("&gt;") : c == '"' ? S("&quot;") : (str){&s.p[i], 1});
    }
}

static void corner(const struct box *x, int *ret_x, int *ret_y)
{
    *ret_x = MARGIN + (int)x->ns * (BOX_WIDTH + GAP_X);
    *ret_y = MARGIN + HEAD + (int)x->row * (BOX_HEIGHT + GAP_Y);
}

static void put_svg_edge(struct drawing *g, uint32_t from, uint32_t to)
{
    struct buf *b = &g->q->out.b;
    int x1, y1, x2, y2;
    corner(&g->boxes[from], &x1, &y1);
    corner(&g->boxes[to], &x2, &y2);
    bool right = x2 > x1, same = x1 == x2;
    x1 += right || same ? BOX_WIDTH : 0;
    x2 += right ? 0 : BOX_WIDTH;
    y1 += BOX_HEIGHT / 2 - 4;
    y2 += BOX_HEIGHT / 2 + 4;
    int bend = same ? GAP_X / 2 : GAP_X / 3, c1 = right || same ? x1 + bend : x1 - bend, c2 = right ? x2 - bend : x2 + bend;
    buf_printf(b, "<path class=\"e%s\" d=\"M%d %d C%d %d %d %d %d %d\" marker-end=\"url(#a)\"><title>",
               from == OUTSIDE ? " in" : to == OUTSIDE ? " out" : "", x1, y1, c1, y1, c2, y2, x2, y2);
    put_xml(b, box_name(g, from));
    buf_put(b, S(" =&gt; "));
    put_xml(b, box_name(g, to));
    buf_put(b, S(": "));
    put_ports(g, b);
    buf_put(b, S("</title></path>\n"));
}

static void place(struct drawing *g, uint32_t *ret_columns, uint32_t *ret_rows)
{
    uint32_t column = 0, row = 0, most = 1;
    for (uint32_t i = 1; i < g->n; i++) {
        if (i == 1 || ns_of(g, i) != ns_of(g, i - 1)) {
            column++;
            row = 0;
        }
        g->boxes[i].ns = column;
        g->boxes[i].row = row++;
        most = row > most ? row : most;
    }
    *ret_columns = column + 1;
    *ret_rows = most;
}

static void put_svg_box(const struct drawing *g, uint32_t i)
{
    struct buf *b = &g->q->out.b;
    OWN_BUF struct buf label = buf_new(1 << 20);
    int x, y;
    corner(&g->boxes[i], &x, &y);
    if (i > 0 && g->boxes[i].row == 0) {
        buf_printf(b, "<text class=\"n\" x=\"%d\" y=\"%d\">", x, y - 8);
        put_xml(b, inventory_str(&g->in->inventory, g->in->inventory.namespaces[ns_of(g, i)].name));
        buf_put(b, S("</text>\n"));
    }
    put_label(g, &label, i);
    buf_printf(b, "<g><title>");
    put_xml(b, buf_str(&label));
    buf_printf(b, "</title><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"5\"/><text x=\"%d\" y=\"%d\">", x, y, BOX_WIDTH, BOX_HEIGHT,
               x + 8, y + 19);
    put_xml(b, str_head(buf_str(&label), 32));
    buf_put(b, label.n > 32 ? S("…</text></g>\n") : S("</text></g>\n"));
}

static err_code draw_svg(struct drawing *g, struct err *e)
{
    struct buf *b = &g->q->out.b;
    uint32_t columns, rows;
    place(g, &columns, &rows);
    int width = 2 * MARGIN + (int)columns * (BOX_WIDTH + GAP_X), height = 2 * MARGIN + HEAD + (int)rows * (BOX_HEIGHT + GAP_Y);
    buf_printf(b, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n", width, height, width, height);
    buf_put(b, S("<style>rect{fill:#fff;stroke:#456}text{font:12px sans-serif;fill:#123}.n{font-weight:bold}"
                 ".e{fill:none;stroke:#7a8a99;stroke-opacity:.55}.in{stroke:#b33}.out{stroke:#37a}path:hover{stroke-width:3;stroke-opacity:1}</style>\n"
                 "<defs><marker id=\"a\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">"
                 "<path d=\"M0 0L8 4L0 8z\" fill=\"#556\"/></marker></defs>\n"));
    TRY(each_edge(g, put_svg_edge, e));
    for (uint32_t i = 0; i < g->n; i++)
        put_svg_box(g, i);
    buf_put(b, S("</svg>\n"));
    return ERR_OK;
}

err_code net_graph_run(struct net_request *q, struct err *e)
{
    struct drawing g = {.q = q};
    if (q->format == NET_JSON)
        return err_set(e, ERR_USAGE, "net graph draws dot and svg; net list -f json has the same as data");
    TRY_NEW(g.in, &q->memory, 1, e);
    TRY(net_input_open(g.in, q, q->words, q->n, e));
    TRY(net_parties_make(g.in, false, DIRECTION_INGRESS, &q->memory, &g.from, e));
    TRY(net_parties_make(g.in, false, DIRECTION_EGRESS, &q->memory, &g.to, e));
    TRY(net_sender_init(&g.sender, &g.in->reach, &q->memory, e));
    TRY(net_answer_init(&g.answer, &g.in->reach, &q->memory, e));
    TRY(make_boxes(&g, e));
    return q->format == NET_SVG ? draw_svg(&g, e) : draw_dot(&g, e);
}
