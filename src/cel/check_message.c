// check_message: message literals. Policies have no messages, but protobuf's wrappers of plain values
// are built into CEL: google.protobuf.Int64Value{value: 1} is the int 1. Such a literal becomes the
// value it wraps; every other message is refused.
#include "cel/check_priv.h"

static const struct wrapper {
    str name; // behind "google.protobuf."
    uint8_t kind; // what it holds; CEL_KINDS: anything, by the name of its field
    int8_t bits;  // of a narrower number
} wrappers[] = {
    {{"BoolValue", 9}, CEL_BOOL, 0},     {{"BytesValue", 10}, CEL_BYTES, 0},
    {{"DoubleValue", 11}, CEL_DOUBLE, 0}, {{"FloatValue", 10}, CEL_DOUBLE, 32},
    {{"Int32Value", 10}, CEL_INT, 32},   {{"Int64Value", 10}, CEL_INT, 0},
    {{"StringValue", 11}, CEL_STRING, 0}, {{"UInt32Value", 11}, CEL_UINT, 32},
    {{"UInt64Value", 11}, CEL_UINT, 0},  {{"ListValue", 9}, CEL_LIST, 0},
    {{"Struct", 6}, CEL_MAP, 0},         {{"Value", 5}, CEL_KINDS, 0},
};

static const struct wrapper *find_wrapper(struct checker *c, str name)
{
    const str package = S("google.protobuf.");
    for (uint32_t i = 0;; i++) {
        str full = cel_check_candidate(c, name, i);
        if (!full.p)
            return NULL;
        if (!str_starts(full, package))
            continue;
        str rest = str_skip(full, package.n);
        for (unsigned k = 0; k < sizeof wrappers / sizeof *wrappers; k++)
            if (str_eq(wrappers[k].name, rest))
                return &wrappers[k];
    }
}

// Which field holds the value, and of what kind it is.
static bool field_kind(const struct wrapper *w, str field, uint8_t *ret)
{
    static const struct {
        str name;
        uint8_t kind;
    } of_value[] = {{{"null_value", 10}, CEL_NULL},     {{"number_value", 12}, CEL_DOUBLE},
                    {{"string_value", 12}, CEL_STRING}, {{"bool_value", 10}, CEL_BOOL},
                    {{"struct_value", 12}, CEL_MAP},    {{"list_value", 10}, CEL_LIST}};
    *ret = w->kind;
    if (w->kind == CEL_LIST)
        return str_eq(field, S("values"));
    if (w->kind == CEL_MAP)
        return str_eq(field, S("fields"));
    if (w->kind != CEL_KINDS)
        return str_eq(field, S("value"));
    for (unsigned i = 0; i < sizeof of_value / sizeof *of_value; i++) {
        if (str_eq(of_value[i].name, field)) {
            *ret = of_value[i].kind;
            return true;
        }
    }
    return false;
}

static struct value zero(uint8_t kind)
{
    return kind == CEL_KINDS ? value_null() : (struct value){.kind = kind};
}

// A narrow wrapper around a constant: what does not fit is refused, a float is rounded.
static void narrow(struct checker *c, const struct wrapper *w, struct cel_node *n)
{
    if (n->op != CEL_OP_LITERAL || !w->bits)
        return;
    struct value *v = &n->literal;
    bool fits = true;
    if (v->kind == CEL_INT)
        fits = v->i == (int32_t)v->i;
    else if (v->kind == CEL_UINT)
        fits = v->u == (uint32_t)v->u;
    else if (v->kind == CEL_DOUBLE)
        v->d = (double)(float)v->d;
    if (!fits)
        report_at(&c->r, n->start, n->end, "range error");
}

static void become(struct cel_node *n, struct value v)
{
    n->op = CEL_OP_LITERAL;
    n->n = 0;
    n->literal = v;
    n->unfolded = NULL;
    n->type = type_simple((enum cel_kind)v.kind);
}

const struct cel_type *check_message_node(struct checker *c, struct cel_node *n)
{
    const struct wrapper *w = find_wrapper(c, n->call.name);
    if (!w) {
        if (!c->unchecked)
            report_at(&c->r, n->start, n->at,
                      "undeclared reference to '%.*s' (in container '%.*s')", STR_FMT(n->call.name),
                      STR_FMT(c->env->options.container));
        return type_simple(CEL_ERROR);
    }
    struct cel_node *value = NULL;
    uint8_t kind = w->kind;
    for (uint32_t i = 0; i < n->n; i++) {
        str field = n->call.fields[i];
        if (!field_kind(w, field, &kind)) {
            report_at(&c->r, n->start, n->end, "undefined field '%.*s'", STR_FMT(field));
            return type_simple(CEL_ERROR);
        }
        value = n->call.args[i];
    }
    if (!value || kind == CEL_NULL) {
        become(n, zero(kind));
        return n->type;
    }
    const struct cel_type *type = value->type, *want = type_simple((enum cel_kind)kind);
    if (!c->unchecked) {
        type = check_node(c, value);
        bool fits = kind == CEL_LIST || kind == CEL_MAP ? type->kind == want->kind
                                                        : unify_assignable(&c->u, type, want);
        if (!fits) {
            check_mismatch(c, value, want, type);
            return type_simple(CEL_ERROR);
        }
    } else {
        check_names(c, value);
    }
    narrow(c, w, value);
    uint32_t start = n->start, end = n->end;
    *n = *value;
    n->start = start;
    n->end = end;
    n->type = w->kind == CEL_KINDS ? type_simple(CEL_DYN) : type;
    return n->type;
}
