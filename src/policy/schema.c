#include "policy/schema.h"

#define FIELD(name, kind) {name, SCHEMA_##kind, NULL}
#define OBJECT(name, of) {name, SCHEMA_OBJECT, of}
#define LIST(name, of) {name, SCHEMA_LIST, of}
#define END {NULL, SCHEMA_ANY, NULL}

static const struct schema_field metadata[] = {
    FIELD("name", STRING),
    FIELD("generateName", STRING),
    FIELD("namespace", STRING),
    FIELD("selfLink", STRING),
    FIELD("uid", STRING),
    FIELD("resourceVersion", STRING),
    FIELD("generation", INT),
    FIELD("creationTimestamp", STRING),
    FIELD("deletionTimestamp", STRING),
    FIELD("deletionGracePeriodSeconds", INT),
    FIELD("labels", STRINGS),
    FIELD("annotations", STRINGS),
    FIELD("ownerReferences", ANY),
    LIST("finalizers", NULL),
    FIELD("managedFields", ANY),
    END,
};

static const struct schema_field resource_rule[] = {
    LIST("resourceNames", NULL), LIST("operations", NULL), LIST("apiGroups", NULL),
    LIST("apiVersions", NULL),   LIST("resources", NULL),  FIELD("scope", STRING),
    END,
};

// Selectors are kube/selector.h's to check.
static const struct schema_field match_resources[] = {
    FIELD("namespaceSelector", ANY),
    FIELD("objectSelector", ANY),
    LIST("resourceRules", resource_rule),
    LIST("excludeResourceRules", resource_rule),
    FIELD("matchPolicy", STRING),
    END,
};

static const struct schema_field param_kind[] = {FIELD("apiVersion", STRING),
                                                 FIELD("kind", STRING), END};
static const struct schema_field condition[] = {FIELD("name", STRING), FIELD("expression", STRING),
                                                END};
static const struct schema_field validation[] = {
    FIELD("expression", STRING), FIELD("message", STRING), FIELD("reason", STRING),
    FIELD("messageExpression", STRING), END};
static const struct schema_field annotation[] = {FIELD("key", STRING),
                                                 FIELD("valueExpression", STRING), END};

static const struct schema_field policy_spec[] = {
    OBJECT("paramKind", param_kind),
    OBJECT("matchConstraints", match_resources),
    LIST("validations", validation),
    FIELD("failurePolicy", STRING),
    LIST("auditAnnotations", annotation),
    LIST("matchConditions", condition),
    LIST("variables", condition),
    END,
};

const struct schema_field schema_policy[] = {
    FIELD("apiVersion", STRING),    FIELD("kind", STRING), OBJECT("metadata", metadata),
    OBJECT("spec", policy_spec), FIELD("status", ANY),  END,
};

static const struct schema_field check_validation[] = {
    FIELD("expression", STRING), FIELD("message", STRING), FIELD("messageExpression", STRING), END};
static const struct schema_field check_spec[] = {
    LIST("over", NULL),
    LIST("validations", check_validation),
    LIST("matchConditions", condition),
    LIST("variables", condition),
    END,
};
const struct schema_field schema_cross[] = {
    FIELD("apiVersion", STRING),   FIELD("kind", STRING), OBJECT("metadata", metadata),
    OBJECT("spec", check_spec), END,
};

static const struct schema_field param_ref[] = {
    FIELD("name", STRING), FIELD("namespace", STRING), FIELD("selector", ANY),
    FIELD("parameterNotFoundAction", STRING), END};

static const struct schema_field binding_spec[] = {
    FIELD("policyName", STRING),
    OBJECT("paramRef", param_ref),
    OBJECT("matchResources", match_resources),
    LIST("validationActions", NULL),
    END,
};

const struct schema_field schema_binding[] = {
    FIELD("apiVersion", STRING),
    FIELD("kind", STRING),
    OBJECT("metadata", metadata),
    OBJECT("spec", binding_spec),
    END,
};

static const char *const kind_names[] = {
    [SCHEMA_STRING] = "a string",          [SCHEMA_BOOL] = "true or false",
    [SCHEMA_INT] = "an integer",           [SCHEMA_ANY] = "anything",
    [SCHEMA_STRINGS] = "a map of strings", [SCHEMA_OBJECT] = "an object",
    [SCHEMA_LIST] = "a list",
};
static const enum node_kind node_kinds[] = {
    [SCHEMA_STRING] = NODE_STRING, [SCHEMA_BOOL] = NODE_BOOL,  [SCHEMA_INT] = NODE_INT,
    [SCHEMA_ANY] = NODE_NULL,      [SCHEMA_STRINGS] = NODE_MAP, [SCHEMA_OBJECT] = NODE_MAP,
    [SCHEMA_LIST] = NODE_LIST,
};
static const char *const found[] = {
    [NODE_NULL] = "null",       [NODE_BOOL] = "a boolean", [NODE_INT] = "an integer",
    [NODE_DOUBLE] = "a number", [NODE_STRING] = "a string", [NODE_LIST] = "a list",
    [NODE_MAP] = "an object",
};

static bool check_kind(const struct node *n, enum schema_kind want, const struct where *w,
                       struct refusals *r)
{
    if (want == SCHEMA_ANY || n->kind == node_kinds[want])
        return true;
    if (n->kind != NODE_NULL)
        where_refuse(r, w, n, "must be %s, is %s", kind_names[want], found[n->kind]);
    return false;
}

static void check_object(const struct node *map, const struct schema_field *schema,
                         const struct where *up, struct refusals *r);

static void check_value(const struct node *n, const struct schema_field *f, const struct where *w,
                        struct refusals *r)
{
    if (!check_kind(n, f->kind, w, r))
        return;
    if (f->kind == SCHEMA_OBJECT) {
        check_object(n, f->of, w, r);
    } else if (f->kind == SCHEMA_STRINGS) {
        for (uint32_t i = 0; i < n->n; i++) {
            struct where at = {w, member_key(&n->members[i]), 0};
            (void)check_kind(&n->members[i].value, SCHEMA_STRING, &at, r);
        }
    } else if (f->kind == SCHEMA_LIST) {
        for (uint32_t i = 0; i < n->n; i++) {
            struct where at = where_item(w, i);
            if (check_kind(&n->items[i], f->of ? SCHEMA_OBJECT : SCHEMA_STRING, &at, r) && f->of)
                check_object(&n->items[i], f->of, &at, r);
        }
    }
}

static void check_object(const struct node *map, const struct schema_field *schema,
                         const struct where *up, struct refusals *r)
{
    for (uint32_t i = 0; i < map->n; i++) {
        const struct member *m = &map->members[i];
        const struct schema_field *f = schema;
        struct where at = {up, member_key(m), 0};
        while (f->name && !str_eq(member_key(m), str_of(f->name)))
            f++;
        if (f->name) {
            check_value(&m->value, f, &at, r);
        } else {
            char path[200];
            str p = where_print(&at, path, sizeof path);
            where_refuse_span(r, NULL, m->key_start, m->key_end, S(""), "unknown field \"%.*s\"",
                              STR_FMT(p));
        }
    }
}

void schema_check(const struct node *root, const struct schema_field *schema, struct refusals *r)
{
    check_object(root, schema, NULL, r);
}

const struct node *schema_get(const struct node *map, struct key k)
{
    const struct node *n = node_get(map, k);
    return n && n->kind != NODE_NULL ? n : NULL;
}

str schema_text(const struct node *map, struct key k)
{
    str s = node_get_str(map, k);
    return s.p ? s : S("");
}
