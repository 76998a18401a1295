#include "policy/scalar.h"

#include "base/test.h"

// The place is written as ^ under the text's line that has it: here as an offset into `text`.
static const struct {
    const char *text, *value;
    uint32_t start, offset;
    const char *at; // what stands in the text from the place on
} cases[] = {
    {"k: a.b == c", "a.b == c", 3, 0, "a.b == c"},
    {"k: a.b == c", "a.b == c", 3, 4, "== c"},
    {"k: a.b == c", "a.b == c", 3, 8, ""},
    {"k: 'a == ''x'' + c'", "a == 'x' + c", 3, 5, "''x'' + c'"},
    {"k: 'a == ''x'' + c'", "a == 'x' + c", 3, 9, "+ c'"},
    {"k: \"a == \\\"x\\\" + c\"", "a == \"x\" + c", 3, 9, "+ c\""},
    {"k: \"\\u00e9 + c\"", "\xc3\xa9 + c", 3, 3, "+ c\""},
    {"k: \"\\ud83d\\ude00 + c\"", "\xf0\x9f\x98\x80 + c", 3, 5, "+ c\""},
    {"k: \"\\x41\\n+ c\"", "A\n+ c", 3, 2, "+ c\""},
    {"k: \"a \\\n  b c\"", "a b c", 3, 4, "c\""},
    {"k: |\n  a &&\n    b &&\n  c\n", "a &&\n  b &&\nc\n", 3, 0, "a &&\n    b &&\n  c\n"},
    {"k: |\n  a &&\n    b &&\n  c\n", "a &&\n  b &&\nc\n", 3, 7, "b &&\n  c\n"},
    {"k: |\n  a &&\n    b &&\n  c\n", "a &&\n  b &&\nc\n", 3, 12, "c\n"},
    {"k: |-\n\n  a\n\n  b\n", "\na\n\nb", 3, 1, "a\n\n  b\n"},
    {"k: |-\n\n  a\n\n  b\n", "\na\n\nb", 3, 4, "b\n"},
    {"k: |2\n    a\n  b\n", "  a\nb\n", 3, 2, "a\n  b\n"},
    {"k: |2\n    a\n  b\n", "  a\nb\n", 3, 4, "b\n"},
    {"k: >\n  a &&\n  b &&\n\n  c\n", "a && b &&\nc\n", 3, 5, "b &&\n\n  c\n"},
    {"k: >\n  a &&\n  b &&\n\n  c\n", "a && b &&\nc\n", 3, 10, "c\n"},
    {"k: >-\n  a &&\n  b\n", "a && b", 3, 3, "&\n  b\n"},
    {"k: a &&\n  b", "a && b", 3, 5, "b"},
    {"k: !!str &x a && b", "a && b", 3, 5, "b"},
    {"k: !!str |\n  a && b\n", "a && b\n", 3, 5, "b\n"},
};

static void test_cases(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        str text = str_of(cases[i].text), value = str_of(cases[i].value);
        struct node n = {.kind = NODE_STRING,
                         .n = (uint32_t)value.n,
                         .start = cases[i].start,
                         .end = (uint32_t)text.n,
                         .s = value.p};
        uint32_t at = scalar_locate(text, &n, cases[i].offset);
        if (!str_eq(str_skip(text, at), str_of(cases[i].at)))
            fail_msg("'%s' at %u: '%s'", cases[i].text, cases[i].offset, cases[i].text + at);
    }
}

// Whatever is claimed about a span, the place stays inside it.
static void test_lies(void **state)
{
    (void)state;
    static const char *const texts[] = {"\"\\", "'", "|", ">", "&a", "!", "\"\\u12", "| \n\n\n", "a\n\n\n"};
    for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++)
        for (uint32_t offset = 0; offset < 9; offset++) {
            str text = str_of(texts[i]);
            struct node n = {.kind = NODE_STRING, .n = 8, .end = (uint32_t)text.n, .s = "abcd\nefg"};
            assert_true(scalar_locate(text, &n, offset) <= text.n);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases), cmocka_unit_test(test_lies)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
