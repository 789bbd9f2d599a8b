/* SPDX-License-Identifier: BSD-2-Clause
 * Deadlines on the packet clock: a heap ordered by due time. Intrusive: the owner embeds a struct deadline, zeroed
 * before its first use. Equal due times run in the order they were set, so that a replay always decides alike. */
#ifndef BASE_DEADLINE_H
#define BASE_DEADLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct deadline {
	uint64_t due_ns;
	uint64_t order; /* of setting; kept by the heap */
	size_t place;   /* 1 + index in the heap; 0: not set */
};

struct deadlines {
	struct deadline **heap;
	size_t count, room;
	uint64_t order;
};

/* Sets or moves a deadline. False where there is no memory: it is then not set. */
bool deadline_set(struct deadlines *all, struct deadline *d, uint64_t due_ns);
void deadline_clear(struct deadlines *all, struct deadline *d);
/* The earliest deadline due at or before now_ns, removed; NULL where there is none. */
struct deadline *deadline_due(struct deadlines *all, uint64_t now_ns);
/* Forgets all of them and frees the heap's own memory. */
void deadlines_release(struct deadlines *all);

#endif
