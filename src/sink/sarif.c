#include <stdlib.h>

#include "doc/write.h"
#include "sink/sink.h"

// Source: SARIF 2.1.0, OASIS Standard, sections 3.14 (run), 3.27 (result), 3.30 (region),
// 3.49 (reportingDescriptor).

static void field(struct buf *b, const char *name, str value)
{
    buf_printf(b, "\"%s\":", name);
    write_json_string(b, value);
}

static void text(struct buf *b, const char *name, str value)
{
    buf_printf(b, "\"%s\":{\"text\":", name);
    write_json_string(b, value.n ? value : S("-"));
    buf_putc(b, '}');
}

static str level(enum severity s)
{
    return s >= SEVERITY_HIGH ? S("error") : s == SEVERITY_MEDIUM ? S("warning") : S("note");
}

// What code hosts sort by: GitHub reads the number as CVSS bands.
static str security_severity(enum severity s)
{
    static const char *const numbers[] = {"3.0", "5.5", "8.0", "9.5"};
    return str_of(numbers[s]);
}

static void put_rule(struct buf *b, const struct rule *rule)
{
    buf_put(b, S("          {"));
    field(b, "id", rule->id);
    buf_putc(b, ',');
    text(b, "shortDescription", rule->title);
    buf_putc(b, ',');
    text(b, "fullDescription", rule->description.n ? rule->description : rule->title);
    buf_putc(b, ',');
    text(b, "help", rule->remedy.n ? rule->remedy : rule->title);
    if (rule->url.n) {
        buf_putc(b, ',');
        field(b, "helpUri", rule->url);
    }
    buf_put(b, S(",\"defaultConfiguration\":{"));
    field(b, "level", level(rule->severity));
    buf_put(b, S("},\"properties\":{"));
    field(b, "security-severity", security_severity(rule->severity));
    buf_put(b, S(",\"tags\":[\"security\",\"kubernetes\""));
    for (uint32_t i = 0; i < rule->n_recommendations; i++) {
        buf_putc(b, ',');
        write_json_string(b, rule->recommendations[i]);
    }
    buf_put(b, rule->sensitive ? S("],\"sensitive\":true}}") : S("]}}"));
}

// artifactLocation.uri is a URI reference: what RFC 3986 does not allow in a path is percent-encoded.
static void put_uri(struct buf *b, str path)
{
    buf_put(b, S("\"uri\":\""));
    if (str_eq(path, S("-")))
        path = S("stdin");
    for (size_t i = 0; i < path.n; i++) {
        unsigned char c = (unsigned char)path.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     memchr("/-._~!$&'()*+,;=@", c, 17);
        if (plain)
            buf_putc(b, (char)c);
        else
            buf_printf(b, "%%%02X", c);
    }
    buf_putc(b, '"');
}

// SARIF columns count UTF-16 code units unless the run says otherwise (it does: columnKind below);
// ours are bytes, so they are converted to code points here.
static uint32_t code_points(str s)
{
    uint32_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
    return n;
}

static void put_region(struct buf *b, str file, const struct place *p)
{
    if (!file.n || p->end > file.n || p->start < p->column - 1) {
        buf_printf(b, "\"region\":{\"startLine\":%u}", p->line ? p->line : 1);
        return;
    }
    uint32_t end_line = p->line;
    const char *line = file.p + p->start - (p->column - 1), *end = file.p + p->end;
    const char *last = line;
    for (const char *nl; last < end && (nl = memchr(last, '\n', (size_t)(end - last)));
         last = nl + 1)
        end_line++;
    buf_printf(b, "\"region\":{\"startLine\":%u,\"startColumn\":%u,\"endLine\":%u,\"endColumn\":%u}",
               p->line, code_points((str){line, p->column - 1}) + 1, end_line,
               code_points((str){last, (size_t)(end - last)}) + 1);
}

static void put_result(struct out *o, const struct report *r, const struct finding *f,
                       const struct place *p, uint32_t rule_index)
{
    struct buf *b = &o->b;
    const struct finding_object *object = &r->objects[f->object];
    const struct finding_file *file = &r->files[object->file];
    char fingerprint[17];
    finding_fingerprint(f, object, p->path, fingerprint);

    buf_put(b, S("        {"));
    field(b, "ruleId", f->rule->id);
    buf_printf(b, ",\"ruleIndex\":%u,", rule_index);
    if (f->status == FINDING_FAIL) {
        field(b, "level", level(f->rule->severity));
    } else { // section 3.27.9: a level goes with kind "fail" only
        field(b, "kind", f->status == FINDING_NOT_ASSESSED ? S("open") : S("review"));
        buf_put(b, S(",\"level\":\"none\""));
    }
    buf_putc(b, ',');
    text(b, "message", f->message.n ? f->message : f->rule->title);
    buf_put(b, S(",\"locations\":[{\"physicalLocation\":{\"artifactLocation\":{"));
    put_uri(b, file->name);
    buf_put(b, S("},"));
    put_region(b, file->text, p);
    buf_put(b, S("},\"logicalLocations\":[{\"kind\":\"resource\","));
    buf_put(b, S("\"fullyQualifiedName\":"));
    OWN_BUF struct buf name = buf_new(1 << 16);
    buf_printf(&name, "%.*s/%.*s%s%.*s", STR_FMT(object->kind), STR_FMT(object->ns),
               object->ns.n ? "/" : "", STR_FMT(object->name));
    if (p->path.n) {
        buf_putc(&name, '/');
        buf_put(&name, p->path);
    }
    write_json_string(b, buf_str(&name));
    buf_put(b, S("}]}],\"partialFingerprints\":{"));
    field(b, "casemate/v1", str_of(fingerprint));
    buf_put(b, S("}}"));
    out_flush(o);
}

static uint32_t rule_index(const struct report *r, const struct rule *rule)
{
    for (uint32_t i = 0; i < r->n_rules; i++)
        if (r->rules[i] == rule)
            return i;
    return 0;
}

static void put_results(struct out *o, const struct report *r)
{
    bool first = true;
    buf_put(&o->b, S("      \"results\":[\n"));
    for (uint32_t i = 0; i < r->n_findings; i++) {
        const struct finding *f = r->findings[i];
        uint32_t index = rule_index(r, f->rule);
        for (uint32_t k = 0; k < f->n_places; k++) {
            if (!first)
                buf_put(&o->b, S(",\n"));
            first = false;
            put_result(o, r, f, &f->places[k], index);
        }
    }
    buf_put(&o->b, S("\n      ]\n"));
}

// Section 3.20.22: what was not run because of how the tool was configured.
static void put_needing_params(struct buf *b, const struct report *r)
{
    bool first = true;
    for (uint32_t i = 0; i < r->n_rules; i++) {
        if (!r->rules[i]->needs_params)
            continue;
        OWN_BUF struct buf why = buf_new(1 << 12);
        buf_put(&why, r->rules[i]->id);
        buf_putc(&why, ' ');
        buf_put(&why, finding_params_missing());
        buf_put(b, first ? S("\n        {\"level\":\"note\",") : S(",\n        {\"level\":\"note\","));
        text(b, "message", buf_str(&why));
        buf_put(b, S(",\"associatedRule\":{"));
        field(b, "id", r->rules[i]->id);
        buf_printf(b, ",\"index\":%u}}", i);
        first = false;
    }
}

static void put_notifications(struct out *o, const struct report *r)
{
    struct buf *b = &o->b;
    bool ok = true;
    for (uint32_t i = 0; i < r->n_errors; i++)
        ok = ok && r->errors[i].warning;
    buf_printf(b, "      \"invocations\":[{\"executionSuccessful\":%s,", ok ? "true" : "false");
    buf_put(b, S("\"toolExecutionNotifications\":["));
    for (uint32_t i = 0; i < r->n_errors; i++) {
        const struct finding_error *x = &r->errors[i];
        buf_put(b, i ? S(",\n        {") : S("\n        {"));
        field(b, "level", x->warning ? S("warning") : S("error"));
        buf_putc(b, ',');
        text(b, "message", x->message);
        buf_put(b, S(",\"locations\":[{\"physicalLocation\":{\"artifactLocation\":{"));
        put_uri(b, r->files[x->file].name);
        buf_putc(b, '}');
        if (x->line)
            buf_printf(b, ",\"region\":{\"startLine\":%u,\"startColumn\":%u}", x->line, x->column);
        buf_put(b, S("}}]}"));
        out_flush(o);
    }
    buf_put(b, S("],\"toolConfigurationNotifications\":["));
    put_needing_params(b, r);
    buf_put(b, S("]}],\n"));
}

void sink_sarif(struct out *o, const struct report *r)
{
    struct buf *b = &o->b;
    buf_put(b, S("{\n  \"version\":\"2.1.0\",\n"
                 "  \"$schema\":\"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
                 "sarif-schema-2.1.0.json\",\n"
                 "  \"runs\":[\n    {\n      \"columnKind\":\"unicodeCodePoints\",\n"
                 "      \"tool\":{\"driver\":{\"name\":\"Casemate\","));
    field(b, "semanticVersion", r->tool);
    buf_put(b, S(",\"rules\":[\n"));
    for (uint32_t i = 0; i < r->n_rules; i++) {
        put_rule(b, r->rules[i]);
        buf_put(b, i + 1 < r->n_rules ? S(",\n") : S("\n"));
    }
    buf_put(b, S("      ]}},\n"));
    put_notifications(o, r);
    put_results(o, r);
    buf_put(b, S("    }\n  ]\n}\n"));
}
