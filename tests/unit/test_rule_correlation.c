/* SPDX-License-Identifier: BSD-2-Clause
 * Correlations: sliding windows on the packet clock, groups, order, chains (Sigma correlation rules specification 2.1). */
#include "rule_testing.h"

#define RULE(name, path) \
	"---\ntitle: base " name "\nname: " name "\nlogsource: {product: sensord, service: http}\n" \
	"detection: {s: {url.path: " path "}, condition: s}\n"

static struct rules *correlate(const char *section)
{
	static char yaml[8192];

	snprintf(yaml, sizeof(yaml), "title: c\nname: corr\ncorrelation:\n%s\n" RULE("a", "/a") RULE("b", "/b") RULE("c", "/c"),
		 section);
	return load(yaml);
}

/* A record at that second of an http request for the path, by the client 10.0.0.<client>; its id is id. */
static struct fired see(struct rules *r, double second, const char *path, unsigned client, uint64_t id)
{
	struct fired f = { 0 };
	struct record *record = record_new();
	uint8_t octets[4] = { 10, 0, 0, (uint8_t)client };
	struct address a = address_v4(octets);

	assert_non_null(record);
	record_clear(record, DATASET_HTTP, 1000 * NS_PER_S + (uint64_t)(second * 1e9));
	record->id = id;
	record_set_string(record, FIELD_URL_PATH, path);
	if (client)
		record_set_ip(record, FIELD_SOURCE_IP, &a);
	record_printf(record, FIELD_USER_NAME, "user%u", (unsigned)id);
	record_set_uint(record, FIELD_HTTP_REQUEST_BODY_BYTES, id * 100);
	record_set_uint(record, FIELD_SENSOR_PACKET, id + 1000);
	rules_match(r, record, note_match, &f);
	record_free(record);
	return f;
}

static void event_count_slides_over_time(void **state)
{
	struct rules *r = correlate("  type: event_count\n  rules: [a]\n  group-by: [source.ip]\n  timespan: 10s\n"
				    "  condition: {gte: 3}");

	(void)state;
	assert_int_equal(see(r, 0, "/a", 1, 1).matches, 0);
	assert_int_equal(see(r, 6, "/a", 1, 2).matches, 0);
	assert_int_equal(see(r, 10.5, "/a", 1, 3).matches, 0); /* the first is out */
	assert_string_equal(see(r, 11, "/b", 1, 4).names, " b"); /* another rule */
	struct fired f = see(r, 12, "/a", 1, 5);
	assert_int_equal(f.matches, 1);
	assert_string_equal(f.names, " corr");
	assert_int_equal(f.count, 3);
	assert_int_equal(f.first_ns, 1006 * NS_PER_S);
	assert_int_equal(f.n_evidence, 3);
	assert_int_equal(f.evidence[0], 2);
	assert_int_equal(f.evidence[2], 5);
	assert_int_equal(f.packets[2], 1005);
	assert_int_equal(see(r, 13, "/a", 1, 6).count, 4); /* goes on counting */
	assert_int_equal(see(r, 60, "/a", 1, 7).matches, 0);
	rules_free(r);
}

static void the_edge_of_the_timespan_is_inside(void **state)
{
	struct rules *r = correlate("  type: event_count\n  rules: [a]\n  timespan: 10s\n  condition: {gte: 2}");

	(void)state;
	see(r, 0, "/a", 1, 1);
	assert_int_equal(see(r, 10, "/a", 2, 2).matches, 1); /* no group-by: all together */
	rules_free(r);
}

static void groups_count_apart_and_absence_is_a_group(void **state)
{
	struct rules *r = correlate("  type: event_count\n  rules: [a]\n  group-by: [source.ip]\n  timespan: 10s\n"
				    "  condition: {gt: 1}");

	(void)state;
	assert_int_equal(see(r, 0, "/a", 1, 1).matches, 0);
	assert_int_equal(see(r, 1, "/a", 2, 2).matches, 0);
	assert_int_equal(see(r, 2, "/a", 0, 3).matches, 0);
	assert_int_equal(see(r, 3, "/a", 0, 4).matches, 1);
	assert_int_equal(see(r, 4, "/a", 1, 5).matches, 1);
	rules_free(r);
}

static void late_records_find_their_place(void **state)
{
	struct rules *r = correlate("  type: event_count\n  rules: [a]\n  timespan: 10s\n  condition: {gte: 3}");

	(void)state;
	see(r, 20, "/a", 1, 1);
	assert_int_equal(see(r, 5, "/a", 1, 2).matches, 0); /* too late to count */
	see(r, 18, "/a", 1, 3);
	struct fired f = see(r, 19, "/a", 1, 4);
	assert_int_equal(f.matches, 1);
	assert_int_equal(f.evidence[0], 3);
	assert_int_equal(f.evidence[1], 4);
	assert_int_equal(f.evidence[2], 1);
	rules_free(r);
}

static void criteria_join_to_a_range(void **state)
{
	struct rules *r = correlate("  type: event_count\n  rules: [a]\n  timespan: 1h\n  condition: {gt: 1, lte: 3}");
	size_t fired[5];

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		fired[i] = see(r, i, "/a", 1, i + 1).matches;
	assert_int_equal(fired[0], 0);
	assert_int_equal(fired[1], 1);
	assert_int_equal(fired[2], 1);
	assert_int_equal(fired[3], 0);
	assert_int_equal(fired[4], 0);
	rules_free(r);
	r = correlate("  type: event_count\n  rules: [a]\n  timespan: 1h\n  condition: {neq: 2}");
	assert_int_equal(see(r, 0, "/a", 1, 1).matches, 1);
	assert_int_equal(see(r, 1, "/a", 1, 2).matches, 0);
	rules_free(r);
	r = correlate("  type: event_count\n  rules: [a]\n  timespan: 1h\n  condition: {eq: 2}");
	assert_int_equal(see(r, 0, "/a", 1, 1).matches, 0);
	assert_int_equal(see(r, 1, "/a", 1, 2).matches, 1);
	rules_free(r);
}

static void more_events_than_evidence_keep_the_latest(void **state)
{
	struct rules *r = correlate("  type: event_count\n  rules: [a]\n  timespan: 1h\n  condition: {gte: 40}");
	struct fired f = { 0 };

	(void)state;
	for (unsigned i = 1; i <= 40; i++)
		f = see(r, i, "/a", 1, i);
	assert_int_equal(f.matches, 1);
	assert_int_equal(f.count, 40);
	assert_int_equal(f.n_evidence, 16);
	assert_int_equal(f.evidence[0], 25);
	assert_int_equal(f.evidence[15], 40);
	assert_int_equal(f.first_ns, 1001 * NS_PER_S);
	rules_free(r);
}

static void value_count_counts_distinct_values(void **state)
{
	struct rules *r = correlate("  type: value_count\n  rules: [a]\n  group-by: [source.ip]\n  timespan: 10s\n"
				    "  condition: {field: user.name, gte: 3}");

	(void)state;
	assert_int_equal(see(r, 0, "/a", 1, 1).matches, 0);
	assert_int_equal(see(r, 1, "/a", 1, 2).matches, 0);
	assert_int_equal(see(r, 2, "/a", 1, 2).matches, 0);
	assert_int_equal(see(r, 3, "/a", 1, 1).matches, 0);
	struct fired f = see(r, 4, "/a", 1, 7);
	assert_int_equal(f.matches, 1);
	assert_int_equal(f.count, 3);
	assert_int_equal(f.n_values, 3);
	assert_string_equal(f.values[0], "user2"); /* in order of their latest event */
	assert_string_equal(f.values[1], "user1");
	assert_string_equal(f.values[2], "user7");
	assert_int_equal(see(r, 12.5, "/a", 1, 8).matches, 1); /* user2 is out, user1 and user7 are not */
	assert_int_equal(see(r, 14.5, "/a", 1, 8).matches, 0);
	rules_free(r);
}

static void sums_and_averages_are_of_numbers(void **state)
{
	struct rules *r = correlate("  type: value_sum\n  rules: [a]\n  timespan: 10s\n"
				    "  condition: {field: http.request.body.bytes, gt: 600}");

	(void)state;
	assert_int_equal(see(r, 0, "/a", 1, 1).matches, 0);
	assert_int_equal(see(r, 1, "/a", 1, 5).matches, 0);
	assert_int_equal(see(r, 2, "/a", 1, 1).matches, 1);
	assert_int_equal(see(r, 11.5, "/a", 1, 1).matches, 0); /* 500 of second 1 is out */
	rules_free(r);
	r = correlate("  type: value_avg\n  rules: [a]\n  timespan: 10s\n"
		      "  condition: {field: http.request.body.bytes, gte: 300}");
	assert_int_equal(see(r, 0, "/a", 1, 1).matches, 0);
	assert_int_equal(see(r, 1, "/a", 1, 5).matches, 1);
	rules_free(r);
}

static void a_sum_stays_right_beyond_the_events_kept(void **state)
{
	struct rules *r = correlate("  type: value_sum\n  rules: [a]\n  timespan: 1h\n"
				    "  condition: {field: http.request.body.bytes, gte: 200000}");
	size_t matches = 0;

	(void)state;
	for (unsigned i = 1; i < 2000; i++)
		matches += see(r, i * 0.1, "/a", 1, 1).matches;
	assert_int_equal(matches, 0);
	struct fired f = see(r, 300, "/a", 1, 1);
	assert_int_equal(f.matches, 1);
	assert_int_equal(f.count, 2000);
	rules_free(r);
}

static void temporal_wants_every_rule_in_any_order(void **state)
{
	struct rules *r = correlate("  type: temporal\n  rules: [a, b, c]\n  group-by: [source.ip]\n  timespan: 10s");

	(void)state;
	assert_int_equal(see(r, 0, "/c", 1, 1).matches, 0);
	assert_int_equal(see(r, 1, "/a", 1, 2).matches, 0);
	assert_int_equal(see(r, 2, "/b", 2, 3).matches, 0);
	assert_int_equal(see(r, 3, "/a", 1, 4).matches, 0);
	struct fired f = see(r, 4, "/b", 1, 5);
	assert_int_equal(f.matches, 1);
	assert_int_equal(f.n_evidence, 3);
	assert_int_equal(f.evidence[0], 1);
	assert_int_equal(f.evidence[1], 4);
	assert_int_equal(see(r, 20, "/b", 1, 6).matches, 0);
	rules_free(r);
	r = correlate("  type: temporal\n  rules: [a, b, c]\n  timespan: 10s\n  condition: {gte: 2}");
	assert_int_equal(see(r, 0, "/c", 1, 1).matches, 0);
	assert_int_equal(see(r, 1, "/a", 1, 2).matches, 1);
	rules_free(r);
}

static void temporal_ordered_wants_them_in_order(void **state)
{
	struct rules *r = correlate("  type: temporal_ordered\n  rules: [a, b, c]\n  timespan: 10s");

	(void)state;
	see(r, 0, "/b", 1, 1);
	see(r, 1, "/a", 1, 2);
	assert_int_equal(see(r, 2, "/c", 1, 3).matches, 0); /* b was before a */
	see(r, 3, "/b", 1, 4);
	struct fired f = see(r, 4, "/c", 1, 5);
	assert_int_equal(f.matches, 1);
	assert_int_equal(f.first_ns, 1001 * NS_PER_S);
	assert_int_equal(see(r, 11.5, "/c", 1, 6).matches, 0); /* a is out */
	rules_free(r);
}

static void temporal_ordered_takes_the_latest_start(void **state)
{
	struct rules *r = correlate("  type: temporal_ordered\n  rules: [a, b]\n  timespan: 10s");

	(void)state;
	see(r, 0, "/a", 1, 1);
	see(r, 8, "/a", 1, 2);
	struct fired f = see(r, 17, "/b", 1, 3);
	assert_int_equal(f.matches, 1);
	assert_int_equal(f.first_ns, 1008 * NS_PER_S);
	rules_free(r);
	r = correlate("  type: temporal_ordered\n  rules: [a, b, c]\n  timespan: 10s\n  condition: {gte: 2}");
	see(r, 0, "/b", 1, 1);
	assert_int_equal(see(r, 1, "/a", 1, 2).matches, 0);
	assert_int_equal(see(r, 2, "/c", 1, 3).matches, 1); /* a, c */
	rules_free(r);
}

static void one_record_is_not_two_in_order(void **state)
{
	struct rules *r = load("title: c\ncorrelation:\n  type: temporal_ordered\n  rules: [a, a2]\n  timespan: 10s\n"
			       RULE("a", "/a") RULE("a2", "'/a*'"));

	(void)state;
	assert_int_equal(see(r, 0, "/a", 1, 1).matches, 0);
	assert_int_equal(see(r, 1, "/a", 1, 2).matches, 1);
	rules_free(r);
}

static void aliases_join_different_fields(void **state)
{
	struct rules *r = load(
		"title: c\nname: corr\ncorrelation:\n  type: temporal\n  rules: [a, d]\n  group-by: [host]\n  timespan: 1m\n"
		"  aliases:\n    host: {a: source.ip, d: destination.ip}\n" RULE("a", "/a")
		"---\ntitle: d\nname: d\nlogsource: {product: sensord, service: dns}\n"
		"detection: {s: {dns.question.name: x}, condition: s}\n");

	(void)state;
	assert_int_equal(see(r, 0, "/a", 5, 1).matches, 0);
	assert_int_equal(match_json(r, "{\"event.dataset\": \"dns\", \"@timestamp\": \"1970-01-01T00:16:45Z\","
				       "\"dns.question.name\": \"x\", \"destination.ip\": \"10.0.0.6\"}").matches, 0);
	assert_int_equal(match_json(r, "{\"event.dataset\": \"dns\", \"@timestamp\": \"1970-01-01T00:16:45Z\","
				       "\"dns.question.name\": \"x\", \"destination.ip\": \"10.0.0.5\"}").matches, 1);
	assert_true(rules_read_field(r, FIELD_DESTINATION_IP));
	assert_false(rules_read_field(r, FIELD_TLS_CIPHER));
	assert_int_equal(rules_datasets(r), DATASET_BIT(DATASET_HTTP) | DATASET_BIT(DATASET_DNS));
	rules_free(r);
}

static void base_rules_are_silent_unless_generated(void **state)
{
	struct rules *r = correlate("  type: event_count\n  rules: [a]\n  timespan: 10s\n  condition: {gte: 1}");

	(void)state;
	assert_string_equal(see(r, 0, "/a", 1, 1).names, " corr");
	assert_string_equal(see(r, 1, "/b", 1, 2).names, " b");
	rules_free(r);
	r = correlate("  type: event_count\n  rules: [a]\n  timespan: 10s\n  condition: {gte: 1}\n  generate: true");
	assert_string_equal(see(r, 0, "/a", 1, 1).names, " corr a");
	rules_free(r);
}

static void correlations_chain(void **state)
{
	struct rules *r = correlate("  type: temporal_ordered\n  rules: [many, b]\n  group-by: [source.ip]\n  timespan: 10s\n"
				    "---\ntitle: m\nname: many\ncorrelation:\n  type: event_count\n  rules: [a]\n"
				    "  group-by: [source.ip]\n  timespan: 10s\n  condition: {gte: 2}\n");

	(void)state;
	see(r, 0, "/a", 1, 1);
	assert_int_equal(see(r, 1, "/b", 1, 2).matches, 0);
	assert_int_equal(see(r, 2, "/a", 1, 3).matches, 0); /* many holds, in silence */
	assert_string_equal(see(r, 3, "/b", 1, 4).names, " corr");
	rules_free(r);
}

static void the_oldest_group_goes_when_the_table_is_full(void **state)
{
	struct rules_settings s = { .max_state = 2 };
	struct rules *r = rules_parse(&s, "t.yml", bytes_string(
		"title: c\ncorrelation:\n  type: event_count\n  rules: [a]\n  group-by: [source.ip]\n  timespan: 1h\n"
		"  condition: {gte: 2}\n" RULE("a", "/a")), NULL, NULL);

	(void)state;
	assert_non_null(r);
	see(r, 0, "/a", 1, 1);
	see(r, 1, "/a", 2, 2);
	see(r, 2, "/a", 3, 3);
	assert_int_equal(see(r, 3, "/a", 3, 4).matches, 1);
	assert_int_equal(see(r, 4, "/a", 1, 5).matches, 0); /* forgotten */
	rules_expire(r, 100000 * NS_PER_S);
	assert_int_equal(see(r, 5, "/a", 3, 6).matches, 0);
	rules_free(r);
}

static void events_are_bounded(void **state)
{
	struct rules_settings s = { .max_state = 1 };
	struct rules *r = rules_parse(&s, "t.yml", bytes_string(
		"title: c\ncorrelation:\n  type: event_count\n  rules: [a]\n  timespan: 1h\n  condition: {gte: 16}\n"
		RULE("a", "/a")), NULL, NULL);
	struct fired f = { 0 };

	(void)state;
	assert_non_null(r);
	for (unsigned i = 0; i < 100; i++)
		f = see(r, i, "/a", 1, i);
	assert_int_equal(f.count, 16);
	rules_free(r);
}

static void mistakes_are_told(void **state)
{
	static const struct { const char *section, *error; } cases[] = {
		{ "  type: event_cuont\n  rules: [a]\n  timespan: 1m", "did you mean 'event_count'?" },
		{ "  type: event_count\n  rules: [a]\n  timespan: 1m", "needs a 'condition'" },
		{ "  type: event_count\n  rules: [a]\n  condition: {gte: 1}", "'timespan'" },
		{ "  type: event_count\n  rules: [zz]\n  timespan: 1m\n  condition: {gte: 1}", "t.yml:5:11: no rule has the name or id 'zz'" },
		{ "  type: event_count\n  rules: [a, a]\n  timespan: 1m\n  condition: {gte: 1}", "named twice" },
		{ "  type: event_count\n  rules: [corr]\n  timespan: 1m\n  condition: {gte: 1}", "refers to itself" },
		{ "  type: event_count\n  timespan: 1m\n  condition: {gte: 1}", "needs its 'rules'" },
		{ "  type: event_count\n  rules: [a]\n  timespan: 1m\n  condition: {gte: many}", "takes a number" },
		{ "  type: event_count\n  rules: [a]\n  timespan: 1m\n  condition: {over: 1}", "unknown criterion" },
		{ "  type: event_count\n  rules: [a]\n  timespan: 1m\n  condition: {gte: 1000000}", "counts go up to" },
		{ "  type: value_count\n  rules: [a]\n  timespan: 1m\n  condition: {gte: 1}", "'field'" },
		{ "  type: value_sum\n  rules: [a]\n  timespan: 1m\n  condition: {gte: 1, field: user.name}", "holds a number" },
		{ "  type: value_percentile\n  rules: [a]\n  timespan: 1m\n  condition: {gte: 1, field: user.name}", "not supported" },
		{ "  type: temporal\n  rules: [a, b]\n  timespan: 1m\n  group-by: [source.pi]", "did you mean 'source.ip'?" },
		{ "  type: temporal\n  rules: [a, b]\n  timespan: 1m\n  group-by: [x]\n  aliases: {x: {a: source.ip}}", "names no field of the rule 'b'" },
		{ "  type: temporal\n  rules: [a, b]\n  timespan: 1m\n  group-by: [x]\n  aliases: {x: {a: source.ip, b: user.name}}",
		  "different types" },
	};
	char yaml[4096];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(yaml, sizeof(yaml), "title: c\nname: corr\ncorrelation:\n%s\n" RULE("a", "/a") RULE("b", "/b"),
			 cases[i].section);
		const char *line = load_error(yaml);
		if (!strstr(line, cases[i].error))
			fail_msg("expected \"%s\" in \"%s\"", cases[i].error, line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(event_count_slides_over_time),
		cmocka_unit_test(the_edge_of_the_timespan_is_inside),
		cmocka_unit_test(groups_count_apart_and_absence_is_a_group),
		cmocka_unit_test(late_records_find_their_place),
		cmocka_unit_test(criteria_join_to_a_range),
		cmocka_unit_test(more_events_than_evidence_keep_the_latest),
		cmocka_unit_test(value_count_counts_distinct_values),
		cmocka_unit_test(sums_and_averages_are_of_numbers),
		cmocka_unit_test(a_sum_stays_right_beyond_the_events_kept),
		cmocka_unit_test(temporal_wants_every_rule_in_any_order),
		cmocka_unit_test(temporal_ordered_wants_them_in_order),
		cmocka_unit_test(temporal_ordered_takes_the_latest_start),
		cmocka_unit_test(one_record_is_not_two_in_order),
		cmocka_unit_test(aliases_join_different_fields),
		cmocka_unit_test(base_rules_are_silent_unless_generated),
		cmocka_unit_test(correlations_chain),
		cmocka_unit_test(the_oldest_group_goes_when_the_table_is_full),
		cmocka_unit_test(events_are_bounded),
		cmocka_unit_test(mistakes_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
