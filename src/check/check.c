#include "check/check.h"

#include "base/limits.h"
#include "check/natives.h"

#define CHECK_ARENA ((size_t)4 << 30) // address space

enum { MOST_KINDS = 256 }; // that are remembered

struct run {
    struct objects objects;
    struct natives natives;
    struct policy_worker *worker;
    struct arena kept, scratch, work; // work: of one object's evaluation
    const struct check_sink *sink;
    // The object at work.
    uint32_t record;
    const struct object *object;
    bool made;
    struct {
        name_id api, kind;
        bool asked;
    } kinds[MOST_KINDS]; // which of them any check is about
    uint32_t n_kinds;
};

static err_code on_result(void *ctx, const struct policy_result *r, struct err *e)
{
    struct run *x = ctx;
    return x->sink->result(x->sink->ctx, x->record, x->object, x->made, r, e);
}

static void on_applied(void *ctx, uint32_t rule)
{
    struct run *x = ctx;
    if (x->sink->applied)
        x->sink->applied(x->sink->ctx, rule);
}

static err_code judge(struct run *x, uint32_t record, const struct object *o, bool made, struct err *e)
{
    const struct policy_sink sink = {x, on_result, on_applied, x->sink->verdicts_only};
    x->record = record;
    x->object = o;
    x->made = made;
    return policy_evaluate(x->worker, o, false, &x->work, &sink, e);
}

// A Namespace that is only mentioned: what is known of it is its name.
static err_code judge_mentioned(struct run *x, uint32_t ns, struct err *e)
{
    const struct inventory *v = &x->objects.inventory;
    struct member *m;
    struct node *root;
    struct object o;
    arena_reset(&x->work);
    TRY_NEW(m, &x->work, 4, e);
    TRY_NEW(root, &x->work, 1, e);
    m[0] = node_made_member(S("apiVersion"), node_text(S("v1")));
    m[1] = node_made_member(S("kind"), node_text(S("Namespace")));
    m[2] = node_made_member(S("metadata"), (struct node){.kind = NODE_MAP, .n = 1, .members = &m[3]});
    m[3] = node_made_member(S("name"), node_text(inventory_str(v, v->namespaces[ns].name)));
    *root = (struct node){.kind = NODE_MAP, .n = 3, .members = m};
    if (!object_view(root, &o))
        return err_set(e, ERR_INTERNAL, "a made object is none");
    return judge(x, objects_mentioned(&x->objects, ns), &o, true, e);
}

static err_code is_asked(struct run *x, uint32_t record, bool *ret, struct err *e)
{
    const struct objects_entry *n = &x->objects.entries[record];
    for (uint32_t i = 0; i < x->n_kinds; i++)
        if (x->kinds[i].kind == n->kind && x->kinds[i].api == n->api) {
            *ret = x->kinds[i].asked;
            return ERR_OK;
        }
    str api = inventory_str(&x->objects.inventory, n->api), version = api, group = S("");
    if (memchr(api.p, '/', api.n))
        group = str_cut(&version, '/');
    const struct object o = {.api_version = api, .kind = inventory_str(&x->objects.inventory, n->kind), .group = group, .version = version};
    TRY(policy_worker_asks(x->worker, &o, ret, e));
    if (x->n_kinds < MOST_KINDS) {
        x->kinds[x->n_kinds].api = n->api;
        x->kinds[x->n_kinds].kind = n->kind;
        x->kinds[x->n_kinds++].asked = *ret;
    }
    return ERR_OK;
}

static err_code judge_all(struct run *x, struct err *e)
{
    struct objects *o = &x->objects;
    for (uint32_t i = 0, pod = 0; i < o->n; i++) {
        struct object object;
        while (pod < o->n_pods && o->pods[pod].record < i)
            pod++;
        if (!o->records[i].tape.n || (pod < o->n_pods && o->pods[pod].record == i && o->pods[pod].owned))
            continue;
        bool asked = true;
        TRY(is_asked(x, i, &asked, e));
        arena_reset(&x->work);
        if (asked) {
            TRY(objects_tree(o, i, &x->work, &object, e));
            TRY(judge(x, i, &object, false, e));
        }
        bool is_pod = pod < o->n_pods && o->pods[pod].record == i;
        if (is_pod && objects_mentioned(o, o->pods[pod].ns) == i && !objects_is_declared(o, o->pods[pod].ns))
            TRY(judge_mentioned(x, o->pods[pod].ns, e));
    }
    return ERR_OK;
}

static err_code run(struct run *x, const struct policy_set *set, const struct check_record *records, uint32_t n, struct err *e)
{
    const struct policy_cluster cluster = {&x->natives, natives_call};
    TRY(arena_init(&x->kept, "objects", CHECK_ARENA, e));
    TRY(arena_init(&x->scratch, "object", LIMIT_DOC_ARENA, e));
    TRY(arena_init(&x->work, "check", CHECK_ARENA, e));
    TRY(objects_read(&x->objects, records, n, &x->kept, &x->scratch, e));
    x->natives.objects = x->natives.net.objects = &x->objects;
    TRY(policy_worker_new_cross(set, &cluster, &x->worker, e));
    return judge_all(x, e);
}

err_code check_run(const struct policy_set *set, const struct check_record *records, uint32_t n, const struct check_sink *sink,
                   struct err *e)
{
    struct run x = {.sink = sink};
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++)
        kept += records[i].tape.n > 0;
    if (kept < 2 || !policy_set_has_cross(set))
        return ERR_OK;
    err_code rc = run(&x, set, records, n, e);
    policy_worker_free(x.worker);
    if (x.objects.records)
        objects_done(&x.objects);
    arena_done(&x.kept);
    arena_done(&x.scratch);
    arena_done(&x.work);
    return rc;
}
