#include "cel/idle.h"

#include "cel/ast.h"
#include "cel/child.h"
#include "cel/value_priv.h"

enum {
    TRUE = 1,
    FALSE = 2,
    NONE = 4,   // optional.none()
    EMPTY = 8,  // a list or map without elements
    OTHER = 16, // anything else that is a value, also an optional that has one
    ERROR = 32,
    ANY = TRUE | FALSE | NONE | EMPTY | OTHER,

    MOST_NAMES = 40,
    MOST_LISTS = 24,
    NO_LIST = -1,
    MOST_LOCALS = 16,
    MOST_FACTS = 16,
    STEPS = 50000, // nodes looked at for one policy
};

// What a node's value could be.
struct guess {
    unsigned may;               // of the above
    bool read;                  // it and all in it is of the object: a key that is not there is not in it
    const struct value *value; // where there is only one, and it is a scalar
};

struct guesser {
    const struct cel_program *(*lazy)(void *ctx, uint32_t index);
    void *ctx;
    const struct cel_program *no; // see cel_idle_find()
    struct key names[MOST_NAMES]; // all that the programs ask for
    bool absent[MOST_NAMES];
    uint32_t n_names;
    uint32_t lists[MOST_LISTS]; // lazy variables, in the order of their evaluation
    struct guess guessed[MOST_LISTS]; // of each, in the trial that stands beside it
    uint32_t trial, guessed_in[MOST_LISTS];
    uint32_t n_lists;
    int64_t empty; // the one that is taken to be an empty list, or NO_LIST
    const struct cel_node *facts[MOST_FACTS]; // has() that is true where we are
    uint32_t first_fact, n_facts; // of the program at hand
    uint32_t steps, depth;
};

struct locals {
    struct guess of[MOST_LOCALS];
};

static struct guess guess(struct guesser *g, struct locals *l, const struct cel_node *n);

static struct guess could(unsigned may)
{
    return (struct guess){.may = may};
}

// Names.

static const struct key *asked_key(const struct cel_node *n, struct key *room)
{
    if (n->op == CEL_OP_HAS || n->op == CEL_OP_OPT_SELECT)
        return &n->select.field;
    if (n->op != CEL_OP_OPT_INDEX || n->call.args[1]->op != CEL_OP_LITERAL ||
        n->call.args[1]->literal.kind != CEL_STRING)
        return NULL;
    *room = key_of(value_text(n->call.args[1]->literal));
    return room;
}

static int find_name(const struct guesser *g, const struct key *k)
{
    for (uint32_t i = 0; i < g->n_names; i++)
        if (g->names[i].hash == k->hash && str_eq(g->names[i].text, k->text))
            return (int)i;
    return -1;
}

static bool is_absent(const struct guesser *g, const struct cel_node *n)
{
    struct key room;
    const struct key *k = asked_key(n, &room);
    int i = k ? find_name(g, k) : -1;
    return i >= 0 && g->absent[i];
}

// In the order in which they are evaluated: outer fields come first.
static bool collect(struct guesser *g, const struct cel_node *n)
{
    struct key room;
    if (++g->steps > STEPS)
        return false;
    if (n->op == CEL_OP_LAZY) {
        const struct cel_program *p = g->lazy(g->ctx, n->slot);
        for (uint32_t i = 0; i < g->n_lists; i++)
            if (g->lists[i] == n->slot)
                return true;
        if (!p || !collect(g, p->root))
            return false;
        if (g->n_lists < MOST_LISTS)
            g->lists[g->n_lists++] = n->slot;
        return true;
    }
    const struct cel_node *child;
    for (uint32_t i = 0; (child = cel_child(n, i)) != NULL; i++)
        if (!collect(g, child))
            return false;
    const struct key *k = asked_key(n, &room);
    if (!k || find_name(g, k) >= 0)
        return true;
    if (g->n_names == MOST_NAMES)
        return false;
    g->names[g->n_names++] = *k;
    return true;
}

// Operators.

// Of an operand of a logical operator. What was read has the type that the schema says: used as a bool it is one.
static unsigned bool_of(struct guess g)
{
    unsigned rest = g.may & ~(unsigned)(TRUE | FALSE);
    if (g.read)
        rest &= ERROR;
    return (g.may & (TRUE | FALSE)) | (rest ? ERROR : 0u);
}

// The same field of the same thing?
static bool is_same_path(const struct cel_node *a, const struct cel_node *b)
{
    for (; a->op == CEL_OP_SELECT && b->op == CEL_OP_SELECT; a = a->select.operand, b = b->select.operand)
        if (!str_eq(a->select.field.text, b->select.field.text))
            return false;
    return a->op == b->op && a->slot == b->slot &&
           (a->op == CEL_OP_SLOT || a->op == CEL_OP_LOCAL || a->op == CEL_OP_LAZY);
}

static bool is_fact(const struct guesser *g, const struct cel_node *selection)
{
    for (uint32_t i = g->first_fact; i < g->n_facts; i++)
        if (str_eq(g->facts[i]->select.field.text, selection->select.field.text) &&
            is_same_path(g->facts[i]->select.operand, selection->select.operand))
            return true;
    return false;
}

// What holds where n is `what`.
static void assume(struct guesser *g, const struct cel_node *n, bool what)
{
    if (n->op == CEL_OP_NOT) {
        assume(g, n->call.args[0], !what);
    } else if (n->op == (what ? CEL_OP_AND : CEL_OP_OR)) {
        assume(g, n->call.args[0], what);
        assume(g, n->call.args[1], what);
    } else if (n->op == CEL_OP_HAS && what && g->n_facts < MOST_FACTS) {
        g->facts[g->n_facts++] = n;
    }
}

static struct guess guess_where(struct guesser *g, struct locals *l, const struct cel_node *n,
                                const struct cel_node *condition, bool what)
{
    uint32_t facts = g->n_facts;
    assume(g, condition, what);
    struct guess ret = guess(g, l, n);
    g->n_facts = facts;
    return ret;
}

// decides: what ends it, FALSE for &&. What fails is absorbed by that.
static struct guess guess_logic(struct guesser *g, struct locals *l, const struct cel_node *n, unsigned decides)
{
    const struct cel_node *left = n->call.args[0];
    const unsigned other = decides == TRUE ? FALSE : TRUE;
    unsigned a = bool_of(guess(g, l, left)), b = 0, may = a & decides;
    if (a & other)
        may |= bool_of(guess_where(g, l, n->call.args[1], left, other == TRUE));
    if (a & ERROR) {
        b = bool_of(guess(g, l, n->call.args[1]));
        may |= (b & decides) | (b & ~decides ? ERROR : 0u);
    }
    return could(may);
}

static struct guess guess_not(struct guesser *g, struct locals *l, const struct cel_node *n)
{
    unsigned a = bool_of(guess(g, l, n->call.args[0]));
    return could((a & TRUE ? FALSE : 0u) | (a & FALSE ? TRUE : 0u) | (a & ERROR));
}

static struct guess guess_condition(struct guesser *g, struct locals *l, const struct cel_node *n)
{
    unsigned c = bool_of(guess(g, l, n->call.args[0]));
    struct guess ret = {.may = c & ERROR, .read = true};
    for (unsigned i = 1; i <= 2; i++) {
        if (!(c & (i == 1 ? TRUE : FALSE)))
            continue;
        struct guess branch = guess_where(g, l, n->call.args[i], n->call.args[0], i == 1);
        ret.value = c == TRUE || c == FALSE ? branch.value : NULL;
        ret.may |= branch.may;
        ret.read &= branch.read;
    }
    return ret;
}

static bool is_plain(const struct value *v)
{
    return v && (v->kind == CEL_STRING || v->kind == CEL_BOOL || v->kind == CEL_INT || v->kind == CEL_TYPE);
}

static struct guess guess_comparison(struct guesser *g, struct locals *l, const struct cel_node *n)
{
    struct guess a = guess(g, l, n->call.args[0]), b = guess(g, l, n->call.args[1]);
    const bool equality = n->op == CEL_OP_EQ || n->op == CEL_OP_NE;
    int c = 0;
    if ((a.may | b.may) & ERROR || (!is_plain(a.value) && !is_plain(b.value)))
        return could(TRUE | FALSE | ERROR);
    if (!is_plain(a.value) || !is_plain(b.value))
        return could(TRUE | FALSE | (equality ? 0u : ERROR));
    if (equality)
        return could((value_compare_equal(*a.value, *b.value) == VALUE_SAME) == (n->op == CEL_OP_EQ) ? TRUE : FALSE);
    if (!value_compare(*a.value, *b.value, &c))
        return could(ERROR);
    bool yes = n->op == CEL_OP_LT ? c < 0 : n->op == CEL_OP_LE ? c <= 0 : n->op == CEL_OP_GT ? c > 0 : c >= 0;
    return could(yes ? TRUE : FALSE);
}

static struct guess guess_in(struct guesser *g, struct locals *l, const struct cel_node *n)
{
    struct guess a = guess(g, l, n->call.args[0]), b = guess(g, l, n->call.args[1]);
    return could(((a.may | b.may) & ERROR) | (b.may == EMPTY ? FALSE : TRUE | FALSE));
}

static struct guess guess_add(struct guesser *g, struct locals *l, const struct cel_node *n)
{
    struct guess a = guess(g, l, n->call.args[0]), b = guess(g, l, n->call.args[1]);
    unsigned may = (a.may | b.may) & ERROR;
    may |= a.may & b.may & EMPTY;
    if ((a.may | b.may) & ~(unsigned)(EMPTY | ERROR))
        may |= OTHER;
    return (struct guess){.may = may, .read = a.read && b.read};
}

// Fields.

static bool is_in_every_object(const struct cel_node *n)
{
    str f = n->select.field.text;
    const struct cel_node *of = n->select.operand;
    return of->op == CEL_OP_SLOT && of->slot == 0 &&
           (str_eq(f, S("metadata")) || str_eq(f, S("kind")) || str_eq(f, S("apiVersion")));
}

static struct guess guess_select(struct guesser *g, struct locals *l, const struct cel_node *n)
{
    struct guess of = guess(g, l, n->select.operand);
    bool there = (is_fact(g, n) || is_in_every_object(n)) && !(of.may & ERROR);
    return (struct guess){.may = (ANY & ~(unsigned)NONE) | (there ? 0u : ERROR), .read = of.read};
}

static struct guess guess_has(struct guesser *g, struct locals *l, const struct cel_node *n)
{
    struct guess of = guess(g, l, n->select.operand);
    unsigned found = of.may == NONE || (of.read && is_absent(g, n)) ? FALSE : TRUE | FALSE;
    return could(found | (of.may & ERROR));
}

static struct guess guess_optional_field(struct guesser *g, struct locals *l, const struct cel_node *n)
{
    bool index = n->op == CEL_OP_OPT_INDEX;
    struct guess of = guess(g, l, index ? n->call.args[0] : n->select.operand);
    unsigned failed = of.may & ERROR;
    if (index)
        failed |= guess(g, l, n->call.args[1]).may & ERROR;
    unsigned found = of.may == NONE || (of.read && is_absent(g, n)) ? NONE : NONE | OTHER;
    return (struct guess){.may = found | failed, .read = of.read};
}

static struct guess guess_or(struct guesser *g, struct locals *l, const struct cel_node *n)
{
    struct guess of = guess(g, l, n->call.args[0]), other = guess(g, l, n->call.args[1]);
    if (of.may == NONE)
        return other;
    unsigned some = n->fn == CEL_FN_or ? OTHER : ANY & ~(unsigned)NONE;
    return (struct guess){.may = (of.may & ERROR) | some | other.may, .read = of.read && other.read};
}

static const struct value zero = {.kind = CEL_INT};

static struct guess guess_call(struct guesser *g, struct locals *l, const struct cel_node *n)
{
    if (n->fn == CEL_FN_or || n->fn == CEL_FN_or_value)
        return guess_or(g, l, n);
    struct guess first = n->n ? guess(g, l, n->call.args[0]) : could(ANY | ERROR);
    if (n->fn == CEL_FN_dyn)
        return first;
    if (n->fn == CEL_FN_type)
        return could((first.may & ERROR) | OTHER);
    if (n->fn == CEL_FN_size && first.may == EMPTY)
        return (struct guess){.may = OTHER, .read = true, .value = &zero};
    if (n->fn == CEL_FN_has_value)
        return could((first.may & ERROR) | (first.may & NONE ? FALSE : 0u) |
                     (first.may & ~(unsigned)(NONE | ERROR) ? TRUE : 0u));
    return could(ANY | ERROR);
}

// Macros.

static bool bind_element(struct locals *l, const struct cel_node *n, struct guess range)
{
    const struct guess element = {.may = range.read ? ANY & ~(unsigned)NONE : ANY, .read = range.read};
    for (unsigned i = 0; i < 2; i++) {
        if (n->macro.local[i] >= MOST_LOCALS)
            return false;
        l->of[n->macro.local[i]] = element;
    }
    return true;
}

static struct guess guess_quantifier(struct guesser *g, struct locals *l, const struct cel_node *n)
{
    struct guess range = guess(g, l, n->macro.range);
    const unsigned of_none = n->op == CEL_OP_ALL ? TRUE : FALSE;
    unsigned may = range.may & ERROR;
    if (!(range.may & ~(unsigned)(EMPTY | ERROR)))
        return could(may | of_none);
    if (!bind_element(l, n, range))
        return could(ANY | ERROR);
    unsigned body = bool_of(guess(g, l, n->macro.body));
    if (n->op == CEL_OP_EXISTS_ONE && body & TRUE)
        body |= FALSE;
    return could(may | of_none | body);
}

static struct guess guess_filter(struct guesser *g, struct locals *l, const struct cel_node *n)
{
    struct guess range = guess(g, l, n->macro.range);
    unsigned may = (range.may & ERROR) | EMPTY;
    if (range.may & ~(unsigned)(EMPTY | ERROR)) {
        if (!bind_element(l, n, range))
            return could(ANY | ERROR);
        unsigned body = bool_of(guess(g, l, n->macro.body));
        may |= (body & TRUE ? OTHER : 0u) | (body & ERROR);
    }
    return (struct guess){.may = may, .read = range.read};
}

static struct guess guess_map(struct guesser *g, struct locals *l, const struct cel_node *n)
{
    struct guess range = guess(g, l, n->macro.range);
    unsigned may = (range.may & ERROR) | EMPTY;
    bool read = true;
    if (range.may & ~(unsigned)(EMPTY | ERROR)) {
        if (!bind_element(l, n, range))
            return could(ANY | ERROR);
        unsigned where = n->macro.where ? bool_of(guess(g, l, n->macro.where)) : TRUE;
        may |= where & ERROR;
        if (where & TRUE) {
            struct guess body = n->macro.where ? guess_where(g, l, n->macro.body, n->macro.where, true)
                                               : guess(g, l, n->macro.body);
            may |= (body.may & ERROR) | OTHER;
            read = body.read;
        }
    }
    return (struct guess){.may = may, .read = read};
}

// Everything.

static struct guess guess_program(struct guesser *g, const struct cel_program *p)
{
    struct locals l;
    if (!p || p->n_locals > MOST_LOCALS || g->depth > 32)
        return could(ANY | ERROR);
    uint32_t facts = g->first_fact;
    g->first_fact = g->n_facts; // those before speak of other locals
    g->depth++;
    struct guess ret = guess(g, &l, p->root);
    g->depth--;
    g->first_fact = facts;
    return ret;
}

static struct guess guess_lazy(struct guesser *g, uint32_t slot)
{
    uint32_t i = 0;
    if (g->empty == slot)
        return (struct guess){.may = EMPTY, .read = true};
    while (i < g->n_lists && g->lists[i] != slot)
        i++;
    if (i < g->n_lists && g->guessed_in[i] == g->trial)
        return g->guessed[i];
    struct guess ret = guess_program(g, g->lazy(g->ctx, slot));
    if (i < g->n_lists) {
        g->guessed[i] = ret;
        g->guessed_in[i] = g->trial;
    }
    return ret;
}

static struct guess guess_list(struct guesser *g, struct locals *l, const struct cel_node *n)
{
    struct guess ret = {.may = EMPTY, .read = true};
    for (uint32_t i = 0; i < n->n; i++) {
        struct guess item = guess(g, l, n->call.args[i]);
        bool optional = n->call.optional && n->call.optional[i];
        bool there = item.may & ~(unsigned)(optional ? NONE | ERROR : ERROR);
        if (there)
            ret.may |= OTHER;
        if (there && !(optional && item.may & NONE))
            ret.may &= ~(unsigned)EMPTY;
        ret.may |= item.may & ERROR;
        ret.read &= item.read;
    }
    return ret;
}

static struct guess guess_literal(const struct cel_node *n)
{
    const struct value *v = &n->literal;
    if (v->kind == CEL_BOOL)
        return (struct guess){.may = v->b ? TRUE : FALSE, .read = true, .value = v};
    if (v->kind == CEL_LIST || v->kind == CEL_MAP)
        return (struct guess){.may = v->n ? OTHER : EMPTY, .read = v->n == 0};
    return (struct guess){.may = v->kind == CEL_OPTIONAL ? NONE | OTHER : OTHER, .read = true, .value = v};
}

static struct guess guess(struct guesser *g, struct locals *l, const struct cel_node *n)
{
    if (++g->steps > STEPS)
        return could(ANY | ERROR);
    switch ((enum cel_op)n->op) {
    case CEL_OP_LITERAL:
        return guess_literal(n);
    case CEL_OP_SLOT:
        return n->slot == 0 ? (struct guess){.may = OTHER, .read = true} : could(ANY | ERROR);
    case CEL_OP_LAZY:
        return guess_lazy(g, n->slot);
    case CEL_OP_LOCAL:
        return n->slot < MOST_LOCALS ? l->of[n->slot] : could(ANY | ERROR);
    case CEL_OP_SELECT:
        return guess_select(g, l, n);
    case CEL_OP_INDEX:
        return (struct guess){.may = ANY | ERROR, .read = guess(g, l, n->call.args[0]).read};
    case CEL_OP_HAS:
        return guess_has(g, l, n);
    case CEL_OP_OPT_SELECT:
    case CEL_OP_OPT_INDEX:
        return guess_optional_field(g, l, n);
    case CEL_OP_NOT:
        return guess_not(g, l, n);
    case CEL_OP_AND:
        return guess_logic(g, l, n, FALSE);
    case CEL_OP_OR:
        return guess_logic(g, l, n, TRUE);
    case CEL_OP_CONDITION:
        return guess_condition(g, l, n);
    case CEL_OP_EQ:
    case CEL_OP_NE:
    case CEL_OP_LT:
    case CEL_OP_LE:
    case CEL_OP_GT:
    case CEL_OP_GE:
        return guess_comparison(g, l, n);
    case CEL_OP_ADD:
        return guess_add(g, l, n);
    case CEL_OP_IN:
        return guess_in(g, l, n);
    case CEL_OP_CALL:
        return guess_call(g, l, n);
    case CEL_OP_LIST:
        return guess_list(g, l, n);
    case CEL_OP_ALL:
    case CEL_OP_EXISTS:
    case CEL_OP_EXISTS_ONE:
        return guess_quantifier(g, l, n);
    case CEL_OP_FILTER:
        return guess_filter(g, l, n);
    case CEL_OP_MAP_LIST:
        return guess_map(g, l, n);
    case CEL_OP_MAP:
        return n->n ? could(ANY | ERROR) : (struct guess){.may = EMPTY, .read = true};
    case CEL_OP_IDENT:
    case CEL_OP_NEGATE:
    case CEL_OP_SUB:
    case CEL_OP_MUL:
    case CEL_OP_DIV:
    case CEL_OP_MOD:
    case CEL_OP_STRUCT:
    case CEL_OP_MAP_MAP:
    case CEL_OP_MAP_ENTRY:
    case CEL_OP_SORT_BY:
    case CEL_OP_OPT_MAP:
    case CEL_OP_OPT_FLAT_MAP:
    case CEL_OPS:
        break;
    }
    return could(ANY | ERROR);
}

static bool all_true(struct guesser *g, const struct cel_program *const *programs, uint32_t n)
{
    g->trial++;
    for (uint32_t i = 0; i < n; i++)
        if (guess_program(g, programs[i]).may != TRUE)
            return false;
    return g->steps <= STEPS && (!g->no || guess_program(g, g->no).may == FALSE);
}

// Hardly an object lacks these: to know that would be of no use.
static bool is_everywhere(const struct key *k)
{
    return str_eq(k->text, S("spec")) || str_eq(k->text, S("metadata"));
}

// Would the absence of all that can be absent suffice?
static bool any_names_help(struct guesser *g, const struct cel_program *const *programs, uint32_t n)
{
    for (uint32_t i = 0; i < g->n_names; i++)
        g->absent[i] = !is_everywhere(&g->names[i]);
    return all_true(g, programs, n);
}

// Names that suffice alone; the innermost first, for an inner field is the rarer one.
static void find_single(struct guesser *g, const struct cel_program *const *programs, uint32_t n,
                        struct cel_idle *ret)
{
    memset(g->absent, false, sizeof g->absent);
    for (uint32_t i = g->n_names; i-- > 0 && ret->n < CEL_IDLE_KEYS;) {
        if (is_everywhere(&g->names[i]))
            continue;
        g->absent[i] = true;
        if (all_true(g, programs, n))
            ret->keys[ret->n++] = g->names[i];
        g->absent[i] = false;
    }
    ret->any = true;
}

// Names that suffice together, of which none can be spared; the outermost are tried first.
static void find_several(struct guesser *g, const struct cel_program *const *programs, uint32_t n,
                         struct cel_idle *ret)
{
    uint32_t left = 0;
    ret->any = false;
    for (uint32_t i = 0; i < g->n_names; i++)
        g->absent[i] = !is_everywhere(&g->names[i]);
    for (uint32_t i = 0; i < g->n_names; i++) {
        if (!g->absent[i])
            continue;
        g->absent[i] = false;
        g->absent[i] = !all_true(g, programs, n);
        left += g->absent[i];
    }
    for (uint32_t i = 0; i < g->n_names && left <= CEL_IDLE_KEYS; i++)
        if (g->absent[i])
            ret->keys[ret->n++] = g->names[i];
}

// Those that are evaluated first: the most policies share them.
static void find_lists(struct guesser *g, const struct cel_program *const *programs, uint32_t n,
                       struct cel_idle *ret)
{
    memset(g->absent, false, sizeof g->absent);
    for (uint32_t i = 0; i < g->n_lists && ret->n_lists < CEL_IDLE_LISTS; i++) {
        g->empty = g->lists[i];
        if (all_true(g, programs, n))
            ret->lists[ret->n_lists++] = g->lists[i];
    }
}

bool cel_idle_find(const struct cel_program *const *programs, uint32_t n, const struct cel_program *no,
                   const struct cel_program *(*lazy)(void *ctx, uint32_t index), void *ctx,
                   struct cel_idle *ret)
{
    struct guesser g = {.lazy = lazy, .ctx = ctx, .empty = NO_LIST, .no = no};
    ret->n = ret->n_lists = 0;
    for (uint32_t i = 0; i < n; i++)
        if (!collect(&g, programs[i]->root))
            return false;
    g.steps = 0;
    if (any_names_help(&g, programs, n)) {
        find_single(&g, programs, n, ret);
        if (ret->n == 0)
            find_several(&g, programs, n, ret);
    }
    find_lists(&g, programs, n, ret);
    return (ret->n > 0 || ret->n_lists > 0) && g.steps <= STEPS;
}
