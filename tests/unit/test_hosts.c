/* SPDX-License-Identifier: BSD-2-Clause
 * hosts: whose TTL is known, and what a refusal in a host's name says of the path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "flow/hosts.h"

#define REMEMBERED 65536 /* what hosts.c keeps */

static struct hosts *hosts;

static int make(void **state)
{
	(void)state;
	hosts = hosts_new(&(struct hash_key){ 1, 2 });
	return hosts ? 0 : -1;
}

static int drop(void **state)
{
	(void)state;
	hosts_free(hosts);
	return 0;
}

static struct address nth(uint32_t n)
{
	return address_v4((uint8_t[]){ 10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n });
}

static void a_host_never_heard_says_nothing(void **state)
{
	struct address a = nth(1);

	(void)state;
	assert_int_equal(hosts_ttl(hosts, &a, 0), 0);
	assert_int_equal(hosts_path_open(hosts, &a, 64), -1);
}

static void its_own_ttl_means_an_open_path_and_another_one_something_between(void **state)
{
	struct address a = nth(1), b = nth(2);

	(void)state;
	hosts_note(hosts, &a, 63, 1);
	assert_int_equal(hosts_ttl(hosts, &a, 0), 63);
	assert_int_equal(hosts_path_open(hosts, &a, 63), 1);
	assert_int_equal(hosts_path_open(hosts, &a, 254), 0);
	assert_int_equal(hosts_path_open(hosts, &b, 63), -1);
}

/* Of a capture of two wires a host has two distances. */
static void the_two_latest_ttls_count(void **state)
{
	struct address a = nth(1);

	(void)state;
	hosts_note(hosts, &a, 63, 1);
	hosts_note(hosts, &a, 61, 2); /* another route */
	assert_int_equal(hosts_ttl(hosts, &a, 0), 61);
	assert_int_equal(hosts_ttl(hosts, &a, 63), 63);
	assert_int_equal(hosts_path_open(hosts, &a, 63), 1);
	hosts_note(hosts, &a, 60, 3);
	assert_int_equal(hosts_ttl(hosts, &a, 63), 60);
	assert_int_equal(hosts_path_open(hosts, &a, 61), 1);
	assert_int_equal(hosts_path_open(hosts, &a, 63), 0);
}

static void both_families_are_kept_apart(void **state)
{
	struct address v4 = nth(1), v6 = v4;

	(void)state;
	v6.octets[0] = 0xfe;
	hosts_note(hosts, &v4, 64, 1);
	assert_int_equal(hosts_ttl(hosts, &v6, 0), 0);
}

/* A scan over more hosts than there is room for: the ones heard last stay, and nothing grows. */
static void the_hosts_heard_longest_ago_go_first(void **state)
{
	struct address kept = nth(0), oldest = nth(1), newest = nth(REMEMBERED + 9);

	(void)state;
	for (uint32_t i = 0; i < REMEMBERED; i++) {
		struct address a = nth(i);
		hosts_note(hosts, &a, 64, i + 1);
	}
	hosts_note(hosts, &kept, 60, REMEMBERED + 1); /* heard again */
	for (uint32_t i = REMEMBERED; i < REMEMBERED + 10; i++) {
		struct address a = nth(i);
		hosts_note(hosts, &a, 64, i + 2);
	}
	assert_int_equal(hosts_ttl(hosts, &kept, 0), 60);
	assert_int_equal(hosts_ttl(hosts, &oldest, 0), 0);
	assert_int_equal(hosts_ttl(hosts, &newest, 0), 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_host_never_heard_says_nothing, make, drop),
		cmocka_unit_test_setup_teardown(its_own_ttl_means_an_open_path_and_another_one_something_between, make, drop),
		cmocka_unit_test_setup_teardown(the_two_latest_ttls_count, make, drop),
		cmocka_unit_test_setup_teardown(both_families_are_kept_apart, make, drop),
		cmocka_unit_test_setup_teardown(the_hosts_heard_longest_ago_go_first, make, drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
