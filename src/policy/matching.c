#include "kube/labels.h"
#include "policy/reader.h"
#include "policy/schema.h"

// Rules and selectors, as k8s.io/kubernetes pkg/apis/admissionregistration/validation checks them.

static bool has(const str *list, uint32_t n, str wanted)
{
    for (uint32_t i = 0; i < n; i++)
        if (str_eq(list[i], wanted))
            return true;
    return false;
}

// What every list of a rule obeys: not empty, and `*` alone.
static void check_list(struct reader *r, const struct node *rule, const struct where *up,
                       const char *field, struct key key, const char *others)
{
    const struct node *list = schema_get(rule, key);
    struct where w = where_field(up, field);
    if (!list || list->n == 0) {
        reader_require(r, up, field, list ? list : rule, "");
        return;
    }
    for (uint32_t i = 0; i < list->n && list->n > 1; i++)
        if (node_is(&list->items[i], NODE_STRING) && str_eq(node_str(&list->items[i]), S("*"))) {
            where_refuse(&r->refusals, &w, &list->items[i],
                         "if '*' is present, must not specify other %s", others);
            return;
        }
}

static void check_operations(struct reader *r, const struct node *rule, const struct where *up,
                             struct resource_rule *out)
{
    static const char *const known[] = {"*", "CONNECT", "CREATE", "DELETE", "UPDATE"};
    const struct node *list = schema_get(rule, KEY("operations"));
    struct where w = where_field(up, "operations");
    check_list(r, rule, up, "operations", KEY("operations"), "operations");
    for (uint32_t i = 0; list && i < list->n; i++) {
        struct where at = where_item(&w, i);
        str text = node_is(&list->items[i], NODE_STRING) ? node_str(&list->items[i]) : S("");
        unsigned k = 0;
        while (k < 5 && !str_eq(text, str_of(known[k])))
            k++;
        if (k == 5)
            where_refuse(&r->refusals, &at, &list->items[i],
                         "Unsupported value: \"%.*s\": supported values: \"*\", \"CONNECT\", "
                         "\"CREATE\", \"DELETE\", \"UPDATE\"",
                         STR_FMT(text));
        out->create |= k == 0 || k == 2;
    }
}

static void check_versions(struct reader *r, const struct node *rule, const struct where *up)
{
    const struct node *list = schema_get(rule, KEY("apiVersions"));
    struct where w = where_field(up, "apiVersions");
    check_list(r, rule, up, "apiVersions", KEY("apiVersions"), "API versions");
    for (uint32_t i = 0; list && i < list->n; i++) {
        struct where at = where_item(&w, i);
        if (!node_is(&list->items[i], NODE_STRING) || list->items[i].n == 0)
            where_refuse(&r->refusals, &at, &list->items[i], "Required value");
    }
}

static str sub_of(str text, str *ret_resource)
{
    str sub = text;
    *ret_resource = str_cut(&sub, '/');
    return sub; // p is NULL where there is none
}

// Is "res/sub" said already by an earlier "res/*" or "*/sub"?
static void check_resource(struct reader *r, const struct node *at, const struct where *w,
                           const str *list, uint32_t i)
{
    str res = {0}, sub = sub_of(list[i], &res);
    bool by_resource = false, by_sub = false;
    for (uint32_t k = 0; sub.p && k < i; k++) {
        str other = {0}, other_sub = sub_of(list[k], &other);
        by_resource |= other_sub.p && str_eq(other_sub, S("*")) && str_eq(other, res);
        by_sub |= other_sub.p && str_eq(other, S("*")) && str_eq(other_sub, sub);
    }
    if (list[i].n == 0)
        where_refuse(&r->refusals, w, at, "Required value");
    if (by_resource)
        where_refuse(&r->refusals, w, at, "if '%.*s/*' is present, must not specify %.*s",
                     STR_FMT(res), STR_FMT(list[i]));
    if (by_sub)
        where_refuse(&r->refusals, w, at, "if '*/%.*s' is present, must not specify %.*s",
                     STR_FMT(sub), STR_FMT(list[i]));
}

static void check_resources(struct reader *r, const struct node *rule, const struct where *up,
                            const struct resource_rule *out)
{
    const struct node *list = schema_get(rule, KEY("resources"));
    struct where w = where_field(up, "resources");
    bool plain = false; // of the last entry without a subresource: as the API server has it
    if (!list || list->n == 0) {
        reader_require(r, up, "resources", list ? list : rule, "");
        return;
    }
    for (uint32_t i = 0; i < list->n; i++) {
        struct where at = where_item(&w, i);
        check_resource(r, &list->items[i], &at, out->resources, i);
        if (out->resources[i].n && !memchr(out->resources[i].p, '/', out->resources[i].n))
            plain = !str_eq(out->resources[i], S("*"));
    }
    if (list->n > 1 && has(out->resources, out->n_resources, S("*/*")))
        where_refuse(&r->refusals, &w, list,
                     "if '*/*' is present, must not specify other resources");
    if (plain && has(out->resources, out->n_resources, S("*")))
        where_refuse(&r->refusals, &w, list,
                     "if '*' is present, must not specify other resources without subresources");
}

static void check_names(struct reader *r, const struct node *rule, const struct where *up,
                        const struct resource_rule *out)
{
    const struct node *list = schema_get(rule, KEY("resourceNames"));
    struct where w = where_field(up, "resourceNames");
    for (uint32_t i = 0; list && i < list->n; i++) {
        struct where at = where_item(&w, i);
        const char *why = labels_check_path_segment(out->names[i]);
        if (!why && has(out->names, i, out->names[i]))
            why = "Duplicate value";
        if (why)
            where_refuse(&r->refusals, &at, &list->items[i], "%s", why);
    }
}

static void check_scope(struct reader *r, const struct node *rule, const struct where *up,
                        struct resource_rule *out)
{
    const struct node *scope = schema_get(rule, KEY("scope"));
    struct where w = where_field(up, "scope");
    str text = scope ? node_str(scope) : S("*");
    if (!str_eq(text, S("*")) && !str_eq(text, S("Cluster")) && !str_eq(text, S("Namespaced"))) {
        where_refuse(&r->refusals, &w, scope,
                     "Unsupported value: \"%.*s\": supported values: \"*\", \"Cluster\", "
                     "\"Namespaced\"",
                     STR_FMT(text));
        return;
    }
    out->scope = text.p[0];
}

static err_code read_rule(struct reader *r, const struct node *n, const struct where *w,
                          struct resource_rule *out, struct err *e)
{
    *out = (struct resource_rule){.scope = '*'};
    TRY(reader_strings(r, schema_get(n, KEY("apiGroups")), &out->groups, &out->n_groups, e));
    TRY(reader_strings(r, schema_get(n, KEY("apiVersions")), &out->versions, &out->n_versions, e));
    TRY(reader_strings(r, schema_get(n, KEY("resources")), &out->resources, &out->n_resources, e));
    TRY(reader_strings(r, schema_get(n, KEY("resourceNames")), &out->names, &out->n_names, e));
    check_names(r, n, w, out);
    check_operations(r, n, w, out);
    check_list(r, n, w, "apiGroups", KEY("apiGroups"), "API groups");
    check_versions(r, n, w);
    check_resources(r, n, w, out);
    check_scope(r, n, w, out);
    return ERR_OK;
}

static err_code read_rules(struct reader *r, const struct node *list, const struct where *w,
                           const struct resource_rule **ret, uint32_t *ret_n, struct err *e)
{
    struct resource_rule *rules;
    uint32_t n = list ? list->n : 0;
    TRY_NEW(rules, &r->set->arena, n, e);
    for (uint32_t i = 0; i < n; i++) {
        struct where at = where_item(w, i);
        TRY(read_rule(r, &list->items[i], &at, &rules[i], e));
    }
    *ret = rules;
    *ret_n = n;
    return ERR_OK;
}

static err_code read_selector(struct reader *r, const struct node *node, const struct where *w,
                              struct selector *ret, struct err *e)
{
    char room[200];
    err_code rc = selector_parse(node, where_print(w, room, sizeof room), &r->set->arena, ret,
                                 r->refusals.diags, e);
    if (rc != ERR_SYNTAX)
        return rc;
    r->refusals.refused = true;
    return ERR_OK;
}

err_code matching_read(struct reader *r, const struct node *node, const struct where *w,
                       struct match *ret, struct err *e)
{
    struct where namespaces = where_field(w, "namespaceSelector");
    struct where objects = where_field(w, "objectSelector");
    struct where rules = where_field(w, "resourceRules");
    struct where excludes = where_field(w, "excludeResourceRules");
    struct where policy = where_field(w, "matchPolicy");
    const struct node *match_policy = schema_get(node, KEY("matchPolicy"));
    *ret = (struct match){.equivalent = true};
    if (match_policy) {
        str text = node_str(match_policy);
        ret->equivalent = str_eq(text, S("Equivalent"));
        if (!ret->equivalent && !str_eq(text, S("Exact")))
            where_refuse(&r->refusals, &policy, match_policy,
                         "Unsupported value: \"%.*s\": supported values: \"Equivalent\", \"Exact\"",
                         STR_FMT(text));
    }
    TRY(read_selector(r, schema_get(node, KEY("namespaceSelector")), &namespaces, &ret->namespaces, e));
    TRY(read_selector(r, schema_get(node, KEY("objectSelector")), &objects, &ret->objects, e));
    TRY(read_rules(r, schema_get(node, KEY("resourceRules")), &rules, &ret->rules, &ret->n_rules, e));
    return read_rules(r, schema_get(node, KEY("excludeResourceRules")), &excludes, &ret->excludes,
                      &ret->n_excludes, e);
}
