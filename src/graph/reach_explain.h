// reach_explain: which rules decide one question: from here to there, on this port, in this direction.
#ifndef GRAPH_REACH_EXPLAIN_H
#define GRAPH_REACH_EXPLAIN_H

#include "graph/reach.h"

enum { REACH_MOST_REASONS = 16 };

enum reach_by {
    REACH_BY_RULE,      // rules[0]: of a tier, or of NetworkPolicies (then all that allow it)
    REACH_BY_ISOLATION, // rules: policies that select the Pod; none of their rules allows it
    REACH_BY_DEFAULT,   // nothing says otherwise
    REACH_BY_NOBODY,    // this end is no Pod: policies have no say
};

struct reach_rule {
    uint32_t policy, rule; // of netpols; rule is INVENTORY_NONE for the policy as a whole
    bool perhaps; // whether it matches depends on the plugin, or on an address that is not known
};

struct reach_reason {
    bool allowed; // certainly, or as far as `perhaps` says
    bool perhaps; // it depends: allowed says what holds if what is uncertain does not match
    enum reach_by by;
    struct reach_rule rules[REACH_MOST_REASONS];
    uint32_t n_rules, more; // more: that did not fit
    struct reach_rule passed[REACH_MOST_REASONS]; // rules that passed it on to the next tier
    uint32_t n_passed;
};

// row: a source, column: a destination, atom: a port; as in reach.h.
void reach_explain(const struct reach *r, enum netpol_direction d, uint32_t row, uint32_t column, uint32_t atom, struct reach_reason *ret);

#endif
