/* SPDX-License-Identifier: BSD-2-Clause
 * A look at the head of each ring; then one ring alone, as long as its entries come before all that was seen of others. */
#include "merge.h"

static struct place earlier(struct place a, struct place b)
{
	return place_before(b, a) ? b : a;
}

/* The heads of all rings; where one is empty its mark: nothing before it will come. */
static const struct entry *look_at_all(struct merge *m)
{
	const struct entry *first = NULL;

	m->until = UINT64_MAX;
	m->others = (struct place){ UINT64_MAX, UINT64_MAX };
	for (size_t i = 0; i < m->n; i++) {
		uint64_t mark = ring_marked(m->rings[i]); /* before the look at the ring: see ring.h */
		const struct entry *e = ring_peek(m->rings[i]);
		if (!e && mark < m->until)
			m->until = mark;
		if (!e || (first && !place_before(e->place, first->place))) {
			m->others = earlier(m->others, e ? e->place : (struct place){ mark, 0 });
			continue;
		}
		if (first)
			m->others = earlier(m->others, first->place);
		first = e;
		m->from = i;
	}
	return first;
}

const struct entry *merge_next(struct merge *m, bool impatient)
{
	if (m->in_a_run && !impatient) {
		const struct entry *e = ring_peek(m->rings[m->from]);
		if (e && place_before(e->place, m->others))
			return e;
	}
	const struct entry *first = look_at_all(m);
	m->waiting = first && !impatient && first->place.major >= m->until;
	m->in_a_run = first && !impatient && !m->waiting;
	return m->waiting ? NULL : first;
}

void merge_drop(struct merge *m)
{
	ring_drop(m->rings[m->from]);
}
