// check_macro: macros stay whole here, cel-go expands them into folds. What each of them demands is
// therefore what the pieces of its expansion would demand, in the words those would use.
#include "cel/check_priv.h"
#include "cel/macro.h"
#include "cel/type_priv.h"

bool check_macro_is(const struct cel_node *n)
{
    return n->op >= CEL_OP_ALL && n->op < CEL_OPS;
}

static const struct cel_type *make(struct checker *c, const struct cel_type *t)
{
    c->full = c->full || !t;
    return t ? t : type_simple(CEL_DYN);
}

// What the macro's variables are, from what it ranges over.
static void variable_types(struct checker *c, const struct cel_node *n, const struct cel_type *var[2])
{
    const struct cel_type *range = unify_apply(&c->u, n->macro.range->type, false);
    bool two = n->flags & CEL_NODE_TWO_VARS;
    var[0] = var[1] = type_simple(CEL_DYN);
    switch ((unsigned)range->kind) {
    case CEL_LIST:
        var[0] = two ? type_simple(CEL_INT) : range->params[0];
        var[1] = range->params[0];
        break;
    case CEL_MAP:
        var[0] = range->params[0];
        var[1] = range->params[1];
        break;
    case CEL_DYN:
    case CEL_ERROR:
    case CEL_PARAM:
        (void)unify_assignable(&c->u, type_simple(CEL_DYN), range);
        break;
    default: {
        str text = type_text(c->arena, range);
        report_at(&c->r, n->macro.range->start, n->macro.range->end,
                  "expression of type '%.*s' cannot be range of a comprehension (must be list, map, "
                  "or dynamic)",
                  STR_FMT(text));
        var[0] = var[1] = type_simple(CEL_ERROR);
    }
    }
}

// condition ? yes : no
static const struct cel_type *conditional(struct checker *c, const struct cel_node *at,
                                          const struct cel_type *condition,
                                          const struct cel_type *yes, const struct cel_type *no)
{
    const struct cel_type *args[3] = {condition, yes, no};
    const struct cel_type *t = check_call_overloads(
        c, at, S("_?_:_"), cel_overloads_of_operator(CEL_OP_CONDITION), false, args, 3);
    return t ? t : type_simple(CEL_ERROR);
}

// accumulator + [element], where the filter lets it.
static const struct cel_type *collect(struct checker *c, const struct cel_node *filter,
                                      const struct cel_type *element)
{
    const struct cel_type *list = make(c, type_list(c->arena, element));
    if (filter)
        (void)conditional(c, filter, filter->type, list, list);
    return list;
}

// cel.@mapInsert(map, key, value) or cel.@mapInsert(map, body)
static const struct cel_type *insert(struct checker *c, const struct cel_node *n,
                                     const struct cel_type *key)
{
    const struct cel_type *body = n->macro.body->type, *map;
    if (n->op == CEL_OP_MAP_MAP) {
        map = make(c, type_map(c->arena, key, body));
    } else {
        map = make(c, type_map(c->arena, unify_var(&c->u), unify_var(&c->u)));
        if (!unify_assignable(&c->u, body, map)) {
            str text = type_text(c->arena, unify_apply(&c->u, body, true));
            report_at(&c->r, n->macro.body->start, n->macro.body->end,
                      "found no matching overload for 'cel.@mapInsert' applied to '(map(dyn, dyn), "
                      "%.*s)'",
                      STR_FMT(text));
        }
    }
    if (n->macro.where)
        (void)conditional(c, n->macro.where, n->macro.where->type, map, map);
    return map;
}

static const struct cel_type *check_optional(struct checker *c, struct cel_node *n)
{
    const struct cel_type *target = check_node(c, n->macro.range), *error = type_simple(CEL_ERROR);
    if (!check_call_overloads(c, n, S("hasValue"), cel_overloads_of_function(CEL_FN_has_value), true, &target, 1))
        return error;
    const struct cel_type *value = check_call_overloads(
        c, n, S("value"), cel_overloads_of_function(CEL_FN_value), true, &target, 1);
    uint32_t locals = c->n_locals;
    n->macro.local[0] = cel_check_push_local(c, n->macro.var[0], value ? value : error);
    n->macro.local[1] = cel_check_push_local(c, n->macro.var[1], error);
    const struct cel_type *body = check_node(c, n->macro.body);
    c->n_locals = locals;
    if (n->op == CEL_OP_OPT_MAP)
        body = make(c, type_optional(c->arena, body));
    const struct cel_type *none = make(c, type_optional(c->arena, unify_var(&c->u)));
    return conditional(c, n, type_simple(CEL_BOOL), body, none);
}

static const struct cel_type *check_sort_by(struct checker *c, struct cel_node *n)
{
    const struct cel_type *args[2] = {n->macro.range->type,
                                      make(c, type_list(c->arena, n->macro.body->type))};
    const struct cel_type *t = check_call_overloads(c, n, S("@sortByAssociatedKeys"),
                                               cel_overloads_of_operator(CEL_OP_SORT_BY), true, args, 2);
    return t ? t : type_simple(CEL_ERROR);
}

static const struct cel_type *result(struct checker *c, struct cel_node *n,
                                     const struct cel_type *const var[2])
{
    const struct cel_type *boolean = type_simple(CEL_BOOL), *integer = type_simple(CEL_INT);
    const struct cel_node *body = n->macro.body;
    switch ((unsigned)n->op) {
    case CEL_OP_ALL:
    case CEL_OP_EXISTS:
        if (!unify_assignable(&c->u, body->type, boolean))
            check_mismatch(c, body, boolean, body->type);
        return boolean;
    case CEL_OP_EXISTS_ONE:
        (void)conditional(c, body, body->type, integer, integer);
        return boolean;
    case CEL_OP_FILTER:
        return collect(c, body, var[0]);
    case CEL_OP_MAP_LIST:
        return collect(c, n->macro.where, body->type);
    case CEL_OP_SORT_BY:
        return check_sort_by(c, n);
    default:
        return insert(c, n, var[0]);
    }
}

const struct cel_type *check_macro_node(struct checker *c, struct cel_node *n)
{
    unsigned since = macro_since(n);
    if (c->env->options.kubernetes_minor < since) {
        // then it is a call like others: of what there is not
        str name = macro_name(n);
        report_at(&c->r, n->at, n->at + (uint32_t)name.n,
                  "undeclared reference to '%.*s' (in container '%.*s')", STR_FMT(name),
                  STR_FMT(c->env->options.container));
        return type_simple(CEL_ERROR);
    }
    check_needs(c, since);
    if (n->op == CEL_OP_OPT_MAP || n->op == CEL_OP_OPT_FLAT_MAP)
        return check_optional(c, n);
    const struct cel_type *var[2];
    uint32_t locals = c->n_locals;
    (void)check_node(c, n->macro.range);
    variable_types(c, n, var);
    n->macro.local[0] = cel_check_push_local(c, n->macro.var[0], var[0]);
    n->macro.local[1] = cel_check_push_local(c, n->macro.var[1], var[1]);
    if (n->macro.where)
        (void)check_node(c, n->macro.where);
    (void)check_node(c, n->macro.body);
    const struct cel_type *t = result(c, n, var);
    c->n_locals = locals;
    return unify_apply(&c->u, t, false);
}
