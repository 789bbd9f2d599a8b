/* SPDX-License-Identifier: BSD-2-Clause
 * Alerts: what is told, when, and what is only counted. Rules are made by hand; lines are compared as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/instant.h"
#include "detect/alert.h"
#include "record/json.h"

#define T0 (UINT64_C(1800000000) * NS_PER_S)
#define MAX_LINES 64

static const char *const techniques[] = { "T1071.001", "T1090" };
static const enum field by_source[] = { FIELD_SOURCE_IP };
static const enum field by_user[] = { FIELD_USER_NAME };

static const struct rule_about direct = {
	.rule_id = "A-01", .name = "A-01", .uuid = "6f1d", .title = "Direct attempt", .description = "Past the proxy.",
	.level = LEVEL_LOW, .measure = "A", .basis = "guide", .techniques = techniques, .n_techniques = 2,
	.suppress_ns = 10 * NS_PER_MIN,
};
static const struct rule_about many = {
	.rule_id = "A-01", .name = "A-01-many", .title = "Many direct attempts", .level = LEVEL_HIGH, .measure = "A",
	.suppress_ns = 10 * NS_PER_MIN, .group = by_source, .n_group = 1, .is_correlation = true,
};
static const struct rule_about same_level = {
	.rule_id = "A-01", .name = "A-01-also", .title = "Also", .level = LEVEL_LOW, .measure = "A",
	.suppress_ns = 10 * NS_PER_MIN, .group = by_source, .n_group = 1,
};
static const enum field by_name[] = { FIELD_SOURCE_IP, FIELD_URL_DOMAIN };
static const struct rule_about by_domain = {
	.rule_id = "A-01", .name = "A-01-name", .title = "By name", .level = LEVEL_LOW, .measure = "A",
	.suppress_ns = 10 * NS_PER_MIN, .group = by_name, .n_group = 2,
};
static const struct rule_about other = {
	.rule_id = "E-11", .name = "E-11", .title = "Trap account", .level = LEVEL_CRITICAL, .measure = "E",
	.suppress_ns = 10 * NS_PER_MIN, .group = by_user, .n_group = 1,
};

struct bench {
	struct alerts *alerts;
	struct record *lines[MAX_LINES];
	size_t n;
	struct record *r;
	struct site *site;
	uint64_t next_id;
};

/* Appends a line to the file that the environment names, for the comparison with the JSON Schema. */
static void note(const char *variable, const struct record *r)
{
	static char room[JSON_LINE];
	struct text t = TEXT_ON(room);
	const char *path = getenv(variable);
	static unsigned alerts, records;
	unsigned *noted = r->kind == RECORD_ALERT ? &alerts : &records;
	FILE *f = path && (*noted)++ < 300 ? fopen(path, "a") : NULL;

	if (!f)
		return;
	record_json(r, &t);
	fprintf(f, "%.*s\n", (int)t.used, room);
	fclose(f);
}

static void keep(void *context, const struct record *alert)
{
	struct bench *b = context;

	note("ALERT_LINES", alert);
	assert_true(b->n < MAX_LINES);
	b->lines[b->n++] = record_copy(alert);
}

static struct bench *bench_new(size_t max_open, const char *catalogue, struct site *site)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct error err = { .text = "" };

	assert_non_null(b);
	b->site = site ? site : site_default();
	assert_non_null(b->site);
	struct alerts_settings s = { .site = b->site, .catalogue = catalogue, .max_open = max_open, .key = { 1, 2 } };
	b->alerts = alerts_new(&s, keep, b, &err);
	if (!b->alerts)
		fail_msg("%s", err.text);
	b->r = record_new();
	assert_non_null(b->r);
	b->next_id = 0x100;
	return b;
}

static void bench_free(struct bench *b)
{
	for (size_t i = 0; i < b->n; i++)
		record_free(b->lines[i]);
	alerts_free(b->alerts);
	record_free(b->r);
	site_free(b->site);
	free(b);
}

static struct record *flow(struct bench *b, uint64_t second, uint8_t from, uint8_t to)
{
	uint8_t client[] = { 10, 1, 10, from }, server[] = { 203, 0, 113, to };
	struct address source = address_v4(client), destination = address_v4(server);

	record_clear(b->r, DATASET_FLOW, T0 + second * NS_PER_S);
	b->r->id = b->next_id++;
	record_set_ip(b->r, FIELD_SOURCE_IP, &source);
	record_set_ip(b->r, FIELD_DESTINATION_IP, &destination);
	record_set_uint(b->r, FIELD_DESTINATION_PORT, 443);
	return b->r;
}

static void fire(struct bench *b, const struct rule_about *rule)
{
	struct match m = { .rule = rule, .record = b->r, .count = 1, .first_ns = b->r->time_ns,
			   .evidence = &b->r->id, .n_evidence = 1 };

	if (b->n < 4)
		note("RECORD_LINES", b->r);
	alerts_match(b->alerts, &m);
}

static void fire_count(struct bench *b, const struct rule_about *rule, uint64_t count, uint64_t first_second)
{
	struct match m = { .rule = rule, .record = b->r, .count = count, .first_ns = T0 + first_second * NS_PER_S };

	alerts_match(b->alerts, &m);
}

static void expect_line(const struct bench *b, size_t i, const char *state, uint64_t count, uint64_t second)
{
	assert_true(i < b->n);
	const struct record *line = b->lines[i];
	if (!record_text_is(line, FIELD_ALERT_STATE, state))
		fail_msg("line %zu is not \"%s\"", i, state);
	assert_int_equal(record_uint(line, FIELD_ALERT_COUNT), count);
	assert_int_equal(line->time_ns, T0 + second * NS_PER_S);
	assert_int_equal(line->kind, RECORD_ALERT);
}

static bool has_ip(const struct record *line, uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	uint8_t octets[] = { a, b, c, d };
	struct address wanted = address_v4(octets);

	for (const struct value *v = record_get(line, FIELD_RELATED_IP); v; v = record_next(line, v))
		if (address_equal(&v->ip, &wanted))
			return true;
	return false;
}

static size_t values(const struct record *line, enum field f)
{
	size_t n = 0;

	for (const struct value *v = record_get(line, f); v; v = record_next(line, v))
		n++;
	return n;
}

/* ---- the ceiling of a minute ---- */

static struct bench *bench_with_ceiling(uint64_t per_minute)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct error err;

	assert_non_null(b);
	b->site = site_default();
	struct alerts_settings s = { .site = b->site, .max_open = 100000, .key = { 1, 2 }, .per_minute = per_minute };
	b->alerts = alerts_new(&s, keep, b, &err);
	b->r = record_new();
	assert_true(b->site && b->alerts && b->r);
	b->next_id = 0x100;
	return b;
}

/* n sources that nobody has seen before, one each millisecond from that second on. */
static void flood(struct bench *b, const struct rule_about *rule, uint64_t second, uint32_t first, uint32_t n)
{
	for (uint32_t i = first; i < first + n; i++) {
		struct address source = address_v4((uint8_t[]){ 100, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i });
		flow(b, second, 5, 7);
		b->r->time_ns += (i - first) * NS_PER_MS;
		record_set_ip(b->r, FIELD_SOURCE_IP, &source);
		fire(b, rule);
	}
}

static void a_flood_is_told_as_one_line_a_minute(void **state)
{
	struct bench *b = bench_with_ceiling(10);

	(void)state;
	flood(b, &direct, 0, 0, 1000);
	assert_int_equal(b->n, 10);
	flood(b, &direct, 59, 1000, 500);
	assert_int_equal(b->n, 10);
	alerts_tick(b->alerts, T0 + NS_PER_MIN - 1);
	assert_int_equal(b->n, 10);
	alerts_tick(b->alerts, T0 + 5 * NS_PER_MIN);
	assert_int_equal(b->n, 11);
	expect_line(b, 10, "folded", 1490, 60); /* of the end of the minute, not of when that was noticed */
	const struct record *line = b->lines[10];
	assert_int_equal(record_uint(line, FIELD_ALERT_FOLDED), 1490);
	assert_int_equal(record_uint(line, FIELD_ALERT_SOURCES), 1025);
	assert_int_equal(record_uint(line, FIELD_ALERT_FIRST), T0 + 10 * NS_PER_MS);
	assert_int_equal(record_uint(line, FIELD_ALERT_LAST), T0 + 59 * NS_PER_S + 499 * NS_PER_MS);
	assert_true(record_text_is(line, FIELD_RULE_ID, "A-01"));
	assert_true(record_text_is(line, FIELD_RULE_LEVEL, "low"));
	assert_int_equal(values(line, FIELD_RELATED_IP), 16);
	assert_int_equal(values(line, FIELD_ALERT_EVIDENCE), 16);
	assert_false(record_has(line, FIELD_SOURCE_IP));
	assert_true(record_text_is(line, FIELD_MESSAGE, "Direct attempt: 1490 more alerts from more than 1024 sources in a minute, "
							"folded into this line (the ceiling is 10 lines a minute)"));
	assert_int_equal(alerts_counts(b->alerts)->opened, 1500);
	assert_int_equal(alerts_counts(b->alerts)->by_level[LEVEL_LOW], 1500);
	assert_int_equal(alerts_counts(b->alerts)->folded, 1490);
	alerts_finish(b->alerts, T0 + NS_PER_DAY);
	assert_int_equal(b->n, 11);
	bench_free(b);
}

static void as_many_as_the_ceiling_are_all_told(void **state)
{
	struct bench *b = bench_with_ceiling(10);

	(void)state;
	for (uint32_t minute = 0; minute < 4; minute++)
		flood(b, &direct, minute * 60, minute * 10, 10);
	alerts_finish(b->alerts, T0 + NS_PER_DAY);
	assert_int_equal(b->n, 40);
	assert_int_equal(alerts_counts(b->alerts)->folded, 0);
	bench_free(b);
}

static void a_flood_takes_no_room_from_another_rule_or_level(void **state)
{
	static const struct rule_about worse = { .rule_id = "A-01", .name = "A-01-worse", .title = "Worse", .level = LEVEL_HIGH,
						 .measure = "A", .suppress_ns = 10 * NS_PER_MIN };
	struct bench *b = bench_with_ceiling(5);

	(void)state;
	flood(b, &direct, 0, 0, 100);
	assert_int_equal(b->n, 5);
	flood(b, &worse, 1, 1000, 1);
	flow(b, 2, 6, 7);
	record_set_string(b->r, FIELD_USER_NAME, "alice");
	fire(b, &other);
	assert_int_equal(b->n, 7);
	assert_true(record_text_is(b->lines[5], FIELD_RULE_LEVEL, "high"));
	assert_true(record_text_is(b->lines[6], FIELD_RULE_ID, "E-11"));
	flood(b, &many, 3, 0, 1); /* raises one that was folded, or not: the high level has room */
	assert_int_equal(b->n, 8);
	expect_line(b, 7, "raised", 2, 3);
	bench_free(b);
}

static void totals_are_folded_too_and_nothing_is_missing(void **state)
{
	struct bench *b = bench_with_ceiling(3);
	uint64_t matches = 0, folded = 0;

	(void)state;
	for (unsigned again = 0; again < 4; again++)
		flood(b, &direct, again * 120, 0, 20);
	alerts_finish(b->alerts, T0 + NS_PER_DAY);
	for (size_t i = 0; i < b->n; i++) {
		bool sum = record_text_is(b->lines[i], FIELD_ALERT_STATE, "folded");
		bool closed = record_text_is(b->lines[i], FIELD_ALERT_STATE, "closed");
		matches += record_uint(b->lines[i], FIELD_ALERT_COUNT) - closed; /* which says again what opening said */
		folded += sum ? record_uint(b->lines[i], FIELD_ALERT_FOLDED) : 0;
	}
	assert_int_equal(matches, 80);
	assert_int_equal(folded, 17);
	assert_int_equal(b->n, 3 + 1 + 3 + 1);
	assert_true(record_text_is(b->lines[7], FIELD_MESSAGE, "Direct attempt: 0 more alerts and 17 totals of earlier ones from 17 sources "
							       "in a minute, folded into this line (the ceiling is 3 lines a minute)"));
	bench_free(b);
}

static void a_clock_set_back_does_not_fold_for_hours(void **state)
{
	struct bench *b = bench_with_ceiling(3);

	(void)state;
	flood(b, &direct, 7200, 0, 10);
	assert_int_equal(b->n, 3);
	flood(b, &direct, 0, 100, 2);
	assert_int_equal(b->n, 6); /* the sum of before, then two more */
	assert_true(record_text_is(b->lines[3], FIELD_ALERT_STATE, "folded"));
	bench_free(b);
}

static void no_ceiling_is_none(void **state)
{
	struct bench *b = bench_with_ceiling(0);

	(void)state;
	flood(b, &direct, 0, 0, MAX_LINES);
	assert_int_equal(b->n, MAX_LINES);
	bench_free(b);
}

/* ---- one alert ---- */

static void a_match_says_everything_at_once(void **state)
{
	struct bench *b = bench_new(100, NULL, NULL);

	(void)state;
	flow(b, 0, 5, 7);
	record_set_string(b->r, FIELD_USER_NAME, "alice");
	record_set_string(b->r, FIELD_SENSOR_CAPTURE_FILE, "day1.pcap");
	record_set_uint(b->r, FIELD_SENSOR_PACKET, 42);
	fire(b, &direct);
	assert_int_equal(b->n, 1);
	assert_false(b->lines[0]->cut);
	expect_line(b, 0, "open", 1, 0);
	const struct record *line = b->lines[0];
	assert_true(record_text_is(line, FIELD_RULE_ID, "A-01"));
	assert_true(record_text_is(line, FIELD_RULE_UUID, "6f1d"));
	assert_true(record_text_is(line, FIELD_RULE_NAME, "Direct attempt"));
	assert_true(record_text_is(line, FIELD_RULE_DESCRIPTION, "Past the proxy."));
	assert_true(record_text_is(line, FIELD_RULE_LEVEL, "low"));
	assert_int_equal(record_uint(line, FIELD_EVENT_SEVERITY), 30);
	assert_true(record_text_is(line, FIELD_IPA_MEASURE, "A"));
	assert_true(record_text_is(line, FIELD_IPA_NAME_JA, "ネットワーク通信経路設計によるコネクトバック通信の遮断"));
	assert_true(record_text_is(line, FIELD_IPA_BASIS, "guide"));
	assert_int_equal(values(line, FIELD_THREAT_TECHNIQUE_ID), 2);
	assert_true(record_text_is(line, FIELD_MESSAGE, "Direct attempt: 10.1.10.5 -> 203.0.113.7:443 (alice)"));
	assert_true(record_text_is(line, FIELD_ALERT_VISIBILITY, "full"));
	assert_true(record_text_is(line, FIELD_ALERT_EVIDENCE, "0000000000000100 day1.pcap#42"));
	assert_true(record_text_is(line, FIELD_RELATED_USER, "alice"));
	assert_true(has_ip(line, 10, 1, 10, 5) && has_ip(line, 203, 0, 113, 7));
	assert_int_equal(record_text(line, FIELD_ALERT_KEY).size, 16);
	assert_int_equal(record_uint(line, FIELD_DESTINATION_PORT), 443);
	assert_true(line->id != 0 && line->id != 0x100);
	bench_free(b);
}

static void a_single_match_closes_in_silence(void **state)
{
	struct bench *b = bench_new(100, NULL, NULL);

	(void)state;
	flow(b, 0, 5, 7);
	fire(b, &direct);
	alerts_finish(b->alerts, T0 + NS_PER_DAY);
	assert_int_equal(b->n, 1);
	bench_free(b);
}

static void repeats_are_counted_and_told_once_at_the_end(void **state)
{
	struct bench *b = bench_new(100, NULL, NULL);

	(void)state;
	for (uint64_t i = 0; i < 20; i++) {
		flow(b, i * 60, 5, 7);
		record_set_uint(b->r, FIELD_SOURCE_BYTES, i == 10 ? 5000 : 100);
		if (i == 3)
			record_set_string(b->r, FIELD_USER_NAME, "bob");
		fire(b, &direct);
	}
	assert_int_equal(b->n, 1);
	alerts_tick(b->alerts, T0 + (19 * 60 + 599) * NS_PER_S);
	assert_int_equal(b->n, 1);
	alerts_tick(b->alerts, T0 + (19 * 60 + 600) * NS_PER_S);
	assert_int_equal(b->n, 2);
	expect_line(b, 1, "closed", 20, 19 * 60);
	const struct record *line = b->lines[1];
	assert_int_equal(record_uint(line, FIELD_ALERT_FIRST), T0);
	assert_int_equal(record_uint(line, FIELD_ALERT_LAST), T0 + 19 * NS_PER_MIN);
	assert_int_equal(record_uint(line, FIELD_SOURCE_BYTES), 5000);
	assert_int_equal(values(line, FIELD_ALERT_EVIDENCE), 16);
	assert_true(record_text_is(line, FIELD_RELATED_USER, "bob"));
	assert_true(bytes_equal(record_text(line, FIELD_ALERT_KEY), record_text(b->lines[0], FIELD_ALERT_KEY)));
	assert_true(line->id != b->lines[0]->id);
	assert_true(record_text_is(line, FIELD_MESSAGE, "Direct attempt: 10.1.10.5 -> 203.0.113.7:443, 20 times in 19 min"));
	assert_int_equal(alerts_counts(b->alerts)->opened, 1);
	assert_int_equal(alerts_counts(b->alerts)->suppressed, 19);
	assert_int_equal(alerts_counts(b->alerts)->by_level[LEVEL_LOW], 1);
	assert_int_equal(alerts_counts(b->alerts)->by_measure[0], 1);
	bench_free(b);
}

static void a_match_after_the_window_opens_again(void **state)
{
	struct bench *b = bench_new(100, NULL, NULL);

	(void)state;
	for (uint64_t i = 0; i < 3; i++) {
		flow(b, i * 600, 5, 7);
		fire(b, &direct);
	}
	assert_int_equal(b->n, 3);
	expect_line(b, 2, "open", 1, 1200);
	assert_true(bytes_equal(record_text(b->lines[2], FIELD_ALERT_KEY), record_text(b->lines[0], FIELD_ALERT_KEY)));
	assert_true(b->lines[2]->id != b->lines[0]->id);
	bench_free(b);
}

static void what_never_ends_is_told_once_a_day(void **state)
{
	struct bench *b = bench_new(100, NULL, NULL);

	(void)state;
	for (uint64_t minute = 0; minute < 2 * 24 * 60; minute += 5) {
		flow(b, minute * 60, 5, 7);
		fire(b, &direct);
	}
	assert_int_equal(b->n, 3);
	expect_line(b, 1, "closed", 24 * 12, (24 * 60 - 5) * 60);
	expect_line(b, 2, "open", 1, 24 * 3600);
	bench_free(b);
}

static void different_groups_are_different_alerts(void **state)
{
	struct bench *b = bench_new(100, NULL, NULL);

	(void)state;
	flow(b, 0, 5, 7);
	fire(b, &direct);
	flow(b, 1, 5, 8);
	fire(b, &direct);
	flow(b, 2, 6, 7);
	fire(b, &direct);
	fire(b, &other);
	assert_int_equal(b->n, 4);
	for (size_t i = 0; i < 4; i++)
		for (size_t j = 0; j < i; j++)
			assert_false(bytes_equal(record_text(b->lines[i], FIELD_ALERT_KEY), record_text(b->lines[j], FIELD_ALERT_KEY)));
	bench_free(b);
}

static void accounts_group_without_regard_to_case(void **state)
{
	struct bench *b = bench_new(100, NULL, NULL);

	(void)state;
	flow(b, 0, 5, 7);
	record_set_string(b->r, FIELD_USER_NAME, "Alice");
	fire(b, &other);
	flow(b, 1, 6, 8);
	record_set_string(b->r, FIELD_USER_NAME, "aLICE");
	fire(b, &other);
	assert_int_equal(b->n, 1);
	alerts_finish(b->alerts, T0 + 2 * NS_PER_S);
	expect_line(b, 1, "closed", 2, 1);
	assert_int_equal(values(b->lines[1], FIELD_RELATED_USER), 1);
	assert_int_equal(values(b->lines[1], FIELD_RELATED_IP), 4);
	bench_free(b);
}

/* ---- raising ---- */

static void a_higher_document_raises_the_open_alert(void **state)
{
	struct bench *b = bench_new(100, NULL, NULL);

	(void)state;
	for (uint64_t i = 0; i < 5; i++) {
		flow(b, i, 5, 7);
		fire(b, &direct);
	}
	fire_count(b, &many, 5, 0);
	assert_int_equal(b->n, 2);
	expect_line(b, 1, "raised", 5, 4);
	assert_true(record_text_is(b->lines[1], FIELD_RULE_LEVEL, "high"));
	assert_true(record_text_is(b->lines[1], FIELD_RULE_NAME, "Many direct attempts"));
	assert_true(bytes_equal(record_text(b->lines[1], FIELD_ALERT_KEY), record_text(b->lines[0], FIELD_ALERT_KEY)));
	flow(b, 5, 5, 7);
	fire(b, &direct);
	fire_count(b, &many, 6, 0);
	assert_int_equal(b->n, 2);
	alerts_finish(b->alerts, T0 + 6 * NS_PER_S);
	assert_int_equal(b->n, 3);
	expect_line(b, 2, "closed", 6, 5);
	assert_true(record_text_is(b->lines[2], FIELD_RULE_LEVEL, "high"));
	assert_int_equal(alerts_counts(b->alerts)->opened, 1);
	assert_int_equal(alerts_counts(b->alerts)->by_level[LEVEL_LOW], 0);
	assert_int_equal(alerts_counts(b->alerts)->by_level[LEVEL_HIGH], 1);
	bench_free(b);
}

static void what_gets_through_is_told_for_each_target_after_attempts_that_were_stopped(void **state)
{
	static const enum field by_pair[] = { FIELD_SOURCE_IP, FIELD_DESTINATION_IP };
	static const enum field by_port[] = { FIELD_SOURCE_IP, FIELD_DESTINATION_IP, FIELD_DESTINATION_PORT };
	static const struct rule_about stopped = {
		.rule_id = "D-04", .name = "D-04", .title = "Tried", .level = LEVEL_MEDIUM, .measure = "D",
		.suppress_ns = 10 * NS_PER_MIN, .group = by_pair, .n_group = 2,
	};
	static const struct rule_about open = {
		.rule_id = "D-04", .name = "D-04-open", .title = "Reached", .level = LEVEL_HIGH, .measure = "D",
		.suppress_ns = 10 * NS_PER_MIN, .group = by_port, .n_group = 3,
	};
	struct bench *b = bench_new(100, NULL, NULL);

	(void)state;
	for (uint64_t i = 0; i < 6; i++) {
		flow(b, i, 5, 7);
		record_set_uint(b->r, FIELD_DESTINATION_PORT, 8000 + i);
		fire(b, i < 4 ? &stopped : &open);
	}
	assert_int_equal(b->n, 3);
	expect_line(b, 0, "open", 1, 0);
	expect_line(b, 1, "open", 1, 4);
	expect_line(b, 2, "open", 1, 5);
	alerts_finish(b->alerts, T0 + 9 * NS_PER_S);
	assert_int_equal(b->n, 4);
	expect_line(b, 3, "closed", 4, 3);
	bench_free(b);
}

static void what_succeeds_after_it_was_refused_is_told_once_more(void **state)
{
	static const char *const outcomes[] = { "failure", "unknown", "success", "failure", "success" };
	struct bench *b = bench_new(100, NULL, NULL);

	(void)state;
	for (uint64_t i = 0; i < ARRAY_SIZE(outcomes); i++) {
		flow(b, i, 5, 7);
		record_set_string(b->r, FIELD_USER_NAME, "trap");
		record_set_string(b->r, FIELD_EVENT_OUTCOME, outcomes[i]);
		fire(b, &other);
	}
	assert_int_equal(b->n, 2);
	expect_line(b, 1, "raised", 3, 2);
	assert_true(record_text_is(b->lines[1], FIELD_EVENT_OUTCOME, "success"));
	assert_true(bytes_equal(record_text(b->lines[1], FIELD_ALERT_KEY), record_text(b->lines[0], FIELD_ALERT_KEY)));
	alerts_finish(b->alerts, T0 + 6 * NS_PER_S);
	assert_int_equal(b->n, 3);
	expect_line(b, 2, "closed", 5, 4);
	assert_true(record_text_is(b->lines[2], FIELD_EVENT_OUTCOME, "success"));
	assert_int_equal(alerts_counts(b->alerts)->by_level[LEVEL_CRITICAL], 1);
	bench_free(b);
}

static void of_several_the_newest_is_raised_and_takes_what_follows(void **state)
{
	struct bench *b = bench_new(100, NULL, NULL);

	(void)state;
	for (uint8_t to = 1; to <= 3; to++) {
		flow(b, to, 5, to);
		fire(b, &direct);
	}
	flow(b, 4, 5, 3);
	fire_count(b, &many, 3, 1);
	assert_int_equal(b->n, 4);
	expect_line(b, 3, "raised", 3, 4);
	assert_true(bytes_equal(record_text(b->lines[3], FIELD_ALERT_KEY), record_text(b->lines[2], FIELD_ALERT_KEY)));
	flow(b, 5, 5, 9); /* a further target of the same terminal belongs to what was raised */
	fire(b, &direct);
	flow(b, 6, 5, 1); /* the first has its own alert still */
	fire(b, &direct);
	flow(b, 7, 6, 1); /* another terminal */
	fire(b, &direct);
	assert_int_equal(b->n, 5);
	expect_line(b, 4, "open", 1, 7);
	alerts_finish(b->alerts, T0 + 8 * NS_PER_S);
	assert_int_equal(b->n, 7);
	expect_line(b, 5, "closed", 2, 6);
	expect_line(b, 6, "closed", 4, 5);
	assert_true(has_ip(b->lines[6], 203, 0, 113, 9));
	bench_free(b);
}

static void a_document_of_equal_level_only_counts(void **state)
{
	struct bench *b = bench_new(100, NULL, NULL);

	(void)state;
	flow(b, 0, 5, 7);
	fire(b, &direct);
	flow(b, 1, 5, 7);
	fire(b, &same_level);
	flow(b, 2, 5, 8); /* nothing was raised, so the alert stays that of one pair */
	fire(b, &direct);
	assert_int_equal(b->n, 2);
	expect_line(b, 1, "open", 1, 2);
	bench_free(b);
}

static void a_wide_alert_takes_the_narrow_matches(void **state)
{
	struct bench *b = bench_new(100, NULL, NULL);

	(void)state;
	flow(b, 0, 5, 7);
	fire_count(b, &many, 20, 0);
	expect_line(b, 0, "open", 20, 0);
	flow(b, 1, 5, 8);
	fire(b, &direct);
	assert_int_equal(b->n, 1);
	alerts_finish(b->alerts, T0 + 2 * NS_PER_S);
	expect_line(b, 1, "closed", 21, 1);
	bench_free(b);
}

static void documents_that_look_at_different_things_stay_apart(void **state)
{
	struct bench *b = bench_new(100, NULL, NULL);

	(void)state;
	flow(b, 0, 5, 7);
	fire(b, &direct);
	flow(b, 1, 5, 7);
	record_set_string(b->r, FIELD_URL_DOMAIN, "dns.example");
	fire(b, &by_domain); /* it shares source.ip with the first, which says too little */
	assert_int_equal(b->n, 2);
	expect_line(b, 1, "open", 1, 1);
	fire(b, &by_domain);
	assert_int_equal(b->n, 2);
	bench_free(b);
}

static void a_record_that_two_documents_match_counts_once(void **state)
{
	struct bench *b = bench_new(100, NULL, NULL);

	(void)state;
	flow(b, 0, 5, 7);
	fire(b, &direct);
	fire(b, &same_level);
	flow(b, 1, 5, 7);
	fire(b, &direct);
	fire(b, &same_level);
	alerts_finish(b->alerts, T0 + 2 * NS_PER_S);
	expect_line(b, 1, "closed", 2, 1);
	bench_free(b);
}

/* ---- sight, values, evidence ---- */

static void partial_sight_lowers_what_is_above_low(void **state)
{
	struct bench *b = bench_new(100, NULL, NULL);

	(void)state;
	flow(b, 0, 5, 7);
	record_set_bool(b->r, FIELD_FLOW_ONE_SIDED, true);
	fire(b, &other);
	fire(b, &direct);
	flow(b, 1, 6, 7);
	record_set_string(b->r, FIELD_FLOW_OUTCOME, "midstream");
	fire(b, &many);
	flow(b, 2, 7, 7);
	b->r->partial = true;
	fire(b, &many);
	assert_int_equal(b->n, 4);
	assert_true(record_text_is(b->lines[0], FIELD_RULE_LEVEL, "high"));
	assert_int_equal(record_uint(b->lines[0], FIELD_EVENT_SEVERITY), 75);
	assert_true(record_text_is(b->lines[0], FIELD_ALERT_VISIBILITY, "partial: only one direction was captured"));
	assert_true(record_text_is(b->lines[1], FIELD_RULE_LEVEL, "low"));
	assert_true(record_text_is(b->lines[2], FIELD_RULE_LEVEL, "medium"));
	assert_true(record_text_is(b->lines[2], FIELD_ALERT_VISIBILITY, "partial: the capture began inside the connection"));
	assert_true(record_text_is(b->lines[3], FIELD_ALERT_VISIBILITY, "partial: bytes are missing from the capture"));
	bench_free(b);
}

static void a_correlation_brings_its_evidence_and_values(void **state)
{
	struct bench *b = bench_new(100, NULL, NULL);
	static const uint64_t ids[] = { 1, 2, 3, 0x100 }, packets[] = { 10, 90, 0, 50 };
	static const char *const files[] = { "/captures/of/today/day2.pcap", "/captures/of/today/day1.pcap", NULL,
					     "/captures/of/today/day2.pcap" };
	static const char *const distinct[] = { "host1", "host2" };

	(void)state;
	flow(b, 30, 5, 7);
	record_set_string(b->r, FIELD_SENSOR_CAPTURE_FILE, "/captures/of/today/day2.pcap");
	record_set_uint(b->r, FIELD_SENSOR_PACKET, 50);
	struct match m = { .rule = &many, .record = b->r, .count = 4, .first_ns = T0, .evidence = ids, .packets = packets,
			   .files = files, .n_evidence = 4, .values = distinct, .n_values = 2 };
	alerts_match(b->alerts, &m);
	static const char *const cited[] = {
		"0000000000000001 /captures/of/today/day2.pcap#10",
		"0000000000000002 /captures/of/today/day1.pcap#90",
		"0000000000000003",
		"0000000000000100 /captures/of/today/day2.pcap#50",
	};
	size_t i = 0;
	for (const struct value *v = record_get(b->lines[0], FIELD_ALERT_EVIDENCE); v; v = record_next(b->lines[0], v), i++)
		assert_true(bytes_equal(value_text(b->lines[0], v), bytes_string(cited[i])));
	assert_int_equal(i, 4);
	assert_int_equal(values(b->lines[0], FIELD_ALERT_VALUES), 2);
	assert_int_equal(record_uint(b->lines[0], FIELD_ALERT_FIRST), T0);
	assert_int_equal(record_uint(b->lines[0], FIELD_ALERT_COUNT), 4);
	bench_free(b);
}

static void a_crowded_record_leaves_the_alert_whole(void **state)
{
	struct bench *b = bench_new(100, NULL, NULL);
	static char url[1500];

	(void)state;
	memset(url, 'u', sizeof(url) - 1);
	flow(b, 0, 5, 7);
	static const enum field crowd[] = { FIELD_URL_FULL, FIELD_URL_ORIGINAL, FIELD_URL_PATH, FIELD_URL_QUERY,
					    FIELD_USER_AGENT_ORIGINAL };
	for (size_t i = 0; i < ARRAY_SIZE(crowd); i++)
		record_set_string(b->r, crowd[i], url);
	b->r->cut = false;
	fire(b, &direct);
	assert_true(record_has(b->lines[0], FIELD_MESSAGE) && record_has(b->lines[0], FIELD_RULE_DESCRIPTION));
	assert_true(record_has(b->lines[0], FIELD_SOURCE_IP) && record_has(b->lines[0], FIELD_ALERT_EVIDENCE));
	bench_free(b);
}

static void related_accounts_and_evidence_have_a_ceiling(void **state)
{
	struct bench *b = bench_new(100, NULL, NULL);

	(void)state;
	for (uint64_t i = 0; i < 40; i++) {
		char name[16];
		snprintf(name, sizeof(name), "user%u", (unsigned)i);
		flow(b, i, 5, (uint8_t)i);
		record_set_string(b->r, FIELD_USER_NAME, name);
		fire(b, &many);
	}
	alerts_finish(b->alerts, T0 + 100 * NS_PER_S);
	assert_int_equal(b->n, 2);
	assert_int_equal(values(b->lines[1], FIELD_RELATED_USER), 16);
	assert_int_equal(values(b->lines[1], FIELD_RELATED_IP), 16);
	assert_int_equal(values(b->lines[1], FIELD_ALERT_EVIDENCE), 16);
	bench_free(b);
}

static void accounts_that_a_tracker_found_are_related_too(void **state)
{
	struct bench *b = bench_new(100, NULL, NULL);

	(void)state;
	flow(b, 0, 5, 7);
	record_set_string(b->r, FIELD_USER_NAME, "alice");
	record_add_text(b->r, FIELD_RELATED_USER, bytes_string("bob"));
	record_add_text(b->r, FIELD_RELATED_USER, bytes_string("carol"));
	record_add_text(b->r, FIELD_RELATED_USER, bytes_string("ALICE"));
	fire(b, &direct);
	assert_int_equal(values(b->lines[0], FIELD_RELATED_USER), 3);
	bench_free(b);
}

static void of_a_long_path_the_file_name_is_cited(void **state)
{
	static const char folder[] = "/a/very/long/path/that/goes/on/and/on/until/nobody/knows/where/it/began/and/where/it/will/"
				     "come/to/its/end/at/last/day1.pcap";
	struct bench *b = bench_new(100, NULL, NULL);

	(void)state;
	flow(b, 0, 5, 7);
	record_set_string(b->r, FIELD_SENSOR_CAPTURE_FILE, folder);
	record_set_uint(b->r, FIELD_SENSOR_PACKET, 1);
	fire(b, &direct);
	assert_true(record_text_is(b->lines[0], FIELD_ALERT_EVIDENCE, "0000000000000100 day1.pcap#1"));
	bench_free(b);
}

/* ---- order, room, sameness ---- */

static void at_the_end_alerts_close_in_the_order_they_opened(void **state)
{
	struct bench *b = bench_new(100, NULL, NULL);

	(void)state;
	for (uint64_t round = 0; round < 2; round++) {
		for (uint8_t i = 0; i < 5; i++) {
			flow(b, round * 10 + (round ? 4u - i : i), round ? 4 - i : i, 7);
			fire(b, &direct);
		}
	}
	assert_int_equal(b->n, 5);
	alerts_finish(b->alerts, T0 + 20 * NS_PER_S);
	assert_int_equal(b->n, 10);
	for (size_t i = 0; i < 5; i++)
		assert_true(bytes_equal(record_text(b->lines[i], FIELD_ALERT_KEY), record_text(b->lines[i + 5], FIELD_ALERT_KEY)));
	bench_free(b);
}

static void when_full_the_oldest_is_closed_early(void **state)
{
	struct bench *b = bench_new(2, NULL, NULL);

	(void)state;
	flow(b, 0, 1, 7);
	fire(b, &direct);
	flow(b, 1, 1, 7);
	fire(b, &direct);
	flow(b, 2, 2, 7);
	fire(b, &direct);
	flow(b, 3, 3, 7);
	fire(b, &direct);
	assert_int_equal(b->n, 4);
	expect_line(b, 2, "closed", 2, 1);
	expect_line(b, 3, "open", 1, 3);
	flow(b, 4, 1, 7);
	fire(b, &direct);
	expect_line(b, 4, "open", 1, 4);
	bench_free(b);
}

static void time_running_backwards_a_little_is_survived(void **state)
{
	struct bench *b = bench_new(100, NULL, NULL);

	(void)state;
	flow(b, 10, 5, 7);
	fire(b, &direct);
	flow(b, 8, 5, 7);
	fire(b, &direct);
	alerts_finish(b->alerts, T0 + 11 * NS_PER_S);
	expect_line(b, 1, "closed", 2, 10);
	assert_int_equal(record_uint(b->lines[1], FIELD_ALERT_FIRST), T0 + 8 * NS_PER_S);
	bench_free(b);
}

static size_t run_as_json(struct text *out, uint64_t tick_every)
{
	struct bench *b = bench_new(8, NULL, NULL);
	uint32_t seed = 7;

	for (uint64_t i = 0; i < 200; i++) {
		seed = seed * 1103515245 + 12345;
		flow(b, i * 20, (uint8_t)(seed >> 16) & 3, (uint8_t)(seed >> 20) & 1);
		if (i % tick_every == 0)
			alerts_tick(b->alerts, b->r->time_ns);
		if (i % 4 == 0)
			fire(b, seed >> 24 & 1 ? &direct : &many);
	}
	alerts_finish(b->alerts, T0 + 5000 * NS_PER_S);
	for (size_t i = 0; i < b->n; i++)
		record_json(b->lines[i], out);
	size_t n = b->n;
	bench_free(b);
	return n;
}

static void the_same_matches_give_the_same_bytes(void **state)
{
	static char one[1 << 18], two[1 << 18];
	struct text a = TEXT_ON(one), b = TEXT_ON(two);

	(void)state;
	assert_true(run_as_json(&a, 1) > 8);
	run_as_json(&b, 1);
	assert_false(a.cut);
	assert_true(bytes_equal(text_bytes(&a), text_bytes(&b)));
}

/* ---- texts and exceptions ---- */

static void the_catalogue_speaks_both_languages(void **state)
{
	static const char yaml[] = "A-01:\n  title_ja: 直接通信\n  message: \"{source.ip} past the proxy[, {alert.count} times]\"\n"
				   "  message_ja: \"{source.ip} が直接通信[ ({alert.count}回)]\"\n  response: Look.\n  response_ja: 確認。\n";
	char path[] = "catalogue-XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, yaml, sizeof(yaml) - 1), sizeof(yaml) - 1);
	close(fd);
	struct bench *b = bench_new(100, path, NULL);
	unlink(path);
	flow(b, 0, 5, 7);
	fire(b, &direct);
	flow(b, 1, 5, 7);
	fire(b, &direct);
	alerts_finish(b->alerts, T0 + 2 * NS_PER_S);
	assert_true(record_text_is(b->lines[0], FIELD_MESSAGE, "10.1.10.5 past the proxy"));
	assert_true(record_text_is(b->lines[1], FIELD_MESSAGE, "10.1.10.5 past the proxy, 2 times"));
	assert_true(record_text_is(b->lines[1], FIELD_MESSAGE_JA, "10.1.10.5 が直接通信 (2回)"));
	assert_true(record_text_is(b->lines[1], FIELD_RULE_NAME_JA, "直接通信"));
	assert_true(record_text_is(b->lines[1], FIELD_ALERT_RESPONSE, "Look."));
	assert_true(record_text_is(b->lines[1], FIELD_ALERT_RESPONSE_JA, "確認。"));
	bench_free(b);
}

static struct site *site_with_exceptions(void)
{
	static const char yaml[] =
		"site:\n"
		"  name: test\n"
		"  zones:\n"
		"    users: { networks: [10.1.10.0/24], role: user }\n"
		"  exceptions:\n"
		"    - { rule: E-11, from: users, to: 203.0.113.0/24, owner: net, reason: old, expires: 2027-12-31 }\n"
		"    - { rule: A-01, from: users, to: 203.0.113.0/24, port: 443, owner: net, reason: NTP, expires: 2027-12-31 }\n"
		"    - { rule: A-01, from: users, to: 203.0.113.0/24, port: 80, owner: net, reason: NTP, expires: 2026-12-31 }\n";
	struct error err = { .text = "" };
	struct site *s = site_parse("test.yaml", bytes_string(yaml), &err);

	if (!s)
		fail_msg("%u: %s", err.line, err.text);
	return s;
}

static void an_exception_silences_and_counts(void **state)
{
	struct bench *b = bench_new(100, NULL, site_with_exceptions());

	(void)state;
	for (uint64_t i = 0; i < 3; i++) { /* T0 is in January 2027 */
		flow(b, i, 5, 7);
		fire(b, &direct);
	}
	assert_int_equal(b->n, 0);
	assert_int_equal(alerts_counts(b->alerts)->excepted, 3);
	assert_int_equal(alerts_exceptions_hit(b->alerts, 1), 3);
	assert_int_equal(alerts_exceptions_hit(b->alerts, 0), 0);
	assert_int_equal(alerts_exceptions_hit(b->alerts, 99), 0);
	bench_free(b);
}

static void an_ended_exception_silences_nothing(void **state)
{
	struct bench *b = bench_new(100, NULL, site_with_exceptions());

	(void)state;
	flow(b, 0, 5, 7);
	record_set_uint(b->r, FIELD_DESTINATION_PORT, 80);
	fire(b, &direct);
	assert_int_equal(b->n, 1);
	assert_int_equal(alerts_counts(b->alerts)->excepted, 0);
	bench_free(b);
}

static void a_counted_match_is_cheap(void **state)
{
	struct bench *b = bench_new(20000, NULL, NULL);
	struct timespec from, to;
	const unsigned rounds = 200000;

	(void)state;
	flow(b, 0, 5, 7);
	record_set_string(b->r, FIELD_USER_NAME, "alice");
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	for (unsigned i = 0; i < rounds; i++) {
		b->r->id++;
		b->r->time_ns += NS_PER_MS;
		fire(b, &direct);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	print_message("%.0f ns a counted match\n", ((double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec)) / rounds);
	assert_int_equal(b->n, 1);
	assert_int_equal(alerts_counts(b->alerts)->suppressed, rounds - 1);
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flood_is_told_as_one_line_a_minute),
		cmocka_unit_test(as_many_as_the_ceiling_are_all_told),
		cmocka_unit_test(a_flood_takes_no_room_from_another_rule_or_level),
		cmocka_unit_test(totals_are_folded_too_and_nothing_is_missing),
		cmocka_unit_test(a_clock_set_back_does_not_fold_for_hours),
		cmocka_unit_test(no_ceiling_is_none),
		cmocka_unit_test(a_match_says_everything_at_once),
		cmocka_unit_test(a_single_match_closes_in_silence),
		cmocka_unit_test(repeats_are_counted_and_told_once_at_the_end),
		cmocka_unit_test(a_match_after_the_window_opens_again),
		cmocka_unit_test(what_never_ends_is_told_once_a_day),
		cmocka_unit_test(different_groups_are_different_alerts),
		cmocka_unit_test(accounts_group_without_regard_to_case),
		cmocka_unit_test(a_higher_document_raises_the_open_alert),
		cmocka_unit_test(what_gets_through_is_told_for_each_target_after_attempts_that_were_stopped),
		cmocka_unit_test(what_succeeds_after_it_was_refused_is_told_once_more),
		cmocka_unit_test(of_several_the_newest_is_raised_and_takes_what_follows),
		cmocka_unit_test(a_document_of_equal_level_only_counts),
		cmocka_unit_test(a_wide_alert_takes_the_narrow_matches),
		cmocka_unit_test(documents_that_look_at_different_things_stay_apart),
		cmocka_unit_test(a_record_that_two_documents_match_counts_once),
		cmocka_unit_test(partial_sight_lowers_what_is_above_low),
		cmocka_unit_test(a_correlation_brings_its_evidence_and_values),
		cmocka_unit_test(a_crowded_record_leaves_the_alert_whole),
		cmocka_unit_test(accounts_that_a_tracker_found_are_related_too),
		cmocka_unit_test(of_a_long_path_the_file_name_is_cited),
		cmocka_unit_test(related_accounts_and_evidence_have_a_ceiling),
		cmocka_unit_test(at_the_end_alerts_close_in_the_order_they_opened),
		cmocka_unit_test(when_full_the_oldest_is_closed_early),
		cmocka_unit_test(time_running_backwards_a_little_is_survived),
		cmocka_unit_test(the_same_matches_give_the_same_bytes),
		cmocka_unit_test(the_catalogue_speaks_both_languages),
		cmocka_unit_test(an_exception_silences_and_counts),
		cmocka_unit_test(an_ended_exception_silences_nothing),
		cmocka_unit_test(a_counted_match_is_cheap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
