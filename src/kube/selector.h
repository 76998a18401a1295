// selector: a LabelSelector (apimachinery meta/v1), read strictly and matched against labels.
#ifndef KUBE_SELECTOR_H
#define KUBE_SELECTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "doc/node.h"

enum selector_operator { SELECTOR_IN, SELECTOR_NOT_IN, SELECTOR_EXISTS, SELECTOR_NOT_EXISTS };

struct selector_term {
    struct key key;
    enum selector_operator operator;
    const str *values;
    uint32_t n_values;
};

// All terms must hold. No terms select everything. Texts borrow from the tree.
struct selector {
    const struct selector_term *terms;
    uint32_t n;
};

// Reads what stands at `node` (NULL and null: everything). What the API server refuses is a diagnostic with
// `path` in front ("spec.selector.matchExpressions[0].operator: ..."), and ERR_SYNTAX.
err_code selector_parse(const struct node *node, str path, struct arena *a, struct selector *ret,
                        struct diags *d, struct err *e) MUST_USE;

// labels: the map at metadata.labels, or NULL. A value that is no string counts as absent.
bool selector_matches(const struct selector *s, const struct node *labels);

// Where of a label set only one label is known: its answer may stay open.
enum selector_answer { SELECTOR_NO, SELECTOR_YES, SELECTOR_OPEN };
enum selector_answer selector_decide(const struct selector *s, str known_key, str known_value);

#endif
