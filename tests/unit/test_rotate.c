/* SPDX-License-Identifier: BSD-2-Clause
 * Rotated files: their names sort in the order of writing whatever the clock does, the oldest go, packed ones hold all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/instant.h"
#include "../../sensord/output/rotate.h"

#define NOON (UINT64_C(1795435200) * NS_PER_S) /* 2026-11-23T12:00:00Z */

static char folder[] = "rotate-XXXXXX";
static char path[64];

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? (snprintf(path, sizeof(path), "%s/a.json", folder), 0) : -1;
}

static int empty_folder(void **state)
{
	DIR *d = opendir(folder);

	(void)state;
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
	return 0;
}

static int remove_folder(void **state)
{
	empty_folder(state);
	return rmdir(folder);
}

static void rotated(const char *text, uint64_t now_ns, char name[ROTATE_NAME])
{
	struct error err = { .text = "" };
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	if (!rotate_rename(path, now_ns, name, &err))
		fail_msg("%s", err.text);
}

static void a_name_tells_the_time(void **state)
{
	char name[ROTATE_NAME];

	(void)state;
	rotated("1", NOON + 123 * NS_PER_MS, name);
	assert_string_equal(name + sizeof(folder), "a.json-20261123T120000.123Z");
	rotated("2", NOON + 123 * NS_PER_MS, name);
	assert_string_equal(name + sizeof(folder), "a.json-20261123T120000.124Z");
}

static void a_clock_set_back_does_not_make_the_newest_file_the_oldest(void **state)
{
	char before[ROTATE_NAME], after[ROTATE_NAME], last[ROTATE_NAME];

	(void)state;
	rotated("before", NOON, before);
	rotated("after", NOON - NS_PER_DAY, after);
	assert_true(strcmp(before, after) < 0);
	rotate_prune(path, 1);
	assert_int_equal(access(before, F_OK), -1);
	assert_int_equal(access(after, F_OK), 0);
	assert_true(rotate_pack(after, NULL, NULL));
	rotated("last", NOON - NS_PER_HOUR, last); /* packed ones count as well */
	assert_true(strncmp(after, last, strlen(last)) < 0);
}

static void the_end_of_a_year_is_no_obstacle(void **state)
{
	char before[ROTATE_NAME], after[ROTATE_NAME];

	(void)state;
	rotated("before", UINT64_C(1798761599) * NS_PER_S + 999 * NS_PER_MS, before);
	assert_string_equal(before + sizeof(folder), "a.json-20261231T235959.999Z");
	rotated("after", NOON, after);
	assert_string_equal(after + sizeof(folder), "a.json-20270101T000000.000Z");
}

static void a_packed_file_holds_all_of_the_plain_one(void **state)
{
	char name[ROTATE_NAME], packed[ROTATE_NAME + 4], got[64] = "";
	struct error err = { .text = "" };

	(void)state;
	rotated("a line\nanother\n", NOON, name);
	assert_true(rotate_pack(name, NULL, &err));
	assert_int_equal(access(name, F_OK), -1);
	snprintf(packed, sizeof(packed), "%s.gz", name);
	gzFile gz = gzopen(packed, "rb");
	assert_non_null(gz);
	assert_int_equal(gzread(gz, got, sizeof(got) - 1), 15);
	gzclose(gz);
	assert_string_equal(got, "a line\nanother\n");
}

static void packing_that_is_stopped_leaves_the_plain_file(void **state)
{
	char name[ROTATE_NAME], packed[ROTATE_NAME + 4];
	atomic_bool stop;
	struct error err = { .text = "" };

	(void)state;
	atomic_init(&stop, true);
	rotated("a line\n", NOON, name);
	assert_false(rotate_pack(name, &stop, &err));
	snprintf(packed, sizeof(packed), "%s.gz", name);
	assert_int_equal(access(packed, F_OK), -1);
	assert_int_equal(access(name, F_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_name_tells_the_time, empty_folder),
		cmocka_unit_test_setup(a_clock_set_back_does_not_make_the_newest_file_the_oldest, empty_folder),
		cmocka_unit_test_setup(the_end_of_a_year_is_no_obstacle, empty_folder),
		cmocka_unit_test_setup(a_packed_file_holds_all_of_the_plain_one, empty_folder),
		cmocka_unit_test_setup(packing_that_is_stopped_leaves_the_plain_file, empty_folder),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
