/* SPDX-License-Identifier: BSD-2-Clause
 * TCP reassembly: whatever happened to the segments on their way, the protocols see the same streams. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/limits.h"
#include "flow_wire.h"
#include "record/json.h"

static const char request[] = "GET /a?b=1 HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: test\r\n\r\n";
static const char answer[] = "HTTP/1.1 200 OK\r\nServer: s\r\nContent-Length: 5\r\n\r\nhello";
static const char request2[] = "GET /second HTTP/1.1\r\nHost: www.example.com\r\n\r\n";
static const char answer2[] = "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno";

/* The http records as text without what differs by time. */
static void http_lines(const struct wire *w, struct text *out)
{
	static char line[JSON_LINE];

	for (size_t i = 0;; i++) {
		const struct record *r = wire_record(w, DATASET_HTTP, NULL, i);
		if (!r)
			return;
		struct record *copy = record_copy(r);
		struct text t = TEXT_ON(line);
		copy->time_ns = copy->id = 0;
		record_json(copy, &t);
		record_free(copy);
		text_add(out, text_bytes(&t));
		text_char(out, '\n');
	}
}

static char expected_room[65536];
static struct text expected;

static int plain_exchange(void **state)
{
	struct wire w;

	(void)state;
	expected = TEXT_ON(expected_room);
	wire_start(&w, NULL);
	wire_handshake(&w);
	wire_say(&w, 0, request);
	wire_say(&w, 1, answer);
	wire_say(&w, 0, request2);
	wire_say(&w, 1, answer2);
	wire_close(&w);
	assert_int_equal(wire_count(&w, DATASET_HTTP, NULL), 2);
	http_lines(&w, &expected);
	wire_stop(&w);
	return 0;
}

static void assert_same(struct wire *w)
{
	static char room[65536];
	struct text got = TEXT_ON(room);

	wire_finish(w);
	http_lines(w, &got);
	assert_int_equal(got.used, expected.used);
	assert_memory_equal(got.at, expected.at, got.used);
	wire_stop(w);
}

static void one_byte_segments_give_the_same_records(void **state)
{
	const char *texts[] = { request, answer, request2, answer2 };
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	wire_handshake(&w);
	for (int i = 0; i < 4; i++)
		for (const char *c = texts[i]; *c; c++)
			wire_tcp(&w, i % 2, TCP_ACK, c, 1);
	wire_close(&w);
	assert_same(&w);
}

/* A piece of the script: which side, stream offset, size. */
struct piece { int side; uint32_t seq, ack; const char *at; size_t size; };

static size_t script(struct piece *out, size_t step)
{
	const char *texts[] = { request, answer, request2, answer2 };
	uint32_t next[2] = { 1001, 500001 };
	size_t n = 0;

	for (int i = 0; i < 4; i++) {
		size_t size = strlen(texts[i]);
		for (size_t at = 0; at < size; at += step) {
			size_t part = size - at < step ? size - at : step;
			out[n++] = (struct piece){ i % 2, next[i % 2], next[!(i % 2)], texts[i] + at, part };
			next[i % 2] += (uint32_t)part;
		}
	}
	return n;
}

static void send(struct wire *w, const struct piece *p)
{
	wire_tcp_at(w, p->side, TCP_ACK, p->seq, p->ack, p->at, p->size);
	if (p->seq + p->size > w->next[p->side])
		w->next[p->side] = p->seq + (uint32_t)p->size;
}

static void any_two_segments_exchanged_give_the_same_records(void **state)
{
	struct piece pieces[64];
	size_t n = script(pieces, 20);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		for (size_t j = i + 1; j < n; j++) {
			struct wire w;
			wire_start(&w, NULL);
			wire_handshake(&w);
			for (size_t k = 0; k < n; k++)
				send(&w, &pieces[k == i ? j : k == j ? i : k]);
			wire_close(&w);
			assert_same(&w);
		}
	}
}

static void every_segment_sent_again_anywhere_changes_nothing(void **state)
{
	struct piece pieces[64];
	size_t n = script(pieces, 20);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		for (size_t j = i; j < n; j++) {
			struct wire w;
			wire_start(&w, NULL);
			wire_handshake(&w);
			for (size_t k = 0; k < n; k++) {
				send(&w, &pieces[k]);
				if (k == j)
					send(&w, &pieces[i]);
			}
			wire_close(&w);
			assert_same(&w);
		}
	}
}

static void overlapping_segments_keep_the_first_copy_and_count_the_conflict(void **state)
{
	size_t size = strlen(request);
	char changed[128];
	struct wire w;

	(void)state;
	memset(changed, 'X', sizeof(changed));
	wire_start(&w, NULL);
	wire_handshake(&w);
	wire_tcp_at(&w, 0, TCP_ACK, w.next[0] + 10, w.next[1], request + 10, size - 10);
	wire_tcp_at(&w, 0, TCP_ACK, w.next[0] + 20, w.next[1], changed, 30); /* lies over what waits */
	wire_tcp_at(&w, 0, TCP_ACK, w.next[0], w.next[1], request, 15);
	w.next[0] += (uint32_t)size;
	wire_say(&w, 1, answer);
	wire_say(&w, 0, request2);
	wire_say(&w, 1, answer2);
	wire_close(&w);
	assert_int_equal(engine_counts(w.engine)->overlap_conflicts, 1);
	assert_same(&w);
}

static void a_lost_segment_is_a_gap_and_what_follows_is_still_read(void **state)
{
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	wire_handshake(&w);
	wire_say(&w, 0, request);
	w.next[1] += (uint32_t)strlen(answer); /* not captured */
	wire_say(&w, 0, request2);
	wire_say(&w, 1, answer2);
	wire_close(&w);
	wire_finish(&w);
	assert_int_equal(engine_counts(w.engine)->gap_bytes, strlen(answer));
	assert_true(wire_count(&w, DATASET_HTTP, NULL) >= 1);
	assert_true(record_bool(wire_record(&w, DATASET_FLOW, "closed", 0), FIELD_FLOW_MISSED_BYTES));
	bool found = false;
	for (size_t i = 0; i < w.n_records; i++)
		found |= record_uint(w.records[i], FIELD_HTTP_RESPONSE_STATUS_CODE) == 404;
	assert_true(found);
	wire_stop(&w);
}

static void segments_beyond_the_ceiling_are_given_up_not_kept(void **state)
{
	static char junk[1400];
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	wire_handshake(&w);
	for (uint32_t i = 1; i < 4000; i++) {
		wire_tcp_at(&w, 0, TCP_ACK, w.next[0] + i * 1400, w.next[1], junk, sizeof(junk));
		assert_true(engine_counts(w.engine)->memory_bytes < 2 * LIMIT_STREAM_HOLD + 500000);
	}
	assert_true(engine_counts(w.engine)->streams_cut > 0);
	wire_stop(&w);
}

static void sequence_numbers_wrap(void **state)
{
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	w.next[0] = UINT32_MAX - 10;
	w.next[1] = UINT32_MAX - 20;
	wire_handshake(&w);
	wire_say(&w, 0, request);
	wire_say(&w, 1, answer);
	wire_say(&w, 0, request2);
	wire_say(&w, 1, answer2);
	wire_close(&w);
	assert_same(&w);
}

static void a_tunnel_tells_what_runs_inside(void **state)
{
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	wire_handshake(&w);
	wire_say(&w, 0, "CONNECT www.example.com:443 HTTP/1.1\r\nHost: www.example.com:443\r\n\r\n");
	wire_say(&w, 1, "HTTP/1.1 200 Connection established\r\n\r\n");
	wire_say(&w, 1, "whoami\r\n");
	wire_say(&w, 0, "pc11\\tanaka\r\n");
	wire_close(&w);
	assert_int_equal(wire_count(&w, DATASET_TUNNEL, "opened"), 1);
	const struct record *r = wire_record(&w, DATASET_TUNNEL, "progress", 0);
	assert_non_null(r);
	assert_true(record_text_is(r, FIELD_TUNNEL_PROTOCOL, "unknown"));
	assert_true(record_text_is(r, FIELD_TUNNEL_FIRST_SPEAKER, "server"));
	assert_true(record_text_is(r, FIELD_URL_DOMAIN, "www.example.com"));
	r = wire_record(&w, DATASET_TUNNEL, "closed", 0);
	assert_true(record_text_is(r, FIELD_TUNNEL_CLOSED_BY, "client"));
	assert_int_equal(record_uint(r, FIELD_SOURCE_BYTES), 13);
	wire_stop(&w);
}

static void an_open_tunnel_is_told_every_minute(void **state)
{
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	wire_handshake(&w);
	wire_say(&w, 0, "CONNECT www.example.com:443 HTTP/1.1\r\nHost: www.example.com:443\r\n\r\n");
	wire_say(&w, 1, "HTTP/1.1 200 Connection established\r\n\r\n");
	for (int i = 0; i < 50; i++) {
		wire_say(&w, 0, "beat");
		wire_wait(&w, UINT64_C(3000000000));
	}
	assert_int_equal(wire_count(&w, DATASET_TUNNEL, "progress"), 3); /* its protocol, and two minutes */
	const struct record *r = wire_record(&w, DATASET_TUNNEL, "progress", 2);
	assert_true(record_real(r, FIELD_TUNNEL_AGE) >= 120);
	assert_true(record_real(r, FIELD_TUNNEL_HEARTBEAT_JITTER) < 0.05);
	wire_stop(&w);
}

/* A refused connection that goes on talking all the same: what its protocols keep must go with it. */
static void a_tunnel_on_a_refused_flow_is_freed(void **state)
{
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	wire_tcp(&w, 0, TCP_SYN, NULL, 0);
	wire_tcp_at(&w, 1, TCP_RST | TCP_ACK, 0, w.next[0], NULL, 0);
	wire_tcp(&w, 0, 0, "CONNECT a.example:443 HTTP/1.1\r\n\r\n", 34);
	wire_tcp(&w, 1, 0, "HTTP/1.1 200 OK\r\n\r\n", 19);
	wire_finish(&w);
	assert_int_equal(engine_counts(w.engine)->live_flows, 0);
	wire_stop(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_byte_segments_give_the_same_records),
		cmocka_unit_test(any_two_segments_exchanged_give_the_same_records),
		cmocka_unit_test(every_segment_sent_again_anywhere_changes_nothing),
		cmocka_unit_test(overlapping_segments_keep_the_first_copy_and_count_the_conflict),
		cmocka_unit_test(a_lost_segment_is_a_gap_and_what_follows_is_still_read),
		cmocka_unit_test(segments_beyond_the_ceiling_are_given_up_not_kept),
		cmocka_unit_test(sequence_numbers_wrap),
		cmocka_unit_test(a_tunnel_tells_what_runs_inside),
		cmocka_unit_test(an_open_tunnel_is_told_every_minute),
		cmocka_unit_test(a_tunnel_on_a_refused_flow_is_freed),
	};
	return cmocka_run_group_tests(tests, plain_exchange, NULL);
}
