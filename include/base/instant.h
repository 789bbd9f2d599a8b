/* SPDX-License-Identifier: BSD-2-Clause
 * Time is a parameter: nanoseconds since 1970-01-01 UTC, as the packets carry it. Nothing below app reads a clock. */
#ifndef BASE_INSTANT_H
#define BASE_INSTANT_H

#include <stddef.h>
#include <stdint.h>

#define NS_PER_US UINT64_C(1000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)
#define NS_PER_MIN (60 * NS_PER_S)
#define NS_PER_HOUR (60 * NS_PER_MIN)
#define NS_PER_DAY (24 * NS_PER_HOUR)

#define INSTANT_TEXT 32 /* room for instant_format with its zero */

/* "2026-11-23T08:51:18.123456789Z" (RFC 3339, UTC, nine digits). Returns out. */
const char *instant_format(uint64_t time_ns, char out[INSTANT_TEXT]);

/* Civil date of a day number since 1970-01-01 (proleptic Gregorian). */
void instant_civil(int64_t days, int *ret_year, unsigned *ret_month, unsigned *ret_day);
/* Day number since 1970-01-01 of a civil date. */
int64_t instant_days(int year, unsigned month, unsigned day);

/* a - b, 0 where b is later: packets of several interfaces may be a little out of order. */
static inline uint64_t instant_since(uint64_t a, uint64_t b) { return a > b ? a - b : 0; }

#endif
