#include "base/limits.h"
#include "scan/scan_priv.h"
#include "scan/strict.h"

// Address space, not memory: only touched pages are paid for.
#define RESULTS_ARENA ((size_t)4 << 30)
#define TEXTS_ARENA ((size_t)16 << 30)

static struct diag_position locate(struct worker *w, uint32_t offset)
{
    str text = w->text->text;
    if (offset > text.n)
        offset = (uint32_t)text.n;
    if (offset < w->cursor.offset) {
        const struct doc_chunk *c = offset < w->chunk.start ? &w->unit->chunks[0] : &w->chunk;
        w->cursor.offset = offset < c->start ? 0 : c->start;
        w->cursor.line = offset < c->start ? 1 : c->line;
    }
    const char *at = text.p + w->cursor.offset, *end = text.p + offset;
    for (const char *nl; at < end && (nl = memchr(at, '\n', (size_t)(end - at))); at = nl + 1)
        w->cursor.line++;
    w->cursor.offset = (uint32_t)(at - text.p); // the first byte of a line, or where we stopped in it
    const char *line = at;
    while (line > text.p && line[-1] != '\n')
        line--;
    w->cursor.offset = (uint32_t)(line - text.p);
    return (struct diag_position){w->cursor.line, (uint32_t)(end - line) + 1};
}

static err_code full(struct worker *w)
{
    return err_set(&w->e, ERR_LIMIT, "arena '%s' is full (%zu bytes)", w->results.name,
                   w->results.cap);
}

static err_code add_error(struct worker *w, struct finding_error error)
{
    struct found_error *f;
    TRY_NEW(f, &w->results, 1, &w->e);
    error.file = w->unit->file;
    error.message = intern_str(&w->intern, error.message);
    error.hint = intern_str(&w->intern, error.hint);
    if (!error.message.p || !error.hint.p)
        return full(w);
    f->error = error;
    if (w->unit->last_error)
        w->unit->last_error->next = f;
    else
        w->unit->errors = f;
    w->unit->last_error = f;
    return ERR_OK;
}

static err_code add_diags(struct worker *w, const struct diags *d)
{
    for (const struct diag *g = d->first; g; g = g->next) {
        struct diag_position at = locate(w, g->start);
        TRY(add_error(w, (struct finding_error){.line = at.line,
                                                .column = at.column,
                                                .start = g->start,
                                                .end = g->end,
                                                .warning = g->level == DIAG_WARNING,
                                                .message = g->message,
                                                .hint = g->hint}));
    }
    return ERR_OK;
}

// No report shows the lines from start to end of the file.
static err_code hide(struct worker *w, uint32_t start, uint32_t end)
{
    struct found_hidden *h;
    TRY_NEW(h, &w->results, 1, &w->e);
    *h = (struct found_hidden){start, end, w->unit->hidden};
    w->unit->hidden = h;
    return ERR_OK;
}

// Where Kubernetes itself keeps secrets: kind, and the keys below which they stand, whatever a finding says of the object.
static const struct {
    const char *kind, *keys[8];
} holders[] = {
    {"Secret", {"data", "stringData", "kubectl.kubernetes.io/last-applied-configuration"}},
    {"EncryptionConfiguration", {"secret"}},
    {"EncryptionConfig", {"secret"}},
    {"Config", {"token", "password", "client-key-data", "access-token", "client-secret", "id-token", "refresh-token"}},
};

static err_code hide_members(struct worker *w, const struct node *n, const char *const *keys)
{
    if (n->kind == NODE_LIST)
        for (uint32_t i = 0; i < n->n; i++)
            TRY(hide_members(w, &n->items[i], keys));
    if (n->kind != NODE_MAP)
        return ERR_OK;
    for (uint32_t i = 0; i < n->n; i++) {
        const struct member *m = &n->members[i];
        unsigned k = 0;
        while (keys[k] && !str_eq(member_key(m), str_of(keys[k])))
            k++;
        if (!keys[k])
            TRY(hide_members(w, &m->value, keys));
        else if (m->value.end > m->key_start)
            TRY(hide(w, m->key_start, m->value.end));
    }
    return ERR_OK;
}

static err_code hide_secrets(struct worker *w, const struct object *o)
{
    if (o->group.n && !str_ends(o->group, S(".config.k8s.io")))
        return ERR_OK;
    for (unsigned i = 0; i < sizeof holders / sizeof *holders; i++)
        if (str_eq(o->kind, str_of(holders[i].kind)))
            return hide_members(w, o->root, holders[i].keys);
    return ERR_OK;
}

// The object's record is made with its first finding: most objects of a scan have none.
static err_code open_object(struct worker *w)
{
    if (w->object)
        return ERR_OK;
    struct found_object *f;
    TRY_NEW(f, &w->results, 1, &w->e);
    const struct object *o = w->view;
    f->object = (struct finding_object){
        .file = w->unit->file,
        .ordinal = w->ordinal,
        .line = locate(w, o->root->start).line,
        .api_version = intern_str(&w->intern, o->api_version),
        .kind = intern_str(&w->intern, o->kind),
        .ns = intern_str(&w->intern, o->ns),
        .name = arena_dup(&w->results, o->name),
    };
    if (!f->object.name.p)
        return full(w);
    if (w->unit->last_object)
        w->unit->last_object->next = f;
    else
        w->unit->objects = f;
    w->unit->last_object = f;
    w->object = f;
    return hide_secrets(w, o);
}

static err_code copy_places(struct worker *w, const struct policy_result *r, struct finding *f)
{
    struct place *places;
    TRY_NEW(places, &w->results, r->n_places, &w->e);
    for (uint32_t i = 0; i < r->n_places; i++) {
        places[i] = r->places[i];
        struct diag_position at = locate(w, places[i].start);
        places[i].line = at.line;
        places[i].column = at.column;
        places[i].path = intern_str(&w->intern, r->places[i].path);
        if (!places[i].path.p)
            return full(w);
    }
    f->places = places;
    f->n_places = r->n_places;
    return ERR_OK;
}

// Also of a rule below the threshold: others have places on the same lines.
static err_code hide_places(struct worker *w, const struct policy_result *r)
{
    for (uint32_t i = 0; i < r->n_places; i++) {
        const struct place *p = &r->places[i];
        TRY(hide(w, p->hide_end ? p->hide_start : p->start, p->hide_end ? p->hide_end : p->end));
    }
    return ERR_OK;
}

// r->rule: of all rules of the scan.
static err_code on_result(void *ctx, const struct policy_result *r, struct err *e)
{
    struct worker *w = ctx;
    (void)e; // the worker's own
    const struct rule *rule = w->scan->rules.all[r->rule];
    uint32_t *seen = r->status == FINDING_FAIL ? w->seen_failed : w->seen_unassessed;
    if (seen[r->rule] != w->tallied_object) { // two validations of one policy are one failed object
        seen[r->rule] = w->tallied_object;
        w->tally[r->rule].failed += r->status == FINDING_FAIL;
        w->tally[r->rule].not_assessed += r->status == FINDING_NOT_ASSESSED;
    }
    if (w->scan->options->count_only) {
        if (rule->severity >= w->scan->options->threshold)
            w->counted[rule->severity] += r->status == FINDING_FAIL;
        return ERR_OK;
    }
    if (rule->sensitive && r->status == FINDING_FAIL)
        TRY(hide_places(w, r));
    if (rule->severity < w->scan->options->threshold)
        return ERR_OK;

    TRY(open_object(w));
    struct found_finding *f;
    TRY_NEW(f, &w->results, 1, &w->e);
    f->finding = (struct finding){
        .rule = rule, .status = r->status, .message = intern_str(&w->intern, r->message), .reason = r->reason.n ? r->reason.p : NULL};
    if (!f->finding.message.p)
        return full(w);
    TRY(copy_places(w, r, &f->finding));
    f->next = w->object->first; // the merge sorts
    w->object->first = f;
    w->object->n++;
    return ERR_OK;
}

static void on_applied(void *ctx, uint32_t rule)
{
    struct worker *w = ctx;
    w->tally[rule].applied++;
}

static err_code on_policy_result(void *ctx, const struct policy_result *r, struct err *e)
{
    struct worker *w = ctx;
    struct policy_result of_all = *r;
    of_all.rule = w->scan->rules.of_policy[r->rule];
    if (r->by_error && w->shape == STRICT_UNDECODABLE) { // the value of the wrong type is what is to be mended
        if (w->seen_unassessed[of_all.rule] == w->tallied_object)
            return ERR_OK; // said already
        of_all.status = FINDING_NOT_ASSESSED;
        of_all.message = S("a value has the wrong type, see wrong-type");
        of_all.reason = S("");
    }
    return on_result(ctx, &of_all, e);
}

err_code worker_result(struct worker *w, const struct policy_result *r, struct err *e)
{
    return on_policy_result(w, r, e);
}

static void on_policy_applied(void *ctx, uint32_t policy)
{
    const struct worker *w = ctx;
    on_applied(ctx, w->scan->rules.of_policy[policy]);
}

// Kept for the checks of all objects together. What cannot be decoded never comes to be.
static err_code record(struct worker *w, const struct object *o)
{
    struct found_record *r;
    struct tape tape;
    TRY(tape_write(o, !w->scan->options->count_only, &w->keys, &w->doc, &w->results, &tape, &w->e));
    if (!tape.n)
        return ERR_OK;
    TRY_NEW(r, &w->results, 1, &w->e);
    uint32_t line = w->scan->options->count_only ? 0 : locate(w, o->root->start).line;
    *r = (struct found_record){.tape = tape, .line = line, .ordinal = w->ordinal};
    if (w->unit->last_record)
        w->unit->last_record->next = r;
    else
        w->unit->records = r;
    w->unit->last_record = r;
    return ERR_OK;
}

static err_code judge(struct worker *w, const struct node *root)
{
    struct object o;
    if (!object_view(root, &o)) {
        w->unit->n_other++;
        return ERR_OK;
    }
    const struct policy_sink sink = {.ctx = w, .result = on_result, .applied = on_applied};
    const struct policy_sink of_policies = {.ctx = w,
                                            .result = on_policy_result,
                                            .applied = on_policy_applied,
                                            .verdicts_only = w->scan->options->count_only};
    w->object = NULL;
    w->view = &o;
    w->ordinal = w->unit->n_objects++;
    w->tallied_object++;
    if (w->warned)
        TRY(hide_secrets(w, &o));
    TRY(strict_check(&w->scan->rules, &o, &w->doc, &sink, &w->shape, &w->e));
    if (w->scan->cross && w->shape != STRICT_UNDECODABLE)
        TRY(record(w, &o));
    return policy_evaluate(w->policy, &o, w->shape == STRICT_DECODABLE, &w->doc, &of_policies, &w->e);
}

// One document. What is wrong with it costs nothing but itself.
static err_code run_chunk(struct worker *w, struct doc_chunk chunk)
{
    arena_reset(&w->doc);
    w->chunk = chunk;
    struct diags d = {.arena = &w->doc};
    struct err e = {0};
    const struct node *root = NULL;
    const struct node *const *objects = NULL;
    size_t n = 0;

    err_code rc = doc_parse(w->text, chunk, &w->doc, &root, &d, &e);
    if (rc == ERR_OK)
        rc = doc_objects(root, &w->doc, &objects, &n, &d, &e);
    if (rc != ERR_OK && d.errors == 0)
        diag_add(&d, DIAG_ERROR, chunk.start, chunk.start, S(""), "%s", e.msg);
    TRY(add_diags(w, &d));
    w->warned = d.kept > 0;
    for (size_t i = 0; rc == ERR_OK && i < n; i++)
        TRY(judge(w, objects[i]));
    return ERR_OK;
}

static err_code run_unit(struct worker *w, struct unit *u)
{
    w->unit = u;
    w->text = &w->scan->files[u->file].text;
    w->cursor.offset = u->chunks[0].start;
    w->cursor.line = u->chunks[0].line;
    w->chunk = u->chunks[0];
    for (uint32_t i = 0; i < u->n; i++)
        TRY(run_chunk(w, u->chunks[i]));
    return ERR_OK;
}

static err_code file_error(struct worker *w, struct scan_file *f, const char *message)
{
    struct unit *u;
    TRY_NEW(u, &w->results, 1, &w->e);
    u->file = (uint32_t)(f - w->scan->files);
    w->unit = u;
    TRY(add_error(w, (struct finding_error){.message = str_of(message)}));
    f->errors = u->errors;
    return ERR_OK;
}

static err_code split(struct worker *w, struct scan_file *f, struct diags *d, uint32_t *ret_units)
{
    struct doc_splitter s = {.text = &f->text, .diags = d};
    struct doc_chunk chunk;
    uint32_t size = 0, units = 0;
    while (doc_next(&s, &chunk)) {
        if (!f->last || f->last->n == UNIT_CHUNKS || size >= UNIT_BYTES) {
            struct unit *u;
            TRY_NEW(u, &w->results, 1, &w->e);
            u->file = (uint32_t)(f - w->scan->files);
            if (f->last)
                f->last->next_of_file = u;
            else
                f->first = u;
            f->last = u;
            size = 0;
            units++;
        }
        f->last->chunks[f->last->n++] = chunk;
        size += chunk.end - chunk.start;
    }
    *ret_units = units;
    return ERR_OK;
}

// Reads and splits one file: its units are linked to it, but not queued.
static err_code open_file(struct worker *w, uint32_t index)
{
    const struct files_entry *entry = &w->scan->list->entries[index];
    struct scan_file *f = &w->scan->files[index];
    struct err e = {0};
    str bytes = {0};
    f->text.name = entry->name;
    if (files_read(entry, &w->texts, &bytes, &e) != ERR_OK)
        return file_error(w, f, e.msg);

    struct diags d = {.arena = &w->results};
    if (doc_text_read(entry->name, bytes, &w->texts, &f->text, &d, &e) != ERR_OK && !d.errors)
        return file_error(w, f, e.msg);
    if (d.errors == 0)
        TRY(split(w, f, &d, &f->units_left));
    if (d.kept) {
        struct unit *u;
        TRY_NEW(u, &w->results, 1, &w->e);
        u->file = index;
        u->chunks[0] = (struct doc_chunk){.line = 1};
        w->unit = u;
        w->text = &f->text;
        w->cursor.offset = 0;
        w->cursor.line = 1;
        w->chunk = u->chunks[0];
        TRY(add_diags(w, &d));
        f->errors = u->errors;
    }
    return ERR_OK;
}

// The queue: units first, then files; waits while another worker may still bring units.
static struct unit *take(struct worker *w, uint32_t *ret_file, bool *ret_is_file)
{
    struct scan *s = w->scan;
    struct unit *u = NULL;
    *ret_is_file = false;
    pthread_mutex_lock(&s->lock);
    for (;;) {
        if (s->failed)
            break;
        if ((u = s->first)) {
            s->first = u->next_in_queue;
            break;
        }
        if (s->next_file < s->list->n) {
            *ret_file = s->next_file++;
            *ret_is_file = true;
            s->opening++;
            break;
        }
        if (s->opening == 0)
            break;
        pthread_cond_wait(&s->more, &s->lock);
    }
    pthread_mutex_unlock(&s->lock);
    return u;
}

static void report_progress(struct scan *s)
{
    if (s->options->progress)
        s->options->progress(s->options->ctx, &(struct scan_progress){s->files_done, s->list->n,
                                                                      s->bytes});
}

// After a file was opened: all its units but the first, which this worker runs itself, are queued.
static void publish(struct worker *w, struct scan_file *f)
{
    struct scan *s = w->scan;
    pthread_mutex_lock(&s->lock);
    s->opening--;
    s->bytes += f->text.text.n;
    s->files_done += f->units_left == 0;
    for (struct unit *u = f->first ? f->first->next_of_file : NULL; u; u = u->next_of_file) {
        if (s->first)
            s->last->next_in_queue = u;
        else
            s->first = u;
        s->last = u;
    }
    report_progress(s);
    pthread_cond_broadcast(&s->more);
    pthread_mutex_unlock(&s->lock);
}

static void finish_unit(struct worker *w, struct scan_file *f)
{
    struct scan *s = w->scan;
    pthread_mutex_lock(&s->lock);
    s->files_done += --f->units_left == 0;
    report_progress(s);
    pthread_mutex_unlock(&s->lock);
}

static err_code run_file(struct worker *w, uint32_t index)
{
    struct scan_file *f = &w->scan->files[index];
    size_t mark = arena_mark(&w->texts);
    err_code rc = open_file(w, index);
    struct unit *first = f->first;
    bool alone = first && !first->next_of_file;
    publish(w, f);
    TRY(rc);
    if (first) {
        TRY(run_unit(w, first));
        finish_unit(w, f);
    }
    bool once = w->scan->cross && w->scan->list->entries[index].named; // it may be a pipe, and asked for later
    if (f->errors || once || (first && (!alone || first->objects || first->errors)))
        f->keep_text = true;
    else
        arena_rewind(&w->texts, mark); // nothing will be shown of it
    return ERR_OK;
}

void *worker_main(void *worker)
{
    struct worker *w = worker;
    struct scan *s = w->scan;
    for (;;) {
        uint32_t file = 0;
        bool is_file = false;
        struct unit *u = take(w, &file, &is_file);
        err_code rc = ERR_OK;
        if (is_file) {
            rc = run_file(w, file);
        } else if (u) {
            rc = run_unit(w, u);
            finish_unit(w, &s->files[u->file]);
        } else {
            return NULL;
        }
        if (rc != ERR_OK) {
            pthread_mutex_lock(&s->lock);
            if (!s->failed) {
                s->failed = rc;
                s->why = w->e;
            }
            pthread_cond_broadcast(&s->more);
            pthread_mutex_unlock(&s->lock);
        }
    }
}

err_code worker_init(struct worker *w, struct scan *s, struct err *e)
{
    uint32_t rules = s->rules.n;
    w->scan = s;
    tape_keys_init(&w->keys);
    TRY(arena_init(&w->doc, "document", LIMIT_DOC_ARENA, e));
    TRY(arena_init(&w->results, "results", RESULTS_ARENA, e));
    TRY(arena_init(&w->texts, "files", TEXTS_ARENA, e));
    w->intern = (struct intern){.arena = &w->results};
    TRY_NEW(w->tally, &w->results, rules + 1, e);
    TRY_NEW(w->seen_failed, &w->results, rules + 1, e);
    TRY_NEW(w->seen_unassessed, &w->results, rules + 1, e);
    return policy_worker_new(s->options->policies, &w->policy, e);
}

void worker_done(struct worker *w)
{
    policy_worker_free(w->policy);
    arena_done(&w->doc);
    arena_done(&w->results);
    arena_done(&w->texts);
}
