#include "base/slots.h"

#include "base/test.h"

// Records whose hashes are all the same, or all different: both are found, and what is put again is replaced.
struct record {
    uint32_t key;
};
static uint32_t mask;

static uint32_t hash_of(const void *records, uint32_t number)
{
    return ((const struct record *)records)[number].key & mask;
}

static bool is(const void *records, uint32_t number, const void *key)
{
    return ((const struct record *)records)[number].key == *(const uint32_t *)key;
}

static void numbers_are_found_by_key(void **state)
{
    (void)state;
    static struct record all[700];
    OWN_ARENA struct arena a = {0};
    assert_int_equal(arena_init(&a, "t", 1 << 20, NULL), ERR_OK);
    for (int turn = 0; turn < 2; turn++) {
        struct slots t = {0};
        uint32_t absent = 3;
        mask = turn ? 0 : UINT32_MAX;
        assert_int_equal(slots_find(&t, 3, is, all, &absent), SLOTS_NONE);
        for (uint32_t i = 0; i < 700; i++) {
            all[i].key = i * 7;
            assert_int_equal(slots_room(&t, 2, hash_of, all, &a, NULL), ERR_OK);
            uint32_t *place = slots_at(&t, all[i].key & mask, is, all, &all[i].key);
            assert_int_equal(*place, 0);
            slots_set(&t, place, i);
        }
        assert_int_equal(t.n, 700);
        for (uint32_t i = 0; i < 700; i++)
            assert_int_equal(slots_find(&t, all[i].key & mask, is, all, &all[i].key), i);
        assert_int_equal(slots_find(&t, absent & mask, is, all, &absent), SLOTS_NONE);
        slots_set(&t, slots_at(&t, all[5].key & mask, is, all, &all[5].key), 9); // another record of that key
        assert_int_equal(t.n, 700);
    }
}

static void a_full_arena_is_said(void **state)
{
    (void)state;
    struct record one = {1};
    struct slots t = {0};
    struct err e = {0};
    OWN_ARENA struct arena a = {0};
    assert_int_equal(arena_init(&a, "t", 4096, NULL), ERR_OK);
    assert_int_equal(slots_room(&t, 1 << 20, hash_of, &one, &a, &e), ERR_LIMIT);
    assert_int_equal(t.cap, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_found_by_key),
        cmocka_unit_test(a_full_arena_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
