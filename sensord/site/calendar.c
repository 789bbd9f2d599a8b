/* SPDX-License-Identifier: BSD-2-Clause
 * Business hours, holidays and dates in the site's time zone (MEASURES 19: Mon-Fri 07:00-22:00 unless said). */
#include "calendar.h"

#include <stdlib.h>

#include "base/instant.h"
#include "base/reader.h"
#include "holidays.h"
#include "network.h"

#define DAY_MINUTES 1440
#define DEFAULT_HOURS "Mon-Fri 07:00-22:00"

static int weekday_of(struct bytes word)
{
	static const char *const names[] = { "monday", "tuesday",  "wednesday", "thursday",
					     "friday", "saturday", "sunday" };

	for (int i = 0; i < 7; i++)
		if (word.size >= 3 && bytes_starts_nocase(bytes_string(names[i]), word))
			return i;
	return -1;
}

/* "Mon", "Mon-Fri", "Sat-Mon". */
static bool parse_days(struct bytes word, int *ret_first, int *ret_count)
{
	struct bytes rest = word, head = bytes_split(&rest, '-');
	int first = weekday_of(head), last = head.size < word.size ? weekday_of(rest) : first;

	if (first < 0 || last < 0)
		return false;
	*ret_first = first;
	*ret_count = (last - first + 7) % 7 + 1;
	return true;
}

/* "08:00" as minutes; 24:00 is the end of the day. */
static bool parse_clock(struct bytes word, unsigned *ret)
{
	struct bytes rest = word, head = bytes_split(&rest, ':');
	uint64_t hour, minute;

	if (head.size == 0 || head.size > 2 || rest.size != 2 || !bytes_decimal(head, 24, &hour) ||
	    !bytes_decimal(rest, 59, &minute) || (hour == 24 && minute))
		return false;
	*ret = (unsigned)(hour * 60 + minute);
	return true;
}

static void mark(struct week *w, unsigned start, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		unsigned minute = (start + i) % WEEK_MINUTES;
		w->minutes[minute / 8] |= (uint8_t)(1u << minute % 8);
	}
}

static bool parse_span(struct bytes span, struct week *into)
{
	struct bytes rest = bytes_trim(span), head = bytes_split(&rest, ' ');
	int first = 0, count = 7;
	unsigned start, end;

	if (bytes_equal_nocase(head, bytes_string("always")) && rest.size == 0) {
		into->always = true;
		return true;
	}
	if (parse_days(head, &first, &count))
		head = bytes_trim(rest);
	else if (rest.size)
		return false;
	rest = head;
	head = bytes_split(&rest, '-');
	if (!parse_clock(bytes_trim(head), &start) || !parse_clock(bytes_trim(rest), &end) || start == end)
		return false;
	for (int day = first; day < first + count; day++)
		mark(into, (unsigned)(day % 7) * DAY_MINUTES + start,
		     end > start ? end - start : end + DAY_MINUTES - start);
	return true;
}

bool week_parse(struct bytes spans, struct week *into)
{
	do {
		if (!parse_span(bytes_split(&spans, ','), into))
			return false;
	} while (spans.size > 0);
	return true;
}

static int64_t floor_div(int64_t a, int64_t b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }

bool week_has(const struct week *w, int64_t local_second)
{
	int64_t minute = floor_div(local_second, 60) + 3 * DAY_MINUTES; /* 1970-01-01 was a Thursday */
	unsigned at = (unsigned)(minute - floor_div(minute, WEEK_MINUTES) * WEEK_MINUTES);

	return w->always || (w->minutes[at / 8] >> at % 8 & 1);
}

static unsigned month_days(int year, unsigned month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && ((year % 4 == 0 && year % 100 != 0) || year % 400 == 0));
}

static bool take_number(struct reader *r, size_t digits, uint64_t max, uint64_t *ret)
{
	return bytes_decimal(reader_take(r, digits), max, ret);
}

static bool take_char(struct reader *r, char c) { return reader_u8(r) == (uint8_t)c; }

bool local_time_parse(struct bytes text, int64_t *ret_second, bool *ret_day)
{
	struct reader r = reader_open(text);
	uint64_t year, month, day, hour = 0, minute = 0, second = 0;

	if (!take_number(&r, 4, 9999, &year) || !take_char(&r, '-') || !take_number(&r, 2, 12, &month) ||
	    !take_char(&r, '-') || !take_number(&r, 2, 31, &day) || year < 1970 || month == 0 || day == 0 ||
	    day > month_days((int)year, (unsigned)month))
		return false;
	bool whole = reader_left(&r) == 0;
	if (!whole) {
		uint8_t between = reader_u8(&r);
		if ((between != 'T' && between != ' ') || !take_number(&r, 2, 23, &hour) || !take_char(&r, ':') ||
		    !take_number(&r, 2, 59, &minute))
			return false;
		if (reader_left(&r) && (!take_char(&r, ':') || !take_number(&r, 2, 59, &second)))
			return false;
	}
	if (reader_left(&r) || !reader_ok(&r))
		return false;
	*ret_second = instant_days((int)year, (unsigned)month, (unsigned)day) * 86400 +
		      (int64_t)(hour * 3600 + minute * 60 + second);
	*ret_day = whole;
	return true;
}

static int by_day(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static bool build_holidays(struct calendar *c, const struct conf_strings *words, const struct document *d,
			   struct error *err)
{
	c->holidays = calloc(words->count + 1, sizeof(*c->holidays));
	if (!c->holidays)
		return error_set(err, "out of memory");
	for (size_t i = 0; i < words->count; i++) {
		int64_t second;
		bool whole;
		if (!strcmp(words->items[i], "jp"))
			c->japan = true;
		else if (local_time_parse(bytes_string(words->items[i]), &second, &whole) && whole)
			c->holidays[c->n_holidays++] = second / 86400;
		else
			return word_error(d, words, i, err,
					  "`holidays`: `%s` is neither jp nor a date such as 2026-12-29",
					  words->items[i]);
	}
	qsort(c->holidays, c->n_holidays, sizeof(*c->holidays), by_day);
	return true;
}

static bool build_week(struct calendar *c, const struct conf_strings *words, const struct document *d,
		       struct error *err)
{
	for (size_t i = 0; i < words->count; i++)
		if (!week_parse(bytes_string(words->items[i]), &c->week))
			return word_error(d, words, i, err,
					  "`%s` is no span of business hours such as \"Mon-Fri 08:00-20:00\" or always",
					  words->items[i]);
	return words->count > 0 || week_parse(bytes_string(DEFAULT_HOURS), &c->week);
}

/* Hours of single accounts are kept by admins.c; here they must at least be hours. */
static bool check_hours(const struct conf_list *accounts, const struct document *d, struct error *err)
{
	const struct account_setting *items = accounts->items;
	struct calendar scratch = { 0 };

	for (size_t i = 0; i < accounts->count; i++)
		if (!build_week(&scratch, &items[i].hours, d, err))
			return false;
	return true;
}

bool calendar_build(struct calendar *c, const struct settings *s, const struct document *d, struct error *err)
{
	const struct conf_strings *zone = &s->site.timezone, *hours = &s->site.business_hours;
	struct error inner = { 0 };

	if (zone->count && !zoneinfo_read(zone->items[0], &c->zone, &inner))
		return word_error(d, zone, 0, err, "%s", inner.text);
	c->known = zone->count > 0;
	if (hours->count && !c->known)
		return word_error(d, hours, 0, err, "`business_hours` needs `timezone`");
	return build_week(c, hours, d, err) && build_holidays(c, &s->site.holidays, d, err) &&
	       check_hours(&s->site.accounts.trap, d, err) && check_hours(&s->site.accounts.admin, d, err) &&
	       check_hours(&s->site.accounts.service, d, err);
}

void calendar_release(struct calendar *c)
{
	zoneinfo_release(&c->zone);
	free(c->holidays);
	*c = (struct calendar){ 0 };
}

int64_t calendar_local(const struct calendar *c, uint64_t time_ns)
{
	int64_t second = (int64_t)(time_ns / NS_PER_S);

	return second + zoneinfo_offset(&c->zone, second);
}

static bool holiday(const struct calendar *c, int64_t day)
{
	if (c->n_holidays && bsearch(&day, c->holidays, c->n_holidays, sizeof(day), by_day))
		return true;
	return c->japan && holiday_japan(day);
}

bool calendar_off(const struct calendar *c, uint64_t time_ns)
{
	int64_t local = calendar_local(c, time_ns);

	if (c->week.always)
		return false;
	return !week_has(&c->week, local) || holiday(c, floor_div(local, 86400));
}

bool calendar_instant(const struct calendar *c, const struct conf_strings *word, bool end, const struct document *d,
		      uint64_t *ret_ns, struct error *err)
{
	int64_t local;
	bool whole;

	if (!local_time_parse(bytes_string(word->items[0]), &local, &whole))
		return word_error(d, word, 0, err, "`%s` is no date such as 2026-12-31 or 2026-12-31T18:00",
				  word->items[0]);
	if (whole && end)
		local += 86400;
	int64_t utc = zoneinfo_utc(&c->zone, local);
	/* Nanoseconds since 1970 end in 2554. */
	*ret_ns = utc < 0 ? 0 : (uint64_t)utc > UINT64_MAX / NS_PER_S ? UINT64_MAX : (uint64_t)utc * NS_PER_S;
	return true;
}
