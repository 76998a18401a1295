#include "cmd/net_crowd.h"

#include <stdio.h>

#include "doc/write.h"
#include "graph/reach_alike.h"

enum level { APART, BY_WORKLOAD, WHOLE };
enum { SAMPLES = 400, BIG = 32 }; // parties with more classes than that are asked by a mask

struct crowding {
    struct net_input *in;
    struct net_request *q;
    struct net_crowd *c;
    struct reach_digests digests;
    uint32_t *behaves, n_behaviours; // by class
    uint32_t *first_class;           // by behaviour: the class that stands for it
    uint8_t *level;                  // by namespace, then of all outside
    uint32_t *groups;                // the same: how many parties they are in the answer
    uint32_t outside;
    struct net_sender sender;
};

static uint32_t place_of(const struct crowding *k, const struct net_party *p)
{
    return p->workload == INVENTORY_NONE ? k->outside : k->in->inventory.workloads[p->workload].ns;
}

// What behaves alike: classes as numbers of behaviours, then the classes that stand for these. A behaviour of one Pod: what its own
// cell says is about nobody.
static err_code find_behaviours(struct crowding *k, struct err *e)
{
    struct net_input *in = k->in;
    const struct reach *r = &in->reach;
    struct arena *a = &k->q->memory;
    uint32_t *pods;
    TRY(reach_digest(r, &(struct reach_view){0}, a, &k->digests, e));
    TRY(reach_alike(r, &k->digests, a, &k->behaves, &k->n_behaviours, e));
    TRY_NEW(k->first_class, a, k->n_behaviours, e);
    TRY_NEW(pods, a, k->n_behaviours, e);
    TRY_NEW(in->alone, a, r->words, e);
    for (uint32_t c = r->n_classes; c-- > 0;) {
        const struct reach_class *x = &r->classes[c];
        const struct inventory_pod *p = &in->inventory.pods[r->pods[x->first_pod]];
        k->first_class[k->behaves[c]] = c;
        pods[k->behaves[c]] += p->is_template && in->inventory.workloads[p->workload].replicas > 1 ? 2 : x->n_pods;
    }
    for (uint32_t i = 0; i < k->n_behaviours; i++)
        if (pods[i] == 1)
            in->alone[k->first_class[i] / 64] |= (uint64_t)1 << (k->first_class[i] % 64);
    return ERR_OK;
}

// ---- groups

err_code net_crowd_collect(struct net_crowd *c, enum netpol_direction d, uint32_t extra, net_crowd_key *key_for, const void *ctx,
                           struct arena *a, uint32_t **ret_group_of, struct err *e)
{
    const struct net_parties *all = &c->all[d];
    struct net_parties *ret = &c->of[d];
    struct rows keys;
    uint32_t *key, *last, *group_of, index, most = 0;
    for (uint32_t i = 0; i < all->n; i++)
        most = all->all[i].n_classes > most ? all->all[i].n_classes : most;
    TRY(rows_init(&keys, a, e));
    TRY_NEW(key, a, (size_t)most + extra, e);
    TRY_NEW(last, a, (size_t)all->n + 1, e);
    TRY_NEW(group_of, a, (size_t)all->n + 1, e);
    TRY_NEW(ret->all, a, all->n, e);
    TRY_NEW(c->next[d], a, all->n, e);
    ret->n = 0;
    for (uint32_t i = 0; i < all->n; i++) {
        TRY(rows_put(&keys, key, key_for(ctx, d, i, key), &index, e));
        c->next[d][i] = INVENTORY_NONE;
        if (index > ret->n) { // the first of its kind
            ret->all[ret->n] = all->all[i];
            ret->all[ret->n++].first = i;
        } else {
            ret->all[index - 1].n_more++;
            c->next[d][last[index]] = i;
        }
        last[index] = i;
        group_of[i] = index;
    }
    if (ret_group_of)
        *ret_group_of = group_of;
    return ERR_OK;
}

err_code net_crowd_name(struct net_crowd *c, enum netpol_direction d, struct arena *a, struct err *e)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->of[d].n; i++) {
        if (!c->of[d].all[i].n_more)
            continue;
        c->of[d].all[i].name = arena_printf(a, "group-%u", ++n);
        if (!c->of[d].all[i].name.p)
            return err_set(e, ERR_LIMIT, "arena '%s' is full (%zu bytes)", a->name, a->cap);
    }
    return ERR_OK;
}

static uint32_t key_of_party(const void *ctx, enum netpol_direction d, uint32_t party, uint32_t *key)
{
    enum { WITH_RANGES, WITH_ALIKE, WITH_WORKLOAD, WITH_PLACE };
    const struct crowding *k = ctx;
    const struct net_party *p = &k->c->all[d].all[party];
    uint32_t place = place_of(k, p);
    key[1] = p->workload;
    if (k->level[place] == BY_WORKLOAD) {
        key[0] = WITH_WORKLOAD;
        return 2;
    }
    if (k->level[place] == WHOLE) {
        key[0] = WITH_PLACE;
        key[1] = place;
        return 2;
    }
    if (p->range != INVENTORY_NONE) {
        key[0] = WITH_RANGES;
        memcpy(key + 1, d == DIRECTION_INGRESS ? &k->digests.rows[p->classes[0]] : &k->digests.columns[p->classes[0]], 16);
        return 5;
    }
    key[0] = WITH_ALIKE;
    for (uint32_t i = 0; i < p->n_classes; i++)
        key[1 + i] = k->behaves[p->classes[i]];
    return 1 + net_sort(key + 1, p->n_classes);
}

static err_code name_group(struct crowding *k, struct net_party *p, uint32_t *n, uint32_t *n_outside, struct err *e)
{
    struct arena *a = &k->q->memory;
    const struct inventory *v = &k->in->inventory;
    uint32_t place = place_of(k, p);
    OWN_BUF struct buf b = buf_new(1 << 20);
    if (k->level[place] == BY_WORKLOAD) {
        inventory_put_workload(v, &b, p->workload);
        p->name = arena_dup(a, buf_str(&b));
    } else if (k->level[place] == WHOLE) {
        p->name = place == k->outside ? S("[outside]") : arena_printf(a, "%.*s[Namespace]", STR_FMT(inventory_str(v, v->namespaces[place].name)));
    } else if (p->n_more) {
        p->name = p->range == INVENTORY_NONE ? arena_printf(a, "group-%u", ++*n) : arena_printf(a, "outside-%u[External]", ++*n_outside);
    }
    return p->name.p ? ERR_OK : err_set(e, ERR_LIMIT, "arena '%s' is full (%zu bytes)", a->name, a->cap);
}

// The classes of all members, one of each behaviour; many of them as a mask too.
static err_code join_classes(struct crowding *k, enum netpol_direction d, struct net_party *p, struct err *e)
{
    const struct net_crowd *c = k->c;
    struct arena *a = &k->q->memory;
    bool alike = k->level[place_of(k, p)] == APART;
    uint32_t n = 0, *classes;
    if (p->range != INVENTORY_NONE && alike)
        return ERR_OK;
    for (uint32_t i = p->first; i != INVENTORY_NONE; i = alike ? INVENTORY_NONE : c->next[d][i])
        n += c->all[d].all[i].n_classes;
    TRY_NEW(classes, a, n, e);
    n = 0;
    for (uint32_t i = p->first; i != INVENTORY_NONE; i = alike ? INVENTORY_NONE : c->next[d][i])
        for (uint32_t j = 0; j < c->all[d].all[i].n_classes; j++) {
            uint32_t class = c->all[d].all[i].classes[j];
            classes[n++] = p->range == INVENTORY_NONE ? k->first_class[k->behaves[class]] : class;
        }
    p->n_classes = net_sort(classes, n);
    p->classes = classes;
    p->mask = NULL;
    if (p->n_classes <= BIG || d == DIRECTION_INGRESS)
        return ERR_OK;
    uint64_t *mask;
    TRY_NEW(mask, a, k->in->reach.words, e);
    for (uint32_t i = 0; i < p->n_classes; i++)
        mask[classes[i] / 64] |= (uint64_t)1 << (classes[i] % 64);
    p->mask = mask;
    return ERR_OK;
}

static err_code group(struct crowding *k, enum netpol_direction d, uint32_t *n_outside, struct err *e)
{
    struct net_crowd *c = k->c;
    struct arena *a = &k->q->memory;
    const struct net_parties *all = &c->all[d];
    struct net_parties *ret = &c->of[d];
    uint32_t *group_of, n = 0;
    TRY(net_crowd_collect(c, d, 8, key_of_party, k, a, &group_of, e));
    // How many groups each namespace takes part in: members stand by namespace.
    uint32_t *seen;
    TRY_NEW(seen, a, (size_t)ret->n + 1, e);
    for (uint32_t i = 0; i < all->n; i++) {
        uint32_t place = place_of(k, &all->all[i]);
        if (d == DIRECTION_EGRESS && place != k->outside) // of Pods the same as in the other direction
            continue;
        k->groups[place] += seen[group_of[i]] != place + 1;
        seen[group_of[i]] = place + 1;
    }
    for (uint32_t i = 0; i < ret->n; i++) {
        struct net_party *p = &ret->all[i];
        uint8_t level = k->level[place_of(k, p)];
        TRY(join_classes(k, d, p, e));
        TRY(name_group(k, p, &n, n_outside, e));
        if (level != APART) {
            p->whole = p->n_more + 1;
            p->pod = INVENTORY_NONE;
            p->n_more = 0;
        }
    }
    return ERR_OK;
}

static err_code group_both(struct crowding *k, struct err *e)
{
    uint32_t n_outside = 0;
    memset(k->groups, 0, (k->outside + 1) * sizeof *k->groups);
    for (int d = 0; d < DIRECTIONS; d++)
        TRY(group(k, (enum netpol_direction)d, &n_outside, e));
    return ERR_OK;
}

// ---- how long the list would be

static uint64_t any_of(const struct reach *r, const struct reach_bits *x, uint32_t w)
{
    uint64_t any = x->detailed[w] ? 0 : x->common[w];
    for (uint32_t a = 0; x->detailed[w] && a < r->n_atoms; a++)
        any |= x->atoms[(size_t)w * r->n_atoms + a];
    return any;
}

// Entries, counted for some of the sources.
static err_code estimate(struct crowding *k, uint64_t *ret, struct err *e)
{
    const struct reach *r = &k->in->reach;
    const struct net_parties *from = &k->c->of[DIRECTION_INGRESS], *to = &k->c->of[DIRECTION_EGRESS];
    uint32_t step = from->n > SAMPLES ? from->n / SAMPLES : 1, asked = 0;
    uint64_t n = 0, *any, *lone;
    size_t mark = arena_mark(&k->q->memory);
    TRY_NEW(any, &k->q->memory, r->words, e);
    TRY_NEW(lone, &k->q->memory, r->words, e);
    for (uint32_t i = 0; i < to->n; i++)
        if (to->all[i].n_classes == 1)
            lone[to->all[i].classes[0] / 64] |= (uint64_t)1 << (to->all[i].classes[0] % 64);
    for (uint32_t i = 0; i < from->n; i += step, asked++) {
        net_sender_set(&k->sender, &from->all[i]);
        for (uint32_t w = 0; w < r->words; w++) {
            any[w] = any_of(r, &k->sender.high, w) | any_of(r, &k->sender.low, w);
            n += (uint64_t)__builtin_popcountll(any[w] & lone[w]);
        }
        for (uint32_t j = 0; j < to->n; j++) {
            const struct net_party *p = &to->all[j];
            bool some = false;
            for (uint32_t x = 0; p->n_classes > 1 && x < p->n_classes && !some; x++)
                some = any[p->classes[x] / 64] >> (p->classes[x] % 64) & 1;
            n += some;
        }
    }
    *ret = asked ? n * from->n / asked : 0;
    arena_rewind(&k->q->memory, mark);
    return ERR_OK;
}

// ---- what is listed as a whole

err_code net_crowd_say(struct net_input *in, struct net_request *q, struct inventory_origin at, str message, struct err *e)
{
    struct origin place = {inventory_str(&in->inventory, at.file), at.line};
    if (!message.p)
        return err_set(e, ERR_LIMIT, "arena '%s' is full (%zu bytes)", q->memory.name, q->memory.cap);
    if (q->format != NET_JSON)
        fprintf(stderr, "%.*s:%u: warning: %.*s\n", STR_FMT(place.file), place.line, STR_FMT(message));
    return load_fault_at(&in->load, "limit", true, place, e, "%.*s", STR_FMT(message));
}

static err_code say(struct crowding *k, uint32_t place, uint32_t ways, struct err *e)
{
    const struct inventory *v = &k->in->inventory;
    struct arena *a = &k->q->memory;
    if (place == k->outside)
        return net_crowd_say(k->in, k->q, (struct inventory_origin){0},
                             arena_printf(a, "addresses outside: their %u ranges are too many to list; they are one, [outside]: what some of them may; "
                                             "--group lists what behaves alike, --each everything", ways), e);
    const struct inventory_namespace *ns = &v->namespaces[place];
    uint32_t pods = 0;
    for (uint32_t i = v->ns_first[place]; i < v->ns_first[place + 1]; i++)
        pods += !v->pods[v->pods_of_ns[i]].replaced;
    str message = arena_printf(a, "namespace %.*s: its %u Pods behave in %u ways, too many to list; %s: what some of them may; --group lists what behaves "
                                  "alike, --each everything", STR_FMT(inventory_str(v, ns->name)), pods, ways,
                               k->level[place] == WHOLE ? "all of it is one" : "they are listed by workload");
    return net_crowd_say(k->in, k->q, ns->at, message, e);
}

static uint32_t count_workloads(const struct crowding *k, uint32_t place)
{
    const struct inventory *v = &k->in->inventory;
    uint32_t n = 0;
    for (uint32_t i = 0; i < v->n_workloads; i++)
        n += v->workloads[i].ns == place && v->workloads[i].n_pods > 0;
    return n;
}

// The most crowded namespaces, or outside, become one until about that many entries are left. False: there are none.
static err_code coarsen(struct crowding *k, uint64_t entries, bool *ret_any, struct err *e)
{
    double total = k->c->of[DIRECTION_INGRESS].n, density = (double)entries / total / (double)k->c->of[DIRECTION_EGRESS].n;
    *ret_any = false;
    while (!*ret_any || total * total * density > NET_MOST_ENTRIES) {
        uint32_t most = 0;
        for (uint32_t i = 1; i <= k->outside; i++)
            if (k->groups[i] > k->groups[most])
                most = i;
        uint32_t ways = k->groups[most], left = 1;
        if (ways < 2)
            return ERR_OK;
        if (k->q->pods && most != k->outside && k->level[most] == APART)
            left = count_workloads(k, most);
        if (left * 2 > ways)
            left = 1;
        k->level[most] = left > 1 ? BY_WORKLOAD : WHOLE;
        k->groups[most] = 0; // until it is counted again
        total -= ways - left;
        *ret_any = true;
        TRY(say(k, most, ways, e));
    }
    return ERR_OK;
}

err_code net_crowd_make(struct net_input *in, struct net_request *q, struct net_crowd *c, struct err *e)
{
    const struct net_parties *from = &c->all[DIRECTION_INGRESS], *to = &c->all[DIRECTION_EGRESS];
    struct crowding k = {.in = in, .q = q, .c = c, .outside = in->inventory.n_namespaces};
    uint64_t entries = 0;
    bool any = true;
    c->together = !q->each && (q->group || from->n > NET_MOST_APART);
    if (!c->together) {
        c->of[DIRECTION_INGRESS] = *from;
        c->of[DIRECTION_EGRESS] = *to;
        return ERR_OK;
    }
    TRY_NEW(k.level, &q->memory, (size_t)k.outside + 1, e);
    TRY_NEW(k.groups, &q->memory, (size_t)k.outside + 1, e);
    TRY(find_behaviours(&k, e));
    TRY(net_sender_init(&k.sender, &in->reach, &q->memory, e));
    while (any) {
        TRY(group_both(&k, e));
        any = false;
        if (q->group || (uint64_t)c->of[0].n * c->of[1].n <= NET_MOST_ENTRIES)
            return ERR_OK;
        TRY(estimate(&k, &entries, e));
        if (entries > NET_MOST_ENTRIES)
            TRY(coarsen(&k, entries, &any, e));
    }
    return ERR_OK;
}

void net_crowd_put_groups(const struct net_crowd *c, const bool *mentioned, struct net_request *q)
{
    struct buf *b = &q->out.b;
    bool json = q->format == NET_JSON, first = true;
    if (!c->together)
        return;
    buf_put(b, json ? S(", \"groups\": {") : S(""));
    for (int d = 0; d < DIRECTIONS; d++)
        for (uint32_t i = 0; i < c->of[d].n && !q->out.sys; i++) {
            const struct net_party *g = &c->of[d].all[i];
            uint32_t shown = 0;
            if (!g->n_more || (d == DIRECTION_EGRESS && g->range == INVENTORY_NONE)) // Pods' groups are the same in both
                continue;
            if (mentioned && d == DIRECTION_INGRESS && !mentioned[i])
                continue;
            if (json) {
                buf_put(b, first ? S("\n  ") : S(",\n  "));
                write_json_string(b, g->name);
                buf_put(b, S(": ["));
            } else {
                buf_printf(b, "%s%.*s: %u alike: ", first ? "\n" : "", STR_FMT(g->name), g->n_more + 1);
            }
            first = false;
            for (uint32_t k = g->first; k != INVENTORY_NONE && (json || shown < 3); k = c->next[d][k]) {
                buf_put(b, shown++ ? S(", ") : S(""));
                if (json)
                    write_json_string(b, c->all[d].all[k].name);
                else
                    buf_put(b, c->all[d].all[k].name);
            }
            buf_put(b, json ? S("]") : shown <= g->n_more ? S(" ...\n") : S("\n"));
            out_flush(&q->out);
        }
    if (json)
        buf_putc(b, '}');
}
