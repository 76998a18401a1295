#include "graph/reach_explain.h"

#include "graph/reach_priv.h"

static bool on_atom(const struct reach *r, const struct reach_piece *p, uint32_t atom)
{
    const struct rows_row *ports = &r->port_sets.rows[p->ports];
    return ports->words[atom / 32] >> (atom % 32) & 1;
}

static enum reach_choice matches(const struct reach *r, enum netpol_direction d, uint32_t piece, uint32_t row, uint32_t column,
                                 uint32_t atom)
{
    const struct reach_piece *p = &r->pieces[d][piece];
    const uint64_t *maybe = r->row_maybe[d][piece / 64];
    bool row_yes = r->row_yes[d][piece / 64][row] >> (piece % 64) & 1, row_maybe = maybe && maybe[row] >> (piece % 64) & 1;
    bool yes = reach_set_has(&p->yes, column), perhaps = reach_set_has(&p->maybe, column);
    if ((!row_yes && !row_maybe) || (!yes && !perhaps) || !on_atom(r, p, atom))
        return REACH_NO;
    return row_yes && yes ? REACH_YES : REACH_UNKNOWN;
}

static void add(struct reach_reason *x, struct reach_rule rule)
{
    if (x->n_rules < REACH_MOST_REASONS)
        x->rules[x->n_rules++] = rule;
    else
        x->more++;
}

// True: the tier decided.
static bool ask_tier(const struct reach *r, enum netpol_direction d, enum netpol_tier tier, uint32_t row, uint32_t column, uint32_t atom,
                     struct reach_reason *x)
{
    for (uint32_t i = r->first_of_tier[d][tier]; i < r->first_of_tier[d][tier + 1]; i++) {
        const struct reach_piece *p = &r->pieces[d][i];
        enum reach_choice m = matches(r, d, i, row, column, atom);
        struct reach_rule rule = {p->policy, p->rule, m == REACH_UNKNOWN};
        if (m == REACH_NO)
            continue;
        if (m == REACH_UNKNOWN) {
            x->perhaps = true;
            add(x, rule);
            continue;
        }
        if (p->action == ACTION_PASS) {
            if (x->n_passed < REACH_MOST_REASONS)
                x->passed[x->n_passed++] = rule;
            return false;
        }
        add(x, rule);
        x->by = REACH_BY_RULE;
        x->allowed = p->action == ACTION_ALLOW;
        return true;
    }
    return false;
}

static bool selects_pod(const struct netpols *p, const struct netpol *n, const struct inventory_pod *pod)
{
    return n->ns == pod->ns && netpol_selects(p, n->subject.pods, pod->labels);
}

static bool ask_network(const struct reach *r, enum netpol_direction d, uint32_t row, uint32_t column, uint32_t atom, struct reach_reason *x)
{
    uint32_t own = d == DIRECTION_INGRESS ? column : row, before = x->n_rules;
    bool isolated = reach_set_has(&r->isolated[d], own), perhaps = reach_set_has(&r->isolated_maybe[d], own), allowed = false;
    if (!isolated && !perhaps)
        return false;
    for (uint32_t i = r->first_of_tier[d][TIER_NETWORK]; i < r->first_of_tier[d][TIER_NETWORK + 1]; i++) {
        enum reach_choice m = matches(r, d, i, row, column, atom);
        if (m == REACH_NO)
            continue;
        const struct reach_piece *p = &r->pieces[d][i];
        const struct reach_rule *last = x->n_rules > before ? &x->rules[x->n_rules - 1] : NULL;
        if (!last || last->policy != p->policy || last->rule != p->rule)
            add(x, (struct reach_rule){p->policy, p->rule, m == REACH_UNKNOWN});
        allowed = allowed || m == REACH_YES;
        x->perhaps = x->perhaps || m == REACH_UNKNOWN;
    }
    if (allowed)
        x->perhaps = false;
    x->allowed = allowed;
    x->by = allowed || x->n_rules > before ? REACH_BY_RULE : REACH_BY_ISOLATION;
    if (x->by == REACH_BY_RULE)
        return true;
    const struct inventory_pod *pod = &r->inventory->pods[r->pods[r->classes[own].first_pod]];
    for (uint32_t i = 0; i < r->netpols->n; i++) {
        const struct netpol *n = &r->netpols->all[i];
        if (n->tier == TIER_NETWORK && n->isolates[d] && selects_pod(r->netpols, n, pod))
            add(x, (struct reach_rule){i, INVENTORY_NONE, perhaps});
    }
    x->perhaps = x->perhaps || (perhaps && !isolated);
    return true;
}

void reach_explain(const struct reach *r, enum netpol_direction d, uint32_t row, uint32_t column, uint32_t atom, struct reach_reason *ret)
{
    uint32_t own = d == DIRECTION_INGRESS ? column : row;
    *ret = (struct reach_reason){.allowed = true, .by = REACH_BY_DEFAULT};
    if (own >= r->n_classes) {
        ret->by = REACH_BY_NOBODY;
        return;
    }
    if (ask_tier(r, d, TIER_ADMIN, row, column, atom, ret) || ask_network(r, d, row, column, atom, ret) ||
        ask_tier(r, d, TIER_BASELINE, row, column, atom, ret))
        return;
    ret->by = ret->n_rules ? REACH_BY_RULE : REACH_BY_DEFAULT;
    ret->allowed = true;
}
