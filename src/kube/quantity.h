// quantity: the text of an amount, taken apart as k8s.io/apimachinery's resource.ParseQuantity does it:
// "500m", "1.5Gi", "12e6". What it comes to is for those who calculate (cel/lib_quantity.h).
#ifndef KUBE_QUANTITY_H
#define KUBE_QUANTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum quantity_format { QUANTITY_DECIMAL_SI, QUANTITY_BINARY_SI, QUANTITY_DECIMAL_EXPONENT };

// Views into the text, or constants.
struct quantity_parts {
    bool negative;
    str value;         // sign, digits and point as written
    str num, denom;    // digits before the point, without leading zeros ("0" for none), and behind it
    int base;          // the number is to be multiplied by base^exponent: 10, or 2
    int32_t exponent;  // wraps around where the text says more, as Kubernetes' does
    uint8_t format;    // enum quantity_format
};

enum quantity_fault { QUANTITY_GOOD, QUANTITY_MALFORMED, QUANTITY_BAD_SUFFIX };
enum quantity_fault quantity_split(str s, struct quantity_parts *ret);

// Whether the API server reads it at all.
bool quantity_is(str s);

#endif
