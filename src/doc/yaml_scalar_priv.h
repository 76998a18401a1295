// yaml_scalar_priv: what a scalar of YAML is, by the rules of go-yaml v2, which kubectl reads with.
#ifndef DOC_YAML_SCALAR_PRIV_H
#define DOC_YAML_SCALAR_PRIV_H

#include "base/arena.h"
#include "base/err.h"
#include "doc/node.h"

enum yaml_tag {
    YAML_NO_TAG,
    YAML_TAG_STR,
    YAML_TAG_BOOL,
    YAML_TAG_INT,
    YAML_TAG_FLOAT,
    YAML_TAG_NULL,
    YAML_TAG_TIMESTAMP,
    YAML_TAG_BINARY,
    YAML_TAG_MERGE,
    YAML_TAG_OTHER, // a scalar with it is a string
};
// The tag as libyaml gives it, "tag:yaml.org,2002:str"; NULL: none.
enum yaml_tag doc_yaml_tag_of(const char *tag);

enum yaml_kind {
    YAML_IS_STRING, // the text itself, or what !!binary held
    YAML_IS_NULL,
    YAML_IS_BOOL,
    YAML_IS_INT,
    YAML_IS_UINT, // beyond int64, within uint64
    YAML_IS_FLOAT, // infinities and NaN too
};
struct yaml_scalar {
    enum yaml_kind kind;
    union {
        bool b;
        int64_t i;
        uint64_t u;
        double d;
    };
    str text;
};

// Bytes that a plain scalar must begin with to be anything but a string.
extern const unsigned char doc_yaml_first_bytes[256];

// What `text` is under the tag. A plain scalar has none; a quoted one without a tag is not asked
// about. NULL, or what the text should have been: "an integer". The arena serves numbers with
// underscores and !!binary; where it is full the text is a string.
const char *doc_yaml_resolve(str text, enum yaml_tag tag, struct arena *a, struct yaml_scalar *ret);

// The text of a key, as sigs.k8s.io/yaml makes keys strings. p is NULL for what cannot be a key (null, an
// integer beyond int64) and where the arena is full.
str doc_yaml_key_text(const struct yaml_scalar *s, struct arena *a);

#endif
