#include "finding/score.h"

#include "base/test.h"

static void score_groups_by_section_and_names_the_worst(void **state)
{
    (void)state;
    const struct rule rules[] = {
        {.id = {"a", 1}, .recommendations = {{"POD-13", 6}}, .n_recommendations = 1},
        {.id = {"b", 1}, .recommendations = {{"SA-01", 5}}, .n_recommendations = 1},
        {.id = {"c", 1}, .recommendations = {{"RBAC-03", 7}}, .n_recommendations = 1},
        {.id = {"d", 1}},
        {.id = {"e", 1}, .recommendations = {{"POD-02", 6}}, .n_recommendations = 1},
    };
    const struct rule *list[] = {&rules[0], &rules[1], &rules[2], &rules[3], &rules[4]};
    const struct finding_tally tally[] = {
        {.applied = 10, .failed = 1}, {.applied = 10, .failed = 5}, {.applied = 0},
        {.applied = 3, .failed = 3},  {.applied = 10, .failed = 3},
    };
    const struct report r = {.rules = list, .tally = tally, .n_rules = 5};
    struct score s[SCORE_SECTIONS];
    assert_int_equal(score_sections(&r, s), 2); // nothing was applied for Authorization: no score
    assert_int_equal(score_percent(&s[0]), 70);
    assert_int_equal(s[0].n_worst, 3);
    assert_int_equal(s[0].worst[0], 1);
    assert_int_equal(s[0].worst[1], 4);
    assert_int_equal(s[0].worst[2], 0);
    assert_int_equal(score_percent(&s[1]), 0);
    assert_memory_equal(s[1].section.p, "Other", 5);
}

static void score_counts_the_summary_and_the_threats_for_a_section(void **state)
{
    (void)state;
    static const char *const sections[][2] = {
        {"X-1", "Manifests"}, {"X-3", "Network"}, {"X-7", "Upgrades"}, {"TM-4", "Control plane"}, {"X-99", "Other"},
    };
    for (unsigned i = 0; i < sizeof sections / sizeof *sections; i++) {
        const struct rule rule = {.recommendations = {str_of(sections[i][0])}, .n_recommendations = 1};
        assert_true(str_eq(score_section_of(&rule), str_of(sections[i][1])));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(score_groups_by_section_and_names_the_worst),
        cmocka_unit_test(score_counts_the_summary_and_the_threats_for_a_section),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
