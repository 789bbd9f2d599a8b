/* SPDX-License-Identifier: BSD-2-Clause */
#include "summary.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/instant.h"

static uint64_t monotonic_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

void summary_progress(const struct capture *c, const struct sensor *s, bool last)
{
	static uint64_t shown_ns;
	uint64_t now_ns = monotonic_ns(), read, total;

	if (!last && now_ns - shown_ns < 200 * NS_PER_MS)
		return;
	shown_ns = now_ns;
	capture_progress(c, &read, &total);
	if (last)
		fprintf(stderr, "\r\033[K");
	else
		fprintf(stderr, "\r%3u %%  %" PRIu64 " packets\033[K", total ? (unsigned)(100 * read / total) : 0,
			sensor_counts(s).frames);
}

static void print_span(const struct sensor_counts *c)
{
	char first[INSTANT_TEXT], last[INSTANT_TEXT];

	if (c->frames == 0)
		return;
	fprintf(stderr, "  from      %.19sZ\n  to        %.19sZ\n", instant_format(c->first_ns, first),
		instant_format(c->last_ns, last));
}

void summary_print(const struct sensor *s, double seconds)
{
	struct sensor_counts c = sensor_counts(s);

	fprintf(stderr, "\n  packets   %" PRIu64 " (%" PRIu64 " bytes) in %.2f s\n", c.frames, c.bytes, seconds);
	print_span(&c);
	fprintf(stderr, "  flows     %" PRIu64 "\n  records   %" PRIu64 "\n  rules     %zu\n", c.engine->flows, c.engine->records, c.n_rules);
	if (c.decoder->malformed || c.decoder->unknown_link)
		fprintf(stderr, "  not read  %" PRIu64 " malformed, %" PRIu64 " of an unknown link type\n", c.decoder->malformed,
			c.decoder->unknown_link);
	if (c.engine->gap_bytes)
		fprintf(stderr, "  missing   %" PRIu64 " stream bytes are not in the capture\n", c.engine->gap_bytes);
	if (c.engine->flows_evicted)
		fprintf(stderr, "  evicted   %" PRIu64 " flows ended early: memory limit\n", c.engine->flows_evicted);
	fprintf(stderr, "  alerts    %" PRIu64 " (%" PRIu64 " repeats folded, %" PRIu64 " excepted)\n", c.detect->alerts,
		c.detect->suppressed, c.detect->excepted);
	for (int l = LEVEL_CRITICAL; l >= LEVEL_INFORMATIONAL; l--)
		if (c.detect->by_level[l])
			fprintf(stderr, "    %-14s %" PRIu64 "\n", level_name((enum level)l), c.detect->by_level[l]);
	for (unsigned m = 0; m < 6; m++)
		if (c.detect->by_measure[m])
			fprintf(stderr, "    measure %c      %" PRIu64 "\n", 'A' + (char)m, c.detect->by_measure[m]);
}
