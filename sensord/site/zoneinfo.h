/* SPDX-License-Identifier: BSD-2-Clause
 * Offsets of a time zone from UTC: fixed, or by the rules of the system's database (TZif, RFC 8536). */
#ifndef SITE_ZONEINFO_H
#define SITE_ZONEINFO_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/error.h"

#define ZONEINFO_FOLDER "/usr/share/zoneinfo"
#define ZONEINFO_SIZE (256u << 10)  /* bytes of one file */
#define ZONEINFO_TRANSITIONS 4096

/* When daylight saving starts or ends, each year (POSIX.1-2017 section 8.3, as RFC 8536 section 3.3.1 extends it). */
struct zone_turn {
	enum { TURN_JULIAN, TURN_DAY, TURN_MONTH } kind; /* Jn: without 29 February; n: from 0; Mm.w.d */
	int day, month, week;                            /* day: of the year, or of the week */
	int32_t second;                                  /* of that day, local time */
};

struct zone_rule {
	bool set, daylight;
	int32_t standard, summer; /* seconds east of UTC */
	struct zone_turn start, end;
};

struct zone_transition {
	int64_t at; /* seconds since 1970 UTC */
	int32_t offset;
};

struct zoneinfo {
	int32_t first; /* offset before the first transition, seconds east */
	struct zone_transition *transitions; /* ascending */
	size_t n_transitions;
	struct zone_rule rule; /* after the last transition */
};

/* "UTC", "+09:00", "-0330", or a name of the database. The text of err says what is wrong. */
bool zoneinfo_read(const char *name, struct zoneinfo *into, struct error *err) MUST_CHECK;
/* The content of a TZif file. False where it is malformed; *into is then empty. */
bool zoneinfo_parse(struct bytes file, struct zoneinfo *into) MUST_CHECK;
/* A POSIX TZ string such as "CET-1CEST,M3.5.0,M10.5.0/3". */
bool zone_rule_parse(struct bytes text, struct zone_rule *into) MUST_CHECK;
/* Seconds east of UTC at that second. */
int32_t zone_rule_offset(const struct zone_rule *r, int64_t second);
int32_t zoneinfo_offset(const struct zoneinfo *z, int64_t second);
/* The second since 1970 UTC at which clocks of the zone show this local second. */
int64_t zoneinfo_utc(const struct zoneinfo *z, int64_t local_second);
void zoneinfo_release(struct zoneinfo *z);

#endif
