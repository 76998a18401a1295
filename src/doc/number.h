// number: decimal text -> double, and doubles as the API server reads them.
#ifndef DOC_NUMBER_H
#define DOC_NUMBER_H

#include "base/str.h"
#include "doc/node.h"

// The double closest to text, which must be [+-] digits with a point and an exponent or not (both
// "1." and ".5" too). False where it is beyond the doubles.
bool number_double(str text, double *ret);

// Sets kind and value. A float that kubectl writes without a point is read by the API server as an
// integer: 2.0 -> 2, 1e3 -> 1000, -0.0 -> 0. d is finite.
void number_set(struct node *n, double d);

#endif
