// where: a place in a policy file, as a path ("spec.validations[0].expression"), and refusals there.
#ifndef POLICY_WHERE_H
#define POLICY_WHERE_H

#include "base/diag.h"
#include "doc/node.h"

// A step of a path; the steps above it stay on the callers' stacks.
struct where {
    const struct where *up;
    str field;      // or, where it is empty:
    uint32_t index; // an item of a list
};

// What is being read and what was refused of it.
struct refusals {
    struct diags *diags;
    str text;     // of the file
    bool refused; // set by where_refuse
};

// Reports "spec.x: message" at the node. span: for maps and lists only where they start.
void where_refuse(struct refusals *r, const struct where *w, const struct node *at, const char *fmt,
                  ...) PRINTF(4, 5);
// The same at a span of the text.
void where_refuse_span(struct refusals *r, const struct where *w, uint32_t start, uint32_t end,
                       str hint, const char *fmt, ...) PRINTF(6, 7);
// "spec.x[0].y" into room for n bytes, cut where it is longer.
str where_print(const struct where *w, char *room, size_t n);

static inline struct where where_field(const struct where *up, const char *field)
{
    return (struct where){up, str_of(field), 0};
}
static inline struct where where_item(const struct where *up, uint32_t index)
{
    return (struct where){up, {NULL, 0}, index};
}

#endif
