#include "doc/write.h"
#include "sink/sink.h"

static void field(struct buf *b, const char *name, str value)
{
    buf_printf(b, "\"%s\":", name);
    write_json_string(b, value);
}

static void put_object(struct buf *b, const struct finding_object *o)
{
    buf_put(b, S("\"object\":{"));
    field(b, "apiVersion", o->api_version);
    buf_putc(b, ',');
    field(b, "kind", o->kind);
    buf_putc(b, ',');
    field(b, "namespace", o->ns);
    buf_putc(b, ',');
    field(b, "name", o->name);
    buf_putc(b, '}');
}

static void put_recommendations(struct buf *b, const struct rule *rule)
{
    buf_put(b, S("\"recommendations\":["));
    for (uint32_t i = 0; i < rule->n_recommendations; i++) {
        if (i)
            buf_putc(b, ',');
        write_json_string(b, rule->recommendations[i]);
    }
    buf_putc(b, ']');
}

static void put_place(struct out *o, const struct report *r, const struct finding *f,
                      const struct place *p)
{
    struct buf *b = &o->b;
    const struct finding_object *object = &r->objects[f->object];
    char fingerprint[17];
    finding_fingerprint(f, object, p->path, fingerprint);

    buf_putc(b, '{');
    field(b, "policy", f->rule->id);
    buf_putc(b, ',');
    field(b, "status", finding_status_name(f->status));
    buf_putc(b, ',');
    field(b, "severity", finding_severity_name(f->rule->severity));
    buf_putc(b, ',');
    field(b, "title", f->rule->title);
    buf_putc(b, ',');
    field(b, "message", f->message);
    buf_putc(b, ',');
    if (f->reason) {
        field(b, "reason", str_of(f->reason));
        buf_putc(b, ',');
    }
    field(b, "remedy", f->rule->remedy);
    buf_putc(b, ',');
    put_recommendations(b, f->rule);
    buf_putc(b, ',');
    put_object(b, object);
    buf_put(b, S(",\"location\":{"));
    field(b, "file", r->files[object->file].name);
    buf_printf(b, ",\"line\":%u,\"column\":%u},", p->line, p->column);
    field(b, "path", p->path);
    buf_putc(b, ',');
    field(b, "fingerprint", str_of(fingerprint));
    buf_putc(b, '}');
    out_flush(o);
}

static void put_findings(struct out *o, const struct report *r)
{
    const char *between = "\n    ";
    buf_put(&o->b, S("  \"findings\": ["));
    for (uint32_t i = 0; i < r->n_findings; i++) {
        const struct finding *f = r->findings[i];
        for (uint32_t k = 0; k < f->n_places; k++) {
            buf_put(&o->b, str_of(between));
            put_place(o, r, f, &f->places[k]);
            between = ",\n    ";
        }
    }
    buf_put(&o->b, S("\n  ],\n"));
}

static void put_errors(struct out *o, const struct report *r)
{
    struct buf *b = &o->b;
    buf_put(b, S("  \"errors\": ["));
    for (uint32_t i = 0; i < r->n_errors; i++) {
        const struct finding_error *x = &r->errors[i];
        buf_put(b, i ? S(",\n    {") : S("\n    {"));
        field(b, "level", x->warning ? S("warning") : S("error"));
        buf_putc(b, ',');
        field(b, "file", r->files[x->file].name);
        buf_printf(b, ",\"line\":%u,\"column\":%u,", x->line, x->column);
        field(b, "message", x->message);
        if (x->hint.n) {
            buf_putc(b, ',');
            field(b, "hint", x->hint);
        }
        buf_putc(b, '}');
        out_flush(o);
    }
    buf_put(b, S("\n  ],\n"));
}

static void put_gaps(struct out *o, const struct report *r)
{
    struct buf *b = &o->b;
    buf_put(b, S("  \"notAssessed\": ["));
    for (uint32_t i = 0; i < r->n_gaps; i++) {
        buf_put(b, i ? S(",\n    {") : S("\n    {"));
        field(b, "path", r->gaps[i].path);
        buf_putc(b, ',');
        field(b, "reason", r->gaps[i].reason);
        buf_putc(b, ',');
        field(b, "remedy", r->gaps[i].remedy);
        buf_putc(b, '}');
    }
    buf_put(b, S("\n  ],\n"));
}

static void put_policies(struct out *o, const struct report *r)
{
    struct buf *b = &o->b;
    buf_put(b, S("    \"policies\": ["));
    for (uint32_t i = 0; i < r->n_rules; i++) {
        const struct finding_tally *t = &r->tally[i];
        uint32_t passed = t->applied - t->failed - t->not_assessed;
        buf_put(b, i ? S(",\n      {") : S("\n      {"));
        field(b, "policy", r->rules[i]->id);
        buf_printf(b, ",\"passed\":%u,\"failed\":%u,\"notAssessed\":%u", passed, t->failed,
                   t->not_assessed);
        buf_put(b, r->rules[i]->needs_params ? S(",\"needsParameters\":true}") : S("}"));
    }
    buf_put(b, S("\n    ]\n"));
}

void sink_json(struct out *o, const struct report *r)
{
    struct buf *b = &o->b;
    uint32_t by_severity[4];
    finding_count(r, by_severity);

    buf_put(b, S("{\n  \"schema\": \"casemate.dev/report/v1\",\n  "));
    buf_put(b, S("\"tool\": {\"name\":\"casemate\","));
    field(b, "version", r->tool);
    buf_printf(b, "},\n  \"kubernetesVersion\": \"1.%u\",\n", r->kubernetes_minor);
    put_findings(o, r);
    put_errors(o, r);
    put_gaps(o, r);
    buf_printf(b,
               "  \"summary\": {\n    \"files\": %u,\n    \"objects\": %u,\n"
               "    \"otherDocuments\": %u,\n    \"unreadable\": %u,\n    \"bytes\": %llu,\n",
               r->n_files, r->total_objects, r->other_documents, r->unreadable,
               (unsigned long long)r->bytes);
    buf_printf(b,
               "    \"bySeverity\": {\"critical\":%u,\"high\":%u,\"medium\":%u,\"low\":%u},\n",
               by_severity[SEVERITY_CRITICAL], by_severity[SEVERITY_HIGH],
               by_severity[SEVERITY_MEDIUM], by_severity[SEVERITY_LOW]);
    put_policies(o, r);
    buf_put(b, S("  }\n}\n"));
}
