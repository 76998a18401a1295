// type: CEL's types as the checker sees them. Immutable, interned by nobody: compare with type_equal.
#ifndef CEL_TYPE_H
#define CEL_TYPE_H

#include "base/buf.h"
#include "cel/value.h"

struct cel_field {
    str name;
    const struct cel_type *type;
};

struct cel_type {
    enum cel_kind kind;
    const struct cel_type *params[2]; // list<0>, map<0,1>, type<0>, optional<0>
    uint32_t param;                   // CEL_PARAM: which type variable
    str name;                         // CEL_OBJECT: "kubernetes.AdmissionRequest"; CEL_PARAM: "A"
    const struct cel_field *fields;   // CEL_OBJECT
    uint32_t n_fields;
};

// Simple types, one constant each: type_simple(CEL_INT), type_simple(CEL_DYN). Not for LIST, MAP, OPTIONAL, OBJECT, PARAM.
const struct cel_type *type_simple(enum cel_kind k);
// NULL on a full arena.
const struct cel_type *type_list(struct arena *a, const struct cel_type *of);
const struct cel_type *type_map(struct arena *a, const struct cel_type *key, const struct cel_type *value);
const struct cel_type *type_optional(struct arena *a, const struct cel_type *of);
// An abstract type with parameters, "tuple(T, U, V)": conformance only, see cel_env_function.
const struct cel_type *type_abstract(struct arena *a, str name, const struct cel_type *const *params,
                                     uint32_t n);
// The i-th type parameter of a declared function, i < 3.
const struct cel_type *type_parameter(uint32_t i);
// "map(string, dyn)", as cel-go writes types in diagnostics.
void type_print(struct buf *out, const struct cel_type *t);
bool type_equal(const struct cel_type *a, const struct cel_type *b);

// kubernetes.AdmissionRequest and kubernetes.Namespace as VAP types them (facts: request has no uid, no object).
extern const struct cel_type type_admission_request, type_namespace;

#endif
