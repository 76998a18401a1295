// reach: who may talk to whom, exactly as the network policies say, for every pair of Pods and every port.
//
// Pods that no rule tells apart are one class; addresses that no rule tells apart are one range; ports that
// no rule tells apart are one atom. Every rule becomes a set of rows (sources) and a set of columns
// (destinations), and a row of the answer is made of a few words per rule: docs/net.md has the essay.
// Answers are streamed a row at a time: nothing here is as large as the square of the Pods.
//
// An answer has two bounds: `low` is allowed whatever the network plugin does, `high` is allowed where it
// decides in favour of it. Where they differ, it depends on the plugin (or on an address that is not known).
#ifndef GRAPH_REACH_H
#define GRAPH_REACH_H

#include "graph/netpol.h"

enum reach_choice { REACH_UNKNOWN, REACH_YES, REACH_NO };

// What the specification leaves to the network plugin.
struct reach_options {
    enum reach_choice block_matches_pods; // NetworkPolicy's ipBlock against Pods
    enum reach_choice host_network_as_pods; // do NetworkPolicies select Pods of the node's network?
    bool not_enforced; // the plugin knows no network policies
    bool ipv6; // list IPv6 addresses too
    const struct reach_cut *cuts; // ports that are to be atoms of their own
    uint32_t n_cuts;
    const struct address_range *ranges[DIRECTIONS]; // where they begin, ranges outside begin too
    uint32_t n_ranges[DIRECTIONS];
};
struct reach_cut {
    uint32_t protocol, port;
    bool start_only; // an atom begins there, whatever follows
};

struct reach_atom {
    uint32_t protocol, first, last; // ports
};

struct reach_class {
    uint32_t ns_class, port_names, addresses;
    bool host_network;
    uint32_t first_pod, n_pods; // reach.pods
    uint32_t first_match, n_matches; // reach.matches: selectors, ascending
};

// Words [from, to) of a set; outside nothing is set.
struct reach_set {
    uint64_t *words;
    uint32_t from, to;
};

static inline bool reach_set_has(const struct reach_set *s, uint32_t bit)
{
    return bit / 64 >= s->from && bit / 64 < s->to && s->words[bit / 64 - s->from] >> (bit % 64) & 1;
}

// A rule, or the part of it that concerns destinations with the same ports of its names.
struct reach_piece {
    uint32_t policy, rule; // netpols.all, and its rules
    enum netpol_tier tier;
    enum netpol_action action;
    uint32_t ports; // reach.port_sets
    struct reach_set yes, maybe; // columns
};

struct reach {
    const struct inventory *inventory;
    const struct netpols *netpols;
    struct reach_options options;
    struct arena *arena;
    struct reach_class *classes;
    uint32_t n_classes;
    uint32_t *class_of_pod; // by Pod; INVENTORY_NONE for replaced ones
    uint32_t *pods;         // in the order of classes
    uint32_t *matches;
    struct address_range *outside[DIRECTIONS]; // ranges: sources of ingress, destinations of egress
    uint32_t n_outside[DIRECTIONS];
    struct reach_atom *atoms;
    uint32_t n_atoms;
    struct rows port_sets; // bits over atoms, in 32-bit words
    uint32_t all_ports;    // the one that has all of them
    struct reach_piece *pieces[DIRECTIONS]; // in the order of evaluation
    uint32_t n_pieces[DIRECTIONS];
    uint32_t first_of_tier[DIRECTIONS][TIERS + 1]; // pieces
    uint64_t **row_yes[DIRECTIONS], **row_maybe[DIRECTIONS]; // [piece / 64][row]: bits over 64 pieces; maybe: NULL where there are none
    struct reach_set isolated[DIRECTIONS], isolated_maybe[DIRECTIONS]; // over classes
    uint32_t n_rows, n_columns, words, class_words; // words of a row over columns; those that hold classes
    bool has_maybe;
};

// Rows: classes, then ranges outside. Columns: the same, of the other direction's ranges.
// v and p must outlive it. ERR_LIMIT where the arena is full.
err_code reach_build(struct reach *r, const struct inventory *v, const struct netpols *p, struct reach_options o, struct arena *a,
                     struct err *e) MUST_USE;

// Bits over columns, for each atom. A word of columns that is the same for all atoms is kept once.
struct reach_bits {
    uint64_t *common;  // [words]: where not detailed
    uint8_t *detailed; // [words]
    uint64_t *atoms;   // [words][n_atoms]: where detailed
};
static inline uint64_t reach_word(const struct reach *r, const struct reach_bits *x, uint32_t atom, uint32_t word)
{
    return x->detailed[word] ? x->atoms[(size_t)word * r->n_atoms + atom] : x->common[word];
}

// One row under way.
struct reach_row {
    struct reach_bits low, high;            // the same memory where nothing depends on the plugin
    struct reach_bits sides[2], next, sum; // private
};
err_code reach_row_init(struct reach_row *row, const struct reach *r, struct arena *a, struct err *e) MUST_USE;
void reach_row(const struct reach *r, uint32_t index, struct reach_row *row);
// The same of columns in the words [from, to) only.
void reach_row_part(const struct reach *r, uint32_t index, uint32_t from, uint32_t to, struct reach_row *row);

// The classes a policy selects, ascending: after it changed, only their rows and their columns can differ
// (reach_change.c). In the arena.
err_code reach_selected(const struct reach *r, uint32_t policy, struct arena *a, uint32_t **ret, uint32_t *ret_n, struct err *e) MUST_USE;

static inline uint32_t reach_atom_words(const struct reach *r)
{
    return (r->n_atoms + 63) / 64;
}
// "TCP 80,443,UDP 53", "All Connections", "No Connections".
void reach_put_ports(const struct reach *r, struct buf *b, const uint64_t *bits);
// The range of a direction that an address is in, or INVENTORY_NONE.
uint32_t reach_outside(const struct reach *r, enum netpol_direction d, struct address a);

#endif
