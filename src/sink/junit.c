#include "sink/sink.h"

// XML 1.0 text: markup escaped, control characters that XML cannot hold replaced.
static void put_xml(struct buf *b, str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '<')
            buf_put(b, S("&lt;"));
        else if (c == '>')
            buf_put(b, S("&gt;"));
        else if (c == '&')
            buf_put(b, S("&amp;"));
        else if (c == '"')
            buf_put(b, S("&quot;"));
        else if (c == '\n' || c == '\t' || c == '\r')
            buf_printf(b, "&#%d;", c);
        else
            buf_putc(b, c < 0x20 ? '?' : (char)c);
    }
}

static void attribute(struct buf *b, const char *name, str value)
{
    buf_printf(b, " %s=\"", name);
    put_xml(b, value);
    buf_putc(b, '"');
}

static void put_case_name(struct buf *b, const struct finding_object *o)
{
    put_xml(b, o->kind);
    buf_putc(b, ' ');
    if (o->ns.n) {
        put_xml(b, o->ns);
        buf_putc(b, '/');
    }
    put_xml(b, o->name);
}

static void put_case(struct out *o, const struct report *r, const struct finding *f)
{
    struct buf *b = &o->b;
    const struct finding_object *object = &r->objects[f->object];
    str file = r->files[object->file].name;
    buf_put(b, S("    <testcase name=\""));
    put_case_name(b, object);
    buf_put(b, S(": "));
    put_xml(b, f->rule->title);
    buf_putc(b, '"');
    attribute(b, "classname", f->rule->id);
    attribute(b, "file", file);
    buf_printf(b, " line=\"%u\">\n", f->n_places ? f->places[0].line : object->line);
    if (f->status == FINDING_FAIL) {
        buf_put(b, S("      <failure"));
        attribute(b, "type", finding_severity_name(f->rule->severity));
        attribute(b, "message", f->message);
        buf_putc(b, '>');
        for (uint32_t i = 0; i < f->n_places; i++) {
            put_xml(b, file);
            buf_printf(b, ":%u:%u: ", f->places[i].line, f->places[i].column);
            put_xml(b, f->places[i].path);
            buf_putc(b, '\n');
        }
        put_xml(b, f->rule->remedy);
        buf_put(b, S("</failure>\n"));
    } else {
        buf_put(b, S("      <skipped"));
        attribute(b, "message", f->message);
        buf_put(b, S("/>\n"));
    }
    buf_put(b, S("    </testcase>\n"));
    out_flush(o);
}

struct suite {
    uint32_t findings_from, findings, failures, skipped, errors_from, errors;
};

// Findings are by object, objects by file, errors by file: each suite is a run of both.
static struct suite next_suite(const struct report *r, uint32_t file, const struct suite *before)
{
    struct suite s = {.findings_from = before->findings_from + before->findings,
                      .errors_from = before->errors_from + before->errors};
    for (uint32_t i = s.findings_from;
         i < r->n_findings && r->objects[r->findings[i]->object].file == file; i++) {
        s.findings++;
        s.failures += r->findings[i]->status == FINDING_FAIL;
        s.skipped += r->findings[i]->status != FINDING_FAIL;
    }
    for (uint32_t i = s.errors_from; i < r->n_errors && r->errors[i].file == file; i++)
        s.errors++;
    return s;
}

static void put_errors(struct out *o, const struct report *r, const struct suite *s)
{
    for (uint32_t i = s->errors_from; i < s->errors_from + s->errors; i++) {
        const struct finding_error *x = &r->errors[i];
        buf_put(&o->b, S("    <testcase name=\"read\" classname=\"read\">\n      <"));
        buf_put(&o->b, x->warning ? S("system-err>") : S("error"));
        if (!x->warning) {
            attribute(&o->b, "message", x->message);
            buf_putc(&o->b, '>');
        }
        put_xml(&o->b, r->files[x->file].name);
        buf_printf(&o->b, ":%u:%u: ", x->line, x->column);
        put_xml(&o->b, x->message);
        buf_put(&o->b, x->warning ? S("</system-err>\n") : S("</error>\n"));
        buf_put(&o->b, S("    </testcase>\n"));
        out_flush(o);
    }
}

// A suite of its own: no file has them.
static void put_needing_params(struct out *o, const struct report *r)
{
    struct buf *b = &o->b;
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->n_rules; i++)
        n += r->rules[i]->needs_params;
    if (!n)
        return;
    buf_printf(b, "  <testsuite name=\"policies\" tests=\"%u\" failures=\"0\" errors=\"0\" skipped=\"%u\">\n", n, n);
    for (uint32_t i = 0; i < r->n_rules; i++) {
        if (!r->rules[i]->needs_params)
            continue;
        buf_put(b, S("    <testcase"));
        attribute(b, "name", r->rules[i]->title);
        attribute(b, "classname", r->rules[i]->id);
        buf_put(b, S(">\n      <skipped"));
        attribute(b, "message", finding_params_missing());
        buf_put(b, S("/>\n    </testcase>\n"));
    }
    buf_put(b, S("  </testsuite>\n"));
}

void sink_junit(struct out *o, const struct report *r)
{
    struct buf *b = &o->b;
    struct suite s = {0};
    buf_put(b, S("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"casemate\">\n"));
    for (uint32_t file = 0; file < r->n_files; file++) {
        s = next_suite(r, file, &s);
        buf_put(b, S("  <testsuite"));
        attribute(b, "name", r->files[file].name);
        uint32_t hard = 0;
        for (uint32_t i = s.errors_from; i < s.errors_from + s.errors; i++)
            hard += !r->errors[i].warning;
        buf_printf(b, " tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\">\n",
                   s.findings + s.errors, s.failures, hard, s.skipped);
        for (uint32_t i = s.findings_from; i < s.findings_from + s.findings; i++)
            put_case(o, r, r->findings[i]);
        put_errors(o, r, &s);
        buf_put(b, S("  </testsuite>\n"));
    }
    put_needing_params(o, r);
    buf_put(b, S("</testsuites>\n"));
}
