// Kubernetes' libraries, one expression a row (lib_test.def).
#include "cel/value_test.h"

static const struct row {
    const char *expression, *value;
} rows[] = {
#define CASE(expression, value) {expression, value},
#include "cel/lib_test.def"
#undef CASE
};

static void libraries_answer_as_kubernetes(void **state)
{
    struct arena *a = *state;
    struct err e;
    struct cel_env *env = NULL;
    struct regex_cache *patterns = NULL;
    struct cel_env_options o = {.kubernetes_minor = CEL_NEWEST_MINOR, .container = S("")};
    assert_int_equal(cel_env_new(&o, a, &env, &e), ERR_OK);
    assert_int_equal(regex_cache_new(8, &patterns, &e), ERR_OK);
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct cel_program *p = NULL;
        struct diags d = {.arena = a};
        if (cel_compile(env, str_of(rows[i].expression), NULL, a, &p, &d, &e) != ERR_OK)
            fail_msg("%s: %s", rows[i].expression, d.first ? d.first->message.p : e.msg);
        struct cel_run run = {.arena = a, .patterns = patterns};
        assert_value(rows[i].expression, cel_eval(p, &run), rows[i].value);
    }
    regex_cache_free(patterns);
    cel_env_free(env);
}

static int set_up(void **state)
{
    static struct arena a;
    *state = &a;
    return arena_init(&a, "test", 1 << 26, NULL) != ERR_OK;
}

static int tear_down(void **state)
{
    arena_done(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(libraries_answer_as_kubernetes)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
