// rbac who-can, rbac what-can.
#include <unistd.h>

#include "cmd/columns.h"
#include "cmd/rbac.h"
#include "doc/write.h"
#include "graph/rbac_resource.h"

enum { COLUMNS = 5 }; // who or where, what, binding, rule, place
#define MOST ((size_t)1 << 28)

// One line of an answer: a subject, or what it may do.
struct writer {
    struct rbac_request *q;
    const struct rbac_set *set;
    struct columns columns;
    bool first; // JSON: nothing was written yet
    uint32_t n;
};

static void put_place(struct buf *b, const struct rbac_set *s, const struct rbac_rule *r)
{
    const struct origin *at = &rbac_role(s, r->role)->at;
    buf_put(b, at->file);
    if (r->line)
        buf_printf(b, ":%u", r->line);
}

static void put_ids(struct buf *b, const struct rbac_set *s, bool *first, const char *key, const struct rbac_list *l)
{
    buf_printf(b, "%s\"%s\": [", *first ? "" : ", ", key);
    for (uint32_t i = 0; i < l->n; i++) {
        buf_put(b, i ? S(", ") : S(""));
        write_json_string(b, rbac_text(s, l->ids[i]));
    }
    buf_putc(b, ']');
    *first = false;
}

// "binding", "role", "rule", and where the rule stands
static void put_json_evidence(struct buf *b, const struct rbac_set *s, bool *first, uint32_t binding, const struct rbac_rule *r)
{
    OWN_BUF struct buf text = buf_new(MOST);
    const struct rbac_binding *x = rbac_binding(s, binding);
    rbac_put_binding(&text, s, binding);
    rbac_put_field(b, first, "binding", buf_str(&text));
    text.n = 0;
    rbac_put_role(&text, s, x->role);
    rbac_put_field(b, first, "role", buf_str(&text));
    text.n = 0;
    rbac_put_rule(&text, s, r);
    rbac_put_field(b, first, "rule", buf_str(&text));
    rbac_put_place(b, first, &rbac_role(s, r->role)->at, r->line);
}

static void put_evidence_cells(struct writer *w, uint32_t binding, const struct rbac_rule *r)
{
    OWN_BUF struct buf text = buf_new(MOST);
    rbac_put_binding(&text, w->set, binding);
    columns_put(&w->columns, buf_str(&text));
    text.n = 0;
    rbac_put_rule(&text, w->set, r);
    columns_put(&w->columns, buf_str(&text));
    text.n = 0;
    put_place(&text, w->set, r);
    columns_put(&w->columns, buf_str(&text));
}

// ---- who-can

static void put_who(struct writer *w, const struct rbac_subject *x, uint32_t binding, const struct rbac_rule *r)
{
    static const char *const kinds[] = {"User", "Group", "ServiceAccount", ""};
    OWN_BUF struct buf text = buf_new(MOST);
    struct buf *b = &w->q->out.b;
    const struct rbac_binding *by = rbac_binding(w->set, binding);
    bool first = true;
    w->n++;
    if (!w->q->json) {
        rbac_put_subject(&text, x);
        columns_put(&w->columns, buf_str(&text));
        text.n = 0;
        buf_printf(&text, "%s%.*s", by->ns.n ? "in " : "everywhere", STR_FMT(by->ns));
        columns_put(&w->columns, buf_str(&text));
        put_evidence_cells(w, binding, r);
        return;
    }
    buf_put(b, w->first ? S("\n  {") : S(",\n  {"));
    w->first = false;
    rbac_put_field(b, &first, "kind", str_of(kinds[x->kind]));
    if (x->kind == RBAC_ACCOUNT)
        rbac_put_field(b, &first, "subjectNamespace", x->ns);
    rbac_put_field(b, &first, "name", x->name);
    if (by->ns.n)
        rbac_put_field(b, &first, "namespace", by->ns);
    put_json_evidence(b, w->set, &first, binding, r);
    buf_putc(b, '}');
}

static const struct rbac_rule *matching_rule(const struct rbac_set *s, uint32_t role, const struct rbac_question *q)
{
    struct rbac_walk walk = {0};
    for (const struct rbac_rule *r; (r = rbac_role_next(s, role, &walk));)
        if (rbac_rule_matches(s, r, q))
            return r;
    return NULL;
}

// Everybody first, then who may everywhere, then who may somewhere.
static unsigned pass_of(const struct rbac_subject *x, const struct rbac_binding *b)
{
    static const char *const everybody[] = {"system:unauthenticated", "system:anonymous", "system:authenticated", "system:serviceaccounts"};
    for (unsigned i = 0; i < sizeof everybody / sizeof *everybody && x->kind != RBAC_ACCOUNT; i++)
        if (str_eq(x->name, str_of(everybody[i])))
            return 0;
    return b->ns.n ? 2 : 1;
}

static void list_pass(struct writer *w, const struct rbac_question *q, bool cluster, unsigned pass)
{
    for (uint32_t i = 0; i < rbac_n_bindings(w->set); i++) {
        const struct rbac_binding *b = rbac_binding(w->set, i);
        if (b->replaced || b->role == RBAC_NONE)
            continue;
        if (b->ns.n && (q->path.p || cluster || (w->q->ns && !str_eq(b->ns, q->ns))))
            continue;
        const struct rbac_rule *r = matching_rule(w->set, b->role, q);
        for (uint32_t k = 0; r && k < b->n_subjects; k++)
            if (b->subjects[k].kind != RBAC_BAD && pass_of(&b->subjects[k], b) == pass)
                put_who(w, &b->subjects[k], i, r);
    }
}

static void list_who(struct writer *w, const struct rbac_question *q, bool cluster)
{
    for (unsigned pass = 0; pass < 3; pass++)
        list_pass(w, q, cluster, pass);
}

static void put_question(struct buf *b, const struct rbac_question *q, bool json)
{
    bool first = true;
    if (json) {
        rbac_put_field(b, &first, "verb", q->verb);
        if (q->path.p) {
            rbac_put_field(b, &first, "path", q->path);
            return;
        }
        rbac_put_field(b, &first, "group", q->group);
        rbac_put_field(b, &first, "resource", q->resource);
        if (q->subresource.n)
            rbac_put_field(b, &first, "subresource", q->subresource);
        if (q->name.n)
            rbac_put_field(b, &first, "name", q->name);
        if (q->ns.n)
            rbac_put_field(b, &first, "namespace", q->ns);
        return;
    }
    buf_printf(b, "%.*s ", STR_FMT(q->verb));
    if (q->path.p)
        buf_put(b, q->path);
    else
        buf_printf(b, "%.*s%s%.*s%s%.*s", STR_FMT(q->resource), q->subresource.n ? "/" : "", STR_FMT(q->subresource),
                   q->group.n ? "." : "", STR_FMT(q->group));
    if (q->name.n)
        buf_printf(b, " '%.*s'", STR_FMT(q->name));
    if (q->ns.n)
        buf_printf(b, " in %.*s", STR_FMT(q->ns));
}

err_code rbac_who_run(struct rbac_request *q, struct err *e)
{
    struct rbac_input in = {0};
    struct rbac_question question = {0};
    bool cluster = false;
    unsigned used = 2;
    if (q->n < 2)
        return err_set(e, ERR_USAGE, "rbac who-can: it takes VERB, RESOURCE, perhaps a NAME, and PATHs (or -)");
    question.verb = str_of(q->words[0]);
    rbac_resource_parse(str_of(q->words[1]), &question, &cluster);
    question.name = S("");
    question.ns = q->ns ? str_of(q->ns) : S("");
    // a third word is a name where it is no path and paths follow
    if (q->n > 3 && !str_eq(str_of(q->words[2]), S("-")) && access(q->words[2], F_OK) != 0)
        question.name = str_of(q->words[used++]);
    TRY(rbac_input_open(&in, q, q->words + used, q->n - used, e));
    struct writer w = {.q = q, .set = in.set, .columns = {.arena = &q->memory, .width = COLUMNS}, .first = true};
    struct buf *b = &q->out.b;
    buf_put(b, q->json ? S("{\"question\": {") : S(""));
    put_question(b, &question, q->json);
    buf_put(b, q->json ? S("},\n \"subjects\": [") : S("\n\n"));
    list_who(&w, &question, cluster);
    if (q->json) {
        buf_put(b, S("]}\n"));
        return ERR_OK;
    }
    columns_print(&w.columns, b, 2);
    if (!w.n)
        buf_put(b, S("  nobody is given this\n"));
    buf_put(b, S("\n  and whoever is in Group:system:masters, whom no role limits\n"));
    return w.columns.failed ? err_set(e, ERR_LIMIT, "arena '%s' is full", q->memory.name) : ERR_OK;
}

// ---- what-can

static void put_what(struct writer *w, uint32_t binding, const struct rbac_rule *r)
{
    OWN_BUF struct buf text = buf_new(MOST);
    struct buf *b = &w->q->out.b;
    const struct rbac_binding *by = rbac_binding(w->set, binding);
    bool first = true;
    w->n++;
    if (!w->q->json) {
        buf_printf(&text, "%s%.*s", by->ns.n ? "in " : "everywhere", STR_FMT(by->ns));
        columns_put(&w->columns, buf_str(&text));
        text.n = 0;
        rbac_put_allows(&text, w->set, r);
        columns_put(&w->columns, buf_str(&text));
        put_evidence_cells(w, binding, r);
        return;
    }
    buf_put(b, w->first ? S("\n  {") : S(",\n  {"));
    w->first = false;
    if (by->ns.n)
        rbac_put_field(b, &first, "namespace", by->ns);
    put_ids(b, w->set, &first, "verbs", &r->verbs);
    put_ids(b, w->set, &first, "apiGroups", &r->groups);
    put_ids(b, w->set, &first, "resources", &r->resources);
    put_ids(b, w->set, &first, "resourceNames", &r->names);
    put_ids(b, w->set, &first, "nonResourceURLs", &r->urls);
    put_json_evidence(b, w->set, &first, binding, r);
    buf_putc(b, '}');
}

static bool is_one_of(const struct rbac_set *s, const struct rbac_subject *x, const struct rbac_user *u)
{
    if (x->kind == RBAC_BAD)
        return false;
    str text = rbac_text(s, x->user);
    if (x->kind != RBAC_GROUP)
        return str_eq(text, u->name);
    for (uint32_t i = 0; i < u->n_groups; i++)
        if (str_eq(text, u->groups[i]))
            return true;
    return false;
}

static void list_what(struct writer *w, const struct rbac_user *u)
{
    for (uint32_t i = 0; i < rbac_n_bindings(w->set); i++) {
        const struct rbac_binding *b = rbac_binding(w->set, i);
        bool theirs = false;
        for (uint32_t k = 0; k < b->n_subjects && !theirs; k++)
            theirs = is_one_of(w->set, &b->subjects[k], u);
        if (!theirs || b->replaced || b->role == RBAC_NONE || (b->ns.n && w->q->ns && !str_eq(b->ns, str_of(w->q->ns))))
            continue;
        struct rbac_walk walk = {0};
        for (const struct rbac_rule *r; (r = rbac_role_next(w->set, b->role, &walk));)
            if (r->verbs.n && (r->resources.n || (r->urls.n && !b->ns.n))) // paths only by a ClusterRoleBinding
                put_what(w, i, r);
    }
}

err_code rbac_what_run(struct rbac_request *q, struct err *e)
{
    struct rbac_input in = {0};
    struct rbac_subject subject;
    struct rbac_user user = {0};
    str name = {0};
    if (q->n < 1)
        return err_set(e, ERR_USAGE, "rbac what-can: it takes SUBJECT and PATHs (or -)");
    TRY(rbac_resource_subject(str_of(q->words[0]), &q->memory, &subject, &name, e));
    if (subject.kind == RBAC_GROUP)
        user = (struct rbac_user){S(""), &name, 1};
    else
        TRY(rbac_implied_groups(name, NULL, 0, &q->memory, &user, e));
    TRY(rbac_input_open(&in, q, q->words + 1, q->n - 1, e));
    struct writer w = {.q = q, .set = in.set, .columns = {.arena = &q->memory, .width = COLUMNS}, .first = true};
    struct buf *b = &q->out.b;
    OWN_BUF struct buf text = buf_new(MOST);
    rbac_put_subject(&text, &subject);
    bool first = true;
    buf_put(b, q->json ? S("{") : S(""));
    if (q->json)
        rbac_put_field(b, &first, "subject", buf_str(&text));
    else
        buf_put(b, buf_str(&text));
    buf_put(b, q->json ? S(", \"groups\": [") : user.n_groups && subject.kind != RBAC_GROUP ? S(", in ") : S(""));
    for (uint32_t i = 0; i < user.n_groups && (q->json || subject.kind != RBAC_GROUP); i++) {
        buf_put(b, i ? S(", ") : S(""));
        if (q->json)
            write_json_string(b, user.groups[i]);
        else
            buf_put(b, user.groups[i]);
    }
    buf_put(b, q->json ? S("],\n \"grants\": [") : S("\n\n"));
    list_what(&w, &user);
    if (q->json) {
        buf_put(b, S("]}\n"));
        return ERR_OK;
    }
    columns_print(&w.columns, b, 2);
    if (!w.n)
        buf_put(b, S("  may do nothing: no binding names it\n"));
    return w.columns.failed ? err_set(e, ERR_LIMIT, "arena '%s' is full", q->memory.name) : ERR_OK;
}
