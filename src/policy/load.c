#include "doc/json.h"
#include "policy/reader.h"

// A file's text into the set: documents, their objects, and from each what it is to the set.

static void add_policy(struct policy_set *s, struct policy *p, struct diags *d,
                       const struct node *root)
{
    struct policy *old = policy_set_find(s, p->rule.id);
    if (old) {
        old->replaced = true;
        if (!old->own && str_eq(old->origin.file, p->origin.file)) // ours may have been given by the same path
            diag_add(d, DIAG_WARNING, root->start, root->start, S(""),
                     "%s '%.*s' stands in line %u too: this one counts",
                     p->cross ? "ClusterCheck" : "ValidatingAdmissionPolicy", STR_FMT(p->rule.id), old->origin.at.line);
    }
    if (s->last_policy)
        s->last_policy->next = p;
    else
        s->policies = p;
    s->last_policy = p;
}

static void add_binding(struct policy_set *s, struct binding *b)
{
    for (struct binding *old = s->bindings; old; old = old->next)
        old->replaced |= str_eq(old->name, b->name);
    if (s->last_binding)
        s->last_binding->next = b;
    else
        s->bindings = b;
    s->last_binding = b;
}

static err_code add_param(struct policy_set *s, const struct object *o, struct err *e)
{
    struct param_object *p;
    TRY_NEW(p, &s->arena, 1, e);
    p->object = *o;
    if (s->last_param)
        s->last_param->next = p;
    else
        s->params = p;
    s->last_param = p;
    return ERR_OK;
}

// Is it ours to refuse or to warn of? Anything that is not of admission may be a parameter of a policy.
static bool take_other_admission(struct reader *r, const struct object *o)
{
    if (!str_eq(o->group, S("admissionregistration.k8s.io")))
        return false;
    const struct node *at = node_get(o->root, KEY("apiVersion"));
    const struct where w = where_field(NULL, "apiVersion");
    bool validating = str_starts(o->kind, S("ValidatingAdmissionPolicy"));
    if (validating && !str_eq(o->version, S("v1"))) {
        where_refuse_span(&r->refusals, &w, at->start, at->end,
                          S("admissionregistration.k8s.io/v1 has the same fields"),
                          "%.*s is not served by Kubernetes 1.37", STR_FMT(o->api_version));
        return true;
    }
    if (validating)
        return false;
    if (r->set->n_others++ == 0) { // one warning for all: policy_set_seal
        r->set->other = reader_origin(r, o->root);
        r->set->other_kind = o->kind;
    }
    return true;
}

static err_code take(struct reader *r, const struct node *root, struct err *e)
{
    struct policy_set *s = r->set;
    struct object o;
    struct policy *p = NULL;
    struct binding *b = NULL;
    if (!object_view(root, &o)) {
        where_refuse(&r->refusals, NULL, root, "not a Kubernetes object: apiVersion or kind is missing");
        return ERR_OK;
    }
    if (take_other_admission(r, &o))
        return ERR_OK;
    if (str_eq(o.group, S("casemate.dev")) && str_eq(o.kind, S("ClusterCheck"))) {
        const struct where w = where_field(NULL, "apiVersion");
        if (!str_eq(o.version, S("v1alpha1")))
            where_refuse(&r->refusals, &w, node_get(o.root, KEY("apiVersion")), "must be casemate.dev/v1alpha1");
        else
            TRY(definition_read(r, &o, &p, e));
        if (p)
            add_policy(s, p, r->refusals.diags, root);
        return ERR_OK;
    }
    if (!str_eq(o.group, S("admissionregistration.k8s.io")))
        return add_param(s, &o, e);
    if (str_eq(o.kind, S("ValidatingAdmissionPolicy")))
        TRY(definition_read(r, &o, &p, e));
    else if (str_eq(o.kind, S("ValidatingAdmissionPolicyBinding")))
        TRY(binding_read(r, &o, &b, e));
    if (p)
        add_policy(s, p, r->refusals.diags, root);
    if (b)
        add_binding(s, b);
    return ERR_OK;
}

static err_code take_all(struct reader *r, const struct node *const *objects, size_t n,
                         struct err *e)
{
    bool refused = false;
    for (size_t i = 0; i < n; i++) { // one object's refusal costs nothing but itself
        r->refusals.refused = false;
        TRY(take(r, objects[i], e));
        refused |= r->refusals.refused;
    }
    r->refusals.refused = refused;
    return ERR_OK;
}

static err_code take_chunk(struct reader *r, const struct doc_text *text, struct doc_chunk chunk,
                           bool *ret_refused, struct err *e)
{
    const struct node *root = NULL;
    const struct node *const *objects = NULL;
    struct diags *d = r->refusals.diags;
    size_t n = 0;
    uint32_t before = d->errors;
    r->refusals.refused = false;
    err_code rc = doc_parse(text, chunk, &r->set->arena, &root, d, e);
    if (rc == ERR_OK)
        rc = doc_objects(root, &r->set->arena, &objects, &n, d, e);
    if (rc == ERR_OK)
        rc = take_all(r, objects, n, e);
    bool explained = (rc == ERR_SYNTAX || rc == ERR_LIMIT) && d->errors > before;
    *ret_refused |= explained || r->refusals.refused;
    return explained ? ERR_OK : rc;
}

err_code policy_set_load(struct policy_set *s, str name, str bytes, struct diags *d, struct err *e)
{
    struct diags unwanted = {.arena = &s->arena};
    struct doc_text text = {0};
    struct reader r = {.set = s};
    bool refused = false;
    if (s->sealed)
        return err_set(e, ERR_INTERNAL, "the policy set is sealed");
    d = d ? d : &unwanted;
    str kept_name = arena_dup(&s->arena, name), kept = arena_dup(&s->arena, bytes);
    if (!kept_name.p || !kept.p)
        return policy_arena_full(&s->arena, e);
    TRY(doc_text_read(kept_name, kept, &s->arena, &text, d, e));

    r.file = kept_name;
    r.refusals = (struct refusals){.diags = d, .text = text.text};
    struct doc_splitter splitter = {.text = &text, .diags = d};
    struct doc_chunk chunk;
    uint32_t before = d->errors;
    for (; doc_next(&splitter, &chunk); before = d->errors)
        TRY(take_chunk(&r, &text, chunk, &refused, e));
    if (refused || d->errors > before) // what the splitter itself refuses ends it
        return err_set(e, ERR_SYNTAX, "%.*s: kube-apiserver would refuse it", STR_FMT(name));
    return ERR_OK;
}

static err_code internal(const struct diags *d, str name, struct err *e)
{
    str why = d->first ? d->first->message : S("it is no policy");
    return err_set(e, ERR_INTERNAL, "%.*s: %.*s", STR_FMT(name), STR_FMT(why));
}

err_code policy_set_load_later(struct policy_set *s, str name, str json, struct err *e)
{
    struct diags d = {.arena = &s->arena};
    struct reader r = {.set = s, .refusals = {.diags = &d, .text = json}, .file = name};
    const struct node *root = NULL;
    struct object o;
    struct policy *p = NULL;
    if (s->sealed || json_parse(json, 0, (uint32_t)json.n, &s->arena, &root, &d, e) != ERR_OK ||
        !object_view(root, &o))
        return internal(&d, name, e);
    TRY(definition_read_head(&r, &o, &p, e));
    if (!p)
        return internal(&d, name, e);
    p->own = true;
    add_policy(s, p, &d, root);
    return ERR_OK;
}

static err_code read_rest(struct policy_set *s, struct policy *p, struct err *e)
{
    struct diags d = {.arena = &s->arena};
    struct reader r = {.set = s, .refusals = {.diags = &d, .text = p->later->text}, .file = p->later->file};
    TRY(definition_read_rest(&r, p, e));
    if (r.refusals.refused)
        return internal(&d, p->later->file, e);
    p->later = NULL;
    return ERR_OK;
}

err_code policy_prepare(const struct policy_set *s, uint32_t rule, struct err *e)
{
    struct compiling *c = s->compiling;
    (void)pthread_mutex_lock(&c->lock);
    struct policy *p = c->set->active[rule];
    err_code rc = p->later ? read_rest(c->set, p, e) : ERR_OK;
    (void)pthread_mutex_unlock(&c->lock);
    return rc;
}
