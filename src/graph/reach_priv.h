// reach_priv: what the parts of reachability share.
#ifndef GRAPH_REACH_PRIV_H
#define GRAPH_REACH_PRIV_H

#include "graph/reach.h"

// While it is built.
struct reach_builder {
    struct reach *r;
    const struct inventory *v;
    const struct netpols *p;
    struct arena *a;
    struct err *e;
    bool *is_port_name; // by name: some rule uses it
    bool by_address;    // Pods are told apart by their addresses
    struct address *cuts; // of all blocks that Pods are compared with, ascending: where ranges begin
    uint32_t n_cuts, cap_cuts;
    struct rows port_names; // of classes: name, number, protocol...
    struct rows addresses;
    struct rows ns_keys;    // of namespace classes
    uint32_t *ns_class_of;  // by namespace
    bool *is_unknown;       // by namespace class: of Pods of which nothing is known
    uint32_t *class_of_ns_first; // first class of each namespace class, and one more
    uint32_t n_ns_classes;
    uint64_t **ns_matches;  // by selector: bits over namespace classes; NULL where it selects none
    uint32_t ns_words;
    uint64_t *host_network; // bits over classes
    uint32_t **classes_of;  // by selector of Pods: classes that match it
    uint32_t *n_classes_of;
};

err_code reach_build_classes(struct reach_builder *b) MUST_USE; // reach_class.c
err_code reach_build_atoms(struct reach_builder *b) MUST_USE;   // reach_atom.c
err_code reach_build_outside(struct reach_builder *b) MUST_USE;
err_code reach_build_pieces(struct reach_builder *b) MUST_USE;  // reach_piece.c
// Are all, some, none of a class's addresses in a block? REACH_UNKNOWN where that cannot be known.
enum reach_choice reach_class_in_block(const struct reach *r, const struct reach_class *c, const struct netpol_peer *peer);
// A NetworkPolicy that selects no Pod: its rules are none of anybody's business, nor are their ports atoms.
bool reach_is_idle(const struct reach_builder *b, const struct netpol *n);
bool reach_peer_is_in_play(const struct reach *r, const struct netpol *n, const struct netpol_peer *peer);

// 64 rows of 64 bits turned: bit k of word i becomes bit i of word k (Hacker's Delight 7-3).
void reach_turn(uint64_t a[64]);

static inline void reach_set_bit(uint64_t *words, uint32_t bit)
{
    words[bit / 64] |= (uint64_t)1 << (bit % 64);
}
static inline bool reach_bit(const uint64_t *words, uint32_t bit)
{
    return words[bit / 64] >> (bit % 64) & 1;
}

#endif
