/* SPDX-License-Identifier: BSD-2-Clause */
#include "recent.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define DATA_MAX 65535u /* bytes kept of a packet */

struct block {
	pthread_mutex_t lock;
	uint64_t first, behind; /* orders of the packets in it */
	size_t used;
	uint8_t *at;
};

struct recent {
	size_t n_blocks, writing;
	uint64_t order;
	pthread_mutex_t lock;   /* of newest */
	size_t newest;          /* the block being written */
	struct block blocks[];
};

struct recent *recent_new(size_t bytes)
{
	size_t n = bytes / RECENT_BLOCK < 2 ? 2 : bytes / RECENT_BLOCK;
	struct recent *r = calloc(1, sizeof(*r) + n * sizeof(r->blocks[0]));

	if (!r)
		return NULL;
	pthread_mutex_init(&r->lock, NULL);
	for (; r->n_blocks < n; r->n_blocks++) {
		struct block *b = &r->blocks[r->n_blocks];
		pthread_mutex_init(&b->lock, NULL);
		b->at = malloc(RECENT_BLOCK);
		if (!b->at) {
			r->n_blocks++;
			recent_free(r);
			return NULL;
		}
	}
	return r;
}

size_t recent_bytes(const struct recent *r)
{
	return sizeof(*r) + r->n_blocks * (sizeof(r->blocks[0]) + RECENT_BLOCK);
}

void recent_free(struct recent *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n_blocks; i++) {
		pthread_mutex_destroy(&r->blocks[i].lock);
		free(r->blocks[i].at);
	}
	pthread_mutex_destroy(&r->lock);
	free(r);
}

static void begin_block(struct recent *r)
{
	r->writing = (r->writing + 1) % r->n_blocks;
	struct block *b = &r->blocks[r->writing];
	pthread_mutex_lock(&b->lock);
	b->used = 0;
	b->first = b->behind = r->order;
	pthread_mutex_unlock(&b->lock);
	pthread_mutex_lock(&r->lock);
	r->newest = r->writing;
	pthread_mutex_unlock(&r->lock);
}

void recent_add(struct recent *r, const struct frame *frame, const struct packet *packet)
{
	struct recent_packet p = {
		.order = r->order, .time_ns = frame->time_ns, .number = frame->number, .wire_size = frame->wire_size,
		.size = frame->data.size < DATA_MAX ? (uint32_t)frame->data.size : DATA_MAX, .link_type = frame->link_type,
		.protocol = packet->protocol, .source_port = packet->source_port, .destination_port = packet->destination_port,
		.source = packet->source, .destination = packet->destination,
	};
	size_t name = frame->interface ? strnlen(frame->interface, RECENT_INTERFACE - 1) : 0;

	memcpy(p.interface, name ? frame->interface : "", name);
	if (sizeof(p) + p.size > RECENT_BLOCK - r->blocks[r->writing].used) /* only this thread writes `used` */
		begin_block(r);
	struct block *b = &r->blocks[r->writing];
	pthread_mutex_lock(&b->lock);
	memcpy(b->at + b->used, &p, sizeof(p));
	memcpy(b->at + b->used + sizeof(p), frame->data.at, p.size);
	b->used += sizeof(p) + p.size;
	b->behind = ++r->order;
	pthread_mutex_unlock(&b->lock);
}

uint64_t recent_walk(struct recent *r, uint64_t order,
		     void (*see)(void *to, const struct recent_packet *p, const uint8_t *data), void *to)
{
	pthread_mutex_lock(&r->lock);
	size_t newest = r->newest;
	pthread_mutex_unlock(&r->lock);
	for (size_t i = 1; i <= r->n_blocks; i++) {
		struct block *b = &r->blocks[(newest + i) % r->n_blocks];
		struct recent_packet p;
		pthread_mutex_lock(&b->lock);
		for (size_t at = 0; b->behind > order && at < b->used; at += sizeof(p) + p.size) {
			memcpy(&p, b->at + at, sizeof(p));
			if (p.order >= order)
				see(to, &p, b->at + at + sizeof(p));
		}
		order = b->behind > order ? b->behind : order;
		pthread_mutex_unlock(&b->lock);
	}
	return order;
}
