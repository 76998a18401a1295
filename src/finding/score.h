// score: how a scan did, a section of the guide at a time.
#ifndef FINDING_SCORE_H
#define FINDING_SCORE_H

#include "finding/finding.h"

enum { SCORE_SECTIONS = 16 };

struct score {
    str section; // "Pod security"
    uint64_t applied, failed; // checks: a rule against an object
    uint32_t worst[3];        // rules with the most failed objects, indices into report.rules
    uint32_t n_worst;
};

// The sections that had anything to check, in the guide's order; ret has room for SCORE_SECTIONS.
uint32_t score_sections(const struct report *r, struct score *ret);
// The share that passed, 0..100, rounded down, so that 100 means all.
unsigned score_percent(const struct score *s);
// The section a rule counts for: that of its first recommendation; "Other" where it names none.
str score_section_of(const struct rule *rule);

#endif
