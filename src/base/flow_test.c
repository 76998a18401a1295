#include "base/flow.h"

#include "base/test.h"

static void expect(const char *text, size_t indent, size_t used, size_t width, const char *want)
{
    OWN_BUF struct buf b = buf_new(4096);
    flow_words(&b, str_of(text), indent, used, width);
    buf_putc(&b, '\0');
    assert_string_equal(b.p, want);
}

static void words_are_wrapped(void **state)
{
    (void)state;
    expect("one two three four five six", 2, 0, 24, "  one two three four\n  five six\n");
    expect("one two", 8, 3, 40, "     one two\n");        // the line under way has three columns
    expect("one two", 4, 10, 40, "one two\n");            // it is past the indent
    expect("", 4, 0, 40, "\n");
    expect("a  b", 0, 0, 40, "a b\n");
    expect("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b", 0, 0, 10, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\nb\n"); // 20 columns at least
}

static void nothing_steers_the_terminal(void **state)
{
    (void)state;
    expect("a\033[31mb \xC2\x9B" "c \xC3\xA9\x7F", 0, 0, 40, "a?[31mb ?c \xC3\xA9?\n");
    assert_int_equal(flow_columns(S("\xC3\xA9x")), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(words_are_wrapped), cmocka_unit_test(nothing_steers_the_terminal)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
