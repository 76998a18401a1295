// net: may one end of a connection talk to another, policy by policy: for questions of ClusterChecks, which are few.
// All pairs at once is graph/reach.h's.
#ifndef CHECK_NET_H
#define CHECK_NET_H

#include "check/objects.h"

enum net_answer { NET_NO, NET_YES, NET_DEPENDS }; // on what the specification leaves to the network plugin

// A Pod, or an address outside.
struct net_end {
    bool is_pod, host_network;
    uint32_t ns;            // of the inventory
    uint32_t labels, ports; // rows of the inventory
    const uint32_t *policies; // NetworkPolicies of its namespace that select it; NULL: to be found
    uint32_t n_policies;
    struct address address;
};
struct net_end net_pod(const struct objects *o, const struct objects_pod *p); // after objects_select of its namespace

bool net_is_isolated(const struct objects *o, const struct net_end *x, enum netpol_direction d);
// On a TCP port; 0: on some port of some protocol.
enum net_answer net_reaches(const struct objects *o, const struct net_end *from, const struct net_end *to, uint32_t port);
// Is there a policy that isolates every Pod of the namespace, and does none allow all of them everything?
bool net_denies_by_default(const struct objects *o, uint32_t ns, enum netpol_direction d);

#endif
