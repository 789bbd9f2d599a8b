/* SPDX-License-Identifier: BSD-2-Clause
 * Reading pcapng: sections, interfaces that differ, packet blocks of three kinds, damage at every byte. */
#include "capture_maker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/instant.h"
#include "base/limits.h"

#define SECOND_US UINT64_C(1700000000000000) /* of the 14th of November 2023 */

static struct maker m;
static struct seen seen;

static void two_interfaces_of_one_link_type_keep_their_names(void **state)
{
	(void)state;
	for (unsigned big = 0; big < 2; big++) {
		m.size = 0;
		make_section(&m, big);
		make_interface(&m, 1, 65535, "eth0", -1);
		make_interface(&m, 1, 96, "wan", -1);
		make_enhanced(&m, 1, SECOND_US, 60);
		make_enhanced(&m, 0, SECOND_US + 1, 1400);
		read_one(write_made("x", &m), &seen);
		assert_int_equal(seen.problems, 0);
		assert_int_equal(seen.n, 2);
		assert_string_equal(seen.interfaces[0], "wan");
		assert_string_equal(seen.interfaces[1], "eth0");
		assert_int_equal(seen.frames[0].time_ns, SECOND_US * 1000);
		assert_int_equal(seen.frames[0].data.size, 60);
		assert_int_equal(seen.frames[0].wire_size, 160);
		assert_int_equal(seen.frames[1].data.size, 1400);
		assert_int_equal(seen.first[1], 0x40);
	}
}

static void interfaces_of_different_link_types_are_read_from_one_file(void **state)
{
	(void)state;
	m.size = 0;
	make_section(&m, false);
	make_interface(&m, 1, 0, "eth0", -1);
	make_interface(&m, 101, 0, "tun0", -1);
	make_interface(&m, 276, 0, NULL, -1);
	for (uint32_t i = 0; i < 6; i++)
		make_enhanced(&m, i % 3, SECOND_US + i, 20);
	read_one(write_made("x", &m), &seen);
	assert_int_equal(seen.n, 6);
	assert_int_equal(seen.problems, 0);
	for (size_t i = 0; i < 6; i++) {
		static const int dlt[] = { 1, 12, 276 };
		assert_int_equal(seen.frames[i].link_type, dlt[i % 3]);
		assert_int_equal(seen.frames[i].number, i + 1);
	}
	assert_string_equal(seen.interfaces[2], "");
}

static void a_filter_is_compiled_for_each_link_type(void **state)
{
	const char *path;

	(void)state;
	m.size = 0;
	make_section(&m, false);
	make_interface(&m, 1, 0, "eth0", -1);
	make_interface(&m, 101, 0, "tun0", -1);
	make_enhanced(&m, 0, SECOND_US, 60);
	make_enhanced(&m, 1, SECOND_US, 60);
	path = write_made("x", &m);
	read_paths(&path, 1, "link[0] = 0x41", &seen);
	assert_int_equal(seen.n, 1);
	assert_int_equal(seen.frames[0].number, 2);
}

static void time_resolutions_are_those_of_the_interface(void **state)
{
	static const struct { int resolution; uint64_t ticks, ns; } cases[] = {
		{ -1, UINT64_C(5000001), UINT64_C(5000001000) },
		{ 0, 7, UINT64_C(7000000000) },
		{ 3, 1234, UINT64_C(1234000000) },
		{ 9, UINT64_C(1700000000123456789), UINT64_C(1700000000123456789) },
		{ 12, UINT64_C(1500000000999), UINT64_C(1500000000) },
		{ 0x80 | 1, 3, UINT64_C(1500000000) },
		{ 0x80 | 20, 1 << 19, UINT64_C(500000000) },
		{ 0x80 | 63, UINT64_C(1) << 62, UINT64_C(500000000) },
		{ 0, UINT64_MAX, UINT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		m.size = 0;
		make_section(&m, i & 1);
		make_interface(&m, 1, 0, NULL, cases[i].resolution);
		make_enhanced(&m, 0, cases[i].ticks, 20);
		read_one(write_made("x", &m), &seen);
		assert_int_equal(seen.n, 1);
		assert_int_equal(seen.frames[0].time_ns, cases[i].ns);
	}
}

static void a_resolution_that_cannot_be_counted_is_damage(void **state)
{
	(void)state;
	m.size = 0;
	make_section(&m, false);
	make_interface(&m, 1, 0, NULL, 20);
	make_enhanced(&m, 0, 1, 20);
	read_one(write_made("x", &m), &seen);
	assert_int_equal(seen.n, 0);
	assert_non_null(strstr(seen.problem[0], "damaged after 0 packets (interface 0 has an impossible"));
}

static void a_time_offset_moves_the_packets(void **state)
{
	const uint8_t body[] = { 1, 0, 0, 0, 0, 0, 0, 0, 14, 0, 8, 0, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	(void)state;
	m.size = 0;
	make_section(&m, false);
	make_block(&m, 1, body, sizeof(body)); /* if_tsoffset -2 */
	make_enhanced(&m, 0, 5000000, 20);
	make_enhanced(&m, 0, 1000000, 20);
	read_one(write_made("x", &m), &seen);
	assert_int_equal(seen.frames[0].time_ns, 3 * NS_PER_S);
	assert_int_equal(seen.frames[1].time_ns, 0); /* before 1970 */
}

static void sections_of_both_byte_orders_follow_each_other(void **state)
{
	(void)state;
	m.size = 0;
	make_section(&m, true);
	make_interface(&m, 1, 0, "one", -1);
	make_enhanced(&m, 0, SECOND_US, 20);
	make_section(&m, false);
	make_interface(&m, 113, 0, "two", -1);
	make_enhanced(&m, 0, SECOND_US, 20);
	read_one(write_made("x", &m), &seen);
	assert_int_equal(seen.n, 2);
	assert_int_equal(seen.problems, 0);
	assert_string_equal(seen.interfaces[1], "two");
	assert_int_equal(seen.frames[1].link_type, 113);
	assert_int_equal(seen.frames[1].number, 2);
}

static void the_interfaces_of_a_section_end_with_it(void **state)
{
	(void)state;
	m.size = 0;
	make_section(&m, false);
	make_interface(&m, 1, 0, "one", -1);
	make_enhanced(&m, 0, SECOND_US, 20);
	make_section(&m, false);
	make_enhanced(&m, 0, SECOND_US, 20);
	read_one(write_made("x", &m), &seen);
	assert_int_equal(seen.n, 1);
	assert_non_null(strstr(seen.problem[0], "damaged after 1 packet (a packet of interface 0,"));
}

static void simple_packets_end_at_the_snap_length_and_keep_the_clock(void **state)
{
	(void)state;
	m.size = 0;
	make_section(&m, false);
	make_interface(&m, 1, 50, NULL, -1);
	make_enhanced(&m, 0, SECOND_US, 20);
	make_simple_packet(&m, 1500, 50); /* two bytes of padding */
	make_simple_packet(&m, 33, 33);
	read_one(write_made("x", &m), &seen);
	assert_int_equal(seen.problems, 0);
	assert_int_equal(seen.n, 3);
	assert_int_equal(seen.frames[1].data.size, 50);
	assert_int_equal(seen.frames[1].wire_size, 1500);
	assert_int_equal(seen.frames[1].time_ns, SECOND_US * 1000);
	assert_int_equal(seen.frames[2].data.size, 33);
}

static void obsolete_packet_blocks_are_read(void **state)
{
	const uint8_t body[28] = { [0] = 0, [2] = 9, [8] = 64, [12] = 8, [16] = 80, [20] = 0xab };

	(void)state;
	m.size = 0;
	make_section(&m, false);
	make_interface(&m, 1, 0, NULL, -1);
	make_block(&m, 2, body, sizeof(body));
	read_one(write_made("x", &m), &seen);
	assert_int_equal(seen.n, 1);
	assert_int_equal(seen.frames[0].time_ns, 64000);
	assert_int_equal(seen.frames[0].data.size, 8);
	assert_int_equal(seen.frames[0].wire_size, 80);
	assert_int_equal(seen.first[0], 0xab);
}

static void blocks_without_packets_are_passed_over_and_journal_entries_numbered(void **state)
{
	static const uint8_t long_body[20000];

	(void)state;
	m.size = 0;
	make_section(&m, false);
	make_interface(&m, 1, 0, NULL, -1);
	make_block(&m, 5, long_body, 20);    /* interface statistics */
	make_enhanced(&m, 0, SECOND_US, 20);
	make_block(&m, 9, long_body, 40);    /* a journal entry: tshark's frame 2 */
	make_block(&m, 0x80000001, long_body, sizeof(long_body));
	make_enhanced(&m, 0, SECOND_US, 20);
	read_one(write_made("x", &m), &seen);
	assert_int_equal(seen.problems, 0);
	assert_int_equal(seen.n, 2);
	assert_int_equal(seen.frames[1].number, 3);
}

/* Appends what m holds to all and empties it. */
static size_t pour(uint8_t *all, size_t at)
{
	memcpy(all + at, m.at, m.size);
	at += m.size;
	m.size = 0;
	return at;
}

/* Blocks longer than the reader's buffer: one that is skipped, and a packet whose end is left out. */
static void huge_blocks_are_bounded_and_the_next_one_is_found(void **state)
{
	const uint32_t size = LIMIT_FRAME + 100000;
	uint8_t *all = calloc(3, size);

	(void)state;
	assert_non_null(all);
	m.size = 0;
	make_section(&m, false);
	make_interface(&m, 1, 0, NULL, -1);
	put32(&m, 0x80000001);
	put32(&m, size + 12);
	size_t at = pour(all, 0) + size;
	put32(&m, size + 12);
	put32(&m, 6);
	put32(&m, size + 32);
	put_fill(&m, 12, 0); /* interface, time */
	put32(&m, size);
	put32(&m, size);
	at = pour(all, at) + size;
	put32(&m, size + 32);
	make_enhanced(&m, 0, 5, 20);
	at = pour(all, at);
	read_one(write_file("x", all, at), &seen);
	free(all);
	assert_int_equal(seen.n, 2);
	assert_int_equal(seen.problems, 0);
	assert_int_equal(seen.frames[0].data.size, LIMIT_FRAME);
	assert_int_equal(seen.frames[0].wire_size, size);
	assert_int_equal(seen.frames[1].time_ns, 5000);
}

static void a_packet_longer_than_its_block_is_damage(void **state)
{
	(void)state;
	m.size = 0;
	make_section(&m, false);
	make_interface(&m, 1, 0, NULL, -1);
	make_enhanced(&m, 0, 1, 20);
	make_enhanced(&m, 0, 1, 20);
	m.at[m.size - 4 - 20 - 8] = 21; /* captured bytes of the last packet; 20 of data, no padding to spare */
	read_one(write_made("x", &m), &seen);
	assert_int_equal(seen.n, 1);
	assert_non_null(strstr(seen.problem[0], "damaged after 1 packet (a packet of 21 bytes"));
}

static void too_many_interfaces_are_refused(void **state)
{
	(void)state;
	size_t size = 28 + 4097 * 20;
	uint8_t *all = calloc(1, size);
	assert_non_null(all);
	m.size = 0;
	make_section(&m, false);
	memcpy(all, m.at, m.size);
	for (size_t i = 0; i < 4097; i++) {
		uint8_t *block = all + 28 + i * 20;
		block[0] = block[8] = 1;
		block[4] = block[16] = 20;
	}
	read_one(write_file("x", all, size), &seen);
	free(all);
	assert_non_null(strstr(seen.problem[0], "more than 4096 interfaces"));
}

static size_t make_mixed(size_t ends[8])
{
	size_t n = 0;

	m.size = 0;
	make_section(&m, true);
	ends[n++] = m.size;
	make_interface(&m, 1, 0, "eth0", 9);
	ends[n++] = m.size;
	make_enhanced(&m, 0, 1, 21);
	ends[n++] = m.size;
	make_simple_packet(&m, 10, 10);
	ends[n++] = m.size;
	make_interface(&m, 101, 0, "tun0", 9);
	ends[n++] = m.size;
	make_enhanced(&m, 1, 1, 30);
	ends[n++] = m.size;
	return n;
}

static void a_file_cut_anywhere_gives_what_is_whole_and_one_problem(void **state)
{
	static const size_t packets[] = { 0, 0, 1, 2, 2, 3 };
	size_t ends[8];
	size_t n = make_mixed(ends);

	(void)state;
	for (size_t cut = 0; cut <= m.size; cut++) {
		size_t whole = 0;
		bool clean = false;
		for (size_t i = 0; i < n; i++) {
			whole = ends[i] <= cut ? packets[i] : whole;
			clean = clean || ends[i] == cut;
		}
		read_one(write_file("x", m.at, cut), &seen);
		assert_int_equal(seen.n, whole);
		assert_int_equal(seen.problems, !clean);
		if (!clean && cut >= 4)
			assert_non_null(strstr(seen.problem[0], "cut short after"));
	}
}

static void any_wrong_byte_is_survived(void **state)
{
	size_t ends[8];

	(void)state;
	make_mixed(ends);
	for (size_t at = 0; at < m.size; at++) {
		static const uint8_t twists[] = { 0xff, 0x80, 1 };
		for (size_t i = 0; i < ARRAY_SIZE(twists); i++) {
			m.at[at] ^= twists[i];
			read_one(write_made("x", &m), &seen);
			assert_true(seen.n <= 3);
			assert_true(seen.n > 0 || seen.problems == 1);
			m.at[at] ^= twists[i];
		}
	}
}

static int clean_up(void **state)
{
	(void)state;
	folder_remove();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_interfaces_of_one_link_type_keep_their_names),
		cmocka_unit_test(interfaces_of_different_link_types_are_read_from_one_file),
		cmocka_unit_test(a_filter_is_compiled_for_each_link_type),
		cmocka_unit_test(time_resolutions_are_those_of_the_interface),
		cmocka_unit_test(a_resolution_that_cannot_be_counted_is_damage),
		cmocka_unit_test(a_time_offset_moves_the_packets),
		cmocka_unit_test(sections_of_both_byte_orders_follow_each_other),
		cmocka_unit_test(the_interfaces_of_a_section_end_with_it),
		cmocka_unit_test(simple_packets_end_at_the_snap_length_and_keep_the_clock),
		cmocka_unit_test(obsolete_packet_blocks_are_read),
		cmocka_unit_test(blocks_without_packets_are_passed_over_and_journal_entries_numbered),
		cmocka_unit_test(huge_blocks_are_bounded_and_the_next_one_is_found),
		cmocka_unit_test(a_packet_longer_than_its_block_is_damage),
		cmocka_unit_test(too_many_interfaces_are_refused),
		cmocka_unit_test(a_file_cut_anywhere_gives_what_is_whole_and_one_problem),
		cmocka_unit_test(any_wrong_byte_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, clean_up);
}
