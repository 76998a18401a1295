// print: an expression from its nodes again. Parentheses stand only where the grammar needs them, so
// that printing what was parsed from a print gives the same text.
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "cel/child.h"
#include "cel/macro.h"

enum { COND = 1, OR, AND, RELATION, SUM, PRODUCT, UNARY, MEMBER };

static void print(struct buf *out, const struct cel_node *n, int least);

static int precedence(const struct cel_node *n)
{
    switch ((unsigned)n->op) {
    case CEL_OP_CONDITION:
        return COND;
    case CEL_OP_OR:
        return OR;
    case CEL_OP_AND:
        return AND;
    case CEL_OP_EQ:
    case CEL_OP_NE:
    case CEL_OP_LT:
    case CEL_OP_LE:
    case CEL_OP_GT:
    case CEL_OP_GE:
    case CEL_OP_IN:
        return RELATION;
    case CEL_OP_ADD:
    case CEL_OP_SUB:
        return SUM;
    case CEL_OP_MUL:
    case CEL_OP_DIV:
    case CEL_OP_MOD:
        return PRODUCT;
    case CEL_OP_NOT:
    case CEL_OP_NEGATE:
        return UNARY;
    default:
        return MEMBER;
    }
}

static const char *operator_text(const struct cel_node *n)
{
    switch ((unsigned)n->op) {
    case CEL_OP_OR:
        return " || ";
    case CEL_OP_AND:
        return " && ";
    case CEL_OP_EQ:
        return " == ";
    case CEL_OP_NE:
        return " != ";
    case CEL_OP_LT:
        return " < ";
    case CEL_OP_LE:
        return " <= ";
    case CEL_OP_GT:
        return " > ";
    case CEL_OP_GE:
        return " >= ";
    case CEL_OP_IN:
        return " in ";
    case CEL_OP_ADD:
        return " + ";
    case CEL_OP_SUB:
        return " - ";
    case CEL_OP_MUL:
        return " * ";
    case CEL_OP_DIV:
        return " / ";
    default:
        return " % ";
    }
}

static void print_quoted(struct buf *out, str text, bool bytes)
{
    static const char from[] = "\n\r\t\\\"", to[] = "nrt\\\"";
    buf_put(out, bytes ? S("b\"") : S("\""));
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        const char *escape = c ? strchr(from, c) : NULL;
        if (escape) {
            buf_putc(out, '\\');
            buf_putc(out, to[escape - from]);
        } else if (c < 0x20 || c == 0x7f || (bytes && c >= 0x80)) {
            buf_printf(out, "\\x%02x", c);
        } else {
            buf_putc(out, (char)c);
        }
    }
    buf_putc(out, '"');
}

static void print_double(struct buf *out, double d)
{
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, d);
        if (strtod(text, NULL) == d)
            break;
    }
    buf_put(out, str_of(text));
    if (!strpbrk(text, ".e"))
        buf_put(out, S(".0"));
}

static void print_literal(struct buf *out, struct value v)
{
    switch ((unsigned)v.kind) {
    case CEL_NULL:
        buf_put(out, S("null"));
        break;
    case CEL_BOOL:
        buf_put(out, v.b ? S("true") : S("false"));
        break;
    case CEL_INT:
        buf_put_i64(out, v.i);
        break;
    case CEL_UINT:
        buf_put_u64(out, v.u);
        buf_putc(out, 'u');
        break;
    case CEL_DOUBLE:
        print_double(out, v.d);
        break;
    case CEL_STRING:
    case CEL_BYTES:
        print_quoted(out, value_text(v), v.kind == CEL_BYTES);
        break;
    default: // only what folding made has other kinds, and that is printed as it was written
        buf_put(out, value_type_name(v));
    }
}

static bool needs_quotes(str field)
{
    static const char keywords[4][6] = {"in", "true", "false", "null"};
    for (unsigned i = 0; i < 4; i++)
        if (str_eq(str_of(keywords[i]), field))
            return true;
    for (size_t i = 0; i < field.n; i++) {
        char c = field.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && (i == 0 || c < '0' || c > '9'))
            return true;
    }
    return false;
}

static void print_select(struct buf *out, const struct cel_node *n)
{
    print(out, n->select.operand, MEMBER);
    buf_put(out, n->op == CEL_OP_OPT_SELECT ? S(".?") : S("."));
    const char *quote = needs_quotes(n->select.field.text) ? "`" : "";
    buf_printf(out, "%s%.*s%s", quote, STR_FMT(n->select.field.text), quote);
}

static void print_list(struct buf *out, struct cel_node *const *args, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            buf_put(out, S(", "));
        print(out, args[i], COND);
    }
}

static void print_call(struct buf *out, const struct cel_node *n)
{
    uint32_t member = n->flags & CEL_NODE_MEMBER ? 1 : 0;
    if (member) {
        print(out, n->call.args[0], MEMBER);
        buf_putc(out, '.');
    }
    buf_put(out, n->call.name);
    buf_putc(out, '(');
    print_list(out, n->call.args + member, n->n - member);
    buf_putc(out, ')');
}

static void print_aggregate(struct buf *out, const struct cel_node *n)
{
    bool map = n->op == CEL_OP_MAP;
    buf_putc(out, map ? '{' : '[');
    for (uint32_t i = 0; i < n->n; i++) {
        if (i)
            buf_put(out, S(", "));
        if (n->call.optional && n->call.optional[i])
            buf_putc(out, '?');
        print(out, n->call.args[map ? 2 * i : i], COND);
        if (map) {
            buf_put(out, S(": "));
            print(out, n->call.args[2 * i + 1], COND);
        }
    }
    buf_putc(out, map ? '}' : ']');
}

static void print_message(struct buf *out, const struct cel_node *n)
{
    buf_put(out, n->call.name);
    buf_putc(out, '{');
    for (uint32_t i = 0; i < n->n; i++) {
        if (i)
            buf_put(out, S(", "));
        buf_put(out, n->call.fields[i]);
        buf_put(out, S(": "));
        print(out, n->call.args[i], COND);
    }
    buf_putc(out, '}');
}

static void print_macro(struct buf *out, const struct cel_node *n)
{
    print(out, n->macro.range, MEMBER);
    str name = macro_name(n);
    buf_printf(out, ".%.*s(%.*s", STR_FMT(name), STR_FMT(n->macro.var[0]));
    if (n->flags & CEL_NODE_TWO_VARS)
        buf_printf(out, ", %.*s", STR_FMT(n->macro.var[1]));
    if (n->macro.where) {
        buf_put(out, S(", "));
        print(out, n->macro.where, COND);
    }
    buf_put(out, S(", "));
    print(out, n->macro.body, COND);
    buf_putc(out, ')');
}

// A minus before digits belongs to the number: -(1) is not -1, and -(1.x) not (-1).x.
static bool begins_with_number(const struct cel_node *n)
{
    for (;;) {
        while (n->op == CEL_OP_LITERAL && n->unfolded)
            n = n->unfolded;
        if (n->op == CEL_OP_LITERAL)
            return n->literal.kind == CEL_INT || n->literal.kind == CEL_DOUBLE;
        bool begins_with_child = n->op == CEL_OP_SELECT || n->op == CEL_OP_OPT_SELECT ||
                                 n->op == CEL_OP_INDEX || n->op == CEL_OP_OPT_INDEX ||
                                 n->op >= CEL_OP_ALL ||
                                 (n->op == CEL_OP_CALL && n->flags & CEL_NODE_MEMBER);
        if (!begins_with_child || precedence(cel_child(n, 0)) < MEMBER)
            return false;
        n = cel_child(n, 0);
    }
}

static void print_unary(struct buf *out, const struct cel_node *n)
{
    const struct cel_node *x = n->call.args[0];
    bool number = n->op == CEL_OP_NEGATE && begins_with_number(x);
    buf_putc(out, n->op == CEL_OP_NOT ? '!' : '-');
    print(out, x, number ? MEMBER + 1 : MEMBER);
}

static void print_condition(struct buf *out, const struct cel_node *n)
{
    print(out, n->call.args[0], OR);
    buf_put(out, S(" ? "));
    print(out, n->call.args[1], OR);
    buf_put(out, S(" : "));
    print(out, n->call.args[2], COND);
}

static void print_binary(struct buf *out, const struct cel_node *n)
{
    int own = precedence(n);
    // chains of && and || are one flat list however the parser balanced them
    bool chain = own == AND || own == OR;
    print(out, n->call.args[0], own);
    buf_put(out, str_of(operator_text(n)));
    print(out, n->call.args[1], chain ? own : own + 1);
}

static void print_bare(struct buf *out, const struct cel_node *n)
{
    switch ((enum cel_op)n->op) {
    case CEL_OP_LITERAL:
        print_literal(out, n->literal);
        break;
    case CEL_OP_IDENT:
    case CEL_OP_SLOT:
    case CEL_OP_LAZY:
    case CEL_OP_LOCAL:
        buf_put(out, n->name);
        break;
    case CEL_OP_HAS:
        buf_put(out, S("has("));
        print_select(out, n);
        buf_putc(out, ')');
        break;
    case CEL_OP_SELECT:
    case CEL_OP_OPT_SELECT:
        print_select(out, n);
        break;
    case CEL_OP_INDEX:
    case CEL_OP_OPT_INDEX:
        print(out, n->call.args[0], MEMBER);
        buf_put(out, n->op == CEL_OP_INDEX ? S("[") : S("[?"));
        print(out, n->call.args[1], COND);
        buf_putc(out, ']');
        break;
    case CEL_OP_NOT:
    case CEL_OP_NEGATE:
        print_unary(out, n);
        break;
    case CEL_OP_CONDITION:
        print_condition(out, n);
        break;
    case CEL_OP_CALL:
        print_call(out, n);
        break;
    case CEL_OP_LIST:
    case CEL_OP_MAP:
        print_aggregate(out, n);
        break;
    case CEL_OP_STRUCT:
        print_message(out, n);
        break;
    case CEL_OP_AND:
    case CEL_OP_OR:
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
        print_binary(out, n);
        break;
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
        print_macro(out, n);
        break;
    case CEL_OPS:
        break;
    }
}

// In parentheses where the node binds less tightly than its place needs.
static void print(struct buf *out, const struct cel_node *n, int least)
{
    while (n->op == CEL_OP_LITERAL && n->unfolded)
        n = n->unfolded;
    bool enclosed = precedence(n) < least;
    if (enclosed)
        buf_putc(out, '(');
    print_bare(out, n);
    if (enclosed)
        buf_putc(out, ')');
}

void cel_print(const struct cel_node *n, struct buf *out)
{
    print(out, n, COND);
}

void cel_program_print(const struct cel_program *p, struct buf *out)
{
    print(out, p->root, COND);
}
