#include "doc/doc.h"
#include "doc/node_priv.h"

// What kubectl makes of one document: apimachinery's UnstructuredJSONScheme (apis/meta/v1/unstructured)
// takes anything with `items` for a list; kubectl's MetadataValidatingDecoder (cli-runtime) then wants a
// single object's metadata to have the types of ObjectMeta.

enum shape { STRING, INTEGER, STRINGS_BY_KEY, STRINGS, MAPS };
static const struct {
    str name;
    enum shape shape;
    str what;
} object_meta[] = {
#define FIELD(name, shape, what) {{name, sizeof name - 1}, shape, {what, sizeof what - 1}}
    FIELD("name", STRING, "a string"),
    FIELD("generateName", STRING, "a string"),
    FIELD("namespace", STRING, "a string"),
    FIELD("selfLink", STRING, "a string"),
    FIELD("uid", STRING, "a string"),
    FIELD("resourceVersion", STRING, "a string"),
    FIELD("generation", INTEGER, "an integer"),
    FIELD("creationTimestamp", STRING, "a time in a string"),
    FIELD("deletionTimestamp", STRING, "a time in a string"),
    FIELD("deletionGracePeriodSeconds", INTEGER, "an integer"),
    FIELD("labels", STRINGS_BY_KEY, "a map of strings"),
    FIELD("annotations", STRINGS_BY_KEY, "a map of strings"),
    FIELD("ownerReferences", MAPS, "a list of maps"),
    FIELD("finalizers", STRINGS, "a list of strings"),
    FIELD("managedFields", MAPS, "a list of maps"),
#undef FIELD
};

// The node that has the wrong type, or NULL. Null stands for any type.
static const struct node *misfit(const struct node *n, enum shape shape)
{
    bool map = shape == STRINGS_BY_KEY, list = shape == STRINGS || shape == MAPS;
    enum node_kind kind = shape == STRING    ? NODE_STRING
                          : shape == INTEGER ? NODE_INT
                          : map              ? NODE_MAP
                                             : NODE_LIST;
    if (n->kind == NODE_NULL)
        return NULL;
    if (n->kind != kind)
        return n;
    if (!map && !list)
        return NULL;
    kind = shape == MAPS ? NODE_MAP : NODE_STRING;
    for (uint32_t i = 0; i < n->n; i++) {
        const struct node *c = map ? &n->members[i].value : &n->items[i];
        if (c->kind != kind && c->kind != NODE_NULL)
            return c;
    }
    return NULL;
}

static err_code refuse(const struct node *at, const char *what, str hint, struct diags *d, struct err *e)
{
    diag_add(d, DIAG_ERROR, at->start, at->end, hint, "%s", what);
    return err_set(e, ERR_SYNTAX, "%s", what);
}

static err_code check_types(const struct node *root, struct diags *d, struct err *e)
{
    const struct node *version = node_get(root, KEY("apiVersion"));
    if (version && version->kind != NODE_STRING && version->kind != NODE_NULL)
        return refuse(version, "apiVersion must be a string", S("kubectl refuses this object."), d, e);
    const struct member *m = node_member(root, KEY("metadata"));
    if (!m || m->value.kind == NODE_NULL)
        return ERR_OK;
    if (m->value.kind != NODE_MAP)
        return refuse(&m->value, "metadata must be a map", S("kubectl refuses this object."), d, e);
    for (unsigned i = 0; i < sizeof object_meta / sizeof *object_meta; i++) {
        const struct node *field = node_get(&m->value, key_of(object_meta[i].name));
        const struct node *bad = field ? misfit(field, object_meta[i].shape) : NULL;
        if (!bad)
            continue;
        bool scalar = bad->kind == NODE_BOOL || bad->kind == NODE_INT || bad->kind == NODE_DOUBLE;
        diag_add(d, DIAG_ERROR, bad->start, bad->end,
                 scalar ? S("kubectl refuses this object. Quote the value.") : S("kubectl refuses this object."),
                 "metadata.%.*s must be %.*s", STR_FMT(object_meta[i].name), STR_FMT(object_meta[i].what));
        return err_set(e, ERR_SYNTAX, "metadata.%.*s must be %.*s", STR_FMT(object_meta[i].name),
                       STR_FMT(object_meta[i].what));
    }
    return ERR_OK;
}

// Of a PodList, an item that has neither kind nor apiVersion is a Pod of the list's apiVersion. (Of a List
// it gets an empty kind, with which no API server takes it.)
static err_code inherit(const struct node *list, const struct node *item, struct arena *a,
                        const struct node **ret, struct err *e)
{
    str kind = node_get_str(list, KEY("kind")), version = node_get_str(list, KEY("apiVersion"));
    if (str_ends(kind, S("List")))
        kind.n -= 4;
    *ret = item;
    if (node_get_str(item, KEY("kind")).n || node_get_str(item, KEY("apiVersion")).n)
        return ERR_OK;
    struct node *n;
    struct member *members;
    uint32_t had = item->kind == NODE_MAP ? item->n : 0;
    TRY_NEW(n, a, 1, e);
    TRY_NEW(members, a, (size_t)had + 2, e);
    if (had)
        memcpy(members, item->members, had * sizeof *members);
    members[had] = node_made_member(S("kind"), node_text(kind));
    members[had + 1] = node_made_member(S("apiVersion"), node_text(version));
    *n = (struct node){.start = item->start, .end = item->end};
    TRY(node_map_build(n, members, had + 2, a, NULL, NULL, e));
    *ret = n;
    return ERR_OK;
}

static err_code list_objects(const struct node *root, const struct node *items, struct arena *a,
                             const struct node *const **ret, size_t *ret_n, struct diags *d, struct err *e)
{
    const struct node **out;
    TRY_NEW(out, a, items->n, e);
    for (uint32_t i = 0; i < items->n; i++) {
        const struct node *item = &items->items[i];
        if (item->kind != NODE_MAP && item->kind != NODE_NULL)
            return refuse(item, "an item of a list must be an object", S("kubectl refuses the whole list."), d, e);
        const struct member *inner = node_member(item, KEY("items"));
        if (inner && inner->value.kind == NODE_LIST) {
            struct node key = {.start = inner->key_start, .end = inner->key_end};
            return refuse(&key, "a list within a list",
                          S("kubectl refuses the whole list. Make the inner one a document of its own."), d, e);
        }
        TRY(inherit(root, item, a, &out[i], e));
    }
    *ret = out;
    *ret_n = items->n;
    return ERR_OK;
}

err_code doc_objects(const struct node *root, struct arena *a, const struct node *const **ret,
                     size_t *ret_n, struct diags *d, struct err *e)
{
    if (root->kind == NODE_NULL) { // kubectl passes over it
        *ret = NULL;
        *ret_n = 0;
        return ERR_OK;
    }
    const struct node *items = node_get(root, KEY("items"));
    if (items && node_get_str(root, KEY("kind")).n) {
        static const struct node none = {.kind = NODE_LIST};
        if (items->kind != NODE_LIST && items->kind != NODE_NULL)
            return refuse(items, "items must be a list", S("kubectl refuses this object."), d, e);
        return list_objects(root, items->kind == NODE_LIST ? items : &none, a, ret, ret_n, d, e);
    }
    if (node_get_str(root, KEY("kind")).n) // kubectl looks no further into what has no kind
        TRY(check_types(root, d, e));
    const struct node **one;
    TRY_NEW(one, a, 1, e);
    *one = root;
    *ret = one;
    *ret_n = 1;
    return ERR_OK;
}
