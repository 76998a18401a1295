#include "cmd/rbac.h"
#define STUB(f) err_code f(struct rbac_request *q, struct err *e) { (void)q; return err_set(e, ERR_INTERNAL, "not yet"); }
STUB(rbac_diff_run)
STUB(rbac_matrix_run)
STUB(rbac_unused_run)
