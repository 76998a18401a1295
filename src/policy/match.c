#include "policy/match.h"

#include "kube/resources.h"

// ---- kinds ----

err_code match_kind_of(const struct object *o, struct arena *a, struct match_kind *ret,
                       struct err *e)
{
    const struct resource *r = resources_find(o->group, o->kind);
    str resource = r ? r->plural : resources_guess(o->kind, a);
    if (!resource.p)
        return policy_arena_full(a, e);
    *ret = (struct match_kind){
        .group = o->group,
        .version = o->version,
        .resource = resource,
        .scope = !r ? MATCH_SCOPE_UNKNOWN : r->cluster_scoped ? MATCH_CLUSTER : MATCH_NAMESPACED,
        .shipped = r != NULL,
    };
    return ERR_OK;
}

enum match_exemption match_exemption(const struct match_kind *k)
{
    static const char *const reviews[][2] = {
        {"authentication.k8s.io", "selfsubjectreviews"},
        {"authentication.k8s.io", "tokenreviews"},
        {"authorization.k8s.io", "localsubjectaccessreviews"},
        {"authorization.k8s.io", "selfsubjectaccessreviews"},
        {"authorization.k8s.io", "selfsubjectrulesreviews"},
        {"authorization.k8s.io", "subjectaccessreviews"},
    };
    if (str_eq(k->group, S("admissionregistration.k8s.io")) &&
        !str_ends(k->resource, S("webhookconfigurations")))
        return MATCH_BY_STATIC;
    for (unsigned i = 0; i < sizeof reviews / sizeof *reviews; i++)
        if (str_eq(k->group, str_of(reviews[i][0])) && str_eq(k->resource, str_of(reviews[i][1])))
            return MATCH_EXEMPT;
    return MATCH_JUDGED;
}

static bool is_namespaces(const struct match_kind *k)
{
    return k->group.n == 0 && str_eq(k->resource, S("namespaces"));
}

// ---- resource rules ----

static bool has(const str *list, uint32_t n, str wanted)
{
    for (uint32_t i = 0; i < n; i++)
        if (str_eq(list[i], S("*")) || str_eq(list[i], wanted))
            return true;
    return false;
}

// "pods/*" and "*/*" match the resource itself too; "pods/log" does not.
static bool has_resource(const struct resource_rule *r, str resource)
{
    for (uint32_t i = 0; i < r->n_resources; i++) {
        str sub = r->resources[i], res = str_cut(&sub, '/');
        if ((str_eq(res, S("*")) || str_eq(res, resource)) &&
            (sub.n == 0 || str_eq(sub, S("*"))))
            return true;
    }
    return false;
}

// Groups in which Kubernetes serves, or served, the same objects.
static const struct {
    const char *resource, *groups[2];
} shared[] = {
    {"daemonsets", {"apps", "extensions"}},
    {"deployments", {"apps", "extensions"}},
    {"events", {"", "events.k8s.io"}},
    {"ingresses", {"networking.k8s.io", "extensions"}},
    {"networkpolicies", {"networking.k8s.io", "extensions"}},
    {"podsecuritypolicies", {"policy", "extensions"}},
    {"replicasets", {"apps", "extensions"}},
};

// The other group of an object, or an empty str with p NULL.
static str other_group(const struct match_kind *k)
{
    for (unsigned i = 0; i < sizeof shared / sizeof *shared; i++) {
        if (!str_eq(k->resource, str_of(shared[i].resource)))
            continue;
        for (unsigned g = 0; g < 2; g++)
            if (str_eq(k->group, str_of(shared[i].groups[g])))
                return str_of(shared[i].groups[1 - g]);
    }
    return (str){NULL, 0};
}

// Is a version of a shipped group served beside others? All of them have v1 today, and autoscaling v2.
static bool is_served(str group, str version)
{
    return str_eq(version, S("v1")) ||
           (str_eq(group, S("autoscaling")) && str_eq(version, S("v2")));
}

// Does the rule name an equivalent of the kind? An object in another version than the rule's is
// judged as it stands: we cannot convert it.
static enum selector_answer equivalent(const struct resource_rule *r, const struct match_kind *k)
{
    str other = other_group(k);
    bool own = has(r->groups, r->n_groups, k->group);
    bool across = other.p && !str_eq(other, S("extensions")) && has(r->groups, r->n_groups, other);
    if (!own && !across)
        return SELECTOR_NO;
    if (!k->shipped)
        return SELECTOR_OPEN; // whether the definition of the kind has that version too
    for (uint32_t i = 0; i < r->n_versions; i++)
        if (str_eq(r->versions[i], S("*")) || is_served(own ? k->group : other, r->versions[i]))
            return SELECTOR_YES;
    return SELECTOR_NO;
}

static enum selector_answer rule_kind(const struct resource_rule *r, const struct match_kind *k,
                                      bool equivalents)
{
    if (!r->create || !has_resource(r, k->resource))
        return SELECTOR_NO;
    if (has(r->groups, r->n_groups, k->group) && has(r->versions, r->n_versions, k->version))
        return SELECTOR_YES;
    return equivalents ? equivalent(r, k) : SELECTOR_NO;
}

static enum match_scope scope_of(const struct match_kind *k, const struct object *o)
{
    return k->scope == MATCH_SCOPE_UNKNOWN && o && o->ns.n ? MATCH_NAMESPACED : k->scope;
}

static enum selector_answer rule_scope(const struct resource_rule *r, const struct match_kind *k,
                                       const struct object *o)
{
    enum match_scope scope = scope_of(k, o);
    if (r->scope == '*')
        return SELECTOR_YES;
    if (scope == MATCH_SCOPE_UNKNOWN)
        return SELECTOR_OPEN;
    return (scope == MATCH_CLUSTER) == (r->scope == 'C') ? SELECTOR_YES : SELECTOR_NO;
}

// A generated name is not known to the API server either when it asks: it matches no name.
static bool rule_name(const struct resource_rule *r, const struct object *o)
{
    str name = node_get_str(o->metadata, KEY("name"));
    for (uint32_t i = 0; i < r->n_names; i++)
        if (str_eq(r->names[i], name.p ? name : S("")))
            return true;
    return r->n_names == 0;
}

static enum selector_answer both(enum selector_answer a, enum selector_answer b)
{
    if (a == SELECTOR_NO || b == SELECTOR_NO)
        return SELECTOR_NO;
    return a == SELECTOR_OPEN || b == SELECTOR_OPEN ? SELECTOR_OPEN : SELECTOR_YES;
}

// Any of the rules. o NULL: of any object of the kind, so names are open.
static enum selector_answer any_rule(const struct resource_rule *rules, uint32_t n, bool equivalents,
                                     const struct match_kind *k, const struct object *o)
{
    enum selector_answer answer = SELECTOR_NO;
    for (uint32_t i = 0; i < n && answer != SELECTOR_YES; i++) {
        const struct resource_rule *r = &rules[i];
        enum selector_answer a = both(rule_kind(r, k, equivalents), rule_scope(r, k, o));
        if (a != SELECTOR_NO && r->n_names)
            a = !o ? SELECTOR_OPEN : rule_name(r, o) ? a : SELECTOR_NO;
        if (a != SELECTOR_NO)
            answer = a;
    }
    return answer;
}

enum selector_answer match_any(const struct match *m, const struct match_kind *k)
{
    enum selector_answer a = SELECTOR_YES;
    if (m->n_rules)
        a = any_rule(m->rules, m->n_rules, m->equivalent, k, NULL);
    if (a == SELECTOR_NO)
        return SELECTOR_NO;
    enum selector_answer x = any_rule(m->excludes, m->n_excludes, m->equivalent, k, NULL);
    if (x == SELECTOR_YES)
        return SELECTOR_NO;
    bool selects = m->objects.n || (m->namespaces.n && (k->scope != MATCH_CLUSTER || is_namespaces(k)));
    return x == SELECTOR_OPEN || selects ? SELECTOR_OPEN : a;
}

// ---- selectors ----

static bool is_name_label(str key)
{
    return str_eq(key, S("kubernetes.io/metadata.name"));
}

// A Namespace is selected by its own labels; the API server has added its name to them.
static enum selector_answer namespace_itself(const struct selector *s, const struct object *o)
{
    const struct node *labels = node_get(o->metadata, KEY("labels"));
    for (uint32_t i = 0; i < s->n; i++) {
        const struct selector one = {&s->terms[i], 1};
        bool yes = is_name_label(s->terms[i].key.text)
                       ? selector_decide(&one, s->terms[i].key.text, o->name) == SELECTOR_YES
                       : selector_matches(&one, labels);
        if (!yes)
            return SELECTOR_NO;
    }
    return SELECTOR_YES;
}

static enum selector_answer in_namespace(const struct selector *s, const struct match_kind *k,
                                         const struct object *o)
{
    if (s->n == 0)
        return SELECTOR_YES;
    if (is_namespaces(k))
        return namespace_itself(s, o);
    enum match_scope scope = scope_of(k, o);
    if (scope == MATCH_CLUSTER)
        return SELECTOR_YES; // never exempted
    return o->ns.n ? selector_decide(s, S("kubernetes.io/metadata.name"), o->ns) : SELECTOR_OPEN;
}

enum selector_answer match_object(const struct match *m, const struct match_kind *k,
                                  const struct object *o)
{
    enum selector_answer a = in_namespace(&m->namespaces, k, o);
    if (a == SELECTOR_NO ||
        (m->objects.n && !selector_matches(&m->objects, node_get(o->metadata, KEY("labels")))))
        return SELECTOR_NO;
    if (m->n_rules)
        a = both(a, any_rule(m->rules, m->n_rules, m->equivalent, k, o));
    switch (any_rule(m->excludes, m->n_excludes, m->equivalent, k, o)) {
    case SELECTOR_YES:
        return SELECTOR_NO;
    case SELECTOR_OPEN:
        return both(a, SELECTOR_OPEN);
    case SELECTOR_NO:
        break;
    }
    return a;
}
