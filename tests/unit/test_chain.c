/* SPDX-License-Identifier: BSD-2-Clause
 * The chain of a file: an edited, cut, moved, removed or added line is found, with the key even where every hash was made
 * anew; it goes on over restart, crash and a new file. What `sensord verify` says is asked of the program itself in
 * tests/drivers/verify.sh. */
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

#include "output/chain.h"

static char folder[] = "chain-XXXXXX";
static char path[64];
static unsigned noted;

static void tell(void *context, enum output_event event, uint64_t count, const char *detail)
{
	(void)context;
	(void)count;
	assert_int_equal(event, OUTPUT_NOTED);
	assert_non_null(strstr(detail, "another machine"));
	noted++;
}
static const struct teller teller = { tell, NULL };

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
	noted = 0;
	return 0;
}

static int remove_folder(void **state)
{
	empty_folder(state);
	return rmdir(folder);
}

static struct chain *open_chain(void)
{
	struct error err = { .text = "" };
	struct chain *c = chain_open(path, &teller, &err);

	if (!c)
		fail_msg("%s", err.text);
	return c;
}

static const char *seal(struct chain *c, const char *line)
{
	static char room[1000];
	struct text t = TEXT_ON(room);
	struct error err = { .text = "" };

	if (!chain_seal(c, bytes_string(line), &t, &err))
		fail_msg("%s", err.text);
	return text_end(&t);
}

static void append(const char *line)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);

	assert_int_equal(write(fd, line, strlen(line)), strlen(line));
	assert_int_equal(write(fd, "\n", 1), 1);
	close(fd);
}

static struct chain_member member(const char *line)
{
	struct chain_member m;

	assert_true(chain_read(bytes_string(line), &m));
	return m;
}

static void first_key(uint8_t key[CHAIN_HASH])
{
	char name[80], text[80];
	int fd;

	snprintf(name, sizeof(name), "%s.key", path);
	fd = open(name, O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(read(fd, text, sizeof(text)), 65);
	close(fd);
	assert_true(chain_key_parse(bytes_of(text, 64), key));
}

static void a_link_can_be_checked_with_the_first_key(void **state)
{
	struct chain *c = open_chain();
	uint8_t key[CHAIN_HASH], prev[CHAIN_HASH] = { 0 }, hash[CHAIN_HASH], mac[CHAIN_HASH];

	(void)state;
	first_key(key);
	assert_int_equal(noted, 1);
	for (unsigned i = 1; i <= 5; i++) {
		const char *line = seal(c, "{\"a\":\"x\"}");
		struct chain_member m = member(line);
		assert_memory_equal(line, "{\"a\":\"x\",\"chain\":{\"seq\":", 24);
		assert_int_equal(m.seq, i);
		assert_int_equal(m.has_prev, i == 1);
		assert_int_equal(m.at, 8);
		chain_hash(prev, i, bytes_of(line, m.at), hash);
		chain_mac(key, hash, mac);
		assert_memory_equal(m.hash, hash, CHAIN_HASH);
		assert_memory_equal(m.mac, mac, CHAIN_HASH);
		memcpy(prev, hash, CHAIN_HASH);
		chain_next_key(key);
	}
	chain_close(c);
}

static void only_its_owner_reads_key_and_state(void **state)
{
	struct stat st;
	char name[80];

	(void)state;
	chain_close(open_chain());
	snprintf(name, sizeof(name), "%s.key", path);
	assert_int_equal(stat(name, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0400);
	snprintf(name, sizeof(name), "%s.chain", path);
	assert_int_equal(stat(name, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void the_first_key_is_not_kept(void **state)
{
	struct chain *c = open_chain();
	uint8_t key[CHAIN_HASH], room[CHAIN_STATE];
	char name[80];

	(void)state;
	first_key(key);
	append(seal(c, "{\"a\":1}"));
	chain_keep(c, 1, false);
	snprintf(name, sizeof(name), "%s.chain", path);
	int fd = open(name, O_RDONLY);
	assert_int_equal(read(fd, room, sizeof(room)), CHAIN_STATE);
	close(fd);
	for (size_t i = 0; i + CHAIN_HASH <= sizeof(room); i++)
		assert_memory_not_equal(room + i, key, CHAIN_HASH);
	chain_close(c);
}

static void what_was_not_written_is_sealed_again_alike(void **state)
{
	struct chain *c = open_chain();
	char first[1000];

	(void)state;
	snprintf(first, sizeof(first), "%s", seal(c, "{\"a\":1}"));
	(void)seal(c, "{\"a\":2}");
	chain_back(c);
	assert_string_equal(seal(c, "{\"a\":1}"), first);
	chain_close(c);
}

static void what_was_written_of_several_is_not_sealed_again(void **state)
{
	struct chain *c = open_chain();
	char second[1000];

	(void)state;
	(void)seal(c, "{\"a\":1}");
	snprintf(second, sizeof(second), "%s", seal(c, "{\"a\":2}"));
	(void)seal(c, "{\"a\":3}");
	chain_keep(c, 1, false);
	chain_back(c);
	assert_string_equal(seal(c, "{\"a\":2}"), second);
	chain_close(c);
	c = open_chain();
	assert_int_equal(member(seal(c, "{\"a\":2}")).seq, 2);
	chain_close(c);
}

static void only_so_many_lines_may_wait(void **state)
{
	struct chain *c = open_chain();
	char room[1000];
	struct text t = TEXT_ON(room);
	struct error err;

	(void)state;
	for (unsigned i = 0; i < CHAIN_UNKEPT; i++)
		(void)seal(c, "{\"a\":1}");
	assert_false(chain_seal(c, bytes_string("{\"a\":1}"), &t, &err));
	chain_keep(c, CHAIN_UNKEPT, false);
	assert_int_equal(member(seal(c, "{\"a\":1}")).seq, CHAIN_UNKEPT + 1);
	chain_close(c);
}

static void a_restart_and_a_new_file_go_on(void **state)
{
	struct chain *c = open_chain();

	(void)state;
	struct chain_member one = member(seal(c, "{\"a\":1}"));
	chain_keep(c, 1, false);
	chain_close(c);
	c = open_chain();
	struct chain_member two = member(seal(c, "{\"a\":2}"));
	assert_int_equal(two.seq, 2);
	assert_true(two.has_prev);
	assert_memory_equal(two.prev, one.hash, CHAIN_HASH);
	assert_false(member(seal(c, "{\"a\":3}")).has_prev);
	chain_keep(c, 2, false);
	chain_new_file(c);
	assert_true(member(seal(c, "{\"a\":4}")).has_prev);
	chain_close(c);
	assert_int_equal(noted, 1);
}

static void lines_that_a_crash_left_before_the_state_are_taken(void **state)
{
	struct chain *c = open_chain();

	(void)state;
	append(seal(c, "{\"a\":1}"));
	chain_keep(c, 1, false);
	append(seal(c, "{\"a\":2}"));
	append(seal(c, "{\"a\":3}"));
	chain_close(c); /* not kept */
	append("{\"a\":4,\"chain\":{\"seq\":4,\"hash\":\"00\",\"mac\":\"00\"}}");
	c = open_chain();
	assert_int_equal(member(seal(c, "{\"a\":4}")).seq, 4);
	chain_close(c);
}

static void a_missing_or_damaged_state_is_said(void **state)
{
	struct error err = { .text = "" };
	char name[80];

	(void)state;
	chain_close(open_chain());
	snprintf(name, sizeof(name), "%s.chain", path);
	assert_int_equal(truncate(name, 50), 0);
	assert_null(chain_open(path, &teller, &err));
	assert_non_null(strstr(err.text, "damaged"));
	unlink(name);
	assert_null(chain_open(path, &teller, &err));
	assert_non_null(strstr(err.text, "older chain"));
}

static void two_programs_do_not_write_one(void **state)
{
	struct chain *c = open_chain();
	struct error err = { .text = "" };

	(void)state;
	assert_null(chain_open(path, &teller, &err));
	assert_non_null(strstr(err.text, "another sensord"));
	chain_close(c);
}

static void what_is_no_member_is_not_read_as_one(void **state)
{
	static const char *const lines[] = {
		"", "{}", "{\"a\":1}", "{\"a\":1,\"chain\":{\"seq\":1}}", "{\"a\":1,\"chain\":{\"seq\":,\"hash\":\"\",\"mac\":\"\"}}",
		"{\"a\":1,\"chain\":{\"seq\":99999999999999999999,\"hash\":\"",
	};
	struct chain *c = open_chain();
	struct chain_member m;
	const char *whole = seal(c, "{\"a\":1}");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		assert_false(chain_read(bytes_string(lines[i]), &m));
	for (size_t i = 0; i < strlen(whole); i++)
		assert_false(chain_read(bytes_of(whole, i), &m));
	chain_close(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_link_can_be_checked_with_the_first_key, empty_folder),
		cmocka_unit_test_setup(only_its_owner_reads_key_and_state, empty_folder),
		cmocka_unit_test_setup(the_first_key_is_not_kept, empty_folder),
		cmocka_unit_test_setup(what_was_not_written_is_sealed_again_alike, empty_folder),
		cmocka_unit_test_setup(what_was_written_of_several_is_not_sealed_again, empty_folder),
		cmocka_unit_test_setup(only_so_many_lines_may_wait, empty_folder),
		cmocka_unit_test_setup(a_restart_and_a_new_file_go_on, empty_folder),
		cmocka_unit_test_setup(lines_that_a_crash_left_before_the_state_are_taken, empty_folder),
		cmocka_unit_test_setup(a_missing_or_damaged_state_is_said, empty_folder),
		cmocka_unit_test_setup(two_programs_do_not_write_one, empty_folder),
		cmocka_unit_test_setup(what_is_no_member_is_not_read_as_one, empty_folder),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
