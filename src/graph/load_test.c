#include "graph/load.h"

#include "base/test.h"

struct seen {
    struct load load;
    struct buf log;
    bool complain;
};

static err_code on_object(void *ctx, const struct object *o, const struct origin *at, struct err *e)
{
    struct seen *s = ctx;
    buf_printf(&s->log, "%.*s:%u %.*s/%.*s\n", STR_FMT(at->file), at->line, STR_FMT(o->kind), STR_FMT(o->name));
    if (s->complain)
        return load_problem(&s->load, true, node_get(o->root, KEY("kind")), e, "a %.*s", STR_FMT(o->kind));
    return ERR_OK;
}

static void load(struct seen *s, struct arena *a, const char *text)
{
    struct err e = {0};
    s->log = buf_new(1 << 20);
    assert_int_equal(arena_init(a, "test", 1 << 26, &e), ERR_OK);
    assert_int_equal(load_text(&s->load, S("in.yaml"), str_of(text), &(struct load_sink){s, on_object}, a, &e), ERR_OK);
}

static void test_places(void **state)
{
    (void)state;
    struct seen s = {.complain = true};
    OWN_ARENA struct arena a = {0};
    load(&s, &a, "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\n# says nothing\n---\napiVersion: v1\nkind: List\nitems:\n"
                 "- apiVersion: v1\n  kind: Pod\n  metadata: {name: b}\n- apiVersion: v1\n  kind: Service\n  metadata: {name: c}\n");
    buf_putc(&s.log, '\0');
    assert_string_equal(s.log.p, "in.yaml:1 Pod/a\nin.yaml:10 Pod/b\nin.yaml:13 Service/c\n");
    OWN_BUF struct buf out = buf_new(1 << 20);
    load_print_problems(&s.load, 0, &out);
    buf_putc(&out, '\0');
    assert_string_equal(out.p, "in.yaml:2:7: warning: a Pod\nin.yaml:11:9: warning: a Pod\nin.yaml:14:9: warning: a Service\n");
    out.n = 0;
    load_print_problems(&s.load, 1, &out);
    buf_putc(&out, '\0');
    assert_string_equal(out.p, "in.yaml:2:7: warning: a Pod\nand 2 more of this kind: input (in a pipe or file all of them are named)\n");
    assert_int_equal(s.load.n_objects, 3);
    buf_done(&s.log);
}

static void test_a_bad_document_costs_nothing_but_itself(void **state)
{
    (void)state;
    struct seen s = {0};
    OWN_ARENA struct arena a = {0};
    load(&s, &a, "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\na: b: c\n---\nx: 1\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: b}\n");
    buf_putc(&s.log, '\0');
    assert_string_equal(s.log.p, "in.yaml:1 Pod/a\nin.yaml:9 Pod/b\n");
    assert_int_equal(s.load.n_errors, 1);
    assert_int_equal(s.load.n_other, 1);
    assert_int_equal(s.load.first->at.line, 5);
    buf_done(&s.log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_a_bad_document_costs_nothing_but_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
