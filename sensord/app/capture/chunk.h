/* SPDX-License-Identifier: BSD-2-Clause
 * Bytes read of a file, which stay as long as somebody holds on to them. Of one thread at a time. */
#ifndef APP_CHUNK_H
#define APP_CHUNK_H

#include <stdint.h>
#include <stdlib.h>

struct chunk {
	size_t holders;
	uint8_t bytes[];
};

/* Held by the caller; NULL where there is no memory. */
static inline struct chunk *chunk_new(size_t size)
{
	struct chunk *c = malloc(sizeof(*c) + size);

	if (c)
		c->holders = 1;
	return c;
}

static inline struct chunk *chunk_hold(struct chunk *c)
{
	c->holders++;
	return c;
}

/* The last one frees. c may be NULL. */
static inline void chunk_let_go(struct chunk *c)
{
	if (c && --c->holders == 0)
		free(c);
}

#endif
