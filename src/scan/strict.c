#include "scan/strict.h"

// A key with its plain value; of a map or a list only the key.
static void mark(const struct kube_schema_place *p, struct place *ret)
{
    const struct node *n = p->node;
    bool inner = n->kind == NODE_MAP || n->kind == NODE_LIST;
    *ret = (struct place){.path = p->path, .start = n->start, .end = n->end};
    if (p->member) {
        ret->start = p->member->key_start;
        ret->end = inner || n->end < p->member->key_end ? p->member->key_end : n->end;
    }
    if (ret->end < ret->start)
        ret->end = ret->start;
}

static err_code tell(const struct kube_schema_problem *problem, uint32_t rule, struct arena *a,
                     const struct policy_sink *sink, struct err *e)
{
    struct place *places;
    uint32_t n = 0;
    TRY_NEW(places, a, problem->n_places, e);
    for (const struct kube_schema_place *p = problem->first; p; p = p->next)
        mark(p, &places[n++]);
    const struct policy_result result = {.rule = rule,
                                         .status = FINDING_FAIL,
                                         .message = kube_schema_message(problem, a),
                                         .reason = S("BadRequest"), // the API server's
                                         .places = places,
                                         .n_places = n};
    if (!result.message.p)
        return err_set(e, ERR_LIMIT, "arena '%s' is full (%zu bytes)", a->name, a->cap);
    return sink->result(sink->ctx, &result, e);
}

err_code strict_check(const struct rules *rules, const struct object *o, struct arena *a,
                      const struct policy_sink *sink, enum strict_shape *ret, struct err *e)
{
    struct kube_schema_result r;
    bool wanted = false;
    *ret = STRICT_NOT_KNOWN;
    for (int f = 0; f < KUBE_SCHEMA_FAULTS; f++)
        wanted = wanted || rules->strict[f] != RULES_NONE;
    if (!wanted)
        return ERR_OK;
    TRY(kube_schema_check(o, a, &r, e));
    if (r.known)
        *ret = STRICT_DECODABLE;
    for (int f = 0; f < KUBE_SCHEMA_FAULTS && r.known; f++)
        if (rules->strict[f] != RULES_NONE)
            sink->applied(sink->ctx, rules->strict[f]);
    for (const struct kube_schema_problem *p = r.first; p; p = p->next) {
        if (p->fault == KUBE_SCHEMA_WRONG)
            *ret = STRICT_UNDECODABLE;
        if (rules->strict[p->fault] != RULES_NONE)
            TRY(tell(p, rules->strict[p->fault], a, sink, e));
    }
    return ERR_OK;
}
