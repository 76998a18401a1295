#include "cmd/guide_print.h"

#include "base/flow.h"
#include "doc/write.h"

enum { LABEL_WIDTH = 18, CODE_AT = 4, ACTIONS = 4 };

static const str statuses[] = {{"checked", 7}, {"in part", 7}, {"not yet", 7}, {"by hand", 7}};
static const str actions[ACTIONS] = {{"check", 5}, {"enforce", 7}, {"generate", 8}, {"monitor", 7}};

// What the program has today for any recommendation: policies, which an API server can enforce, and built-in checks.
enum { HAS_TODAY = GUIDE_CHECK | GUIDE_ENFORCE };
enum does { DOES, DOES_IN_PART, DOES_NOT_YET, DOES_NEVER };
static const str signs[] = {{"yes", 3}, {"part", 4}, {"no", 2}, {"-", 1}};

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

static uint32_t count_cross(const struct guide_matrix *m, const struct guide_entry *x)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < m->n_rules; i++)
        n += m->rules[i]->cross && names(m->rules[i], x->id);
    return n;
}

// Is what must be looked at looked at? One object is; several are by a ClusterCheck, where objects are all the evidence there is.
static bool is_settled(const struct guide_matrix *m, const struct guide_entry *x)
{
    if (str_eq(x->needs, S("one object")) || str_eq(x->needs, S("one file")))
        return true;
    for (uint32_t i = 0; i < x->n_evidence; i++)
        if (!str_eq(x->evidence[i], S("manifest")) && !str_eq(x->evidence[i], S("object")))
            return false;
    return str_eq(x->needs, S("several objects")) && count_cross(m, x);
}

// What the entry's own policies and rules do. An API server cannot enforce ClusterChecks, nor judge by several objects.
static enum does does_itself(const struct guide_matrix *m, const struct guide_entry *x, unsigned action)
{
    bool alone = str_eq(x->needs, S("one object")) || str_eq(x->needs, S("one file"));
    uint32_t n = action == GUIDE_CHECK ? count_policies(m, x) + x->n_rules : count_policies(m, x) - count_cross(m, x);
    if (!((x->can | x->partly) & action))
        return DOES_NEVER;
    if (!(HAS_TODAY & action) || !n)
        return DOES_NOT_YET;
    return (action == GUIDE_CHECK ? is_settled(m, x) : alone) && (x->can & action) ? DOES : DOES_IN_PART;
}

// One that is the sum of others does what they do.
static enum does does(const struct guide_matrix *m, const struct guide_entry *x, unsigned action)
{
    enum does own = does_itself(m, x, action);
    uint32_t n[4] = {0};
    if (own == DOES_NEVER || !x->n_through)
        return own;
    for (uint32_t i = 0; i < m->guide->n; i++)
        if (guide_is_through(x, &m->guide->entries[i]))
            n[does_itself(m, &m->guide->entries[i], action)]++;
    if (n[DOES] && !n[DOES_IN_PART] && !n[DOES_NOT_YET] && (x->can & action))
        return DOES;
    return own == DOES || n[DOES] + n[DOES_IN_PART] ? DOES_IN_PART : own;
}

static enum guide_status status_of(const struct guide_matrix *m, const struct guide_entry *x)
{
    enum does check = does(m, x, GUIDE_CHECK);
    if (!(x->can | x->partly))
        return GUIDE_BY_HAND;
    return check == DOES ? GUIDE_CHECKED : check == DOES_IN_PART ? GUIDE_IN_PART : GUIDE_NOT_YET;
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

// "generate, monitor": the actions that are done so far.
static void put_doing(struct buf *b, const struct guide_matrix *m, const struct guide_entry *x, enum does what)
{
    const char *lead = "";
    for (unsigned i = 0; i < ACTIONS; i++) {
        if (does(m, x, 1u << i) != what)
            continue;
        buf_printf(b, "%s%.*s", lead, STR_FMT(actions[i]));
        lead = ", ";
    }
}

// "through POD, SA-01", or "through POD, SA-01 ..." where `most` are named at most.
static void put_through(struct buf *b, const struct guide_entry *x, uint32_t most)
{
    for (uint32_t i = 0; i < x->n_through && i < most; i++)
        buf_printf(b, "%s%.*s", i ? ", " : "through ", STR_FMT(x->through[i]));
    buf_put(b, x->n_through > most ? S(" ...") : S(""));
}

static void put_by_or_needs(struct buf *b, const struct guide_matrix *m, const struct guide_entry *x)
{
    uint32_t n = count_policies(m, x);
    if (n)
        buf_printf(b, "%u polic%s", n, n == 1 ? "y" : "ies");
    if (x->n_rules)
        buf_printf(b, "%s%u rule%s", n ? ", " : "", x->n_rules, x->n_rules == 1 ? "" : "s");
    if (n || x->n_rules)
        return;
    if (x->n_through && status_of(m, x) != GUIDE_NOT_YET)
        put_through(b, x, 2);
    else
        buf_printf(b, "needs %.*s", STR_FMT(x->needs));
}

// ---- the matrix as text and markdown ----

static bool begins_section(const struct guide *g, uint32_t i)
{
    return i == 0 || !str_eq(g->entries[i].section, g->entries[i - 1].section);
}

// Columns of the matrix: the id and the title, a sign for each action, and where there is room what by.
struct columns {
    size_t title, first, by, width; // by: 0 where there is no room
};
enum { TITLE_AT = 11, LONGEST_TITLE = 47, SIGNS = 6 + 8 + 9 + 7, BY = 26 };
static const size_t sign_widths[ACTIONS] = {6, 8, 9, 7};

static struct columns columns_of(unsigned width)
{
    struct columns c = {.title = TITLE_AT, .first = TITLE_AT + LONGEST_TITLE, .width = width};
    if (c.first + SIGNS + 2 + BY <= width)
        c.by = c.first + SIGNS + 2;
    else if (c.first + SIGNS > width)
        c.first = width > TITLE_AT + 24 + SIGNS ? width - SIGNS : TITLE_AT + 24;
    return c;
}

static void pad_to(struct buf *b, size_t used, size_t column)
{
    buf_pad(b, ' ', column > used ? column - used : 1);
}

static void put_section(struct buf *b, const struct guide_matrix *m, const struct columns *c, uint32_t from)
{
    OWN_BUF struct buf head = buf_new(1 << 10);
    const struct guide *g = m->guide;
    uint32_t n[4] = {0}, all = 0;
    for (uint32_t i = from; i < g->n && (i == from || !begins_section(g, i)); i++, all++)
        n[status_of(m, &g->entries[i])]++;
    buf_printf(&head, "%.*s: %u of %u checked, %u in part", STR_FMT(g->entries[from].section), n[GUIDE_CHECKED], all,
               n[GUIDE_IN_PART]);
    buf_put(b, buf_str(&head));
    pad_to(b, flow_columns(buf_str(&head)), c->first);
    for (unsigned i = 0; i < ACTIONS; i++)
        buf_printf(b, "%-*.*s", i + 1 < ACTIONS ? (int)sign_widths[i] : 0, STR_FMT(actions[i]));
    buf_putc(b, '\n');
}

// The signs stand on the title's first line.
static void put_row(struct buf *b, const struct guide_matrix *m, const struct columns *c, const struct guide_entry *x)
{
    OWN_BUF struct buf title = buf_new(1 << 12);
    size_t used = c->first;
    flow_words(&title, x->title, c->title, c->title, c->first - 2);
    str rest = buf_str(&title), line = str_cut(&rest, '\n');
    buf_printf(b, "  %-*.*s", (int)c->title - 2, STR_FMT(x->id));
    buf_put(b, line);
    pad_to(b, c->title + flow_columns(line), c->first);
    for (unsigned i = 0; i < ACTIONS; i++) {
        str sign = signs[does(m, x, 1u << i)];
        bool last = i + 1 == ACTIONS && !c->by;
        buf_printf(b, "%-*.*s", last ? 0 : (int)sign_widths[i], STR_FMT(sign));
        used += sign_widths[i];
    }
    if (c->by) {
        buf_pad(b, ' ', c->by - used);
        put_by_or_needs(b, m, x);
    }
    buf_putc(b, '\n');
    buf_put(b, rest);
}

static void put_totals(struct buf *b, const struct guide_matrix *m)
{
    uint32_t n[4] = {0};
    for (uint32_t i = 0; i < m->guide->n; i++)
        n[status_of(m, &m->guide->entries[i])]++;
    buf_printf(b, "%u recommendations: %u checked, %u in part, %u not yet, %u by hand; %u policies.\n", m->guide->n,
               n[GUIDE_CHECKED], n[GUIDE_IN_PART], n[GUIDE_NOT_YET], n[GUIDE_BY_HAND], m->n_rules);
}

void guide_print_matrix_text(struct buf *b, const struct guide_matrix *m)
{
    struct columns c = columns_of(m->width);
    buf_put(b, S("NSA/CISA Kubernetes Hardening Guidance v1.2\n"));
    for (uint32_t i = 0; i < m->guide->n; i++) {
        if (begins_section(m->guide, i)) {
            buf_putc(b, '\n');
            put_section(b, m, &c, i);
        }
        put_row(b, m, &c, &m->guide->entries[i]);
    }
    buf_put(b, S("\nyes: done today; part: done in part; no: could be done, is not yet; -: no program can.\n"));
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
    buf_put(b, S("yes: done today; part: done in part; no: could be done, is not yet; -: no program can.\n"));
    for (uint32_t i = 0; i < m->guide->n; i++) {
        const struct guide_entry *x = &m->guide->entries[i];
        if (begins_section(m->guide, i)) {
            buf_put(b, S("\n## "));
            buf_put(b, x->section);
            buf_put(b, S("\n\n| id | recommendation | check | enforce | generate | monitor | by | needs |\n"
                         "|---|---|---|---|---|---|---|---|\n"));
        }
        buf_printf(b, "| %.*s | ", STR_FMT(x->id));
        put_cell(b, x->title);
        for (unsigned k = 0; k < ACTIONS; k++)
            buf_printf(b, " | %.*s", STR_FMT(signs[does(m, x, 1u << k)]));
        buf_put(b, S(" | "));
        put_checks(b, m, x, ", ");
        if (x->n_through)
            put_through(b, x, UINT32_MAX);
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

static void put_action_list(struct buf *b, const char *name, unsigned set)
{
    str words[ACTIONS];
    uint32_t n = 0;
    for (unsigned i = 0; i < ACTIONS; i++)
        if (set >> i & 1)
            words[n++] = actions[i];
    put_strings(b, name, words, n);
}

static void put_today(struct buf *b, const struct guide_matrix *m, const struct guide_entry *x)
{
    buf_put(b, S(",\"today\":{"));
    for (unsigned i = 0; i < ACTIONS; i++)
        buf_printf(b, "%s\"%.*s\":\"%.*s\"", i ? "," : "", STR_FMT(actions[i]), STR_FMT(signs[does(m, x, 1u << i)]));
    buf_putc(b, '}');
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
    put_field(b, "status", statuses[status_of(m, x)]);
    put_today(b, m, x);
    put_policies(b, m, x);
    put_strings(b, "rules", x->rules, x->n_rules);
    put_strings(b, "through", x->through, x->n_through);
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

// A run of lines of one kind, cut off the front of *text: commands and snippets are indented, sentences are not.
static str cut_run(str *text, bool *is_code)
{
    str run = *text;
    *is_code = run.p[0] == ' ';
    while (text->n && (text->p[0] == ' ') == *is_code)
        (void)str_cut(text, '\n');
    run.n -= text->n;
    if (run.n && run.p[run.n - 1] == '\n')
        run.n--;
    return run;
}

static void put_sentences(struct buf *b, str text, size_t used, unsigned width)
{
    OWN_BUF struct buf line = buf_new(1 << 14);
    for (size_t i = 0; i < text.n; i++)
        buf_putc(&line, text.p[i] == '\n' ? ' ' : text.p[i]);
    flow_words(b, buf_str(&line), LABEL_WIDTH, used, width);
}

// strip: blanks that each line has too many.
static void put_code(struct buf *b, str text, size_t strip, size_t indent)
{
    while (text.n) {
        str line = str_cut(&text, '\n');
        size_t n = 0;
        while (n < strip && n < line.n && line.p[n] == ' ')
            n++;
        buf_pad(b, ' ', line.n ? indent : 0);
        flow_put(b, str_skip(line, n));
        buf_putc(b, '\n');
    }
}

// Sentences flow; code stands as it was written, further left, for it is copied rather than read.
static void put_paragraph(struct buf *b, const struct guide_matrix *m, const char *label, str text)
{
    buf_printf(b, "\n  %-*s", LABEL_WIDTH - 2, label);
    size_t used = LABEL_WIDTH;
    while (text.n) {
        bool is_code = false;
        str run = cut_run(&text, &is_code);
        if (is_code && used == LABEL_WIDTH)
            buf_putc(b, '\n');
        if (is_code) {
            buf_putc(b, '\n');
            put_code(b, run, 2, CODE_AT);
            buf_put(b, text.n ? S("\n") : S(""));
        } else {
            put_sentences(b, run, used, m->width);
        }
        used = 0;
    }
}

static void put_how(struct buf *b, const struct guide_matrix *m, const struct guide_entry *x)
{
    OWN_BUF struct buf later = buf_new(1 << 8);
    enum guide_status status = status_of(m, x);
    enum does enforced = does(m, x, GUIDE_ENFORCE);
    put_doing(&later, m, x, DOES_NOT_YET);
    if (status == GUIDE_BY_HAND) {
        buf_put(b, S("leaves it to people"));
    } else if (status == GUIDE_NOT_YET) {
        buf_printf(b, "does nothing for it yet; it could %.*s, with %.*s", STR_FMT(buf_str(&later)), STR_FMT(x->needs));
    } else {
        buf_put(b, status == GUIDE_CHECKED ? S("checks it: ") : S("checks it in part: "));
        put_checks(b, m, x, ", ");
        if (x->n_through) {
            buf_put(b, count_policies(m, x) + x->n_rules ? S("; ") : S(""));
            put_through(b, x, UINT32_MAX);
        }
    }
    if (enforced == DOES || enforced == DOES_IN_PART)
        buf_printf(b, "; an API server can enforce it%s by the same policies", enforced == DOES ? "" : " in part");
    if (later.n && status != GUIDE_NOT_YET)
        buf_printf(b, "; not yet: %.*s", STR_FMT(buf_str(&later)));
    if (x->since.n)
        buf_printf(b, "; applies from Kubernetes %.*s", STR_FMT(x->since));
    if (x->until.n)
        buf_printf(b, "; no longer from Kubernetes %.*s", STR_FMT(x->until));
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
    put_code(b, example, 0, CODE_AT);
}

// Code is fenced.
static void put_markdown(struct buf *b, const char *head, str text)
{
    buf_printf(b, "\n**%s.** ", head);
    while (text.n) {
        bool is_code = false;
        str run = cut_run(&text, &is_code);
        buf_put(b, is_code ? S("\n```\n") : S(""));
        if (is_code)
            put_code(b, run, 2, 0);
        else
            buf_put(b, run);
        buf_put(b, is_code ? S("```\n") : S("\n"));
        buf_put(b, is_code && text.n ? S("\n") : S(""));
    }
}

void guide_print_entry_markdown(struct buf *b, const struct guide_matrix *m, const struct guide_entry *x, str example)
{
    static const char *const heads[] = {"The guide asks", "Why", "Attack", "Check", "Fix"};
    const str texts[] = {x->says, x->why, x->attack, x->check, x->fix};
    OWN_BUF struct buf how = buf_new(1 << 14);
    put_how(&how, m, x);
    buf_printf(b, "# %.*s %.*s\n", STR_FMT(x->id), STR_FMT(x->title));
    for (unsigned i = 0; i < sizeof heads / sizeof *heads; i++)
        put_markdown(b, heads[i], texts[i]);
    buf_printf(b, "\n**Casemate** %.*s.\n", STR_FMT(buf_str(&how)));
    if (example.n) {
        buf_put(b, S("\n```yaml\n"));
        buf_put(b, example);
        buf_put(b, str_ends(example, S("\n")) ? S("```\n") : S("\n```\n"));
    }
}
