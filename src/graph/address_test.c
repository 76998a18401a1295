#include "graph/address.h"

#include "base/test.h"

static void expect(const char *text, const char *wanted)
{
    struct address a;
    OWN_BUF struct buf b = buf_new(100);
    assert_true(address_parse(str_of(text), &a));
    address_put(&b, a);
    buf_putc(&b, '\0');
    assert_string_equal(b.p, wanted);
}

static void test_addresses(void **state)
{
    (void)state;
    expect("10.0.0.1", "10.0.0.1");
    expect("255.255.255.255", "255.255.255.255");
    expect("::", "::");
    expect("::1", "::1");
    expect("1::", "1::");
    expect("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1");
    expect("1:0:0:2:0:0:0:3", "1:0:0:2::3");
    expect("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8");
    expect("::ffff:10.0.0.1", "::ffff:a00:1");
    static const char *const bad[] = {"", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", "1.2.3.4 ", ":", ":::", "1:2", "1::2::3", "1:2:3:4:5:6:7:8:9",
                                      "12345::", "1:", ":1", "1:2:3:4:5:6:7::8", "fe80::1%eth0", "::1.2.3", "g::"};
    struct address a;
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
        if (address_parse(str_of(bad[i]), &a))
            fail_msg("'%s' was taken", bad[i]);
}

static void expect_block(const char *text, const char *wanted)
{
    struct address_range r;
    OWN_BUF struct buf b = buf_new(200);
    assert_true(address_parse_cidr(str_of(text), &r));
    address_put_range(&b, r);
    buf_putc(&b, '\0');
    assert_string_equal(b.p, wanted);
}

static void test_blocks(void **state)
{
    (void)state;
    expect_block("10.10.1.12/24", "10.10.1.0-10.10.1.255"); // host bits may be set
    expect_block("0.0.0.0/0", "0.0.0.0-255.255.255.255");
    expect_block("1.2.3.4/32", "1.2.3.4-1.2.3.4");
    expect_block("::/0", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
    expect_block("fd00::/8", "fd00::-fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
    expect_block("2001:db8::1/64", "2001:db8::-2001:db8::ffff:ffff:ffff:ffff");
    static const char *const bad[] = {"10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/08", "10.0.0.0/-1", "/8", "10.0.0.0/8/8"};
    struct address_range r;
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
        if (address_parse_cidr(str_of(bad[i]), &r))
            fail_msg("'%s' was taken", bad[i]);
}

static void test_neighbours(void **state)
{
    (void)state;
    struct address a = {6, 1, UINT64_MAX};
    a = address_next(a);
    assert_true(a.high == 2 && a.low == 0);
    a = address_previous(a);
    assert_true(a.high == 1 && a.low == UINT64_MAX);
    assert_true(address_cmp((struct address){4, 0, 5}, (struct address){6, 0, 0}) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_neighbours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
