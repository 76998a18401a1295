#include <stddef.h>

#include "kube/schema_priv.h"

// All names, one behind the other, each with its NUL: no pointers, so nothing is to be relocated.
struct names {
#define SCHEMA_NAME(id, text) char id_##id[sizeof text];
#include "kube/schema.def"
};
static const struct names names = {
#define SCHEMA_NAME(id, text) text,
#include "kube/schema.def"
};
enum name {
#define SCHEMA_NAME(id, text) NAME_##id,
#include "kube/schema.def"
    NAMES,
};
static const uint16_t name_at[NAMES + 1] = {
#define SCHEMA_NAME(id, text) offsetof(struct names, id_##id),
#include "kube/schema.def"
    sizeof(struct names),
};

const struct schema_table_field schema_table_fields[] = {
#define SCHEMA_FIELD(hash, name, shape) {hash, NAME_##name, SHAPE_##shape},
#include "kube/schema.def"
};

const struct schema_table_shape schema_table_shapes[] = {
#define SCHEMA_TYPE(id, first, n) {first, n},
#include "kube/schema.def"
#define SCHEMA_LIST(id, of) {SHAPE_##of, 0},
#include "kube/schema.def"
#define SCHEMA_MAP(id, of) {SHAPE_##of, 0},
#include "kube/schema.def"
};

static const struct kind {
    uint32_t hash; // of kind and API version
    uint16_t api_version, kind, shape;
} kinds[] = {
#define SCHEMA_KIND(hash, version, kind, shape) {hash, NAME_##version, NAME_##kind, SHAPE_##shape},
#include "kube/schema.def"
};

_Static_assert(sizeof(struct names) <= UINT16_MAX, "names have offsets of 16 bits");
_Static_assert(SHAPES <= UINT16_MAX, "shapes have 16 bits");
_Static_assert(sizeof schema_table_fields / sizeof *schema_table_fields <= UINT16_MAX, "so have fields");
_Static_assert(sizeof schema_table_shapes / sizeof *schema_table_shapes == SHAPES - SHAPE_FIRST_TYPE,
               "one row a shape");

str schema_table_name(uint16_t name)
{
    const char *all = (const char *)&names;
    return (str){all + name_at[name], (size_t)(name_at[name + 1] - name_at[name] - 1)};
}

uint16_t schema_table_kind(str api_version, str kind)
{
    uint32_t hash = hash_key(kind) ^ hash_key(api_version) * 31;
    size_t low = 0, high = sizeof kinds / sizeof *kinds;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (kinds[mid].hash < hash)
            low = mid + 1;
        else
            high = mid;
    }
    for (; low < sizeof kinds / sizeof *kinds && kinds[low].hash == hash; low++)
        if (str_eq(schema_table_name(kinds[low].kind), kind) &&
            str_eq(schema_table_name(kinds[low].api_version), api_version))
            return kinds[low].shape;
    return SHAPES;
}

const struct schema_table_field *schema_table_find(uint16_t type, str name, uint32_t hash)
{
    struct schema_table_shape s = schema_shape_of(type);
    const struct schema_table_field *f = schema_table_fields + s.first;
    uint32_t n = s.n;
    while (n > 1) { // the last that is not behind the hash: halves without a branch to mispredict
        uint32_t half = n / 2;
        f = f[half].hash <= hash ? f + half : f;
        n -= half;
    }
    if (n == 0 || f->hash != hash || !str_eq(schema_table_name(f->name), name))
        return NULL;
    return f;
}
