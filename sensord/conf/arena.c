/* SPDX-License-Identifier: BSD-2-Clause
 * Memory of one document: blocks that grow with the document, freed as a whole. */
#include "arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_FIRST 1024
#define BLOCK_LARGEST (256u << 10)

struct arena_block {
	struct arena_block *next;
	alignas(max_align_t) char at[];
};

static int add_block(struct arena *a, size_t least)
{
	size_t size = a->size == 0 ? BLOCK_FIRST : a->size < BLOCK_LARGEST ? a->size * 2 : a->size;
	struct arena_block *block;

	if (size < least)
		size = least;
	if (size > SIZE_MAX - sizeof(*block))
		return 0;
	block = calloc(1, sizeof(*block) + size);
	if (!block)
		return 0;
	block->next = a->blocks;
	a->blocks = block;
	a->size = size;
	a->used = 0;
	return 1;
}

void *arena_take(struct arena *a, size_t size)
{
	size_t whole = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	void *at;

	if (whole < size || (a->size - a->used < whole && !add_block(a, whole)))
		return NULL;
	at = a->blocks->at + a->used;
	a->used += whole;
	return at;
}

char *arena_copy(struct arena *a, const char *text, size_t size)
{
	char *at = arena_take(a, size + 1);

	if (at && size)
		memcpy(at, text, size);
	return at;
}

void arena_release(struct arena *a)
{
	while (a->blocks) {
		struct arena_block *next = a->blocks->next;
		free(a->blocks);
		a->blocks = next;
	}
	*a = (struct arena){ 0 };
}
