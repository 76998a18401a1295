// typed: values and types as JSON that names their types, as the lines of cel-spec's suite have them:
// {"int": "1"}, {"list": [...]}, {"map": [[key, value]...]}, {"json": any}; {"primitive": "INT64"},
// {"list_type": {"elem_type": ...}}.
#ifndef CEL_TYPED_H
#define CEL_TYPED_H

#include "cel/cel.h"

// An ERROR value where the JSON names no value ("a value is {\"TYPE\": ...}"), fatal on a full arena.
struct value typed_value(const struct node *n, struct arena *a);
void typed_value_print(struct buf *out, struct value v);

// Names of type parameters, as they are met: "T" is the same parameter within one declaration.
enum { TYPED_PARAMETERS = 3 };
struct typed_names {
    str names[TYPED_PARAMETERS];
    uint32_t n;
};
// What is not known is dyn. names may be NULL: a type parameter is dyn then. NULL on a full arena.
const struct cel_type *typed_type(const struct node *n, struct typed_names *names, struct arena *a);
void typed_type_print(struct buf *out, const struct cel_type *t);

// Declares what {"function": {"overloads": ...}} says, by name. One overload or one parameter may stand without its list.
err_code typed_declare_function(struct cel_env *env, str name, const struct node *function,
                                struct arena *a, struct err *e) MUST_USE;

#endif
