#include "kube/schema.h"

#include "base/limits.h"
#include "kube/schema_priv.h"

struct walk {
    struct kube_schema_result *r;
    struct kube_schema_problem *last_of[KUBE_SCHEMA_FAULTS];
    uint32_t places[KUBE_SCHEMA_FAULTS], dropped[KUBE_SCHEMA_FAULTS];
    size_t paths; // bytes of them, so far
    bool lenient; // below a decoder that is not strict
    struct arena *a;
    struct err *e;
};

static err_code full(struct walk *w)
{
    return err_set(w->e, ERR_LIMIT, "arena '%s' is full (%zu bytes)", w->a->name, w->a->cap);
}

// The field that holds the value, or the list that the value is in.
static str key_at(const struct schema_step *at, const struct member *field)
{
    while (!field && at) {
        field = at->member;
        at = at->up;
    }
    return field ? member_key(field) : S("");
}

// Has the cause been met before, elsewhere in the object?
static struct kube_schema_problem *same_cause(const struct walk *w, const struct kube_schema_problem *x)
{
    struct kube_schema_problem *p = w->r->first;
    while (p && !(p->fault == x->fault && p->in == x->in && str_eq(p->key, x->key) && str_eq(p->hint, x->hint) &&
                  str_eq(p->effect, x->effect)))
        p = p->next;
    return p;
}

static err_code add_place(struct walk *w, const struct kube_schema_problem *x, const struct kube_schema_place *place)
{
    struct kube_schema_problem *p = same_cause(w, x);
    struct kube_schema_place *copy;
    TRY_NEW(copy, w->a, 1, w->e);
    *copy = *place;
    if (!p) {
        TRY_NEW(p, w->a, 1, w->e);
        *p = *x;
        if (w->r->last)
            w->r->last->next = p;
        else
            w->r->first = p;
        w->r->last = w->last_of[p->fault] = p;
    }
    if (p->last)
        p->last->next = copy;
    else
        p->first = copy;
    p->last = copy;
    p->n_places++;
    return ERR_OK;
}

// at, field: see schema_hint_path.
static err_code add(struct walk *w, enum kube_schema_fault fault, const struct schema_step *at,
                    const struct member *field)
{
    if (w->places[fault] == LIMIT_SCHEMA_PLACES || w->paths > LIMIT_SCHEMA_PATHS) {
        w->dropped[fault]++;
        return ERR_OK;
    }
    const struct kube_schema_place place = {.node = field ? &field->value : at->node,
                                            .member = field ? field : at->member,
                                            .path = schema_hint_path(at, field, w->a)};
    struct kube_schema_problem p = {
        .fault = fault, .hint = S(""), .effect = S(""), .key = key_at(at, field), .in = at->shape};
    if (!place.path.p)
        return full(w);
    if (fault == KUBE_SCHEMA_WRONG ? !schema_hint_wrong(at, w->a, &p)
                                   : w->places[fault] < LIMIT_SCHEMA_HINTS && !schema_hint_unknown(at, field, w->a, &p))
        return full(w);
    w->paths += place.path.n;
    w->places[fault]++;
    return add_place(w, &p, &place);
}

static inline bool is_fine(uint16_t shape, const struct node *n)
{
    return shape < SHAPE_LEAVES && (schema_leaf_takes[shape] >> n->kind & 1);
}

static err_code check(struct walk *w, const struct schema_step *at);

static err_code check_type(struct walk *w, const struct schema_step *at)
{
    for (uint32_t i = 0; i < at->node->n; i++) {
        const struct member *m = &at->node->members[i];
        const struct schema_table_field *f = schema_table_find(at->shape, member_key(m), m->hash);
        if (!f) {
            if (!w->lenient)
                TRY(add(w, KUBE_SCHEMA_UNKNOWN, at, m));
        } else if (!is_fine(f->shape, &m->value)) {
            const struct schema_step child = {at, &m->value, m, 0, f->shape};
            TRY(check(w, &child));
        }
    }
    return ERR_OK;
}

static err_code check_list(struct walk *w, const struct schema_step *at)
{
    uint16_t of = schema_shape_of(at->shape).first;
    for (uint32_t i = 0; i < at->node->n; i++) {
        const struct node *n = &at->node->items[i];
        if (!is_fine(of, n)) {
            const struct schema_step child = {at, n, NULL, i, of};
            TRY(check(w, &child));
        }
    }
    return ERR_OK;
}

static err_code check_map(struct walk *w, const struct schema_step *at)
{
    uint16_t of = schema_shape_of(at->shape).first;
    for (uint32_t i = 0; i < at->node->n; i++) {
        const struct member *m = &at->node->members[i];
        if (!is_fine(of, &m->value)) {
            const struct schema_step child = {at, &m->value, m, 0, of};
            TRY(check(w, &child));
        }
    }
    return ERR_OK;
}

// Their UnmarshalJSON hands what is below to a decoder of its own, which passes over unknown fields.
static err_code check_schema(struct walk *w, const struct schema_step *at)
{
    struct schema_step as = *at;
    bool was = w->lenient;
    if (at->node->kind == NODE_MAP)
        as.shape = SHAPE_apiextensions_v1_JSONSchemaProps;
    else if (at->node->kind == NODE_LIST && at->shape == SHAPE_schema_or_list)
        as.shape = SHAPE_list_of_apiextensions_v1_JSONSchemaProps;
    else if (at->node->kind == NODE_LIST && at->shape == SHAPE_schema_or_strings)
        as.shape = SHAPE_list_of_string;
    else
        return add(w, KUBE_SCHEMA_WRONG, at, NULL);
    w->lenient = true;
    TRY(check(w, &as));
    w->lenient = was;
    return ERR_OK;
}

// The node is none that is_fine for its shape, but for an object's root.
static err_code check(struct walk *w, const struct schema_step *at)
{
    const struct node *n = at->node;
    if (n->kind == NODE_NULL)
        return ERR_OK;
    if (at->shape < SHAPE_LEAVES) {
        if (at->shape >= SHAPE_schema_or_bool)
            return check_schema(w, at);
        return schema_leaf_is(at->shape, n) ? ERR_OK : add(w, KUBE_SCHEMA_WRONG, at, NULL);
    }
    bool list = schema_is_list(at->shape);
    if (n->kind != (list ? NODE_LIST : NODE_MAP))
        return add(w, KUBE_SCHEMA_WRONG, at, NULL);
    if (list)
        return check_list(w, at);
    return schema_is_type(at->shape) ? check_type(w, at) : check_map(w, at);
}

err_code kube_schema_check(const struct object *o, struct arena *a, struct kube_schema_result *ret,
                           struct err *e)
{
    struct kube_schema_result r = {0};
    struct walk w = {.r = &r, .a = a, .e = e};
    const struct schema_step root = {.node = o->root, .shape = schema_table_kind(o->api_version, o->kind)};
    r.known = root.shape != SHAPES;
    if (r.known)
        TRY(check(&w, &root));
    for (int f = 0; f < KUBE_SCHEMA_FAULTS; f++)
        if (w.last_of[f])
            w.last_of[f]->dropped = w.dropped[f];
    *ret = r;
    return ERR_OK;
}
