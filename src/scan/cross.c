#include <stdlib.h>

#include "check/check.h"
#include "scan/scan_priv.h"

// After the workers: the checks of all objects together. What they find goes into the units of the objects it is about, as if
// a worker had found it there, so that a report does not depend on threads.

struct place_of_record {
    struct unit *unit;
    const struct found_record *record;
};

struct cross {
    struct scan *scan;
    struct worker *worker; // the first: its results are added to
    struct place_of_record *places; // by record
    uint32_t last; // record that the worker stands at; UINT32_MAX: none
    bool last_made;
    struct unit *unit;
    struct found_object *known, *known_end; // of the unit: how far they have been passed, and the last that a worker made
};

// The text of a file of which nothing was to be shown until now.
static err_code need_text(struct cross *x, struct unit *u, struct err *e)
{
    struct scan *s = x->scan;
    struct scan_file *f = &s->files[u->file];
    struct doc_text text = {0};
    str bytes = {0};
    size_t n = f->text.text.n;
    if (f->keep_text || s->options->count_only)
        return ERR_OK;
    f->keep_text = true;
    const struct files_entry *entry = &s->list->entries[u->file];
    err_code rc = files_read(entry, &x->worker->texts, &bytes, e);
    if (rc == ERR_OK)
        rc = doc_text_read(entry->name, bytes, &x->worker->texts, &text, NULL, e);
    f->text = text;
    f->text.name = entry->name;
    if (rc != ERR_OK || text.text.n != n) // gone, or changed: its lines are not what was judged
        f->text.text = S("");
    return rc == ERR_LIMIT ? rc : ERR_OK;
}

static void open_unit(struct cross *x, struct unit *u)
{
    struct worker *w = x->worker;
    x->unit = w->unit = u;
    x->known = NULL;
    x->known_end = u->last_object;
    w->text = &x->scan->files[u->file].text;
    w->chunk = u->chunks[0];
    w->cursor.offset = u->chunks[0].start;
    w->cursor.line = u->chunks[0].line;
}

// What a worker has found of the same object, or NULL.
static struct found_object *known_of(struct cross *x, uint32_t ordinal)
{
    struct found_object *next = x->known ? x->known->next : x->unit->objects;
    while (x->known_end && x->known != x->known_end && next && next->object.ordinal <= ordinal) {
        x->known = next;
        next = next->next;
    }
    return x->known && x->known->object.ordinal == ordinal ? x->known : NULL;
}

static err_code open_record(struct cross *x, uint32_t record, bool made, struct err *e)
{
    const struct place_of_record *p = &x->places[record];
    struct worker *w = x->worker;
    if (x->last == record && x->last_made == made)
        return ERR_OK;
    x->last = record;
    x->last_made = made;
    TRY(need_text(x, p->unit, e));
    if (x->unit != p->unit)
        open_unit(x, p->unit);
    w->ordinal = p->record->ordinal;
    w->tallied_object++;
    w->shape = STRICT_NOT_KNOWN;
    w->object = made ? NULL : known_of(x, p->record->ordinal);
    return ERR_OK;
}

// A Namespace that is only mentioned stands where it is mentioned first.
static err_code made_result(struct cross *x, uint32_t record, const struct policy_result *r, struct err *e)
{
    const struct place_of_record *p = &x->places[record];
    struct worker *w = x->worker;
    const struct node *root = NULL;
    struct policy_result here = *r;
    struct place place = {.path = S("")};
    arena_reset(&w->doc);
    TRY(tape_read(p->record->tape, &w->doc, &root, e));
    place.start = place.end = root->start;
    here.places = &place;
    here.n_places = 1;
    TRY(worker_result(w, &here, e));
    if (w->object)
        w->object->object.line = p->record->line;
    return ERR_OK;
}

static err_code on_result(void *ctx, uint32_t record, const struct object *o, bool made, const struct policy_result *r, struct err *e)
{
    struct cross *x = ctx;
    struct worker *w = x->worker;
    TRY(open_record(x, record, made, e));
    w->view = o;
    err_code rc = made ? made_result(x, record, r, &w->e) : worker_result(w, r, &w->e);
    if (rc != ERR_OK && e)
        *e = w->e;
    return rc;
}

static void on_applied(void *ctx, uint32_t rule)
{
    struct cross *x = ctx;
    x->worker->tally[x->scan->rules.of_policy[rule]].applied++;
}

static int by_ordinal(const void *a, const void *b)
{
    const struct found_object *x = *(struct found_object *const *)a, *y = *(struct found_object *const *)b;
    if (x->object.ordinal != y->object.ordinal)
        return x->object.ordinal < y->object.ordinal ? -1 : 1;
    return str_cmp(x->object.kind, y->object.kind);
}

// Objects that only the checks found fault with came last.
static err_code sort_unit(struct scan *s, struct unit *u, struct err *e)
{
    struct found_object **all;
    uint32_t n = 0;
    bool sorted = true;
    for (struct found_object *o = u->objects; o; o = o->next, n++)
        sorted = sorted && (!o->next || o->object.ordinal <= o->next->object.ordinal);
    if (sorted)
        return ERR_OK;
    TRY_NEW(all, &s->arena, n, e);
    n = 0;
    for (struct found_object *o = u->objects; o; o = o->next)
        all[n++] = o;
    qsort(all, n, sizeof(struct found_object *), by_ordinal);
    for (uint32_t i = 0; i < n; i++)
        all[i]->next = i + 1 < n ? all[i + 1] : NULL;
    u->objects = all[0];
    u->last_object = all[n - 1];
    return ERR_OK;
}

static uint32_t count(const struct scan *s)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->list->n; i++)
        for (const struct unit *u = s->files[i].first; u; u = u->next_of_file)
            for (const struct found_record *r = u->records; r; r = r->next)
                n++;
    return n;
}

err_code cross_run(struct scan *s, struct err *e)
{
    struct cross x = {.scan = s, .worker = &s->workers[0], .last = UINT32_MAX};
    struct check_record *records;
    uint32_t n = count(s), at = 0;
    if (n < 2)
        return ERR_OK;
    TRY_NEW(x.places, &s->arena, n, e);
    TRY_NEW(records, &s->arena, n, e);
    for (uint32_t i = 0; i < s->list->n; i++)
        for (struct unit *u = s->files[i].first; u; u = u->next_of_file)
            for (const struct found_record *r = u->records; r; r = r->next) {
                x.places[at] = (struct place_of_record){u, r};
                records[at++] = (struct check_record){r->tape, &s->list->entries[i].name, r->line};
            }
    const struct check_sink sink = {&x, on_result, on_applied, s->options->count_only};
    TRY(check_run(s->options->policies, records, n, &sink, e));
    for (uint32_t i = 0; i < s->list->n; i++)
        for (struct unit *u = s->files[i].first; u; u = u->next_of_file)
            TRY(sort_unit(s, u, e));
    return ERR_OK;
}
