/* SPDX-License-Identifier: BSD-2-Clause
 * HTTP/1.x: messages, pairs, targets, framing, tunnels, gaps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/limits.h"
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

static void text_is(const struct record *r, enum field f, const char *wanted)
{
	assert_non_null(r);
	struct bytes b = record_text(r, f);
	if (!record_text_is(r, f, wanted))
		fprintf(stderr, "%s is \"%.*s\", not \"%s\"\n", fields[f].name, (int)b.size,
			(const char *)b.at, wanted);
	assert_true(record_text_is(r, f, wanted));
}

static void status_is(const struct record *r, uint64_t wanted)
{
	assert_non_null(r);
	assert_int_equal(record_uint(r, FIELD_HTTP_RESPONSE_STATUS_CODE), wanted);
}

static void a_request_and_its_response_are_one_record(void **state)
{
	(void)state;
	PLAY(C("GET /a/b.tar.gz?x=1&y=2 HTTP/1.1\r\nHost: files.example:8000\r\nUser-Agent: curl/8\r\n"
	       "Referer: http://r.example/\r\n"
	       "Cookie: a=b\r\n\r\n"),
	     S("HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/html; charset=x\r\n"
	       "Content-Length: 5\r\n\r\nhello"));
	assert_int_equal(harness_count(h), 1);
	const struct record *r = harness_find(h, DATASET_HTTP, 0);
	text_is(r, FIELD_HTTP_REQUEST_METHOD, "GET");
	text_is(r, FIELD_HTTP_REQUEST_FORM, "origin");
	text_is(r, FIELD_HTTP_VERSION, "1.1");
	text_is(r, FIELD_HTTP_REQUEST_HOST, "files.example:8000");
	text_is(r, FIELD_USER_AGENT_ORIGINAL, "curl/8");
	text_is(r, FIELD_HTTP_REQUEST_REFERRER, "http://r.example/");
	text_is(r, FIELD_HTTP_REQUEST_COOKIE, "a=b");
	text_is(r, FIELD_URL_ORIGINAL, "/a/b.tar.gz?x=1&y=2");
	text_is(r, FIELD_URL_FULL, "http://files.example:8000/a/b.tar.gz?x=1&y=2");
	text_is(r, FIELD_URL_DOMAIN, "files.example");
	text_is(r, FIELD_URL_PATH, "/a/b.tar.gz");
	text_is(r, FIELD_URL_QUERY, "x=1&y=2");
	text_is(r, FIELD_URL_EXTENSION, "gz");
	assert_int_equal(record_uint(r, FIELD_URL_PORT), 8000);
	status_is(r, 200);
	text_is(r, FIELD_HTTP_RESPONSE_SERVER, "nginx");
	text_is(r, FIELD_HTTP_RESPONSE_MIME_TYPE, "text/html");
	assert_int_equal(record_uint(r, FIELD_HTTP_RESPONSE_BODY_BYTES), 5);
	assert_string_equal(harness_server_name(h), "files.example");
	assert_string_equal(harness_confirmed(h), "http");
	assert_false(record_has(r, FIELD_PROXY_AUTH_SCHEME));
	harness_free(h);
}

static void a_pair_has_time_and_packet_of_its_request(void **state)
{
	(void)state;
	PLAY(C("GET / HTTP/1.1\r\n\r\n"), S("HTTP/1.1 204 No Content\r\n\r\n"));
	const struct record *r = harness_record(h, 0);
	assert_int_equal(r->time_ns, HARNESS_START_NS);
	assert_int_equal(record_uint(r, FIELD_SENSOR_PACKET), 1);
	harness_free(h);
}

static void absolute_form_is_a_proxy_request_and_names_no_server(void **state)
{
	(void)state;
	PLAY(C("GET http://u:secret@www.example:81/x.html#f HTTP/1.1\r\nHost: www.example:81\r\n"
	       "Proxy-Connection: Keep-Alive\r\n\r\n"),
	     S("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
	const struct record *r = harness_find(h, DATASET_PROXY, 0);
	text_is(r, FIELD_HTTP_REQUEST_FORM, "absolute");
	text_is(r, FIELD_URL_ORIGINAL, "http://u:*@www.example:81/x.html#f");
	text_is(r, FIELD_URL_FULL, "http://u:*@www.example:81/x.html#f");
	text_is(r, FIELD_URL_SCHEME, "http");
	text_is(r, FIELD_URL_DOMAIN, "www.example");
	text_is(r, FIELD_URL_PATH, "/x.html");
	text_is(r, FIELD_HTTP_REQUEST_PROXY_CONNECTION, "Keep-Alive");
	text_is(r, FIELD_PROXY_AUTH_SCHEME, "none");
	text_is(r, FIELD_PROXY_AUTH_OUTCOME, "none");
	assert_true(record_has(r, FIELD_PROXY_AUTHENTICATED));
	assert_false(record_bool(r, FIELD_PROXY_AUTHENTICATED));
	assert_string_equal(harness_server_name(h), "");
	assert_null(strstr(harness_text(h), "secret"));
	harness_free(h);
}

static void targets_of_every_form(void **state)
{
	(void)state;
	static const struct {
		const char *request, *form, *domain;
		uint64_t port;
		const char *path;
	} table[] = {
		{ "GET http://h.example HTTP/1.1\r\n\r\n", "absolute", "h.example", 80, "/" },
		{ "GET HTTPS://h.example?q HTTP/1.1\r\n\r\n", "absolute", "h.example", 443, "/" },
		{ "GET http://[2001:db8::1]:8080/p HTTP/1.1\r\n\r\n", "absolute", "2001:db8::1", 8080, "/p" },
		{ "GET ftp://f.example/pub/ HTTP/1.0\r\n\r\n", "absolute", "f.example", 21, "/pub/" },
		{ "OPTIONS * HTTP/1.1\r\nHost: o.example\r\n\r\n", "asterisk", "o.example", 80, "" },
		{ "GET / HTTP/1.1\r\nHost: [::1]\r\n\r\n", "origin", "::1", 80, "/" },
		{ "GET /?next=http://x/ HTTP/1.1\r\nhOsT : o.example\r\n\r\n", "origin", "o.example", 80, "/" },
		{ "CONNECT [2001:db8::2]:443 HTTP/1.1\r\n\r\n", "authority", "2001:db8::2", 443, "" },
		{ "CONNECT h.example:25 / HTTP/1.0\r\n\r\n", "authority", "h.example", 25, "" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct step steps[] = { { CLIENT, bytes_string(table[i].request), 0 } };
		assert_true(harness_same_however_cut(&protocol_http, steps, 1, NULL));
		struct harness *h = harness_new(&protocol_http);
		harness_run(h, steps, 1, 0, 0);
		const struct record *r = harness_record(h, 0);
		text_is(r, FIELD_HTTP_REQUEST_FORM, table[i].form);
		text_is(r, FIELD_URL_DOMAIN, table[i].domain);
		assert_int_equal(record_uint(r, FIELD_URL_PORT), table[i].port);
		if (*table[i].path)
			text_is(r, FIELD_URL_PATH, table[i].path);
		harness_free(h);
	}
}

static void pipelined_requests_pair_in_order(void **state)
{
	(void)state;
	PLAY(C("GET /1 HTTP/1.1\r\n\r\nHEAD /2 HTTP/1.1\r\n\r\nPOST /3 HTTP/1.1\r\nContent-Length: 3\r\n\r\n"
	       "abcGET /4 HTTP/1.1\r\n\r\n"),
	     S("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"),
	     S("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\nHTTP/1.1 404\r\ncontent-length:0\r\n\r\n"));
	assert_int_equal(harness_count(h), 4);
	static const uint64_t wanted[] = { 200, 200, 304, 404 };
	for (size_t i = 0; i < 4; i++) {
		char target[] = { '/', (char)('1' + i), '\0' };
		text_is(harness_record(h, i), FIELD_URL_ORIGINAL, target);
		status_is(harness_record(h, i), wanted[i]);
	}
	assert_int_equal(record_uint(harness_record(h, 2), FIELD_HTTP_REQUEST_BODY_BYTES), 3);
	harness_free(h);
}

static void chunked_bodies_with_extensions_and_trailers_are_passed_over(void **state)
{
	(void)state;
	PLAY(C("POST /a HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3;n=v\r\nabc\r\n0\r\nX-T: 1\r\n\r\n"
	       "GET /b HTTP/1.1\r\n\r\n"),
	     S("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n1A\r\n"
	       "HTTP/1.1 500 not a response\r\n0\r\n\r\n"),
	     S("HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\n\n1\nx\n0\n\n"));
	assert_int_equal(harness_count(h), 2);
	status_is(harness_record(h, 0), 200);
	status_is(harness_record(h, 1), 201);
	text_is(harness_record(h, 1), FIELD_URL_ORIGINAL, "/b");
	harness_free(h);
}

static void bare_line_feeds_folds_and_odd_lines_are_taken(void **state)
{
	(void)state;
	PLAY(C("\r\n\nGET /x HTTP/1.0\nUser-Agent: one\r\n\t two\nnonsense\n: empty\nHost:h.example  \n\n"),
	     S("HTTP/1.0 200\nServer:\n\nwhatever comes until the end\n\nHTTP/1.0 500 not one\n\n"));
	assert_int_equal(harness_count(h), 1);
	const struct record *r = harness_record(h, 0);
	text_is(r, FIELD_USER_AGENT_ORIGINAL, "one two");
	text_is(r, FIELD_HTTP_REQUEST_HOST, "h.example");
	text_is(r, FIELD_HTTP_VERSION, "1.0");
	status_is(r, 200);
	harness_free(h);
}

static void a_request_of_version_0_9_is_one_line(void **state)
{
	(void)state;
	PLAY(C("GET /old\r\n"), S("<html>no head</html>"));
	assert_int_equal(harness_count(h), 1);
	text_is(harness_record(h, 0), FIELD_HTTP_VERSION, "0.9");
	text_is(harness_record(h, 0), FIELD_URL_ORIGINAL, "/old");
	assert_false(record_has(harness_record(h, 0), FIELD_HTTP_RESPONSE_STATUS_CODE));
	harness_free(h);
}

static void interim_responses_are_not_the_answer(void **state)
{
	(void)state;
	PLAY(C("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"),
	     S("HTTP/1.1 100 Continue\r\n\r\n"), C("ok"),
	     S("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"));
	assert_int_equal(harness_count(h), 1);
	status_is(harness_record(h, 0), 201);
	harness_free(h);
}

static void a_response_without_its_request_is_told_with_what_is_known(void **state)
{
	(void)state;
	PLAY(S("HTTP/1.1 403 Forbidden\r\nServer: squid\r\nContent-Length: 0\r\n\r\n"),
	     S("HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"a, b\"\r\nContent-Length: 0\r\n\r\n"));
	assert_int_equal(harness_count(h), 2);
	status_is(harness_find(h, DATASET_HTTP, 0), 403);
	const struct record *r = harness_find(h, DATASET_PROXY, 0);
	status_is(r, 407);
	assert_false(record_has(r, FIELD_PROXY_AUTH_SCHEME));
	assert_false(record_has(r, FIELD_HTTP_REQUEST_METHOD));
	harness_free(h);
}

static void a_request_without_its_response_is_told_at_the_end(void **state)
{
	(void)state;
	PLAY(C("GET /lost HTTP/1.1\r\n\r\n"));
	assert_int_equal(harness_count(h), 1);
	text_is(harness_record(h, 0), FIELD_URL_ORIGINAL, "/lost");
	assert_false(record_has(harness_record(h, 0), FIELD_HTTP_RESPONSE_STATUS_CODE));
	harness_free(h);
}

static void more_requests_than_the_pipeline_holds_are_told_unanswered(void **state)
{
	(void)state;
	struct harness *h = harness_new(&protocol_http);
	for (int i = 0; i < LIMIT_HTTP_PIPELINE + 3; i++)
		harness_feed(h, CLIENT, bytes_string("GET /p HTTP/1.1\r\n\r\n"), 0, 0);
	assert_int_equal(harness_count(h), 3);
	harness_close(h, ENDED_FIN);
	assert_int_equal(harness_count(h), LIMIT_HTTP_PIPELINE + 3);
	harness_free(h);
}

static void an_accepted_connect_becomes_a_tunnel(void **state)
{
	(void)state;
	PLAY(C("CONNECT mail.example:25 HTTP/1.1\r\nHost: mail.example:25\r\nUser-Agent: tool/1\r\n\r\n"),
	     C("early"), S("HTTP/1.0 200 Connection established\r\nContent-Length: 5\r\n\r\n220 h"), C(" and late"));
	assert_int_equal(harness_count(h), 1);
	const struct record *r = harness_find(h, DATASET_PROXY, 0);
	status_is(r, 200);
	text_is(r, FIELD_HTTP_REQUEST_FORM, "authority");
	text_is(r, FIELD_URL_ORIGINAL, "mail.example:25");
	assert_true(record_has(r, FIELD_TUNNEL_TARGET_IS_IP));
	assert_false(record_bool(r, FIELD_TUNNEL_TARGET_IS_IP));
	assert_string_equal(harness_tunnel(h), "connect");
	const struct record *common = harness_tunnel_common(h);
	text_is(common, FIELD_URL_DOMAIN, "mail.example");
	assert_int_equal(record_uint(common, FIELD_URL_PORT), 25);
	text_is(common, FIELD_USER_AGENT_ORIGINAL, "tool/1");
	text_is(common, FIELD_PROXY_AUTH_SCHEME, "none");
	assert_false(record_bool(common, FIELD_PROXY_AUTHENTICATED));
	assert_false(record_has(common, FIELD_SOURCE_IP));
	assert_true(bytes_equal(harness_tunnel_bytes(h, CLIENT), bytes_string("early and late")));
	assert_true(bytes_equal(harness_tunnel_bytes(h, SERVER), bytes_string("220 h")));
	harness_free(h);
}

static void a_refused_connect_stays_http(void **state)
{
	(void)state;
	PLAY(C("CONNECT 192.0.2.7:22 HTTP/1.1\r\n\r\nCONNECT 192.0.2.7:443 HTTP/1.1\r\n\r\n"),
	     S("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"), S("HTTP/1.1 200 OK\r\n\r\n"),
	     C("\x16\x03\x01"));
	assert_int_equal(harness_count(h), 2);
	status_is(harness_record(h, 0), 403);
	status_is(harness_record(h, 1), 200);
	assert_true(record_bool(harness_record(h, 1), FIELD_TUNNEL_TARGET_IS_IP));
	assert_string_equal(harness_tunnel(h), "connect");
	assert_int_equal(harness_tunnel_bytes(h, CLIENT).size, 3);
	harness_free(h);
}

static void an_upgrade_becomes_a_tunnel(void **state)
{
	(void)state;
	PLAY(C("GET /chat HTTP/1.1\r\nHost: ws.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"),
	     S("HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\n\r\n\x81\x05hello"));
	status_is(harness_find(h, DATASET_HTTP, 0), 101);
	assert_string_equal(harness_tunnel(h), "websocket");
	text_is(harness_tunnel_common(h), FIELD_URL_DOMAIN, "ws.example");
	assert_false(record_has(harness_tunnel_common(h), FIELD_PROXY_AUTHENTICATED));
	assert_int_equal(harness_tunnel_bytes(h, SERVER).size, 7);
	harness_free(h);
}

static void tunnels_open_where_no_records_are_asked_for(void **state)
{
	(void)state;
	static const struct step steps[] = { C("CONNECT h.example:443 HTTP/1.1\r\n\r\n"),
	     S("HTTP/1.1 200 OK\r\n\r\n"), C("x") };
	struct harness *h = harness_new(&protocol_http);
	harness_set_datasets(h, 0);
	harness_run(h, steps, ARRAY_SIZE(steps), 0, 0);
	assert_int_equal(harness_count(h), 0);
	assert_string_equal(harness_tunnel(h), "connect");
	assert_null(harness_tunnel_common(h));
	assert_int_equal(harness_tunnel_bytes(h, CLIENT).size, 1);
	harness_free(h);
}

static void a_407_makes_an_origin_form_request_a_proxy_record(void **state)
{
	(void)state;
	PLAY(C("GET / HTTP/1.1\r\nHost: h.example\r\n\r\n"), S("HTTP/1.1 407 Auth\r\nContent-Length: 0\r\n\r\n"));
	assert_non_null(harness_find(h, DATASET_PROXY, 0));
	assert_null(harness_find(h, DATASET_HTTP, 0));
	harness_free(h);
}

static void a_gap_inside_a_sized_body_keeps_step(void **state)
{
	(void)state;
	PLAY(C("POST /1 HTTP/1.1\r\nContent-Length: 100\r\n\r\n0123456789"), LOSE(CLIENT, 90),
	     S("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n"),
	     LOSE(SERVER, 50), C("GET /2 HTTP/1.1\r\n\r\n"), S("HTTP/1.1 201 OK\r\nContent-Length: 0\r\n\r\n"));
	assert_int_equal(harness_count(h), 2);
	text_is(harness_record(h, 1), FIELD_URL_ORIGINAL, "/2");
	status_is(harness_record(h, 1), 201);
	harness_free(h);
}

static void after_a_gap_the_next_message_is_found(void **state)
{
	(void)state;
	PLAY(C("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"), S("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	       "5\r\nab"), LOSE(SERVER, 1000),
	     C("GET /2 HTTP/1.1\r\n\r\n"), S("rest of a body\r\n0\r\n\r\nHTTP/1.1 202 OK\r\n"
	       "Content-Length: 0\r\n\r\n"), LOSE(CLIENT, 7),
	     C("X: tail of a head\r\n\r\nPOST /3 HTTP/1.1\r\n\r\n"), S("HTTP/1.1 203 OK\r\n"
	       "Content-Length: 0\r\n\r\n"));
	assert_int_equal(harness_count(h), 3);
	status_is(harness_record(h, 1), 202);
	text_is(harness_record(h, 1), FIELD_URL_ORIGINAL, "/2");
	status_is(harness_record(h, 2), 203);
	text_is(harness_record(h, 2), FIELD_HTTP_REQUEST_METHOD, "POST");
	harness_free(h);
}

/* As with captures that keep the first bytes of each packet only. */
static void of_a_head_that_is_cut_the_whole_lines_count(void **state)
{
	(void)state;
	PLAY(C("GET http://a.example/x HTTP/1.1\r\nHost: a.example\r\nUser-Ag"), LOSE(CLIENT, 300),
	     S("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Auth"), LOSE(SERVER, 900),
	     C("GET http://a.example/y HTTP/1.1\r\nHost: a"), LOSE(CLIENT, 500), S("HTTP/1.1 200 OK\r\nConte"), LOSE(SERVER, 900));
	assert_int_equal(harness_count(h), 2);
	const struct record *r = harness_find(h, DATASET_PROXY, 0);
	text_is(r, FIELD_URL_FULL, "http://a.example/x");
	status_is(r, 407);
	assert_true(record_bool(r, FIELD_HTTP_REQUEST_CUT));
	assert_false(record_has(r, FIELD_USER_AGENT_ORIGINAL));
	r = harness_find(h, DATASET_PROXY, 1);
	status_is(r, 200);
	/* The credential may stand where nothing was captured. */
	assert_false(record_has(r, FIELD_PROXY_AUTHENTICATED));
	assert_false(record_has(r, FIELD_PROXY_AUTH_SCHEME));
	text_is(r, FIELD_PROXY_AUTH_OUTCOME, "unknown");
	harness_free(h);
}

static void a_line_that_is_cut_itself_says_nothing(void **state)
{
	(void)state;
	PLAY(C("GET http://a.example/x"), LOSE(CLIENT, 300), S("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
	assert_null(harness_find(h, DATASET_PROXY, 0));
	harness_free(h);
}

static void behind_a_connect_that_is_cut_the_tunnel_is_seen(void **state)
{
	(void)state;
	PLAY(C("CONNECT a.example:443 HTTP/1.1\r\nHost: a.ex"), LOSE(CLIENT, 200), S("HTTP/1.1 200 Connection established\r\n\r\n"),
	     C("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"));
	const struct record *r = harness_find(h, DATASET_PROXY, 0);
	text_is(r, FIELD_URL_DOMAIN, "a.example");
	status_is(r, 200);
	assert_string_equal(harness_tunnel(h), "connect");
	harness_free(h);
}

static void alone(struct harness *h) { harness_set_alone(h); }

static void where_nothing_of_the_proxy_is_captured_the_client_that_goes_on_has_its_tunnel(void **state)
{
	static const struct step steps[] = { C("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n"), C("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03") };
	struct harness *h = harness_new(&protocol_http);

	(void)state;
	assert_true(harness_same_however_cut(&protocol_http, steps, ARRAY_SIZE(steps), alone));
	alone(h);
	harness_run(h, steps, ARRAY_SIZE(steps), 0, 0);
	assert_non_null(harness_find(h, DATASET_PROXY, 0));
	assert_false(record_has(harness_find(h, DATASET_PROXY, 0), FIELD_HTTP_RESPONSE_STATUS_CODE));
	assert_non_null(harness_tunnel(h));
	harness_free(h);
}

static void a_lost_response_does_not_shift_the_pairs(void **state)
{
	(void)state;
	PLAY(C("GET /1 HTTP/1.1\r\n\r\n"), LOSE(SERVER, 120), C("GET /2 HTTP/1.1\r\n\r\n"),
	     S("HTTP/1.1 206 OK\r\nContent-Length: 0\r\n\r\n"));
	assert_int_equal(harness_count(h), 2);
	text_is(harness_record(h, 0), FIELD_URL_ORIGINAL, "/1");
	assert_false(record_has(harness_record(h, 0), FIELD_HTTP_RESPONSE_STATUS_CODE));
	text_is(harness_record(h, 1), FIELD_URL_ORIGINAL, "/2");
	status_is(harness_record(h, 1), 206);
	harness_free(h);
}

static void a_connect_whose_answer_is_lost_is_taken_as_a_tunnel(void **state)
{
	(void)state;
	PLAY(C("CONNECT h.example:443 HTTP/1.1\r\n\r\n"), LOSE(SERVER, 39), C("\x16\x03\x01 hello"),
	     S("\x16\x03\x03 hello"));
	assert_int_equal(harness_count(h), 1);
	assert_string_equal(harness_tunnel(h), "connect");
	assert_int_equal(harness_tunnel_bytes(h, CLIENT).size, 9);
	assert_int_equal(harness_tunnel_bytes(h, SERVER).size, 9);
	harness_free(h);
}

static void set_midstream(struct harness *h) { harness_set_midstream(h, true); }

static void a_capture_that_begins_in_the_middle_is_read_from_the_next_message(void **state)
{
	(void)state;
	static const struct step steps[] = {
		S("tail of a body HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
		C("GET http://h.example/ HTTP/1.1\r\n\r\n"),
		S("HTTP/1.1 204 OK\r\n\r\n"),
	};
	assert_true(harness_same_however_cut(&protocol_http, steps, ARRAY_SIZE(steps), set_midstream));
	struct harness *h = harness_new(&protocol_http);
	harness_set_midstream(h, true);
	harness_run(h, steps, ARRAY_SIZE(steps), 0, 0);
	assert_int_equal(harness_count(h), 2);
	const struct record *r = harness_find(h, DATASET_PROXY, 0);
	status_is(r, 204);
	assert_false(record_has(r, FIELD_PROXY_AUTHENTICATED)); /* it may have been, before */
	harness_free(h);
}

static void differing_lengths_hide_no_request(void **state)
{
	(void)state;
	PLAY(C("POST /a HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 30\r\n\r\nx=1POST /b HTTP/1.1\r\n"
	       "Content-Length: 70\r\n\r\ny=2GET /c HTTP/1.1\r\n\r\n"));
	assert_int_equal(harness_count(h), 3);
	text_is(harness_record(h, 1), FIELD_URL_ORIGINAL, "/b");
	text_is(harness_record(h, 2), FIELD_URL_ORIGINAL, "/c");
	harness_free(h);
}

static void an_answer_without_a_length_ends_where_the_client_asks_again(void **state)
{
	(void)state;
	PLAY(C("GET /1 HTTP/1.1\r\n\r\n"), S("HTTP/1.1 302 Found\r\n\r\n"), C("GET /2 HTTP/1.1\r\n\r\n"),
	     S("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
	assert_int_equal(harness_count(h), 2);
	status_is(harness_record(h, 1), 200);
	harness_free(h);
}

static char *big_request(size_t line, const char *behind)
{
	char *text = malloc(line + 200);
	assert_non_null(text);
	size_t n = (size_t)sprintf(text, "GET /big HTTP/1.1\r\nX-Long: ");
	memset(text + n, 'x', line);
	strcpy(text + n + line, behind);
	return text;
}

static void a_line_too_long_is_passed_over(void **state)
{
	(void)state;
	static const size_t sizes[] = { 20000, 65500, 65536, 90000 };
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		char *text = big_request(sizes[i], "\r\nHost: h.example\r\n\r\nGET /next HTTP/1.1\r\n\r\n");
		for (size_t segment = 0; segment <= 1460; segment += 1460) {
			struct harness *h = harness_new(&protocol_http);
			harness_feed(h, CLIENT, bytes_string(text), segment, 0);
			harness_close(h, ENDED_FIN);
			assert_int_equal(harness_count(h), 2);
			text_is(harness_record(h, 0), FIELD_URL_ORIGINAL, "/big");
			if (sizes[i] < 60000)
				text_is(harness_record(h, 0), FIELD_HTTP_REQUEST_HOST, "h.example");
			text_is(harness_record(h, 1), FIELD_URL_ORIGINAL, "/next");
			harness_free(h);
		}
		free(text);
	}
}

static void a_long_target_is_cut_and_leaves_room_for_the_rest(void **state)
{
	(void)state;
	char text[12000] = "GET http://h.example/";
	memset(text + 21, 'p', 5000);
	strcpy(text + 5021, "?q=");
	memset(text + 5024, 'q', 5000);
	strcpy(text + 10024, " HTTP/1.1\r\nUser-Agent: ua\r\nProxy-Authorization: Basic dXNlcjpwYXNz\r\n\r\n");
	struct step steps[] = { { CLIENT, bytes_string(text), 0 }, S("HTTP/1.1 200 OK\r\nServer: late\r\n"
	       "Content-Length: 0\r\n\r\n") };
	struct harness *h = harness_new(&protocol_http);
	harness_run(h, steps, ARRAY_SIZE(steps), 0, 0);
	const struct record *r = harness_find(h, DATASET_PROXY, 0);
	assert_int_equal(record_text(r, FIELD_URL_ORIGINAL).size, LIMIT_FIELD_TEXT);
	text_is(r, FIELD_USER_AGENT_ORIGINAL, "ua");
	text_is(r, FIELD_USER_NAME, "user");
	text_is(r, FIELD_HTTP_RESPONSE_SERVER, "late");
	harness_free(h);
}

static void the_probe_knows_http_from_its_likes(void **state)
{
	(void)state;
	static const struct {
		enum side side;
		const char *start;
		enum probe answer;
	} table[] = {
		{ CLIENT, "GET / HTTP/1.1\r\n", PROBE_YES },
		{ CLIENT, "GET /index", PROBE_YES },
		{ CLIENT, "GE", PROBE_MORE },
		{ CLIENT, "\r\n", PROBE_MORE },
		{ CLIENT, "\r\nPOST http://h/ HTTP/1.0", PROBE_YES },
		{ CLIENT, "CONNECT h.example:443 HTTP/1.1\r\n", PROBE_YES },
		{ CLIENT, "CONNECT h.exam", PROBE_MORE },
		{ CLIENT, "OPTIONS * HTTP/1.1\r\n", PROBE_YES },
		{ CLIENT, "FROBNICATE /x HTTP/1.1\r\n", PROBE_YES },
		{ CLIENT, "FROBNICATE /x\r\n", PROBE_NO },
		{ CLIENT, "GET /x\r\n", PROBE_YES },
		{ CLIENT, "OPTIONS sip:a@h.example SIP/2.0\r\n", PROBE_NO },
		{ CLIENT, "SUBSCRIBE sip:a@h.example SIP/2.0\r\n", PROBE_NO },
		{ CLIENT, "OPTIONS * RTSP/1.0\r\n", PROBE_NO },
		{ CLIENT, "DESCRIBE rtsp://h/x RTSP/1.0\r\n", PROBE_NO },
		{ CLIENT, "OPTIONS icap://h/x ICAP/1.0\r\n", PROBE_NO },
		{ CLIENT, "EHLO mail.example\r\n", PROBE_NO },
		{ CLIENT, "\x16\x03\x01\x02", PROBE_NO },
		{ CLIENT, "SSH-2.0-x\r\n", PROBE_NO },
		{ SERVER, "HTTP/1.1 200 OK\r\n", PROBE_YES },
		{ SERVER, "HTT", PROBE_MORE },
		{ SERVER, "HTTP/2 200", PROBE_NO },
		{ SERVER, "RTSP/1.0 200 OK", PROBE_NO },
		{ SERVER, "SIP/2.0 200 OK", PROBE_NO },
		{ SERVER, "220 mail", PROBE_NO },
	};
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		enum probe answer = protocol_http.probe(table[i].side, bytes_string(table[i].start));
		if (answer != table[i].answer)
			fprintf(stderr, "%s: %d\n", table[i].start, (int)answer);
		assert_int_equal(answer, table[i].answer);
	}
}

static void another_protocol_is_handed_back(void **state)
{
	(void)state;
	struct harness *h = harness_new(NULL);
	harness_feed(h, CLIENT, bytes_string("OPTIONS sip:a@h.example SIP/2.0\r\n\r\n"), 0, 0);
	assert_true(!harness_protocol(h) || strcmp(harness_protocol(h), "http") != 0);
	harness_close(h, ENDED_FIN);
	assert_int_equal(harness_count(h), 0);
	harness_free(h);
}

static void the_state_of_an_idle_connection_is_small(void **state)
{
	(void)state;
	assert_true(protocol_http.state_size <= 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_and_its_response_are_one_record),
		cmocka_unit_test(a_pair_has_time_and_packet_of_its_request),
		cmocka_unit_test(absolute_form_is_a_proxy_request_and_names_no_server),
		cmocka_unit_test(targets_of_every_form),
		cmocka_unit_test(pipelined_requests_pair_in_order),
		cmocka_unit_test(chunked_bodies_with_extensions_and_trailers_are_passed_over),
		cmocka_unit_test(bare_line_feeds_folds_and_odd_lines_are_taken),
		cmocka_unit_test(a_request_of_version_0_9_is_one_line),
		cmocka_unit_test(interim_responses_are_not_the_answer),
		cmocka_unit_test(a_response_without_its_request_is_told_with_what_is_known),
		cmocka_unit_test(a_request_without_its_response_is_told_at_the_end),
		cmocka_unit_test(more_requests_than_the_pipeline_holds_are_told_unanswered),
		cmocka_unit_test(an_accepted_connect_becomes_a_tunnel),
		cmocka_unit_test(a_refused_connect_stays_http),
		cmocka_unit_test(an_upgrade_becomes_a_tunnel),
		cmocka_unit_test(tunnels_open_where_no_records_are_asked_for),
		cmocka_unit_test(a_407_makes_an_origin_form_request_a_proxy_record),
		cmocka_unit_test(a_gap_inside_a_sized_body_keeps_step),
		cmocka_unit_test(after_a_gap_the_next_message_is_found),
		cmocka_unit_test(of_a_head_that_is_cut_the_whole_lines_count),
		cmocka_unit_test(a_line_that_is_cut_itself_says_nothing),
		cmocka_unit_test(behind_a_connect_that_is_cut_the_tunnel_is_seen),
		cmocka_unit_test(where_nothing_of_the_proxy_is_captured_the_client_that_goes_on_has_its_tunnel),
		cmocka_unit_test(a_lost_response_does_not_shift_the_pairs),
		cmocka_unit_test(a_connect_whose_answer_is_lost_is_taken_as_a_tunnel),
		cmocka_unit_test(a_capture_that_begins_in_the_middle_is_read_from_the_next_message),
		cmocka_unit_test(differing_lengths_hide_no_request),
		cmocka_unit_test(an_answer_without_a_length_ends_where_the_client_asks_again),
		cmocka_unit_test(a_line_too_long_is_passed_over),
		cmocka_unit_test(a_long_target_is_cut_and_leaves_room_for_the_rest),
		cmocka_unit_test(the_probe_knows_http_from_its_likes),
		cmocka_unit_test(another_protocol_is_handed_back),
		cmocka_unit_test(the_state_of_an_idle_connection_is_small),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
