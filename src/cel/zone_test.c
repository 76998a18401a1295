#include "cel/zone.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/test.h"
#include "cel/timestamp.h"

static int64_t at(int year, unsigned month, unsigned day, int hour)
{
    return timestamp_seconds(year, month, day) + hour * 3600;
}

static int32_t by_rule(const char *rule, int64_t t)
{
    int32_t offset = -1;
    assert_true(zone_rule_offset((str){rule, strlen(rule)}, t, &offset));
    return offset;
}

static void rules(void **state)
{
    (void)state;
    const char *paris = "CET-1CEST,M3.5.0,M10.5.0/3";
    assert_int_equal(by_rule(paris, at(2040, 3, 25, 0)), 3600); // 01:00 UTC is the switch
    assert_int_equal(by_rule(paris, at(2040, 3, 25, 1)), 7200);
    assert_int_equal(by_rule(paris, at(2040, 10, 28, 0)), 7200);
    assert_int_equal(by_rule(paris, at(2040, 10, 28, 1)), 3600);
    const char *lord_howe = "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"; // saves half an hour, in its summer
    assert_int_equal(by_rule(lord_howe, at(2040, 1, 1, 0)), 11 * 3600);
    assert_int_equal(by_rule(lord_howe, at(2040, 7, 1, 0)), 10 * 3600 + 1800);
    assert_int_equal(by_rule("EST5", 0), -5 * 3600);
    assert_int_equal(by_rule("XXX3YYY,J60/0,300/0", at(2024, 2, 29, 12)), -3 * 3600);
    assert_int_equal(by_rule("XXX3YYY,J60/0,300/0", at(2024, 3, 1, 12)), -2 * 3600);
    static const char *const bad[] = {"", "X", "CET", "CET-1CEST", "CET-1CEST,M13.1.0,M1.1.0",
                                      "CET-1CEST,M3.5.0", "<CET-1", "CET-1CEST,J0,J1"};
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        int32_t offset;
        assert_false(zone_rule_offset((str){bad[i], strlen(bad[i])}, 0, &offset));
    }
}

static void files_that_lie_are_refused(void **state)
{
    (void)state;
    unsigned char file[200] = "TZif2";
    struct zone z;
    for (size_t n = 0; n < sizeof file; n++)
        assert_false(zone_parse((str){(const char *)file, n}, &z)); // no types
    memset(file + 20, 0xff, 24);
    assert_false(zone_parse((str){(const char *)file, sizeof file}, &z));
}

static void the_systems_zones(void **state)
{
    (void)state;
    if (access("/usr/share/zoneinfo/Europe/Paris", R_OK) != 0) {
        printf("skipped: no tzdata on this machine\n");
        skip();
    }
    struct arena a = {0};
    const struct zone *list = NULL;
    assert_int_equal(arena_init(&a, "zones", 1 << 22, NULL), ERR_OK);
    const struct zone *paris = zone_find(S("Europe/Paris"), &list, &a);
    assert_non_null(paris);
    assert_false(paris->missing);
    assert_int_equal(zone_offset(paris, at(2024, 7, 1, 0)), 7200);
    assert_int_equal(zone_offset(paris, at(2024, 1, 1, 0)), 3600);
    assert_int_equal(zone_offset(paris, at(1942, 7, 1, 0)), 7200);
    assert_int_equal(zone_offset(paris, at(2500, 7, 1, 0)), 7200);
    assert_ptr_equal(zone_find(S("Europe/Paris"), &list, &a), paris);
    assert_true(zone_find(S("Europe/Atlantis"), &list, &a)->missing);
    assert_true(zone_find(S("../zoneinfo/UTC"), &list, &a)->missing);
    assert_true(zone_find(S("/etc/localtime"), &list, &a)->missing);
    assert_true(zone_find(S("Europe"), &list, &a)->missing);
    assert_int_equal(zone_offset(zone_find(S("UTC"), &list, &a), 0), 0);
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rules),
                                       cmocka_unit_test(files_that_lie_are_refused),
                                       cmocka_unit_test(the_systems_zones)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
