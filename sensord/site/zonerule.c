/* SPDX-License-Identifier: BSD-2-Clause
 * POSIX TZ strings (POSIX.1-2017 section 8.3 with hours up to 167, RFC 8536 section 3.3.1): what holds after the last
 * transition of a TZif file. */
#include "zoneinfo.h"

#include "base/instant.h"
#include "base/reader.h"

static bool digit(uint8_t c) { return c >= '0' && c <= '9'; }

static int number(struct reader *r, int max)
{
	int v = 0;

	if (!digit(reader_peek(r)))
		reader_fail(r);
	while (digit(reader_peek(r))) {
		v = v * 10 + (reader_u8(r) - '0');
		if (v > max) {
			reader_fail(r);
			return 0;
		}
	}
	return v;
}

static bool took(struct reader *r, uint8_t c)
{
	if (reader_peek(r) != c || reader_left(r) == 0)
		return false;
	reader_skip(r, 1);
	return true;
}

/* [+|-]hh[:mm[:ss]] in seconds. */
static int32_t clock_time(struct reader *r)
{
	bool minus = took(r, '-');

	if (!minus)
		took(r, '+');
	int32_t v = number(r, 167) * 3600;
	if (took(r, ':'))
		v += number(r, 59) * 60;
	if (took(r, ':'))
		v += number(r, 59);
	return minus ? -v : v;
}

/* Letters, or anything within < >. */
static void skip_name(struct reader *r)
{
	size_t n = 0;

	if (took(r, '<')) {
		while (reader_left(r) && !took(r, '>'))
			reader_skip(r, 1);
		return;
	}
	for (; (reader_peek(r) | 0x20) >= 'a' && (reader_peek(r) | 0x20) <= 'z'; n++)
		reader_skip(r, 1);
	if (n == 0)
		reader_fail(r);
}

static void turn(struct reader *r, struct zone_turn *t)
{
	if (!took(r, ','))
		reader_fail(r);
	if (took(r, 'M')) {
		t->kind = TURN_MONTH;
		t->month = number(r, 12);
		bool dots = took(r, '.');
		t->week = number(r, 5);
		dots = took(r, '.') && dots;
		t->day = number(r, 6);
		if (!dots || t->month == 0 || t->week == 0)
			reader_fail(r);
	} else if (took(r, 'J')) {
		t->kind = TURN_JULIAN;
		t->day = number(r, 365);
		if (t->day == 0)
			reader_fail(r);
	} else {
		t->kind = TURN_DAY;
		t->day = number(r, 365);
	}
	t->second = took(r, '/') ? clock_time(r) : 2 * 3600;
}

bool zone_rule_parse(struct bytes text, struct zone_rule *into)
{
	struct reader r = reader_open(text);
	struct zone_rule rule = { .set = true };

	skip_name(&r);
	rule.standard = -clock_time(&r); /* POSIX counts west */
	rule.summer = rule.standard + 3600;
	if (reader_left(&r)) {
		rule.daylight = true;
		skip_name(&r);
		if (reader_left(&r) && reader_peek(&r) != ',')
			rule.summer = -clock_time(&r);
		turn(&r, &rule.start);
		turn(&r, &rule.end);
	}
	if (!reader_ok(&r) || reader_left(&r))
		return false;
	*into = rule;
	return true;
}

static bool leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

/* Local second at which the turn comes in that year. */
static int64_t turn_second(const struct zone_turn *t, int year)
{
	int64_t day = instant_days(year, 1, 1);

	if (t->kind == TURN_DAY) {
		day += t->day;
	} else if (t->kind == TURN_JULIAN) {
		day += t->day - 1 + (leap(year) && t->day > 59);
	} else {
		int64_t first = instant_days(year, (unsigned)t->month, 1);
		int64_t next =
			t->month == 12 ? instant_days(year + 1, 1, 1) : instant_days(year, (unsigned)t->month + 1, 1);
		int weekday = (int)(((first + 4) % 7 + 7) % 7);
		day = first + (t->day - weekday + 7) % 7 + 7 * (t->week - 1);
		while (day >= next)
			day -= 7;
	}
	return day * 86400 + t->second;
}

int32_t zone_rule_offset(const struct zone_rule *r, int64_t second)
{
	int year;
	unsigned month, day;
	int64_t local, start, end;

	if (!r->daylight)
		return r->standard;
	local = second + r->standard;
	instant_civil(local >= 0 ? local / 86400 : (local - 86399) / 86400, &year, &month, &day);
	start = turn_second(&r->start, year) - r->standard;
	end = turn_second(&r->end, year) - r->summer;
	if (start < end)
		return second >= start && second < end ? r->summer : r->standard;
	return second >= end && second < start ? r->standard : r->summer; /* southern half */
}
