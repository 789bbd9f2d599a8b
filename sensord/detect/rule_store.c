/* SPDX-License-Identifier: BSD-2-Clause
 * Memory of compiled rules: taken piece by piece while loading, given back at once. */
#include <stdlib.h>

#include "rule_private.h"

#define STORE_BLOCK 16384

struct store_block {
	struct store_block *next;
	size_t used, size;
	_Alignas(16) unsigned char bytes[];
};

static struct store_block *block_new(struct store *a, size_t size)
{
	size_t room = size > STORE_BLOCK ? size : STORE_BLOCK;
	struct store_block *b = calloc(1, sizeof(*b) + room);

	if (!b)
		return NULL;
	b->size = room;
	b->next = a->blocks;
	a->blocks = b;
	return b;
}

void *store_take(struct store *a, size_t size)
{
	if (size > SIZE_MAX / 2)
		return NULL;
	size = (size + 15) & ~(size_t)15;

	struct store_block *b = a->blocks;
	if (!b || b->size - b->used < size)
		b = block_new(a, size);
	if (!b)
		return NULL;
	void *at = b->bytes + b->used;
	b->used += size;
	return at;
}

char *store_string(struct store *a, struct bytes b)
{
	char *s = store_take(a, b.size + 1);

	if (s && b.size)
		memcpy(s, b.at, b.size);
	return s;
}

void store_release(struct store *a)
{
	while (a->blocks) {
		struct store_block *next = a->blocks->next;
		free(a->blocks);
		a->blocks = next;
	}
}
