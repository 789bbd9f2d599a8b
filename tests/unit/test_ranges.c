/* SPDX-License-Identifier: BSD-2-Clause
 * Ranges of addresses that are cut at each other, and services as words, ports or transports. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../sensord/site/ranges.h"
#include "../../sensord/site/services.h"
#include "site_office.h"

static uint32_t dice(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223; /* Numerical Recipes; the same numbers in every run */
	return *seed >> 8;
}

/* The narrowest range that has a, first added first, found by looking at each. */
static int by_looking(const uint8_t (*spans)[2], size_t count, uint8_t a)
{
	int best = -1;

	for (size_t i = 0; i < count; i++)
		if (a >= spans[i][0] && a <= spans[i][1] &&
		    (best < 0 || spans[i][1] - spans[i][0] < spans[best][1] - spans[best][0]))
			best = (int)i;
	return best;
}

static void cut_ranges_agree_with_looking_at_each(void **state)
{
	uint32_t seed = 1;
	(void)state;

	for (unsigned round = 0; round < 40; round++) {
		uint8_t spans[12][2];
		struct ranges all = { 0 };
		for (size_t i = 0; i < 12; i++) {
			uint8_t x = (uint8_t)dice(&seed), y = (uint8_t)dice(&seed);
			spans[i][0] = x < y ? x : y;
			spans[i][1] = x < y ? y : x;
			struct address_range r = { address_v4((uint8_t[4]){ 255, 255, 255, spans[i][0] }),
						   address_v4((uint8_t[4]){ 255, 255, 255, spans[i][1] }) };
			assert_true(ranges_add(&all, &r, (unsigned)i));
		}
		assert_true(ranges_build(&all));
		for (unsigned a = 0; a < 256; a++) {
			struct address one = address_v4((uint8_t[4]){ 255, 255, 255, (uint8_t)a });
			assert_int_equal(ranges_find(&all, &one), by_looking(spans, 12, (uint8_t)a));
		}
		ranges_release(&all);
	}
}

static void the_first_and_the_last_address_are_in_their_range(void **state)
{
	struct ranges all = { 0 };
	struct address_range r;
	struct address first = addr("::"), last = addr("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	(void)state;

	assert_true(address_range_parse(bytes_string("::/0"), &r));
	assert_true(ranges_add(&all, &r, 5));
	assert_true(ranges_build(&all));
	assert_int_equal(ranges_find(&all, &first), 5);
	assert_int_equal(ranges_find(&all, &last), 5);
	ranges_release(&all);
}

static void a_range_becomes_the_networks_that_make_it(void **state)
{
	static const char *const cases[][2] = { { "10.0.0.1-10.0.0.6", "10.0.0.1 10.0.0.2/31 10.0.0.4/31 10.0.0.6" },
						{ "0.0.0.0-255.255.255.255", "0.0.0.0/0" },
						{ "10.0.0.0/8", "10.0.0.0/8" },
						{ "2001:db8::ff-2001:db8::101", "2001:db8::ff 2001:db8::100/127" },
						{ "::/0", "::/0" } };
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char room[512];
		struct text t = TEXT_ON(room);
		struct address_range r;
		assert_true(address_range_parse(bytes_string(cases[i][0]), &r));
		range_networks(&r, collect, &t);
		assert_string_equal(text_end(&t), cases[i][1]);
	}
}

static void services_are_words_ports_or_transports(void **state)
{
	struct service_match m;
	struct port_span span;
	(void)state;

	assert_true(service_parse(bytes_string("LDAP"), &m));
	assert_true(service_fits(&m, "tls", "tcp", 636));
	assert_true(service_fits(&m, NULL, "udp", 389));
	assert_false(service_fits(&m, "tls", "tcp", 443));
	assert_true(service_fits(&m, "ldap", "tcp", 3890));
	assert_true(service_parse(bytes_string("http"), &m));
	assert_true(service_fits(&m, "http", "tcp", 8000));
	assert_true(service_fits(&m, "http", "tcp", 3128));
	assert_true(service_fits(&m, "http", "tcp", 50000));
	assert_false(service_fits(&m, "http", "tcp", 5985)); /* remote management rides on it */
	assert_true(service_parse(bytes_string("winrm"), &m));
	assert_true(service_fits(&m, "http", "tcp", 5985));
	assert_true(service_fits(&m, "tls", "tcp", 5986));
	assert_false(service_fits(&m, "http", "tcp", 80));
	assert_true(service_parse(bytes_string("https"), &m));
	assert_true(service_fits(&m, "tls", "tcp", 8443));
	assert_false(service_fits(&m, "tls", "tcp", 636));
	assert_false(service_fits(&m, "tls", "tcp", 3389));
	assert_false(service_fits(&m, "http", "tcp", 443));
	assert_string_equal(service_name("http", "tcp", 5985), "winrm");
	assert_true(service_parse(bytes_string("udp/100-200"), &m));
	assert_true(service_fits(&m, NULL, "udp", 200));
	assert_false(service_fits(&m, NULL, "tcp", 200));
	assert_true(service_parse(bytes_string("8000"), &m));
	assert_true(service_fits(&m, "http", "udp", 8000));
	assert_true(service_parse(bytes_string("udp"), &m));
	assert_true(service_fits(&m, NULL, "udp", 7));
	assert_false(service_fits(&m, NULL, "tcp", 7));
	assert_false(service_parse(bytes_string("tcp/"), &m));
	assert_false(service_parse(bytes_string("tcp/0"), &m));
	assert_false(service_parse(bytes_string(""), &m));
	assert_false(port_span_parse(bytes_string("200-100"), &span));
	assert_false(port_span_parse(bytes_string("65536"), &span));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_ranges_agree_with_looking_at_each),
		cmocka_unit_test(the_first_and_the_last_address_are_in_their_range),
		cmocka_unit_test(a_range_becomes_the_networks_that_make_it),
		cmocka_unit_test(services_are_words_ports_or_transports),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
