/* SPDX-License-Identifier: BSD-2-Clause
 * Times as people write and read them: an instant (RFC 3339 with an offset), or the site's wall clock. */
#ifndef APP_WHEN_H
#define APP_WHEN_H

#include "site/site.h"

#define WHEN_TEXT 40 /* room for when_format with its zero */

struct when {
	bool local;
	int64_t seconds; /* since 1970-01-01, UTC or local */
};

/* YYYY-MM-DD, or YYYY-MM-DDTHH:MM[:SS[.fraction]] (a blank for the T), which may end with Z or +HH:MM; without one it is
 * wall clock time. *ret_unit: seconds of its last place: 86400, 60 or 1. */
bool when_parse(struct bytes text, struct when *ret, unsigned *ret_unit);
/* The instant, by the site's time zone (UTC where it has none); what lies outside of 64 bits of nanoseconds is cut. */
uint64_t when_ns(const struct site *site, const struct when *w);
/* RFC 3339 in the site's time zone, to the second. Returns out. */
const char *when_format(const struct site *site, uint64_t time_ns, char out[WHEN_TEXT]);
/* YYYY-MM-DD of a day number. Returns out. */
const char *when_format_day(int64_t day, char out[WHEN_TEXT]);

#endif
