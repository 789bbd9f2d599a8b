/* SPDX-License-Identifier: BSD-2-Clause
 * One buffer a datagram and the sorted ranges of it that are filled. The table is ordered by when the datagram's first
 * fragment came (completed ones: by when they became complete), which is the order in which they time out and go. */
#include "fragment.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/instant.h"
#include "base/limits.h"
#include "base/table.h"

#define FRAGMENT_TIMEOUT_NS (30 * NS_PER_S)
#define DATAGRAM_MAX 65535u /* bytes behind the IP header */
#define ROOM_MIN 2048u
#define ROOM_MAX 65536u

struct key {
	struct address source, destination;
	uint32_t id;
	uint8_t protocol, depth, zero[2];
};

struct range {
	uint16_t from, to; /* to: one behind the last byte */
};

struct assembly {
	uint8_t *buffer;
	uint32_t room;
	uint32_t size; /* of the whole, 0 while the last fragment is missing */
	uint16_t n_fragments;
	uint8_t n_ranges;
	uint8_t protocol, ttl;
	bool has_first, complete;
	struct range ranges[LIMIT_FRAGMENT_PARTS];
};

struct fragments {
	struct table *table;
	struct decoder_counts *counts;
	size_t bytes; /* in all buffers */
};

static void drop(void *context, const void *key, void *value)
{
	struct fragments *f = context;
	struct assembly *a = value;

	(void)key;
	if (!a->complete)
		f->counts->fragments_dropped += a->n_fragments;
	f->bytes -= a->room;
	free(a->buffer);
}

struct fragments *fragments_new(struct decoder_counts *counts)
{
	struct fragments *f = calloc(1, sizeof(*f));
	struct hash_key secret;

	if (!f)
		return NULL;
	if (getentropy(&secret, sizeof(secret)) != 0)
		secret = (struct hash_key){ (uintptr_t)f, (uintptr_t)&secret }; /* a guess is hard enough to make */
	f->counts = counts;
	f->table = table_new(sizeof(struct key), sizeof(struct assembly), LIMIT_FRAGMENTS, &secret, drop, f);
	if (!f->table) {
		free(f);
		return NULL;
	}
	return f;
}

void fragments_free(struct fragments *f)
{
	if (!f)
		return;
	table_free(f->table);
	free(f);
}

static bool grow(struct fragments *f, struct assembly *a, uint32_t size)
{
	uint32_t room = a->room ? a->room : ROOM_MIN;
	uint8_t *buffer;

	while (room < size)
		room *= 2;
	if (room == a->room)
		return true;
	buffer = realloc(a->buffer, room);
	if (!buffer)
		return false;
	f->bytes += room - a->room;
	a->buffer = buffer;
	a->room = room;
	return true;
}

/* The filled ranges with one more, joined where they touch. False where there would be too many. */
static bool join(struct assembly *a, uint32_t from, uint32_t to)
{
	unsigned first = 0, last;

	while (first < a->n_ranges && a->ranges[first].to < from)
		first++;
	for (last = first; last < a->n_ranges && a->ranges[last].from <= to; last++) {
		if (a->ranges[last].from < from)
			from = a->ranges[last].from;
		if (a->ranges[last].to > to)
			to = a->ranges[last].to;
	}
	if (first == last && a->n_ranges == LIMIT_FRAGMENT_PARTS)
		return false;
	memmove(&a->ranges[first + 1], &a->ranges[last], (a->n_ranges - last) * sizeof(struct range));
	a->n_ranges = (uint8_t)(a->n_ranges - (last - first) + 1);
	a->ranges[first] = (struct range){ (uint16_t)from, (uint16_t)to };
	return true;
}

/* Copies what is not there yet. True where the fragment is no mere repetition but met bytes that were there. */
static bool fill(struct assembly *a, uint32_t offset, struct bytes part)
{
	uint32_t at = offset, to = offset + (uint32_t)part.size;
	bool met = false, fresh = false, differs = false;

	for (unsigned i = 0; i < a->n_ranges && a->ranges[i].from < to; i++) {
		uint32_t have_from = a->ranges[i].from, have_to = a->ranges[i].to;
		if (have_to <= at)
			continue;
		if (have_from > at) {
			memcpy(a->buffer + at, part.at + (at - offset), have_from - at);
			at = have_from;
			fresh = true;
		}
		if (have_to > to)
			have_to = to;
		met = true;
		differs |= memcmp(a->buffer + at, part.at + (at - offset), have_to - at) != 0;
		at = have_to;
	}
	if (at < to) {
		memcpy(a->buffer + at, part.at + (at - offset), to - at);
		fresh = true;
	}
	return met && (fresh || differs);
}

static bool is_repetition(const struct assembly *a, uint32_t offset, struct bytes part)
{
	return offset + part.size <= a->size && memcmp(a->buffer + offset, part.at, part.size) == 0;
}

/* The end is known from the first fragment that says it; what contradicts it later has no place. */
static bool fits(const struct assembly *a, uint32_t end, bool more)
{
	if (a->size > 0)
		return more ? end <= a->size : end == a->size;
	return more || a->n_ranges == 0 || a->ranges[a->n_ranges - 1].to <= end;
}

/* The datagram this fragment belongs to; NULL without memory. */
static struct assembly *find(struct fragments *f, const struct key *key, const struct fragment *fragment,
			     uint64_t now_ns)
{
	struct assembly *a = table_peek(f->table, key);

	if (!a)
		return table_make(f->table, key, now_ns, NULL);
	if (!a->complete || is_repetition(a, fragment->offset, fragment->part))
		return a;
	/* The identification is used again: a new datagram, in the old one's memory. */
	*a = (struct assembly){ .buffer = a->buffer, .room = a->room };
	return table_find(f->table, key, now_ns);
}

/* True where the datagram is complete with this fragment. */
static bool store(struct fragments *f, struct assembly *a, const struct fragment *fragment)
{
	uint32_t end = fragment->offset + (uint32_t)fragment->part.size;

	a->n_fragments += a->n_fragments < UINT16_MAX;
	if (!fits(a, end, fragment->more)) {
		f->counts->fragment_overlaps++;
		return false;
	}
	if (!grow(f, a, end))
		return false;
	if (fill(a, fragment->offset, fragment->part))
		f->counts->fragment_overlaps++;
	if (!join(a, fragment->offset, end))
		return false;
	if (!fragment->more)
		a->size = end;
	if (fragment->offset == 0 && !a->has_first) {
		a->has_first = true;
		a->protocol = fragment->protocol;
		a->ttl = fragment->ttl;
	}
	return a->size > 0 && a->n_ranges == 1 && a->ranges[0].from == 0 && a->ranges[0].to == a->size;
}

static bool usable(struct fragment *fragment)
{
	if (fragment->more)
		fragment->part.size &= ~(size_t)7; /* as receivers do */
	return fragment->part.size > 0 && fragment->offset + fragment->part.size <= DATAGRAM_MAX;
}

bool fragments_add(struct fragments *f, struct fragment fragment, uint64_t now_ns, struct datagram *ret)
{
	struct key key = { .source = fragment.source, .destination = fragment.destination, .id = fragment.id,
			   .protocol = fragment.key_protocol, .depth = fragment.depth };
	struct assembly *a = NULL;

	table_expire(f->table, instant_since(now_ns, FRAGMENT_TIMEOUT_NS));
	/* Before the datagram is looked up, so that it cannot be the one that goes. Nor can the carriers of tunnelled
	 * fragments, whose bytes are being read: they became complete just now and there are few of them. */
	while (f->bytes > LIMIT_FRAGMENT_BYTES - ROOM_MAX && table_evict(f->table))
		;
	if (usable(&fragment))
		a = find(f, &key, &fragment, now_ns);
	if (!a) {
		f->counts->fragments_dropped++;
		return false;
	}
	if (a->complete || !store(f, a, &fragment))
		return false;
	a->complete = true;
	table_find(f->table, &key, now_ns);
	f->counts->reassembled++;
	*ret = (struct datagram){ bytes_of(a->buffer, a->size), a->protocol, a->ttl };
	return true;
}
