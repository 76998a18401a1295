#include <stdlib.h>

#include "scan/scan_priv.h"

struct totals {
    uint32_t objects, findings, errors;
};

static void count(const struct scan *s, struct totals *t, struct report *r)
{
    for (uint32_t i = 0; i < s->list->n; i++) {
        const struct scan_file *f = &s->files[i];
        for (const struct found_error *x = f->errors; x; x = x->next) {
            t->errors++;
            r->unreadable += !x->error.warning;
        }
        for (const struct unit *u = f->first; u; u = u->next_of_file) {
            r->total_objects += u->n_objects;
            r->other_documents += u->n_other;
            for (const struct found_error *x = u->errors; x; x = x->next) {
                t->errors++;
                r->unreadable += !x->error.warning;
            }
            for (const struct found_object *x = u->objects; x; x = x->next) {
                t->objects++;
                t->findings += x->n;
            }
        }
    }
}

static int by_severity_then_rule(const void *a, const void *b)
{
    const struct finding *x = *(const struct finding *const *)a, *y = *(const struct finding *const *)b;
    if (x->rule->severity != y->rule->severity)
        return x->rule->severity > y->rule->severity ? -1 : 1;
    int c = str_cmp(x->rule->id, y->rule->id);
    if (c == 0 && x->n_places && y->n_places)
        c = (x->places[0].start > y->places[0].start) - (x->places[0].start < y->places[0].start);
    return c ? c : str_cmp(x->message, y->message);
}

static int by_place(const void *a, const void *b)
{
    const struct finding_error *x = a, *y = b;
    return (x->start > y->start) - (x->start < y->start);
}

// One file's lists into the arrays; *t is where the next entries go.
static void fill(const struct scan_file *f, struct finding_file *file, struct totals *t,
                 struct finding_object *objects, const struct finding **findings,
                 struct finding_error *errors)
{
    uint32_t errors_from = t->errors, ordinal = 0;
    for (const struct found_error *x = f->errors; x; x = x->next)
        errors[t->errors++] = x->error;
    for (const struct unit *u = f->first; u; u = u->next_of_file) {
        for (const struct found_error *x = u->errors; x; x = x->next)
            errors[t->errors++] = x->error;
        for (const struct found_object *x = u->objects; x; x = x->next) {
            uint32_t from = t->findings;
            for (struct found_finding *y = x->first; y; y = y->next) {
                y->finding.object = t->objects;
                findings[t->findings++] = &y->finding;
            }
            qsort(findings + from, t->findings - from, sizeof *findings, by_severity_then_rule);
            objects[t->objects] = x->object;
            objects[t->objects++].ordinal += ordinal;
        }
        ordinal += u->n_objects;
        file->other_documents += u->n_other;
    }
    file->objects = ordinal;
    if (t->errors > errors_from)
        qsort(errors + errors_from, t->errors - errors_from, sizeof *errors, by_place);
}

static err_code merge_tally(struct scan *s, struct err *e)
{
    struct report *r = &s->report;
    struct finding_tally *tally;
    r->rules = s->rules.all;
    r->n_rules = s->rules.n;
    TRY_NEW(tally, &s->arena, r->n_rules + 1, e);
    for (unsigned i = 0; i < s->options->threads; i++) {
        for (unsigned k = 0; k < 4; k++)
            r->counted[k] += s->workers[i].counted[k];
        for (uint32_t k = 0; k < r->n_rules; k++) {
            tally[k].applied += s->workers[i].tally[k].applied;
            tally[k].failed += s->workers[i].tally[k].failed;
            tally[k].not_assessed += s->workers[i].tally[k].not_assessed;
        }
    }
    r->tally = tally;
    return ERR_OK;
}

static err_code merge_walk(struct scan *s, struct finding_file *files, struct finding_error *errors,
                           struct err *e)
{
    const struct files_list *l = s->list;
    struct finding_gap *gaps;
    TRY_NEW(gaps, &s->arena, l->n_gaps + 1, e);
    for (uint32_t i = 0; i < l->n_gaps; i++)
        gaps[i] = (struct finding_gap){l->gaps[i].path, l->gaps[i].reason, l->gaps[i].remedy};
    for (uint32_t i = 0; i < l->n_problems; i++) { // a path that could not be read is a file without text
        files[l->n + i].name = l->problems[i].path;
        errors[i] = (struct finding_error){.file = l->n + i, .message = l->problems[i].message};
    }
    s->report.gaps = gaps;
    s->report.n_gaps = l->n_gaps;
    return ERR_OK;
}

static int by_file_then_start(const void *a, const void *b)
{
    const struct finding_hidden *x = a, *y = b;
    if (x->file != y->file)
        return x->file < y->file ? -1 : 1;
    return (x->start > y->start) - (x->start < y->start);
}

// What a sensitive rule named, as whole lines.
static struct finding_hidden lines_of(str text, uint32_t file, const struct found_hidden *h)
{
    uint32_t start = h->start < text.n ? h->start : (uint32_t)text.n;
    uint32_t end = h->end > start ? h->end : start;
    while (start > 0 && text.p[start - 1] != '\n')
        start--;
    const char *nl = end < text.n ? memchr(text.p + end, '\n', text.n - end) : NULL;
    return (struct finding_hidden){file, start, nl ? (uint32_t)(nl - text.p) + 1 : (uint32_t)text.n + 1};
}

static err_code merge_hidden(struct scan *s, struct err *e)
{
    struct finding_hidden *all;
    uint32_t n = 0, kept = 0;
    for (uint32_t i = 0; i < s->list->n; i++)
        for (const struct unit *u = s->files[i].first; u; u = u->next_of_file)
            for (const struct found_hidden *h = u->hidden; h && s->files[i].keep_text; h = h->next)
                n++;
    TRY_NEW(all, &s->arena, n + 1, e);
    n = 0;
    for (uint32_t i = 0; i < s->list->n; i++)
        for (const struct unit *u = s->files[i].first; u; u = u->next_of_file)
            for (const struct found_hidden *h = u->hidden; h && s->files[i].keep_text; h = h->next)
                all[n++] = lines_of(s->files[i].text.text, i, h);
    qsort(all, n, sizeof *all, by_file_then_start);
    for (uint32_t i = 0; i < n; i++) {
        struct finding_hidden *last = kept ? &all[kept - 1] : NULL;
        if (!last || last->file != all[i].file || last->end < all[i].start)
            all[kept++] = all[i];
        else if (last->end < all[i].end)
            last->end = all[i].end;
    }
    s->report.hidden = all;
    s->report.n_hidden = kept;
    return ERR_OK;
}

err_code merge_report(struct scan *s, double seconds, struct err *e)
{
    const struct files_list *l = s->list;
    struct report *r = &s->report;
    struct totals total = {0}, t = {0};
    count(s, &total, r);

    struct finding_file *files;
    struct finding_object *objects;
    const struct finding **findings;
    struct finding_error *errors;
    TRY_NEW(files, &s->arena, l->n + l->n_problems + 1, e);
    TRY_NEW(objects, &s->arena, total.objects + 1, e);
    TRY_NEW(findings, &s->arena, total.findings + 1, e);
    TRY_NEW(errors, &s->arena, total.errors + l->n_problems + 1, e);
    for (uint32_t i = 0; i < l->n; i++) {
        files[i].name = l->entries[i].name;
        if (s->files[i].keep_text)
            files[i].text = s->files[i].text.text;
        fill(&s->files[i], &files[i], &t, objects, findings, errors);
    }
    TRY(merge_walk(s, files, errors + t.errors, e));
    TRY(merge_tally(s, e));
    TRY(merge_hidden(s, e));

    r->files = files;
    r->objects = objects;
    r->findings = findings;
    r->errors = errors;
    r->n_files = l->n + l->n_problems;
    r->n_objects = t.objects;
    r->n_findings = t.findings;
    r->n_errors = t.errors + l->n_problems;
    r->unreadable += l->n_problems;
    r->bytes = s->bytes;
    r->seconds = seconds;
    r->threshold = s->options->threshold;
    r->kubernetes_minor = s->options->kubernetes_minor;
    r->pss = s->options->pss;
    r->tool = s->options->tool;
    return ERR_OK;
}
