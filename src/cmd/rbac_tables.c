// rbac matrix, rbac unused.
#include <stdlib.h>

#include "cmd/columns.h"
#include "cmd/rbac.h"
#include "doc/write.h"
#include "graph/inventory.h"
#include "graph/rbac_resource.h"

#define MOST ((size_t)1 << 28)

// ---- matrix: who may read, write and delete what

static const char *const columns[] = {"secrets", "configmaps", "pods",         "pods/exec", "deployments", "serviceaccounts",
                                      "roles",   "rolebindings", "clusterroles", "nodes", "namespaces",  "*.*"};
enum { N_COLUMNS = sizeof columns / sizeof *columns };
// What a letter stands for: any of its verbs.
static const struct {
    char letter;
    const char *verbs[3];
} letters[] = {{'r', {"get", "list", "watch"}}, {'c', {"create", NULL, NULL}}, {'w', {"update", "patch", NULL}}, {'d', {"delete", "deletecollection", NULL}},
               {'*', {"*", NULL, NULL}}};
enum { LETTERS = sizeof letters / sizeof *letters };

// How far a right goes: nowhere, in some namespace, everywhere.
struct cell {
    uint8_t reach[LETTERS];
};
struct row {
    struct rbac_subject subject;
    struct cell cells[N_COLUMNS];
    uint32_t weight, index;
    bool given; // by a binding that the API server did not make
};

// The strongest first: what counts everywhere more than what does in a namespace, everything more than one resource, writing more than
// reading, but of Secrets.
static uint32_t weigh(const struct row *row)
{
    static const uint32_t worth[LETTERS] = {1, 4, 4, 2, 16};
    uint32_t weight = 0;
    for (unsigned i = 0; i < N_COLUMNS; i++)
        for (unsigned k = 0; k < LETTERS; k++) {
            uint32_t one = worth[k] * (i + 1 == N_COLUMNS ? 64 : i == 0 ? 4 : 1);
            weight += row->cells[i].reach[k] == 2 ? 8 * one : row->cells[i].reach[k] ? one : 0;
        }
    return weight;
}

static int by_weight(const void *x, const void *y)
{
    const struct row *a = x, *b = y;
    if (a->weight != b->weight)
        return a->weight > b->weight ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

static void add_rule(const struct rbac_set *s, const struct rbac_rule *r, const struct rbac_question *questions, uint8_t reach, struct row *row)
{
    for (unsigned i = 0; i < N_COLUMNS; i++) {
        struct rbac_question q = questions[i];
        for (unsigned k = 0; k < LETTERS; k++) {
            for (unsigned v = 0; v < 3 && letters[k].verbs[v]; v++) {
                q.verb = str_of(letters[k].verbs[v]);
                if (row->cells[i].reach[k] < reach && rbac_rule_matches(s, r, &q))
                    row->cells[i].reach[k] = reach;
            }
        }
    }
}

// *ret_none: subjects that may do nothing of this; *ret_own: those that only the API server's own bindings name.
static err_code fill(const struct rbac_set *s, const struct rbac_request *q, struct arena *a, struct row **ret, uint32_t *ret_n,
                     uint32_t *ret_none, uint32_t *ret_own, struct err *e)
{
    struct rbac_question questions[N_COLUMNS] = {0};
    uint32_t *row_of, n = 0, most = 0;
    struct row *rows;
    bool cluster;
    for (unsigned i = 0; i < N_COLUMNS; i++) {
        rbac_resource_parse(str_of(columns[i]), &questions[i], &cluster);
        questions[i].name = questions[i].ns = S("");
    }
    for (uint32_t i = 0; i < rbac_n_bindings(s); i++)
        most += rbac_binding(s, i)->n_subjects;
    TRY_NEW(rows, a, most, e);
    TRY_NEW(row_of, a, 2 * (size_t)rbac_n_texts(s), e);
    for (uint32_t i = 0; i < rbac_n_bindings(s); i++) {
        const struct rbac_binding *b = rbac_binding(s, i);
        if (b->replaced || b->role == RBAC_NONE || (q->ns && b->ns.n && !str_eq(b->ns, str_of(q->ns))))
            continue;
        for (uint32_t k = 0; k < b->n_subjects; k++) {
            if (b->subjects[k].kind == RBAC_BAD)
                continue;
            uint32_t *slot = &row_of[b->subjects[k].user * 2 + (b->subjects[k].kind == RBAC_GROUP)];
            if (!*slot) {
                rows[n].subject = b->subjects[k];
                *slot = ++n;
            }
            struct rbac_walk walk = {0};
            rows[*slot - 1].given = rows[*slot - 1].given || !rbac_is_shipped(b, &b->subjects[k]);
            for (const struct rbac_rule *r; (r = rbac_role_next(s, b->role, &walk));)
                if (!r->names.n) // of single objects the table has no room
                    add_rule(s, r, questions, b->ns.n && !q->ns ? 1 : 2, &rows[*slot - 1]);
        }
    }
    *ret_n = 0;
    *ret_none = *ret_own = 0;
    for (uint32_t i = 0; i < n; i++) {
        rows[i].index = i;
        rows[i].weight = weigh(&rows[i]);
        if (rows[i].given && rows[i].weight)
            rows[(*ret_n)++] = rows[i];
        else
            ++*(rows[i].given ? ret_none : ret_own);
    }
    qsort(rows, *ret_n, sizeof *rows, by_weight);
    *ret = rows;
    return ERR_OK;
}

static void put_cell(struct buf *b, const struct cell *c)
{
    if (c->reach[LETTERS - 1]) {
        buf_put(b, c->reach[LETTERS - 1] == 1 ? S("(*)") : S("*"));
        return;
    }
    for (uint8_t reach = 2; reach > 0; reach--) {
        bool any = false;
        for (unsigned k = 0; k + 1 < LETTERS; k++) {
            if (c->reach[k] != reach)
                continue;
            if (reach == 1 && !any)
                buf_putc(b, '(');
            any = true;
            buf_putc(b, letters[k].letter);
        }
        if (reach == 1 && any)
            buf_putc(b, ')');
    }
}

static void json_row(struct buf *b, const struct row *row, bool first_row)
{
    OWN_BUF struct buf text = buf_new(MOST);
    bool first = true;
    rbac_put_subject(&text, &row->subject);
    buf_put(b, first_row ? S("\n  {") : S(",\n  {"));
    rbac_put_field(b, &first, "subject", buf_str(&text));
    for (unsigned i = 0; i < N_COLUMNS; i++) {
        text.n = 0;
        put_cell(&text, &row->cells[i]);
        if (text.n)
            rbac_put_field(b, &first, columns[i], buf_str(&text));
    }
    buf_putc(b, '}');
}

err_code rbac_matrix_run(struct rbac_request *q, struct err *e)
{
    struct rbac_input in = {0};
    struct row *rows;
    uint32_t n = 0, none = 0, own = 0;
    struct buf *b = &q->out.b;
    OWN_BUF struct buf text = buf_new(MOST);
    TRY(rbac_input_open(&in, q, q->words, q->n, e));
    TRY(fill(in.set, q, &q->memory, &rows, &n, &none, &own, e));
    if (q->json) {
        buf_put(b, S("{\"rows\": ["));
        for (uint32_t i = 0; i < n; i++)
            json_row(b, &rows[i], i == 0);
        buf_put(b, S("]}\n"));
        return ERR_OK;
    }
    if (!n) {
        buf_printf(b, "nobody may do anything with secrets, pods, roles and what else the matrix has%s\n", none || own ? "" : ": no binding was read");
        return ERR_OK;
    }
    struct columns c = {.arena = &q->memory, .width = N_COLUMNS + 1};
    bool any[N_COLUMNS] = {0}; // a column that nobody has is left out
    for (uint32_t i = 0; i < n; i++) {
        for (unsigned k = 0; k < N_COLUMNS; k++) {
            text.n = 0;
            put_cell(&text, &rows[i].cells[k]);
            any[k] = any[k] || text.n;
        }
    }
    columns_put(&c, S("may"));
    for (unsigned i = 0; i < N_COLUMNS; i++)
        columns_put(&c, any[i] ? str_of(columns[i]) : S(""));
    for (uint32_t i = 0; i < n; i++) {
        text.n = 0;
        rbac_put_subject(&text, &rows[i].subject);
        columns_put(&c, buf_str(&text));
        for (unsigned k = 0; k < N_COLUMNS; k++) {
            text.n = 0;
            put_cell(&text, &rows[i].cells[k]);
            columns_put(&c, text.n ? buf_str(&text) : any[k] ? S("-") : S(""));
        }
    }
    columns_print(&c, b, 0);
    buf_put(b, S("\nr get, list or watch  c create  w update or patch  d delete  * every verb  ( ) in some namespace only\n"));
    if (none)
        buf_printf(b, "%u more may do nothing of this\n", none);
    if (own)
        buf_printf(b, "%u of Kubernetes' own components are left out\n", own);
    return ERR_OK;
}

// ---- unused

struct unused {
    struct rbac_request *q;
    const struct rbac_set *set;
    struct inventory inventory;
    struct columns columns;
    bool first;
    uint32_t n;
    bool *role_used, *account_used;
    struct names namespaces; // that have service accounts in the input
    bool pods; // there are Pods in the input: then an account without any is unused
};

static err_code take(void *ctx, const struct object *o, const struct origin *at, struct err *e)
{
    struct unused *u = ctx;
    return inventory_add(&u->inventory, o, at, e);
}

static void say(struct unused *u, str what, str why, const struct origin *at)
{
    OWN_BUF struct buf place = buf_new(MOST);
    bool first = true;
    u->n++;
    if (!u->q->json) {
        buf_put(&place, at->file);
        if (at->line)
            buf_printf(&place, ":%u", at->line);
        columns_put(&u->columns, what);
        columns_put(&u->columns, why);
        columns_put(&u->columns, buf_str(&place));
        return;
    }
    struct buf *b = &u->q->out.b;
    buf_put(b, u->first ? S("\n  {") : S(",\n  {"));
    u->first = false;
    rbac_put_field(b, &first, "object", what);
    rbac_put_field(b, &first, "why", why);
    rbac_put_place(b, &first, at, 0);
    buf_putc(b, '}');
}

// The input has the namespace, or service accounts of it, and this is none of them.
static bool is_missing(const struct unused *u, const struct rbac_binding *b, const struct rbac_subject *x)
{
    if (x->kind != RBAC_ACCOUNT || str_eq(x->name, S("default")) || rbac_find_account(u->set, x->ns, x->name))
        return false;
    uint32_t ns = inventory_find_namespace(&u->inventory, x->ns);
    if (rbac_is_shipped(b, x)) // it is there or not as the cluster's components are
        return false;
    return names_find(&u->namespaces, x->ns) != UINT32_MAX ||
           (ns != INVENTORY_NONE && u->inventory.namespaces[ns].declared);
}

static void bindings(struct unused *u)
{
    for (uint32_t i = 0; i < rbac_n_bindings(u->set); i++) {
        const struct rbac_binding *b = rbac_binding(u->set, i);
        OWN_BUF struct buf name = buf_new(MOST);
        uint32_t missing = 0;
        if (b->replaced)
            continue;
        rbac_put_binding(&name, u->set, i);
        if (b->role != RBAC_NONE)
            u->role_used[b->role] = true;
        else
            say(u, buf_str(&name), S("its role does not exist"), &b->at);
        if (!b->n_subjects && !b->labelled) // system:node binds nobody
            say(u, buf_str(&name), S("binds nobody"), &b->at);
        for (uint32_t k = 0; k < b->n_subjects; k++)
            missing += b->subjects[k].kind == RBAC_BAD || is_missing(u, b, &b->subjects[k]);
        if (missing && missing == b->n_subjects)
            say(u, buf_str(&name), S("nobody it binds is among the input"), &b->at);
        for (uint32_t k = 0; k < b->n_subjects && missing < b->n_subjects; k++) {
            OWN_BUF struct buf why = buf_new(MOST);
            if (!is_missing(u, b, &b->subjects[k]))
                continue;
            buf_put(&why, S("of those it binds "));
            rbac_put_subject(&why, &b->subjects[k]);
            buf_put(&why, S(" is not among the input"));
            say(u, buf_str(&name), buf_str(&why), &b->at);
        }
    }
}

static void roles(struct unused *u)
{
    for (uint32_t i = 0; i < rbac_n_roles(u->set); i++) {
        const struct rbac_role *r = rbac_role(u->set, i);
        OWN_BUF struct buf name = buf_new(MOST);
        if (r->replaced || r->builtin || r->shipped || u->role_used[i] || r->widens)
            continue;
        rbac_put_role(&name, u->set, i);
        say(u, buf_str(&name), S("no binding refers to it"), &r->at);
    }
}

static void mark_accounts(struct unused *u)
{
    const struct inventory *v = &u->inventory;
    for (uint32_t i = 0; i < v->n_pods; i++) {
        str account = inventory_str(v, v->pods[i].service_account);
        const struct rbac_account *a =
            rbac_find_account(u->set, inventory_str(v, v->namespaces[v->pods[i].ns].name), account.n ? account : S("default"));
        if (a)
            u->account_used[a - rbac_account(u->set, 0)] = true;
    }
}

static void accounts(struct unused *u)
{
    for (uint32_t i = 0; i < rbac_n_accounts(u->set) && u->pods; i++) {
        const struct rbac_account *a = rbac_account(u->set, i);
        OWN_BUF struct buf name = buf_new(MOST);
        if (str_eq(a->name, S("default")) || u->account_used[i])
            continue;
        buf_printf(&name, "ServiceAccount/%.*s/%.*s", STR_FMT(a->ns), STR_FMT(a->name));
        say(u, buf_str(&name), S("no Pod runs as it"), &a->at);
    }
}

static err_code prepare(struct unused *u, struct err *e)
{
    struct arena *a = &u->q->memory;
    name_id id;
    TRY_NEW(u->role_used, a, rbac_n_roles(u->set) + 1, e);
    TRY_NEW(u->account_used, a, rbac_n_accounts(u->set) + 1, e);
    TRY(names_init(&u->namespaces, a, e));
    for (uint32_t i = 0; i < rbac_n_accounts(u->set); i++)
        TRY(names_put(&u->namespaces, rbac_account(u->set, i)->ns, &id, e));
    mark_accounts(u);
    return ERR_OK;
}

err_code rbac_unused_run(struct rbac_request *q, struct err *e)
{
    struct unused u = {.q = q, .columns = {.arena = &q->memory, .width = 3}, .first = true};
    struct rbac_input in = {.more = take, .ctx = &u};
    TRY(inventory_init(&u.inventory, &in.load, &q->memory, e));
    err_code rc = rbac_input_open(&in, q, q->words, q->n, e);
    if (rc == ERR_OK) {
        u.set = in.set;
        u.pods = u.inventory.n_pods > 0;
        rc = prepare(&u, e);
    }
    if (rc == ERR_OK) {
        buf_put(&q->out.b, q->json ? S("{\"unused\": [") : S(""));
        bindings(&u);
        roles(&u);
        accounts(&u);
        if (q->json)
            buf_put(&q->out.b, S("]}\n"));
        else if (u.n)
            columns_print(&u.columns, &q->out.b, 0);
        else
            buf_put(&q->out.b, S("everything is used\n"));
        if (!q->status)
            q->status = u.n ? 1 : 0;
    }
    inventory_done(&u.inventory);
    return rc;
}
