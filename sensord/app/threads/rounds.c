/* SPDX-License-Identifier: BSD-2-Clause */
#include "rounds.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>


static struct round *new_round(size_t n_workers)
{
	struct round *round = malloc(sizeof(*round));
	uint16_t *mine = malloc(n_workers * ROUND_ITEMS * sizeof(*mine));

	if (!round || !mine) {
		free(round);
		free(mine);
		return NULL;
	}
	for (size_t i = 0; i < n_workers; i++)
		round->mine[i] = mine + i * ROUND_ITEMS;
	round->n_chunks = 0;
	return round;
}

bool rounds_init(struct rounds *r, size_t n_workers)
{
	r->n_workers = n_workers;
	atomic_init(&r->filled, 0);
	for (size_t i = 0; i < n_workers; i++)
		atomic_init(&r->done[i], 0);
	for (size_t i = 0; i < ROUNDS; i++) {
		r->ring[i] = new_round(n_workers);
		if (!r->ring[i])
			return false;
	}
	return true;
}

static void let_go(struct round *round)
{
	while (round->n_chunks > 0)
		chunk_let_go(round->chunks[--round->n_chunks]);
}

void rounds_release(struct rounds *r)
{
	for (size_t i = 0; i < ROUNDS; i++)
		if (r->ring[i]) {
			let_go(r->ring[i]);
			free(r->ring[i]->mine[0]);
			free(r->ring[i]);
		}
}

uint64_t rounds_filled(const struct rounds *r)
{
	return atomic_load_explicit(&r->filled, memory_order_acquire);
}

uint64_t rounds_done(const struct rounds *r, size_t worker)
{
	return atomic_load_explicit(&r->done[worker], memory_order_acquire);
}

uint64_t rounds_done_by_all(const struct rounds *r)
{
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < r->n_workers; i++) {
		uint64_t done = rounds_done(r, i);
		least = done < least ? done : least;
	}
	return least;
}

struct round *rounds_begin(struct rounds *r)
{
	struct round *round = r->ring[rounds_filled(r) % ROUNDS];

	let_go(round);
	round->n_items = round->used = round->held = 0;
	memset(round->n_mine, 0, r->n_workers * sizeof(round->n_mine[0]));
	return round;
}

void rounds_hand_over(struct rounds *r)
{
	atomic_fetch_add_explicit(&r->filled, 1, memory_order_release);
}

void round_give_all(struct round *round, const struct item *item, size_t n_workers)
{
	for (size_t i = 0; i < n_workers; i++)
		round_give(round, item, i);
}

const struct round *rounds_next(const struct rounds *r, size_t worker)
{
	return r->ring[rounds_done(r, worker) % ROUNDS];
}

void rounds_set_done(struct rounds *r, size_t worker)
{
	atomic_fetch_add_explicit(&r->done[worker], 1, memory_order_release);
}
