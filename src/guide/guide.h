// guide: the recommendations of the hardening guidance, as guide/recommendations.yaml states them (docs/guide.md).
//
// A view: all texts and lists borrow from the tree and from the arena.
#ifndef GUIDE_GUIDE_H
#define GUIDE_GUIDE_H

#include "base/arena.h"
#include "base/err.h"
#include "doc/node.h"

enum guide_action { GUIDE_CHECK = 1, GUIDE_ENFORCE = 2, GUIDE_GENERATE = 4, GUIDE_MONITOR = 8 };

struct guide_entry {
    str id, section, title;
    str says, why, attack, check, fix; // check and fix may have several lines
    unsigned can, partly;              // enum guide_action, or-ed
    const str *evidence, *rules;       // rules: built-in checks that are no policies
    const str *through;                // ids ("POD-20") and prefixes ("POD") of which this one is the sum
    uint32_t n_evidence, n_rules, n_through;
    str needs;        // "one object", "a cluster": what must be looked at
    str since, until; // Kubernetes versions, or empty
    str example;      // a file's name in guide/examples/, or empty
};

struct guide {
    const struct guide_entry *entries; // in the guide's order
    uint32_t n;
};

// ERR_SYNTAX with the place as a path ("recommendations[3].can") where the data is not as docs/guide.md says; ERR_LIMIT.
err_code guide_read(const struct node *root, struct arena *a, struct guide *ret, struct err *e) MUST_USE;
// NULL where there is none. Case does not matter.
const struct guide_entry *guide_find(const struct guide *g, str id);
// x is reached by `of`: of.through names its id or its prefix.
bool guide_is_through(const struct guide_entry *of, const struct guide_entry *x);

#endif
