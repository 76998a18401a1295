// The picture for people: an arc diagram. All boxes stand in one column, by namespace; what leads down is an arc on the
// right, what leads up an arc on the left. No arc passes behind a box, and the picture grows in one direction only.
#include "cmd/net_graph.h"

enum { BOX_WIDTH = 260, BOX_HEIGHT = 30, GAP = 12, MARGIN = 24, HEAD = 34, LEGEND = 64, MOST_BULGE = 420, LABEL = 170, LABELLED_EDGES = 60 };

struct picture {
    int left, width, height; // left: of the column
    bool labels;             // so few edges that each says its ports
    uint32_t n_edges;
};

static void put_xml(struct buf *b, str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool control = (unsigned char)c < ' ';
        str plain = control ? S("?") : (str){&s.p[i], 1};
        buf_put(b, c == '<' ? S("&lt;") : c == '&' ? S("&amp;") : c == '>' ? S("&gt;") : c == '"' ? S("&quot;") : plain);
    }
}

static bool opens_namespace(const struct net_graph *g, uint32_t i)
{
    return i == NET_GRAPH_OUTSIDE + 1 || (i > NET_GRAPH_OUTSIDE && net_graph_ns(g, i) != net_graph_ns(g, i - 1));
}

static int bulge(int distance)
{
    int b = 30 + distance * 2 / 5;
    return b < MOST_BULGE ? b : MOST_BULGE;
}

static void place(struct net_graph *g, struct picture *p)
{
    int y = MARGIN + LEGEND;
    for (uint32_t i = 0; i < g->n; i++) {
        y += opens_namespace(g, i) ? HEAD : 0;
        g->boxes[i].y = y;
        y += BOX_HEIGHT + GAP;
    }
    p->height = y - GAP + MARGIN;
    p->left = MARGIN + bulge(g->boxes[g->n - 1].y - g->boxes[0].y) + (p->labels ? LABEL : 0);
    p->width = 2 * p->left + BOX_WIDTH;
}

static void count(struct net_graph *g, uint32_t from, uint32_t to, void *data)
{
    struct picture *p = data;
    (void)g, (void)from, (void)to;
    p->n_edges++;
}

static const char *edge_class(const struct net_graph *g, uint32_t from, uint32_t to)
{
    if (from == NET_GRAPH_OUTSIDE)
        return "in";
    if (to == NET_GRAPH_OUTSIDE)
        return "out";
    return net_graph_ns(g, from) == net_graph_ns(g, to) ? "near" : "far";
}

static void put_edge(struct net_graph *g, uint32_t from, uint32_t to, void *data)
{
    const struct picture *p = data;
    struct buf *b = &g->q->out.b;
    OWN_BUF struct buf ports = buf_new(1 << 20);
    bool down = to > from, certain = net_graph_is_certain(g);
    int x = down ? p->left + BOX_WIDTH : p->left, sign = down ? 1 : -1;
    int y1 = g->boxes[from].y + BOX_HEIGHT / 2 + sign * 6, y2 = g->boxes[to].y + BOX_HEIGHT / 2 - sign * 6;
    int far = sign * bulge(down ? y2 - y1 : y1 - y2);
    net_graph_put_ports(g, &ports);
    // A cubic curve comes as far as three quarters of its control points.
    buf_printf(b, "<g class=\"e %s%s\"><path d=\"M%d %dC%d %d %d %d %d %d\" marker-end=\"url(#%s)\"/><title>", edge_class(g, from, to),
               certain ? "" : " perhaps", x, y1, x + far * 4 / 3, y1, x + far * 4 / 3, y2, x, y2, edge_class(g, from, to));
    put_xml(b, net_graph_name(g, from));
    buf_put(b, S(" =&gt; "));
    put_xml(b, net_graph_name(g, to));
    buf_put(b, S(": "));
    put_xml(b, buf_str(&ports));
    buf_put(b, S("</title>"));
    if (p->labels) {
        buf_printf(b, "<text x=\"%d\" y=\"%d\"%s>", x + far + sign * 5, (y1 + y2) / 2 + 4, down ? "" : " text-anchor=\"end\"");
        put_xml(b, str_head(buf_str(&ports), 26));
        buf_put(b, ports.n > 26 ? S("…</text>") : S("</text>"));
    }
    buf_put(b, S("</g>\n"));
}

static void put_box(const struct net_graph *g, const struct picture *p, uint32_t i)
{
    struct buf *b = &g->q->out.b;
    OWN_BUF struct buf label = buf_new(1 << 20);
    int y = g->boxes[i].y;
    if (opens_namespace(g, i)) {
        buf_printf(b, "<text class=\"n\" x=\"%d\" y=\"%d\">", p->left, y - 8);
        put_xml(b, inventory_str(&g->in->inventory, g->in->inventory.namespaces[net_graph_ns(g, i)].name));
        buf_put(b, S("</text>\n"));
    }
    net_graph_put_label(g, &label, i);
    buf_put(b, S("<g><title>"));
    put_xml(b, buf_str(&label));
    buf_printf(b, "</title><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"5\"/><text x=\"%d\" y=\"%d\">", p->left, y, BOX_WIDTH, BOX_HEIGHT,
               p->left + 8, y + 19);
    put_xml(b, str_head(buf_str(&label), 38));
    buf_put(b, label.n > 38 ? S("…</text></g>\n") : S("</text></g>\n"));
}

static void put_legend(struct buf *b, const struct picture *p)
{
    static const struct {
        const char *class, *text;
    } keys[] = {{"near", "within a namespace"},
                {"far", "to another namespace"},
                {"in", "from outside"},
                {"out", "to outside"},
                {"near perhaps", "it depends on the network plugin"}};
    int column = 200, x = MARGIN, y = MARGIN;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (x > MARGIN && x + column > p->width - MARGIN) {
            x = MARGIN;
            y += 18;
        }
        buf_printf(b, "<g class=\"e %s\"><path d=\"M%d %dh28\"/></g><text x=\"%d\" y=\"%d\">%s</text>\n", keys[i].class, x, y - 4, x + 34, y, keys[i].text);
        x += column;
    }
}

err_code net_svg_draw(struct net_graph *g, struct err *e)
{
    static const char *const markers[][2] = {{"near", "#5b6b7b"}, {"far", "#2466a8"}, {"in", "#b3261e"}, {"out", "#a05a00"}};
    struct buf *b = &g->q->out.b;
    struct picture p = {0};
    TRY(net_graph_each_edge(g, count, &p, e));
    p.labels = p.n_edges <= LABELLED_EDGES;
    place(g, &p);
    buf_printf(b, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n<style>\n"
                  "svg{background:#fff}rect{fill:#f4f7fa;stroke:#5b6b7b}text{font:12px sans-serif;fill:#1b2733}.n{font-weight:bold}\n"
                  ".e path{fill:none;stroke-opacity:.75}.e text{font-size:11px;stroke:#fff;stroke-width:3;paint-order:stroke}.perhaps path{stroke-dasharray:5 4}\n",
               p.width, p.height, p.width, p.height);
    for (size_t i = 0; i < sizeof markers / sizeof *markers; i++)
        buf_printf(b, ".%s path{stroke:%s}.%s text{fill:%s}", markers[i][0], markers[i][1], markers[i][0], markers[i][1]);
    buf_put(b, S("\n.e:hover path{stroke-width:3;stroke-opacity:1}\n</style>\n<defs>"));
    for (size_t i = 0; i < sizeof markers / sizeof *markers; i++)
        buf_printf(b, "<marker id=\"%s\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">"
                      "<path d=\"M0 0L8 4L0 8z\" fill=\"%s\"/></marker>",
                   markers[i][0], markers[i][1]);
    buf_put(b, S("</defs>\n"));
    put_legend(b, &p);
    TRY(net_graph_each_edge(g, put_edge, &p, e));
    for (uint32_t i = 0; i < g->n; i++)
        put_box(g, &p, i);
    buf_put(b, S("</svg>\n"));
    return ERR_OK;
}
