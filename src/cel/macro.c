#include "cel/macro.h"

static const struct macro_form forms[] = {
    {{"all", 3}, 2, CEL_OP_ALL, 0, false},
    {{"exists", 6}, 2, CEL_OP_EXISTS, 0, false},
    {{"exists_one", 10}, 2, CEL_OP_EXISTS_ONE, 0, false},
    {{"map", 3}, 2, CEL_OP_MAP_LIST, 0, false},
    {{"map", 3}, 3, CEL_OP_MAP_LIST, 0, true},
    {{"filter", 6}, 2, CEL_OP_FILTER, 0, false},
    {{"sortBy", 6}, 2, CEL_OP_SORT_BY, 0, false},
    {{"optMap", 6}, 2, CEL_OP_OPT_MAP, 0, false},
    {{"optFlatMap", 10}, 2, CEL_OP_OPT_FLAT_MAP, 0, false},
    {{"all", 3}, 3, CEL_OP_ALL, CEL_NODE_TWO_VARS, false},
    {{"exists", 6}, 3, CEL_OP_EXISTS, CEL_NODE_TWO_VARS, false},
    {{"existsOne", 9}, 3, CEL_OP_EXISTS_ONE, CEL_NODE_TWO_VARS, false},
    {{"exists_one", 10}, 3, CEL_OP_EXISTS_ONE, CEL_NODE_TWO_VARS, false},
    {{"transformList", 13}, 3, CEL_OP_MAP_LIST, CEL_NODE_TWO_VARS, false},
    {{"transformList", 13}, 4, CEL_OP_MAP_LIST, CEL_NODE_TWO_VARS, true},
    {{"transformMap", 12}, 3, CEL_OP_MAP_MAP, CEL_NODE_TWO_VARS, false},
    {{"transformMap", 12}, 4, CEL_OP_MAP_MAP, CEL_NODE_TWO_VARS, true},
    {{"transformMapEntry", 17}, 3, CEL_OP_MAP_ENTRY, CEL_NODE_TWO_VARS, false},
    {{"transformMapEntry", 17}, 4, CEL_OP_MAP_ENTRY, CEL_NODE_TWO_VARS, true},
};
enum { N_FORMS = sizeof forms / sizeof *forms };

const struct macro_form *macro_find(str name, uint32_t args)
{
    for (unsigned i = 0; i < N_FORMS; i++)
        if (forms[i].args == args && str_eq(forms[i].name, name))
            return &forms[i];
    return NULL;
}

str macro_name(const struct cel_node *n)
{
    for (unsigned i = 0; i < N_FORMS; i++)
        if (forms[i].op == n->op && forms[i].flags == (n->flags & CEL_NODE_TWO_VARS))
            return forms[i].name;
    return S("");
}

unsigned macro_since(const struct cel_node *n)
{
    if (n->op == CEL_OP_SORT_BY)
        return 34;
    if (n->op == CEL_OP_OPT_MAP || n->op == CEL_OP_OPT_FLAT_MAP)
        return 28;
    return n->flags & CEL_NODE_TWO_VARS ? 32 : 0;
}

static bool is_simple_name(const struct cel_node *n)
{
    return n->op == CEL_OP_IDENT && n->name.n && n->name.p[0] != '.';
}

// What cel-go says to a variable that is none.
static const char *complaint(const struct macro_form *m)
{
    switch (m->op) {
    case CEL_OP_OPT_MAP:
        return "optMap() variable name must be a simple identifier";
    case CEL_OP_OPT_FLAT_MAP:
        return "optFlatMap() variable name must be a simple identifier";
    case CEL_OP_MAP_LIST:
    case CEL_OP_FILTER:
    case CEL_OP_SORT_BY:
        return m->flags & CEL_NODE_TWO_VARS ? "argument must be a simple name"
                                            : "argument is not an identifier";
    default:
        return "argument must be a simple name";
    }
}

bool macro_build(struct cel_node *n, const struct macro_form *m, struct cel_node *range,
                 struct cel_node **args, struct report *r)
{
    unsigned vars = m->flags & CEL_NODE_TWO_VARS ? 2 : 1;
    for (unsigned i = 0; i < vars; i++) {
        if (!is_simple_name(args[i])) {
            report_at(r, args[i]->start, args[i]->end, "%s", complaint(m));
            return false;
        }
        if (str_eq(args[i]->name, S("__result__"))) {
            report_at(r, args[i]->start, args[i]->end,
                      "iteration variable overwrites accumulator variable");
            return false;
        }
    }
    if (m->op == CEL_OP_SORT_BY && (range->op == CEL_OP_LITERAL || range->op == CEL_OP_MAP)) {
        report_at(r, range->start, range->end,
                  "sortBy can only be applied to a list, identifier, comprehension, call or select "
                  "expression");
        return false;
    }
    if (vars == 2 && str_eq(args[0]->name, args[1]->name)) {
        report_at(r, args[1]->start, args[1]->end, "duplicate variable name: %.*s",
                  STR_FMT(args[0]->name));
        return false;
    }
    n->op = m->op;
    n->flags = m->flags;
    n->macro.range = range;
    n->macro.var[0] = args[0]->name;
    n->macro.var[1] = vars == 2 ? args[1]->name : (str){0};
    n->macro.where = m->where ? args[vars] : NULL;
    n->macro.body = args[m->args - 1u];
    return true;
}
