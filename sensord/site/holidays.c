/* SPDX-License-Identifier: BSD-2-Clause
 * Act on National Holidays (Act 178 of 1948): article 2 names the days, article 3 (2) gives the substitute for one that
 * falls on a Sunday (since 1973-04-12; since 2007 the next day that is no holiday), article 3 (3) the day between two
 * holidays (since 1985-12-27). The equinoxes follow the usual formula after Shinkoku's "Shin koyomi benricho"; the days
 * are set each year by the gazette, so far always as computed. */
#include "holidays.h"

#include <stddef.h>

#include "base/attributes.h"
#include "base/instant.h"

enum { SUNDAY, MONDAY };

struct rule {
	uint16_t from, to;    /* years, both included */
	uint8_t month, day;   /* day 0: the nth Monday */
	uint8_t monday;
};

#define EVER 2150
static const struct rule rules[] = {
	{ 1949, EVER, 1, 1, 0 },
	{ 1949, 1999, 1, 15, 0 },
	{ 2000, EVER, 1, 0, 2 },  /* coming of age */
	{ 1967, EVER, 2, 11, 0 }, /* foundation */
	{ 1949, EVER, 4, 29, 0 }, /* Emperor's birthday, greenery, Showa */
	{ 1989, 2018, 12, 23, 0 },
	{ 2020, EVER, 2, 23, 0 }, /* Emperor's birthday */
	{ 1949, EVER, 5, 3, 0 },
	{ 2007, EVER, 5, 4, 0 },
	{ 1949, EVER, 5, 5, 0 },
	{ 1996, 2002, 7, 20, 0 },
	{ 2003, 2019, 7, 0, 3 },
	{ 2020, 2020, 7, 23, 0 },
	{ 2021, 2021, 7, 22, 0 },
	{ 2022, EVER, 7, 0, 3 }, /* sea */
	{ 2016, 2019, 8, 11, 0 },
	{ 2020, 2020, 8, 10, 0 },
	{ 2021, 2021, 8, 8, 0 },
	{ 2022, EVER, 8, 11, 0 }, /* mountain */
	{ 1966, 2002, 9, 15, 0 },
	{ 2003, EVER, 9, 0, 3 }, /* the aged */
	{ 1966, 1999, 10, 10, 0 },
	{ 2000, 2019, 10, 0, 2 },
	{ 2020, 2020, 7, 24, 0 },
	{ 2021, 2021, 7, 23, 0 },
	{ 2022, EVER, 10, 0, 2 }, /* sports */
	{ 1949, EVER, 11, 3, 0 },
	{ 1949, EVER, 11, 23, 0 },
	/* single acts: weddings, funeral and enthronements */
	{ 1959, 1959, 4, 10, 0 },
	{ 1989, 1989, 2, 24, 0 },
	{ 1990, 1990, 11, 12, 0 },
	{ 1993, 1993, 6, 9, 0 },
	{ 2019, 2019, 5, 1, 0 },
	{ 2019, 2019, 10, 22, 0 },
};

static unsigned weekday(int64_t days)
{
	int64_t w = (days + 4) % 7; /* 1970-01-01 was a Thursday */
	return (unsigned)(w < 0 ? w + 7 : w);
}

/* Day of March or September of an equinox; base in millionths of a day. */
static unsigned equinox(int year, unsigned month)
{
	static const struct {
		int until, leap_base;
		int64_t march, september;
	} spans[] = { { 1979, 1983, 20835700, 23258800 },
		      { 2099, 1980, 20843100, 23248800 },
		      { EVER, 1980, 21851000, 24248800 } };
	size_t i = 0;

	while (year > spans[i].until)
		i++;
	int64_t drift = INT64_C(242194) * (year - 1980);
	/* Division towards minus infinity would differ by one before 1980; the formula cuts towards zero. */
	int64_t leaps = (year - spans[i].leap_base) / 4;
	return (unsigned)(((month == 3 ? spans[i].march : spans[i].september) + drift) / 1000000 - leaps);
}

/* Article 2 alone. */
static bool named(int64_t days)
{
	int year;
	unsigned month, day;

	instant_civil(days, &year, &month, &day);
	if (year < 1949 || year > EVER)
		return false;
	if ((month == 3 || month == 9) && day == equinox(year, month))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		const struct rule *r = &rules[i];
		if (year < r->from || year > r->to || month != r->month)
			continue;
		if (r->day ? day == r->day : weekday(days) == MONDAY && (day + 6) / 7 == r->monday)
			return true;
	}
	return false;
}

/* A run of holidays before this day with a Sunday in it pushes the day off here. */
static bool substitute(int64_t days)
{
	if (days < instant_days(2007, 1, 1))
		return days >= instant_days(1973, 4, 12) && weekday(days) == MONDAY && named(days - 1);
	for (int64_t before = days - 1; named(before); before--)
		if (weekday(before) == SUNDAY)
			return true;
	return false;
}

static bool between(int64_t days)
{
	if (days < instant_days(1985, 12, 27) || !named(days - 1) || !named(days + 1))
		return false;
	return days >= instant_days(2007, 1, 1) || weekday(days) != SUNDAY;
}

bool holiday_japan(int64_t days)
{
	return named(days) || substitute(days) || between(days);
}
