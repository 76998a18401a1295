#include "source/lines.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/test.h"

static void expect(struct lines *l, const char *wanted)
{
    str line = {0};
    bool more = false;
    struct err e;
    assert_int_equal(lines_next(l, &line, &more, &e), ERR_OK);
    assert_int_equal(more, wanted != NULL);
    if (wanted)
        assert_true(str_eq(line, str_of(wanted)));
}

static void lines_come_as_they_are_written(void **state)
{
    (void)state;
    int fds[2];
    struct lines l;
    assert_int_equal(pipe(fds), 0);
    lines_init(&l, fds[0], "a pipe");
    assert_int_equal(write(fds[1], "one\n\ntwo\nthr", 12), 12);
    expect(&l, "one");
    assert_true(lines_ready(&l));
    expect(&l, "");
    expect(&l, "two");
    assert_false(lines_ready(&l));
    assert_int_equal(write(fds[1], "ee\nno end", 9), 9);
    expect(&l, "three");
    close(fds[1]);
    expect(&l, "no end");
    expect(&l, NULL);
    expect(&l, NULL);
    close(fds[0]);
    lines_done(&l);
}

static void a_line_without_end_is_refused(void **state)
{
    (void)state;
    struct lines l;
    str line;
    bool more;
    struct err e;
    int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    lines_init(&l, fd, "zeros");
    assert_int_equal(lines_next(&l, &line, &more, &e), ERR_LIMIT);
    lines_done(&l);
    close(fd);
}

static void what_cannot_be_read_says_so(void **state)
{
    (void)state;
    struct lines l;
    str line;
    bool more;
    struct err e;
    int fd = open("/", O_RDONLY | O_CLOEXEC);
    lines_init(&l, fd, "a folder");
    assert_int_equal(lines_next(&l, &line, &more, &e), ERR_IO);
    lines_done(&l);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lines_come_as_they_are_written),
                                       cmocka_unit_test(a_line_without_end_is_refused),
                                       cmocka_unit_test(what_cannot_be_read_says_so)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
