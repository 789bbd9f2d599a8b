/* SPDX-License-Identifier: BSD-2-Clause
 * A ring of bytes with two positions that only grow. An entry is never torn at the end of the memory: what is left there
 * is skipped. A record is packed into the ring where it will be read. */
#include "ring.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define CACHE_LINE 64
#define ENTRY_ALIGN _Alignof(max_align_t)
#define ENTRY_SKIP UINT16_MAX /* kind of what is skipped at the end of the memory */
#define RING_LEAST ((size_t)1 << 16) /* several of the largest records */

struct ring {
	/* Written by the thread that puts. */
	_Alignas(CACHE_LINE) atomic_size_t put;
	atomic_uint_least64_t mark;
	size_t seen_taken;                  /* latest look at `taken` */
	/* Written by the thread that takes. */
	_Alignas(CACHE_LINE) atomic_size_t taken;
	size_t seen_put;
	/* Written by nobody. */
	_Alignas(CACHE_LINE) size_t size;
	uint8_t *memory;
};

static size_t power_of_two(size_t size)
{
	size_t power = RING_LEAST;

	while (power < size)
		power *= 2;
	return power;
}

struct ring *ring_new(size_t size)
{
	struct ring *r = size <= SIZE_MAX / 4 ? aligned_alloc(CACHE_LINE, sizeof(*r)) : NULL;

	if (!r)
		return NULL;
	memset(r, 0, sizeof(*r));
	r->size = power_of_two(size);
	r->memory = malloc(r->size);
	if (r->memory)
		return r;
	free(r);
	return NULL;
}

void ring_free(struct ring *r)
{
	if (!r)
		return;
	free(r->memory);
	free(r);
}

/* ---- putting ---- */

static bool has_room(struct ring *r, size_t put, size_t needed)
{
	if (r->size - (put - r->seen_taken) >= needed)
		return true;
	r->seen_taken = atomic_load_explicit(&r->taken, memory_order_acquire);
	return r->size - (put - r->seen_taken) >= needed;
}

static struct entry *entry_at(const struct ring *r, size_t position)
{
	return (struct entry *)(void *)(r->memory + (position & (r->size - 1)));
}

/* Room for an entry with `more` bytes behind it, and where the ring ends with it. */
static struct entry *reserve(struct ring *r, size_t more, size_t *ret_put)
{
	size_t put = atomic_load_explicit(&r->put, memory_order_relaxed);
	size_t needed = (sizeof(struct entry) + more + ENTRY_ALIGN - 1) / ENTRY_ALIGN * ENTRY_ALIGN;
	size_t to_end = r->size - (put & (r->size - 1)), skipped = to_end < needed ? to_end : 0;

	if (needed > r->size / 2 || !has_room(r, put, needed + skipped))
		return NULL;
	if (skipped >= sizeof(struct entry))
		*entry_at(r, put) = (struct entry){ .size = (uint32_t)skipped, .kind = ENTRY_SKIP };
	put += skipped;
	*ret_put = put + needed;
	struct entry *e = entry_at(r, put);
	e->size = (uint32_t)needed;
	return e;
}

static bool publish(struct ring *r, struct entry *e, enum entry_kind kind, struct place place, size_t put)
{
	e->kind = kind;
	e->place = place;
	atomic_store_explicit(&r->put, put, memory_order_release);
	return true;
}

bool ring_put_record(struct ring *r, struct place place, const struct record *record, uint8_t ttl)
{
	size_t put;
	struct entry *e = reserve(r, record_packed_size(record), &put);

	if (!e)
		return false;
	e->record = record_pack(e + 1, record);
	e->ttl = ttl;
	return publish(r, e, ENTRY_RECORD, place, put);
}

bool ring_put_contact(struct ring *r, struct place place, const struct contact *contact, uint8_t ttl)
{
	size_t put, name = contact->server_name ? strlen(contact->server_name) + 1 : 0;
	struct entry *e = reserve(r, sizeof(*contact) + name, &put);

	if (!e)
		return false;
	struct contact *copy = (struct contact *)(void *)(e + 1);
	*copy = *contact;
	if (name)
		copy->server_name = memcpy(copy + 1, contact->server_name, name);
	e->contact = copy;
	e->ttl = ttl;
	return publish(r, e, ENTRY_CONTACT, place, put);
}

bool ring_put_meeting(struct ring *r, struct place place, const struct meeting *meeting)
{
	struct copy {
		struct meeting meeting;
		struct address client, server;
	};
	size_t put;
	struct entry *e = reserve(r, sizeof(struct copy), &put);

	if (!e)
		return false;
	struct copy *copy = (struct copy *)(void *)(e + 1);
	*copy = (struct copy){ *meeting, *meeting->client, *meeting->server };
	copy->meeting.client = &copy->client;
	copy->meeting.server = &copy->server;
	e->meeting = &copy->meeting;
	return publish(r, e, ENTRY_MEETING, place, put);
}

bool ring_put_host(struct ring *r, struct place place, const struct address *host, uint8_t ttl)
{
	size_t put;
	struct entry *e = reserve(r, 0, &put);

	if (!e)
		return false;
	e->host = *host;
	e->ttl = ttl;
	return publish(r, e, ENTRY_HOST, place, put);
}

bool ring_put_clock(struct ring *r, struct place place, uint64_t time_ns)
{
	size_t put;
	struct entry *e = reserve(r, 0, &put);

	if (!e)
		return false;
	e->time_ns = time_ns;
	return publish(r, e, ENTRY_CLOCK, place, put);
}

bool ring_put_back(struct ring *r, struct place place, uint64_t latest_ns, uint64_t span_ns)
{
	size_t put;
	struct entry *e = reserve(r, 0, &put);

	if (!e)
		return false;
	e->back.latest_ns = latest_ns;
	e->back.span_ns = span_ns;
	return publish(r, e, ENTRY_BACK, place, put);
}

/* Released, so that who sees the mark sees what was put before it. */
void ring_mark(struct ring *r, uint64_t major)
{
	atomic_store_explicit(&r->mark, major, memory_order_release);
}

/* ---- taking ---- */

uint64_t ring_marked(const struct ring *r)
{
	return atomic_load_explicit(&r->mark, memory_order_acquire);
}

const struct entry *ring_peek(struct ring *r)
{
	size_t taken = atomic_load_explicit(&r->taken, memory_order_relaxed);

	for (;;) {
		if (taken == r->seen_put)
			r->seen_put = atomic_load_explicit(&r->put, memory_order_acquire);
		if (taken == r->seen_put)
			return NULL;
		size_t to_end = r->size - (taken & (r->size - 1));
		const struct entry *e = entry_at(r, taken);
		if (to_end >= sizeof(*e) && e->kind != ENTRY_SKIP)
			return e;
		taken += to_end;
		atomic_store_explicit(&r->taken, taken, memory_order_release);
	}
}

void ring_drop(struct ring *r)
{
	size_t taken = atomic_load_explicit(&r->taken, memory_order_relaxed);

	atomic_store_explicit(&r->taken, taken + entry_at(r, taken)->size, memory_order_release);
}

size_t ring_used(const struct ring *r)
{
	size_t taken = atomic_load_explicit(&r->taken, memory_order_acquire);
	size_t put = atomic_load_explicit(&r->put, memory_order_acquire);

	return put - taken;
}

size_t ring_size(const struct ring *r)
{
	return r->size;
}
