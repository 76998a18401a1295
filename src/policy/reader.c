#include "policy/reader.h"

#include "kube/labels.h"
#include "policy/schema.h"

enum { MOST_ANNOTATION_BYTES = 256 << 10 }; // apimachinery: TotalAnnotationSizeLimitB

err_code reader_strings(struct reader *r, const struct node *list, const str **ret, uint32_t *ret_n,
                        struct err *e)
{
    uint32_t n = list ? list->n : 0;
    str *texts;
    TRY_NEW(texts, &r->set->arena, n, e);
    for (uint32_t i = 0; i < n; i++)
        texts[i] = node_is(&list->items[i], NODE_STRING) ? node_str(&list->items[i]) : S("");
    *ret = texts;
    *ret_n = n;
    return ERR_OK;
}

struct origin reader_origin(const struct reader *r, const struct node *root)
{
    return (struct origin){r->file, diag_locate(r->refusals.text, root->start)};
}

void reader_require(struct reader *r, const struct where *up, const char *field,
                    const struct node *in, const char *why)
{
    struct where w = where_field(up, field);
    where_refuse(&r->refusals, &w, in, "Required value%s%s", *why ? ": " : "", why);
}

static void check_labels(struct reader *r, const struct node *labels, const struct where *up)
{
    struct where list = where_field(up, "labels");
    for (uint32_t i = 0; labels && i < labels->n; i++) {
        const struct member *m = &labels->members[i];
        struct where w = {&list, member_key(m), 0};
        const char *why = labels_check_key(member_key(m));
        if (!why && node_is(&m->value, NODE_STRING))
            why = labels_check_value(node_str(&m->value));
        if (why)
            where_refuse_span(&r->refusals, &w, m->key_start, m->value.end, S(""), "%s", why);
    }
}

static void check_annotations(struct reader *r, const struct node *annotations,
                              const struct where *up)
{
    struct where list = where_field(up, "annotations");
    size_t bytes = 0;
    for (uint32_t i = 0; annotations && i < annotations->n; i++) {
        const struct member *m = &annotations->members[i];
        struct where w = {&list, member_key(m), 0};
        const char *why = labels_check_annotation(member_key(m));
        if (why)
            where_refuse_span(&r->refusals, &w, m->key_start, m->key_end, S(""), "%s", why);
        bytes += m->key_n + (node_is(&m->value, NODE_STRING) ? m->value.n : 0);
    }
    if (bytes > MOST_ANNOTATION_BYTES)
        where_refuse(&r->refusals, &list, annotations, "must have at most %d bytes in total",
                     MOST_ANNOTATION_BYTES);
}

// A prefix for generated names may end in what a whole name may not end in.
static const char *check_name(str name, bool prefix)
{
    if (prefix && str_ends(name, S("-")))
        name.n--;
    return labels_check_subdomain(name);
}

void reader_metadata(struct reader *r, const struct object *o, str *ret_name)
{
    const struct where w = where_field(NULL, "metadata");
    const struct node *meta = o->metadata ? o->metadata : o->root;
    const struct node *ns = schema_get(o->metadata, KEY("namespace"));
    bool prefix = !schema_text(o->metadata, KEY("name")).n;
    const char *why = o->name.n ? check_name(o->name, prefix) : NULL;
    const struct where name = where_field(&w, prefix && o->name.n ? "generateName" : "name");
    if (!o->name.n) {
        reader_require(r, &w, "name", meta, "name or generateName is required");
    } else if (why) {
        const struct node *at =
            schema_get(o->metadata, prefix ? KEY("generateName") : KEY("name"));
        where_refuse(&r->refusals, &name, at ? at : meta, "%s", why);
    }
    if (ns && ns->n) {
        const struct where at = where_field(&w, "namespace");
        where_refuse(&r->refusals, &at, ns, "not allowed on this type");
    }
    check_labels(r, schema_get(o->metadata, KEY("labels")), &w);
    check_annotations(r, schema_get(o->metadata, KEY("annotations")), &w);
    *ret_name = o->name;
}
