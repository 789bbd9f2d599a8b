/* SPDX-License-Identifier: BSD-2-Clause
 * Frames on their way from the reader of captures to several workers: in rounds, in each of which every worker finds
 * what is its own. One task fills, one a worker reads each round once; its place is used again when all have. */
#ifndef APP_ROUNDS_H
#define APP_ROUNDS_H

#include <stdatomic.h>
#include <stddef.h>

#include "base/limits.h"
#include "capture/chunk.h"
#include "decode/packet.h"

/* Small enough that what one thread wrote is still near when another reads it, and that the threads meet seldom. */
#define ROUNDS 8
#define ROUND_ITEMS 1024
#define ROUND_CHUNKS 256
#define ROUND_BYTES ((size_t)512 << 10)
#define ROUND_WORKERS 64
/* What one frame may need: a jump of the clock, an interface, the clock, both halves of a packet, its bytes. */
#define ROUND_FRAME_ITEMS 5
#define ROUND_FRAME_BYTES (sizeof(struct packet) + LIMIT_FRAME + 4096)

enum item_kind {
	ITEM_FRAME,  /* to be decoded */
	ITEM_PACKET, /* decoded already; but for its tunnel */
	ITEM_TUNNEL, /* of a packet, without what is inside */
	ITEM_CLOCK,  /* something may be due */
	ITEM_BACK,   /* the next frame is `back_ns` older than the one before it */
	ITEM_SOURCE, /* the file and the interface of what follows */
};

/* One cache line: what is written for a frame by one thread and read by another. */
struct item {
	uint32_t kind;       /* enum item_kind */
	int link_type;
	uint32_t wire_size, size;
	uint64_t sequence;   /* of the frame in the whole reading */
	uint64_t clock_ns;   /* packet clock of the whole reading */
	uint64_t time_ns, number;
	union {
		const uint8_t *at; /* size bytes */
		const struct packet *packet;
		uint64_t back_ns;
		struct { const char *file, *interface; };
	};
};

struct round {
	struct item items[ROUND_ITEMS];
	size_t n_items, used;
	size_t held;         /* bytes of frames in chunks */
	uint64_t sequence;   /* of the last frame */
	uint16_t *mine[ROUND_WORKERS];   /* a worker's own, by their place in items */
	size_t n_mine[ROUND_WORKERS];
	struct chunk *chunks[ROUND_CHUNKS]; /* held for the frames in them */
	size_t n_chunks;
	_Alignas(max_align_t) uint8_t data[ROUND_BYTES + ROUND_FRAME_BYTES];
};

struct rounds {
	struct round *ring[ROUNDS];
	size_t n_workers;
	atomic_uint_least64_t filled;                /* rounds handed over so far */
	atomic_uint_least64_t done[ROUND_WORKERS];   /* rounds that each worker has read */
};

/* False: there is no memory, rounds_release has to be called all the same. */
bool rounds_init(struct rounds *r, size_t n_workers);
void rounds_release(struct rounds *r);

/* Any thread. */
uint64_t rounds_filled(const struct rounds *r);
uint64_t rounds_done(const struct rounds *r, size_t worker);
uint64_t rounds_done_by_all(const struct rounds *r);

/* The task that fills: the next round, empty; only where fewer than ROUNDS are filled and not done by all. */
struct round *rounds_begin(struct rounds *r);
void rounds_hand_over(struct rounds *r);
/* For what one more frame may need; then the next three never fail. */
static inline bool round_has_room(const struct round *round)
{
	return round->n_items + ROUND_FRAME_ITEMS <= ROUND_ITEMS && round->used + round->held <= ROUND_BYTES &&
	       round->n_chunks < ROUND_CHUNKS;
}

/* Memory, aligned for any type. */
static inline void *round_take(struct round *round, size_t size)
{
	void *taken = round->data + round->used;

	round->used += (size + _Alignof(max_align_t) - 1) / _Alignof(max_align_t) * _Alignof(max_align_t);
	return taken;
}

static inline struct item *round_add(struct round *round)
{
	return &round->items[round->n_items++];
}

/* For so many bytes of it. Of two files in turn each is held once, of many the same one may be more often. */
static inline void round_hold(struct round *round, struct chunk *chunk, size_t size)
{
	size_t n = round->n_chunks;

	round->held += size;
	if ((n > 0 && round->chunks[n - 1] == chunk) || (n > 1 && round->chunks[n - 2] == chunk))
		return;
	round->chunks[round->n_chunks++] = chunk_hold(chunk);
}

/* Whose the item is: one worker's, or everybody's. */
static inline void round_give(struct round *round, const struct item *item, size_t worker)
{
	round->mine[worker][round->n_mine[worker]++] = (uint16_t)(item - round->items);
}

void round_give_all(struct round *round, const struct item *item, size_t n_workers);

/* A worker: its next round, where rounds_done of it is less than rounds_filled; and the end of its work on it. */
const struct round *rounds_next(const struct rounds *r, size_t worker);
void rounds_set_done(struct rounds *r, size_t worker);

#endif
