/* SPDX-License-Identifier: BSD-2-Clause
 * Synchronous outputs: whole lines, errors that are said, rotation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output/output.h"

static char folder[] = "output-XXXXXX";
static char path[64];

static int make_folder(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/alerts.json", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static int fresh_file(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static struct output *open_file(bool fresh)
{
	struct error err = { .text = "" };
	struct output *o = output_open_file(path, fresh, &err);

	if (!o)
		fail_msg("%s", err.text);
	return o;
}

static void line(struct output *o, const char *text)
{
	struct error err = { .text = "" };

	if (!output_line(o, bytes_string(text), 6, &err))
		fail_msg("%s", err.text);
}

static const char *content(const char *of)
{
	static char room[400000];
	int fd = open(of, O_RDONLY);

	assert_true(fd >= 0);
	ssize_t n = read(fd, room, sizeof(room) - 1);
	assert_true(n >= 0);
	room[n] = '\0';
	close(fd);
	return room;
}

static void write_file(const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* ---- files ---- */

static void lines_are_there_after_a_flush(void **state)
{
	struct output *o = open_file(false);

	(void)state;
	line(o, "{\"a\":1}");
	line(o, "");
	assert_string_equal(content(path), "");
	assert_true(output_flush(o, NULL));
	assert_string_equal(content(path), "{\"a\":1}\n\n");
	assert_true(output_flush(o, NULL));
	line(o, "last");
	output_close(o);
	assert_string_equal(content(path), "{\"a\":1}\n\nlast\n");
}

static void a_file_is_appended_to_unless_fresh(void **state)
{
	(void)state;
	write_file("old\n");
	struct output *o = open_file(false);
	line(o, "new");
	output_close(o);
	assert_string_equal(content(path), "old\nnew\n");
	o = open_file(true);
	line(o, "only");
	output_close(o);
	assert_string_equal(content(path), "only\n");
}

static void a_last_line_of_another_program_is_ended(void **state)
{
	(void)state;
	write_file("whole\nno line end");
	struct output *o = open_file(false);
	line(o, "next");
	output_close(o);
	assert_string_equal(content(path), "whole\nno line end\nnext\n");
	write_file("{\"a\":{\"b\":\"}\"}}");
	o = open_file(false);
	line(o, "next");
	output_close(o);
	assert_string_equal(content(path), "{\"a\":{\"b\":\"}\"}}\nnext\n");
}

static void a_line_torn_by_a_crash_is_cut_off(void **state)
{
	static const char *const torn[] = { "whole\n{", "whole\n{\"torn", "whole\n{\"a\":{\"b\":1}", "whole\n{\"a\":\"}" };

	(void)state;
	for (size_t i = 0; i < sizeof(torn) / sizeof(*torn); i++) {
		write_file(torn[i]);
		struct output *o = open_file(false);
		line(o, "next");
		output_close(o);
		assert_string_equal(content(path), "whole\nnext\n");
	}
}

static void others_may_not_read_a_new_file(void **state)
{
	struct stat st;
	struct output *o = open_file(false);

	(void)state;
	output_close(o);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07, 0);
}

static void more_than_the_buffer_is_written_in_order(void **state)
{
	static char expected[400000];
	struct output *o = open_file(false);
	size_t used = 0;

	(void)state;
	for (int i = 0; used < 300000; i++) {
		char text[200];
		int n = snprintf(text, sizeof(text), "%06d %0*d", i, i % 150 + 1, i);
		line(o, text);
		memcpy(expected + used, text, (size_t)n);
		used += (size_t)n;
		expected[used++] = '\n';
	}
	output_close(o);
	expected[used] = '\0';
	assert_string_equal(content(path), expected);
}

static void what_is_no_line_is_refused(void **state)
{
	static char large[65536];
	struct error err = { .text = "" };
	struct output *o = open_file(false);

	(void)state;
	assert_false(output_line(o, bytes_string("a\nb"), 6, &err));
	assert_non_null(strstr(err.text, "line feed"));
	memset(large, 'x', sizeof(large));
	assert_false(output_line(o, bytes_of(large, sizeof(large)), 6, &err));
	assert_non_null(strstr(err.text, "too long"));
	assert_true(output_line(o, bytes_of(large, sizeof(large) - 1), 6, &err));
	line(o, "after");
	output_close(o);
	assert_int_equal(strlen(content(path)), 65536 + 6);
}

static void rotation_goes_on_in_a_new_file(void **state)
{
	char moved[80];
	struct output *o = open_file(false);

	(void)state;
	snprintf(moved, sizeof(moved), "%s/alerts.1", folder);
	line(o, "one");
	assert_int_equal(rename(path, moved), 0);
	line(o, "two");
	assert_true(output_reopen(o, NULL));
	line(o, "three");
	output_close(o);
	assert_string_equal(content(moved), "one\ntwo\n");
	assert_string_equal(content(path), "three\n");
	unlink(moved);
}

static void where_the_new_file_cannot_be_opened_the_old_one_serves(void **state)
{
	char moved[80];
	struct error err = { .text = "" };
	struct output *o = open_file(false);

	(void)state;
	snprintf(moved, sizeof(moved), "%s/alerts.1", folder);
	line(o, "one");
	assert_int_equal(rename(path, moved), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_false(output_reopen(o, &err));
	assert_non_null(strstr(err.text, "cannot open"));
	line(o, "two");
	output_close(o);
	assert_string_equal(content(moved), "one\ntwo\n");
	rmdir(path);
	unlink(moved);
}

static void a_path_that_cannot_be_is_said(void **state)
{
	struct error err = { .text = "" };

	(void)state;
	assert_null(output_open_file("nonexistent/folder/file", false, &err));
	assert_non_null(strstr(err.text, "nonexistent/folder/file: cannot open: No such file"));
	assert_null(output_open_file(folder, false, &err));
}

static void a_full_disk_is_said_and_the_lines_wait(void **state)
{
	struct error err = { .text = "" };
	char text[1000];
	size_t taken = 0;

	(void)state;
	if (access("/dev/full", W_OK) != 0)
		skip();
	struct output *o = output_open_file("/dev/full", false, &err);
	assert_non_null(o);
	memset(text, 'x', sizeof(text));
	while (output_line(o, bytes_of(text, sizeof(text)), 6, &err))
		assert_true(++taken < 100);
	assert_int_equal(taken, 65536 / 1001); /* until the buffer is full, then no more: memory does not grow */
	assert_non_null(strstr(err.text, "No space left"));
	err.text[0] = '\0';
	assert_false(output_flush(o, &err));
	assert_non_null(strstr(err.text, "/dev/full"));
	output_close(o);
}

/* A limit on the size of the file stops a write in the middle of a line, as a full disk does. */
static void a_write_cut_short_leaves_no_torn_line(void **state)
{
	struct rlimit before, tight;
	struct error err = { .text = "" };
	struct output *o = open_file(false);

	(void)state;
	line(o, "aaaaaaaaa");
	assert_true(output_flush(o, NULL));
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	tight = before;
	tight.rlim_cur = 25;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	line(o, "bbbbbbbbb");
	line(o, "ccccccccc");
	bool ok = output_flush(o, &err);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_false(ok);
	assert_string_equal(content(path), "aaaaaaaaa\nbbbbbbbbb\n");
	assert_true(output_flush(o, NULL));
	output_close(o);
	assert_string_equal(content(path), "aaaaaaaaa\nbbbbbbbbb\nccccccccc\n");
}

/* ---- pipes ---- */

static void a_full_pipe_completes_its_line_later(void **state)
{
	int ends[2];
	char dest[32];
	static char text[60000], got[200000];
	struct error err = { .text = "" };

	(void)state;
	assert_int_equal(pipe(ends), 0);
	snprintf(dest, sizeof(dest), "/dev/fd/%d", ends[1]);
	if (access(dest, W_OK) != 0)
		skip();
	struct output *o = output_open_file(dest, false, &err);
	assert_non_null(o);
	memset(text, 'y', sizeof(text));
	assert_true(output_line(o, bytes_of(text, sizeof(text)), 6, &err));
	assert_true(output_flush(o, &err));
	line(o, "tail");
	size_t n = 0;
	while (n < sizeof(text) + 1) {
		ssize_t part = read(ends[0], got + n, 1000);
		assert_true(part > 0);
		n += (size_t)part;
	}
	assert_true(output_flush(o, &err));
	assert_int_equal(read(ends[0], got + n, 100), 5);
	assert_memory_equal(got + n - 1, "\ntail\n", 6);
	output_close(o);
	close(ends[0]);
	close(ends[1]);
}

static void a_reader_that_went_away_is_an_error(void **state)
{
	int ends[2], saved = dup(STDOUT_FILENO);
	struct error err = { .text = "" };

	(void)state;
	assert_int_equal(pipe(ends), 0);
	fflush(stdout);
	dup2(ends[1], STDOUT_FILENO);
	close(ends[1]);
	struct output *o = output_open_file("-", false, &err);
	bool opened = o, first = o && output_line(o, bytes_string("seen"), 6, &err) && output_flush(o, &err);
	char got[8] = "";
	ssize_t n = read(ends[0], got, sizeof(got));
	close(ends[0]);
	bool second = o && output_line(o, bytes_string("unseen"), 6, &err) && output_flush(o, &err);
	output_close(o);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	assert_true(opened && first);
	assert_int_equal(n, 5);
	assert_memory_equal(got, "seen\n", 5);
	assert_false(second);
	assert_string_equal(err.text, "standard output: cannot write: Broken pipe");
}

static void severities_follow_the_table(void **state)
{
	static const struct { uint64_t event; int syslog; } rows[] = {
		{ 0, 6 }, { 10, 6 }, { 29, 6 }, { 30, 5 }, { 50, 4 }, { 75, 3 }, { 94, 3 }, { 95, 2 }, { 100, 2 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(output_severity(rows[i].event), rows[i].syslog);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(lines_are_there_after_a_flush, fresh_file),
		cmocka_unit_test_setup(a_file_is_appended_to_unless_fresh, fresh_file),
		cmocka_unit_test_setup(a_last_line_of_another_program_is_ended, fresh_file),
		cmocka_unit_test_setup(a_line_torn_by_a_crash_is_cut_off, fresh_file),
		cmocka_unit_test_setup(others_may_not_read_a_new_file, fresh_file),
		cmocka_unit_test_setup(more_than_the_buffer_is_written_in_order, fresh_file),
		cmocka_unit_test_setup(what_is_no_line_is_refused, fresh_file),
		cmocka_unit_test_setup(rotation_goes_on_in_a_new_file, fresh_file),
		cmocka_unit_test_setup(where_the_new_file_cannot_be_opened_the_old_one_serves, fresh_file),
		cmocka_unit_test_setup(a_path_that_cannot_be_is_said, fresh_file),
		cmocka_unit_test_setup(a_full_disk_is_said_and_the_lines_wait, fresh_file),
		cmocka_unit_test_setup(a_write_cut_short_leaves_no_torn_line, fresh_file),
		cmocka_unit_test_setup(a_full_pipe_completes_its_line_later, fresh_file),
		cmocka_unit_test_setup(a_reader_that_went_away_is_an_error, fresh_file),
		cmocka_unit_test(severities_follow_the_table),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
