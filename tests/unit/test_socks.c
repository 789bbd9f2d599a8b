/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto_harness.h"
#include "proto_sweep.h"

static struct harness *run(const struct step *steps, size_t n)
{
	struct harness *h = harness_new(NULL);
	harness_run(h, steps, n, 0, 0);
	return h;
}

static const struct step version5[] = {
	SAY(CLIENT, "\x05\x01\x00"),
	SAY(SERVER, "\x05\x00"),
	SAY(CLIENT, "\x05\x01\x00\x03\x0bwww.foo.exa\x01\xbb"),
	SAY(SERVER, "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"),
	SAY(CLIENT, "SSH-2.0-x\r\n"),
	SAY(SERVER, "SSH-2.0-y\r\n"),
};

static void version_5_connect_opens_a_tunnel(void **state)
{
	struct harness *h = run(version5, ARRAY_SIZE(version5));
	const struct record *r = harness_find(h, DATASET_SOCKS, 0);

	(void)state;
	assert_non_null(r);
	assert_int_equal(r->time_ns, HARNESS_START_NS + 2000000);
	assert_int_equal(record_uint(r, FIELD_SOCKS_VERSION), 5);
	assert_true(record_text_is(r, FIELD_SOCKS_COMMAND, "connect"));
	assert_true(record_text_is(r, FIELD_SOCKS_AUTH, "none"));
	assert_true(record_has(r, FIELD_SOCKS_REPLY));
	assert_int_equal(record_uint(r, FIELD_SOCKS_REPLY), 0);
	assert_true(record_text_is(r, FIELD_URL_DOMAIN, "www.foo.exa"));
	assert_int_equal(record_uint(r, FIELD_URL_PORT), 443);
	assert_false(record_bool(r, FIELD_TUNNEL_TARGET_IS_IP));
	assert_true(record_text_is(r, FIELD_EVENT_OUTCOME, "success"));
	assert_string_equal(harness_tunnel(h), "socks5");
	assert_true(record_text_is(harness_tunnel_common(h), FIELD_URL_DOMAIN, "www.foo.exa"));
	assert_string_equal(harness_protocol(h), "ssh");
	assert_non_null(harness_find(h, DATASET_SSH, 0));
	harness_free(h);
}

static const struct step with_password[] = {
	SAY(CLIENT, "\x05\x02\x00\x02"),
	SAY(SERVER, "\x05\x02"),
	SAY(CLIENT, "\x01\x06tanaka\x06s3cret"),
	SAY(SERVER, "\x01\x00"),
	SAY(CLIENT, "\x05\x01\x00\x01\xcb\x00\x71\x0a\x00\x50"),
	SAY(SERVER, "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"),
	SAY(CLIENT, "\x01\x02"),
};

static void password_logon_is_told_without_the_password(void **state)
{
	struct harness *h = run(with_password, ARRAY_SIZE(with_password));
	const struct record *auth = harness_find(h, DATASET_AUTH, 0);
	const struct record *r = harness_find(h, DATASET_SOCKS, 0);

	(void)state;
	assert_int_equal(harness_count(h), 2);
	assert_true(record_text_is(auth, FIELD_USER_NAME, "tanaka"));
	assert_true(record_text_is(auth, FIELD_AUTH_MECHANISM, "socks-password"));
	assert_true(record_text_is(auth, FIELD_AUTH_CARRIER, "socks"));
	assert_true(record_text_is(auth, FIELD_EVENT_OUTCOME, "success"));
	assert_true(record_text_is(r, FIELD_USER_NAME, "tanaka"));
	assert_true(record_text_is(r, FIELD_SOCKS_AUTH, "password"));
	assert_true(record_text_is(r, FIELD_URL_DOMAIN, "203.0.113.10"));
	assert_true(record_bool(r, FIELD_TUNNEL_TARGET_IS_IP));
	assert_null(strstr(harness_text(h), "s3cret"));
	harness_free(h);
}

static const struct step wrong_password[] = {
	SAY(CLIENT, "\x05\x01\x02"),
	SAY(SERVER, "\x05\x02"),
	SAY(CLIENT, "\x01\x01u\x01p"),
	SAY(SERVER, "\x01\x01"),
};

static void a_refused_password_is_a_failure(void **state)
{
	struct harness *h = run(wrong_password, ARRAY_SIZE(wrong_password));

	(void)state;
	assert_true(record_text_is(harness_find(h, DATASET_AUTH, 0), FIELD_EVENT_OUTCOME, "failure"));
	assert_true(record_text_is(harness_find(h, DATASET_SOCKS, 0), FIELD_EVENT_OUTCOME, "failure"));
	assert_null(harness_tunnel(h));
	harness_free(h);
}

static const struct step version4a[] = {
	SAY(CLIENT, "\x04\x01\x00\x50\x00\x00\x00\x01root\0h.example\0"),
	SAY(SERVER, "\x00\x5a\x00\x00\x00\x00\x00\x00"),
	SAY(CLIENT, "x"),
};

static void version_4a_names_host_and_user(void **state)
{
	struct harness *h = run(version4a, ARRAY_SIZE(version4a));
	const struct record *r = harness_find(h, DATASET_SOCKS, 0);

	(void)state;
	assert_int_equal(record_uint(r, FIELD_SOCKS_VERSION), 4);
	assert_int_equal(record_uint(r, FIELD_SOCKS_REPLY), 90);
	assert_true(record_text_is(r, FIELD_URL_DOMAIN, "h.example"));
	assert_true(record_text_is(r, FIELD_USER_NAME, "root"));
	assert_string_equal(harness_tunnel(h), "socks4");
	assert_int_equal(harness_tunnel_bytes(h, CLIENT).size, 1);
	harness_free(h);
}

static const struct step rejected4[] = {
	SAY(CLIENT, "\x04\x01\x00\x50\x0a\x00\x00\x01\0"),
	SAY(SERVER, "\x00\x5b\x00\x00\x00\x00\x00\x00"),
};

static void version_4_refusal_is_a_failure(void **state)
{
	struct harness *h = run(rejected4, ARRAY_SIZE(rejected4));
	const struct record *r = harness_find(h, DATASET_SOCKS, 0);

	(void)state;
	assert_true(record_text_is(r, FIELD_URL_DOMAIN, "10.0.0.1"));
	assert_true(record_text_is(r, FIELD_EVENT_OUTCOME, "failure"));
	assert_false(record_has(r, FIELD_USER_NAME));
	assert_null(harness_tunnel(h));
	harness_free(h);
}

static const struct step eager[] = {
	SAY(CLIENT, "\x05\x01\x02\x01\x01u\x01p\x05\x01\x00\x04" "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01" "\x00\x16" "SSH-2.0-a\r\n"),
	SAY(SERVER, "\x05\x02\x01\x00\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00" "SSH-2.0-b\r\n"),
};

static void a_client_may_send_everything_at_once(void **state)
{
	struct harness *h = run(eager, ARRAY_SIZE(eager));
	const struct record *r = harness_find(h, DATASET_SOCKS, 0);

	(void)state;
	assert_true(record_text_is(r, FIELD_URL_DOMAIN, "2001:db8::1"));
	assert_non_null(harness_find(h, DATASET_AUTH, 0));
	assert_true(bytes_equal(harness_tunnel_bytes(h, CLIENT), bytes_string("SSH-2.0-a\r\n")));
	assert_true(bytes_equal(harness_tunnel_bytes(h, SERVER), bytes_string("SSH-2.0-b\r\n")));
	assert_non_null(harness_find(h, DATASET_SSH, 0));
	harness_free(h);
}

static const struct step bind_command[] = {
	SAY(CLIENT, "\x05\x01\x00"),
	SAY(SERVER, "\x05\x00"),
	SAY(CLIENT, "\x05\x02\x00\x01\x0a\x00\x00\x01\x00\x15"),
	SAY(SERVER, "\x05\x00\x00\x01\x0a\x00\x00\x02\x10\x00"),
	SAY(SERVER, "\x05\x00\x00\x01\x0a\x00\x00\x01\x00\x14"),
	SAY(SERVER, "data"),
};

static void bind_opens_the_tunnel_at_its_second_reply(void **state)
{
	struct harness *h = harness_new(NULL);

	(void)state;
	for (size_t i = 0; i < 4; i++)
		harness_feed(h, bind_command[i].side, bind_command[i].bytes, 0, 0);
	assert_true(record_text_is(harness_find(h, DATASET_SOCKS, 0), FIELD_SOCKS_COMMAND, "bind"));
	assert_null(harness_tunnel(h));
	harness_feed(h, SERVER, bind_command[4].bytes, 0, 0);
	assert_string_equal(harness_tunnel(h), "socks5");
	assert_int_equal(harness_count(h), 1);
	harness_free(h);
}

static const struct step associate[] = {
	SAY(CLIENT, "\x05\x01\x00"),
	SAY(SERVER, "\x05\x00"),
	SAY(CLIENT, "\x05\x03\x00\x01\x00\x00\x00\x00\x00\x00"),
	SAY(SERVER, "\x05\x00\x00\x01\x0a\x00\x00\x02\x10\x00"),
};

static void udp_associate_opens_no_tunnel(void **state)
{
	struct harness *h = run(associate, ARRAY_SIZE(associate));

	(void)state;
	assert_true(record_text_is(harness_find(h, DATASET_SOCKS, 0), FIELD_SOCKS_COMMAND, "udp-associate"));
	assert_null(harness_tunnel(h));
	harness_free(h);
}

static const struct step no_method[] = {
	SAY(CLIENT, "\x05\x01\x01"),
	SAY(SERVER, "\x05\xff"),
};
static const struct step gssapi[] = {
	SAY(CLIENT, "\x05\x01\x01"),
	SAY(SERVER, "\x05\x01"),
	SAY(CLIENT, "\x01\x01\x00\x02zz"),
};

static void methods_that_lead_nowhere_are_told(void **state)
{
	struct harness *h = run(no_method, ARRAY_SIZE(no_method));
	const struct record *r = harness_find(h, DATASET_SOCKS, 0);

	(void)state;
	assert_true(record_text_is(r, FIELD_SOCKS_AUTH, "refused"));
	assert_true(record_text_is(r, FIELD_EVENT_OUTCOME, "failure"));
	harness_free(h);
	h = run(gssapi, ARRAY_SIZE(gssapi));
	assert_true(record_text_is(harness_find(h, DATASET_SOCKS, 0), FIELD_SOCKS_AUTH, "gssapi"));
	assert_false(harness_malformed(h, CLIENT));
	harness_free(h);
}

static const struct step refused5[] = {
	SAY(CLIENT, "\x05\x01\x00"),
	SAY(SERVER, "\x05\x00"),
	SAY(CLIENT, "\x05\x01\x00\x01\x0a\x00\x00\x01\x00\x16"),
	SAY(SERVER, "\x05\x05"),
};

static void a_refusal_counts_without_its_address(void **state)
{
	struct harness *h = run(refused5, ARRAY_SIZE(refused5));
	const struct record *r = harness_find(h, DATASET_SOCKS, 0);

	(void)state;
	assert_int_equal(record_uint(r, FIELD_SOCKS_REPLY), 5);
	assert_true(record_text_is(r, FIELD_EVENT_OUTCOME, "failure"));
	harness_free(h);
}

static void a_request_without_reply_is_told_at_the_end(void **state)
{
	struct harness *h = run(version5, 3);
	const struct record *r = harness_find(h, DATASET_SOCKS, 0);

	(void)state;
	assert_true(record_text_is(r, FIELD_URL_DOMAIN, "www.foo.exa"));
	assert_true(record_text_is(r, FIELD_EVENT_OUTCOME, "unknown"));
	assert_false(record_has(r, FIELD_SOCKS_REPLY));
	harness_free(h);
}

/* The TCP server of a reverse proxy may be the SOCKS client. */
static void the_side_that_greets_is_the_client(void **state)
{
	struct step turned[ARRAY_SIZE(with_password)];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(turned); i++) {
		turned[i] = with_password[i];
		turned[i].side = with_password[i].side == CLIENT ? SERVER : CLIENT;
	}
	struct harness *h = run(turned, ARRAY_SIZE(turned));
	assert_int_equal(harness_count(h), 2);
	assert_string_equal(harness_tunnel(h), "socks5");
	assert_true(harness_turned_inside(h));
	harness_free(h);
}

static const struct step foreign[][2] = {
	{ SAY(CLIENT, "\x05\x01\x00"), SAY(SERVER, "\x05\x07") },             /* a method that was not offered */
	{ SAY(CLIENT, "\x05\x01\x00"), SAY(SERVER, "HTTP/1.1 200 OK\r\n") },
	{ SAY(CLIENT, "\x05\x02\x00\x00"), SAY(SERVER, "\x05\x00") },         /* the same method twice */
	{ SAY(CLIENT, "\x05\x01\x42"), SAY(SERVER, "\x05\x42") },             /* a method nobody knows */
	{ SAY(CLIENT, "\x05\x01\x00\x99"), SAY(SERVER, "\x05\x00") },         /* more than a greeting */
	{ SAY(CLIENT, "\x04\x01\x00\x50\x0a\x00\x00\x01\0"), SAY(SERVER, "\x04\x5a\0\0\0\0\0\0") },
	{ SAY(CLIENT, "\x04\x01\x00\x50\x0a\x00\x00\x01\0"), SAY(SERVER, "\0\x01\0\0\0\0\0\0") },
	{ SAY(CLIENT, "\x04\x03\x00\x50\x0a\x00\x00\x01\0"), SAY(SERVER, "\0\x5a\0\0\0\0\0\0") },
	{ SAY(CLIENT, "\x04\x01\x00\x50\x0a\x00\x00\x01\0zz"), SAY(SERVER, "\0\x5a\0\0\0\0\0\0") },
	{ SAY(CLIENT, "\x04\x01\x00\x50\x0a\x00\x00\x01\x02\0"), SAY(SERVER, "\0\x5a\0\0\0\0\0\0") },
};

static void what_only_looks_alike_is_not_socks(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(foreign); i++) {
		struct harness *h = run(foreign[i], 2);
		assert_null(harness_confirmed(h));
		assert_int_equal(harness_count(h), 0);
		harness_free(h);
	}
}

#define EXCHANGE(steps) { steps, ARRAY_SIZE(steps) }
static const struct {
	const struct step *steps;
	size_t n;
} exchanges[] = { EXCHANGE(version5),  EXCHANGE(with_password), EXCHANGE(wrong_password), EXCHANGE(version4a), EXCHANGE(rejected4),
		  EXCHANGE(bind_command), EXCHANGE(associate),  EXCHANGE(no_method),      EXCHANGE(gssapi),    EXCHANGE(refused5) };

static void any_segmentation_tells_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(exchanges); i++)
		sweep_cuts(exchanges[i].steps, exchanges[i].n);
	sweep_cuts(eager, ARRAY_SIZE(eager));
}

static void any_prefix_does_no_harm(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(exchanges); i++)
		assert_true(sweep_prefixes(exchanges[i].steps, exchanges[i].n) <= 3);
	assert_true(sweep_prefixes(eager, ARRAY_SIZE(eager)) >= 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_5_connect_opens_a_tunnel),
		cmocka_unit_test(password_logon_is_told_without_the_password),
		cmocka_unit_test(a_refused_password_is_a_failure),
		cmocka_unit_test(version_4a_names_host_and_user),
		cmocka_unit_test(version_4_refusal_is_a_failure),
		cmocka_unit_test(a_client_may_send_everything_at_once),
		cmocka_unit_test(bind_opens_the_tunnel_at_its_second_reply),
		cmocka_unit_test(udp_associate_opens_no_tunnel),
		cmocka_unit_test(methods_that_lead_nowhere_are_told),
		cmocka_unit_test(a_refusal_counts_without_its_address),
		cmocka_unit_test(a_request_without_reply_is_told_at_the_end),
		cmocka_unit_test(the_side_that_greets_is_the_client),
		cmocka_unit_test(what_only_looks_alike_is_not_socks),
		cmocka_unit_test(any_segmentation_tells_the_same),
		cmocka_unit_test(any_prefix_does_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
