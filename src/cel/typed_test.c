#include "cel/typed.h"

#include "base/test.h"
#include "doc/json.h"

// Read and printed again; or what is wrong with it.
static const struct {
    const char *in, *out;
} values[] = {
    {"{\"int\": \"-9223372036854775808\"}", "{\"int\": \"-9223372036854775808\"}"},
    {"{\"uint\": \"18446744073709551615\"}", "{\"uint\": \"18446744073709551615\"}"},
    {"{\"double\": \"1e400\"}", "{\"double\": \"Infinity\"}"},
    {"{\"double\": \"NaN\"}", "{\"double\": \"NaN\"}"},
    {"{\"double\": \"-Infinity\"}", "{\"double\": \"-Infinity\"}"},
    {"{\"double\": \"0.1\"}", "{\"double\": \"0.1\"}"},
    {"{\"bool\": \"true\"}", "{\"bool\": \"true\"}"},
    {"{\"bool\": false}", "{\"bool\": \"false\"}"},
    {"{\"null\": \"NULL_VALUE\"}", "{\"null\": \"NULL_VALUE\"}"},
    {"{\"string\": \"a\\\"\"}", "{\"string\": \"a\\\"\"}"},
    {"{\"bytes\": \"/w==\"}", "{\"bytes\": \"/w==\"}"},
    {"{\"timestamp\": [1, 5]}", "{\"timestamp\": [1, 5]}"},
    {"{\"duration\": [-1, -500000000]}", "{\"duration\": [-1, -500000000]}"},
    {"{\"list\": [{\"int\": \"1\"}, {\"list\": []}]}", "{\"list\": [{\"int\": \"1\"}, {\"list\": []}]}"},
    {"{\"map\": [[{\"string\": \"k\"}, {\"uint\": \"1\"}]]}", "{\"map\": [[{\"string\": \"k\"}, {\"uint\": \"1\"}]]}"},
    {"{\"json\": {\"a\": [1, 1.5, null]}}",
     "{\"map\": [[{\"string\": \"a\"}, {\"list\": [{\"int\": \"1\"}, {\"double\": \"1.5\"}, {\"null\": \"NULL_VALUE\"}]}]]}"},
    {"{\"int\": \"9223372036854775808\"}", "{\"error\": \"'9223372036854775808' is no int\"}"},
    {"{\"int\": \"1x\"}", "{\"error\": \"'1x' is no int\"}"},
    {"{\"int\": \"\"}", "{\"error\": \"'' is no int\"}"},
    {"{\"int\": 1}", "{\"error\": \"values of type 'int' cannot be given\"}"},
    {"{\"list\": [{\"x\": \"1\"}]}", "{\"error\": \"values of type 'x' cannot be given\"}"},
    {"{\"map\": [[{\"int\": \"1\"}]]}", "{\"error\": \"an entry of a map is [key, value]\"}"},
    {"{\"map\": [[{\"list\": []}, {\"int\": \"1\"}]]}", "{\"error\": \"a key of a map is an int, uint, bool or string\"}"},
    {"{\"duration\": [9223372036854775807, 0]}", "{\"error\": \"a time is out of range\"}"},
    {"{\"timestamp\": \"now\"}", "{\"error\": \"a time is [seconds, nanoseconds]\"}"},
    {"5", "{\"error\": \"a value is {\\\"TYPE\\\": ...}\"}"},
};

static const struct node *read_json(struct arena *a, const char *text)
{
    const struct node *root = NULL;
    struct diags d = {.arena = a};
    assert_int_equal(json_parse(str_of(text), 0, (uint32_t)strlen(text), a, &root, &d, NULL), ERR_OK);
    return root;
}

static void values_are_read_and_printed(void **state)
{
    for (unsigned i = 0; i < sizeof values / sizeof *values; i++) {
        OWN_BUF struct buf out = buf_new(4096);
        typed_value_print(&out, typed_value(read_json(*state, values[i].in), *state));
        buf_putc(&out, '\0');
        assert_string_equal(out.p, values[i].out);
    }
}

static void results_are_printed(void **state)
{
    static const char expression[] = "[dyn(int), dyn(optional.none()), dyn(optional.of(1)), dyn(quantity('1.5Gi')), "
                                     "dyn(ip('::1')), dyn(semver('1.2.3'))]";
    struct cel_env *env = NULL;
    const struct cel_program *p = NULL;
    struct diags d = {.arena = *state};
    struct err e;
    struct cel_env_options o = {.kubernetes_minor = CEL_NEWEST_MINOR, .container = S("")};
    assert_int_equal(cel_env_new(&o, *state, &env, &e), ERR_OK);
    assert_int_equal(cel_compile(env, str_of(expression), NULL, *state, &p, &d, &e), ERR_OK);
    struct cel_run run = {.arena = *state};
    OWN_BUF struct buf out = buf_new(4096);
    typed_value_print(&out, cel_eval(p, &run));
    typed_value_print(&out, value_unknown(*state, S("request")));
    buf_putc(&out, '\0');
    assert_string_equal(out.p, "{\"list\": [{\"type\": \"int\"}, {\"optional\": null}, {\"optional\": {\"int\": \"1\"}}, "
                               "{\"quantity\": \"1536Mi\"}, {\"ip\": \"::1\"}, {\"semver\": \"1.2.3\"}]}"
                               "{\"unknown\": [\"request\"]}");
    cel_env_free(env);
}

static const struct {
    const char *in, *out; // out NULL: as in
} types[] = {
    {"{\"primitive\": \"UINT64\"}", NULL},
    {"{\"null\": \"NULL_VALUE\"}", NULL},
    {"{\"dyn\": {}}", NULL},
    {"{\"message_type\": \"google.protobuf.Duration\"}", NULL},
    {"{\"well_known\": \"TIMESTAMP\"}", "{\"message_type\": \"google.protobuf.Timestamp\"}"},
    {"{\"list_type\": {\"elem_type\": {\"map_type\": {\"key_type\": {\"primitive\": \"STRING\"}, \"value_type\": {\"dyn\": {}}}}}}",
     NULL},
    {"{\"abstract_type\": {\"name\": \"optional_type\", \"parameter_types\": {\"primitive\": \"INT64\"}}}", NULL},
    {"{\"abstract_type\": {\"name\": \"pair\", \"parameter_types\": [{\"primitive\": \"INT64\"}, {\"dyn\": {}}]}}", NULL},
    {"{\"abstract_type\": {\"name\": \"tuple\", \"parameter_types\": [{\"primitive\": \"INT64\"}, {\"dyn\": {}}, {\"primitive\": \"BOOL\"}]}}",
     NULL},
    {"{\"abstract_type\": {\"name\": \"thing\"}}", NULL},
    {"{\"type_param\": \"T\"}", "{\"dyn\": {}}"},
    {"{\"surprise\": 1}", "{\"dyn\": {}}"},
};

static void types_are_read_and_printed(void **state)
{
    for (unsigned i = 0; i < sizeof types / sizeof *types; i++) {
        OWN_BUF struct buf out = buf_new(4096);
        typed_type_print(&out, typed_type(read_json(*state, types[i].in), NULL, *state));
        buf_putc(&out, '\0');
        assert_string_equal(out.p, types[i].out ? types[i].out : types[i].in);
    }
}

// A parameter is one type within a declaration: f(1, 'a') has none for f(T, T).
static void functions_are_declared(void **state)
{
    static const char f[] = "{\"overloads\": {\"overload_id\": \"f\", \"result_type\": {\"type_param\": \"T\"}, "
                            "\"params\": [{\"type_param\": \"T\"}, {\"type_param\": \"T\"}]}}";
    struct cel_env *env = NULL;
    const struct cel_program *p = NULL;
    struct diags d = {.arena = *state};
    struct err e;
    struct cel_env_options o = {.kubernetes_minor = CEL_NEWEST_MINOR, .container = S("")};
    assert_int_equal(cel_env_new(&o, *state, &env, &e), ERR_OK);
    assert_int_equal(typed_declare_function(env, S("f"), read_json(*state, f), *state, &e), ERR_OK);
    assert_int_equal(cel_compile(env, S("f(1, 2)"), NULL, *state, &p, &d, &e), ERR_OK);
    assert_int_equal(cel_program_type(p)->kind, CEL_INT);
    assert_int_equal(cel_compile(env, S("f(1, 'a')"), NULL, *state, &p, &d, &e), ERR_SYNTAX);
    cel_env_free(env);
}

static int set_up(void **state)
{
    static struct arena a;
    *state = &a;
    return arena_init(&a, "test", 1 << 24, NULL) != ERR_OK;
}

static int tear_down(void **state)
{
    arena_done(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_read_and_printed),
        cmocka_unit_test(results_are_printed),
        cmocka_unit_test(types_are_read_and_printed),
        cmocka_unit_test(functions_are_declared),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
