/* SPDX-License-Identifier: BSD-2-Clause
 * base/reader: bounds, sticky failure, children, lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/reader.h"

static const uint8_t digits[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };

static struct reader over(size_t size)
{
	return reader_open(bytes_of(digits, size));
}

static void numbers_are_read_in_network_order(void **state)
{
	struct reader r = over(12);

	(void)state;
	assert_int_equal(reader_u8(&r), 0x01);
	assert_int_equal(reader_u16(&r), 0x0203);
	assert_int_equal(reader_u24(&r), 0x040506);
	assert_int_equal(reader_u32(&r), 0x0708090a);
	assert_int_equal(reader_offset(&r), 10);
	assert_int_equal(reader_left(&r), 2);
	assert_true(reader_ok(&r));
	r = over(8);
	assert_true(reader_u64(&r) == UINT64_C(0x0102030405060708));
	assert_int_equal(reader_left(&r), 0);
	assert_true(reader_ok(&r));
}

static void little_endian_numbers_are_turned(void **state)
{
	struct reader r = over(6);

	(void)state;
	assert_int_equal(reader_u16_le(&r), 0x0201);
	assert_int_equal(reader_u32_le(&r), 0x06050403);
	r = over(8);
	assert_true(reader_u64_le(&r) == UINT64_C(0x0807060504030201));
}

static uint64_t read_width(struct reader *r, unsigned width)
{
	switch (width) {
	case 1: return reader_u8(r);
	case 2: return reader_u16(r);
	case 3: return reader_u24(r);
	case 4: return reader_u32(r);
	default: return reader_u64(r);
	}
}

static void a_short_read_gives_zero_and_stays_failed(void **state)
{
	static const unsigned widths[] = { 1, 2, 3, 4, 8 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(widths); i++) {
		size_t size = widths[i] - 1;
		uint8_t *heap = malloc(size); /* exact, so that a read beyond is seen */
		struct reader r = reader_open(bytes_of(heap, size));
		if (size)
			memset(heap, 0xff, size);
		uint64_t value = read_width(&r, widths[i]);
		if (widths[i] < 8) /* 64 bits are two reads: the first may be there */
			assert_true(value == 0);
		assert_false(reader_ok(&r));
		assert_int_equal(reader_left(&r), 0);
		assert_int_equal(reader_rest(&r).size, 0);
		assert_int_equal(reader_u8(&r), 0);
		assert_int_equal(reader_take(&r, 0).size, 0);
		free(heap);
	}
}

static void reading_up_to_the_end_is_no_failure(void **state)
{
	struct reader r = over(4);

	(void)state;
	reader_skip(&r, 4);
	assert_true(reader_ok(&r));
	assert_true(reader_has(&r, 0));
	assert_int_equal(reader_peek(&r), 0);
	assert_true(reader_ok(&r));
	assert_false(reader_has(&r, 1));
	assert_false(reader_ok(&r));
}

static void a_huge_size_fails_instead_of_wrapping(void **state)
{
	struct reader r = over(4);
	struct reader child;

	(void)state;
	reader_skip(&r, 1);
	assert_int_equal(reader_take(&r, SIZE_MAX).size, 0);
	assert_false(reader_ok(&r));
	r = over(4);
	reader_skip(&r, SIZE_MAX - 1);
	assert_false(reader_ok(&r));
	r = over(4);
	child = reader_sub(&r, SIZE_MAX);
	assert_false(reader_ok(&child));
	assert_false(reader_ok(&r));
}

static void a_child_cannot_leave_its_bounds(void **state)
{
	struct reader r = over(12);
	struct reader child;

	(void)state;
	reader_skip(&r, 2);
	child = reader_sub(&r, 3);
	assert_int_equal(reader_offset(&r), 5);
	assert_int_equal(reader_offset(&child), 0);
	assert_int_equal(reader_u16(&child), 0x0304);
	assert_int_equal(reader_u16(&child), 0);
	assert_false(reader_ok(&child));
	assert_true(reader_ok(&r));
	assert_int_equal(reader_u8(&r), 6);
}

static void a_counted_view_ends_where_its_count_says(void **state)
{
	static const uint8_t wire[] = { 2, 'a', 'b', 0, 1, 'c', 3, 'd' };
	struct reader r = reader_open(bytes_of(wire, sizeof(wire)));
	struct bytes b = reader_take8(&r);
	struct reader child;

	(void)state;
	assert_true(bytes_equal(b, bytes_string("ab")));
	child = reader_sub16(&r);
	assert_int_equal(reader_left(&child), 1);
	assert_int_equal(reader_u8(&child), 'c');
	child = reader_sub8(&r); /* promises three, has one */
	assert_false(reader_ok(&child));
	assert_false(reader_ok(&r));
}

static void peeking_consumes_nothing(void **state)
{
	struct reader r = over(2);

	(void)state;
	assert_int_equal(reader_peek(&r), 1);
	assert_int_equal(reader_u8(&r), 1);
	assert_int_equal(reader_rest(&r).size, 1);
	assert_int_equal(reader_u8(&r), 2);
}

static void the_caller_can_fail_a_reader(void **state)
{
	struct reader r = over(4);

	(void)state;
	reader_fail(&r);
	assert_false(reader_ok(&r));
	assert_int_equal(reader_u32(&r), 0);
}

static bool line(const char *text, size_t max, struct reader *r, struct bytes *ret)
{
	*r = reader_open(bytes_string(text));
	return reader_line(r, max, ret);
}

static void lines_lose_their_ending(void **state)
{
	struct reader r;
	struct bytes b;

	(void)state;
	assert_true(line("GET\r\nx", 100, &r, &b));
	assert_true(bytes_equal(b, bytes_string("GET")));
	assert_int_equal(reader_u8(&r), 'x');
	assert_true(line("GET\nx", 100, &r, &b));
	assert_true(bytes_equal(b, bytes_string("GET")));
	assert_true(line("\r\n", 100, &r, &b));
	assert_int_equal(b.size, 0);
	assert_true(line("a\r\r\n", 100, &r, &b));
	assert_true(bytes_equal(b, bytes_string("a\r")));
}

static void an_unfinished_line_waits_and_an_endless_one_fails(void **state)
{
	struct reader r;
	struct bytes b = { 0 };

	(void)state;
	assert_false(line("GE", 4, &r, &b));
	assert_true(reader_ok(&r));
	assert_int_equal(reader_offset(&r), 0);
	assert_false(line("GETTING", 4, &r, &b));
	assert_false(reader_ok(&r));
	assert_true(line("GETT\r\n", 4, &r, &b));
	assert_int_equal(b.size, 4);
	assert_false(line("", 4, &r, &b));
	assert_true(reader_ok(&r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_read_in_network_order),
		cmocka_unit_test(little_endian_numbers_are_turned),
		cmocka_unit_test(a_short_read_gives_zero_and_stays_failed),
		cmocka_unit_test(reading_up_to_the_end_is_no_failure),
		cmocka_unit_test(a_huge_size_fails_instead_of_wrapping),
		cmocka_unit_test(a_child_cannot_leave_its_bounds),
		cmocka_unit_test(a_counted_view_ends_where_its_count_says),
		cmocka_unit_test(peeking_consumes_nothing),
		cmocka_unit_test(the_caller_can_fail_a_reader),
		cmocka_unit_test(lines_lose_their_ending),
		cmocka_unit_test(an_unfinished_line_waits_and_an_endless_one_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
