#include "source/files.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "base/test.h"

// A directory of the test's own, which is the working directory while a test runs.
static int enter(void **state)
{
    char dir[] = "/tmp/files_test.XXXXXX";
    if (!mkdtemp(dir) || chdir(dir) != 0)
        return -1;
    *state = strdup(dir);
    return *state ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *f)
{
    (void)st, (void)kind, (void)f;
    return remove(path);
}

static int leave(void **state)
{
    int rc = chdir("/") || nftw(*state, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(*state);
    return rc;
}

static void put(const char *path, const char *text)
{
    OWN_FILE FILE *f = fopen(path, "we");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
}

static void walk(const char *path, struct arena *a, struct files_list *ret)
{
    assert_int_equal(arena_init(a, "t", (size_t)1 << 24, NULL), ERR_OK);
    assert_int_equal(files_walk(&path, 1, a, ret, NULL), ERR_OK);
}

static void files_are_listed_in_byte_order(void **state)
{
    (void)state;
    OWN_ARENA struct arena a = {0};
    struct files_list l = {0};
    assert_int_equal(mkdir("d", 0700), 0);
    assert_int_equal(mkdir("d/.git", 0700), 0);
    assert_int_equal(mkdir("d/..data", 0700), 0);
    put("d/b.yml", "");
    put("d/a.yaml", "");
    put("d/.hidden.yaml", ""); // kubectl reads it
    put("d/Z.json", "");
    put("d/notes.txt", "");
    put("d/.git/x.yaml", "");
    put("d/..data/x.yaml", "");
    walk("d/", &a, &l);
    const char *const want[] = {"d/.hidden.yaml", "d/Z.json", "d/a.yaml", "d/b.yml"};
    assert_int_equal(l.n, 4);
    for (unsigned i = 0; i < 4; i++)
        assert_string_equal(l.entries[i].name.p, want[i]);
    assert_int_equal(l.n_gaps, 0);
    assert_int_equal(l.n_problems, 0);
}

static void a_chart_is_a_gap_and_its_crds_are_read(void **state)
{
    (void)state;
    OWN_ARENA struct arena a = {0};
    struct files_list l = {0};
    assert_int_equal(mkdir("c", 0700) || mkdir("c/crds", 0700) || mkdir("c/templates", 0700), 0);
    put("c/Chart.yaml", "name: c\n");
    put("c/crds/crd.yaml", "");
    put("c/templates/pod.yaml", "");
    walk("c", &a, &l);
    assert_int_equal(l.n, 1);
    assert_string_equal(l.entries[0].name.p, "c/crds/crd.yaml");
    assert_int_equal(l.n_gaps, 1);
    assert_true(str_eq(l.gaps[0].remedy, S("helm template c | casemate scan -")));
}

static void a_kustomization_s_patches_are_left_out(void **state)
{
    (void)state;
    OWN_ARENA struct arena a = {0};
    struct files_list l = {0};
    assert_int_equal(mkdir("k", 0700), 0);
    assert_int_equal(mkdir("k/over", 0700) || mkdir("k/over/b", 0700), 0);
    put("k/kustomization.yaml", "resources: [pod.yaml]\npatches:\n- path: ./patch.yaml\n- path: over/b/../a.yaml\n"
                                "- path: over/b/c.yaml\n- path: ../k/not.yaml\n- patch: |\n    - op: remove\n");
    put("k/patch.yaml", "");
    put("k/pod.yaml", "");
    put("k/not.yaml", "");
    put("k/over/a.yaml", "");
    put("k/over/patch.yaml", ""); // another one
    put("k/over/b/c.yaml", "");
    put("k/over/b/kustomization.yaml", "patches: [{path: d.yaml}]\n");
    put("k/over/b/d.yaml", "");
    walk("k/", &a, &l);
    const char *const want[] = {"k/not.yaml", "k/over/patch.yaml", "k/pod.yaml"};
    assert_int_equal(l.n, 3);
    for (unsigned i = 0; i < 3; i++)
        assert_string_equal(l.entries[i].name.p, want[i]);
    assert_int_equal(l.n_gaps, 2);
    assert_true(str_eq(l.gaps[0].reason, S("a kustomization")));
}

static void links_to_directories_are_named_and_loops_end(void **state)
{
    (void)state;
    OWN_ARENA struct arena a = {0};
    struct files_list l = {0};
    assert_int_equal(mkdir("l", 0700), 0);
    assert_int_equal(symlink(".", "l/loop"), 0);
    assert_int_equal(symlink("nowhere", "l/dangling.yaml"), 0);
    assert_int_equal(mkfifo("l/pipe.yaml", 0600), 0);
    walk("l", &a, &l);
    assert_int_equal(l.n, 0);
    assert_int_equal(l.n_gaps, 1);
    assert_int_equal(l.n_problems, 2);
    assert_true(str_eq(l.problems[0].message, S("a symbolic link to nothing")));
    assert_true(str_eq(l.problems[1].message, S("not a regular file")));
}

static void standard_input_is_taken_once(void **state)
{
    (void)state;
    OWN_ARENA struct arena a = {0};
    struct files_list l = {0};
    const char *const paths[] = {"-", "-"};
    assert_int_equal(arena_init(&a, "t", 1 << 20, NULL), ERR_OK);
    assert_int_equal(files_walk(paths, 2, &a, &l, NULL), ERR_USAGE);
}

static void a_file_is_read_whole_and_a_pipe_without_a_writer_refused(void **state)
{
    (void)state;
    OWN_ARENA struct arena a = {0};
    struct err e = {0};
    str bytes = {0};
    assert_int_equal(arena_init(&a, "t", 1 << 20, NULL), ERR_OK);
    put("f.yaml", "a: b\n");
    assert_int_equal(files_read(&(struct files_entry){S("f.yaml"), true}, &a, &bytes, NULL), ERR_OK);
    assert_true(str_eq(bytes, S("a: b\n")));
    assert_int_equal(mkfifo("p", 0600), 0);
    assert_int_equal(files_read(&(struct files_entry){S("p"), true}, &a, &bytes, &e), ERR_IO);
    assert_string_equal(e.msg, "'p' is a pipe that nobody writes to");
    assert_int_equal(files_read(&(struct files_entry){S("none"), true}, &a, &bytes, &e), ERR_IO);
    assert_string_equal(e.msg, "cannot open 'none': No such file or directory");
}

#define T(test) cmocka_unit_test_setup_teardown(test, enter, leave)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(files_are_listed_in_byte_order),
        T(a_chart_is_a_gap_and_its_crds_are_read),
        T(a_kustomization_s_patches_are_left_out),
        T(links_to_directories_are_named_and_loops_end),
        T(standard_input_is_taken_once),
        T(a_file_is_read_whole_and_a_pipe_without_a_writer_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
