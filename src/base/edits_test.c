#include "base/edits.h"

#include "base/test.h"

static void edits_between_words_are_counted(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        unsigned edits;
    } cases[] = {
        {"", "", 0},
        {"", "abc", 3},
        {"abc", "", 3},
        {"policyType", "policyTypes", 1},
        {"container", "containers", 1},
        {"evn", "env", 1},
        {"hostNetwrok", "hostNetwork", 1},
        {"selctor", "selector", 1},
        {"kitten", "sitting", 3},
        {"ca", "abc", 3}, // a swapped pair is not edited again
        {"port", "spec", 4},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(edits_between(str_of(cases[i].a), str_of(cases[i].b)), cases[i].edits);
        assert_int_equal(edits_between(str_of(cases[i].b), str_of(cases[i].a)), cases[i].edits);
    }
}

static void long_words_are_far(void **state)
{
    (void)state;
    char room[EDITS_WORD + 1];
    memset(room, 'a', sizeof room);
    assert_int_equal(edits_between((str){room, EDITS_WORD}, S("")), EDITS_WORD);
    assert_int_equal(edits_between((str){room, EDITS_WORD + 1}, S("a")), EDITS_FAR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits_between_words_are_counted),
        cmocka_unit_test(long_words_are_far),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
