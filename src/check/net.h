// net: may one end of a connection talk to another? graph/reach.h is asked, which is built when the first question comes.
#ifndef CHECK_NET_H
#define CHECK_NET_H

#include "check/objects.h"
#include "graph/reach.h"

enum net_answer { NET_NO, NET_YES, NET_DEPENDS }; // on what the specification leaves to the network plugin

// Zero but for objects. Everything is in their arena.
struct net {
    struct objects *objects; // their inventory gets Pods: one of those that are alike to policies, and a stranger
    bool is_open;
    struct rows alike; // of Pods: number + 1
    bool *is_key, *is_port_name; // by name: policies speak of it
    uint32_t n_names; // later ones nobody speaks of
    struct reach reach;
    struct reach_row row;     // the last one that was asked about:
    uint32_t index, from, to; // its number; the words that are worked out
};

// A Pod, or an address outside.
struct net_end {
    bool is_pod;
    uint32_t ns;          // of a Pod, of the inventory
    uint32_t row, column; // of reach
};
// A Pod of the scan, or one that is like it; or with nothing but objects.stranger for its namespace.
err_code net_pod(struct net *n, const struct objects_pod *p, struct net_end *ret, struct err *e) MUST_USE;
err_code net_address(struct net *n, struct address a, struct net_end *ret, struct err *e) MUST_USE;

// Does a NetworkPolicy isolate it? Of ends as above.
enum net_answer net_is_isolated(const struct net *n, const struct net_end *x, enum netpol_direction d);
// On a TCP port; 0: on some port of some protocol.
enum net_answer net_reaches(struct net *n, const struct net_end *from, const struct net_end *to, uint32_t port);
// Is there a policy that isolates every Pod of the namespace, and does none allow all of them everything?
bool net_denies_by_default(const struct objects *o, uint32_t ns, enum netpol_direction d);

#endif
