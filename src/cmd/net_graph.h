// net_graph: the boxes and arrows of `casemate net graph`, for those who draw them.
#ifndef CMD_NET_GRAPH_H
#define CMD_NET_GRAPH_H

#include "cmd/net.h"

// Workloads that send and receive alike (and are in one namespace) are one box.
struct net_graph_box {
    uint32_t party; // of net_graph.from: the first of them; INVENTORY_NONE: NET_GRAPH_OUTSIDE
    uint32_t n;     // how many
    int y;          // SVG: its top
};

enum { NET_GRAPH_OUTSIDE = 0 }; // the first box: all addresses outside

struct net_graph {
    struct net_request *q;
    struct net_input *in;
    struct net_parties from, to;
    struct net_graph_box *boxes; // outside, then by namespace
    uint32_t n;
    struct net_sender sender;
    struct net_answer answer; // of the edge under way
};

str net_graph_name(const struct net_graph *g, uint32_t box);
// The name without its namespace, and how many are meant beside it.
void net_graph_put_label(const struct net_graph *g, struct buf *b, uint32_t box);
uint32_t net_graph_ns(const struct net_graph *g, uint32_t box); // of the inventory; not of NET_GRAPH_OUTSIDE
// Calls put for every edge; its ports are in g->answer meanwhile. Outside sends what any of its ranges may.
// Ends early where the output cannot be written.
err_code net_graph_each_edge(struct net_graph *g, void (*put)(struct net_graph *g, uint32_t from, uint32_t to, void *data), void *data,
                             struct err *e) MUST_USE;
// The ports of g->answer as text; "perhaps" before what depends on the network plugin.
void net_graph_put_ports(const struct net_graph *g, struct buf *b);
bool net_graph_is_certain(const struct net_graph *g); // is anything of g->answer allowed whatever the plugin does?

// The picture as SVG 1.1 to q->out.
err_code net_svg_draw(struct net_graph *g, struct err *e) MUST_USE;

#endif
