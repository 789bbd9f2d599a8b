/* SPDX-License-Identifier: BSD-2-Clause
 * Instants and civil dates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <time.h>

#include "base/attributes.h"
#include "base/instant.h"

static void instants_are_written_as_rfc_3339(void **state)
{
	static const struct { uint64_t ns; const char *text; } rows[] = {
		{ 0, "1970-01-01T00:00:00.000000000Z" },
		{ 1, "1970-01-01T00:00:00.000000001Z" },
		{ UINT64_C(951782399) * NS_PER_S + 999999999, "2000-02-28T23:59:59.999999999Z" },
		{ UINT64_C(951782400) * NS_PER_S, "2000-02-29T00:00:00.000000000Z" },
		{ UINT64_C(4107542400) * NS_PER_S, "2100-03-01T00:00:00.000000000Z" },
		{ UINT64_C(1795423878) * NS_PER_S + 123456789, "2026-11-23T08:51:18.123456789Z" },
		{ UINT64_MAX, "2554-07-21T23:34:33.709551615Z" },
	};
	char room[INSTANT_TEXT];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(instant_format(rows[i].ns, room), rows[i].text);
}

static void dates_agree_with_the_c_library(void **state)
{
	(void)state;
	for (int64_t day = -200000; day < 200000; day += 37) {
		time_t seconds = (time_t)day * 86400;
		struct tm tm;
		int year;
		unsigned month, date;
		assert_non_null(gmtime_r(&seconds, &tm));
		instant_civil(day, &year, &month, &date);
		assert_int_equal(year, tm.tm_year + 1900);
		assert_int_equal(month, tm.tm_mon + 1);
		assert_int_equal(date, tm.tm_mday);
	}
}

static void every_day_comes_back_from_its_date(void **state)
{
	(void)state;
	for (int64_t day = -800000; day < 800000; day += 11) {
		int year;
		unsigned month, date;
		instant_civil(day, &year, &month, &date);
		assert_true(month >= 1 && month <= 12 && date >= 1 && date <= 31);
		assert_int_equal(instant_days(year, month, date), day);
	}
}

static void since_never_goes_below_zero(void **state)
{
	(void)state;
	assert_int_equal(instant_since(5, 3), 2);
	assert_int_equal(instant_since(3, 5), 0);
	assert_int_equal(instant_since(UINT64_MAX, 0), UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(instants_are_written_as_rfc_3339),
		cmocka_unit_test(dates_agree_with_the_c_library),
		cmocka_unit_test(every_day_comes_back_from_its_date),
		cmocka_unit_test(since_never_goes_below_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
