/* SPDX-License-Identifier: BSD-2-Clause
 * A rule concludes the same in whatever company: what other rules read and match decides what is remembered, filled in or
 * never made, and must decide nothing else. */
#include "../../sensord/detect/interest.h"
#include "detect_harness.h"

#define RULE(name, service, detection) \
	"---\ntitle: " name "\nname: " name "\nlogsource: {product: sensord, service: " service "}\ndetection:\n" detection "level: low\n"
#define FIRST RULE("A-any", "flow", "  s: {event.action: established}\n  condition: s\n")
#define KEYWORD RULE("Z-word", "flow", "  words: [tanaka]\n  condition: words\n")
#define ACCOUNT RULE("Z-account", "flow", "  s: {related.user: tanaka}\n  condition: s\n")
#define NO_ACCOUNT RULE("Z-nobody", "flow", "  s: {event.action: established}\n  f: {related.user: tanaka}\n  condition: s and not f\n")

static const char logon[] = "{\"event.dataset\": \"auth\", \"event.outcome\": \"success\", \"user.name\": \"tanaka\","
			    " \"auth.carrier\": \"smb\", \"auth.mechanism\": \"ntlm\", \"source.ip\": \"10.0.0.1\", \"destination.ip\": \"10.0.0.9\"}";
static const char flow[] = "{\"event.dataset\": \"flow\", \"event.action\": \"established\", \"network.transport\": \"tcp\","
			   " \"source.ip\": \"10.0.0.1\", \"destination.ip\": \"10.0.0.9\", \"destination.port\": 445}";

/* Alerts of a flow from where tanaka logged on a moment ago. */
static unsigned alerts_of(const char *rules)
{
	struct bench b;

	bench_begin(&b, NULL, rules, 1 << 20, false);
	bench_record(&b, 0, logon);
	bench_record(&b, 1, flow);
	unsigned n = b.alerts;
	bench_stop(&b);
	return n;
}

static void a_word_is_not_looked_for_in_what_another_match_has_added(void **state)
{
	(void)state;
	assert_int_equal(alerts_of(KEYWORD), 0);
	assert_int_equal(alerts_of(FIRST KEYWORD), 1);
}

static void rules_may_ask_who_was_lately_seen_at_an_address(void **state)
{
	(void)state;
	assert_int_equal(alerts_of(ACCOUNT), 1);
	assert_int_equal(alerts_of(FIRST ACCOUNT), 2);
	assert_int_equal(alerts_of(NO_ACCOUNT), 0);
	assert_int_equal(alerts_of(FIRST NO_ACCOUNT), 1);
}

static void an_account_that_logs_on_is_not_silent_though_no_rule_reads_logons(void **state)
{
	static const char silent[] = RULE("S-account", "sensor", "  s: {event.action: account_silent, sensor.subject: adm-kato}\n  condition: s\n");
	static const char admin[] = "{\"event.dataset\": \"auth\", \"event.outcome\": \"success\", \"user.name\": \"adm-kato\","
				    " \"source.ip\": \"10.0.0.1\", \"destination.ip\": \"10.0.0.9\"}";
	struct bench b;

	(void)state;
	bench_begin(&b, "site: { accounts: { admin: [adm-kato] } }\nsensor: { account_days: 3 }\n", silent, 1 << 20, false);
	for (int hour = 0; hour < 10 * 24; hour++)
		bench_record(&b, hour * 3600.0, hour % 24 == 5 ? admin : flow);
	assert_int_equal(b.alerts, 0);
	for (int hour = 10 * 24; hour < 15 * 24; hour++) /* and now it is */
		bench_record(&b, hour * 3600.0, flow);
	assert_int_equal(b.alerts, 1);
	bench_stop(&b);
}

/* The record that a tracker makes of one that passed, as an alert cites it. */
static void evidence_of(const char *rules, char *room, size_t size)
{
	static const char asked[] = "{\"event.dataset\": \"proxy\", \"http.request.method\": \"GET\", \"url.domain\": \"a.example\","
				    " \"http.response.status_code\": 407, \"proxy.authenticated\": false,"
				    " \"source.ip\": \"10.1.1.1\", \"destination.ip\": \"10.1.9.9\", \"destination.port\": 8080}";
	struct bench b;

	bench_begin(&b, "site: { zones: { users: { networks: [10.1.1.0/24], role: user } },"
			 " policy: [{ from: users, to: any, service: any, action: allow }] }\n", rules, 1 << 20, false);
	bench_record(&b, 0, asked);
	bench_tick(&b, 100);
	assert_int_equal(b.alerts, 1);
	struct bytes cited = record_text(b.alert, FIELD_ALERT_EVIDENCE);
	assert_in_range(cited.size, 16, size - 1);
	memcpy(room, cited.at, cited.size);
	room[cited.size] = '\0';
	bench_stop(&b);
}

static void what_a_tracker_makes_has_the_same_id_in_any_company(void **state)
{
	char alone[128], accompanied[128];

	(void)state;
	evidence_of(RULE("B", "proxy", "  s: {event.action: gave-up}\n  condition: s\n"), alone, sizeof(alone));
	evidence_of(RULE("B", "proxy", "  s: {event.action: gave-up}\n  condition: s\n")
		    RULE("C", "proxy", "  s: {event.action: odd, policy.action: allow}\n  condition: s\n"),
		    accompanied, sizeof(accompanied));
	assert_string_equal(alone, accompanied);
}

/* What a client says must not stand in for what another one says. */
static void answers_are_kept_by_the_whole_text(void **state)
{
	struct bench b;
	struct readings *readings = calloc(1, sizeof(*readings));
	char path[16];

	(void)state;
	bench_begin(&b, NULL, RULE("D", "http", "  s: {'url.path|endswith': .exe}\n  condition: s\n"), 1 << 20, false);
	assert_non_null(readings);
	for (unsigned n = 0; n < 10 * READINGS; n++) {
		size_t size = (size_t)snprintf(path, sizeof(path), "/%u.exe", n);
		struct interest i = { .dataset = DATASET_HTTP, .field = FIELD_URL_PATH, .text = bytes_of(path, size + 1) };
		assert_false(readings_ask(readings, b.rules, b.scratch, &i)); /* it ends with a zero */
		i.text.size = size;
		assert_true(readings_ask(readings, b.rules, b.scratch, &i));
	}
	free(readings);
	bench_stop(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_is_not_looked_for_in_what_another_match_has_added),
		cmocka_unit_test(rules_may_ask_who_was_lately_seen_at_an_address),
		cmocka_unit_test(an_account_that_logs_on_is_not_silent_though_no_rule_reads_logons),
		cmocka_unit_test(what_a_tracker_makes_has_the_same_id_in_any_company),
		cmocka_unit_test(answers_are_kept_by_the_whole_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
