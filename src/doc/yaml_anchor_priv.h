// yaml_anchor_priv: the anchors (&name) of one document.
#ifndef DOC_YAML_ANCHOR_PRIV_H
#define DOC_YAML_ANCHOR_PRIV_H

#include "base/arena.h"
#include "base/err.h"
#include "doc/yaml_scalar_priv.h"

struct yaml_anchor {
    const char *name;
    uint32_t hash;
    bool open;     // its collection has not ended: an alias to it now is a cycle
    bool infinite; // .inf or .nan: a key, but never a value
    uint16_t height; // levels of collections
    uint64_t weight; // values in it, aliases counted with what they stand for
    struct node node;
    struct yaml_scalar scalar; // where node is a scalar: what it would be as a key
    struct yaml_anchor *next, *older;
};

struct yaml_anchors {
    struct yaml_anchor **buckets, *last;
    uint32_t n, size; // size: a power of two, or 0
};

// A name that is already there is from now on the new one's.
err_code yaml_anchor_add(struct yaml_anchors *t, const char *name, struct arena *a,
                         struct yaml_anchor **ret, struct err *e) MUST_USE;
struct yaml_anchor *yaml_anchor_find(const struct yaml_anchors *t, const char *name);

#endif
