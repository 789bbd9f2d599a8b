/* SPDX-License-Identifier: BSD-2-Clause
 * Reading one capture file: pcap in all its forms, packed files, damage. */
#include "capture_maker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/instant.h"
#include "base/limits.h"
#include "../../sensord/app/capture/chunk.h"

static struct maker m, packed;
static struct seen seen;

static void assert_problem(const char *path, const char *expected)
{
	char line[1024];

	assert_int_equal(seen.problems, 1);
	snprintf(line, sizeof(line), "%s: %s", path, expected);
	if (strncmp(seen.problem[0], line, strlen(line)) != 0)
		fail_msg("\"%s\" instead of \"%s\"", seen.problem[0], line);
}

static void pcap_of_both_byte_orders_and_precisions_is_read(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		make_pcap(&m, i & 1, i & 2, 113);
		make_packet(&m, 1700000000, 123456, 40);
		make_packet(&m, 0x90000000, 999999, 0);
		read_one(write_made("x.pcap", &m), &seen);
		uint64_t tick = i & 2 ? 1 : 1000;
		assert_int_equal(seen.problems, 0);
		assert_int_equal(seen.n, 2);
		assert_int_equal(seen.frames[0].time_ns, 1700000000 * NS_PER_S + 123456 * tick);
		assert_int_equal(seen.frames[0].data.size, 40);
		assert_int_equal(seen.frames[0].wire_size, 140);
		assert_int_equal(seen.frames[0].link_type, 113);
		assert_int_equal(seen.frames[0].number, 1);
		assert_int_equal(seen.frames[1].time_ns, UINT64_C(0x90000000) * NS_PER_S + 999999 * tick);
		assert_int_equal(seen.frames[1].number, 2);
		assert_string_equal(seen.interfaces[0], "");
	}
}

static void raw_ip_has_the_dlt_number_of_libpcap(void **state)
{
	(void)state;
	make_pcap(&m, false, false, 101); /* LINKTYPE_RAW */
	make_packet(&m, 1, 0, 20);
	read_one(write_made("x.pcap", &m), &seen);
	assert_int_equal(seen.frames[0].link_type, 12); /* DLT_RAW on Linux */
}

static void frames_longer_than_the_snap_length_of_the_header_are_whole(void **state)
{
	(void)state;
	for (unsigned big = 0; big < 2; big++) {
		make_pcap(&m, big, false, 1);
		memset(m.at + 16, 0, 4);
		m.at[big ? 19 : 16] = 60;
		make_packet(&m, 1, 0, 1500);
		make_packet(&m, 2, 0, 61);
		read_one(write_made("x.pcap", &m), &seen);
		assert_int_equal(seen.n, 2);
		assert_int_equal(seen.frames[0].data.size, 1500);
		assert_int_equal(seen.frames[1].data.size, 61);
		assert_int_equal(seen.problems, 0);
	}
}

/* However the pieces of the file fall into the reader's buffer. */
static void packets_keep_their_bytes_across_the_ends_of_the_buffer(void **state)
{
	unsigned n = 0;

	(void)state;
	for (uint32_t size = 4000; size < 9000; size += 997) {
		make_pcap(&m, false, false, 1);
		for (n = 0; m.size + 16 + size <= sizeof(m.at); n++)
			make_packet(&m, n, 0, size);
		FILE *f = fopen(in_folder("long.pcap"), "wb");
		assert_int_equal(fwrite(m.at, m.size, 1, f), 1);
		for (unsigned i = 0; i < 2; i++)
			assert_int_equal(fwrite(m.at + 24, m.size - 24, 1, f), 1);
		fclose(f);
		read_one(in_folder("long.pcap"), &seen);
		assert_int_equal(seen.problems, 0);
		assert_int_equal(seen.n, 3 * n);
		for (unsigned i = 0; i < seen.n; i++) {
			assert_int_equal(seen.frames[i].data.size, size);
			assert_int_equal(seen.frames[i].time_ns, i % n * NS_PER_S);
			assert_int_equal(seen.first[i], seen.first[i % n]);
		}
	}
}

static void a_frame_longer_than_the_buffer_and_those_after_it_are_read(void **state)
{
	static const uint32_t sizes[] = { 60, 200000, 60, 1500 };
	static const uint8_t bytes[200000];

	(void)state;
	make_pcap(&m, false, false, 1);
	FILE *f = fopen(in_folder("big.pcap"), "wb");
	assert_int_equal(fwrite(m.at, m.size, 1, f), 1);
	for (uint32_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		uint32_t header[4] = { i, 0, sizes[i], sizes[i] };
		m.size = 0;
		for (size_t k = 0; k < ARRAY_SIZE(header); k++)
			put32(&m, header[k]);
		assert_int_equal(fwrite(m.at, m.size, 1, f), 1);
		assert_int_equal(fwrite(bytes, sizes[i], 1, f), 1);
	}
	fclose(f);
	read_one(in_folder("big.pcap"), &seen);
	assert_int_equal(seen.problems, 0);
	assert_int_equal(seen.n, ARRAY_SIZE(sizes));
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		assert_int_equal(seen.frames[i].data.size, sizes[i]);
		assert_int_equal(seen.frames[i].time_ns, i * NS_PER_S);
		assert_int_equal(seen.frames[i].number, i + 1);
	}
}

static void a_frame_size_beyond_all_limits_is_damage(void **state)
{
	(void)state;
	make_simple(&m, 1, 2);
	put32(&m, 3);
	put32(&m, 0);
	put32(&m, 0x7fffffff);
	put32(&m, 0x7fffffff);
	put_fill(&m, 1000, 0);
	const char *path = write_made("x.pcap", &m);
	read_one(path, &seen);
	assert_int_equal(seen.n, 2);
	assert_problem(path, "damaged after 2 packets (");
}

static void a_file_cut_anywhere_gives_what_is_whole_and_one_problem(void **state)
{
	(void)state;
	make_simple(&m, 1, 3);
	for (size_t cut = 0; cut <= m.size; cut++) {
		size_t whole = cut < 24 ? 0 : (cut - 24) / 36;
		bool clean = cut >= 24 && (cut - 24) % 36 == 0;
		char expected[64] = "";
		const char *path = write_file("x.pcap", m.at, cut);
		read_one(path, &seen);
		assert_int_equal(seen.n, whole);
		assert_int_equal(seen.problems, !clean);
		if (cut == 0)
			snprintf(expected, sizeof(expected), "empty");
		else if (cut < 4)
			snprintf(expected, sizeof(expected), "not a capture file");
		else
			snprintf(expected, sizeof(expected), "cut short after %zu packet%s (", whole,
				 whole == 1 ? "" : "s");
		if (!clean)
			assert_problem(path, expected);
	}
}

static void a_valid_file_without_packets_is_no_problem(void **state)
{
	(void)state;
	make_simple(&m, 1, 0);
	read_one(write_made("x.pcap", &m), &seen);
	assert_int_equal(seen.n, 0);
	assert_int_equal(seen.problems, 0);
}

static void foreign_files_are_told_by_name(void **state)
{
	static const struct { const char *start, *problem; } cases[] = {
		{ "GMBU\0\1\2\3", "not a capture file (Microsoft Network Monitor 2)" },
		{ "snoop\0\0\0", "not a capture file (Sun snoop)" },
		{ "BZh91AY&SY", "not a capture file (packed by bzip2, which is not unpacked here)" },
		{ "site:\n  name: x\n", "not a capture file" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *path = write_file("x.pcap", cases[i].start, strlen(cases[i].start) + 1);
		read_one(path, &seen);
		assert_int_equal(seen.n, 0);
		assert_problem(path, cases[i].problem);
	}
}

static void a_pcap_version_that_nobody_wrote_is_not_read(void **state)
{
	(void)state;
	make_simple(&m, 1, 1);
	m.at[4] = 9;
	const char *path = write_made("x.pcap", &m);
	read_one(path, &seen);
	assert_int_equal(seen.n, 0);
	assert_problem(path, "not a capture file (");
}

static void a_missing_file_is_a_problem_with_its_reason(void **state)
{
	(void)state;
	read_one(in_folder("nowhere.pcap"), &seen);
	assert_int_equal(seen.n, 0);
	assert_problem(in_folder("nowhere.pcap"), "No such file or directory");
}

static void a_line_break_in_a_file_name_stays_out_of_the_problem_line(void **state)
{
	(void)state;
	read_one(write_file("a\nb", "", 0), &seen);
	assert_int_equal(seen.problems, 1);
	assert_null(strchr(seen.problem[0], '\n'));
}

typedef void packer(const struct maker *from, struct maker *to);
static const struct { packer *pack; const char *name; } packers[] = {
	{ pack_gzip, "gzip" }, { pack_zstd, "zstd" }, { pack_lz4, "lz4" },
};

static void packed_files_are_known_by_their_bytes(void **state)
{
	(void)state;
	make_simple(&m, 10, 5);
	for (size_t i = 0; i < ARRAY_SIZE(packers); i++) {
		packed.size = 0;
		packers[i].pack(&m, &packed);
		read_one(write_made("no-extension", &packed), &seen);
		assert_int_equal(seen.n, 5);
		assert_int_equal(seen.problems, 0);
		assert_int_equal(seen.frames[4].time_ns, 14 * NS_PER_S);
	}
}

/* The file is cut into members at a byte that is no packet boundary. */
static void members_one_after_the_other_are_one_file(void **state)
{
	static struct maker a, b;

	(void)state;
	make_simple(&m, 10, 5);
	for (size_t i = 0; i < ARRAY_SIZE(packers); i++) {
		a.size = b.size = packed.size = 0;
		memcpy(a.at, m.at, a.size = 100);
		memcpy(b.at, m.at + 100, b.size = m.size - 100);
		packers[i].pack(&a, &packed);
		packers[(i + 1) % ARRAY_SIZE(packers)].pack(&b, &packed);
		put_fill(&packed, 700, 0); /* padding, as tape and block devices leave it */
		read_one(write_made("x", &packed), &seen);
		assert_int_equal(seen.n, 5);
		assert_int_equal(seen.problems, 0);
	}
}

static void what_follows_packed_data_is_told(void **state)
{
	(void)state;
	make_simple(&m, 10, 5);
	packed.size = 0;
	pack_gzip(&m, &packed);
	put_fill(&packed, 10, 'x');
	const char *path = write_made("x", &packed);
	read_one(path, &seen);
	assert_int_equal(seen.n, 5);
	assert_problem(path, "damaged after 5 packets (gzip: something else follows the packed data)");
}

static void a_packed_file_cut_anywhere_is_told_and_read_as_far_as_it_goes(void **state)
{
	(void)state;
	make_simple(&m, 1, 3);
	for (size_t i = 0; i < ARRAY_SIZE(packers); i++) {
		size_t before = 0;
		packed.size = 0;
		packers[i].pack(&m, &packed);
		for (size_t cut = 0; cut < packed.size; cut++) {
			read_one(write_file("x", packed.at, cut), &seen);
			assert_int_equal(seen.problems, 1);
			assert_true(seen.n >= before && seen.n <= 3);
			before = seen.n;
		}
		read_one(write_made("x", &packed), &seen);
		assert_int_equal(seen.n, 3);
		assert_int_equal(seen.problems, 0);
	}
}

static void a_wrong_byte_in_packed_data_is_never_silent_nor_fatal(void **state)
{
	(void)state;
	make_simple(&m, 1, 3);
	packed.size = 0;
	pack_gzip(&m, &packed);
	for (size_t at = 10; at < packed.size; at++) { /* behind the gzip header, which has no checksum */
		packed.at[at] ^= 0x55;
		read_one(write_made("x", &packed), &seen);
		assert_int_equal(seen.problems, 1);
		packed.at[at] ^= 0x55;
	}
}

static void a_filter_keeps_the_numbers_of_the_file(void **state)
{
	const char *path;

	(void)state;
	make_pcap(&m, false, false, 1);
	make_packet(&m, 1, 0, 20);
	make_packet(&m, 2, 0, 60);
	make_packet(&m, 3, 0, 20);
	make_packet(&m, 4, 0, 60);
	path = write_made("x.pcap", &m);
	read_paths(&path, 1, "ether[0] = 4", &seen);
	assert_int_equal(seen.n, 1);
	assert_int_equal(seen.frames[0].number, 4);
	assert_int_equal(seen.problems, 0);
}

static void a_filter_that_is_none_is_refused_before_anything_is_read(void **state)
{
	const char *path = "-";
	struct error err = { 0 };
	struct capture_settings settings = { .filter = "tcp and and" };

	(void)state;
	assert_null(capture_open(&path, 1, &settings, &err));
	assert_non_null(strstr(err.text, "tcp and and"));
}

static void a_filter_without_meaning_for_a_link_type_is_told(void **state)
{
	const char *path;

	(void)state;
	make_pcap(&m, false, false, 101);
	make_packet(&m, 1, 0, 20);
	path = write_made("x.pcap", &m);
	read_paths(&path, 1, "ether host 00:11:22:33:44:55", &seen);
	assert_int_equal(seen.n, 0);
	assert_problem(path, "the filter does not fit 1 of 1 packet (");
}

static void progress_ends_at_the_size_of_the_file(void **state)
{
	struct error err;
	struct frame f;
	uint64_t done, total;

	(void)state;
	make_simple(&m, 1, 1000);
	const char *path = write_made("x.pcap", &m);
	struct capture *c = capture_open(&path, 1, NULL, &err);
	assert_non_null(c);
	capture_progress(c, &done, &total);
	assert_int_equal(done, 0);
	while (capture_next(c, &f) == CAPTURE_FRAME)
		;
	capture_progress(c, &done, &total);
	assert_int_equal(total, m.size);
	assert_int_equal(done, m.size);
	capture_close(c);
}

static void assert_filled(struct bytes data, size_t size, uint8_t with)
{
	assert_int_equal(data.size, size);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(data.at[i], with);
}

/* More of them than the file keeps for itself. */
static void a_frame_lasts_as_long_as_its_chunk_is_held(void **state)
{
	enum { FRAMES = 150, SIZE = 60000 };
	static struct frame frames[FRAMES];
	struct error err;

	(void)state;
	make_pcap(&m, false, false, 1);
	const char *path = write_made("held.pcap", &m);
	FILE *f = fopen(path, "ab");
	assert_non_null(f);
	for (uint32_t i = 0; i < FRAMES; i++) {
		m.size = 0;
		make_packet(&m, i, 0, SIZE);
		assert_int_equal(fwrite(m.at, m.size, 1, f), 1);
	}
	assert_int_equal(fclose(f), 0);
	struct capture *c = capture_open(&path, 1, NULL, &err);
	assert_non_null(c);
	for (size_t i = 0; i < FRAMES; i++) {
		assert_int_equal(capture_next(c, &frames[i]), CAPTURE_FRAME);
		assert_non_null(frames[i].chunk);
		if (i % 2 == 0)
			chunk_hold(frames[i].chunk);
	}
	assert_int_equal(capture_next(c, &(struct frame){ 0 }), CAPTURE_END);
	assert_int_equal(capture_problems(c), 0);
	capture_close(c);
	for (size_t i = 0; i < FRAMES; i += 2) {
		assert_filled(frames[i].data, SIZE, (uint8_t)i);
		chunk_let_go(frames[i].chunk);
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
		cmocka_unit_test(pcap_of_both_byte_orders_and_precisions_is_read),
		cmocka_unit_test(raw_ip_has_the_dlt_number_of_libpcap),
		cmocka_unit_test(frames_longer_than_the_snap_length_of_the_header_are_whole),
		cmocka_unit_test(packets_keep_their_bytes_across_the_ends_of_the_buffer),
		cmocka_unit_test(a_frame_longer_than_the_buffer_and_those_after_it_are_read),
		cmocka_unit_test(a_frame_size_beyond_all_limits_is_damage),
		cmocka_unit_test(a_file_cut_anywhere_gives_what_is_whole_and_one_problem),
		cmocka_unit_test(a_valid_file_without_packets_is_no_problem),
		cmocka_unit_test(foreign_files_are_told_by_name),
		cmocka_unit_test(a_pcap_version_that_nobody_wrote_is_not_read),
		cmocka_unit_test(a_missing_file_is_a_problem_with_its_reason),
		cmocka_unit_test(a_line_break_in_a_file_name_stays_out_of_the_problem_line),
		cmocka_unit_test(packed_files_are_known_by_their_bytes),
		cmocka_unit_test(members_one_after_the_other_are_one_file),
		cmocka_unit_test(what_follows_packed_data_is_told),
		cmocka_unit_test(a_packed_file_cut_anywhere_is_told_and_read_as_far_as_it_goes),
		cmocka_unit_test(a_wrong_byte_in_packed_data_is_never_silent_nor_fatal),
		cmocka_unit_test(a_filter_keeps_the_numbers_of_the_file),
		cmocka_unit_test(a_filter_that_is_none_is_refused_before_anything_is_read),
		cmocka_unit_test(a_filter_without_meaning_for_a_link_type_is_told),
		cmocka_unit_test(progress_ends_at_the_size_of_the_file),
		cmocka_unit_test(a_frame_lasts_as_long_as_its_chunk_is_held),
	};

	return cmocka_run_group_tests(tests, NULL, clean_up);
}
