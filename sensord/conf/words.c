/* SPDX-License-Identifier: BSD-2-Clause
 * Small readings of words: the nearest known word to a misspelt one, and durations. */
#include "conf/table.h"

#include "base/instant.h"
#include "base/text.h"

#define WORD_MAX 48 /* longer words get no suggestion */

static unsigned least(unsigned a, unsigned b) { return a < b ? a : b; }

/* Optimal string alignment: insertions, deletions, changes and swaps of neighbours, without regard to case. */
static unsigned distance(const char *a, size_t n_a, const char *b, size_t n_b)
{
	unsigned cost[WORD_MAX + 1][WORD_MAX + 1];

	for (size_t i = 0; i <= n_a; i++)
		cost[i][0] = (unsigned)i;
	for (size_t j = 0; j <= n_b; j++)
		cost[0][j] = (unsigned)j;
	for (size_t i = 1; i <= n_a; i++) {
		for (size_t j = 1; j <= n_b; j++) {
			char x = ascii_lower(a[i - 1]), y = ascii_lower(b[j - 1]);
			unsigned best = least(cost[i - 1][j] + 1, cost[i][j - 1] + 1);
			best = least(best, cost[i - 1][j - 1] + (x != y));
			if (i > 1 && j > 1 && x == ascii_lower(b[j - 2]) && ascii_lower(a[i - 2]) == y)
				best = least(best, cost[i - 2][j - 2] + 1);
			cost[i][j] = best;
		}
	}
	return cost[n_a][n_b];
}

const char *conf_suggest(const char *word, const char *const *candidates)
{
	size_t n = strlen(word);
	const char *best = NULL;
	unsigned near = (unsigned)(n < 4 ? 1 : n / 3) + 1; /* must stay below */

	if (n == 0 || n > WORD_MAX)
		return NULL;
	for (; *candidates; candidates++) {
		size_t size = strlen(*candidates);
		if (size == 0 || size > WORD_MAX)
			continue;
		unsigned d = distance(word, n, *candidates, size);
		if (d < near && d < size) {
			near = d;
			best = *candidates;
		}
	}
	return best;
}

static uint64_t unit_ns(uint8_t unit)
{
	switch (unit) {
	case 's': return NS_PER_S;
	case 'm': return NS_PER_MIN;
	case 'h': return NS_PER_HOUR;
	case 'd': return NS_PER_DAY;
	default: return 0;
	}
}

bool conf_duration(struct bytes text, uint64_t *ret_ns)
{
	uint64_t sum = 0, value, part;
	size_t at = 0;

	if (bytes_decimal(text, UINT64_MAX / NS_PER_S, &value)) {
		*ret_ns = value * NS_PER_S;
		return true;
	}
	while (at < text.size) {
		size_t start = at;
		while (at < text.size && text.at[at] >= '0' && text.at[at] <= '9')
			at++;
		if (at == start || at == text.size ||
		    !bytes_decimal(bytes_of(text.at + start, at - start), UINT64_MAX, &value))
			return false;
		uint64_t unit = unit_ns(text.at[at++]);
		if (!unit || __builtin_mul_overflow(value, unit, &part) || __builtin_add_overflow(sum, part, &sum))
			return false;
	}
	if (text.size == 0)
		return false;
	*ret_ns = sum;
	return true;
}
