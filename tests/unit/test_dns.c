/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../sensord/proto/dns.h"
#include "proto_harness.h"
#include "proto_sweep.h"

#define WWW "\x03www\x03" "foo\x03" "exa\x00"
#define QUERY "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" WWW "\x00\x01\x00\x01"
/* CNAME to cdn.exa (its end by pointer), then an A record for it. */
#define ANSWER \
	"\x12\x34\x81\x80\x00\x01\x00\x02\x00\x00\x00\x00" WWW "\x00\x01\x00\x01" \
	"\xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x3c\x00\x06\x03" "cdn\xc0\x14" \
	"\xc0\x29\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xcb\x00\x71\x0a"

static struct harness *udp(void)
{
	struct harness *h = harness_new(NULL);
	harness_set_datagram(h, true);
	harness_set_server_port(h, 53);
	return h;
}

static void say(struct harness *h, enum side side, const char *text, size_t size)
{
	harness_feed(h, side, bytes_of(text, size), 0, 0);
}
#define C(text) say(h, CLIENT, text, sizeof(text) - 1)
#define S(text) say(h, SERVER, text, sizeof(text) - 1)

static void a_question_and_its_answer_are_one_record(void **state)
{
	struct harness *h = udp();

	(void)state;
	C(QUERY);
	assert_int_equal(harness_count(h), 0);
	S(ANSWER);
	assert_int_equal(harness_count(h), 1);
	const struct record *r = harness_record(h, 0);
	assert_int_equal(r->time_ns, HARNESS_START_NS);
	assert_int_equal(record_uint(r, FIELD_DNS_ID), 0x1234);
	assert_true(record_text_is(r, FIELD_DNS_TYPE, "answer"));
	assert_true(record_text_is(r, FIELD_DNS_QUESTION_NAME, "www.foo.exa"));
	assert_true(record_text_is(r, FIELD_DNS_QUESTION_TYPE, "A"));
	assert_true(record_text_is(r, FIELD_DNS_RESPONSE_CODE, "NOERROR"));
	assert_true(record_text_is(r, FIELD_DNS_ANSWERS, "cdn.exa"));
	const struct value *second = record_next(r, record_get(r, FIELD_DNS_ANSWERS));
	assert_non_null(second);
	assert_true(bytes_equal(value_text(r, second), bytes_string("203.0.113.10")));
	assert_non_null(record_ip(r, FIELD_DNS_RESOLVED_IP));
	assert_false(record_bool(r, FIELD_DNS_REJECTED));
	harness_close(h, ENDED_TIMEOUT);
	assert_int_equal(harness_count(h), 1);
	harness_free(h);
}

static void a_repeated_question_without_answer_is_told_once(void **state)
{
	struct harness *h = udp();

	(void)state;
	C(QUERY);
	C(QUERY);
	harness_close(h, ENDED_TIMEOUT);
	assert_int_equal(harness_count(h), 1);
	assert_true(record_text_is(harness_record(h, 0), FIELD_DNS_TYPE, "query"));
	assert_false(record_has(harness_record(h, 0), FIELD_DNS_RESPONSE_CODE));
	harness_free(h);
}

static void answers_find_their_questions_in_any_order(void **state)
{
	struct harness *h = udp();

	(void)state;
	C("\x00\x01\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01" "a\x00\x00\x01\x00\x01");
	C("\x00\x02\x01\x10\x00\x01\x00\x00\x00\x00\x00\x00\x01" "b\x00\x00\x1c\x00\x01");
	S("\x00\x02\x81\x83\x00\x01\x00\x00\x00\x00\x00\x00\x01" "b\x00\x00\x1c\x00\x01");
	S("\x00\x01\x81\x85\x00\x00\x00\x00\x00\x00\x00\x00");
	assert_int_equal(harness_count(h), 2);
	const struct record *b = harness_record(h, 0);
	assert_true(record_text_is(b, FIELD_DNS_QUESTION_NAME, "b"));
	assert_true(record_text_is(b, FIELD_DNS_QUESTION_TYPE, "AAAA"));
	assert_true(record_text_is(b, FIELD_DNS_RESPONSE_CODE, "NXDOMAIN"));
	assert_true(record_bool(b, FIELD_DNS_REJECTED));
	assert_int_equal(record_uint(b, FIELD_DNS_Z), 1);
	const struct record *a = harness_record(h, 1);
	assert_true(record_text_is(a, FIELD_DNS_QUESTION_NAME, "a"));
	assert_true(record_text_is(a, FIELD_DNS_RESPONSE_CODE, "REFUSED"));
	harness_free(h);
}

static void the_oldest_of_too_many_questions_is_told_early(void **state)
{
	struct harness *h = udp();
	uint8_t query[] = QUERY;

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		query[1] = (uint8_t)i;
		harness_feed(h, CLIENT, bytes_of(query, sizeof(query) - 1), 0, 0);
	}
	assert_int_equal(harness_count(h), 4);
	assert_int_equal(record_uint(harness_record(h, 0), FIELD_DNS_ID), 0x1200);
	harness_close(h, ENDED_TIMEOUT);
	assert_int_equal(harness_count(h), 20);
	harness_free(h);
}

static void an_answer_without_its_question_is_told(void **state)
{
	struct harness *h = udp();

	(void)state;
	S(ANSWER);
	assert_int_equal(harness_count(h), 1);
	assert_true(record_text_is(harness_record(h, 0), FIELD_DNS_QUESTION_NAME, "www.foo.exa"));
	harness_free(h);
}

static void the_types_that_are_told_as_text(void **state)
{
	static const struct {
		const char *data; /* type, class, ttl, size, data */
		size_t size;
		const char *expected;
	} rows[] = {
#define ROW(data, expected) { data, sizeof(data) - 1, expected }
		ROW("\x00\x0f\x00\x01\x00\x00\x00\x00\x00\x07\x00\x0a\x02mx\xc0\x10", "10 mx.foo.exa"),
		ROW("\x00\x21\x00\x01\x00\x00\x00\x00\x00\x0a\x00\x01\x00\x02\x01\x85\x01k\xc0\x0c", "1 2 389 k.www.foo.exa"),
		ROW("\x00\x10\x00\x01\x00\x00\x00\x00\x00\x09\x03" "a b\x04" "c\\\x01" "d", "a bc\\092\\001d"),
		ROW("\x00\x06\x00\x01\x00\x00\x00\x00\x00\x04\x02ns\x00", "ns"),
		ROW("\x00\x02\x00\x01\x00\x00\x00\x00\x00\x01\x00", "."),
		ROW("\x00\x0c\x00\x01\x00\x00\x00\x00\x00\x05\x03" "a.b\x00", "a\\046b"),
		ROW("\x00\x05\x00\x01\x00\x00\x00\x00\x00\x02\xc0\xff", NULL), /* a pointer beyond the message */
		ROW("\x00\x41\x00\x01\x00\x00\x00\x00\x00\x02\x00\x01", NULL),
	};
	static const char head[] = "\x12\x34\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00" WWW "\x00\x01\x00\x01\xc0\x0c";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct harness *h = udp();
		char message[256];
		memcpy(message, head, sizeof(head) - 1);
		memcpy(message + sizeof(head) - 1, rows[i].data, rows[i].size);
		say(h, SERVER, message, sizeof(head) - 1 + rows[i].size);
		assert_int_equal(harness_count(h), 1);
		if (rows[i].expected)
			assert_true(record_text_is(harness_record(h, 0), FIELD_DNS_ANSWERS, rows[i].expected));
		else
			assert_false(record_has(harness_record(h, 0), FIELD_DNS_ANSWERS));
		harness_free(h);
	}
}

static void the_result_code_goes_on_in_the_opt_record(void **state)
{
	struct harness *h = udp();

	(void)state;
	S("\x12\x34\x81\x80\x00\x01\x00\x00\x00\x00\x00\x01" WWW "\x00\x01\x00\x01" "\x00\x00\x29\x10\x00\x01\x00\x00\x00\x00\x00");
	assert_true(record_text_is(harness_record(h, 0), FIELD_DNS_RESPONSE_CODE, "BADVERS"));
	harness_free(h);
}

static const struct step stream[] = {
	SAY(CLIENT, "\x00\x1d" QUERY "\x00\x13\x00\x02\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01" "b\x00\x00\x1c\x00\x01"),
	SAY(SERVER, "\x00\x3f" ANSWER "\x00\x13\x00\x02\x81\x83\x00\x01\x00\x00\x00\x00\x00\x00\x01" "b\x00\x00\x1c\x00\x01"),
	SAY(CLIENT, "\x00\x13\x00\x03\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01" "c\x00\x00\xff\x00\x01"),
};

static void a_stream_carries_messages_with_their_length(void **state)
{
	struct harness *h = harness_new(NULL);

	(void)state;
	assert_int_equal(sizeof(QUERY) - 1, 0x1d);
	assert_int_equal(sizeof(ANSWER) - 1, 0x3f);
	harness_run(h, stream, ARRAY_SIZE(stream), 0, 0);
	assert_string_equal(harness_confirmed(h), "dns");
	assert_int_equal(harness_count(h), 3);
	assert_true(record_text_is(harness_record(h, 2), FIELD_DNS_QUESTION_TYPE, "ANY"));
	assert_false(harness_malformed(h, CLIENT) || harness_malformed(h, SERVER));
	harness_free(h);
}

/* RFC 9619: one question is asked. What claims thousands keeps the reader busy and says nothing. */
static void thousands_of_questions_are_no_message(void **state)
{
	static uint8_t flood[12 + 7 + 10921 * 6];
	struct harness *h = udp();

	(void)state;
	C(QUERY);
	memcpy(flood, "\x12\x35\x01\x00\x2a\xaa\x00\x00\x00\x00\x00\x00", 12);
	memcpy(flood + 12, "\x01z\x00\x00\x01\x00\x01", 7);
	for (size_t i = 19; i < sizeof(flood); i += 6)
		memcpy(flood + i, "\xc0\x0c\x00\x01\x00\x01", 6);
	say(h, CLIENT, (const char *)flood, sizeof(flood));
	harness_close(h, ENDED_TIMEOUT);
	assert_int_equal(harness_count(h), 1);
	assert_true(harness_malformed(h, CLIENT));
	harness_free(h);
}

static void any_segmentation_tells_the_same(void **state)
{
	(void)state;
	sweep_cuts(stream, ARRAY_SIZE(stream));
	assert_int_equal(sweep_prefixes(stream, ARRAY_SIZE(stream)), 2);
}

static void cut_datagrams_do_no_harm(void **state)
{
	static const char answer[] = ANSWER;

	(void)state;
	for (size_t n = 1; n < sizeof(answer); n++) {
		struct harness *h = udp();
		C(QUERY);
		say(h, SERVER, answer, n);
		harness_close(h, ENDED_CAPTURE);
		assert_int_equal(harness_count(h), 1);
		harness_free(h);
	}
}

static void other_datagrams_are_not_dns(void **state)
{
	static const struct step rows[] = {
		SAY(CLIENT, "\x12\x34\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00"),
		SAY(CLIENT, "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\xc0\x0c\x00\x01\x00\x01"),
		SAY(CLIENT, "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01" "a\x00\x00\x01\x00\x09"),
		SAY(CLIENT, "\x12\x34\x79\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01" "a\x00\x00\x01\x00\x01"),
		SAY(CLIENT, "\x23\x00\x06\xec\x00\x00\x00\x00\x00\x00\x00\x00\xe9\x3a\x1b\xf0\x00\x00\x00\x00"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct harness *h = udp();
		harness_run(h, &rows[i], 1, 0, 0);
		assert_null(harness_confirmed(h));
		assert_int_equal(harness_count(h), 0);
		harness_free(h);
	}
}

static void multicast_and_netbios_names_are_not_dns(void **state)
{
	static const struct step netbios = /* whoever's port it is */
		SAY(CLIENT, "\x12\x34\x01\x10\x00\x01\x00\x00\x00\x00\x00\x00\x20" "EKEFEGEGCACACACACACACACACACACACA\x00\x00\x20\x00\x01");
	struct harness *h = udp();

	(void)state;
	harness_set_server_port(h, 5353);
	C(QUERY);
	assert_string_not_equal(harness_confirmed(h), "dns");
	harness_free(h);
	h = udp();
	harness_run(h, &netbios, 1, 0, 0);
	assert_string_equal(harness_confirmed(h), "nbns");
	harness_free(h);
}

/* --- names --- */

static bool name(const char *message, size_t size, size_t at, char *ret)
{
	struct text out = { ret, DNS_NAME_TEXT, 0, false };
	uint8_t *exact = malloc(size);
	assert_non_null(exact);
	memcpy(exact, message, size);
	struct reader r = reader_open(bytes_of(exact, size));
	reader_skip(&r, at);
	bool ok = dns_name(bytes_of(exact, size), &r, &out);
	assert_int_equal(ok, reader_ok(&r));
	text_end(&out);
	free(exact);
	return ok;
}
#define NAME(message, at, ret) name(message, sizeof(message) - 1, at, ret)

static void pointers_lead_backwards_only(void **state)
{
	char got[DNS_NAME_TEXT];

	(void)state;
	assert_true(NAME("\x01" "a\x00\x01" "b\xc0\x00", 3, got));
	assert_string_equal(got, "b.a");
	assert_false(NAME("\xc0\x00", 0, got));
	assert_false(NAME("\x01" "a\xc0\x00", 0, got));
	assert_false(NAME("\xc0\x02\x00", 0, got));
	assert_false(NAME("\x80\x00", 0, got));
	assert_false(NAME("\x05" "abc", 0, got));
}

static void a_chain_of_pointers_is_bounded(void **state)
{
	char message[202] = { 0 }, got[DNS_NAME_TEXT];

	(void)state;
	for (size_t i = 2; i < sizeof(message); i += 2) {
		message[i] = (char)0xc0;
		message[i + 1] = (char)(i - 2);
	}
	assert_true(name(message, 60, 58, got));
	assert_string_equal(got, ".");
	assert_false(name(message, sizeof(message), 200, got));
}

static void a_name_has_at_most_255_bytes(void **state)
{
	char message[300], got[DNS_NAME_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(message); i++)
		message[i] = i % 2 ? '\xff' : 1;
	message[254] = 0;
	assert_true(name(message, sizeof(message), 0, got));
	assert_int_equal(strlen(got), 127 * 4 + 126);
	message[254] = 1;
	message[256] = 0;
	assert_false(name(message, sizeof(message), 0, got));
}

static void numbers_without_a_name_are_told_as_numbers(void **state)
{
	char room[DNS_CODE_TEXT];

	(void)state;
	assert_string_equal(dns_type_name(65, room), "HTTPS");
	assert_string_equal(dns_type_name(65280, room), "TYPE65280");
	assert_string_equal(dns_rcode_name(4095, room), "RCODE4095");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question_and_its_answer_are_one_record),
		cmocka_unit_test(a_repeated_question_without_answer_is_told_once),
		cmocka_unit_test(answers_find_their_questions_in_any_order),
		cmocka_unit_test(the_oldest_of_too_many_questions_is_told_early),
		cmocka_unit_test(an_answer_without_its_question_is_told),
		cmocka_unit_test(the_types_that_are_told_as_text),
		cmocka_unit_test(the_result_code_goes_on_in_the_opt_record),
		cmocka_unit_test(a_stream_carries_messages_with_their_length),
		cmocka_unit_test(thousands_of_questions_are_no_message),
		cmocka_unit_test(any_segmentation_tells_the_same),
		cmocka_unit_test(cut_datagrams_do_no_harm),
		cmocka_unit_test(other_datagrams_are_not_dns),
		cmocka_unit_test(multicast_and_netbios_names_are_not_dns),
		cmocka_unit_test(pointers_lead_backwards_only),
		cmocka_unit_test(a_chain_of_pointers_is_bounded),
		cmocka_unit_test(a_name_has_at_most_255_bytes),
		cmocka_unit_test(numbers_without_a_name_are_told_as_numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
