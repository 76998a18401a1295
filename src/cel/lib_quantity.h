// lib_quantity: resource quantities ("500m", "1.5Gi", "1e3") as Kubernetes counts them.
#ifndef CEL_LIB_QUANTITY_H
#define CEL_LIB_QUANTITY_H

#include "cel/lib.h"

__extension__ typedef __int128 lib_quantity_nanos;

enum lib_quantity_form { QUANTITY_DECIMAL, QUANTITY_BINARY, QUANTITY_EXPONENT };

// An exact number of nano-units. Kubernetes rounds away from zero to nanos and caps at 2^63-1 units;
// what the cap leaves fits. Exponents beyond (1E30), which Kubernetes keeps, end at +-10^29 units here.
struct lib_quantity {
    lib_quantity_nanos nanos;
    enum lib_quantity_form form; // how it was written, and is written again
};

// resource.ParseQuantity. False where the text is no quantity.
bool lib_quantity_parse(str s, struct lib_quantity *ret);
// The canonical form (Quantity.String()).
void lib_quantity_text(struct lib_text *t, const struct lib_quantity *q);

#endif
