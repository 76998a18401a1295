#include "cmd/rbac_chain.h"

#include "cmd/rbac.h"
#include "doc/write.h"

#define MOST ((size_t)1 << 28)

struct chain rbac_chain_make(const struct paths *p, const struct paths_tree *t, uint32_t node, uint64_t *budget, struct arena *scratch)
{
    struct chain c = {.from = node, .sink = t->sink};
    while (node != t->sink && c.n < CHAIN_MOST) {
        const struct paths_edge *edge = &p->edges[t->next[node]];
        struct chain_step *s = &c.steps[c.n];
        *s = (struct chain_step){.edge = edge, .from = node, .to = edge->to, .assumes = edge->assumes};
        if (edge->attack == ATTACK_ANY) // a node of its own kind that is the end: "any Node" is what `node` means
            break;
        while (p->nodes[s->to].kind == PATHS_SET) {
            const struct paths_edge *member = &p->edges[t->next[s->to]];
            s->assumes = s->assumes ? s->assumes : member->assumes;
            s->to = member->to;
        }
        node = s->to;
        c.n++;
    }
    for (uint32_t i = 0; i < c.n; i++) {
        struct paths_cut of[PATHS_CUTS_OF];
        uint32_t n = paths_cuts_of(c.steps[i].edge, of);
        for (uint32_t k = 0; k < n && *budget; k++)
            c.steps[i].ends[k] = paths_cuts(p, t, c.from, &of[k], 1, budget);
        c.steps[i].asked = *budget > 0;
        if (!c.n_cut)
            for (uint32_t k = 0; k < n; k++)
                if (c.steps[i].ends[k] && !c.n_cut)
                    c.cut[c.n_cut++] = of[k];
    }
    struct paths_cut of[PATHS_CUTS_OF];
    uint32_t n_of = c.n ? paths_cuts_of(c.steps[0].edge, of) : 0;
    if (n_of && c.steps[0].asked && !c.steps[0].ends[0])
        c.n_other = paths_way_past(p, t, c.from, of, 1, budget, scratch, c.other, CHAIN_MOST);
    if (!c.n_cut && *budget)
        paths_smallest_cut(p, t, c.from, budget, scratch, c.cut, &c.n_cut);
    if (!c.n_cut && *budget)
        paths_enough(p, t, c.from, budget, scratch, c.enough, &c.n_enough);
    c.asked = *budget > 0;
    return c;
}

static void put_place(struct buf *b, const struct origin *at, uint32_t line)
{
    buf_put(b, at->file);
    if (line || at->line)
        buf_printf(b, ":%u", line ? line : at->line);
}

// ---- text

static void text_evidence(const struct paths *p, struct buf *b, const struct paths_edge *edge)
{
    for (int i = 0; i < 2; i++) {
        const struct rbac_rule *r = edge->by[i].rule;
        if (!r || (i && r == edge->by[0].rule && edge->by[i].binding == edge->by[0].binding)) // one rule may be both
            continue;
        buf_put(b, S("         "));
        if (edge->by[i].binding != RBAC_NONE) {
            rbac_put_binding(b, p->set, edge->by[i].binding);
            buf_put(b, S(", "));
        }
        rbac_put_rule(b, p->set, r);
        buf_put(b, S(": "));
        rbac_put_allows(b, p->set, r);
        buf_put(b, S("  "));
        put_place(b, &rbac_role(p->set, r->role)->at, r->line);
        buf_putc(b, '\n');
    }
    for (int i = 0; i < PATHS_FACTS && edge->pods != PATHS_NONE; i++) {
        if (edge->facts[i] == PATHS_NO_FACT)
            continue;
        struct origin at = paths_fact_place(p, edge->pods, edge->facts[i]);
        buf_put(b, S("         "));
        paths_put_fact(p, b, edge->pods, edge->facts[i]);
        buf_put(b, S("  "));
        put_place(b, &at, 0);
        buf_putc(b, '\n');
    }
}

static bool says_whom(enum paths_attack attack)
{
    return attack != ATTACK_ADMIN && attack != ATTACK_MASTERS && attack != ATTACK_IMDS && attack != ATTACK_CONTROL_PLANE &&
           attack != ATTACK_ETCD_READ;
}

// Between what is done and whom or what it leads to.
static str before(enum paths_attack attack, enum paths_kind to)
{
    if (attack == ATTACK_MEMBER || attack == ATTACK_AWS_MAP || attack == ATTACK_IDENTITY_ASSUME || attack == ATTACK_IMPERSONATE || attack == ATTACK_TOKEN_STEAL)
        return S(" ");
    if (to == PATHS_IDENTITY)
        return S(", and is ");
    if (to == PATHS_HOST || to == PATHS_HOSTS)
        return S(", and is root on ");
    if (to == PATHS_ADMIN_OF)
        return S(", and may do ");
    return to == PATHS_GRANT ? S(", and has ") : S(": ");
}

static void text_step(const struct paths *p, struct buf *b, const struct chain_step *s)
{
    const struct paths_attack_row *row = &paths_attacks[s->edge->attack];
    buf_printf(b, "    %s", row->what);
    if (says_whom((enum paths_attack)s->edge->attack) && p->nodes[s->to].kind != PATHS_SINK) {
        buf_put(b, before((enum paths_attack)s->edge->attack, (enum paths_kind)p->nodes[s->to].kind));
        paths_put_node(p, b, s->to);
    }
    if (s->edge->attack == ATTACK_IMPERSONATE && s->to == PATHS_SYSTEM_MASTERS)
        buf_put(b, S(" a member of system:masters"));
    if (*row->recommendation)
        buf_printf(b, "  [%s, %s]", row->name, row->recommendation);
    buf_putc(b, '\n');
    text_evidence(p, b, s->edge);
    if (s->assumes)
        buf_printf(b, "         if %s\n", s->assumes);
}

// A thing to take away; of the Pod that the way begins in its name is not said again.
static void text_cut(const struct paths *p, struct buf *b, const struct chain *c, const struct paths_cut *cut)
{
    if (cut->binding == RBAC_NONE && paths_pod_node(p, cut->pods) == c->from)
        paths_put_fact(p, b, cut->pods, cut->fact);
    else
        paths_put_cut(p, b, cut);
}

// What is left without the first thing that the first step rests on.
static void text_other(const struct paths *p, struct buf *b, const struct chain *c, const struct paths_cut *cut)
{
    bool any = false;
    buf_put(b, S("    not enough: "));
    text_cut(p, b, c, cut);
    buf_put(b, c->n_other ? S("; there is also ") : S("; there is another way"));
    for (uint32_t i = 0; i < c->n_other; i++) {
        const struct paths_edge *edge = &p->edges[c->other[i]];
        if (p->nodes[edge->from].kind != PATHS_SET && edge->attack != ATTACK_ANY) {
            buf_printf(b, "%s%s", any ? ", " : "", paths_attacks[edge->attack].name);
            any = true;
        }
        if (p->nodes[edge->to].kind != PATHS_SET && p->nodes[edge->to].kind != PATHS_SINK) {
            buf_put(b, S(" -> "));
            paths_put_node(p, b, edge->to);
        }
    }
    buf_putc(b, '\n');
}

// "remove A, and B, and change C"
static void text_cuts(const struct paths *p, struct buf *b, const struct chain *c, const struct paths_cut *cuts, uint32_t n)
{
    bool binding = cuts[0].binding != RBAC_NONE;
    buf_printf(b, "    to end it: %s ", binding ? "remove" : "change");
    for (uint32_t i = 0; i < n; i++) {
        bool other = (cuts[i].binding != RBAC_NONE) != binding;
        buf_put(b, i ? S(", and ") : S(""));
        if (other)
            buf_put(b, binding ? S("change ") : S("remove "));
        text_cut(p, b, c, &cuts[i]);
    }
}

void rbac_chain_text(const struct paths *p, struct buf *b, const struct chain *c)
{
    for (uint32_t i = 0; i < c->n; i++)
        text_step(p, b, &c->steps[i]);
    struct paths_cut of[PATHS_CUTS_OF];
    uint32_t n = c->n ? paths_cuts_of(c->steps[0].edge, of) : 0;
    if (c->n_cut) {
        text_cuts(p, b, c, c->cut, c->n_cut);
        buf_printf(b, "%s\n", c->n_cut > 1 ? "; fewer are not enough" : "");
    } else if (c->n_enough) {
        text_cuts(p, b, c, c->enough, c->n_enough);
        buf_printf(b, "; no %d things are enough\n", PATHS_MOST_CUTS);
    } else if (c->asked) {
        const char *fix = NULL; // of a way that rests on nothing that is a binding or a field of a Pod
        bool any = false;
        for (uint32_t i = 0; i < c->n; i++) {
            any = any || paths_cuts_of(c->steps[i].edge, of);
            if (!fix && *paths_attacks[c->steps[i].edge->attack].fix)
                fix = paths_attacks[c->steps[i].edge->attack].fix;
        }
        if (!any && fix)
            buf_printf(b, "    to end it: %s\n", fix);
        else
            buf_printf(b, "    to end it: no %d things are enough\n", PATHS_MOST_CUTS);
    }
    if (n && c->steps[0].asked && !c->steps[0].ends[0])
        text_other(p, b, c, &of[0]);
}

// ---- JSON

static void json_node(const struct paths *p, struct buf *b, bool *first, const char *key, uint32_t node)
{
    OWN_BUF struct buf text = buf_new(MOST);
    paths_put_node(p, &text, node);
    rbac_put_field(b, first, key, buf_str(&text));
}

static void json_cut(const struct paths *p, struct buf *b, const struct paths_cut *c)
{
    OWN_BUF struct buf text = buf_new(MOST);
    paths_put_cut(p, &text, c);
    write_json_string(b, buf_str(&text));
}

static void json_reason(const struct paths *p, struct buf *b, bool *first, const struct paths_reason *by)
{
    OWN_BUF struct buf text = buf_new(MOST);
    if (by->binding != RBAC_NONE) {
        rbac_put_binding(&text, p->set, by->binding);
        rbac_put_field(b, first, "binding", buf_str(&text));
        text.n = 0;
    }
    rbac_put_rule(&text, p->set, by->rule);
    rbac_put_field(b, first, "rule", buf_str(&text));
    text.n = 0;
    rbac_put_allows(&text, p->set, by->rule);
    rbac_put_field(b, first, "allows", buf_str(&text));
    rbac_put_place(b, first, &rbac_role(p->set, by->rule->role)->at, by->rule->line);
}

static void json_fact(const struct paths *p, struct buf *b, bool *first, uint32_t pods, uint16_t fact)
{
    OWN_BUF struct buf text = buf_new(MOST);
    struct origin at = paths_fact_place(p, pods, fact);
    if (fact != PATHS_NO_FACT) {
        paths_put_fact(p, &text, pods, fact);
        rbac_put_field(b, first, "field", buf_str(&text));
    }
    rbac_put_place(b, first, &at, 0);
}

static void json_evidence(const struct paths *p, struct buf *b, bool *first, const struct paths_edge *edge)
{
    bool any = false;
    buf_printf(b, "%s\"evidence\": [", *first ? "" : ", ");
    *first = false;
    for (int i = 0; i < 2; i++) {
        bool none = true;
        if (!edge->by[i].rule)
            continue;
        buf_put(b, any ? S(", {") : S("{"));
        any = true;
        json_reason(p, b, &none, &edge->by[i]);
        buf_putc(b, '}');
    }
    for (int i = 0; i < PATHS_FACTS && edge->pods != PATHS_NONE; i++) {
        bool none = true;
        if (i && edge->facts[i] == PATHS_NO_FACT)
            continue;
        buf_put(b, any ? S(", {") : S("{"));
        any = true;
        json_fact(p, b, &none, edge->pods, edge->facts[i]);
        buf_putc(b, '}');
    }
    buf_putc(b, ']');
}

static void json_step(const struct paths *p, struct buf *b, const struct chain_step *s)
{
    const struct paths_attack_row *row = &paths_attacks[s->edge->attack];
    struct paths_cut of[PATHS_CUTS_OF];
    uint32_t n = paths_cuts_of(s->edge, of);
    bool first = true;
    buf_putc(b, '{');
    rbac_put_field(b, &first, "attack", str_of(row->name));
    json_node(p, b, &first, "from", s->from);
    json_node(p, b, &first, "to", s->to);
    if (*row->recommendation)
        rbac_put_field(b, &first, "recommendation", str_of(row->recommendation));
    if (*row->fix)
        rbac_put_field(b, &first, "fix", str_of(row->fix));
    if (s->assumes)
        rbac_put_field(b, &first, "assumes", str_of(s->assumes));
    json_evidence(p, b, &first, s->edge);
    buf_put(b, S(", \"cuts\": ["));
    for (uint32_t i = 0; i < n; i++) {
        buf_put(b, i ? S(", {\"remove\": ") : S("{\"remove\": "));
        json_cut(p, b, &of[i]);
        buf_printf(b, ", \"ends\": %s}", !s->asked ? "null" : s->ends[i] ? "true" : "false");
    }
    buf_put(b, S("]}"));
}

void rbac_chain_json(const struct paths *p, struct buf *b, const struct chain *c)
{
    bool first = true, certain = true;
    for (uint32_t i = 0; i < c->n; i++)
        certain = certain && !c->steps[i].assumes;
    buf_putc(b, '{');
    json_node(p, b, &first, "from", c->from);
    rbac_put_field(b, &first, "to", str_of(paths_sinks[c->sink]));
    buf_printf(b, ", \"certain\": %s, \"steps\": [", certain ? "true" : "false");
    for (uint32_t i = 0; i < c->n; i++) {
        buf_put(b, i ? S(",\n    ") : S("\n    "));
        json_step(p, b, &c->steps[i]);
    }
    if (c->n_other) {
        buf_put(b, S("], \"alternate\": ["));
        for (uint32_t i = 0; i < c->n_other; i++) {
            const struct paths_edge *edge = &p->edges[c->other[i]];
            bool none = true;
            buf_put(b, i ? S(", {") : S("{"));
            rbac_put_field(b, &none, "attack", str_of(paths_attacks[edge->attack].name));
            while (p->nodes[p->edges[c->other[i]].to].kind == PATHS_SET && i + 1 < c->n_other)
                i++; // to a member of the set
            json_node(p, b, &none, "to", p->edges[c->other[i]].to);
            buf_putc(b, '}');
        }
    }
    buf_put(b, S("], \"cut\": ["));
    for (uint32_t i = 0; i < c->n_cut; i++) {
        buf_put(b, i ? S(", ") : S(""));
        json_cut(p, b, &c->cut[i]);
    }
    for (uint32_t i = 0; i < c->n_enough; i++) {
        buf_put(b, i ? S(", ") : S("], \"enough\": ["));
        json_cut(p, b, &c->enough[i]);
    }
    buf_put(b, S("]}"));
}

void rbac_chain_finding_json(const struct paths *p, struct buf *b, const struct paths_finding *f)
{
    const struct paths_attack_row *row = &paths_attacks[f->attack];
    bool first = true;
    buf_putc(b, '{');
    rbac_put_field(b, &first, "attack", str_of(row->name));
    json_node(p, b, &first, "from", f->node);
    if (f->ns)
        rbac_put_field(b, &first, "namespace", rbac_text(p->set, f->ns));
    if (*row->recommendation)
        rbac_put_field(b, &first, "recommendation", str_of(row->recommendation));
    if (f->part)
        buf_put(b, S(", \"part\": true"));
    if (f->by[0].rule)
        json_reason(p, b, &first, &f->by[0]);
    if (f->by[1].rule) {
        bool none = true;
        buf_put(b, S(", \"and\": {"));
        json_reason(p, b, &none, &f->by[1]);
        buf_putc(b, '}');
    }
    if (f->pods != PATHS_NONE)
        json_fact(p, b, &first, f->pods, f->fact);
    buf_putc(b, '}');
}

void rbac_chain_pair_json(const struct paths *p, struct buf *b, enum paths_attack attack, uint32_t from, uint32_t to)
{
    bool first = true;
    buf_putc(b, '{');
    rbac_put_field(b, &first, "attack", str_of(paths_attacks[attack].name));
    json_node(p, b, &first, "from", from);
    json_node(p, b, &first, "to", to);
    if (*paths_attacks[attack].recommendation)
        rbac_put_field(b, &first, "recommendation", str_of(paths_attacks[attack].recommendation));
    buf_putc(b, '}');
}
