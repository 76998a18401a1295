#include "graph/netpol.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/flow.h"
#include "graph/netpol_priv.h"
#include "kube/selector.h"

err_code netpol_refuse(struct netpol_reader *r, const char *class, const struct node *at, const char *fmt, ...)
{
    char text[512];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    r->bad = true;
    return load_fault(r->v->load, class, false, at ? at : r->o->root, r->e, "%.*s %.*s: %s", STR_FMT(r->o->kind),
                      STR_FMT(r->o->name), text);
}

static int by_id(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

err_code netpol_read_selector(struct netpol_reader *r, const struct node *n, const char *path, netpol_selector *ret)
{
    struct selector s = {0};
    struct diags d = {.arena = r->scratch};
    struct err ignored, *e = r->e;
    uint32_t *words, size = 0, at = 0;
    *ret = 0;
    if (selector_parse(n, str_of(path), r->scratch, &s, &d, &ignored) != ERR_OK) {
        r->bad = true;
        return load_diags(r->v->load, "selector", &d, e);
    }
    for (uint32_t i = 0; i < s.n; i++)
        size += 3 + s.terms[i].n_values;
    TRY_NEW(words, r->scratch, size, e);
    for (uint32_t i = 0; i < s.n; i++) {
        const struct selector_term *t = &s.terms[i];
        TRY(names_put(&r->v->names, t->key.text, &words[at], e));
        words[at + 1] = t->operator;
        words[at + 2] = t->n_values;
        for (uint32_t k = 0; k < t->n_values; k++)
            TRY(names_put(&r->v->names, t->values[k], &words[at + 3 + k], e));
        qsort(words + at + 3, t->n_values, sizeof *words, by_id);
        at += 3 + t->n_values;
    }
    return rows_put(&r->p->selectors, words, size, ret, e);
}

bool netpol_selects(const struct netpols *p, netpol_selector s, uint32_t labels)
{
    return netpol_selects_row(p, s, &p->inventory->labels.rows[labels]);
}

static bool has(const uint32_t *term, uint32_t value)
{
    for (uint32_t k = 0; k < term[2]; k++)
        if (term[3 + k] == value)
            return true;
    return false;
}

// Does the fact `x` about a key make the requirement `t` of the same key hold?
static bool implies(const uint32_t *x, const uint32_t *t)
{
    uint32_t among = 0; // values of x that t names too
    for (uint32_t k = 0; k < x[2]; k++)
        among += has(t, x[3 + k]);
    switch (t[1]) {
    case SELECTOR_IN:
        return x[1] == SELECTOR_IN && among == x[2];
    case SELECTOR_NOT_IN:
        if (x[1] == SELECTOR_NOT_IN)
            for (uint32_t k = 0; k < t[2]; k++)
                if (!has(x, t[3 + k]))
                    return false;
        return x[1] == SELECTOR_NOT_IN || x[1] == SELECTOR_NOT_EXISTS || (x[1] == SELECTOR_IN && among == 0);
    case SELECTOR_EXISTS:
        return x[1] == SELECTOR_IN || x[1] == SELECTOR_EXISTS;
    default:
        return x[1] == SELECTOR_NOT_EXISTS;
    }
}

// Whatever meets the selector `known`, does it meet s?
static bool selects_all_of(const struct rows_row *s, const struct rows_row *known)
{
    for (uint32_t at = 0; at < s->n; at += 3 + s->words[at + 2]) {
        bool holds = false;
        for (uint32_t k = 1; k < known->n && !holds; k += 3 + known->words[k + 2])
            holds = known->words[k] == s->words[at] && implies(known->words + k, s->words + at);
        if (!holds)
            return false;
    }
    return true;
}

bool netpol_selects_row(const struct netpols *p, netpol_selector s, const struct rows_row *labels)
{
    const struct rows_row *row = &p->selectors.rows[s];
    if (inventory_is_selector(labels))
        return selects_all_of(row, labels);
    for (uint32_t at = 0; at < row->n; at += 3 + row->words[at + 2]) {
        const uint32_t *t = row->words + at;
        name_id value = inventory_label_of(labels, t[0]);
        bool exists = value != UINT32_MAX, among = false;
        for (uint32_t k = 0; exists && k < t[2] && !among; k++)
            among = t[3 + k] == value;
        bool holds = t[1] == SELECTOR_EXISTS       ? exists
                     : t[1] == SELECTOR_NOT_EXISTS ? !exists
                     : t[1] == SELECTOR_IN         ? among
                                                   : !among;
        if (!holds)
            return false;
    }
    return true;
}

const char *netpol_kind_name(enum netpol_kind k)
{
    static const char *const names[] = {"NetworkPolicy", "AdminNetworkPolicy", "BaselineAdminNetworkPolicy",
                                        "ClusterNetworkPolicy"};
    return names[k];
}

void netpol_put_name(const struct netpols *p, struct buf *b, const struct netpol *n)
{
    const struct inventory *v = p->inventory;
    buf_printf(b, "%s ", netpol_kind_name(n->kind));
    if (n->ns != INVENTORY_NONE)
        flow_put(b, inventory_str(v, v->namespaces[n->ns].name));
    buf_put(b, n->ns != INVENTORY_NONE ? S("/") : S(""));
    flow_put(b, inventory_str(v, n->name));
}

void netpol_put_selector(const struct netpols *p, struct buf *b, netpol_selector s)
{
    const struct rows_row *row = &p->selectors.rows[s];
    const struct inventory *v = p->inventory;
    for (uint32_t at = 0; at < row->n; at += 3 + row->words[at + 2]) {
        const uint32_t *t = row->words + at;
        if (at)
            buf_putc(b, ',');
        if (t[1] == SELECTOR_NOT_EXISTS)
            buf_putc(b, '!');
        buf_put(b, inventory_str(v, t[0]));
        if (t[1] == SELECTOR_IN && t[2] == 1) {
            buf_printf(b, "=%.*s", STR_FMT(inventory_str(v, t[3])));
            continue;
        }
        if (t[1] >= SELECTOR_EXISTS)
            continue;
        buf_put(b, t[1] == SELECTOR_IN ? S(" in (") : S(" notin ("));
        for (uint32_t k = 0; k < t[2]; k++)
            buf_printf(b, "%s%.*s", k ? "," : "", STR_FMT(inventory_str(v, t[3 + k])));
        buf_putc(b, ')');
    }
}
