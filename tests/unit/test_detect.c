/* SPDX-License-Identifier: BSD-2-Clause
 * Detection as a whole: what it asks for, what it counts, how its clock runs. */
#include "detect_harness.h"

#define ODD "{\"event.dataset\":\"flow\",\"event.action\":\"odd\",\"source.ip\":\"10.1.10.11\",\"destination.ip\":\"10.1.10.12\"}"
#define EVEN "{\"event.dataset\":\"flow\",\"event.action\":\"even\",\"source.ip\":\"10.1.10.11\",\"destination.ip\":\"10.1.10.12\"}"

static void a_match_becomes_an_alert_and_is_counted(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, false);
	bench_record(&b, 0, EVEN);
	assert_int_equal(b.alerts, 0);
	bench_record(&b, 1, ODD);
	bench_record(&b, 2, ODD);
	assert_int_equal(b.alerts, 1); /* the second is counted into the first */
	const struct detect_counts *c = detect_counts(b.detect);
	assert_int_equal(c->records, 3);
	assert_int_equal(c->matches, 2);
	assert_int_equal(c->alerts, 1);
	assert_int_equal(c->suppressed, 1);
	assert_int_equal(c->by_level[LEVEL_LOW], 1);
	bench_stop(&b);
}

static void the_end_closes_what_is_open(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, false);
	bench_record(&b, 1, ODD);
	bench_record(&b, 2, ODD);
	detect_finish(b.detect, 0);
	assert_int_equal(b.alerts, 2);
	bench_stop(&b);
}

static void the_record_given_is_not_changed_and_the_one_shown_is_enriched(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	bench_record(&b, 0, EVEN);
	assert_false(record_has(b.scratch, FIELD_SOURCE_ROLE));
	assert_true(record_has(b.seen[0], FIELD_SOURCE_ROLE));
	assert_int_equal(b.seen[0]->id, 1);
	bench_stop(&b);
}

static void kinds_are_asked_for_by_rules_and_running_trackers(void **state)
{
	struct bench quiet, shown;

	(void)state;
	bench_start(&quiet, NULL, 8u << 20, false);
	bench_start(&shown, NULL, 8u << 20, true);
	assert_true(detect_datasets(quiet.detect) & DATASET_BIT(DATASET_FLOW));
	assert_false(detect_datasets(quiet.detect) & DATASET_BIT(DATASET_TLS)); /* no rule reads rare fingerprints */
	assert_true(detect_datasets(shown.detect) & DATASET_BIT(DATASET_TLS));
	assert_false(detect_datasets(shown.detect) & DATASET_BIT(DATASET_BEACON)); /* trackers make those */
	bench_stop(&quiet);
	bench_stop(&shown);
}

static void a_clock_that_runs_back_does_no_harm(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	bench_record(&b, 1000, ODD);
	bench_record(&b, 10, ODD);
	bench_tick(&b, 5);
	bench_tick(&b, 100000);
	assert_int_equal(b.n_seen, 2);
	assert_int_equal(b.alerts, 2); /* opened, and closed when its time was over */
	bench_stop(&b);
}

static void records_made_by_trackers_have_ids_of_their_own(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	for (int i = 0; i < 7; i++)
		bench_record(&b, 30 * i, "{\"event.dataset\":\"flow\",\"event.action\":\"attempted\",\"source.ip\":\"10.1.10.11\","
					 "\"destination.ip\":\"198.51.100.66\",\"destination.port\":443}");
	assert_int_equal(bench_count(&b, DATASET_BEACON), 2);
	assert_int_equal(bench_last(&b, DATASET_BEACON)->id >> 63, 1);
	assert_int_not_equal(bench_last(&b, DATASET_BEACON)->id, b.seen[5]->id);
	bench_stop(&b);
}

static bool asks_for(struct bench *b, const char *action, const char *server)
{
	struct address from, to;
	struct interest i = { .dataset = DATASET_FLOW, .time_ns = NS_PER_S, .action = action, .client = &from, .server = &to };

	assert_true(address_parse(bytes_string("10.1.10.11"), &from));
	assert_true(address_parse(bytes_string(server), &to));
	return detect_wants(b->detect, &i);
}

static void only_records_that_may_match_are_asked_for(void **state)
{
	struct bench quiet, shown;

	(void)state;
	bench_start(&quiet, NULL, 8u << 20, false);
	bench_start(&shown, NULL, 8u << 20, true);
	for (int again = 0; again < 2; again++) { /* the second answer is a remembered one */
		assert_true(asks_for(&quiet, "odd", "10.1.10.12"));
		assert_false(asks_for(&quiet, "even", "10.1.10.12"));
		assert_true(asks_for(&shown, "even", "10.1.10.12"));
	}
	bench_stop(&quiet);
	bench_stop(&shown);
}

static void a_record_that_is_not_wanted_moves_the_clock(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, false);
	bench_record(&b, 1, ODD);
	bench_record(&b, 2, ODD);
	struct address a = { { 0 } };
	struct interest late = { .dataset = DATASET_FLOW, .time_ns = 100000 * NS_PER_S, .action = "even", .client = &a, .server = &a };
	late.time_ns += b.scratch->time_ns;
	assert_false(detect_wants(b.detect, &late));
	assert_int_equal(b.alerts, 2); /* opened, and closed when its time was over */
	bench_stop(&b);
}

/* Each of a flood's sources opens a group. What goes is closed early, with its closing line. */
static void groups_open_at_once_fit_the_memory(void **state)
{
	enum { FITTING = 1024, SOURCES = 3000 }; /* of 8 MiB */
	char json[160];
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, false);
	for (int i = 0; i < SOURCES; i++) {
		snprintf(json, sizeof(json), "{\"event.dataset\":\"flow\",\"event.action\":\"odd\",\"source.ip\":\"10.1.%d.%d\","
			 "\"destination.ip\":\"10.9.9.9\"}", i / 250, i % 250);
		bench_record(&b, 0, json);
		bench_record(&b, 0, json);
	}
	assert_int_equal(b.alerts, SOURCES + SOURCES - FITTING);
	bench_stop(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_match_becomes_an_alert_and_is_counted),
		cmocka_unit_test(the_end_closes_what_is_open),
		cmocka_unit_test(the_record_given_is_not_changed_and_the_one_shown_is_enriched),
		cmocka_unit_test(kinds_are_asked_for_by_rules_and_running_trackers),
		cmocka_unit_test(a_clock_that_runs_back_does_no_harm),
		cmocka_unit_test(records_made_by_trackers_have_ids_of_their_own),
		cmocka_unit_test(only_records_that_may_match_are_asked_for),
		cmocka_unit_test(a_record_that_is_not_wanted_moves_the_clock),
		cmocka_unit_test(groups_open_at_once_fit_the_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
