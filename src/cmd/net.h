// net: what the subcommands of `casemate net` share: the request, and the cluster that was read.
#ifndef CMD_NET_H
#define CMD_NET_H

#include "cmd/verbs.h"
#include "graph/expose.h"
#include "graph/reach.h"
#include "graph/represent.h"

enum net_format { NET_TEXT, NET_JSON, NET_DOT, NET_SVG };

struct net_request {
    VERBS_REQUEST
    enum net_format format;
    bool pods; // do not collapse Pods to their owners
    bool group, each; // put together what behaves alike, or never do
    bool ipv6, explain;
    const char *cni, *port;
    const char *target; // whose ports are to be told apart, or NULL
    bool said_perhaps; // the answer has such words: they are explained at its end
};

// A cluster as far as it was read, and what its policies make of it.
struct net_input {
    struct load load;
    struct inventory inventory;
    struct netpols netpols;
    struct reach reach;
    struct expose_leads leads;
    bool represent; // wanted: Pods that rules speak of, beside those of the input
    struct represent_peers peers;
    uint64_t *alone; // bits over classes that stand for one Pod, or NULL: not asked for
};

// Reads PATHs. What is wrong with them goes to stderr (text) and makes the status 2.
err_code net_input_read(struct net_input *in, struct net_request *q, char **paths, unsigned n, struct err *e) MUST_USE;
// The same of PATHs or "-", confined to them; ERR_USAGE where there are none.
err_code net_input_open(struct net_input *in, struct net_request *q, char **paths, unsigned n, struct err *e) MUST_USE;

err_code net_list_run(struct net_request *q, struct err *e) MUST_USE;
err_code net_reach_run(struct net_request *q, struct err *e) MUST_USE;
err_code net_who_run(struct net_request *q, struct err *e) MUST_USE;
err_code net_diff_run(struct net_request *q, struct err *e) MUST_USE;
err_code net_matrix_run(struct net_request *q, struct err *e) MUST_USE;
err_code net_graph_run(struct net_request *q, struct err *e) MUST_USE;
err_code net_exposure_run(struct net_request *q, struct err *e) MUST_USE;

// "problems": [...], "unmodelled": [...], "notes": [...] of a JSON object; begins with ", ".
void net_put_notes_json(const struct net_input *in, const struct net_request *q, struct buf *b);
// The same for people: what was not looked at, and what depends on the network plugin.
void net_put_notes(const struct net_input *in, const struct net_request *q, struct buf *b);

// Who stands in an answer: a workload, a Pod of it (--pods), or a range of addresses outside.
struct net_party {
    uint32_t workload, pod; // INVENTORY_NONE: none, or the workload as a whole
    uint32_t range;         // INVENTORY_NONE, or of reach.outside
    str name;
    const uint32_t *classes; // of its Pods, ascending, each once
    uint32_t n_classes;
    const uint64_t *mask; // of many classes: bits over columns; NULL: of few, or of a source
    uint32_t n_more; // a group: that many others behave alike; name is the group's
    uint32_t whole;  // that many parties as one: a workload with --pods, a namespace, all outside; they need not be alike
    uint32_t first;  // of net_crowd.all; the others are linked by next
};
struct net_parties {
    struct net_party *all; // ranges first, then by name
    uint32_t n;
};
// The parties of a direction: as sources (ingress) or destinations (egress).
err_code net_parties_make(const struct net_input *in, bool pods, enum netpol_direction d, struct arena *a, struct net_parties *ret,
                          struct err *e) MUST_USE;

bool net_is_self(const struct net_party *a, const struct net_party *b);
uint32_t net_sort(uint32_t *list, uint32_t n); // ascending, each once: how many are left

// What one party may send to every column: the union over its classes, and whether all of them agree.
struct net_sender {
    const struct reach *r;
    struct reach_row row;
    struct reach_bits low, high, least; // of one class: the row's own memory; least: what all classes may
    struct reach_bits sums[3]; // of several
    uint32_t last_row;         // of which the row is
    const uint64_t *alone;     // net_input.alone: of several classes such a one does not count as its own destination
};
err_code net_sender_init(struct net_sender *s, const struct reach *r, struct arena *a, struct err *e) MUST_USE;
void net_sender_set(struct net_sender *s, const struct net_party *p);
// One class as the sender, for the answer about one destination class only: the rest of the row is not evaluated.
void net_sender_set_for(struct net_sender *s, uint32_t from, uint32_t to);

enum net_join { NET_FIRST, NET_OR, NET_AND };
void net_join(const struct reach *r, struct reach_bits *sum, const struct reach_bits *x, enum net_join join);

// Ports of an answer: bits over atoms.
struct net_answer {
    uint64_t *low, *high, *least;
};
err_code net_answer_init(struct net_answer *x, const struct reach *r, struct arena *a, struct err *e) MUST_USE;
// From the sender to a party. False: nothing, not even perhaps.
bool net_answer_get(const struct net_sender *s, const struct net_party *to, struct net_answer *x);

// [{"protocol": "TCP", "ports": ["80", "443-444"]}, ...]
void net_put_ports_json(const struct reach *r, struct buf *b, const uint64_t *bits);

#endif
