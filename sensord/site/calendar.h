/* SPDX-License-Identifier: BSD-2-Clause
 * Business hours, holidays and dates in the site's time zone. */
#ifndef SITE_CALENDAR_H
#define SITE_CALENDAR_H

#include "settings.h"
#include "zoneinfo.h"

#define WEEK_MINUTES (7 * 1440)

/* The minutes of a week, from Monday 00:00, that are business hours. */
struct week {
	uint8_t minutes[WEEK_MINUTES / 8];
	bool always;
};

struct calendar {
	bool known; /* a time zone is given */
	struct zoneinfo zone;
	struct week week;
	bool japan;
	int64_t *holidays; /* days since 1970, ascending */
	size_t n_holidays;
};

/* "Mon-Fri 08:00-20:00, Sat 09:00-12:00", "22:00-06:00" (every day, into the next), "always"; adds to *into. */
bool week_parse(struct bytes spans, struct week *into);
bool week_has(const struct week *w, int64_t local_second);

/* "2026-12-31": that day's first second. *ret_day is set where no time of day is given. */
bool local_time_parse(struct bytes text, int64_t *ret_second, bool *ret_day);

bool calendar_build(struct calendar *c, const struct settings *s, const struct document *d, struct error *err);
void calendar_release(struct calendar *c);
int64_t calendar_local(const struct calendar *c, uint64_t time_ns); /* local second since 1970 */
bool calendar_off(const struct calendar *c, uint64_t time_ns);
/* The instant named by one word of the file; a day alone means its end where end is set. */
bool calendar_instant(const struct calendar *c, const struct conf_strings *word, bool end, const struct document *d,
		      uint64_t *ret_ns, struct error *err);

#endif
