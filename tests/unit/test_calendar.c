/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "../../sensord/site/calendar.h"
#include "../../sensord/site/holidays.h"
#include "base/instant.h"
#include "base/text.h"

/* The days off of a year as "m/d m/d …". */
static const char *days_off(int year)
{
	static char room[1024];
	struct text t = TEXT_ON(room);

	for (int64_t day = instant_days(year, 1, 1); day < instant_days(year + 1, 1, 1); day++) {
		int y;
		unsigned month, d;
		instant_civil(day, &y, &month, &d);
		if (holiday_japan(day))
			text_printf(&t, "%s%u/%u", t.used ? " " : "", month, d);
	}
	return text_end(&t);
}

/* As published by the Cabinet Office for these years. */
static void japanese_holidays_are_those_of_the_gazette(void **state)
{
	(void)state;

	assert_string_equal(days_off(2015),
			    "1/1 1/12 2/11 3/21 4/29 5/3 5/4 5/5 5/6 7/20 9/21 9/22 9/23 10/12 11/3 11/23 12/23");
	assert_string_equal(days_off(2019),
			    "1/1 1/14 2/11 3/21 4/29 4/30 5/1 5/2 5/3 5/4 5/5 5/6 7/15 8/11 8/12 9/16 9/23 "
			    "10/14 10/22 11/3 11/4 11/23");
	assert_string_equal(days_off(2020),
			    "1/1 1/13 2/11 2/23 2/24 3/20 4/29 5/3 5/4 5/5 5/6 7/23 7/24 8/10 9/21 9/22 "
			    "11/3 11/23");
	assert_string_equal(days_off(2021),
			    "1/1 1/11 2/11 2/23 3/20 4/29 5/3 5/4 5/5 7/22 7/23 8/8 8/9 9/20 9/23 11/3 11/23");
	assert_string_equal(days_off(2024),
			    "1/1 1/8 2/11 2/12 2/23 3/20 4/29 5/3 5/4 5/5 5/6 7/15 8/11 8/12 9/16 9/22 9/23 "
			    "10/14 11/3 11/4 11/23");
	assert_string_equal(days_off(2025),
			    "1/1 1/13 2/11 2/23 2/24 3/20 4/29 5/3 5/4 5/5 5/6 7/21 8/11 9/15 9/23 10/13 "
			    "11/3 11/23 11/24");
	assert_string_equal(days_off(2026),
			    "1/1 1/12 2/11 2/23 3/20 4/29 5/3 5/4 5/5 5/6 7/20 8/11 9/21 9/22 9/23 10/12 "
			    "11/3 11/23");
}

static void older_law_holds_for_older_years(void **state)
{
	(void)state;

	assert_string_equal(days_off(1998),
			    "1/1 1/15 2/11 3/21 4/29 5/3 5/4 5/5 7/20 9/15 9/23 10/10 11/3 11/23 12/23");
	assert_string_equal(days_off(1973), "1/1 1/15 2/11 3/21 4/29 4/30 5/3 5/5 9/15 9/23 9/24 10/10 11/3 11/23");
	assert_true(holiday_japan(instant_days(1989, 2, 24)));
	assert_false(holiday_japan(instant_days(1990, 2, 24)));
	assert_false(holiday_japan(instant_days(1940, 1, 1)));
	assert_false(holiday_japan(instant_days(2200, 1, 1)));
}

/* Is that hour of the week (0: Monday 00:00) within the spans? 2026-11-23 is a Monday. */
static bool has(const char *spans, int day, int hour, int minute)
{
	struct week w = { 0 };

	assert_true(week_parse(bytes_string(spans), &w));
	return week_has(&w, (instant_days(2026, 11, 23) + day) * 86400 + hour * 3600 + minute * 60);
}

static void spans_hold_from_their_first_minute_to_before_their_last(void **state)
{
	(void)state;

	assert_false(has("Mon-Fri 08:00-20:00", 0, 7, 59));
	assert_true(has("Mon-Fri 08:00-20:00", 0, 8, 0));
	assert_true(has("Mon-Fri 08:00-20:00", 4, 19, 59));
	assert_false(has("Mon-Fri 08:00-20:00", 4, 20, 0));
	assert_false(has("Mon-Fri 08:00-20:00", 5, 12, 0));
	assert_true(has("Mon-Fri 08:00-20:00, sat 09:00-12:00", 5, 11, 0));
	assert_true(has("Fri-Mon 10:00-11:00", 6, 10, 30));
	assert_false(has("Fri-Mon 10:00-11:00", 2, 10, 30));
	assert_true(has("07:00-24:00", 6, 23, 59));
}

static void a_span_over_midnight_ends_on_the_next_day(void **state)
{
	(void)state;

	assert_true(has("Sun 22:00-06:00", 6, 23, 0));
	assert_true(has("Sun 22:00-06:00", 0, 5, 59));
	assert_false(has("Sun 22:00-06:00", 0, 6, 0));
	assert_false(has("Sun 22:00-06:00", 6, 5, 0));
	assert_true(has("always", 6, 3, 0));
}

static void what_is_no_span_is_refused(void **state)
{
	static const char *const wrong[] = { "",
					     "Mon",
					     "Mon 8-20",
					     "Mon 08:00",
					     "Mon 08:00-25:00",
					     "Mon 08:00-24:30",
					     "Xyz 08:00-20:00",
					     "Mon 08:00-08:00",
					     "always 08:00-09:00",
					     "Mon-Fri 08:00-20:00,,",
					     "Mon Tue 08:00-20:00" };
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct week w = { 0 };
		assert_false(week_parse(bytes_string(wrong[i]), &w));
	}
}

static void dates_are_read_strictly(void **state)
{
	int64_t second;
	bool whole;
	(void)state;

	assert_true(local_time_parse(bytes_string("2024-02-29"), &second, &whole));
	assert_true(whole);
	assert_int_equal(second, instant_days(2024, 2, 29) * 86400);
	assert_true(local_time_parse(bytes_string("2026-02-01T22:05"), &second, &whole));
	assert_false(whole);
	assert_int_equal(second, instant_days(2026, 2, 1) * 86400 + 22 * 3600 + 300);
	assert_true(local_time_parse(bytes_string("2026-02-01 22:05:06"), &second, &whole));
	assert_false(local_time_parse(bytes_string("2026-02-29"), &second, &whole));
	assert_false(local_time_parse(bytes_string("2026-13-01"), &second, &whole));
	assert_false(local_time_parse(bytes_string("2026-1-1"), &second, &whole));
	assert_false(local_time_parse(bytes_string("2026-01-01T24:00"), &second, &whole));
	assert_false(local_time_parse(bytes_string("2026-01-01T10:00:00Z"), &second, &whole));
	assert_false(local_time_parse(bytes_string("never"), &second, &whole));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(japanese_holidays_are_those_of_the_gazette),
		cmocka_unit_test(older_law_holds_for_older_years),
		cmocka_unit_test(spans_hold_from_their_first_minute_to_before_their_last),
		cmocka_unit_test(a_span_over_midnight_ends_on_the_next_day),
		cmocka_unit_test(what_is_no_span_is_refused),
		cmocka_unit_test(dates_are_read_strictly),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
