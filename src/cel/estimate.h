// estimate: what an expression may cost before anything is known of its input: cel-go's estimator in
// spirit. Sizes of what comes from outside are unbounded, so a loop over them is.
#ifndef CEL_ESTIMATE_H
#define CEL_ESTIMATE_H

#include "cel/ast.h"

#define ESTIMATE_UNBOUNDED UINT64_MAX

struct estimate {
    uint64_t min, max; // max ESTIMATE_UNBOUNDED: no bound is known
};

struct estimate estimate_cost(const struct cel_program *p);

#endif
