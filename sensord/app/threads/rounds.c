/* SPDX-License-Identifier: BSD-2-Clause */
#include "rounds.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT _Alignof(max_align_t)

bool rounds_init(struct rounds *r, size_t n_workers)
{
	memset(r, 0, sizeof(*r));
	r->n_workers = n_workers;
	if (pthread_mutex_init(&r->lock, NULL) != 0 || pthread_cond_init(&r->changed, NULL) != 0)
		return false;
	for (size_t i = 0; i < ROUNDS; i++) {
		r->ring[i] = malloc(sizeof(struct round));
		if (!r->ring[i])
			return false;
	}
	return true;
}

void rounds_release(struct rounds *r)
{
	for (size_t i = 0; i < ROUNDS; i++)
		free(r->ring[i]);
	pthread_cond_destroy(&r->changed);
	pthread_mutex_destroy(&r->lock);
}

static uint64_t slowest(const struct rounds *r)
{
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < r->n_workers; i++)
		if (r->done[i] < least)
			least = r->done[i];
	return least;
}

struct round *rounds_begin(struct rounds *r)
{
	pthread_mutex_lock(&r->lock);
	while (!r->stopped && r->filled - slowest(r) >= ROUNDS)
		pthread_cond_wait(&r->changed, &r->lock);
	struct round *round = r->stopped ? NULL : r->ring[r->filled % ROUNDS];
	pthread_mutex_unlock(&r->lock);
	if (round)
		round->n_items = round->used = 0;
	return round;
}

struct item *round_add(struct round *round, size_t size, void **ret_bytes)
{
	size_t room = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;

	if (round->n_items == ROUND_ITEMS || ROUND_BYTES - round->used < room)
		return NULL;
	*ret_bytes = round->data + round->used;
	round->used += room;
	return &round->items[round->n_items++];
}

void rounds_hand_over(struct rounds *r)
{
	pthread_mutex_lock(&r->lock);
	r->filled++;
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->lock);
}

void rounds_end(struct rounds *r)
{
	pthread_mutex_lock(&r->lock);
	r->over = true;
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->lock);
}

void rounds_stop(struct rounds *r)
{
	pthread_mutex_lock(&r->lock);
	r->stopped = true;
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->lock);
}

const struct round *rounds_next(struct rounds *r, size_t worker, uint64_t *at)
{
	const struct round *round = NULL;

	pthread_mutex_lock(&r->lock);
	r->done[worker] = *at;
	pthread_cond_broadcast(&r->changed);
	while (!r->over && !r->stopped && r->filled == *at)
		pthread_cond_wait(&r->changed, &r->lock);
	if (!r->stopped && r->filled > *at)
		round = r->ring[(*at)++ % ROUNDS];
	pthread_mutex_unlock(&r->lock);
	return round;
}
