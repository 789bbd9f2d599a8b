/* SPDX-License-Identifier: BSD-2-Clause
 * SMB 2 and 3: what the parser tells of hand-made sessions, that it tells the same however they are cut, and that its
 * tables have a ceiling. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "proto_harness.h"
#include "proto_sweep.h"
#include "smb_wire.h"

enum { SESSION = 0x41, TREE = 5, RESPONSE = 1, ASYNC = 2, RELATED = 4, SIGNED = 8 };
#define MORE	0xc0000016u
#define PENDING 0x103u

/* An exchange under construction: one buffer, cut into steps. */
struct talk {
	struct wire wire;
	struct step steps[64];
	size_t n;
	uint64_t id;
};

static struct talk *talk_new(void)
{
	return calloc(1, sizeof(struct talk));
}

static void say(struct talk *t, enum side side)
{
	frame_end(&t->wire);
	t->steps[t->n++] = (struct step){ side, bytes_of(t->wire.at + t->wire.frame, t->wire.size - t->wire.frame), 0 };
}

static struct wire *ask(struct talk *t, unsigned command, uint32_t tree)
{
	frame_begin(&t->wire);
	smb2_head(&t->wire, (struct smb2){ .command = command, .id = ++t->id, .session = SESSION, .tree = tree });
	return &t->wire;
}

static struct wire *reply(struct talk *t, unsigned command, uint32_t tree, uint32_t status)
{
	frame_begin(&t->wire);
	smb2_head(&t->wire, (struct smb2){ command, t->id, SESSION, tree, status, RESPONSE | SIGNED });
	return &t->wire;
}

static void error_body(struct wire *w)
{
	put(w, 9, 2);
	put(w, 0, 7);
}

static void negotiate(struct talk *t, uint16_t dialect)
{
	struct wire *w = ask(t, 0, 0);
	put(w, 36, 2);
	put(w, 2, 2);
	put(w, 0, 32);
	put(w, 0x0210, 2);
	put(w, 0x0311, 2);
	say(t, CLIENT);
	w = reply(t, 0, 0, 0);
	put(w, 65, 2);
	put(w, 1, 2);
	put(w, dialect, 2);
	put(w, 0, 58);
	say(t, SERVER);
}

static void setup_request(struct talk *t, const char *user, uint8_t flags)
{
	struct wire *w = ask(t, 1, 0);
	put(w, 25, 2);
	put(w, flags, 1);
	put(w, 0, 9);
	put(w, 88, 2);
	size_t at = w->size;
	put(w, 0, 2);
	put(w, 0, 8);
	size_t size = user ? put_ntlm_authenticate(w, user) : put_ntlm_negotiate(w);
	put_at(w, at, size, 2);
	say(t, CLIENT);
}

static void setup_answer(struct talk *t, uint32_t status, uint16_t flags)
{
	struct wire *w = reply(t, 1, 0, status);
	if (status != 0 && status != MORE) {
		error_body(w);
		say(t, SERVER);
		return;
	}
	put(w, 9, 2);
	put(w, flags, 2);
	put(w, 72, 2);
	size_t at = w->size;
	put(w, 0, 2);
	if (status == MORE)
		put_at(w, at, put_ntlm_challenge(w), 2);
	say(t, SERVER);
}

static void logon(struct talk *t, const char *user, uint32_t status, uint16_t flags)
{
	setup_request(t, NULL, 0);
	setup_answer(t, MORE, 0);
	setup_request(t, user, 0);
	setup_answer(t, status, flags);
}

static void tree_connect(struct talk *t, const char *path, unsigned type, uint32_t status)
{
	struct wire *w = ask(t, 3, 0);
	put(w, 9, 2);
	put(w, 0, 2);
	put(w, 72, 2);
	put(w, 2 * strlen(path), 2);
	put_utf16(w, path);
	say(t, CLIENT);
	w = reply(t, 3, status ? 0 : TREE, status);
	if (status) {
		error_body(w);
	} else {
		put(w, 16, 2);
		put(w, type, 2);
		put(w, 0, 12);
	}
	say(t, SERVER);
}

static void create_body(struct wire *w, const char *name, uint32_t access, uint32_t disposition, uint32_t options)
{
	put(w, 57, 2);
	put(w, 0, 22);
	put(w, access, 4);
	put(w, 0, 8);
	put(w, disposition, 4);
	put(w, options, 4);
	put(w, 120, 2);
	put(w, 2 * strlen(name), 2);
	put(w, 0, 8);
	put_utf16(w, name);
}

static void created_body(struct wire *w, uint64_t id, uint32_t action, uint64_t size)
{
	put(w, 89, 2);
	put(w, 0, 2);
	put(w, action, 4);
	put(w, 0, 40);
	put(w, size, 8);
	put(w, 0x20, 4);
	put(w, 0, 4);
	put(w, id, 8);
	put(w, id, 8);
	put(w, 0, 8);
}

static void create(struct talk *t, const char *name, uint64_t id, uint32_t status)
{
	create_body(ask(t, 5, TREE), name, 0x40000000, 5, 0);
	say(t, CLIENT);
	struct wire *w = reply(t, 5, TREE, status);
	if (status)
		error_body(w);
	else
		created_body(w, id, 2, 0);
	say(t, SERVER);
}

static void write_body(struct wire *w, uint64_t id, const void *at, size_t size, uint64_t offset)
{
	put(w, 49, 2);
	put(w, 112, 2);
	put(w, size, 4);
	put(w, offset, 8);
	put(w, id, 8);
	put(w, id, 8);
	put(w, 0, 16);
	put_bytes(w, at, size);
}

static void write_file(struct talk *t, uint64_t id, const void *at, size_t size, uint64_t offset)
{
	write_body(ask(t, 9, TREE), id, at, size, offset);
	say(t, CLIENT);
	struct wire *w = reply(t, 9, TREE, 0);
	put(w, 17, 2);
	put(w, 0, 2);
	put(w, size, 4);
	put(w, 0, 8);
	say(t, SERVER);
}

static void read_file(struct talk *t, uint64_t id, const void *at, size_t size)
{
	struct wire *w = ask(t, 8, TREE);
	put(w, 49, 2);
	put(w, 0, 2);
	put(w, size, 4);
	put(w, 0, 8);
	put(w, id, 8);
	put(w, id, 8);
	put(w, 0, 17);
	say(t, CLIENT);
	w = reply(t, 8, TREE, 0);
	put(w, 17, 2);
	put(w, 80, 2);
	put(w, size, 4);
	put(w, 0, 8);
	put_bytes(w, at, size);
	say(t, SERVER);
}

static void close_body(struct wire *w, uint64_t id)
{
	put(w, 24, 2);
	put(w, 0, 6);
	put(w, id, 8);
	put(w, id, 8);
}

static void close_file(struct talk *t, uint64_t id)
{
	close_body(ask(t, 6, TREE), id);
	say(t, CLIENT);
	struct wire *w = reply(t, 6, TREE, 0);
	put(w, 60, 2);
	put(w, 0, 58);
	say(t, SERVER);
}

static struct harness *run(struct talk *t)
{
	struct harness *h = harness_new(NULL);
	harness_run(h, t->steps, t->n, 0, 0);
	assert_false(harness_malformed(h, CLIENT));
	assert_false(harness_malformed(h, SERVER));
	return h;
}

static const struct record *told(const struct harness *h, const char *command)
{
	for (size_t i = 0; i < harness_count(h); i++)
		if (record_text_is(harness_record(h, i), FIELD_SMB_COMMAND, command))
			return harness_record(h, i);
	return NULL;
}

static size_t count(const struct harness *h, const char *command)
{
	size_t n = 0;
	for (size_t i = 0; i < harness_count(h); i++)
		n += record_text_is(harness_record(h, i), FIELD_SMB_COMMAND, command);
	return n;
}

static void done(struct harness *h, struct talk *t)
{
	harness_free(h);
	free(t);
}

/* ---- sessions ---- */

static void a_session_is_told_with_its_account(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	negotiate(t, 0x0311);
	logon(t, "tanaka", 0, 0);
	tree_connect(t, "\\\\fs1\\share", 1, 0);
	struct harness *h = run(t);
	const struct record *auth = harness_find(h, DATASET_AUTH, 0);
	assert_non_null(auth);
	assert_true(record_text_is(auth, FIELD_USER_NAME, "tanaka"));
	assert_true(record_text_is(auth, FIELD_USER_DOMAIN, "LAB"));
	assert_true(record_text_is(auth, FIELD_AUTH_MECHANISM, "ntlm"));
	assert_true(record_text_is(auth, FIELD_AUTH_CARRIER, "smb"));
	assert_true(record_text_is(auth, FIELD_AUTH_WORKSTATION, "PC11"));
	assert_true(record_text_is(auth, FIELD_NTLM_MESSAGE, "authenticate"));
	assert_true(record_text_is(auth, FIELD_NTLM_TARGET, "LAB"));
	assert_true(record_text_is(auth, FIELD_EVENT_OUTCOME, "success"));
	assert_false(record_has(auth, FIELD_AUTH_ERROR));
	assert_null(harness_find(h, DATASET_AUTH, 1));
	const struct record *r = told(h, "negotiate");
	assert_true(record_text_is(r, FIELD_SMB_VERSION, "3.1.1"));
	assert_true(record_text_is(r, FIELD_SMB_DIALECTS, "2.1"));
	r = told(h, "tree_connect");
	assert_true(record_text_is(r, FIELD_SMB_SHARE, "\\\\fs1\\share"));
	assert_true(record_text_is(r, FIELD_SMB_SHARE_TYPE, "disk"));
	assert_true(record_text_is(r, FIELD_USER_NAME, "tanaka"));
	assert_true(record_text_is(r, FIELD_SMB_STATUS, "STATUS_SUCCESS"));
	assert_string_equal(harness_confirmed(h), "smb");
	done(h, t);
}

static void a_refused_logon_says_why(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	negotiate(t, 0x0210);
	logon(t, "trap", 0xc000015b, 0);
	struct harness *h = run(t);
	const struct record *auth = harness_find(h, DATASET_AUTH, 0);
	assert_true(record_text_is(auth, FIELD_USER_NAME, "trap"));
	assert_true(record_text_is(auth, FIELD_EVENT_OUTCOME, "failure"));
	assert_true(record_text_is(auth, FIELD_AUTH_ERROR, "STATUS_LOGON_TYPE_NOT_GRANTED"));
	assert_true(record_text_is(told(h, "session_setup"), FIELD_SMB_STATUS, "STATUS_LOGON_TYPE_NOT_GRANTED"));
	done(h, t);
}

static void guest_and_encrypted_sessions_are_said(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	negotiate(t, 0x0311);
	logon(t, "x", 0, 1 | 4);
	frame_begin(&t->wire);
	put_bytes(&t->wire, "\xfdSMB", 4);
	put(&t->wire, 0, 40);
	put(&t->wire, SESSION, 8);
	put(&t->wire, 0, 100);
	say(t, CLIENT);
	t->steps[t->n++] = (struct step){ SERVER, t->steps[t->n - 1].bytes, 0 };
	struct harness *h = run(t);
	const struct record *auth = harness_find(h, DATASET_AUTH, 0);
	assert_true(record_text_is(auth, FIELD_SMB_SESSION_FLAGS, "guest"));
	assert_true(record_bool(auth, FIELD_SMB_ENCRYPTED));
	assert_int_equal(count(h, "encrypted"), 1);
	assert_true(record_text_is(told(h, "encrypted"), FIELD_USER_NAME, "x"));
	assert_true(record_bool(told(h, "encrypted"), FIELD_SMB_ENCRYPTED));
	done(h, t);
}

static void a_logon_without_its_end_is_told_as_unknown(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	setup_request(t, NULL, 0);
	setup_answer(t, MORE, 0);
	setup_request(t, "tanaka", 1);
	struct harness *h = run(t);
	const struct record *auth = harness_find(h, DATASET_AUTH, 0);
	assert_true(record_text_is(auth, FIELD_USER_NAME, "tanaka"));
	assert_true(record_text_is(auth, FIELD_EVENT_OUTCOME, "unknown"));
	assert_true(record_text_is(auth, FIELD_SMB_SESSION_FLAGS, "binding"));
	assert_int_equal(harness_record(h, 0)->time_ns, HARNESS_START_NS);
	done(h, t);
}

/* MS-SMB2 section 3.3.5.5.2: nothing but the ids tells which session a further channel belongs to. */
static void a_bound_channel_tells_the_ids_that_all_channels_share(void **state)
{
	static const uint8_t bind[] = { 5, 0, 11, 3, 0x10, 0, 0, 0, 16, 0, 0, 0, 1, 0, 0, 0 };
	(void)state;
	struct talk *t = talk_new();
	negotiate(t, 0x0311);
	setup_request(t, "tanaka", 1);
	setup_answer(t, 0, 0);
	create(t, "a.txt", 9, 0);
	create(t, "svcctl", 10, 0);
	write_file(t, 10, bind, sizeof(bind), 0);
	write_file(t, 11, bind, sizeof(bind), 0); /* opened on the other channel */
	struct harness *h = run(t);
	const struct record *auth = harness_find(h, DATASET_AUTH, 0), *r = told(h, "create");
	assert_int_equal(harness_children(h), 2);
	assert_null(harness_find(h, DATASET_AUTH, 1));
	assert_true(record_text_is(auth, FIELD_SMB_SESSION_FLAGS, "binding"));
	assert_true(record_text_is(auth, FIELD_SMB_SESSION_ID, "0000000000000041"));
	assert_true(record_text_is(r, FIELD_SMB_SESSION_ID, "0000000000000041"));
	assert_int_equal(record_uint(r, FIELD_SMB_TREE_ID), TREE);
	assert_true(record_text_is(r, FIELD_SMB_FILE_ID, "00000000000000090000000000000009"));
	for (size_t i = 0; i < 2; i++) {
		const struct record *common = harness_child_common(h, i);
		assert_true(record_text_is(common, FIELD_SMB_SESSION_ID, "0000000000000041"));
		assert_int_equal(record_uint(common, FIELD_SMB_TREE_ID), TREE);
		assert_true(record_has(common, FIELD_SMB_FILE_ID));
	}
	assert_true(record_text_is(harness_child_common(h, 0), FIELD_SMB_PIPE, "svcctl"));
	done(h, t);
}

static void a_dialect_without_channels_tells_no_ids(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	negotiate(t, 0x0210);
	logon(t, "tanaka", 0, 0);
	create(t, "a.txt", 9, 0);
	struct harness *h = run(t);
	assert_false(record_has(told(h, "create"), FIELD_SMB_SESSION_ID));
	assert_false(record_has(told(h, "create"), FIELD_SMB_FILE_ID));
	done(h, t);
}

static void a_logon_broken_off_after_the_challenge_is_told(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	setup_request(t, NULL, 0);
	setup_answer(t, MORE, 0);
	struct harness *h = run(t);
	const struct record *auth = harness_find(h, DATASET_AUTH, 0);
	assert_true(record_text_is(auth, FIELD_NTLM_MESSAGE, "negotiate"));
	assert_true(record_text_is(auth, FIELD_EVENT_OUTCOME, "unknown"));
	assert_true(record_text_is(told(h, "session_setup"), FIELD_SMB_STATUS, "STATUS_MORE_PROCESSING_REQUIRED"));
	done(h, t);
}

static void a_second_logon_that_fails_leaves_the_account(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	logon(t, "tanaka", 0, 0);
	logon(t, "guess", 0xc000006d, 0);
	tree_connect(t, "\\\\fs1\\share", 1, 0);
	struct harness *h = run(t);
	assert_true(record_text_is(harness_find(h, DATASET_AUTH, 1), FIELD_USER_NAME, "guess"));
	assert_true(record_text_is(told(h, "tree_connect"), FIELD_USER_NAME, "tanaka"));
	done(h, t);
}

/* ---- files ---- */

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

/* ---- pipes ---- */

static void transceive(struct talk *t, uint64_t id, const char *in, const char *out)
{
	struct wire *w = ask(t, 11, TREE);
	put(w, 57, 4);
	put(w, 0x0011c017, 4);
	put(w, id, 8);
	put(w, id, 8);
	put(w, 120, 4);
	put(w, strlen(in), 4);
	put(w, 0, 4);
	put(w, 0, 20);
	put_bytes(w, in, strlen(in));
	say(t, CLIENT);
	w = reply(t, 11, TREE, 0);
	put(w, 49, 4);
	put(w, 0x0011c017, 4);
	put(w, id, 8);
	put(w, id, 8);
	put(w, 112, 4);
	put(w, 0, 4);
	put(w, 112, 4);
	put(w, strlen(out), 4);
	put(w, 0, 8);
	put_bytes(w, out, strlen(out));
	say(t, SERVER);
}

static void pipe_talk(struct talk *t)
{
	logon(t, "tanaka", 0, 0);
	tree_connect(t, "\\\\fs1\\IPC$", 2, 0);
	create(t, "svcctl", 6, 0);
	write_file(t, 6, "bind", 4, 0);
	read_file(t, 6, "ack", 3);
	transceive(t, 6, "request-request-request", "response");
	close_file(t, 6);
}

static void a_pipe_is_a_conversation_of_its_own(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	pipe_talk(t);
	struct harness *h = run(t);
	assert_int_equal(harness_children(h), 1);
	assert_string_equal(harness_child_protocol(h, 0), "dce_rpc");
	assert_false(harness_child_is_open(h, 0));
	assert_true(bytes_equal(harness_child_bytes(h, 0, CLIENT), bytes_string("bindrequest-request-request")));
	assert_true(bytes_equal(harness_child_bytes(h, 0, SERVER), bytes_string("ackresponse")));
	const struct record *common = harness_child_common(h, 0);
	assert_true(record_text_is(common, FIELD_SMB_PIPE, "svcctl"));
	assert_true(record_text_is(common, FIELD_SMB_SHARE, "\\\\fs1\\IPC$"));
	assert_true(record_text_is(common, FIELD_USER_NAME, "tanaka"));
	assert_true(record_text_is(common, FIELD_DCE_RPC_CARRIER, "smb"));
	assert_true(record_text_is(told(h, "create"), FIELD_SMB_PIPE, "svcctl"));
	assert_false(record_has(told(h, "create"), FIELD_FILE_PATH));
	assert_null(told(h, "ioctl"));
	assert_null(told(h, "write"));
	done(h, t);
}

static void another_ioctl_is_told_by_name(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	struct wire *w = ask(t, 11, TREE);
	put(w, 57, 4);
	put(w, 0x00140204, 4);
	put(w, 0, 48);
	say(t, CLIENT);
	error_body(reply(t, 11, TREE, 0xc000000d));
	say(t, SERVER);
	struct harness *h = run(t);
	assert_true(record_text_is(told(h, "ioctl"), FIELD_SMB_FUNCTION, "FSCTL_VALIDATE_NEGOTIATE_INFO"));
	done(h, t);
}

/* ---- loss ---- */

static void a_stream_that_begins_in_the_middle_is_read_from_the_next_frame(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	tree_connect(t, "\\\\fs1\\share", 1, 0);
	create(t, "a.txt", 7, 0);
	struct harness *h = harness_new(NULL);
	harness_set_midstream(h, true);
	harness_feed(h, CLIENT, t->steps[2].bytes, 0, 0);
	harness_feed(h, SERVER, t->steps[3].bytes, 0, 0);
	harness_close(h, ENDED_FIN);
	assert_true(record_text_is(told(h, "create"), FIELD_FILE_PATH, "a.txt"));
	assert_false(record_has(told(h, "create"), FIELD_SMB_SHARE));
	done(h, t);
}

static void after_a_gap_the_next_frame_is_found(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	tree_connect(t, "\\\\fs1\\share", 1, 0);
	create(t, "a.txt", 7, 0);
	struct harness *h = harness_new(NULL);
	harness_feed(h, CLIENT, t->steps[0].bytes, 0, 0);
	harness_feed(h, SERVER, t->steps[1].bytes, 0, 0);
	harness_gap(h, CLIENT, 1000);
	harness_feed(h, CLIENT, bytes_string("rest of something SMB lost"), 0, 0);
	harness_feed(h, CLIENT, t->steps[2].bytes, 5, 0);
	harness_feed(h, SERVER, t->steps[3].bytes, 0, 0);
	harness_close(h, ENDED_FIN);
	assert_true(record_text_is(told(h, "create"), FIELD_FILE_PATH, "a.txt"));
	assert_true(record_text_is(told(h, "create"), FIELD_EVENT_OUTCOME, "success"));
	done(h, t);
}

static void content_that_was_lost_is_no_gap(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	uint8_t big[5000] = "MZ";
	tree_connect(t, "\\\\fs1\\share", 1, 0);
	create(t, "a.exe", 7, 0);
	write_file(t, 7, big, sizeof(big), 0);
	struct harness *h = harness_new(NULL);
	for (size_t i = 0; i < t->n; i++) {
		struct bytes b = t->steps[i].bytes;
		if (i != 4) {
			harness_feed(h, t->steps[i].side, b, 0, 0);
			continue;
		}
		harness_feed(h, CLIENT, bytes_of(b.at, 1000), 0, 0);
		harness_gap(h, CLIENT, b.size - 1000);
	}
	harness_close(h, ENDED_FIN);
	assert_true(record_bool(told(h, "write"), FIELD_FILE_EXECUTABLE));
	assert_int_equal(record_uint(told(h, "write"), FIELD_SMB_WRITE_BYTES), 5000);
	done(h, t);
}

static void a_client_that_sets_the_flag_of_answers_is_read_as_a_client(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	frame_begin(&t->wire);
	smb2_head(&t->wire, (struct smb2){ 5, 1, SESSION, TREE, 0, RESPONSE });
	create_body(&t->wire, "evade.exe", 2, 2, 0);
	say(t, CLIENT);
	struct harness *h = run(t);
	assert_true(record_text_is(told(h, "create"), FIELD_FILE_PATH, "evade.exe"));
	done(h, t);
}

/* ---- limits ---- */

/* Feeds one message many times, with a number in it counted up. */
static struct harness *flood(struct talk *t, size_t n, size_t first, size_t last,
			     void (*change)(struct step *s, size_t i))
{
	struct harness *h = harness_new(NULL);
	for (size_t i = 0; i < first; i++)
		harness_feed(h, t->steps[i].side, t->steps[i].bytes, 0, 0);
	for (size_t i = 0; i < n; i++) {
		for (size_t k = first; k < last; k++) {
			change(&t->steps[k], i);
			harness_feed(h, t->steps[k].side, t->steps[k].bytes, 0, 0);
		}
	}
	return h;
}

static void number(struct step *s, size_t at, size_t i)
{
	uint8_t *b = (uint8_t *)(uintptr_t)s->bytes.at;
	b[4 + at] = (uint8_t)i;
	b[4 + at + 1] = (uint8_t)(i >> 8);
}

static void next_id(struct step *s, size_t i)
{
	number(s, 24, i);
}
static void next_session(struct step *s, size_t i)
{
	number(s, 40, i + 1);
}
static void next_tree(struct step *s, size_t i)
{
	next_id(s, i);
	if (s->side == SERVER)
		number(s, 36, i + 1);
}
static void next_file(struct step *s, size_t i)
{
	next_id(s, i);
	if (s->side == SERVER)
		number(s, 64 + 64, i + 1);
}

static void unanswered_requests_have_a_ceiling(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	create_body(ask(t, 5, TREE), "x", 1, 1, 0);
	say(t, CLIENT);
	struct harness *h = flood(t, 300, 0, 1, next_id);
	assert_int_equal(harness_count(h), 300 - 256); /* those that had to go were told */
	harness_close(h, ENDED_FIN);
	assert_int_equal(harness_count(h), 300);
	done(h, t);
}

static void logons_without_an_answer_have_one_of_their_own(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	setup_request(t, "guess", 0);
	struct harness *h = flood(t, 30, 0, 1, next_id);
	assert_int_equal(count(h, "session_setup"), 30 - 8);
	harness_close(h, ENDED_FIN);
	assert_int_equal(count(h, "session_setup"), 30);
	done(h, t);
}

static void sessions_have_a_ceiling(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	setup_request(t, NULL, 0);
	setup_answer(t, MORE, 0);
	struct harness *h = flood(t, 100, 0, 2, next_session);
	harness_close(h, ENDED_FIN);
	assert_int_equal(count(h, "session_setup"), 100);
	done(h, t);
}

static void trees_have_a_ceiling(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	tree_connect(t, "\\\\fs1\\share", 1, 0);
	struct harness *h = flood(t, 100, 0, 2, next_tree);
	create_body(ask(t, 5, 1), "old.txt", 1, 1, 0); /* tree 1 went long ago */
	say(t, CLIENT);
	create_body(ask(t, 5, 100), "new.txt", 1, 1, 0);
	say(t, CLIENT);
	harness_feed(h, CLIENT, t->steps[2].bytes, 0, 0);
	harness_feed(h, CLIENT, t->steps[3].bytes, 0, 0);
	harness_close(h, ENDED_FIN);
	assert_false(record_has(harness_record(h, 100), FIELD_SMB_SHARE));
	assert_true(record_text_is(harness_record(h, 101), FIELD_SMB_SHARE, "\\\\fs1\\share"));
	done(h, t);
}

static void open_files_have_a_ceiling_and_are_told_when_they_go(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	tree_connect(t, "\\\\fs1\\share", 1, 0);
	create(t, "f.txt", 1, 0);
	write_file(t, 1, "MZ", 2, 0);
	struct harness *h = harness_new(NULL);
	for (size_t i = 0; i < 6; i++)
		harness_feed(h, t->steps[i].side, t->steps[i].bytes, 0, 0);
	assert_int_equal(count(h, "close"), 0);
	for (size_t i = 1; i <= 600 && count(h, "close") == 0; i++) {
		next_file(&t->steps[2], i);
		next_file(&t->steps[3], i);
		harness_feed(h, CLIENT, t->steps[2].bytes, 0, 0);
		harness_feed(h, SERVER, t->steps[3].bytes, 0, 0);
	}
	assert_int_equal(count(h, "close"), 1); /* the oldest went, and said what was written */
	done(h, t);
}

static void a_compound_has_a_ceiling(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	ask(t, 2, 0);
	put(&t->wire, 4, 4);
	for (int i = 0; i < 100; i++) {
		smb2_next(&t->wire, (struct smb2){ 2, ++t->id, SESSION, 0, 0, 0 });
		put(&t->wire, 4, 4);
	}
	say(t, CLIENT);
	struct harness *h = run(t);
	assert_int_equal(count(h, "logoff"), 64);
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

/* ---- sweeps ---- */

static void every_cut_tells_the_same(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	negotiate(t, 0x0300);
	pipe_talk(t);
	create(t, "f.exe", 8, 0);
	write_file(t, 8, "MZ-a program of some size", 25, 0);
	close_file(t, 8);
	sweep_cuts(t->steps, t->n);
	free(t);
}

static void every_truncation_is_survived(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	negotiate(t, 0x0300);
	pipe_talk(t);
	assert_true(sweep_prefixes(t->steps, t->n) >= 5);
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_is_told_with_its_account),
		cmocka_unit_test(a_refused_logon_says_why),
		cmocka_unit_test(guest_and_encrypted_sessions_are_said),
		cmocka_unit_test(a_logon_without_its_end_is_told_as_unknown),
		cmocka_unit_test(a_bound_channel_tells_the_ids_that_all_channels_share),
		cmocka_unit_test(a_dialect_without_channels_tells_no_ids),
		cmocka_unit_test(a_logon_broken_off_after_the_challenge_is_told),
		cmocka_unit_test(a_second_logon_that_fails_leaves_the_account),
		cmocka_unit_test(a_program_written_is_told_once_with_its_first_bytes),
		cmocka_unit_test(reads_are_summed_up_when_the_file_is_closed),
		cmocka_unit_test(a_file_left_open_is_told_at_the_end_of_the_flow),
		cmocka_unit_test(a_write_of_nothing_leaves_the_first_bytes_to_the_next),
		cmocka_unit_test(a_compound_uses_the_file_of_its_create),
		cmocka_unit_test(renaming_and_deleting_name_the_file),
		cmocka_unit_test(a_refused_create_says_so),
		cmocka_unit_test(a_pending_answer_is_waited_for),
		cmocka_unit_test(what_nobody_answers_is_told_at_the_end),
		cmocka_unit_test(a_pipe_is_a_conversation_of_its_own),
		cmocka_unit_test(another_ioctl_is_told_by_name),
		cmocka_unit_test(a_stream_that_begins_in_the_middle_is_read_from_the_next_frame),
		cmocka_unit_test(after_a_gap_the_next_frame_is_found),
		cmocka_unit_test(content_that_was_lost_is_no_gap),
		cmocka_unit_test(a_client_that_sets_the_flag_of_answers_is_read_as_a_client),
		cmocka_unit_test(unanswered_requests_have_a_ceiling),
		cmocka_unit_test(logons_without_an_answer_have_one_of_their_own),
		cmocka_unit_test(sessions_have_a_ceiling),
		cmocka_unit_test(trees_have_a_ceiling),
		cmocka_unit_test(open_files_have_a_ceiling_and_are_told_when_they_go),
		cmocka_unit_test(a_compound_has_a_ceiling),
		cmocka_unit_test(a_long_path_keeps_its_end),
		cmocka_unit_test(every_cut_tells_the_same),
		cmocka_unit_test(every_truncation_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
