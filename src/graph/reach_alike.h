// reach_alike: which rows, and which columns, of the whole answer are the same.
//
// Classes (reach.h) are told apart by what rules ask for, whether or not it matters to anybody: fifty thousand Pods with
// addresses that blocks cut are fifty thousand classes. Here they are told apart by the answer.
#ifndef GRAPH_REACH_ALIKE_H
#define GRAPH_REACH_ALIKE_H

#include "graph/reach.h"

// 128 bits of a row's or a column's cells, both bounds, every port. Equal cells have equal digests; different ones too with a
// probability of about 2^-128 for each pair, which is taken for never.
struct reach_digest {
    uint64_t a, b;
};

// Which part of the answer counts.
struct reach_view {
    const uint64_t *rows;    // bits over rows whose cells count in the digests of columns; NULL: all
    const uint64_t *columns; // bits over columns whose cells count in the digests of rows; NULL: all
    bool certain;            // the lower bound only
};
struct reach_digests {
    struct reach_digest *rows, *columns; // n_rows, n_columns of them
};

// Every row that can differ from others is evaluated once (twice with a view): time is rows x words of a row x ports, memory
// beside the digests and a reach_row 16 MB. In the arena; ERR_LIMIT where it is full.
err_code reach_digest(const struct reach *r, const struct reach_view *view, struct arena *a, struct reach_digests *ret,
                      struct err *e) MUST_USE;

// Numbers for classes, the same one where row and column are the same, in the order of classes. ret_of: by class.
err_code reach_alike(const struct reach *r, const struct reach_digests *d, struct arena *a, uint32_t **ret_of, uint32_t *ret_n,
                     struct err *e) MUST_USE;

#endif
