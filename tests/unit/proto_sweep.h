/* SPDX-License-Identifier: BSD-2-Clause
 * What every parser has to stand: an exchange gives the same records however it is cut into segments, and does no harm
 * where it breaks off anywhere. Included by one test program each, after cmocka. */
#ifndef TESTS_PROTO_SWEEP_H
#define TESTS_PROTO_SWEEP_H

#include <stdlib.h>
#include <string.h>

#include "proto_harness.h"

static inline size_t sweep_size(const struct step *steps, size_t n)
{
	size_t all = 0;
	for (size_t i = 0; i < n; i++)
		all += steps[i].bytes.size;
	return all;
}

static inline void sweep_same(const char *expected, const struct step *steps, size_t n, size_t segment, size_t cut)
{
	struct harness *h = harness_new(NULL);
	harness_run(h, steps, n, segment, cut);
	assert_string_equal(harness_text(h), expected);
	harness_free(h);
}

/* Each cut position, and segments of one, two, three and seven bytes. */
static inline void sweep_cuts(const struct step *steps, size_t n)
{
	struct harness *h = harness_new(NULL);
	harness_run(h, steps, n, 0, 0);
	char *expected = strdup(harness_text(h));
	harness_free(h);
	assert_non_null(expected);

	for (size_t cut = 1; cut < sweep_size(steps, n); cut++)
		sweep_same(expected, steps, n, 0, cut);
	static const size_t segments[] = { 1, 2, 3, 7 };
	for (size_t i = 0; i < ARRAY_SIZE(segments); i++)
		sweep_same(expected, steps, n, segments[i], 0);
	free(expected);
}

/* Every prefix of the whole exchange, in exact-size blocks (the harness makes them). Returns the most records seen. */
static inline size_t sweep_prefixes(const struct step *steps, size_t n)
{
	size_t most = 0;

	for (size_t size = 0; size < sweep_size(steps, n); size++) {
		struct harness *h = harness_new(NULL);
		size_t left = size;
		for (size_t i = 0; i < n && left > 0; i++) {
			size_t part = steps[i].bytes.size < left ? steps[i].bytes.size : left;
			harness_feed(h, steps[i].side, bytes_of(steps[i].bytes.at, part), 0, 0);
			left -= part;
		}
		harness_close(h, ENDED_CAPTURE);
		most = harness_count(h) > most ? harness_count(h) : most;
		harness_free(h);
	}
	return most;
}

#endif
