#include "policy/expr.h"

#include "base/limits.h"
#include "policy/scalar.h"

enum { FIRST_BUCKETS = 256, MOST_REFERENCES = 64 };

static bool is_ident(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Does the text mention the word as an identifier (or a field, or in a literal: then once too often)?
static bool mentions(str text, str word)
{
    for (str rest = text;;) {
        size_t at = str_find(rest, word);
        if (at == (size_t)-1)
            return false;
        size_t end = at + word.n;
        if ((at == 0 || !is_ident(rest.p[at - 1])) && (end == rest.n || !is_ident(rest.p[end])))
            return true;
        rest = str_skip(rest, end);
    }
}

struct references {
    uint32_t index[MOST_REFERENCES];
    uint32_t n;
    bool open; // there may be others: it cannot be shared
};

static bool find_variable(const struct scope *s, str name, uint32_t *ret)
{
    for (uint32_t i = s->n_variables; i-- > 0;)
        if (str_eq(s->set->variables[s->variables[i]].name, name)) {
            *ret = s->variables[i];
            return true;
        }
    return false;
}

static void add_reference(struct references *r, uint32_t index)
{
    for (uint32_t i = 0; i < r->n; i++)
        if (r->index[i] == index)
            return;
    if (r->n == MOST_REFERENCES)
        r->open = true;
    else
        r->index[r->n++] = index;
}

// The variables a text names. By its letters, not its grammar: a name in a literal counts too, and
// anything unusual (`variables` without a plain `.name`) makes it an expression that is not shared.
static void find_references(const struct scope *s, str text, struct references *r)
{
    const str word = S("variables");
    for (str rest = text;;) {
        size_t at = str_find(rest, word);
        if (at == (size_t)-1)
            return;
        size_t end = at + word.n, name = end + 1;
        bool whole = (at == 0 || !is_ident(rest.p[at - 1])) && (end == rest.n || !is_ident(rest.p[end]));
        if (whole && name < rest.n && rest.p[end] == '.' && is_ident(rest.p[name])) {
            size_t stop = name;
            uint32_t index = 0;
            while (stop < rest.n && is_ident(rest.p[stop]))
                stop++;
            if (find_variable(s, (str){rest.p + name, stop - name}, &index))
                add_reference(r, index);
            else
                r->open = true;
        } else if (whole) {
            r->open = true;
        }
        rest = str_skip(rest, end);
    }
}

static uint32_t hash_of(const struct expr *x)
{
    uint64_t h = hash_mix(hash_key(x->source) ^ 0x9e3779b97f4a7c15u,
                          (uint64_t)x->place << 2 | (uint64_t)x->cross << 1 | x->with_params | (uint64_t)x->owner << 32);
    for (uint32_t i = 0; i < x->n_variables; i++)
        h = hash_mix(h ^ x->variables[i], 0xd6e8feb86659fd93u);
    return (uint32_t)(h ^ h >> 32);
}

static bool same(const struct expr *a, const struct expr *b)
{
    return a->hash == b->hash && a->place == b->place && a->with_params == b->with_params && a->cross == b->cross &&
           a->owner == b->owner && a->n_variables == b->n_variables &&
           str_eq(a->source, b->source) &&
           (a->n_variables == 0 ||
            memcmp(a->variables, b->variables, a->n_variables * sizeof *a->variables) == 0);
}

static struct expr *find(const struct policy_set *set, const struct expr *key)
{
    if (!set->n_buckets)
        return NULL;
    struct expr *x = set->buckets[key->hash & (set->n_buckets - 1)];
    while (x && !same(x, key))
        x = x->next;
    return x;
}

static err_code insert(struct policy_set *set, struct expr *x, struct err *e)
{
    if (set->n_exprs == set->n_buckets) {
        uint32_t n = set->n_buckets ? 2 * set->n_buckets : FIRST_BUCKETS;
        struct expr **buckets;
        TRY_NEW(buckets, &set->arena, n, e);
        for (uint32_t i = 0; i < set->n_buckets; i++)
            for (struct expr *o = set->buckets[i], *next; o; o = next) {
                next = o->next;
                o->next = buckets[o->hash & (n - 1)];
                buckets[o->hash & (n - 1)] = o;
            }
        set->buckets = buckets;
        set->n_buckets = n;
    }
    struct expr **bucket = &set->buckets[x->hash & (set->n_buckets - 1)];
    x->next = *bucket;
    *bucket = x;
    set->n_exprs++;
    return ERR_OK;
}

static const struct {
    const char *name;
    enum cel_kind kind; // CEL_OBJECT: see below
} slots[SLOTS] = {
    [SLOT_OBJECT] = {"object", CEL_DYN},
    [SLOT_OLD_OBJECT] = {"oldObject", CEL_DYN},
    [SLOT_REQUEST] = {"request", CEL_OBJECT},
    [SLOT_NAMESPACE] = {"namespaceObject", CEL_OBJECT},
    [SLOT_PARAMS] = {"params", CEL_DYN},
    [SLOT_AUTHORIZER] = {"authorizer", CEL_AUTHORIZER},
    [SLOT_REQUEST_RESOURCE] = {"authorizer.requestResource", CEL_RESOURCE_CHECK},
};

static err_code new_env(struct policy_set *set, bool with_params, bool cross, struct cel_env **ret, struct err *e)
{
    struct env_list *link;
    TRY_NEW(link, &set->arena, 1, e);
    const struct cel_env_options o = {.kubernetes_minor = CEL_NEWEST_MINOR};
    TRY(cel_env_new(&o, &set->arena, &link->env, e));
    link->next = set->envs;
    set->envs = link;
    for (uint32_t i = 0; i < SLOTS; i++) {
        uint32_t slot = 0;
        const struct cel_type *type = i == SLOT_REQUEST     ? &type_admission_request
                                      : i == SLOT_NAMESPACE ? &type_namespace
                                                            : type_simple(slots[i].kind);
        TRY(cel_env_variable(link->env, str_of(slots[i].name), type, &slot, e));
        if (slot != i)
            return err_set(e, ERR_INTERNAL, "slot %u is %u", i, slot);
    }
    if (!with_params)
        cel_env_hide(link->env, S("params"), true);
    if (cross)
        TRY(natives_declare(link->env, &set->arena, e));
    *ret = link->env;
    return ERR_OK;
}

// What kube-apiserver makes of a variable's type (convertCelTypeToDeclType): lists, maps and plain
// types stay, everything else is dyn.
static const struct cel_type *variable_type(struct arena *a, const struct cel_type *t)
{
    if (!t)
        return type_simple(CEL_DYN);
    switch ((unsigned)t->kind) {
    case CEL_BOOL:
    case CEL_BYTES:
    case CEL_DOUBLE:
    case CEL_DURATION:
    case CEL_INT:
    case CEL_NULL:
    case CEL_STRING:
    case CEL_TIMESTAMP:
    case CEL_UINT:
        return t;
    case CEL_LIST:
        return type_list(a, variable_type(a, t->params[0]));
    case CEL_MAP:
        return type_map(a, variable_type(a, t->params[0]), variable_type(a, t->params[1]));
    default:
        return type_simple(CEL_DYN);
    }
}

static err_code declare_in(struct cel_env *env, const struct policy_set *set, uint32_t index,
                           struct err *e)
{
    const struct variable *v = &set->variables[index];
    return cel_env_lazy_at(env, v->name, v->type, index, e);
}

static err_code env_for(struct scope *s, const struct expr *x, struct cel_env **ret, struct err *e)
{
    struct policy_set *set = s->set;
    if (x->place == EXPR_MATCH || (x->n_variables == 0 && x->owner == 0)) {
        unsigned which = s->cross ? 2 : s->has_params;
        if (!set->plain_env[which])
            TRY(new_env(set, s->has_params, s->cross, &set->plain_env[which], e));
        *ret = set->plain_env[which];
        return ERR_OK;
    }
    if (!s->env) {
        TRY(new_env(set, s->has_params, s->cross, &s->env, e));
        for (uint32_t i = 0; i < s->n_variables; i++)
            TRY(declare_in(s->env, set, s->variables[i], e));
    }
    *ret = s->env;
    return ERR_OK;
}

// The compiler's places are in the expression; the reader of the file wants them in the file.
static void pass_on(struct scope *s, const struct diags *from, const struct node *node,
                    const struct where *w, uint32_t lead)
{
    for (const struct diag *g = from->first; g; g = g->next) {
        if (g->level != DIAG_ERROR)
            continue;
        uint32_t start = scalar_locate(s->refusals->text, node, lead + g->start);
        uint32_t end = g->end > g->start ? scalar_locate(s->refusals->text, node, lead + g->end) : start;
        where_refuse_span(s->refusals, w, start, end < start ? start : end, g->hint, "%.*s",
                          STR_FMT(g->message));
    }
    if (!from->errors)
        where_refuse(s->refusals, w, node, "the expression does not compile");
}

static bool has_wanted_type(const struct scope *s, const struct expr *x, const struct node *node,
                            const struct where *w)
{
    const struct cel_type *t = cel_program_type(x->program);
    if (x->place != EXPR_AUDIT || t->kind == CEL_STRING || t->kind == CEL_NULL)
        return true;
    where_refuse(s->refusals, w, node, "must evaluate to one of [string null_type] but got %s",
                 t->kind == CEL_DYN ? "dyn" : cel_kind_name(t->kind));
    return false;
}

static err_code compile(struct scope *s, struct expr *x, const struct node *node,
                        const struct where *w, uint32_t lead, bool *ret_good, struct err *e)
{
    struct cel_env *env = NULL;
    struct diags d = {.arena = s->refusals->diags ? s->refusals->diags->arena : &s->set->arena};
    const struct cel_type *want = x->place == EXPR_MESSAGE ? type_simple(CEL_STRING)
                                  : x->place <= EXPR_VALIDATION ? type_simple(CEL_BOOL)
                                                                : NULL;
    TRY(env_for(s, x, &env, e));
    bool hide = x->place == EXPR_MESSAGE;
    if (hide) {
        cel_env_hide(env, S("authorizer"), true);
        cel_env_hide(env, S("authorizer.requestResource"), true);
    }
    cel_env_trust(env, s->own);
    err_code rc = cel_compile(env, x->source, want, &s->set->arena, &x->program, &d, e);
    if (hide) {
        cel_env_hide(env, S("authorizer"), false);
        cel_env_hide(env, S("authorizer.requestResource"), false);
    }
    *ret_good = rc == ERR_OK && has_wanted_type(s, x, node, w);
    if (rc == ERR_OK || (rc != ERR_SYNTAX && !(rc == ERR_LIMIT && d.errors)))
        return rc;
    pass_on(s, &d, node, w, lead);
    return ERR_OK;
}

// What it reads, through its variables too.
static void inherit(const struct policy_set *set, struct expr *x)
{
    x->needs_params = x->with_params;
    x->needs_request = mentions(x->source, S("request"));
    for (uint32_t i = 0; i < x->n_variables; i++) {
        const struct expr *v = set->variables[x->variables[i]].expr;
        if (!v)
            continue;
        x->needs_params |= v->needs_params;
        x->needs_request |= v->needs_request;
        if (v->depth >= x->depth)
            x->depth = (uint8_t)(v->depth + 1);
    }
}

static err_code compile_at(struct scope *s, enum expr_place place, str source, uint32_t lead,
                           const struct node *node, const struct where *w, const struct expr **ret,
                           struct err *e)
{
    struct references refs = {.n = 0};
    if (place != EXPR_MATCH)
        find_references(s, source, &refs);
    struct expr key = {.source = source, .place = place, .owner = refs.open ? s->owner : 0};
    key.variables = refs.open ? s->variables : refs.index;
    key.n_variables = refs.open ? s->n_variables : refs.n;
    key.cross = s->cross;
    key.with_params = s->has_params && mentions(source, S("params"));
    key.hash = hash_of(&key);
    *ret = find(s->set, &key);
    if (*ret)
        return ERR_OK;
    inherit(s->set, &key);
    if (key.depth > LIMIT_VARIABLE_DEPTH) {
        where_refuse(s->refusals, w, node, "variables are nested more than %d deep",
                     LIMIT_VARIABLE_DEPTH);
        return ERR_OK;
    }

    struct expr *x;
    uint32_t *variables;
    bool good = false;
    TRY_NEW(x, &s->set->arena, 1, e);
    TRY_NEW(variables, &s->set->arena, key.n_variables, e);
    if (key.n_variables)
        memcpy(variables, key.variables, key.n_variables * sizeof *variables);
    *x = key;
    x->variables = variables;
    TRY(compile(s, x, node, w, lead, &good, e));
    if (!good)
        return ERR_OK;
    TRY(insert(s->set, x, e));
    *ret = x;
    return ERR_OK;
}

err_code expr_compile(struct scope *s, enum expr_place place, const struct node *node,
                      const struct where *w, const struct expr **ret, struct err *e)
{
    str text = node_str(node), source = str_trim(text);
    return compile_at(s, place, source, (uint32_t)(source.p - text.p), node, w, ret, e);
}

err_code expr_compile_text(struct scope *s, enum expr_place place, str text, const struct node *node,
                           const struct where *w, const struct expr **ret, struct err *e)
{
    return compile_at(s, place, text, 0, node, w, ret, e);
}

err_code expr_declare(struct scope *s, str name, const struct expr *expr, struct err *e)
{
    struct policy_set *set = s->set;
    uint32_t index = 0;
    while (index < set->n_variables && !(expr && set->variables[index].expr == expr &&
                                         str_eq(set->variables[index].name, name)))
        index++;
    if (index == set->n_variables) {
        if (set->n_variables == set->cap_variables) {
            struct variable *more;
            uint32_t cap = set->cap_variables ? 2 * set->cap_variables : 64;
            TRY_NEW(more, &set->arena, cap, e);
            if (set->n_variables)
                memcpy(more, set->variables, set->n_variables * sizeof *more);
            set->variables = more;
            set->cap_variables = cap;
        }
        const struct cel_type *type =
            variable_type(&set->arena, expr ? cel_program_type(expr->program) : NULL);
        if (!type)
            return err_set(e, ERR_LIMIT, "arena '%s' is full (%zu bytes)", set->arena.name,
                           set->arena.cap);
        set->variables[set->n_variables++] = (struct variable){name, expr, type};
    }
    s->variables[s->n_variables++] = index;
    return s->env ? declare_in(s->env, set, index, e) : ERR_OK;
}
