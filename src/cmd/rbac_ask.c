// rbac ask --lines: one question a line, one answer a line, as they come.
#include "base/limits.h"
#include "cmd/json_lines.h"
#include "cmd/rbac.h"

struct line {
    const struct rbac_set *set;
    const struct node *root;
    struct arena *arena;
    struct buf *out;
};

// "" where the field is absent or null; *bad where it is something else than a text.
static str field(const struct node *root, const char *name, bool *bad)
{
    const struct node *n = node_get(root, key_of(str_of(name)));
    if (!n || n->kind == NODE_NULL)
        return S("");
    *bad = *bad || n->kind != NODE_STRING;
    return n->kind == NODE_STRING ? node_str(n) : S("");
}

// Groups that are given are the user's, as in a SubjectAccessReview; where the field is absent, what the
// authenticator would add.
static err_code read_user(struct line *l, struct rbac_user *u, bool *bad, struct err *e)
{
    const struct node *list = node_get(l->root, KEY("groups"));
    str *groups;
    u->name = field(l->root, "user", bad);
    if (!list || list->kind == NODE_NULL)
        return rbac_implied_groups(u->name, NULL, 0, l->arena, u, e);
    if (list->kind != NODE_LIST) {
        *bad = true;
        return ERR_OK;
    }
    TRY_NEW(groups, l->arena, list->n, e);
    for (uint32_t i = 0; i < list->n; i++) {
        *bad = *bad || list->items[i].kind != NODE_STRING;
        groups[i] = list->items[i].kind == NODE_STRING ? node_str(&list->items[i]) : S("");
    }
    u->groups = groups;
    u->n_groups = list->n;
    return ERR_OK;
}

static void put_grant(struct line *l, const struct rbac_answer *answer)
{
    OWN_BUF struct buf text = buf_new(LIMIT_FILE_BYTES);
    bool first = false;
    rbac_put_binding(&text, l->set, answer->binding);
    rbac_put_field(l->out, &first, "binding", buf_str(&text));
    text.n = 0;
    rbac_put_rule(&text, l->set, answer->rule);
    rbac_put_field(l->out, &first, "rule", buf_str(&text));
    const struct origin *at = &rbac_role(l->set, answer->rule->role)->at;
    rbac_put_place(l->out, &first, at, answer->rule->line);
}

// {"bind": {"kind": "ClusterRole", "name": ...}}: may the user write a binding to it in the namespace, or a ClusterRoleBinding without
// one? The right to write bindings is another question.
static void answer_bind(struct line *l, const struct node *bind, const struct rbac_question *q, bool *bad)
{
    struct rbac_answer a;
    bool cluster = str_eq(field(bind, "kind", bad), S("ClusterRole"));
    uint32_t role = rbac_find_role(l->set, cluster ? S("") : q->ns, field(bind, "name", bad));
    if (role == RBAC_NONE) {
        buf_put(l->out, S("\"error\": \"there is no such role\""));
        return;
    }
    bool allowed = rbac_may_bind(l->set, &q->user, q->ns, role, &a);
    buf_printf(l->out, "\"allowed\": %s", allowed ? "true" : "false");
    if (a.masters)
        buf_put(l->out, S(", \"reason\": \"system:masters may do everything\""));
    else if (a.rule)
        put_grant(l, &a);
    else if (allowed)
        buf_put(l->out, S(", \"reason\": \"has all of the role's rules\""));
}

static err_code answer_line(struct line *l, struct err *e)
{
    struct rbac_question q = {0};
    struct rbac_answer a;
    bool bad = l->root->kind != NODE_MAP;
    TRY(read_user(l, &q.user, &bad, e));
    q.verb = field(l->root, "verb", &bad);
    q.group = field(l->root, "group", &bad);
    q.resource = field(l->root, "resource", &bad);
    q.subresource = field(l->root, "subresource", &bad);
    q.name = field(l->root, "name", &bad);
    q.ns = field(l->root, "namespace", &bad);
    str path = field(l->root, "path", &bad);
    if (path.n)
        q.path = path;
    if (bad) {
        buf_put(l->out, S("\"error\": \"texts are wanted in user, verb, group, resource, subresource, name, namespace and path, and a list of "
                          "texts in groups\""));
        return ERR_OK;
    }
    const struct node *bind = node_get(l->root, KEY("bind"));
    if (bind && bind->kind != NODE_NULL) {
        if (bind->kind == NODE_MAP)
            answer_bind(l, bind, &q, &bad);
        else
            buf_put(l->out, S("\"error\": \"bind is a kind and a name\""));
        return ERR_OK;
    }
    if ((q.resource.n != 0) == (path.n != 0)) { // as of a SubjectAccessReview: a misspelt field must not be answered with "no"
        buf_put(l->out, S("\"error\": \"a question has a resource or a path, and not both\""));
        return ERR_OK;
    }
    bool allowed = rbac_allows(l->set, &q, &a);
    buf_printf(l->out, "\"allowed\": %s", allowed ? "true" : "false");
    if (a.masters)
        buf_put(l->out, S(", \"binding\": null, \"rule\": null, \"reason\": \"system:masters may do everything\""));
    else if (allowed)
        put_grant(l, &a);
    return ERR_OK;
}

static err_code answer(void *ctx, const struct node *question, struct arena *a, struct buf *out, struct err *e)
{
    if (question)
        return answer_line(&(struct line){ctx, question, a, out}, e);
    buf_put(out, S("\"error\": \"the line is no JSON object\""));
    return ERR_OK;
}

err_code rbac_ask_run(struct rbac_request *q, struct err *e)
{
    struct rbac_input in = {0};
    if (!q->lines)
        return err_set(e, ERR_USAGE, "rbac ask: questions are lines of standard input: rbac ask --lines PATH...");
    for (unsigned i = 0; i < q->n; i++)
        if (str_eq(str_of(q->words[i]), S("-")))
            return err_set(e, ERR_USAGE, "rbac ask: standard input holds the questions, not the objects");
    TRY(rbac_input_open(&in, q, q->words, q->n, e));
    return json_lines_run(answer, in.set, &q->out, e);
}
