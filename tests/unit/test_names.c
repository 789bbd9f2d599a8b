/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/attributes.h"
#include "proto_assert.h"
#include "names_sample.h"

extern const struct protocol protocol_llmnr, protocol_mdns;

/* One datagram of the client to a protocol that is found by its port. */
static struct harness *datagram(const struct protocol *only, const void *at, size_t size)
{
	struct harness *h = harness_new(only);

	harness_set_datagram(h, true);
	harness_feed(h, CLIENT, bytes_of(at, size), 0, 0);
	harness_close(h, ENDED_TIMEOUT);
	return h;
}
#define DATAGRAM(only, text) datagram(only, text, sizeof(text) - 1)

static void a_netbios_question_and_its_answer_are_told_with_who_answers(void **state)
{
	(void)state;
	struct harness *h = DATAGRAM(NULL, NB_QUERY);
	assert_string_equal(harness_confirmed(h), "nbns");
	const struct record *r = harness_find(h, DATASET_DNS, 0);
	assert_text(r, FIELD_DNS_QUESTION_NAME, "WPAD");
	assert_text(r, FIELD_DNS_QUESTION_TYPE, "NB");
	assert_text(r, FIELD_DNS_TYPE, "query");
	harness_free(h);
	h = DATAGRAM(NULL, NB_ANSWER);
	r = harness_find(h, DATASET_DNS, 0);
	assert_text(r, FIELD_DNS_QUESTION_NAME, "WPAD");
	assert_text(r, FIELD_DNS_TYPE, "answer");
	assert_text(r, FIELD_DNS_RESOLVED_IP, "10.1.10.66");
	assert_text(r, FIELD_DNS_RESPONDER, "10.1.10.11");
	harness_free(h);
}

static void a_host_announces_its_own_name_and_groups_are_none(void **state)
{
	(void)state;
	struct harness *h = DATAGRAM(NULL, NB_REGISTER);
	const struct record *r = harness_find(h, DATASET_DNS, 0);
	assert_text(r, FIELD_DNS_QUESTION_NAME, "PC11");
	assert_text(r, FIELD_DNS_TYPE, "announce");
	assert_text(r, FIELD_DNS_RESOLVED_IP, "10.1.10.11");
	harness_free(h);
	h = DATAGRAM(NULL, NB_REGISTER_GROUP);
	assert_int_equal(harness_count(h), 0);
	harness_free(h);
}

static void a_node_status_names_the_one_that_answers(void **state)
{
	(void)state;
	struct harness *h = DATAGRAM(NULL, NB_STATUS);
	const struct record *r = harness_find(h, DATASET_DNS, 0);
	assert_text(r, FIELD_DNS_QUESTION_NAME, "SRV1");
	assert_text(r, FIELD_DNS_QUESTION_TYPE, "NBSTAT");
	assert_text(r, FIELD_DNS_RESOLVED_IP, "10.1.10.11");
	harness_free(h);
}

static void an_answer_by_multicast_is_told_with_who_gave_it(void **state)
{
	(void)state;
	struct harness *h = DATAGRAM(&protocol_llmnr, LLMNR_QUERY);
	assert_text(harness_find(h, DATASET_DNS, 0), FIELD_DNS_TYPE, "query");
	harness_free(h);
	h = DATAGRAM(&protocol_llmnr, LLMNR_ANSWER);
	const struct record *r = harness_find(h, DATASET_DNS, 0);
	assert_text(r, FIELD_DNS_QUESTION_NAME, "wpad");
	assert_text(r, FIELD_DNS_RESOLVED_IP, "10.1.10.66");
	assert_text(r, FIELD_DNS_RESPONDER, "10.1.10.11");
	assert_null(harness_find(h, DATASET_DNS, 1));
	harness_free(h);
}

static void each_name_of_a_multicast_answer_is_told_with_all_its_addresses(void **state)
{
	(void)state;
	struct harness *h = DATAGRAM(&protocol_mdns, MDNS_ANSWER);
	const struct record *r = harness_find(h, DATASET_DNS, 0);
	assert_text(r, FIELD_DNS_QUESTION_NAME, "pc11.local");
	const struct value *v = record_get(r, FIELD_DNS_RESOLVED_IP);
	assert_non_null(record_next(r, v));
	assert_text(harness_find(h, DATASET_DNS, 1), FIELD_DNS_QUESTION_NAME, "nas.local");
	harness_free(h);
}

static void what_was_just_told_is_not_told_again(void **state)
{
	const struct step steps[] = { SAY(CLIENT, NB_QUERY), SAY(CLIENT, NB_QUERY), SAY(CLIENT, NB_QUERY) };
	(void)state;
	struct harness *h = PLAY_DATAGRAMS(steps, 137);
	assert_int_equal(harness_count(h), 1);
	harness_free(h);
}

static void dhcp_tells_client_and_server_apart(void **state)
{
	const struct step steps[] = { SAY(CLIENT, DHCP_REQUEST), SAY(CLIENT, DHCP_REQUEST), SAY(SERVER, DHCP_ACK) };
	(void)state;
	struct harness *h = PLAY_DATAGRAMS(steps, 67);
	assert_string_equal(harness_confirmed(h), "dhcp");
	const struct record *r = harness_find(h, DATASET_DHCP, 0);
	assert_text(r, FIELD_DHCP_MESSAGE, "request");
	assert_text(r, FIELD_DHCP_CLIENT_MAC, "02-00-00-00-00-11");
	assert_text(r, FIELD_DHCP_CLIENT_NAME, "pc11.corp.example");
	assert_text(r, FIELD_DHCP_REQUESTED_IP, "10.1.10.11");
	assert_text(r, FIELD_DHCP_VENDOR_CLASS, "MSFT 5.0");
	assert_text(r, FIELD_DHCP_ASSIGNED_IP, NULL);
	r = harness_find(h, DATASET_DHCP, 1);
	assert_text(r, FIELD_DHCP_MESSAGE, "ack");
	assert_text(r, FIELD_DHCP_ASSIGNED_IP, "10.1.10.11");
	assert_text(r, FIELD_DHCP_ROUTER_IP, "10.1.10.1");
	assert_text(r, FIELD_DHCP_DNS_IP, "10.1.250.3");
	assert_text(r, FIELD_DHCP_SERVER_IP, "10.1.250.2");
	assert_text(r, FIELD_DHCP_WPAD, "http://wpad.corp.example/wpad.dat");
	assert_null(harness_find(h, DATASET_DHCP, 2));
	harness_free(h);
}

/* Exact-size blocks, cut short at every byte: the harness makes them. */
static void datagrams_cut_short_do_no_harm(void **state)
{
	static const struct { const char *at; size_t size; const struct protocol *only; } all[] = {
		{ NB_ANSWER, sizeof(NB_ANSWER) - 1, NULL },	{ NB_REGISTER, sizeof(NB_REGISTER) - 1, NULL },
		{ NB_STATUS, sizeof(NB_STATUS) - 1, NULL },	{ LLMNR_ANSWER, sizeof(LLMNR_ANSWER) - 1, &protocol_llmnr },
		{ MDNS_ANSWER, sizeof(MDNS_ANSWER) - 1, &protocol_mdns }, { DHCP_REQUEST, sizeof(DHCP_REQUEST) - 1, NULL },
		{ DHCP_ACK, sizeof(DHCP_ACK) - 1, NULL },	{ SNMP_GET, sizeof(SNMP_GET) - 1, NULL },
		{ SNMP_V3, sizeof(SNMP_V3) - 1, NULL },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		for (size_t size = 0; size < all[i].size; size++) {
			struct harness *h = datagram(all[i].only, all[i].at, size);
			assert_true(harness_count(h) <= 2);
			harness_free(h);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_netbios_question_and_its_answer_are_told_with_who_answers),
		cmocka_unit_test(a_host_announces_its_own_name_and_groups_are_none),
		cmocka_unit_test(a_node_status_names_the_one_that_answers),
		cmocka_unit_test(an_answer_by_multicast_is_told_with_who_gave_it),
		cmocka_unit_test(each_name_of_a_multicast_answer_is_told_with_all_its_addresses),
		cmocka_unit_test(what_was_just_told_is_not_told_again),
		cmocka_unit_test(dhcp_tells_client_and_server_apart),
		cmocka_unit_test(datagrams_cut_short_do_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
