// Aggregated ClusterRoles: pkg/controller/clusterroleaggregation. The controller writes into an aggregated role the rules
// of every other ClusterRole that one of its selectors matches, those of other aggregated roles too, until nothing changes. What
// comes out is the union of the plain roles that can be reached over selections: one walk a role, no iteration.
// In a cycle rules that were once written into an aggregated role would go round for ever; a manifest's are
// overwritten first, so a cycle adds nothing, and is named.
#include "graph/rbac_priv.h"

struct walk {
    struct rbac_set *set;
    uint32_t *mark;       // of each role: the walk that met it last
    uint32_t *stack, *out; // roles to look at; plain roles found
    uint32_t n_stack, n_out;
    uint32_t **selected; // of each aggregation: the roles it selects
    uint32_t *n_selected;
    uint32_t *aggregation_of; // of each role, or RBAC_NONE
};

static bool selects(const struct rbac_aggregation *g, const struct rbac_role *r)
{
    for (uint32_t i = 0; i < g->n; i++)
        if (selector_matches(&g->selectors[i], r->labels))
            return true;
    return false;
}

static err_code select_roles(struct walk *w, uint32_t i, struct err *e)
{
    struct rbac_set *s = w->set;
    const struct rbac_aggregation *g = &s->aggregations[i];
    uint32_t n = 0;
    for (uint32_t k = 0; k < s->n_roles; k++) // w->out is as long as there are roles, and not in use yet
        if (k != g->role && !s->roles[k].ns.n && !s->roles[k].replaced && selects(g, &s->roles[k]))
            w->out[n++] = k;
    TRY_NEW(w->selected[i], s->arena, n, e);
    if (n)
        memcpy(w->selected[i], w->out, n * sizeof *w->out);
    w->n_selected[i] = n;
    return ERR_OK;
}

static err_code cycle(struct walk *w, uint32_t role, struct err *e)
{
    const struct rbac_role *r = &w->set->roles[role];
    if (!w->set->load)
        return ERR_OK;
    return load_problem_at(w->set->load, true, r->at, e,
                           "ClusterRole %.*s: aggregates itself by way of other aggregated roles", STR_FMT(r->name));
}

static err_code collect(struct walk *w, uint32_t first, struct err *e)
{
    struct rbac_set *s = w->set;
    bool again = false;
    w->n_out = 0;
    w->n_stack = 0;
    w->stack[w->n_stack++] = first;
    while (w->n_stack) {
        uint32_t g = w->aggregation_of[w->stack[--w->n_stack]];
        for (uint32_t i = 0; i < w->n_selected[g]; i++) {
            uint32_t role = w->selected[g][i];
            again = again || role == first;
            if (w->mark[role] == first + 1)
                continue;
            w->mark[role] = first + 1;
            if (w->aggregation_of[role] == RBAC_NONE)
                w->out[w->n_out++] = role;
            else if (role != first)
                w->stack[w->n_stack++] = role;
        }
    }
    if (again)
        TRY(cycle(w, first, e));
    uint32_t *sources;
    TRY_NEW(sources, s->arena, w->n_out, e);
    for (uint32_t i = 0; i < w->n_out; i++) {
        sources[i] = w->out[i];
        s->roles[w->out[i]].widens = true;
    }
    s->roles[first].sources = sources;
    s->roles[first].n_sources = w->n_out;
    return ERR_OK;
}

err_code rbac_aggregate(struct rbac_set *s, struct err *e)
{
    struct walk w = {.set = s};
    TRY_NEW(w.mark, s->arena, s->n_roles, e);
    TRY_NEW(w.stack, s->arena, s->n_roles + 1, e);
    TRY_NEW(w.out, s->arena, s->n_roles, e);
    TRY_NEW(w.aggregation_of, s->arena, s->n_roles, e);
    TRY_NEW(w.selected, s->arena, s->n_aggregations, e);
    TRY_NEW(w.n_selected, s->arena, s->n_aggregations, e);
    for (uint32_t i = 0; i < s->n_roles; i++) {
        uint32_t *self;
        TRY_NEW(self, s->arena, 1, e);
        *self = i;
        s->roles[i].sources = self;
        s->roles[i].n_sources = 1;
        w.aggregation_of[i] = RBAC_NONE;
    }
    for (uint32_t i = 0; i < s->n_aggregations; i++) {
        w.aggregation_of[s->aggregations[i].role] = i;
        TRY(select_roles(&w, i, e));
    }
    for (uint32_t i = 0; i < s->n_aggregations; i++)
        TRY(collect(&w, s->aggregations[i].role, e));
    return ERR_OK;
}
