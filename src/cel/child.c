#include "cel/child.h"

struct cel_node *cel_child(const struct cel_node *n, uint32_t i)
{
    switch ((enum cel_op)n->op) {
    case CEL_OP_LITERAL:
    case CEL_OP_IDENT:
    case CEL_OP_SLOT:
    case CEL_OP_LAZY:
    case CEL_OP_LOCAL:
    case CEL_OPS:
        return NULL;
    case CEL_OP_SELECT:
    case CEL_OP_HAS:
    case CEL_OP_OPT_SELECT:
        return i == 0 ? n->select.operand : NULL;
    case CEL_OP_MAP:
        return i < 2 * n->n ? n->call.args[i] : NULL;
    case CEL_OP_INDEX:
    case CEL_OP_OPT_INDEX:
    case CEL_OP_NOT:
    case CEL_OP_NEGATE:
    case CEL_OP_AND:
    case CEL_OP_OR:
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
    case CEL_OP_CALL:
    case CEL_OP_LIST:
    case CEL_OP_STRUCT:
        return i < n->n ? n->call.args[i] : NULL;
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
        if (i == 0)
            return n->macro.range;
        if (i == 1 && n->macro.where)
            return n->macro.where;
        return i == 1u + (n->macro.where != NULL) ? n->macro.body : NULL;
    }
    return NULL;
}
