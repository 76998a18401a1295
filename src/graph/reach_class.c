// Pods that no rule tells apart, as classes.
//
// Two Pods are alike where their namespaces are (the same selectors take them, and no policy lives in
// either, or it is one namespace), where the same ones of the selectors that are asked there take them, and where
// the ports that rules name, and the addresses that blocks cut, are the same. Labels that no selector
// asks for are dropped first, so 100,000 label sets become the few that matter.
#include <stdlib.h>

#include "base/hash.h"
#include "graph/reach_priv.h"
#include "kube/selector.h"

struct labels {
    struct rows rows;      // distinct label sets, of the keys that matter only
    uint32_t *of;          // by label set of the inventory: its row + 1
    bool *is_key;          // by name
    uint32_t **matches;    // by row: selectors that take it, ascending
    uint32_t *n_matches;
    uint32_t *scratch;
};

static void mark_keys(const struct reach_builder *b, netpol_selector s, bool *is_key)
{
    const struct rows_row *row = &b->p->selectors.rows[s];
    for (uint32_t at = 0; at < row->n; at += 3 + row->words[at + 2])
        is_key[row->words[at]] = true;
}

// For the selectors that are marked; widest: the most words of a label set.
static err_code open_labels(struct reach_builder *b, struct labels *l, const bool *is_selector, uint32_t widest)
{
    struct err *e = b->e;
    TRY_NEW(l->is_key, b->a, b->v->names.n, e);
    for (netpol_selector s = 0; s < b->p->selectors.n; s++)
        if (is_selector[s])
            mark_keys(b, s, l->is_key);
    TRY(rows_init(&l->rows, b->a, e));
    TRY_NEW(l->of, b->a, b->v->labels.n, e);
    TRY_NEW(l->scratch, b->a, widest, e);
    return ERR_OK;
}

static err_code project(struct reach_builder *b, struct labels *l, uint32_t labels, uint32_t *ret)
{
    struct err *e = b->e;
    if (!l->of[labels]) {
        const struct rows_row *row = &b->v->labels.rows[labels];
        uint32_t n = inventory_is_selector(row) ? row->n : 0, index;
        if (n)
            memcpy(l->scratch, row->words, n * sizeof *row->words);
        for (uint32_t i = n; i < row->n; i += 2)
            if (l->is_key[row->words[i]]) {
                l->scratch[n++] = row->words[i];
                l->scratch[n++] = row->words[i + 1];
            }
        TRY(rows_put(&l->rows, l->scratch, n, &index, e));
        l->of[labels] = index + 1;
    }
    *ret = l->of[labels] - 1;
    return ERR_OK;
}

// Which selectors of Pods there are: pods[s], and namespaces[s] for those of namespaces.
static void mark_selectors(const struct reach_builder *b, bool *pods, bool *namespaces)
{
    for (uint32_t i = 0; i < b->p->n; i++) {
        const struct netpol *n = &b->p->all[i];
        pods[n->subject.pods] = true;
        namespaces[n->subject.namespaces] = namespaces[n->subject.namespaces] || n->subject.ns == INVENTORY_NONE;
        for (uint32_t k = 0; k < n->n_rules; k++)
            for (uint32_t j = 0; j < n->rules[k].n_peers; j++) {
                const struct netpol_peer *peer = &n->rules[k].peers[j];
                if (peer->kind != PEER_PODS || peer->any)
                    continue;
                pods[peer->pods.pods] = true;
                if (peer->pods.ns == INVENTORY_NONE)
                    namespaces[peer->pods.namespaces] = true;
            }
    }
}

struct posting {
    uint32_t key, value, row;
};

static int by_pair(const void *a, const void *b)
{
    const struct posting *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static uint32_t first_posting(const struct posting *p, uint32_t n, uint32_t key, uint32_t value)
{
    uint32_t low = 0, high = n;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (p[mid].key < key || (p[mid].key == key && p[mid].value < value))
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

struct matching {
    const struct posting *postings; // of all label sets, by key and value
    uint32_t n_postings;
    uint32_t *out, n;      // label sets that the selector takes
    netpol_selector *kept_out_by; // by label set: the last selector whose NotIn does not take it
};

// Calls for the label sets with a value of one of a selector's terms.
static void each_with_value(const struct reach_builder *b, const struct labels *l, struct matching *m, netpol_selector s, const uint32_t *term)
{
    for (uint32_t k = 0; k < term[2]; k++) {
        if (k && term[3 + k] == term[2 + k])
            continue; // the same value twice
        for (uint32_t i = first_posting(m->postings, m->n_postings, term[0], term[3 + k]);
             i < m->n_postings && m->postings[i].key == term[0] && m->postings[i].value == term[3 + k]; i++) {
            uint32_t row = m->postings[i].row;
            if (term[1] == SELECTOR_NOT_IN)
                m->kept_out_by[row] = s;
            else if (netpol_selects_row(b->p, s, &l->rows.rows[row]))
                m->out[m->n++] = row;
        }
    }
}

// Which label sets a selector takes: those with a value of its first In are looked at; without one all, but for those with a value of
// its NotIns.
static void match_one(const struct reach_builder *b, const struct labels *l, struct matching *m, netpol_selector s)
{
    const struct rows_row *row = &b->p->selectors.rows[s];
    bool more = false; // terms that are not NotIn
    m->n = 0;
    for (uint32_t at = 0; at < row->n; at += 3 + row->words[at + 2]) {
        more = more || row->words[at + 1] != SELECTOR_NOT_IN;
        if (row->words[at + 1] == SELECTOR_IN) {
            each_with_value(b, l, m, s, row->words + at);
            return;
        }
    }
    for (uint32_t at = 0; at < row->n; at += 3 + row->words[at + 2])
        if (row->words[at + 1] == SELECTOR_NOT_IN)
            each_with_value(b, l, m, s, row->words + at);
    for (uint32_t i = 0; i < l->rows.n; i++)
        if (m->kept_out_by[i] != s &&
            ((!more && !inventory_is_selector(&l->rows.rows[i])) || netpol_selects_row(b->p, s, &l->rows.rows[i])))
            m->out[m->n++] = i;
}

// Where match_one finds a label set: at each label; of one of which only a selector is known, at one value of each In,
// as an In that takes it names them all.
static uint32_t put_postings(struct posting *p, uint32_t n, const struct rows_row *row, uint32_t index)
{
    if (!inventory_is_selector(row))
        for (uint32_t k = 0; k < row->n; k += 2)
            p[n++] = (struct posting){row->words[k], row->words[k + 1], index};
    else
        for (uint32_t k = 1; k < row->n; k += 3 + row->words[k + 2])
            if (row->words[k + 1] == SELECTOR_IN)
                p[n++] = (struct posting){row->words[k], row->words[k + 3], index};
    return n;
}

// For each label set the selectors of Pods that take it. Selectors are asked twice: first how many there are, so that no memory is left
// behind; with a label of its own for every Pod there are millions.
static err_code match_labels(struct reach_builder *b, struct labels *l, const bool *is_selector)
{
    struct err *e = b->e;
    struct posting *postings;
    struct matching m = {0};
    for (uint32_t i = 0; i < l->rows.n; i++)
        m.n_postings += l->rows.rows[i].n / 2;
    TRY_NEW(postings, b->a, m.n_postings, e);
    m.n_postings = 0;
    for (uint32_t i = 0; i < l->rows.n; i++)
        m.n_postings = put_postings(postings, m.n_postings, &l->rows.rows[i], i);
    qsort(postings, m.n_postings, sizeof *postings, by_pair);
    m.postings = postings;
    TRY_NEW(m.out, b->a, l->rows.n, e);
    TRY_NEW(m.kept_out_by, b->a, l->rows.n, e);
    TRY_NEW(l->matches, b->a, l->rows.n, e);
    TRY_NEW(l->n_matches, b->a, l->rows.n, e);
    for (int fill = 0; fill < 2; fill++) {
        for (uint32_t i = 0; i < l->rows.n && fill; i++) {
            TRY_NEW(l->matches[i], b->a, l->n_matches[i], e);
            l->n_matches[i] = 0;
        }
        for (netpol_selector s = 1; s < b->p->selectors.n; s++) {
            if (!is_selector[s])
                continue;
            match_one(b, l, &m, s);
            for (uint32_t i = 0; i < m.n; i++) {
                if (fill)
                    l->matches[m.out[i]][l->n_matches[m.out[i]]] = s;
                l->n_matches[m.out[i]]++;
            }
        }
    }
    return ERR_OK;
}

// Namespaces by what their policies and selectors see. A selector's namespaces are found by their labels, as its Pods are: there may be
// as many selectors as namespaces.
static err_code classify_namespaces(struct reach_builder *b, const bool *is_selector, uint32_t widest)
{
    struct err *e = b->e;
    const struct inventory *v = b->v;
    struct labels l = {0};
    bool *owns;
    uint32_t *key;
    TRY(open_labels(b, &l, is_selector, widest));
    TRY_NEW(owns, b->a, v->n_namespaces, e);
    TRY_NEW(key, b->a, b->p->selectors.n + 1, e);
    TRY_NEW(b->ns_class_of, b->a, v->n_namespaces, e);
    TRY(rows_init(&b->ns_keys, b->a, e)); // row 0 is nobody's
    for (uint32_t i = 0; i < b->p->n; i++)
        if (b->p->all[i].ns != INVENTORY_NONE)
            owns[b->p->all[i].ns] = true;
    for (uint32_t i = 0; i < v->n_namespaces; i++)
        TRY(project(b, &l, v->namespaces[i].labels, &b->ns_class_of[i]));
    TRY(match_labels(b, &l, is_selector));
    // Those with policies first: what is isolated is then in the first words of a row.
    for (uint32_t k = 0; k < 2 * v->n_namespaces; k++) {
        uint32_t n = 0, i = k % v->n_namespaces, row = b->ns_class_of[i];
        if (owns[i] != (k < v->n_namespaces))
            continue;
        key[n++] = v->namespaces[i].unknown ? UINT32_MAX : owns[i] ? i + 1 : 0;
        for (uint32_t j = 0; !v->namespaces[i].unknown && j < l.n_matches[row]; j++)
            key[n++] = l.matches[row][j];
        TRY(rows_put(&b->ns_keys, key, n, &b->ns_class_of[i], e));
    }
    return ERR_OK;
}

// For each selector of namespaces the classes it takes: what their keys say, the other way round.
static err_code index_namespaces(struct reach_builder *b)
{
    struct err *e = b->e;
    b->n_ns_classes = b->ns_keys.n;
    b->ns_words = (b->n_ns_classes + 63) / 64;
    TRY_NEW(b->ns_matches, b->a, b->p->selectors.n, e);
    TRY_NEW(b->is_unknown, b->a, b->n_ns_classes, e);
    TRY_NEW(b->ns_matches[0], b->a, b->ns_words, e);
    for (uint32_t c = 1; c < b->n_ns_classes; c++) {
        const struct rows_row *key = &b->ns_keys.rows[c];
        b->is_unknown[c] = key->words[0] == UINT32_MAX;
        reach_set_bit(b->ns_matches[0], c);
        for (uint32_t j = 1; j < key->n; j++) {
            netpol_selector s = key->words[j];
            if (!b->ns_matches[s])
                TRY_NEW(b->ns_matches[s], b->a, b->ns_words, e);
            reach_set_bit(b->ns_matches[s], c);
        }
    }
    return ERR_OK;
}

struct asked {
    uint64_t *bits; // [ns class][words]: selectors of Pods asked there
    uint32_t words;
};

static void ask(struct reach_builder *b, struct asked *k, const struct netpol_pods *pods)
{
    const uint64_t *of = b->ns_matches[pods->namespaces];
    for (uint32_t w = 0; of && w < b->ns_words; w++)
        for (uint64_t bits = of[w]; bits; bits &= bits - 1)
            reach_set_bit(k->bits + (size_t)(w * 64 + (uint32_t)__builtin_ctzll(bits)) * k->words, pods->pods);
}

// Selectors of an own namespace touch one class: no loop over all of them for it.
static void ask_where(struct reach_builder *b, struct asked *k, const struct netpol_pods *pods)
{
    if (pods->ns != INVENTORY_NONE)
        reach_set_bit(k->bits + (size_t)b->ns_class_of[pods->ns] * k->words, pods->pods);
    else
        ask(b, k, pods);
}

static err_code collect_asked(struct reach_builder *b, struct asked *k)
{
    struct err *e = b->e;
    uint64_t *done; // pairs of selectors that were asked already
    k->words = (b->p->selectors.n + 63) / 64;
    TRY_NEW(k->bits, b->a, (size_t)b->n_ns_classes * k->words, e);
    TRY_NEW(done, b->a, 1u << 10, e); // a filter: a pair may be asked twice
    for (uint32_t i = 0; i < b->p->n; i++) {
        const struct netpol *n = &b->p->all[i];
        ask_where(b, k, &n->subject);
        for (uint32_t r = 0; r < n->n_rules; r++)
            for (uint32_t j = 0; j < n->rules[r].n_peers; j++) {
                const struct netpol_peer *peer = &n->rules[r].peers[j];
                if (peer->kind != PEER_PODS || peer->any)
                    continue;
                if (peer->pods.ns == INVENTORY_NONE) {
                    uint64_t pair = ((uint64_t)peer->pods.namespaces << 32 | peer->pods.pods) + 1;
                    uint64_t *slot = &done[hash_mix(pair, 0x9e3779b97f4a7c15u) & 1023];
                    if (*slot == pair)
                        continue;
                    *slot = pair;
                }
                ask_where(b, k, &peer->pods);
            }
    }
    return ERR_OK;
}

static err_code port_names_of(struct reach_builder *b, uint32_t ports, uint32_t *scratch, uint32_t *ret)
{
    uint32_t n_ports, n = 0;
    const struct inventory_port *p = inventory_ports(b->v, ports, &n_ports);
    for (uint32_t i = 0; i < n_ports; i++)
        if (p[i].name && b->is_port_name[p[i].name]) {
            scratch[n++] = p[i].name;
            scratch[n++] = p[i].number;
            scratch[n++] = p[i].protocol;
        }
    return rows_put(&b->port_names, scratch, n, ret, b->e);
}

static uint32_t cut_of(const struct reach_builder *b, struct address a)
{
    uint32_t low = 0, high = b->n_cuts;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (address_cmp(b->cuts[mid], a) <= 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low << 1 | (a.family == 6);
}

static err_code addresses_of(struct reach_builder *b, const struct inventory_pod *p, uint32_t *ret)
{
    uint32_t cuts[16], n = 0;
    *ret = 0;
    if (!b->by_address)
        return ERR_OK;
    for (uint32_t i = 0; i < p->n_ips && n < 16; i++)
        cuts[n++] = cut_of(b, b->v->ips[p->first_ip + i]);
    return rows_put(&b->addresses, cuts, n, ret, b->e);
}

struct making {
    struct rows keys; // of classes
    struct {
        uint32_t ns_class, labels, ports, addresses, class_plus_1;
    } *cache;
    uint32_t cap, n;
    uint32_t *scratch, *names_scratch;
    uint32_t *port_names; // by row of inventory.ports: + 1
};

static err_code grow_cache(struct reach_builder *b, struct making *m)
{
    struct err *e = b->e;
    uint32_t cap = m->cap ? m->cap * 2 : 1024, old_cap = m->cap;
    __typeof__(m->cache) old = m->cache;
    TRY_NEW(m->cache, b->a, cap, e);
    m->cap = cap;
    for (uint32_t i = 0; i < old_cap; i++) {
        if (!old[i].class_plus_1)
            continue;
        uint64_t h = hash_mix((uint64_t)old[i].ns_class << 32 | old[i].labels, ((uint64_t)old[i].ports << 32 | old[i].addresses) + 77);
        uint32_t at = (uint32_t)(h ^ h >> 32) & (cap - 1);
        while (m->cache[at].class_plus_1)
            at = (at + 1) & (cap - 1);
        m->cache[at] = old[i];
    }
    return ERR_OK;
}

static err_code make_class(struct reach_builder *b, struct making *m, const struct labels *l, const struct asked *k, uint32_t ns_class,
                           uint32_t labels, uint32_t ports, uint32_t addresses, bool host, uint32_t *ret)
{
    uint32_t n = 0;
    const uint64_t *asked = k->bits + (size_t)ns_class * k->words;
    uint32_t n_matches = b->is_unknown[ns_class] ? 0 : l->n_matches[labels];
    m->scratch[n++] = ns_class;
    m->scratch[n++] = ports;
    m->scratch[n++] = addresses;
    m->scratch[n++] = host;
    for (uint32_t i = 0; i < n_matches; i++)
        if (reach_bit(asked, l->matches[labels][i]))
            m->scratch[n++] = l->matches[labels][i];
    return rows_put(&m->keys, m->scratch, n, ret, b->e);
}

static err_code class_of(struct reach_builder *b, struct making *m, const struct labels *l, const struct asked *k,
                         const struct inventory_pod *p, uint32_t *ret)
{
    uint32_t labels = l->of[p->labels] - 1, ns_class = b->ns_class_of[p->ns], addresses;
    if (!m->port_names[p->ports]) {
        TRY(port_names_of(b, p->ports, m->names_scratch, &m->port_names[p->ports]));
        m->port_names[p->ports]++;
    }
    uint32_t ports = (m->port_names[p->ports] - 1) << 1 | p->host_network;
    TRY(addresses_of(b, p, &addresses));
    if (m->n * 2 >= m->cap)
        TRY(grow_cache(b, m));
    uint64_t h = hash_mix((uint64_t)ns_class << 32 | labels, ((uint64_t)ports << 32 | addresses) + 77);
    uint32_t at = (uint32_t)(h ^ h >> 32) & (m->cap - 1);
    while (m->cache[at].class_plus_1 && (m->cache[at].ns_class != ns_class || m->cache[at].labels != labels ||
                                         m->cache[at].ports != ports || m->cache[at].addresses != addresses))
        at = (at + 1) & (m->cap - 1);
    if (!m->cache[at].class_plus_1) {
        TRY(make_class(b, m, l, k, ns_class, labels, ports >> 1, addresses, p->host_network, ret));
        m->cache[at].ns_class = ns_class;
        m->cache[at].labels = labels;
        m->cache[at].ports = ports;
        m->cache[at].addresses = addresses;
        m->cache[at].class_plus_1 = *ret + 1;
        m->n++;
    }
    *ret = m->cache[at].class_plus_1 - 1;
    return ERR_OK;
}

struct likeness {
    const struct rows *keys;
    const bool *is_subject; // by selector: some policy's subject
};

// The next selector of a key from *at on that is a subject, or UINT32_MAX.
static uint32_t next_subject(const struct likeness *l, const struct rows_row *key, uint32_t *at)
{
    while (*at < key->n && !l->is_subject[key->words[*at]])
        ++*at;
    return *at < key->n ? key->words[(*at)++] : UINT32_MAX;
}

static int by_likeness(const void *a, const void *b, void *data)
{
    const struct likeness *l = data;
    const struct rows_row *x = &l->keys->rows[*(const uint32_t *)a], *y = &l->keys->rows[*(const uint32_t *)b];
    if (x->words[0] != y->words[0])
        return x->words[0] < y->words[0] ? -1 : 1;
    for (uint32_t i = 4, k = 4, s = 0; s != UINT32_MAX;) {
        s = next_subject(l, x, &i);
        uint32_t t = next_subject(l, y, &k);
        if (s != t)
            return s < t ? -1 : 1;
    }
    for (uint32_t i = 4; i < x->n && i < y->n; i++)
        if (x->words[i] != y->words[i])
            return x->words[i] < y->words[i] ? -1 : 1;
    if (x->n != y->n)
        return x->n < y->n ? -1 : 1;
    return *(const uint32_t *)a < *(const uint32_t *)b ? -1 : 1;
}

// Classes get their numbers in the order of namespace classes, and there of the policies that select them, then of whatever else does:
// a policy's subject is a few words of a row, even where peers ask for a label that every Pod has its own value of.
static err_code number_classes(struct reach_builder *b, struct making *m)
{
    struct err *e = b->e;
    struct reach *r = b->r;
    uint32_t *number, n = m->keys.n - 1; // row 0 is empty
    TRY_NEW(number, b->a, m->keys.n, e);
    TRY_NEW(b->class_of_ns_first, b->a, b->n_ns_classes + 1, e);
    for (uint32_t i = 1; i <= n; i++)
        b->class_of_ns_first[m->keys.rows[i].words[0] + 1]++;
    for (uint32_t c = 0; c < b->n_ns_classes; c++)
        b->class_of_ns_first[c + 1] += b->class_of_ns_first[c];
    uint32_t *order;
    TRY_NEW(order, b->a, n + 1, e);
    for (uint32_t i = 0; i < n; i++)
        order[i] = i + 1;
    bool *is_subject;
    TRY_NEW(is_subject, b->a, b->p->selectors.n, e);
    for (uint32_t i = 0; i < b->p->n; i++)
        is_subject[b->p->all[i].subject.pods] = true;
    qsort_r(order, n, sizeof *order, by_likeness, &(struct likeness){&m->keys, is_subject});
    TRY_NEW(r->classes, b->a, n, e);
    r->n_classes = n;
    uint32_t n_matches = 0;
    for (uint32_t i = 1; i <= n; i++)
        n_matches += m->keys.rows[i].n - 4;
    TRY_NEW(r->matches, b->a, n_matches, e);
    n_matches = 0;
    for (uint32_t k = 0; k < n; k++) {
        uint32_t i = order[k];
        const struct rows_row *key = &m->keys.rows[i];
        number[i] = k;
        struct reach_class *c = &r->classes[number[i]];
        *c = (struct reach_class){.ns_class = key->words[0],
                                  .port_names = key->words[1],
                                  .addresses = key->words[2],
                                  .host_network = key->words[3],
                                  .first_match = n_matches,
                                  .n_matches = key->n - 4};
        for (uint32_t j = 4; j < key->n; j++)
            r->matches[n_matches++] = key->words[j];
    }
    uint32_t first = 0, pods = b->v->n_pods;
    for (uint32_t i = 0; i < pods; i++)
        if (r->class_of_pod[i] != INVENTORY_NONE) {
            r->class_of_pod[i] = number[r->class_of_pod[i]];
            r->classes[r->class_of_pod[i]].n_pods++;
        }
    for (uint32_t c = 0; c < n; c++) {
        r->classes[c].first_pod = first;
        first += r->classes[c].n_pods;
        r->classes[c].n_pods = 0;
    }
    TRY_NEW(r->pods, b->a, first, e);
    for (uint32_t i = 0; i < pods; i++)
        if (r->class_of_pod[i] != INVENTORY_NONE) {
            struct reach_class *c = &r->classes[r->class_of_pod[i]];
            r->pods[c->first_pod + c->n_pods++] = i;
        }
    return ERR_OK;
}

// For each selector of Pods the classes it takes.
static err_code index_classes(struct reach_builder *b)
{
    struct err *e = b->e;
    const struct reach *r = b->r;
    TRY_NEW(b->classes_of, b->a, b->p->selectors.n, e);
    TRY_NEW(b->n_classes_of, b->a, b->p->selectors.n, e);
    for (uint32_t c = 0; c < r->n_classes; c++)
        for (uint32_t i = 0; i < r->classes[c].n_matches; i++)
            b->n_classes_of[r->matches[r->classes[c].first_match + i]]++;
    for (netpol_selector s = 0; s < b->p->selectors.n; s++) {
        TRY_NEW(b->classes_of[s], b->a, b->n_classes_of[s], e);
        b->n_classes_of[s] = 0;
    }
    for (uint32_t c = 0; c < r->n_classes; c++)
        for (uint32_t i = 0; i < r->classes[c].n_matches; i++) {
            netpol_selector s = r->matches[r->classes[c].first_match + i];
            b->classes_of[s][b->n_classes_of[s]++] = c;
        }
    return ERR_OK;
}

err_code reach_build_classes(struct reach_builder *b)
{
    struct err *e = b->e;
    const struct inventory *v = b->v;
    struct labels l = {0};
    struct asked k = {0};
    struct making m = {0};
    bool *of_pods, *of_namespaces;
    uint32_t widest = 0, most_ports = 0, row;
    TRY_NEW(of_pods, b->a, b->p->selectors.n, e);
    TRY_NEW(of_namespaces, b->a, b->p->selectors.n, e);
    mark_selectors(b, of_pods, of_namespaces);
    for (uint32_t i = 0; i < v->labels.n; i++)
        widest = v->labels.rows[i].n > widest ? v->labels.rows[i].n : widest;
    for (uint32_t i = 0; i < v->ports.n; i++)
        most_ports = v->ports.rows[i].n > most_ports ? v->ports.rows[i].n : most_ports;
    TRY(open_labels(b, &l, of_pods, widest));
    for (uint32_t i = 0; i < v->n_pods; i++)
        TRY(project(b, &l, v->pods[i].labels, &row));
    TRY(match_labels(b, &l, of_pods));
    TRY(classify_namespaces(b, of_namespaces, widest));
    TRY(index_namespaces(b));
    TRY(collect_asked(b, &k));
    TRY(rows_init(&b->port_names, b->a, e));
    TRY(rows_init(&b->addresses, b->a, e));
    TRY(rows_init(&m.keys, b->a, e));
    TRY_NEW(m.scratch, b->a, b->p->selectors.n + 4, e);
    TRY_NEW(m.names_scratch, b->a, most_ports, e);
    TRY_NEW(m.port_names, b->a, v->ports.n, e);
    TRY_NEW(b->r->class_of_pod, b->a, v->n_pods, e);
    for (uint32_t i = 0; i < v->n_pods; i++) {
        b->r->class_of_pod[i] = INVENTORY_NONE;
        if (!v->pods[i].replaced)
            TRY(class_of(b, &m, &l, &k, &v->pods[i], &b->r->class_of_pod[i]));
    }
    TRY(number_classes(b, &m));
    return index_classes(b);
}
