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

/* RFC 7685: a client may pad its hello as it likes; servers take what is longer than one record. */
static void a_hello_padded_beyond_a_record_is_read(void **state)
{
	enum { RECORD = 16384, PADDING = 40000, HELLO = SMALL_HELLO_SIZE + 4 + PADDING };
	static uint8_t message[4 + HELLO], wire[sizeof(message) + 5 * (sizeof(message) / RECORD + 1)];
	const uint8_t head[] = { 1, 0, HELLO >> 8, HELLO & 0xff };
	size_t used = 0;

	(void)state;
	memcpy(message, head, 4);
	memcpy(message + 4, SMALL_HELLO, SMALL_HELLO_SIZE);
	message[4 + 41] = (12 + 4 + PADDING) >> 8; /* of the extensions */
	message[4 + 42] = (12 + 4 + PADDING) & 0xff;
	memcpy(message + 4 + SMALL_HELLO_SIZE, (uint8_t[]){ 0, 21, PADDING >> 8, PADDING & 0xff }, 4);
	for (size_t at = 0; at < sizeof(message); at += RECORD) {
		size_t n = sizeof(message) - at < RECORD ? sizeof(message) - at : RECORD;
		memcpy(wire + used, (uint8_t[]){ 22, 3, 1, (uint8_t)(n >> 8), (uint8_t)n }, 5);
		memcpy(wire + used + 5, message + at, n);
		used += 5 + n;
	}
	struct harness *h = harness_new(NULL);
	harness_feed(h, CLIENT, bytes_of(wire, used), 1400, 0);
	harness_close(h, ENDED_FIN);
	assert_string_equal(harness_server_name(h), "a.b");
	assert_true(record_text_is(harness_find(h, DATASET_TLS, 0), FIELD_TLS_CLIENT_SERVER_NAME, "a.b"));
	harness_free(h);
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

/* For *.example.com and other.test; its common name is common.test. */
static const uint8_t named_certificate[] = {
	0x30, 0x82, 0x01, 0xad, 0x30, 0x82, 0x01, 0x53, 0xa0, 0x03, 0x02, 0x01, 0x02, 0x02, 0x14, 0x56,
	0x8a, 0x12, 0x76, 0x1e, 0xa0, 0x47, 0x4f, 0x30, 0xa5, 0xfd, 0xde, 0xae, 0xce, 0x47, 0xe1, 0x91,
	0x56, 0x67, 0xc6, 0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02, 0x30,
	0x16, 0x31, 0x14, 0x30, 0x12, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x0b, 0x63, 0x6f, 0x6d, 0x6d,
	0x6f, 0x6e, 0x2e, 0x74, 0x65, 0x73, 0x74, 0x30, 0x1e, 0x17, 0x0d, 0x32, 0x36, 0x31, 0x31, 0x32,
	0x33, 0x31, 0x32, 0x33, 0x39, 0x34, 0x33, 0x5a, 0x17, 0x0d, 0x33, 0x36, 0x31, 0x31, 0x32, 0x30,
	0x31, 0x32, 0x33, 0x39, 0x34, 0x33, 0x5a, 0x30, 0x16, 0x31, 0x14, 0x30, 0x12, 0x06, 0x03, 0x55,
	0x04, 0x03, 0x0c, 0x0b, 0x63, 0x6f, 0x6d, 0x6d, 0x6f, 0x6e, 0x2e, 0x74, 0x65, 0x73, 0x74, 0x30,
	0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
	0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04, 0xb0, 0x24, 0x9f, 0x09, 0xe0, 0x19,
	0xb4, 0x35, 0x03, 0x65, 0xbe, 0xd5, 0x4e, 0x19, 0x8f, 0x4e, 0xed, 0x8b, 0x7f, 0x2c, 0x55, 0xe5,
	0x33, 0x0d, 0xf0, 0xa8, 0x7a, 0x54, 0xe6, 0x3c, 0x70, 0x53, 0xcc, 0x59, 0x15, 0x11, 0x13, 0x18,
	0x95, 0xa4, 0x40, 0x19, 0xb1, 0x8b, 0xf7, 0xfe, 0x40, 0x48, 0x0d, 0xdf, 0x51, 0x96, 0xda, 0xb0,
	0x16, 0x8e, 0x32, 0xcb, 0x93, 0x2f, 0x5c, 0xa6, 0xe7, 0xc7, 0xa3, 0x7f, 0x30, 0x7d, 0x30, 0x1d,
	0x06, 0x03, 0x55, 0x1d, 0x0e, 0x04, 0x16, 0x04, 0x14, 0x1f, 0x98, 0xc6, 0x69, 0xee, 0x96, 0x9c,
	0x1f, 0x9c, 0xd4, 0x79, 0x68, 0x64, 0x36, 0xb2, 0x42, 0x9d, 0x41, 0x5d, 0xb6, 0x30, 0x1f, 0x06,
	0x03, 0x55, 0x1d, 0x23, 0x04, 0x18, 0x30, 0x16, 0x80, 0x14, 0x1f, 0x98, 0xc6, 0x69, 0xee, 0x96,
	0x9c, 0x1f, 0x9c, 0xd4, 0x79, 0x68, 0x64, 0x36, 0xb2, 0x42, 0x9d, 0x41, 0x5d, 0xb6, 0x30, 0x0f,
	0x06, 0x03, 0x55, 0x1d, 0x13, 0x01, 0x01, 0xff, 0x04, 0x05, 0x30, 0x03, 0x01, 0x01, 0xff, 0x30,
	0x2a, 0x06, 0x03, 0x55, 0x1d, 0x11, 0x04, 0x23, 0x30, 0x21, 0x82, 0x0d, 0x2a, 0x2e, 0x65, 0x78,
	0x61, 0x6d, 0x70, 0x6c, 0x65, 0x2e, 0x63, 0x6f, 0x6d, 0x82, 0x0a, 0x6f, 0x74, 0x68, 0x65, 0x72,
	0x2e, 0x74, 0x65, 0x73, 0x74, 0x87, 0x04, 0xc0, 0x00, 0x02, 0x01, 0x30, 0x0a, 0x06, 0x08, 0x2a,
	0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02, 0x03, 0x48, 0x00, 0x30, 0x45, 0x02, 0x21, 0x00, 0xa2,
	0x8f, 0x40, 0x63, 0x42, 0x69, 0x2e, 0xfa, 0x6e, 0xc9, 0x6a, 0xef, 0xaa, 0x9c, 0xa8, 0x93, 0xaa,
	0x9d, 0xee, 0x1a, 0x31, 0xa8, 0xc7, 0xae, 0xe7, 0xaa, 0x01, 0x16, 0x93, 0xdb, 0x49, 0xc6, 0x02,
	0x20, 0x76, 0xfb, 0x6b, 0x24, 0x8f, 0xac, 0x31, 0xdf, 0xe5, 0x09, 0xf2, 0xcf, 0x63, 0xe9, 0x1a,
	0x8b, 0x63, 0xdb, 0x8d, 0xdc, 0xd8, 0x56, 0x9b, 0xfe, 0x05, 0x14, 0x2e, 0x05, 0x7f, 0xc5, 0x2e,
	0xc7
};

static bool is_for(struct bytes certificate, const char *asked)
{
	struct record *r = record_new();

	assert_non_null(r);
	record_clear(r, DATASET_TLS, 0);
	record_set_string(r, FIELD_TLS_CLIENT_SERVER_NAME, asked);
	assert_true(tls_certificate(certificate, 0, r));
	assert_true(record_has(r, FIELD_TLS_SERVER_NAME_MATCHES));
	assert_true(record_uint(r, FIELD_TLS_SERVER_NOT_BEFORE) < record_uint(r, FIELD_TLS_SERVER_NOT_AFTER));
	bool fits = record_bool(r, FIELD_TLS_SERVER_NAME_MATCHES);
	record_free(r);
	return fits;
}

static void a_certificate_is_for_its_alternative_names_or_else_its_common_name(void **state)
{
	struct bytes named = bytes_of(named_certificate, sizeof(named_certificate));

	(void)state;
	assert_true(is_for(named, "www.example.com"));
	assert_true(is_for(named, "OTHER.test"));
	assert_false(is_for(named, "example.com"));
	assert_false(is_for(named, "a.b.example.com"));
	assert_false(is_for(named, "common.test")); /* there are others */
	assert_true(is_for(sample_certificate(), "www.example.com"));
	assert_false(is_for(sample_certificate(), "www.example.net"));
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
		cmocka_unit_test(a_hello_padded_beyond_a_record_is_read),
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
		cmocka_unit_test(a_certificate_is_for_its_alternative_names_or_else_its_common_name),
		cmocka_unit_test(a_cut_certificate_tells_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
