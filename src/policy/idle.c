#include "policy/idle.h"

#include "cel/idle.h"

enum {
    PAYS_FROM = 64,       // objects of a kind, before anything is worked out
    MOST_VALIDATIONS = 8,
    MOST_MEMBERS = 2000,  // of an object: of a larger one a policy's cost might matter
};

// ---- keys ----

static uint32_t find_slot(const struct idle_keys *k, const char *text, uint32_t n, uint32_t hash)
{
    uint32_t i = hash % IDLE_SLOTS;
    while (k->slots[i].text.p &&
           (k->slots[i].hash != hash || !str_eq(k->slots[i].text, (str){text, n})))
        i = (i + 1) % IDLE_SLOTS;
    return i;
}

// The number of a key, from 0; -1 where there is no room.
static int number_of(struct idle_keys *k, const struct key *key)
{
    uint32_t i = find_slot(k, key->text.p, (uint32_t)key->text.n, key->hash);
    if (k->slots[i].text.p)
        return k->numbers[i];
    if (k->n == IDLE_KEYS)
        return -1;
    k->slots[i] = *key;
    k->numbers[i] = (uint8_t)k->n;
    return (int)k->n++;
}

static void mark(struct idle_keys *k, const struct node *n)
{
    for (uint32_t i = 0; i < n->n && k->members < MOST_MEMBERS; i++) {
        const struct node *child = n->kind == NODE_LIST ? &n->items[i] : &n->members[i].value;
        k->members++;
        if (n->kind == NODE_MAP) {
            const struct member *m = &n->members[i];
            uint32_t at = find_slot(k, m->key, m->key_n, m->hash);
            if (k->slots[at].text.p)
                k->present[k->numbers[at] / 64] |= (uint64_t)1 << k->numbers[at] % 64;
        }
        if (child->kind >= NODE_LIST)
            mark(k, child);
    }
}

void idle_begin(struct policy_worker *w, const struct subject *s)
{
    struct idle_keys *k = &w->idle_keys;
    k->known = false;
    if (!w->well_formed || s->kind->met++ < PAYS_FROM)
        return;
    if (!node_is(node_get(s->o->root, KEY("metadata")), NODE_MAP))
        return;
    memset(k->present, 0, sizeof k->present);
    k->members = 0;
    mark(k, s->o->root);
    k->known = k->members < MOST_MEMBERS;
}

// ---- policies ----

static const struct cel_program *lazy_program(void *ctx, uint32_t index)
{
    const struct policy_worker *w = ctx;
    const struct expr *x = w->set->variables[index].expr;
    return x ? x->program : NULL;
}

// Works out a candidate's keys. They are looked for in objects from the next one on.
static void work_out(struct policy_worker *w, struct candidate *c)
{
    const struct policy *p = w->set->active[c->index];
    const struct cel_program *programs[MOST_VALIDATIONS];
    struct cel_idle idle = {0};
    c->idle = IDLE_NEVER;
    if (!c->sure || !p->own || p->n_conditions || p->n_annotations || p->n_validations > MOST_VALIDATIONS)
        return;
    for (uint32_t i = 0; i < p->n_validations; i++)
        programs[i] = p->validations[i].expr->program;
    if (!cel_idle_find(programs, p->n_validations, p->applies ? p->applies->program : NULL, lazy_program, w, &idle))
        return;
    for (uint32_t i = 0; i < idle.n; i++) {
        int number = number_of(&w->idle_keys, &idle.keys[i]);
        if (number < 0)
            return;
        c->idle_without[number / 64] |= (uint64_t)1 << number % 64;
    }
    c->idle_any = idle.any;
    c->idle = IDLE_KNOWN;
    memcpy(c->idle_lists, idle.lists, sizeof c->idle_lists);
    c->n_idle_lists = (uint8_t)idle.n_lists;
    c->no_idle_keys = idle.n == 0;
    c->idle_from = w->clock;
}

static bool lacks_keys(const uint64_t *present, const struct candidate *c)
{
    bool none = true, all = true;
    for (unsigned i = 0; i < IDLE_WORDS; i++) {
        none &= !(present[i] & c->idle_without[i]);
        all &= !(~present[i] & c->idle_without[i]);
    }
    return !c->no_idle_keys && (c->idle_any ? !all : none);
}

// Of what was computed for another policy already: nothing is computed to know.
static bool has_empty_list(const struct policy_worker *w, const struct candidate *c)
{
    for (unsigned i = 0; i < c->n_idle_lists; i++) {
        const struct memo *m = &w->memos[c->idle_lists[i]];
        if (m->at == w->subject_at && m->value.kind == CEL_LIST && value_list_size(m->value) == 0)
            return true;
    }
    return false;
}

bool idle_is(struct policy_worker *w, struct candidate *c)
{
    const uint64_t *present = w->idle_keys.present;
    if (!w->idle_keys.known)
        return false;
    if (c->idle == IDLE_UNKNOWN)
        work_out(w, c);
    if (c->idle != IDLE_KNOWN || c->idle_from >= w->subject_at)
        return false;
    return lacks_keys(present, c) || has_empty_list(w, c);
}
