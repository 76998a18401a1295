#include "kube/labels.h"
#include "policy/reader.h"
#include "policy/schema.h"

// A ValidatingAdmissionPolicyBinding: k8s.io/kubernetes pkg/apis/admissionregistration/validation,
// validateValidatingAdmissionPolicyBindingSpec and what it calls.

static void check_actions(struct reader *r, const struct node *spec, const struct where *up)
{
    static const char *const known[] = {"Audit", "Deny", "Warn"};
    const struct node *list = schema_get(spec, KEY("validationActions"));
    const struct where w = where_field(up, "validationActions");
    unsigned seen = 0;
    if (!list || list->n == 0) {
        reader_require(r, up, "validationActions", list ? list : spec,
                       "at least one validation action is required");
        return;
    }
    for (uint32_t i = 0; i < list->n; i++) {
        const struct where at = where_item(&w, i);
        const struct node *n = &list->items[i];
        str text = node_is(n, NODE_STRING) ? node_str(n) : S("");
        unsigned k = 0;
        while (k < 3 && !str_eq(text, str_of(known[k])))
            k++;
        if (k == 3)
            where_refuse(&r->refusals, &at, n,
                         "Unsupported value: \"%.*s\": supported values: \"Audit\", \"Deny\", "
                         "\"Warn\"",
                         STR_FMT(text));
        else if (seen & 1u << k)
            where_refuse(&r->refusals, &at, n, "Duplicate value: \"%.*s\"", STR_FMT(text));
        seen |= k < 3 ? 1u << k : 0;
    }
    if ((seen & 6u) == 6u)
        where_refuse(&r->refusals, &w, list,
                     "must not contain both Deny and Warn (repeating the same validation failure "
                     "information in the API response and headers serves no purpose)");
}

static void check_param_choice(struct reader *r, const struct node *ref, const struct where *w)
{
    const struct node *name = schema_get(ref, KEY("name"));
    const struct node *selector = schema_get(ref, KEY("selector"));
    const struct where at = where_field(w, "name");
    bool named = name && name->n > 0;
    if (named && labels_check_path_segment(node_str(name)))
        where_refuse(&r->refusals, &at, name, "%s", labels_check_path_segment(node_str(name)));
    if (named && selector)
        where_refuse(&r->refusals, &at, name, "Forbidden: name and selector are mutually exclusive");
    if (!named && !selector)
        where_refuse(&r->refusals, w, ref,
                     "Required value: one of name or selector must be specified");
}

static void read_not_found(struct reader *r, const struct node *ref, const struct where *w,
                           struct param_ref *out)
{
    const struct node *n = schema_get(ref, KEY("parameterNotFoundAction"));
    const struct where at = where_field(w, "parameterNotFoundAction");
    if (!n || n->n == 0) {
        reader_require(r, w, "parameterNotFoundAction", ref, "");
        return;
    }
    out->not_found = str_eq(node_str(n), S("Allow")) ? NOT_FOUND_ALLOW : NOT_FOUND_DENY;
    if (out->not_found == NOT_FOUND_DENY && !str_eq(node_str(n), S("Deny")))
        where_refuse(&r->refusals, &at, n,
                     "Unsupported value: \"%.*s\": supported values: \"Deny\", \"Allow\"",
                     STR_FMT(node_str(n)));
}

static err_code read_param_ref(struct reader *r, const struct node *spec, const struct where *up,
                               struct binding *b, struct err *e)
{
    const struct node *ref = schema_get(spec, KEY("paramRef"));
    const struct where w = where_field(up, "paramRef"), at = where_field(&w, "selector");
    struct param_ref *out;
    char room[200];
    if (!ref)
        return ERR_OK;
    TRY_NEW(out, &r->set->arena, 1, e);
    out->name = schema_text(ref, KEY("name"));
    out->ns = schema_text(ref, KEY("namespace"));
    check_param_choice(r, ref, &w);
    read_not_found(r, ref, &w, out);
    err_code rc = selector_parse(schema_get(ref, KEY("selector")), where_print(&at, room, sizeof room),
                                 &r->set->arena, &out->selector, r->refusals.diags, e);
    if (rc != ERR_OK && rc != ERR_SYNTAX)
        return rc;
    r->refusals.refused |= rc == ERR_SYNTAX;
    b->params = out;
    if (str_ends(b->name, S(".static.k8s.io")))
        where_refuse(&r->refusals, &w, ref, "is not supported for static manifests");
    return ERR_OK;
}

static err_code read_match(struct reader *r, const struct node *spec, const struct where *up,
                           struct binding *b, struct err *e)
{
    const struct node *n = schema_get(spec, KEY("matchResources"));
    const struct where w = where_field(up, "matchResources");
    struct match *match;
    if (!n)
        return ERR_OK;
    TRY_NEW(match, &r->set->arena, 1, e);
    b->match = match;
    return matching_read(r, n, &w, match, e);
}

static err_code read_spec(struct reader *r, const struct node *spec, const struct where *w,
                          struct binding *b, struct err *e)
{
    const struct node *policy = schema_get(spec, KEY("policyName"));
    const struct where at = where_field(w, "policyName");
    b->policy = schema_text(spec, KEY("policyName"));
    if (!b->policy.n)
        reader_require(r, w, "policyName", policy ? policy : spec, "");
    else if (labels_check_subdomain(b->policy))
        where_refuse(&r->refusals, &at, policy, "%s", labels_check_subdomain(b->policy));
    TRY(read_param_ref(r, spec, w, b, e));
    TRY(read_match(r, spec, w, b, e));
    check_actions(r, spec, w);
    return ERR_OK;
}

err_code binding_read(struct reader *r, const struct object *o, struct binding **ret, struct err *e)
{
    const struct where w = where_field(NULL, "spec");
    struct binding *b;
    *ret = NULL;
    schema_check(o->root, schema_binding, &r->refusals);
    if (r->refusals.refused)
        return ERR_OK;
    TRY_NEW(b, &r->set->arena, 1, e);
    b->origin = reader_origin(r, o->root);
    reader_metadata(r, o, &b->name);
    const struct node *spec = schema_get(o->root, KEY("spec"));
    if (spec)
        TRY(read_spec(r, spec, &w, b, e));
    else
        reader_require(r, NULL, "spec", o->root, "");
    if (!r->refusals.refused)
        *ret = b;
    return ERR_OK;
}
