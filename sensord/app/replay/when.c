/* SPDX-License-Identifier: BSD-2-Clause
 * Times on command lines and in tables: RFC 3339, ISO 8601 dates, the site's wall clock. */
#include "when.h"

#include <stdio.h>
#include <string.h>

#include "base/instant.h"

/* n digits at the start of *rest; false where there are others. */
static bool digits(struct bytes *rest, size_t n, uint64_t max, uint64_t *ret)
{
	if (rest->size < n || !bytes_decimal(bytes_of(rest->at, n), max, ret))
		return false;
	*rest = bytes_of(rest->at + n, rest->size - n);
	return true;
}

static bool one_of(struct bytes *rest, const char *any, char *ret)
{
	if (rest->size == 0 || rest->at[0] == '\0' || !strchr(any, rest->at[0]))
		return false;
	*ret = (char)rest->at[0];
	*rest = bytes_of(rest->at + 1, rest->size - 1);
	return true;
}

static bool parse_date(struct bytes *rest, int64_t *ret_day)
{
	uint64_t year, month, day;
	char c;
	int y;
	unsigned m, d;

	if (!digits(rest, 4, 9999, &year) || !one_of(rest, "-", &c) || !digits(rest, 2, 12, &month) || month == 0 ||
	    !one_of(rest, "-", &c) || !digits(rest, 2, 31, &day))
		return false;
	*ret_day = instant_days((int)year, (unsigned)month, (unsigned)day);
	instant_civil(*ret_day, &y, &m, &d); /* 30 February comes back as another day */
	return d == day && m == month;
}

static bool parse_clock(struct bytes *rest, int64_t *ret_second, unsigned *ret_unit)
{
	uint64_t hour, minute, second = 0, ignored;
	char c;

	if (!digits(rest, 2, 23, &hour) || !one_of(rest, ":", &c) || !digits(rest, 2, 59, &minute))
		return false;
	*ret_unit = 60;
	if (one_of(rest, ":", &c)) {
		*ret_unit = 1;
		if (!digits(rest, 2, 60, &second))
			return false;
		if (one_of(rest, ".", &c))
			do {
				if (!digits(rest, 1, 9, &ignored))
					return false;
			} while (rest->size && rest->at[0] >= '0' && rest->at[0] <= '9');
	}
	*ret_second = (int64_t)(hour * 3600 + minute * 60 + second);
	return true;
}

static bool parse_offset(struct bytes *rest, int64_t *ret)
{
	uint64_t hour, minute;
	char sign, c;

	*ret = 0;
	if (!one_of(rest, "Zz+-", &sign))
		return false;
	if (sign == 'Z' || sign == 'z')
		return true;
	if (!digits(rest, 2, 23, &hour) || !one_of(rest, ":", &c) || !digits(rest, 2, 59, &minute))
		return false;
	*ret = (int64_t)(hour * 3600 + minute * 60) * (sign == '-' ? -1 : 1);
	return true;
}

bool when_parse(struct bytes text, struct when *ret, unsigned *ret_unit)
{
	struct bytes rest = text;
	int64_t day, second = 0, offset = 0;
	unsigned unit = 86400;
	char c;

	if (!parse_date(&rest, &day) || (rest.size && (!one_of(&rest, "Tt ", &c) || !parse_clock(&rest, &second, &unit))))
		return false;
	bool local = rest.size == 0;
	if (!local && (!parse_offset(&rest, &offset) || rest.size))
		return false;
	*ret = (struct when){ local, day * 86400 + second - offset };
	*ret_unit = unit;
	return true;
}

/* Wall clock minus UTC, in seconds. */
static int64_t offset_at(const struct site *site, int64_t utc)
{
	int64_t day;
	uint32_t second;

	site_local_day(site, (uint64_t)utc * NS_PER_S, &day, &second);
	return day * 86400 + second - utc;
}

uint64_t when_ns(const struct site *site, const struct when *w)
{
	int64_t utc = w->seconds;

	if (w->local && utc >= 86400) { /* twice: the first guess may lie beyond a change of the clocks */
		utc = w->seconds - offset_at(site, w->seconds);
		utc = utc > 0 ? w->seconds - offset_at(site, utc) : 0;
	}
	if (utc <= 0)
		return 0;
	return (uint64_t)utc > UINT64_MAX / NS_PER_S ? UINT64_MAX : (uint64_t)utc * NS_PER_S;
}

const char *when_format_day(int64_t day, char out[WHEN_TEXT])
{
	int year;
	unsigned month, date;

	instant_civil(day, &year, &month, &date);
	snprintf(out, WHEN_TEXT, "%04d-%02u-%02u", year, month, date);
	return out;
}

const char *when_format(const struct site *site, uint64_t time_ns, char out[WHEN_TEXT])
{
	int64_t day;
	uint32_t s;
	char date[WHEN_TEXT];
	int64_t offset = offset_at(site, (int64_t)(time_ns / NS_PER_S)) / 60;
	unsigned minutes = (unsigned)(offset < 0 ? -offset : offset);

	site_local_day(site, time_ns, &day, &s);
	int n = snprintf(out, WHEN_TEXT, "%.10sT%02u:%02u:%02u", when_format_day(day, date), s / 3600, s / 60 % 60, s % 60);
	if (minutes)
		snprintf(out + n, WHEN_TEXT - (size_t)n, "%c%02u:%02u", offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
	else
		snprintf(out + n, WHEN_TEXT - (size_t)n, "Z");
	return out;
}
