/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../sensord/proto/der.h"

#define READER(text) reader_open(bytes_of("" text, sizeof(text) - 1))

static void an_element_is_its_tag_and_its_content(void **state)
{
	struct reader r = READER("\x04\x02hi\x02\x01\x07");
	uint8_t tag;

	(void)state;
	struct reader first = der_next(&r, &tag);
	assert_int_equal(tag, DER_OCTETS);
	assert_true(bytes_equal(reader_rest(&first), bytes_string("hi")));
	struct reader second = der_next(&r, &tag);
	assert_int_equal(tag, DER_INTEGER);
	assert_int_equal(reader_left(&second), 1);
	assert_true(reader_ok(&r));
	assert_int_equal(reader_left(&r), 0);
}

static void lengths_may_take_up_to_four_bytes_more(void **state)
{
	struct reader two = READER("\x04\x82\x00\x01x");
	struct reader four = READER("\x04\x84\x00\x00\x00\x01x");
	struct reader five = READER("\x04\x85\x00\x00\x00\x00\x01x");
	struct reader endless = READER("\x30\x80\x00\x00");

	(void)state;
	struct reader content = der_expect(&two, DER_OCTETS);
	assert_int_equal(reader_left(&content), 1);
	content = der_expect(&four, DER_OCTETS);
	assert_int_equal(reader_left(&content), 1);
	content = der_expect(&five, DER_OCTETS);
	assert_false(reader_ok(&content));
	content = der_expect(&endless, DER_SEQUENCE);
	assert_false(reader_ok(&content));
}

static void what_does_not_fit_fails(void **state)
{
	struct reader r = READER("\x04\x05" "abc");
	struct reader huge = READER("\x04\x84\xff\xff\xff\xff" "abc");
	struct reader many_byte_tag = READER("\x1f\x01\x00");
	uint8_t tag;

	(void)state;
	struct reader content = der_next(&r, &tag);
	assert_false(reader_ok(&content));
	assert_false(reader_ok(&r));
	content = der_next(&huge, &tag);
	assert_false(reader_ok(&content));
	content = der_next(&many_byte_tag, &tag);
	assert_false(reader_ok(&content));
}

static void another_element_than_expected_is_a_failure(void **state)
{
	struct reader r = READER("\x04\x01x");

	(void)state;
	struct reader content = der_expect(&r, DER_INTEGER);
	assert_false(reader_ok(&content));
}

static void members_are_found_by_their_number(void **state)
{
	struct reader r = READER("\xa0\x03\x02\x01\x05\xa2\x04\x1b\x02me\xa3\x02\x04\x00");

	(void)state;
	assert_int_equal(der_number(r, 0, -1), 5);
	assert_int_equal(der_number(r, 1, -1), -1);
	assert_int_equal(der_number(r, 2, -1), -1); /* no INTEGER */
	struct reader text = der_member(r, 2, DER_STRING);
	assert_true(bytes_equal(reader_rest(&text), bytes_string("me")));
	struct reader missing = der_member(r, 9, DER_STRING);
	assert_false(reader_ok(&missing));
	assert_int_equal(reader_left(&missing), 0);
}

static void a_sequence_is_split_into_its_members(void **state)
{
	struct reader m[3];

	(void)state;
	der_split(READER("\xa2\x03\x02\x01\x05\x04\x01x\xa0\x01y\xa2\x01z\xa7\x01w"), m, 3);
	assert_true(bytes_equal(reader_rest(&m[0]), bytes_string("y")));
	assert_false(reader_ok(&m[1]));
	assert_int_equal(reader_left(&m[2]), 3); /* the first of two */
	der_split(READER("\xa0\x09y"), m, 3);
	assert_false(reader_ok(&m[0]));
}

static void integers_carry_their_sign(void **state)
{
	int64_t v = 42;

	(void)state;
	assert_true(der_integer(READER("\x17"), &v));
	assert_int_equal(v, 23);
	assert_true(der_integer(READER("\xff\x79"), &v));
	assert_int_equal(v, -135);
	assert_true(der_integer(READER("\x00\x80"), &v));
	assert_int_equal(v, 128);
	assert_true(der_integer(READER("\x80\x00\x00\x00\x00\x00\x00\x00"), &v));
	assert_true(v == INT64_MIN);
	v = 42;
	assert_false(der_integer(READER(""), &v));
	assert_false(der_integer(READER("\x00\x00\x00\x00\x00\x00\x00\x00\x01"), &v));
	assert_int_equal(v, 42);
}

/* A SEQUENCE of very many elements: the search ends. */
static void a_search_looks_at_a_bounded_number_of_elements(void **state)
{
	uint8_t all[2 * DER_ELEMENTS + 4] = { 0 };

	(void)state;
	for (size_t i = 0; i < DER_ELEMENTS; i++)
		all[2 * i] = DER_OCTETS;
	all[sizeof(all) - 4] = DER_STRING;
	struct reader found = der_find(reader_open(bytes_of(all, sizeof(all))), DER_STRING);
	assert_false(reader_ok(&found));
	all[2 * DER_ELEMENTS - 2] = DER_STRING;
	found = der_find(reader_open(bytes_of(all, sizeof(all))), DER_STRING);
	assert_true(reader_ok(&found));
}

static void every_prefix_fails_without_harm(void **state)
{
	static const uint8_t all[] = "\x30\x0b\xa0\x03\x02\x01\x05\xa2\x04\x1b\x02me";

	(void)state;
	for (size_t size = 0; size < sizeof(all) - 1; size++) {
		uint8_t *part = malloc(size ? size : 1);
		assert_non_null(part);
		memcpy(part, all, size);
		struct reader r = reader_open(bytes_of(part, size));
		struct reader members = der_expect(&r, DER_SEQUENCE);
		struct reader text = der_member(members, 2, DER_STRING);
		assert_false(reader_ok(&text));
		free(part);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_element_is_its_tag_and_its_content),
		cmocka_unit_test(lengths_may_take_up_to_four_bytes_more),
		cmocka_unit_test(what_does_not_fit_fails),
		cmocka_unit_test(another_element_than_expected_is_a_failure),
		cmocka_unit_test(members_are_found_by_their_number),
		cmocka_unit_test(a_sequence_is_split_into_its_members),
		cmocka_unit_test(integers_carry_their_sign),
		cmocka_unit_test(a_search_looks_at_a_bounded_number_of_elements),
		cmocka_unit_test(every_prefix_fails_without_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
