// rbac_chain: one way to a sink as steps that a person can follow, and what would end it.
#ifndef CMD_RBAC_CHAIN_H
#define CMD_RBAC_CHAIN_H

#include "graph/paths.h"

enum { CHAIN_MOST = 32 };

// A step: an edge, with sets on its way left out.
struct chain_step {
    const struct paths_edge *edge;
    uint32_t from, to; // nodes
    const char *assumes;
    bool asked; // whether taking away what it rests on ends all ways was looked at
    bool ends[PATHS_CUTS_OF]; // of each of its cuts
};
struct chain {
    uint32_t from;
    enum paths_sink sink;
    struct chain_step steps[CHAIN_MOST];
    uint32_t n;
    struct paths_cut cut[PATHS_MOST_CUTS]; // the fewest things to take away
    uint32_t n_cut; // 0: not so few, or not looked at
    bool asked;     // it was looked at
    struct paths_cut enough[PATHS_MOST_ENOUGH]; // where they are not so few: some that are enough
    uint32_t n_enough;
    uint32_t other[CHAIN_MOST]; // where the first step's first cut is not enough: edges of a way that is left
    uint32_t n_other;
};

// budget: edges that may still be looked at for cuts.
struct chain rbac_chain_make(const struct paths *p, const struct paths_tree *t, uint32_t node, uint64_t *budget, struct arena *scratch);
void rbac_chain_text(const struct paths *p, struct buf *b, const struct chain *c);
void rbac_chain_json(const struct paths *p, struct buf *b, const struct chain *c);
void rbac_chain_finding_json(const struct paths *p, struct buf *b, const struct paths_finding *f);
void rbac_chain_pair_json(const struct paths *p, struct buf *b, enum paths_attack attack, uint32_t from, uint32_t to);

#endif
