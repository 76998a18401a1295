#include "base/intern.h"

#include <stdio.h>

#include "base/test.h"

static void intern_keeps_one_copy(void **state)
{
    (void)state;
    OWN_ARENA struct arena a = {0};
    assert_int_equal(arena_init(&a, "t", 1 << 22, NULL), ERR_OK);
    struct intern t = {.arena = &a};
    char text[16];
    str first = intern_str(&t, S("k7"));
    for (int i = 0; i < 5000; i++) {
        int n = snprintf(text, sizeof text, "k%d", i);
        str got = intern_str(&t, (str){text, (size_t)n});
        assert_string_equal(got.p, text);
    }
    assert_int_equal(t.n, 5000);
    assert_ptr_equal(intern_str(&t, S("k7")).p, first.p);
    assert_int_equal(intern_str(&t, S("")).n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intern_keeps_one_copy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
