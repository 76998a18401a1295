#include "kube/object.h"

#include "doc/tree_test.h"

static const struct {
    const char *json, *group, *version, *name, *ns, *resource;
    bool cluster_scoped;
} objects[] = {
    {"{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\",\"namespace\":\"b\"}}", "", "v1", "a",
     "b", "pods", false},
    {"{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"generateName\":\"a-\"}}", "apps", "v1",
     "a-", "", "deployments", false},
    {"{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"\",\"generateName\":\"n-\"}}", "", "v1",
     "n-", "", "namespaces", true},
    {"{\"apiVersion\":\"example.com/v1\",\"kind\":\"Proxy\",\"metadata\":null}", "example.com", "v1", "", "",
     "proxies", false},
    {"{\"apiVersion\":\"example.com/v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":1}}", "example.com", "v1",
     "", "", "namespaces", false},
    {"{\"apiVersion\":\"/v1\",\"kind\":\"Pod\"}", "", "v1", "", "", "pods", false},
};

static void object_views_what_has_version_and_kind(void **state)
{
    (void)state;
    OWN_ARENA struct arena a = {0};
    assert_int_equal(arena_init(&a, "t", 1 << 20, NULL), ERR_OK);
    for (unsigned i = 0; i < sizeof objects / sizeof *objects; i++) {
        struct object o = {0};
        assert_true(object_view(tree_of(&a, objects[i].json), &o));
        assert_true(str_eq(o.group, str_of(objects[i].group)));
        assert_true(str_eq(o.version, str_of(objects[i].version)));
        assert_true(str_eq(o.name, str_of(objects[i].name)));
        assert_true(str_eq(o.ns, str_of(objects[i].ns)));
        assert_true(str_eq(object_resource(&o, &a), str_of(objects[i].resource)));
        assert_true(object_is_cluster_scoped(&o) == objects[i].cluster_scoped);
    }
}

static void object_refuses_the_rest(void **state)
{
    (void)state;
    static const char *const others[] = {
        "[]", "null", "\"v1\"", "{}", "{\"kind\":\"Pod\"}", "{\"apiVersion\":\"v1\"}",
        "{\"apiVersion\":\"\",\"kind\":\"Pod\"}", "{\"apiVersion\":\"v1\",\"kind\":\"\"}",
        "{\"apiVersion\":1,\"kind\":\"Pod\"}", "{\"apiVersion\":\"v1\",\"kind\":[\"Pod\"]}",
    };
    OWN_ARENA struct arena a = {0};
    assert_int_equal(arena_init(&a, "t", 1 << 20, NULL), ERR_OK);
    for (unsigned i = 0; i < sizeof others / sizeof *others; i++) {
        struct object o = {.kind = S("untouched")};
        assert_false(object_view(tree_of(&a, others[i]), &o));
        assert_true(str_eq(o.kind, S("untouched")));
    }
    assert_false(object_view(NULL, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(object_views_what_has_version_and_kind),
        cmocka_unit_test(object_refuses_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
