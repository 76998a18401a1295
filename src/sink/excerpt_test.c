#include "base/test.h"
#include "sink/style_priv.h"

static const struct sink_style plain = {.width = 60};

static void expect(str text, const char *mark, size_t n, bool with_parent, const char *want)
{
    OWN_BUF struct buf b = buf_new(1 << 12);
    uint32_t start = (uint32_t)str_find(text, str_of(mark));
    uint32_t line = 1;
    for (uint32_t i = 0; i < start; i++)
        line += text.p[i] == '\n';
    struct excerpt_shown shown = {0};
    if (with_parent)
        excerpt_put(&b, &plain, text, start, start + (uint32_t)n, line, &shown);
    else
        excerpt_put_alone(&b, &plain, text, start, start + (uint32_t)n, line);
    buf_putc(&b, 0);
    assert_string_equal(b.p, want);
}

static void the_line_its_parent_and_the_marks(void **state)
{
    (void)state;
    expect(S("spec:\n  containers:\n  - name: c\n    securityContext:\n      privileged: true\n"),
           "privileged: true", 16, true,
           "         4 |     securityContext:\n"
           "         5 |       privileged: true\n"
           "           |       ^^^^^^^^^^^^^^^^\n");
}

static void a_line_that_stands_above_is_not_repeated(void **state)
{
    (void)state;
    str text = S("spec:\n  hostPID: true\n  hostIPC: true\n  a: [b, c]\n");
    OWN_BUF struct buf b = buf_new(1 << 12);
    struct excerpt_shown shown = {0};
    excerpt_put(&b, &plain, text, 8, 21, 2, &shown);
    excerpt_put(&b, &plain, text, 24, 37, 3, &shown);
    excerpt_put(&b, &plain, text, 44, 45, 4, &shown);
    excerpt_put(&b, &plain, text, 47, 48, 4, &shown);
    buf_putc(&b, 0);
    assert_string_equal(b.p, "         1 | spec:\n"
                             "         2 |   hostPID: true\n"
                             "           |   ^^^^^^^^^^^^^\n"
                             "         3 |   hostIPC: true\n"
                             "           |   ^^^^^^^^^^^^^\n"
                             "         4 |   a: [b, c]\n"
                             "           |       ^\n"
                             "           |          ^\n");
}

static void a_list_item_belongs_to_the_key_above_it(void **state)
{
    (void)state;
    expect(S("spec:\n  containers:\n  # the one\n  - name: c\n"), "name: c", 7, true,
           "         2 |   containers:\n"
           "         4 |   - name: c\n"
           "           |     ^^^^^^^\n");
}

static void marks_end_with_the_line(void **state)
{
    (void)state;
    expect(S("a:\n  b: 1\n  c: 2\n"), "b: 1", 12, false,
           "         2 |   b: 1\n"
           "           |   ^^^^\n");
}

static void tabs_and_wide_characters_keep_the_marks_in_place(void **state)
{
    (void)state;
    expect(S("{\"\xC3\xA9\":\t1, \"x\": 2}"), "\"x\"", 3, false,
           "         1 | {\"\xC3\xA9\": 1, \"x\": 2}\n"
           "           |          ^^^\n");
}

static void a_long_line_is_shown_around_the_place(void **state)
{
    (void)state;
    char text[400];
    memset(text, 'a', sizeof text);
    memcpy(text + 300, "HERE", 4);
    expect((str){text, sizeof text}, "HERE", 4, true,
           "         1 | aaaaaaaaaaaaaaaaaaaaHEREaaaaaaaaaaaaaaaaaaaaaaa\n"
           "           |                     ^^^^\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_line_its_parent_and_the_marks),
        cmocka_unit_test(a_line_that_stands_above_is_not_repeated),
        cmocka_unit_test(a_list_item_belongs_to_the_key_above_it),
        cmocka_unit_test(marks_end_with_the_line),
        cmocka_unit_test(tabs_and_wide_characters_keep_the_marks_in_place),
        cmocka_unit_test(a_long_line_is_shown_around_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
