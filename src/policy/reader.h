// reader: what the readers of one policy file share.
#ifndef POLICY_READER_H
#define POLICY_READER_H

#include "policy/policy_priv.h"
#include "policy/where.h"

// One object of one file. refusals.refused tells whether anything of the object was refused.
struct reader {
    struct policy_set *set;
    struct refusals refusals;
    str file;
};

// A list of strings; absent, null: none. A null item is an empty string, as Go's decoder has it.
err_code reader_strings(struct reader *r, const struct node *list, const str **ret, uint32_t *ret_n,
                        struct err *e) MUST_USE;
// Where the object stands.
struct origin reader_origin(const struct reader *r, const struct node *root);
// metadata of a cluster-scoped object whose name must be a DNS subdomain; its name in *ret.
void reader_metadata(struct reader *r, const struct object *o, str *ret_name);
// "Required value" at the field of `in` that is missing. why: "" or a reason.
void reader_require(struct reader *r, const struct where *up, const char *field,
                    const struct node *in, const char *why);

// One object into *ret, or NULL where it is refused.
err_code definition_read(struct reader *r, const struct object *o, struct policy **ret,
                         struct err *e) MUST_USE;
// The same without its expressions, and those of such a policy.
err_code definition_read_head(struct reader *r, const struct object *o, struct policy **ret,
                              struct err *e) MUST_USE;
err_code definition_read_rest(struct reader *r, struct policy *p, struct err *e) MUST_USE;
err_code binding_read(struct reader *r, const struct object *o, struct binding **ret,
                      struct err *e) MUST_USE;
// matchConstraints and matchResources. `node` is a map, or null.
err_code matching_read(struct reader *r, const struct node *node, const struct where *w,
                       struct match *ret, struct err *e) MUST_USE;
// What of a policy is for people: the annotations under casemate.dev/.
void annotations_read(struct reader *r, const struct node *metadata, struct policy *p);

#endif
