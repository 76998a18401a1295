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
    const struct finding_file file = {.text = text};
    const struct report r = {.files = &file, .n_files = 1};
    const struct excerpt x = {.report = &r, .place = {.start = start, .end = start + (uint32_t)n, .line = line}};
    if (with_parent)
        excerpt_put(&b, &plain, &x, &shown);
    else
        excerpt_put_alone(&b, &plain, &x);
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
    const struct finding_file file = {.text = text};
    const struct report r = {.files = &file, .n_files = 1};
    const struct place places[] = {{.start = 8, .end = 21, .line = 2}, {.start = 24, .end = 37, .line = 3},
                                   {.start = 44, .end = 45, .line = 4}, {.start = 47, .end = 48, .line = 4}};
    for (unsigned i = 0; i < 4; i++)
        excerpt_put(&b, &plain, &(struct excerpt){.report = &r, .place = places[i]}, &shown);
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

static void put_secret(struct buf *b, const struct report *r, str mark, str path, bool sensitive)
{
    uint32_t start = (uint32_t)str_find(r->files[0].text, mark), line = 1;
    for (uint32_t i = 0; i < start; i++)
        line += r->files[0].text.p[i] == '\n';
    const struct place place = {.start = start, .end = start + 1, .line = line, .path = path};
    excerpt_put(b, &plain, &(struct excerpt){.report = r, .place = place, .sensitive = sensitive},
                &(struct excerpt_shown){0});
}

static void a_line_that_must_not_be_shown_is_its_key_and_stars(void **state)
{
    (void)state;
    const struct finding_file file = {
        .text = S("data:\n  password: hunter2\n  key: |\n    hunter3\n  b: c\nenv: [{name: A, value: hunter4}]\n- x:\n    y: 1\n")};
    const struct finding_hidden hidden[] = {{0, 6, 47}, {0, 54, 87}};
    const struct report r = {.files = &file, .n_files = 1, .hidden = hidden, .n_hidden = 2};
    OWN_BUF struct buf b = buf_new(1 << 12);
    put_secret(&b, &r, S("password"), S("data.password"), true);
    put_secret(&b, &r, S("hunter3"), S("data[\"a.b\"].key"), false);
    put_secret(&b, &r, S("b: c"), S("data.b"), false);
    put_secret(&b, &r, S("name: A"), S("spec.containers[0].env[0].name"), false);
    put_secret(&b, &r, S("- x"), S("spec.containers[0].args[3]"), true);
    put_secret(&b, &r, S("- x"), S("metadata.annotations[\"a.b/c\"]"), true);
    put_secret(&b, &r, S("- x"), S(""), true);
    buf_putc(&b, 0);
    assert_null(strstr(b.p, "hunter"));
    assert_string_equal(b.p, "         1 | data:\n"
                             "         2 |   password: ***\n"
                             "         4 |     data[\"a.b\"].key: ***\n"
                             "         1 | data:\n"
                             "         5 |   b: c\n"
                             "           |   ^\n"
                             "         6 | env[0].name: ***\n"
                             "         7 | containers[0].args[3]: ***\n"
                             "         7 | annotations[\"a.b/c\"]: ***\n"
                             "         7 | ***\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_line_its_parent_and_the_marks),
        cmocka_unit_test(a_line_that_stands_above_is_not_repeated),
        cmocka_unit_test(a_list_item_belongs_to_the_key_above_it),
        cmocka_unit_test(marks_end_with_the_line),
        cmocka_unit_test(tabs_and_wide_characters_keep_the_marks_in_place),
        cmocka_unit_test(a_line_that_must_not_be_shown_is_its_key_and_stars),
        cmocka_unit_test(a_long_line_is_shown_around_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
