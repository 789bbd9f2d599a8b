/* SPDX-License-Identifier: BSD-2-Clause
 * SMB 2 and 3: sessions, their accounts, channels and trees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "smb2_talk.h"

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
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
