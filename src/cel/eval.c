// The evaluator: one switch over the nodes of a checked program. Values go by value, nothing is
// allocated for a node, documents are read in place. Three things can stop a result from being a
// value: an error (absorbed by && and ||), an unknown (the same, and it wins over an error), and a
// fatal error (cost limit, memory), which nothing absorbs. See docs/cel.md.
#include <math.h>

#include "cel/eval_priv.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/limits.h"

// Failing.

struct value eval_located(struct frame *f, const struct cel_node *n, struct value v)
{
    if (v.error->fatal || v.error->end)
        return v;
    struct cel_error *e = arena_alloc(f->run->arena, 1, sizeof *e, _Alignof(struct cel_error));
    if (!e)
        return value_fatal("out of memory");
    *e = *v.error;
    e->start = n->start;
    e->end = n->end;
    return (struct value){.kind = CEL_ERROR, .error = e};
}

static const char *operator_name(const struct cel_node *n)
{
    static const char *const names[] = {
#define NODE(name, text, what) text,
#include "cel/nodes.def"
#undef NODE
    };
    return n->op >= CEL_OP_NEGATE && n->op <= CEL_OP_IN && n->op != CEL_OP_AND &&
                   n->op != CEL_OP_OR && n->op != CEL_OP_CONDITION
               ? names[n->op]
               : NULL;
}

struct value eval_no_overload(struct frame *f, const struct cel_node *n)
{
    const char *name = operator_name(n);
    return name ? eval_fail(f, n, "no such overload: %s", name)
                : eval_located(f, n, value_no_overload());
}

struct value eval_fail(struct frame *f, const struct cel_node *n, const char *fmt, ...)
{
    char text[400];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return eval_located(f, n, value_error(f->run->arena, "%s", text));
}

struct value eval_worse(struct frame *f, struct value first, struct value second)
{
    if (eval_fatal(first))
        return first;
    if (eval_fatal(second))
        return second;
    if (first.kind == CEL_UNKNOWN && second.kind == CEL_UNKNOWN)
        return value_unknown_merge(f->run->arena, first, second);
    return second.kind == CEL_UNKNOWN ? second : first;
}

// Logic.

// What && and || make of an operand that is no bool.
static struct value as_failure(struct frame *f, const struct cel_node *n, struct value v)
{
    return value_failed(v) ? v : eval_no_overload(f, n);
}

static struct value logic_rest(struct frame *f, const struct cel_node *n, struct value a,
                               struct value b)
{
    if (a.kind == CEL_BOOL)
        return as_failure(f, n, b);
    a = as_failure(f, n, a);
    return b.kind == CEL_BOOL ? a : eval_worse(f, a, as_failure(f, n, b));
}

// && is decided by a false and || by a true, on either side and whatever the other side is.
static APART struct value logic(struct frame *f, const struct cel_node *n, bool decides)
{
    struct value a = eval_expr(f, n->call.args[0]);
    if (a.kind == CEL_BOOL && a.b == decides)
        return a;
    if (eval_fatal(a))
        return a;
    struct value b = eval_expr(f, n->call.args[1]);
    if (b.kind == CEL_BOOL && (b.b == decides || a.kind == CEL_BOOL))
        return b;
    return logic_rest(f, n, a, b);
}

static APART struct value condition(struct frame *f, const struct cel_node *n)
{
    struct value c = eval_expr(f, n->call.args[0]);
    if (c.kind != CEL_BOOL)
        return as_failure(f, n, c);
    const struct cel_node *branch = n->call.args[c.b ? 1 : 2];
    struct value v = eval_expr(f, branch);
    f->run->cost -= eval_access_discount(branch);
    return v;
}

// Operators with two operands: both are evaluated, the first that failed is the result.

static bool operands(struct frame *f, const struct cel_node *n, struct value *a, struct value *b)
{
    *a = eval_expr(f, n->call.args[0]);
    *b = eval_expr(f, n->call.args[1]);
    return !value_failed(*a) && !value_failed(*b);
}

// cel-go's panic in the second ends what the first's error would have been the result of.
static struct value failed_operand(struct value a, struct value b)
{
    return eval_fatal(a) || (value_failed(a) && !eval_fatal(b)) ? a : b;
}

static APART struct value equality(struct frame *f, const struct cel_node *n)
{
    struct value a, b;
    bool good = operands(f, n, &a, &b);
    f->run->cost += cost_equality(n, a, b);
    if (!good)
        return failed_operand(a, b);
    enum value_equality same = value_compare_equal(a, b);
    if (n->op == CEL_OP_NE)
        return value_bool(same != VALUE_SAME);
    return same == VALUE_INCOMPARABLE ? eval_fail(f, n, "no such overload") : value_bool(same == VALUE_SAME);
}

static APART struct value order(struct frame *f, const struct cel_node *n)
{
    struct value a, b;
    bool good = operands(f, n, &a, &b);
    f->run->cost += cost_order(n, a, b);
    if (!good)
        return failed_operand(a, b);
    int c;
    bool comparable = value_compare(a, b, &c);
    bool nan = a.kind == CEL_DOUBLE && isnan(a.d); // which cel-go sees before it looks at the other
    if (!comparable && !nan)
        return eval_no_overload(f, n);
    if (nan || c == 2)
        return eval_fail(f, n, "NaN values cannot be ordered");
    switch (n->op) {
    case CEL_OP_LT:
        return value_bool(c < 0);
    case CEL_OP_LE:
        return value_bool(c <= 0);
    case CEL_OP_GT:
        return value_bool(c > 0);
    default:
        return value_bool(c >= 0);
    }
}

static APART struct value arithmetic(struct frame *f, const struct cel_node *n)
{
    struct value a, b;
    bool good = operands(f, n, &a, &b);
    f->run->cost += n->op == CEL_OP_ADD ? cost_add(n, a, b) : 1;
    if (!good)
        return failed_operand(a, b);
    return n->op == CEL_OP_ADD ? eval_op_add(f, n, a, b) : eval_op_arithmetic(f, n, a, b);
}

static APART struct value membership(struct frame *f, const struct cel_node *n)
{
    struct value a, b;
    const struct cel_node *set = n->call.args[1];
    if (set->flags & CEL_NODE_SET && set->literal.n == 0)
        return value_bool(false); // cel-go's plan: nothing is evaluated, (1/0) in [] is false
    bool good = operands(f, n, &a, &b);
    f->run->cost += cost_in(n, b);
    if (!good)
        return failed_operand(a, b);
    if (value_is_unhashable(a) && !(b.flags & VALUE_NODE) && ((b.kind == CEL_MAP && b.n) || set->flags & CEL_NODE_SET))
        return value_fatal("internal error: unsupported key type"); // cel-go panics
    struct value v = eval_op_in(a, b);
    return v.kind == CEL_ERROR ? eval_located(f, n, v) : v;
}

static APART struct value unary(struct frame *f, const struct cel_node *n)
{
    struct value v = eval_expr(f, n->call.args[0]);
    f->run->cost += 1;
    if (value_failed(v))
        return v;
    if (n->op == CEL_OP_NEGATE)
        return eval_op_negate(f, n, v);
    return v.kind == CEL_BOOL ? value_bool(!v.b) : eval_no_overload(f, n);
}

// Calls.

// cel-go names the kinds that it has no function for: "no such overload: bool(map)".
static struct value located_call(struct frame *f, const struct cel_node *n,
                                 const struct value *args, struct value v)
{
    if (!str_eq(v.error->message, S("no such overload")))
        return eval_located(f, n, v);
    char text[200];
    size_t at = 0;
    for (uint32_t i = 0; i < n->n && at < sizeof text; i++) {
        str s = value_type_name(args[i]);
        int w = snprintf(text + at, sizeof text - at, "%s%.*s", i ? ", " : "", STR_FMT(s));
        at += w > 0 ? (size_t)w : 0;
    }
    text[at < sizeof text ? at : sizeof text - 1] = '\0';
    str name = cel_functions[n->fn].name;
    return eval_fail(f, n, "no such overload: %.*s(%s)", STR_FMT(name), text);
}

// cel-go's distinct, flatten and sort of one type panic when an argument is an error: the expression ends
// there, and neither && nor || sees it. The API server recovers and has an error.
static bool panics(const struct cel_node *n, const struct value *args)
{
    const struct cel_type *list = n->n ? n->call.args[0]->type : NULL;
    switch (n->fn) {
    case CEL_FN_distinct:
        return true;
    case CEL_FN_flatten:
        return n->n == 2 && !value_failed(args[0]);
    case CEL_FN_sort:
        return list && list->kind == CEL_LIST && (unsigned)list->params[0]->kind < CEL_KINDS;
    default:
        return false;
    }
}

// Where lists of dyn and of T met, cel-go's checker says T, its dispatcher has that overload only, and the
// value is something else: bytes((object.texts + [b'x'])[0]).
static bool belied(const struct cel_node *n, const struct value *args)
{
    for (uint32_t i = 0; (n->flags & CEL_NODE_ONE) && i < n->n; i++) {
        unsigned kind = n->call.args[i]->type->kind;
        if (kind != args[i].kind && kind < CEL_KINDS)
            return true;
    }
    return false;
}

static APART struct value call(struct frame *f, const struct cel_node *n)
{
    __attribute__((uninitialized)) struct value few[3];
    struct value *args = few;
    if (n->n > 3) {
        args = arena_alloc(f->run->arena, n->n, sizeof *args, _Alignof(struct value));
        if (!args)
            return value_fatal("out of memory");
    }
    struct value failed = {0};
    bool good = true;
    for (uint32_t i = 0; i < n->n; i++) {
        args[i] = eval_expr(f, n->call.args[i]);
        if (!value_failed(args[i]))
            continue;
        failed = good ? args[i] : failed_operand(failed, args[i]);
        good = false;
        if (n->n > 2) // cel-go stops here, and evaluates both of two
            return failed;
    }
    const struct cel_function *fn = &cel_functions[n->fn];
    struct cel_call c = {f->run->arena, f->run, n};
    if (failed.kind == CEL_ERROR && panics(n, args))
        return value_fatal("internal error: an error is no list");
    struct value v = !good            ? failed
                     : belied(n, args) ? value_no_overload()
                                       : fn->call(&c, args, n->n);
    f->run->cost += fn->cost == CEL_COST_CALL ? 1 : cost_call(n, args, v);
    if (v.kind == CEL_ERROR && !v.error->end)
        v = good ? located_call(f, n, args, v) : eval_located(f, n, v);
    return eval_over(f) ? value_fatal("operation cancelled: actual cost limit exceeded") : v;
}

// or and orValue evaluate their argument only where the optional is empty, and cost nothing.
static APART struct value optional_or(struct frame *f, const struct cel_node *n)
{
    struct value v = eval_expr(f, n->call.args[0]);
    if (value_failed(v))
        return v;
    if (v.kind != CEL_OPTIONAL)
        return eval_no_overload(f, n);
    if (!v.some)
        return eval_expr(f, n->call.args[1]);
    return n->fn == CEL_FN_or ? v : *v.some;
}

// Literals of lists and maps.

static APART struct value list_literal(struct frame *f, const struct cel_node *n)
{
    struct value *items =
        arena_alloc(f->run->arena, n->n, sizeof *items, _Alignof(struct value));
    uint32_t count = 0;
    f->run->cost += 10;
    if (!items)
        return value_fatal("out of memory");
    for (uint32_t i = 0; i < n->n; i++) {
        struct value v = eval_expr(f, n->call.args[i]);
        if (value_failed(v))
            return v;
        if (n->call.optional && n->call.optional[i]) {
            if (v.kind != CEL_OPTIONAL)
                return eval_fail(f, n, "cannot initialize optional list element from non-optional "
                                       "value");
            if (!v.some)
                continue;
            v = *v.some;
        }
        items[count++] = v;
    }
    return (struct value){.kind = CEL_LIST, .n = count, .items = items};
}

static APART struct value map_literal(struct frame *f, const struct cel_node *n)
{
    struct value_builder b;
    f->run->cost += 30;
    if (!value_builder_init(&b, f->run->arena, n->n))
        return value_fatal("out of memory");
    for (uint32_t i = 0; i < n->n; i++) {
        struct entry e;
        e.key = eval_expr(f, n->call.args[2 * i]);
        if (value_failed(e.key))
            return e.key;
        e.value = eval_expr(f, n->call.args[2 * i + 1]);
        if (value_failed(e.value))
            return e.value;
        if (value_is_unhashable(e.key))
            return value_fatal("internal error: unsupported key type"); // cel-go panics
        if (n->call.optional && n->call.optional[i]) {
            if (e.value.kind != CEL_OPTIONAL)
                return eval_fail(f, n, "cannot initialize optional entry from non-optional value");
            if (!e.value.some) {
                value_builder_remove(&b, e.key);
                continue;
            }
            e.value = *e.value.some;
        }
        value_builder_set(&b, e); // the last of equal keys wins
    }
    return value_builder_done(&b);
}

// Names.

static APART struct value lazy(struct frame *f, const struct cel_node *n)
{
    f->run->cost += 2; // `variables` and the selection of its field
    if (!f->run->lazy)
        return value_unknown(f->run->arena, n->name);
    return f->run->lazy(f->run->ctx, n->slot, f->run);
}

// It has nothing of its own on the stack to be protected, and jumps into the operators.
__attribute__((no_stack_protector)) struct value eval_expr(struct frame *f, const struct cel_node *n)
{
    switch ((enum cel_op)n->op) {
    case CEL_OP_LITERAL:
        return n->literal;
    case CEL_OP_SLOT:
        f->run->cost++;
        return f->run->slots[n->slot];
    case CEL_OP_LOCAL:
        f->run->cost++;
        return f->locals[n->slot];
    case CEL_OP_LAZY:
        return lazy(f, n);
    case CEL_OP_IDENT:
        return eval_fail(f, n, "no such attribute(s): %.*s", STR_FMT(n->name));
    case CEL_OP_SELECT:
    case CEL_OP_OPT_SELECT:
        return eval_access_select(f, n);
    case CEL_OP_HAS:
        return eval_access_has(f, n);
    case CEL_OP_INDEX:
    case CEL_OP_OPT_INDEX:
        return eval_access_index(f, n);
    case CEL_OP_NOT:
    case CEL_OP_NEGATE:
        return unary(f, n);
    case CEL_OP_AND:
        return logic(f, n, false);
    case CEL_OP_OR:
        return logic(f, n, true);
    case CEL_OP_CONDITION:
        return condition(f, n);
    case CEL_OP_EQ:
    case CEL_OP_NE:
        return equality(f, n);
    case CEL_OP_LT:
    case CEL_OP_LE:
    case CEL_OP_GT:
    case CEL_OP_GE:
        return order(f, n);
    case CEL_OP_ADD:
    case CEL_OP_SUB:
    case CEL_OP_MUL:
    case CEL_OP_DIV:
    case CEL_OP_MOD:
        return arithmetic(f, n);
    case CEL_OP_IN:
        return membership(f, n);
    case CEL_OP_CALL:
        return n->fn == CEL_FN_or || n->fn == CEL_FN_or_value ? optional_or(f, n) : call(f, n);
    case CEL_OP_LIST:
        return list_literal(f, n);
    case CEL_OP_MAP:
        return map_literal(f, n);
    case CEL_OP_STRUCT:
        return eval_fail(f, n, "unknown type: %.*s", STR_FMT(n->name));
    case CEL_OP_ALL:
    case CEL_OP_EXISTS:
    case CEL_OP_EXISTS_ONE:
    case CEL_OP_FILTER:
    case CEL_OP_MAP_LIST:
    case CEL_OP_MAP_MAP:
    case CEL_OP_MAP_ENTRY:
    case CEL_OP_OPT_MAP:
    case CEL_OP_OPT_FLAT_MAP:
    case CEL_OP_SORT_BY:
        return eval_macro_run(f, n);
    case CEL_OPS:
        break;
    }
    return value_fatal("operation cancelled");
}

struct value cel_eval(const struct cel_program *p, struct cel_run *run)
{
    __attribute__((uninitialized)) struct value few[EVAL_LOCALS];
    struct frame f = {run, few};
    if (run->depth > LIMIT_VARIABLE_DEPTH)
        return value_fatal("evaluation nests too deeply");
    if (p->n_locals > EVAL_LOCALS) {
        f.locals = arena_alloc(run->arena, p->n_locals, sizeof *few, _Alignof(struct value));
        if (!f.locals)
            return value_fatal("out of memory");
    }
    if (run->depth == 0)
        run->zones = NULL; // of an arena that may have been reset since
    run->depth++;
    struct value v = eval_expr(&f, p->root);
    run->depth--;
    if (eval_over(&f))
        return value_fatal("operation cancelled: actual cost limit exceeded");
    return v;
}
