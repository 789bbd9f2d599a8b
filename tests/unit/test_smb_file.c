/* SPDX-License-Identifier: BSD-2-Clause
 * SMB 2 and 3: files opened, read, written, renamed, deleted; compounds; what nobody answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "smb2_talk.h"

static void a_program_written_is_told_once_with_its_first_bytes(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	uint8_t big[5000] = "MZ\x90";
	logon(t, "tanaka", 0, 0);
	tree_connect(t, "\\\\pc12\\ADMIN$", 1, 0);
	create(t, "temp\\Tool.EXE", 9, 0);
	write_file(t, 9, big, sizeof(big), 0);
	write_file(t, 9, big, sizeof(big), sizeof(big));
	close_file(t, 9);
	struct harness *h = run(t);
	const struct record *r = told(h, "create");
	assert_true(record_text_is(r, FIELD_FILE_PATH, "temp\\Tool.EXE"));
	assert_true(record_text_is(r, FIELD_FILE_NAME, "Tool.EXE"));
	assert_true(record_text_is(r, FIELD_FILE_EXTENSION, "exe"));
	assert_true(record_text_is(r, FIELD_SMB_ACCESS, "write"));
	assert_true(record_text_is(r, FIELD_SMB_DISPOSITION, "overwrite_if"));
	assert_true(record_text_is(r, FIELD_SMB_ACTION, "created"));
	assert_int_equal(count(h, "write"), 1);
	r = told(h, "write");
	assert_true(record_bool(r, FIELD_FILE_EXECUTABLE));
	assert_true(record_text_is(r, FIELD_FILE_MAGIC, "4d5a9000000000000000000000000000"));
	assert_int_equal(record_uint(r, FIELD_SMB_WRITE_BYTES), 5000);
	assert_true(record_text_is(r, FIELD_SMB_SHARE, "\\\\pc12\\ADMIN$"));
	r = told(h, "close");
	assert_int_equal(record_uint(r, FIELD_SMB_WRITE_BYTES), 10000);
	assert_true(record_text_is(r, FIELD_USER_NAME, "tanaka"));
	done(h, t);
}

static void reads_are_summed_up_when_the_file_is_closed(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	uint8_t big[3000] = "text";
	tree_connect(t, "\\\\fs1\\share", 1, 0);
	create(t, "report.docx", 7, 0);
	read_file(t, 7, big, sizeof(big));
	read_file(t, 7, big, sizeof(big));
	close_file(t, 7);
	struct harness *h = run(t);
	assert_int_equal(count(h, "read"), 1);
	assert_int_equal(record_uint(told(h, "read"), FIELD_SMB_READ_BYTES), 6000);
	assert_int_equal(count(h, "close"), 0);
	done(h, t);
}

static void a_file_left_open_is_told_at_the_end_of_the_flow(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	tree_connect(t, "\\\\fs1\\share", 1, 0);
	create(t, "a.bin", 7, 0);
	write_body(ask(t, 9, TREE), 7, "MZ", 2, 0);
	say(t, CLIENT);
	struct harness *h = run(t);
	assert_true(record_text_is(told(h, "write"), FIELD_EVENT_OUTCOME, "unknown"));
	assert_true(record_bool(told(h, "write"), FIELD_FILE_EXECUTABLE));
	done(h, t);
}

static void a_write_of_nothing_leaves_the_first_bytes_to_the_next(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	tree_connect(t, "\\\\fs1\\share", 1, 0);
	create(t, "a.bin", 7, 0);
	write_file(t, 7, "", 0, 0);
	write_file(t, 7, "MZ", 2, 0);
	close_file(t, 7);
	struct harness *h = run(t);
	assert_false(record_has(told(h, "write"), FIELD_FILE_MAGIC));
	assert_true(record_text_is(told(h, "close"), FIELD_FILE_MAGIC, "4d5a"));
	done(h, t);
}

static void a_compound_uses_the_file_of_its_create(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	tree_connect(t, "\\\\fs1\\share", 1, 0);
	create_body(ask(t, 5, TREE), "c.ps1", 0x2, 2, 0);
	smb2_next(&t->wire, (struct smb2){ 9, ++t->id, UINT64_MAX, UINT32_MAX, 0, RELATED });
	write_body(&t->wire, UINT64_MAX, "calc", 4, 0);
	smb2_next(&t->wire, (struct smb2){ 6, ++t->id, UINT64_MAX, UINT32_MAX, 0, RELATED });
	close_body(&t->wire, UINT64_MAX);
	say(t, CLIENT);
	frame_begin(&t->wire);
	smb2_head(&t->wire, (struct smb2){ 5, t->id - 2, SESSION, TREE, 0, RESPONSE });
	created_body(&t->wire, 3, 2, 0);
	smb2_next(&t->wire, (struct smb2){ 9, t->id - 1, SESSION, TREE, 0, RESPONSE | RELATED });
	put(&t->wire, 17, 4);
	put(&t->wire, 4, 4);
	put(&t->wire, 0, 8);
	smb2_next(&t->wire, (struct smb2){ 6, t->id, SESSION, TREE, 0, RESPONSE | RELATED });
	put(&t->wire, 60, 2);
	put(&t->wire, 0, 58);
	say(t, SERVER);
	struct harness *h = run(t);
	const struct record *r = told(h, "write");
	assert_non_null(r);
	assert_true(record_text_is(r, FIELD_FILE_PATH, "c.ps1"));
	assert_int_equal(record_uint(r, FIELD_SMB_WRITE_BYTES), 4);
	assert_non_null(told(h, "close"));
	done(h, t);
}

static void set_info(struct talk *t, unsigned class, const void *at, size_t size)
{
	struct wire *w = ask(t, 0x11, TREE);
	put(w, 33, 2);
	put(w, 1, 1);
	put(w, class, 1);
	put(w, size, 4);
	put(w, 96, 2);
	put(w, 0, 6);
	put(w, 7, 8);
	put(w, 7, 8);
	put_bytes(w, at, size);
	say(t, CLIENT);
	w = reply(t, 0x11, TREE, 0);
	put(w, 2, 2);
	say(t, SERVER);
}

static void renaming_and_deleting_name_the_file(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	static const uint8_t rename_info[] = { 0, 0, 0, 0, 0, 0, 0, 0,	 0, 0,	 0, 0,	 0,
					       0, 0, 0, 6, 0, 0, 0, 'b', 0, '.', 0, 'x', 0 };
	tree_connect(t, "\\\\fs1\\share", 1, 0);
	create(t, "a.txt", 7, 0);
	set_info(t, 10, rename_info, sizeof(rename_info));
	set_info(t, 13, "\1", 1);
	struct harness *h = run(t);
	assert_true(record_text_is(told(h, "rename"), FIELD_FILE_PATH, "a.txt"));
	assert_true(record_text_is(told(h, "rename"), FIELD_SMB_TARGET, "b.x"));
	assert_true(record_text_is(told(h, "delete"), FIELD_FILE_PATH, "a.txt"));
	done(h, t);
}

static void a_refused_create_says_so(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	tree_connect(t, "\\\\pc12\\C$", 1, 0);
	create(t, "secret.kdbx", 0, 0xc0000022);
	struct harness *h = run(t);
	assert_true(record_text_is(told(h, "create"), FIELD_SMB_STATUS, "STATUS_ACCESS_DENIED"));
	assert_true(record_text_is(told(h, "create"), FIELD_EVENT_OUTCOME, "failure"));
	assert_true(record_text_is(told(h, "create"), FIELD_FILE_PATH, "secret.kdbx"));
	done(h, t);
}

static void a_pending_answer_is_waited_for(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	tree_connect(t, "\\\\fs1\\share", 1, 0);
	create_body(ask(t, 5, TREE), "slow.txt", 1, 1, 0x1000);
	say(t, CLIENT);
	frame_begin(&t->wire);
	smb2_head(&t->wire, (struct smb2){ 5, t->id, SESSION, 0, PENDING, RESPONSE | ASYNC });
	error_body(&t->wire);
	say(t, SERVER);
	frame_begin(&t->wire);
	smb2_head(&t->wire, (struct smb2){ 5, t->id, SESSION, 0, 0, RESPONSE | ASYNC });
	created_body(&t->wire, 4, 1, 77);
	say(t, SERVER);
	struct harness *h = run(t);
	assert_int_equal(count(h, "create"), 1);
	assert_true(record_text_is(told(h, "create"), FIELD_SMB_SHARE, "\\\\fs1\\share"));
	assert_int_equal(record_uint(told(h, "create"), FIELD_FILE_SIZE), 77);
	assert_true(record_bool(told(h, "create"), FIELD_SMB_DELETE_ON_CLOSE));
	done(h, t);
}

static void what_nobody_answers_is_told_at_the_end(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	create_body(ask(t, 5, TREE), "lost.txt", 1, 1, 0);
	say(t, CLIENT);
	struct harness *h = run(t);
	assert_int_equal(harness_count(h), 1);
	assert_true(record_text_is(told(h, "create"), FIELD_EVENT_OUTCOME, "unknown"));
	assert_false(record_has(told(h, "create"), FIELD_SMB_STATUS));
	done(h, t);
}

static void a_long_path_keeps_its_end(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	char path[3000];
	memset(path, 'a', sizeof(path));
	memcpy(path + sizeof(path) - 9, "\\evil.exe", 9);
	path[sizeof(path) - 9] = '\\';
	char text[3001];
	memcpy(text, path, sizeof(path));
	text[3000] = '\0';
	create_body(ask(t, 5, TREE), text, 1, 1, 0);
	say(t, CLIENT);
	struct harness *h = run(t);
	assert_true(record_text_is(told(h, "create"), FIELD_FILE_NAME, "evil.exe"));
	assert_int_equal(record_text(told(h, "create"), FIELD_FILE_PATH).size, 1024);
	done(h, t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_program_written_is_told_once_with_its_first_bytes),
		cmocka_unit_test(reads_are_summed_up_when_the_file_is_closed),
		cmocka_unit_test(a_file_left_open_is_told_at_the_end_of_the_flow),
		cmocka_unit_test(a_write_of_nothing_leaves_the_first_bytes_to_the_next),
		cmocka_unit_test(a_compound_uses_the_file_of_its_create),
		cmocka_unit_test(renaming_and_deleting_name_the_file),
		cmocka_unit_test(a_refused_create_says_so),
		cmocka_unit_test(a_pending_answer_is_waited_for),
		cmocka_unit_test(what_nobody_answers_is_told_at_the_end),
		cmocka_unit_test(a_long_path_keeps_its_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
