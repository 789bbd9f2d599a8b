/* SPDX-License-Identifier: BSD-2-Clause
 * The pace of something that starts again and again: the last start times of one run and their statistics. */
#ifndef DETECT_PACE_H
#define DETECT_PACE_H

#include <stdbool.h>
#include <stdint.h>

#define PACE_STARTS 64 /* start times kept */

struct pace {
	uint64_t starts[PACE_STARTS]; /* ring, in order of time */
	uint64_t first_ns;            /* first start of the run */
	uint64_t last_ns;
	uint32_t next;                /* place of the next start */
	uint32_t kept;                /* starts in the ring */
	uint64_t count;               /* starts of the run */
	uint64_t succeeded;           /* of these, how many were answered */
};

struct pace_figures {
	double interval; /* median seconds */
	double jitter;   /* median absolute deviation, relative to it */
	double span;     /* seconds from the first start of the run to the last */
};

/* Counts a start. Starts within a second of the last counted one are the same start (two connections opened together,
 * IPv4 next to IPv6) and give false; so do times before it. A gap of more than two hours, or of more than five times
 * the median (with at least three intervals), begins a new run. */
bool pace_start(struct pace *p, uint64_t time_ns);
/* Needs at least two starts in the run. */
struct pace_figures pace_figures(const struct pace *p);

#endif
