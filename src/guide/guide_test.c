#include "guide/guide.h"

#include "base/fixture_test.h"
#include "doc/json.h"

#define TEXTS                                                                                      \
    "\"id\":\"POD-06\",\"section\":\"s\",\"title\":\"t\",\"says\":\"a\",\"why\":\"b\",\"attack\":\"c\",\"check\":\"d\\nd\",\"fix\":\"e\","         \
    "\"needs\":\"one object\""

static err_code read(struct arena *a, const char *text, struct guide *ret, struct err *e)
{
    const struct node *root = NULL;
    assert_int_equal(json_parse(str_of(text), 0, (uint32_t)strlen(text), a, &root, NULL, NULL), ERR_OK);
    return guide_read(root, a, ret, e);
}

static void entries_are_read(void **state)
{
    struct guide g;
    struct err e = {0};
    const char *text = "{\"recommendations\":[{" TEXTS ",\"can\":[\"check\",\"monitor\"],\"partly\":[\"enforce\"],\"evidence\":[\"manifest\"],"
                       "\"rules\":[\"unknown-field\"],\"since\":\"1.8\"}]}";
    assert_int_equal(read(*state, text, &g, &e), ERR_OK);
    const struct guide_entry *x = guide_find(&g, S("pod-06"));
    assert_non_null(x);
    assert_int_equal(x->can, GUIDE_CHECK | GUIDE_MONITOR);
    assert_int_equal(x->partly, GUIDE_ENFORCE);
    assert_int_equal(x->n_evidence, 1);
    assert_true(str_eq(x->rules[0], S("unknown-field")));
    assert_true(str_eq(x->check, S("d\nd")));
    assert_true(str_eq(x->since, S("1.8")));
    assert_int_equal(x->until.n + x->example.n, 0);
    assert_null(guide_find(&g, S("POD-0")));
    assert_null(guide_find(&g, S("POD-07")));
}

static void sums_name_ids_or_prefixes(void **state)
{
    static const struct guide_entry pod = {.id = {"POD-06", 6}}, sa = {.id = {"SA-01", 5}}, other = {.id = {"PODS-1", 6}};
    struct guide g;
    struct err e = {0};
    assert_int_equal(read(*state, "{\"recommendations\":[{" TEXTS ",\"through\":[\"POD\",\"SA-01\"]}]}", &g, &e), ERR_OK);
    assert_true(guide_is_through(&g.entries[0], &pod));
    assert_true(guide_is_through(&g.entries[0], &sa));
    assert_false(guide_is_through(&g.entries[0], &other));
    assert_false(guide_is_through(&g.entries[0], &g.entries[0])); // not of itself
}

static void what_is_wrong_has_its_place(void **state)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"{}", "recommendations: must be a list"},
        {"{\"recommendations\":[5]}", "recommendations[0].: must be a map"},
        {"{\"recommendations\":[{\"id\":\"X\"}]}", "recommendations[0].section: is missing"},
        {"{\"recommendations\":[{" TEXTS ",\"sinse\":\"1\"}]}", "recommendations[0].sinse: is no field of a recommendation"},
        {"{\"recommendations\":[{" TEXTS ",\"can\":[\"fly\"]}]}", "recommendations[0].can: takes check, enforce, generate and monitor"},
        {"{\"recommendations\":[{" TEXTS ",\"can\":\"check\"}]}", "recommendations[0].can: must be a list"},
        {"{\"recommendations\":[{" TEXTS ",\"rules\":[1]}]}", "recommendations[0].rules: must be a list of words"},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct guide g;
        struct err e = {0};
        assert_int_equal(read(*state, cases[i].text, &g, &e), ERR_SYNTAX);
        assert_string_equal(e.msg, cases[i].why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(entries_are_read), cmocka_unit_test(sums_name_ids_or_prefixes),
                                       cmocka_unit_test(what_is_wrong_has_its_place)};
    return cmocka_run_group_tests(tests, fixture_arena, fixture_arena_done);
}
