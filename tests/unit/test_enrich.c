/* SPDX-License-Identifier: BSD-2-Clause
 * What the site adds to a record. */
#include <stdio.h>

#include "detect_harness.h"

#include "../../sensord/detect/enrich.h"
#include "../../sensord/detect/registrable.h"

static const char site_file[] =
	"site:\n"
	"  timezone: Asia/Tokyo\n"
	"  business_hours: \"Mon-Fri 07:00-22:00\"\n"
	"  zones:\n"
	"    users: { networks: [10.1.10.0/24], role: user }\n"
	"    servers: { networks: [10.1.100.0/24], role: server }\n"
	"  proxies:\n"
	"    - { address: 10.1.250.10, ports: [8080], authentication: required, schemes: [negotiate],\n"
	"        auth_exempt_hosts: [exempt.example] }\n"
	"  gateways: [\"02:00:00:00:00:01\"]\n"
	"  connect:\n"
	"    force_cut_seconds: 1000\n"
	"    long_session_allow: [{ suffix: chat.example, owner: it, expires: 2099-12-31 }]\n"
	"  accounts: { trap: [backupadm] }\n"
	"  policy:\n"
	"    - { from: users, to: servers, service: [smb], action: allow }\n"
	"  change_windows:\n"
	"    - { id: CHG-101, accounts: [adm-kato], from: \"2026-11-24T09:00\", to: \"2026-11-24T12:00\" }\n";

#define FLOW(more) "{\"event.dataset\":\"flow\",\"source.ip\":\"10.1.10.11\"," more "}"
#define PROXY(more) "{\"event.dataset\":\"proxy\",\"source.ip\":\"10.1.10.11\",\"destination.ip\":\"10.1.250.10\"," more "}"
#define TUNNEL(more) "{\"event.dataset\":\"tunnel\",\"source.ip\":\"10.1.10.11\",\"destination.ip\":\"10.1.250.10\"," more "}"

static struct bench bench;

static int start(void **state)
{
	(void)state;
	bench_start(&bench, site_file, 8u << 20, true);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	bench_stop(&bench);
	return 0;
}

static const struct record *enriched(double at, const char *json)
{
	bench_record(&bench, at, json);
	return bench.seen[bench.n_seen - 1];
}

static void zones_roles_and_policy_are_told(void **state)
{
	(void)state;
	const struct record *r = enriched(0, FLOW("\"destination.ip\":\"10.1.100.20\",\"destination.port\":445,"
						  "\"network.transport\":\"tcp\",\"network.protocol\":\"smb\""));
	assert_true(record_text_is(r, FIELD_SOURCE_ZONE, "users"));
	assert_true(record_text_is(r, FIELD_SOURCE_ROLE, "user"));
	assert_true(record_text_is(r, FIELD_DESTINATION_ROLE, "server"));
	assert_true(record_text_is(r, FIELD_POLICY_ACTION, "allow"));
	r = enriched(0, FLOW("\"destination.ip\":\"10.1.100.20\",\"destination.port\":22,\"network.transport\":\"tcp\""));
	assert_true(record_text_is(r, FIELD_POLICY_ACTION, "deny"));
	r = enriched(0, FLOW("\"destination.ip\":\"198.51.100.66\",\"destination.port\":22,\"network.transport\":\"tcp\""));
	assert_true(record_text_is(r, FIELD_DESTINATION_ROLE, "external"));
	assert_false(record_has(r, FIELD_DESTINATION_ZONE));
	assert_false(record_has(r, FIELD_POLICY_ACTION));
}

static void accounts_hours_and_windows_are_told(void **state)
{
	(void)state;
	const struct record *r = enriched(0, PROXY("\"user.name\":\"LAB\\\\BackupAdm\""));
	assert_true(record_text_is(r, FIELD_USER_CLASS, "trap"));
	assert_false(record_has(r, FIELD_SITE_CHANGE_WINDOW));
	assert_true(record_has(r, FIELD_SITE_OFF_HOURS));
	assert_false(record_bool(r, FIELD_SITE_OFF_HOURS)); /* 10:00 in Tokyo */
	r = enriched(1, PROXY("\"user.name\":\"adm-kato\""));
	assert_true(record_text_is(r, FIELD_SITE_CHANGE_WINDOW, "CHG-101"));
	r = enriched(14 * 3600, PROXY("\"user.name\":\"adm-kato\""));
	assert_true(record_bool(r, FIELD_SITE_OFF_HOURS));
	assert_false(record_has(r, FIELD_SITE_CHANGE_WINDOW));
}

static void a_declared_proxy_is_known_on_its_port_and_its_duty_on_all(void **state)
{
	(void)state;
	const struct record *r = enriched(0, PROXY("\"destination.port\":8080,\"url.domain\":\"a.exempt.example\","
						   "\"proxy.auth.scheme\":\"basic\""));
	assert_true(record_bool(r, FIELD_PROXY_DECLARED));
	assert_true(record_bool(r, FIELD_PROXY_AUTH_REQUIRED));
	assert_true(record_bool(r, FIELD_PROXY_AUTH_EXEMPT));
	assert_true(record_has(r, FIELD_PROXY_AUTH_SCHEME_DECLARED));
	assert_false(record_bool(r, FIELD_PROXY_AUTH_SCHEME_DECLARED));
	r = enriched(0, PROXY("\"destination.port\":3128,\"url.domain\":\"www.example.com\",\"proxy.auth.scheme\":\"negotiate\""));
	assert_false(record_bool(r, FIELD_PROXY_DECLARED));
	assert_true(record_bool(r, FIELD_PROXY_AUTH_REQUIRED));
	assert_false(record_bool(r, FIELD_PROXY_AUTH_EXEMPT));
	assert_true(record_bool(r, FIELD_PROXY_AUTH_SCHEME_DECLARED));
}

static void what_a_parser_said_is_left_alone(void **state)
{
	(void)state;
	const struct record *r = enriched(0, FLOW("\"destination.ip\":\"10.1.100.20\",\"source.role\":\"scanner\""));
	assert_true(record_text_is(r, FIELD_SOURCE_ROLE, "scanner"));
}

static void a_next_hop_is_judged_for_what_leaves_only(void **state)
{
	(void)state;
	const struct record *r = enriched(0, FLOW("\"destination.ip\":\"198.51.100.66\",\"destination.mac\":\"02-00-00-00-00-01\""));
	assert_true(record_bool(r, FIELD_FLOW_GATEWAY_KNOWN));
	r = enriched(0, FLOW("\"destination.ip\":\"198.51.100.66\",\"destination.mac\":\"02-00-00-00-66-66\""));
	assert_true(record_has(r, FIELD_FLOW_GATEWAY_KNOWN));
	assert_false(record_bool(r, FIELD_FLOW_GATEWAY_KNOWN));
	r = enriched(0, FLOW("\"destination.ip\":\"10.1.100.20\",\"destination.mac\":\"02-00-00-00-66-66\""));
	assert_false(record_has(r, FIELD_FLOW_GATEWAY_KNOWN));
	r = enriched(0, FLOW("\"destination.ip\":\"198.51.100.66\",\"destination.mac\":\"no link address!\""));
	assert_false(record_has(r, FIELD_FLOW_GATEWAY_KNOWN));
}

static void a_tunnel_is_compared_with_the_limits_of_the_site(void **state)
{
	(void)state;
	const struct record *r = enriched(0, TUNNEL("\"tunnel.age\":1000.0,\"url.domain\":\"a.chat.example\""));
	assert_true(record_bool(r, FIELD_TUNNEL_LONG_ALLOWED));
	assert_false(record_has(r, FIELD_TUNNEL_CUT_OVERDUE));
	assert_false(record_bool(r, FIELD_TUNNEL_CROSSED_MIDNIGHT));
	r = enriched(0, TUNNEL("\"tunnel.age\":1150.0,\"url.domain\":\"c2.example\""));
	assert_false(record_bool(r, FIELD_TUNNEL_LONG_ALLOWED));
	assert_true(record_real(r, FIELD_TUNNEL_CUT_OVERDUE) > 49.9 && record_real(r, FIELD_TUNNEL_CUT_OVERDUE) < 50.1);
	r = enriched(0, TUNNEL("\"tunnel.age\":36060.0,\"url.domain\":\"c2.example\"")); /* since 23:59 */
	assert_true(record_bool(r, FIELD_TUNNEL_CROSSED_MIDNIGHT));
	r = enriched(0, TUNNEL("\"tunnel.age\":35940.0,\"url.domain\":\"c2.example\"")); /* since 00:01 */
	assert_false(record_bool(r, FIELD_TUNNEL_CROSSED_MIDNIGHT));
}

static void the_name_inside_is_compared_by_its_owner(void **state)
{
	(void)state;
	const struct record *r = enriched(0, TUNNEL("\"url.domain\":\"www.example.co.jp\","
						    "\"tls.client.server_name\":\"IMG.Example.co.jp\""));
	assert_true(record_bool(r, FIELD_TUNNEL_SNI_MATCHES));
	r = enriched(0, TUNNEL("\"url.domain\":\"www.example.co.jp\",\"tls.client.server_name\":\"www.other.co.jp\""));
	assert_true(record_has(r, FIELD_TUNNEL_SNI_MATCHES));
	assert_false(record_bool(r, FIELD_TUNNEL_SNI_MATCHES));
	r = enriched(0, TUNNEL("\"url.domain\":\"198.51.100.77\",\"tunnel.target_is_ip\":true,"
			       "\"tls.client.server_name\":\"www.example.com\""));
	assert_false(record_has(r, FIELD_TUNNEL_SNI_MATCHES));
}

static void owners_of_names(void **state)
{
	static const char *const rows[][2] = {
		{ "www.example.com", "example.com" }, { "example.com", "example.com" }, { "localhost", "localhost" },
		{ "a.b.c.example.co.jp", "example.co.jp" }, { "example.co.jp", "example.co.jp" }, { "co.jp", "co.jp" },
		{ "www.example.jp", "example.jp" }, { "www.example.com.au.", "example.com.au" }, { "www.go.com", "go.com" },
		{ "a.ne.jp", "a.ne.jp" }, { "www.t.co", "t.co" }, { "www.re.de", "re.de" }, { "", "" }, { ".", "" }, { "..", "." },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct bytes got = registrable_domain(bytes_string(rows[i][0]));
		if (!bytes_equal(got, bytes_string(rows[i][1])))
			print_error("%s: %.*s\n", rows[i][0], (int)got.size, (const char *)got.at);
		assert_true(bytes_equal(got, bytes_string(rows[i][1])));
	}
}

static void steps_that_nobody_reads_are_not_taken(void **state)
{
	struct enrich e;

	(void)state;
	enrich_init(&e, bench.site, bench.rules, false);
	assert_true(record_from_json(bytes_string(FLOW("\"destination.ip\":\"10.1.100.20\",\"destination.port\":22")),
				     bench.scratch, NULL));
	enrich_record(&e, bench.scratch);
	assert_true(record_has(bench.scratch, FIELD_SOURCE_ROLE));
	assert_false(record_has(bench.scratch, FIELD_POLICY_ACTION));
	assert_false(record_has(bench.scratch, FIELD_SITE_OFF_HOURS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(zones_roles_and_policy_are_told, start, stop),
		cmocka_unit_test_setup_teardown(accounts_hours_and_windows_are_told, start, stop),
		cmocka_unit_test_setup_teardown(a_declared_proxy_is_known_on_its_port_and_its_duty_on_all, start, stop),
		cmocka_unit_test_setup_teardown(what_a_parser_said_is_left_alone, start, stop),
		cmocka_unit_test_setup_teardown(a_next_hop_is_judged_for_what_leaves_only, start, stop),
		cmocka_unit_test_setup_teardown(a_tunnel_is_compared_with_the_limits_of_the_site, start, stop),
		cmocka_unit_test_setup_teardown(the_name_inside_is_compared_by_its_owner, start, stop),
		cmocka_unit_test(owners_of_names),
		cmocka_unit_test_setup_teardown(steps_that_nobody_reads_are_not_taken, start, stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
