#include "kube/selector.h"

#include "base/fixture_test.h"
#include "doc/tree_test.h"

static const struct {
    const char *selector, *labels;
    bool matches;
} matching[] = {
    {"{}", "{}", true},
    {"null", "{}", true},
    {"{\"matchLabels\":{\"a\":\"1\"}}", "{\"a\":\"1\",\"b\":\"2\"}", true},
    {"{\"matchLabels\":{\"a\":\"1\"}}", "{\"a\":\"2\"}", false},
    {"{\"matchLabels\":{\"a\":\"\"}}", "{}", false},
    {"{\"matchLabels\":{\"a\":\"1\"}}", "{\"a\":1}", false},
    {"{\"matchLabels\":{\"a\":\"1\"}}", "[]", false},
    {"{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"Exists\"}]}", "{\"a\":\"\"}", true},
    {"{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"DoesNotExist\"}]}", "{}", true},
    {"{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"DoesNotExist\"}]}", "{\"a\":\"x\"}", false},
    {"{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"In\",\"values\":[\"x\",\"y\"]}]}", "{\"a\":\"y\"}", true},
    {"{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"In\",\"values\":[\"x\"]}]}", "{}", false},
    {"{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"NotIn\",\"values\":[\"x\"]}]}", "{}", true},
    {"{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"NotIn\",\"values\":[\"x\"]}]}", "{\"a\":\"x\"}", false},
    {"{\"matchLabels\":{\"a\":\"1\"},\"matchExpressions\":[{\"key\":\"b\",\"operator\":\"Exists\"}]}", "{\"a\":\"1\"}", false},
};

static void test_matches(void **state)
{
    struct arena *a = *state;
    for (unsigned i = 0; i < sizeof matching / sizeof *matching; i++) {
        struct selector s;
        struct err e = {0};
        assert_int_equal(selector_parse(tree_of(a, matching[i].selector), S("s"), a,
                                        &s, NULL, &e),
                         ERR_OK);
        if (selector_matches(&s, tree_of(a, matching[i].labels)) != matching[i].matches)
            fail_msg("%s against %s", matching[i].selector, matching[i].labels);
    }
}

static const struct {
    const char *selector, *says;
} refused[] = {
    {"[]", "s: must be an object"},
    {"{\"matchLabel\":{}}", "unknown field \"s.matchLabel\""},
    {"{\"matchLabels\":[]}", "s.matchLabels: must be an object"},
    {"{\"matchLabels\":{\"a\":1}}", "s.matchLabels: a label's value must be a string"},
    {"{\"matchLabels\":{\"a b\":\"\"}}", "s.matchLabels: name part must"},
    {"{\"matchExpressions\":{}}", "s.matchExpressions: must be a list"},
    {"{\"matchExpressions\":[1]}", "s.matchExpressions[0]: must be an object"},
    {"{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"in\"}]}", "s.matchExpressions[0].operator: must be In"},
    {"{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"In\"}]}", "s.matchExpressions[0].values: must be specified"},
    {"{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"Exists\",\"values\":[\"x\"]}]}", "s.matchExpressions[0].values: may not"},
    {"{\"matchExpressions\":[{\"operator\":\"Exists\"}]}", "s.matchExpressions[0].key: name part must be non-empty"},
    {"{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"In\",\"values\":[\"-\"]}]}", "s.matchExpressions[0].values: a valid label"},
};

static void test_refused(void **state)
{
    struct arena *a = *state;
    for (unsigned i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct selector s;
        struct err e = {0};
        struct diags d = {.arena = a};
        assert_int_equal(selector_parse(tree_of(a, refused[i].selector), S("s"), a,
                                        &s, &d, &e),
                         ERR_SYNTAX);
        assert_non_null(d.first);
        if (!str_starts(d.first->message, str_of(refused[i].says)))
            fail_msg("%s: %.*s", refused[i].selector, STR_FMT(d.first->message));
    }
}

static void test_decide(void **state)
{
    struct arena *a = *state;
    static const struct {
        const char *selector;
        enum selector_answer answer;
    } cases[] = {
        {"{}", SELECTOR_YES},
        {"{\"matchLabels\":{\"name\":\"x\"}}", SELECTOR_YES},
        {"{\"matchLabels\":{\"name\":\"y\"}}", SELECTOR_NO},
        {"{\"matchLabels\":{\"other\":\"y\"}}", SELECTOR_OPEN},
        {"{\"matchLabels\":{\"other\":\"y\",\"name\":\"y\"}}", SELECTOR_NO},
        {"{\"matchExpressions\":[{\"key\":\"name\",\"operator\":\"NotIn\",\"values\":[\"x\"]}]}", SELECTOR_NO},
        {"{\"matchExpressions\":[{\"key\":\"name\",\"operator\":\"Exists\"}]}", SELECTOR_YES},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct selector s;
        struct err e = {0};
        assert_int_equal(selector_parse(tree_of(a, cases[i].selector), S("s"), a, &s,
                                        NULL, &e),
                         ERR_OK);
        assert_int_equal(selector_decide(&s, S("name"), S("x")), cases[i].answer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matches),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_decide),
    };
    return cmocka_run_group_tests(tests, fixture_arena, fixture_arena_done);
}
