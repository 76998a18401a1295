// Ways to a sink: one search from the sink backwards gives everybody's shortest one. What must be cut is asked forwards, of the nodes
// that have a way at all.
#include "graph/paths_priv.h"

// One forward search after another over the same arrays: what an earlier one left has an older stamp.
struct paths_walk {
    uint32_t *by, *stamp, *queue; // by: the edge that reached a node
    uint32_t now;
};

static void next_stamp(const struct paths *p, struct paths_walk *w)
{
    if (++w->now)
        return;
    memset(w->stamp, 0, p->n_nodes * sizeof *w->stamp); // they are of four thousand million searches ago
    w->now = 1;
}

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
    TRY_NEW(t.walk, a, 1, e);
    TRY_NEW(t.walk->by, a, p->n_nodes, e);
    TRY_NEW(t.walk->stamp, a, p->n_nodes, e);
    TRY_NEW(t.walk->queue, a, p->n_nodes, e);
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

uint32_t paths_cuts_of(const struct paths_edge *edge, struct paths_cut ret[PATHS_CUTS_OF])
{
    uint32_t n = 0;
    for (unsigned i = 0; i < PATHS_FACTS && edge->pods != PATHS_NONE; i++)
        if (edge->facts[i] != PATHS_NO_FACT)
            ret[n++] = (struct paths_cut){RBAC_NONE, edge->pods, edge->facts[i]};
    for (int i = 0; i < 2 && edge->pods == PATHS_NONE; i++) {
        struct paths_cut c = {edge->by[i].binding, PATHS_NONE, PATHS_NO_FACT};
        if (c.binding != RBAC_NONE && !(n && same_cut(&ret[0], &c)))
            ret[n++] = c;
    }
    return n;
}

static bool is_cut(const struct paths_edge *edge, const struct paths_cut *cuts, uint32_t n)
{
    struct paths_cut of[PATHS_CUTS_OF];
    uint32_t n_of = paths_cuts_of(edge, of);
    for (uint32_t i = 0; i < n_of; i++)
        for (uint32_t k = 0; k < n; k++)
            if (same_cut(&of[i], &cuts[k]))
                return true;
    return false;
}

// A way from node to the sink past the cuts: its edges, or 0 of them. Only nodes that have a way at all are walked.
static bool find_way(const struct paths *p, const struct paths_tree *t, uint32_t node, const struct paths_cut *cuts, uint32_t n_cuts,
                     uint64_t *budget, uint32_t *ret_edges, uint32_t *ret_n)
{
    struct paths_walk *w = t->walk;
    uint32_t *by = w->by, *queue = w->queue, n = 0;
    bool found = false;
    next_stamp(p, w);
    w->stamp[node] = w->now;
    queue[n++] = node;
    for (uint32_t at = 0; at < n && !found && *budget; at++) {
        for (uint32_t k = p->first_out[queue[at]]; k < p->first_out[queue[at] + 1] && *budget; k++) {
            const struct paths_edge *edge = &p->edges[p->out[k]];
            --*budget;
            if (w->stamp[edge->to] == w->now || t->distance[edge->to] == PATHS_NONE || !usable(t, edge) || is_cut(edge, cuts, n_cuts))
                continue;
            by[edge->to] = p->out[k];
            w->stamp[edge->to] = w->now;
            queue[n++] = edge->to;
            if (edge->to == t->sink) {
                found = true;
                break;
            }
        }
    }
    if (found && ret_edges) {
        *ret_n = 0;
        for (uint32_t at = t->sink; at != node; at = p->edges[by[at]].from)
            ret_edges[(*ret_n)++] = by[at];
    }
    return found;
}

// Is there a way past the cuts? Nodes near the sink first: where there is one it is found soon.
static bool has_way(const struct paths *p, const struct paths_tree *t, uint32_t node, const struct paths_cut *cuts, uint32_t n_cuts,
                    uint64_t *budget)
{
    struct paths_walk *w = t->walk;
    uint32_t *stack = w->queue, n = 0;
    next_stamp(p, w);
    w->stamp[node] = w->now;
    stack[n++] = node;
    while (n && *budget) {
        uint32_t at = stack[--n], first = n;
        for (uint32_t k = p->first_out[at]; k < p->first_out[at + 1] && *budget; k++) {
            const struct paths_edge *edge = &p->edges[p->out[k]];
            uint32_t to = edge->to;
            --*budget;
            if (w->stamp[to] == w->now || t->distance[to] == PATHS_NONE || !usable(t, edge) || is_cut(edge, cuts, n_cuts))
                continue;
            if (to == t->sink)
                return true;
            w->stamp[to] = w->now;
            stack[n++] = to;
            if (n - first > 1 && t->distance[stack[n - 2]] < t->distance[to]) { // the nearest of these stays on top
                stack[n - 1] = stack[n - 2];
                stack[n - 2] = to;
            }
        }
    }
    return false;
}

bool paths_cuts(const struct paths *p, const struct paths_tree *t, uint32_t node, const struct paths_cut *cuts, uint32_t n,
                uint64_t *budget)
{
    return t->distance[node] == PATHS_NONE || (!has_way(p, t, node, cuts, n, budget) && *budget);
}

uint32_t paths_way_past(const struct paths *p, const struct paths_tree *t, uint32_t node, const struct paths_cut *cuts, uint32_t n,
                        uint64_t *budget, struct arena *scratch, uint32_t *ret_edges, uint32_t most)
{
    size_t mark = arena_mark(scratch);
    uint32_t *edges = arena_alloc(scratch, p->n_nodes, sizeof *edges, _Alignof(uint32_t)), n_edges = 0;
    if (!edges || !find_way(p, t, node, cuts, n, budget, edges, &n_edges) || n_edges > most)
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
    if (edges && !find_way(p, t, node, cuts, n, budget, edges, &n_edges))
        done = *budget > 0;
    for (uint32_t i = n_edges; i-- > 0 && !done && n < most && *budget;) { // from the sources's end
        struct paths_cut of[PATHS_CUTS_OF];
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

// What the way rests on, nearest to its beginning.
static bool first_cut(const struct paths *p, const uint32_t *edges, uint32_t n_edges, struct paths_cut *ret)
{
    for (uint32_t i = n_edges; i-- > 0;) {
        struct paths_cut of[PATHS_CUTS_OF];
        if (paths_cuts_of(&p->edges[edges[i]], of)) {
            *ret = of[0];
            return true;
        }
    }
    return false;
}

void paths_enough(const struct paths *p, const struct paths_tree *t, uint32_t node, uint64_t *budget, struct arena *scratch,
                  struct paths_cut ret[PATHS_MOST_ENOUGH], uint32_t *ret_n)
{
    size_t mark = arena_mark(scratch);
    uint32_t *edges = arena_alloc(scratch, p->n_nodes, sizeof *edges, _Alignof(uint32_t)), n_edges = 0, n = 0;
    bool open = edges != NULL;
    *ret_n = 0;
    while (open && find_way(p, t, node, ret, n, budget, edges, &n_edges)) // another way past them: it loses its first thing
        open = n < PATHS_MOST_ENOUGH && first_cut(p, edges, n_edges, &ret[n++]);
    arena_rewind(scratch, mark);
    if (!open || !*budget)
        return;
    for (uint32_t i = n; i-- > 0;) { // what a later one made needless
        struct paths_cut last = ret[n - 1], it = ret[i];
        ret[i] = last;
        if (paths_cuts(p, t, node, ret, n - 1, budget)) {
            n--;
        } else {
            ret[i] = it;
            ret[n - 1] = last;
        }
    }
    *ret_n = *budget ? n : 0;
}
