#include "cel/value_priv.h"

#include <string.h>

#include "base/test.h"

static struct value text(const char *s)
{
    return value_str(str_of(s));
}

static void numbers_of_different_kinds(void **state)
{
    (void)state;
    assert_true(value_equal(value_int(1), value_uint(1)));
    assert_true(value_equal(value_int(1), value_double(1)));
    assert_false(value_equal(value_int(-1), value_uint(UINT64_MAX)));
    assert_true(value_equal(value_int(9007199254740993), value_double(9007199254740992.0)));
    assert_true(value_equal(value_int(INT64_MAX), value_double(0x1p63)));
    assert_false(value_equal(value_double(__builtin_nan("")), value_double(__builtin_nan(""))));
    int order;
    assert_true(value_compare(value_double(1e30), value_int(INT64_MAX), &order));
    assert_int_equal(order, 1);
    assert_true(value_compare(value_uint(UINT64_MAX), value_int(-1), &order));
    assert_int_equal(order, 1);
    assert_true(value_compare(value_int(0), value_double(__builtin_nan("")), &order));
    assert_int_equal(order, 2);
    assert_true(value_compare(text("a"), text("q"), &order)); // 16 apart: still -1
    assert_int_equal(order, -1);
    assert_false(value_compare(text("a"), value_int(1), &order));
}

static void kinds_that_do_not_meet(void **state)
{
    (void)state;
    struct value b = text("a");
    b.kind = CEL_BYTES;
    assert_false(value_equal(text("a"), b));
    assert_false(value_equal(value_null(), value_bool(false)));
    assert_false(value_equal(value_null(), value_int(0)));
    struct value none = {.kind = CEL_OPTIONAL}, inner = value_int(1), some = none;
    some.some = &inner;
    assert_true(value_equal(none, none));
    assert_false(value_equal(none, some));
}

static void big_maps_are_indexed(void **state)
{
    (void)state;
    struct arena a = {0};
    struct value_builder b;
    enum { N = 5000 };
    assert_int_equal(arena_init(&a, "map", 1 << 24, NULL), ERR_OK);
    assert_true(value_builder_init(&b, &a, 1));
    for (int64_t i = 0; i < N; i++)
        value_builder_set(&b, (struct entry){value_int(i), value_int(i * 2)});
    for (int64_t i = 0; i < N; i += 2)
        value_builder_set(&b, (struct entry){value_int(i), value_int(-i)});
    value_builder_remove(&b, value_int(17));
    struct value map = value_builder_done(&b), v;
    assert_true(map.flags & VALUE_INDEXED);
    assert_int_equal(value_map_size(map), N - 1);
    assert_false(value_map_find(map, value_int(17), &v));
    assert_true(value_map_find(map, value_double(4000), &v));
    assert_int_equal(v.i, -4000);
    assert_true(value_map_find(map, value_uint(4001), &v));
    assert_int_equal(v.i, 8002);
    assert_false(value_map_find(map, text("1"), &v));
    assert_false(value_map_find(map, value_double(0.5), &v));
    arena_done(&a);
}

static void a_look_up_prefers_its_own_kind(void **state)
{
    (void)state;
    struct arena a = {0};
    struct value_builder b;
    assert_int_equal(arena_init(&a, "map", 1 << 16, NULL), ERR_OK);
    assert_true(value_builder_init(&b, &a, 2));
    value_builder_set(&b, (struct entry){value_int(1), text("int")});
    value_builder_set(&b, (struct entry){value_uint(1), text("uint")});
    struct value map = value_builder_done(&b), v;
    assert_int_equal(value_map_size(map), 2);
    assert_true(value_map_find(map, value_uint(1), &v));
    assert_true(str_eq(value_text(v), S("uint")));
    assert_true(value_map_find(map, value_double(1), &v));
    assert_true(str_eq(value_text(v), S("int")));
    arena_done(&a);
}

static void unknowns_merge_without_repeating(void **state)
{
    (void)state;
    struct arena a = {0};
    assert_int_equal(arena_init(&a, "unknown", 1 << 16, NULL), ERR_OK);
    struct value x = value_unknown(&a, S("x")), y = value_unknown(&a, S("y"));
    struct value xy = value_unknown_merge(&a, value_unknown_merge(&a, x, y), x);
    assert_int_equal(xy.unknown->n, 2);
    assert_true(str_eq(xy.unknown->names[0], S("x")));
    assert_true(str_eq(xy.unknown->names[1], S("y")));
    arena_done(&a);
}

static void a_full_arena_is_a_fatal_error(void **state)
{
    (void)state;
    struct arena a = {0};
    assert_int_equal(arena_init(&a, "full", 4096, NULL), ERR_OK);
    struct value v = value_null();
    for (int i = 0; i < 1000 && !(v.kind == CEL_ERROR && v.error->fatal); i++)
        v = value_error(&a, "error %d", i);
    assert_true(v.error->fatal);
    assert_true(value_unknown(&a, S("some name that is too long for what is left of the arena "
                                    "whatever the messages above have left of its 4096 bytes"))
                    .error->fatal);
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_different_kinds),
        cmocka_unit_test(kinds_that_do_not_meet),
        cmocka_unit_test(big_maps_are_indexed),
        cmocka_unit_test(a_look_up_prefers_its_own_kind),
        cmocka_unit_test(unknowns_merge_without_repeating),
        cmocka_unit_test(a_full_arena_is_a_fatal_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
