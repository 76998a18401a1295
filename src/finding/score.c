#include "finding/score.h"

static const struct {
    const char *prefix, *section;
} sections[] = {
#define SECTION(prefix, section) {prefix, section},
#include "finding/sections.def"
#undef SECTION
};
enum { SECTIONS = sizeof sections / sizeof *sections };

str score_section_of(const struct rule *rule)
{
    if (rule->n_recommendations) {
        str id = rule->recommendations[0], rest = id;
        str prefix = str_cut(&rest, '-');
        for (unsigned i = 0; i < SECTIONS; i++)
            if (str_eq(prefix, str_of(sections[i].prefix)) || str_eq(id, str_of(sections[i].prefix)))
                return str_of(sections[i].section);
    }
    return S("Other");
}

static void note_worst(const struct report *r, struct score *s, uint32_t rule)
{
    uint32_t at = s->n_worst;
    while (at > 0 && r->tally[s->worst[at - 1]].failed < r->tally[rule].failed)
        at--;
    if (at >= 3)
        return;
    for (uint32_t i = s->n_worst < 3 ? s->n_worst : 2; i > at; i--)
        s->worst[i] = s->worst[i - 1];
    s->worst[at] = rule;
    s->n_worst += s->n_worst < 3;
}

static void add_section(const struct report *r, str section, struct score *ret, uint32_t *n)
{
    for (uint32_t i = 0; i < *n; i++)
        if (str_eq(ret[i].section, section))
            return; // several prefixes share a section
    struct score s = {.section = section};
    for (uint32_t k = 0; k < r->n_rules; k++) {
        if (!str_eq(score_section_of(r->rules[k]), section))
            continue;
        s.applied += r->tally[k].applied;
        s.failed += r->tally[k].failed;
        if (r->tally[k].failed)
            note_worst(r, &s, k);
    }
    if (s.applied && *n < SCORE_SECTIONS)
        ret[(*n)++] = s;
}

uint32_t score_sections(const struct report *r, struct score *ret)
{
    uint32_t n = 0;
    for (unsigned i = 0; i < SECTIONS; i++)
        add_section(r, str_of(sections[i].section), ret, &n);
    add_section(r, S("Other"), ret, &n);
    return n;
}

unsigned score_percent(const struct score *s)
{
    return s->applied ? (unsigned)((s->applied - s->failed) * 100 / s->applied) : 100;
}
