/* SPDX-License-Identifier: BSD-2-Clause
 * The spool: what goes in comes out in order, after a restart too; damage costs no more than what is damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../sensord/output/spool.h"

static char folder[] = "spool-XXXXXX";

static size_t each_file(void (*see)(int at, const char *name))
{
	DIR *d = opendir(folder);
	struct dirent *e;
	size_t n = 0;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.' && strcmp(e->d_name, "done") != 0) {
			n++;
			if (see)
				see(dirfd(d), e->d_name);
		}
	closedir(d);
	return n;
}

static void remove_file(int at, const char *name) { unlinkat(at, name, 0); }

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int empty_folder(void **state)
{
	char done[64];

	(void)state;
	each_file(remove_file);
	snprintf(done, sizeof(done), "%s/done", folder);
	unlink(done);
	return 0;
}

static int remove_folder(void **state)
{
	empty_folder(state);
	return rmdir(folder);
}

static struct spool *open_spool(uint64_t max)
{
	struct error err = { .text = "" };
	struct spool *s = spool_open(folder, max, false, &err);

	if (!s)
		fail_msg("%s", err.text);
	return s;
}

static struct spool_place add(struct spool *s, unsigned n, uint64_t *lost)
{
	char text[64];
	struct spool_place end = { 0 };
	struct error err = { .text = "" };

	snprintf(text, sizeof(text), "{\"n\":%u}", n);
	struct output_item item = { .line = bytes_string(text), .tag = bytes_string("E-11"), .time_ns = n, .severity = (int)(n % 8) };
	if (!spool_add(s, &item, &end, lost, &err))
		fail_msg("%s", err.text);
	return end;
}

static void expect(struct spool *s, unsigned n, struct spool_place *ret_end)
{
	char text[64];
	struct output_item item;
	struct error err = { .text = "" };

	snprintf(text, sizeof(text), "{\"n\":%u}", n);
	if (spool_next(s, &item, ret_end, &err) != SPOOL_LINE)
		fail_msg("line %u: %s", n, err.text);
	assert_true(bytes_equal(item.line, bytes_string(text)));
	assert_true(bytes_equal(item.tag, bytes_string("E-11")));
	assert_int_equal(item.time_ns, n);
	assert_int_equal(item.severity, n % 8);
}

static void expect_end(struct spool *s)
{
	struct output_item item;
	struct spool_place end;
	struct error err;

	assert_int_equal(spool_next(s, &item, &end, &err), SPOOL_EMPTY);
}

static void lines_come_out_as_they_went_in(void **state)
{
	struct spool *s = open_spool(1 << 20);
	struct spool_place end;
	uint64_t lost = 0;

	(void)state;
	expect_end(s);
	for (unsigned i = 0; i < 1000; i++)
		add(s, i, &lost);
	for (unsigned i = 0; i < 1000; i++)
		expect(s, i, &end);
	expect_end(s);
	assert_true(spool_empty(s));
	assert_false(spool_settled(s));
	spool_done(s, end);
	assert_true(spool_settled(s));
	assert_int_equal(each_file(NULL), 0);
	assert_int_equal(lost, 0);
	add(s, 7, &lost);
	expect(s, 7, &end);
	spool_close(s);
}

static void a_restart_goes_on_behind_what_was_acknowledged(void **state)
{
	struct spool *s = open_spool(1 << 20);
	struct spool_place end, tenth = { 0 };
	uint64_t lost = 0;

	(void)state;
	for (unsigned i = 0; i < 20; i++)
		add(s, i, &lost);
	for (unsigned i = 0; i < 15; i++) {
		expect(s, i, &end);
		if (i == 9)
			tenth = end;
	}
	spool_done(s, tenth);
	spool_rewind(s);
	expect(s, 10, &end);
	spool_close(s);
	s = open_spool(1 << 20);
	for (unsigned i = 20; i < 25; i++)
		add(s, i, &lost);
	assert_int_equal(each_file(NULL), 2);
	for (unsigned i = 10; i < 25; i++)
		expect(s, i, &end);
	expect_end(s);
	spool_close(s);
}

static void a_full_spool_gives_up_the_oldest_and_counts_it(void **state)
{
	struct spool *s = open_spool(256 << 10);
	struct spool_place end;
	uint64_t lost = 0;
	unsigned n = 0;

	(void)state;
	while (lost == 0 && n < 100000)
		add(s, n++, &lost);
	assert_true(lost > 0 && lost < n);
	assert_true(spool_bytes(s) <= 256 << 10);
	for (unsigned i = (unsigned)lost; i < n; i++)
		expect(s, i, &end);
	expect_end(s);
	spool_close(s);
}

static void what_is_sent_already_is_not_counted_as_lost(void **state)
{
	struct spool *s = open_spool(256 << 10);
	struct spool_place end;
	uint64_t lost = 0;
	unsigned n = 0, read = 0;

	(void)state;
	for (; n < 100; n++)
		add(s, n, &lost);
	for (; read < 40; read++)
		expect(s, read, &end);
	while (lost == 0 && n < 100000)
		add(s, n++, &lost);
	expect(s, read + (unsigned)lost, &end);
	spool_close(s);
}

static void change_last_byte(int at, const char *name)
{
	int fd = openat(at, name, O_RDWR);
	struct stat st;
	char c;

	assert_true(fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 40);
	assert_int_equal(pread(fd, &c, 1, st.st_size - 1), 1);
	c ^= 1;
	assert_int_equal(pwrite(fd, &c, 1, st.st_size - 1), 1);
	close(fd);
}

static void cut_last_byte(int at, const char *name)
{
	int fd = openat(at, name, O_RDWR);
	struct stat st;

	assert_true(fd >= 0 && fstat(fd, &st) == 0);
	assert_int_equal(ftruncate(fd, st.st_size - 1), 0);
	close(fd);
}

static void damaged_by(void (*harm)(int at, const char *name))
{
	struct spool *s = open_spool(1 << 20);
	struct output_item item;
	struct spool_place end;
	struct error err = { .text = "" };
	uint64_t lost = 0;

	for (unsigned i = 0; i < 3; i++)
		add(s, i, &lost);
	spool_close(s);
	each_file(harm);
	s = open_spool(1 << 20);
	add(s, 3, &lost);
	expect(s, 0, &end);
	expect(s, 1, &end);
	assert_int_equal(spool_next(s, &item, &end, &err), SPOOL_DAMAGED);
	assert_non_null(strstr(err.text, "damaged at byte"));
	expect(s, 3, &end);
	expect_end(s);
	spool_done(s, end);
	assert_true(spool_settled(s));
	spool_close(s);
}

static void a_changed_byte_costs_its_line(void **state)
{
	(void)state;
	damaged_by(change_last_byte);
}

static void a_cut_end_costs_its_line(void **state)
{
	(void)state;
	damaged_by(cut_last_byte);
}

static void damage_at_the_very_end_is_left_behind(void **state)
{
	struct spool *s = open_spool(1 << 20);
	struct output_item item;
	struct spool_place end;
	struct error err = { .text = "" };
	uint64_t lost = 0;

	(void)state;
	add(s, 1, &lost);
	spool_close(s);
	each_file(cut_last_byte);
	s = open_spool(1 << 20);
	assert_int_equal(spool_next(s, &item, &end, &err), SPOOL_DAMAGED);
	expect_end(s);
	assert_false(spool_settled(s));
	spool_forget(s);
	assert_true(spool_settled(s));
	spool_close(s);
}

static void two_programs_do_not_share_one(void **state)
{
	struct spool *s = open_spool(1 << 20);
	struct error err = { .text = "" };

	(void)state;
	assert_null(spool_open(folder, 1 << 20, false, &err));
	assert_non_null(strstr(err.text, "another sensord"));
	spool_close(s);
}

static void a_frame_is_whole_cut_or_wrong(void **state)
{
	uint8_t frame[SPOOL_FRAME_MAX];
	struct output_item item = { .line = bytes_string("{}"), .tag = bytes_string("A-01"), .severity = 2, .time_ns = 5 }, got;
	size_t size = spool_frame_write(&item, frame), used = 0;

	(void)state;
	for (size_t i = 0; i < size; i++)
		assert_int_equal(spool_frame_read(bytes_of(frame, i), &got, &used), SPOOL_FRAME_CUT);
	assert_int_equal(spool_frame_read(bytes_of(frame, size), &got, &used), SPOOL_FRAME_WHOLE);
	assert_int_equal(used, size);
	for (size_t i = 4; i < size; i++) {
		frame[i] ^= 0x40;
		assert_int_equal(spool_frame_read(bytes_of(frame, size), &got, &used), SPOOL_FRAME_WRONG);
		frame[i] ^= 0x40;
	}
	frame[0] = 0xff;
	assert_int_equal(spool_frame_read(bytes_of(frame, size), &got, &used), SPOOL_FRAME_WRONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(lines_come_out_as_they_went_in, empty_folder),
		cmocka_unit_test_setup(a_restart_goes_on_behind_what_was_acknowledged, empty_folder),
		cmocka_unit_test_setup(a_full_spool_gives_up_the_oldest_and_counts_it, empty_folder),
		cmocka_unit_test_setup(what_is_sent_already_is_not_counted_as_lost, empty_folder),
		cmocka_unit_test_setup(a_changed_byte_costs_its_line, empty_folder),
		cmocka_unit_test_setup(a_cut_end_costs_its_line, empty_folder),
		cmocka_unit_test_setup(damage_at_the_very_end_is_left_behind, empty_folder),
		cmocka_unit_test_setup(two_programs_do_not_share_one, empty_folder),
		cmocka_unit_test(a_frame_is_whole_cut_or_wrong),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
