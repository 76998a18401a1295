#include "cmd/net.h"

#include "cmd/command.h"
#include "cmd/net_target.h"
#include "doc/write.h"

static err_code set_option(void *ctx, enum args_id id, const char *value, struct err *e)
{
    static const char *const formats[] = {"text", "json", "dot", "svg"};
    struct net_request *q = ctx;
    (void)e;
    for (unsigned i = 0; id == ARG_net_FORMAT && i < 4; i++)
        if (str_eq(str_of(value), str_of(formats[i])))
            q->format = (enum net_format)i;
    if (id == ARG_net_PODS)
        q->pods = true;
    else if (id == ARG_net_GROUP)
        q->group = true;
    else if (id == ARG_net_EACH)
        q->each = true;
    else if (id == ARG_net_CNI)
        q->cni = value;
    else if (id == ARG_net_PORT)
        q->port = value;
    else if (id == ARG_net_IPV6)
        q->ipv6 = true;
    return ERR_OK;
}

// ---- what the specification leaves to the network plugin

static struct reach_options options_of(const struct net_request *q, const struct inventory *v)
{
    static const struct {
        const char *name;
        struct reach_options options;
    } profiles[] = {
#define CNI(name, block, host, ignores, what) {name, {.block_matches_pods = block, .host_network_as_pods = host, .not_enforced = ignores}},
#include "cmd/net_cni.def"
#undef CNI
    };
    struct reach_options o = profiles[0].options;
    for (unsigned i = 0; q->cni && i < sizeof profiles / sizeof *profiles; i++)
        if (str_eq(str_of(q->cni), str_of(profiles[i].name)))
            o = profiles[i].options;
    o.ipv6 = q->ipv6;
    for (uint32_t i = 0; i < v->n_ips && !o.ipv6; i++)
        o.ipv6 = v->ips[i].family == 6;
    return o;
}

// ---- input

// Do rules tell them apart by more than their addresses?
static bool differ(const struct reach *r, uint32_t a, uint32_t b)
{
    const struct reach_class *x = &r->classes[a], *y = &r->classes[b];
    return x->port_names != y->port_names || x->host_network != y->host_network || x->n_matches != y->n_matches ||
           memcmp(r->matches + x->first_match, r->matches + y->first_match, x->n_matches * sizeof *r->matches) != 0;
}

// Pods of one workload that policies tell apart: what is said of the workload is not true of each of them.
static err_code tell_apart(struct net_input *in, struct err *e)
{
    const struct inventory *v = &in->inventory;
    for (uint32_t i = 0; i < v->n_workloads; i++) {
        const struct inventory_workload *w = &v->workloads[i];
        uint32_t k = 1;
        while (k < w->n_pods && !differ(&in->reach, in->reach.class_of_pod[v->by_workload[w->first_pod]],
                                        in->reach.class_of_pod[v->by_workload[w->first_pod + k]]))
            k++;
        if (k >= w->n_pods)
            continue;
        const struct inventory_pod *p = &v->pods[v->by_workload[w->first_pod + k]];
        TRY(load_fault_at(&in->load, "owner", true, (struct origin){inventory_str(v, p->at.file), p->at.line}, e,
                          "Pod %.*s differs from others of its owner %.*s in what policies see; --pods tells them apart",
                          STR_FMT(inventory_str(v, p->name)), STR_FMT(inventory_str(v, w->name))));
    }
    return ERR_OK;
}

static err_code read_all(struct net_input *in, struct net_request *q, char **paths, unsigned n, struct err *e)
{
    const struct load_sink sink = {&in->netpols, netpols_take};
    TRY(netpols_init(&in->netpols, &in->inventory, e));
    TRY(load_paths(&in->load, (const char *const *)paths, n, &sink, &q->memory, e));
    if (in->represent)
        TRY(represent_add(&in->netpols, &in->peers, e));
    TRY(inventory_finish(&in->inventory, e));
    TRY(netpols_finish(&in->netpols, e));
    TRY(expose_find(&in->inventory, &q->memory, &in->leads, e));
    struct reach_options o = options_of(q, &in->inventory);
    struct reach_cut *cuts;
    TRY_NEW(cuts, &q->memory, in->leads.n, e);
    for (uint32_t i = 0; i < in->leads.n; i++)
        cuts[i] = (struct reach_cut){in->leads.all[i].protocol, in->leads.all[i].port, false};
    o.n_cuts = in->leads.n;
    if (q->target)
        TRY(net_target_cuts(in, q, q->target, &cuts, &o.n_cuts, e));
    o.cuts = cuts;
    TRY(reach_build(&in->reach, &in->inventory, &in->netpols, o, &q->memory, e));
    return tell_apart(in, e);
}

err_code net_input_read(struct net_input *in, struct net_request *q, char **paths, unsigned n, struct err *e)
{
    TRY(inventory_init(&in->inventory, &in->load, &q->memory, e));
    err_code rc = read_all(in, q, paths, n, e);
    inventory_done(&in->inventory);
    TRY(rc);
    verbs_print_problems(&in->load, q->format == NET_JSON);
    if (in->load.n_errors)
        q->status = 2;
    return ERR_OK;
}

err_code net_input_open(struct net_input *in, struct net_request *q, char **paths, unsigned n, struct err *e)
{
    TRY(verbs_confine(&q->base, paths, n, e));
    return net_input_read(in, q, paths, n, e);
}

// ---- notes

static void put_place_json(const struct inventory *v, struct buf *b, struct inventory_origin at)
{
    buf_put(b, S("\"file\": "));
    write_json_string(b, inventory_str(v, at.file));
    buf_printf(b, ", \"line\": %u", at.line);
}

void net_put_notes_json(const struct net_input *in, const struct net_request *q, struct buf *b)
{
    const struct inventory *v = &in->inventory;
    buf_put(b, S(", \"problems\": ["));
    for (const struct load_problem *p = in->load.first; p; p = p->next) {
        buf_put(b, p == in->load.first ? S("\n  {\"file\": ") : S(",\n  {\"file\": "));
        write_json_string(b, p->at.file);
        buf_printf(b, ", \"line\": %u, \"column\": %u, \"severity\": \"%s\", \"class\": ", p->at.line, p->column,
                   p->warning ? "warning" : "error");
        write_json_string(b, p->class);
        buf_put(b, S(", \"message\": "));
        write_json_string(b, p->message);
        buf_putc(b, '}');
    }
    buf_put(b, S("], \"unmodelled\": ["));
    for (uint32_t i = 0; i < v->n_unmodelled; i++) {
        const struct inventory_unmodelled *u = &v->unmodelled[i];
        buf_put(b, i ? S(", {\"group\": ") : S("{\"group\": "));
        write_json_string(b, inventory_str(v, u->group));
        buf_put(b, S(", \"kind\": "));
        write_json_string(b, inventory_str(v, u->kind));
        buf_printf(b, ", \"objects\": %u, ", u->n);
        put_place_json(v, b, u->at);
        buf_putc(b, '}');
    }
    buf_put(b, S("], \"cni\": "));
    write_json_string(b, str_of(q->cni ? q->cni : "spec"));
}

static uint32_t count_host_network(const struct inventory *v)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < v->n_pods; i++)
        n += v->pods[i].host_network && !v->pods[i].replaced;
    return n;
}

void net_put_notes(const struct net_input *in, const struct net_request *q, struct buf *b)
{
    const struct inventory *v = &in->inventory;
    for (uint32_t i = 0; i < v->n_unmodelled; i++) {
        const struct inventory_unmodelled *u = &v->unmodelled[i];
        buf_printf(b, "not modelled: %u %.*s of %.*s, first at %.*s:%u: what it allows or denies is not in this answer\n", u->n,
                   STR_FMT(inventory_str(v, u->kind)), STR_FMT(inventory_str(v, u->group)), STR_FMT(inventory_str(v, u->at.file)),
                   u->at.line);
    }
    uint32_t hosts = count_host_network(v);
    if (hosts && in->netpols.n && !q->cni)
        buf_printf(b, "note: %u Pods use the node's network; whether policies see them as Pods or as the node depends on the network "
                      "plugin (--cni); here they are Pods\n", hosts);
    if (q->said_perhaps)
        buf_put(b, S("note: what stands after `perhaps` depends on the network plugin (--cni), or on addresses that are not known\n"));
}

// ---- the command

static err_code run(void *ctx, struct err *e)
{
    struct net_request *q = ctx;
    static const struct {
        const char *verb;
        err_code (*run)(struct net_request *q, struct err *e);
    } verbs[] = {
        {"list", net_list_run},
        {"reach", net_reach_run},
        {"who-can-reach", net_who_run},
        {"exposure", net_exposure_run},
        {"diff", net_diff_run},
        {"matrix", net_matrix_run},
        {"graph", net_graph_run},
    };
    if ((q->format == NET_DOT || q->format == NET_SVG) && !str_eq(str_of(q->verb), S("graph")))
        return err_set(e, ERR_USAGE, "net %s is text or json: only net graph draws", q->verb);
    for (unsigned i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (str_eq(str_of(q->verb), str_of(verbs[i].verb)))
            return verbs[i].run(q, e);
    return err_set(e, ERR_INTERNAL, "net %s is in no table", q->verb);
}

int net_command(int argc, char **argv)
{
    struct net_request q = {0};
    return verbs_run(&(struct verbs){ARGS_net, set_option, run, &q, &q.base}, argc, argv);
}
