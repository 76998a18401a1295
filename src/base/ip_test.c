#include "base/ip.h"

#include "base/test.h"

// text: what it is written as again; at: what the fault speaks of.
static const struct {
    const char *in, *text, *fault, *at;
} rows[] = {
    {"10.0.0.1", "10.0.0.1", NULL, NULL},
    {"2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1", NULL, NULL}, // of equal runs the first
    {"1:0:0:2:0:0:0:3", "1:0:0:2::3", NULL, NULL},
    {"1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7", NULL, NULL}, // one group is no run
    {"::", "::", NULL, NULL},
    {"1::", "1::", NULL, NULL},
    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, NULL},
    {"::ffff:1.2.3.4", "::ffff:102:304", NULL, NULL},
    {"", NULL, "unable to parse IP", ""},
    {"01.2.3.4", NULL, "IPv4 field has octet with leading zero", ""},
    {"1.2.3.256", NULL, "IPv4 field has value >255", ""},
    {"1.2.3", NULL, "IPv4 address too short", ""},
    {"1.2..4", NULL, "IPv4 field must have at least one digit", ".4"},
    {"1%eth0", NULL, "missing IPv6 address", ""},
    {"fe80::1%", NULL, "zone must be a non-empty string", ""},
    {"1:2", NULL, "address string too short", ""},
    {"1::2::3", NULL, "multiple :: in address", ":3"},
    {"1:2:3:4:5:6:7::8", NULL, "the :: must expand to at least one field of zeros", ""},
    {"1:2:3:4:5:6:7:8:9", NULL, "trailing garbage after address", "9"},
    {"::12345", NULL, "each group must have 4 or less digits", "12345"},
    {"1:2.3.4.5", NULL, "embedded IPv4 address must replace the final 2 fields of the address", "2.3.4.5"},
};

static void addresses_are_read_and_written(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ip ip;
        struct ip_fault why = {0};
        bool zone;
        char text[IP_TEXT];
        if (ip_parse(str_of(rows[i].in), &ip, &zone, &why) != (rows[i].text != NULL))
            fail_msg("%s: %s", rows[i].in, why.message ? why.message : "was taken");
        if (rows[i].fault) {
            assert_string_equal(why.message, rows[i].fault);
            if (!str_eq(why.at, str_of(rows[i].at)))
                fail_msg("%s: at '%.*s'", rows[i].in, STR_FMT(why.at));
        } else if (ip.v6) {
            str got = {text, ip_format_v6(text, ip.bytes)};
            if (!str_eq(got, str_of(rows[i].text)))
                fail_msg("%s: %.*s", rows[i].in, STR_FMT(got));
        }
    }
}

static void a_zone_is_told(void **state)
{
    (void)state;
    struct ip ip;
    struct ip_fault why;
    bool zone = false;
    assert_true(ip_parse(S("fe80::1%eth0"), &ip, &zone, &why));
    assert_true(zone && ip.v6 && ip.bytes[0] == 0xfe && ip.bytes[15] == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read_and_written),
        cmocka_unit_test(a_zone_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
