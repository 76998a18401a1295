// check: the walk over a parsed expression that gives every name a meaning and every node a type
// (cel-go's checker). It goes on after a mistake, with the type `error` that fits everywhere, so that
// one compile reports all it can.
#include "cel/check_priv.h"
#include "cel/child.h"
#include "cel/macro.h"
#include "cel/type_priv.h"

void check_mismatch(struct checker *c, const struct cel_node *at, const struct cel_type *want,
                    const struct cel_type *have)
{
    str w = type_text(c->arena, want), h = type_text(c->arena, have);
    report_at(&c->r, at->start, at->end, "expected type '%.*s' but found '%.*s'", STR_FMT(w),
              STR_FMT(h));
}

void check_undeclared(struct checker *c, const struct cel_node *at, str name)
{
    if (name.n && name.p[0] == '.')
        name = str_skip(name, 1);
    uint32_t end = at->op == CEL_OP_CALL ? at->at + (uint32_t)name.n : at->end;
    report_at(&c->r, at->at, end, "undeclared reference to '%.*s' (in container '%.*s')",
              STR_FMT(name), STR_FMT(c->env->options.container));
}

static bool is_dyn(const struct cel_type *t)
{
    return (unsigned)t->kind == CEL_DYN;
}

// Syntax that came with a Kubernetes version.
static bool needs_syntax(struct checker *c, const struct cel_node *at, unsigned since,
                         const char *syntax)
{
    if (c->env->options.kubernetes_minor >= since) {
        check_needs(c, since);
        return true;
    }
    report_at(&c->r, at->at, at->at + 1, "unsupported syntax '%s'", syntax);
    return false;
}

// The type of operand.field for an operand of this type.
static const struct cel_type *field_type(struct checker *c, const struct cel_node *n,
                                         const struct cel_type *operand)
{
    str field = n->select.field.text;
    switch ((unsigned)operand->kind) {
    case CEL_MAP:
        return operand->params[1];
    case CEL_OBJECT: {
        const struct cel_type *t = type_field(operand, field);
        if (t)
            return t;
        report_at(&c->r, n->at, n->end, "undefined field '%.*s'", STR_FMT(field));
        return type_simple(CEL_ERROR);
    }
    case CEL_PARAM:
        (void)unify_assignable(&c->u, type_simple(CEL_DYN), operand);
        return type_simple(CEL_DYN);
    case CEL_DYN:
    case CEL_ERROR:
        return type_simple(CEL_DYN);
    default: {
        str name = type_text(c->arena, operand);
        bool opaque = operand->kind >= CEL_QUANTITY && operand->kind <= CEL_DECISION &&
                      operand->kind != CEL_IP && operand->kind != CEL_CIDR;
        report_at(&c->r, n->at, n->end,
                  opaque ? "unexpected failed resolution of '%.*s'"
                         : "type '%.*s' does not support field selection",
                  STR_FMT(name));
        return opaque ? type_simple(CEL_ERROR) : type_simple(CEL_DYN);
    }
    }
}

static const struct cel_type *optional_of(struct checker *c, const struct cel_type *t)
{
    const struct cel_type *o = type_optional(c->arena, t);
    c->full = c->full || !o;
    return o ? o : type_simple(CEL_DYN);
}

// `variables` is not a value here: its fields are declared one by one. What is said of a field that
// is not declared is what would be said of an object.
static bool select_variable(struct checker *c, struct cel_node *n)
{
    const struct cel_node *operand = n->select.operand;
    if (operand->op != CEL_OP_IDENT || !str_eq(operand->name, S("variables")))
        return false;
    str full = arena_printf(c->arena, "variables.%.*s", STR_FMT(n->select.field.text));
    bool found = full.p && env_find(c->env, full), any = false;
    for (uint32_t i = 0; i < c->env->n_variables; i++)
        any = any || (c->env->variables[i].lazy && !c->env->variables[i].hidden);
    if (found && n->op == CEL_OP_HAS) {
        struct cel_node *written = arena_alloc(c->arena, 1, sizeof *written, _Alignof(struct cel_node));
        if (written) {
            *written = *n;
            n->op = CEL_OP_LITERAL;
            n->literal = value_bool(true);
            n->unfolded = written;
        }
        return true;
    }
    if (!any || found)
        return false;
    report_at(&c->r, n->at, n->end, "undefined field '%.*s'", STR_FMT(n->select.field.text));
    return true;
}

static const struct cel_type *check_select(struct checker *c, struct cel_node *n)
{
    bool optional = n->op == CEL_OP_OPT_SELECT, has = n->op == CEL_OP_HAS;
    if (n->op == CEL_OP_SELECT && cel_check_resolve(c, n))
        return n->type;
    if (optional)
        needs_syntax(c, n, 28, ".?");
    if (select_variable(c, n))
        return has ? type_simple(CEL_BOOL) : type_simple(CEL_ERROR);
    const struct cel_type *operand =
        unify_apply(&c->u, check_node(c, n->select.operand), false);
    if (operand->kind == CEL_OPTIONAL) {
        operand = operand->params[0];
        optional = true;
    }
    const struct cel_type *t = field_type(c, n, operand);
    if (has)
        return type_simple(CEL_BOOL);
    return unify_apply(&c->u, optional ? optional_of(c, t) : t, false);
}

// What a list of such elements is a list of. That they are of one type is asked later (check_rules.c):
// within format([...]) they need not be.
static const struct cel_type *join(struct checker *c, const struct cel_type *before,
                                   const struct cel_type *t)
{
    if (!before)
        return t;
    return unify_assignable(&c->u, before, t) ? unify_general(&c->u, before, t)
                                              : type_simple(CEL_DYN);
}

// An element or a value behind `?` is an optional, and what counts is what is in it.
static const struct cel_type *unwrap(struct checker *c, const struct cel_node *n, const struct cel_node *at,
                                     uint32_t i)
{
    const struct cel_type *t = at->type;
    if (!n->call.optional || !n->call.optional[i])
        return t;
    needs_syntax(c, at, 28, "?");
    if (t->kind == CEL_OPTIONAL)
        return t->params[0];
    if (!is_dyn(t))
        check_mismatch(c, at, optional_of(c, t), t);
    return t;
}

static const struct cel_type *check_list(struct checker *c, struct cel_node *n)
{
    const struct cel_type *of = NULL;
    for (uint32_t i = 0; i < n->n; i++) {
        struct cel_node *x = n->call.args[i];
        (void)check_node(c, x);
        of = join(c, of, unwrap(c, n, x, i));
    }
    const struct cel_type *t = type_list(c->arena, of ? of : unify_var(&c->u));
    c->full = c->full || !t;
    return t ? t : type_simple(CEL_DYN);
}

static const struct cel_type *check_map(struct checker *c, struct cel_node *n)
{
    const struct cel_type *key = NULL, *value = NULL;
    for (uint32_t i = 0; i < n->n; i++) {
        struct cel_node *k = n->call.args[2 * i], *v = n->call.args[2 * i + 1];
        key = join(c, key, check_node(c, k));
        (void)check_node(c, v);
        value = join(c, value, unwrap(c, n, v, i));
    }
    if (!key) {
        key = unify_var(&c->u);
        value = unify_var(&c->u);
    }
    const struct cel_type *t = type_map(c->arena, key, value);
    c->full = c->full || !t;
    return t ? t : type_simple(CEL_DYN);
}

static const struct cel_type *check_logic(struct checker *c, struct cel_node *n)
{
    const struct cel_type *boolean = type_simple(CEL_BOOL), *result = boolean;
    (void)check_node(c, n->call.args[0]);
    (void)check_node(c, n->call.args[1]);
    for (uint32_t i = 0; i < 2; i++) {
        if (!unify_assignable(&c->u, n->call.args[i]->type, boolean)) {
            check_mismatch(c, n->call.args[i], boolean, n->call.args[i]->type);
            result = type_simple(CEL_ERROR);
        }
    }
    return result;
}

static const struct cel_type *type_of(struct checker *c, struct cel_node *n)
{
    switch ((enum cel_op)n->op) {
    case CEL_OP_LITERAL:
    case CEL_OP_SLOT:
    case CEL_OP_LAZY:
    case CEL_OP_LOCAL:
        return n->type;
    case CEL_OP_IDENT:
        if (cel_check_resolve(c, n))
            return n->type;
        check_undeclared(c, n, n->name);
        return type_simple(CEL_ERROR);
    case CEL_OP_SELECT:
    case CEL_OP_OPT_SELECT:
    case CEL_OP_HAS:
        return check_select(c, n);
    case CEL_OP_AND:
    case CEL_OP_OR:
        return check_logic(c, n);
    case CEL_OP_LIST:
        return check_list(c, n);
    case CEL_OP_MAP:
        return check_map(c, n);
    case CEL_OP_STRUCT:
        return check_message_node(c, n);
    case CEL_OP_CALL:
        return check_call_node(c, n);
    case CEL_OP_OPT_INDEX:
        needs_syntax(c, n, 28, "[?");
        return check_call_operator(c, n);
    case CEL_OP_INDEX:
    case CEL_OP_NOT:
    case CEL_OP_NEGATE:
    case CEL_OP_CONDITION:
    case CEL_OP_EQ:
    case CEL_OP_NE:
    case CEL_OP_LT:
    case CEL_OP_LE:
    case CEL_OP_GT:
    case CEL_OP_GE:
    case CEL_OP_ADD:
    case CEL_OP_SUB:
    case CEL_OP_MUL:
    case CEL_OP_DIV:
    case CEL_OP_MOD:
    case CEL_OP_IN:
        return check_call_operator(c, n);
    case CEL_OP_ALL:
    case CEL_OP_EXISTS:
    case CEL_OP_EXISTS_ONE:
    case CEL_OP_FILTER:
    case CEL_OP_MAP_LIST:
    case CEL_OP_MAP_MAP:
    case CEL_OP_MAP_ENTRY:
    case CEL_OP_SORT_BY:
    case CEL_OP_OPT_MAP:
    case CEL_OP_OPT_FLAT_MAP:
        return check_macro_node(c, n);
    case CEL_OPS:
        break;
    }
    return type_simple(CEL_ERROR);
}

const struct cel_type *check_node(struct checker *c, struct cel_node *n)
{
    const struct cel_type *t = type_of(c, n);
    n->type = t;
    return t;
}

// An unchecked program: only what names mean.
void check_names(struct checker *c, struct cel_node *n)
{
    if ((n->op == CEL_OP_IDENT || n->op == CEL_OP_SELECT) && cel_check_resolve(c, n))
        return;
    if (n->op == CEL_OP_CALL)
        (void)cel_check_resolve_function(c, n);
    if (n->op == CEL_OP_STRUCT)
        (void)check_message_node(c, n);
    uint32_t locals = c->n_locals;
    for (uint32_t i = 0; cel_child(n, i); i++) {
        if (i == 1 && check_macro_is(n)) { // behind the range
            n->macro.local[0] = cel_check_push_local(c, n->macro.var[0], type_simple(CEL_DYN));
            n->macro.local[1] = cel_check_push_local(c, n->macro.var[1], type_simple(CEL_DYN));
        }
        check_names(c, cel_child(n, i));
    }
    c->n_locals = locals;
}

// Variables that are still open are dyn in the end.
static void close_types(struct checker *c, struct cel_node *n)
{
    n->type = unify_apply(&c->u, n->type, true);
    bool constant = n->op == CEL_OP_LITERAL;
    struct cel_node *x;
    for (uint32_t i = 0; (x = cel_child(n, i)); i++) {
        close_types(c, x);
        constant = i == 0 ? x->flags & CEL_NODE_CONST : constant && (x->flags & CEL_NODE_CONST);
    }
    if (constant || (n->op == CEL_OP_LIST && n->n == 0) || (n->op == CEL_OP_MAP && n->n == 0))
        n->flags |= CEL_NODE_CONST;
}

static void check_program(struct checker *c, struct cel_program *p)
{
    if (c->unchecked) {
        check_names(c, p->root);
        return;
    }
    (void)check_node(c, p->root);
    if (c->r.n || c->full || c->u.full)
        return;
    close_types(c, p->root);
    cel_check_rules(c, p->root);
}

err_code cel_check(struct cel_env *env, struct cel_program *p, struct arena *a, struct diags *d,
                   struct err *e)
{
    struct checker c = {
        .env = env,
        .arena = a,
        .r = {d, e, 0},
        .u = {.arena = a},
        .unchecked = env->options.unchecked,
    };
    check_program(&c, p);
    if (c.full || (c.u.full && c.u.steps < UNIFY_STEPS))
        return err_set(e, ERR_LIMIT, "arena '%s' is full (%zu bytes)", a->name, a->cap);
    if (c.u.full)
        report_at(&c.r, 0, (uint32_t)p->source.n, "the types of this expression are too large");
    TRY(report_end(&c.r));
    p->type = p->root->type;
    p->n_locals = c.most_locals;
    p->since = c.since;
    p->uses_lazy = c.uses_lazy;
    return ERR_OK;
}
