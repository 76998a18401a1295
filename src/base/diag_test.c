#include "base/diag.h"

#include "base/limits.h"
#include "base/test.h"

static void diag_shows_line_and_carets(void **state)
{
    (void)state;
    OWN_ARENA struct arena a = {0};
    OWN_BUF struct buf out = buf_new(1 << 16);
    assert_int_equal(arena_init(&a, "t", 1 << 20, NULL), ERR_OK);
    struct diags d = {.arena = &a};
    str text = S("a: 1\n\tk\xC3\xA9: [\n");
    diag_add(&d, DIAG_ERROR, 11, 12, S("close it with ]"), "a list is not %s", "closed");
    diag_print(&out, S("f.yaml"), text, d.first);
    str want = S("f.yaml:2:7: error: a list is not closed\n    \tk\xC3\xA9: [\n    \t    ^\n"
                 "    close it with ]\n");
    assert_int_equal(out.n, want.n);
    assert_memory_equal(out.p, want.p, want.n);
}

static void diag_keeps_a_bounded_list_and_counts_all(void **state)
{
    (void)state;
    OWN_ARENA struct arena a = {0};
    assert_int_equal(arena_init(&a, "t", 1 << 20, NULL), ERR_OK);
    struct diags d = {.arena = &a};
    for (unsigned i = 0; i < LIMIT_DIAGS + 5; i++)
        diag_add(&d, DIAG_WARNING, i, i, S(""), "n%u", i);
    assert_int_equal(d.kept, LIMIT_DIAGS);
    assert_int_equal(d.warnings, LIMIT_DIAGS + 5);
    assert_int_equal(d.errors, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(diag_shows_line_and_carets),
        cmocka_unit_test(diag_keeps_a_bounded_list_and_counts_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
