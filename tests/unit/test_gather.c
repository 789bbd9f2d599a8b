/* SPDX-License-Identifier: BSD-2-Clause
 * What the summary and the report are made of: alerts told, raised and closed; hosts, accounts, zones; ceilings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "../../sensord/app/report/gather.h"
#include "base/attributes.h"

static struct record *r;
static struct gather *g;

static int setup(void **state)
{
	(void)state;
	r = record_new();
	g = gather_new();
	return r && g ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	record_free(r);
	gather_free(g);
	return 0;
}

static void put_ip(enum field f, const char *text)
{
	struct address a;

	assert_true(address_parse(bytes_string(text), &a));
	record_set_ip(r, f, &a);
}

static void alert(const char *key, const char *state, const char *level, const char *set, uint64_t count)
{
	record_clear(r, DATASET_AUTH, 100);
	r->kind = RECORD_ALERT;
	put_ip(FIELD_SOURCE_IP, "10.0.0.1");
	put_ip(FIELD_DESTINATION_IP, "10.0.0.2");
	record_set_string(r, FIELD_USER_NAME, "LAB\\Kato");
	record_set_string(r, FIELD_ALERT_KEY, key);
	record_set_string(r, FIELD_ALERT_STATE, state);
	record_set_string(r, FIELD_RULE_LEVEL, level);
	record_set_string(r, FIELD_IPA_MEASURE, set);
	record_set_uint(r, FIELD_ALERT_COUNT, count);
	if (strcmp(state, "folded") == 0)
		record_set_uint(r, FIELD_ALERT_FOLDED, count);
	gather_alert(g, r);
}

static void an_alert_is_one_however_often_it_is_told(void **state)
{
	(void)state;
	alert("k1", "open", "low", "A", 1);
	alert("k1", "raised", "high", "A", 9);
	alert("k1", "closed", "high", "A", 12);
	alert("k1", "open", "low", "A", 1); /* the same again, later */
	const struct gathered *all = gather_finish(g);
	assert_non_null(all);
	assert_int_equal(all->n_alerts, 2);
	assert_int_equal(all->by_level[LEVEL_HIGH], 1);
	assert_int_equal(all->by_level[LEVEL_LOW], 1);
	assert_int_equal(all->by_set[0][LEVEL_HIGH], 1);
	assert_int_equal(all->alerts[0].count, 12);
	assert_true(gather_alerted(g, LEVEL_HIGH));
	assert_false(gather_alerted(g, LEVEL_CRITICAL));
}

static void a_line_of_folded_alerts_counts_for_all_of_them(void **state)
{
	(void)state;
	alert("k1", "open", "low", "A", 1);
	alert("flood", "folded", "low", "A", 5400);
	alert("flood", "folded", "low", "A", 400); /* of the next minute */
	alert("k2", "closed", "low", "A", 9); /* whose opening was folded */
	const struct gathered *all = gather_finish(g);
	assert_int_equal(all->n_alerts, 3);
	assert_int_equal(all->by_level[LEVEL_LOW], 5801);
	assert_int_equal(all->by_set[0][LEVEL_LOW], 5801);
}

static void an_alert_names_its_host_its_target_and_its_account(void **state)
{
	(void)state;
	alert("k1", "open", "critical", "E", 1);
	alert("k2", "open", "medium", "", 1); /* a rule of no set */
	const struct gathered *all = gather_finish(g);
	assert_int_equal(all->n_hosts, 2);
	assert_int_equal(all->hosts[0]->alerts[LEVEL_CRITICAL], 1);
	assert_int_equal(all->hosts[0]->alerts[LEVEL_MEDIUM], 1);
	assert_int_equal(all->hosts[1]->aimed_at[LEVEL_CRITICAL], 1);
	assert_int_equal(all->n_accounts, 1);
	assert_string_equal(all->accounts[0]->name, "kato");
	assert_int_equal(all->accounts[0]->alerts[LEVEL_CRITICAL], 1);
	assert_int_equal(all->touches[0]->alerts, 2);
	assert_int_equal(all->by_set[GATHER_SETS - 1][LEVEL_MEDIUM], 1);
	assert_int_equal(gather_worst(all->hosts[0]->alerts), LEVEL_CRITICAL);
}

static void flow(const char *from, const char *to, const char *action, const char *outcome, const char *policy)
{
	record_clear(r, DATASET_FLOW, 100);
	put_ip(FIELD_SOURCE_IP, "10.0.0.1");
	put_ip(FIELD_DESTINATION_IP, "10.0.1.1");
	record_set_string(r, FIELD_SOURCE_ZONE, from);
	record_set_string(r, to[0] == '~' ? FIELD_DESTINATION_ROLE : FIELD_DESTINATION_ZONE, to + (to[0] == '~'));
	record_set_string(r, FIELD_EVENT_ACTION, action);
	record_set_string(r, FIELD_FLOW_OUTCOME, outcome);
	record_set_string(r, FIELD_POLICY_ACTION, policy);
	record_set_string(r, FIELD_NETWORK_TRANSPORT, "tcp");
	record_set_uint(r, FIELD_DESTINATION_PORT, 22);
	record_set_uint(r, FIELD_SOURCE_BYTES, 7);
	gather_record(g, r);
}

static void a_connection_is_counted_once_and_its_bytes_at_the_end(void **state)
{
	(void)state;
	flow("users", "servers", "established", "established", NULL);
	flow("users", "servers", "closed", "established", NULL);
	flow("users", "servers", "rejected", "rejected", "deny");
	flow("users", "servers", "attempted", "unanswered", NULL);
	flow("users", "~external", "established", "established", "deny");
	const struct gathered *all = gather_finish(g);
	assert_int_equal(all->n_crossings, 2);
	const struct gather_crossing *inside = all->crossings[0];
	assert_string_equal(inside->to, "servers");
	assert_int_equal(inside->flows[REACH_OPEN], 1);
	assert_int_equal(inside->flows[REACH_STOPPED], 1);
	assert_int_equal(inside->flows[REACH_UNANSWERED], 1);
	assert_int_equal(inside->denied_stopped, 1);
	assert_int_equal(inside->denied_open, 0);
	assert_string_equal(inside->services[0].name, "tcp/22");
	assert_int_equal(inside->services[0].count, 3);
	assert_string_equal(all->crossings[1]->to, "~external");
	assert_int_equal(all->crossings[1]->denied_open, 1);
	assert_int_equal(all->hosts[0]->sent + all->hosts[1]->sent, 7);
	assert_int_equal(all->fact[FACT_FLOWS], 4);
	assert_int_equal(all->fact[FACT_DIRECT_OPEN], 1);
}

static void logons_are_counted_by_who_where_and_how(void **state)
{
	static const char *const outcomes[] = { "success", "failure", "failure", "unknown" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(outcomes); i++) {
		record_clear(r, DATASET_AUTH, 100 + i);
		put_ip(FIELD_SOURCE_IP, "10.0.0.1");
		put_ip(FIELD_DESTINATION_IP, "10.0.0.2");
		record_set_string(r, FIELD_USER_NAME, i % 2 ? "kato@LAB" : "KATO");
		record_set_string(r, FIELD_USER_CLASS, "admin");
		record_set_string(r, FIELD_EVENT_OUTCOME, outcomes[i]);
		record_set_string(r, FIELD_AUTH_MECHANISM, i < 3 ? "ntlm" : "kerberos");
		record_set_string(r, FIELD_AUTH_CARRIER, "smb");
		gather_record(g, r);
	}
	const struct gathered *all = gather_finish(g);
	assert_int_equal(all->n_touches, 1);
	assert_int_equal(all->touches[0]->successes, 1);
	assert_int_equal(all->touches[0]->failures, 2);
	assert_int_equal(all->touches[0]->unknown, 1);
	assert_string_equal(all->touches[0]->how, "ntlm/smb, kerberos/smb");
	assert_string_equal(all->accounts[0]->class, "admin");
	assert_int_equal(all->fact[FACT_ADMIN_LOGONS], 4);
}

static void a_flood_of_alerts_is_counted_and_the_worse_ones_are_kept(void **state)
{
	char key[24];

	(void)state;
	for (unsigned i = 0; i < 6000; i++) {
		snprintf(key, sizeof(key), "low%u", i);
		alert(key, "open", "low", "A", 1);
	}
	alert("bad", "open", "critical", "E", 1);
	alert("low5999", "closed", "low", "A", 5); /* of one that was not kept */
	const struct gathered *all = gather_finish(g);
	assert_int_equal(all->by_level[LEVEL_LOW], 6000);
	assert_int_equal(all->by_level[LEVEL_CRITICAL], 1);
	assert_int_equal(all->n_alerts + all->left_out_alerts, 6001);
	assert_true(all->left_out_alerts > 0);
	bool kept = false;
	for (size_t i = 0; i < all->n_alerts; i++)
		kept = kept || all->alerts[i].level == LEVEL_CRITICAL;
	assert_true(kept);
}

static void more_hosts_than_there_is_room_for_are_counted(void **state)
{
	char text[ADDRESS_TEXT];

	(void)state;
	for (unsigned i = 0; i < 70000; i++) {
		record_clear(r, DATASET_FLOW, 100);
		snprintf(text, sizeof(text), "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
		put_ip(FIELD_SOURCE_IP, text);
		record_set_string(r, FIELD_EVENT_ACTION, "attempted");
		gather_record(g, r);
	}
	alert("k", "open", "high", "A", 1); /* its host still finds room */
	const struct gathered *all = gather_finish(g);
	assert_true(all->n_hosts < 70000);
	assert_int_equal(all->left_out, 10000);
	assert_int_equal(all->hosts[0]->alerts[LEVEL_HIGH], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_alert_is_one_however_often_it_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(a_line_of_folded_alerts_counts_for_all_of_them, setup, teardown),
		cmocka_unit_test_setup_teardown(an_alert_names_its_host_its_target_and_its_account, setup, teardown),
		cmocka_unit_test_setup_teardown(a_connection_is_counted_once_and_its_bytes_at_the_end, setup, teardown),
		cmocka_unit_test_setup_teardown(logons_are_counted_by_who_where_and_how, setup, teardown),
		cmocka_unit_test_setup_teardown(a_flood_of_alerts_is_counted_and_the_worse_ones_are_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(more_hosts_than_there_is_room_for_are_counted, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
