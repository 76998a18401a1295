#include "check/tape.h"

#include "base/test.h"
#include "doc/doc.h"
#include "doc/write.h"

struct fixture {
    struct arena arena;
    struct err e;
};

static int fixture_open(void **state)
{
    static struct fixture f;
    f = (struct fixture){0};
    *state = &f;
    return arena_init(&f.arena, "test", 1 << 26, &f.e) == ERR_OK ? 0 : -1;
}

static int fixture_close(void **state)
{
    arena_done(&((struct fixture *)*state)->arena);
    return 0;
}

static struct object parse(struct fixture *f, str text, struct tape *ret, bool places)
{
    struct doc_text t = {0};
    struct doc_chunk chunk = {0};
    struct object o;
    struct tape_keys keys;
    const struct node *root = NULL;
    tape_keys_init(&keys);
    assert_int_equal(doc_text_read(S("t"), text, &f->arena, &t, NULL, &f->e), ERR_OK);
    struct doc_splitter s = {.text = &t};
    assert_true(doc_next(&s, &chunk));
    assert_int_equal(doc_parse(&t, chunk, &f->arena, &root, NULL, &f->e), ERR_OK);
    assert_true(object_view(root, &o));
    assert_int_equal(tape_write(&o, places, &keys, &f->arena, &f->arena, ret, &f->e), ERR_OK);
    return o;
}

static void assert_kept(struct fixture *f, str text, const char *json)
{
    struct tape t;
    const struct node *root = NULL;
    OWN_BUF struct buf b = buf_new(1 << 20);
    (void)parse(f, text, &t, true);
    assert_int_equal(tape_read(t, &f->arena, &root, &f->e), ERR_OK);
    write_json(&b, root);
    buf_putc(&b, '\0');
    assert_string_equal(b.p, json);
}

static void what_is_asked_of_is_kept(void **state)
{
    struct fixture *f = *state;
    assert_kept(f, S("apiVersion: x/v1\nkind: Thing\nmetadata: {name: a, managedFields: []}\nspec: {m: -1, d: 1.5, b: true, z: null, l: [a, {k: v}]}\nstatus: {x: 1}\n"),
                "{\"apiVersion\":\"x/v1\",\"kind\":\"Thing\",\"metadata\":{\"name\":\"a\"},\"spec\":{\"b\":true,\"d\":1.5,\"l\":[\"a\",{\"k\":\"v\"}],\"m\":-1,\"z\":null}}");
    assert_kept(f, S("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ntype: Opaque\ndata: {password: c2VjcmV0}\n"),
                "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"a\"},\"type\":\"Opaque\"}");
    assert_kept(f, S("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  restartPolicy: Never\n  containers:\n  - {name: c, image: i, env: [{name: A, value: secret}, {name: B, valueFrom: {secretKeyRef: {name: s, key: k}}}]}\n"),
                "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"},\"spec\":{\"containers\":[{\"env\":[null,{\"name\":\"B\",\"valueFrom\":{\"secretKeyRef\":{\"key\":\"k\",\"name\":\"s\"}}}],\"name\":\"c\"}]}}");
}

// Of arguments and the environment only what speaks of ConfigMaps and Secrets, and what follows such a flag; the settings of meshes.
static void names_in_arguments_are_kept(void **state)
{
    struct fixture *f = *state;
    assert_kept(f, S("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: c\n    args: [--a=b, --ConfigMap, x/y, --secret=z, p]\n"
                     "    command: [run]\n    env: [{name: MY_SECRET_NAME, value: s}, {name: A, value: b}]\n"),
                "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"},\"spec\":{\"containers\":[{\"args\":[null,\"--ConfigMap\",\"x/y\",\"--secret=z\",null],"
                "\"command\":[null],\"env\":[{\"name\":\"MY_SECRET_NAME\",\"value\":\"s\"},null],\"name\":\"c\"}]}}");
    assert_kept(f, S("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio}\ndata: {mesh: m}\n"),
                "{\"apiVersion\":\"v1\",\"data\":{\"mesh\":\"m\"},\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"istio\"}}");
    assert_kept(f, S("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\ndata: {mesh: m}\n"),
                "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"other\"}}");
}

static void places_are_the_files(void **state)
{
    struct fixture *f = *state;
    struct tape with, without;
    const struct node *root = NULL;
    const str text = S("apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {selector: {app: b}}\n");
    struct object o = parse(f, text, &with, true);
    (void)parse(f, text, &without, false);
    assert_true(without.n < with.n);
    assert_int_equal(tape_read(with, &f->arena, &root, &f->e), ERR_OK);
    const struct member *was = node_member(node_get(o.root, KEY("spec")), KEY("selector"));
    const struct member *is = node_member(node_get(root, KEY("spec")), KEY("selector"));
    assert_int_equal(is->key_start, was->key_start);
    assert_int_equal(is->key_end, was->key_end);
    assert_int_equal(is->value.start, was->value.start);
    assert_int_equal(is->value.end, was->value.end);
}

static void damaged_bytes_are_refused(void **state)
{
    struct fixture *f = *state;
    struct tape t;
    const struct node *root = NULL;
    (void)parse(f, S("apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {selector: {app: b}, d: 1.5}\n"), &t, true);
    for (uint32_t n = 0; n < t.n; n++)
        assert_int_equal(tape_read((struct tape){t.bytes, n}, &f->arena, &root, &f->e), ERR_INTERNAL);
    for (uint32_t i = 0; i < t.n; i++) { // any byte wrong: read or refused, never more than that
        str copy = arena_dup(&f->arena, (str){(const char *)t.bytes, t.n});
        unsigned char *p = (unsigned char *)(uintptr_t)copy.p;
        p[i] ^= 0xff;
        (void)!tape_read((struct tape){p, t.n}, &f->arena, &root, &f->e);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
    const struct CMUnitTest tests[] = {TEST(what_is_asked_of_is_kept), TEST(names_in_arguments_are_kept), TEST(places_are_the_files), TEST(damaged_bytes_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
