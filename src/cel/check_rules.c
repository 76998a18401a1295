// cel_check_rules: what Kubernetes asks of a typed expression beyond CEL: the elements of a literal are of
// one type (dyn beside int counts as two), constant formats fit their arguments. And one thing
// that cel-go's planner cannot do. Constant durations, timestamps and patterns are fold.c's.
#include "base/buf.h"
#include "cel/check_priv.h"
#include "cel/child.h"
#include "cel/format_scan.h"
#include "cel/type_priv.h"

// The type of an element as it will be in the aggregate. Behind `?` a value of type dyn is refused:
// cel-go's validator has no answer to what is in it.
static const struct cel_type *element_type(struct checker *c, const struct cel_node *n,
                                           const struct cel_node *x, uint32_t i)
{
    if (!n->call.optional || !n->call.optional[i])
        return x->type;
    if (x->type->params[0])
        return x->type->params[0];
    report_at(&c->r, x->start, x->end, "expected type 'optional_type(dyn)' but found 'dyn'");
    return x->type;
}

static void homogeneous_list(struct checker *c, const struct cel_node *n)
{
    const struct cel_type *first = n->n ? element_type(c, n, n->call.args[0], 0) : NULL;
    for (uint32_t i = 1; i < n->n; i++) {
        const struct cel_type *t = element_type(c, n, n->call.args[i], i);
        if (!unify_equal(&c->u, first, t)) {
            check_mismatch(c, n->call.args[i], first, t);
            return;
        }
    }
}

static void homogeneous_map(struct checker *c, const struct cel_node *n)
{
    const struct cel_type *key = n->n ? n->call.args[0]->type : NULL,
                          *value = n->n ? element_type(c, n, n->call.args[1], 0) : NULL;
    for (uint32_t i = 1; i < n->n; i++) {
        const struct cel_node *k = n->call.args[2 * i], *v = n->call.args[2 * i + 1];
        const struct cel_type *t = element_type(c, n, v, i);
        if (!unify_equal(&c->u, key, k->type))
            check_mismatch(c, k, key, k->type);
        if (!unify_equal(&c->u, value, t))
            check_mismatch(c, v, value, t);
    }
}

static bool kind_in(const struct cel_type *t, const uint8_t *kinds)
{
    if ((unsigned)t->kind == CEL_DYN)
        return true;
    for (; *kinds != CEL_KINDS; kinds++)
        if (t->kind == *kinds)
            return true;
    return false;
}

static const struct clause {
    char letter;
    const char *complaint;
    uint8_t kinds[16];
} clauses[] = {
    {'s',
     "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, "
     "durations, and timestamps",
     {CEL_LIST, CEL_MAP, CEL_INT, CEL_UINT, CEL_DOUBLE, CEL_BOOL, CEL_STRING, CEL_TIMESTAMP, CEL_BYTES,
      CEL_DURATION, CEL_TYPE, CEL_NULL, CEL_KINDS}},
    {'d', "decimal clause can only be used on integers", {CEL_INT, CEL_UINT, CEL_KINDS}},
    {'f', "fixed-point clause can only be used on doubles", {CEL_DOUBLE, CEL_STRING, CEL_KINDS}},
    {'e', "scientific clause can only be used on doubles", {CEL_DOUBLE, CEL_STRING, CEL_KINDS}},
    {'b',
     "only integers and bools can be formatted as binary",
     {CEL_INT, CEL_UINT, CEL_BOOL, CEL_KINDS}},
    {'x',
     "only integers, byte buffers, and strings can be formatted as hex",
     {CEL_INT, CEL_UINT, CEL_STRING, CEL_BYTES, CEL_KINDS}},
    {'o', "octal clause can only be used on integers", {CEL_INT, CEL_UINT, CEL_KINDS}},
};

// The runtime name of a type, as format's errors have it.
static str runtime_name(const struct cel_type *t)
{
    return t->kind == CEL_OBJECT ? t->name : str_of(cel_kind_name(t->kind));
}

// The first node of an argument, or within a literal argument, that %s does not print; or NULL.
static const struct cel_node *unprintable(const struct cel_node *n)
{
    if (!kind_in(n->type, clauses[0].kinds))
        return n;
    for (uint32_t i = 0; n->op == CEL_OP_LIST || n->op == CEL_OP_MAP; i++) {
        const struct cel_node *x = cel_child(n, i), *bad = x ? unprintable(x) : NULL;
        if (!x || bad)
            return bad;
    }
    return NULL;
}

static bool clause_fits(struct checker *c, char letter, const struct cel_node *arg)
{
    const struct clause *clause = clauses;
    while (clause->letter != (letter == 'X' ? 'x' : letter))
        clause++;
    const struct cel_node *bad = letter == 's' ? unprintable(arg) : kind_in(arg->type, clause->kinds)
                                                                        ? NULL
                                                                        : arg;
    if (bad)
        report_at(&c->r, bad->start, bad->end, "error during formatting: %s, was given %.*s",
                  clause->complaint, STR_FMT(runtime_name(bad->type)));
    return !bad;
}

// 'text'.format([arguments]), both constant in shape.
static void format_fits(struct checker *c, const struct cel_node *n)
{
    const struct cel_node *list = n->call.args[1];
    str text = value_text(n->call.args[0]->literal);
    uint32_t used = 0;
    for (size_t i = 0; i < text.n;) {
        struct format_clause clause;
        char why[96];
        i = cel_format_scan(text, i, &clause, why, sizeof why);
        if (!clause.letter && !clause.bad)
            continue;
        if (!clause.at_end && used >= list->n) {
            report_at(&c->r, n->start, n->end, "index %u out of range", used);
            return;
        }
        if (clause.bad) {
            report_at(&c->r, n->start, n->end, "%s", why);
            return;
        }
        if (!clause_fits(c, clause.letter, list->call.args[used++]))
            return;
    }
    if (used < list->n)
        report_at(&c->r, n->start, n->end,
                  "too many arguments supplied to string.format (expected %u, got %u)", used, list->n);
}

static void type_variable(struct checker *c, const struct cel_node *at, str name,
                          const struct cel_type *t)
{
    if (t && t->kind == CEL_TYPE)
        report_at(&c->r, at->start, at->end, "reference to undefined type: %.*s", STR_FMT(name));
}

// cel-go's planner takes a name whose static type is a type for the name of a type, and a variable
// is none. Some macros name their variable themselves, in what they expand to.
static void type_variables(struct checker *c, const struct cel_node *n)
{
    const struct cel_type *range = n->op >= CEL_OP_ALL ? n->macro.range->type : NULL;
    switch ((unsigned)n->op) {
    case CEL_OP_SLOT:
    case CEL_OP_LAZY:
    case CEL_OP_LOCAL:
        type_variable(c, n, n->name, n->type);
        break;
    case CEL_OP_FILTER:
    case CEL_OP_OPT_MAP:
    case CEL_OP_OPT_FLAT_MAP:
        type_variable(c, n, n->macro.var[0], range->params[0]);
        break;
    case CEL_OP_MAP_MAP:
        if (range->kind == CEL_MAP)
            type_variable(c, n, n->macro.var[0], range->params[0]);
        break;
    default:
        break;
    }
}

static bool is_format(const struct cel_node *n)
{
    return n->op == CEL_OP_CALL && n->fn == CEL_FN_format;
}

static void rules(struct checker *c, struct cel_node *n, bool in_format)
{
    if (n->op == CEL_OP_LIST && !in_format)
        homogeneous_list(c, n);
    if (n->op == CEL_OP_MAP && !in_format)
        homogeneous_map(c, n);
    if (is_format(n) && n->n == 2 && n->call.args[0]->op == CEL_OP_LITERAL &&
        n->call.args[0]->literal.kind == CEL_STRING && n->call.args[1]->op == CEL_OP_LIST)
        format_fits(c, n);
    type_variables(c, n);
    in_format = in_format || is_format(n);
    for (uint32_t i = 0; cel_child(n, i); i++)
        rules(c, cel_child(n, i), in_format);
}

void cel_check_rules(struct checker *c, struct cel_node *root)
{
    rules(c, root, false);
}
