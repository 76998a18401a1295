// guide_print: the matrix of recommendations and policies, and one recommendation explained, in three formats.
#ifndef CMD_GUIDE_PRINT_H
#define CMD_GUIDE_PRINT_H

#include "base/buf.h"
#include "finding/finding.h"
#include "guide/guide.h"

// The guide, and what of it is judged: policies name recommendations, never the other way round.
struct guide_matrix {
    const struct guide *guide;
    const struct rule *const *rules;
    uint32_t n_rules;
    unsigned width; // columns of text
};

// How far a recommendation is checked: fully where one object or file settles it and something looks at it. By hand: nothing a
// program could do.
enum guide_status { GUIDE_CHECKED, GUIDE_IN_PART, GUIDE_NOT_YET, GUIDE_BY_HAND };

void guide_print_matrix_text(struct buf *b, const struct guide_matrix *m);
void guide_print_matrix_markdown(struct buf *b, const struct guide_matrix *m);
// {"schema": "casemate.dev/guide/v1", "recommendations": [...]}; of those in `only`, or of all where it is NULL.
void guide_print_json(struct buf *b, const struct guide_matrix *m, const struct guide_entry *const *only, uint32_t n);

// example: the file's text, or empty.
void guide_print_entry_text(struct buf *b, const struct guide_matrix *m, const struct guide_entry *x, str example);
void guide_print_entry_markdown(struct buf *b, const struct guide_matrix *m, const struct guide_entry *x, str example);

#endif
