/* SPDX-License-Identifier: BSD-2-Clause
 * SMB 2 and 3: named pipes and control codes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/limits.h"
#include "smb2_talk.h"

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

/* The engine keeps so many conversations of a flow; one that had to go and is heard again begins anew. */
static void a_pipe_is_not_lost_behind_many_others(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	tree_connect(t, "\\\\fs1\\IPC$", 2, 0);
	create(t, "svcctl", 6, 0);
	write_file(t, 6, "bind", 4, 0);
	for (unsigned i = 0; i < LIMIT_CHILDREN; i++) {
		create(t, "srvsvc", 100 + i, 0);
		write_file(t, 100 + i, "bind", 4, 0);
	}
	write_file(t, 6, "request", 7, 0);
	struct harness *h = run(t);
	assert_int_equal(harness_children(h), LIMIT_CHILDREN + 2);
	assert_true(record_text_is(harness_child_common(h, LIMIT_CHILDREN + 1), FIELD_SMB_PIPE, "svcctl"));
	assert_true(bytes_equal(harness_child_bytes(h, LIMIT_CHILDREN + 1, CLIENT), bytes_string("request")));
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pipe_is_a_conversation_of_its_own),
		cmocka_unit_test(a_pipe_is_not_lost_behind_many_others),
		cmocka_unit_test(another_ioctl_is_told_by_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
