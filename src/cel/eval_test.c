#include "cel/ast.h"
#include "cel/value_test.h"
#include "doc/json.h"

#include <stdlib.h>
#include <string.h>

static const char OBJECT[] =
    "{\"name\": \"web\", \"n\": 3, \"d\": 1.5, \"t\": true, \"nil\": null, \"big\": 9223372036854775807,"
    "\"list\": [1, 2, 3], \"mixed\": [1, \"a\", true], \"empty\": [],"
    "\"map\": {\"a\": 1, \"b\": 2}, \"deep\": {\"x\": {\"y\": \"z\"}}}";

struct bench {
    struct arena arena;
    struct cel_env *env;
    struct regex_cache *patterns;
    struct value slots[2]; // object; gone, which is unknown
};

static void bench_init(struct bench *b)
{
    *b = (struct bench){0};
    assert_int_equal(arena_init(&b->arena, "bench", (size_t)1 << 28, NULL), ERR_OK);
    struct cel_env_options o = {.kubernetes_minor = CEL_NEWEST_MINOR};
    struct diags d = {.arena = &b->arena};
    const struct node *root;
    uint32_t slot;
    assert_int_equal(cel_env_new(&o, &b->arena, &b->env, NULL), ERR_OK);
    assert_int_equal(cel_env_variable(b->env, S("object"), type_simple(CEL_DYN), &slot, NULL), ERR_OK);
    assert_int_equal(cel_env_variable(b->env, S("gone"), type_simple(CEL_DYN), &slot, NULL), ERR_OK);
    assert_int_equal(regex_cache_new(8, &b->patterns, NULL), ERR_OK);
    assert_int_equal(json_parse((str){OBJECT, sizeof OBJECT - 1}, 0, sizeof OBJECT - 1, &b->arena,
                                &root, &d, NULL),
                     ERR_OK);
    b->slots[0] = value_of_node(root);
    b->slots[1] = value_unknown(&b->arena, S("gone"));
}

static void bench_done(struct bench *b)
{
    regex_cache_free(b->patterns);
    cel_env_free(b->env);
    arena_done(&b->arena);
}

static struct cel_run run_of(struct bench *b, uint64_t limit)
{
    return (struct cel_run){.arena = &b->arena,
                            .slots = b->slots,
                            .cost_limit = limit,
                            .patterns = b->patterns};
}

static const struct cel_program *compile(struct bench *b, const char *text)
{
    const struct cel_program *p = NULL;
    struct diags d = {.arena = &b->arena};
    struct err e = {0};
    if (cel_compile(b->env, str_of(text), NULL, &b->arena, &p, &d, &e) != ERR_OK)
        fail_msg("%s: %s", text, d.first ? d.first->message.p : e.msg);
    return p;
}

struct row {
    const char *expression, *value; // as cel_value_print has it; errors as !message
};

static void check_row(struct bench *b, const struct row *r)
{
    const struct cel_program *p = compile(b, r->expression);
    struct cel_run run = run_of(b, 1000000);
    assert_value(r->expression, cel_eval(p, &run), r->value);
}

static void check_rows(const struct row *rows, size_t n)
{
    struct bench b;
    bench_init(&b);
    for (size_t i = 0; i < n; i++)
        check_row(&b, &rows[i]);
    bench_done(&b);
}
#define CHECK(rows) check_rows(rows, sizeof rows / sizeof *rows)

static void selections(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"object.deep.x.y", "\"z\""},
        {"object['deep']['x'].y", "\"z\""},
        {"object.deep.q", "!no such key: q"},
        {"object.name.q", "!no such key: q"},
        {"object.list.q", "!unsupported index type 'string' in list"},
        {"object.list[1]", "2"},
        {"object.list[1.0]", "2"},
        {"object.list[1u]", "2"},
        {"object.list[3]", "!index out of bounds: 3"},
        {"object.list[-1]", "!index out of bounds: -1"},
        {"object.map[1]", "!no such key: 1"},
        {"object.map[object.nil]", "!invalid qualifier type: null_type"},
        {"has(object.deep.x)", "true"},
        {"has(object.nil)", "true"},
        {"has(object.deep.q)", "false"},
        {"has(object.name.q)", "false"},
        {"has(object.nil.q)", "false"},
        {"has(object.gone.q)", "!no such key: gone"},
        {"{1: 'a'}[dyn(1.0)]", "\"a\""},
        {"{1u: 'a'}[dyn(1)]", "\"a\""},
        {"{1: 'a', 2: 'b', 1: 'c'}", "{\"1\": \"c\", \"2\": \"b\"}"},
    };
    CHECK(rows);
}

static void logic_absorbs(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"object.q || true", "true"},
        {"true || object.q", "true"},
        {"object.q && false", "false"},
        {"false && object.q", "false"},
        {"object.q || false", "!no such key: q"},
        {"object.name || true", "true"},
        {"object.name && true", "!no such overload"},
        {"object.q || object.r", "!no such key: q"},
        {"object.t ? 1 : object.q", "1"},
        {"object.name ? 1 : 2", "!no such overload"},
        {"object.mixed.all(x, x > 1)", "false"},
        {"object.mixed.exists(x, x == 'a' || x.y)", "true"},
        {"object.mixed.exists(x, x.y)", "!no such key: y"},
        {"object.mixed.exists_one(x, x == 'a')", "true"},
        {"object.mixed.exists_one(x, x > 0)", "!no such overload: _>_"},
        {"(1 / object.empty.size()) in []", "false"},
    };
    CHECK(rows);
}

static void unknowns_are_a_third_value(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"gone", "{\"!unknown\": [\"gone\"]}"},
        {"gone.a.b == 1", "{\"!unknown\": [\"gone\"]}"},
        {"has(gone.a)", "{\"!unknown\": [\"gone\"]}"},
        {"gone && false", "false"},
        {"true || gone", "true"},
        {"gone || object.q", "{\"!unknown\": [\"gone\"]}"},
        {"object.q && gone", "{\"!unknown\": [\"gone\"]}"},
        {"object.list.all(x, x > 1 && gone)", "false"},
        {"object.list.exists(x, gone)", "{\"!unknown\": [\"gone\"]}"},
        {"gone.all(x, true)", "{\"!unknown\": [\"gone\"]}"},
        {"object.t ? gone : 1", "{\"!unknown\": [\"gone\"]}"},
        {"gone ? 1 : 2", "{\"!unknown\": [\"gone\"]}"},
        {"size(gone)", "{\"!unknown\": [\"gone\"]}"},
    };
    CHECK(rows);
}

static void arithmetic(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"object.big + 1", "!integer overflow"},
        {"-object.big - 2", "!integer overflow"},
        {"object.big * 2", "!integer overflow"},
        {"object.n / 0", "!division by zero"},
        {"object.n % 0", "!modulus by zero"},
        {"(-object.big - 1) / -1", "!integer overflow"},
        {"-7 / 2", "-3"},
        {"-7 % 2", "-1"},
        {"1u - 2u", "!unsigned integer overflow"},
        {"dyn(1) + dyn(1u)", "!no such overload: _+_"},
        {"1.0 / 0.0", "\"Infinity\""},
        {"0.0 / 0.0 == 0.0 / 0.0", "false"},
        {"0.0 / 0.0 < 1.0", "!NaN values cannot be ordered"},
        {"'a' + 'b'", "\"ab\""},
        {"b'a' + b'b'", "\"YWI=\""},
        {"object.list + [4]", "[1, 2, 3, 4]"},
        {"'zebra' > 'apple'", "true"},
        {"9007199254740993 == dyn(9007199254740992.0)", "true"},
        {"9223372036854775807 < 9223372036854775808.0", "false"},
        {"1 < 1.5 && 2u > 1.5 && -1 < 1u", "true"},
        {"object.list == [1.0, 2.0, 3.0]", "true"},
        {"object.map == {'b': 2, 'a': 1}", "true"},
        {"dyn(1) == dyn('1')", "false"},
        {"dyn(3) in object.list && 'a' in object.map && !(4 in object.list)", "true"},
    };
    CHECK(rows);
}

static void macros(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"object.list.filter(x, x != 2)", "[1, 3]"},
        {"object.list.map(x, x * x)", "[1, 4, 9]"},
        {"object.list.map(x, x > 1, x * x)", "[4, 9]"},
        {"object.map.map(k, k)", "[\"a\", \"b\"]"},
        {"object.list.map(x, object.list.map(y, x * y))", "[[1, 2, 3], [2, 4, 6], [3, 6, 9]]"},
        {"object.list.transformList(i, x, i + x)", "[1, 3, 5]"},
        {"object.map.transformMap(k, v, v * 10)", "{\"a\": 10, \"b\": 20}"},
        {"object.map.transformMap(k, v, k != 'a', v)", "{\"b\": 2}"},
        {"object.map.transformMapEntry(k, v, {string(v): k})", "{\"1\": \"a\", \"2\": \"b\"}"},
        {"object.list.transformMapEntry(i, v, {'k': v})", "!insert failed: key k already exists"},
        {"object.list.all(i, x, x == i + 1)", "true"},
        {"object.map.existsOne(k, v, v == 2)", "true"},
        {"object.n.map(x, x)", "!expected iterable type"},
        {"object.list.filter(x, x.y)", "!no such key: y"},
        {"['b', 'c', 'a'].sortBy(x, x)", "[\"a\", \"b\", \"c\"]"},
        {"object.list.sortBy(x, -x)", "[3, 2, 1]"},
        {"object.mixed.sortBy(x, x)", "!list elements must have the same type"},
    };
    CHECK(rows);
}

static void optionals(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"object.?deep.x.y.orValue('none')", "\"z\""},
        {"object.?deep.q.y.orValue('none')", "\"none\""},
        {"object.?name.q.hasValue()", "false"},
        {"object.?q.orValue(object.n)", "3"},
        {"object.?n.orValue(object.q)", "3"},
        {"object.list[?1].value()", "2"},
        {"object.list[?9]", "null"},
        {"object.?q.or(object.?n).value()", "3"},
        {"object.?q.value()", "!optional.none() dereference"},
        {"[?object.?q, ?object.?n]", "[3]"},
        {"{?'a': object.?q, ?'b': object.?n}", "{\"b\": 3}"},
        {"object.?n.optMap(n, n + 1).value()", "4"},
        {"object.?q.optMap(n, n + 1).hasValue()", "false"},
        {"object.?deep.optFlatMap(d, d.?x).value().y", "\"z\""},
        {"optional.ofNonZeroValue(0).hasValue()", "false"},
        {"object.list.first().value() + object.list.last().value()", "4"},
        {"object.empty.first().hasValue()", "false"},
        {"optional.unwrap([object.?n, object.?q])", "[3]"},
        {"has(object.?deep.q)", "false"},
    };
    CHECK(rows);
}

static void conversions(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"string(1e6) + ' ' + string(0.1) + ' ' + string(-1.0)", "\"1e+06 0.1 -1\""},
        {"string(object.d)", "\"1.5\""},
        {"int(object.name)", "!type conversion error from 'string' to 'int'"},
        {"[int('-12'), int('+5'), int(1.9), int(-1.9)]", "[-12, 5, 1, -1]"},
        {"double('1e40' + string(object.list.size() - 3))", "!type conversion error from 'string' to 'double'"},
        {"double('0x1p4') + double('1_0')", "26.0"},
        {"int(9223372036854775807.0 + object.d)", "!integer overflow"},
        {"uint(object.n - 4)", "!unsigned integer overflow"},
        {"bool(object.name)", "!type conversion error from 'string' to 'bool'"},
        {"string(bytes('\\u00e9')) == '\\u00e9' && size('\\u00e9') == 1 && size(b'\\xff\\xff') == 2", "true"},
        {"type(object.list) == list && type(type(1)) == type", "true"},
        {"type(object.d)", "\"double\""},
        {"dyn(object.nil) == null", "true"},
        {"object.name.matches('^w.b$') && object.name.contains('e')", "true"},
        {"object.n.startsWith('a')", "!no such overload: startsWith(int, string)"},
    };
    CHECK(rows);
}

static void time(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"timestamp('2024-02-29T12:30:45.125Z') + duration('1h')", "\"2024-02-29T13:30:45.125Z\""},
        {"string(timestamp('2024-01-01T00:30:00+02:00'))", "\"2024-01-01T00:30:00+02:00\""},
        {"timestamp('2024-01-01T00:30:00+02:00').getHours()", "22"},
        {"timestamp('2024-07-01T00:00:00Z').getHours('Europe/Paris')", "2"},
        {"timestamp('2090-07-01T00:00:00Z').getHours('Europe/Paris')", "2"},
        {"timestamp('2090-01-01T00:00:00Z').getHours('America/New_York')", "19"},
        {"timestamp('2024-01-01T00:00:00Z').getDate('-01:00')", "31"},
        {"timestamp('2024-01-01T00:00:00Z').getMinutes('05:45')", "45"},
        {"timestamp('2024-01-01T00:00:00Z').getHours('No/Where')", "!unknown time zone No/Where"},
        {"timestamp('2024-01-01T00:00:00Z').getHours('../../etc/passwd')",
         "!time: invalid location name"},
        {"timestamp('2024-01-01T00:00:00Z').getHours(r'\\d+')", "!time: invalid location name"},
        {"timestamp('2024-01-01T00:00:00Z').getHours('a\"b:00')", "!strconv.Atoi: parsing \"a\\\"b\": invalid syntax"},
        {"timestamp('2024-01-01T00:00:00Z').getHours('+:00')", "!strconv.Atoi: parsing \"+\": invalid syntax"},
        {"timestamp('2024-01-01T00:00:00Z').getHours('01:99999999999999999999')",
         "!strconv.Atoi: parsing \"99999999999999999999\": value out of range"},
        {"timestamp('2024-01-01T00:00:00Z').getHours('01:75')",
         "!timezone offset minutes out of range [0, 59]: 01:75"},
        {"timestamp('2023-03-26T01:30:00Z').getHours('9999999999:0')", "4"},
        {"timestamp('2023-03-26T01:30:00Z').getHours('1234567890123:0')", "9"},
        {"[duration('2562047h47m16.854775807s'), duration('1h')].sum()", "!integer overflow"},
        {"double('NaN') < dyn('a')", "!NaN values cannot be ordered"},
        {"dyn('a') < double('NaN')", "!no such overload: _<_"},
        {"dyn('1.2.3.4').ip()", "!no such overload: ip(string)"},
        {"ip(dyn(cidr('1.2.3.4/8')))", "!no such overload: ip(net.CIDR)"},
        {"dyn(cidr('1.2.3.4/8')).ip() == ip(dyn('1.2.3.4'))", "true"},
        {"[dyn(1)].unwrapOpt()", "!no such overload: unwrapOpt(list)"},
        {"[false, false].transformMapEntry(k, v, {dyn(null): 1})", "!insert failed: key 0 already exists"},
        {"timestamp('9999-12-31T23:59:59Z') + duration(object.name == 'web' ? '1s' : '0s')",
         "!timestamp overflow"},
        {"timestamp('2024-03-01T00:00:00Z') - timestamp('2024-02-01T00:00:00Z')", "\"2505600s\""},
        {"duration('1h34us') + duration('-1.5s')", "\"3598.500034s\""},
        {"duration('90m').getHours() == 1 && duration('1.25s').getMilliseconds() == 1250", "true"},
        {"timestamp(object.n).getSeconds()", "3"},
    };
    CHECK(rows);
}

// Numbers as kube-apiserver's own environment gives them.
static void costs(void **state)
{
    (void)state;
    static const struct {
        const char *expression;
        uint64_t cost;
    } rows[] = {
        {"object.deep.x.y", 4},
        {"has(object.deep.x)", 2},
        {"object.list.all(x, x > 0)", 2 + 3 * (3 + 2) + 1},
        {"object.list.exists(x, x == 1)", 2 + 4 + 2 + 3 + 1},
        {"object.list.filter(x, x > 1)", 2 + 3 * 2 + 2 * 13 + 1},
        {"object.list.map(x, x)", 2 + 3 * 13 + 1},
        {"object.name == 'web' ? object.n : object.d", 3 + 1},
        {"object.name in ['a', 'b']", 2},
        {"object.n in object.list", 2 + 2 + 1},
        {"object.list[object.n - 1]", 2 + 1 + 3},
        {"[object.n]", 10 + 2},
        {"{'a': object.n}", 30 + 2},
        {"object.name.contains('eb')", 2 + 1},
        {"object.name.matches('^[a-z]{1,20}$')", 2 + 4},
        {"'0123456789abc' + object.name", 2 + 2},
        {"object.?q.orValue(1)", 1},
        {"object.?n.optMap(x, 1).orValue(2)", 2 + 1 + 1},
        {"object.?n.optMap(x, x).orValue(2)", 2 + 1 + 3 + 1 + 1},
        {"[1].all(x, true)", 3 + 1},
    };
    struct bench b;
    bench_init(&b);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct cel_program *p = compile(&b, rows[i].expression);
        struct cel_run run = run_of(&b, 0);
        (void)cel_eval(p, &run);
        if (run.cost != rows[i].cost)
            fail_msg("%s: cost %llu, wanted %llu", rows[i].expression,
                     (unsigned long long)run.cost, (unsigned long long)rows[i].cost);
    }
    bench_done(&b);
}

static void a_panic_wins_over_an_earlier_error(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    static const char *const texts[] = {
        "{2: [1]}[-1] + [[1]].flatten(-1).distinct() == [1]",
        "{2: [1]}[-1] == [[1]].flatten(-1).distinct()",
        "{2: 1}[-1] < [[1]].flatten(-1).distinct().size()",
        "{2: 1}[-1] in [[1]].flatten(-1).distinct()",
        "'a'.charAt({2: 1}[-1] - [[1]].flatten(-1).distinct().size()) == 'a'",
        "{2: 'a'}[-1].charAt([[1]].flatten(-1).distinct().size()) == 'a'",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct cel_run run = run_of(&b, 0);
        struct value v = cel_eval(compile(&b, texts[i]), &run);
        assert_int_equal(v.kind, CEL_ERROR);
        assert_true(v.error->fatal);
    }
    bench_done(&b);
}

static void limits_are_not_absorbed(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    static const char *const greedy[] = {
        "lists.range(1000).all(a, lists.range(1000).all(b, lists.range(1000).all(c, true))) || true",
        "lists.range(1000).map(a, lists.range(1000).map(b, [a, b])).size() > 0 || true",
        "object.list.exists(x, lists.range(100000).all(b, true) || true) || true",
        "lists.range(1000).filter(a, lists.range(1000).exists_one(b, a == b)).size() == 0 || true",
    };
    for (size_t i = 0; i < sizeof greedy / sizeof *greedy; i++) {
        struct cel_run run = run_of(&b, 100000);
        struct value v = cel_eval(compile(&b, greedy[i]), &run);
        assert_int_equal(v.kind, CEL_ERROR);
        assert_true(v.error->fatal);
        assert_true(run.cost < 2000000);
    }
    struct arena tiny = {0};
    assert_int_equal(arena_init(&tiny, "tiny", 65536, NULL), ERR_OK);
    const struct cel_program *p = compile(&b, "lists.range(5000).map(x, [x, x]).size() == 1 || true");
    struct cel_run run = run_of(&b, 0);
    run.arena = &tiny;
    struct value v = cel_eval(p, &run);
    assert_int_equal(v.kind, CEL_ERROR);
    assert_true(v.error->fatal);
    arena_done(&tiny);
    bench_done(&b);
}

static void nesting_is_bounded(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    enum { TERMS = 20000 };
    char *text = malloc(TERMS * 2 + 1);
    assert_non_null(text);
    for (size_t i = 0; i < TERMS; i++)
        memcpy(text + 2 * i, "n+", 2);
    text[TERMS * 2 - 1] = '\0';
    const struct cel_program *p = NULL;
    struct diags d = {.arena = &b.arena};
    uint32_t slot;
    assert_int_equal(cel_env_variable(b.env, S("n"), type_simple(CEL_DYN), &slot, NULL), ERR_OK);
    assert_int_not_equal(cel_compile(b.env, str_of(text), NULL, &b.arena, &p, &d, NULL), ERR_OK);
    free(text);
    bench_done(&b);
}

static void errors_know_their_span(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    struct cel_run run = run_of(&b, 0);
    struct value v = cel_eval(compile(&b, "1 + int(object.name)"), &run);
    assert_int_equal(v.kind, CEL_ERROR);
    assert_int_equal(v.error->start, 4);
    assert_int_equal(v.error->end, 20);
    bench_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(selections),
        cmocka_unit_test(logic_absorbs),
        cmocka_unit_test(unknowns_are_a_third_value),
        cmocka_unit_test(arithmetic),
        cmocka_unit_test(macros),
        cmocka_unit_test(optionals),
        cmocka_unit_test(conversions),
        cmocka_unit_test(time),
        cmocka_unit_test(costs),
        cmocka_unit_test(a_panic_wins_over_an_earlier_error),
        cmocka_unit_test(limits_are_not_absorbed),
        cmocka_unit_test(nesting_is_bounded),
        cmocka_unit_test(errors_know_their_span),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
