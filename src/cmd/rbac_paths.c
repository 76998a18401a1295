// rbac paths: who can come to own what, how, and what would end it.
#include <unistd.h>

#include "cmd/rbac.h"
#include "cmd/rbac_chain.h"
#include "cmd/terminal.h"
#include "doc/write.h"
#include "graph/paths.h"

enum { TEXT_CHAINS = 12 }; // of one sink; -f json has all
#define CUT_BUDGET ((uint64_t)100 << 20) // edges looked at for cuts: about a second

struct reader {
    struct inventory inventory;
    struct netpols netpols;
    struct paths_objects *objects;
};

static err_code take(void *ctx, const struct object *o, const struct origin *at, struct err *e)
{
    struct reader *r = ctx;
    TRY(netpols_take(&r->netpols, o, at, e));
    return paths_objects_add(r->objects, o, at, e);
}

static err_code sink_of(const char *name, enum paths_sink *ret, struct err *e)
{
    for (int i = 0; i < PATHS_SINKS; i++) {
        if (!str_eq(str_of(name), str_of(paths_sinks[i])) && !(i == PATHS_SYSTEM_MASTERS && str_eq(str_of(name), S("system:masters"))))
            continue;
        *ret = (enum paths_sink)i;
        return ERR_OK;
    }
    return err_set(e, ERR_USAGE, "--to %s: it takes cluster-admin, system-masters, etcd, node, kube-system-secrets, cloud-role and namespace-admin", name);
}

// One sink's answers: ways that hold, and ways that may.
struct answers {
    struct rbac_request *q;
    const struct paths *p;
    struct arena scratch;
    uint64_t budget;
    uint32_t from; // a node, or PATHS_NONE: everybody
    bool first;    // JSON
    uint32_t n;    // chains
    bool *component; // of each node: a part of Kubernetes
    bool *reaches; // of each node: some end
    unsigned width; // of the terminal; 0: it is none, and lines are as long as they are
    uint8_t *told; // of each node: 1 + the worst end that text has said; 0: none
};

static uint32_t pods_of(const struct paths *p, uint32_t account);

// What Kubernetes is made of: a user or an account of kube-system that has nothing but what the API server itself bound to it, and that no
// Pod runs as. They are strong in every cluster alike, and nobody is them.
static bool is_component(const struct paths *p, uint32_t node)
{
    const struct paths_identity *x = &p->identities[p->nodes[node].index];
    if (!(x->kind == RBAC_ACCOUNT && str_eq(x->ns, S("kube-system"))) && !(x->kind == RBAC_USER && str_starts(x->user, S("system:"))) &&
        !str_eq(x->user, S("system:masters")))
        return false;
    struct rbac_list list = rbac_bindings_all(p->set, x->kind == RBAC_GROUP, x->id);
    const struct rbac_subject subject = {.kind = x->kind, .ns = x->ns, .name = x->name};
    for (uint32_t i = 0; i < list.n; i++)
        if (!rbac_is_shipped(rbac_binding(p->set, list.ids[i]), &subject))
            return false;
    return list.n && !pods_of(p, node);
}

static bool wanted(const struct answers *r, uint32_t node)
{
    const struct paths_node *n = &r->p->nodes[node];
    if (r->from != PATHS_NONE)
        return node == r->from;
    if (n->kind == PATHS_IDENTITY)
        return !str_eq(r->p->identities[n->index].user, S("system:masters")) && !r->component[node];
    return n->kind == PATHS_POD;
}

// Whom everybody is, first: 0 nobody in particular, 1 every user, 2 every account of somewhere, 3 the rest.
enum { RANKS = 4 };
static uint32_t rank_of(const struct paths *p, uint32_t node)
{
    static const char *const names[] = {"system:unauthenticated", "system:anonymous", "system:authenticated", "system:serviceaccounts"};
    static const uint8_t ranks[] = {0, 0, 1, 2};
    if (p->nodes[node].kind != PATHS_IDENTITY)
        return RANKS - 1;
    str user = p->identities[p->nodes[node].index].user;
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (str_eq(user, str_of(names[i])))
            return ranks[i];
    return str_starts(user, S("system:serviceaccounts:")) ? 2 : RANKS - 1;
}

// By whom it is open to, then nearest first, then in the order of nodes: a counting sort.
static err_code order(const struct answers *r, const struct paths_tree *t, const struct paths_tree *before, struct arena *a,
                      uint32_t **ret, uint32_t *ret_n, struct err *e)
{
    const struct paths *p = r->p;
    uint32_t *at, *nodes, n = 0, longest = 0;
    for (uint32_t i = 0; i < p->n_nodes; i++)
        if (t->distance[i] != PATHS_NONE && t->distance[i] > longest)
            longest = t->distance[i];
    uint32_t keys = RANKS * (longest + 1);
    TRY_NEW(at, a, (size_t)keys + 1, e);
    TRY_NEW(nodes, a, p->n_nodes, e);
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < p->n_nodes; i++) {
            if (!wanted(r, i) || t->distance[i] == PATHS_NONE || (before && before->distance[i] != PATHS_NONE))
                continue;
            uint32_t key = rank_of(p, i) * (longest + 1) + t->distance[i];
            if (pass) {
                nodes[at[key]++] = i;
                continue;
            }
            at[key + 1]++;
            n++;
        }
        for (uint32_t i = 1; i <= keys && !pass; i++)
            at[i] += at[i - 1];
    }
    *ret = nodes;
    *ret_n = n;
    return ERR_OK;
}

// A Pod that reaches it as its account does, or a member as its group: the account's or the group's chain says it.
static bool by_another(const struct paths *p, const struct paths_tree *t, uint32_t node)
{
    enum paths_attack attack = (enum paths_attack)p->edges[t->next[node]].attack;
    return p->nodes[node].kind == PATHS_POD ? attack == ATTACK_IDENTITY_ASSUME : attack == ATTACK_MEMBER;
}

static uint32_t pods_of(const struct paths *p, uint32_t account)
{
    uint32_t n = 0;
    for (uint32_t k = p->first_in[account]; k < p->first_in[account + 1]; k++) {
        const struct paths_edge *edge = &p->edges[p->in[k]];
        if (edge->attack == ATTACK_IDENTITY_ASSUME && edge->pods != PATHS_NONE)
            n += p->pods[edge->pods].n;
    }
    return n;
}

// Things that end ways by themselves, and of how many of the ways that are shown.
struct tally {
    struct paths_cut cut;
    uint32_t n, last; // last: 1 + the number of the chain that was counted last
};
enum { TALLIES = 64 };

static void count_cuts(struct tally *t, uint32_t *n, const struct chain *c, uint32_t chain)
{
    for (uint32_t i = 0; i < c->n; i++) {
        struct paths_cut of[PATHS_CUTS_OF];
        uint32_t n_of = paths_cuts_of(c->steps[i].edge, of), k;
        for (uint32_t x = 0; x < n_of; x++) {
            if (!c->steps[i].asked || !c->steps[i].ends[x])
                continue;
            for (k = 0; k < *n && !(t[k].cut.binding == of[x].binding && t[k].cut.pods == of[x].pods && t[k].cut.fact == of[x].fact);)
                k++;
            if (k == TALLIES || (k < *n && t[k].last == chain + 1))
                continue;
            if (k == *n)
                t[(*n)++] = (struct tally){.cut = of[x]};
            t[k].n++;
            t[k].last = chain + 1;
        }
    }
}

// Where one thing ends several ways it is where to begin.
static void text_best(const struct paths *p, struct buf *b, const struct tally *t, uint32_t n, uint32_t shown)
{
    const struct tally *best = NULL;
    for (uint32_t i = 0; i < n; i++)
        if (!best || t[i].n > best->n)
            best = &t[i];
    if (!best || best->n < 2)
        return;
    buf_printf(b, "\n  begin with: %s ", best->cut.binding == RBAC_NONE ? "change" : "remove");
    paths_put_cut(p, b, &best->cut);
    if (best->n == shown)
        buf_printf(b, ", which by itself ends all %u of these\n", shown);
    else
        buf_printf(b, ", which by itself ends %u of these %u\n", best->n, shown);
}

// Words of one line, with the spaces between them; what does not fit goes to the next, further in.
static void wrap_line(struct buf *b, str line, size_t width)
{
    size_t indent = 0, column = 0, at = 0;
    while (indent < line.n && line.p[indent] == ' ')
        indent++;
    while (at < line.n) {
        size_t gap = at, end;
        while (gap < line.n && line.p[gap] == ' ')
            gap++;
        for (end = gap; end < line.n && line.p[end] != ' ';)
            end++;
        size_t spaces = gap - at, word = end - gap;
        if (at && column + spaces + word > width) {
            buf_putc(b, '\n');
            spaces = indent + 4;
            column = 0;
        }
        buf_pad(b, ' ', spaces);
        buf_put(b, (str){line.p + gap, word});
        column += spaces + word;
        at = end;
    }
    buf_putc(b, '\n');
}

static void wrap(struct buf *b, size_t from, size_t width)
{
    OWN_BUF struct buf text = buf_new(SIZE_MAX / 2);
    buf_put(&text, (str){b->p + from, b->n - from});
    str rest = buf_str(&text);
    b->n = from;
    while (rest.n)
        wrap_line(b, str_cut(&rest, '\n'), width);
}

static void text_chains(struct answers *r, const struct paths_tree *t, const uint32_t *nodes, uint32_t n)
{
    static const char *const ends[PATHS_SINKS] = {
        "every verb on every resource, everywhere", "the group that no role limits", "its data, or the keys to it", "root on a node",
        "reading the Secrets of kube-system", "credentials of a role of the cloud", "everything in a namespace",
    };
    struct buf *b = &r->q->out.b;
    struct tally tallies[TALLIES];
    uint32_t shown = 0, left = 0, n_tallies = 0;
    size_t start = b->n;
    for (uint32_t i = 0; i < n; i++) {
        uint8_t before = r->told[nodes[i]];
        if (r->from == PATHS_NONE && ((before && before <= t->sink + 1) || by_another(r->p, t, nodes[i])))
            continue;
        r->told[nodes[i]] = (uint8_t)(t->sink + 1);
        if (shown == TEXT_CHAINS && r->from == PATHS_NONE) {
            left++;
            continue;
        }
        if (shown++ == 0)
            buf_printf(b, "%s%s%s: %s\n", r->n ? "\n" : "", paths_sinks[t->sink], t->assumed ? ", if what is assumed holds" : "", ends[t->sink]);
        r->n++;
        buf_put(b, S("\n  "));
        paths_put_node(r->p, b, nodes[i]);
        uint32_t pods = r->p->nodes[nodes[i]].kind == PATHS_IDENTITY ? pods_of(r->p, nodes[i]) : 0;
        if (pods)
            buf_printf(b, ", the account of %u Pod%s", pods, pods > 1 ? "s" : "");
        buf_putc(b, '\n');
        struct chain c = rbac_chain_make(r->p, t, nodes[i], &r->budget, &r->scratch);
        count_cuts(tallies, &n_tallies, &c, shown);
        rbac_chain_text(r->p, b, &c);
    }
    if (left)
        buf_printf(b, "\n  and %u more (-f json has all)\n", left);
    text_best(r->p, b, tallies, n_tallies, shown);
    if (r->width)
        wrap(b, start, r->width);
}

static void json_chains(struct answers *r, const struct paths_tree *t, const uint32_t *nodes, uint32_t n)
{
    struct buf *b = &r->q->out.b;
    for (uint32_t i = 0; i < n; i++) {
        struct chain c = rbac_chain_make(r->p, t, nodes[i], &r->budget, &r->scratch);
        buf_put(b, r->first ? S("\n  ") : S(",\n  "));
        r->first = false;
        r->n++;
        rbac_chain_json(r->p, b, &c);
        out_flush(&r->q->out);
    }
}

// assumed: the ways that may be there, of those that have no other.
static err_code one_sink(struct answers *r, enum paths_sink sink, bool assumed, struct arena *a, struct err *e)
{
    struct paths_tree sure, maybe;
    uint32_t *nodes, n = 0;
    size_t mark = arena_mark(a);
    TRY(paths_search(r->p, sink, false, a, &sure, e));
    if (assumed)
        TRY(paths_search(r->p, sink, true, a, &maybe, e));
    TRY(order(r, assumed ? &maybe : &sure, assumed ? &sure : NULL, a, &nodes, &n, e));
    for (uint32_t i = 0; i < n; i++)
        r->reaches[nodes[i]] = true;
    (r->q->json ? json_chains : text_chains)(r, assumed ? &maybe : &sure, nodes, n);
    arena_rewind(a, mark);
    return ERR_OK;
}

static void json_from_node(struct answers *r, bool *any, enum paths_attack attack, uint32_t from, uint32_t to)
{
    buf_put(&r->q->out.b, *any ? S(",\n  ") : S("\n  "));
    *any = true;
    rbac_chain_pair_json(r->p, &r->q->out.b, attack, from, to);
    out_flush(&r->q->out);
}

static void json_attacks(struct answers *r)
{
    struct buf *b = &r->q->out.b;
    bool any = false;
    for (uint32_t i = 0; i < r->p->n_findings; i++) {
        const struct paths_finding *f = &r->p->findings[i];
        if (r->from == PATHS_NONE ? r->component[f->node] : r->from != f->node)
            continue;
        buf_put(b, any ? S(",\n  ") : S("\n  "));
        any = true;
        rbac_chain_finding_json(r->p, b, f);
        out_flush(&r->q->out);
    }
    // what root on a node gives: the identity of its kubelet, and what is mounted there
    for (uint32_t i = 0; i < r->p->n_edges && r->from == PATHS_NONE; i++) {
        const struct paths_edge *edge = &r->p->edges[i];
        if (edge->attack == ATTACK_IDENTITY_ASSUME && edge->pods == PATHS_NONE)
            json_from_node(r, &any, ATTACK_IDENTITY_ASSUME, edge->from, edge->to);
    }
    for (uint32_t i = 0; i < r->p->n_pods && r->from == PATHS_NONE; i++) {
        uint32_t pod = paths_pod_node(r->p, i), host = paths_pods_host(r->p, i), n_facts = 0;
        bool volumes = false, token = false;
        const struct inventory *v = r->p->inventory;
        const struct inventory_fact *facts = inventory_facts(v, v->pods[r->p->pods[i].pod].facts, &n_facts);
        for (uint32_t k = 0; k < n_facts; k++)
            volumes = volumes || paths_is_volume(&facts[k]);
        for (uint32_t k = r->p->first_out[pod]; k < r->p->first_out[pod + 1]; k++)
            token = token || r->p->edges[r->p->out[k]].attack == ATTACK_IDENTITY_ASSUME;
        if (token)
            json_from_node(r, &any, ATTACK_TOKEN_STEAL, host, pod);
        if (volumes)
            json_from_node(r, &any, ATTACK_VOLUME_ACCESS, host, pod);
    }
}

// What those may do who have no way to any end, by number: one line that says it is there.
static void text_attacks(struct answers *r)
{
    uint32_t n[ATTACKS] = {0}, any = 0;
    struct buf *b = &r->q->out.b;
    for (uint32_t i = 0; i < r->p->n_findings; i++) {
        const struct paths_finding *f = &r->p->findings[i];
        if (!f->part && !r->reaches[f->node] && (r->from == PATHS_NONE ? !r->component[f->node] : r->from == f->node))
            n[f->attack]++;
    }
    n[ATTACK_ENDPOINT_EXPLOIT] = n[ATTACK_IDENTITY_ASSUME] = n[ATTACK_IMDS] = 0; // most Pods
    for (uint32_t i = 0; i < ATTACKS; i++)
        if (n[i] && *paths_attacks[i].recommendation)
            buf_printf(b, "%s%s %u", any++ ? ", " : "\nwithout a way to any of the ends (-f json has each): ", paths_attacks[i].name, n[i]);
    if (any)
        buf_putc(b, '\n');
}

static err_code answer(struct answers *r, struct arena *a, struct err *e)
{
    struct buf *b = &r->q->out.b;
    enum paths_sink from = 0, to = PATHS_SINKS - 1;
    if (r->q->to) {
        TRY(sink_of(r->q->to, &from, e));
        to = from;
    }
    if (r->q->from) {
        r->from = paths_find(r->p, str_of(r->q->from));
        if (r->from == PATHS_NONE)
            return err_set(e, ERR_NOTFOUND, "--from %s is not among what was read", r->q->from);
    }
    TRY_NEW(r->told, a, r->p->n_nodes, e);
    TRY_NEW(r->reaches, a, r->p->n_nodes, e);
    TRY_NEW(r->component, a, r->p->n_nodes, e);
    for (uint32_t i = 0; i < r->p->n_identities; i++) {
        uint32_t node = paths_identity_node(r->p, i);
        r->component[node] = is_component(r->p, node);
    }
    if (r->q->json)
        buf_put(b, S("{\"paths\": ["));
    for (int assumed = 0; assumed < 2; assumed++)
        for (int i = (int)from; i <= (int)to; i++)
            if (!assumed || i != PATHS_CLOUD_ROLE || r->q->json || r->q->to || r->q->from) // else every Pod, mostly
                TRY(one_sink(r, (enum paths_sink)i, assumed, a, e));
    if (r->q->json) {
        buf_put(b, S("],\n \"attacks\": ["));
        json_attacks(r);
        buf_put(b, S("]}\n"));
    } else if (!r->n) {
        buf_printf(b, "no way from %s to %s in what was read\n", r->q->from ? r->q->from : "any identity or Pod", r->q->to ? r->q->to : "any of the ends");
    }
    if (!r->q->json && !r->q->to)
        text_attacks(r);
    if (!r->q->status)
        r->q->status = r->n ? 1 : 0;
    return ERR_OK;
}

err_code rbac_paths_run(struct rbac_request *q, struct err *e)
{
    struct reader reader = {0};
    struct rbac_input in = {.more = take, .ctx = &reader};
    struct paths p;
    struct answers r = {.q = q, .p = &p, .budget = CUT_BUDGET, .from = PATHS_NONE, .first = true};
    if (isatty(STDOUT_FILENO))
        r.width = terminal_style(STDOUT_FILENO, "auto").width;
    enum paths_sink unused;
    bool *metadata = NULL;
    if (q->to)
        TRY(sink_of(q->to, &unused, e));
    TRY(inventory_init(&reader.inventory, &in.load, &q->memory, e));
    TRY(netpols_init(&reader.netpols, &reader.inventory, e));
    TRY(paths_objects_new(&q->memory, &reader.objects, e));
    TRY(rbac_input_open(&in, q, q->words, q->n, e));
    err_code rc = inventory_finish(&reader.inventory, e);
    if (rc == ERR_OK)
        rc = netpols_finish(&reader.netpols, e);
    if (rc == ERR_OK)
        rc = paths_metadata(&reader.inventory, &reader.netpols, &q->memory, &metadata, e);
    if (rc == ERR_OK)
        rc = paths_build(&p, &reader.inventory, in.set, reader.objects, metadata, &q->memory, e);
    if (rc == ERR_OK)
        rc = arena_init(&r.scratch, "chains", (size_t)16 << 30, e);
    if (rc == ERR_OK)
        rc = answer(&r, &q->memory, e);
    arena_done(&r.scratch);
    inventory_done(&reader.inventory);
    return rc;
}
