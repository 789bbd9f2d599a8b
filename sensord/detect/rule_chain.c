/* SPDX-License-Identifier: BSD-2-Clause
 * temporal_ordered: rules that hold one after the other (Sigma correlation rules specification 2.1). */
#include "rule_window.h"

#include <stdlib.h>

static void step_set(struct step *s, uint64_t start_ns, const struct record *r)
{
	if (s->now.set && s->now.start_ns > start_ns)
		return;
	if (s->now.last_id != r->id)
		s->before = s->now;
	s->now = (struct chain){ start_ns, r->time_ns, r->id, true };
}

/* The chain of this step that the record can continue, or NULL. */
static const struct chain *step_chain(const struct step *s, const struct record *r, uint64_t timespan_ns)
{
	const struct chain *c = s->now.set && s->now.last_id == r->id ? &s->before : &s->now;

	return c->set && c->last_ns <= r->time_ns && r->time_ns - c->start_ns <= timespan_ns ? c : NULL;
}

size_t steps_add(const struct correlation *k, struct window *w, size_t child, const struct record *r,
			uint64_t *ret_start)
{
	size_t n = k->n_children, longest = 1;
	struct step *mine = &w->steps[child * n];

	*ret_start = r->time_ns;
	step_set(&mine[0], r->time_ns, r);
	for (size_t i = 0; i < child; i++) {
		for (size_t length = 1; length <= i + 1; length++) {
			const struct chain *c = step_chain(&w->steps[i * n + length - 1], r, k->timespan_ns);

			if (!c)
				continue;
			if (length + 1 > longest || (length + 1 == longest && c->start_ns > *ret_start)) {
				longest = length + 1;
				*ret_start = c->start_ns;
			}
			step_set(&mine[length], c->start_ns, r);
		}
	}
	return longest;
}
