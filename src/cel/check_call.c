// check_call: which overloads of a function take these arguments (cel-go's resolveOverload).
#include "base/buf.h"
#include "cel/check_priv.h"
#include "cel/type_priv.h"

static void report_no_overload(struct checker *c, const struct cel_node *at, str name, bool member,
                               const struct cel_type **args, uint32_t n)
{
    OWN_BUF struct buf b = buf_new(700);
    uint32_t i = 0;
    if (member) {
        type_print(&b, unify_apply(&c->u, args[i++], true));
        buf_putc(&b, '.');
    }
    buf_putc(&b, '(');
    for (uint32_t first = i; i < n; i++) {
        if (i > first)
            buf_put(&b, S(", "));
        type_print(&b, unify_apply(&c->u, args[i], true));
    }
    buf_putc(&b, ')');
    uint32_t width = at->op == CEL_OP_CALL ? (uint32_t)at->call.name.n : 1;
    report_at(&c->r, at->at, at->at + width, "found no matching overload for '%.*s' applied to '%.*s'",
              STR_FMT(name), STR_FMT(buf_str(&b)));
}

// Does the overload take the arguments? Then *ret is its result for them.
static bool matches(struct checker *c, const struct overload *o, const struct cel_type **args,
                    uint32_t n, const struct cel_type **ret)
{
    const struct cel_type *vars[3] = {NULL}, *want[OVERLOAD_ARGS];
    uint32_t open = 0;
    for (uint32_t i = 0; i <= n; i++) {
        uint32_t of = overload_parameters(o->types[i]);
        open = of > open ? of : open;
    }
    for (uint32_t i = 0; i < open && i < 3; i++)
        vars[i] = unify_var(&c->u);
    for (uint32_t i = 0; i < n; i++)
        want[i] = open ? unify_instance(&c->u, o->types[1 + i], vars) : o->types[1 + i];
    if (!unify_assignable_n(&c->u, args, want, n))
        return false;
    *ret = unify_apply(&c->u, open ? unify_instance(&c->u, o->types[0], vars) : o->types[0], false);
    return true;
}

// *ret_one: the only overload that takes them, where there are others of as many arguments; else NULL.
static const struct cel_type *resolve(struct checker *c, const struct cel_node *at, str name,
                                      struct overloads o, bool member, const struct cel_type **args,
                                      uint32_t n, const struct overload **ret_one)
{
    const struct cel_type *result = NULL;
    uint32_t taken = 0, others = 0;
    *ret_one = NULL;
    unsigned since = UINT32_MAX;
    for (uint32_t i = 0; i < o.n; i++) {
        const struct overload *candidate = &o.p[i];
        const struct cel_type *type;
        if (candidate->member != member || candidate->n != n ||
            candidate->since > c->env->options.kubernetes_minor)
            continue;
        if (!matches(c, candidate, args, n, &type)) {
            others++;
            continue;
        }
        *ret_one = candidate;
        taken++;
        if (candidate->since < since)
            since = candidate->since;
        if (!result)
            result = type;
        else if ((unsigned)result->kind != CEL_DYN && !unify_equal(&c->u, type, result))
            result = type_simple(CEL_DYN);
    }
    if (taken != 1 || others == 0)
        *ret_one = NULL;
    if (result)
        check_needs(c, since);
    else
        report_no_overload(c, at, name, member, args, n);
    return result;
}

const struct cel_type *check_call_overloads(struct checker *c, const struct cel_node *at, str name,
                                       struct overloads o, bool member,
                                       const struct cel_type **args, uint32_t n)
{
    const struct overload *one;
    return resolve(c, at, name, o, member, args, n, &one);
}

enum { FEW = 8 };

// The types of n nodes, on the stack where they are few.
static const struct cel_type **argument_types(struct checker *c, struct cel_node **args, uint32_t n,
                                              const struct cel_type **few)
{
    const struct cel_type **types = few;
    if (n > FEW)
        types = arena_alloc(c->arena, n, sizeof *types, _Alignof(void *));
    if (!types) {
        c->full = true;
        return NULL;
    }
    for (uint32_t i = 0; i < n; i++)
        types[i] = args[i]->type;
    return types;
}

const struct cel_type *check_call_node(struct checker *c, struct cel_node *n)
{
    const struct cel_type *few[FEW], *error = type_simple(CEL_ERROR);
    struct overloads overloads = cel_check_resolve_function(c, n);
    bool member = n->flags & CEL_NODE_MEMBER;
    for (uint32_t i = member; i < n->n; i++)
        (void)check_node(c, n->call.args[i]);
    if (member)
        (void)check_node(c, n->call.args[0]);
    if (!overloads.n) {
        check_undeclared(c, n, n->call.name);
        return error;
    }
    const struct cel_type **args = argument_types(c, n->call.args, n->n, few);
    if (!args)
        return error;
    const struct overload *one;
    const struct cel_type *t = resolve(c, n, n->call.name, overloads, member, args, n->n, &one);
    if (n->fn == CEL_FN_size)
        one = NULL; // cel-go has one body for all its overloads
    for (uint32_t i = 0; one && i < n->n; i++)
        if ((unsigned)one->types[1 + i]->kind >= CEL_KINDS)
            one = NULL; // takes anything there
    if (one)
        n->flags |= CEL_NODE_ONE;
    return t ? t : error;
}

const struct cel_type *check_call_operator(struct checker *c, struct cel_node *n)
{
    static const char *const names[] = {
#define NODE(name, text, what) text,
#include "cel/nodes.def"
#undef NODE
    };
    const struct cel_type *few[FEW];
    uint32_t count = n->n;
    for (uint32_t i = 0; i < count; i++)
        few[i] = check_node(c, n->call.args[i]);
    str name = n->op == CEL_OP_INDEX ? S("_[_]") : n->op == CEL_OP_OPT_INDEX ? S("_[?_]")
                                                                            : str_of(names[n->op]);
    const struct cel_type *t = check_call_overloads(
        c, n, name, cel_overloads_of_operator((enum cel_op)n->op), false, few, count);
    return t ? t : type_simple(CEL_ERROR);
}
