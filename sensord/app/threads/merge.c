/* SPDX-License-Identifier: BSD-2-Clause
 * A look at the head of each ring: few rings, and what a record costs behind them is much more. */
#include "merge.h"

const struct entry *merge_next(struct merge *m, bool impatient)
{
	const struct entry *first = NULL;

	m->until = UINT64_MAX;
	m->waiting = false;
	for (size_t i = 0; i < m->n; i++) {
		uint64_t mark = ring_marked(m->rings[i]); /* before the look at the ring: see ring.h */
		const struct entry *e = ring_peek(m->rings[i]);
		if (!e && mark < m->until)
			m->until = mark;
		if (!e || (first && !place_before(e->place, first->place)))
			continue;
		first = e;
		m->from = i;
	}
	if (!first || impatient || first->place.major < m->until)
		return first;
	m->waiting = true;
	return NULL;
}

void merge_drop(struct merge *m)
{
	ring_drop(m->rings[m->from]);
}
