/* SPDX-License-Identifier: BSD-2-Clause
 * A binary heap; each deadline knows its place in it, so that moving one costs O(log n). */
#include "base/deadline.h"

#include <stdlib.h>

static bool before(const struct deadline *a, const struct deadline *b)
{
	return a->due_ns != b->due_ns ? a->due_ns < b->due_ns : a->order < b->order;
}

static void put(struct deadlines *all, size_t i, struct deadline *d)
{
	all->heap[i] = d;
	d->place = i + 1;
}

static void settle(struct deadlines *all, size_t i)
{
	struct deadline *d = all->heap[i];

	while (i > 0 && before(d, all->heap[(i - 1) / 2])) {
		put(all, i, all->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	for (;;) {
		size_t child = 2 * i + 1;
		if (child >= all->count)
			break;
		if (child + 1 < all->count && before(all->heap[child + 1], all->heap[child]))
			child++;
		if (!before(all->heap[child], d))
			break;
		put(all, i, all->heap[child]);
		i = child;
	}
	put(all, i, d);
}

bool deadline_set(struct deadlines *all, struct deadline *d, uint64_t due_ns)
{
	if (!d->place && all->count == all->room) {
		size_t room = all->room ? all->room * 2 : 64;
		struct deadline **heap = realloc(all->heap, room * sizeof(struct deadline *));
		if (!heap)
			return false;
		all->heap = heap;
		all->room = room;
	}
	d->due_ns = due_ns;
	d->order = ++all->order;
	if (!d->place) {
		all->heap[all->count] = d;
		d->place = ++all->count;
	}
	settle(all, d->place - 1);
	return true;
}

void deadline_clear(struct deadlines *all, struct deadline *d)
{
	if (!d->place)
		return;
	size_t i = d->place - 1;
	struct deadline *last = all->heap[--all->count];
	d->place = 0;
	if (last == d)
		return;
	put(all, i, last);
	settle(all, i);
}

struct deadline *deadline_due(struct deadlines *all, uint64_t now_ns)
{
	if (all->count == 0 || all->heap[0]->due_ns > now_ns)
		return NULL;
	struct deadline *d = all->heap[0];
	deadline_clear(all, d);
	return d;
}

void deadlines_release(struct deadlines *all)
{
	for (size_t i = 0; i < all->count; i++)
		all->heap[i]->place = 0;
	free(all->heap);
	*all = (struct deadlines){ 0 };
}
