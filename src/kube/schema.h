// schema: what the API server's strict decoder says of an object of a kind that Kubernetes ships: fields
// that it does not know, and values of the wrong type. Pure; the table is schema.def.
//
// Sources: k8s.io/apimachinery pkg/runtime/serializer/json (Strict), sigs.k8s.io/json, the UnmarshalJSON
// methods of Quantity, Time, MicroTime, IntOrString and the CustomResourceDefinition types; docs/strict.md.
#ifndef KUBE_SCHEMA_H
#define KUBE_SCHEMA_H

#include "kube/object.h"

enum kube_schema_fault {
    KUBE_SCHEMA_UNKNOWN, // a field that the type does not have: refused, or dropped
    KUBE_SCHEMA_WRONG,   // a value that the field's type cannot hold: the object is refused
    KUBE_SCHEMA_FAULTS,
};

struct kube_schema_place {
    const struct node *node;     // the value
    const struct member *member; // the field; NULL for a list's item
    str path;                    // in the object: "spec.policyType"
    struct kube_schema_place *next;
};

// One cause, in every place of the object where it shows. Texts are constants or in the arena of the check.
struct kube_schema_problem {
    enum kube_schema_fault fault;
    str hint;   // unknown: "did you mean policyTypes?", or empty; wrong: "must be an integer, not a string"
    str effect; // unknown: what dropping it means, or empty
    struct kube_schema_place *first, *last; // in the order of the file
    uint32_t n_places;
    uint32_t dropped; // of the last problem of a fault: what is beyond LIMIT_SCHEMA_PLACES, LIMIT_SCHEMA_PATHS
    str key;          // inner, as `in`: the field, or the one that holds the list
    uint16_t in;
    struct kube_schema_problem *next;
};

struct kube_schema_result {
    bool known; // false: no kind of the table; nothing was looked at
    struct kube_schema_problem *first, *last;
};

// Checks a whole object, status included. The object is as kubectl would send it, nulls included (a null
// stands for an absent value, not for an absent field). Allocates only where it found something; ERR_LIMIT
// where the arena is full.
err_code kube_schema_check(const struct object *o, struct arena *a, struct kube_schema_result *ret,
                           struct err *e) MUST_USE;

// A problem in one sentence; p is NULL where the arena is full.
str kube_schema_message(const struct kube_schema_problem *p, struct arena *a);

#endif
