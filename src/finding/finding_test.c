#include "finding/finding.h"

#include "base/test.h"

static const struct rule rule = {.id = {"privileged", 10}, .severity = SEVERITY_CRITICAL};

static void severity_names_read_back(void **state)
{
    (void)state;
    for (enum severity s = SEVERITY_LOW; s <= SEVERITY_CRITICAL; s++) {
        enum severity back = SEVERITY_LOW;
        assert_true(finding_severity_parse(finding_severity_name(s), &back));
        assert_int_equal(back, s);
    }
    enum severity untouched = SEVERITY_HIGH;
    assert_false(finding_severity_parse(S("urgent"), &untouched));
    assert_int_equal(untouched, SEVERITY_HIGH);
}

static void finding_fingerprint_depends_on_what_it_should(void **state)
{
    (void)state;
    struct finding f = {.rule = &rule};
    struct finding_object o = {.api_version = S("apps/v1"), .kind = S("Deployment"), .name = S("a")};
    char base[17], other[17];
    finding_fingerprint(&f, &o, S("spec"), base);
    assert_int_equal(strlen(base), 16);

    o.line = 99;
    o.file = 3;
    o.ordinal = 7;
    o.api_version = S("apps/v1beta1");
    finding_fingerprint(&f, &o, S("spec"), other);
    assert_string_equal(base, other); // moved, or its API version raised: the same finding

    finding_fingerprint(&f, &o, S("spec.x"), other);
    assert_string_not_equal(base, other);
    o.name = S("b");
    finding_fingerprint(&f, &o, S("spec"), other);
    assert_string_not_equal(base, other);
}

static void finding_exit_status_says_the_worst(void **state)
{
    (void)state;
    struct finding f = {.rule = &rule, .status = FINDING_NOT_ASSESSED};
    struct finding_error bad = {.warning = true};
    struct report r = {.findings = (const struct finding *const[]){&f}, .n_findings = 1, .errors = &bad, .n_errors = 1};
    assert_int_equal(finding_exit_status(&r), 0);
    f.status = FINDING_FAIL;
    assert_int_equal(finding_exit_status(&r), 1);
    bad.warning = false;
    assert_int_equal(finding_exit_status(&r), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(severity_names_read_back),
        cmocka_unit_test(finding_fingerprint_depends_on_what_it_should),
        cmocka_unit_test(finding_exit_status_says_the_worst),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
