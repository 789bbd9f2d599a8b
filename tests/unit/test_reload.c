/* SPDX-License-Identifier: BSD-2-Clause
 * Site file and rules are replaced while records come: what was counted, told and remembered goes on; what changed
 * begins anew. */
#include <malloc.h>

#include "detect_harness.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#endif
#if defined(SANITIZED) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
size_t __sanitizer_get_current_allocated_bytes(void); /* their allocators tell mallinfo2() nothing */
#define allocated __sanitizer_get_current_allocated_bytes
#else
static size_t allocated(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}
#endif

#define SITE "site: { name: test, zones: { users: { networks: [10.1.10.0/24], role: user } } }\n"
#define SITE_EXCEPT "site: { name: test, zones: { users: { networks: [10.1.10.0/24], role: user } },\n" \
		    "  exceptions: [ { rule: R-01, from: 10.1.10.11, owner: net, reason: known, expires: 2030-01-01 } ] }\n"

#define RULE(id, uuid, level, action)                                                                                   \
	"title: one\nid: 3f0c2a52-2b39-4a9e-9a52-6b0d6c8a5a" uuid "\nname: " id "\nlevel: " level "\nsuppress: 10m\n"     \
	"logsource: { product: sensord, service: flow }\n"                                                              \
	"detection: { selection: { event.action: " action " }, condition: selection }\n"
#define MANY(of, count)                                                                                                 \
	"---\ntitle: many\nid: 3f0c2a52-2b39-4a9e-9a52-6b0d6c8a5aff\nname: R-02\nlevel: medium\n"                          \
	"correlation: { type: event_count, rules: [" of "], group-by: [source.ip], timespan: 10m, condition: { gte: " count " } }\n"
#define SINGLE RULE("R-01", "01", "low", "odd")
#define WINDOW RULE("R-00", "00", "low", "odd") MANY("R-00", "4")

#define ODD(host) "{\"event.dataset\":\"flow\",\"event.action\":\"odd\",\"source.ip\":\"10.1.10." host "\",\"destination.ip\":\"10.9.9.9\"}"
#define LOGON "{\"event.dataset\":\"auth\",\"event.outcome\":\"success\",\"auth.carrier\":\"smb\",\"user.name\":\"tanaka\"," \
	      "\"source.ip\":\"10.1.10.11\",\"destination.ip\":\"10.9.9.9\"}"

static struct rules *rules_of(const struct site *site, const char *yaml, const struct rules_settings *more)
{
	struct rules_settings s = more ? *more : (struct rules_settings){ 0 };

	s.placeholder = bench_fill;
	s.placeholder_context = site;
	s.max_state = 1024;
	struct rules *r = rules_parse(&s, "test", bytes_string(yaml), NULL, NULL);
	assert_non_null(r);
	return r;
}

/* Replaces the site (NULL: the same text again) and the rules of a bench, and frees the old ones. */
static void reload(struct bench *b, const char *site_yaml, const char *rules_yaml, const struct rules_settings *more)
{
	struct error err = { 0 };
	struct site *site = site_parse("test", bytes_string(site_yaml ? site_yaml : SITE), &err);
	assert_non_null(site);
	struct rules *rules = rules_of(site, rules_yaml, more);
	struct detect_settings s = { site, rules, NULL, 0, 0 };
	struct detect_change *c = detect_prepare(&s, &err);

	assert_non_null(c);
	assert_true(detect_adopt(b->detect, c, &err));
	detect_change_free(c);
	rules_free(b->rules);
	site_free(b->site);
	b->site = site;
	b->rules = rules;
}

static void begin(struct bench *b, const char *rules_yaml)
{
	bench_start(b, SITE, 8u << 20, false);
	reload(b, NULL, rules_yaml, NULL);
}

static void a_window_half_full_fires_after_it_with_all_it_counted(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, WINDOW);
	bench_record(&b, 0, ODD("11"));
	bench_record(&b, 10, ODD("11"));
	bench_record(&b, 20, ODD("12"));
	/* A comment and other rules around it are no change. */
	reload(&b, NULL, SINGLE "---\n# as before\n" WINDOW, NULL);
	bench_record(&b, 30, ODD("11"));
	unsigned before = b.alerts;
	bench_record(&b, 40, ODD("11"));
	assert_int_equal(b.alerts, before + 1);
	assert_true(record_text_is(b.alert, FIELD_RULE_ID, "R-02"));
	assert_int_equal(record_uint(b.alert, FIELD_ALERT_COUNT), 4);
	const struct value *v = record_get(b.alert, FIELD_ALERT_EVIDENCE);
	size_t n = 0;
	for (; v; v = record_next(b.alert, v))
		n++;
	assert_int_equal(n, 4);
	assert_int_equal(record_uint(b.alert, FIELD_ALERT_FIRST), BENCH_START * NS_PER_S);
	bench_stop(&b);
}

static void a_correlation_that_changed_begins_anew(void **state)
{
	static const char *const changed[] = {
		RULE("R-00", "00", "low", "odd") MANY("R-00", "3"),        /* itself */
		RULE("R-00", "00", "low", "[odd, even]") MANY("R-00", "4"), /* what it counts */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(changed); i++) {
		struct bench b;
		begin(&b, WINDOW);
		for (int k = 0; k < 3; k++)
			bench_record(&b, k, ODD("11"));
		reload(&b, NULL, changed[i], NULL);
		bench_record(&b, 10, ODD("11"));
		bench_record(&b, 11, ODD("11"));
		assert_int_equal(b.alerts, 0);
		bench_record(&b, 12, ODD("11"));
		bench_record(&b, 13, ODD("11"));
		assert_int_equal(b.alerts, 1);
		bench_stop(&b);
	}
}

#define SPREAD(id, uuid, count)                                                                                         \
	"---\ntitle: spread\nid: 3f0c2a52-2b39-4a9e-9a52-6b0d6c8a5a" uuid "\nname: " id "\nlevel: medium\n"              \
	"correlation: { type: value_count, rules: [R-00], group-by: [source.ip], timespan: 10m, "                       \
	"condition: { gte: " count ", field: destination.ip } }\n"
#define REACHES(host) "{\"event.dataset\":\"flow\",\"event.action\":\"odd\",\"source.ip\":\"10.1.10.11\",\"destination.ip\":\"10.9.9." host "\"}"

/* Counts of values share what they count: one of them may change, or go, and the other does not lose it. */
static void a_count_of_values_goes_on_where_its_neighbour_changes(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, RULE("R-00", "00", "low", "odd") SPREAD("R-05", "05", "4") SPREAD("R-06", "06", "9"));
	bench_record(&b, 0, REACHES("1"));
	bench_record(&b, 1, REACHES("2"));
	bench_record(&b, 2, REACHES("3"));
	reload(&b, NULL, RULE("R-00", "00", "low", "odd") SPREAD("R-05", "05", "4") SPREAD("R-06", "06", "2"), NULL);
	bench_record(&b, 3, REACHES("4"));
	assert_int_equal(b.alerts, 1); /* R-05; R-06 begins anew */
	assert_true(record_text_is(b.alert, FIELD_RULE_ID, "R-05"));
	assert_int_equal(record_uint(b.alert, FIELD_ALERT_COUNT), 4);
	reload(&b, NULL, RULE("R-00", "00", "low", "odd") SPREAD("R-06", "06", "2"), NULL);
	bench_record(&b, 4, REACHES("5"));
	assert_true(record_text_is(b.alert, FIELD_RULE_ID, "R-06"));
	assert_int_equal(record_uint(b.alert, FIELD_ALERT_COUNT), 2);
	bench_stop(&b);
}

static void a_filter_that_came_makes_another_rule(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, WINDOW);
	for (int k = 0; k < 3; k++)
		bench_record(&b, k, ODD("11"));
	reload(&b, NULL, WINDOW "---\ntitle: f\nlogsource: { product: sensord, service: flow }\n"
				"filter: { rules: [R-00], selection: { source.ip: 10.1.10.99 }, condition: selection }\n", NULL);
	bench_record(&b, 10, ODD("11"));
	assert_int_equal(b.alerts, 0);
	bench_stop(&b);
}

static void what_was_told_is_not_told_again_and_gets_its_closing_line(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, SINGLE);
	bench_record(&b, 0, ODD("11"));
	bench_record(&b, 1, ODD("11"));
	assert_int_equal(b.alerts, 1);
	reload(&b, NULL, SINGLE, NULL);
	bench_record(&b, 2, ODD("11"));
	assert_int_equal(b.alerts, 1);
	bench_tick(&b, 700);
	assert_int_equal(b.alerts, 2);
	assert_true(record_text_is(b.alert, FIELD_ALERT_STATE, "closed"));
	assert_int_equal(record_uint(b.alert, FIELD_ALERT_COUNT), 3);
	bench_stop(&b);
}

static void the_alert_of_an_edited_rule_stays_and_that_of_a_removed_one_is_closed(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, SINGLE "---\n" RULE("R-03", "03", "low", "odd"));
	bench_record(&b, 0, ODD("11"));
	bench_record(&b, 1, ODD("11"));
	assert_int_equal(b.alerts, 2);
	reload(&b, NULL, RULE("R-01", "01", "low", "[odd, even]"), NULL);
	assert_int_equal(b.alerts, 3);
	assert_true(record_text_is(b.alert, FIELD_RULE_ID, "R-03"));
	assert_true(record_text_is(b.alert, FIELD_ALERT_STATE, "closed"));
	bench_record(&b, 2, ODD("11"));
	assert_int_equal(b.alerts, 3);
	bench_stop(&b);
}

static void a_shorter_suppression_holds_for_what_is_open(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, "title: one\nname: R-01\nlevel: low\nsuppress: 10h\nlogsource: { product: sensord, service: flow }\n"
		  "detection: { selection: { event.action: odd }, condition: selection }\n");
	bench_record(&b, 0, ODD("11"));
	bench_record(&b, 1, ODD("11"));
	reload(&b, NULL, SINGLE, NULL);
	bench_tick(&b, 602);
	assert_int_equal(b.alerts, 2);
	bench_stop(&b);
}

static void who_logged_on_where_is_still_known(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, SINGLE);
	bench_record(&b, 0, LOGON);
	reload(&b, NULL, SINGLE, NULL);
	bench_record(&b, 1, ODD("11"));
	assert_true(record_text_is(b.alert, FIELD_RELATED_USER, "tanaka"));
	bench_stop(&b);
}

static void new_levels_and_switches_hold_at_once(void **state)
{
	static const char *const disabled[] = { "R-01" }, *const levels[] = { "R-01", "high" };
	struct rules_settings off = { .disabled = disabled, .n_disabled = 1 }, loud = { .levels = levels, .n_levels = 1 };
	struct bench b;

	(void)state;
	begin(&b, SINGLE);
	reload(&b, NULL, SINGLE, &off);
	bench_record(&b, 0, ODD("11"));
	assert_int_equal(b.alerts, 0);
	reload(&b, NULL, SINGLE, &loud);
	bench_record(&b, 1, ODD("11"));
	assert_true(record_text_is(b.alert, FIELD_RULE_LEVEL, "high"));
	bench_stop(&b);
}

static void a_level_that_rose_is_told_of_an_open_alert(void **state)
{
	static const char *const levels[] = { "R-01", "high" };
	struct rules_settings loud = { .levels = levels, .n_levels = 1 };
	struct bench b;

	(void)state;
	begin(&b, SINGLE);
	bench_record(&b, 0, ODD("11"));
	reload(&b, NULL, SINGLE, &loud);
	bench_record(&b, 1, ODD("11"));
	assert_int_equal(b.alerts, 2);
	assert_true(record_text_is(b.alert, FIELD_ALERT_STATE, "raised"));
	bench_stop(&b);
}

static void exceptions_of_the_new_site_file_hold_and_zones_are_its_own(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, SINGLE);
	reload(&b, SITE_EXCEPT, SINGLE, NULL);
	bench_record(&b, 0, ODD("11"));
	assert_int_equal(b.alerts, 0);
	reload(&b, SITE_EXCEPT, SINGLE, NULL);
	bench_record(&b, 1, ODD("11"));
	assert_int_equal(detect_counts(b.detect)->excepted, 2);
	reload(&b, "site: { zones: { desks: { networks: [10.1.10.0/24], role: user } } }\n", SINGLE, NULL);
	bench_record(&b, 2, ODD("11"));
	assert_true(record_text_is(b.alert, FIELD_SOURCE_ZONE, "desks"));
	bench_stop(&b);
}

static void remembered_answers_are_dropped(void **state)
{
	struct address from, to;
	struct interest i = { .dataset = DATASET_FLOW, .time_ns = NS_PER_S, .action = "even", .client = &from, .server = &to };
	struct bench b;

	(void)state;
	assert_true(address_parse(bytes_string("10.1.10.11"), &from));
	assert_true(address_parse(bytes_string("10.1.10.12"), &to));
	begin(&b, SINGLE);
	assert_false(detect_wants(b.detect, &i));
	reload(&b, NULL, RULE("R-01", "01", "low", "even"), NULL);
	assert_true(detect_wants(b.detect, &i));
	bench_stop(&b);
}

#define RARE "title: rare\nname: R-10\nlevel: low\nlogsource: { product: sensord, service: tls }\n" \
	     "detection: { selection: { tls.client.ja4_rare: true }, condition: selection }\n"

static void trackers_start_and_stop_with_the_rules_that_read_them(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, SINGLE);
	assert_false(detect_datasets(b.detect) & DATASET_BIT(DATASET_TLS));
	reload(&b, NULL, SINGLE "---\n" RARE, NULL);
	assert_true(detect_datasets(b.detect) & DATASET_BIT(DATASET_TLS));
	reload(&b, NULL, SINGLE, NULL);
	assert_false(detect_datasets(b.detect) & DATASET_BIT(DATASET_TLS));
	bench_stop(&b);
}

static void a_bad_catalogue_is_refused_before_anything_changes(void **state)
{
	struct error err = { 0 };
	struct bench b;

	(void)state;
	begin(&b, SINGLE);
	struct rules *rules = rules_of(b.site, RULE("R-01", "01", "low", "even"), NULL);
	struct detect_settings s = { b.site, rules, "/nowhere/catalogue.yaml", 0, 0 };
	assert_null(detect_prepare(&s, &err));
	assert_true(err.text[0]);
	bench_record(&b, 0, ODD("11"));
	assert_int_equal(b.alerts, 1);
	rules_free(rules);
	bench_stop(&b);
}

static void a_change_that_is_not_made_is_given_back(void **state)
{
	struct error err = { 0 };
	struct bench b;

	(void)state;
	begin(&b, SINGLE);
	struct detect_settings s = { b.site, b.rules, NULL, 0, 0 };
	detect_change_free(detect_prepare(&s, &err));
	detect_change_free(NULL);
	bench_stop(&b);
}

/* Rules of other names each time leave nothing behind either. */
static void a_thousand_reloads_leave_nothing_behind(void **state)
{
	char yaml[4096];
	struct bench b;
	size_t settled = 0;

	(void)state;
	size_t nothing = allocated();
	begin(&b, WINDOW);
	assert_true(allocated() > nothing + 65536); /* it does count */
	for (int i = 0; i < 1000; i++) {
		snprintf(yaml, sizeof(yaml), "%s---\ntitle: passing\nname: P-%02d-%d\nlevel: low\n"
			 "logsource: { product: sensord, service: flow }\n"
			 "detection: { selection: { event.action: odd }, condition: selection }\n"
			 "---\ntitle: passing many\nname: Q-%02d-%d\nlevel: low\n"
			 "correlation: { type: event_count, rules: [P-%02d-%d], group-by: [source.ip], timespan: 1h, "
			 "condition: { gte: 9 } }\n", WINDOW, i % 100, i, i % 100, i, i % 100, i);
		reload(&b, NULL, yaml, NULL);
		bench_record(&b, 600 * i, ODD("11"));
		bench_record(&b, 600 * i + 1, ODD("12"));
		if (i == 100)
			settled = allocated();
	}
	assert_in_range(allocated(), 1, settled + 65536); /* 900 times 72 bytes */
	for (int i = 0; i < 3; i++)
		bench_record(&b, 602000, ODD("11"));
	unsigned before = b.alerts;
	for (int i = 0; i < 1000; i++)
		reload(&b, NULL, WINDOW, NULL);
	b.alerts = before;
	bench_record(&b, 602001, ODD("11"));
	assert_int_equal(b.alerts, before + 1);
	assert_int_equal(record_uint(b.alert, FIELD_ALERT_COUNT), 4);
	bench_stop(&b);
	assert_in_range(allocated(), 0, nothing + 65536);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_window_half_full_fires_after_it_with_all_it_counted),
		cmocka_unit_test(a_correlation_that_changed_begins_anew),
		cmocka_unit_test(a_count_of_values_goes_on_where_its_neighbour_changes),
		cmocka_unit_test(a_filter_that_came_makes_another_rule),
		cmocka_unit_test(what_was_told_is_not_told_again_and_gets_its_closing_line),
		cmocka_unit_test(the_alert_of_an_edited_rule_stays_and_that_of_a_removed_one_is_closed),
		cmocka_unit_test(a_shorter_suppression_holds_for_what_is_open),
		cmocka_unit_test(who_logged_on_where_is_still_known),
		cmocka_unit_test(new_levels_and_switches_hold_at_once),
		cmocka_unit_test(a_level_that_rose_is_told_of_an_open_alert),
		cmocka_unit_test(exceptions_of_the_new_site_file_hold_and_zones_are_its_own),
		cmocka_unit_test(remembered_answers_are_dropped),
		cmocka_unit_test(trackers_start_and_stop_with_the_rules_that_read_them),
		cmocka_unit_test(a_bad_catalogue_is_refused_before_anything_changes),
		cmocka_unit_test(a_change_that_is_not_made_is_given_back),
		cmocka_unit_test(a_thousand_reloads_leave_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
