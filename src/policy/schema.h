// schema: the shape of policies and bindings as the API server decodes them strictly: unknown fields and
// wrong types are refused before anything is read.
#ifndef POLICY_SCHEMA_H
#define POLICY_SCHEMA_H

#include "policy/where.h"

enum schema_kind {
    SCHEMA_STRING,
    SCHEMA_BOOL,
    SCHEMA_INT,
    SCHEMA_ANY,
    SCHEMA_STRINGS, // a map of strings
    SCHEMA_OBJECT,
    SCHEMA_LIST, // of strings where `of` is NULL, else of objects
};

struct schema_field {
    const char *name;
    enum schema_kind kind;
    const struct schema_field *of; // of OBJECT and LIST; ends with a NULL name
};

extern const struct schema_field schema_policy[], schema_cross[], schema_binding[];

// Checks a whole object. Fields that are null count as absent, as Go's decoder has it.
void schema_check(const struct node *root, const struct schema_field *schema, struct refusals *r);

// A field's value, or NULL where it is absent or null.
const struct node *schema_get(const struct node *map, struct key k);
// A string field's text, or an empty one.
str schema_text(const struct node *map, struct key k);

#endif
