// ast: an expression's nodes, between parser, checker, planner and evaluator. All in one arena;
// immutable once cel_compile returns.
#ifndef CEL_AST_H
#define CEL_AST_H

#include "cel/cel.h"
#include "cel/fn.h"

enum cel_op {
#define NODE(name, text, what) CEL_OP_##name,
#include "cel/nodes.def"
#undef NODE
    CEL_OPS
};

enum cel_node_flag {
    CEL_NODE_MEMBER = 1,   // CALL: args[0] is the receiver
    CEL_NODE_TWO_VARS = 2, // macros: var[0] is index or key, var[1] the element
    CEL_NODE_CONST = 4,    // no variable below: may be folded
    CEL_NODE_SET = 16, // LITERAL: a list of scalars, of which cel-go makes a hash set when it plans; asking that is free
    CEL_NODE_ONE = 8, // CALL: of several overloads the checker left one: arguments must be of their static kinds
};

struct cel_node {
    uint8_t op;     // enum cel_op
    uint8_t flags;  // enum cel_node_flag
    uint16_t fn;    // CALL: index into functions.def
    uint32_t n;     // CALL, LIST: arguments; MAP, STRUCT: entries
    uint32_t start, end; // span of the whole node in the source
    uint32_t at;         // where a caret points: the operator, the selected field, the function's name
    uint32_t slot;       // SLOT, LAZY, LOCAL
    const struct cel_type *type; // the checker's; dyn where unchecked
    union {
        struct {
            struct value literal;
            const struct cel_node *unfolded; // what was written, where that is not the literal; or NULL
        };
        str name; // IDENT, SLOT, LAZY, LOCAL, STRUCT; CALL's function name stands in `call.name`
        struct {
            struct cel_node *operand;
            struct key field;
        } select; // SELECT, HAS, OPT_SELECT
        struct {
            struct cel_node **args;
            str name;
            const bool *optional;      // LIST, MAP: per element or entry, `?` stood before it; or NULL
            union {
                const struct regex *regex; // CALL of a regex function with a constant pattern, or NULL
                const str *fields;         // STRUCT: n names
            };
        } call;
        struct {
            struct cel_node *range, *where, *body;
            str var[2]; // one-variable macros use var[0]
            uint32_t local[2]; // their slots; both are set, also where one variable is used
        } macro;
    };
};

// How a call is charged, see cost.def.
enum cel_cost {
#define COST(name, ...) CEL_COST_##name,
#include "cel/cost.def"
#undef COST
    CEL_COSTS
};

// functions.def as a table. node->fn indexes it; one more entry behind the last, CEL_FN_UNBOUND,
// is what an unchecked program calls for a name that no library has ("unbound function").
enum cel_function_index {
#define FUNCTION(id, name, c_function, cost) CEL_FN_##id,
#define OVERLOAD(...)
#include "cel/functions.def"
#undef FUNCTION
#undef OVERLOAD
    CEL_FN_UNBOUND
};
struct cel_function {
    str name;
    cel_fn call;
    uint8_t cost; // enum cel_cost
};
extern const struct cel_function cel_functions[CEL_FN_UNBOUND + 1];
// Names hashed: built once an env, a microsecond.
struct cel_function_names {
    uint8_t slots[512]; // index + 1, open addressing
};
void cel_function_names_init(struct cel_function_names *t);
// The index of a function's name, or CEL_FN_UNBOUND.
uint32_t cel_function_find(const struct cel_function_names *t, str name);

// Their bodies, in the lib_*.c files.
#define FUNCTION(id, name, c_function, cost)                                                       \
    struct value c_function(struct cel_call *c, const struct value *args, uint32_t n);
#define OVERLOAD(...)
#include "cel/functions.def"
#undef FUNCTION
#undef OVERLOAD

struct cel_program {
    str source;
    struct cel_node *root;
    const struct cel_type *type;
    uint32_t n_locals; // slots the evaluator needs for macro variables
    unsigned since;    // minimum Kubernetes minor version
    bool uses_lazy;    // reads some variables.X
};

// The steps of cel_compile, each refusing with diagnostics.
// parse.c: text -> nodes with IDENTs; macros recognised, their variables not yet resolved.
err_code cel_parse(str source, struct arena *a, struct cel_node **ret, struct diags *d, struct err *e) MUST_USE;
// check.c: resolves names (IDENT -> SLOT, LAZY, LOCAL; qualified names), types every node, applies
// Kubernetes' validators. Fills since, n_locals, uses_lazy.
err_code cel_check(struct cel_env *env, struct cel_program *p, struct arena *a, struct diags *d, struct err *e) MUST_USE;
// fold.c: constant folding as cel-go's OptOptimize does when it plans (errors there refuse the
// expression), constant patterns compiled into env's cache.
err_code cel_fold(struct cel_env *env, struct cel_program *p, struct arena *a, struct diags *d, struct err *e) MUST_USE;

// print.c: one node as text; cel_program_print is this of the root.
void cel_print(const struct cel_node *n, struct buf *out);

#endif
