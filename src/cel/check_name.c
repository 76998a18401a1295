// check_name: what names mean (cel-spec langdef.md, "Name resolution"). A macro's variable hides
// everything; then the longest dotted name that is declared wins over selections; each is looked for
// in the container and its parents first (only conformance runs have one).
#include "cel/check_priv.h"
#include "cel/type_priv.h"

static const struct local *find_local(const struct checker *c, str name, uint32_t *ret_slot)
{
    for (uint32_t i = c->n_locals; i-- > 0;) {
        if (str_eq(c->locals[i].name, name)) {
            *ret_slot = i;
            return &c->locals[i];
        }
    }
    return NULL;
}

uint32_t cel_check_push_local(struct checker *c, str name, const struct cel_type *type)
{
    if (c->n_locals == c->cap_locals) {
        uint32_t cap = c->cap_locals ? 2 * c->cap_locals : 8;
        struct local *bigger = arena_alloc(c->arena, cap, sizeof *bigger, _Alignof(struct local));
        if (!bigger) {
            c->full = true;
            return 0;
        }
        if (c->n_locals)
            memcpy(bigger, c->locals, c->n_locals * sizeof *bigger);
        c->locals = bigger;
        c->cap_locals = cap;
    }
    c->locals[c->n_locals++] = (struct local){name, type};
    if (c->n_locals > c->most_locals)
        c->most_locals = c->n_locals;
    return c->n_locals - 1;
}

str cel_check_candidate(struct checker *c, str name, uint32_t i)
{
    const str none = {NULL, 0};
    if (name.n && name.p[0] == '.')
        return i == 0 ? str_skip(name, 1) : none;
    str box = c->env->options.container;
    for (uint32_t k = 0; k < i; k++) {
        if (!box.n)
            return none;
        size_t cut = box.n;
        while (cut > 0 && box.p[cut - 1] != '.')
            cut--;
        box = str_head(box, cut ? cut - 1 : 0);
    }
    if (!box.n)
        return name;
    str full = arena_printf(c->arena, "%.*s.%.*s", STR_FMT(box), STR_FMT(name));
    c->full = c->full || !full.p;
    return full;
}

static void become(struct cel_node *n, enum cel_op op, str name, uint32_t slot,
                   const struct cel_type *type)
{
    n->op = (uint8_t)op;
    n->name = name;
    n->slot = slot;
    n->type = type;
}

// A type's name is a constant. What was written stays for printing.
static void become_type(struct checker *c, struct cel_node *n, str name, const struct cel_type *of)
{
    struct cel_node *written = arena_alloc(c->arena, 1, sizeof *written, _Alignof(struct cel_node));
    const struct cel_type *type = type_type(c->arena, of);
    if (!written || !type) {
        c->full = true;
        return;
    }
    *written = *n;
    become(written, CEL_OP_IDENT, name, 0, type);
    n->op = CEL_OP_LITERAL;
    n->literal = (struct value){.kind = CEL_TYPE, .type = of};
    n->unfolded = written;
    n->type = type;
}

static bool resolve_global(struct checker *c, struct cel_node *n, str name)
{
    const struct env_variable *v = env_find(c->env, name);
    if (v) {
        become(n, v->lazy ? CEL_OP_LAZY : CEL_OP_SLOT, v->name, v->index, v->type);
        c->uses_lazy = c->uses_lazy || v->lazy;
        return true;
    }
    unsigned since;
    const struct cel_type *t = env_find_type(c->env, name, &since);
    if (!t)
        return false;
    check_needs(c, since);
    become_type(c, n, name, t);
    return true;
}

static bool resolve_name(struct checker *c, struct cel_node *n, str name)
{
    for (uint32_t i = 0;; i++) {
        str candidate = cel_check_candidate(c, name, i);
        if (!candidate.p)
            return false;
        if (resolve_global(c, n, candidate))
            return true;
    }
}

// The first name of a chain of plain selections, or NULL where it is none.
static const struct cel_node *chain_root(const struct cel_node *n)
{
    while (n->op == CEL_OP_SELECT)
        n = n->select.operand;
    return n->op == CEL_OP_IDENT ? n : NULL;
}

// Could a dotted name begin with this? Spares building the names of object.spec.template.spec...
static bool begins_dotted(const struct checker *c, str root)
{
    static const str packages[] = {{"google", 6}, {"net", 3}, {"kubernetes", 10}};
    if (root.n && root.p[0] == '.')
        root = str_skip(root, 1);
    if (c->env->options.container.n)
        return true;
    for (unsigned i = 0; i < 3; i++)
        if (str_eq(packages[i], root))
            return true;
    for (uint32_t i = 0; i < c->env->n_variables; i++) {
        str name = c->env->variables[i].name;
        if (name.n > root.n && name.p[root.n] == '.' && str_starts(name, root))
            return true;
    }
    return false;
}

static str chain_name(struct checker *c, const struct cel_node *n)
{
    if (n->op == CEL_OP_IDENT)
        return n->name;
    str head = chain_name(c, n->select.operand);
    str full = arena_printf(c->arena, "%.*s.%.*s", STR_FMT(head), STR_FMT(n->select.field.text));
    c->full = c->full || !full.p;
    return full.p ? full : S("");
}

bool cel_check_resolve(struct checker *c, struct cel_node *n)
{
    const struct cel_node *root = chain_root(n);
    if (!root)
        return false;
    uint32_t slot;
    const struct local *l = root->name.p[0] == '.' ? NULL : find_local(c, root->name, &slot);
    if (n->op == CEL_OP_IDENT) {
        if (!l)
            return resolve_name(c, n, n->name);
        become(n, CEL_OP_LOCAL, n->name, slot, l->type);
        return true;
    }
    return !l && begins_dotted(c, root->name) && resolve_name(c, n, chain_name(c, n));
}

// Is the function there at all in this Kubernetes version?
static bool has_function(const struct checker *c, uint32_t fn)
{
    if (fn == CEL_FN_UNBOUND)
        return false;
    struct overloads o = cel_overloads_of_function(fn);
    for (uint32_t i = 0; i < o.n; i++)
        if (o.p[i].since <= c->env->options.kubernetes_minor)
            return true;
    return false;
}

static struct overloads find_function(struct checker *c, str name, uint16_t *ret_fn)
{
    *ret_fn = CEL_FN_UNBOUND;
    for (uint32_t i = 0;; i++) {
        str candidate = cel_check_candidate(c, name, i);
        if (!candidate.p)
            return (struct overloads){0};
        const struct env_function *f = env_find_function(c->env, candidate);
        if (f)
            return (struct overloads){f->overloads, f->n};
        uint32_t fn = cel_function_find(&c->env->functions, candidate);
        if (has_function(c, fn)) {
            *ret_fn = (uint16_t)fn;
            return cel_overloads_of_function(fn);
        }
    }
}

// Functions' names with a dot begin with one of few words.
static bool begins_function(str root)
{
    static const str packages[] = {{"optional", 8}, {"strings", 7}, {"sets", 4},
                                   {"lists", 5},    {"ip", 2},      {"format", 6}};
    if (root.n && root.p[0] == '.')
        root = str_skip(root, 1);
    for (unsigned i = 0; i < sizeof packages / sizeof *packages; i++)
        if (str_eq(packages[i], root))
            return true;
    return false;
}

struct overloads cel_check_resolve_function(struct checker *c, struct cel_node *n)
{
    if (!(n->flags & CEL_NODE_MEMBER))
        return find_function(c, n->call.name, &n->fn);
    const struct cel_node *receiver = n->call.args[0], *root = chain_root(receiver);
    if (root && (c->env->options.container.n || c->env->declared || begins_function(root->name))) {
        str full = arena_printf(c->arena, "%.*s.%.*s", STR_FMT(chain_name(c, receiver)),
                                STR_FMT(n->call.name));
        c->full = c->full || !full.p;
        struct overloads o = find_function(c, full.p ? full : S(""), &n->fn);
        if (o.n) {
            n->flags &= (uint8_t)~CEL_NODE_MEMBER;
            n->call.name = full;
            n->call.args++;
            n->n--;
            return o;
        }
    }
    return find_function(c, n->call.name, &n->fn);
}
