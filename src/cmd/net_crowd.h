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

// What parties of one group have in common, as words of `key`; returns how many.
typedef uint32_t net_crowd_key(const void *ctx, enum netpol_direction d, uint32_t party, uint32_t *key);
// Parties of c->all[d] with the same key are one of c->of[d]: a copy of the first, with n_more and first. In their order. c->next[d] is
// made. extra: how many words a key may have beyond the most classes of a party. ret_group_of: by party, the number of its group from 1; may be NULL. In the arena.
err_code net_crowd_collect(struct net_crowd *c, enum netpol_direction d, uint32_t extra, net_crowd_key *key_for, const void *ctx,
                           struct arena *a, uint32_t **ret_group_of, struct err *e) MUST_USE;
// Groups of several parties are called group-1, group-2 ...
err_code net_crowd_name(struct net_crowd *c, enum netpol_direction d, struct arena *a, struct err *e) MUST_USE;

// A problem of class "limit": kept for the answer, and said on stderr where the answer is a text.
err_code net_crowd_say(struct net_input *in, struct net_request *q, struct inventory_origin at, str message, struct err *e) MUST_USE;

// Who is in which group, where any are put together: "groups" of the JSON form (begins with ", "), or lines. mentioned: by source,
// those that the answer speaks of; NULL: all.
void net_crowd_put_groups(const struct net_crowd *c, const bool *mentioned, struct net_request *q);

#endif
