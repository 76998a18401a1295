// rbac: what the subcommands of `casemate rbac` share: the request, and the set that was read.
#ifndef CMD_RBAC_H
#define CMD_RBAC_H

#include "cmd/verbs.h"
#include "graph/rbac.h"

struct rbac_request {
    VERBS_REQUEST
    bool json, lines, strict;
    const char *ns, *to, *from; // NULL: not given
};

// A set and what it was read from.
struct rbac_input {
    struct load load;
    struct rbac_set *set;
    err_code (*more)(void *ctx, const struct object *o, const struct origin *at, struct err *e); // or NULL: also called for each object
    void *ctx;
};

// Reads PATHs and seals the set. What is wrong with them goes to stderr; errors make the status 2.
err_code rbac_input_read(struct rbac_input *in, struct rbac_request *q, char **paths, unsigned n, struct err *e) MUST_USE;
// The same of PATHs or "-", confined to them; ERR_USAGE where there are none.
err_code rbac_input_open(struct rbac_input *in, struct rbac_request *q, char **paths, unsigned n, struct err *e) MUST_USE;

err_code rbac_ask_run(struct rbac_request *q, struct err *e) MUST_USE;
err_code rbac_who_run(struct rbac_request *q, struct err *e) MUST_USE;
err_code rbac_what_run(struct rbac_request *q, struct err *e) MUST_USE;
err_code rbac_diff_run(struct rbac_request *q, struct err *e) MUST_USE;
err_code rbac_matrix_run(struct rbac_request *q, struct err *e) MUST_USE;
err_code rbac_unused_run(struct rbac_request *q, struct err *e) MUST_USE;
err_code rbac_paths_run(struct rbac_request *q, struct err *e) MUST_USE;

// "key": "text" in a JSON object, with ", " in front of all but the first: *first.
void rbac_put_field(struct buf *b, bool *first, const char *key, str text);
void rbac_put_place(struct buf *b, bool *first, const struct origin *at, uint32_t line); // "file", "line"

#endif
