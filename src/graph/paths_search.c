// Ways to a sink: one search from the sink backwards gives everybody's shortest one. What must be cut is asked forwards, of the nodes
// that have a way at all.
#include "graph/paths_priv.h"

static bool usable(const struct paths_tree *t, const struct paths_edge *edge)
{
    return t->assumed || !edge->assumes;
}

// Edges cost 0 or 1: nodes that are reached at no cost are put before the others.
err_code paths_search(const struct paths *p, enum paths_sink sink, bool assumed, struct arena *a, struct paths_tree *ret,
                      struct err *e)
{
    struct paths_tree t = {.sink = sink, .assumed = assumed};
    uint32_t *now, *later, n_now = 0, n_later = 0;
    bool *done;
    TRY_NEW(t.next, a, p->n_nodes, e);
    TRY_NEW(t.distance, a, p->n_nodes, e);
    TRY_NEW(now, a, (size_t)p->n_edges + 1, e); // a node is pushed once for each edge that brings it nearer
    TRY_NEW(later, a, (size_t)p->n_edges + 1, e);
    TRY_NEW(done, a, p->n_nodes, e);
    for (uint32_t i = 0; i < p->n_nodes; i++)
        t.next[i] = t.distance[i] = PATHS_NONE;
    t.distance[sink] = 0;
    now[n_now++] = sink;
    for (uint32_t distance = 0; n_now; distance++) {
        for (uint32_t at = 0; at < n_now; at++) { // grows while it is walked: what is reached at no cost
            uint32_t node = now[at];
            if (done[node])
                continue;
            done[node] = true;
            for (uint32_t k = p->first_in[node]; k < p->first_in[node + 1]; k++) {
                const struct paths_edge *edge = &p->edges[p->in[k]];
                uint32_t from = edge->from, cost = distance + edge->cost;
                if (!usable(&t, edge) || cost >= t.distance[from])
                    continue;
                t.distance[from] = cost;
                t.next[from] = p->in[k];
                if (edge->cost)
                    later[n_later++] = from;
                else
                    now[n_now++] = from;
            }
        }
        uint32_t *swap = now;
        now = later;
        later = swap;
        n_now = n_later;
        n_later = 0;
    }
    *ret = t;
    return ERR_OK;
}

static bool same_cut(const struct paths_cut *a, const struct paths_cut *b)
{
    return a->binding == b->binding && a->pods == b->pods && a->fact == b->fact;
}

uint32_t paths_cuts_of(const struct paths_edge *edge, struct paths_cut ret[2])
{
    uint32_t n = 0;
    if (edge->pods != PATHS_NONE && edge->fact != PATHS_NO_FACT)
        ret[n++] = (struct paths_cut){RBAC_NONE, edge->pods, edge->fact};
    for (int i = 0; i < 2 && n < 2; i++) {
        struct paths_cut c = {edge->by[i].binding, PATHS_NONE, PATHS_NO_FACT};
        if (c.binding != RBAC_NONE && !(n && same_cut(&ret[0], &c)))
            ret[n++] = c;
    }
    return n;
}

static bool is_cut(const struct paths_edge *edge, const struct paths_cut *cuts, uint32_t n)
{
    struct paths_cut of[2];
    uint32_t n_of = paths_cuts_of(edge, of);
    for (uint32_t i = 0; i < n_of; i++)
        for (uint32_t k = 0; k < n; k++)
            if (same_cut(&of[i], &cuts[k]))
                return true;
    return false;
}

// A way from node to the sink past the cuts: its edges, or 0 of them. Only nodes that have a way at all are walked.
static bool find_way(const struct paths *p, const struct paths_tree *t, uint32_t node, const struct paths_cut *cuts, uint32_t n_cuts,
                     uint64_t *budget, struct arena *scratch, uint32_t *ret_edges, uint32_t *ret_n)
{
    size_t mark = arena_mark(scratch);
    uint32_t *by = arena_alloc(scratch, p->n_nodes, sizeof *by, _Alignof(uint32_t)); // edge + 1 that reached it
    uint32_t *queue = arena_alloc(scratch, p->n_nodes, sizeof *queue, _Alignof(uint32_t));
    uint32_t n = 0;
    bool found = false;
    if (by && queue) {
        by[node] = UINT32_MAX;
        queue[n++] = node;
    }
    for (uint32_t at = 0; at < n && !found && *budget; at++) {
        for (uint32_t k = p->first_out[queue[at]]; k < p->first_out[queue[at] + 1] && *budget; k++) {
            const struct paths_edge *edge = &p->edges[p->out[k]];
            --*budget;
            if (by[edge->to] || t->distance[edge->to] == PATHS_NONE || !usable(t, edge) || is_cut(edge, cuts, n_cuts))
                continue;
            by[edge->to] = p->out[k] + 1;
            queue[n++] = edge->to;
            if (edge->to == t->sink) {
                found = true;
                break;
            }
        }
    }
    if (found && ret_edges) {
        *ret_n = 0;
        for (uint32_t at = t->sink; at != node; at = p->edges[by[at] - 1].from)
            ret_edges[(*ret_n)++] = by[at] - 1;
    }
    arena_rewind(scratch, mark);
    return found;
}

bool paths_cuts(const struct paths *p, const struct paths_tree *t, uint32_t node, const struct paths_cut *cuts, uint32_t n,
                uint64_t *budget, struct arena *scratch)
{
    return t->distance[node] == PATHS_NONE || (!find_way(p, t, node, cuts, n, budget, scratch, NULL, NULL) && *budget);
}

uint32_t paths_way_past(const struct paths *p, const struct paths_tree *t, uint32_t node, const struct paths_cut *cuts, uint32_t n,
                        uint64_t *budget, struct arena *scratch, uint32_t *ret_edges, uint32_t most)
{
    size_t mark = arena_mark(scratch);
    uint32_t *edges = arena_alloc(scratch, p->n_nodes, sizeof *edges, _Alignof(uint32_t)), n_edges = 0;
    if (!edges || !find_way(p, t, node, cuts, n, budget, scratch, edges, &n_edges) || n_edges > most)
        n_edges = 0;
    for (uint32_t i = 0; i < n_edges; i++) // it was written down from its end
        ret_edges[i] = edges[n_edges - 1 - i];
    arena_rewind(scratch, mark);
    return n_edges;
}

// Every way must lose one thing: of the first way found, each is tried, then the ways past it.
static bool cut_deeper(const struct paths *p, const struct paths_tree *t, uint32_t node, uint64_t *budget, struct arena *scratch,
                       struct paths_cut *cuts, uint32_t n, uint32_t most)
{
    size_t mark = arena_mark(scratch);
    uint32_t *edges = arena_alloc(scratch, p->n_nodes, sizeof *edges, _Alignof(uint32_t)), n_edges = 0;
    bool done = false;
    if (edges && !find_way(p, t, node, cuts, n, budget, scratch, edges, &n_edges))
        done = *budget > 0;
    for (uint32_t i = n_edges; i-- > 0 && !done && n < most && *budget;) { // from the sources's end
        struct paths_cut of[2];
        uint32_t n_of = paths_cuts_of(&p->edges[edges[i]], of);
        for (uint32_t k = 0; k < n_of && !done; k++) {
            cuts[n] = of[k];
            done = cut_deeper(p, t, node, budget, scratch, cuts, n + 1, most);
        }
    }
    arena_rewind(scratch, mark);
    return done;
}

void paths_smallest_cut(const struct paths *p, const struct paths_tree *t, uint32_t node, uint64_t *budget, struct arena *scratch,
                        struct paths_cut ret[PATHS_MOST_CUTS], uint32_t *ret_n)
{
    *ret_n = 0;
    for (uint32_t most = 1; most <= PATHS_MOST_CUTS && *budget; most++) {
        if (!cut_deeper(p, t, node, budget, scratch, ret, 0, most))
            continue;
        *ret_n = most; // with fewer the round before would have ended
        return;
    }
}
