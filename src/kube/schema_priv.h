// schema_priv: the table behind schema.h, and what its parts share.
#ifndef KUBE_SCHEMA_PRIV_H
#define KUBE_SCHEMA_PRIV_H

#include "kube/schema.h"

// Shapes of values. The leaves first: shape < SHAPE_LEAVES.
enum schema_shape {
    SHAPE_string,
    SHAPE_boolean,
    SHAPE_int32,
    SHAPE_int64,
    SHAPE_number,
    SHAPE_bytes,         // base64 text, or a list of numbers
    SHAPE_quantity,      // resource.Quantity
    SHAPE_int_or_string, // intstr.IntOrString: the integer has 32 bits
    SHAPE_time,          // metav1.Time, MicroTime
    SHAPE_micro_time,
    SHAPE_any,               // RawExtension, FieldsV1, JSON
    SHAPE_schema_or_bool,    // JSONSchemaPropsOrBool, OrArray, OrStringArray: read by decoders that
    SHAPE_schema_or_list,    // are not strict, so what is below them has no unknown fields
    SHAPE_schema_or_strings,
    SHAPE_LEAVES,
    SHAPE_FIRST_TYPE = SHAPE_LEAVES,
    SHAPE_BEFORE_TYPES = SHAPE_FIRST_TYPE - 1,
#define SCHEMA_TYPE(id, first, n) SHAPE_##id,
#include "kube/schema.def"
    SHAPE_FIRST_LIST,
    SHAPE_BEFORE_LISTS = SHAPE_FIRST_LIST - 1,
#define SCHEMA_LIST(id, of) SHAPE_##id,
#include "kube/schema.def"
    SHAPE_FIRST_MAP,
    SHAPE_BEFORE_MAPS = SHAPE_FIRST_MAP - 1,
#define SCHEMA_MAP(id, of) SHAPE_##id,
#include "kube/schema.def"
    SHAPES,
};

struct schema_table_field {
    uint32_t hash; // hash_key() of the name; a type's fields are sorted by it
    uint16_t name; // see schema_table_name
    uint16_t shape;
};

struct schema_table_shape { // of SHAPE_FIRST_TYPE and on
    uint16_t first, n;      // of a type: its fields; of a list or a map: `first` is the shape of what is in it
};

extern const struct schema_table_field schema_table_fields[];
extern const struct schema_table_shape schema_table_shapes[]; // index: shape - SHAPE_FIRST_TYPE

str schema_table_name(uint16_t name);
// The shape of a kind's objects, or SHAPES for a kind that is not in the table.
uint16_t schema_table_kind(str api_version, str kind);
// A type's field, or NULL.
const struct schema_table_field *schema_table_find(uint16_t type, str name, uint32_t hash);

static inline bool schema_is_type(uint16_t shape)
{
    return shape >= SHAPE_FIRST_TYPE && shape < SHAPE_FIRST_LIST;
}
static inline bool schema_is_list(uint16_t shape)
{
    return shape >= SHAPE_FIRST_LIST && shape < SHAPE_FIRST_MAP;
}
static inline struct schema_table_shape schema_shape_of(uint16_t shape)
{
    return schema_table_shapes[shape - SHAPE_FIRST_TYPE];
}

// Where the walk stands: a chain up to the object's root.
struct schema_step {
    const struct schema_step *up;
    const struct node *node;
    const struct member *member; // that holds the node; NULL for a list's item and the root
    uint32_t index;              // of a list's item
    uint16_t shape;              // of the node
};

// schema_leaf.c. Kinds of nodes that a leaf takes whatever they hold: bit 1 << enum node_kind.
extern const uint8_t schema_leaf_takes[SHAPE_LEAVES];
// The rest: the node is none of those. True where the leaf takes this one.
bool schema_leaf_is(uint16_t leaf, const struct node *n);

// schema_hint.c: into problem->hint and problem->effect. at: the map that has the unknown field, or the
// value of the wrong type. False where the arena is full.
bool schema_hint_unknown(const struct schema_step *at, const struct member *field, struct arena *a,
                         struct kube_schema_problem *problem);
bool schema_hint_wrong(const struct schema_step *at, struct arena *a, struct kube_schema_problem *problem);
// The path of a step, and of a field in it where `field` is not NULL; p is NULL where the arena is full.
str schema_hint_path(const struct schema_step *at, const struct member *field, struct arena *a);

#endif
