// objects_priv: what the readers of objects share.
#ifndef CHECK_OBJECTS_PRIV_H
#define CHECK_OBJECTS_PRIV_H

#include "check/objects.h"

// *ret_is false: it is no Pod and makes none. *ret_ns: of the inventory.
err_code objects_read_pod(struct objects *o, uint32_t record, const struct object *x, str ns, bool *ret_is, uint32_t *ret_ns,
                          struct err *e) MUST_USE;
// What an object other than a Pod names.
err_code objects_read_uses(struct objects *o, uint32_t record, const struct object *x, struct err *e) MUST_USE;
err_code objects_use_put(struct objects *o, enum objects_use what, str ns, str name, uint32_t record, struct err *e) MUST_USE;

#endif
