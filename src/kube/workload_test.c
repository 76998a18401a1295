#include "kube/workload.h"

#include "base/buf.h"
#include "doc/tree_test.h"

#define POD_SPEC "\"spec\":{\"containers\":[{\"name\":\"c\"}]}"

static bool view(struct arena *a, const char *json, struct workload_pod *ret)
{
    struct object o = {0};
    struct err e = {0};
    bool has = false;
    assert_true(object_view(tree_of(a, json), &o));
    assert_int_equal(workload_pod_view(&o, a, ret, &has, &e), ERR_OK);
    return has;
}

static const char in_spec[] = ",\"spec\":{\"template\":{" POD_SPEC "}}}";
static const char in_cron[] = ",\"spec\":{\"jobTemplate\":{\"spec\":{\"template\":{" POD_SPEC "}}}}}";
static const char in_root[] = "," POD_SPEC "}";
static const char in_top[] = ",\"template\":{" POD_SPEC "}}";

static const struct {
    const char *api_version, *kind, *rest, *prefix; // prefix NULL: no Pod
} kinds[] = {
    {"v1", "Pod", in_root, ""},
    {"v1", "PodTemplate", in_top, "template"},
    {"v1", "ReplicationController", in_spec, "spec.template"},
    {"apps/v1", "Deployment", in_spec, "spec.template"},
    {"apps/v1beta1", "StatefulSet", in_spec, "spec.template"},
    {"apps/v1", "DaemonSet", in_spec, "spec.template"},
    {"apps/v1", "ReplicaSet", in_spec, "spec.template"},
    {"extensions/v1beta1", "Deployment", in_spec, "spec.template"},
    {"batch/v1", "Job", in_spec, "spec.template"},
    {"batch/v1beta1", "CronJob", in_cron, "spec.jobTemplate.spec.template"},
    {"argoproj.io/v1alpha1", "Rollout", in_spec, "spec.template"},
    {"apps.openshift.io/v1", "DeploymentConfig", in_spec, "spec.template"},
    {"v1", "DeploymentConfig", in_spec, "spec.template"},
    {"serving.knative.dev/v1", "Service", in_spec, "spec.template"},
    {"serving.knative.dev/v1", "Configuration", in_spec, "spec.template"},
    {"serving.knative.dev/v1", "Revision", in_root, ""},
    {"example.com/v1", "Anything", in_spec, "spec.template"},
    {"example.com/v1", "Anything", in_cron, "spec.jobTemplate.spec.template"},
    {"example.com/v1", "Pod", in_root, NULL},
    {"example.com/v1", "Anything", in_root, NULL},
    {"example.com/v1", "Anything", in_top, NULL},
    {"v1", "Service", ",\"spec\":{\"template\":{\"spec\":{\"containers\":null}}}}", NULL},
    {"example.com/v1", "Anything", ",\"spec\":{\"template\":{\"spec\":{}}}}", NULL},
    {"apps/v1", "Deployment", ",\"spec\":{\"template\":{\"spec\":{\"hostPID\":true}}}}", "spec.template"},
    {"apps/v1", "Deployment", ",\"spec\":{\"template\":{}}}", "spec.template"},
    {"apps/v1", "Deployment", ",\"spec\":{\"template\":[]}}", NULL},
    {"apps/v1", "Deployment", ",\"spec\":null}", NULL},
    {"argoproj.io/v1alpha1", "Rollout", ",\"spec\":{\"workloadRef\":{\"kind\":\"Deployment\"}}}", NULL},
    {"batch/v1", "CronJob", in_spec, NULL},
    {"v1", "Pod", "}", ""},
};

static void workload_finds_the_pod(void **state)
{
    (void)state;
    OWN_ARENA struct arena a = {0};
    assert_int_equal(arena_init(&a, "t", 1 << 20, NULL), ERR_OK);
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        str json = arena_printf(&a, "{\"apiVersion\":\"%s\",\"kind\":\"%s\"%s", kinds[i].api_version,
                                kinds[i].kind, kinds[i].rest);
        struct workload_pod w = {0};
        assert_true(view(&a, json.p, &w) == !!kinds[i].prefix);
        if (!kinds[i].prefix)
            continue;
        assert_true(str_eq(w.prefix, str_of(kinds[i].prefix)));
        bool pod = strcmp(kinds[i].kind, "Pod") == 0;
        assert_true(w.is_template == !pod);
        assert_true(str_eq(w.pod.kind, S("Pod")) && str_eq(w.pod.api_version, S("v1")));
        assert_true(str_eq(node_get_str(w.pod.root, KEY("kind")), S("Pod")));
        assert_true(pod || node_is(node_get(w.pod.root, KEY("metadata")), NODE_MAP));
        const struct node *old = node_get(w.template, KEY("spec")), *new = node_get(w.pod.root, KEY("spec"));
        assert_true(!old == !new);
        if (old)
            assert_true(old->members == new->members && old->start == new->start); // shared, not copied
    }
}

static const struct {
    const char *owner, *template, *ns;
    uint32_t members;
} metadata[] = {
    {"{\"namespace\":\"own\"}", "{\"labels\":{\"a\":\"b\"}}", "own", 2},
    {"{\"namespace\":\"own\"}", "{\"namespace\":\"other\"}", "other", 1},
    {"{\"namespace\":\"own\"}", "{\"namespace\":\"\",\"name\":\"x\"}", "own", 2},
    {"{\"namespace\":\"own\"}", "{\"namespace\":null}", "own", 1},
    {"{\"namespace\":\"own\"}", "null", "own", 1},
    {"{\"namespace\":\"own\"}", "{}", "own", 1},
    {"{\"name\":\"x\"}", "{\"labels\":{\"a\":\"b\"}}", "", 1},
    {"null", "null", "", 0},
};

static void workload_gives_the_pod_its_owners_namespace(void **state)
{
    (void)state;
    OWN_ARENA struct arena a = {0};
    assert_int_equal(arena_init(&a, "t", 1 << 20, NULL), ERR_OK);
    for (unsigned i = 0; i < sizeof metadata / sizeof *metadata; i++) {
        str json = arena_printf(&a,
                                "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":%s,"
                                "\"spec\":{\"template\":{\"metadata\":%s," POD_SPEC "}}}",
                                metadata[i].owner, metadata[i].template);
        struct workload_pod w = {0};
        assert_true(view(&a, json.p, &w));
        assert_true(str_eq(w.pod.ns, str_of(metadata[i].ns)));
        assert_non_null(w.pod.metadata);
        assert_int_equal(w.pod.metadata->n, metadata[i].members);
    }
}

// Blame goes by spans and by paths below `template`: what is made up must not point at the file's first byte.
static void workload_made_nodes_point_at_the_template(void **state)
{
    (void)state;
    OWN_ARENA struct arena a = {0};
    assert_int_equal(arena_init(&a, "t", 1 << 20, NULL), ERR_OK);
    struct workload_pod w = {0};
    assert_true(view(&a, "{\"apiVersion\":\"batch/v1\",\"kind\":\"Job\",\"spec\":{\"template\":{" POD_SPEC "}}}", &w));
    assert_true(w.template->start > 0);
    assert_int_equal(w.pod.root->start, w.template->start);
    assert_int_equal(w.pod.root->end, w.template->end);
    const struct member *m = node_member(w.pod.root, KEY("metadata"));
    assert_int_equal(m->key_start, w.template->start);
    assert_int_equal(m->value.start, w.template->start);
}

// Big maps carry an index behind their members, which a changed copy does not have.
static void workload_adds_a_namespace_to_big_metadata(void **state)
{
    (void)state;
    OWN_ARENA struct arena a = {0};
    OWN_BUF struct buf b = buf_new(1 << 16);
    assert_int_equal(arena_init(&a, "t", 1 << 20, NULL), ERR_OK);
    buf_put(&b, S("{\"apiVersion\":\"batch/v1\",\"kind\":\"Job\",\"metadata\":{\"namespace\":\"n\"},\"spec\":{\"template\":{" POD_SPEC ",\"metadata\":{\"a\":1"));
    for (int i = 0; i < 2 * NODE_INDEX_FROM; i++)
        buf_printf(&b, ",\"k%d\":%d", i, i);
    buf_put(&b, S("}}}}"));
    buf_putc(&b, 0);
    struct workload_pod w = {0};
    assert_true(view(&a, b.p, &w));
    assert_true(str_eq(node_get_str(w.pod.metadata, KEY("namespace")), S("n")));
    assert_non_null(node_get(w.pod.metadata, KEY("k7")));
    assert_null(node_get(w.pod.metadata, KEY("absent")));
}

static void workload_stops_at_a_full_arena(void **state)
{
    (void)state;
    OWN_ARENA struct arena a = {0}, tiny = {0};
    assert_int_equal(arena_init(&a, "t", 1 << 20, NULL), ERR_OK);
    assert_int_equal(arena_init(&tiny, "tiny", 64, NULL), ERR_OK);
    struct object o = {0};
    assert_true(object_view(tree_of(&a, "{\"apiVersion\":\"batch/v1\",\"kind\":\"Job\",\"spec\":{\"template\":{" POD_SPEC "}}}"), &o));
    assert_non_null(arena_alloc(&tiny, tiny.cap - 24, 1, 1));
    struct workload_pod w = {0};
    struct err e = {0};
    bool has = true;
    assert_int_equal(workload_pod_view(&o, &tiny, &w, &has, &e), ERR_LIMIT);
    assert_true(has && !w.template);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(workload_finds_the_pod),
        cmocka_unit_test(workload_gives_the_pod_its_owners_namespace),
        cmocka_unit_test(workload_made_nodes_point_at_the_template),
        cmocka_unit_test(workload_adds_a_namespace_to_big_metadata),
        cmocka_unit_test(workload_stops_at_a_full_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
