/* SPDX-License-Identifier: BSD-2-Clause
 * How flows come out: the table of MEASURES 4.3, row by row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/instant.h"
#include "flow_wire.h"

static void assert_text(const struct record *r, enum field f, const char *expected)
{
	assert_non_null(r);
	struct bytes got = record_text(r, f);
	assert_int_equal(got.size, strlen(expected));
	assert_memory_equal(got.at, expected, got.size);
}

static void syns_without_answer_are_told_once_as_unanswered(void **state)
{
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	for (int i = 0; i < 3; i++) {
		wire_tcp_at(&w, 0, TCP_SYN, 1000, 0, NULL, 0);
		wire_wait(&w, NS_PER_S);
	}
	assert_int_equal(w.n_records, 0);
	wire_wait(&w, 8 * NS_PER_S);
	assert_int_equal(wire_count(&w, DATASET_FLOW, NULL), 1);
	assert_text(wire_record(&w, DATASET_FLOW, "attempted", 0), FIELD_FLOW_OUTCOME, "unanswered");
	assert_int_equal(record_uint(w.records[0], FIELD_FLOW_SYN_COUNT), 3);
	wire_tcp_at(&w, 0, TCP_SYN, 1000, 0, NULL, 0);
	wire_wait(&w, 20 * NS_PER_S);
	wire_finish(&w);
	assert_int_equal(w.n_records, 1);
	wire_stop(&w);
}

static void an_attempt_at_the_end_of_the_capture_is_told(void **state)
{
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	wire_tcp(&w, 0, TCP_SYN, NULL, 0);
	wire_finish(&w);
	assert_text(wire_record(&w, DATASET_FLOW, "attempted", 0), FIELD_FLOW_OUTCOME, "unanswered");
	wire_stop(&w);
}

static void a_reset_with_the_ttl_of_the_host_means_an_open_path(void **state)
{
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	wire_handshake(&w); /* teaches the TTL of the host */
	wire_close(&w);
	w.port++;
	wire_tcp_at(&w, 0, TCP_SYN, 1, 0, NULL, 0);
	wire_tcp_at(&w, 1, TCP_RST | TCP_ACK, 0, 2, NULL, 0);
	assert_text(wire_record(&w, DATASET_FLOW, "rejected", 0), FIELD_FLOW_REJECT, "rst");
	assert_true(record_bool(wire_record(&w, DATASET_FLOW, "rejected", 0), FIELD_FLOW_PATH_OPEN));
	w.port++;
	w.ttl[1] = 255;
	wire_tcp_at(&w, 0, TCP_SYN, 1, 0, NULL, 0);
	wire_tcp_at(&w, 1, TCP_RST | TCP_ACK, 0, 2, NULL, 0);
	assert_true(record_has(wire_record(&w, DATASET_FLOW, "rejected", 1), FIELD_FLOW_PATH_OPEN));
	assert_false(record_bool(wire_record(&w, DATASET_FLOW, "rejected", 1), FIELD_FLOW_PATH_OPEN));
	wire_stop(&w);
}

static void a_reset_of_a_host_never_heard_says_nothing_of_the_path(void **state)
{
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	wire_tcp_at(&w, 0, TCP_SYN, 1, 0, NULL, 0);
	wire_tcp_at(&w, 1, TCP_RST | TCP_ACK, 0, 2, NULL, 0);
	assert_non_null(wire_record(&w, DATASET_FLOW, "rejected", 0));
	assert_false(record_has(wire_record(&w, DATASET_FLOW, "rejected", 0), FIELD_FLOW_PATH_OPEN));
	wire_finish(&w);
	assert_int_equal(wire_count(&w, DATASET_FLOW, NULL), 1);
	wire_stop(&w);
}

static void a_forged_reset_before_the_handshake_is_no_refusal(void **state)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n", answer[] = "HTTP/1.1 204 No Content\r\n\r\n";
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	wire_tcp_at(&w, 0, TCP_SYN, 1, 0, NULL, 0);
	wire_tcp_at(&w, 1, TCP_RST | TCP_ACK, 0, 2, NULL, 0);
	wire_tcp_at(&w, 1, TCP_SYN | TCP_ACK, 100, 2, NULL, 0);
	wire_tcp_at(&w, 0, TCP_ACK, 2, 101, NULL, 0);
	wire_tcp_at(&w, 0, TCP_ACK, 2, 101, request, sizeof(request) - 1);
	wire_tcp_at(&w, 1, TCP_ACK, 101, 2 + sizeof(request) - 1, answer, sizeof(answer) - 1);
	wire_finish(&w);
	const struct record *closed = wire_record(&w, DATASET_FLOW, "closed", 0);
	assert_text(closed, FIELD_FLOW_OUTCOME, "established");
	assert_false(record_has(closed, FIELD_FLOW_REJECT));
	assert_false(record_has(closed, FIELD_FLOW_REJECT_BY));
	wire_stop(&w);
}

static void icmp_error(struct wire *w, uint8_t code)
{
	struct packet p = { .time_ns = w->now_ns, .number = ++w->number, .ip_version = 4, .protocol = IP_ICMP, .icmp_type = 3,
			    .icmp_code = code, .has_quoted = true, .quoted_protocol = IP_TCP, .quoted_source_port = w->port,
			    .quoted_destination_port = 80 };

	address_parse(bytes_string("10.1.10.1"), &p.source);
	address_parse(bytes_string(w->addresses[0]), &p.destination);
	p.quoted_source = p.destination;
	address_parse(bytes_string(w->addresses[1]), &p.quoted_destination);
	engine_packet(w->engine, &p);
}

static void administratively_prohibited_is_blocked_and_port_unreachable_is_rejected(void **state)
{
	struct wire w;
	struct address router;

	(void)state;
	wire_start(&w, NULL);
	wire_tcp(&w, 0, TCP_SYN, NULL, 0);
	icmp_error(&w, 13);
	assert_text(wire_record(&w, DATASET_FLOW, "rejected", 0), FIELD_FLOW_OUTCOME, "blocked");
	assert_text(wire_record(&w, DATASET_FLOW, "rejected", 0), FIELD_FLOW_REJECT, "admin-prohibited");
	address_parse(bytes_string("10.1.10.1"), &router);
	assert_true(address_equal(record_ip(w.records[0], FIELD_FLOW_REJECT_BY), &router));
	w.port++;
	wire_tcp(&w, 0, TCP_SYN, NULL, 0);
	icmp_error(&w, 3);
	assert_text(wire_record(&w, DATASET_FLOW, "rejected", 1), FIELD_FLOW_OUTCOME, "rejected");
	wire_stop(&w);
}

static void an_established_flow_is_told_when_it_settles_and_when_it_closes(void **state)
{
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	wire_handshake(&w);
	wire_say(&w, 1, "whoami\r\n");
	wire_say(&w, 0, "pc11\\tanaka\r\n");
	wire_close(&w);
	const struct record *closed = wire_record(&w, DATASET_FLOW, "closed", 0);
	assert_text(wire_record(&w, DATASET_FLOW, "established", 0), FIELD_FLOW_FIRST_BYTES, "77686f616d690d0a");
	assert_text(closed, FIELD_FLOW_OUTCOME, "established");
	assert_int_equal(record_uint(closed, FIELD_SOURCE_BYTES), 13);
	assert_int_equal(record_uint(closed, FIELD_DESTINATION_BYTES), 8);
	wire_finish(&w);
	assert_int_equal(wire_count(&w, DATASET_FLOW, NULL), 2);
	wire_stop(&w);
}

/* Packets and bytes of both sides when the flow is told as established. */
static void told_at(uint32_t datasets, uint64_t ret[3])
{
	struct engine_settings settings = engine_defaults;
	struct wire w;

	settings.datasets = datasets;
	wire_start(&w, &settings);
	wire_handshake(&w);
	wire_say(&w, 1, "SSH-2.0-server\r\n");
	wire_say(&w, 0, "SSH-2.0-client\r\n");
	for (int i = 0; i < 8; i++)
		wire_say(&w, i & 1, "much that nobody can read");
	wire_close(&w);
	const struct record *r = wire_record(&w, DATASET_FLOW, "established", 0);
	assert_non_null(r);
	ret[0] = record_uint(r, FIELD_SOURCE_PACKETS);
	ret[1] = record_uint(r, FIELD_SOURCE_BYTES);
	ret[2] = record_uint(r, FIELD_DESTINATION_BYTES);
	wire_stop(&w);
}

static void a_flow_is_told_at_the_same_packet_whoever_listens(void **state)
{
	uint64_t all[3], alone[3];

	(void)state;
	told_at(DATASETS_ALL, all);
	told_at(DATASET_BIT(DATASET_FLOW), alone);
	assert_memory_equal(all, alone, sizeof(all));
	assert_int_equal(all[1], 16);
	assert_int_equal(all[2], 16);
}

static void a_silent_connection_is_told_after_two_seconds(void **state)
{
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	wire_handshake(&w);
	assert_int_equal(w.n_records, 0);
	wire_wait(&w, 3 * NS_PER_S);
	assert_int_equal(wire_count(&w, DATASET_FLOW, "established"), 1);
	wire_stop(&w);
}

static void a_half_open_scan_reached_the_service(void **state)
{
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	wire_tcp(&w, 0, TCP_SYN, NULL, 0);
	wire_tcp(&w, 1, TCP_SYN | TCP_ACK, NULL, 0);
	wire_tcp(&w, 0, TCP_RST, NULL, 0);
	assert_text(wire_record(&w, DATASET_FLOW, "established", 0), FIELD_FLOW_OUTCOME, "established");
	wire_stop(&w);
}

/* By their ports 21 would be the server: what they say proves otherwise. */
static void what_is_said_turns_a_guessed_flow_round(void **state)
{
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	w.port = 21;
	wire_tcp(&w, 0, TCP_ACK | TCP_PSH, "GET /a HTTP/1.1\r\nHost: h.example\r\n\r\n", 37);
	wire_tcp(&w, 1, TCP_ACK | TCP_PSH, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 38);
	wire_finish(&w);
	const struct record *r = wire_record(&w, DATASET_HTTP, NULL, 0);
	assert_non_null(r);
	assert_int_equal(record_uint(r, FIELD_SOURCE_PORT), 21);
	assert_int_equal(record_uint(r, FIELD_HTTP_RESPONSE_STATUS_CODE), 200);
	r = wire_record(&w, DATASET_FLOW, "established", 0);
	assert_non_null(r);
	assert_int_equal(record_uint(r, FIELD_SOURCE_PORT), 21);
	assert_text(r, FIELD_FLOW_OUTCOME, "midstream");
	wire_stop(&w);
}

/* A relay that calls out to its client: the SOCKS client is the TCP server, and what is inside goes its way. */
static void inside_a_turned_tunnel_the_server_asks(void **state)
{
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	wire_handshake(&w);
	wire_tcp(&w, 1, TCP_ACK | TCP_PSH, "\5\1\0", 3);
	wire_tcp(&w, 0, TCP_ACK | TCP_PSH, "\5\0", 2);
	wire_tcp(&w, 1, TCP_ACK | TCP_PSH, "\5\1\0\1\12\0\0\7\0\120", 10);
	wire_tcp(&w, 0, TCP_ACK | TCP_PSH, "\5\0\0\1\0\0\0\0\0\0", 10);
	wire_say(&w, 1, "GET /a HTTP/1.1\r\nHost: h.example\r\n\r\n");
	wire_say(&w, 0, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	wire_finish(&w);
	const struct record *r = wire_record(&w, DATASET_SOCKS, NULL, 0);
	assert_non_null(r);
	assert_int_equal(record_uint(r, FIELD_SOURCE_PORT), 80);
	r = wire_record(&w, DATASET_HTTP, NULL, 0);
	assert_non_null(r);
	assert_int_equal(record_uint(r, FIELD_SOURCE_PORT), 80);
	assert_int_equal(record_uint(r, FIELD_HTTP_RESPONSE_STATUS_CODE), 200);
	r = wire_record(&w, DATASET_FLOW, "established", 0);
	assert_int_equal(record_uint(r, FIELD_DESTINATION_PORT), 80);
	wire_stop(&w);
}

static void a_tunnel_whose_beginning_was_lost_says_so(void **state)
{
	static const char hello[] = "CONNECT a.example:443 HTTP/1.1\r\n\r\n";

	(void)state;
	for (int lost = 0; lost < 2; lost++) {
		struct wire w;
		wire_start(&w, NULL);
		wire_handshake(&w);
		wire_say(&w, 0, hello);
		wire_say(&w, 1, "HTTP/1.1 200 OK\r\n\r\n");
		w.next[0] += lost ? 300 : 0;
		for (int i = 0; i < 40; i++)
			wire_say(&w, i & 1, "what nobody knows, and more of it");
		wire_close(&w);
		wire_finish(&w);
		const struct record *r = wire_record(&w, DATASET_TUNNEL, "closed", 0);
		assert_non_null(r);
		assert_int_equal(record_bool(r, FIELD_TUNNEL_START_CUT), lost);
		wire_stop(&w);
	}
}

static void a_connection_picked_up_in_the_middle_is_midstream(void **state)
{
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	wire_say(&w, 1, "some bytes");
	wire_say(&w, 0, "some more");
	wire_finish(&w);
	const struct record *r = wire_record(&w, DATASET_FLOW, "established", 0);
	assert_text(r, FIELD_FLOW_OUTCOME, "midstream");
	assert_int_equal(record_uint(r, FIELD_DESTINATION_PORT), 80);
	assert_true(r->partial);
	wire_stop(&w);
}

static void one_captured_direction_is_said_to_be_one(void **state)
{
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	wire_tcp(&w, 0, TCP_SYN, NULL, 0);
	wire_tcp(&w, 0, TCP_ACK, NULL, 0);
	wire_say(&w, 0, "hello");
	wire_finish(&w);
	assert_text(wire_record(&w, DATASET_FLOW, "established", 0), FIELD_FLOW_OUTCOME, "established");
	assert_true(record_bool(wire_record(&w, DATASET_FLOW, "established", 0), FIELD_FLOW_ONE_SIDED));
	wire_stop(&w);
}

/* The last packet of the handshake is missing: the host answered all the same. */
static void a_syn_that_was_answered_is_no_attempt_without_answer(void **state)
{
	struct wire w;

	(void)state;
	for (int late = 0; late < 2; late++) {
		wire_start(&w, NULL);
		wire_tcp_at(&w, 0, TCP_SYN, 1000, 0, NULL, 0);
		wire_tcp_at(&w, 1, TCP_SYN | TCP_ACK, 5000, 1001, NULL, 0);
		if (late)
			wire_wait(&w, 11 * NS_PER_S);
		else
			wire_finish(&w);
		assert_int_equal(wire_count(&w, DATASET_FLOW, "attempted"), 0);
		assert_text(wire_record(&w, DATASET_FLOW, "established", 0), FIELD_FLOW_OUTCOME, "established");
		assert_int_equal(wire_count(&w, DATASET_FLOW, "closed"), 1); /* and not kept as one that talks */
		if (late)
			wire_finish(&w);
		wire_stop(&w);
	}
}

static void udp_is_replied_or_unanswered(void **state)
{
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	wire_udp(&w, 0, 9999, "ping", 4);
	wire_wait(&w, 11 * NS_PER_S);
	assert_text(wire_record(&w, DATASET_FLOW, "attempted", 0), FIELD_FLOW_OUTCOME, "unanswered");
	w.port++;
	wire_udp(&w, 0, 9999, "ping", 4);
	wire_udp(&w, 1, 9999, "pong", 4);
	wire_finish(&w);
	assert_text(wire_record(&w, DATASET_FLOW, "established", 0), FIELD_FLOW_OUTCOME, "replied");
	wire_stop(&w);
}

static void an_answer_to_a_name_asked_of_all_comes_from_the_server(void **state)
{
	static const uint8_t answer[] = "\0\x4d\x80\0\0\1\0\1\0\0\0\0\4wpad\0\0\1\0\1\4wpad\0\0\1\0\1\0\0\0\x1e\0\4\x0a\1\x0a\x0d";
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	wire_udp(&w, 1, 5355, answer, sizeof(answer) - 1); /* the question went to a group: a flow of its own */
	wire_finish(&w);
	const struct record *r = wire_record(&w, DATASET_DNS, NULL, 0);
	assert_non_null(r);
	assert_int_equal(record_uint(r, FIELD_DESTINATION_PORT), 5355);
	assert_true(record_text_is(r, FIELD_DNS_QUESTION_NAME, "wpad"));
	for (size_t i = 0; i < w.n_records; i++)
		assert_false(record_text_is(w.records[i], FIELD_FLOW_OUTCOME, "midstream"));
	wire_stop(&w);
}

static void ports_used_again_are_a_new_flow(void **state)
{
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	wire_handshake(&w);
	wire_say(&w, 0, "x");
	wire_close(&w);
	w.next[0] = 900000;
	wire_handshake(&w);
	wire_say(&w, 0, "y");
	wire_close(&w);
	assert_int_equal(wire_count(&w, DATASET_FLOW, "closed"), 2);
	wire_stop(&w);
}

static void a_flood_of_flows_stays_below_the_memory_ceiling(void **state)
{
	struct engine_settings settings = engine_defaults;
	struct wire w;

	(void)state;
	settings.memory_bytes = 4 << 20;
	wire_start(&w, &settings);
	for (unsigned i = 0; i < 50000; i++) {
		char source[32];
		snprintf(source, sizeof(source), "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
		w.addresses[0] = source;
		w.now_ns -= NS_PER_MS; /* all at once */
		wire_tcp_at(&w, 0, TCP_SYN, 1, 0, NULL, 0);
		assert_true(engine_counts(w.engine)->memory_bytes < settings.memory_bytes + (1 << 20));
	}
	assert_true(engine_counts(w.engine)->flows_evicted > 1000);
	wire_finish(&w);
	assert_int_equal(engine_counts(w.engine)->live_flows, 0);
	wire_stop(&w);
}

static void the_last_packet_cited_is_of_the_flow_that_is_told(void **state)
{
	struct wire w;
	const struct record *silent, *other;

	(void)state;
	wire_start(&w, NULL);
	engine_set_source(w.engine, "made.pcap", NULL);
	wire_handshake(&w);
	wire_say(&w, 0, "abc");
	uint64_t last_of_silent = w.number;
	uint16_t port = w.port++;
	wire_handshake(&w);
	wire_say(&w, 0, "def");
	wire_finish(&w);
	silent = wire_record(&w, DATASET_FLOW, "closed", 0);
	other = wire_record(&w, DATASET_FLOW, "closed", 1);
	assert_non_null(silent);
	assert_non_null(other);
	assert_int_equal(record_uint(silent, FIELD_SOURCE_PORT), port);
	assert_int_equal(record_uint(silent, FIELD_SENSOR_PACKET), last_of_silent);
	assert_int_equal(record_uint(other, FIELD_SENSOR_PACKET), w.number);
	assert_int_not_equal(w.number, last_of_silent);
	wire_stop(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(syns_without_answer_are_told_once_as_unanswered),
		cmocka_unit_test(an_attempt_at_the_end_of_the_capture_is_told),
		cmocka_unit_test(a_reset_with_the_ttl_of_the_host_means_an_open_path),
		cmocka_unit_test(a_reset_of_a_host_never_heard_says_nothing_of_the_path),
		cmocka_unit_test(a_forged_reset_before_the_handshake_is_no_refusal),
		cmocka_unit_test(administratively_prohibited_is_blocked_and_port_unreachable_is_rejected),
		cmocka_unit_test(an_established_flow_is_told_when_it_settles_and_when_it_closes),
		cmocka_unit_test(a_flow_is_told_at_the_same_packet_whoever_listens),
		cmocka_unit_test(a_silent_connection_is_told_after_two_seconds),
		cmocka_unit_test(a_half_open_scan_reached_the_service),
		cmocka_unit_test(a_tunnel_whose_beginning_was_lost_says_so),
		cmocka_unit_test(a_connection_picked_up_in_the_middle_is_midstream),
		cmocka_unit_test(what_is_said_turns_a_guessed_flow_round),
		cmocka_unit_test(inside_a_turned_tunnel_the_server_asks),
		cmocka_unit_test(one_captured_direction_is_said_to_be_one),
		cmocka_unit_test(a_syn_that_was_answered_is_no_attempt_without_answer),
		cmocka_unit_test(udp_is_replied_or_unanswered),
		cmocka_unit_test(an_answer_to_a_name_asked_of_all_comes_from_the_server),
		cmocka_unit_test(ports_used_again_are_a_new_flow),
		cmocka_unit_test(the_last_packet_cited_is_of_the_flow_that_is_told),
		cmocka_unit_test(a_flood_of_flows_stays_below_the_memory_ceiling),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
