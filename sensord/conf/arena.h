/* SPDX-License-Identifier: BSD-2-Clause
 * Memory of one document: handed out zeroed, freed as a whole. */
#ifndef CONF_ARENA_H
#define CONF_ARENA_H

#include <stddef.h>

struct arena_block;
struct arena {
	struct arena_block *blocks;
	size_t used, size; /* of the first block */
};

/* size bytes, aligned for any type; NULL where there is no memory. */
void *arena_take(struct arena *a, size_t size);
/* A terminated copy of size bytes. */
char *arena_copy(struct arena *a, const char *text, size_t size);
void arena_release(struct arena *a);

#endif
