#include "base/hash.h"
#include "graph/rbac_priv.h"

static void texts_of(const struct rbac_set *s, enum rbac_what what, uint32_t i, str *ns, str *name)
{
    switch (what) {
    case RBAC_ROLES:
        *ns = s->roles[i].ns;
        *name = s->roles[i].name;
        break;
    case RBAC_BINDINGS:
        *ns = s->bindings[i].ns;
        *name = s->bindings[i].name;
        break;
    case RBAC_ACCOUNTS:
        *ns = s->accounts[i].ns;
        *name = s->accounts[i].name;
        break;
    }
}

static const struct rbac_table *table_of(const struct rbac_set *s, enum rbac_what what)
{
    return what == RBAC_ROLES      ? &s->roles_by_name
           : what == RBAC_BINDINGS ? &s->bindings_by_name
                                   : &s->accounts_by_name;
}

static uint32_t slot_of(const struct rbac_set *s, enum rbac_what what, const uint32_t *slots, uint32_t cap, str ns,
                        str name)
{
    str had_ns = {0}, had_name = {0};
    uint32_t i = (hash_key(ns) * 31 + hash_key(name)) & (cap - 1);
    for (; slots[i]; i = (i + 1) & (cap - 1)) {
        texts_of(s, what, slots[i] - 1, &had_ns, &had_name);
        if (str_eq(had_name, name) && str_eq(had_ns, ns))
            break;
    }
    return i;
}

uint32_t rbac_table_find(const struct rbac_set *s, enum rbac_what what, str ns, str name)
{
    const struct rbac_table *t = table_of(s, what);
    if (!t->cap)
        return RBAC_NONE;
    uint32_t found = t->slots[slot_of(s, what, t->slots, t->cap, ns, name)];
    return found ? found - 1 : RBAC_NONE;
}

err_code rbac_table_put(struct rbac_set *s, enum rbac_what what, uint32_t index, uint32_t *ret_old, struct err *e)
{
    struct rbac_table *t = what == RBAC_ROLES      ? &s->roles_by_name
                           : what == RBAC_BINDINGS ? &s->bindings_by_name
                                                   : &s->accounts_by_name;
    str ns = {0}, name = {0};
    if (t->n * 2 >= t->cap) {
        uint32_t cap = t->cap ? t->cap * 2 : 256;
        uint32_t *slots;
        TRY_NEW(slots, s->arena, cap, e);
        for (uint32_t i = 0; i < t->cap; i++) {
            if (!t->slots[i])
                continue;
            texts_of(s, what, t->slots[i] - 1, &ns, &name);
            slots[slot_of(s, what, slots, cap, ns, name)] = t->slots[i];
        }
        t->slots = slots;
        t->cap = cap;
    }
    texts_of(s, what, index, &ns, &name);
    uint32_t i = slot_of(s, what, t->slots, t->cap, ns, name);
    *ret_old = t->slots[i] ? t->slots[i] - 1 : RBAC_NONE;
    t->n += t->slots[i] == 0;
    t->slots[i] = index + 1;
    return ERR_OK;
}
