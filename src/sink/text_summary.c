#include "finding/score.h"
#include "sink/style_priv.h"

// SCORE_END: columns of a section's name, bar and percentage.
enum { BAR = 20, SCORE_NAME = 22, SCORE_END = SCORE_NAME + BAR + 6, WORST_AT = SCORE_END + 6, NARROW = WORST_AT + 36 };
enum { CHANGES = 3, GAPS_SHOWN = 12, UNASSESSED_AT = 22 };

static str dot(const struct sink_style *s)
{
    return s->unicode ? S(" \xC2\xB7 ") : S(", ");
}

size_t sink_summary_counts(struct buf *b, const struct sink_style *s, const uint32_t by_severity[4])
{
    size_t columns = 0;
    for (int i = SEVERITY_CRITICAL; i >= SEVERITY_LOW; i--) {
        if (!by_severity[i])
            continue;
        if (columns) {
            buf_put(b, dot(s));
            columns += flow_columns(dot(s));
        }
        style_on(b, s, style_of_severity((enum severity)i));
        size_t before = b->n;
        buf_put_u64(b, by_severity[i]);
        buf_putc(b, ' ');
        buf_put(b, finding_severity_name((enum severity)i));
        columns += b->n - before;
        style_on(b, s, PLAIN);
    }
    return columns;
}

static void put_time(struct buf *b, double seconds)
{
    if (seconds < 1)
        buf_printf(b, "%.0f ms", seconds * 1000 < 1 ? 1 : seconds * 1000);
    else
        buf_printf(b, "%.1f s", seconds);
}

static const char *plural(uint32_t n)
{
    return n == 1 ? "" : "s";
}

static void put_totals(struct buf *b, const struct report *r, const struct sink_style *s)
{
    uint32_t by_severity[4];
    finding_count(r, by_severity);
    uint32_t warnings = 0;
    for (uint32_t i = 0; i < r->n_errors; i++)
        warnings += r->errors[i].warning;
    buf_printf(b, "%u file%s, %u object%s in ", r->n_files, plural(r->n_files), r->total_objects,
               plural(r->total_objects));
    put_time(b, r->seconds);
    buf_put(b, S("        "));
    if (!sink_summary_counts(b, s, by_severity)) {
        style_on(b, s, GREEN);
        buf_put(b, r->total_objects ? S("no findings") : S("nothing to judge"));
        style_on(b, s, PLAIN);
    }
    if (r->unreadable) {
        buf_put(b, S("        "));
        style_on(b, s, RED);
        buf_printf(b, "%u unreadable", r->unreadable);
        style_on(b, s, PLAIN);
    }
    if (warnings)
        buf_printf(b, "        %u warning%s", warnings, plural(warnings));
    buf_putc(b, '\n');
}

static void put_bar(struct buf *b, const struct sink_style *s, unsigned percent)
{
    unsigned full = percent * BAR / 100;
    for (unsigned i = 0; i < BAR; i++)
        if (s->unicode)
            buf_put(b, i < full ? S("\xE2\x96\x88") : S("\xE2\x96\x91"));
        else
            buf_putc(b, i < full ? '#' : '.');
}

static void put_worst(struct buf *b, const struct report *r, const struct sink_style *s,
                      const struct score *score)
{
    OWN_BUF struct buf text = buf_new(1 << 12);
    for (uint32_t k = 0; k < score->n_worst; k++) {
        uint32_t rule = score->worst[k];
        buf_put(&text, k ? S(", ") : S("most: "));
        buf_put(&text, r->rules[rule]->id);
        buf_printf(&text, " (%u)", r->tally[rule].failed);
    }
    if (s->width < NARROW) {
        buf_putc(b, '\n');
        style_flow(b, s, buf_str(&text), SCORE_NAME, 0);
        return;
    }
    buf_pad(b, ' ', text.n ? WORST_AT - SCORE_END : 0);
    style_flow(b, s, buf_str(&text), WORST_AT, WORST_AT);
}

static void put_scores(struct buf *b, const struct report *r, const struct sink_style *s)
{
    struct score scores[SCORE_SECTIONS];
    uint32_t n = score_sections(r, scores);
    if (n)
        buf_putc(b, '\n');
    for (uint32_t i = 0; i < n; i++) {
        unsigned percent = score_percent(&scores[i]);
        buf_printf(b, "  %-18.*s  ", STR_FMT(scores[i].section));
        style_on(b, s, percent >= 90 ? GREEN : percent >= 60 ? YELLOW : RED);
        put_bar(b, s, percent);
        style_on(b, s, PLAIN);
        buf_printf(b, " %3u %%", percent);
        put_worst(b, r, s, &scores[i]);
    }
}

static void put_unassessed(struct buf *b, const struct sink_style *s, str what)
{
    buf_printf(b, "  %-20s", "not assessed");
    style_flow(b, s, what, UNASSESSED_AT, UNASSESSED_AT);
}

static str why_unassessed(const struct report *r, uint32_t rule)
{
    for (uint32_t i = 0; i < r->n_findings; i++)
        if (r->findings[i]->rule == r->rules[rule] && r->findings[i]->status == FINDING_NOT_ASSESSED)
            return r->findings[i]->message;
    return (str){0};
}

// Are they not assessed of as many objects, for one reason?
static bool same_unassessed(const struct report *r, uint32_t a, uint32_t b, str why)
{
    return r->tally[a].not_assessed == r->tally[b].not_assessed && str_eq(why, why_unassessed(r, b));
}

// Policies that could not be decided, one line for each reason: the missing variable is in the message.
static void put_unassessed_rules(struct buf *b, const struct report *r, const struct sink_style *s)
{
    for (uint32_t k = 0; k < r->n_rules; k++) {
        if (!r->tally[k].not_assessed)
            continue;
        str why = why_unassessed(r, k);
        OWN_BUF struct buf text = buf_new(1 << 14);
        bool said = false;
        for (uint32_t i = 0; i < k && why.n && !said; i++)
            said = r->tally[i].not_assessed && same_unassessed(r, k, i, why);
        if (said)
            continue;
        buf_put(&text, r->rules[k]->id);
        for (uint32_t i = k + 1; i < r->n_rules && why.n; i++)
            if (r->tally[i].not_assessed && same_unassessed(r, k, i, why))
                buf_printf(&text, ", %.*s", STR_FMT(r->rules[i]->id));
        buf_printf(&text, " on %u object%s", r->tally[k].not_assessed, plural(r->tally[k].not_assessed));
        if (why.n) {
            buf_put(&text, S(": "));
            buf_put(&text, why);
        }
        put_unassessed(b, s, buf_str(&text));
    }
}

// One line for all of them.
static void put_needing_params(struct buf *b, const struct report *r, const struct sink_style *s)
{
    OWN_BUF struct buf text = buf_new(1 << 14);
    unsigned n = 0;
    for (uint32_t k = 0; k < r->n_rules; k++)
        if (r->rules[k]->needs_params) {
            buf_put(&text, n++ ? S(", ") : S(""));
            buf_put(&text, r->rules[k]->id);
        }
    buf_put(&text, n > 1 ? S(": each ") : S(" "));
    buf_put(&text, finding_params_missing());
    if (n && r->total_objects)
        put_unassessed(b, s, buf_str(&text));
}

static void put_gaps(struct buf *b, const struct report *r, const struct sink_style *s)
{
    uint32_t shown = s->brief && r->n_gaps > GAPS_SHOWN + 1 ? GAPS_SHOWN : r->n_gaps;
    for (uint32_t i = 0; i < shown; i++) {
        OWN_BUF struct buf text = buf_new(1 << 14);
        buf_printf(&text, "%.*s: %.*s: %.*s", STR_FMT(r->gaps[i].path), STR_FMT(r->gaps[i].reason),
                   STR_FMT(r->gaps[i].remedy));
        put_unassessed(b, s, buf_str(&text));
    }
    if (shown < r->n_gaps)
        buf_printf(b, "  %-20sand %u more like these (--all)\n", "not assessed", r->n_gaps - shown);
    if (r->other_documents)
        buf_printf(b, "  %-20s%u document%s that %s no Kubernetes object\n", "not assessed", r->other_documents,
                   plural(r->other_documents), r->other_documents == 1 ? "is" : "are");
}

// The few rules behind most findings: what to do next.
static void put_changes(struct buf *b, const struct report *r, const struct sink_style *s)
{
    uint32_t top[CHANGES], n = 0, total = 0, covered = 0;
    for (uint32_t k = 0; k < r->n_rules; k++) {
        uint32_t failed = r->rules[k]->severity >= r->threshold ? r->tally[k].failed : 0;
        total += failed;
        if (!failed || !r->rules[k]->remedy.n)
            continue;
        uint32_t at = n;
        while (at > 0 && r->tally[top[at - 1]].failed < failed)
            at--;
        if (at >= CHANGES)
            continue;
        for (uint32_t i = n < CHANGES ? n : CHANGES - 1; i > at; i--)
            top[i] = top[i - 1];
        top[at] = k;
        n += n < CHANGES;
    }
    for (uint32_t i = 0; i < n; i++)
        covered += r->tally[top[i]].failed;
    if (n < CHANGES || covered == total)
        return; // so few that the list above says it
    buf_printf(b, "\nThree changes would remove %u of %u findings:\n", covered, total);
    for (uint32_t i = 0; i < n; i++) {
        OWN_BUF struct buf text = buf_new(1 << 12);
        buf_printf(&text, "%.*s (%u object%s)", STR_FMT(r->rules[top[i]]->remedy), r->tally[top[i]].failed,
                   plural(r->tally[top[i]].failed));
        buf_printf(b, "  %u. ", i + 1);
        style_flow(b, s, buf_str(&text), 5, 5);
    }
}

static void put_exit(struct buf *b, const struct report *r)
{
    int status = finding_exit_status(r);
    str name = finding_severity_name(r->threshold);
    if (status == 1)
        buf_printf(b, "\nexit 1: findings at or above `%.*s` (--severity changes the threshold)\n",
                   STR_FMT(name));
    else if (status == 2)
        buf_put(b, S("\nexit 2: some input could not be read; what could be read was judged\n"));
}

void sink_summary_put(struct out *o, const struct report *r, const struct sink_style *s)
{
    struct buf *b = &o->b;
    buf_putc(b, '\n');
    style_rule(b, s);
    put_totals(b, r, s);
    put_scores(b, r, s);
    put_unassessed_rules(b, r, s);
    put_needing_params(b, r, s);
    put_gaps(b, r, s);
    put_changes(b, r, s);
    put_exit(b, r);
}
