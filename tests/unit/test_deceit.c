/* SPDX-License-Identifier: BSD-2-Clause
 * One segment that its receiver throws away (RFC 5961, or a TTL that ends before it) must not blind the sensor to the
 * connection that goes on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/instant.h"
#include "flow_wire.h"

static const char request[] = "GET /a HTTP/1.1\r\nHost: www.example.com\r\n\r\n";
static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
static const char request2[] = "GET /second HTTP/1.1\r\nHost: www.example.com\r\n\r\n";
static const char answer2[] = "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno";

static void begin(struct wire *w)
{
	wire_start(w, NULL);
	wire_handshake(w);
	wire_say(w, 0, request);
	wire_say(w, 1, answer);
	wire_tcp(w, 0, TCP_ACK, NULL, 0);
}

static void go_on(struct wire *w)
{
	wire_say(w, 0, request2);
	wire_say(w, 1, answer2);
	wire_close(w);
	wire_finish(w);
}

static bool is_told(const struct wire *w, unsigned status)
{
	for (size_t i = 0; i < w->n_records; i++)
		if (record_uint(w->records[i], FIELD_HTTP_RESPONSE_STATUS_CODE) == status)
			return true;
	return false;
}

static void a_syn_inside_a_connection_is_no_new_one(void **state)
{
	struct wire w;

	(void)state;
	begin(&w);
	wire_tcp_at(&w, 0, TCP_SYN, w.next[0] + 77777, 0, NULL, 0);
	wire_tcp_at(&w, 1, TCP_ACK, w.next[1], w.next[0], NULL, 0); /* RFC 5961 section 4.2 */
	go_on(&w);
	assert_true(is_told(&w, 200));
	assert_true(is_told(&w, 404));
	assert_int_equal(wire_count(&w, DATASET_FLOW, "established"), 1);
	assert_int_equal(wire_count(&w, DATASET_FLOW, "closed"), 1);
	assert_int_equal(wire_count(&w, DATASET_FLOW, "attempted"), 0);
	wire_stop(&w);
}

/* The end of the first was not captured. */
static void a_syn_that_is_answered_is_a_new_connection(void **state)
{
	struct wire w;

	(void)state;
	begin(&w);
	w.next[0] += 100000;
	w.next[1] += 900000;
	wire_handshake(&w);
	go_on(&w);
	assert_true(is_told(&w, 404));
	assert_int_equal(wire_count(&w, DATASET_FLOW, "closed"), 2);
	assert_int_equal(record_uint(wire_record(&w, DATASET_FLOW, "closed", 1), FIELD_SOURCE_PORT), w.port);
	assert_true(record_text_is(wire_record(&w, DATASET_FLOW, "closed", 1), FIELD_FLOW_OUTCOME, "established"));
	wire_stop(&w);
}

static void a_syn_that_is_refused_is_told_as_refused(void **state)
{
	struct wire w;

	(void)state;
	begin(&w);
	wire_tcp_at(&w, 0, TCP_SYN, w.next[0] + 100000, 0, NULL, 0);
	wire_tcp_at(&w, 1, TCP_RST | TCP_ACK, 0, w.next[0] + 100001, NULL, 0);
	wire_finish(&w);
	assert_int_equal(wire_count(&w, DATASET_FLOW, "rejected"), 1);
	wire_stop(&w);
}

static void of_one_captured_direction_a_syn_is_enough(void **state)
{
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	for (int i = 0; i < 2; i++) {
		wire_tcp(&w, 0, TCP_SYN, NULL, 0);
		wire_tcp(&w, 0, TCP_ACK, NULL, 0);
		wire_say(&w, 0, request);
		w.next[0] += 100000;
	}
	wire_finish(&w);
	assert_int_equal(wire_count(&w, DATASET_FLOW, "closed"), 2);
	wire_stop(&w);
}

static void finish_exchange(struct wire *w)
{
	wire_tcp(w, 0, TCP_ACK, NULL, 0);
	wire_say(w, 0, request);
	wire_say(w, 1, answer);
	wire_close(w);
	wire_finish(w);
	assert_true(is_told(w, 200));
	assert_int_equal(wire_count(w, DATASET_FLOW, "established"), 1);
	assert_int_equal(record_uint(wire_record(w, DATASET_FLOW, "closed", 0), FIELD_DESTINATION_BYTES), strlen(answer));
	assert_false(record_has(wire_record(w, DATASET_FLOW, "closed", 0), FIELD_FLOW_MISSED_BYTES));
	wire_stop(w);
}

/* RFC 9293 section 3.10.7.3: the client resets what answers another SYN, and goes on waiting. */
static void an_answer_to_another_syn_is_none(void **state)
{
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	wire_tcp(&w, 0, TCP_SYN, NULL, 0);
	wire_tcp_at(&w, 1, TCP_SYN | TCP_ACK, w.next[1] + 90000, w.next[0] + 7, NULL, 0);
	wire_tcp_at(&w, 0, TCP_RST, w.next[0] + 7, 0, NULL, 0);
	wire_tcp(&w, 1, TCP_SYN | TCP_ACK, NULL, 0);
	finish_exchange(&w);
}

static void nothing_before_the_answer_to_a_syn_says_where_a_server_begins(void **state)
{
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	wire_tcp(&w, 0, TCP_SYN, NULL, 0);
	wire_tcp_at(&w, 1, TCP_FIN | TCP_ACK, w.next[1] + 90000, w.next[0], NULL, 0);
	wire_tcp(&w, 1, TCP_SYN | TCP_ACK, NULL, 0);
	finish_exchange(&w);
}

static void of_two_syns_the_answered_one_counts(void **state)
{
	struct wire w;

	(void)state;
	for (int turn = 0; turn < 2; turn++) {
		wire_start(&w, NULL);
		wire_tcp_at(&w, 0, TCP_SYN, turn ? w.next[0] : w.next[0] + 5000, 0, NULL, 0);
		wire_tcp_at(&w, 0, TCP_SYN, turn ? w.next[0] + 5000 : w.next[0], 0, NULL, 0);
		w.next[0]++;
		wire_tcp(&w, 1, TCP_SYN | TCP_ACK, NULL, 0);
		finish_exchange(&w);
	}
}

static void an_acknowledgement_of_what_was_never_sent_hides_nothing(void **state)
{
	struct wire w;

	(void)state;
	begin(&w);
	wire_say(&w, 0, request2);
	for (uint32_t i = 1; i <= 4; i++) { /* and again, further */
		wire_tcp_at(&w, 0, TCP_ACK, w.next[0], w.next[1] + i * 1000000, NULL, 0);
		wire_wait(&w, 2 * NS_PER_S);
		wire_tcp(&w, 0, TCP_ACK, NULL, 0);
	}
	wire_say(&w, 1, answer2);
	wire_say(&w, 0, request);
	wire_say(&w, 1, answer);
	wire_close(&w);
	wire_finish(&w);
	assert_true(is_told(&w, 404));
	assert_int_equal(wire_count(&w, DATASET_HTTP, NULL), 3);
	assert_false(record_has(wire_record(&w, DATASET_FLOW, "closed", 0), FIELD_FLOW_MISSED_BYTES));
	assert_int_equal(record_uint(wire_record(&w, DATASET_FLOW, "closed", 0), FIELD_DESTINATION_BYTES),
			 2 * strlen(answer) + strlen(answer2));
	wire_stop(&w);
}

/* The same inside a body that is counted off: its bytes stay the body's. */
static void nor_inside_a_body(void **state)
{
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	wire_handshake(&w);
	wire_say(&w, 0, request);
	wire_say(&w, 1, "HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n");
	wire_tcp_at(&w, 0, TCP_ACK, w.next[0], w.next[1] + 100000, NULL, 0);
	wire_wait(&w, 2 * NS_PER_S);
	wire_tcp(&w, 0, TCP_ACK, NULL, 0);
	for (int i = 0; i < 2000; i++) {
		static char part[1000];
		memset(part, 'x', sizeof(part));
		wire_tcp(&w, 1, TCP_ACK, part, sizeof(part));
		wire_tcp(&w, 0, TCP_ACK, NULL, 0);
	}
	wire_say(&w, 0, request2);
	wire_say(&w, 1, answer2);
	wire_close(&w);
	wire_finish(&w);
	assert_true(is_told(&w, 404));
	assert_int_equal(wire_count(&w, DATASET_HTTP, NULL), 2);
	wire_stop(&w);
}

static void a_reset_that_its_receiver_did_not_take_is_none(void **state)
{
	struct wire w;

	(void)state;
	begin(&w);
	wire_tcp_at(&w, 0, TCP_RST, w.next[0], 0, NULL, 0);
	wire_say(&w, 0, request2);
	wire_say(&w, 1, answer2);
	wire_say(&w, 0, request);
	wire_say(&w, 1, answer);
	wire_close(&w);
	wire_finish(&w);
	assert_true(is_told(&w, 404));
	assert_int_equal(wire_count(&w, DATASET_FLOW, "closed"), 2);
	assert_true(record_text_is(wire_record(&w, DATASET_FLOW, "closed", 1), FIELD_FLOW_OUTCOME, "midstream"));
	wire_stop(&w);
}

static void what_was_under_way_when_a_connection_was_reset_is_no_new_flow(void **state)
{
	struct wire w;

	(void)state;
	begin(&w);
	wire_say(&w, 0, request2);
	wire_tcp_at(&w, 0, TCP_RST, w.next[0], 0, NULL, 0);
	wire_say(&w, 1, answer2);                                          /* had been sent already */
	wire_tcp_at(&w, 0, TCP_ACK, w.next[0] - 5, w.next[1], "abcde", 5); /* repeated, out of order */
	wire_tcp(&w, 0, TCP_ACK, "more", 4); /* something else had sent the reset, and it was taken */
	wire_tcp_at(&w, 1, TCP_RST, w.next[1], w.next[0], NULL, 0);
	wire_finish(&w);
	assert_int_equal(wire_count(&w, DATASET_FLOW, "established"), 1);
	wire_stop(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_syn_inside_a_connection_is_no_new_one),
		cmocka_unit_test(a_syn_that_is_answered_is_a_new_connection),
		cmocka_unit_test(a_syn_that_is_refused_is_told_as_refused),
		cmocka_unit_test(of_one_captured_direction_a_syn_is_enough),
		cmocka_unit_test(an_answer_to_another_syn_is_none),
		cmocka_unit_test(nothing_before_the_answer_to_a_syn_says_where_a_server_begins),
		cmocka_unit_test(of_two_syns_the_answered_one_counts),
		cmocka_unit_test(an_acknowledgement_of_what_was_never_sent_hides_nothing),
		cmocka_unit_test(nor_inside_a_body),
		cmocka_unit_test(a_reset_that_its_receiver_did_not_take_is_none),
		cmocka_unit_test(what_was_under_way_when_a_connection_was_reset_is_no_new_flow),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
