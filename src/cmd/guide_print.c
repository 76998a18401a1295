#include "cmd/guide_print.h"

#include "base/flow.h"
#include "doc/write.h"

enum { ID_WIDTH = 10, TITLE_WIDTH = 46, STATUS_AT = 2 + ID_WIDTH + TITLE_WIDTH + 2, LABEL_WIDTH = 18 };

static const str statuses[] = {{"checked", 7}, {"in part", 7}, {"not yet", 7}};

static bool names(const struct rule *r, str id)
{
    for (uint32_t i = 0; i < r->n_recommendations; i++)
        if (str_eq(r->recommendations[i], id))
            return true;
    return false;
}

static uint32_t count_policies(const struct guide_matrix *m, const struct guide_entry *x)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < m->n_rules; i++)
        n += names(m->rules[i], x->id);
    return n;
}

enum guide_status guide_print_status(const struct guide_matrix *m, const struct guide_entry *x)
{
    bool alone = str_eq(x->needs, S("one object")) || str_eq(x->needs, S("one file"));
    if (count_policies(m, x) + x->n_rules == 0)
        return GUIDE_NOT_YET;
    return alone && (x->can & GUIDE_CHECK) ? GUIDE_CHECKED : GUIDE_IN_PART;
}

// "read-only-root-filesystem unknown-field"
static void put_checks(struct buf *b, const struct guide_matrix *m, const struct guide_entry *x, const char *between)
{
    const char *lead = "";
    for (uint32_t i = 0; i < m->n_rules; i++) {
        if (!names(m->rules[i], x->id))
            continue;
        buf_put(b, str_of(lead));
        buf_put(b, m->rules[i]->id);
        lead = between;
    }
    for (uint32_t i = 0; i < x->n_rules; i++) {
        buf_put(b, str_of(lead));
        buf_put(b, x->rules[i]);
        lead = between;
    }
}

static void put_actions(struct buf *b, unsigned actions)
{
    static const char *const words[] = {"check", "enforce", "generate", "monitor"};
    const char *lead = "";
    for (unsigned i = 0; i < 4; i++) {
        if (!(actions >> i & 1))
            continue;
        buf_printf(b, "%s%s", lead, words[i]);
        lead = ", ";
    }
}

// ---- the matrix as text and markdown ----

static bool begins_section(const struct guide *g, uint32_t i)
{
    return i == 0 || !str_eq(g->entries[i].section, g->entries[i - 1].section);
}

static void put_section(struct buf *b, const struct guide_matrix *m, uint32_t from)
{
    const struct guide *g = m->guide;
    uint32_t n[3] = {0}, all = 0;
    for (uint32_t i = from; i < g->n && (i == from || !begins_section(g, i)); i++, all++)
        n[guide_print_status(m, &g->entries[i])]++;
    buf_printf(b, "%.*s: %u of %u checked, %u in part", STR_FMT(g->entries[from].section), n[GUIDE_CHECKED], all,
               n[GUIDE_IN_PART]);
}

static void put_row(struct buf *b, const struct guide_matrix *m, const struct guide_entry *x)
{
    OWN_BUF struct buf what = buf_new(1 << 14);
    enum guide_status status = guide_print_status(m, x);
    str title = x->title;
    buf_printf(&what, "%.*s: ", STR_FMT(statuses[status]));
    if (status == GUIDE_NOT_YET)
        buf_printf(&what, "needs %.*s", STR_FMT(x->needs));
    else
        put_checks(&what, m, x, " ");
    buf_printf(b, "  %-*.*s", ID_WIDTH, STR_FMT(x->id));
    flow_put(b, title);
    size_t columns = flow_columns(title), used = 2 + ID_WIDTH + columns;
    if (columns > TITLE_WIDTH) {
        buf_putc(b, '\n');
        used = 0;
    }
    flow_words(b, buf_str(&what), STATUS_AT, used, m->width);
}

static void put_totals(struct buf *b, const struct guide_matrix *m)
{
    uint32_t n[3] = {0};
    for (uint32_t i = 0; i < m->guide->n; i++)
        n[guide_print_status(m, &m->guide->entries[i])]++;
    buf_printf(b, "%u recommendations: %u checked, %u in part, %u not yet; %u policies.\n", m->guide->n,
               n[GUIDE_CHECKED], n[GUIDE_IN_PART], n[GUIDE_NOT_YET], m->n_rules);
}

void guide_print_matrix_text(struct buf *b, const struct guide_matrix *m)
{
    buf_put(b, S("NSA/CISA Kubernetes Hardening Guidance v1.2\n"));
    for (uint32_t i = 0; i < m->guide->n; i++) {
        if (begins_section(m->guide, i)) {
            buf_putc(b, '\n');
            put_section(b, m, i);
            buf_putc(b, '\n');
        }
        put_row(b, m, &m->guide->entries[i]);
    }
    buf_putc(b, '\n');
    put_totals(b, m);
    buf_put(b, S("`casemate guide ID` explains one.\n"));
}

// A cell of a table: no bars, no line ends.
static void put_cell(struct buf *b, str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '|')
            buf_putc(b, '\\');
        buf_putc(b, s.p[i] == '\n' ? ' ' : s.p[i]);
    }
}

void guide_print_matrix_markdown(struct buf *b, const struct guide_matrix *m)
{
    buf_put(b, S("# NSA/CISA Kubernetes Hardening Guidance v1.2\n\n"));
    put_totals(b, m);
    for (uint32_t i = 0; i < m->guide->n; i++) {
        const struct guide_entry *x = &m->guide->entries[i];
        if (begins_section(m->guide, i)) {
            buf_put(b, S("\n## "));
            buf_put(b, x->section);
            buf_put(b, S("\n\n| id | recommendation | status | by | could be | needs |\n|---|---|---|---|---|---|\n"));
        }
        buf_printf(b, "| %.*s | ", STR_FMT(x->id));
        put_cell(b, x->title);
        buf_printf(b, " | %.*s | ", STR_FMT(statuses[guide_print_status(m, x)]));
        put_checks(b, m, x, ", ");
        buf_put(b, S(" | "));
        put_actions(b, x->can);
        buf_printf(b, " | %.*s |\n", STR_FMT(x->needs));
    }
}

// ---- JSON ----

static void put_field(struct buf *b, const char *name, str value)
{
    buf_printf(b, ",\"%s\":", name);
    write_json_string(b, value);
}

static void put_strings(struct buf *b, const char *name, const str *list, uint32_t n)
{
    buf_printf(b, ",\"%s\":[", name);
    for (uint32_t i = 0; i < n; i++) {
        buf_put(b, i ? S(",") : S(""));
        write_json_string(b, list[i]);
    }
    buf_putc(b, ']');
}

static void put_action_list(struct buf *b, const char *name, unsigned actions)
{
    static const str words[] = {{"check", 5}, {"enforce", 7}, {"generate", 8}, {"monitor", 7}};
    str set[4];
    uint32_t n = 0;
    for (unsigned i = 0; i < 4; i++)
        if (actions >> i & 1)
            set[n++] = words[i];
    put_strings(b, name, set, n);
}

static void put_policies(struct buf *b, const struct guide_matrix *m, const struct guide_entry *x)
{
    const char *lead = "";
    buf_put(b, S(",\"policies\":["));
    for (uint32_t i = 0; i < m->n_rules; i++) {
        if (!names(m->rules[i], x->id))
            continue;
        buf_put(b, str_of(lead));
        write_json_string(b, m->rules[i]->id);
        lead = ",";
    }
    buf_putc(b, ']');
}

static void put_object(struct buf *b, const struct guide_matrix *m, const struct guide_entry *x)
{
    buf_put(b, S("{\"id\":"));
    write_json_string(b, x->id);
    put_field(b, "section", x->section);
    put_field(b, "title", x->title);
    put_field(b, "status", statuses[guide_print_status(m, x)]);
    put_policies(b, m, x);
    put_strings(b, "rules", x->rules, x->n_rules);
    put_field(b, "says", x->says);
    put_field(b, "why", x->why);
    put_field(b, "attack", x->attack);
    put_field(b, "check", x->check);
    put_field(b, "fix", x->fix);
    put_action_list(b, "can", x->can);
    put_action_list(b, "partly", x->partly);
    put_strings(b, "evidence", x->evidence, x->n_evidence);
    put_field(b, "needs", x->needs);
    put_field(b, "since", x->since);
    put_field(b, "until", x->until);
    put_field(b, "example", x->example);
    buf_putc(b, '}');
}

void guide_print_json(struct buf *b, const struct guide_matrix *m, const struct guide_entry *const *only, uint32_t n)
{
    buf_put(b, S("{\"schema\":\"casemate.dev/guide/v1\",\"recommendations\":["));
    for (uint32_t i = 0; i < (only ? n : m->guide->n); i++) {
        buf_put(b, i ? S(",\n") : S("\n"));
        put_object(b, m, only ? only[i] : &m->guide->entries[i]);
    }
    buf_put(b, S("\n]}\n"));
}

// ---- one recommendation ----

// Each line of the text wrapped by itself: commands stand on lines of their own.
static void put_paragraph(struct buf *b, const struct guide_matrix *m, const char *label, str text)
{
    buf_printf(b, "\n  %-*s", LABEL_WIDTH - 2, label);
    size_t used = LABEL_WIDTH;
    while (text.p) {
        flow_words(b, str_cut(&text, '\n'), LABEL_WIDTH, used, m->width);
        used = 0;
    }
}

static void put_how(struct buf *b, const struct guide_matrix *m, const struct guide_entry *x)
{
    enum guide_status status = guide_print_status(m, x);
    if (status == GUIDE_NOT_YET) {
        buf_printf(b, "does not check it yet: that needs %.*s", STR_FMT(x->needs));
    } else {
        buf_put(b, status == GUIDE_CHECKED ? S("checks it: ") : S("checks it in part: "));
        put_checks(b, m, x, ", ");
    }
    if (x->since.n)
        buf_printf(b, "; applies from Kubernetes %.*s", STR_FMT(x->since));
    if (x->until.n)
        buf_printf(b, "; no longer from Kubernetes %.*s", STR_FMT(x->until));
}

static void put_indented(struct buf *b, str text)
{
    while (text.n) {
        str line = str_cut(&text, '\n');
        buf_put(b, line.n ? S("    ") : S(""));
        flow_put(b, line);
        buf_putc(b, '\n');
        if (!text.p)
            break;
    }
}

void guide_print_entry_text(struct buf *b, const struct guide_matrix *m, const struct guide_entry *x, str example)
{
    OWN_BUF struct buf how = buf_new(1 << 14), head = buf_new(1 << 12);
    buf_printf(&head, "%.*s  %.*s", STR_FMT(x->id), STR_FMT(x->title));
    buf_put(b, buf_str(&head));
    size_t used = flow_columns(buf_str(&head)), section = flow_columns(x->section);
    buf_pad(b, ' ', m->width > used + section + 2 ? m->width - used - section : 2);
    buf_put(b, x->section);
    buf_putc(b, '\n');
    put_how(&how, m, x);
    put_paragraph(b, m, "The guide asks", x->says);
    put_paragraph(b, m, "Why", x->why);
    put_paragraph(b, m, "Attack", x->attack);
    put_paragraph(b, m, "Check", x->check);
    put_paragraph(b, m, "Fix", x->fix);
    put_paragraph(b, m, "Casemate", buf_str(&how));
    if (!example.n)
        return;
    buf_put(b, S("\n  Example\n\n"));
    put_indented(b, example);
}

void guide_print_entry_markdown(struct buf *b, const struct guide_matrix *m, const struct guide_entry *x, str example)
{
    static const char *const heads[] = {"The guide asks", "Why", "Attack", "Check", "Fix"};
    const str texts[] = {x->says, x->why, x->attack, x->check, x->fix};
    OWN_BUF struct buf how = buf_new(1 << 14);
    put_how(&how, m, x);
    buf_printf(b, "# %.*s %.*s\n", STR_FMT(x->id), STR_FMT(x->title));
    for (unsigned i = 0; i < sizeof heads / sizeof *heads; i++)
        buf_printf(b, "\n**%s.** %.*s\n", heads[i], STR_FMT(texts[i]));
    buf_printf(b, "\n**Casemate** %.*s.\n", STR_FMT(buf_str(&how)));
    if (example.n) {
        buf_put(b, S("\n```yaml\n"));
        buf_put(b, example);
        buf_put(b, str_ends(example, S("\n")) ? S("```\n") : S("\n```\n"));
    }
}
