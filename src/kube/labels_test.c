#include "kube/labels.h"

#include <stdio.h>

#include "base/test.h"

static const struct {
    const char *(*check)(str s);
    const char *text;
    bool good;
} cases[] = {
    {labels_check_key, "app", true},
    {labels_check_key, "App_2.x-y", true},
    {labels_check_key, "kubernetes.io/metadata.name", true},
    {labels_check_key, "", false},
    {labels_check_key, "/name", false},
    {labels_check_key, "a/", false},
    {labels_check_key, "a/b/c", false},
    {labels_check_key, "Example.com/name", false},
    {labels_check_key, "-app", false},
    {labels_check_key, "app.", false},
    {labels_check_key, "a b", false},
    {labels_check_key, "0123456789012345678901234567890123456789012345678901234567890123", false},
    {labels_check_annotation, "Example.com/Name", true},
    {labels_check_annotation, "example..com/Name", false},
    {labels_check_value, "", true},
    {labels_check_value, "v1.2-x", true},
    {labels_check_value, "a/b", false},
    {labels_check_value, "-a", false},
    {labels_check_subdomain, "a.b-c.d0", true},
    {labels_check_subdomain, "a..b", false},
    {labels_check_subdomain, "a.", false},
    {labels_check_subdomain, ".a", false},
    {labels_check_subdomain, "", false},
    {labels_check_subdomain, "A", false},
    {labels_check_subdomain, "a-.b", false},
    {labels_check_dns1035, "v1", true},
    {labels_check_dns1035, "1v", false},
    {labels_check_dns1035, "v1.x", false},
    {labels_check_path_segment, "a b:c", true},
    {labels_check_path_segment, "", true},
    {labels_check_path_segment, "..", false},
    {labels_check_path_segment, "a/b", false},
    {labels_check_path_segment, "50%", false},
};

static void test_cases(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *why = cases[i].check(str_of(cases[i].text));
        if ((why == NULL) != cases[i].good)
            fail_msg("'%s': %s", cases[i].text, why ? why : "accepted");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
