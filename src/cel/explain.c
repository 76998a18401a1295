// explain: what an expression is, for a person: its tree with types, what it may cost, and the first
// Kubernetes that takes it.
#include "base/buf.h"
#include "cel/child.h"
#include "cel/estimate.h"
#include "cel/type_priv.h"

static void name_node(struct buf *out, const struct cel_node *n)
{
    static const char *const names[] = {
#define NODE(name, text, what) text,
#include "cel/nodes.def"
#undef NODE
    };
    switch ((unsigned)n->op) {
    case CEL_OP_LITERAL:
    case CEL_OP_IDENT:
    case CEL_OP_SLOT:
    case CEL_OP_LAZY:
    case CEL_OP_LOCAL:
        cel_print(n, out);
        break;
    case CEL_OP_SELECT:
        buf_printf(out, ".%.*s", STR_FMT(n->select.field.text));
        break;
    case CEL_OP_OPT_SELECT:
        buf_printf(out, ".?%.*s", STR_FMT(n->select.field.text));
        break;
    case CEL_OP_HAS:
        buf_printf(out, "has .%.*s", STR_FMT(n->select.field.text));
        break;
    case CEL_OP_CALL:
        buf_printf(out, "%.*s()", STR_FMT(n->call.name));
        break;
    default:
        buf_put(out, str_of(names[n->op]));
        if (cel_child(n, 0) && n->op >= CEL_OP_ALL) {
            buf_printf(out, " %.*s", STR_FMT(n->macro.var[0]));
            if (n->flags & CEL_NODE_TWO_VARS)
                buf_printf(out, ", %.*s", STR_FMT(n->macro.var[1]));
        }
    }
}

static void print_cost(struct buf *out, struct estimate c)
{
    if (c.max == ESTIMATE_UNBOUNDED)
        buf_printf(out, "%llu..unbounded", (unsigned long long)c.min);
    else if (c.min == c.max)
        buf_printf(out, "%llu", (unsigned long long)c.min);
    else
        buf_printf(out, "%llu..%llu", (unsigned long long)c.min, (unsigned long long)c.max);
}

static void explain(struct buf *out, const struct cel_node *n, unsigned depth)
{
    buf_pad(out, ' ', 2 * (size_t)depth);
    size_t from = out->n;
    name_node(out, n);
    size_t width = 2 * (size_t)depth + (out->n - from);
    buf_pad(out, ' ', width < 40 ? 40 - width : 2);
    type_print(out, n->type);
    buf_putc(out, '\n');
    for (uint32_t i = 0; cel_child(n, i); i++)
        explain(out, cel_child(n, i), depth + 1);
}

void cel_program_explain(const struct cel_program *p, struct buf *out)
{
    explain(out, p->root, 0);
    buf_put(out, S("cost        "));
    print_cost(out, estimate_cost(p));
    buf_put(out, S("\nkubernetes  "));
    unsigned needs = cel_program_needs(p);
    if (needs)
        buf_printf(out, ">= 1.%u\n", needs);
    else
        buf_put(out, S("any\n"));
}
