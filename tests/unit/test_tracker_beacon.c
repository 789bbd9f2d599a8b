/* SPDX-License-Identifier: BSD-2-Clause
 * The pace of starts and the tracker that tells of it. */
#include "detect_harness.h"

#include "../../sensord/detect/pace.h"

#define ATTEMPT "{\"event.dataset\":\"flow\",\"event.action\":\"attempted\",\"network.transport\":\"tcp\"," \
		"\"source.ip\":\"10.1.10.11\",\"destination.ip\":\"198.51.100.66\",\"destination.port\":443}"
#define ANSWERED "{\"event.dataset\":\"flow\",\"event.action\":\"established\",\"flow.outcome\":\"established\"," \
		 "\"source.ip\":\"10.1.10.11\",\"destination.ip\":\"198.51.100.66\",\"destination.port\":443}"
#define INSIDE "{\"event.dataset\":\"flow\",\"event.action\":\"established\",\"flow.outcome\":\"established\"," \
	       "\"source.ip\":\"10.1.10.11\",\"destination.ip\":\"10.1.100.20\",\"destination.port\":445}"

static uint64_t s(double seconds)
{
	return NS_PER_DAY + (uint64_t)(seconds * (double)NS_PER_S);
}

static void median_and_deviation_ignore_one_late_start(void **state)
{
	static const double at[] = { 0, 60, 120, 190, 240, 300, 360 };
	struct pace p = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(at); i++)
		assert_true(pace_start(&p, s(at[i])));
	struct pace_figures f = pace_figures(&p);
	assert_int_equal(p.count, 7);
	assert_true(f.interval == 60.0);
	assert_true(f.jitter == 0.0);
	assert_true(f.span == 360.0);
}

static void an_even_number_of_intervals_has_the_mean_of_the_middle_two(void **state)
{
	static const double at[] = { 0, 10, 22, 36, 52 };
	struct pace p = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(at); i++)
		pace_start(&p, s(at[i]));
	struct pace_figures f = pace_figures(&p);
	assert_true(f.interval == 13.0); /* of 10 12 14 16 */
	assert_true(f.jitter == 2.0 / 13.0); /* of 3 1 1 3 */
}

static void starts_within_a_second_are_one_start(void **state)
{
	struct pace p = { 0 };

	(void)state;
	assert_true(pace_start(&p, s(0)));
	assert_false(pace_start(&p, s(0.4)));
	assert_false(pace_start(&p, s(0.9)));
	assert_true(pace_start(&p, s(1)));
	assert_int_equal(p.count, 2);
}

static void a_time_before_the_last_start_changes_nothing(void **state)
{
	struct pace p = { 0 };

	(void)state;
	pace_start(&p, s(100));
	assert_false(pace_start(&p, s(40)));
	assert_int_equal(p.count, 1);
	assert_int_equal(p.last_ns, s(100));
}

static void a_gap_of_more_than_five_medians_begins_a_new_run(void **state)
{
	struct pace p = { 0 };

	(void)state;
	for (int i = 0; i < 5; i++)
		pace_start(&p, s(10 * i));
	assert_true(pace_start(&p, s(90)));
	assert_int_equal(p.count, 6); /* 50 s are just five medians */
	assert_true(pace_start(&p, s(141)));
	assert_int_equal(p.count, 1);
	assert_int_equal(p.first_ns, s(141));
}

static void two_hours_of_silence_end_any_run(void **state)
{
	struct pace p = { 0 };

	(void)state;
	pace_start(&p, s(0));
	pace_start(&p, s(3600));
	assert_int_equal(p.count, 2);
	pace_start(&p, s(3600 + 7201));
	assert_int_equal(p.count, 1);
}

static void the_ring_forgets_old_starts_and_the_run_does_not(void **state)
{
	struct pace p = { 0 };

	(void)state;
	for (int i = 0; i < 100; i++)
		pace_start(&p, s(i < 50 ? 10 * i : 490 + 20 * (i - 49)));
	struct pace_figures f = pace_figures(&p);
	assert_int_equal(p.count, 100);
	assert_int_equal(p.kept, PACE_STARTS);
	assert_true(f.interval == 20.0); /* 50 of the 63 intervals kept */
	assert_true(f.span == 490.0 + 20.0 * 50);
}

static void a_pace_of_one_start_has_no_figures(void **state)
{
	struct pace p = { 0 };

	(void)state;
	pace_start(&p, s(0));
	struct pace_figures f = pace_figures(&p);
	assert_true(f.interval == 0.0 && f.jitter == 0.0 && f.span == 0.0);
}

static void the_sixth_start_is_told_first(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	for (int i = 0; i < 5; i++)
		bench_record(&b, 30 * i, ATTEMPT);
	assert_null(bench_last(&b, DATASET_BEACON));
	bench_record(&b, 150, ATTEMPT);
	const struct record *r = bench_last(&b, DATASET_BEACON);
	assert_non_null(r);
	assert_true(record_text_is(r, FIELD_BEACON_KIND, "flow"));
	assert_true(record_text_is(r, FIELD_BEACON_TARGET, "198.51.100.66:443"));
	assert_int_equal(record_uint(r, FIELD_BEACON_COUNT), 6);
	assert_int_equal(record_uint(r, FIELD_BEACON_SUCCEEDED), 0);
	assert_true(record_real(r, FIELD_BEACON_INTERVAL) == 30.0);
	assert_true(record_real(r, FIELD_BEACON_SPAN) == 150.0);
	assert_true(record_text_is(r, FIELD_DESTINATION_ROLE, "external"));
	bench_stop(&b);
}

static void answered_starts_are_counted(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	for (int i = 0; i < 6; i++)
		bench_record(&b, 30 * i, i % 2 ? ANSWERED : ATTEMPT);
	assert_int_equal(record_uint(bench_last(&b, DATASET_BEACON), FIELD_BEACON_SUCCEEDED), 3);
	bench_stop(&b);
}

#define CONNECT(status) "{\"event.dataset\":\"proxy\",\"http.request.method\":\"CONNECT\",\"source.ip\":\"10.1.10.11\"," \
	"\"destination.ip\":\"10.1.250.10\",\"destination.port\":8080,\"url.domain\":\"c2.example\",\"url.port\":443," \
	"\"http.response.status_code\":" status "}"

static void a_connect_is_known_by_the_name_asked_for_and_its_challenge_is_no_start(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	for (int i = 0; i < 6; i++) {
		bench_record(&b, 60 * i, CONNECT("407"));
		bench_record(&b, 60 * i + 20, i ? CONNECT("200") : CONNECT("403"));
	}
	const struct record *r = bench_last(&b, DATASET_BEACON);
	assert_non_null(r);
	assert_int_equal(bench_count(&b, DATASET_BEACON), 1);
	assert_true(record_text_is(r, FIELD_BEACON_KIND, "connect"));
	assert_true(record_text_is(r, FIELD_BEACON_TARGET, "c2.example:443"));
	assert_true(record_text_is(r, FIELD_URL_DOMAIN, "c2.example")); /* what exceptions name */
	assert_int_equal(record_uint(r, FIELD_URL_PORT), 443);
	assert_int_equal(record_uint(r, FIELD_BEACON_SUCCEEDED), 5);
	bench_stop(&b);
}

static void what_stays_inside_is_not_watched(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	for (int i = 0; i < 20; i++)
		bench_record(&b, 30 * i, INSIDE);
	assert_null(bench_last(&b, DATASET_BEACON));
	bench_stop(&b);
}

static void more_pairs_than_room_forget_the_oldest(void **state)
{
	struct bench b;
	char json[512];

	(void)state;
	bench_start(&b, NULL, 1, true); /* the least number of entries: 1024 */
	for (int round = 0; round < 7; round++) {
		for (int i = 0; i < 1200; i++) {
			snprintf(json, sizeof(json), "{\"event.dataset\":\"flow\",\"event.action\":\"attempted\",\"source.ip\":"
				 "\"10.1.%d.%d\",\"destination.ip\":\"198.51.100.66\",\"destination.port\":443}", i / 200, i % 200 + 1);
			bench_record(&b, 60 * round + 0.01 * i, json);
		}
		bench_forget(&b);
	}
	bench_record(&b, 480, ATTEMPT);
	assert_null(bench_last(&b, DATASET_BEACON)); /* each was evicted before it came again */
	bench_stop(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(median_and_deviation_ignore_one_late_start),
		cmocka_unit_test(an_even_number_of_intervals_has_the_mean_of_the_middle_two),
		cmocka_unit_test(starts_within_a_second_are_one_start),
		cmocka_unit_test(a_time_before_the_last_start_changes_nothing),
		cmocka_unit_test(a_gap_of_more_than_five_medians_begins_a_new_run),
		cmocka_unit_test(two_hours_of_silence_end_any_run),
		cmocka_unit_test(the_ring_forgets_old_starts_and_the_run_does_not),
		cmocka_unit_test(a_pace_of_one_start_has_no_figures),
		cmocka_unit_test(the_sixth_start_is_told_first),
		cmocka_unit_test(answered_starts_are_counted),
		cmocka_unit_test(a_connect_is_known_by_the_name_asked_for_and_its_challenge_is_no_start),
		cmocka_unit_test(what_stays_inside_is_not_watched),
		cmocka_unit_test(more_pairs_than_room_forget_the_oldest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
