/* SPDX-License-Identifier: BSD-2-Clause
 * What the watch on detection counts, keeps for tails, and drops. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../sensord/app/daemon/watch.h"
#include "base/instant.h"

static struct address source(unsigned n)
{
	const uint8_t octets[4] = { 10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n };

	return address_v4(octets);
}

static void see_record(struct watch *w, struct record *r, enum dataset d, unsigned n)
{
	struct address a = source(n);

	record_clear(r, d, NS_PER_S);
	record_set_ip(r, FIELD_SOURCE_IP, &a);
	watch_record(w, r);
}

static void see_alert(struct watch *w, struct record *r, const char *rule, const char *measure, unsigned n, const char *line)
{
	struct address a = source(n);

	record_clear(r, DATASET_FLOW, 2 * NS_PER_S);
	r->kind = RECORD_ALERT;
	record_set_ip(r, FIELD_SOURCE_IP, &a);
	record_set_string(r, FIELD_RULE_ID, rule);
	record_set_string(r, FIELD_RULE_LEVEL, "high");
	record_set_string(r, FIELD_IPA_MEASURE, measure);
	watch_alert(w, r, bytes_string(line));
}

static int set_up(void **state)
{
	*state = watch_new();
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	watch_free(*state);
	return 0;
}

static void records_are_counted_by_dataset(void **state)
{
	struct record *r = record_new();
	uint64_t counts[DATASET_COUNT];

	see_record(*state, r, DATASET_FLOW, 1);
	see_record(*state, r, DATASET_FLOW, 2);
	see_record(*state, r, DATASET_DNS, 1);
	watch_datasets(*state, counts);
	assert_int_equal(counts[DATASET_FLOW], 2);
	assert_int_equal(counts[DATASET_DNS], 1);
	assert_int_equal(counts[DATASET_SMB], 0);
	record_free(r);
}

static void alerts_are_counted_by_rule_with_its_measure_set_and_level(void **state)
{
	struct record *r = record_new();
	struct watch_rule rules[4];

	see_alert(*state, r, "E-11", "E", 1, "{}");
	see_alert(*state, r, "community", NULL, 1, "{}");
	see_alert(*state, r, "E-11", "E", 2, "{}");
	assert_int_equal(watch_rules(*state, rules, 4), 2);
	assert_string_equal(rules[0].id, "E-11");
	assert_int_equal(rules[0].measure, 'E');
	assert_int_equal(rules[0].level, LEVEL_HIGH);
	assert_int_equal(rules[0].alerts, 2);
	assert_int_equal(rules[1].measure, '-');
	record_free(r);
}

static void rules_beyond_the_ceiling_are_counted_together(void **state)
{
	struct record *r = record_new();
	struct watch_rule *rules = calloc(WATCH_RULES + 1, sizeof(*rules));
	char id[16];

	for (unsigned i = 0; i < WATCH_RULES + 5; i++) {
		snprintf(id, sizeof(id), "R-%u", i);
		see_alert(*state, r, id, "A", 1, "{}");
	}
	assert_int_equal(watch_rules(*state, rules, WATCH_RULES + 1), WATCH_RULES);
	assert_string_equal(rules[WATCH_RULES - 1].id, "other");
	assert_int_equal(rules[WATCH_RULES - 1].alerts, 6);
	assert_string_equal(rules[WATCH_RULES - 2].id, "R-1022");
	free(rules);
	record_free(r);
}

static void top_gives_the_greatest_in_order(void **state)
{
	struct record *r = record_new();
	struct watch_top top;

	for (unsigned n = 1; n <= 20; n++)
		for (unsigned i = 0; i < n; i++)
			see_record(*state, r, DATASET_FLOW, n);
	for (unsigned i = 0; i < 3; i++)
		see_alert(*state, r, "A-02", "A", 5, "{}");
	see_alert(*state, r, "B-01", "B", 6, "{}");
	watch_top(*state, &top);
	assert_int_equal(top.n_sources, WATCH_TOP);
	struct address five = source(5), six = source(6), twenty = source(20), thirteen = source(13);
	assert_true(address_equal(&top.sources[0].address, &five)); /* alerts count before records */
	assert_true(address_equal(&top.sources[1].address, &six));
	assert_true(address_equal(&top.sources[2].address, &twenty));
	assert_true(address_equal(&top.sources[9].address, &thirteen));
	assert_int_equal(top.n_rules, 2);
	assert_string_equal(top.rules[0].id, "A-02");
	assert_int_equal(top.n_alerts, 2);
	assert_string_equal(top.alerts[0].rule, "A-02");
	assert_int_equal(top.alerts[0].alerts, 3);
	record_free(r);
}

static void lines_are_kept_only_while_somebody_asks(void **state)
{
	struct record *r = record_new();
	uint64_t lost;

	see_alert(*state, r, "A-02", "A", 1, "{\"a\":1}");
	assert_null(watch_take(*state, &lost));
	watch_ask(*state, WATCH_ALERTS);
	see_alert(*state, r, "A-02", "A", 1, "{\"a\":2}");
	see_record(*state, r, DATASET_DNS, 1);
	struct watch_line *l = watch_take(*state, &lost);
	assert_non_null(l);
	assert_null(l->next);
	assert_int_equal(l->kind, WATCH_ALERTS);
	assert_int_equal(l->level, LEVEL_HIGH);
	assert_memory_equal(l->text, "{\"a\":2}", l->size);
	free(l);
	watch_ask(*state, WATCH_RECORDS);
	see_record(*state, r, DATASET_DNS, 1);
	l = watch_take(*state, &lost);
	assert_non_null(l);
	assert_int_equal(l->dataset, DATASET_DNS);
	free(l);
	assert_int_equal(lost, 0);
	record_free(r);
}

static void lines_that_nobody_fetches_are_dropped_and_counted(void **state)
{
	struct record *r = record_new();
	size_t size = WATCH_BYTES / 4, n = 0;
	char *line = calloc(1, size + 1);
	uint64_t lost;

	memset(line, 'x', size);
	watch_ask(*state, WATCH_ALERTS);
	for (unsigned i = 0; i < 10; i++)
		see_alert(*state, r, "A-02", "A", 1, line);
	struct watch_line *l = watch_take(*state, &lost);
	while (l) {
		struct watch_line *next = l->next;
		free(l);
		l = next;
		n++;
	}
	assert_int_equal(n, 3);
	assert_int_equal(lost, 7);
	see_alert(*state, r, "A-02", "A", 1, "{}");
	l = watch_take(*state, &lost);
	assert_non_null(l);
	assert_int_equal(lost, 0);
	free(l);
	free(line);
	record_free(r);
}

#define WATCHED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WATCHED(records_are_counted_by_dataset),
		WATCHED(alerts_are_counted_by_rule_with_its_measure_set_and_level),
		WATCHED(rules_beyond_the_ceiling_are_counted_together),
		WATCHED(top_gives_the_greatest_in_order),
		WATCHED(lines_are_kept_only_while_somebody_asks),
		WATCHED(lines_that_nobody_fetches_are_dropped_and_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
