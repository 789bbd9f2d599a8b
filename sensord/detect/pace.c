/* SPDX-License-Identifier: BSD-2-Clause
 * Median and median absolute deviation over a ring of start times: both shrug off a few late or missing starts, which
 * mean and variance do not. */
#include "pace.h"

#include "base/instant.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PACE_SAME_NS NS_PER_S        /* starts this close together are one */
#define PACE_GAP_NS (2 * NS_PER_HOUR) /* a silence that always ends a run */
#define PACE_GAP_MEDIANS 5.0         /* and one relative to the pace */
#define PACE_GAP_INTERVALS 3         /* intervals before there is a pace to speak of */

static int compare(const void *a, const void *b)
{
	const double *x = a;
	const double *y = b;

	return (*x > *y) - (*x < *y);
}

static double median(double *values, uint32_t n)
{
	qsort(values, n, sizeof(*values), compare);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* Seconds between the starts kept. Returns how many. */
static uint32_t intervals(const struct pace *p, double out[PACE_STARTS])
{
	uint32_t n = p->kept > 1 ? p->kept - 1 : 0;
	uint32_t at = (p->next + PACE_STARTS - p->kept) % PACE_STARTS;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t after = (at + 1) % PACE_STARTS;
		out[i] = (double)(p->starts[after] - p->starts[at]) / (double)NS_PER_S;
		at = after;
	}
	return n;
}

static bool run_ends(const struct pace *p, uint64_t gap_ns)
{
	double values[PACE_STARTS];

	if (gap_ns > PACE_GAP_NS)
		return true;
	uint32_t n = intervals(p, values);
	if (n < PACE_GAP_INTERVALS)
		return false;
	return (double)gap_ns / (double)NS_PER_S > PACE_GAP_MEDIANS * median(values, n);
}

bool pace_start(struct pace *p, uint64_t time_ns)
{
	if (p->count && time_ns < p->last_ns + PACE_SAME_NS)
		return false;
	if (p->count && run_ends(p, time_ns - p->last_ns))
		memset(p, 0, sizeof(*p));
	if (p->count == 0)
		p->first_ns = time_ns;
	p->starts[p->next] = time_ns;
	p->next = (p->next + 1) % PACE_STARTS;
	p->kept += p->kept < PACE_STARTS;
	p->last_ns = time_ns;
	p->count++;
	return true;
}

struct pace_figures pace_figures(const struct pace *p)
{
	double values[PACE_STARTS];
	struct pace_figures f = { 0 };
	uint32_t n = intervals(p, values);

	if (n == 0)
		return f;
	f.interval = median(values, n);
	for (uint32_t i = 0; i < n; i++)
		values[i] = fabs(values[i] - f.interval);
	f.jitter = f.interval > 0 ? median(values, n) / f.interval : 0;
	f.span = (double)(p->last_ns - p->first_ns) / (double)NS_PER_S;
	return f;
}
