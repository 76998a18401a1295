#include "base/limits.h"
#include "kube/labels.h"
#include "policy/expr.h"
#include "policy/reader.h"
#include "policy/schema.h"

// A ValidatingAdmissionPolicy: k8s.io/kubernetes pkg/apis/admissionregistration/validation,
// validateValidatingAdmissionPolicySpec and what it calls.

enum { MOST_AUDIT_ANNOTATIONS = 20, MOST_VALUE_EXPRESSION = 5 << 10 };

// A policy's spec while it is read.
struct definition {
    struct reader *reader;
    struct policy *policy;
    const struct node *spec;
    const struct where *where; // "spec"
    struct scope scope;
};

static uint32_t length(const struct node *list)
{
    return list ? list->n : 0;
}

static bool is_static(str name)
{
    return str_ends(name, S(".static.k8s.io"));
}

static bool is_identifier(str s)
{
    static const char *const reserved[] = {
        "true",  "false",    "null", "in",     "as",  "break",   "const",     "continue", "else", "for",  "function",
        "if",    "import",   "let",  "loop",   "package", "namespace", "return", "var",      "void", "while",
    };
    for (unsigned i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (str_eq(s, str_of(reserved[i])))
            return false;
    return str_is_identifier(s);
}

// The expression in a field, or NULL where there is none (then reported) or where it is refused.
static err_code read_expression(struct definition *d, enum expr_place place, const struct node *in,
                                const struct where *up, const char *field, const struct expr **ret,
                                struct err *e)
{
    const struct node *n = schema_get(in, key_of(str_of(field)));
    const struct where w = where_field(up, field);
    *ret = NULL;
    if (!n || !str_trim(node_str(n)).n) {
        reader_require(d->reader, up, field, n ? n : in,
                       place == EXPR_MATCH ? "" : place == EXPR_AUDIT ? "valueExpression is not specified"
                                                                      : "expression is not specified");
        return ERR_OK;
    }
    TRY(expr_compile(&d->scope, place, n, &w, ret, e));
    d->policy->needs_request |= *ret && (*ret)->needs_request;
    return ERR_OK;
}

// ---- paramKind ----

static void check_param_version(struct definition *d, const struct node *n, const struct where *w)
{
    str text = node_str(n), version = text, group = S("");
    const char *why = NULL;
    if (memchr(text.p, '/', text.n))
        group = str_cut(&version, '/');
    if (!version.n && !group.n)
        why = "version must be specified";
    else if (memchr(version.p, '/', version.n))
        why = "unexpected GroupVersion string";
    if (!why && group.n)
        why = labels_check_subdomain(group);
    if (!why)
        why = version.n ? labels_check_dns1035(version) : "version must be specified";
    if (why)
        where_refuse(&d->reader->refusals, w, n, "%s", why);
}

static void check_param_name(struct definition *d, const struct node *n, const struct where *w)
{
    char lower[64];
    str text = node_str(n);
    for (size_t i = 0; i < text.n && i < sizeof lower; i++)
        lower[i] = (char)(text.p[i] >= 'A' && text.p[i] <= 'Z' ? text.p[i] - 'A' + 'a' : text.p[i]);
    const char *why = text.n > sizeof lower ? "must be no more than 63 bytes"
                                            : labels_check_dns1035((str){lower, text.n});
    if (why)
        where_refuse(&d->reader->refusals, w, n, "may have mixed case, but otherwise %s", why);
}

static void read_param_kind(struct definition *d)
{
    const struct node *kind = schema_get(d->spec, KEY("paramKind"));
    const struct where w = where_field(d->where, "paramKind");
    const struct where version_at = where_field(&w, "apiVersion"), kind_at = where_field(&w, "kind");
    if (!kind)
        return;
    struct policy *p = d->policy;
    p->has_params = true;
    p->param_api_version = schema_text(kind, KEY("apiVersion"));
    p->param_kind = schema_text(kind, KEY("kind"));
    if (!p->param_api_version.n)
        reader_require(d->reader, &w, "apiVersion", kind, "");
    else
        check_param_version(d, schema_get(kind, KEY("apiVersion")), &version_at);
    if (!p->param_kind.n)
        reader_require(d->reader, &w, "kind", kind, "");
    else
        check_param_name(d, schema_get(kind, KEY("kind")), &kind_at);
    if (is_static(p->rule.id))
        where_refuse(&d->reader->refusals, &w, kind, "is not supported for static manifests");
}

// ---- the lists ----

static err_code read_condition(struct definition *d, const struct node *n, const struct where *w,
                               const struct condition *before, uint32_t i, struct condition *out,
                               struct err *e)
{
    const struct node *name = schema_get(n, KEY("name"));
    const struct where at = where_field(w, "name");
    out->name = schema_text(n, KEY("name"));
    TRY(read_expression(d, EXPR_MATCH, n, w, "expression", &out->expr, e));
    if (!out->name.n) {
        reader_require(d->reader, w, "name", n, "");
        return ERR_OK;
    }
    const char *why = labels_check_key(out->name);
    for (uint32_t k = 0; k < i && !why; k++)
        if (str_eq(before[k].name, out->name))
            why = "Duplicate value";
    if (why)
        where_refuse(&d->reader->refusals, &at, name, "%s", why);
    return ERR_OK;
}

static err_code read_conditions(struct definition *d, struct err *e)
{
    const struct node *list = schema_get(d->spec, KEY("matchConditions"));
    const struct where w = where_field(d->where, "matchConditions");
    struct condition *out;
    uint32_t n = length(list);
    if (n > LIMIT_MATCH_CONDITIONS) {
        where_refuse(&d->reader->refusals, &w, list, "Too many: %u: must have at most %d items", n,
                     LIMIT_MATCH_CONDITIONS);
        return ERR_OK;
    }
    TRY_NEW(out, &d->reader->set->arena, n, e);
    for (uint32_t i = 0; i < n; i++) {
        const struct where at = where_item(&w, i);
        TRY(read_condition(d, &list->items[i], &at, out, i, &out[i], e));
    }
    d->policy->conditions = out;
    d->policy->n_conditions = n;
    return ERR_OK;
}

static bool is_number(str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.n > 0 && s.n < 4;
}

// `kubernetesMinor: "37"` says in kube-apiserver what the file says; here it is the version that is judged for.
static err_code read_version_variable(struct definition *d, const struct node *n,
                                      const struct where *up, const struct expr **ret, struct err *e)
{
    struct policy_set *set = d->reader->set;
    const struct where w = where_field(up, "expression");
    str text = arena_printf(&set->arena, "%u", set->options.kubernetes_minor);
    if (!text.p)
        return policy_arena_full(&set->arena, e);
    return expr_compile_text(&d->scope, EXPR_VARIABLE, text, schema_get(n, KEY("expression")), &w,
                             ret, e);
}

static bool is_declared(const struct scope *s, str name)
{
    for (uint32_t i = 0; i < s->n_variables; i++)
        if (str_eq(s->set->variables[s->variables[i]].name, name))
            return true;
    return false;
}

// Of two variables with one name kube-apiserver evaluates the last wherever either is read, also in
// itself: nobody means that, so it is refused.
static err_code read_variable(struct definition *d, const struct node *n, const struct where *w,
                              struct err *e)
{
    str name = schema_text(n, KEY("name"));
    const struct where at = where_field(w, "name");
    const struct expr *expr = NULL;
    if (!str_trim(name).n)
        reader_require(d->reader, w, "name", n, "name is not specified");
    else if (!is_identifier(name))
        where_refuse(&d->reader->refusals, &at, schema_get(n, KEY("name")),
                     "name is not a valid CEL identifier");
    else if (is_declared(&d->scope, name))
        where_refuse(&d->reader->refusals, &at, schema_get(n, KEY("name")), "Duplicate value");
    if (str_eq(name, S("kubernetesMinor")) &&
        is_number(str_trim(schema_text(n, KEY("expression")))))
        TRY(read_version_variable(d, n, w, &expr, e));
    else
        TRY(read_expression(d, EXPR_VARIABLE, n, w, "expression", &expr, e));
    if (!is_identifier(name) || is_declared(&d->scope, name))
        return ERR_OK;
    return expr_declare(&d->scope, name, expr, e);
}

static err_code read_variables(struct definition *d, struct err *e)
{
    const struct node *list = schema_get(d->spec, KEY("variables"));
    const struct where w = where_field(d->where, "variables");
    TRY_NEW(d->scope.variables, &d->reader->set->arena, length(list), e);
    for (uint32_t i = 0; i < length(list); i++) {
        const struct where at = where_item(&w, i);
        TRY(read_variable(d, &list->items[i], &at, e));
    }
    d->policy->variables = d->scope.variables;
    d->policy->n_variables = d->scope.n_variables;
    return ERR_OK;
}

static bool has_line_break(str s)
{
    return s.n && (memchr(s.p, '\n', s.n) || memchr(s.p, '\r', s.n));
}

static err_code read_message(struct definition *d, const struct node *n, const struct where *w,
                             struct validation *out, struct err *e)
{
    struct arena *a = &d->reader->set->arena;
    const struct node *message = schema_get(n, KEY("message"));
    const struct where at = where_field(w, "message");
    str text = message ? str_trim(node_str(message)) : S("");
    if (message && message->n && !text.n)
        where_refuse(&d->reader->refusals, &at, message, "message must be non-empty if specified");
    else if (has_line_break(text))
        where_refuse(&d->reader->refusals, &at, message, "message must not contain line breaks");
    if (!text.n && out->expr)
        text = arena_printf(a, "failed expression: %.*s", STR_FMT(out->expr->source));
    if (!text.p)
        return policy_arena_full(a, e);
    out->message = text;
    return ERR_OK;
}

static err_code read_validation(struct definition *d, const struct node *n, const struct where *w,
                                struct validation *out, struct err *e)
{
    static const char *const reasons[] = {"Forbidden", "Invalid", "RequestEntityTooLarge"};
    const struct node *reason = schema_get(n, KEY("reason"));
    const struct node *message = schema_get(n, KEY("messageExpression"));
    const struct where reason_at = where_field(w, "reason");
    const struct where message_at = where_field(w, "messageExpression");
    TRY(read_expression(d, EXPR_VALIDATION, n, w, "expression", &out->expr, e));
    if (message && message->n && !str_trim(node_str(message)).n)
        where_refuse(&d->reader->refusals, &message_at, message, "must be non-empty if specified");
    else if (message && message->n)
        TRY(read_expression(d, EXPR_MESSAGE, n, w, "messageExpression", &out->message_expr, e));
    TRY(read_message(d, n, w, out, e));
    unsigned k = 0;
    while (reason && k < 3 && !str_eq(node_str(reason), str_of(reasons[k])))
        k++;
    out->reason = reason && k < 3 ? str_of(reasons[k]) : S("Invalid");
    if (k == 3)
        where_refuse(&d->reader->refusals, &reason_at, reason,
                     "Unsupported value: \"%.*s\": supported values: \"Forbidden\", \"Invalid\", "
                     "\"RequestEntityTooLarge\"",
                     STR_FMT(node_str(reason)));
    return ERR_OK;
}

static err_code read_validations(struct definition *d, struct err *e)
{
    const struct node *list = schema_get(d->spec, KEY("validations"));
    const struct where w = where_field(d->where, "validations");
    struct validation *out;
    TRY_NEW(out, &d->reader->set->arena, length(list), e);
    for (uint32_t i = 0; i < length(list); i++) {
        const struct where at = where_item(&w, i);
        TRY(read_validation(d, &list->items[i], &at, &out[i], e));
    }
    d->policy->validations = out;
    d->policy->n_validations = length(list);
    return ERR_OK;
}

static err_code read_annotation(struct definition *d, const struct node *n, const struct where *w,
                                const struct condition *before, uint32_t i, struct condition *out,
                                struct err *e)
{
    struct arena *a = &d->reader->set->arena;
    const struct node *key = schema_get(n, KEY("key"));
    const struct node *value = schema_get(n, KEY("valueExpression"));
    const struct where key_at = where_field(w, "key"), value_at = where_field(w, "valueExpression");
    out->name = schema_text(n, KEY("key"));
    str whole = arena_printf(a, "%.*s/%.*s", STR_FMT(d->policy->rule.id), STR_FMT(out->name));
    if (!whole.p)
        return policy_arena_full(a, e);
    const char *why = labels_check_key(whole);
    for (uint32_t k = 0; k < i && !why; k++)
        if (str_eq(before[k].name, out->name))
            why = "Duplicate value";
    if (why)
        where_refuse(&d->reader->refusals, &key_at, key ? key : n, "%s", why);
    if (value && str_trim(node_str(value)).n > MOST_VALUE_EXPRESSION) {
        where_refuse(&d->reader->refusals, &value_at, value, "must not exceed %d bytes in length",
                     MOST_VALUE_EXPRESSION);
        return ERR_OK;
    }
    return read_expression(d, EXPR_AUDIT, n, w, "valueExpression", &out->expr, e);
}

static err_code read_annotations(struct definition *d, struct err *e)
{
    const struct node *list = schema_get(d->spec, KEY("auditAnnotations"));
    const struct where w = where_field(d->where, "auditAnnotations");
    struct condition *out;
    uint32_t n = length(list);
    if (n > MOST_AUDIT_ANNOTATIONS) {
        where_refuse(&d->reader->refusals, &w, list, "must not have more than %d auditAnnotations",
                     MOST_AUDIT_ANNOTATIONS);
        return ERR_OK;
    }
    TRY_NEW(out, &d->reader->set->arena, n, e);
    for (uint32_t i = 0; i < n; i++) {
        const struct where at = where_item(&w, i);
        TRY(read_annotation(d, &list->items[i], &at, out, i, &out[i], e));
    }
    d->policy->annotations = out;
    d->policy->n_annotations = n;
    return ERR_OK;
}

static err_code read_applies(struct definition *d, struct err *e)
{
    const struct where metadata = where_field(NULL, "metadata");
    const struct where annotations = where_field(&metadata, "annotations");
    const struct where w = where_field(&annotations, "casemate.dev/applies");
    const struct node *text = d->policy->applies_text;
    return text ? expr_compile(&d->scope, EXPR_VALIDATION, text, &w, &d->policy->applies, e) : ERR_OK;
}

static void read_failure_policy(struct definition *d)
{
    const struct node *n = schema_get(d->spec, KEY("failurePolicy"));
    const struct where w = where_field(d->where, "failurePolicy");
    str text = n ? node_str(n) : S("Fail");
    d->policy->ignore_errors = str_eq(text, S("Ignore"));
    if (!d->policy->ignore_errors && !str_eq(text, S("Fail")))
        where_refuse(&d->reader->refusals, &w, n,
                     "Unsupported value: \"%.*s\": supported values: \"Fail\", \"Ignore\"",
                     STR_FMT(text));
}

static err_code read_constraints(struct definition *d, struct err *e)
{
    const struct node *n = schema_get(d->spec, KEY("matchConstraints"));
    const struct where w = where_field(d->where, "matchConstraints");
    if (!n) {
        reader_require(d->reader, d->where, "matchConstraints", d->spec, "");
        return ERR_OK;
    }
    TRY(matching_read(d->reader, n, &w, &d->policy->match, e));
    if (d->policy->match.n_rules == 0)
        reader_require(d->reader, &w, "resourceRules", n, "");
    return ERR_OK;
}

// What a ClusterCheck iterates: a word of the table, or a resource as kubectl names it: deployments.apps.
static const struct {
    const char *word, *group, *resources[2];
} overs[] = {
    {"namespaces", "", {"namespaces"}},
    {"workloads", "", {"pods"}}, // each Pod, or the one that a workload makes
    {"pods", "", {"pods"}},
    {"serviceAccounts", "", {"serviceaccounts"}},
    {"services", "", {"services"}},
    {"secrets", "", {"secrets"}},
    {"configMaps", "", {"configmaps"}},
    {"networkPolicies", "networking.k8s.io", {"networkpolicies"}},
    {"roles", "rbac.authorization.k8s.io", {"roles", "clusterroles"}},
    {"bindings", "rbac.authorization.k8s.io", {"rolebindings", "clusterrolebindings"}},
};

static err_code list_of(str first, const char *second, struct arena *a, const str **ret, uint32_t *ret_n, struct err *e)
{
    str *list;
    TRY_NEW(list, a, 2, e);
    list[(*ret_n)++] = first;
    if (second)
        list[(*ret_n)++] = str_of(second);
    *ret = list;
    return ERR_OK;
}

static err_code read_over_item(struct definition *d, const struct node *n, const struct where *w, struct resource_rule *ret,
                               struct err *e)
{
    struct arena *a = &d->reader->set->arena;
    str group = node_str(n), first = str_cut(&group, '.');
    const char *second = NULL;
    unsigned i = 0, n_overs = sizeof overs / sizeof *overs;
    while (i < n_overs && !str_eq(node_str(n), str_of(overs[i].word)))
        i++;
    if (i < n_overs) {
        group = str_of(overs[i].group);
        first = str_of(overs[i].resources[0]);
        second = overs[i].resources[1];
    } else if (!group.p) {
        where_refuse(&d->reader->refusals, w, n,
                     "must be namespaces, workloads, serviceAccounts, services, secrets, configMaps, networkPolicies, roles, "
                     "bindings, or a resource with its group (deployments.apps)");
        return ERR_OK;
    }
    *ret = (struct resource_rule){.create = true, .scope = '*'};
    TRY(list_of(group, NULL, a, &ret->groups, &ret->n_groups, e));
    TRY(list_of(S("*"), NULL, a, &ret->versions, &ret->n_versions, e));
    return list_of(first, second, a, &ret->resources, &ret->n_resources, e);
}

static err_code read_over(struct definition *d, struct err *e)
{
    const struct node *list = schema_get(d->spec, KEY("over"));
    const struct where w = where_field(d->where, "over");
    struct resource_rule *rules;
    if (length(list) == 0) {
        reader_require(d->reader, d->where, "over", d->spec, "");
        return ERR_OK;
    }
    TRY_NEW(rules, &d->reader->set->arena, list->n, e);
    for (uint32_t i = 0; i < list->n; i++) {
        const struct where at = where_item(&w, i);
        TRY(read_over_item(d, &list->items[i], &at, &rules[i], e));
    }
    d->policy->match = (struct match){.rules = rules, .n_rules = list->n, .equivalent = true};
    return ERR_OK;
}

// What tells whether a policy is of interest, without its expressions.
static err_code read_head(struct definition *d, struct err *e)
{
    if (d->policy->cross) {
        d->policy->ignore_errors = true; // nobody looked: not assessed
        return read_over(d, e);
    }
    read_failure_policy(d);
    read_param_kind(d);
    return read_constraints(d, e);
}

static err_code read_expressions(struct definition *d, struct err *e)
{
    d->scope.has_params = d->policy->has_params;
    d->scope.cross = d->policy->cross;
    TRY(read_conditions(d, e));
    TRY(read_variables(d, e));
    TRY(read_validations(d, e));
    TRY(read_annotations(d, e));
    TRY(read_applies(d, e));
    const struct node *validations = schema_get(d->spec, KEY("validations"));
    const struct node *annotations = schema_get(d->spec, KEY("auditAnnotations"));
    if (length(validations) == 0 && length(annotations) == 0)
        reader_require(d->reader, d->where, "validations", d->spec,
                       "validations or auditAnnotations must contain at least one item");
    return ERR_OK;
}

static struct definition definition_of(struct reader *r, struct policy *p, const struct node *spec,
                                       const struct where *w, uint32_t owner)
{
    return (struct definition){.reader = r,
                               .policy = p,
                               .spec = spec,
                               .where = w,
                               .scope = {.set = r->set, .refusals = &r->refusals, .owner = owner}};
}

static err_code read_policy(struct reader *r, const struct object *o, bool later, struct policy **ret,
                            struct err *e)
{
    const struct where w = where_field(NULL, "spec");
    struct policy *p;
    *ret = NULL;
    bool cross = str_eq(o->kind, S("ClusterCheck"));
    schema_check(o->root, cross ? schema_cross : schema_policy, &r->refusals);
    if (r->refusals.refused)
        return ERR_OK;
    TRY_NEW(p, &r->set->arena, 1, e);
    p->cross = p->rule.cross = cross;
    p->origin = reader_origin(r, o->root);
    reader_metadata(r, o, &p->rule.id);
    annotations_read(r, o->metadata, p);

    const struct node *spec = schema_get(o->root, KEY("spec"));
    struct definition d = definition_of(r, p, spec ? spec : o->root, &w, ++r->set->n_policies);
    if (!spec)
        reader_require(r, NULL, "spec", o->root, "");
    else
        TRY(read_head(&d, e));
    if (spec && !later)
        TRY(read_expressions(&d, e));
    if (!r->refusals.refused)
        *ret = p;
    return ERR_OK;
}

err_code definition_read(struct reader *r, const struct object *o, struct policy **ret,
                         struct err *e)
{
    return read_policy(r, o, false, ret, e);
}

err_code definition_read_head(struct reader *r, const struct object *o, struct policy **ret,
                              struct err *e)
{
    struct later *l;
    TRY(read_policy(r, o, true, ret, e));
    if (!*ret)
        return ERR_OK;
    TRY_NEW(l, &r->set->arena, 1, e);
    *l = (struct later){r->file, r->refusals.text, o->root, r->set->n_policies};
    (*ret)->later = l;
    r->set->declared += length(schema_get(schema_get(o->root, KEY("spec")), KEY("variables")));
    return ERR_OK;
}

err_code definition_read_rest(struct reader *r, struct policy *p, struct err *e)
{
    const struct where w = where_field(NULL, "spec");
    struct definition d = definition_of(r, p, schema_get(p->later->root, KEY("spec")), &w, p->later->owner);
    d.scope.own = p->own;
    return read_expressions(&d, e);
}
