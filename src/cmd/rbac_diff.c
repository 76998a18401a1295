// rbac diff: what a change lets somebody do, or no longer.
#include "cmd/columns.h"
#include "cmd/rbac.h"
#include "doc/write.h"

#define MOST ((size_t)1 << 28)
enum { COLUMNS = 5 };

// One direction: what `to` has and `from` has not.
struct differ {
    struct rbac_request *q;
    const struct rbac_set *from, *to;
    struct columns columns;
    bool gained;
    bool first; // JSON
    uint32_t n;
    struct buf atoms; // of the rule under way
    uint32_t n_atoms;
};

static err_code put_atom(void *ctx, const struct rbac_atom *a, struct err *e)
{
    struct differ *d = ctx;
    struct buf *b = &d->atoms;
    (void)e;
    if (d->q->json) {
        bool first = true;
        buf_put(b, d->n_atoms++ ? S(", {") : S("{"));
        rbac_put_field(b, &first, "verb", a->verb);
        if (a->url.p) {
            rbac_put_field(b, &first, "path", a->url);
        } else {
            rbac_put_field(b, &first, "group", a->group);
            rbac_put_field(b, &first, "resource", a->resource);
            if (a->name.p)
                rbac_put_field(b, &first, "name", a->name);
        }
        buf_putc(b, '}');
        return ERR_OK;
    }
    buf_put(b, d->n_atoms++ ? S(", ") : S(""));
    buf_printf(b, "%.*s %.*s", STR_FMT(a->verb), STR_FMT(a->url.p ? a->url : a->resource));
    if (!a->url.p && a->group.n)
        buf_printf(b, ".%.*s", STR_FMT(a->group));
    if (a->name.p)
        buf_printf(b, " '%.*s'", STR_FMT(a->name));
    return ERR_OK;
}

static uint32_t n_atoms_of(const struct rbac_rule *r)
{
    return r->verbs.n * (r->urls.n + r->groups.n * r->resources.n * (r->names.n ? r->names.n : 1));
}

static void put_row(struct differ *d, const struct rbac_subject *x, uint32_t binding, const struct rbac_rule *r)
{
    OWN_BUF struct buf text = buf_new(MOST);
    struct buf *b = &d->q->out.b;
    const struct rbac_binding *by = rbac_binding(d->to, binding);
    rbac_put_subject(&text, x);
    d->n++;
    if (d->q->json) {
        bool first = true;
        buf_put(b, d->first ? S("\n  {") : S(",\n  {"));
        d->first = false;
        rbac_put_field(b, &first, "subject", buf_str(&text));
        if (by->ns.n)
            rbac_put_field(b, &first, "namespace", by->ns);
        buf_printf(b, ", \"allows\": [%.*s]", STR_FMT(buf_str(&d->atoms)));
        text.n = 0;
        rbac_put_binding(&text, d->to, binding);
        rbac_put_field(b, &first, "binding", buf_str(&text));
        text.n = 0;
        rbac_put_rule(&text, d->to, r);
        rbac_put_field(b, &first, "rule", buf_str(&text));
        rbac_put_place(b, &first, &rbac_role(d->to, r->role)->at, r->line);
        buf_putc(b, '}');
        return;
    }
    columns_put(&d->columns, buf_str(&text));
    text.n = 0;
    buf_printf(&text, "%s%.*s", by->ns.n ? "in " : "everywhere", STR_FMT(by->ns));
    columns_put(&d->columns, buf_str(&text));
    text.n = 0;
    if (d->n_atoms == n_atoms_of(r)) // all of it is new: the rule says it shorter
        rbac_put_allows(&text, d->to, r);
    columns_put(&d->columns, text.n ? buf_str(&text) : buf_str(&d->atoms));
    text.n = 0;
    rbac_put_binding(&text, d->to, binding);
    columns_put(&d->columns, buf_str(&text));
    text.n = 0;
    rbac_put_rule(&text, d->to, r);
    columns_put(&d->columns, buf_str(&text));
}

static err_code one_subject(struct differ *d, uint32_t binding, const struct rbac_subject *x, struct arena *a, struct err *e)
{
    const struct rbac_binding *b = rbac_binding(d->to, binding);
    struct rbac_user user = {0};
    struct rbac_walk walk = {0};
    str name = rbac_text(d->to, x->user);
    if (x->kind == RBAC_GROUP)
        user = (struct rbac_user){S(""), &name, 1};
    else
        TRY(rbac_implied_groups(name, NULL, 0, a, &user, e));
    for (const struct rbac_rule *r; (r = rbac_role_next(d->to, b->role, &walk));) {
        bool any = false;
        if (b->ns.n && r->urls.n && !r->resources.n) // paths count in ClusterRoleBindings only
            continue;
        d->atoms.n = 0;
        d->n_atoms = 0;
        TRY(rbac_uncovered(d->from, &user, b->ns, d->to, r, d, put_atom, &any, e));
        if (any)
            put_row(d, x, binding, r);
    }
    return ERR_OK;
}

static err_code compare(struct differ *d, struct arena *scratch, struct err *e)
{
    struct buf *b = &d->q->out.b;
    d->columns = (struct columns){.arena = &d->q->memory, .width = COLUMNS};
    d->first = true;
    d->atoms = buf_new(MOST);
    err_code rc = ERR_OK;
    for (uint32_t i = 0; i < rbac_n_bindings(d->to) && rc == ERR_OK; i++) {
        const struct rbac_binding *x = rbac_binding(d->to, i);
        for (uint32_t k = 0; k < x->n_subjects && !x->replaced && x->role != RBAC_NONE && rc == ERR_OK; k++) {
            if (x->subjects[k].kind != RBAC_BAD)
                rc = one_subject(d, i, &x->subjects[k], scratch, e);
            arena_reset(scratch);
        }
    }
    buf_done(&d->atoms);
    if (rc == ERR_OK && !d->q->json && d->n) {
        buf_put(b, d->gained ? S("may now\n\n") : S("may no longer\n\n"));
        columns_print(&d->columns, b, 2);
        buf_putc(b, '\n');
    }
    return rc;
}

err_code rbac_diff_run(struct rbac_request *q, struct err *e)
{
    struct rbac_input old = {0}, new = {0};
    OWN_ARENA struct arena scratch = {0};
    if (q->n != 2)
        return err_set(e, ERR_USAGE, "rbac diff: it takes OLD and NEW, each a file or a directory");
    TRY(verbs_confine(&q->base, q->words, 2, e));
    TRY(rbac_input_read(&old, q, q->words, 1, e));
    TRY(rbac_input_read(&new, q, q->words + 1, 1, e));
    TRY(arena_init(&scratch, "subject", 1 << 24, e));
    struct differ gained = {.q = q, .from = old.set, .to = new.set, .gained = true};
    struct differ lost = {.q = q, .from = new.set, .to = old.set};
    if (q->json)
        buf_put(&q->out.b, S("{\"gained\": ["));
    TRY(compare(&gained, &scratch, e));
    if (q->json)
        buf_put(&q->out.b, S("],\n \"lost\": ["));
    TRY(compare(&lost, &scratch, e));
    if (q->json)
        buf_put(&q->out.b, S("]}\n"));
    else if (!gained.n && !lost.n)
        buf_put(&q->out.b, S("nobody may do more or less\n"));
    if (!q->status)
        q->status = gained.n || lost.n;
    return ERR_OK;
}
