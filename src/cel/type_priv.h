// type_priv: what only the checker and its printers need of types.
#ifndef CEL_TYPE_PRIV_H
#define CEL_TYPE_PRIV_H

#include "base/buf.h"
#include "cel/type.h"

// type(of); NULL on a full arena.
const struct cel_type *type_type(struct arena *a, const struct cel_type *of);
// "map(string, dyn)", as cel-go writes types in diagnostics.
void type_print(struct buf *out, const struct cel_type *t);
str type_text(struct arena *a, const struct cel_type *t);
// The type of an object's field, or NULL.
const struct cel_type *type_field(const struct cel_type *object, str name);
// Kubernetes' typed objects by their names, or NULL.
const struct cel_type *type_object_named(str name);

#endif
