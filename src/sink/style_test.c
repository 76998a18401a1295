#include "base/test.h"
#include "sink/style_priv.h"

static const struct sink_style plain = {.width = 40};

static void control_characters_do_not_reach_the_terminal(void **state)
{
    (void)state;
    OWN_BUF struct buf b = buf_new(1 << 10);
    flow_put(&b, S("a\033[31mb\xC2\x9B" "2Jc\x7F\xC3\xA9")); // ESC, the one-character CSI, DEL, an é
    assert_true(str_eq(buf_str(&b), S("a?[31mb?2Jc?\xC3\xA9")));
}

static void text_is_wrapped_and_indented(void **state)
{
    (void)state;
    OWN_BUF struct buf b = buf_new(1 << 10);
    style_wrap(&b, &plain, S("one two three four five six seven"), 18);
    assert_true(str_eq(buf_str(&b), S("                  one two three four\n"
                                      "                  five six seven\n")));
}

static void a_word_longer_than_the_line_stands_alone(void **state)
{
    (void)state;
    OWN_BUF struct buf b = buf_new(1 << 10);
    style_wrap(&b, &plain, S("a aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee b"), 0);
    assert_true(str_eq(buf_str(&b), S("a\naaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee\nb\n")));
}

static void colour_is_written_only_where_there_is_colour(void **state)
{
    (void)state;
    OWN_BUF struct buf b = buf_new(1 << 10);
    style_on(&b, &plain, RED);
    assert_int_equal(b.n, 0);
    style_on(&b, &(struct sink_style){.width = 40, .colour = true}, RED);
    assert_true(str_eq(buf_str(&b), S("\033[31m")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(control_characters_do_not_reach_the_terminal),
        cmocka_unit_test(text_is_wrapped_and_indented),
        cmocka_unit_test(a_word_longer_than_the_line_stands_alone),
        cmocka_unit_test(colour_is_written_only_where_there_is_colour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
