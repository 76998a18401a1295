#include <stdlib.h>

#include "base/arena.h"
#include "sink/style_priv.h"

// How many of each a terminal shows before it says "and N more": two screens must suffice.
enum { BRIEF_OBJECTS = 10, BRIEF_LINES = 25, PLACES_SHOWN = 3, LINES_NAMED = 12 };

// An object's findings: a run of the report's array.
struct group {
    uint32_t from, n;
    uint32_t by_severity[4];
};

static int by_badness(const void *a, const void *b)
{
    const struct group *x = a, *y = b;
    for (int s = SEVERITY_CRITICAL; s >= SEVERITY_LOW; s--)
        if (x->by_severity[s] != y->by_severity[s])
            return x->by_severity[s] > y->by_severity[s] ? -1 : 1;
    return (x->from > y->from) - (x->from < y->from);
}

static uint32_t collect(const struct report *r, struct group *groups)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->n_findings;) {
        struct group g = {.from = i};
        for (; i < r->n_findings && r->findings[i]->object == r->findings[g.from]->object; i++) {
            g.n++;
            if (r->findings[i]->status == FINDING_FAIL)
                g.by_severity[r->findings[i]->rule->severity]++;
        }
        if (g.by_severity[0] || g.by_severity[1] || g.by_severity[2] || g.by_severity[3])
            groups[n++] = g;
    }
    return n;
}

static void right(struct buf *b, const struct sink_style *s, size_t used, size_t n)
{
    buf_pad(b, ' ', s->width > used + n + 1 ? s->width - used - n : 2);
}

static void put_name(struct buf *b, const struct sink_style *s, const struct report *r,
                     const struct group *g)
{
    const struct finding_object *o = &r->objects[r->findings[g->from]->object];
    OWN_BUF struct buf counts = buf_new(1 << 12);
    size_t columns = sink_summary_counts(&counts, s, g->by_severity);
    size_t used = 2 + flow_columns(o->kind) + 1 + flow_columns(o->name);
    buf_put(b, S("  "));
    style_on(b, s, BOLD);
    flow_put(b, o->kind);
    buf_putc(b, ' ');
    flow_put(b, o->name);
    style_on(b, s, PLAIN);
    if (o->ns.n) {
        buf_put(b, S("  in "));
        flow_put(b, o->ns);
        used += 5 + flow_columns(o->ns);
    }
    right(b, s, used, columns);
    buf_put(b, buf_str(&counts));
    buf_putc(b, '\n');
}

static void put_head(struct buf *b, const struct sink_style *s, const struct rule *rule)
{
    str severity = finding_severity_name(rule->severity);
    str title = rule->title;
    size_t ids = 0;
    for (uint32_t i = 0; i < rule->n_recommendations; i++)
        ids += rule->recommendations[i].n + (i != 0);
    buf_put(b, S("\n  "));
    style_on(b, s, style_of_severity(rule->severity));
    buf_put(b, severity);
    buf_pad(b, ' ', 10 - severity.n);
    style_on(b, s, BOLD);
    flow_put(b, title);
    style_on(b, s, PLAIN);
    right(b, s, 12 + flow_columns(title), ids);
    style_on(b, s, DIM);
    for (uint32_t i = 0; i < rule->n_recommendations; i++) {
        if (i)
            buf_putc(b, ' ');
        buf_put(b, rule->recommendations[i]);
    }
    style_on(b, s, PLAIN);
    buf_putc(b, '\n');
}

static void put_more_places(struct buf *b, const struct sink_style *s, const struct finding *f,
                            uint32_t from)
{
    uint32_t n = f->n_places - from;
    buf_pad(b, ' ', 12);
    style_on(b, s, DIM);
    buf_printf(b, "and in %u more place%s: line%s", n, n == 1 ? "" : "s", n == 1 ? "" : "s");
    for (uint32_t i = from; i < f->n_places && i < from + LINES_NAMED; i++)
        buf_printf(b, "%s %u", i == from ? "" : ",", f->places[i].line);
    if (n > LINES_NAMED)
        buf_put(b, S(", ..."));
    style_on(b, s, PLAIN);
    buf_putc(b, '\n');
}

static void put_finding(struct out *o, const struct report *r, const struct sink_style *s,
                        const struct finding *f)
{
    struct buf *b = &o->b;
    struct excerpt x = {.report = r, .file = r->objects[f->object].file, .sensitive = f->rule->sensitive};
    put_head(b, s, f->rule);
    uint32_t shown = f->n_places <= PLACES_SHOWN + 1 ? f->n_places : PLACES_SHOWN;
    struct excerpt_shown above = {0};
    for (uint32_t i = 0; i < shown; i++) {
        x.place = f->places[i];
        excerpt_put(b, s, &x, &above);
    }
    if (shown < f->n_places)
        put_more_places(b, s, f, shown);
    if (f->message.n)
        style_wrap(b, s, f->message, 12);
    if (f->rule->description.n)
        style_wrap(b, s, f->rule->description, 12);
    if (f->rule->remedy.n) {
        OWN_BUF struct buf fix = buf_new(1 << 16);
        buf_put(&fix, S("fix: "));
        buf_put(&fix, f->rule->remedy);
        style_on(b, s, GREEN);
        style_wrap(b, s, buf_str(&fix), 12);
        style_on(b, s, PLAIN);
    }
    out_flush(o);
}

static void put_group(struct out *o, const struct report *r, const struct sink_style *s,
                      const struct group *g)
{
    put_name(&o->b, s, r, g);
    for (uint32_t i = g->from; i < g->from + g->n; i++)
        if (r->findings[i]->status == FINDING_FAIL)
            put_finding(o, r, s, r->findings[i]);
}

static uint32_t file_of(const struct report *r, const struct group *g)
{
    return r->objects[r->findings[g->from]->object].file;
}

static void put_groups(struct out *o, const struct report *r, const struct sink_style *s,
                       const struct group *groups, uint32_t n)
{
    uint32_t whole = s->brief && n > BRIEF_OBJECTS ? BRIEF_OBJECTS : n;
    uint32_t lines = n - whole > BRIEF_LINES + 1 ? BRIEF_LINES : n - whole;
    for (uint32_t i = 0; i < whole + lines; i++) {
        bool new_file = i == 0 || file_of(r, &groups[i]) != file_of(r, &groups[i - 1]);
        if (new_file) {
            buf_put(&o->b, i < whole || i == whole ? S("\n") : S(""));
            style_on(&o->b, s, CYAN);
            flow_put(&o->b, r->files[file_of(r, &groups[i])].name);
            style_on(&o->b, s, PLAIN);
            buf_put(&o->b, i < whole ? S("\n\n") : S("\n"));
        } else if (i < whole) {
            buf_putc(&o->b, '\n');
        }
        if (i < whole)
            put_group(o, r, s, &groups[i]);
        else
            put_name(&o->b, s, r, &groups[i]);
        out_flush(o);
    }
    if (whole + lines < n)
        buf_printf(&o->b, "\n  and %u more objects with findings (--all shows everything)\n",
                   n - whole - lines);
    else if (whole < n)
        buf_put(&o->b, S("\n  (--all shows these whole)\n"));
}

static void put_error(struct out *o, const struct report *r, const struct sink_style *s,
                      const struct finding_error *x)
{
    struct buf *b = &o->b;
    const struct finding_file *file = &r->files[x->file];
    style_on(b, s, BOLD);
    flow_put(b, file->name);
    if (x->line)
        buf_printf(b, ":%u:%u", x->line, x->column);
    buf_put(b, S(": "));
    style_on(b, s, x->warning ? YELLOW : RED);
    buf_put(b, x->warning ? S("warning: ") : S("error: "));
    style_on(b, s, PLAIN);
    flow_put(b, x->message);
    buf_putc(b, '\n');
    const struct place place = {.start = x->start, .end = x->end, .line = x->line, .path = S("")};
    const struct excerpt at = {.report = r, .file = x->file, .place = place};
    if (x->line)
        excerpt_put_alone(b, s, &at);
    if (x->hint.n)
        style_wrap(b, s, x->hint, 12);
    out_flush(o);
}

static void put_errors(struct out *o, const struct report *r, const struct sink_style *s)
{
    uint32_t shown = s->brief && r->n_errors > BRIEF_LINES ? BRIEF_LINES : r->n_errors;
    if (shown)
        buf_putc(&o->b, '\n');
    for (uint32_t i = 0; i < shown; i++)
        put_error(o, r, s, &r->errors[i]);
    if (shown < r->n_errors)
        buf_printf(&o->b, "and %u more errors and warnings (--all shows everything)\n",
                   r->n_errors - shown);
}

void sink_text(struct out *o, const struct report *r, const struct sink_style *s)
{
    OWN_ARENA struct arena a = {0};
    size_t size = ((size_t)r->n_objects + 2) * sizeof(struct group);
    struct group *groups = NULL;
    if (arena_init(&a, "report", size, NULL) == ERR_OK)
        groups = arena_alloc(&a, (size_t)r->n_objects + 1, sizeof *groups, _Alignof(struct group));
    if (!groups) {
        o->b.failed = true; // out_close tells
        return;
    }
    uint32_t n = collect(r, groups);
    qsort(groups, n, sizeof *groups, by_badness);
    put_groups(o, r, s, groups, n);
    put_errors(o, r, s);
    sink_summary_put(o, r, s);
}

void sink_compact(struct out *o, const struct report *r)
{
    struct buf *b = &o->b;
    for (uint32_t i = 0; i < r->n_findings; i++) {
        const struct finding *f = r->findings[i];
        if (f->status == FINDING_WAIVED)
            continue;
        for (uint32_t k = 0; k < f->n_places; k++) {
            flow_put(b, r->files[r->objects[f->object].file].name);
            buf_printf(b, ":%u:%u: ", f->places[k].line, f->places[k].column);
            buf_put(b, f->status == FINDING_FAIL ? finding_severity_name(f->rule->severity)
                                                 : S("not-assessed"));
            buf_put(b, S(": "));
            flow_put(b, f->message.n ? f->message : f->rule->title);
            buf_put(b, S(" ["));
            flow_put(b, f->rule->id);
            buf_put(b, S("]\n"));
        }
        out_flush(o);
    }
    for (uint32_t i = 0; i < r->n_errors; i++) {
        const struct finding_error *x = &r->errors[i];
        flow_put(b, r->files[x->file].name);
        if (x->line)
            buf_printf(b, ":%u:%u", x->line, x->column);
        buf_put(b, x->warning ? S(": warning: ") : S(": error: "));
        flow_put(b, x->message);
        buf_putc(b, '\n');
        out_flush(o);
    }
}
