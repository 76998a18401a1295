// bench_net: reachability of synthetic clusters, without reading: how long, how much memory.
//
//     bench_net PODS POLICIES [NAMESPACES]         times it, one line
//     bench_net --write PODS POLICIES [NAMESPACES] prints the cluster instead, for `casemate net`
//
// 50 Pods a namespace unless said otherwise, about 5 rules a policy, half of their peers in other namespaces, 48 ports and
// "all"; labels app (50), tier, env, version and a hash of its own for each ten Pods.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "graph/reach.h"

static uint64_t state = 88172645463325252u;
static uint32_t rnd(uint32_t n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 11) % n;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); // one thread: CPU time, whatever else the machine does
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void write_pod(struct buf *b, uint32_t i, uint32_t namespaces)
{
    uint32_t app = rnd(50);
    buf_printf(b,
               "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"pod-%u\",\"namespace\":\"ns-%u\",\"labels\":{\"app\":\"a%u\","
               "\"tier\":\"t%u\",\"env\":\"e%u\",\"version\":\"v%u\",\"pod-template-hash\":\"%x\"}},\"spec\":{\"containers\":[{\"name\":\"c\","
               "\"image\":\"registry/a%u:v1\",\"ports\":[{\"name\":\"http\",\"containerPort\":%u}]}]}}\n",
               i, i % namespaces, app, rnd(3), rnd(3), rnd(10), i / 10, app, 8000 + app % 5);
}

static void write_peer(struct buf *b, uint32_t namespaces)
{
    switch (rnd(6)) {
    case 0:
        buf_printf(b, "{\"namespaceSelector\":{\"matchLabels\":{\"team\":\"team%u\"}},\"podSelector\":{\"matchLabels\":{\"app\":\"a%u\"}}}", rnd(20), rnd(50));
        return;
    case 1:
        buf_printf(b, "{\"namespaceSelector\":{\"matchLabels\":{\"kubernetes.io/metadata.name\":\"ns-%u\"}}}", rnd(namespaces));
        return;
    case 2:
        buf_printf(b, "{\"namespaceSelector\":{},\"podSelector\":{\"matchLabels\":{\"app\":\"a%u\",\"tier\":\"t%u\"}}}", rnd(50), rnd(3));
        return;
    case 3:
        buf_printf(b, "{\"ipBlock\":{\"cidr\":\"10.%u.0.0/16\"}}", rnd(40));
        return;
    default:
        buf_printf(b, "{\"podSelector\":{\"matchLabels\":{\"app\":\"a%u\"}}}", rnd(50));
    }
}

static void write_rules(struct buf *b, const char *peers, uint32_t n, uint32_t namespaces)
{
    buf_putc(b, '[');
    for (uint32_t i = 0; i < n; i++) {
        buf_printf(b, "%s{\"%s\":[", i ? "," : "", peers);
        write_peer(b, namespaces);
        buf_put(b, S(","));
        write_peer(b, namespaces);
        buf_put(b, S("]"));
        if (rnd(4))
            buf_printf(b, ",\"ports\":[{\"port\":%u},{\"port\":%u,\"protocol\":\"UDP\"}]", 8000 + rnd(24), 5000 + rnd(24));
        buf_putc(b, '}');
    }
    buf_putc(b, ']');
}

static void write_policy(struct buf *b, uint32_t i, uint32_t namespaces)
{
    buf_printf(b, "{\"apiVersion\":\"networking.k8s.io/v1\",\"kind\":\"NetworkPolicy\",\"metadata\":{\"name\":\"np-%u\",\"namespace\":\"ns-%u\"},"
                  "\"spec\":{\"podSelector\":", i, i % namespaces);
    if (rnd(8) == 0)
        buf_put(b, S("{}"));
    else
        buf_printf(b, "{\"matchLabels\":{\"app\":\"a%u\"%s}}", rnd(50), rnd(2) ? ",\"env\":\"e1\"" : "");
    buf_put(b, S(",\"policyTypes\":[\"Ingress\",\"Egress\"],\"ingress\":"));
    write_rules(b, "from", 2 + rnd(2), namespaces);
    buf_put(b, S(",\"egress\":"));
    write_rules(b, "to", 2 + rnd(2), namespaces);
    buf_put(b, S("}}\n"));
}

static void write_cluster(struct buf *b, uint32_t pods, uint32_t policies, uint32_t namespaces)
{
    for (uint32_t i = 0; i < namespaces; i++)
        buf_printf(b, "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"ns-%u\",\"labels\":{\"team\":\"team%u\"}}}\n", i, rnd(20));
    for (uint32_t i = 0; i < pods; i++)
        write_pod(b, i, namespaces);
    for (uint32_t i = 0; i < policies; i++)
        write_policy(b, i, namespaces);
}

struct cluster {
    struct load load;
    struct inventory v;
    struct netpols p;
};

static err_code read_cluster(struct cluster *c, struct buf *text, struct arena *a, struct err *e)
{
    TRY(inventory_init(&c->v, &c->load, a, e));
    TRY(netpols_init(&c->p, &c->v, e));
    TRY(load_text(&c->load, S("cluster.json"), buf_str(text), &(struct load_sink){&c->p, netpols_take}, a, e));
    TRY(inventory_finish(&c->v, e));
    TRY(netpols_finish(&c->p, e));
    inventory_done(&c->v);
    return ERR_OK;
}

static uint64_t count_row(const struct reach *r, const struct reach_row *row, uint32_t from, uint32_t to)
{
    uint64_t n = 0;
    for (uint32_t w = from; w < to; w++) {
        if (!row->low.detailed[w])
            n += (uint64_t)__builtin_popcountll(row->low.common[w]) * r->n_atoms;
        for (uint32_t at = 0; row->low.detailed[w] && at < r->n_atoms; at++)
            n += (uint64_t)__builtin_popcountll(row->low.atoms[(size_t)w * r->n_atoms + at]);
    }
    return n;
}

static err_code measure(struct cluster *c, struct arena *a, struct err *e)
{
    struct reach r;
    struct reach_row row;
    uint64_t pairs = 0;
    double start = now();
    TRY(reach_build(&r, &c->v, &c->p, (struct reach_options){.block_matches_pods = REACH_NO, .host_network_as_pods = REACH_YES}, a, e));
    double built = now();
    TRY(reach_row_init(&row, &r, a, e));
    for (uint32_t i = 0; i < r.n_rows; i++) {
        reach_row(&r, i, &row);
        pairs += count_row(&r, &row, 0, r.words);
    }
    double done = now();
    printf("%u pods, %u policies: %u classes, %u port atoms, %u + %u pieces; built in %.1f ms, all pairs in %.1f ms more; %.1f MB; "
           "%llu (class, class, port) reachable\n",
           c->v.n_pods - 1, c->p.n, r.n_classes, r.n_atoms, r.n_pieces[0], r.n_pieces[1], (built - start) * 1e3, (done - built) * 1e3,
           (double)a->high / 1e6 > (double)a->used / 1e6 ? (double)a->high / 1e6 : (double)a->used / 1e6, (unsigned long long)pairs);
    return ERR_OK;
}

// One policy has other ports now: all is built again, and the rows and columns of the Pods it selects are evaluated.
static err_code measure_change(struct cluster *c, struct arena *a, struct err *e)
{
    static const struct netpol_port ports[] = {{PROTOCOL_TCP, 9000, 9100, 0}};
    const struct reach_options o = {.block_matches_pods = REACH_NO, .host_network_as_pods = REACH_YES};
    struct netpol_rule *rules;
    struct reach r;
    struct reach_row row;
    uint32_t *classes, n_classes = 0, which = c->p.n / 2;
    uint64_t pairs = 0;
    TRY(reach_build(&r, &c->v, &c->p, o, a, e));
    for (; which + 1 < c->p.n && !n_classes; which += !n_classes) // one that selects something
        TRY(reach_selected(&r, which, a, &classes, &n_classes, e));
    struct netpol *n = &c->p.all[which];
    TRY_NEW(rules, a, n->n_rules, e);
    memcpy(rules, n->rules, n->n_rules * sizeof *rules);
    rules[0].ports = ports;
    rules[0].n_ports = 1;
    n->rules = rules;
    double start = now();
    TRY(reach_build(&r, &c->v, &c->p, o, a, e));
    TRY(reach_selected(&r, which, a, &classes, &n_classes, e));
    TRY(reach_row_init(&row, &r, a, e));
    for (uint32_t i = 0; i < n_classes; i++) {
        reach_row(&r, classes[i], &row);
        pairs += count_row(&r, &row, 0, r.words);
    }
    for (uint32_t i = 0; n_classes && i < r.n_rows; i++) {
        uint32_t from = classes[0] / 64, to = classes[n_classes - 1] / 64 + 1;
        reach_row_part(&r, i, from, to, &row);
        pairs += count_row(&r, &row, from, to);
    }
    printf("one policy changed (it selects %u classes): %.1f ms; %llu\n", n_classes, (now() - start) * 1e3, (unsigned long long)pairs);
    return ERR_OK;
}

static err_code run(uint32_t pods, uint32_t policies, uint32_t namespaces, bool write, struct err *e)
{
    OWN_ARENA struct arena a = {0}, work = {0};
    OWN_BUF struct buf text = buf_new((size_t)8 << 30);
    struct cluster c = {0};
    TRY(arena_init(&a, "cluster", (size_t)16 << 30, e));
    TRY(arena_init(&work, "reach", (size_t)16 << 30, e));
    write_cluster(&text, pods, policies, namespaces);
    if (write)
        return fwrite(text.p, 1, text.n, stdout) == text.n ? ERR_OK : err_sys(e, "standard output");
    double start = now();
    TRY(read_cluster(&c, &text, &a, e));
    printf("read %.1f MB in %.0f ms, inventory %.1f MB\n", (double)text.n / 1e6, (now() - start) * 1e3, (double)a.used / 1e6);
    for (int i = 0; i < 3; i++) {
        arena_reset(&work);
        TRY(measure(&c, &work, e));
    }
    for (int i = 0; i < 3; i++) {
        arena_reset(&work);
        TRY(measure_change(&c, &work, e));
    }
    return ERR_OK;
}

int main(int argc, char **argv)
{
    struct err e = {0};
    bool write = argc > 1 && str_eq(str_of(argv[1]), S("--write"));
    char **words = argv + 1 + write;
    int n = argc - 1 - write;
    if (n < 2) {
        fprintf(stderr, "bench_net [--write] PODS POLICIES [NAMESPACES]\n");
        return 2;
    }
    uint32_t pods = (uint32_t)strtoul(words[0], NULL, 10), policies = (uint32_t)strtoul(words[1], NULL, 10);
    uint32_t namespaces = n > 2 ? (uint32_t)strtoul(words[2], NULL, 10) : pods / 50 + 1;
    if (run(pods, policies, namespaces, write, &e) != ERR_OK) {
        fprintf(stderr, "bench_net: %s\n", e.msg);
        return 2;
    }
    return 0;
}
