/* SPDX-License-Identifier: BSD-2-Clause
 * Channels of an SMB 3 session: account, share and file of the first one on the records of the others. */
#include "detect_harness.h"

#define ID "0000040000000041"
#define FIRST "\"source.ip\":\"10.1.10.11\",\"source.port\":50001,\"destination.ip\":\"10.1.100.20\",\"destination.port\":445"
#define SECOND "\"source.ip\":\"10.2.10.11\",\"source.port\":50002,\"destination.ip\":\"10.2.100.20\",\"destination.port\":445"
#define OTHER "\"source.ip\":\"10.1.10.12\",\"source.port\":50003,\"destination.ip\":\"10.1.100.21\",\"destination.port\":445"
#define SESSION ",\"smb.session_id\":\"" ID "\",\"smb.version\":\"3.1.1\",\"event.outcome\":\"success\""
#define TARGET ",\"auth.target\":\"fs1.lab.example\""
#define NTLM TARGET ",\"auth.mechanism\":\"ntlm\",\"user.name\":\"tanaka\",\"user.domain\":\"LAB\""
#define BINDING ",\"smb.session_flags\":[\"binding\"]"
#define TREE ",\"smb.tree_id\":5"
#define FILE_ID ",\"smb.file_id\":\"00000000000000070000000000000007\""
#define AUTH(channel, more) "{\"event.dataset\":\"auth\"," channel SESSION more "}"
#define SMB(channel, command, more) "{\"event.dataset\":\"smb\",\"smb.command\":\"" command "\"," channel SESSION more "}"

static void first_channel(struct bench *b, const char *share, const char *type)
{
	char json[512];

	bench_record(b, 0, AUTH(FIRST, NTLM));
	snprintf(json, sizeof(json), SMB(FIRST, "tree_connect", TREE ",\"smb.share\":\"\\\\\\\\fs1\\\\%s\",\"smb.share_type\":\"%s\""),
		 share, type);
	bench_record(b, 1, json);
}

static void a_bound_channel_has_the_account_share_and_file_of_its_session(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "site:\n  accounts:\n    trap: [tanaka]\n", 8u << 20, true);
	first_channel(&b, "ADMIN$", "disk");
	bench_record(&b, 2, SMB(FIRST, "create", TREE FILE_ID ",\"smb.share\":\"\\\\\\\\fs1\\\\ADMIN$\",\"file.path\":\"Temp\\\\Run.EXE\""));
	bench_record(&b, 3, AUTH(SECOND, BINDING NTLM));
	bench_record(&b, 4, SMB(SECOND, "write", TREE FILE_ID));
	const struct record *r = bench_last(&b, DATASET_SMB);
	assert_true(record_text_is(r, FIELD_USER_NAME, "tanaka"));
	assert_true(record_text_is(r, FIELD_USER_DOMAIN, "LAB"));
	assert_true(record_text_is(r, FIELD_USER_CLASS, "trap"));
	assert_true(record_text_is(r, FIELD_AUTH_ATTRIBUTED_BY, "session"));
	assert_true(record_text_is(r, FIELD_SMB_SHARE, "\\\\fs1\\ADMIN$"));
	assert_true(record_text_is(r, FIELD_SMB_SHARE_TYPE, "disk"));
	assert_true(record_text_is(r, FIELD_FILE_PATH, "Temp\\Run.EXE"));
	assert_true(record_text_is(r, FIELD_FILE_NAME, "Run.EXE"));
	assert_true(record_text_is(r, FIELD_FILE_EXTENSION, "exe"));
	bench_stop(&b);
}

static void the_server_is_known_by_its_name_in_a_ticket_too(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	first_channel(&b, "data", "disk");
	bench_record(&b, 2, AUTH(SECOND, BINDING ",\"auth.mechanism\":\"kerberos\",\"auth.target\":\"cifs/FS1.lab.example@LAB.EXAMPLE\""));
	assert_true(record_text_is(bench_last(&b, DATASET_AUTH), FIELD_USER_NAME, "tanaka"));
	bench_record(&b, 3, SMB(SECOND, "create", TREE ",\"file.path\":\"a.txt\""));
	assert_true(record_text_is(bench_last(&b, DATASET_SMB), FIELD_SMB_SHARE, "\\\\fs1\\data"));
	bench_stop(&b);
}

static void a_create_in_the_share_of_pipes_names_a_pipe(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	first_channel(&b, "IPC$", "pipe");
	bench_record(&b, 2, AUTH(SECOND, BINDING NTLM));
	bench_record(&b, 3, SMB(SECOND, "create", TREE FILE_ID ",\"file.path\":\"svcctl\",\"file.name\":\"svcctl\""));
	const struct record *r = bench_last(&b, DATASET_SMB);
	assert_true(record_text_is(r, FIELD_SMB_PIPE, "svcctl"));
	assert_false(record_has(r, FIELD_FILE_PATH));
	bench_record(&b, 4, "{\"event.dataset\":\"dce_rpc\"," FIRST SESSION TREE FILE_ID "}");
	r = bench_last(&b, DATASET_DCE_RPC);
	assert_true(record_text_is(r, FIELD_SMB_PIPE, "svcctl"));
	assert_true(record_text_is(r, FIELD_USER_NAME, "tanaka"));
	bench_stop(&b);
}

/* Servers count alike: the same id at another one is another session. */
static void the_same_id_at_another_server_is_another_session(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	first_channel(&b, "data", "disk");
	bench_record(&b, 2, SMB(OTHER, "create", TREE ",\"file.path\":\"a.txt\""));
	const struct record *r = bench_last(&b, DATASET_SMB);
	assert_false(record_has(r, FIELD_USER_NAME));
	assert_false(record_has(r, FIELD_SMB_SHARE));
	bench_record(&b, 3, AUTH(OTHER, BINDING ",\"user.name\":\"suzuki\",\"auth.target\":\"fs2.lab.example\""));
	bench_record(&b, 4, SMB(OTHER, "create", TREE ",\"file.path\":\"a.txt\""));
	assert_false(record_has(bench_last(&b, DATASET_SMB), FIELD_SMB_SHARE));
	bench_stop(&b);
}

/* A server that was started anew gives its ids again. */
static void a_later_logon_under_the_same_id_begins_anew(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	first_channel(&b, "data", "disk");
	bench_record(&b, 100, "{\"event.dataset\":\"auth\",\"source.ip\":\"10.1.10.12\",\"source.port\":50009,"
			      "\"destination.ip\":\"10.1.100.20\"" SESSION TARGET ",\"user.name\":\"suzuki\"}");
	bench_record(&b, 101, SMB(FIRST, "create", TREE ",\"file.path\":\"a.txt\""));
	const struct record *r = bench_last(&b, DATASET_SMB);
	assert_true(record_text_is(r, FIELD_USER_NAME, "suzuki"));
	assert_false(record_has(r, FIELD_SMB_SHARE));
	bench_stop(&b);
}

static void a_logon_that_is_refused_binds_nothing(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	first_channel(&b, "data", "disk");
	bench_record(&b, 2, "{\"event.dataset\":\"auth\"," SECOND ",\"smb.session_id\":\"" ID "\",\"event.outcome\":\"failure\"" BINDING NTLM "}");
	bench_record(&b, 3, SMB(SECOND, "create", TREE ",\"file.path\":\"a.txt\""));
	assert_false(record_has(bench_last(&b, DATASET_SMB), FIELD_SMB_SHARE));
	bench_stop(&b);
}

static void what_the_record_says_itself_is_kept(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	first_channel(&b, "data", "disk");
	bench_record(&b, 2, AUTH(SECOND, BINDING NTLM));
	bench_record(&b, 3, SMB(SECOND, "create", TREE ",\"user.name\":\"TANAKA\",\"smb.share\":\"\\\\\\\\fs1\\\\other\",\"file.path\":\"a\""));
	const struct record *r = bench_last(&b, DATASET_SMB);
	assert_true(record_text_is(r, FIELD_USER_NAME, "TANAKA"));
	assert_true(record_text_is(r, FIELD_SMB_SHARE, "\\\\fs1\\other"));
	assert_false(record_has(r, FIELD_AUTH_ATTRIBUTED_BY));
	bench_stop(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bound_channel_has_the_account_share_and_file_of_its_session),
		cmocka_unit_test(the_server_is_known_by_its_name_in_a_ticket_too),
		cmocka_unit_test(a_create_in_the_share_of_pipes_names_a_pipe),
		cmocka_unit_test(the_same_id_at_another_server_is_another_session),
		cmocka_unit_test(a_later_logon_under_the_same_id_begins_anew),
		cmocka_unit_test(a_logon_that_is_refused_binds_nothing),
		cmocka_unit_test(what_the_record_says_itself_is_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
