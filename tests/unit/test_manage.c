/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/attributes.h"
#include "proto_assert.h"
#include "proto_sweep.h"
#include "names_sample.h"

#define TLS_FOLLOWS SAY(CLIENT, "SSH-2.0-x\r\n") /* any protocol that probing knows by its first line */

static void an_ftp_logon_is_told_without_its_password(void **state)
{
	const struct step steps[] = {
		SAY(SERVER, "220 FTP ready\r\n"), SAY(CLIENT, "USER suzuki\r\n"), SAY(SERVER, "331 password please\r\n"),
		SAY(CLIENT, "PASS s3cret-word\r\n"), SAY(SERVER, "530 Login incorrect.\r\n"), SAY(CLIENT, "USER admin\r\n"),
		SAY(SERVER, "331 password please\r\n"), SAY(CLIENT, "PASS s3cret-word\r\n"), SAY(SERVER, "230 welcome\r\n"),
	};
	(void)state;
	struct harness *h = PLAY(steps, 21);
	const struct record *r = harness_find(h, DATASET_AUTH, 0);
	assert_text(r, FIELD_USER_NAME, "suzuki");
	assert_text(r, FIELD_EVENT_OUTCOME, "failure");
	assert_text(r, FIELD_AUTH_ERROR, "530");
	assert_text(r, FIELD_AUTH_CARRIER, "ftp");
	r = harness_find(h, DATASET_AUTH, 1);
	assert_text(r, FIELD_USER_NAME, "admin");
	assert_text(r, FIELD_EVENT_OUTCOME, "success");
	assert_null(strstr(harness_text(h), "s3cret"));
	assert_string_equal(harness_confirmed(h), "ftp");
	harness_free(h);
	sweep_cuts(steps, ARRAY_SIZE(steps));
	assert_int_equal(sweep_prefixes(steps, ARRAY_SIZE(steps)), 2);
}

static void logons_at_mail_servers_are_told_without_their_passwords(void **state)
{
	/* AHN2Y19vbGQAczNjcmV0: zero, svc_old, zero, s3cret; c3ZjX29sZA==: svc_old; czNjcmV0: s3cret */
	static const struct {
		struct step steps[8];
		size_t n;
		const char *carrier, *outcome, *error;
	} cases[] = {
		{ { SAY(SERVER, "+OK pop\r\n"), SAY(CLIENT, "USER svc_old\r\n"), SAY(SERVER, "+OK\r\n"), SAY(CLIENT, "PASS s3cret\r\n"),
		    SAY(SERVER, "-ERR no\r\n") }, 5, "pop3", "failure", "-ERR" },
		{ { SAY(SERVER, "+OK pop\r\n"), SAY(CLIENT, "APOP svc_old c4c9334bac560ecc979e58001b3e22fb\r\n"), SAY(SERVER, "+OK\r\n") }, 3,
		  "pop3", "success", NULL },
		{ { SAY(SERVER, "* OK imap\r\n"), SAY(CLIENT, "a1 LOGIN \"svc_old\" \"s3cret\"\r\n"), SAY(SERVER, "* CAPABILITY X\r\na1 NO no\r\n") },
		  3, "imap", "failure", "NO" },
		{ { SAY(SERVER, "* OK imap\r\n"), SAY(CLIENT, "a1 login svc_old s3cret\r\n"), SAY(SERVER, "a1 OK hello\r\n") }, 3, "imap",
		  "success", NULL },
		{ { SAY(SERVER, "220 mx ESMTP\r\n"), SAY(CLIENT, "AUTH PLAIN AHN2Y19vbGQAczNjcmV0\r\n"), SAY(SERVER, "535 5.7.8 no\r\n") }, 3,
		  "smtp", "failure", "535" },
		{ { SAY(SERVER, "220 mx ESMTP\r\n"), SAY(CLIENT, "AUTH PLAIN\r\n"), SAY(SERVER, "334 \r\n"), SAY(CLIENT, "AHN2Y19vbGQAczNjcmV0\r\n"),
		    SAY(SERVER, "235 ok\r\n") }, 5, "smtp", "success", NULL },
		{ { SAY(SERVER, "220 mx ESMTP\r\n"), SAY(CLIENT, "AUTH LOGIN\r\n"), SAY(SERVER, "334 VXNlcm5hbWU6\r\n"), SAY(CLIENT, "c3ZjX29sZA==\r\n"),
		    SAY(SERVER, "334 UGFzc3dvcmQ6\r\n"), SAY(CLIENT, "czNjcmV0\r\n"), SAY(SERVER, "235 ok\r\n") }, 7, "smtp", "success", NULL },
		{ { SAY(SERVER, "220 mx ESMTP\r\n"), SAY(CLIENT, "AUTH PLAIN AHN2Y19vbGQAczNjcmV0\r\n") }, 2, "smtp", "unknown", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct harness *h = harness_new(NULL);
		harness_run(h, cases[i].steps, cases[i].n, 0, 0);
		const struct record *r = harness_find(h, DATASET_AUTH, 0);
		assert_non_null(r);
		assert_text(r, FIELD_USER_NAME, "svc_old");
		assert_text(r, FIELD_AUTH_CARRIER, cases[i].carrier);
		assert_text(r, FIELD_EVENT_OUTCOME, cases[i].outcome);
		if (cases[i].error)
			assert_text(r, FIELD_AUTH_ERROR, cases[i].error);
		assert_null(harness_find(h, DATASET_AUTH, 1));
		harness_free(h);
		assert_true(harness_same_however_cut(NULL, cases[i].steps, cases[i].n, NULL));
		harness_truncate(NULL, cases[i].steps, cases[i].n);
	}
}

/* Greetings need not name their protocol (RFC 959 section 5.4), and many do not. */
static void a_greeting_that_names_nothing_is_told_by_its_port(void **state)
{
	const struct step steps[] = {
		SAY(SERVER, "220-####################################################################\r\n220 Private system\r\n"),
		SAY(CLIENT, "USER suzuki\r\n"), SAY(SERVER, "331 password please\r\n"), SAY(CLIENT, "PASS s3cret-word\r\n"),
		SAY(SERVER, "230 welcome\r\n"),
	};
	const struct step filezilla[] = { SAY(SERVER, "220-FileZilla Server 0.9.60 beta\r\n"), SAY(CLIENT, "USER suzuki\r\n") };
	(void)state;
	struct harness *h = PLAY(steps, 21);
	assert_string_equal(harness_confirmed(h), "ftp");
	assert_text(harness_find(h, DATASET_AUTH, 0), FIELD_USER_NAME, "suzuki");
	assert_text(harness_find(h, DATASET_AUTH, 0), FIELD_EVENT_OUTCOME, "success");
	harness_free(h);
	h = PLAY(steps, 25);
	assert_string_equal(harness_confirmed(h), "smtp");
	harness_free(h);
	h = PLAY(steps, 1234);
	assert_null(harness_confirmed(h));
	harness_free(h);
	h = PLAY(filezilla, 1234);
	assert_string_equal(harness_confirmed(h), "ftp");
	harness_free(h);
}

static void each_of_them_turns_to_tls_where_the_server_agrees(void **state)
{
	const struct { struct step steps[5]; const char *name; bool agreed; } cases[] = {
		{ { SAY(SERVER, "220 FTP ready\r\n"), SAY(CLIENT, "AUTH TLS\r\n"), SAY(SERVER, "234 ok\r\n"), TLS_FOLLOWS }, "ftp", true },
		{ { SAY(SERVER, "220 FTP ready\r\n"), SAY(CLIENT, "AUTH TLS\r\n"), SAY(SERVER, "534 no\r\n"), SAY(CLIENT, "QUIT\r\n") }, "ftp", false },
		{ { SAY(SERVER, "220 mx ESMTP\r\n"), SAY(CLIENT, "EHLO x\r\nSTARTTLS\r\n"), SAY(SERVER, "250-mx\r\n250 STARTTLS\r\n220 go\r\n"), TLS_FOLLOWS }, "smtp", true },
		{ { SAY(SERVER, "220 mx ESMTP\r\n"), SAY(CLIENT, "STARTTLS\r\n"), SAY(SERVER, "454 no\r\n"), SAY(CLIENT, "QUIT\r\n") }, "smtp", false },
		{ { SAY(SERVER, "+OK ready\r\n"), SAY(CLIENT, "STLS\r\n"), SAY(SERVER, "+OK go\r\n"), TLS_FOLLOWS }, "pop3", true },
		{ { SAY(SERVER, "* OK ready\r\n"), SAY(CLIENT, "a1 STARTTLS\r\n"), SAY(SERVER, "a1 OK go\r\n"), TLS_FOLLOWS }, "imap", true },
		{ { SAY(SERVER, "* OK ready\r\n"), SAY(CLIENT, "a1 STARTTLS\r\n"), SAY(SERVER, "a1 BAD no\r\n"), SAY(CLIENT, "a2 LOGOUT\r\n") }, "imap", false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct harness *h = play(cases[i].steps, 4, 1234, false);
		assert_string_equal(harness_confirmed(h), cases[i].name);
		assert_int_equal(harness_handed_over(h), cases[i].agreed);
		assert_string_equal(harness_protocol(h), cases[i].agreed ? "ssh" : cases[i].name);
		harness_free(h);
		sweep_cuts(cases[i].steps, 4);
		sweep_prefixes(cases[i].steps, 4);
	}
}

static void a_telnet_logon_is_told_with_what_the_server_says(void **state)
{
	const struct step steps[] = {
		SAY(SERVER, "\xff\xfd\x18\xff\xfd\x20\xff\xfb\x01"),
		SAY(CLIENT, "\xff\xfb\x18\xff\xfa\x18\x00xterm\xff\xf0"),
		SAY(SERVER, "srv1 login: "), SAY(CLIENT, "suzx\x7fuki\r\n"), SAY(SERVER, "suzuki\r\nPassword: "),
		SAY(CLIENT, "s3cret-word\r\n"), SAY(SERVER, "\r\nLogin incorrect\r\nsrv1 login: "), SAY(CLIENT, "admin\r\n"),
		SAY(SERVER, "Password: "), SAY(CLIENT, "s3cret-word\r\n"),
		SAY(SERVER, "\xff\xfa\x18 a\xff\xff\xf0 failed \xff\xf0\r\nLast login: Monday\r\n[admin@srv1]$ "),
	};
	(void)state;
	struct harness *h = PLAY(steps, 23);
	const struct record *r = harness_find(h, DATASET_AUTH, 0);
	assert_text(r, FIELD_USER_NAME, "suzuki");
	assert_text(r, FIELD_EVENT_OUTCOME, "failure");
	assert_text(r, FIELD_AUTH_CARRIER, "telnet");
	r = harness_find(h, DATASET_AUTH, 1);
	assert_text(r, FIELD_USER_NAME, "admin");
	assert_text(r, FIELD_EVENT_OUTCOME, "success");
	assert_null(harness_find(h, DATASET_AUTH, 2));
	assert_null(strstr(harness_text(h), "s3cret"));
	assert_string_equal(harness_confirmed(h), "telnet");
	harness_free(h);
	sweep_cuts(steps, ARRAY_SIZE(steps));
	assert_int_equal(sweep_prefixes(steps, ARRAY_SIZE(steps)), 2);
}

static void vnc_is_known_by_its_version(void **state)
{
	const struct step steps[] = { SAY(SERVER, "RFB 003.008\n"), SAY(CLIENT, "RFB 003.008\n") };
	(void)state;
	struct harness *h = PLAY(steps, 5900);
	assert_string_equal(harness_confirmed(h), "vnc");
	harness_free(h);
}

static void a_community_is_told_once_and_never_shown(void **state)
{
	const struct step answered[] = { SAY(CLIENT, SNMP_GET), SAY(SERVER, SNMP_RESPONSE), SAY(CLIENT, SNMP_GET) };
	const struct step silent[] = { SAY(CLIENT, SNMP_GET), SAY(CLIENT, SNMP_GET) };
	const struct step version3[] = { SAY(CLIENT, SNMP_V3) };
	(void)state;
	struct harness *h = PLAY_DATAGRAMS(answered, 161);
	assert_int_equal(harness_count(h), 1);
	assert_text(harness_find(h, DATASET_AUTH, 0), FIELD_AUTH_MECHANISM, "snmp-community");
	assert_text(harness_find(h, DATASET_AUTH, 0), FIELD_EVENT_OUTCOME, "success");
	assert_null(strstr(harness_text(h), "s3cret"));
	harness_free(h);
	h = PLAY_DATAGRAMS(silent, 161);
	assert_int_equal(harness_count(h), 1);
	assert_text(harness_find(h, DATASET_AUTH, 0), FIELD_EVENT_OUTCOME, "unknown");
	harness_free(h);
	h = PLAY_DATAGRAMS(version3, 161);
	assert_int_equal(harness_count(h), 0);
	assert_string_equal(harness_confirmed(h), "snmp");
	harness_free(h);
}

static const char create[] =
	"<s:Envelope><s:Header><a:To>http://srv1:5985/wsman</a:To><w:ResourceURI s:mustUnderstand=\"true\">"
	"http://schemas.microsoft.com/wbem/wsman/1/windows/shell/cmd</w:ResourceURI><a:Action s:mustUnderstand=\"true\">"
	"http://schemas.xmlsoap.org/ws/2004/09/transfer/Create</a:Action></s:Header></s:Envelope>";

static void winrm_in_clear_tells_action_and_resource(void **state)
{
	char request[1024];
	int size = snprintf(request, sizeof(request),
			    "POST /wsman HTTP/1.1\r\nHost: srv1:5985\r\nAuthorization: Basic c3V6dWtpOnMzY3JldC13b3Jk\r\n"
			    "Content-Type: application/soap+xml;charset=UTF-8\r\nContent-Length: %zu\r\n\r\n%s",
			    sizeof(create) - 1, create);
	const struct step steps[] = { { CLIENT, bytes_of(request, (size_t)size), 0 },
				      SAY(SERVER, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") };
	(void)state;
	struct harness *h = PLAY(steps, 5985);
	const struct record *r = harness_find(h, DATASET_WINRM, 0);
	assert_text(r, FIELD_WINRM_ACTION, "Create");
	assert_text(r, FIELD_WINRM_RESOURCE, "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/cmd");
	assert_text(r, FIELD_WINRM_ENCRYPTED, "false");
	assert_text(r, FIELD_USER_NAME, "suzuki");
	assert_text(harness_find(h, DATASET_AUTH, 0), FIELD_AUTH_CARRIER, "winrm");
	assert_text(harness_find(h, DATASET_HTTP, 0), FIELD_URL_PATH, "/wsman");
	harness_free(h);
	sweep_cuts(steps, ARRAY_SIZE(steps));
	sweep_prefixes(steps, ARRAY_SIZE(steps));
}

static void winrm_encrypted_says_so_and_other_posts_are_none(void **state)
{
	const struct step steps[] = {
		SAY(CLIENT, "POST /wsman HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/encrypted;protocol=\"application/HTTP-SPNEGO-session-encrypted\"\r\nContent-Length: 4\r\n\r\nabcd"),
		SAY(SERVER, "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"),
		SAY(CLIENT, "POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nabcd"),
		SAY(SERVER, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
	};
	(void)state;
	struct harness *h = PLAY(steps, 5985);
	assert_text(harness_find(h, DATASET_WINRM, 0), FIELD_WINRM_ENCRYPTED, "true");
	assert_text(harness_find(h, DATASET_WINRM, 0), FIELD_EVENT_OUTCOME, "failure");
	assert_null(harness_find(h, DATASET_WINRM, 1));
	harness_free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ftp_logon_is_told_without_its_password),
		cmocka_unit_test(logons_at_mail_servers_are_told_without_their_passwords),
		cmocka_unit_test(a_greeting_that_names_nothing_is_told_by_its_port),
		cmocka_unit_test(each_of_them_turns_to_tls_where_the_server_agrees),
		cmocka_unit_test(a_telnet_logon_is_told_with_what_the_server_says),
		cmocka_unit_test(vnc_is_known_by_its_version),
		cmocka_unit_test(a_community_is_told_once_and_never_shown),
		cmocka_unit_test(winrm_in_clear_tells_action_and_resource),
		cmocka_unit_test(winrm_encrypted_says_so_and_other_posts_are_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
