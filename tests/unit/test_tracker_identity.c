/* SPDX-License-Identifier: BSD-2-Clause
 * Whose terminal it is: accounts by address, names by address, rare fingerprints. */
#include <stdio.h>

#include "detect_harness.h"

static void logon(struct bench *b, double at, const char *carrier, const char *user, const char *outcome)
{
	char json[512];

	snprintf(json, sizeof(json), "{\"event.dataset\":\"auth\",\"auth.carrier\":\"%s\",\"user.name\":\"%s\","
		 "\"event.outcome\":\"%s\",\"source.ip\":\"10.1.10.11\",\"destination.ip\":\"10.1.100.10\"}", carrier, user, outcome);
	bench_record(b, at, json);
}

static struct bytes terminal_user(const struct bench *b)
{
	return record_text(bench_last(b, DATASET_AUTH), FIELD_AUTH_TERMINAL_USER);
}

static void somebody_else_at_the_proxy_is_marked(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	logon(&b, 0, "kdc", "LAB\\\\tanaka", "success");
	logon(&b, 60, "http-proxy", "suzuki", "success");
	assert_true(bytes_equal(terminal_user(&b), bytes_string("tanaka")));
	logon(&b, 90, "http-proxy", "TANAKA@LAB.EXAMPLE", "success");
	assert_int_equal(terminal_user(&b).size, 0);
	bench_stop(&b);
}

static void the_proxy_itself_a_failure_or_a_computer_owns_no_terminal(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	logon(&b, 0, "http-proxy", "tanaka", "success");
	logon(&b, 1, "smb", "sato", "failure");
	logon(&b, 2, "kdc", "PC11$", "success");
	logon(&b, 3, "smb", "ANONYMOUS LOGON", "success");
	logon(&b, 60, "http-proxy", "suzuki", "success");
	assert_int_equal(terminal_user(&b).size, 0);
	bench_stop(&b);
}

static void everybody_who_logged_on_lately_may_use_the_proxy(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	logon(&b, 0, "kdc", "suzuki", "success");
	logon(&b, 10, "smb", "tanaka", "success");
	logon(&b, 60, "http-proxy", "suzuki", "success");
	assert_int_equal(terminal_user(&b).size, 0);
	logon(&b, 13 * 3600, "http-proxy", "ito", "success");
	assert_int_equal(terminal_user(&b).size, 0); /* both logons are of yesterday */
	bench_stop(&b);
}

static void an_alert_names_the_accounts_of_its_terminal(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	logon(&b, 0, "kdc", "tanaka", "success");
	logon(&b, 10, "smb", "suzuki", "success");
	bench_record(&b, 60, "{\"event.dataset\":\"flow\",\"event.action\":\"odd\",\"user.name\":\"ito\",\"source.ip\":\"10.1.10.11\","
			     "\"destination.ip\":\"198.51.100.66\"}");
	assert_int_equal(b.alerts, 1);
	const struct value *v = record_get(b.alert, FIELD_RELATED_USER);
	assert_non_null(v);
	assert_true(bytes_equal(value_text(b.alert, v), bytes_string("ito"))); /* of the record itself */
	v = record_next(b.alert, v);
	assert_non_null(v);
	assert_true(bytes_equal(value_text(b.alert, v), bytes_string("suzuki"))); /* latest first */
	v = record_next(b.alert, v);
	assert_non_null(v);
	assert_true(bytes_equal(value_text(b.alert, v), bytes_string("tanaka")));
	bench_stop(&b);
}

static void an_answer_of_the_dns_names_the_address(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	bench_record(&b, 0, "{\"event.dataset\":\"dns\",\"dns.type\":\"answer\",\"dns.question.name\":\"c2.example\","
			    "\"dns.resolved_ip\":[\"198.51.100.66\",\"2001:db8:f::66\"],\"source.ip\":\"10.1.10.11\"}");
	bench_record(&b, 1, "{\"event.dataset\":\"flow\",\"event.action\":\"attempted\",\"source.ip\":\"10.1.10.11\","
			    "\"destination.ip\":\"2001:db8:f::66\"}");
	assert_true(record_text_is(bench_last(&b, DATASET_FLOW), FIELD_DESTINATION_DOMAIN, "c2.example"));
	bench_record(&b, 2, "{\"event.dataset\":\"flow\",\"event.action\":\"attempted\",\"source.ip\":\"10.1.10.11\","
			    "\"destination.ip\":\"198.51.100.66\",\"destination.domain\":\"sni.example\"}");
	assert_true(record_text_is(bench_last(&b, DATASET_FLOW), FIELD_DESTINATION_DOMAIN, "sni.example"));
	bench_stop(&b);
}

static void hello(struct bench *b, double at, unsigned terminal, const char *ja4)
{
	char json[512];

	snprintf(json, sizeof(json), "{\"event.dataset\":\"tls\",\"source.ip\":\"10.1.%u.%u\",\"destination.ip\":\"203.0.113.10\","
		 "\"tls.client.ja4\":\"%s\"}", terminal / 200, terminal % 200 + 1, ja4);
	bench_record(b, at, json);
}

static void a_fingerprint_is_rare_among_two_hundred_terminals_only(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	for (unsigned i = 0; i < 198; i++)
		hello(&b, i, i, "common");
	hello(&b, 198, 198, "first");
	assert_false(record_has(bench_last(&b, DATASET_TLS), FIELD_TLS_CLIENT_JA4_RARE)); /* 199 terminals */
	for (unsigned i = 199; i < 210; i++)
		hello(&b, i, i, "common");
	bench_forget(&b);
	hello(&b, 211, 3, "second");
	assert_true(record_bool(bench_last(&b, DATASET_TLS), FIELD_TLS_CLIENT_JA4_RARE)); /* one of 210 */
	hello(&b, 212, 3, "second");
	assert_false(record_has(bench_last(&b, DATASET_TLS), FIELD_TLS_CLIENT_JA4_RARE)); /* no longer new */
	hello(&b, 213, 4, "second");
	assert_false(record_has(bench_last(&b, DATASET_TLS), FIELD_TLS_CLIENT_JA4_RARE)); /* two of 210 */
	bench_stop(&b);
}

static void names_of_flow(struct bench *b, double at, char *room, size_t size)
{
	bench_record(b, at, "{\"event.dataset\":\"flow\",\"source.ip\":\"10.1.10.11\",\"destination.ip\":\"10.1.100.10\"}");
	struct bytes name = record_text(bench_last(b, DATASET_FLOW), FIELD_SOURCE_DOMAIN);
	snprintf(room, size, "%.*s", (int)name.size, name.size ? (const char *)name.at : "");
}

static void a_host_that_dns_does_not_know_has_the_name_it_gives_itself(void **state)
{
	struct bench b;
	char name[64];

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	bench_record(&b, 0, "{\"event.dataset\":\"dns\",\"dns.question.name\":\"PC66\",\"dns.resolved_ip\":[\"10.1.10.11\"],"
			    "\"dns.responder\":\"10.1.10.66\"}");
	names_of_flow(&b, 1, name, sizeof(name));
	assert_string_equal(name, "");
	bench_record(&b, 2, "{\"event.dataset\":\"dns\",\"dns.question.name\":\"wpad\",\"dns.resolved_ip\":[\"10.1.10.11\"],"
			    "\"dns.responder\":\"10.1.10.11\"}");
	names_of_flow(&b, 3, name, sizeof(name));
	assert_string_equal(name, "");
	bench_record(&b, 4, "{\"event.dataset\":\"dns\",\"dns.question.name\":\"PC11\",\"dns.resolved_ip\":[\"10.1.10.11\"],"
			    "\"dns.responder\":\"10.1.10.11\"}");
	names_of_flow(&b, 5, name, sizeof(name));
	assert_string_equal(name, "PC11");
	bench_record(&b, 6, "{\"event.dataset\":\"dns\",\"dns.question.name\":\"pc11.lab.example\",\"dns.resolved_ip\":[\"10.1.10.11\"]}");
	names_of_flow(&b, 7, name, sizeof(name));
	assert_string_equal(name, "pc11.lab.example");
	bench_record(&b, 8, "{\"event.dataset\":\"dns\",\"dns.question.name\":\"OTHER\",\"dns.resolved_ip\":[\"10.1.10.11\"],"
			    "\"dns.responder\":\"10.1.10.11\"}");
	names_of_flow(&b, 9, name, sizeof(name));
	assert_string_equal(name, "pc11.lab.example");
	bench_stop(&b);
}

static void a_dhcp_client_has_its_name_once_it_has_its_address(void **state)
{
	struct bench b;
	char name[64];

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	bench_record(&b, 0, "{\"event.dataset\":\"dhcp\",\"dhcp.message\":\"request\",\"dhcp.client.mac\":\"02-00-00-00-00-11\","
			    "\"dhcp.client.name\":\"pc11\",\"dhcp.requested_ip\":\"10.1.10.11\"}");
	names_of_flow(&b, 1, name, sizeof(name));
	assert_string_equal(name, "");
	bench_record(&b, 2, "{\"event.dataset\":\"dhcp\",\"dhcp.message\":\"ack\",\"dhcp.client.mac\":\"02-00-00-00-00-11\","
			    "\"dhcp.assigned_ip\":\"10.1.10.11\"}");
	names_of_flow(&b, 3, name, sizeof(name));
	assert_string_equal(name, "pc11");
	bench_stop(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_that_dns_does_not_know_has_the_name_it_gives_itself),
		cmocka_unit_test(a_dhcp_client_has_its_name_once_it_has_its_address),
		cmocka_unit_test(somebody_else_at_the_proxy_is_marked),
		cmocka_unit_test(the_proxy_itself_a_failure_or_a_computer_owns_no_terminal),
		cmocka_unit_test(everybody_who_logged_on_lately_may_use_the_proxy),
		cmocka_unit_test(an_alert_names_the_accounts_of_its_terminal),
		cmocka_unit_test(an_answer_of_the_dns_names_the_address),
		cmocka_unit_test(a_fingerprint_is_rare_among_two_hundred_terminals_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
