#include "doc/prune.h"

#include "base/test.h"
#include "doc/json.h"
#include "doc/write.h"

static const struct node *parse(struct arena *a, str text)
{
    const struct node *root = NULL;
    assert_int_equal(json_parse(text, 0, (uint32_t)text.n, a, &root, NULL, NULL), ERR_OK);
    return root;
}

static void expect(str text, str want)
{
    OWN_ARENA struct arena a = {0};
    OWN_BUF struct buf b = buf_new(1 << 16);
    const struct node *pruned = NULL;
    assert_int_equal(arena_init(&a, "t", 1 << 20, NULL), ERR_OK);
    assert_int_equal(prune_nulls(parse(&a, text), &a, &pruned, NULL), ERR_OK);
    write_json(&b, pruned);
    assert_true(str_eq(buf_str(&b), want));
}

static void null_members_go_and_null_items_stay(void **state)
{
    (void)state;
    expect(S("{\"a\":null,\"b\":{\"c\":null,\"d\":1},\"e\":[null,{\"f\":null}]}"),
           S("{\"b\":{\"d\":1},\"e\":[null,{}]}"));
    expect(S("null"), S("null"));
}

static void a_tree_without_nulls_is_given_back_itself(void **state)
{
    (void)state;
    OWN_ARENA struct arena a = {0};
    const struct node *pruned = NULL;
    assert_int_equal(arena_init(&a, "t", 1 << 20, NULL), ERR_OK);
    const struct node *root = parse(&a, S("{\"a\":[1,{\"b\":\"\"},null]}"));
    assert_int_equal(prune_nulls(root, &a, &pruned, NULL), ERR_OK);
    assert_ptr_equal(pruned, root);
}

static void spans_and_look_up_survive_in_big_maps(void **state)
{
    (void)state;
    OWN_ARENA struct arena a = {0};
    OWN_BUF struct buf b = buf_new(1 << 16);
    const struct node *pruned = NULL;
    assert_int_equal(arena_init(&a, "t", 1 << 20, NULL), ERR_OK);
    buf_put(&b, S("{\"gone\":null"));
    for (int i = 0; i < 100; i++)
        buf_printf(&b, ",\"k%d\":%d", i, i);
    buf_put(&b, S("}"));
    const struct node *root = parse(&a, buf_str(&b));
    assert_int_equal(prune_nulls(root, &a, &pruned, NULL), ERR_OK);
    assert_int_equal(pruned->n, 100);
    assert_null(node_get(pruned, KEY("gone")));
    const struct node *k = node_get(pruned, KEY("k73")), *old = node_get(root, KEY("k73"));
    assert_non_null(k);
    assert_non_null(old);
    assert_int_equal(k->i, 73);
    assert_int_equal(k->start, old->start);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(null_members_go_and_null_items_stay),
        cmocka_unit_test(a_tree_without_nulls_is_given_back_itself),
        cmocka_unit_test(spans_and_look_up_survive_in_big_maps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
