/* SPDX-License-Identifier: BSD-2-Clause
 * Connections that are passed on: which two of a host belong together, and how many are kept. */
#include "detect_harness.h"

static void closed(struct bench *b, double at, const char *from, const char *to, unsigned port, unsigned second, unsigned out,
		   unsigned in)
{
	char json[512];

	snprintf(json, sizeof(json), "{\"event.dataset\":\"flow\",\"event.action\":\"closed\",\"flow.outcome\":\"established\","
		 "\"network.transport\":\"tcp\",\"source.ip\":\"%s\",\"source.port\":40000,\"destination.ip\":\"%s\","
		 "\"destination.port\":%u,\"event.start\":\"2026-11-24T01:00:%02uZ\",\"source.bytes\":%u,\"destination.bytes\":%u}",
		 from, to, port, second, out, in);
	bench_record(b, at, json);
}

static void an_accepted_connection_is_joined_with_the_outer_one(void **state)
{
	struct bench b;
	char room[ADDRESS_TEXT];

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	closed(&b, 60, "10.0.0.2", "10.0.0.1", 8000, 10, 1000, 20000);
	assert_null(bench_last(&b, DATASET_RELAY));
	closed(&b, 61, "10.0.0.1", "203.0.113.5", 443, 11, 1000, 19000);
	const struct record *r = bench_last(&b, DATASET_RELAY);
	assert_non_null(r);
	assert_true(record_text_is(r, FIELD_RELAY_KIND, "accepts"));
	assert_string_equal(address_format(record_ip(r, FIELD_SOURCE_IP), room), "10.0.0.1");
	assert_string_equal(address_format(record_ip(r, FIELD_DESTINATION_IP), room), "203.0.113.5");
	assert_string_equal(address_format(record_ip(r, FIELD_RELAY_PEER_IP), room), "10.0.0.2");
	assert_int_equal(record_uint(r, FIELD_RELAY_PEER_PORT), 8000);
	assert_float_equal(record_real(r, FIELD_RELAY_DELAY), 1, 0.001);
	assert_float_equal(record_real(r, FIELD_RELAY_LIKENESS), 0.95, 0.001);
	assert_int_equal(record_uint(r, FIELD_RELAY_BYTES), 1000);
	bench_stop(&b);
}

static void what_one_end_sends_the_other_receives_where_both_were_opened(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	closed(&b, 60, "10.0.0.1", "203.0.113.5", 443, 10, 20000, 1000);
	closed(&b, 61, "10.0.0.1", "10.0.0.7", 3389, 11, 1000, 20000);
	assert_true(record_text_is(bench_last(&b, DATASET_RELAY), FIELD_RELAY_KIND, "connects"));
	bench_stop(&b);
}

static void the_same_way_round_is_no_relay_of_its_own(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	closed(&b, 60, "10.0.0.1", "203.0.113.5", 443, 10, 1000, 20000);
	closed(&b, 61, "10.0.0.1", "10.0.0.7", 443, 11, 1000, 20000);
	assert_null(bench_last(&b, DATASET_RELAY));
	bench_stop(&b);
}

static void two_accepted_connections_are_joined(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	closed(&b, 60, "198.51.100.7", "10.0.0.1", 1080, 10, 1000, 20000);
	closed(&b, 61, "203.0.113.5", "10.0.0.1", 8000, 11, 20000, 1000);
	assert_true(record_text_is(bench_last(&b, DATASET_RELAY), FIELD_RELAY_KIND, "joins"));
	bench_stop(&b);
}

/* What nobody else wants comes as plain data. */
static void contacts_join_as_their_records_would(void **state)
{
	struct bench records, contacts;
	struct contact c = { .feeds = INTEREST_TRACKER, .action = "closed", .outcome = "established", .start_ns = 100 * NS_PER_S,
			     .time_ns = 160 * NS_PER_S, .client_bytes = 1000, .server_bytes = 20000, .partial = true };

	(void)state;
	bench_start(&records, NULL, 8u << 20, true);
	bench_start(&contacts, NULL, 8u << 20, true);
	c.ends = (struct contact_ends){ .client = address_v4((const uint8_t[]){ 10, 0, 0, 2 }), .client_port = 40000, .server_port = 8000,
					.server = address_v4((const uint8_t[]){ 10, 0, 0, 1 }), .has_port = true, .transport = "tcp",
					.file = "a.pcap", .packet = 7 };
	for (unsigned i = 0; i < 2; i++) {
		detect_contact(contacts.detect, &c);
		contact_record(&c, records.scratch);
		detect_record(records.detect, records.scratch);
		c.ends.client = c.ends.server;
		c.ends.server = address_v4((const uint8_t[]){ 203, 0, 113, 5 });
		c.server_bytes = 19000;
	}
	const struct record *one = bench_last(&records, DATASET_RELAY), *other = bench_last(&contacts, DATASET_RELAY);
	assert_non_null(one);
	assert_non_null(other);
	assert_int_equal(one->id, other->id);
	assert_true(one->partial && other->partial);
	assert_int_equal(one->n_values, other->n_values);
	assert_int_equal(one->text_used, other->text_used);
	assert_memory_equal(one->text, other->text, one->text_used);
	bench_stop(&records);
	bench_stop(&contacts);
}

static void what_stays_inside_or_comes_from_one_peer_is_no_relay(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	closed(&b, 60, "10.0.0.2", "10.0.0.1", 8000, 10, 1000, 20000);
	closed(&b, 61, "10.0.0.1", "10.0.0.3", 8000, 11, 1000, 20000);
	closed(&b, 62, "198.51.100.7", "10.0.0.9", 8000, 11, 1000, 20000);
	closed(&b, 63, "10.0.0.9", "198.51.100.7", 8000, 11, 1000, 20000);
	assert_null(bench_last(&b, DATASET_RELAY));
	bench_stop(&b);
}

static void the_oldest_of_many_connections_is_forgotten(void **state)
{
	struct bench b;
	unsigned power[17] = { 1 };

	(void)state;
	for (unsigned i = 1; i < 17; i++)
		power[i] = 3 * power[i - 1];
	bench_start(&b, NULL, 8u << 20, true);
	for (unsigned i = 0; i < 17; i++)
		closed(&b, 50 + i, "10.0.0.2", "10.0.0.1", 8000, 10, power[i], power[16 - i]);
	closed(&b, 71, "10.0.0.1", "203.0.113.5", 443, 10, power[0], power[16]);
	assert_null(bench_last(&b, DATASET_RELAY));
	closed(&b, 72, "10.0.0.1", "203.0.113.5", 443, 10, power[2], power[14]);
	assert_non_null(bench_last(&b, DATASET_RELAY));
	bench_stop(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_accepted_connection_is_joined_with_the_outer_one),
		cmocka_unit_test(what_one_end_sends_the_other_receives_where_both_were_opened),
		cmocka_unit_test(the_same_way_round_is_no_relay_of_its_own),
		cmocka_unit_test(two_accepted_connections_are_joined),
		cmocka_unit_test(contacts_join_as_their_records_would),
		cmocka_unit_test(what_stays_inside_or_comes_from_one_peer_is_no_relay),
		cmocka_unit_test(the_oldest_of_many_connections_is_forgotten),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
