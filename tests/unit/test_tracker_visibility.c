/* SPDX-License-Identifier: BSD-2-Clause
 * What the sensor cannot see is told, once each: encrypted content, one side of connections, silent zones and hosts,
 * accounts nobody uses, administrators not listed, ended exceptions. */
#include "detect_harness.h"

#define SITE                                                                                                            \
	"site:\n  name: test\n  timezone: Asia/Tokyo\n"                                                                 \
	"  zones: { users: { networks: [10.1.10.0/24], role: user }, servers: { networks: [10.1.100.0/24], role: server } }\n" \
	"  domain_controllers: [10.1.100.10]\n"                                                                         \
	"  accounts: { admin: [adm-old, \"op-*\"], service: [svc_old] }\n"                                              \
	"  exceptions: [ { rule: T-01, from: users, owner: net, reason: old, expires: 2026-11-20 } ]\n"                 \
	"sensor: { silent_hours: 2, account_days: 3 }\n"

#define SMB(server, encrypted)                                                                                          \
	"{\"event.dataset\":\"smb\",\"smb.encrypted\":" encrypted ",\"source.ip\":\"10.1.10.11\",\"destination.ip\":\"" server "\"}"
#define LOGON(user, outcome)                                                                                            \
	"{\"event.dataset\":\"auth\",\"event.outcome\":\"" outcome "\",\"auth.carrier\":\"smb\",\"user.name\":\"" user          \
	"\",\"source.ip\":\"10.1.10.11\",\"destination.ip\":\"10.1.100.20\"}"

static struct address host(const char *text)
{
	struct address a;

	assert_true(address_parse(bytes_string(text), &a));
	return a;
}

static void meet(struct bench *b, double at, const char *client, const char *server, bool answered, bool counts)
{
	struct address from = host(client), to = host(server);
	struct meeting m = { .client = &from, .server = &to, .client_seen = true, .server_seen = answered, .counts = counts,
			     .time_ns = BENCH_START * NS_PER_S + (uint64_t)(at * (double)NS_PER_S) };

	bench_tick(b, at);
	detect_met(b->detect, &m);
}

static size_t count(const struct bench *b, const char *action, const char *subject)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n_seen; i++)
		n += b->seen[i]->dataset == DATASET_SENSOR && record_text_is(b->seen[i], FIELD_EVENT_ACTION, action) &&
		     (!subject || record_text_is(b->seen[i], FIELD_SENSOR_SUBJECT, subject));
	return n;
}

static void encrypted_content_is_told_once_a_pair_and_day(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, SITE, 8u << 20, true);
	bench_record(&b, 0, SMB("10.1.100.20", "true"));
	bench_record(&b, 1, SMB("10.1.100.20", "true"));
	bench_record(&b, 2, SMB("10.1.100.20", "false"));
	assert_int_equal(count(&b, "blind", NULL), 1);
	assert_true(record_text_is(bench_last(&b, DATASET_SENSOR), FIELD_OBSERVER_NAME, "test"));
	bench_record(&b, 3, SMB("10.1.100.21", "true"));
	assert_int_equal(count(&b, "blind", NULL), 2);
	bench_record(&b, 24 * 3600, SMB("10.1.100.20", "true"));
	assert_int_equal(count(&b, "blind", NULL), 3);
	bench_stop(&b);
}

static void each_kind_of_hiding_has_its_reason(void **state)
{
	static const struct { const char *json, *reason; } cases[] = {
		{ "{\"event.dataset\":\"kerberos\",\"kerberos.armor_ticket\":\"ab\",\"source.ip\":\"10.1.10.11\",\"destination.ip\":\"10.1.100.10\"}", "kerberos_fast" },
		{ "{\"event.dataset\":\"tls\",\"tls.client.encrypted_client_hello\":true,\"source.ip\":\"10.1.10.11\",\"destination.ip\":\"10.1.100.10\"}", "ech" },
		{ "{\"event.dataset\":\"winrm\",\"winrm.encrypted\":true,\"source.ip\":\"10.1.10.11\",\"destination.ip\":\"10.1.100.10\"}", "winrm_encrypted" },
		{ "{\"event.dataset\":\"flow\",\"network.transport\":\"esp\",\"source.ip\":\"10.1.10.11\",\"destination.ip\":\"10.1.100.10\"}", "ipsec" },
	};
	struct bench b;

	(void)state;
	bench_start(&b, SITE, 8u << 20, true);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		bench_forget(&b);
		bench_record(&b, (double)i, cases[i].json);
		assert_int_equal(count(&b, "blind", NULL), 1);
		assert_true(record_text_is(bench_last(&b, DATASET_SENSOR), FIELD_SENSOR_REASON, cases[i].reason));
		assert_true(record_has(bench_last(&b, DATASET_SENSOR), FIELD_SENSOR_DETAIL_JA));
	}
	bench_stop(&b);
}

static void connections_of_one_side_are_told_by_pair_of_zones_and_hour(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, SITE, 8u << 20, true);
	for (int i = 0; i < 40; i++)
		meet(&b, i, "10.1.10.11", "10.1.100.20", i % 4 == 0, true);
	for (int i = 0; i < 40; i++)
		meet(&b, 40 + i, "10.1.10.11", "203.0.113.9", true, true);
	meet(&b, 3500, "10.1.10.11", "10.1.100.20", false, false); /* not over: counts later */
	bench_tick(&b, 3601);
	assert_int_equal(count(&b, "one_sided", NULL), 1);
	assert_int_equal(count(&b, "one_sided", "users to servers"), 1);
	const struct record *r = bench_last(&b, DATASET_SENSOR);
	assert_int_equal(record_uint(r, FIELD_SENSOR_COUNT), 30);
	assert_int_equal(record_uint(r, FIELD_SENSOR_TOTAL), 40);
	assert_true(record_real(r, FIELD_SENSOR_SHARE) == 0.75);
	bench_tick(&b, 7000);
	bench_tick(&b, 7300); /* the next hour had none */
	assert_int_equal(count(&b, "one_sided", NULL), 1);
	bench_stop(&b);
}

static void a_declared_part_that_stops_sending_is_told_and_told_again_when_it_is_back(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, SITE, 8u << 20, true);
	for (int m = 0; m <= 150; m++) {
		meet(&b, 60 * m, "10.1.10.11", "10.1.100.20", true, true);
		if (m < 10)
			meet(&b, 60 * m + 1, "10.1.10.11", "10.1.100.10", true, true);
	}
	assert_int_equal(count(&b, "silent", NULL), 1); /* the controller; both zones go on */
	assert_int_equal(count(&b, "silent", "10.1.100.10"), 1);
	assert_true(record_text_is(bench_last(&b, DATASET_SENSOR), FIELD_SENSOR_STATE, "begins"));
	assert_true(record_text_is(bench_last(&b, DATASET_SENSOR), FIELD_SENSOR_REASON, "stopped"));
	meet(&b, 9100, "10.1.10.11", "10.1.100.10", true, true);
	bench_tick(&b, 9200);
	assert_int_equal(count(&b, "silent", "10.1.100.10"), 2);
	assert_true(record_text_is(bench_last(&b, DATASET_SENSOR), FIELD_SENSOR_STATE, "ends"));
	bench_stop(&b);
}

static void who_does_not_answer_was_not_seen(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, SITE, 8u << 20, true);
	for (int m = 0; m <= 130; m++)
		meet(&b, 60 * m, "10.1.10.11", "10.1.100.10", false, false);
	assert_int_equal(count(&b, "silent", "10.1.100.10"), 1);
	assert_int_equal(count(&b, "silent", "servers"), 1);
	assert_int_equal(count(&b, "silent", "users"), 0);
	bench_stop(&b);
}

static void a_gap_without_any_packet_says_nothing_of_anyone(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, SITE, 8u << 20, true);
	meet(&b, 0, "10.1.10.11", "10.1.100.10", true, true);
	meet(&b, 30 * 24 * 3600.0, "10.1.10.11", "10.1.100.10", true, true);
	bench_tick(&b, 30 * 24 * 3600.0 + 120);
	assert_int_equal(count(&b, "silent", NULL), 0);
	bench_stop(&b);
}

static void the_end_of_a_capture_names_once_what_it_never_showed(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, SITE, 8u << 20, true);
	meet(&b, 0, "10.1.10.11", "10.1.10.12", true, true);
	bench_tick(&b, 60);
	detect_finish(b.detect, 0);
	assert_int_equal(count(&b, "silent", NULL), 2); /* servers, the controller */
	assert_false(record_has(bench_last(&b, DATASET_SENSOR), FIELD_SENSOR_STATE)); /* so that no rule alerts */
	struct detect_view view;
	detect_view(b.detect, &view);
	assert_int_equal(view.n_never, 2);
	assert_int_equal(view.n_silent, 0);
	assert_string_equal(view.silent, "servers, 10.1.100.10");
	bench_stop(&b);
}

static void what_was_met_is_still_known_after_a_reload(void **state)
{
	struct error err = { 0 };
	struct bench b;

	(void)state;
	bench_start(&b, SITE, 8u << 20, true);
	meet(&b, 0, "10.1.10.11", "10.1.100.10", true, true);
	struct detect_settings s = { b.site, b.rules, NULL, 0, 0 };
	s.rules = rules_parse(&(struct rules_settings){ .max_state = 16 }, "test", bytes_string(bench_rule), NULL, NULL);
	struct detect_change *c = detect_prepare(&s, &err);
	assert_non_null(c);
	assert_true(detect_adopt(b.detect, c, &err));
	detect_change_free(c);
	rules_free(b.rules);
	b.rules = s.rules;
	struct detect_view view;
	detect_view(b.detect, &view);
	assert_int_equal(view.n_never, 0);
	bench_stop(&b);
}

static void accounts_that_nobody_uses_are_told_and_globs_and_used_ones_are_not(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, SITE, 8u << 20, true);
	for (int h = 0; h <= 24 * 4; h++) {
		bench_tick(&b, 3600.0 * h);
		if (h % 12 == 0)
			bench_record(&b, 3600.0 * h, LOGON("LAB\\\\SVC_OLD", "success"));
	}
	assert_int_equal(count(&b, "account_silent", NULL), 1);
	assert_int_equal(count(&b, "account_silent", "adm-old"), 1);
	bench_stop(&b);
}

static void an_administrator_that_is_not_listed_is_told_once(void **state)
{
	struct bench b, none;

	(void)state;
	bench_start(&b, SITE, 8u << 20, true);
	bench_record(&b, 0, LOGON("Administrator", "failure"));
	assert_int_equal(count(&b, "account_unlisted", NULL), 0);
	bench_record(&b, 1, LOGON("LAB\\\\Administrator", "success"));
	bench_record(&b, 2, LOGON("administrator", "success"));
	bench_record(&b, 3, LOGON("op-sato", "success"));
	bench_record(&b, 4, LOGON("tanaka", "success"));
	assert_int_equal(count(&b, "account_unlisted", NULL), 1);
	assert_int_equal(count(&b, "account_unlisted", "Administrator"), 1);
	bench_stop(&b);
	bench_start(&none, NULL, 8u << 20, true); /* a site that lists none cannot miss one */
	bench_record(&none, 1, LOGON("administrator", "success"));
	assert_int_equal(count(&none, "account_unlisted", NULL), 0);
	bench_stop(&none);
}

static void an_ended_exception_is_told_once(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, SITE, 8u << 20, true);
	bench_tick(&b, 0);
	bench_tick(&b, 100);
	bench_tick(&b, 4000);
	assert_int_equal(count(&b, "exception_expired", NULL), 1);
	bench_stop(&b);
}

static void the_default_site_declares_nothing(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	for (int m = 0; m < 300; m++)
		meet(&b, 60 * m, "10.1.10.11", "10.1.100.10", true, true);
	detect_finish(b.detect, 0);
	assert_int_equal(bench_count(&b, DATASET_SENSOR), 0);
	bench_stop(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encrypted_content_is_told_once_a_pair_and_day),
		cmocka_unit_test(each_kind_of_hiding_has_its_reason),
		cmocka_unit_test(connections_of_one_side_are_told_by_pair_of_zones_and_hour),
		cmocka_unit_test(a_declared_part_that_stops_sending_is_told_and_told_again_when_it_is_back),
		cmocka_unit_test(who_does_not_answer_was_not_seen),
		cmocka_unit_test(a_gap_without_any_packet_says_nothing_of_anyone),
		cmocka_unit_test(the_end_of_a_capture_names_once_what_it_never_showed),
		cmocka_unit_test(what_was_met_is_still_known_after_a_reload),
		cmocka_unit_test(accounts_that_nobody_uses_are_told_and_globs_and_used_ones_are_not),
		cmocka_unit_test(an_administrator_that_is_not_listed_is_told_once),
		cmocka_unit_test(an_ended_exception_is_told_once),
		cmocka_unit_test(the_default_site_declares_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
