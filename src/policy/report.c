#include <stdlib.h>

#include "doc/path.h"
#include "policy/worker_priv.h"

// From the nodes that decided to places in the file. Happens only where something was found.

// The object as a whole: its `kind`, or for a Pod in another object the template's key.
static void whole(struct policy_worker *w, struct place *ret)
{
    const struct subject *s = w->subject;
    const struct member *m = node_member(s->o->root, KEY("kind"));
    *ret = (struct place){.path = s->prefix, .start = s->file->root->start, .end = s->file->root->start};
    if (s->template) {
        w->path.n = 0;
        if (path_of(s->file->root, s->template, &w->path, &m) && m) {
            ret->start = m->key_start;
            ret->end = m->key_end;
        }
    } else if (m && m->value.end > m->key_start) {
        ret->start = m->key_start;
        ret->end = m->value.end;
    }
}

// A Pod's apiVersion and kind stand nowhere.
static bool is_made(const struct subject *s, const struct node *n)
{
    const struct node *root = s->o->root;
    for (uint32_t i = 0; s->template && i < root->n && i < 3; i++)
        if (&root->members[i].value == n && n->start == n->end)
            return true;
    return n == root;
}

// The namespace of a Pod is its owner's where the template has none.
static bool is_owners(const struct subject *s, const struct node *n, str path)
{
    return s->template && str_eq(path, S("metadata.namespace")) &&
           (n->start < s->template->start || n->end > s->template->end);
}

// What to mark: a key with its plain value; of a map or a list only the key.
static void mark(const struct node *n, const struct member *m, struct place *ret)
{
    bool inner = n->kind == NODE_MAP || n->kind == NODE_LIST;
    ret->start = n->start;
    ret->end = n->end;
    if (m && &m->value == n) {
        ret->start = m->key_start;
        ret->end = inner || n->end < m->key_start ? m->key_end : n->end;
    } else if (n->kind == NODE_MAP && n->n && !(n->flags & NODE_ALIAS)) {
        const struct member *first = &n->members[0];
        bool flat = first->value.kind != NODE_MAP && first->value.kind != NODE_LIST;
        uint32_t end = flat && first->value.end > first->key_end ? first->value.end : first->key_end;
        if (first->key_start >= n->start && end <= n->end) {
            ret->start = first->key_start;
            ret->end = end;
        }
    }
    if (ret->end < ret->start)
        ret->end = ret->start;
}

static str join(struct arena *a, str x, str y, str z)
{
    char *p = arena_alloc(a, x.n + y.n + z.n, 1, 1);
    if (!p)
        return (str){0};
    memcpy(p, x.p, x.n);
    memcpy(p + x.n, y.p, y.n);
    memcpy(p + x.n + y.n, z.p, z.n);
    return (str){p, x.n + y.n + z.n};
}

// False for a node of another tree (params).
static err_code place_of(struct policy_worker *w, const struct node *n, struct place *ret,
                         bool *ret_found, struct err *e)
{
    const struct subject *s = w->subject;
    const struct member *m = NULL;
    *ret_found = true;
    if (is_made(s, n)) {
        whole(w, ret);
        return ERR_OK;
    }
    w->path.n = 0;
    *ret_found = path_of(s->o->root, n, &w->path, &m);
    if (!*ret_found)
        return ERR_OK;
    str path = buf_str(&w->path);
    bool bare = !s->prefix.n || is_owners(s, n, path);
    bool quoted = path.n && path.p[0] == '[';
    ret->path = bare ? arena_dup(w->a, path) : join(w->a, s->prefix, quoted ? S("") : S("."), path);
    if (!ret->path.p || w->path.failed)
        return policy_arena_full(w->a, e);
    mark(n, m, ret);
    return ERR_OK;
}

// The innermost item of a list on the path: where a name is the place, the secret stands beside it.
static str item_of(str path)
{
    size_t end = 0;
    for (size_t i = 0; i + 1 < path.n; i++) {
        if (path.p[i] != '[')
            continue;
        bool quoted = path.p[i + 1] == '"';
        for (i += 2; i < path.n && (quoted ? path.p[i] != '"' : path.p[i] != ']'); i++)
            i += quoted && path.p[i] == '\\';
        if (!quoted)
            end = i + 1;
    }
    return str_head(path, end);
}

// What no report may show of a sensitive rule's place: all of the node, and of the item that it is in.
static void hide(const struct policy_worker *w, const struct node *n, struct place *p)
{
    str item = item_of(buf_str(&w->path));
    const struct node *around = item.n ? path_find(w->subject->o->root, item) : NULL;
    const struct node *both[] = {n, around};
    p->hide_start = p->start;
    p->hide_end = p->end;
    for (unsigned i = 0; i < 2; i++) {
        if (!both[i] || both[i]->end <= both[i]->start)
            continue;
        p->hide_start = both[i]->start < p->hide_start ? both[i]->start : p->hide_start;
        p->hide_end = both[i]->end > p->hide_end ? both[i]->end : p->hide_end;
    }
}

static int by_start(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return str_cmp(x->path, y->path);
}

static uint32_t distinct(struct place *places, uint32_t n)
{
    uint32_t kept = 0;
    if (n > 1)
        qsort(places, n, sizeof *places, by_start);
    for (uint32_t i = 0; i < n; i++)
        if (kept == 0 || !str_eq(places[kept - 1].path, places[i].path))
            places[kept++] = places[i];
    return kept;
}

static bool is_in_metadata(const struct place *p)
{
    return str_starts(p->path, S("metadata."));
}

// Whose fault shows only beside other objects stands in one place as far as it goes: what is written below the metadata, else the name.
static uint32_t without_metadata(struct policy_worker *w, struct place *places, uint32_t n)
{
    uint32_t kept = 0;
    bool elsewhere = false, named = false;
    for (uint32_t i = 0; i < n; i++) {
        elsewhere = elsewhere || !is_in_metadata(&places[i]);
        named = named || str_eq(places[i].path, S("metadata.name"));
    }
    for (uint32_t i = 0; i < n; i++)
        if (elsewhere ? !is_in_metadata(&places[i]) : !named || str_eq(places[i].path, S("metadata.name")))
            places[kept++] = places[i];
    if (kept == 1 && str_eq(places[0].path, S("metadata.namespace"))) // not by itself
        whole(w, &places[0]);
    return kept;
}

static err_code places_of(struct policy_worker *w, const struct node *const *nodes, uint32_t n, bool hides,
                          struct place **ret, uint32_t *ret_n, struct err *e)
{
    struct place *places;
    uint32_t found = 0;
    TRY_NEW(places, w->a, n + 1, e);
    for (uint32_t i = 0; i < n; i++) {
        bool is_here = false;
        TRY(place_of(w, nodes[i], &places[found], &is_here, e));
        if (is_here && hides && !is_made(w->subject, nodes[i]))
            hide(w, nodes[i], &places[found]);
        found += is_here;
    }
    if (found == 0)
        whole(w, &places[found++]);
    *ret_n = distinct(places, found);
    *ret = places;
    return ERR_OK;
}

static bool has_place(const struct said *s, const struct place *p)
{
    for (uint32_t i = 0; i < s->n_places; i++)
        if (str_eq(s->places[i].path, p->path))
            return true;
    return false;
}

// The same said before? A policy that looks into templates itself and also matches Pods finds a fault
// of a Deployment twice: as the Deployment's, and as its Pod's. The places tell.
static bool says_more(const struct said *old, const struct said *new)
{
    bool same = old->status == new->status && str_eq(old->message, new->message);
    bool other_view = old->of_pod != new->of_pod && old->status == FINDING_FAIL;
    if (same && new->status == FINDING_NOT_ASSESSED)
        return false; // the reason is the cluster, not the place
    if (!same && !other_view)
        return true;
    for (uint32_t i = 0; i < new->n_places; i++)
        if (!has_place(old, &new->places[i]))
            return true;
    return false;
}

static bool was_said(const struct policy_worker *w, const struct said *new)
{
    const struct said *s = w->said;
    while (s && (s->rule != new->rule || says_more(s, new)))
        s = s->next;
    return s != NULL;
}

err_code report_verdict(struct policy_worker *w, const struct verdict *v,
                        const struct node *const *nodes, uint32_t n_nodes, struct err *e)
{
    struct said *said;
    TRY_NEW(said, w->a, 1, e);
    *said = (struct said){.rule = v->rule,
                          .status = v->status,
                          .message = v->message,
                          .reason = v->reason,
                          .of_pod = w->subject->template != NULL,
                          .by_error = v->by_error};
    bool hides = w->set->active[v->rule]->rule.sensitive && v->status == FINDING_FAIL;
    TRY(places_of(w, nodes, n_nodes, hides, &said->places, &said->n_places, e));
    if (w->set->active[v->rule]->cross)
        said->n_places = without_metadata(w, said->places, said->n_places);
    if (was_said(w, said))
        return ERR_OK;
    *w->last_said = said;
    w->last_said = &said->next;
    return ERR_OK;
}

// Is the place the other one, or around it? A graver policy may look deeper: at hostPath.path, not hostPath.
static bool holds(str around, str path)
{
    return str_starts(path, around) && (path.n == around.n || path.p[around.n] == '.' || path.p[around.n] == '[');
}

static bool is_named_by_stronger(const struct policy_worker *w, const struct said *s, const struct place *p)
{
    const struct policy *own = w->set->active[s->rule];
    for (const struct said *o = w->said; o; o = o->next)
        for (uint32_t i = 0; o->status == FINDING_FAIL && i < own->n_stronger; i++)
            for (uint32_t k = 0; own->stronger[i] == o->rule && k < o->n_places; k++)
                if (holds(p->path, o->places[k].path))
                    return true;
    return false;
}

static void drop_overridden(const struct policy_worker *w, struct said *s)
{
    uint32_t kept = 0;
    if (s->status != FINDING_FAIL || !w->set->active[s->rule]->n_stronger)
        return;
    for (uint32_t i = 0; i < s->n_places; i++)
        if (!is_named_by_stronger(w, s, &s->places[i]))
            s->places[kept++] = s->places[i];
    s->n_places = kept;
}

err_code report_object(struct policy_worker *w, struct err *e)
{
    for (struct said *s = w->said; s; s = s->next)
        drop_overridden(w, s);
    for (const struct said *s = w->said; s; s = s->next) {
        const struct policy_result r = {.rule = s->rule,
                                        .status = s->status,
                                        .message = s->message,
                                        .reason = s->reason,
                                        .by_error = s->by_error,
                                        .places = s->places,
                                        .n_places = s->n_places};
        if (s->n_places)
            TRY(w->sink->result(w->sink->ctx, &r, e));
    }
    return ERR_OK;
}

void report_applied(struct policy_worker *w, uint32_t rule)
{
    if (w->applied[rule] == w->object)
        return;
    w->applied[rule] = w->object;
    if (w->sink->applied)
        w->sink->applied(w->sink->ctx, rule);
}
