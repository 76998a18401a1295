// casemate net matrix: which namespace may talk to which.
#include "cmd/columns.h"
#include "cmd/net.h"
#include "doc/write.h"

// A namespace's Pods, or all addresses outside: their classes, distinct.
struct block {
    str name;
    const uint32_t *rows, *columns;
    uint32_t n_rows, n_columns;
};

struct cell {
    uint64_t *some, *every, *perhaps; // bits over atoms: some pair may; every pair may
};

struct matrix {
    struct net_request *q;
    struct net_input *in;
    struct block *blocks;
    uint32_t n;
    struct net_sender sender; // the block under way: low, high: what some of it may; least: all of it
    struct cell cell;
    struct columns table;
};

static err_code add_outside(struct matrix *m, struct err *e)
{
    const struct reach *r = &m->in->reach;
    uint32_t *of[DIRECTIONS];
    for (int d = 0; d < DIRECTIONS; d++) {
        TRY_NEW(of[d], &m->q->memory, r->n_outside[d], e);
        for (uint32_t i = 0; i < r->n_outside[d]; i++)
            of[d][i] = r->n_classes + i;
    }
    m->blocks[m->n++] = (struct block){S("[outside]"), of[DIRECTION_INGRESS], of[DIRECTION_EGRESS], r->n_outside[DIRECTION_INGRESS],
                                       r->n_outside[DIRECTION_EGRESS]};
    return ERR_OK;
}

static err_code add_namespaces(struct matrix *m, struct err *e)
{
    const struct inventory *v = &m->in->inventory;
    const struct reach *r = &m->in->reach;
    uint32_t *seen;
    TRY_NEW(seen, &m->q->memory, r->n_classes, e);
    for (uint32_t ns = 0; ns < v->n_namespaces; ns++) {
        uint32_t n = 0, *classes, pods = v->ns_first[ns + 1] - v->ns_first[ns];
        if (!v->namespaces[ns].name || !pods)
            continue;
        TRY_NEW(classes, &m->q->memory, pods, e);
        for (uint32_t i = v->ns_first[ns]; i < v->ns_first[ns + 1]; i++) {
            uint32_t c = r->class_of_pod[v->pods_of_ns[i]];
            if (seen[c] != ns + 1)
                classes[n++] = c;
            seen[c] = ns + 1;
        }
        m->blocks[m->n++] = (struct block){inventory_str(v, v->namespaces[ns].name), classes, classes, n, n};
    }
    return ERR_OK;
}

static bool add_columns(struct matrix *m, const struct block *to)
{
    const struct reach *r = &m->in->reach;
    uint32_t words = reach_atom_words(r);
    uint64_t any = 0;
    memset(m->cell.some, 0, words * sizeof(uint64_t));
    memset(m->cell.perhaps, 0, words * sizeof(uint64_t));
    memset(m->cell.every, 0, words * sizeof(uint64_t));
    for (uint32_t a = 0; a < r->n_atoms; a++) {
        bool some = false, every = true, high = false;
        for (uint32_t i = 0; i < to->n_columns; i++) {
            uint32_t w = to->columns[i] / 64;
            unsigned bit = to->columns[i] % 64;
            some = some || (reach_word(r, &m->sender.low, a, w) >> bit & 1);
            every = every && (reach_word(r, &m->sender.least, a, w) >> bit & 1);
            high = high || (reach_word(r, &m->sender.high, a, w) >> bit & 1);
        }
        m->cell.some[a / 64] |= (uint64_t)some << (a % 64);
        m->cell.every[a / 64] |= (uint64_t)(every && some) << (a % 64);
        m->cell.perhaps[a / 64] |= (uint64_t)(high && !some) << (a % 64);
        any |= some || high;
    }
    return any;
}

static void put_json(struct matrix *m, const struct block *from, const struct block *to, bool first)
{
    struct buf *b = &m->q->out.b;
    const struct reach *r = &m->in->reach;
    bool every = memcmp(m->cell.some, m->cell.every, reach_atom_words(r) * sizeof(uint64_t)) == 0;
    buf_put(b, first ? S("\n  {\"source\": ") : S(",\n  {\"source\": "));
    write_json_string(b, from->name);
    buf_put(b, S(", \"destination\": "));
    write_json_string(b, to->name);
    buf_put(b, S(", \"connections\": "));
    net_put_ports_json(r, b, m->cell.some);
    buf_printf(b, ", \"every_pair\": %s", every ? "true" : "false");
    uint64_t perhaps = 0;
    for (uint32_t i = 0; i < reach_atom_words(r); i++)
        perhaps |= m->cell.perhaps[i];
    if (perhaps) {
        buf_put(b, S(", \"perhaps\": "));
        net_put_ports_json(r, b, m->cell.perhaps);
    }
    buf_putc(b, '}');
}

static const char *word(const struct matrix *m)
{
    const struct reach *r = &m->in->reach;
    bool all = true, some = false, perhaps = false;
    for (uint32_t a = 0; a < r->n_atoms; a++) {
        all = all && (m->cell.every[a / 64] >> (a % 64) & 1);
        some = some || (m->cell.some[a / 64] >> (a % 64) & 1);
        perhaps = perhaps || (m->cell.perhaps[a / 64] >> (a % 64) & 1);
    }
    return all ? "all" : some ? "some" : perhaps ? "?" : ".";
}

static void put_line(struct matrix *m, const struct block *from, const struct block *to)
{
    struct buf *b = &m->q->out.b;
    buf_printf(b, "%.*s => %.*s : ", STR_FMT(from->name), STR_FMT(to->name));
    reach_put_ports(&m->in->reach, b, m->cell.some);
    buf_put(b, str_eq(str_of(word(m)), S("all")) ? S("\n") : S(" (some)\n"));
}

enum { WIDEST = 12 }; // namespaces of a table; more are lines

static err_code put_all(struct matrix *m, struct err *e)
{
    bool table = m->q->format != NET_JSON && m->n <= WIDEST, first = true;
    TRY(net_sender_init(&m->sender, &m->in->reach, &m->q->memory, e));
    m->table = (struct columns){.arena = &m->q->memory, .width = m->n + 1};
    columns_put(&m->table, S("from \\ to"));
    for (uint32_t i = 0; table && i < m->n; i++)
        columns_put(&m->table, m->blocks[i].name);
    for (uint32_t i = 0; i < m->n && !m->q->out.sys; i++) {
        net_sender_set(&m->sender, &(struct net_party){.classes = m->blocks[i].rows, .n_classes = m->blocks[i].n_rows});
        if (table)
            columns_put(&m->table, m->blocks[i].name);
        for (uint32_t k = 0; k < m->n; k++) {
            bool any = add_columns(m, &m->blocks[k]);
            if (table)
                columns_put(&m->table, i == 0 && k == 0 ? S(".") : str_of(word(m)));
            else if (any && m->q->format == NET_JSON)
                put_json(m, &m->blocks[i], &m->blocks[k], first);
            else if (any)
                put_line(m, &m->blocks[i], &m->blocks[k]);
            first = first && !any;
        }
        out_flush(&m->q->out);
    }
    if (table)
        columns_print(&m->table, &m->q->out.b, 0);
    return ERR_OK;
}

err_code net_matrix_run(struct net_request *q, struct err *e)
{
    struct matrix m = {.q = q};
    TRY_NEW(m.in, &q->memory, 1, e);
    TRY(net_input_open(m.in, q, q->words, q->n, e));
    const struct reach *r = &m.in->reach;
    TRY_NEW(m.blocks, &q->memory, m.in->inventory.n_namespaces + 1, e);
    TRY_NEW(m.cell.some, &q->memory, reach_atom_words(r), e);
    TRY_NEW(m.cell.every, &q->memory, reach_atom_words(r), e);
    TRY_NEW(m.cell.perhaps, &q->memory, reach_atom_words(r), e);
    TRY(add_outside(&m, e));
    TRY(add_namespaces(&m, e));
    if (q->format == NET_JSON)
        buf_put(&q->out.b, S("{\"entries\": ["));
    TRY(put_all(&m, e));
    if (q->format == NET_JSON) {
        buf_put(&q->out.b, S("]"));
        net_put_notes_json(m.in, q, &q->out.b);
        buf_put(&q->out.b, S("}\n"));
        return ERR_OK;
    }
    buf_put(&q->out.b, S("all: every Pod, every port; some: net list says which; ?: it depends on the network plugin\n"));
    net_put_notes(m.in, q, &q->out.b);
    return ERR_OK;
}
