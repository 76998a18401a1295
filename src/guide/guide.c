#include "guide/guide.h"

#include <stddef.h>

static const struct {
    str name;
    size_t offset; // of a str in struct guide_entry
    bool required;
} texts[] = {
#define TEXT(name, required) {{#name, sizeof #name - 1}, offsetof(struct guide_entry, name), required}
    TEXT(id, true),     TEXT(section, true), TEXT(title, true), TEXT(says, true),   TEXT(why, true),    TEXT(attack, true),
    TEXT(check, true),  TEXT(fix, true),     TEXT(needs, true), TEXT(since, false), TEXT(until, false), TEXT(example, false),
#undef TEXT
};
enum { TEXTS = sizeof texts / sizeof *texts };

static err_code wrong(uint32_t i, str field, const char *why, struct err *e)
{
    return err_set(e, ERR_SYNTAX, "recommendations[%u].%.*s: %s", i, STR_FMT(field), why);
}

static bool is_known(str field)
{
    static const char *const lists[] = {"can", "partly", "evidence", "rules", "through"};
    for (unsigned i = 0; i < TEXTS; i++)
        if (str_eq(field, texts[i].name))
            return true;
    for (unsigned i = 0; i < sizeof lists / sizeof *lists; i++)
        if (str_eq(field, str_of(lists[i])))
            return true;
    return false;
}

static err_code read_texts(const struct node *n, uint32_t i, struct guide_entry *ret, struct err *e)
{
    for (unsigned k = 0; k < TEXTS; k++) {
        str *field = (str *)(void *)((char *)ret + texts[k].offset);
        *field = str_trim(node_get_str(n, key_of(texts[k].name)));
        if (!field->n && texts[k].required)
            return wrong(i, texts[k].name, "is missing", e);
    }
    for (uint32_t k = 0; k < n->n; k++)
        if (!is_known(member_key(&n->members[k])))
            return wrong(i, member_key(&n->members[k]), "is no field of a recommendation", e);
    return ERR_OK;
}

static err_code read_list(const struct node *n, uint32_t i, str field, struct arena *a, const str **ret,
                          uint32_t *ret_n, struct err *e)
{
    const struct node *list = node_get(n, key_of(field));
    str *out;
    *ret_n = 0;
    if (!list)
        return ERR_OK;
    if (list->kind != NODE_LIST)
        return wrong(i, field, "must be a list", e);
    TRY_NEW(out, a, list->n, e);
    for (uint32_t k = 0; k < list->n; k++) {
        if (list->items[k].kind != NODE_STRING)
            return wrong(i, field, "must be a list of words", e);
        out[k] = node_str(&list->items[k]);
    }
    *ret = out;
    *ret_n = list->n;
    return ERR_OK;
}

static err_code read_actions(const struct node *n, uint32_t i, str field, struct arena *a, unsigned *ret,
                             struct err *e)
{
    static const str names[] = {{"check", 5}, {"enforce", 7}, {"generate", 8}, {"monitor", 7}};
    const str *words = NULL;
    uint32_t count = 0;
    TRY(read_list(n, i, field, a, &words, &count, e));
    for (uint32_t k = 0; k < count; k++) {
        unsigned bit = 0;
        while (bit < 4 && !str_eq(words[k], names[bit]))
            bit++;
        if (bit == 4)
            return wrong(i, field, "takes check, enforce, generate and monitor", e);
        *ret |= 1u << bit;
    }
    return ERR_OK;
}

static err_code read_entry(const struct node *n, uint32_t i, struct arena *a, struct guide_entry *ret,
                           struct err *e)
{
    if (n->kind != NODE_MAP)
        return wrong(i, S(""), "must be a map", e);
    TRY(read_texts(n, i, ret, e));
    TRY(read_actions(n, i, S("can"), a, &ret->can, e));
    TRY(read_actions(n, i, S("partly"), a, &ret->partly, e));
    TRY(read_list(n, i, S("evidence"), a, &ret->evidence, &ret->n_evidence, e));
    TRY(read_list(n, i, S("through"), a, &ret->through, &ret->n_through, e));
    return read_list(n, i, S("rules"), a, &ret->rules, &ret->n_rules, e);
}

err_code guide_read(const struct node *root, struct arena *a, struct guide *ret, struct err *e)
{
    const struct node *list = node_get(root, KEY("recommendations"));
    struct guide_entry *entries;
    if (!node_is(list, NODE_LIST))
        return err_set(e, ERR_SYNTAX, "recommendations: must be a list");
    TRY_NEW(entries, a, list->n, e);
    for (uint32_t i = 0; i < list->n; i++)
        TRY(read_entry(&list->items[i], i, a, &entries[i], e));
    *ret = (struct guide){entries, list->n};
    return ERR_OK;
}

static bool same_id(str a, str b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if ((a.p[i] | (a.p[i] >= 'A' && a.p[i] <= 'Z' ? 0x20 : 0)) != (b.p[i] | (b.p[i] >= 'A' && b.p[i] <= 'Z' ? 0x20 : 0)))
            return false;
    return true;
}

const struct guide_entry *guide_find(const struct guide *g, str id)
{
    for (uint32_t i = 0; i < g->n; i++)
        if (same_id(g->entries[i].id, id))
            return &g->entries[i];
    return NULL;
}

bool guide_is_through(const struct guide_entry *of, const struct guide_entry *x)
{
    str rest = x->id, prefix = str_cut(&rest, '-');
    for (uint32_t i = 0; i < of->n_through; i++)
        if (str_eq(of->through[i], x->id) || str_eq(of->through[i], prefix))
            return of != x;
    return false;
}
