#include "kube/schema.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/test.h"
#include "doc/json.h"
#include "kube/schema_priv.h"

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    return arena_init(&arena, "schema", (size_t)1 << 30, NULL) == ERR_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static struct kube_schema_result check(str json)
{
    const struct node *root = NULL;
    struct kube_schema_result r;
    struct object o;
    struct err e = {0};
    arena_reset(&arena);
    assert_int_equal(json_parse(json, 0, (uint32_t)json.n, &arena, &root, NULL, &e), ERR_OK);
    assert_true(object_view(root, &o));
    assert_int_equal(kube_schema_check(&o, &arena, &r, &e), ERR_OK);
    return r;
}

// "U spec.policyType | W spec.x", by causes, of an object without its apiVersion and kind.
static const char *faults(const char *api_version, const char *kind, const char *rest)
{
    OWN_BUF struct buf json = buf_new(1 << 20), out = buf_new(1 << 20);
    buf_printf(&json, "{\"apiVersion\":\"%s\",\"kind\":\"%s\",%s}", api_version, kind, rest);
    struct kube_schema_result r = check(buf_str(&json));
    for (const struct kube_schema_problem *p = r.first; p; p = p->next)
        for (const struct kube_schema_place *x = p->first; x; x = x->next)
            buf_printf(&out, "%s%s %.*s", out.n ? " | " : "", p->fault == KUBE_SCHEMA_UNKNOWN ? "U" : "W", STR_FMT(x->path));
    str s = arena_dup(&arena, buf_str(&out));
    return s.n ? s.p : "";
}

// The first problem's message.
static const char *message(const char *api_version, const char *kind, const char *rest)
{
    OWN_BUF struct buf json = buf_new(1 << 20);
    buf_printf(&json, "{\"apiVersion\":\"%s\",\"kind\":\"%s\",%s}", api_version, kind, rest);
    struct kube_schema_result r = check(buf_str(&json));
    assert_non_null(r.first);
    return kube_schema_message(r.first, &arena).p;
}

#define SPEC(text) "\"spec\":{" text "}"
#define CONTAINER(text) "\"spec\":{\"containers\":[{" text "}]}"

static const struct {
    const char *api_version, *kind, *rest, *faults;
} objects[] = {
    {"networking.k8s.io/v1", "NetworkPolicy", SPEC("\"podSelector\":{},\"policyType\":[\"Egress\"]"), "U spec.policyType"},
    {"networking.k8s.io/v1", "NetworkPolicy", SPEC("\"podSelector\":{},\"policyTypes\":[\"Egress\"]"), ""},
    {"v1", "Pod", "\"Spec\":{}", "U Spec"}, // names have their case
    {"v1", "Pod", "\"spec\":null,\"status\":{\"x\":1}", "U status.x"},
    {"v1", "Pod", "\"x\":null", "U x"}, // a null stands for a value
    {"v1", "Pod", CONTAINER("\"name\":1"), "W spec.containers[0].name"},
    {"v1", "Pod", CONTAINER("\"name\":null,\"env\":[null,{\"value\":\"1\"}]"), ""},
    {"v1", "Pod", CONTAINER("\"env\":[{\"value\":1},{\"value\":\"1\"},{\"value\":2}]"),
     "W spec.containers[0].env[0].value | W spec.containers[0].env[2].value"},
    {"v1", "Pod", SPEC("\"containers\":{\"name\":\"c\"}"), "W spec.containers"},
    {"v1", "Pod", "\"spec\":[]", "W spec"},
    {"v1", "Pod", "\"metadata\":{\"labels\":{\"a\":true,\"b/c\":\"d\"}}", "W metadata.labels.a"},
    {"v1", "Pod", "\"metadata\":{\"labels\":{\"b/c\":1}}", "W metadata.labels[\"b/c\"]"},
    {"apps/v1", "Deployment", SPEC("\"replicas\":2147483648"), "W spec.replicas"},
    {"apps/v1", "Deployment", SPEC("\"replicas\":2147483647"), ""},
    {"apps/v1", "Deployment", SPEC("\"replicas\":1.5"), "W spec.replicas"},
    {"apps/v1", "Deployment", SPEC("\"strategy\":{\"rollingUpdate\":{\"maxSurge\":\"25%\",\"maxUnavailable\":1}}"), ""},
    {"apps/v1", "Deployment", SPEC("\"strategy\":{\"rollingUpdate\":{\"maxSurge\":true}}"), "W spec.strategy.rollingUpdate.maxSurge"},
    {"v1", "Pod", CONTAINER("\"resources\":{\"limits\":{\"cpu\":0.5,\"memory\":\"1Gi\"}}"), ""},
    {"v1", "Pod", CONTAINER("\"resources\":{\"limits\":{\"cpu\":\"half\"}}"), "W spec.containers[0].resources.limits.cpu"},
    {"v1", "Secret", "\"data\":{\"a\":\"YQ==\",\"b\":\"Y\\nQ==\",\"c\":[97]}", ""},
    {"v1", "Secret", "\"data\":{\"a\":\"plain text\"}", "W data.a"},
    {"v1", "Secret", "\"data\":{\"a\":\"YQ\"}", "W data.a"},
    {"v1", "Pod", "\"metadata\":{\"creationTimestamp\":\"2024-02-29T00:00:00Z\"}", ""},
    {"v1", "Pod", "\"metadata\":{\"creationTimestamp\":\"2023-02-29T00:00:00Z\"}", "W metadata.creationTimestamp"},
    {"coordination.k8s.io/v1", "Lease", SPEC("\"renewTime\":\"2024-01-01T00:00:00Z\""), "W spec.renewTime"},
    {"coordination.k8s.io/v1", "Lease", SPEC("\"renewTime\":\"2024-01-01T00:00:00.000000Z\""), ""},
    {"apps/v1", "ControllerRevision", "\"data\":[1,{\"any\":\"thing\"}]", ""},
    // kinds that are not the table's: custom, and versions that no server of today serves
    {"example.com/v1", "Pod", "\"x\":1", ""},
    {"extensions/v1beta1", "Deployment", "\"x\":1", ""},
    {"v1", "Deployment", "\"x\":1", ""},
};

static void fields_and_types_are_those_of_the_kind(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++)
        assert_string_equal(faults(objects[i].api_version, objects[i].kind, objects[i].rest), objects[i].faults);
}

#define CRD(schema) "\"spec\":{\"versions\":[{\"schema\":{\"openAPIV3Schema\":" schema "}}]}"
#define SCHEMA_AT "spec.versions[0].schema.openAPIV3Schema."

static void below_a_lenient_decoder_unknown_fields_are_none(void **state)
{
    (void)state;
    const char *crd = "CustomResourceDefinition", *v1 = "apiextensions.k8s.io/v1";
    assert_string_equal(faults(v1, crd, CRD("{\"typ\":\"object\"}")), "U " SCHEMA_AT "typ");
    assert_string_equal(faults(v1, crd, CRD("{\"items\":{\"typ\":\"object\"}}")), "");
    assert_string_equal(faults(v1, crd, CRD("{\"items\":[{\"type\":1}]}")), "W " SCHEMA_AT "items[0].type");
    assert_string_equal(faults(v1, crd, CRD("{\"items\":5}")), "");
    assert_string_equal(faults(v1, crd, CRD("{\"additionalProperties\":5}")), "W " SCHEMA_AT "additionalProperties");
    assert_string_equal(faults(v1, crd, CRD("{\"items\":{\"x\":1},\"typ\":1}")), "U " SCHEMA_AT "typ");
}

#define REFUSED ": refused under strict field validation, kubectl's default; otherwise dropped"

static void a_message_says_what_was_meant_and_what_comes_of_it(void **state)
{
    (void)state;
    const char *net = "networking.k8s.io/v1";
    assert_string_equal(message(net, "NetworkPolicy", SPEC("\"policyType\":[\"Egress\"]")),
                        "unknown field spec.policyType (did you mean policyTypes?)" REFUSED ", and this policy isolates ingress, not egress");
    assert_string_equal(message(net, "NetworkPolicy", SPEC("\"policyType\":[\"Egress\"],\"egress\":[{}]")),
                        "unknown field spec.policyType (did you mean policyTypes?)" REFUSED ", and this policy isolates ingress and egress");
    // what was meant is there: nothing is missed
    assert_string_equal(message(net, "NetworkPolicy", SPEC("\"policyType\":[],\"policyTypes\":[\"Egress\"]")), "unknown field spec.policyType" REFUSED);
    assert_string_equal(message("apps/v1", "Deployment", SPEC("\"hostPID\":true")),
                        "unknown field spec.hostPID (it belongs in spec.template.spec)" REFUSED);
    assert_string_equal(message("v1", "Pod", CONTAINER("\"hostPID\":true")), "unknown field spec.containers[0].hostPID (it belongs in spec)" REFUSED);
    assert_string_equal(message("v1", "Pod", SPEC("\"kind\":1")), "unknown field spec.kind (it belongs in the top level of the object)" REFUSED);
    assert_string_equal(message("v1", "Pod", SPEC("\"securityContext\":{\"readOnlyRootFilesystem\":true}")),
                        "unknown field spec.securityContext.readOnlyRootFilesystem (it belongs in spec.containers[].securityContext)" REFUSED
                        ", and this securityContext leaves root file systems writable");
    assert_string_equal(message("v1", "Pod", CONTAINER("\"securitycontext\":{}")),
                        "unknown field spec.containers[0].securitycontext (did you mean securityContext?)" REFUSED ", and nothing in it applies");
    // a name that many types have points nowhere
    assert_string_equal(message("v1", "Pod", "\"spec\":{\"volumes\":[{\"fsType\":\"ext4\"}]}"), "unknown field spec.volumes[0].fsType" REFUSED);
    assert_string_equal(message("v1", "Pod", CONTAINER("\"env\":[{\"value\":1},{\"value\":2}]")),
                        "spec.containers[0].env[0].value and 1 more like it must be a string, not an integer (quotes make it one): "
                        "the API server refuses the object");
    assert_string_equal(message("apps/v1", "Deployment", SPEC("\"replicas\":\"3\"")),
                        "spec.replicas must be an integer of 32 bits, not a string (take the quotes away): the API server refuses the object");
}

static struct kube_schema_result many(const char *key, uint32_t n)
{
    OWN_BUF struct buf b = buf_new(1 << 24);
    buf_put(&b, S("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"labels\":{"));
    for (uint32_t i = 0; i < n; i++)
        buf_printf(&b, "%s\"%s%u\":%u", i ? "," : "", key, i, i);
    buf_put(&b, S("}},\"spec\":{"));
    for (uint32_t i = 0; i < n; i++)
        buf_printf(&b, "%s\"%s%u\":%u", i ? "," : "", key, i, i);
    buf_put(&b, S("}}"));
    assert_false(b.failed);
    return check(buf_str(&b));
}

static void what_is_beyond_the_limit_is_counted(void **state)
{
    (void)state;
    uint32_t seen[KUBE_SCHEMA_FAULTS] = {0}, dropped[KUBE_SCHEMA_FAULTS] = {0}, hints = 0;
    struct kube_schema_result r = many("hostpi", 100000);
    for (const struct kube_schema_problem *p = r.first; p; p = p->next) {
        seen[p->fault] += p->n_places;
        dropped[p->fault] += p->dropped;
        hints += p->fault == KUBE_SCHEMA_UNKNOWN && p->hint.n;
        if (p->fault == KUBE_SCHEMA_UNKNOWN && p->dropped)
            assert_non_null(strstr(kube_schema_message(p, &arena).p, " (the object has 99900 more unknown fields)"));
    }
    for (int f = 0; f < KUBE_SCHEMA_FAULTS; f++) {
        assert_int_equal(seen[f], LIMIT_SCHEMA_PLACES);
        assert_int_equal(dropped[f], 100000 - LIMIT_SCHEMA_PLACES);
    }
    assert_in_range(hints, 1, LIMIT_SCHEMA_HINTS);
}

static void long_names_are_not_said_over_and_over(void **state)
{
    (void)state;
    OWN_BUF struct buf b = buf_new(1 << 22);
    buf_put(&b, S("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{"));
    buf_putc(&b, '"');
    buf_pad(&b, 'x', LIMIT_SCHEMA_PATHS);
    buf_put(&b, S("\":1,\"xx\":2,\"xxx\":3}}"));
    struct kube_schema_result r = check(buf_str(&b));
    assert_non_null(r.first);
    assert_int_equal(r.first->n_places, 1);
    assert_int_equal(r.first->dropped, 2);
    assert_true(kube_schema_message(r.first, &arena).n < 400);
}

static void a_full_arena_is_an_error(void **state)
{
    (void)state;
    const str text = S("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"spec\":{\"x\":1,\"y\":2,\"containers\":5}}");
    const struct node *root = NULL;
    struct object o;
    struct kube_schema_result r;
    int refusals = 0;
    arena_reset(&arena);
    assert_int_equal(json_parse(text, 0, (uint32_t)text.n, &arena, &root, NULL, NULL), ERR_OK);
    assert_true(object_view(root, &o));
    for (size_t room = 0;; room += 8) {
        struct arena small = {0};
        assert_int_equal(arena_init(&small, "small", 4096, NULL), ERR_OK);
        small.used = small.cap - room;
        err_code rc = kube_schema_check(&o, &small, &r, NULL);
        arena_done(&small);
        if (rc == ERR_OK)
            break;
        assert_int_equal(rc, ERR_LIMIT);
        refusals++;
    }
    assert_true(refusals > 20);
}

// What tools/schema-table computes is what the program looks up.
static void every_field_and_kind_is_found(void **state)
{
    (void)state;
    for (uint16_t shape = SHAPE_FIRST_TYPE; schema_is_type(shape); shape++) {
        struct schema_table_shape t = schema_shape_of(shape);
        for (uint32_t i = 0; i < t.n; i++) {
            const struct schema_table_field *f = &schema_table_fields[t.first + i];
            str name = schema_table_name(f->name);
            assert_ptr_equal(schema_table_find(shape, name, hash_key(name)), f);
            assert_null(schema_table_find(shape, S("no such field"), f->hash));
        }
    }
    assert_int_equal(schema_table_kind(S("v1"), S("Pod")), SHAPE_core_v1_Pod);
    assert_int_equal(schema_table_kind(S("rbac.authorization.k8s.io/v1"), S("ClusterRole")), SHAPE_rbac_v1_ClusterRole);
    assert_int_equal(schema_table_kind(S("v1"), S("Pods")), SHAPES);
    assert_int_equal(schema_table_kind(S(""), S("")), SHAPES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_and_types_are_those_of_the_kind),
        cmocka_unit_test(below_a_lenient_decoder_unknown_fields_are_none),
        cmocka_unit_test(a_message_says_what_was_meant_and_what_comes_of_it),
        cmocka_unit_test(what_is_beyond_the_limit_is_counted),
        cmocka_unit_test(long_names_are_not_said_over_and_over),
        cmocka_unit_test(a_full_arena_is_an_error),
        cmocka_unit_test(every_field_and_kind_is_found),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
