/* SPDX-License-Identifier: BSD-2-Clause
 * Several captures at once: folders, merging by time, pipes, second readings. */
#include "capture_maker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/instant.h"

static struct maker m, packed;
static struct seen seen;

static void frames_of_three_overlapping_files_come_in_time_order(void **state)
{
	static const uint32_t times[3][4] = { { 10, 20, 30, 40 }, { 5, 20, 21, 60 }, { 41, 42, 43, 44 } };
	static const uint8_t expected[] = { 5, 10, 20, 20, 21, 30, 40, 41, 42, 43, 44, 60 };
	const char *paths[3];

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		char name[] = "?.pcap";
		name[0] = (char)('c' - i); /* the order of the paths counts, not that of the names */
		make_pcap(&m, i == 1, i == 2, 1);
		for (unsigned k = 0; k < 4; k++)
			make_packet(&m, times[i][k], 0, 20);
		paths[i] = write_made(name, &m);
	}
	read_paths(paths, 3, NULL, &seen);
	assert_int_equal(seen.n, 12);
	for (size_t i = 0; i < 12; i++)
		assert_int_equal(seen.first[i], expected[i]);
	assert_int_equal(seen.frames[2].number, 2); /* of equal times the earlier path's first */
	assert_int_equal(seen.frames[2].wire_size, 120);
	assert_int_equal(seen.frames[0].number, 1);
	assert_int_equal(seen.frames[11].number, 4);
}

static void a_file_that_is_out_of_order_in_itself_stays_as_it_is(void **state)
{
	const char *paths[2];

	(void)state;
	make_pcap(&m, false, false, 1);
	make_packet(&m, 10, 0, 20);
	make_packet(&m, 8, 0, 20);
	make_packet(&m, 12, 0, 20);
	paths[0] = write_made("a", &m);
	read_one(paths[0], &seen);
	assert_int_equal(seen.first[1], 8);
	make_simple(&m, 11, 1);
	paths[1] = write_made("b", &m);
	read_paths(paths, 2, NULL, &seen);
	assert_int_equal(seen.n, 4);
	assert_int_equal(seen.first[0], 10);
	assert_int_equal(seen.first[1], 8);
	assert_int_equal(seen.first[2], 11);
	assert_int_equal(seen.first[3], 12);
}

static void each_frame_names_its_file(void **state)
{
	struct error err;
	struct frame f;
	const char *paths[2];

	(void)state;
	make_simple(&m, 2, 1);
	paths[0] = write_made("late", &m);
	make_simple(&m, 1, 1);
	paths[1] = write_made("early", &m);
	struct capture *c = capture_open(paths, 2, NULL, &err);
	assert_int_equal(capture_next(c, &f), CAPTURE_FRAME);
	assert_string_equal(f.file, paths[1]);
	assert_int_equal(capture_next(c, &f), CAPTURE_FRAME);
	assert_string_equal(f.file, paths[0]);
	capture_close(c);
}

static void a_folder_is_read_through_in_bytewise_order_of_names(void **state)
{
	struct error err;
	struct frame f;
	const char *names[] = { "set/B.pcap", "set/a/9.pcap", "set/a/~.pcap", "set/b.pcap", "set/\xc3\xa4.pcap" };
	const char *path;

	(void)state;
	mkdir(in_folder("set"), 0700);
	mkdir(in_folder("set/a"), 0700);
	make_simple(&m, 7, 1); /* all at the same time: the order of the files decides */
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		write_made(names[ARRAY_SIZE(names) - 1 - i], &m);
	path = in_folder("set");
	struct capture *c = capture_open(&path, 1, NULL, &err);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_int_equal(capture_next(c, &f), CAPTURE_FRAME);
		assert_string_equal(f.file, in_folder(names[i]));
	}
	assert_int_equal(capture_next(c, &f), CAPTURE_END);
	assert_int_equal(capture_problems(c), 0);
	capture_close(c);
}

static void what_is_no_capture_in_a_folder_is_one_line_each(void **state)
{
	const char *path = in_folder("mixed");

	(void)state;
	mkdir(path, 0700);
	write_file("mixed/1.txt", "hello, world", 12);
	make_simple(&m, 7, 2);
	write_made("mixed/2.pcap", &m);
	write_file("mixed/3.pcap", m.at, m.size - 1);
	write_file("mixed/4.pcap", "", 0);
	mkfifo(in_folder("mixed/5.pipe"), 0600);
	assert_int_equal(symlink(path, in_folder("mixed/6.loop")), 0);
	assert_int_equal(symlink("nowhere", in_folder("mixed/7.gone")), 0);
	read_paths(&path, 1, NULL, &seen);
	assert_int_equal(seen.n, 3);
	assert_int_equal(seen.problems, 6);
	assert_non_null(strstr(seen.problem[0], "1.txt: not a capture file"));
	assert_non_null(strstr(seen.problem[1], "3.pcap: cut short after 1 packet ("));
	assert_non_null(strstr(seen.problem[2], "4.pcap: empty"));
	assert_non_null(strstr(seen.problem[3], "5.pipe: neither a file nor a folder"));
	assert_non_null(strstr(seen.problem[4], "6.loop: a link back to a folder above it"));
	assert_non_null(strstr(seen.problem[5], "7.gone: No such file"));
}

static void an_empty_folder_is_told(void **state)
{
	const char *path = in_folder("nothing");

	(void)state;
	mkdir(path, 0700);
	read_paths(&path, 1, NULL, &seen);
	assert_int_equal(seen.problems, 1);
	assert_non_null(strstr(seen.problem[0], "nothing: an empty folder"));
}

/* 400 files one after the other, and one that spans them all: no more than a few may be open. */
static void many_files_in_a_row_are_opened_one_after_the_other(void **state)
{
	struct error err;
	struct frame f;
	const char *path;
	uint64_t last = 0;
	size_t n = 0;

	(void)state;
	mkdir(in_folder("row"), 0700);
	make_pcap(&m, false, false, 1);
	for (uint32_t i = 0; i < 40; i++)
		make_packet(&m, i * 100, 5, 20);
	write_made("row/all", &m);
	for (uint32_t i = 0; i < 400; i++) {
		char name[32];
		snprintf(name, sizeof(name), "row/%03u", 999 - i); /* time runs against the names */
		make_simple(&m, i * 10, 10);
		write_made(name, &m);
	}
	path = in_folder("row");
	struct capture *c = capture_open(&path, 1, NULL, &err);
	assert_non_null(c);
	for (; capture_next(c, &f) == CAPTURE_FRAME; n++) {
		assert_true(f.time_ns >= last);
		last = f.time_ns;
	}
	assert_int_equal(n, 4040);
	assert_int_equal(capture_problems(c), 0);
	capture_close(c);
}

/* 200 files of the same time: more than are kept open. Nothing is lost, and those that came late are told. */
static void too_many_overlapping_files_are_read_and_told(void **state)
{
	struct error err;
	struct frame f;
	const char *path;
	size_t n = 0;

	(void)state;
	mkdir(in_folder("wide"), 0700);
	make_simple(&m, 1, 3);
	for (uint32_t i = 0; i < 200; i++) {
		char name[32];
		snprintf(name, sizeof(name), "wide/%03u", i);
		write_made(name, &m);
	}
	path = in_folder("wide");
	struct capture *c = capture_open(&path, 1, NULL, &err);
	while (capture_next(c, &f) == CAPTURE_FRAME)
		n++;
	assert_int_equal(n, 600);
	assert_int_equal(capture_problems(c), 72);
	assert_non_null(strstr(capture_problem(c, 0), "wide/128: out of order"));
	capture_close(c);
}

/* Standard input becomes a pipe into which a child writes `made`, `step` bytes at a time. */
static pid_t feed(const struct maker *made, size_t step)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		for (size_t at = 0; at < made->size; at += step) {
			size_t size = made->size - at < step ? made->size - at : step;
			if (write(ends[1], made->at + at, size) != (ssize_t)size)
				_exit(1);
		}
		_exit(0);
	}
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	close(ends[1]);
	return child;
}

static void standard_input_is_read_whatever_its_pieces(void **state)
{
	const char *path = "-";

	(void)state;
	make_simple(&m, 10, 5);
	packed.size = 0;
	pack_zstd(&m, &packed);
	for (size_t step = 1; step < 100; step += 31) {
		pid_t child = feed(step & 2 ? &packed : &m, step);
		read_one(path, &seen);
		assert_int_equal(seen.n, 5);
		assert_int_equal(seen.problems, 0);
		waitpid(child, NULL, 0);
	}
}

static void standard_input_cut_short_is_named_so(void **state)
{
	(void)state;
	make_simple(&m, 10, 5);
	m.size--;
	pid_t child = feed(&m, 1000);
	read_one("-", &seen);
	waitpid(child, NULL, 0);
	assert_int_equal(seen.n, 4);
	assert_non_null(strstr(seen.problem[0], "standard input: cut short after 4 packets ("));
}

static void standard_input_named_twice_is_refused(void **state)
{
	const char *paths[] = { "-", "-" };
	struct error err = { 0 };

	(void)state;
	assert_null(capture_open(paths, 2, NULL, &err));
	assert_non_null(strstr(err.text, "only once"));
}

static void standard_input_that_was_kept_is_read_again(void **state)
{
	struct capture_settings settings = { .again = true };
	struct error err;
	const char *paths[2];

	(void)state;
	make_simple(&m, 12, 1);
	paths[0] = write_made("x", &m);
	paths[1] = "-";
	for (size_t n = 1; n <= 2; n++) { /* alone, and merged with a file */
		make_simple(&m, 10, 5);
		pid_t child = feed(&m, 7);
		struct capture *c = capture_open(paths + (2 - n), n, &settings, &err);
		assert_non_null(c);
		for (unsigned round = 0; round < 3; round++) {
			read_on(c, &seen);
			assert_int_equal(seen.n, n == 1 ? 5 : 6);
			assert_int_equal(seen.frames[4].time_ns, (n == 1 ? 14 : 13) * NS_PER_S);
			assert_int_equal(seen.problems, 0);
			assert_true(capture_rewind(c, &err));
		}
		capture_close(c);
		waitpid(child, NULL, 0);
	}
}

static void a_reading_that_was_left_early_starts_again_from_the_first_frame(void **state)
{
	struct capture_settings settings = { .again = true };
	struct error err;
	struct frame f;
	const char *path = "-";

	(void)state;
	make_pcap(&m, false, false, 1);
	for (uint32_t i = 0; i < 50; i++)
		make_packet(&m, i, 0, 1000); /* more than the reader holds */
	pid_t child = feed(&m, 4096);
	struct capture *c = capture_open(&path, 1, &settings, &err);
	assert_int_equal(capture_next(c, &f), CAPTURE_FRAME);
	assert_true(capture_rewind(c, &err));
	read_on(c, &seen);
	assert_int_equal(seen.n, 50);
	assert_int_equal(seen.frames[0].number, 1);
	capture_close(c);
	waitpid(child, NULL, 0);
}

static void standard_input_that_was_not_kept_cannot_be_read_again(void **state)
{
	struct error err;
	const char *path = "-";

	(void)state;
	make_simple(&m, 10, 5);
	pid_t child = feed(&m, 1000);
	struct capture *c = capture_open(&path, 1, NULL, &err);
	read_on(c, &seen);
	assert_false(capture_rewind(c, &err));
	capture_close(c);
	waitpid(child, NULL, 0);
}

static void a_second_reading_gives_the_same_frames_and_problems(void **state)
{
	static struct seen second;
	struct error err;
	const char *paths[3];

	(void)state;
	make_simple(&m, 10, 5);
	paths[0] = write_file("a", m.at, m.size - 3);
	make_simple(&m, 11, 5);
	paths[1] = write_made("b", &m);
	paths[2] = write_file("c", "nothing that we know", 20);
	struct capture *c = capture_open(paths, 3, NULL, &err);
	read_on(c, &seen);
	assert_true(capture_rewind(c, &err));
	read_on(c, &second);
	capture_close(c);
	assert_int_equal(seen.n, 9);
	assert_int_equal(second.n, 9);
	for (size_t i = 0; i < 9; i++)
		assert_int_equal(seen.frames[i].time_ns, second.frames[i].time_ns);
	assert_int_equal(seen.problems, 2);
	assert_int_equal(second.problems, 2);
	assert_string_equal(seen.problem[0], second.problem[0]);
	assert_string_equal(seen.problem[1], second.problem[1]);
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
		cmocka_unit_test(frames_of_three_overlapping_files_come_in_time_order),
		cmocka_unit_test(a_file_that_is_out_of_order_in_itself_stays_as_it_is),
		cmocka_unit_test(each_frame_names_its_file),
		cmocka_unit_test(a_folder_is_read_through_in_bytewise_order_of_names),
		cmocka_unit_test(what_is_no_capture_in_a_folder_is_one_line_each),
		cmocka_unit_test(an_empty_folder_is_told),
		cmocka_unit_test(many_files_in_a_row_are_opened_one_after_the_other),
		cmocka_unit_test(too_many_overlapping_files_are_read_and_told),
		cmocka_unit_test(standard_input_is_read_whatever_its_pieces),
		cmocka_unit_test(standard_input_cut_short_is_named_so),
		cmocka_unit_test(standard_input_named_twice_is_refused),
		cmocka_unit_test(standard_input_that_was_kept_is_read_again),
		cmocka_unit_test(a_reading_that_was_left_early_starts_again_from_the_first_frame),
		cmocka_unit_test(standard_input_that_was_not_kept_cannot_be_read_again),
		cmocka_unit_test(a_second_reading_gives_the_same_frames_and_problems),
	};

	return cmocka_run_group_tests(tests, NULL, clean_up);
}
