/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "../../sensord/proto/tls.h"
#include "proto_harness.h"
#include "proto_sweep.h"
#include "tls_sample.h"

/* A smallest ClientHello of TLS 1.0, name a.b; body of the message only. */
#define SMALL_HELLO \
	"\x03\x01" "01234567890123456789012345678901" "\x00" "\x00\x02\x00\x2f" "\x01\x00" \
	"\x00\x0c" "\x00\x00\x00\x08" "\x00\x06\x00\x00\x03" "a.b"
#define SMALL_HELLO_SIZE 55

static struct harness *run(const struct step *steps, size_t n)
{
	struct harness *h = harness_new(NULL);
	harness_run(h, steps, n, 0, 0);
	return h;
}

static void tls12_tells_names_choice_and_certificate(void **state)
{
	struct harness *h = run(tls12, ARRAY_SIZE(tls12));
	const struct record *r = harness_find(h, DATASET_TLS, 0);

	(void)state;
	assert_int_equal(harness_count(h), 1);
	assert_non_null(r);
	assert_int_equal(r->time_ns, HARNESS_START_NS);
	assert_true(record_text_is(r, FIELD_TLS_CLIENT_SERVER_NAME, "www.example.com"));
	assert_true(record_text_is(r, FIELD_TLS_CLIENT_VERSION, "0x0303"));
	assert_true(record_text_is(r, FIELD_TLS_CLIENT_ALPN, "h2"));
	assert_non_null(record_next(r, record_get(r, FIELD_TLS_CLIENT_ALPN)));
	assert_true(record_text_is(r, FIELD_TLS_VERSION, "1.2"));
	assert_true(record_text_is(r, FIELD_TLS_VERSION_PROTOCOL, "tls"));
	assert_true(record_text_is(r, FIELD_TLS_CIPHER, "0xc02b"));
	assert_true(record_text_is(r, FIELD_TLS_NEXT_PROTOCOL, "h2"));
	assert_false(record_bool(r, FIELD_TLS_RESUMED));
	assert_true(record_has(r, FIELD_TLS_CLIENT_JA3));
	assert_true(record_has(r, FIELD_TLS_SERVER_JA3S));
	assert_memory_equal(record_text(r, FIELD_TLS_CLIENT_JA4).at, "t12d03", 6);
	assert_true(record_text_is(r, FIELD_TLS_SERVER_SERIAL, "4D2F00A1"));
	assert_true(record_text_is(r, FIELD_TLS_SERVER_SUBJECT, "CN=www.example.com,O=Example\\, Inc.,C=JP"));
	assert_true(record_text_is(r, FIELD_TLS_SERVER_ISSUER, "CN=www.example.com,O=Example\\, Inc.,C=JP"));
	assert_true(record_bool(r, FIELD_TLS_SERVER_SELF_SIGNED));
	assert_false(record_bool(r, FIELD_TLS_SERVER_EXPIRED));
	assert_int_equal(record_uint(r, FIELD_TLS_SERVER_NOT_AFTER), UINT64_C(2110786395000000000));
	assert_string_equal(harness_server_name(h), "www.example.com");
	assert_string_equal(harness_confirmed(h), "tls");
	assert_false(harness_malformed(h, CLIENT) || harness_malformed(h, SERVER));
	harness_free(h);
}

static void tls13_tells_both_hellos_around_a_retry(void **state)
{
	struct harness *h = run(tls13, ARRAY_SIZE(tls13));

	(void)state;
	assert_int_equal(harness_count(h), 2);
	for (size_t i = 0; i < 2; i++) {
		const struct record *r = harness_find(h, DATASET_TLS, i);
		assert_non_null(r);
		assert_true(record_text_is(r, FIELD_TLS_CLIENT_SERVER_NAME, "www.example.com"));
		assert_true(record_text_is(r, FIELD_TLS_VERSION, "1.3"));
		assert_memory_equal(record_text(r, FIELD_TLS_CLIENT_JA4).at, "t13d", 4);
		assert_true(record_has(r, FIELD_TLS_SERVER_JA3S));
		assert_false(record_has(r, FIELD_TLS_SERVER_SUBJECT));
	}
	assert_false(harness_malformed(h, CLIENT) || harness_malformed(h, SERVER));
	harness_free(h);
}

static void any_segmentation_tells_the_same(void **state)
{
	(void)state;
	sweep_cuts(tls12, ARRAY_SIZE(tls12));
	sweep_cuts(tls13, ARRAY_SIZE(tls13));
}

static void any_prefix_does_no_harm(void **state)
{
	(void)state;
	assert_int_equal(sweep_prefixes(tls12, ARRAY_SIZE(tls12)), 1);
	assert_int_equal(sweep_prefixes(tls13, ARRAY_SIZE(tls13)), 2);
}

/* Cuts the handshake content of the first record of `from` into records of `part` bytes. */
static size_t fragment(struct bytes from, size_t part, uint8_t *to)
{
	size_t size = (size_t)from.at[3] << 8 | from.at[4];
	size_t n = 0;

	for (size_t at = 0; at < size; at += part) {
		size_t piece = size - at < part ? size - at : part;
		const uint8_t head[] = { 22, 3, 1, (uint8_t)(piece >> 8), (uint8_t)piece };
		memcpy(to + n, head, 5);
		memcpy(to + n + 5, from.at + 5 + at, piece);
		n += 5 + piece;
	}
	return n;
}

static void a_hello_in_many_records_is_one_hello(void **state)
{
	static const size_t parts[] = { 1, 2, 3, 5, 64, 200 };
	static uint8_t client[8192], server[16384];
	struct harness *whole = run(tls12, ARRAY_SIZE(tls12));
	const struct record *expected = harness_find(whole, DATASET_TLS, 0);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		struct step steps[] = { { CLIENT, { client, fragment(tls12[0].bytes, parts[i], client) }, 0 },
					{ SERVER, { server, fragment(tls12[1].bytes, parts[i], server) }, 0 } };
		struct harness *h = run(steps, 2);
		const struct record *r = harness_find(h, DATASET_TLS, 0);
		assert_int_equal(harness_count(h), 1);
		assert_true(bytes_equal(record_text(r, FIELD_TLS_CLIENT_JA4), record_text(expected, FIELD_TLS_CLIENT_JA4)));
		assert_true(bytes_equal(record_text(r, FIELD_TLS_SERVER_JA3S), record_text(expected, FIELD_TLS_SERVER_JA3S)));
		harness_free(h);
		struct step first[] = { steps[0] };
		if (parts[i] >= 5 && parts[i] < 200)
			sweep_cuts(first, 1);
	}
	harness_free(whole);
}

static void an_unanswered_hello_is_told_at_the_end(void **state)
{
	static const struct step steps[] = { SAY(CLIENT, "\x16\x03\x01\x00\x3b\x01\x00\x00\x37" SMALL_HELLO) };
	struct harness *h = run(steps, ARRAY_SIZE(steps));
	const struct record *r = harness_find(h, DATASET_TLS, 0);

	(void)state;
	assert_int_equal(sizeof(SMALL_HELLO) - 1, SMALL_HELLO_SIZE);
	assert_non_null(r);
	assert_true(record_text_is(r, FIELD_TLS_CLIENT_SERVER_NAME, "a.b"));
	assert_true(record_text_is(r, FIELD_TLS_VERSION, "1.0"));
	assert_false(record_has(r, FIELD_TLS_CIPHER));
	harness_free(h);
	sweep_cuts(steps, ARRAY_SIZE(steps));
}

static void an_alert_in_place_of_a_server_hello_tells_it_at_once(void **state)
{
	static const struct step steps[] = { SAY(CLIENT, "\x16\x03\x01\x00\x3b\x01\x00\x00\x37" SMALL_HELLO),
					     SAY(SERVER, "\x15\x03\x01\x00\x02\x02\x28") };
	struct harness *h = harness_new(NULL);

	(void)state;
	harness_feed(h, CLIENT, steps[0].bytes, 0, 0);
	assert_int_equal(harness_count(h), 0);
	harness_feed(h, SERVER, steps[1].bytes, 0, 0);
	assert_int_equal(harness_count(h), 1);
	harness_free(h);
	sweep_cuts(steps, ARRAY_SIZE(steps));
}

static void a_lost_server_hello_tells_it_at_once(void **state)
{
	struct harness *h = harness_new(NULL);

	(void)state;
	harness_feed(h, CLIENT, tls12[0].bytes, 0, 0);
	harness_feed(h, SERVER, bytes_of(tls12[1].bytes.at, 20), 0, 0);
	harness_gap(h, SERVER, 100);
	assert_int_equal(harness_count(h), 1);
	assert_false(record_has(harness_record(h, 0), FIELD_TLS_CIPHER));
	harness_close(h, ENDED_FIN);
	assert_int_equal(harness_count(h), 1);
	harness_free(h);
}

static void other_bytes_after_the_handshake_are_malformed(void **state)
{
	static const uint8_t plain[] = "GET / HTTP/1.1\r\n";
	struct harness *h = harness_new(NULL);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(tls12); i++)
		harness_feed(h, tls12[i].side, tls12[i].bytes, 0, 0);
	assert_false(harness_malformed(h, CLIENT));
	harness_feed(h, CLIENT, bytes_of(plain, sizeof(plain) - 1), 0, 0);
	assert_true(harness_malformed(h, CLIENT));
	assert_false(harness_malformed(h, SERVER));
	harness_free(h);
}

static void the_framing_is_left_alone_after_some_records(void **state)
{
	static const uint8_t application[] = { 23, 3, 3, 0, 4, 1, 2, 3, 4 };
	static const uint8_t other[] = "no TLS at all";
	struct harness *h = harness_new(NULL);

	(void)state;
	harness_feed(h, CLIENT, tls13[0].bytes, 0, 0);
	for (unsigned i = 0; i < 20; i++)
		harness_feed(h, SERVER, bytes_of(application, sizeof(application)), 0, 0);
	harness_feed(h, SERVER, bytes_of(other, sizeof(other)), 0, 0);
	assert_false(harness_malformed(h, SERVER));
	harness_free(h);
}

static void a_version_2_hello_is_told(void **state)
{
	static const struct step steps[] = {
		SAY(CLIENT, "\x80\x1f\x01\x03\x01\x00\x06\x00\x00\x00\x10" "\x00\x00\x2f\x00\x00\x35" "0123456789abcdef"),
		SAY(SERVER, "\x16\x03\x01\x00\x2a\x02\x00\x00\x26\x03\x01" "01234567890123456789012345678901" "\x00\x00\x2f\x00"
			    "\x16\x03\x01\x00\x04\x0e\x00\x00\x00"),
	};
	struct harness *h = run(steps, ARRAY_SIZE(steps));
	const struct record *r = harness_find(h, DATASET_TLS, 0);

	(void)state;
	assert_int_equal(harness_count(h), 1);
	assert_true(record_text_is(r, FIELD_TLS_CLIENT_VERSION, "0x0301"));
	assert_true(record_text_is(r, FIELD_TLS_CIPHER, "0x002f"));
	assert_false(harness_malformed(h, SERVER));
	harness_free(h);
	sweep_cuts(steps, ARRAY_SIZE(steps));
}

static void a_server_that_repeats_the_session_id_resumes(void **state)
{
	static const struct step steps[] = {
		SAY(CLIENT, "\x16\x03\x01\x00\x31\x01\x00\x00\x2d\x03\x03" "01234567890123456789012345678901"
			    "\x02" "ab" "\x00\x02\x00\x2f" "\x01\x00" "\x00\x00"),
		SAY(SERVER, "\x16\x03\x03\x00\x2c\x02\x00\x00\x28\x03\x03" "01234567890123456789012345678901"
			    "\x02" "ab" "\x00\x2f\x00" "\x14\x03\x03\x00\x01\x01"),
	};
	struct harness *h = run(steps, ARRAY_SIZE(steps));

	(void)state;
	assert_int_equal(harness_count(h), 1);
	assert_true(record_bool(harness_record(h, 0), FIELD_TLS_RESUMED));
	harness_free(h);
	sweep_cuts(steps, ARRAY_SIZE(steps));
}

static void the_name_is_known_where_nobody_asks_for_records(void **state)
{
	struct harness *h = harness_new(NULL);

	(void)state;
	harness_set_datasets(h, 0);
	harness_run(h, tls12, ARRAY_SIZE(tls12), 0, 0);
	assert_int_equal(harness_count(h), 0);
	assert_string_equal(harness_server_name(h), "www.example.com");
	harness_free(h);
}

static void the_side_that_says_hello_is_the_client(void **state)
{
	struct step turned[ARRAY_SIZE(tls12)];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(tls12); i++) {
		turned[i] = tls12[i];
		turned[i].side = tls12[i].side == CLIENT ? SERVER : CLIENT;
	}
	struct harness *h = run(turned, ARRAY_SIZE(turned));
	assert_int_equal(harness_count(h), 1);
	assert_true(record_text_is(harness_record(h, 0), FIELD_TLS_CIPHER, "0xc02b"));
	harness_free(h);
}

static void other_first_bytes_are_not_tls(void **state)
{
	static const struct step rows[] = {
		SAY(CLIENT, "\x16\x03\x01\x02\x00\x03\x00\x01\xfc\x03\x03"), SAY(CLIENT, "\x16\x04\x01\x02\x00\x01\x00"),
		SAY(CLIENT, "\x16\x03\x01\xff\xff\x01\x00\x01\xfc\x03\x03"), SAY(CLIENT, "GET / HTTP/1.1\r\n"),
		SAY(CLIENT, "\x80\x2e\x01\x03\x01\x00\x07\x00\x00\x00\x10\x00\x00\x2f"),
		SAY(CLIENT, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x09\x03"), SAY(SERVER, "\x17\x03\x03\x00\x00"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct harness *h = run(&rows[i], 1);
		assert_null(harness_confirmed(h));
		assert_int_equal(harness_count(h), 0);
		harness_free(h);
	}
}

static void a_capture_from_within_is_recognised(void **state)
{
	static const uint8_t application[] = { 23, 3, 3, 0, 4, 1, 2, 3, 4 };
	struct harness *h = harness_new(NULL);

	(void)state;
	harness_set_midstream(h, true);
	for (unsigned i = 0; i < 3; i++)
		harness_feed(h, SERVER, bytes_of(application, sizeof(application)), 0, 0);
	assert_string_equal(harness_confirmed(h), "tls");
	harness_close(h, ENDED_FIN);
	assert_int_equal(harness_count(h), 0);
	harness_free(h);
}

/* The certificate within the server's first flight of the TLS 1.2 sample. */
static struct bytes sample_certificate(void)
{
	struct reader r = reader_open(tls12[1].bytes);

	for (;;) {
		reader_skip(&r, 3);
		struct reader message = reader_sub16(&r);
		uint8_t type = reader_u8(&message);
		reader_skip(&message, 6);
		if (type != 11)
			continue;
		size_t size = reader_u24(&message);
		return reader_take(&message, size);
	}
}

static void a_certificate_is_expired_by_the_packet_clock(void **state)
{
	struct record *r = record_new();

	(void)state;
	assert_non_null(r);
	record_clear(r, DATASET_TLS, 0);
	assert_true(tls_certificate(sample_certificate(), UINT64_C(2110786396000000000), r));
	assert_true(record_bool(r, FIELD_TLS_SERVER_EXPIRED));
	record_free(r);
}

static void a_cut_certificate_tells_nothing(void **state)
{
	struct bytes whole = sample_certificate();
	struct record *r = record_new();

	(void)state;
	assert_non_null(r);
	for (size_t n = 0; n < whole.size; n++) {
		uint8_t *exact = malloc(n ? n : 1);
		assert_non_null(exact);
		memcpy(exact, whole.at, n);
		record_clear(r, DATASET_TLS, 0);
		assert_false(tls_certificate(bytes_of(exact, n), 0, r));
		assert_false(record_has(r, FIELD_TLS_SERVER_SERIAL));
		free(exact);
	}
	record_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tls12_tells_names_choice_and_certificate),
		cmocka_unit_test(tls13_tells_both_hellos_around_a_retry),
		cmocka_unit_test(any_segmentation_tells_the_same),
		cmocka_unit_test(any_prefix_does_no_harm),
		cmocka_unit_test(a_hello_in_many_records_is_one_hello),
		cmocka_unit_test(an_unanswered_hello_is_told_at_the_end),
		cmocka_unit_test(an_alert_in_place_of_a_server_hello_tells_it_at_once),
		cmocka_unit_test(a_lost_server_hello_tells_it_at_once),
		cmocka_unit_test(other_bytes_after_the_handshake_are_malformed),
		cmocka_unit_test(the_framing_is_left_alone_after_some_records),
		cmocka_unit_test(a_version_2_hello_is_told),
		cmocka_unit_test(a_server_that_repeats_the_session_id_resumes),
		cmocka_unit_test(the_name_is_known_where_nobody_asks_for_records),
		cmocka_unit_test(the_side_that_says_hello_is_the_client),
		cmocka_unit_test(other_first_bytes_are_not_tls),
		cmocka_unit_test(a_capture_from_within_is_recognised),
		cmocka_unit_test(a_certificate_is_expired_by_the_packet_clock),
		cmocka_unit_test(a_cut_certificate_tells_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
