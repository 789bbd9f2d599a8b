/* SPDX-License-Identifier: BSD-2-Clause
 * What is usual for an account, and by which name a host is known. */
#include "detect_harness.h"

static void logon(struct bench *b, double at, const char *mechanism, const char *user, const char *from, const char *more)
{
	char json[512];

	snprintf(json, sizeof(json), "{\"event.dataset\":\"auth\",\"auth.carrier\":\"smb\",\"auth.mechanism\":\"%s\","
		 "\"user.name\":\"%s\",\"event.outcome\":\"success\",\"source.ip\":\"%s\",\"destination.ip\":\"10.1.100.20\"%s}", mechanism, user, from, more);
	bench_record(b, at, json);
}

static void ticket(struct bench *b, double at, const char *user, const char *service, const char *etypes, const char *etype)
{
	char json[512];

	snprintf(json, sizeof(json), "{\"event.dataset\":\"kerberos\",\"kerberos.type\":\"TGS\",\"user.name\":\"%s\","
		 "\"event.outcome\":\"success\",\"kerberos.service\":\"%s\",\"kerberos.etypes\":[\"%s\"],\"kerberos.etype\":\"%s\",\"source.ip\":\"10.1.10.11\","
		 "\"destination.ip\":\"10.1.100.10\"}", user, service, etypes, etype);
	bench_record(b, at, json);
}

static const struct record *last_auth(const struct bench *b)
{
	return bench_last(b, DATASET_AUTH);
}

static const struct record *last_ticket(const struct bench *b)
{
	return bench_last(b, DATASET_KERBEROS);
}

static void logons_are_counted_by_mechanism_before_this_one(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	logon(&b, 0, "kerberos", "tanaka", "10.1.10.11", "");
	assert_int_equal(record_uint(last_auth(&b), FIELD_AUTH_HISTORY_LOGONS), 0);
	assert_false(record_has(last_auth(&b), FIELD_AUTH_HISTORY_KERBEROS));
	logon(&b, 10, "kerberos", "LAB\\\\Tanaka", "10.1.10.11", "");
	logon(&b, 20, "ntlm", "tanaka@lab.example", "10.1.10.11", "");
	assert_int_equal(record_uint(last_auth(&b), FIELD_AUTH_HISTORY_LOGONS), 2);
	assert_true(record_real(last_auth(&b), FIELD_AUTH_HISTORY_KERBEROS) == 1.0);
	logon(&b, 30, "ntlm", "tanaka", "10.1.10.11", "");
	assert_int_equal(record_uint(last_auth(&b), FIELD_AUTH_HISTORY_LOGONS), 3);
	assert_true(record_real(last_auth(&b), FIELD_AUTH_HISTORY_AGE) == 30.0);
	bench_stop(&b);
}

static void exchange(struct bench *b, double at, const char *transport, unsigned error, const char *service)
{
	char json[512];

	snprintf(json, sizeof(json), "{\"event.dataset\":\"kerberos\",\"network.transport\":\"%s\",\"kerberos.type\":\"TGS\","
		 "\"kerberos.error\":%u,\"kerberos.service\":\"%s\",\"source.ip\":\"10.1.10.11\",\"destination.ip\":\"10.1.100.10\"}",
		 transport, error, service);
	bench_record(b, at, json);
}

static void what_was_too_big_for_udp_is_the_same_exchange_over_tcp(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	exchange(&b, 0, "udp", 52, "cifs/fs1");
	exchange(&b, 1, "tcp", 0, "cifs/fs2");
	assert_false(record_has(last_ticket(&b), FIELD_KERBEROS_RETRIED));
	exchange(&b, 1, "tcp", 0, "cifs/fs1");
	assert_true(record_bool(last_ticket(&b), FIELD_KERBEROS_RETRIED));
	exchange(&b, 2, "tcp", 0, "cifs/fs1");
	assert_false(record_has(last_ticket(&b), FIELD_KERBEROS_RETRIED));
	exchange(&b, 3, "udp", 52, "cifs/fs1");
	exchange(&b, 63, "tcp", 0, "cifs/fs1");
	assert_false(record_has(last_ticket(&b), FIELD_KERBEROS_RETRIED));
	exchange(&b, 64, "udp", 24, "cifs/fs1");
	exchange(&b, 65, "tcp", 0, "cifs/fs1");
	assert_false(record_has(last_ticket(&b), FIELD_KERBEROS_RETRIED));
	bench_stop(&b);
}

static void old_logons_are_forgotten(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	logon(&b, 0, "kerberos", "tanaka", "10.1.10.11", "");
	logon(&b, 16 * 86400.0, "kerberos", "tanaka", "10.1.10.11", "");
	assert_int_equal(record_uint(last_auth(&b), FIELD_AUTH_HISTORY_LOGONS), 1);
	logon(&b, 60 * 86400.0, "kerberos", "tanaka", "10.1.10.11", "");
	assert_int_equal(record_uint(last_auth(&b), FIELD_AUTH_HISTORY_LOGONS), 0);
	bench_stop(&b);
}

static void a_relation_is_new_once(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	logon(&b, 0, "kerberos", "tanaka", "10.1.10.11", "");
	assert_true(record_bool(last_auth(&b), FIELD_AUTH_RELATION_NEW));
	logon(&b, 1, "ntlm", "TANAKA", "10.1.10.11", "");
	assert_true(record_has(last_auth(&b), FIELD_AUTH_RELATION_NEW));
	assert_false(record_bool(last_auth(&b), FIELD_AUTH_RELATION_NEW));
	logon(&b, 2, "ntlm", "tanaka", "10.1.10.12", "");
	assert_true(record_bool(last_auth(&b), FIELD_AUTH_RELATION_NEW));
	bench_stop(&b);
}

static void a_computer_names_its_address_by_kerberos_only(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	logon(&b, 0, "ntlm", "DC1$", "10.1.10.11", "");
	logon(&b, 1, "ntlm", "tanaka", "10.1.10.11", ",\"auth.workstation\":\"KALI\"");
	assert_false(record_has(last_auth(&b), FIELD_AUTH_KNOWN_WORKSTATION));
	ticket(&b, 2, "PC11$", "krbtgt/LAB.EXAMPLE", "aes256-cts-hmac-sha1-96", "aes256-cts-hmac-sha1-96");
	logon(&b, 3, "ntlm", "tanaka", "10.1.10.11", ",\"auth.workstation\":\"KALI\"");
	assert_true(record_text_is(last_auth(&b), FIELD_AUTH_KNOWN_WORKSTATION, "PC11"));
	logon(&b, 4, "ntlm", "tanaka", "10.1.10.11", ",\"auth.workstation\":\"pc11.lab.example\"");
	assert_false(record_has(last_auth(&b), FIELD_AUTH_KNOWN_WORKSTATION));
	bench_stop(&b);
}

static void dhcp_names_an_address(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	bench_record(&b, 0, "{\"event.dataset\":\"dhcp\",\"dhcp.message\":\"ack\",\"dhcp.assigned_ip\":\"10.1.10.11\","
			    "\"dhcp.client.name\":\"pc11\",\"source.ip\":\"10.1.10.11\",\"destination.ip\":\"10.1.100.10\"}");
	logon(&b, 1, "ntlm", "tanaka", "10.1.10.11", ",\"auth.workstation\":\"KALI\"");
	assert_true(record_text_is(last_auth(&b), FIELD_AUTH_KNOWN_WORKSTATION, "pc11"));
	bench_stop(&b);
}

static void weaker_than_before_is_marked(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	ticket(&b, 0, "tanaka", "cifs/fs1", "rc4-hmac", "rc4-hmac");
	assert_false(record_has(last_ticket(&b), FIELD_KERBEROS_SOURCE_AES_SEEN));
	assert_false(record_has(last_ticket(&b), FIELD_KERBEROS_SERVICE_AES_SEEN));
	ticket(&b, 1, "tanaka", "cifs/fs1", "aes256-cts-hmac-sha1-96", "aes256-cts-hmac-sha1-96");
	ticket(&b, 2, "tanaka", "CIFS/fs1", "rc4-hmac", "rc4-hmac");
	assert_true(record_bool(last_ticket(&b), FIELD_KERBEROS_SOURCE_AES_SEEN));
	assert_true(record_bool(last_ticket(&b), FIELD_KERBEROS_CLIENT_AES_SEEN));
	assert_true(record_bool(last_ticket(&b), FIELD_KERBEROS_SERVICE_AES_SEEN));
	bench_stop(&b);
}

static void a_ticket_for_the_machine_itself_is_known(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	ticket(&b, 0, "tanaka", "host/pc11.lab.example", "aes256-cts-hmac-sha1-96", "aes256-cts-hmac-sha1-96");
	assert_false(record_has(last_ticket(&b), FIELD_KERBEROS_SERVICE_IS_SOURCE));
	ticket(&b, 1, "PC11$", "krbtgt/LAB.EXAMPLE", "aes256-cts-hmac-sha1-96", "aes256-cts-hmac-sha1-96");
	ticket(&b, 2, "tanaka", "host/pc11.lab.example", "aes256-cts-hmac-sha1-96", "aes256-cts-hmac-sha1-96");
	assert_true(record_bool(last_ticket(&b), FIELD_KERBEROS_SERVICE_IS_SOURCE));
	ticket(&b, 3, "tanaka", "host/pc12.lab.example", "aes256-cts-hmac-sha1-96", "aes256-cts-hmac-sha1-96");
	assert_true(record_has(last_ticket(&b), FIELD_KERBEROS_SERVICE_IS_SOURCE));
	assert_false(record_bool(last_ticket(&b), FIELD_KERBEROS_SERVICE_IS_SOURCE));
	bench_stop(&b);
}

static void its_tables_have_a_ceiling(void **state)
{
	struct bench b;
	char user[32], from[32];

	(void)state;
	bench_start(&b, NULL, 1u << 20, true);
	for (unsigned i = 0; i < 20000; i++) {
		snprintf(user, sizeof(user), "user%u", i);
		snprintf(from, sizeof(from), "10.%u.%u.1", i >> 8 & 255, i & 255);
		logon(&b, i, "ntlm", user, from, "");
		if (b.n_seen == BENCH_KEPT)
			bench_forget(&b);
	}
	logon(&b, 20001, "ntlm", "user0", "10.0.0.1", "");
	assert_int_equal(record_uint(last_auth(&b), FIELD_AUTH_HISTORY_LOGONS), 0); /* forgotten */
	logon(&b, 20002, "ntlm", "user19999", "10.78.31.1", "");
	assert_int_equal(record_uint(last_auth(&b), FIELD_AUTH_HISTORY_LOGONS), 1);
	bench_stop(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logons_are_counted_by_mechanism_before_this_one),
		cmocka_unit_test(old_logons_are_forgotten),
		cmocka_unit_test(what_was_too_big_for_udp_is_the_same_exchange_over_tcp),
		cmocka_unit_test(a_relation_is_new_once),
		cmocka_unit_test(a_computer_names_its_address_by_kerberos_only),
		cmocka_unit_test(dhcp_names_an_address),
		cmocka_unit_test(weaker_than_before_is_marked),
		cmocka_unit_test(a_ticket_for_the_machine_itself_is_known),
		cmocka_unit_test(its_tables_have_a_ceiling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
