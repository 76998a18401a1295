#include "base/test.h"
#include "cel/ast.h"
#include "doc/json.h"
#include "doc/path.h"

#include <stdlib.h>
#include <string.h>

// A policy in small: `object` is a JSON text, variables are name and expression, and each may read
// those before it. Blame is compared as the list of paths, separated by blanks.
enum { VARIABLES = 6, PLACES = 32 };

struct policy {
    struct arena arena;
    struct cel_env *env;
    struct regex_cache *patterns;
    const struct node *root;
    struct value slots[1];
    const struct cel_program *programs[VARIABLES];
    struct value values[VARIABLES];
    bool known[VARIABLES];
};

static struct value lazy(void *ctx, uint32_t index, struct cel_run *run)
{
    struct policy *p = ctx;
    if (!p->known[index])
        p->values[index] = cel_eval(p->programs[index], run);
    p->known[index] = true;
    return p->values[index];
}

static const struct cel_program *lazy_program(void *ctx, uint32_t index)
{
    struct policy *p = ctx;
    return p->programs[index];
}

static const struct cel_program *compile(struct policy *p, const char *text)
{
    const struct cel_program *program = NULL;
    struct diags d = {.arena = &p->arena};
    struct err e = {0};
    if (cel_compile(p->env, str_of(text), NULL, &p->arena, &program, &d, &e) != ERR_OK)
        fail_msg("%s: %s", text, d.first ? d.first->message.p : e.msg);
    return program;
}

static void policy_init(struct policy *p, const char *json, const char *const *variables)
{
    struct diags d = {0};
    uint32_t slot;
    *p = (struct policy){0};
    assert_int_equal(arena_init(&p->arena, "policy", (size_t)1 << 28, NULL), ERR_OK);
    d.arena = &p->arena;
    struct cel_env_options o = {.kubernetes_minor = CEL_NEWEST_MINOR};
    assert_int_equal(cel_env_new(&o, &p->arena, &p->env, NULL), ERR_OK);
    assert_int_equal(cel_env_variable(p->env, S("object"), type_simple(CEL_DYN), &slot, NULL), ERR_OK);
    assert_int_equal(regex_cache_new(8, &p->patterns, NULL), ERR_OK);
    str text = str_of(json);
    assert_int_equal(json_parse(text, 0, (uint32_t)text.n, &p->arena, &p->root, &d, NULL), ERR_OK);
    p->slots[0] = value_of_node(p->root);
    for (uint32_t i = 0; variables && variables[2 * i]; i++) {
        uint32_t index;
        p->programs[i] = compile(p, variables[2 * i + 1]);
        assert_int_equal(cel_env_lazy(p->env, str_of(variables[2 * i]),
                                      cel_program_type(p->programs[i]), &index, NULL),
                         ERR_OK);
        assert_int_equal(index, i);
    }
}

static void policy_done(struct policy *p)
{
    regex_cache_free(p->patterns);
    cel_env_free(p->env);
    arena_done(&p->arena);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// The paths in the order of their texts, so that expectations are read easily.
static void paths_of(struct policy *p, const struct cel_blame *blame, struct buf *out)
{
    const char *texts[PLACES];
    for (uint32_t i = 0; i < blame->n; i++) {
        struct buf one = buf_new(4096);
        const struct member *m;
        assert_true(path_of(p->root, blame->nodes[i], &one, &m));
        texts[i] = one.n ? arena_dup(&p->arena, buf_str(&one)).p : "(root)";
        buf_done(&one);
    }
    qsort(texts, blame->n, sizeof *texts, by_text);
    for (uint32_t i = 0; i < blame->n; i++) {
        if (i)
            buf_putc(out, ' ');
        buf_put(out, str_of(texts[i]));
    }
    buf_putc(out, '\0');
}

static void expect_with(const char *const *variables, const char *json, const char *validation,
                        const char *paths)
{
    struct policy p;
    policy_init(&p, json, variables);
    const struct cel_program *program = compile(&p, validation);
    struct cel_run run = {.arena = &p.arena,
                          .slots = p.slots,
                          .lazy = lazy,
                          .lazy_program = lazy_program,
                          .ctx = &p,
                          .cost_limit = 1000000,
                          .patterns = p.patterns};
    struct value v = cel_eval(program, &run);
    assert_false(v.kind == CEL_BOOL && v.b);
    const struct node *nodes[PLACES];
    struct cel_blame blame = {nodes, 0, PLACES};
    uint64_t cost = run.cost;
    cel_blame(program, &run, NULL, &blame);
    assert_int_equal(run.cost, cost);
    OWN_BUF struct buf got = buf_new(1 << 16);
    paths_of(&p, &blame, &got);
    assert_string_equal(got.p, paths);
    policy_done(&p);
}

static void expect(const char *json, const char *validation, const char *paths)
{
    expect_with(NULL, json, validation, paths);
}

static const char *const containers[] = {
    "containers",
    "object.spec.containers + (has(object.spec.initContainers) ? object.spec.initContainers : [])",
    NULL};

#define POD(spec) "{\"metadata\": {\"labels\": {\"app\": \"web\"}}, \"spec\": {" spec "}}"

static void a_value_is_its_own_place(void **state)
{
    (void)state;
    expect(POD("\"hostNetwork\": true"), "object.spec.?hostNetwork.orValue(false) == false",
           "spec.hostNetwork");
    expect(POD("\"hostNetwork\": true"), "!has(object.spec.hostNetwork) || !object.spec.hostNetwork",
           "spec.hostNetwork");
    expect(POD("\"a\": 1, \"b\": 2"), "object.spec.a > object.spec.b", "spec.a spec.b");
    expect(POD("\"x\": [1, 2, 3]"), "object.spec.x[1] != 2", "spec.x[1]");
    expect(POD("\"image\": \"nginx:latest\""), "!object.spec.image.endsWith(':latest')",
           "spec.image");
    expect(POD("\"hostNetwork\": true"), "object.spec['hostNetwork'] ? false : true",
           "spec.hostNetwork");
}

static void what_is_absent_is_at_its_nearest_parent(void **state)
{
    (void)state;
    expect(POD("\"containers\": []"), "has(object.spec.securityContext)", "spec");
    expect(POD("\"containers\": []"), "object.spec.securityContext.runAsNonRoot == true", "spec");
    expect(POD("\"securityContext\": {}"),
           "has(object.spec.securityContext) && has(object.spec.securityContext.runAsNonRoot)",
           "spec.securityContext");
    expect(POD("\"securityContext\": {}"),
           "object.spec.?securityContext.?seccompProfile.?type.orValue('') == 'RuntimeDefault'",
           "spec.securityContext");
    expect(POD("\"securityContext\": null"), "has(object.spec.securityContext.runAsUser)",
           "spec.securityContext");
    expect(POD("\"containers\": []"), "'owner' in object.metadata.labels", "metadata.labels");
    expect("{\"spec\": {}}", "object.metadata.labels['owner'] == 'x'", "(root)");
}

static void only_what_decided_counts(void **state)
{
    (void)state;
    expect(POD("\"a\": true, \"b\": false, \"c\": true"),
           "object.spec.a && object.spec.b && object.spec.c", "spec.b");
    expect(POD("\"a\": false, \"b\": false"), "object.spec.a || object.spec.b", "spec.a spec.b");
    expect(POD("\"a\": true, \"b\": false"), "!(object.spec.a || object.spec.b)", "spec.a");
    expect(POD("\"a\": true, \"b\": 3, \"c\": 4"),
           "object.spec.a ? object.spec.b == 4 : object.spec.c == 4", "spec.b");
    expect(POD("\"a\": true"), "has(object.spec.a) ? false : true", "spec.a");
    expect(POD("\"a\": true, \"b\": 1"), "(object.spec.a.b.c == 1 || object.spec.b == 2)", "spec.a");
    expect(POD("\"a\": false"), "object.spec.missing.x && object.spec.a", "spec.a");
}

static void every_offending_element_is_a_place(void **state)
{
    (void)state;
    expect(POD("\"containers\": [{\"name\": \"a\", \"securityContext\": {\"privileged\": true}},"
               "{\"name\": \"b\"}, {\"name\": \"c\", \"securityContext\": {\"privileged\": true}}]"),
           "object.spec.containers.all(c, !has(c.securityContext) || "
           "!has(c.securityContext.privileged) || c.securityContext.privileged == false)",
           "spec.containers[0].securityContext.privileged "
           "spec.containers[2].securityContext.privileged");
    expect(POD("\"containers\": [{\"name\": \"a\", \"securityContext\": {}}, {\"name\": \"b\"},"
               "{\"securityContext\": {\"allowPrivilegeEscalation\": false}}]"),
           "object.spec.containers.all(c, has(c.securityContext) && "
           "has(c.securityContext.allowPrivilegeEscalation) && "
           "c.securityContext.allowPrivilegeEscalation == false)",
           "spec.containers[0].securityContext spec.containers[1]");
    expect(POD("\"volumes\": [{\"hostPath\": {\"path\": \"/\"}}, {\"emptyDir\": {}},"
               "{\"hostPath\": {\"path\": \"/etc\"}}]"),
           "!object.spec.volumes.exists(v, has(v.hostPath))",
           "spec.volumes[0].hostPath spec.volumes[2].hostPath");
    expect(POD("\"containers\": [{\"ports\": [{\"hostPort\": 80}, {}]}, {\"ports\": [{}, {\"hostPort\": 0}]}]"),
           "object.spec.containers.all(c, c.ports.all(p, !has(p.hostPort) || p.hostPort == 0))",
           "spec.containers[0].ports[0].hostPort");
    expect(POD("\"containers\": [{\"x\": 1}, {\"x\": 2}]"),
           "object.spec.containers.all(c, c.x + 1 < 3 && c.x * 2 < 4)", "spec.containers[1].x");
}

static void a_list_that_lacks_something_is_the_place(void **state)
{
    (void)state;
    expect(POD("\"drop\": [\"NET_RAW\", \"KILL\"]"), "object.spec.drop.exists(d, d == 'ALL')",
           "spec.drop");
    expect(POD("\"drop\": [\"NET_RAW\"]"), "'ALL' in object.spec.drop", "spec.drop");
    expect(POD("\"drop\": []"), "size(object.spec.drop) > 0", "spec.drop");
    expect(POD("\"drop\": [\"a\", \"b\", \"b\"]"), "object.spec.drop.exists_one(d, d == 'b')",
           "spec.drop[1] spec.drop[2]");
    expect(POD("\"drop\": []"), "object.spec.drop.exists_one(d, d == 'b')", "spec.drop");
}

static void variables_are_followed(void **state)
{
    (void)state;
    expect_with(containers,
                POD("\"containers\": [{\"name\": \"a\"}], \"initContainers\": [{\"name\": \"i\", "
                    "\"securityContext\": {\"privileged\": true}}]"),
                "variables.containers.all(c, !(has(c.securityContext) && c.securityContext.privileged))",
                "spec.initContainers[0].securityContext.privileged");
    expect_with(containers, POD("\"containers\": [{\"name\": \"a\"}]"),
                "variables.containers.exists(c, c.name == 'sidecar')", "spec.containers");
    static const char *const chain[] = {
        "all", "object.spec.containers",
        "bad", "variables.all.filter(c, has(c.privileged) && c.privileged)",
        "names", "variables.bad.map(c, c.name)",
        "good", "size(variables.names) == 0",
        NULL};
    const char *pod = POD("\"containers\": [{\"name\": \"a\", \"privileged\": true}, {\"name\": \"b\"},"
                          "{\"name\": \"c\", \"privileged\": true}]");
    expect_with(chain, pod, "variables.bad.size() == 0",
                "spec.containers[0].privileged spec.containers[2].privileged");
    expect_with(chain, pod, "variables.good", "spec.containers[0].name spec.containers[2].name");
    expect_with(chain, pod, "variables.bad.all(c, false)", "spec.containers[0] spec.containers[2]");
    expect_with(chain, pod, "variables.names.all(n, n == 'a')", "spec.containers[2].name");
    expect_with(chain, pod, "!('c' in variables.names)",
                "spec.containers[0].name spec.containers[2].name");
}

static void computed_elements_are_traced(void **state)
{
    (void)state;
    const char *pod = POD("\"containers\": [{\"name\": \"a\", \"image\": \"x:1\"},"
                          "{\"name\": \"b\", \"image\": \"y\"}]");
    expect(pod, "object.spec.containers.map(c, c.image).all(i, i.contains(':'))",
           "spec.containers[1].image");
    expect(pod, "object.spec.containers.map(c, c.image + '@').all(i, i.contains(':'))",
           "spec.containers[1].image");
    expect(pod,
           "object.spec.containers.map(c, {'n': c.name, 'i': c.image}).all(x, x.i.contains(':'))",
           "spec.containers[1].image");
    expect(pod,
           "(['x:2'] + object.spec.containers.map(c, c.image + '')).filter(i, size(i) < 2)"
           ".all(i, i.contains(':'))",
           "spec.containers[1].image");
    expect(pod, "object.spec.containers.all(c, [c.image].all(i, i.contains(':')))",
           "spec.containers[1].image");
    expect(pod, "object.spec.?containers.optMap(cs, cs.all(c, c.name != 'b')).orValue(true)",
           "spec.containers[1].name");
}

static void labels_and_maps(void **state)
{
    (void)state;
    expect(POD("\"a\": 1"), "object.metadata.labels.all(k, k != 'app')", "metadata.labels.app");
    expect(POD("\"a\": 1"), "object.metadata.labels.all(k, v, v != 'web')", "metadata.labels.app");
    expect(POD("\"a\": 1"), "object.metadata.?labels['owner'].hasValue()", "metadata.labels");
    expect(POD("\"a\": 1"), "object.metadata.labels['app'].matches('^[0-9]+$')",
           "metadata.labels.app");
}

static void parents_of_places_are_dropped(void **state)
{
    (void)state;
    expect(POD("\"containers\": [{\"name\": \"a\"}]"),
           "(has(object.spec.securityContext) && object.spec.securityContext.runAsNonRoot) || "
           "object.spec.containers.all(c, has(c.securityContext))",
           "spec.containers[0]");
}

static void errors_have_places(void **state)
{
    (void)state;
    expect(POD("\"n\": \"x\""), "int(object.spec.n) == 1", "spec.n");
    expect(POD("\"n\": 0, \"m\": 1"), "object.spec.m / object.spec.n == 1", "spec.m spec.n");
    expect(POD("\"containers\": [{\"x\": true}, {\"y\": 1}]"), "object.spec.containers.all(c, c.x)",
           "spec.containers[1]");
    expect(POD("\"n\": \"yes\""), "object.spec.n", "spec.n");
}

// Variables that read each other twice: 2^30 ways, one answer, soon.
static void doubling_ends(void **state)
{
    (void)state;
    static const char *const twice[] = {
        "a", "object.spec.x == 1 || object.spec.x == 2", "b", "variables.a || variables.a",
        "c", "variables.b || variables.b || variables.b || variables.b",
        "d", "variables.c || variables.c || variables.c || variables.c",
        "e", "variables.d || variables.d || variables.d || variables.d",
        "f", "variables.e || variables.e || variables.e || variables.e || variables.e", NULL};
    expect_with(twice, POD("\"x\": 3"), "variables.f || variables.f || variables.f", "spec.x");
}

static void room_for_few_places_is_kept(void **state)
{
    (void)state;
    struct policy p;
    policy_init(&p, "{\"x\": [1, 1, 1, 1]}", NULL);
    const struct cel_program *program = compile(&p, "object.x.all(i, i == 2)");
    struct cel_run run = {.arena = &p.arena, .slots = p.slots};
    const struct node *nodes[2];
    struct cel_blame blame = {nodes, 0, 2};
    cel_blame(program, &run, NULL, &blame);
    assert_int_equal(blame.n, 2);
    policy_done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_its_own_place),
        cmocka_unit_test(what_is_absent_is_at_its_nearest_parent),
        cmocka_unit_test(only_what_decided_counts),
        cmocka_unit_test(every_offending_element_is_a_place),
        cmocka_unit_test(a_list_that_lacks_something_is_the_place),
        cmocka_unit_test(variables_are_followed),
        cmocka_unit_test(computed_elements_are_traced),
        cmocka_unit_test(labels_and_maps),
        cmocka_unit_test(parents_of_places_are_dropped),
        cmocka_unit_test(errors_have_places),
        cmocka_unit_test(doubling_ends),
        cmocka_unit_test(room_for_few_places_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
