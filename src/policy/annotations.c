#include "policy/reader.h"
#include "policy/schema.h"

// The annotations are ours, so they are read as strictly as kube-apiserver reads its fields: a severity
// with a spelling mistake would otherwise be a silent `medium`.
struct setting {
    struct reader *reader;
    struct policy *policy;
    const struct node *value;
    const struct where *where;
};
typedef void (*read_setting)(const struct setting *s, str text);

static void refuse(const struct setting *s, const char *must)
{
    where_refuse(&s->reader->refusals, s->where, s->value, "must be %s", must);
}

static bool is_line(str text)
{
    return text.n && !memchr(text.p, '\n', text.n) && !memchr(text.p, '\r', text.n);
}

static void read_title(const struct setting *s, str text)
{
    if (!is_line(text))
        refuse(s, "one line of text");
    s->policy->rule.title = text;
}

static void read_description(const struct setting *s, str text)
{
    s->policy->rule.description = text;
}

static void read_remedy(const struct setting *s, str text)
{
    s->policy->rule.remedy = text;
}

static void read_url(const struct setting *s, str text)
{
    if (!is_line(text) || !(str_starts(text, S("https://")) || str_starts(text, S("http://"))))
        refuse(s, "a link that starts with https://");
    s->policy->rule.url = text;
}

static void read_severity(const struct setting *s, str text)
{
    if (!finding_severity_parse(text, &s->policy->rule.severity))
        refuse(s, "low, medium, high or critical");
}

static bool is_id(str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'))
            return false;
    }
    return text.n > 0;
}

static void read_recommendations(const struct setting *s, str text)
{
    struct rule *rule = &s->policy->rule;
    const unsigned most = sizeof rule->recommendations / sizeof *rule->recommendations;
    for (str rest = text; rest.p;) {
        str id = str_trim(str_cut(&rest, ','));
        if (!is_id(id) || rule->n_recommendations == most) {
            refuse(s, "at most eight ids of the guide, as \"POD-01, POD-02\"");
            return;
        }
        rule->recommendations[rule->n_recommendations++] = id;
    }
}

static void read_pss(const struct setting *s, str text)
{
    if (str_eq(text, S("baseline")))
        s->policy->pss = PSS_BASELINE;
    else if (str_eq(text, S("restricted")))
        s->policy->pss = PSS_RESTRICTED;
    else
        refuse(s, "baseline or restricted");
}

static bool are_names(const struct setting *s, str text)
{
    for (str rest = text; rest.p;)
        if (!str_trim(str_cut(&rest, ',')).n) {
            refuse(s, "names of policies, separated by commas");
            return false;
        }
    return true;
}

static void read_pss_overrides(const struct setting *s, str text)
{
    if (are_names(s, text))
        s->policy->pss_overrides = text;
}

static void read_overrides(const struct setting *s, str text)
{
    if (are_names(s, text))
        s->policy->overrides = text;
}

static void read_since(const struct setting *s, str text)
{
    str digits = str_skip(text, 2);
    unsigned minor = 0;
    bool good = str_starts(text, S("1.")) && digits.n > 0 && digits.n < 4;
    for (size_t i = 0; good && i < digits.n; i++) {
        good = digits.p[i] >= '0' && digits.p[i] <= '9';
        minor = minor * 10 + (unsigned)(digits.p[i] - '0');
    }
    if (!good)
        refuse(s, "a Kubernetes version, as \"1.34\"");
    else
        s->policy->since_minor = minor;
}

static void read_sensitive(const struct setting *s, str text)
{
    s->policy->rule.sensitive = str_eq(text, S("true"));
    if (!s->policy->rule.sensitive && !str_eq(text, S("false")))
        refuse(s, "\"true\" or \"false\"");
}

static void read_applies(const struct setting *s, str text) // compiled with the variables
{
    if (!text.n)
        refuse(s, "an expression over the policy's variables");
    else
        s->policy->applies_text = s->value;
}

static const struct {
    const char *name;
    read_setting read;
} settings[] = {
    {"title", read_title},
    {"description", read_description},
    {"severity", read_severity},
    {"recommendations", read_recommendations},
    {"remedy", read_remedy},
    {"url", read_url},
    {"pss", read_pss},
    {"pss-overrides", read_pss_overrides},
    {"overrides", read_overrides},
    {"since", read_since},
    {"sensitive", read_sensitive},
    {"applies", read_applies},
};
enum { SETTINGS = sizeof settings / sizeof *settings };

static const char known[] = "title, description, severity, recommendations, remedy, url, pss, "
                            "pss-overrides, overrides, since, sensitive, applies";

static void read_one(struct reader *r, const struct member *m, const struct where *w,
                     struct policy *p)
{
    const struct setting s = {r, p, &m->value, w};
    str name = str_skip(member_key(m), S("casemate.dev/").n);
    str text = node_is(&m->value, NODE_STRING) ? str_trim(node_str(&m->value)) : S("");
    for (unsigned i = 0; i < SETTINGS; i++)
        if (str_eq(name, str_of(settings[i].name))) {
            settings[i].read(&s, text);
            return;
        }
    where_refuse_span(&r->refusals, w, m->key_start, m->key_end, S(""),
                      "unknown annotation: casemate.dev/ has %s", known);
}

void annotations_read(struct reader *r, const struct node *metadata, struct policy *p)
{
    const struct node *map = schema_get(metadata, KEY("annotations"));
    const struct where meta = where_field(NULL, "metadata");
    const struct where list = where_field(&meta, "annotations");
    p->rule.severity = SEVERITY_MEDIUM;
    p->rule.title = p->rule.id;
    p->rule.description = p->rule.remedy = p->rule.url = S("");
    p->pss_overrides = p->overrides = S("");
    for (uint32_t i = 0; map && i < map->n; i++) {
        const struct where w = {&list, member_key(&map->members[i]), 0};
        if (str_starts(w.field, S("casemate.dev/")))
            read_one(r, &map->members[i], &w, p);
    }
    if (p->pss_overrides.n && p->pss != PSS_RESTRICTED) {
        const struct where w = where_field(&list, "casemate.dev/pss-overrides");
        where_refuse(&r->refusals, &w, map, "needs casemate.dev/pss: restricted");
    }
}
