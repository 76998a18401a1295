// eval_priv: the evaluator's parts and blame, which asks it for the value of single nodes.
#ifndef CEL_EVAL_PRIV_H
#define CEL_EVAL_PRIV_H

#include "cel/ast.h"
#include "cel/value_priv.h"

// One program being evaluated. Nothing here is owned.
struct frame {
    struct cel_run *run;
    struct value *locals; // program.n_locals
};

// Macros that fit keep their variables on the stack; more than any policy has.
enum { EVAL_LOCALS = 8 };

// Each operator has a function of its own, so that the switch that all nodes go through needs no stack.
#define APART __attribute__((noinline))

struct value eval_expr(struct frame *f, const struct cel_node *n);

// eval_op.c: operators on values that have not failed.
struct value eval_op_add(struct frame *f, const struct cel_node *n, struct value a, struct value b);
struct value eval_op_arithmetic(struct frame *f, const struct cel_node *n, struct value a,
                             struct value b);
struct value eval_op_negate(struct frame *f, const struct cel_node *n, struct value a);
struct value eval_op_in(struct value a, struct value b);

// eval_access.c: select, index, has and their optional forms.
struct value eval_access_select(struct frame *f, const struct cel_node *n) APART;
struct value eval_access_index(struct frame *f, const struct cel_node *n) APART;
struct value eval_access_has(struct frame *f, const struct cel_node *n) APART;
struct value eval_access_some(struct frame *f, struct value v); // optional.of(v)
// 1 where the node is what cel-go calls an attribute, a name with selections: its plan charges 1 for the whole of one when it
// is evaluated for itself, but not as an index or as a branch of ?:.
uint64_t eval_access_discount(const struct cel_node *n);

// eval_macro.c
struct value eval_macro_run(struct frame *f, const struct cel_node *n) APART;
// Sets the macro's variables to element i of the range: a list's element or (index, element); a
// map's key or (key, value).
static inline void eval_bind(struct frame *f, const struct cel_node *n, struct value range,
                             uint32_t i)
{
    struct value *first = &f->locals[n->macro.local[0]];
    if (range.kind == CEL_LIST) {
        struct value item = range.flags & VALUE_NODE ? value_of_node_fast(&range.node->items[i])
                                                     : range.items[i];
        if (n->flags & CEL_NODE_TWO_VARS) {
            *first = value_int(i);
            f->locals[n->macro.local[1]] = item;
        } else {
            *first = item;
        }
        return;
    }
    struct entry e = value_map_at(range, i);
    *first = e.key;
    if (n->flags & CEL_NODE_TWO_VARS)
        f->locals[n->macro.local[1]] = e.value;
}
static inline bool eval_iterable(struct value v)
{
    return v.kind == CEL_LIST || v.kind == CEL_MAP || v.kind == CEL_OBJECT;
}
static inline uint32_t eval_range_size(struct value v)
{
    return v.flags & VALUE_NODE ? v.node->n : v.n;
}

// Failing. An error gets the span of the node it came from unless it has one.
struct value eval_fail(struct frame *f, const struct cel_node *n, const char *fmt, ...)
    PRINTF(3, 4) COLD;
struct value eval_no_overload(struct frame *f, const struct cel_node *n) COLD;
struct value eval_located(struct frame *f, const struct cel_node *n, struct value v) COLD;
static inline bool eval_fatal(struct value v)
{
    return v.kind == CEL_ERROR && v.error->fatal;
}
// Of two things that failed: an unknown wins over an error (and two unknowns merge), else the first.
struct value eval_worse(struct frame *f, struct value first, struct value second) COLD;

// cost.c: cel-go's runtime cost model, see docs/cel.md.
uint64_t cost_size(struct value v); // cel-go's actualSize
uint64_t cost_call(const struct cel_node *n, const struct value *args, struct value result);
uint64_t cost_equality(const struct cel_node *n, struct value a, struct value b);
uint64_t cost_order(const struct cel_node *n, struct value a, struct value b);
uint64_t cost_in(const struct cel_node *n, struct value set);
uint64_t cost_add(const struct cel_node *n, struct value a, struct value b);
static inline bool eval_over(const struct frame *f)
{
    return f->run->cost > f->run->cost_limit && f->run->cost_limit;
}

#endif
