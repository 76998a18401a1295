#include "base/limits.h"
#include "doc/prune.h"
#include "kube/resources.h"
#include "kube/workload.h"
#include "policy/idle.h"

// Which policies an object is judged by, and with what they see. Judging is decide.c.

// Address space of one worker: kinds and memos.
#define WORKER_ARENA ((size_t)1 << 30)

// ---- variables ----

// What was computed for another policy is paid for as if it were computed now: a decision must not
// depend on which other policies there are.
static void charge(struct policy_worker *w, uint32_t index, uint64_t at)
{
    struct memo *m = &w->memos[index];
    const struct expr *x = w->set->variables[index].expr;
    if (m->at != at || m->charged == w->evaluation)
        return;
    m->charged = w->evaluation;
    w->variable_cost += m->cost;
    for (uint32_t i = 0; i < x->n_variables; i++) {
        const struct expr *v = w->set->variables[x->variables[i]].expr;
        if (v)
            charge(w, x->variables[i], v->needs_params ? w->params_at : w->subject_at);
    }
}

static struct value failed(struct policy_worker *w, uint32_t index, struct value v)
{
    if (str_eq(v.error->message, S("out of memory")))
        return v;
    return value_error(w->a, "composited variable \"%.*s\" fails to evaluate: %.*s",
                       STR_FMT(w->set->variables[index].name), STR_FMT(v.error->message));
}

static struct value lazy(void *ctx, uint32_t index, struct cel_run *run)
{
    struct policy_worker *w = ctx;
    struct memo *m = &w->memos[index];
    const struct expr *x = w->set->variables[index].expr;
    if (!x)
        return value_fatal("operation cancelled");
    uint64_t at = x->needs_params ? w->params_at : w->subject_at;
    if (m->at == at) {
        if (m->charged != w->evaluation)
            charge(w, index, at);
        return m->value;
    }
    uint64_t cost = run->cost, limit = run->cost_limit;
    run->cost = 0;
    run->cost_limit = LIMIT_CEL_COST;
    struct value v = cel_eval(x->program, run);
    m->cost = run->cost;
    run->cost = cost;
    run->cost_limit = limit;
    w->variable_cost += m->cost;
    m->charged = w->evaluation;
    m->value = v.kind == CEL_ERROR ? failed(w, index, v) : v;
    m->at = at;
    return m->value;
}

static const struct cel_program *lazy_program(void *ctx, uint32_t index)
{
    const struct policy_worker *w = ctx;
    const struct expr *x = w->set->variables[index].expr;
    return x ? x->program : NULL;
}

// ---- workers ----

static struct value native(void *ctx, str name, struct cel_call *c, const struct value *args, uint32_t n)
{
    const struct policy_worker *w = ctx;
    enum policy_native f = natives_find(name, n);
    if (!w->cluster || f == POLICY_NATIVES)
        return value_error(c->arena, "unbound function: %.*s", STR_FMT(name));
    return w->cluster->call(w->cluster->ctx, f, c, args, n);
}

static err_code worker_init(struct policy_worker *w, const struct policy_set *s, struct err *e)
{
    struct arena *a = &w->arena;
    w->set = s;
    w->path = buf_new(1 << 20);
    TRY_NEW(w->memos, a, s->cap_variables, e);
    TRY_NEW(w->applied, a, s->n_active, e);
    TRY_NEW(w->blamed, a, MOST_PLACES, e);
    TRY(regex_cache_new(LIMIT_REGEX_CACHE, &w->patterns, e));
    w->unknown_authorizer = value_unknown(a, S("authorizer"));
    w->unknown_params = value_unknown(a, S("params"));
    w->unknown_namespace = value_unknown(a, S("namespaceObject"));
    w->unknown_request_namespace = value_unknown(a, S("request.namespace"));
    w->unknown_user = value_unknown(a, S("request.userInfo"));
    w->unknown_options = value_unknown(a, S("request.options"));
    w->slots[SLOT_OLD_OBJECT] = value_null();
    w->slots[SLOT_AUTHORIZER] = w->slots[SLOT_REQUEST_RESOURCE] = w->unknown_authorizer;
    w->run = (struct cel_run){.slots = w->slots,
                              .lazy = lazy,
                              .lazy_program = lazy_program,
                              .ctx = w,
                              .native = native,
                              .native_ctx = w,
                              .patterns = w->patterns};
    w->kinds_mark = arena_mark(a);
    return ERR_OK;
}

err_code policy_worker_new(const struct policy_set *s, struct policy_worker **ret, struct err *e)
{
    return policy_worker_new_cross(s, NULL, ret, e);
}

err_code policy_worker_new_cross(const struct policy_set *s, const struct policy_cluster *c, struct policy_worker **ret,
                                 struct err *e)
{
    struct arena a = {0};
    TRY(arena_init(&a, "policy worker", WORKER_ARENA, e));
    struct policy_worker *w = arena_alloc(&a, 1, sizeof *w, _Alignof(struct policy_worker));
    if (!w) {
        err_code full = policy_arena_full(&a, e);
        arena_done(&a);
        return full;
    }
    w->arena = a; // the worker lives in its own arena
    w->cluster = c;
    err_code rc = worker_init(w, s, e);
    if (rc != ERR_OK)
        policy_worker_free(w);
    else
        *ret = w;
    return rc;
}

void policy_worker_free(struct policy_worker *w)
{
    if (!w)
        return;
    regex_cache_free(w->patterns);
    buf_done(&w->path);
    struct arena a = w->arena;
    arena_done(&a);
}

// ---- kinds ----

static bool is_static(const struct policy *p)
{
    return str_ends(p->rule.id, S(".static.k8s.io"));
}

static bool is_sure(const struct policy *p, const struct match_kind *k)
{
    return !p->bindings && !p->has_params && match_any(&p->match, k) == SELECTOR_YES;
}

static err_code find_candidates(struct policy_worker *w, struct kind_entry *k, struct err *e)
{
    const struct policy_set *s = w->set;
    struct candidate *list;
    enum match_exemption exempt = match_exemption(&k->match);
    TRY_NEW(list, &w->arena, s->n_active, e);
    for (uint32_t i = 0; i < s->n_active && exempt != MATCH_EXEMPT; i++) {
        const struct policy *p = s->active[i];
        if (p->rule.needs_params || p->cross != (w->cluster != NULL) || (exempt == MATCH_BY_STATIC && !is_static(p)) ||
            match_any(&p->match, &k->match) == SELECTOR_NO)
            continue;
        list[k->n++] = (struct candidate){.index = i, .sure = is_sure(p, &k->match)};
    }
    k->candidates = list;
    return ERR_OK;
}

// The first object of a kind is judged: now its policies' expressions are needed.
static err_code prepare(struct policy_worker *w, struct kind_entry *k, struct err *e)
{
    for (uint32_t i = 0; i < k->n; i++) {
        TRY(policy_prepare(w->set, k->candidates[i].index, e));
        k->needs_request |= w->set->active[k->candidates[i].index]->needs_request;
    }
    k->prepared = true;
    return ERR_OK;
}

static void forget_kinds(struct policy_worker *w)
{
    arena_rewind(&w->arena, w->kinds_mark);
    memset(w->kinds, 0, sizeof w->kinds);
    w->n_kinds = 0;
    w->pod_kind = NULL;
}

static err_code add_kind(struct policy_worker *w, const struct object *o, uint32_t hash,
                         struct kind_entry **ret, struct err *e)
{
    struct kind_entry *k;
    struct object kept = *o;
    if (w->n_kinds == MOST_KINDS) // only input that means harm has so many
        forget_kinds(w);
    TRY_NEW(k, &w->arena, 1, e);
    kept.api_version = arena_dup(&w->arena, o->api_version);
    kept.kind = arena_dup(&w->arena, o->kind);
    if (!kept.api_version.p || !kept.kind.p)
        return policy_arena_full(&w->arena, e);
    kept.group = S("");
    kept.version = kept.api_version;
    if (o->group.n || o->version.n < o->api_version.n)
        kept.group = str_cut(&kept.version, '/');
    k->api_version = kept.api_version;
    k->kind = kept.kind;
    k->hash = hash;
    TRY(match_kind_of(&kept, &w->arena, &k->match, e));
    k->decoded = k->match.shipped || resources_is_configuration(kept.group);
    TRY(find_candidates(w, k, e));
    k->next = w->kinds[hash % KIND_BUCKETS];
    w->kinds[hash % KIND_BUCKETS] = k;
    w->n_kinds++;
    *ret = k;
    return ERR_OK;
}

static err_code kind_of(struct policy_worker *w, const struct object *o,
                        struct kind_entry **ret, struct err *e)
{
    uint32_t hash = hash_key(o->kind) ^ hash_key(o->api_version) * 31;
    for (struct kind_entry *k = w->kinds[hash % KIND_BUCKETS]; k; k = k->next)
        if (k->hash == hash && str_eq(k->kind, o->kind) && str_eq(k->api_version, o->api_version)) {
            *ret = k;
            return ERR_OK;
        }
    return add_kind(w, o, hash, ret, e);
}

// Does anything ask about Pods? Where not, no Pod need be looked for.
static err_code pods_matter(struct policy_worker *w, bool *ret, struct err *e)
{
    if (!w->pod_kind) {
        const struct object pod = {.api_version = S("v1"), .kind = S("Pod"), .group = S(""), .version = S("v1")};
        TRY(kind_of(w, &pod, &w->pod_kind, e));
    }
    *ret = w->pod_kind->n > 0;
    return ERR_OK;
}

// ---- bindings ----

static void set_params(struct policy_worker *w, struct value v)
{
    const struct value *old = &w->slots[SLOT_PARAMS];
    if (old->kind == v.kind && (v.kind == CEL_NULL || old->origin == v.origin))
        return;
    w->slots[SLOT_PARAMS] = v;
    w->params_at = ++w->clock;
}

static str open_text(struct policy_worker *w, const struct match *m)
{
    const struct subject *s = w->subject;
    if (m->namespaces.n == 0)
        return arena_printf(w->a,
                            "versions and scope of kind %.*s are not known without a cluster",
                            STR_FMT(s->o->kind));
    if (!s->o->ns.n)
        return S("the object's namespace is not known without a cluster");
    return arena_printf(w->a, "the labels of namespace '%.*s' are not known without a cluster",
                        STR_FMT(s->o->ns));
}

// The params values that were judged with, so that two bindings with the same are judged once.
struct judged {
    const struct node *params;
    bool unknown;
    struct judged *next;
};

static err_code judge_with(struct policy_worker *w, const struct decision *d,
                           const struct node *params, bool unknown, struct judged **done,
                           struct err *e)
{
    struct judged *j;
    for (j = *done; j; j = j->next)
        if (j->params == params && j->unknown == unknown)
            return ERR_OK;
    TRY_NEW(j, w->a, 1, e);
    *j = (struct judged){params, unknown, *done};
    *done = j;
    set_params(w, unknown ? w->unknown_params : params ? value_of_node(params) : value_null());
    return decide_policy(w, d, e);
}

static err_code judge_binding(struct policy_worker *w, const struct decision *d,
                              const struct binding *b, struct judged **done, struct err *e)
{
    struct params params;
    TRY(params_collect(w, d->policy, b, &params, e));
    if (params.error) {
        str text = arena_printf(w->a, "failed to configure binding '%.*s': %s", STR_FMT(b->name),
                                params.error);
        return text.p ? decide_misconfigured(w, d, text, e) : policy_arena_full(w->a, e);
    }
    if (params.none || params.unknown)
        return judge_with(w, d, NULL, params.unknown, done, e);
    for (uint32_t i = 0; i < params.n; i++)
        TRY(judge_with(w, d, params.nodes[i], false, done, e));
    return ERR_OK;
}

// First the bindings that match for sure, then those that may.
static err_code judge_bindings(struct policy_worker *w, struct decision *d,
                               enum selector_answer wanted, bool open, struct judged **done,
                               struct err *e)
{
    const struct subject *s = w->subject;
    for (const struct binding *b = d->policy->bindings; b; b = b->next_of_policy) {
        enum selector_answer a =
            b->match ? match_object(b->match, &s->kind->match, s->o) : SELECTOR_YES;
        if (a != wanted)
            continue;
        d->open = S("");
        if (open || a == SELECTOR_OPEN)
            d->open = open_text(w, a == SELECTOR_OPEN ? b->match : &d->policy->match);
        if (!d->open.p)
            return policy_arena_full(w->a, e);
        TRY(judge_binding(w, d, b, done, e));
    }
    return ERR_OK;
}

static err_code judge_candidate(struct policy_worker *w, const struct candidate *c, struct err *e)
{
    const struct subject *s = w->subject;
    struct decision d = {.policy = w->set->active[c->index], .rule = c->index, .open = S("")};
    if (c->sure) {
        set_params(w, value_null());
        return decide_policy(w, &d, e);
    }
    enum selector_answer a = match_object(&d.policy->match, &s->kind->match, s->o);
    if (a == SELECTOR_NO)
        return ERR_OK;
    struct judged *done = NULL;
    if (d.policy->bindings) {
        TRY(judge_bindings(w, &d, SELECTOR_YES, a == SELECTOR_OPEN, &done, e));
        return judge_bindings(w, &d, SELECTOR_OPEN, true, &done, e);
    }
    if (a == SELECTOR_OPEN)
        d.open = open_text(w, &d.policy->match);
    if (!d.open.p)
        return policy_arena_full(w->a, e);
    if (!d.policy->has_params)
        return judge_with(w, &d, NULL, false, &done, e);
    for (uint32_t i = 0; i < d.policy->n_given; i++)
        TRY(judge_with(w, &d, d.policy->given[i], false, &done, e));
    return ERR_OK;
}

// ---- objects ----

static err_code judge_subject(struct policy_worker *w, const struct subject *s, struct err *e)
{
    if (s->kind->n == 0)
        return ERR_OK;
    if (!s->kind->prepared)
        TRY(prepare(w, s->kind, e));
    w->subject = s;
    w->subject_at = w->params_at = ++w->clock;
    w->slots[SLOT_OBJECT] = value_of_node(s->o->root);
    w->slots[SLOT_PARAMS] = value_null();
    bool in_none = request_is_cluster_scoped(s);
    w->ns = in_none ? value_null() : w->unknown_namespace;
    if (s->kind->needs_request)
        TRY(request_value(w, &w->slots[SLOT_REQUEST], e));
    idle_begin(w, s);
    for (uint32_t i = 0; i < s->kind->n; i++) {
        struct candidate *c = &s->kind->candidates[i];
        if (w->cluster || !idle_is(w, c))
            TRY(judge_candidate(w, c, e));
        else if (!w->set->active[c->index]->applies)
            report_applied(w, c->index);
        if (w->full)
            return policy_arena_full(w->a, e);
    }
    return ERR_OK;
}

// What the API server decodes into Go's types has no nulls; a custom resource keeps its own, but the Pod
// that it carries will be decoded one day.
static err_code without_nulls(const struct object *o, struct arena *a, struct object *ret,
                              struct err *e)
{
    const struct node *root = NULL;
    *ret = *o;
    TRY(prune_nulls(o->root, a, &root, e));
    if (root != o->root)
        (void)object_view(root, ret);
    return ERR_OK;
}

static err_code find_pod(struct policy_worker *w, const struct object *file,
                         struct workload_pod *ret, bool *ret_has, struct err *e)
{
    bool matters = false;
    TRY(pods_matter(w, &matters, e));
    *ret_has = false;
    if (matters)
        TRY(workload_pod_view(file, w->a, ret, ret_has, e));
    *ret_has = *ret_has && ret->is_template;
    return ERR_OK;
}

static err_code judge_pod(struct policy_worker *w, const struct object *file, struct err *e)
{
    struct workload_pod pod = {0};
    bool has = false;
    TRY(find_pod(w, file, &pod, &has, e));
    if (!has)
        return ERR_OK;
    const struct subject s = {.o = &pod.pod,
                              .kind = w->pod_kind,
                              .file = file,
                              .template = pod.template,
                              .prefix = pod.prefix};
    return judge_subject(w, &s, e);
}

err_code policy_worker_asks(struct policy_worker *w, const struct object *o, bool *ret, struct err *e)
{
    struct kind_entry *k;
    TRY(pods_matter(w, ret, e));
    if (*ret)
        return ERR_OK;
    TRY(kind_of(w, o, &k, e));
    *ret = k->n > 0;
    return ERR_OK;
}

err_code policy_evaluate(struct policy_worker *w, const struct object *o, bool well_formed, struct arena *a,
                         const struct policy_sink *sink, struct err *e)
{
    struct object pruned;
    struct workload_pod pod = {0};
    struct subject s = {.prefix = S("")};
    bool has_pod = false;
    w->a = w->run.arena = a;
    w->sink = sink;
    w->said = NULL;
    w->last_said = &w->said;
    w->full = false;
    w->well_formed = well_formed;
    w->object = ++w->clock;
    TRY(kind_of(w, o, &s.kind, e));
    if (s.kind->n == 0) { // most objects of a scan are of no interest to anybody
        TRY(find_pod(w, o, &pod, &has_pod, e));
        if (!has_pod)
            return ERR_OK;
        TRY(kind_of(w, o, &s.kind, e)); // looking for Pods may have made room
    }
    TRY(without_nulls(o, a, &pruned, e));
    s.o = s.file = s.kind->decoded ? &pruned : o;
    TRY(judge_subject(w, &s, e));
    TRY(judge_pod(w, &pruned, e));
    return report_object(w, e);
}
