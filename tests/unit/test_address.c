/* SPDX-License-Identifier: BSD-2-Clause
 * base/address: text form, ranges, what is internal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/address.h"
#include "base/attributes.h"

static struct address parsed(const char *text)
{
	struct address a;

	if (!address_parse(bytes_string(text), &a))
		fail_msg("%s is an address", text);
	return a;
}

static struct address_range range(const char *text)
{
	struct address_range r;

	if (!address_range_parse(bytes_string(text), &r))
		fail_msg("%s is a range", text);
	return r;
}

static void the_text_form_comes_back_as_it_was_read(void **state)
{
	static const char *const same[] = {
		"0.0.0.0", "255.255.255.255", "10.0.0.1", "192.168.100.9", "::", "::1", "2001:db8::1", "fe80::1:2:3:4",
		"1:2:3:4:5:6:7:8", "2001:db8:0:1:1:1:1:1", "ff02::fb",
	};
	char text[ADDRESS_TEXT];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
		struct address a = parsed(same[i]);
		assert_string_equal(address_format(&a, text), same[i]);
	}
}

static void the_text_form_is_the_canonical_one(void **state)
{
	char text[ADDRESS_TEXT];
	struct address a = parsed("2001:0DB8:0000:0000:0001:0000:0000:0001");

	(void)state;
	assert_string_equal(address_format(&a, text), "2001:db8::1:0:0:1");
}

static void what_is_no_address_is_refused_and_leaves_the_result(void **state)
{
	static const char *const wrong[] = {
		"", "10.0.0", "10.0.0.256", "10.0.0.1.2", "10.0.0.1 ", " 10.0.0.1", "2001:db8::1::2", "host", "::g",
		"10.0.0.1/8", "1:2:3:4:5:6:7:8:9", "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000",
	};
	struct address before = parsed("192.0.2.1");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct address a = before;
		if (address_parse(bytes_string(wrong[i]), &a))
			fail_msg("'%s' was taken", wrong[i]);
		assert_true(address_equal(&a, &before));
	}
	struct address a = before;
	assert_false(address_parse(bytes_of("10.0.0.1\0", 9), &a));
}

static void only_the_view_is_parsed(void **state)
{
	struct address a;
	struct address want = parsed("10.0.0.1");

	(void)state;
	assert_true(address_parse(bytes_of("10.0.0.123", 8), &a));
	assert_true(address_equal(&a, &want));
}

static void the_octets_tell_the_family(void **state)
{
	static const uint8_t four[4] = { 192, 0, 2, 7 };
	static const uint8_t six[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 9 };
	struct address a = address_v4(four), b = address_v6(six);

	(void)state;
	assert_true(address_is_v4(&a));
	assert_false(address_is_v4(&b));
	assert_memory_equal(address_v4_octets(&a), four, 4);
	assert_null(address_v4_octets(&b));
	assert_memory_equal(b.octets, six, 16);
	assert_false(address_equal(&a, &b));
}

struct member {
	const char *range, *address;
	bool in;
};

static void ranges_hold_both_ends_and_nothing_beyond(void **state)
{
	static const struct member table[] = {
		{ "10.0.0.0/8", "10.0.0.0", true },
		{ "10.0.0.0/8", "10.255.255.255", true },
		{ "10.0.0.0/8", "11.0.0.0", false },
		{ "10.0.0.0/8", "9.255.255.255", false },
		{ "10.1.2.3/8", "10.200.0.1", true }, /* host bits do not matter */
		{ "192.0.2.128/25", "192.0.2.127", false },
		{ "192.0.2.128/25", "192.0.2.128", true },
		{ "192.0.2.4/30", "192.0.2.7", true },
		{ "192.0.2.4/30", "192.0.2.8", false },
		{ "0.0.0.0/0", "255.255.255.255", true },
		{ "0.0.0.0/0", "2001:db8::1", false },
		{ "192.0.2.1", "192.0.2.1", true },
		{ "192.0.2.1/32", "192.0.2.2", false },
		{ "10.1.1.5-10.1.1.9", "10.1.1.5", true },
		{ "10.1.1.5 - 10.1.1.9", "10.1.1.9", true },
		{ "10.1.1.5-10.1.1.9", "10.1.1.10", false },
		{ "10.1.1.5-10.1.1.9", "10.1.1.4", false },
		{ "2001:db8::/32", "2001:db8:ffff::1", true },
		{ "2001:db8::/32", "2001:db9::", false },
		{ "2001:db8::/127", "2001:db8::1", true },
		{ "2001:db8::/127", "2001:db8::2", false },
		{ "::/0", "2001:db8::", true },
		{ "fe80::1", "fe80::1", true },
		{ "fe80::1", "fe80::2", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct address_range r = range(table[i].range);
		struct address a = parsed(table[i].address);
		if (address_range_has(&r, &a) != table[i].in)
			fail_msg("%s in %s", table[i].address, table[i].range);
	}
}

static void what_is_no_range_is_refused_and_leaves_the_result(void **state)
{
	static const char *const wrong[] = {
		"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "2001:db8::/129", "10.0.0.9-10.0.0.1", "10.0.0.1-",
		"-10.0.0.1", "10.0.0.1-2001:db8::1", "10.0.0.0/8/8", "10.0.0.0/8x", "net",
	};
	struct address_range before = range("192.0.2.0/24");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct address_range r = before;
		if (address_range_parse(bytes_string(wrong[i]), &r))
			fail_msg("'%s' was taken", wrong[i]);
		assert_memory_equal(&r, &before, sizeof(r));
	}
}

struct class {
	const char *address;
	bool is_private, is_group;
};

static void internal_and_group_addresses_are_known(void **state)
{
	static const struct class table[] = {
		{ "10.0.0.1", true, false },	   { "11.0.0.1", false, false },
		{ "172.15.255.255", false, false }, { "172.16.0.1", true, false },
		{ "172.31.255.255", true, false },  { "172.32.0.0", false, false },
		{ "192.168.0.1", true, false },	   { "192.169.0.1", false, false },
		{ "100.63.255.255", false, false }, { "100.64.0.1", true, false },
		{ "100.127.255.255", true, false }, { "100.128.0.0", false, false },
		{ "169.254.1.1", true, false },	   { "127.0.0.1", true, false },
		{ "8.8.8.8", false, false },	   { "224.0.0.251", false, true },
		{ "239.255.255.250", false, true }, { "255.255.255.255", false, true },
		{ "0.0.0.0", false, true },	   { "fc00::1", true, false },
		{ "fdff::1", true, false },	   { "fe00::1", false, false },
		{ "fe80::1", true, false },	   { "febf::1", true, false },
		{ "fec0::1", false, false },	   { "::1", true, false },
		{ "2001:db8::1", false, false },   { "ff02::1", false, true },
		{ "::", false, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct address a = parsed(table[i].address);
		if (address_is_private(&a) != table[i].is_private)
			fail_msg("%s private", table[i].address);
		if (address_is_group(&a) != table[i].is_group)
			fail_msg("%s group", table[i].address);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_text_form_comes_back_as_it_was_read),
		cmocka_unit_test(the_text_form_is_the_canonical_one),
		cmocka_unit_test(what_is_no_address_is_refused_and_leaves_the_result),
		cmocka_unit_test(only_the_view_is_parsed),
		cmocka_unit_test(the_octets_tell_the_family),
		cmocka_unit_test(ranges_hold_both_ends_and_nothing_beyond),
		cmocka_unit_test(what_is_no_range_is_refused_and_leaves_the_result),
		cmocka_unit_test(internal_and_group_addresses_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
