/* SPDX-License-Identifier: BSD-2-Clause
 * SMB 1 and the NetBIOS session service: logons of both kinds, trees, files, pipes through transactions, AndX chains
 * and their bounds, and that any cut tells the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "proto_sweep.h"
#include "smb_talk.h"

enum { USER = 2048, TREE = 3, FLAGS2 = 0xc000 };

static struct wire *ask(struct talk *t, unsigned command)
{
	frame_begin(&t->wire);
	smb1_head(&t->wire, (struct smb1){ command, 0, false, TREE, 77, USER, ++t->id, FLAGS2 });
	return &t->wire;
}

static struct wire *reply(struct talk *t, unsigned command, uint32_t status)
{
	frame_begin(&t->wire);
	smb1_head(&t->wire, (struct smb1){ command, status, true, TREE, 77, USER, t->id, FLAGS2 });
	if (status && status != 0xc0000016)
		put(&t->wire, 0, 3);
	return &t->wire;
}

/* The count of bytes stands before them; end writes it. */
static size_t bytes_begin(struct wire *w)
{
	put(w, 0, 2);
	return w->size;
}
static void bytes_end(struct wire *w, size_t at)
{
	put_at(w, at - 2, w->size - at, 2);
}

static void even(struct wire *w)
{
	if ((w->size - w->message) % 2)
		put(w, 0, 1);
}

static void put_name(struct wire *w, const char *text)
{
	even(w);
	put_utf16(w, text);
	put(w, 0, 2);
}

static void andx(struct wire *w, unsigned words)
{
	put(w, words, 1);
	put(w, 0xff, 4);
}

static void negotiate(struct talk *t)
{
	struct wire *w = ask(t, 0x72);
	put(w, 0, 1);
	size_t at = bytes_begin(w);
	put(w, 2, 1);
	put_oem(w, "LANMAN1.0");
	put(w, 2, 1);
	put_oem(w, "NT LM 0.12");
	bytes_end(w, at);
	say(t, CLIENT);
	w = reply(t, 0x72, 0);
	put(w, 17, 1);
	put(w, 1, 2);
	put(w, 0, 32);
	put(w, 0, 2);
	say(t, SERVER);
}

static void plain_setup(struct wire *w, const char *user)
{
	andx(w, 13);
	put(w, 0, 10);
	put(w, 24, 2);
	put(w, 24, 2);
	put(w, 0, 8);
	size_t at = bytes_begin(w);
	put(w, 0, 48);
	put_name(w, user);
	put_name(w, "LAB");
	put_name(w, "Windows 5.1");
	bytes_end(w, at);
}

static void plain_logon(struct talk *t, const char *user, uint32_t status, unsigned action)
{
	plain_setup(ask(t, 0x73), user);
	say(t, CLIENT);
	struct wire *w = reply(t, 0x73, status);
	if (!status) {
		andx(w, 3);
		put(w, action, 2);
		put(w, 0, 2);
	}
	say(t, SERVER);
}

static void tree_connect_body(struct wire *w, const char *path)
{
	andx(w, 4);
	put(w, 0, 2);
	put(w, 1, 2);
	size_t at = bytes_begin(w);
	put(w, 0, 1);
	put_name(w, path);
	put_oem(w, "?????");
	bytes_end(w, at);
}

static void tree_connect(struct talk *t, const char *path, const char *service)
{
	tree_connect_body(ask(t, 0x75), path);
	say(t, CLIENT);
	struct wire *w = reply(t, 0x75, 0);
	andx(w, 3);
	put(w, 0, 2);
	size_t at = bytes_begin(w);
	put_oem(w, service);
	bytes_end(w, at);
	say(t, SERVER);
}

static void create(struct talk *t, const char *name, unsigned id, unsigned resource)
{
	struct wire *w = ask(t, 0xa2);
	andx(w, 24);
	put(w, 0, 1);
	put(w, 2 * strlen(name), 2);
	put(w, 0, 8);
	put(w, 0x10002, 4);
	put(w, 0, 16);
	put(w, 2, 4);
	put(w, 0x1000, 4);
	put(w, 0, 5);
	size_t at = bytes_begin(w);
	put_name(w, name);
	bytes_end(w, at);
	say(t, CLIENT);
	w = reply(t, 0xa2, 0);
	andx(w, 34);
	put(w, 0, 1);
	put(w, id, 2);
	put(w, 2, 4);
	put(w, 0, 32);
	put(w, 0x20, 4);
	put(w, 0, 8);
	put(w, 12, 8);
	put(w, resource, 2);
	put(w, 0, 3);
	put(w, 0, 2);
	say(t, SERVER);
}

static void write_file(struct talk *t, unsigned id, const void *at, size_t size)
{
	struct wire *w = ask(t, 0x2f);
	andx(w, 12);
	put(w, id, 2);
	put(w, 0, 14);
	put(w, size, 2);
	put(w, 60, 2);
	put(w, size + 1, 2);
	put(w, 0, 1);
	put_bytes(w, at, size);
	say(t, CLIENT);
	w = reply(t, 0x2f, 0);
	andx(w, 6);
	put(w, size, 2);
	put(w, 0, 6);
	put(w, 0, 2);
	say(t, SERVER);
}

static void read_file(struct talk *t, unsigned id, const void *at, size_t size)
{
	struct wire *w = ask(t, 0x2e);
	andx(w, 10);
	put(w, id, 2);
	put(w, 0, 14);
	put(w, 0, 2);
	say(t, CLIENT);
	w = reply(t, 0x2e, 0);
	andx(w, 12);
	put(w, 0, 6);
	put(w, size, 2);
	put(w, 60, 2);
	put(w, 0, 10);
	put(w, size + 1, 2);
	put(w, 0, 1);
	put_bytes(w, at, size);
	say(t, SERVER);
}

static void transact(struct talk *t, unsigned id, const char *in, const char *out)
{
	struct wire *w = ask(t, 0x25);
	put(w, 16, 1);
	put(w, 0, 22);
	put(w, strlen(in), 2);
	size_t place = w->size;
	put(w, 0, 2);
	put(w, 2, 2);
	put(w, 0x26, 2);
	put(w, id, 2);
	size_t at = bytes_begin(w);
	put_name(w, "\\PIPE\\");
	put_at(w, place, w->size - w->message, 2);
	put_bytes(w, in, strlen(in));
	bytes_end(w, at);
	say(t, CLIENT);
	w = reply(t, 0x25, 0);
	put(w, 10, 1);
	put(w, 0, 2);
	put(w, strlen(out), 2);
	put(w, 0, 8);
	put(w, strlen(out), 2);
	put(w, 55, 2);
	put(w, 0, 4);
	put(w, strlen(out), 2);
	put_bytes(w, out, strlen(out));
	say(t, SERVER);
}

static void named(struct talk *t, unsigned command, const char *a, const char *b)
{
	struct wire *w = ask(t, command);
	put(w, 1, 1);
	put(w, 0, 2);
	size_t at = bytes_begin(w);
	put(w, 4, 1);
	put_name(w, a);
	if (b) {
		put(w, 4, 1);
		put_name(w, b);
	}
	bytes_end(w, at);
	say(t, CLIENT);
	w = reply(t, command, 0);
	put(w, 0, 3);
	say(t, SERVER);
}

static void a_plain_logon_names_the_account(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	negotiate(t);
	plain_logon(t, "sato", 0, 1);
	tree_connect(t, "\\\\pc12\\C$", "A:");
	struct harness *h = run(t);
	const struct record *auth = harness_find(h, DATASET_AUTH, 0);
	assert_true(record_text_is(auth, FIELD_USER_NAME, "sato"));
	assert_true(record_text_is(auth, FIELD_USER_DOMAIN, "LAB"));
	assert_true(record_text_is(auth, FIELD_NTLM_RESPONSE, "v1"));
	assert_true(record_text_is(auth, FIELD_SMB_NATIVE_OS, "Windows 5.1"));
	assert_true(record_text_is(auth, FIELD_SMB_SESSION_FLAGS, "guest"));
	assert_true(record_text_is(told(h, "negotiate"), FIELD_SMB_VERSION, "NT LM 0.12"));
	assert_true(record_text_is(told(h, "negotiate"), FIELD_SMB_DIALECTS, "LANMAN1.0"));
	assert_true(record_text_is(told(h, "tree_connect"), FIELD_SMB_SHARE, "\\\\pc12\\C$"));
	assert_true(record_text_is(told(h, "tree_connect"), FIELD_SMB_SHARE_TYPE, "disk"));
	assert_true(record_text_is(told(h, "tree_connect"), FIELD_USER_NAME, "sato"));
	done(h, t);
}

static void a_refused_logon_says_why(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	plain_logon(t, "trap", 0xc0000072, 0);
	struct harness *h = run(t);
	assert_true(record_text_is(harness_find(h, DATASET_AUTH, 0), FIELD_AUTH_ERROR, "STATUS_ACCOUNT_DISABLED"));
	assert_true(record_text_is(harness_find(h, DATASET_AUTH, 0), FIELD_EVENT_OUTCOME, "failure"));
	done(h, t);
}

static void a_dos_error_is_told_with_its_class(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	plain_setup(ask(t, 0x73), "sato");
	say(t, CLIENT);
	frame_begin(&t->wire);
	smb1_head(&t->wire, (struct smb1){ 0x73, 2 | 5 << 16, true, TREE, 77, USER, t->id, 0 });
	put(&t->wire, 0, 3);
	say(t, SERVER);
	struct harness *h = run(t);
	assert_true(record_text_is(told(h, "session_setup"), FIELD_SMB_STATUS, "DOS_2_5"));
	assert_true(record_text_is(harness_find(h, DATASET_AUTH, 0), FIELD_EVENT_OUTCOME, "failure"));
	done(h, t);
}

static void an_extended_logon_has_two_legs_and_one_record(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	for (int leg = 0; leg < 2; leg++) {
		struct wire *w = ask(t, 0x73);
		andx(w, 12);
		put(w, 0, 10);
		size_t at = w->size;
		put(w, 0, 2);
		put(w, 0, 8);
		size_t begin = bytes_begin(w);
		put_at(w, at, leg ? put_ntlm_authenticate(w, "suzuki") : put_ntlm_negotiate(w), 2);
		put_name(w, "Unix");
		bytes_end(w, begin);
		say(t, CLIENT);
		w = reply(t, 0x73, leg ? 0 : 0xc0000016);
		andx(w, 4);
		put(w, 0, 2);
		at = w->size;
		put(w, 0, 2);
		begin = bytes_begin(w);
		if (!leg)
			put_at(w, at, put_ntlm_challenge(w), 2);
		bytes_end(w, begin);
		say(t, SERVER);
	}
	struct harness *h = run(t);
	assert_true(record_text_is(harness_find(h, DATASET_AUTH, 0), FIELD_USER_NAME, "suzuki"));
	assert_true(record_text_is(harness_find(h, DATASET_AUTH, 0), FIELD_AUTH_TARGET, "LAB"));
	assert_true(record_text_is(harness_find(h, DATASET_AUTH, 0), FIELD_SMB_NATIVE_OS, "Unix"));
	assert_null(harness_find(h, DATASET_AUTH, 1));
	done(h, t);
}

static void a_written_file_is_told_with_its_first_bytes(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	uint8_t big[3000] = "MZ";
	tree_connect(t, "\\\\fs1\\share", "A:");
	create(t, "\\a\\b.Exe", 9, 0);
	write_file(t, 9, big, sizeof(big));
	read_file(t, 9, "text", 4);
	struct harness *h = run(t);
	const struct record *r = told(h, "create");
	assert_true(record_text_is(r, FIELD_FILE_PATH, "a\\b.Exe"));
	assert_true(record_text_is(r, FIELD_SMB_DISPOSITION, "create"));
	assert_true(record_bool(r, FIELD_SMB_DELETE_ON_CLOSE));
	assert_true(record_bool(told(h, "write"), FIELD_FILE_EXECUTABLE));
	assert_int_equal(record_uint(told(h, "close"), FIELD_SMB_WRITE_BYTES), 3000);
	assert_int_equal(record_uint(told(h, "close"), FIELD_SMB_READ_BYTES), 4);
	done(h, t);
}

static void a_pipe_carries_what_is_written_read_and_transacted(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	tree_connect(t, "\\\\fs1\\IPC$", "IPC");
	create(t, "\\samr", 5, 2);
	write_file(t, 5, "bind", 4);
	read_file(t, 5, "ack", 3);
	transact(t, 5, "question", "answer");
	struct harness *h = run(t);
	assert_int_equal(harness_children(h), 1);
	assert_true(bytes_equal(harness_child_bytes(h, 0, CLIENT), bytes_string("bindquestion")));
	assert_true(bytes_equal(harness_child_bytes(h, 0, SERVER), bytes_string("ackanswer")));
	assert_true(record_text_is(harness_child_common(h, 0), FIELD_SMB_PIPE, "samr"));
	assert_true(record_text_is(told(h, "create"), FIELD_SMB_PIPE, "samr"));
	assert_null(told(h, "transaction"));
	done(h, t);
}

static void deleting_and_renaming_name_the_file(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	named(t, 0x06, "\\old.txt", NULL);
	named(t, 0x07, "\\a.txt", "\\b.txt");
	struct harness *h = run(t);
	assert_true(record_text_is(told(h, "delete"), FIELD_FILE_PATH, "old.txt"));
	assert_true(record_text_is(told(h, "rename"), FIELD_FILE_PATH, "a.txt"));
	assert_true(record_text_is(told(h, "rename"), FIELD_SMB_TARGET, "b.txt"));
	done(h, t);
}

static void a_chain_is_followed(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	struct wire *w = ask(t, 0x73);
	size_t first = w->size + 1;
	plain_setup(w, "sato");
	put_at(w, first, 0x75, 1);
	put_at(w, first + 2, w->size - w->message, 2);
	tree_connect_body(w, "\\\\fs1\\share");
	say(t, CLIENT);
	w = reply(t, 0x73, 0);
	first = w->size + 1;
	andx(w, 3);
	put(w, 0, 2);
	put(w, 0, 2);
	put_at(w, first, 0x75, 1);
	put_at(w, first + 2, w->size - w->message, 2);
	andx(w, 3);
	put(w, 0, 2);
	size_t at = bytes_begin(w);
	put_oem(w, "A:");
	bytes_end(w, at);
	say(t, SERVER);
	struct harness *h = run(t);
	assert_true(record_text_is(told(h, "session_setup"), FIELD_USER_NAME, "sato"));
	assert_true(record_text_is(told(h, "tree_connect"), FIELD_SMB_SHARE, "\\\\fs1\\share"));
	assert_true(record_text_is(told(h, "tree_connect"), FIELD_USER_NAME, "sato"));
	done(h, t);
}

static void a_chain_that_goes_back_ends(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	struct wire *w = ask(t, 0x75);
	size_t first = w->size + 1;
	tree_connect_body(w, "\\\\fs1\\share");
	put_at(w, first, 0x75, 1);
	put_at(w, first + 2, 32, 2);
	say(t, CLIENT);
	struct harness *h = run(t);
	assert_int_equal(harness_count(h), 1);
	done(h, t);
}

static void a_chain_has_a_ceiling(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	struct wire *w = ask(t, 0x74);
	for (int i = 0; i < 20; i++) {
		put(w, 2, 1);
		put(w, 0x74, 2);
		put(w, w->size - w->message + 4, 2);
		put(w, 0, 2);
	}
	say(t, CLIENT);
	struct harness *h = run(t);
	assert_int_equal(harness_count(h), 8);
	done(h, t);
}

static void a_netbios_session_names_both_hosts(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	struct wire *w = &t->wire;
	frame_begin(w);
	put(w, 32, 1);
	put_bytes(w, "EGFDDBCACACACACACACACACACACACACA", 32);
	put(w, 0, 1);
	put(w, 32, 1);
	put_bytes(w, "FAEDDBDBCACACACACACACACACACACAAA", 32);
	put(w, 0, 1);
	say(t, CLIENT);
	w->at[w->frame] = 0x81;
	frame_begin(w);
	say(t, SERVER);
	w->at[w->frame] = 0x82;
	negotiate(t);
	struct harness *h = run(t);
	assert_true(record_text_is(told(h, "session_request"), FIELD_SMB_CALLED, "FS1"));
	assert_true(record_text_is(told(h, "session_request"), FIELD_SMB_CALLING, "PC11"));
	assert_non_null(told(h, "negotiate"));
	done(h, t);
}

static void an_answer_with_another_process_number_is_paired(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	tree_connect_body(ask(t, 0x75), "\\\\fs1\\share");
	say(t, CLIENT);
	frame_begin(&t->wire);
	smb1_head(&t->wire, (struct smb1){ 0x75, 0, true, TREE, 1, USER, t->id, FLAGS2 });
	andx(&t->wire, 3);
	put(&t->wire, 0, 4);
	say(t, SERVER);
	struct harness *h = run(t);
	assert_int_equal(harness_count(h), 1);
	assert_true(record_text_is(told(h, "tree_connect"), FIELD_SMB_SHARE, "\\\\fs1\\share"));
	done(h, t);
}

static void whole_talk(struct talk *t)
{
	negotiate(t);
	plain_logon(t, "sato", 0, 0);
	tree_connect(t, "\\\\fs1\\IPC$", "IPC");
	create(t, "\\samr", 5, 2);
	write_file(t, 5, "bind", 4);
	read_file(t, 5, "ack", 3);
	transact(t, 5, "question", "answer");
	named(t, 0x06, "\\old.txt", NULL);
}

static void every_cut_tells_the_same(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	whole_talk(t);
	sweep_cuts(t->steps, t->n);
	free(t);
}

static void every_truncation_is_survived(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	whole_talk(t);
	assert_true(sweep_prefixes(t->steps, t->n) >= 5);
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_logon_names_the_account),
		cmocka_unit_test(a_refused_logon_says_why),
		cmocka_unit_test(a_dos_error_is_told_with_its_class),
		cmocka_unit_test(an_extended_logon_has_two_legs_and_one_record),
		cmocka_unit_test(a_written_file_is_told_with_its_first_bytes),
		cmocka_unit_test(a_pipe_carries_what_is_written_read_and_transacted),
		cmocka_unit_test(deleting_and_renaming_name_the_file),
		cmocka_unit_test(a_chain_is_followed),
		cmocka_unit_test(a_chain_that_goes_back_ends),
		cmocka_unit_test(a_chain_has_a_ceiling),
		cmocka_unit_test(a_netbios_session_names_both_hosts),
		cmocka_unit_test(an_answer_with_another_process_number_is_paired),
		cmocka_unit_test(every_cut_tells_the_same),
		cmocka_unit_test(every_truncation_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
