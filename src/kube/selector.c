#include "kube/selector.h"

#include "kube/labels.h"

static const str operators[] = {{"In", 2}, {"NotIn", 5}, {"Exists", 6}, {"DoesNotExist", 12}};
enum { OPERATORS = sizeof operators / sizeof *operators };

struct reader {
    struct arena *arena;
    struct diags *diags;
    str path;
    bool bad;
};

static void refuse(struct reader *r, const struct node *at, const char *field, uint32_t i,
                   const char *leaf, const char *why)
{
    r->bad = true;
    if (i == UINT32_MAX)
        diag_add(r->diags, DIAG_ERROR, at->start, at->end, S(""), "%.*s.%s: %s", STR_FMT(r->path),
                 field, why);
    else
        diag_add(r->diags, DIAG_ERROR, at->start, at->end, S(""), "%.*s.%s[%u]%s: %s",
                 STR_FMT(r->path), field, i, leaf, why);
}

static bool is_absent(const struct node *n)
{
    return !n || n->kind == NODE_NULL;
}

static err_code read_labels(struct reader *r, const struct node *map, struct selector_term *terms,
                            uint32_t *n, struct err *e)
{
    for (uint32_t i = 0; i < map->n; i++) {
        const struct member *m = &map->members[i];
        const char *why = labels_check_key(member_key(m));
        if (why)
            refuse(r, &m->value, "matchLabels", UINT32_MAX, "", why);
        str *value;
        TRY_NEW(value, r->arena, 1, e);
        *value = S("");
        if (node_is(&m->value, NODE_STRING))
            *value = node_str(&m->value);
        else if (m->value.kind != NODE_NULL)
            refuse(r, &m->value, "matchLabels", UINT32_MAX, "", "a label's value must be a string");
        if ((why = labels_check_value(*value)))
            refuse(r, &m->value, "matchLabels", UINT32_MAX, "", why);
        terms[(*n)++] = (struct selector_term){key_of(member_key(m)), SELECTOR_IN, value, 1};
    }
    return ERR_OK;
}

static err_code read_values(struct reader *r, const struct node *list, uint32_t i,
                            struct selector_term *t, struct err *e)
{
    str *values;
    TRY_NEW(values, r->arena, list->n, e);
    for (uint32_t k = 0; k < list->n; k++) {
        const struct node *v = &list->items[k];
        const char *why = NULL;
        if (node_is(v, NODE_STRING))
            values[k] = node_str(v);
        else if (v->kind != NODE_NULL)
            why = "a label's value must be a string";
        if (!why)
            why = labels_check_value(values[k]);
        if (why)
            refuse(r, v, "matchExpressions", i, ".values", why);
    }
    t->values = values;
    t->n_values = list->n;
    return ERR_OK;
}

static err_code read_expression(struct reader *r, const struct node *n, uint32_t i,
                                struct selector_term *t, struct err *e)
{
    if (n->kind != NODE_MAP) {
        refuse(r, n, "matchExpressions", i, "", "must be an object");
        return ERR_OK;
    }
    str key = node_get_str(n, KEY("key")), name = node_get_str(n, KEY("operator"));
    const struct node *list = node_get(n, KEY("values"));
    unsigned op = 0;
    while (op < OPERATORS && !str_eq(name, operators[op]))
        op++;
    *t = (struct selector_term){.key = key_of(key)};
    if (op == OPERATORS) {
        const struct node *at = node_get(n, KEY("operator"));
        refuse(r, at ? at : n, "matchExpressions", i, ".operator",
               "must be In, NotIn, Exists or DoesNotExist");
        return ERR_OK;
    }
    t->operator=(enum selector_operator) op;
    const char *why = labels_check_key(key);
    if (why)
        refuse(r, n, "matchExpressions", i, ".key", why);
    if (!is_absent(list) && list->kind != NODE_LIST)
        refuse(r, list, "matchExpressions", i, ".values", "must be a list");
    else if (!is_absent(list))
        TRY(read_values(r, list, i, t, e));
    if (op <= SELECTOR_NOT_IN && t->n_values == 0)
        refuse(r, n, "matchExpressions", i, ".values",
               "must be specified when `operator` is 'In' or 'NotIn'");
    if (op >= SELECTOR_EXISTS && t->n_values > 0)
        refuse(r, list, "matchExpressions", i, ".values",
               "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
    return ERR_OK;
}

static void check_fields(struct reader *r, const struct node *n)
{
    for (uint32_t i = 0; i < n->n; i++) {
        str key = member_key(&n->members[i]);
        if (!str_eq(key, S("matchLabels")) && !str_eq(key, S("matchExpressions"))) {
            r->bad = true;
            diag_add(r->diags, DIAG_ERROR, n->members[i].key_start, n->members[i].key_end, S(""),
                     "unknown field \"%.*s.%.*s\"", STR_FMT(r->path), STR_FMT(key));
        }
    }
}

err_code selector_parse(const struct node *node, str path, struct arena *a, struct selector *ret,
                        struct diags *d, struct err *e)
{
    struct reader r = {a, d, path, false};
    if (is_absent(node)) {
        *ret = (struct selector){0};
        return ERR_OK;
    }
    if (node->kind != NODE_MAP) {
        diag_add(d, DIAG_ERROR, node->start, node->end, S(""), "%.*s: must be an object",
                 STR_FMT(path));
        return err_set(e, ERR_SYNTAX, "%.*s: must be an object", STR_FMT(path));
    }
    check_fields(&r, node);
    const struct node *labels = node_get(node, KEY("matchLabels"));
    const struct node *list = node_get(node, KEY("matchExpressions"));
    if (!is_absent(labels) && labels->kind != NODE_MAP)
        refuse(&r, labels, "matchLabels", UINT32_MAX, "", "must be an object");
    if (!is_absent(list) && list->kind != NODE_LIST)
        refuse(&r, list, "matchExpressions", UINT32_MAX, "", "must be a list");
    bool has_labels = node_is(labels, NODE_MAP), has_list = node_is(list, NODE_LIST);

    struct selector_term *terms;
    uint32_t n = 0;
    TRY_NEW(terms, a, (has_labels ? labels->n : 0) + (has_list ? list->n : 0), e);
    if (has_labels)
        TRY(read_labels(&r, labels, terms, &n, e));
    for (uint32_t i = 0; has_list && i < list->n; i++)
        TRY(read_expression(&r, &list->items[i], i, &terms[n++], e));
    if (r.bad)
        return err_set(e, ERR_SYNTAX, "%.*s is not a label selector", STR_FMT(path));
    *ret = (struct selector){terms, n};
    return ERR_OK;
}

static bool holds(const struct selector_term *t, bool exists, str value)
{
    bool among = false;
    switch (t->operator) {
    case SELECTOR_EXISTS:
        return exists;
    case SELECTOR_NOT_EXISTS:
        return !exists;
    case SELECTOR_IN:
    case SELECTOR_NOT_IN:
        for (uint32_t i = 0; exists && i < t->n_values && !among; i++)
            among = str_eq(t->values[i], value);
        return among == (t->operator== SELECTOR_IN);
    }
    return false;
}

bool selector_matches(const struct selector *s, const struct node *labels)
{
    for (uint32_t i = 0; i < s->n; i++) {
        const struct node *v = node_get(labels, s->terms[i].key);
        bool exists = node_is(v, NODE_STRING);
        if (!holds(&s->terms[i], exists, exists ? node_str(v) : S("")))
            return false;
    }
    return true;
}

enum selector_answer selector_decide(const struct selector *s, str known_key, str known_value)
{
    enum selector_answer answer = SELECTOR_YES;
    for (uint32_t i = 0; i < s->n; i++) {
        if (!str_eq(s->terms[i].key.text, known_key))
            answer = SELECTOR_OPEN;
        else if (!holds(&s->terms[i], true, known_value))
            return SELECTOR_NO;
    }
    return answer;
}
