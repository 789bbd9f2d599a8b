/* SPDX-License-Identifier: BSD-2-Clause
 * Who is authenticated to a proxy or a server, and which logons are told (MEASURES section 6.2). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "proto_harness.h"

extern const struct protocol protocol_http;

#define C(text) SAY(CLIENT, text)
#define S(text) SAY(SERVER, text)
#define PLAY(...) \
	static const struct step steps[] = { __VA_ARGS__ }; \
	assert_true(harness_same_however_cut(&protocol_http, steps, ARRAY_SIZE(steps), NULL)); \
	harness_truncate(&protocol_http, steps, ARRAY_SIZE(steps)); \
	struct harness *h = harness_new(&protocol_http); \
	harness_run(h, steps, ARRAY_SIZE(steps), 0, 0)

#define GET(fields) C("GET http://h.example/ HTTP/1.1\r\n" fields "\r\n")
#define ANSWER(status, fields) S("HTTP/1.1 " status " x\r\nContent-Length: 0\r\n" fields "\r\n")
#define ASK "Proxy-Authorization: "
#define ALICE ASK "Basic TEFCXGFsaWNlOnMzY3JldA==\r\n" /* LAB\alice:s3cret */
#define BOB ASK "Basic Ym9iQGxhYi5leGFtcGxlOnNlY3JldA==\r\n" /* bob@lab.example:secret */
/* NTLM of user "u", domain "D", workstation "W"; an empty session key at the end of the message. */
#define TYPE1 "TlRMTVNTUAABAAAABQKIoAAAAAAAAAAAAAAAAAAAAAA="
#define TYPE2 "TlRMTVNTUAACAAAABgAGADAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAA4ADgA2AAAATABBAEIAAgAGAEwAQQBCAAAAAAA="
#define TYPE3 \
	"TlRMTVNTUAADAAAAAAAAAEYAAAAYABgARgAAAAIAAgBAAAAAAgACAEIAAAACAAIARAAAAAAAAABeAAAAAQAAAEQAdQBXAAAA" \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="

static void text_is(const struct record *r, enum field f, const char *wanted)
{
	assert_non_null(r);
	struct bytes b = record_text(r, f);
	if (!record_text_is(r, f, wanted))
		fprintf(stderr, "%s is \"%.*s\", not \"%s\"\n", fields[f].name, (int)b.size, (const char *)b.at, wanted);
	assert_true(record_text_is(r, f, wanted));
}

/* The nth proxy record: outcome, and authenticated as '+', '-' or '?'. */
static void proxy_is(const struct harness *h, size_t nth, const char *outcome, char authenticated)
{
	const struct record *r = harness_find(h, DATASET_PROXY, nth);
	text_is(r, FIELD_PROXY_AUTH_OUTCOME, outcome);
	char is = !record_has(r, FIELD_PROXY_AUTHENTICATED) ? '?' : record_bool(r, FIELD_PROXY_AUTHENTICATED) ? '+' : '-';
	assert_int_equal(is, authenticated);
}

static void auth_is(const struct harness *h, size_t nth, const char *mechanism, const char *user, const char *outcome)
{
	const struct record *r = harness_find(h, DATASET_AUTH, nth);
	text_is(r, FIELD_AUTH_MECHANISM, mechanism);
	text_is(r, FIELD_EVENT_OUTCOME, outcome);
	if (user) {
		text_is(r, FIELD_USER_NAME, user);
		text_is(r, FIELD_AUTH_ATTRIBUTED_BY, "wire");
	} else {
		assert_false(record_has(r, FIELD_USER_NAME));
	}
}

static void basic_counts_for_its_request_and_is_told_once(void **state)
{
	(void)state;
	PLAY(GET(), ANSWER("407", "Proxy-Authenticate: Basic realm=\"x\"\r\n"), GET(ALICE), ANSWER("200", ""), GET(ALICE),
	     ANSWER("404", ""), GET(), ANSWER("200", ""), GET(BOB), ANSWER("403", ""));
	proxy_is(h, 0, "none", '-');
	proxy_is(h, 1, "success", '+');
	proxy_is(h, 2, "success", '+');
	proxy_is(h, 3, "none", '-');
	proxy_is(h, 4, "success", '+');
	text_is(harness_find(h, DATASET_PROXY, 1), FIELD_USER_NAME, "alice");
	text_is(harness_find(h, DATASET_PROXY, 1), FIELD_USER_DOMAIN, "LAB");
	text_is(harness_find(h, DATASET_PROXY, 1), FIELD_PROXY_AUTH_SCHEME, "basic");
	text_is(harness_find(h, DATASET_PROXY, 0), FIELD_HTTP_RESPONSE_PROXY_AUTHENTICATE, "basic");
	assert_false(record_has(harness_find(h, DATASET_PROXY, 3), FIELD_USER_NAME));
	auth_is(h, 0, "basic", "alice", "success");
	auth_is(h, 1, "basic", "bob", "success");
	text_is(harness_find(h, DATASET_AUTH, 1), FIELD_USER_DOMAIN, "lab.example");
	text_is(harness_find(h, DATASET_AUTH, 0), FIELD_AUTH_CARRIER, "http-proxy");
	text_is(harness_find(h, DATASET_AUTH, 0), FIELD_AUTH_TARGET, "10.1.250.10:8080");
	assert_null(harness_find(h, DATASET_AUTH, 2));
	assert_null(strstr(harness_text(h), "s3cret"));
	harness_free(h);
}

static void each_refusal_is_told(void **state)
{
	(void)state;
	PLAY(GET(ALICE), ANSWER("407", ""), GET(ALICE), ANSWER("407", ""), GET(ALICE), ANSWER("400", ""));
	proxy_is(h, 0, "failure", '-');
	proxy_is(h, 1, "failure", '-');
	proxy_is(h, 2, "unknown", '?');
	auth_is(h, 0, "basic", "alice", "failure");
	auth_is(h, 1, "basic", "alice", "failure");
	auth_is(h, 2, "basic", "alice", "unknown");
	text_is(harness_find(h, DATASET_AUTH, 0), FIELD_AUTH_ERROR, "407");
	harness_free(h);
}

static void digest_names_its_user_and_a_stale_nonce_is_no_failure(void **state)
{
	(void)state;
	PLAY(GET(ASK "Digest realm=\"username=x\", nonce=\"n\", username=\"LAB\\\\su\\\"zuki\", uri=\"/\", response=\"ff\"\r\n"),
	     ANSWER("407", "Proxy-Authenticate: Digest realm=\"r\", stale=TRUE, nonce=\"m\"\r\n"),
	     GET(ASK "Digest username=suzuki,realm=\"x\"\r\n"), ANSWER("407", "Proxy-Authenticate: Digest realm=\"stale=true\"\r\n"));
	proxy_is(h, 0, "handshake", '-');
	text_is(harness_find(h, DATASET_PROXY, 0), FIELD_USER_NAME, "su\"zuki");
	text_is(harness_find(h, DATASET_PROXY, 0), FIELD_USER_DOMAIN, "LAB");
	proxy_is(h, 1, "failure", '-');
	auth_is(h, 0, "digest", "suzuki", "failure");
	assert_null(harness_find(h, DATASET_AUTH, 1));
	assert_null(strstr(harness_text(h), "ff"));
	harness_free(h);
}

static void ntlm_authenticates_the_connection(void **state)
{
	(void)state;
	PLAY(GET(), ANSWER("407", "Proxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n"), GET(ASK "NTLM " TYPE1 "\r\n"),
	     ANSWER("407", "Proxy-Authenticate: NTLM " TYPE2 "\r\n"), GET(ASK "NTLM " TYPE3 "\r\n"), ANSWER("200", ""), GET(),
	     ANSWER("503", ""), C("CONNECT h.example:443 HTTP/1.1\r\n\r\n"), S("HTTP/1.1 200 OK\r\n\r\n"));
	proxy_is(h, 0, "none", '-');
	proxy_is(h, 1, "handshake", '-');
	proxy_is(h, 2, "success", '+');
	proxy_is(h, 3, "none", '+');
	proxy_is(h, 4, "none", '+');
	text_is(harness_find(h, DATASET_PROXY, 1), FIELD_NTLM_TARGET, "LAB");
	text_is(harness_find(h, DATASET_PROXY, 1), FIELD_NTLM_MESSAGE, "negotiate");
	text_is(harness_find(h, DATASET_PROXY, 3), FIELD_USER_NAME, "u");
	text_is(harness_find(h, DATASET_PROXY, 3), FIELD_PROXY_AUTH_SCHEME, "none");
	auth_is(h, 0, "ntlm", "u", "success");
	text_is(harness_find(h, DATASET_AUTH, 0), FIELD_USER_DOMAIN, "D");
	text_is(harness_find(h, DATASET_AUTH, 0), FIELD_AUTH_WORKSTATION, "W");
	text_is(harness_find(h, DATASET_AUTH, 0), FIELD_NTLM_RESPONSE, "v1");
	assert_null(harness_find(h, DATASET_AUTH, 1));
	text_is(harness_tunnel_common(h), FIELD_USER_NAME, "u");
	assert_true(record_bool(harness_tunnel_common(h), FIELD_PROXY_AUTHENTICATED));
	harness_free(h);
}

static void a_refused_type_3_is_a_failure_and_ends_the_login(void **state)
{
	(void)state;
	PLAY(GET(ASK "NTLM " TYPE3 "\r\n"), ANSWER("407", "Proxy-Authenticate: NTLM\r\n"), GET(), ANSWER("200", ""),
	     GET(ASK "Negotiate " TYPE3 "\r\n"), ANSWER("200", ""), GET(), ANSWER("407", ""), GET(), ANSWER("200", ""));
	proxy_is(h, 0, "failure", '-');
	proxy_is(h, 1, "none", '-');
	proxy_is(h, 2, "success", '+');
	proxy_is(h, 3, "none", '-');
	proxy_is(h, 4, "none", '-');
	auth_is(h, 0, "ntlm", "u", "failure");
	auth_is(h, 1, "ntlm", "u", "success");
	assert_null(harness_find(h, DATASET_AUTH, 2));
	harness_free(h);
}

static void a_type_1_that_is_not_challenged_proves_nothing(void **state)
{
	(void)state;
	PLAY(GET(ASK "NTLM " TYPE1 "\r\n"), ANSWER("200", ""));
	proxy_is(h, 0, "unknown", '-');
	assert_null(harness_find(h, DATASET_AUTH, 0));
	harness_free(h);
}

static void a_negotiate_token_may_need_another_leg(void **state)
{
	(void)state;
	PLAY(GET(ASK "Negotiate AAAA\r\n"), ANSWER("407", "Proxy-Authenticate: Negotiate oRQwEqADCgEB\r\n"),
	     GET(ASK "Negotiate AAAA\r\n"), ANSWER("407", "Proxy-Authenticate: Negotiate\r\n"), GET(ASK "Negotiate AAAA\r\n"),
	     ANSWER("502", ""));
	proxy_is(h, 0, "handshake", '-');
	proxy_is(h, 1, "failure", '-');
	proxy_is(h, 2, "success", '+');
	auth_is(h, 0, "negotiate", NULL, "failure");
	auth_is(h, 1, "negotiate", NULL, "success");
	assert_null(harness_find(h, DATASET_AUTH, 2));
	harness_free(h);
}

static void kerberos_names_its_service(void **state)
{
	(void)state;
	/* AP-REQ { pvno 5, msg-type 14, ticket { 5, "R", { 2, { "HTTP", "p" } } } } */
	PLAY(GET(ASK "Negotiate bjMwMaADAgEFoQMCAQ6jJWEjMCGgAwIBBaEDGwFSohUwE6ADAgECoQwwChsESFRUUBsCcDE=\r\n"), ANSWER("200", ""),
	     GET(), ANSWER("200", ""));
	proxy_is(h, 0, "success", '+');
	proxy_is(h, 1, "none", '+');
	auth_is(h, 0, "kerberos", NULL, "success");
	text_is(harness_find(h, DATASET_AUTH, 0), FIELD_AUTH_TARGET, "HTTP/p1@R");
	harness_free(h);
}

static void the_server_behind_has_its_own_door(void **state)
{
	(void)state;
	PLAY(C("GET / HTTP/1.1\r\nHost: w.example\r\nAuthorization: Basic YWxpY2U6czNjcmV0\r\n\r\n"),
	     ANSWER("401", "WWW-Authenticate: Negotiate, Basic realm=\"a, b\", Digest qop=\"auth\", nonce=x\r\n"),
	     C("GET / HTTP/1.1\r\nHost: w.example\r\nAuthorization: NTLM " TYPE3 "\r\n\r\n"), ANSWER("403", ""),
	     C("GET / HTTP/1.1\r\nHost: w.example\r\n\r\n"), ANSWER("200", ""));
	const struct record *r = harness_find(h, DATASET_HTTP, 0);
	text_is(r, FIELD_HTTP_AUTH_SCHEME, "basic");
	text_is(r, FIELD_USER_NAME, "alice");
	const struct value *v = record_get(r, FIELD_HTTP_RESPONSE_WWW_AUTHENTICATE);
	static const char *const offered[] = { "negotiate", "basic", "digest" };
	for (size_t i = 0; i < ARRAY_SIZE(offered); i++) {
		assert_non_null(v);
		assert_true(bytes_equal(value_text(r, v), bytes_string(offered[i])));
		v = record_next(r, v);
	}
	assert_null(v);
	auth_is(h, 0, "basic", "alice", "failure");
	text_is(harness_find(h, DATASET_AUTH, 0), FIELD_AUTH_CARRIER, "http");
	text_is(harness_find(h, DATASET_AUTH, 0), FIELD_AUTH_ERROR, "401");
	text_is(harness_find(h, DATASET_AUTH, 0), FIELD_AUTH_TARGET, "w.example");
	auth_is(h, 1, "ntlm", "u", "success");
	text_is(harness_find(h, DATASET_HTTP, 2), FIELD_USER_NAME, "u");
	assert_false(record_has(r, FIELD_PROXY_AUTH_OUTCOME));
	harness_free(h);
}

static void both_doors_at_once_keep_their_users_apart(void **state)
{
	(void)state;
	PLAY(GET(ALICE "Host: h.example\r\nAuthorization: Basic Ym9iOng=\r\n"), ANSWER("401", ""));
	const struct record *r = harness_find(h, DATASET_PROXY, 0);
	text_is(r, FIELD_USER_NAME, "alice");
	text_is(r, FIELD_HTTP_AUTH_SCHEME, "basic");
	proxy_is(h, 0, "success", '+');
	auth_is(h, 0, "basic", "alice", "success");
	auth_is(h, 1, "basic", "bob", "failure");
	text_is(harness_find(h, DATASET_AUTH, 1), FIELD_AUTH_TARGET, "h.example");
	harness_free(h);
}

static void other_schemes_are_named_and_make_no_logon(void **state)
{
	(void)state;
	PLAY(C("GET / HTTP/1.1\r\nAuthorization: Bearer secret-token\r\n\r\n"), ANSWER("401", ""), GET(ASK "\x01\r\n"), ANSWER("200", ""));
	text_is(harness_find(h, DATASET_HTTP, 0), FIELD_HTTP_AUTH_SCHEME, "bearer");
	text_is(harness_find(h, DATASET_PROXY, 0), FIELD_PROXY_AUTH_SCHEME, "other");
	assert_null(harness_find(h, DATASET_AUTH, 0));
	assert_null(strstr(harness_text(h), "secret"));
	harness_free(h);
}

static void an_unanswered_credential_is_an_unknown_logon(void **state)
{
	(void)state;
	PLAY(GET(ASK "NTLM " TYPE3 "\r\n"));
	proxy_is(h, 0, "unknown", '?');
	auth_is(h, 0, "ntlm", "u", "unknown");
	harness_free(h);
}

static void set_midstream(struct harness *h) { harness_set_midstream(h, true); }

static void in_the_middle_of_a_connection_only_a_407_tells_who_is_not(void **state)
{
	(void)state;
	static const struct step steps[] = { GET(), ANSWER("200", ""), GET(ALICE), ANSWER("200", ""), GET(), ANSWER("407", ""),
					     GET(), ANSWER("200", "") };
	assert_true(harness_same_however_cut(&protocol_http, steps, ARRAY_SIZE(steps), set_midstream));
	struct harness *h = harness_new(&protocol_http);
	harness_set_midstream(h, true);
	harness_run(h, steps, ARRAY_SIZE(steps), 0, 0);
	proxy_is(h, 0, "none", '?');
	proxy_is(h, 1, "success", '+');
	proxy_is(h, 2, "none", '-');
	proxy_is(h, 3, "none", '-');
	harness_free(h);
}

static void logons_are_told_where_only_they_are_asked_for(void **state)
{
	(void)state;
	static const struct step steps[] = { GET(ALICE), ANSWER("200", "") };
	struct harness *h = harness_new(&protocol_http);
	harness_set_datasets(h, DATASET_BIT(DATASET_AUTH));
	harness_run(h, steps, ARRAY_SIZE(steps), 0, 0);
	assert_int_equal(harness_count(h), 1);
	auth_is(h, 0, "basic", "alice", "success");
	harness_free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(basic_counts_for_its_request_and_is_told_once),
		cmocka_unit_test(each_refusal_is_told),
		cmocka_unit_test(digest_names_its_user_and_a_stale_nonce_is_no_failure),
		cmocka_unit_test(ntlm_authenticates_the_connection),
		cmocka_unit_test(a_refused_type_3_is_a_failure_and_ends_the_login),
		cmocka_unit_test(a_type_1_that_is_not_challenged_proves_nothing),
		cmocka_unit_test(a_negotiate_token_may_need_another_leg),
		cmocka_unit_test(kerberos_names_its_service),
		cmocka_unit_test(the_server_behind_has_its_own_door),
		cmocka_unit_test(both_doors_at_once_keep_their_users_apart),
		cmocka_unit_test(other_schemes_are_named_and_make_no_logon),
		cmocka_unit_test(an_unanswered_credential_is_an_unknown_logon),
		cmocka_unit_test(in_the_middle_of_a_connection_only_a_407_tells_who_is_not),
		cmocka_unit_test(logons_are_told_where_only_they_are_asked_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
