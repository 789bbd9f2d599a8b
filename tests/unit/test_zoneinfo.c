/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "../../sensord/site/zoneinfo.h"
#include "base/instant.h"

/* A zone that went from +09:18:59 to +09:00 in 1887 and had one summer in 1948, with 64-bit times; written by hand
 * after RFC 8536 section 3. The first block is the smallest that the format allows. */
#define HEADER(timecnt, typecnt, charcnt)                                                                              \
	'T', 'Z', 'i', 'f', '2', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,   \
		0, 0, timecnt, 0, 0, 0, typecnt, 0, 0, 0, charcnt
static const uint8_t tokyo[] = {
	HEADER(0, 1, 1), 0, 0, 0, 0, 0, 0, 0,
	HEADER(3, 3, 12),
	0xff, 0xff, 0xff, 0xff, 0x65, 0xc2, 0xa4, 0x70, /* 1887-12-31T15:00Z */
	0xff, 0xff, 0xff, 0xff, 0xd7, 0x3e, 0x02, 0x70, /* 1948-05-01T15:00Z */
	0xff, 0xff, 0xff, 0xff, 0xd7, 0xed, 0x59, 0xf0, /* 1948-09-11T15:00Z */
	1, 2, 1,
	0x00, 0x00, 0x83, 0x03, 0, 0,
	0x00, 0x00, 0x7e, 0x90, 0, 4,
	0x00, 0x00, 0x8c, 0xa0, 1, 8,
	'L', 'M', 'T', 0, 'J', 'S', 'T', 0, 'J', 'D', 'T', 0,
	'\n', 'J', 'S', 'T', '-', '9', '\n',
};

static int64_t at(int year, unsigned month, unsigned day, int hour)
{
	return instant_days(year, month, day) * 86400 + hour * 3600;
}

static void a_database_file_gives_each_time_its_offset(void **state)
{
	struct zoneinfo z;
	(void)state;

	assert_true(zoneinfo_parse(bytes_of(tokyo, sizeof(tokyo)), &z));
	assert_int_equal(z.n_transitions, 3);
	assert_int_equal(zoneinfo_offset(&z, at(1880, 1, 1, 0)), 33539);
	assert_int_equal(zoneinfo_offset(&z, at(1900, 1, 1, 0)), 32400);
	assert_int_equal(zoneinfo_offset(&z, at(1948, 7, 1, 0)), 36000);
	assert_int_equal(zoneinfo_offset(&z, at(1948, 9, 11, 15)), 32400);
	assert_int_equal(zoneinfo_offset(&z, at(2026, 11, 23, 0)), 32400);
	assert_int_equal(zoneinfo_utc(&z, at(2026, 1, 1, 9)), at(2026, 1, 1, 0));
	zoneinfo_release(&z);
}

static void every_cut_file_is_refused_or_read_within_its_bytes(void **state)
{
	(void)state;

	for (size_t n = 0; n < sizeof(tokyo); n++) {
		struct zoneinfo z;
		uint8_t *copy = malloc(n ? n : 1);
		memcpy(copy, tokyo, n);
		bool fine = zoneinfo_parse(bytes_of(copy, n), &z);
		free(copy);
		/* The last line feed alone may be missing, and a shorter number of hours is a number too. */
		assert_true(!fine || n >= sizeof(tokyo) - 7);
		zoneinfo_release(&z);
	}
}

static void every_wrong_byte_is_survived(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(tokyo); i++) {
		for (unsigned v = 0; v < 256; v += 15) {
			struct zoneinfo z;
			uint8_t *copy = malloc(sizeof(tokyo));
			memcpy(copy, tokyo, sizeof(tokyo));
			copy[i] = (uint8_t)v;
			if (zoneinfo_parse(bytes_of(copy, sizeof(tokyo)), &z)) {
				int32_t offset = zoneinfo_offset(&z, at(2026, 1, 1, 0));
				assert_in_range(offset + 700000, 0, 1400000);
				zoneinfo_release(&z);
			}
			free(copy);
		}
	}
}

static int32_t rule_offset(const char *text, int64_t second)
{
	struct zone_rule rule;

	assert_true(zone_rule_parse(bytes_string(text), &rule));
	return zone_rule_offset(&rule, second);
}

static void a_rule_turns_the_clock_on_its_sundays(void **state)
{
	static const char berlin[] = "CET-1CEST,M3.5.0,M10.5.0/3";
	(void)state;

	assert_int_equal(rule_offset(berlin, at(2026, 3, 29, 1) - 1), 3600);
	assert_int_equal(rule_offset(berlin, at(2026, 3, 29, 1)), 7200);
	assert_int_equal(rule_offset(berlin, at(2026, 10, 25, 1) - 1), 7200);
	assert_int_equal(rule_offset(berlin, at(2026, 10, 25, 1)), 3600);
}

static void a_southern_rule_has_summer_over_the_new_year(void **state)
{
	static const char sydney[] = "AEST-10AEDT,M10.1.0,M4.1.0/3";
	(void)state;

	assert_int_equal(rule_offset(sydney, at(2026, 1, 1, 0)), 39600);
	assert_int_equal(rule_offset(sydney, at(2025, 12, 31, 23)), 39600);
	assert_int_equal(rule_offset(sydney, at(2026, 7, 1, 0)), 36000);
}

static void other_forms_of_rules_are_read(void **state)
{
	struct zone_rule rule;
	(void)state;

	assert_int_equal(rule_offset("<+0330>-3:30", 0), 12600);
	assert_int_equal(rule_offset("X5Y4,J60/0,J300/0", at(2024, 3, 1, 5)),
			 -14400); /* J60 is 1 March in leap years too */
	assert_int_equal(rule_offset("X5Y4,J60/0,J300/0", at(2024, 2, 29, 12)), -18000);
	assert_int_equal(rule_offset("X0Y,59/0,300/0", at(2024, 2, 29, 0)), 3600); /* day 59 counted from 0 */
	assert_false(zone_rule_parse(bytes_string("CET-1CEST,M13.5.0,M10.5.0"), &rule));
	assert_false(zone_rule_parse(bytes_string("CET-1CEST"), &rule));
	assert_false(zone_rule_parse(bytes_string("CET-1x,"), &rule));
	assert_false(zone_rule_parse(bytes_string(""), &rule));
	assert_false(zone_rule_parse(bytes_string("CET-999"), &rule));
}

static void offsets_and_names_are_read(void **state)
{
	struct zoneinfo z;
	struct error err;
	(void)state;

	assert_true(zoneinfo_read("UTC", &z, &err));
	assert_int_equal(zoneinfo_offset(&z, 0), 0);
	assert_true(zoneinfo_read("+09:00", &z, &err));
	assert_int_equal(zoneinfo_offset(&z, 0), 32400);
	assert_true(zoneinfo_read("-0330", &z, &err));
	assert_int_equal(zoneinfo_offset(&z, 0), -12600);
	assert_false(zoneinfo_read("+9", &z, &err));
	assert_false(zoneinfo_read("+09:0", &z, &err));
	assert_false(zoneinfo_read("../../etc/passwd", &z, &err));
	assert_false(zoneinfo_read("No/Such", &z, &err));
	assert_string_equal(err.text,
			    "unknown time zone `No/Such`: UTC, +09:00 or a name such as Asia/Tokyo is expected");
}

static void the_systems_database_is_read_where_it_is_installed(void **state)
{
	struct zoneinfo z;
	struct error err;
	(void)state;

	if (!zoneinfo_read("Asia/Tokyo", &z, &err))
		skip();
	assert_int_equal(zoneinfo_offset(&z, at(2026, 6, 1, 0)), 32400);
	zoneinfo_release(&z);
	assert_true(zoneinfo_read("Europe/Berlin", &z, &err));
	assert_int_equal(zoneinfo_offset(&z, at(2030, 7, 1, 0)), 7200);
	assert_int_equal(zoneinfo_offset(&z, at(2055, 7, 1, 0)), 7200);
	assert_int_equal(zoneinfo_offset(&z, at(2055, 12, 1, 0)), 3600);
	zoneinfo_release(&z);
	assert_true(zoneinfo_read("America/New_York", &z, &err));
	assert_int_equal(zoneinfo_offset(&z, at(2024, 3, 10, 7)), -14400);
	assert_int_equal(zoneinfo_offset(&z, at(2024, 3, 10, 6)), -18000);
	zoneinfo_release(&z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_database_file_gives_each_time_its_offset),
		cmocka_unit_test(every_cut_file_is_refused_or_read_within_its_bytes),
		cmocka_unit_test(every_wrong_byte_is_survived),
		cmocka_unit_test(a_rule_turns_the_clock_on_its_sundays),
		cmocka_unit_test(a_southern_rule_has_summer_over_the_new_year),
		cmocka_unit_test(other_forms_of_rules_are_read),
		cmocka_unit_test(offsets_and_names_are_read),
		cmocka_unit_test(the_systems_database_is_read_where_it_is_installed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
