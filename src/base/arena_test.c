#include "base/arena.h"

#include "base/test.h"

static void arena_gives_zeroed_aligned_memory(void **state)
{
    (void)state;
    OWN_ARENA struct arena a = {0};
    assert_int_equal(arena_init(&a, "t", 1 << 20, NULL), ERR_OK);
    char *c = arena_alloc(&a, 1, 1, 1);
    double *d = arena_alloc(&a, 4, sizeof *d, _Alignof(double));
    assert_non_null(c);
    assert_non_null(d);
    assert_int_equal((size_t)(char *)d % _Alignof(double), 0);
    assert_true(d[3] == 0.0);
}

static void arena_refuses_what_does_not_fit_and_survives(void **state)
{
    (void)state;
    OWN_ARENA struct arena a = {0};
    assert_int_equal(arena_init(&a, "t", 4096, NULL), ERR_OK);
    volatile size_t huge = (size_t)1 << 40; // volatile: gcc refuses to compile the plain constant
    assert_null(arena_alloc(&a, huge, huge, 1));
    assert_null(arena_alloc(&a, 1, 8192, 1));
    assert_non_null(arena_alloc(&a, 1, 16, 1));
}

static void arena_reset_zeroes_again(void **state)
{
    (void)state;
    OWN_ARENA struct arena a = {0};
    assert_int_equal(arena_init(&a, "t", 4096, NULL), ERR_OK);
    char *c = arena_alloc(&a, 1, 64, 1);
    assert_non_null(c);
    memset(c, 'x', 64);
    arena_reset(&a);
    c = arena_alloc(&a, 1, 64, 1);
    assert_non_null(c);
    assert_true(c[0] == 0 && c[63] == 0);
}

static void arena_rewinds_to_a_mark(void **state)
{
    (void)state;
    OWN_ARENA struct arena a = {0};
    assert_int_equal(arena_init(&a, "t", 4096, NULL), ERR_OK);
    str kept = arena_printf(&a, "%d-%s", 7, "x");
    size_t mark = arena_mark(&a);
    str gone = arena_dup(&a, S("gone"));
    assert_int_equal(gone.n, 4);
    arena_rewind(&a, mark);
    char *again = arena_alloc(&a, 1, 5, 1);
    assert_non_null(again);
    assert_true(again[0] == 0 && again[4] == 0);
    assert_string_equal(kept.p, "7-x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_gives_zeroed_aligned_memory),
        cmocka_unit_test(arena_refuses_what_does_not_fit_and_survives),
        cmocka_unit_test(arena_reset_zeroes_again),
        cmocka_unit_test(arena_rewinds_to_a_mark),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
