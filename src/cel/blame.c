// Blame: why an expression has the value it has, as places in documents.
//
// why() walks an expression down from its result. At every node it asks the evaluator for the values
// of the operands and goes on only into those that decided: the false side of &&, the branch that ?:
// took, the elements that made all() false, the elements that filter() kept. Where a value was read
// from a document, that node is the place; where something was absent, the nearest present parent
// is. Values are not recorded in a first run, for the evaluator stays free of that; what is known of a node's
// value goes down with the question (`known`), and only what is not is asked of the evaluator again.
//
// A value computed from others has no origin. An element of such a list is traced to the expression
// that made it (why_item): through variables, `+`, map() and filter().
#include "cel/eval_priv.h"

#include <stdlib.h>

#include "base/limits.h"

enum {
    STEPS = 200000,   // of why(): variables that read variables twice each could double without end
    VISITS = 4000000, // nodes looked at for dropping parents
    COST_FACTOR = 50, // evaluations repeat, so the budget is this many times the expression's
};

struct binding {
    const struct cel_node *macro; // whose variable a local is
    uint32_t i;                   // the element of its range
};

// A program being explained: its locals, and where they come from.
struct scope {
    struct frame f;
    struct binding *bound;
    uint32_t n;
};

struct blamer {
    struct cel_run *run;
    struct cel_blame *out;
    uint32_t hits; // places named so far, known ones too: tells whether an explanation named any
    uint32_t steps, programs;
};

// known: the value of n, or NULL. It may lack its origin, where it was concluded and not read.
static void why(struct blamer *b, struct scope *s, const struct cel_node *n, const struct value *known);
static void why_item(struct blamer *b, struct scope *s, const struct cel_node *n, uint32_t i);

static void add(struct blamer *b, const struct node *place)
{
    struct cel_blame *out = b->out;
    b->hits++;
    for (uint32_t i = 0; i < out->n; i++)
        if (out->nodes[i] == place)
            return;
    if (out->n < out->cap)
        out->nodes[out->n++] = place;
}

static bool add_origin(struct blamer *b, struct value v)
{
    if (v.kind == CEL_OPTIONAL && v.some)
        v = *v.some;
    if (v.origin)
        add(b, v.origin);
    return v.origin != NULL;
}

static bool is_bool(struct value v, bool what)
{
    return v.kind == CEL_BOOL && v.b == what;
}

static const struct value yes = {.kind = CEL_BOOL, .b = true}, no = {.kind = CEL_BOOL, .b = false};

static struct value value_at(struct scope *s, const struct cel_node *n, const struct value *known)
{
    return known ? *known : eval_expr(&s->f, n);
}

static bool scope_init(struct blamer *b, struct scope *s, uint32_t n)
{
    struct arena *a = b->run->arena;
    *s = (struct scope){.f.run = b->run, .n = n};
    s->f.locals = arena_alloc(a, n, sizeof(struct value), _Alignof(struct value));
    s->bound = arena_alloc(a, n, sizeof *s->bound, _Alignof(struct binding));
    return s->f.locals && s->bound;
}

// A copy to work in where inner macros may reuse the slots of variables that are still needed.
static bool scope_copy(struct blamer *b, struct scope *to, const struct scope *from)
{
    if (!scope_init(b, to, from->n))
        return false;
    if (from->n) {
        memcpy(to->f.locals, from->f.locals, from->n * sizeof *to->f.locals);
        memcpy(to->bound, from->bound, from->n * sizeof *to->bound);
    }
    return true;
}

static void bind(struct scope *s, const struct cel_node *macro, struct value range, uint32_t i)
{
    eval_bind(&s->f, macro, range, i);
    s->bound[macro->macro.local[0]] = (struct binding){macro, i};
    if (macro->flags & CEL_NODE_TWO_VARS)
        s->bound[macro->macro.local[1]] = (struct binding){macro, i};
}

// Names.

static void why_program(struct blamer *b, const struct cel_program *p, const struct value *known, bool item, uint32_t i)
{
    struct scope inner;
    if (b->programs > LIMIT_VARIABLE_DEPTH || !scope_init(b, &inner, p->n_locals))
        return;
    b->programs++;
    if (item)
        why_item(b, &inner, p->root, i);
    else
        why(b, &inner, p->root, known);
    b->programs--;
}

static const struct cel_program *program_of(struct blamer *b, const struct cel_node *lazy)
{
    return b->run->lazy_program ? b->run->lazy_program(b->run->ctx, lazy->slot) : NULL;
}

// A macro's variable that was read from no document: the element is explained in a copy of the
// scope, because its range may use the same slots for variables of its own.
static void why_local(struct blamer *b, struct scope *s, const struct cel_node *n)
{
    struct binding at = s->bound[n->slot];
    struct scope outer;
    if (add_origin(b, s->f.locals[n->slot]) || !at.macro || !scope_copy(b, &outer, s))
        return;
    if (at.macro->op == CEL_OP_OPT_MAP || at.macro->op == CEL_OP_OPT_FLAT_MAP)
        why(b, &outer, at.macro->macro.range, NULL);
    else
        why_item(b, &outer, at.macro->macro.range, at.i);
}

// Selections.

static const struct cel_node *operand_of(const struct cel_node *n)
{
    return n->op == CEL_OP_INDEX || n->op == CEL_OP_OPT_INDEX ? n->call.args[0] : n->select.operand;
}

// Something is not there: its nearest present parent is the place.
static void why_absent(struct blamer *b, struct scope *s, const struct cel_node *n)
{
    const struct cel_node *operand = operand_of(n);
    struct value v = eval_expr(&s->f, operand);
    bool present = !value_failed(v) && !(v.kind == CEL_OPTIONAL && !v.some);
    if (present && (n->op == CEL_OP_INDEX || n->op == CEL_OP_OPT_INDEX)) {
        struct value key = eval_expr(&s->f, n->call.args[1]);
        if (value_failed(key)) {
            why(b, s, n->call.args[1], &key);
            return;
        }
    }
    if (!present || !add_origin(b, v))
        why(b, s, operand, &v);
}

static void why_selection(struct blamer *b, struct scope *s, const struct cel_node *n, const struct value *known)
{
    struct value v = known && known->origin ? *known : eval_expr(&s->f, n);
    if (value_failed(v) || (v.kind == CEL_OPTIONAL && !v.some))
        why_absent(b, s, n);
    else if (!add_origin(b, v))
        why(b, s, operand_of(n), NULL); // of a computed map or list
}

static void why_has(struct blamer *b, struct scope *s, const struct cel_node *n, const struct value *known)
{
    struct value has = value_at(s, n, known), found;
    if (!is_bool(has, true)) {
        why_absent(b, s, n);
        return;
    }
    struct value operand = eval_expr(&s->f, n->select.operand), v = operand;
    if (v.kind == CEL_OPTIONAL && v.some)
        v = *v.some;
    bool is_map = v.kind == CEL_MAP || v.kind == CEL_OBJECT;
    if (!is_map || !value_map_find(v, value_str(n->select.field.text), &found) ||
        !add_origin(b, found))
        why(b, s, n->select.operand, &operand);
}

// Logic.

static void why_logic(struct blamer *b, struct scope *s, const struct cel_node *n, const struct value *known)
{
    const bool decides = n->op == CEL_OP_OR;
    const struct cel_node *left = n->call.args[0], *right = n->call.args[1];
    if (known && is_bool(*known, !decides)) { // both had to agree
        why(b, s, left, known);
        why(b, s, right, known);
        return;
    }
    struct value l = eval_expr(&s->f, left);
    if (is_bool(l, decides)) {
        why(b, s, left, &l);
        return;
    }
    struct value r = known && known->kind == CEL_BOOL ? *known : eval_expr(&s->f, right);
    if (l.kind == CEL_BOOL && r.kind == CEL_BOOL && r.b != decides) {
        why(b, s, left, &l);
        why(b, s, right, &r);
    } else if (is_bool(r, decides) || l.kind == CEL_BOOL) {
        why(b, s, right, &r);
    } else {
        why(b, s, left, &l);
    }
}

static void why_condition(struct blamer *b, struct scope *s, const struct cel_node *n, const struct value *known)
{
    struct value c = eval_expr(&s->f, n->call.args[0]);
    uint32_t before = b->hits;
    if (c.kind == CEL_BOOL)
        why(b, s, n->call.args[c.b ? 1 : 2], known);
    if (b->hits == before) // a literal branch: what chose it decided
        why(b, s, n->call.args[0], &c);
}

static void why_unary(struct blamer *b, struct scope *s, const struct cel_node *n, const struct value *known)
{
    if (n->op == CEL_OP_NOT && known && known->kind == CEL_BOOL)
        known = known->b ? &no : &yes;
    else
        known = NULL;
    why(b, s, n->call.args[0], known);
}

// Operands and arguments: where one failed, that one decided.
static void why_arguments(struct blamer *b, struct scope *s, struct cel_node *const *args,
                          uint32_t n)
{
    enum { FEW = 4 };
    struct value values[FEW];
    for (uint32_t i = 0; i < n; i++) {
        struct value v = eval_expr(&s->f, args[i]);
        if (value_failed(v)) {
            why(b, s, args[i], &v);
            return;
        }
        if (i < FEW)
            values[i] = v;
    }
    for (uint32_t i = 0; i < n; i++)
        why(b, s, args[i], i < FEW ? &values[i] : NULL);
}

static void why_optional_or(struct blamer *b, struct scope *s, const struct cel_node *n, const struct value *known)
{
    struct value v = eval_expr(&s->f, n->call.args[0]);
    why(b, s, n->call.args[0], &v); // its value, or where it would have been
    if (v.kind == CEL_OPTIONAL && !v.some)
        why(b, s, n->call.args[1], known);
}

// Macros.

// Element i is bound. Explains it by `body`; where that names nothing, by the element itself.
static void why_element(struct blamer *b, struct scope *s, const struct cel_node *n,
                        const struct cel_node *body, const struct value *known, uint32_t i)
{
    uint32_t before = b->hits;
    struct value item = s->f.locals[n->macro.local[n->flags & CEL_NODE_TWO_VARS ? 1 : 0]];
    struct scope outer;
    why(b, s, body, known);
    if (b->hits == before && !add_origin(b, item) && scope_copy(b, &outer, s))
        why_item(b, &outer, n->macro.range, i);
}

static bool decided(const struct cel_node *n, struct value result, struct value element)
{
    if (value_failed(result))
        return element.kind != CEL_BOOL;
    if (n->op == CEL_OP_ALL)
        return is_bool(result, false) && is_bool(element, false);
    if (n->op == CEL_OP_EXISTS)
        return is_bool(result, true) && is_bool(element, true);
    return is_bool(element, true); // exists_one: those that are one, or too many
}

// all, exists, exists_one: every element that decided is a place. Where all of them decided together
// (none was found), the list is.
static void why_quantifier(struct blamer *b, struct scope *s, const struct cel_node *n, const struct value *known)
{
    struct value result = value_at(s, n, known);
    struct value range = eval_expr(&s->f, n->macro.range);
    uint32_t before = b->hits;
    uint32_t size = eval_iterable(range) ? eval_range_size(range) : 0;
    for (uint32_t i = 0; i < size; i++) {
        bind(s, n, range, i);
        struct value v = eval_expr(&s->f, n->macro.body);
        if (decided(n, result, v)) {
            bind(s, n, range, i);
            why_element(b, s, n, n->macro.body, &v, i);
        }
    }
    if (b->hits == before)
        why(b, s, n->macro.range, &range);
}

static bool passes(struct scope *s, const struct cel_node *n)
{
    const struct cel_node *test = n->op == CEL_OP_FILTER ? n->macro.body : n->macro.where;
    return !test || is_bool(eval_expr(&s->f, test), true);
}

// filter and map as values: the elements that are in them, each by what put it there; what failed; or,
// where none is, the range.
static void why_collection(struct blamer *b, struct scope *s, const struct cel_node *n, const struct value *known)
{
    bool failed = value_failed(value_at(s, n, known));
    struct value range = eval_expr(&s->f, n->macro.range);
    uint32_t before = b->hits;
    uint32_t size = eval_iterable(range) ? eval_range_size(range) : 0;
    for (uint32_t i = 0; i < size; i++) {
        bind(s, n, range, i);
        const struct cel_node *test = n->op == CEL_OP_FILTER ? NULL : n->macro.where;
        const struct cel_node *part = n->macro.body;
        if (failed && test && value_failed(eval_expr(&s->f, test)))
            part = test;
        bool in = failed ? value_failed(eval_expr(&s->f, part)) : passes(s, n);
        if (!in)
            continue;
        bind(s, n, range, i);
        why_element(b, s, n, part, NULL, i);
    }
    if (b->hits == before)
        why(b, s, n->macro.range, &range);
}

static void why_optional_map(struct blamer *b, struct scope *s, const struct cel_node *n)
{
    struct value v = eval_expr(&s->f, n->macro.range);
    uint32_t before = b->hits;
    if (v.kind == CEL_OPTIONAL && v.some) {
        s->f.locals[n->macro.local[0]] = *v.some;
        s->bound[n->macro.local[0]] = (struct binding){n, 0};
        why(b, s, n->macro.body, NULL);
    }
    if (b->hits == before)
        why(b, s, n->macro.range, &v);
}

// Elements of computed lists.

static void why_mapped(struct blamer *b, struct scope *s, const struct cel_node *n, uint32_t i)
{
    struct value range = eval_expr(&s->f, n->macro.range);
    uint32_t size = eval_iterable(range) ? eval_range_size(range) : 0, seen = 0;
    for (uint32_t k = 0; k < size; k++) {
        bind(s, n, range, k);
        if (!passes(s, n) || seen++ != i)
            continue;
        bind(s, n, range, k);
        if (n->op == CEL_OP_FILTER)
            why_item(b, s, n->macro.range, k);
        else
            why_element(b, s, n, n->macro.body, NULL, k);
        return;
    }
}

static void why_sum_item(struct blamer *b, struct scope *s, const struct cel_node *n, uint32_t i)
{
    struct value left = eval_expr(&s->f, n->call.args[0]);
    uint32_t size = left.kind == CEL_LIST ? eval_range_size(left) : 0;
    if (i < size)
        why_item(b, s, n->call.args[0], i);
    else
        why_item(b, s, n->call.args[1], i - size);
}

static void why_item(struct blamer *b, struct scope *s, const struct cel_node *n, uint32_t i)
{
    if (b->steps++ > STEPS)
        return;
    struct value list = eval_expr(&s->f, n);
    if (list.kind == CEL_LIST && i < eval_range_size(list) &&
        add_origin(b, value_list_at(list, i)))
        return;
    struct value v;
    const struct cel_program *p;
    switch (n->op) {
    case CEL_OP_LAZY:
        p = program_of(b, n);
        if (p)
            why_program(b, p, NULL, true, i);
        break;
    case CEL_OP_ADD:
        why_sum_item(b, s, n, i);
        break;
    case CEL_OP_LIST:
        if (i < n->n && !n->call.optional)
            why(b, s, n->call.args[i], NULL);
        else
            why_arguments(b, s, n->call.args, n->n);
        break;
    case CEL_OP_CONDITION:
        v = eval_expr(&s->f, n->call.args[0]);
        if (v.kind == CEL_BOOL)
            why_item(b, s, n->call.args[v.b ? 1 : 2], i);
        break;
    case CEL_OP_FILTER:
    case CEL_OP_MAP_LIST:
        why_mapped(b, s, n, i);
        break;
    default:
        why(b, s, n, &list);
    }
}

// Everything.

static void why_lazy(struct blamer *b, struct scope *s, const struct cel_node *n, const struct value *known)
{
    const struct cel_program *p = program_of(b, n);
    struct value v = known && known->origin ? *known : eval_expr(&s->f, n);
    if (!add_origin(b, v) && p)
        why_program(b, p, v.kind == CEL_ERROR ? NULL : &v, false, 0);
}

static void why_call(struct blamer *b, struct scope *s, const struct cel_node *n, const struct value *known)
{
    if (n->fn == CEL_FN_or || n->fn == CEL_FN_or_value)
        why_optional_or(b, s, n, known);
    else
        why_arguments(b, s, n->call.args, n->n);
}

static void why(struct blamer *b, struct scope *s, const struct cel_node *n, const struct value *known)
{
    if (b->steps++ > STEPS)
        return;
    switch ((enum cel_op)n->op) {
    case CEL_OP_LITERAL:
    case CEL_OP_IDENT:
    case CEL_OP_STRUCT:
    case CEL_OPS:
        break;
    case CEL_OP_SLOT:
        (void)add_origin(b, b->run->slots[n->slot]);
        break;
    case CEL_OP_LAZY:
        why_lazy(b, s, n, known);
        break;
    case CEL_OP_LOCAL:
        why_local(b, s, n);
        break;
    case CEL_OP_SELECT:
    case CEL_OP_OPT_SELECT:
    case CEL_OP_INDEX:
    case CEL_OP_OPT_INDEX:
        why_selection(b, s, n, known);
        break;
    case CEL_OP_HAS:
        why_has(b, s, n, known);
        break;
    case CEL_OP_AND:
    case CEL_OP_OR:
        why_logic(b, s, n, known);
        break;
    case CEL_OP_CONDITION:
        why_condition(b, s, n, known);
        break;
    case CEL_OP_NOT:
    case CEL_OP_NEGATE:
        why_unary(b, s, n, known);
        break;
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
    case CEL_OP_LIST:
        why_arguments(b, s, n->call.args, n->n);
        break;
    case CEL_OP_CALL:
        why_call(b, s, n, known);
        break;
    case CEL_OP_MAP:
        why_arguments(b, s, n->call.args, 2 * n->n);
        break;
    case CEL_OP_ALL:
    case CEL_OP_EXISTS:
    case CEL_OP_EXISTS_ONE:
        why_quantifier(b, s, n, known);
        break;
    case CEL_OP_FILTER:
    case CEL_OP_MAP_LIST:
    case CEL_OP_MAP_MAP:
    case CEL_OP_MAP_ENTRY:
        why_collection(b, s, n, known);
        break;
    case CEL_OP_OPT_MAP:
    case CEL_OP_OPT_FLAT_MAP:
        why_optional_map(b, s, n);
        break;
    case CEL_OP_SORT_BY:
        why(b, s, n->macro.range, NULL);
        break;
    }
}

// Dropping parents: a place that holds another place says less than that one does.

static int by_address(const void *x, const void *y)
{
    const struct node *const *a = x, *const *b = y;
    return (*a > *b) - (*a < *b);
}

struct search {
    const struct node **sorted;
    uint32_t n, visits;
};

static bool holds_another(struct search *s, const struct node *n)
{
    for (uint32_t i = 0; i < n->n && n->kind >= NODE_LIST; i++) {
        const struct node *child = n->kind == NODE_LIST ? &n->items[i] : &n->members[i].value;
        if (++s->visits > VISITS)
            return false;
        if (bsearch(&child, s->sorted, s->n, sizeof(void *), by_address) ||
            (child->kind >= NODE_LIST && holds_another(s, child)))
            return true;
    }
    return false;
}

static void drop_parents(struct cel_blame *out, struct arena *a)
{
    if (out->n < 2)
        return;
    struct search s = {arena_alloc(a, out->n, sizeof(void *), _Alignof(void *)), out->n, 0};
    if (!s.sorted)
        return;
    memcpy(s.sorted, out->nodes, out->n * sizeof(void *));
    qsort(s.sorted, s.n, sizeof(void *), by_address);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < out->n; i++)
        if (!holds_another(&s, out->nodes[i]))
            out->nodes[kept++] = out->nodes[i];
    out->n = kept;
}

void cel_blame(const struct cel_program *p, struct cel_run *run, const struct value *known, struct cel_blame *ret)
{
    struct blamer b = {.run = run, .out = ret};
    struct scope s;
    uint64_t cost = run->cost, limit = run->cost_limit;
    ret->n = 0;
    if (!scope_init(&b, &s, p->n_locals))
        return;
    run->cost = 0;
    run->cost_limit = limit * COST_FACTOR;
    if (run->depth == 0)
        run->zones = NULL;
    run->depth++;
    why(&b, &s, p->root, known);
    run->depth--;
    run->cost = cost;
    run->cost_limit = limit;
    drop_parents(ret, run->arena);
}
