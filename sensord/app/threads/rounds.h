/* SPDX-License-Identifier: BSD-2-Clause
 * Frames on their way from the reader of captures to several workers: in rounds, each of which all workers look through
 * for what is theirs. One thread fills, every worker reads each round once; its place is used again when all have. */
#ifndef APP_ROUNDS_H
#define APP_ROUNDS_H

#include <pthread.h>

#include "decode/packet.h"

#define ROUNDS 6
#define ROUND_ITEMS 4096
#define ROUND_BYTES ((size_t)2 << 20) /* of frames; several of the largest */
#define ROUND_WORKERS 64

enum item_kind {
	ITEM_FRAME,  /* to be decoded: bytes, link_type */
	ITEM_OUTER,  /* packet: its tunnel only */
	ITEM_INNER,  /* packet: what is inside only */
	/* For all workers: */
	ITEM_CLOCK,  /* something may be due */
	ITEM_SOURCE, /* the file and the interface of what follows */
};

struct item {
	uint8_t kind, worker;
	int link_type;
	uint32_t wire_size;
	uint64_t sequence;   /* of the frame in the whole reading */
	uint64_t clock_ns;   /* packet clock of the whole reading */
	uint64_t time_ns, number;
	struct bytes bytes;
	const struct packet *packet;
	const char *file, *interface;
};

struct round {
	struct item items[ROUND_ITEMS];
	size_t n_items, used;
	uint64_t sequence;   /* of the last frame */
	uint8_t data[ROUND_BYTES];
};

struct rounds {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct round *ring[ROUNDS];
	uint64_t filled;             /* rounds handed over so far */
	uint64_t done[ROUND_WORKERS];
	size_t n_workers;
	bool over, stopped;
};

bool rounds_init(struct rounds *r, size_t n_workers);
void rounds_release(struct rounds *r);

/* The thread that fills. NULL where it is to stop. */
struct round *rounds_begin(struct rounds *r);
/* Room for an item and `size` bytes of its own, aligned; NULL where the round is full. */
struct item *round_add(struct round *round, size_t size, void **ret_bytes);
void rounds_hand_over(struct rounds *r);
void rounds_end(struct rounds *r); /* nothing more comes */

/* A worker: the next round; NULL behind the last one. rounds_next lets go of the one before. */
const struct round *rounds_next(struct rounds *r, size_t worker, uint64_t *at);
/* Any thread: the reading ends early. */
void rounds_stop(struct rounds *r);

#endif
