// type_priv: what only the checker and its printers need of types.
#ifndef CEL_TYPE_PRIV_H
#define CEL_TYPE_PRIV_H

#include "cel/type.h"

// type(of); NULL on a full arena.
const struct cel_type *type_type(struct arena *a, const struct cel_type *of);
str type_text(struct arena *a, const struct cel_type *t);
// The type of an object's field, or NULL.
const struct cel_type *type_field(const struct cel_type *object, str name);
// Kubernetes' typed objects by their names, or NULL.
const struct cel_type *type_object_named(str name);

#endif
