/* SPDX-License-Identifier: BSD-2-Clause
 * Community ID: the values that its specification gives for flows of its examples (corelight/community-id-spec, seed 0). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "record/community.h"

static const char *identify(struct community *c, const char *transport, const char *from, unsigned from_port, const char *to,
			    unsigned to_port)
{
	static char room[64];
	struct record *r = record_new();
	struct address a, b;

	assert_non_null(r);
	assert_true(address_parse(bytes_string(from), &a) && address_parse(bytes_string(to), &b));
	record_set_string(r, FIELD_NETWORK_TRANSPORT, transport);
	record_set_ip(r, FIELD_SOURCE_IP, &a);
	record_set_ip(r, FIELD_DESTINATION_IP, &b);
	if (strcmp(transport, "icmp") == 0) {
		record_set_uint(r, FIELD_ICMP_TYPE, from_port);
		record_set_uint(r, FIELD_ICMP_CODE, to_port);
	} else {
		record_set_uint(r, FIELD_SOURCE_PORT, from_port);
		record_set_uint(r, FIELD_DESTINATION_PORT, to_port);
	}
	community_identify(c, r);
	snprintf(room, sizeof(room), "%s", "(none)");
	record_string(r, FIELD_NETWORK_COMMUNITY_ID, room, sizeof(room));
	record_free(r);
	return room;
}

static void the_identifiers_are_those_of_the_specification(void **state)
{
	struct community *c = community_new();

	(void)state;
	assert_non_null(c);
	for (int again = 0; again < 2; again++) { /* made, then remembered */
		assert_string_equal(identify(c, "tcp", "128.232.110.120", 34855, "66.35.250.204", 80), "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
		assert_string_equal(identify(c, "udp", "192.168.1.52", 54585, "8.8.8.8", 53), "1:d/FP5EW3wiY1vCndhwleRRKHowQ=");
		assert_string_equal(identify(c, "icmp", "192.168.0.89", 8, "192.168.0.1", 0), "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=");
	}
	community_free(c);
}

static void both_directions_have_the_same_one_and_other_flows_another(void **state)
{
	struct community *c = community_new();
	char there[64];

	(void)state;
	assert_non_null(c);
	snprintf(there, sizeof(there), "%s", identify(c, "tcp", "10.0.0.1", 40000, "2001:db8::1", 443));
	assert_string_equal(identify(c, "tcp", "2001:db8::1", 443, "10.0.0.1", 40000), there);
	assert_string_not_equal(identify(c, "tcp", "10.0.0.1", 40001, "2001:db8::1", 443), there);
	assert_string_not_equal(identify(c, "udp", "10.0.0.1", 40000, "2001:db8::1", 443), there);
	community_free(c);
}

static void more_flows_than_are_remembered_keep_theirs(void **state)
{
	struct community *c = community_new(), *fresh = NULL;
	char first[64];

	(void)state;
	assert_non_null(c);
	snprintf(first, sizeof(first), "%s", identify(c, "tcp", "10.0.0.1", 1, "10.0.0.2", 443));
	for (unsigned port = 2; port < 5000; port++)
		identify(c, "tcp", "10.0.0.1", port, "10.0.0.2", 443);
	assert_string_equal(identify(c, "tcp", "10.0.0.1", 1, "10.0.0.2", 443), first);
	fresh = community_new();
	assert_non_null(fresh);
	char second[64];
	snprintf(second, sizeof(second), "%s", identify(c, "tcp", "10.0.0.1", 4999, "10.0.0.2", 443));
	assert_string_equal(identify(fresh, "tcp", "10.0.0.1", 4999, "10.0.0.2", 443), second);
	community_free(fresh);
	community_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_identifiers_are_those_of_the_specification),
		cmocka_unit_test(both_directions_have_the_same_one_and_other_flows_another),
		cmocka_unit_test(more_flows_than_are_remembered_keep_theirs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
