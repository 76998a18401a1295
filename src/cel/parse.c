// parse: recursive descent over cel-go's grammar. A syntax error ends the parse; a bad literal, a
// reserved name or a malformed macro is reported and parsing goes on.
//
// Depth. cel-go gives every grammar rule 250 levels, chains of one operator counted as nesting, and
// its tree 250 levels of operators, selections and calls. Both are kept here, so that what is refused
// there is refused here and neither this parser nor what walks the tree can run out of stack.
// Chains of && and || do not count: they become balanced trees.
#include "base/limits.h"
#include "cel/ast.h"
#include "cel/lex.h"
#include "cel/literal.h"
#include "cel/macro.h"

// How often each of cel-go's recursive grammar rules is entered; one more operator or selection in a
// chain enters its rule once more.
struct depth {
    uint32_t expr, relation, calc, member;
};

struct parser {
    struct lexer l;
    struct arena *arena;
    struct report r;
    struct depth depth;
    bool stopped;    // after a syntax error: every function returns NULL
    bool full;       // because the arena is
};

// A growing array of nodes in the arena.
struct nodes {
    struct cel_node **p;
    uint32_t n, cap;
};

static struct cel_node *parse_expr(struct parser *p);

static struct cel_node *stop(struct parser *p)
{
    p->stopped = true;
    return NULL;
}

static struct cel_node *out_of_memory(struct parser *p)
{
    p->full = true;
    return stop(p);
}

static struct cel_node *unexpected(struct parser *p, const char *expecting)
{
    if (p->l.token == TOKEN_BAD)
        report_at(&p->r, p->l.start, p->l.end, "Syntax error: token recognition error at: '%.*s'",
                  STR_FMT(lex_text(&p->l)));
    else if (p->l.token == TOKEN_END)
        report_at(&p->r, p->l.start, p->l.end, "Syntax error: mismatched input '<EOF>' expecting %s",
                  expecting);
    else
        report_at(&p->r, p->l.start, p->l.end, "Syntax error: mismatched input '%.*s' expecting %s",
                  STR_FMT(lex_text(&p->l)), expecting);
    return stop(p);
}

static bool too_deep(struct parser *p)
{
    const struct depth *d = &p->depth;
    if (d->expr <= LIMIT_CEL_DEPTH && d->relation <= LIMIT_CEL_DEPTH && d->calc <= LIMIT_CEL_DEPTH &&
        d->member <= LIMIT_CEL_DEPTH)
        return false;
    report_at(&p->r, p->l.start, p->l.end, "expression recursion limit exceeded: %d", LIMIT_CEL_DEPTH);
    stop(p);
    return true;
}

static bool take(struct parser *p, int token)
{
    if (p->l.token != token)
        return false;
    lex_next(&p->l);
    return true;
}

static bool expect(struct parser *p, int token, const char *text)
{
    if (take(p, token))
        return true;
    unexpected(p, text);
    return false;
}

static struct cel_node *new_node(struct parser *p, enum cel_op op, uint32_t start, uint32_t at)
{
    struct cel_node *n = arena_alloc(p->arena, 1, sizeof *n, _Alignof(struct cel_node));
    if (!n)
        return out_of_memory(p);
    n->op = (uint8_t)op;
    n->start = start;
    n->at = at;
    n->end = p->l.pos;
    n->type = type_simple(CEL_DYN);
    return n;
}

// The height of a tree is kept in `slot` until the checker numbers variables.
static bool raise(struct parser *p, struct cel_node *n, const struct cel_node *child, uint32_t by)
{
    if (n->slot < child->slot + by)
        n->slot = child->slot + by;
    if (n->slot <= LIMIT_CEL_DEPTH)
        return true;
    report_at(&p->r, n->start, n->end, "max recursion depth exceeded");
    stop(p);
    return false;
}

static bool push(struct parser *p, struct nodes *list, struct cel_node *n)
{
    if (list->n == list->cap) {
        uint32_t cap = list->cap ? 2 * list->cap : 4;
        struct cel_node **bigger = arena_alloc(p->arena, cap, sizeof *bigger, _Alignof(void *));
        if (!bigger) {
            out_of_memory(p);
            return false;
        }
        if (list->n)
            memcpy(bigger, list->p, list->n * sizeof *bigger);
        list->p = bigger;
        list->cap = cap;
    }
    list->p[list->n++] = n;
    return true;
}

// A node over args; takes over the list. `by` is 1 where cel-go counts the node as a level.
static struct cel_node *branch(struct parser *p, enum cel_op op, struct nodes args, uint32_t start,
                               uint32_t at, uint32_t by)
{
    struct cel_node *n = new_node(p, op, start, at);
    if (!n)
        return NULL;
    n->call.args = args.p;
    n->n = args.n;
    for (uint32_t i = 0; i < args.n; i++)
        if (!raise(p, n, args.p[i], by))
            return NULL;
    if (args.n && args.p[args.n - 1]->end > n->end)
        n->end = args.p[args.n - 1]->end;
    return n;
}

static struct cel_node *binary(struct parser *p, enum cel_op op, struct cel_node *left,
                               struct cel_node *right, uint32_t at, uint32_t by)
{
    struct nodes args = {0};
    if (!push(p, &args, left) || !push(p, &args, right))
        return NULL;
    struct cel_node *n = branch(p, op, args, left->start, at, by);
    if (n)
        n->end = right->end;
    return n;
}

static bool is_reserved(str name)
{
    static const char words[] = " as break const continue else for function if import let loop package "
                                "namespace return var void while ";
    char wanted[16] = " ";
    if (name.n > sizeof wanted - 3)
        return false;
    memcpy(wanted + 1, name.p, name.n);
    wanted[name.n + 1] = ' ';
    return memmem(words, sizeof words - 1, wanted, name.n + 2) != NULL;
}

// The literal in hand; `negative` if a minus that belongs to it stood at `start`.
static struct cel_node *parse_literal(struct parser *p, uint32_t start, bool negative)
{
    int token = p->l.token;
    str text = lex_text(&p->l);
    struct cel_node *n = new_node(p, CEL_OP_LITERAL, start, start);
    if (!n)
        return NULL;
    const char *why = NULL;
    if (token == TOKEN_INT)
        why = literal_int(text, negative, &n->literal);
    else if (token == TOKEN_UINT)
        why = literal_uint(text, &n->literal);
    else if (token == TOKEN_DOUBLE)
        why = literal_double(text, negative, &n->literal);
    else if (token == TOKEN_STRING || token == TOKEN_BYTES)
        why = literal_string(text, token == TOKEN_BYTES, p->arena, &n->literal);
    else if (token != TOKEN_NULL)
        n->literal = value_bool(token == TOKEN_TRUE);
    if (why)
        report_at(&p->r, n->start, n->end, "%s", why);
    n->type = type_simple((enum cel_kind)n->literal.kind);
    lex_next(&p->l);
    return n;
}

// Expressions up to the closing parenthesis, which is taken and whose end is *end. No trailing comma.
static bool parse_arguments(struct parser *p, struct nodes *list, uint32_t *end)
{
    *end = p->l.end;
    if (take(p, ')'))
        return true;
    for (;;) {
        struct cel_node *n = parse_expr(p);
        if (!n || !push(p, list, n))
            return false;
        *end = p->l.end;
        if (take(p, ')'))
            return true;
        if (!expect(p, ',', "')'"))
            return false;
    }
}

// has(a.b): the argument is a plain selection.
static struct cel_node *build_has(struct parser *p, struct nodes args, uint32_t start, uint32_t at,
                                  uint32_t end)
{
    struct cel_node *arg = args.p[0];
    if (arg->op != CEL_OP_SELECT)
        report_at(&p->r, arg->start, arg->end, "invalid argument to has() macro");
    struct cel_node *n = new_node(p, CEL_OP_HAS, start, at);
    if (!n || arg->op != CEL_OP_SELECT)
        return n;
    n->end = end;
    n->select = arg->select;
    n->slot = arg->slot;
    return n;
}

// A call of `name`, whose opening parenthesis has been taken; receiver may be NULL.
static struct cel_node *parse_call(struct parser *p, struct cel_node *receiver, str name,
                                   uint32_t start, uint32_t at)
{
    struct nodes args = {0};
    if (receiver && !push(p, &args, receiver))
        return NULL;
    uint32_t end;
    if (!parse_arguments(p, &args, &end))
        return NULL;
    if (!receiver && args.n == 1 && str_eq(name, S("has")))
        return build_has(p, args, start, at, end);
    struct cel_node *n = branch(p, CEL_OP_CALL, args, start, at, receiver != NULL);
    if (!n)
        return NULL;
    n->end = end;
    n->call.name = name;
    n->fn = CEL_FN_UNBOUND;
    if (!receiver)
        return n;
    n->flags = CEL_NODE_MEMBER;
    const struct macro_form *m = macro_find(name, args.n - 1);
    if (m)
        (void)macro_build(n, m, receiver, args.p + 1, &p->r);
    return n;
}

static struct cel_node *parse_ident(struct parser *p)
{
    uint32_t start = p->l.start;
    bool root = take(p, '.');
    if (p->l.token != TOKEN_IDENT)
        return unexpected(p, "IDENTIFIER");
    str word = lex_text(&p->l), name = {p->l.text.p + start, p->l.end - start};
    uint32_t at = p->l.start, end = p->l.end;
    if (root && name.n != word.n + 1) { // blanks behind the dot
        name = arena_printf(p->arena, ".%.*s", STR_FMT(word));
        if (!name.p)
            return out_of_memory(p);
    }
    lex_next(&p->l);
    if (is_reserved(word))
        report_at(&p->r, at, end, "reserved identifier: %.*s", STR_FMT(word));
    if (take(p, '('))
        return parse_call(p, NULL, name, start, at);
    struct cel_node *n = new_node(p, CEL_OP_IDENT, start, at);
    if (n) {
        n->end = end;
        n->name = name;
    }
    return n;
}

// `?` before an element: remembered in an array that exists only where one has it.
static bool mark_optional(struct parser *p, bool **marks, uint32_t i, uint32_t *cap)
{
    if (i >= *cap) {
        uint32_t bigger = i < 8 ? 16 : 2 * i;
        bool *m = arena_alloc(p->arena, bigger, sizeof *m, 1);
        if (!m) {
            out_of_memory(p);
            return false;
        }
        if (*cap)
            memcpy(m, *marks, *cap);
        *marks = m;
        *cap = bigger;
    }
    (*marks)[i] = true;
    return true;
}

// The marks again with exactly n places, or NULL where there are none.
static bool *trim_marks(struct parser *p, bool *marks, uint32_t cap, uint32_t n)
{
    if (!marks || cap >= n)
        return marks;
    bool *m = arena_alloc(p->arena, n, sizeof *m, 1);
    if (!m)
        out_of_memory(p);
    else
        memcpy(m, marks, cap);
    return m;
}

// [elements] or {key: value}; the bracket is the token in hand.
static struct cel_node *parse_aggregate(struct parser *p, bool map)
{
    uint32_t start = p->l.start, cap = 0, n_entries = 0;
    int close = map ? '}' : ']';
    const char *closing = map ? "'}'" : "']'";
    struct nodes args = {0};
    bool *marks = NULL;
    lex_next(&p->l);
    while (p->l.token != close && p->l.token != ',') {
        if (take(p, '?') && !mark_optional(p, &marks, n_entries, &cap))
            return NULL;
        struct cel_node *n = parse_expr(p);
        if (!n || !push(p, &args, n))
            return NULL;
        if (map) {
            if (!expect(p, ':', "':'"))
                return NULL;
            n = parse_expr(p);
            if (!n || !push(p, &args, n))
                return NULL;
        }
        n_entries++;
        if (p->l.token == ',')
            lex_next(&p->l);
        else if (p->l.token != close)
            return unexpected(p, closing);
    }
    if (n_entries == 0) // `[,]` is an empty list
        (void)take(p, ',');
    uint32_t end = p->l.end;
    if (!expect(p, close, closing))
        return NULL;
    struct cel_node *n = branch(p, map ? CEL_OP_MAP : CEL_OP_LIST, args, start, start, 0);
    if (!n)
        return NULL;
    n->end = end;
    n->n = n_entries;
    n->call.optional = trim_marks(p, marks, cap, n_entries);
    return p->stopped ? NULL : n;
}

// The dotted name of a chain of plain selections, without the blanks it may be written with.
static str qualified_name(struct parser *p, const struct cel_node *n)
{
    if (n->op == CEL_OP_IDENT)
        return n->name;
    str head = qualified_name(p, n->select.operand);
    return head.p ? arena_printf(p->arena, "%.*s.%.*s", STR_FMT(head), STR_FMT(n->select.field.text))
                  : head;
}

// name{field: value}; the brace is the token in hand.
static struct cel_node *parse_message(struct parser *p, const struct cel_node *name)
{
    struct nodes args = {0};
    struct cel_node *names = NULL; // one node a field, linked through select.operand
    uint32_t at = p->l.start;
    lex_next(&p->l);
    while (p->l.token != '}') {
        (void)take(p, '?');
        if (p->l.token != TOKEN_IDENT && p->l.token != TOKEN_ESCAPED)
            return unexpected(p, "IDENTIFIER");
        struct cel_node *field = new_node(p, CEL_OP_IDENT, p->l.start, p->l.start);
        if (!field)
            return NULL;
        field->select.field.text = lex_text(&p->l);
        field->select.operand = names;
        names = field;
        lex_next(&p->l);
        if (!expect(p, ':', "':'"))
            return NULL;
        struct cel_node *value = parse_expr(p);
        if (!value || !push(p, &args, value))
            return NULL;
        if (p->l.token != '}' && !expect(p, ',', "'}'"))
            return NULL;
    }
    uint32_t end = p->l.end;
    lex_next(&p->l);
    struct cel_node *n = branch(p, CEL_OP_STRUCT, args, name->start, at, 0);
    str *fields = arena_alloc(p->arena, args.n + 1, sizeof *fields, _Alignof(str));
    if (!n || !fields)
        return n ? out_of_memory(p) : NULL;
    for (uint32_t i = args.n; i-- > 0; names = names->select.operand)
        fields[i] = names->select.field.text;
    n->end = end;
    n->call.fields = fields;
    n->call.name = qualified_name(p, name);
    return n->call.name.p ? n : out_of_memory(p);
}

static struct cel_node *parse_primary(struct parser *p, bool negative)
{
    uint32_t start = p->l.start;
    switch (p->l.token) {
    case '-': // a minus belongs to the number behind it: -1.abs() is (-1).abs()
        lex_next(&p->l);
        if (p->l.token == TOKEN_INT || p->l.token == TOKEN_DOUBLE)
            return parse_literal(p, start, true);
        return unexpected(p, "{NUM_FLOAT, NUM_INT}");
    case TOKEN_INT:
    case TOKEN_UINT:
    case TOKEN_DOUBLE:
    case TOKEN_STRING:
    case TOKEN_BYTES:
    case TOKEN_TRUE:
    case TOKEN_FALSE:
    case TOKEN_NULL:
        return parse_literal(p, start, negative);
    case TOKEN_IDENT:
    case '.':
        return parse_ident(p);
    case '[':
        return parse_aggregate(p, false);
    case '{':
        return parse_aggregate(p, true);
    case '(': {
        lex_next(&p->l);
        struct cel_node *n = parse_expr(p);
        uint32_t end = p->l.end;
        if (!n || !expect(p, ')', "')'"))
            return NULL;
        n->start = start;
        n->end = end;
        return n;
    }
    default:
        return unexpected(p, "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, "
                             "NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}");
    }
}

static str field_name(struct lexer *l)
{
    str text = lex_text(l);
    return l->token == TOKEN_ESCAPED ? (str){text.p + 1, text.n - 2} : text;
}

// What follows a dot. *plain: may still be the name of a message.
static struct cel_node *parse_dot(struct parser *p, struct cel_node *operand, bool *plain)
{
    bool optional = take(p, '?');
    if (p->l.token != TOKEN_IDENT && p->l.token != TOKEN_ESCAPED)
        return unexpected(p, "IDENTIFIER");
    bool escaped = p->l.token == TOKEN_ESCAPED;
    str name = field_name(&p->l);
    uint32_t at = p->l.start, end = p->l.end;
    lex_next(&p->l);
    if (!optional && !escaped && take(p, '(')) {
        *plain = false;
        return parse_call(p, operand, name, operand->start, at);
    }
    struct cel_node *n =
        new_node(p, optional ? CEL_OP_OPT_SELECT : CEL_OP_SELECT, operand->start, at);
    if (!n || !raise(p, n, operand, 1))
        return NULL;
    n->end = end;
    n->select.operand = operand;
    n->select.field = key_of(name);
    *plain = *plain && !optional && !escaped;
    return n;
}

static struct cel_node *parse_index(struct parser *p, struct cel_node *operand, uint32_t at)
{
    bool optional = take(p, '?');
    struct cel_node *index = parse_expr(p);
    uint32_t end = p->l.end;
    if (!index || !expect(p, ']', "']'"))
        return NULL;
    struct cel_node *n =
        binary(p, optional ? CEL_OP_OPT_INDEX : CEL_OP_INDEX, operand, index, at, 1);
    if (n)
        n->end = end;
    return n;
}

static struct cel_node *parse_member(struct parser *p)
{
    bool plain = p->l.token == TOKEN_IDENT || p->l.token == '.';
    struct depth depth = p->depth;
    struct cel_node *n = parse_primary(p, false);
    plain = plain && n && n->op == CEL_OP_IDENT;
    while (n) {
        uint32_t at = p->l.start;
        p->depth.member++;
        if (too_deep(p))
            return NULL;
        if (take(p, '.')) {
            n = parse_dot(p, n, &plain);
        } else if (take(p, '[')) {
            plain = false;
            n = parse_index(p, n, at);
        } else if (plain && p->l.token == '{') {
            n = parse_message(p, n);
            plain = false;
        } else {
            break;
        }
    }
    p->depth = depth;
    return n;
}

static struct cel_node *parse_unary(struct parser *p)
{
    int op = p->l.token;
    uint32_t start = p->l.start, count = 0;
    if (op != '!' && op != '-')
        return parse_member(p);
    struct lexer first = p->l;
    while (take(p, op))
        count++;
    if (op == '-' && count == 1 && (p->l.token == TOKEN_INT || p->l.token == TOKEN_DOUBLE)) {
        p->l = first;
        return parse_member(p);
    }
    struct cel_node *operand = parse_member(p);
    if (!operand || count % 2 == 0) // !!x is x, as cel-go reads it: it never sees whether x is a bool
        return operand;
    struct nodes args = {0};
    if (!push(p, &args, operand))
        return NULL;
    struct cel_node *n = branch(p, op == '!' ? CEL_OP_NOT : CEL_OP_NEGATE, args, start, start, 0);
    if (n)
        n->end = operand->end;
    return n;
}

struct operator {
    uint8_t op, level; // level 0: none
};

static struct operator operator_of(int token)
{
    switch (token) {
    case '<':
        return (struct operator){CEL_OP_LT, 1};
    case '>':
        return (struct operator){CEL_OP_GT, 1};
    case TOKEN_LE:
        return (struct operator){CEL_OP_LE, 1};
    case TOKEN_GE:
        return (struct operator){CEL_OP_GE, 1};
    case TOKEN_EQ:
        return (struct operator){CEL_OP_EQ, 1};
    case TOKEN_NE:
        return (struct operator){CEL_OP_NE, 1};
    case TOKEN_IN:
        return (struct operator){CEL_OP_IN, 1};
    case '+':
        return (struct operator){CEL_OP_ADD, 2};
    case '-':
        return (struct operator){CEL_OP_SUB, 2};
    case '*':
        return (struct operator){CEL_OP_MUL, 3};
    case '/':
        return (struct operator){CEL_OP_DIV, 3};
    case '%':
        return (struct operator){CEL_OP_MOD, 3};
    default:
        return (struct operator){0};
    }
}

// Relations, sums and products by precedence climbing; all associate to the left.
static struct cel_node *parse_binary(struct parser *p, unsigned level)
{
    struct depth depth = p->depth;
    p->depth.calc++;
    p->depth.relation += level <= 2;
    struct cel_node *left = parse_unary(p);
    while (left) {
        struct operator o = operator_of(p->l.token);
        if (o.level < level || !o.level)
            break;
        uint32_t at = p->l.start;
        lex_next(&p->l);
        if (o.level == 1) { // the sum on the left is complete
            p->depth.calc = depth.calc;
            p->depth.relation++;
        } else {
            p->depth.calc++;
        }
        if (too_deep(p))
            return NULL;
        struct cel_node *right = parse_binary(p, o.level + 1u);
        left = right ? binary(p, (enum cel_op)o.op, left, right, at, 1) : NULL;
    }
    p->depth = depth;
    return left;
}

// terms[lo .. hi + 1] joined by the operators at[lo .. hi], as a balanced tree: a chain of a
// thousand terms is ten deep. Which operand comes first makes no difference to what && and || give.
static struct cel_node *balance(struct parser *p, enum cel_op op, struct nodes *terms,
                                const uint32_t *at, uint32_t lo, uint32_t hi)
{
    uint32_t mid = (lo + hi + 1) / 2;
    struct cel_node *left = mid == lo ? terms->p[mid] : balance(p, op, terms, at, lo, mid - 1);
    struct cel_node *right = mid == hi ? terms->p[mid + 1] : balance(p, op, terms, at, mid + 1, hi);
    return left && right ? binary(p, op, left, right, at[mid], 0) : NULL;
}

static struct cel_node *parse_logic(struct parser *p, bool or)
{
    int token = or ? TOKEN_OR : TOKEN_AND;
    struct cel_node *n = or ? parse_logic(p, false) : parse_binary(p, 1);
    if (!n || p->l.token != token)
        return n;
    struct nodes terms = {0};
    uint32_t *at = NULL, n_at = 0;
    if (!push(p, &terms, n))
        return NULL;
    while (p->l.token == token) {
        if ((n_at & (n_at - 1)) == 0) { // full at every power of two
            uint32_t *bigger =
                arena_alloc(p->arena, n_at ? 2 * (size_t)n_at : 1, sizeof *at, _Alignof(uint32_t));
            if (!bigger)
                return out_of_memory(p);
            if (n_at)
                memcpy(bigger, at, n_at * sizeof *at);
            at = bigger;
        }
        at[n_at++] = p->l.start;
        lex_next(&p->l);
        n = or ? parse_logic(p, false) : parse_binary(p, 1);
        if (!n || !push(p, &terms, n))
            return NULL;
    }
    return balance(p, or ? CEL_OP_OR : CEL_OP_AND, &terms, at, 0, n_at - 1);
}

static struct cel_node *parse_expr(struct parser *p)
{
    struct depth depth = p->depth;
    p->depth.expr++;
    p->depth.member++; // the one that this expression stands in, but for the first
    if (too_deep(p))
        return NULL;
    struct cel_node *n = parse_logic(p, true);
    uint32_t at = p->l.start;
    if (n && take(p, '?')) {
        struct nodes args = {0};
        bool ok = push(p, &args, n);
        struct cel_node *x = ok ? parse_logic(p, true) : NULL;
        ok = x && push(p, &args, x) && expect(p, ':', "':'");
        x = ok ? parse_expr(p) : NULL;
        n = x && push(p, &args, x) ? branch(p, CEL_OP_CONDITION, args, n->start, at, 1) : NULL;
        if (n)
            n->end = x->end;
    }
    p->depth = depth;
    return n;
}

err_code cel_parse(str source, struct arena *a, struct cel_node **ret, struct diags *d, struct err *e)
{
    struct parser p = {.l = {.text = source}, .arena = a, .r = {d, e, 0}};
    if (source.n > (size_t)4 * LIMIT_CEL_SOURCE) {
        report_at(&p.r, 0, 0, "expression code point size exceeds limit: size: over %zu, limit %d",
                  source.n / 4, LIMIT_CEL_SOURCE);
        return report_end(&p.r);
    }
    size_t size = lex_code_points(source);
    if (size == (size_t)-1) {
        report_at(&p.r, 0, 0, "Syntax error: the expression is not valid UTF-8");
        return report_end(&p.r);
    }
    if (size > LIMIT_CEL_SOURCE) {
        report_at(&p.r, 0, 0, "expression code point size exceeds limit: size: %zu, limit %d", size,
                  LIMIT_CEL_SOURCE);
        return report_end(&p.r);
    }
    lex_next(&p.l);
    struct cel_node *n = parse_expr(&p);
    if (n && p.l.token != TOKEN_END) {
        if (p.l.token == TOKEN_BAD)
            unexpected(&p, "<EOF>");
        else
            report_at(&p.r, p.l.start, p.l.end, "Syntax error: extraneous input '%.*s' expecting <EOF>",
                      STR_FMT(lex_text(&p.l)));
    }
    if (p.full)
        return err_set(e, ERR_LIMIT, "arena '%s' is full (%zu bytes)", a->name, a->cap);
    TRY(report_end(&p.r));
    *ret = n;
    return ERR_OK;
}
