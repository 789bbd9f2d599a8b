/* SPDX-License-Identifier: BSD-2-Clause
 * Times of command lines: instants, the site's wall clock, days; and how a time is shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "../../sensord/app/replay/when.h"
#include "base/attributes.h"
#include "base/instant.h"

static struct site *site_in(const char *zone)
{
	char yaml[128];
	struct error err;
	int n = snprintf(yaml, sizeof(yaml), "site:\n  name: s\n  timezone: %s\n", zone);
	struct site *s = site_parse("site.yaml", bytes_of(yaml, (size_t)n), &err);

	assert_non_null(s);
	return s;
}

static uint64_t second(const struct site *s, const char *text, unsigned expected_unit)
{
	struct when w;
	unsigned unit;

	assert_true(when_parse(bytes_string(text), &w, &unit));
	assert_int_equal(unit, expected_unit);
	return when_ns(s, &w) / NS_PER_S;
}

static void an_offset_wins_over_the_clock_of_the_site(void **state)
{
	struct site *s = site_in("Asia/Tokyo");

	(void)state;
	assert_int_equal(second(s, "2026-11-23T09:00:00Z", 1), 1795424400);
	assert_int_equal(second(s, "2026-11-23 09:00Z", 60), 1795424400);
	assert_int_equal(second(s, "2026-11-23T18:00+09:00", 60), 1795424400);
	assert_int_equal(second(s, "2026-11-23T04:30:00.5-04:30", 1), 1795424400);
	site_free(s);
}

static void wall_clock_time_is_that_of_the_site(void **state)
{
	struct site *tokyo = site_in("Asia/Tokyo"), *utc = site_default();

	(void)state;
	assert_int_equal(second(tokyo, "2026-11-23T18:00", 60), 1795424400);
	assert_int_equal(second(tokyo, "2026-11-23", 86400), 1795424400 - 18 * 3600);
	assert_int_equal(second(utc, "2026-11-23T09:00", 60), 1795424400);
	site_free(tokyo);
	site_free(utc);
}

static void the_clock_of_summer_is_used_in_summer(void **state)
{
	struct site *s = site_in("Europe/Berlin");

	(void)state;
	assert_int_equal(second(s, "2026-07-01T12:00", 60), second(s, "2026-07-01T10:00Z", 60));
	assert_int_equal(second(s, "2026-12-01T12:00", 60), second(s, "2026-12-01T11:00Z", 60));
	/* The hours around the change of 29 March 2026, 01:00 UTC. */
	assert_int_equal(second(s, "2026-03-29T01:59", 60), second(s, "2026-03-29T00:59Z", 60));
	assert_int_equal(second(s, "2026-03-29T03:00", 60), second(s, "2026-03-29T01:00Z", 60));
	site_free(s);
}

static void what_is_no_time_is_refused(void **state)
{
	static const char *const wrong[] = { "",	   "yesterday",		"2026-11-31",	       "2026-11-23T",	  "2026-11-23T9:00",
					     "2026-11-23Z", "2026-11-23T09:00+0900", "2026-11-23T09:00 x", "20261123T090000", "-2026-11-23" };
	struct when w;
	unsigned unit;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_false(when_parse(bytes_string(wrong[i]), &w, &unit));
}

static void far_times_are_cut_to_what_a_clock_can_say(void **state)
{
	struct site *s = site_default();
	struct when w;
	unsigned unit;

	(void)state;
	assert_true(when_parse(bytes_string("1900-01-01"), &w, &unit));
	assert_int_equal(when_ns(s, &w), 0);
	assert_true(when_parse(bytes_string("9999-12-31"), &w, &unit));
	assert_true(when_ns(s, &w) == UINT64_MAX);
	site_free(s);
}

static void a_time_is_shown_by_the_clock_of_the_site(void **state)
{
	struct site *tokyo = site_in("Asia/Tokyo"), *utc = site_default();
	char text[WHEN_TEXT];

	(void)state;
	assert_string_equal(when_format(tokyo, 1795424400 * NS_PER_S, text), "2026-11-23T18:00:00+09:00");
	assert_string_equal(when_format(utc, 1795424400 * NS_PER_S, text), "2026-11-23T09:00:00Z");
	site_free(tokyo);
	site_free(utc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_offset_wins_over_the_clock_of_the_site),
		cmocka_unit_test(wall_clock_time_is_that_of_the_site),
		cmocka_unit_test(the_clock_of_summer_is_used_in_summer),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(far_times_are_cut_to_what_a_clock_can_say),
		cmocka_unit_test(a_time_is_shown_by_the_clock_of_the_site),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
