#include "scan/scan.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/own.h"
#include "base/test.h"
#include "cel/cel.h"

static const char policy_text[] =
    "apiVersion: admissionregistration.k8s.io/v1\n"
    "kind: ValidatingAdmissionPolicy\n"
    "metadata:\n"
    "  name: no-host-network\n"
    "  annotations: {casemate.dev/severity: high, casemate.dev/title: shares the network}\n"
    "spec:\n"
    "  matchConstraints:\n"
    "    resourceRules:\n"
    "    - {apiGroups: [\"\"], apiVersions: [v1], resources: [pods], operations: [CREATE]}\n"
    "  validations:\n"
    "  - expression: '!has(object.spec.hostNetwork) || !object.spec.hostNetwork'\n";

struct fixture {
    char path[32];
    struct arena arena;
    struct policy_set *set;
    struct files_list list;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    if (!f)
        return -1;
    const struct policy_options o = {.kubernetes_minor = CEL_NEWEST_MINOR, .pss = S("restricted"), .ignore_bindings = true};
    strcpy(f->path, "/tmp/scan_test.XXXXXX");
    int fd = mkstemp(f->path);
    struct diags d = {.arena = &f->arena};
    if (fd < 0 || close(fd) != 0 || arena_init(&f->arena, "t", (size_t)1 << 28, NULL) != ERR_OK ||
        policy_set_new(&o, &f->set, NULL) != ERR_OK ||
        policy_set_load(f->set, S("p"), str_of(policy_text), &d, NULL) != ERR_OK ||
        policy_set_seal(f->set, &d, NULL) != ERR_OK)
        return -1;
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    policy_set_free(f->set);
    arena_done(&f->arena);
    int rc = unlink(f->path);
    free(f);
    return rc;
}

static void write_file(struct fixture *f, str text)
{
    OWN_FILE FILE *file = fopen(f->path, "we");
    const char *path = f->path;
    assert_non_null(file);
    assert_int_equal(fwrite(text.p, 1, text.n, file), text.n);
    assert_int_equal(fflush(file), 0);
    assert_int_equal(files_walk(&path, 1, &f->arena, &f->list, NULL), ERR_OK);
}

static struct scan *run(struct fixture *f, unsigned threads, enum severity threshold)
{
    struct scan *s = NULL;
    const struct scan_options o = {.policies = f->set, .threads = threads, .threshold = threshold, .pss = S("restricted"), .tool = S("t")};
    assert_int_equal(scan_run(&o, &f->list, &s, NULL), ERR_OK);
    return s;
}

static void put_pods(struct buf *b, int n)
{
    for (int i = 0; i < n; i++)
        buf_printf(b, "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p%d}\nspec:\n  hostNetwork: %s\n", i,
                   i % 3 ? "false" : "yes");
}

static void findings_are_the_same_on_any_number_of_threads(void **state)
{
    struct fixture *f = *state;
    OWN_BUF struct buf b = buf_new(1 << 24);
    put_pods(&b, 3000);
    write_file(f, buf_str(&b));
    struct scan *one = run(f, 1, SEVERITY_LOW);
    const struct report *x = scan_report(one);
    assert_int_equal(x->n_findings, 1000);
    assert_int_equal(x->total_objects, 3000);
    for (unsigned threads = 2; threads <= 7; threads += 5) {
        struct scan *many = run(f, threads, SEVERITY_LOW);
        const struct report *y = scan_report(many);
        assert_int_equal(y->n_findings, x->n_findings);
        for (uint32_t i = 0; i < x->n_findings; i++) {
            const struct finding *p = x->findings[i], *q = y->findings[i];
            assert_int_equal(p->places[0].line, q->places[0].line);
            assert_true(str_eq(x->objects[p->object].name, y->objects[q->object].name));
            assert_int_equal(x->objects[p->object].ordinal, 3 * i);
        }
        scan_free(many);
    }
    scan_free(one);
}

static void a_finding_has_its_place(void **state)
{
    struct fixture *f = *state;
    write_file(f, S("# \xC3\xA9\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, namespace: shop}\nspec:\n  template:\n    spec:\n      hostNetwork: true\n"));
    struct scan *s = run(f, 1, SEVERITY_LOW);
    const struct report *r = scan_report(s);
    assert_int_equal(r->n_findings, 1);
    const struct place *p = &r->findings[0]->places[0];
    assert_int_equal(p->line, 8);
    assert_int_equal(p->column, 7);
    assert_true(str_eq(p->path, S("spec.template.spec.hostNetwork")));
    assert_true(str_eq(r->objects[0].ns, S("shop")));
    assert_int_equal(finding_exit_status(r), 1);
    scan_free(s);
}

static void a_broken_document_costs_only_itself(void **state)
{
    struct fixture *f = *state;
    OWN_BUF struct buf b = buf_new(1 << 16);
    put_pods(&b, 1);
    buf_put(&b, S("---\na: [\n"));
    put_pods(&b, 1);
    write_file(f, buf_str(&b));
    struct scan *s = run(f, 2, SEVERITY_LOW);
    const struct report *r = scan_report(s);
    assert_int_equal(r->n_findings, 2);
    assert_int_equal(r->n_errors, 1);
    assert_int_equal(r->errors[0].line, 9); // where the list should have gone on
    assert_int_equal(r->unreadable, 1);
    assert_int_equal(finding_exit_status(r), 2);
    scan_free(s);
}

static void findings_below_the_threshold_are_counted_not_kept(void **state)
{
    struct fixture *f = *state;
    OWN_BUF struct buf b = buf_new(1 << 16);
    put_pods(&b, 1);
    write_file(f, buf_str(&b));
    struct scan *s = run(f, 1, SEVERITY_CRITICAL);
    const struct report *r = scan_report(s);
    assert_int_equal(r->n_findings, 0);
    assert_int_equal(r->tally[0].failed, 1);
    assert_int_equal(finding_exit_status(r), 0);
    scan_free(s);
}

static const char list_text[] = "apiVersion: v1\nkind: List\nitems:\n"
                                "- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: a}\n  data: {port: 80}\n"
                                "- apiVersion: apps/v1\n  kind: Deployment\n  metadata: {name: b}\n"
                                "  spec:\n    template:\n      spec:\n        hostNetwork: true\n        hostPid: true\n"
                                "- apiVersion: example.com/v1\n  kind: Custom\n  metadata: {name: c}\n  hostPid: 1\n";

static void unknown_fields_and_wrong_types_are_findings_of_items(void **state)
{
    struct fixture *f = *state;
    write_file(f, str_of(list_text));
    struct scan *s = run(f, 1, SEVERITY_LOW);
    const struct report *r = scan_report(s);
    assert_int_equal(r->n_rules, 3);
    for (uint32_t i = 0; i < r->n_rules; i++) {
        static const char *const ids[] = {"no-host-network", "unknown-field", "wrong-type"};
        assert_true(str_eq(r->rules[i]->id, str_of(ids[i])));
        assert_int_equal(r->tally[i].applied, i == 0 ? 1 : 2);
        assert_int_equal(r->tally[i].failed, 1);
    }
    assert_int_equal(r->n_findings, 3); // a workload's template is a part of it, and not judged again
    assert_true(str_eq(r->findings[0]->rule->id, S("wrong-type")));
    assert_true(str_eq(r->findings[0]->places[0].path, S("data.port")));
    assert_true(str_eq(r->findings[1]->rule->id, S("no-host-network")));
    assert_true(str_eq(r->findings[2]->rule->id, S("unknown-field")));
    const struct place *p = &r->findings[2]->places[0];
    assert_true(str_eq(p->path, S("spec.template.spec.hostPid")));
    assert_int_equal(p->line, 15);
    assert_int_equal(p->column, 9);
    assert_int_equal(p->end - p->start, S("hostPid: true").n);
    scan_free(s);
}

static void what_cannot_be_decoded_is_not_assessed_where_a_policy_cannot_evaluate_it(void **state)
{
    struct fixture *f = *state;
    write_file(f, S("apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {hostNetwork: \"no\"}\n"
                    "---\napiVersion: v1\nkind: Pod\nmetadata: {name: q}\nspec: {hostNetwork: true, hostPID: \"no\"}\n"));
    struct scan *s = run(f, 1, SEVERITY_LOW);
    const struct report *r = scan_report(s);
    assert_int_equal(r->n_findings, 4);
    assert_true(str_eq(r->findings[0]->rule->id, S("no-host-network")));
    assert_int_equal(r->findings[0]->status, FINDING_NOT_ASSESSED);
    assert_true(str_eq(r->findings[0]->message, S("a value has the wrong type, see wrong-type")));
    assert_true(str_eq(r->findings[1]->rule->id, S("wrong-type")));
    assert_int_equal(r->findings[2]->status, FINDING_FAIL); // what can be evaluated is
    assert_true(str_eq(r->findings[3]->rule->id, S("wrong-type")));
    assert_int_equal(r->tally[0].failed, 1);
    assert_int_equal(r->tally[0].not_assessed, 1);
    scan_free(s);
}

static void a_policy_of_the_name_stands_in_for_a_check(void **state)
{
    struct fixture *f = *state;
    const struct policy_options o = {.kubernetes_minor = CEL_NEWEST_MINOR, .pss = S("restricted"), .ignore_bindings = true};
    OWN_BUF struct buf b = buf_new(1 << 16);
    str text = str_of(policy_text), rest = str_skip(text, str_find(text, S("no-host-network")) + S("no-host-network").n);
    buf_put(&b, str_head(text, text.n - rest.n - S("no-host-network").n));
    buf_put(&b, S("unknown-field"));
    buf_put(&b, rest);
    policy_set_free(f->set);
    assert_int_equal(policy_set_new(&o, &f->set, NULL), ERR_OK);
    assert_int_equal(policy_set_load(f->set, S("p"), buf_str(&b), NULL, NULL), ERR_OK);
    assert_int_equal(policy_set_seal(f->set, NULL, NULL), ERR_OK);
    write_file(f, str_of(list_text));
    struct scan *s = run(f, 1, SEVERITY_LOW);
    const struct report *r = scan_report(s);
    assert_int_equal(r->n_rules, 2);
    assert_int_equal(r->n_findings, 2);
    assert_true(str_eq(r->findings[1]->rule->id, S("unknown-field")));
    assert_true(str_eq(r->findings[1]->places[0].path, S("spec.template.spec.hostNetwork")));
    scan_free(s);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(findings_are_the_same_on_any_number_of_threads),
        T(a_finding_has_its_place),
        T(a_broken_document_costs_only_itself),
        T(findings_below_the_threshold_are_counted_not_kept),
        T(unknown_fields_and_wrong_types_are_findings_of_items),
        T(what_cannot_be_decoded_is_not_assessed_where_a_policy_cannot_evaluate_it),
        T(a_policy_of_the_name_stands_in_for_a_check),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
