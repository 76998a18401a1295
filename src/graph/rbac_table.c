#include "base/hash.h"
#include "graph/rbac_priv.h"

// What the table's functions are told of its records.
struct records {
    const struct rbac_set *set;
    enum rbac_what what;
};
struct texts {
    str ns, name;
};

static struct texts texts_of_record(const void *records, uint32_t i)
{
    const struct records *r = records;
    const struct rbac_set *s = r->set;
    return r->what == RBAC_ROLES      ? (struct texts){s->roles[i].ns, s->roles[i].name}
           : r->what == RBAC_BINDINGS ? (struct texts){s->bindings[i].ns, s->bindings[i].name}
                                      : (struct texts){s->accounts[i].ns, s->accounts[i].name};
}

static uint32_t hash_texts(const struct texts *x)
{
    return hash_key(x->ns) * 31 + hash_key(x->name);
}

static uint32_t hash_record(const void *records, uint32_t i)
{
    struct texts x = texts_of_record(records, i);
    return hash_texts(&x);
}

static bool is(const void *records, uint32_t i, const void *key)
{
    struct texts x = texts_of_record(records, i);
    const struct texts *k = key;
    return str_eq(x.name, k->name) && str_eq(x.ns, k->ns);
}

uint32_t rbac_table_find(const struct rbac_set *s, enum rbac_what what, str ns, str name)
{
    const struct texts key = {ns, name};
    return slots_find(&s->by_name[what], hash_texts(&key), is, &(struct records){s, what}, &key); // SLOTS_NONE is RBAC_NONE
}

err_code rbac_table_put(struct rbac_set *s, enum rbac_what what, uint32_t index, uint32_t *ret_old, struct err *e)
{
    const struct records r = {s, what};
    const struct texts key = texts_of_record(&r, index);
    TRY(slots_room(&s->by_name[what], 256, hash_record, &r, s->arena, e));
    uint32_t *slot = slots_at(&s->by_name[what], hash_texts(&key), is, &r, &key);
    *ret_old = *slot ? *slot - 1 : RBAC_NONE;
    slots_set(&s->by_name[what], slot, index);
    return ERR_OK;
}
