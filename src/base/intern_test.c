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
    uint32_t number = 0;
    assert_int_equal(intern_put(&t, S("k7"), &number, NULL), ERR_OK);
    assert_int_equal(number, 0); // "k7" came first
    assert_int_equal(intern_find(&t, S("k7")), 0);
    assert_int_equal(intern_find(&t, S("k8")), 8); // behind "k7", k0 to k6
    assert_int_equal(intern_find(&t, S("nowhere")), SLOTS_NONE);
    assert_int_equal(intern_find(&(struct intern){0}, S("k7")), SLOTS_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intern_keeps_one_copy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
