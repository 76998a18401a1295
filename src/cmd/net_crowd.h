// net_crowd: parties of an answer put together where there are too many: those that behave alike are one, and where even those are
// too many, all Pods of a workload or a namespace are.
#ifndef CMD_NET_CROWD_H
#define CMD_NET_CROWD_H

#include "cmd/net.h"

enum { NET_MOST_APART = 1000 };       // parties; more are put together
enum { NET_MOST_ENTRIES = 1000000 };  // of a list; of more, whole namespaces are one party

struct net_crowd {
    struct net_parties of[DIRECTIONS];  // of the answer: sources (ingress), destinations (egress)
    struct net_parties all[DIRECTIONS]; // what they were made of: net_party.first is the first of a party, next the following
    uint32_t *next[DIRECTIONS];
    bool together; // false: of is all
};

// q->each: nothing is put together. q->group: what behaves alike always is, and nothing else. Neither: as much as is needed;
// where namespaces are one party, a problem ("limit") names them. all is given; the rest is made, in q->memory.
err_code net_crowd_make(struct net_input *in, struct net_request *q, struct net_crowd *c, struct err *e) MUST_USE;

// The same for net exposure, of workloads only (all[INGRESS]; ranges stay): those of which it says the same. Where that is
// too many questions, only the largest groups are kept, and a problem names the namespaces.
err_code net_crowd_make_exposed(struct net_input *in, struct net_request *q, struct net_crowd *c, struct err *e) MUST_USE;

// A problem of class "limit": kept for the answer, and said on stderr where the answer is a text.
err_code net_crowd_say(struct net_input *in, struct net_request *q, struct inventory_origin at, str message, struct err *e) MUST_USE;

// Who is in which group: "groups" of the JSON form (begins with ", "), or lines.
void net_crowd_put_groups(const struct net_crowd *c, struct net_request *q);

#endif
