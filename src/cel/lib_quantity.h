// lib_quantity: amounts as k8s.io/apimachinery resource.Quantity has them.
//
// Kubernetes keeps an amount as an int64 with a decimal scale while it can, and as digits of any
// number beyond. Which of the two it is shows: asInteger() and isInteger() take only the former.
#ifndef CEL_LIB_QUANTITY_H
#define CEL_LIB_QUANTITY_H

#include "cel/lib.h"
#include "kube/quantity.h"

struct lib_quantity {
    bool big;
    uint8_t format; // enum quantity_format
    int32_t scale; // value * 10^scale; of a big one, digits * 10^scale
    int64_t value;
    bool negative; // big ones only, digits too: no leading zeros; empty is zero
    str digits;
    str text; // as it was written, where Kubernetes keeps that; otherwise p is NULL
};

// NULL, or why it is none. Fatal errors (a full arena, digits beyond reason) come back as "".
const char *cel_lib_quantity_parse(str s, struct arena *a, struct lib_quantity *ret);
int lib_quantity_compare(const struct lib_quantity *a, const struct lib_quantity *b);
// a + b, or a - b. False where the arena is full or the sum has digits beyond reason.
bool lib_quantity_add(const struct lib_quantity *a, const struct lib_quantity *b, bool minus,
                      struct arena *arena, struct lib_quantity *ret);
// Quantity.String(): canonical but for what Kubernetes keeps as written.
void lib_quantity_text(struct lib_text *t, const struct lib_quantity *q);

#endif
