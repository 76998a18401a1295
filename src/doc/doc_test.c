// Whole texts in, the lines that `casemate read` would print out: every rule for scalars, every bypass, every
// refusal and its place. Expectations were checked against sigs.k8s.io/yaml and apimachinery.
#include "doc/doc.h"

#include "base/limits.h"
#include "base/test.h"
#include "doc/write.h"

// Objects one a line; of each document that is refused, and of each text that ends early,
// "error LINE:COLUMN"; "warning LINE:COLUMN" for each warning.
static void put_diags(struct buf *out, str text, const struct diags *d)
{
    for (const struct diag *g = d->first; g; g = g->next) {
        struct diag_position at = diag_locate(text, g->start);
        assert_true(g->start <= g->end && g->end <= text.n);
        assert_true(g->message.n > 0);
        buf_printf(out, "%s %u:%u\n", g->level == DIAG_ERROR ? "error" : "warning", at.line, at.column);
    }
}

static void put_document(struct buf *out, const struct doc_text *text, struct doc_chunk chunk,
                         struct arena *a)
{
    struct diags d = {.arena = a};
    struct err e = {0};
    const struct node *root, *const *objects;
    size_t n;
    err_code rc = doc_parse(text, chunk, a, &root, &d, &e);
    if (rc == ERR_OK)
        rc = doc_objects(root, a, &objects, &n, &d, &e);
    put_diags(out, text->text, &d);
    if (rc != ERR_OK) {
        assert_true(d.errors > 0); // no refusal without a place
        return;
    }
    assert_int_equal(d.errors, 0);
    for (size_t i = 0; i < n; i++) {
        write_json(out, objects[i]);
        buf_putc(out, '\n');
    }
}

static void put_text(struct buf *out, str bytes, struct arena *a)
{
    struct diags d = {.arena = a};
    struct err e = {0};
    struct doc_text text;
    assert_int_equal(doc_text_read(S("x"), bytes, a, &text, &d, &e), ERR_OK);
    struct doc_splitter s = {.text = &text, .diags = &d};
    for (struct doc_chunk chunk; doc_next(&s, &chunk);) {
        assert_int_equal(chunk.line, diag_locate(text.text, chunk.start).line);
        put_document(out, &text, chunk, a);
    }
    put_diags(out, text.text, &d);
}

struct text_case {
    str in;
    const char *out;
};
#define CASE(in, out) {{in, sizeof in - 1}, out}

static void check(const struct text_case *cases, size_t n)
{
    struct arena a = {0};
    struct err e;
    assert_int_equal(arena_init(&a, "test", LIMIT_DOC_ARENA, &e), ERR_OK);
    for (size_t i = 0; i < n; i++) {
        OWN_BUF struct buf out = buf_new((size_t)1 << 20);
        put_text(&out, cases[i].in, &a);
        if (!str_eq(buf_str(&out), str_of(cases[i].out)))
            fail_msg("%.*s\ngives\n%.*snot\n%s", STR_FMT(cases[i].in), STR_FMT(buf_str(&out)), cases[i].out);
        arena_reset(&a);
    }
    arena_done(&a);
}
#define CHECK(cases) check(cases, sizeof cases / sizeof *(cases))

static void test_yaml(void **state)
{
    (void)state;
    static const struct text_case cases[] = {
        CASE("a: &x [1, {b: 'c'}]\nd: *x\n", "{\"a\":[1,{\"b\":\"c\"}],\"d\":[1,{\"b\":\"c\"}]}\n"),
        CASE("a: |\n  x\n  y", "{\"a\":\"x\\ny\\n\"}\n"), // kubectl's lines all end
        CASE("a: |\r\n  x\r\n  y\r\n", "{\"a\":\"x\\ny\\n\"}\n"),
        CASE("a: >-\n  x\n  y\n", "{\"a\":\"x y\"}\n"),
        CASE("on: 1\nyes : 2\n", "warning 2:1\n{\"true\":2}\n"),
        CASE("a: 1\nb: 2\na: 3\n", "warning 3:1\n{\"a\":3,\"b\":2}\n"),
        CASE("1: a\n'1': b\n", "warning 2:1\n{\"1\":\"b\"}\n"), // equal only as text
        CASE("b: {<<: {a: 1, c: 2}, a: 3}\n", "{\"b\":{\"a\":3,\"c\":2}}\n"),
        CASE("b: {a: 3, <<: {a: 1}}\n", "warning 1:5\n{\"b\":{\"a\":1}}\n"), // go-yaml v2: in order
        CASE("b: {<<: [{a: 1}, {a: 2, c: 3}]}\n", "{\"b\":{\"a\":1,\"c\":3}}\n"),
        CASE("'<<': {a: 1}\n", "{\"\\u003c\\u003c\":{\"a\":1}}\n"),
        CASE("<<: 5\n", "error 1:5\n"),
        CASE("x: &x [{a: 1}]\n<<: *x\n", "error 2:5\n"),
        CASE("a: &a [*a]\n", "error 1:8\n"),
        CASE("a: &a {b: {<<: *a}}\n", "error 1:16\n"),
        CASE("a: *b\n", "error 1:4\n"),
        CASE("&a b: *a\n", "{\"b\":\"b\"}\n"),
        CASE("~: 1\n", "error 1:1\n"),
        CASE("? [a]\n: 1\n", "error 1:3\n"),
        CASE("18446744073709551615: 1\n", "error 1:1\n"),
        CASE("a: .inf\n", "error 1:4\n"),
        CASE(".inf: 1\n", "{\".inf\":1}\n"),
        CASE("a: &i .inf\nb: 1\n", "error 1:4\n"),
        CASE("a: !!int x\n", "error 1:4\n"),
        CASE("%YAML 1.2\n", "error 2:1\n"),
        CASE("a: 1\n...\nb: 2\n", "warning 3:1\n{\"a\":1}\n"),
        CASE("a: 1\n...\n# nothing\n", "{\"a\":1}\n"),
        CASE("a:\n\tb: 1\n", "error 2:1\n"),
        CASE("a: b: c\n", "error 1:5\n"),
        CASE("a: \"x\n", "error 2:1\n"),
        CASE("a: \"\\/\"\n", "error 1:5\n"),
        CASE("a: [!, 0]\n", "error 1:5\n"),
        CASE("a: ! yes\n", "{\"a\":\"yes\"}\n"),
        CASE("a: &x ! yes\n", "{\"a\":\"yes\"}\n"),
        CASE("a: \"!\"\n", "{\"a\":\"!\"}\n"),
        CASE("hello\n", "\"hello\"\n"),
        CASE("~\n", ""),
    };
    CHECK(cases);
}

// What facts about kubectl show: each hides something from a reader that reads otherwise.
static void test_bypasses(void **state)
{
    (void)state;
    static const struct text_case cases[] = {
        CASE("a: 1 # x\xE2\x80\xA8hostNetwork: true\n", "{\"a\":1,\"hostNetwork\":true}\n"),
        CASE("a: 1 # x\xC2\x85hostNetwork: true\n", "{\"a\":1,\"hostNetwork\":true}\n"),
        CASE("# x\rhostNetwork: true\n", "{\"hostNetwork\":true}\n"),
        CASE("\xFF\xFE" "a\0:\0 \0y\0\n\0", "{\"a\":true}\n"),
        CASE("\xFE\xFF" "\0a\0:\0 \0y\0\n", "{\"a\":true}\n"),
        CASE("\xEF\xBB\xBF" "a: y\n", "{\"a\":true}\n"),
        CASE("a: x\xFFy\n", "{\"a\":\"x\xEF\xBF\xBDy\"}\nwarning 1:5\n"),
        CASE("a: x\0y\n", "error 1:5\n"),
        CASE("a: x\x7Fy\n", "error 1:5\n"),
        CASE("a: \xC3\xA9\xC3\xA9\x07\n", "error 1:8\n"), // a column in bytes
        CASE("\xC3\xA9: \xC3\xA9\nb: *c\n", "error 2:4\n"),
        CASE("a: 1\n\xEF\xBB\xBF" "b: 2\n", "error 2:1\n"),
        CASE("--- {a: 1}\n", "error 1:1\n"),
        CASE("a: 1\r---\rb: 2\r", "warning 1:6\n{\"a\":1}\n"),
    };
    CHECK(cases);
}

static void test_splitting(void **state)
{
    (void)state;
    static const struct text_case cases[] = {
        CASE("", ""),
        CASE("\n# x\n---\n---\n  # y\n", ""),
        CASE("---\na: 1\n--- # x\nb: 2\n---\n---\nc: 3", "{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n"),
        CASE("a: 1\n--- \t\r\nb: 2\n", "{\"a\":1}\n{\"b\":2}\n"),
        CASE("a: 1\n---b\nc: 2\n", "error 2:1\n"), // kubectl loses what it has gathered, and stops
        CASE("a: 1\n---\n----\n", "{\"a\":1}\nerror 3:1\n"),
        CASE("a: [\n---\nb: 2\n", "error 2:1\n{\"b\":2}\n"),
        CASE("a: |\n  ---\n  x\n", "{\"a\":\"---\\nx\\n\"}\n"),
        CASE("{\"a\":1}{\"b\":2}\n[3]", "{\"a\":1}\n{\"b\":2}\n[3]\n"),
        CASE("{\"a\":1}\n---\nb: 2\n", "{\"a\":1}\n{\"b\":2}\n"),
        CASE("{\"a\":1}\n{\"b\":2}\n---\nc: 2\n", "{\"a\":1}\n{\"b\":2}\nerror 3:1\n"),
        CASE("{a: 1}\n", "{\"a\":1}\n"),
        CASE("{a}", "error 1:2\n"), // less than four bytes: kubectl tries no YAML
        CASE("{\"a\": [1,\n 2\n", "error 3:1\n"),
        CASE("{\"a\": 1,}\n", "{\"a\":1}\n"), // YAML
        CASE(" {\"a\": tru }\n", "{\"a\":\"tru\"}\n"), // YAML
    };
    CHECK(cases);
}

#define POD "apiVersion: v1\nkind: Pod\n"
static void test_objects(void **state)
{
    (void)state;
    static const struct text_case cases[] = {
        CASE("kind: PodList\napiVersion: v1\nitems:\n- metadata: {name: a}\n- kind: X\n",
             "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"}}\n{\"kind\":\"X\"}\n"),
        CASE("kind: List\nitems: [{kind: A, apiVersion: v1}]\n", "{\"apiVersion\":\"v1\",\"kind\":\"A\"}\n"),
        CASE("kind: A\nitems: []\n", ""),
        CASE("kind: A\nitems: null\n", ""),
        CASE("kind: A\nitems: {}\n", "error 2:8\n"),
        CASE("kind: A\nitems: [5]\n", "error 2:9\n"),
        CASE("items: [1]\n", "{\"items\":[1]}\n"), // no Kubernetes object
        CASE("kind: List\nitems:\n- kind: List\n  items: []\n", "error 4:3\n"),
        CASE("kind: List\nitems:\n- kind: A\n  items: 5\n", "{\"items\":5,\"kind\":\"A\"}\n"),
        CASE(POD "metadata: {name: 5}\n", "error 3:18\n"),
        CASE(POD "metadata: {labels: {a: yes}}\n", "error 3:24\n"),
        CASE(POD "metadata: {finalizers: [a, 1]}\n", "error 3:28\n"),
        CASE(POD "metadata: {generation: 1.5}\n", "error 3:24\n"),
        CASE(POD "metadata: 5\n", "error 3:11\n"),
        CASE(POD "metadata: {labels: null, annotations: {a: null}}\n",
             "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"annotations\":{\"a\":null},\"labels\":null}}\n"),
        CASE("apiVersion: 1\nkind: A\n", "error 1:13\n"),
        CASE("metadata: 5\n", "{\"metadata\":5}\n"),
    };
    CHECK(cases);
}

// Every node's span holds what it was read from, also behind wide characters and CR LF.
static void test_spans(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "a: x1\nb: [x2, x3, {c: x4}]\n",
        "# \xC3\xA9\na: x1 # \xF0\x9F\x98\x80\r\n\"\xE2\x82\xAC\": {b: x2,  c: 'x3'}\r\n",
        ("\xEF\xBB\xBF" "a:\n- x1\n- |\n  x2\n\n- &n x3\n- !!str x4\n"), // "\xBFa" would be one escape
        "{\"a\": \"x1\", \"\xC3\xA9\": [\"x2\"]}",
    };
    struct arena a = {0};
    struct err e;
    assert_int_equal(arena_init(&a, "test", LIMIT_DOC_ARENA, &e), ERR_OK);
    for (unsigned t = 0; t < sizeof texts / sizeof *texts; t++) {
        struct doc_text text;
        struct doc_chunk chunk;
        const struct node *root;
        assert_int_equal(doc_text_read(S("x"), str_of(texts[t]), &a, &text, NULL, &e), ERR_OK);
        struct doc_splitter s = {.text = &text};
        assert_true(doc_next(&s, &chunk));
        assert_int_equal(doc_parse(&text, chunk, &a, &root, NULL, &e), ERR_OK);
        const struct node *stack[32] = {root};
        unsigned n = 1, scalars = 0;
        while (n) {
            const struct node *x = stack[--n];
            str there = {text.text.p + x->start, x->end - x->start};
            for (uint32_t i = 0; x->kind == NODE_LIST && i < x->n; i++)
                stack[n++] = &x->items[i];
            for (uint32_t i = 0; x->kind == NODE_MAP && i < x->n; i++) {
                const struct member *m = &x->members[i];
                str key = {text.text.p + m->key_start, m->key_end - m->key_start};
                assert_true(str_find(key, member_key(m)) <= 1);
                stack[n++] = &m->value;
            }
            if (x->kind == NODE_STRING) {
                scalars++;
                assert_true(str_find(there, str_head(node_str(x), 2)) != SIZE_MAX);
                assert_true(str_trim(there).n == there.n);
            }
        }
        assert_true(scalars >= 2);
    }
    arena_done(&a);
}

// What stands in the text as it is is not copied.
static void test_borrowed(void **state)
{
    (void)state;
    struct arena a = {0};
    struct err e;
    struct doc_text text;
    struct doc_chunk chunk;
    const struct node *root;
    assert_int_equal(arena_init(&a, "test", LIMIT_DOC_ARENA, &e), ERR_OK);
    assert_int_equal(doc_text_read(S("x"), S("a: plain\nb: 'single'\nc: \"double\"\nd: \"\\x41\"\n"), &a, &text, NULL, &e),
                     ERR_OK);
    struct doc_splitter s = {.text = &text};
    assert_true(doc_next(&s, &chunk));
    assert_int_equal(doc_parse(&text, chunk, &a, &root, NULL, &e), ERR_OK);
    assert_int_equal(root->n, 4);
    for (uint32_t i = 0; i < 4; i++) {
        const char *p = root->members[i].value.s;
        assert_int_equal(p >= text.text.p && p < text.text.p + text.text.n, i < 3);
    }
    arena_done(&a);
}

static void put_many(struct buf *b, str one, unsigned n)
{
    while (n--)
        buf_put(b, one);
}

static void test_limits(void **state)
{
    (void)state;
    static const struct {
        str before, many;
        unsigned n;
        bool good;
    } cases[] = {
        {{"", 0}, {"[", 1}, LIMIT_DEPTH + 1, false},
        {{"a: ", 3}, {"{a: ", 4}, LIMIT_DEPTH + 1, false},
        {{"{\"a\":", 5}, {"[", 1}, LIMIT_DEPTH + 1, false},
        {{"", 0}, {"- ", 2}, LIMIT_DEPTH, true},
        {{"", 0}, {"- ", 2}, LIMIT_DEPTH + 1, false},
        {{"", 0}, {"%TAG !a! a,b:\n", 14}, 200, false},
        {{"a: &a [1,2,3,4,5,6,7,8,9]\nb:\n", 29}, {"- *a\n", 5}, 5, true},
        {{"a: &a [1,2,3,4,5,6,7,8,9]\nb:\n", 29}, {"- *a\n", 5}, 900000, false}, // LIMIT_NODES
        {{"a: 1\nb:\n", 8}, {"- 1\n", 4}, 20000, true},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena a = {0};
        struct err e;
        assert_int_equal(arena_init(&a, "test", LIMIT_DOC_ARENA, &e), ERR_OK);
        OWN_BUF struct buf in = buf_new((size_t)16 << 20), out = buf_new((size_t)16 << 20);
        buf_put(&in, cases[i].before);
        put_many(&in, cases[i].many, cases[i].n);
        put_text(&out, buf_str(&in), &a);
        bool good = !str_starts(buf_str(&out), S("error"));
        if (good != cases[i].good)
            fail_msg("%u: %.*s", i, 200, out.p);
        arena_done(&a);
    }
}

static void test_alias_budget(void **state)
{
    (void)state;
    struct arena a = {0};
    struct err e;
    assert_int_equal(arena_init(&a, "test", LIMIT_DOC_ARENA, &e), ERR_OK);
    OWN_BUF struct buf in = buf_new((size_t)1 << 20), out = buf_new((size_t)1 << 20);
    buf_put(&in, S("a0: &a0 [x,x,x,x,x,x,x,x,x]\n"));
    for (int i = 1; i < 10; i++)
        buf_printf(&in, "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i, i, i - 1, i - 1, i - 1,
                   i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    put_text(&out, buf_str(&in), &a);
    assert_true(str_starts(buf_str(&out), S("error 4:"))); // go-yaml stops at 99 %
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_yaml),   cmocka_unit_test(test_bypasses), cmocka_unit_test(test_splitting),
        cmocka_unit_test(test_objects), cmocka_unit_test(test_spans),   cmocka_unit_test(test_borrowed),
        cmocka_unit_test(test_limits), cmocka_unit_test(test_alias_budget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
