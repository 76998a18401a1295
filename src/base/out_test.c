#include "base/out.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/own.h"
#include "base/test.h"

static void out_file_appears_whole(void **state)
{
    (void)state;
    char dir[] = "/tmp/out_test.XXXXXX";
    assert_non_null(mkdtemp(dir));
    char path[64];
    (void)snprintf(path, sizeof path, "%s/f", dir);

    struct out o;
    assert_int_equal(out_open_file(&o, path, NULL), ERR_OK);
    for (int i = 0; i < 30000; i++) {
        buf_printf(&o.b, "line %d\n", i);
        out_flush(&o);
    }
    assert_int_not_equal(access(path, F_OK), 0); // not there before it is whole
    assert_int_equal(out_close(&o, NULL), ERR_OK);
    char head[7] = "";
    {
        OWN_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
        assert_int_equal(read(fd, head, 6), 6);
    }
    assert_string_equal(head, "line 0");

    assert_int_equal(out_open_file(&o, path, NULL), ERR_OK);
    buf_put(&o.b, S("second"));
    out_abandon(&o);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(dir), 0); // nothing half-written was left behind
}

static volatile sig_atomic_t interrupted;
static void on_signal(int signal)
{
    interrupted = signal;
}

static void out_file_is_finished_before_an_interrupt(void **state)
{
    (void)state;
    char dir[] = "/tmp/out_test.XXXXXX";
    assert_non_null(mkdtemp(dir));
    char path[64];
    (void)snprintf(path, sizeof path, "%s/f", dir);
    assert_true(signal(SIGTERM, on_signal) != SIG_ERR);

    struct out o;
    assert_int_equal(out_open_file(&o, path, NULL), ERR_OK);
    assert_int_equal(raise(SIGTERM), 0);
    buf_put(&o.b, S("whole"));
    assert_int_equal(interrupted, 0);
    assert_int_equal(out_close(&o, NULL), ERR_OK);
    assert_int_equal(interrupted, SIGTERM); // it came as soon as the file was there
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(dir), 0);
    assert_true(signal(SIGTERM, SIG_DFL) != SIG_ERR);
}

static void out_reports_a_full_device(void **state)
{
    (void)state;
    struct out o;
    struct err e = {0};
    assert_int_equal(out_open_file(&o, "/dev/full", NULL), ERR_OK);
    buf_put(&o.b, S("x"));
    assert_int_equal(out_close(&o, &e), ERR_IO);
    assert_string_equal(e.msg, "cannot write '/dev/full': No space left on device");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(out_file_appears_whole),
        cmocka_unit_test(out_file_is_finished_before_an_interrupt),
        cmocka_unit_test(out_reports_a_full_device),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
