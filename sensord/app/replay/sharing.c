/* SPDX-License-Identifier: BSD-2-Clause */
#include "sharing.h"

#include <stdio.h>
#include <string.h>

#include "decode/glance.h"

bool sharing_init(struct sharing *s, struct capture *c, struct rounds *rounds)
{
	*s = (struct sharing){ .capture = c, .rounds = rounds, .decoder = decoder_new() };
	return s->decoder != NULL;
}

void sharing_release(struct sharing *s)
{
	decoder_free(s->decoder);
}

static struct item *add(struct sharing *s, enum item_kind kind)
{
	struct item *item = round_add(s->round);

	item->kind = kind;
	item->sequence = s->round->sequence = s->sequence;
	item->clock_ns = s->clock.now_ns;
	return item;
}

static bool is_interface(const struct sharing *s, const char *interface)
{
	return interface ? strncmp(interface, s->interface, sizeof(s->interface) - 1) == 0 : !s->interface[0];
}

static void add_source(struct sharing *s, const struct frame *f)
{
	if (likely(s->has_source && f->file == s->file && is_interface(s, f->interface)))
		return;
	s->file = f->file;
	snprintf(s->interface, sizeof(s->interface), "%s", f->interface ? f->interface : "");
	s->has_source = true;
	struct item *item = add(s, ITEM_SOURCE);
	item->file = f->file;
	item->interface = f->interface ? memcpy(round_take(s->round, sizeof(s->interface)), s->interface, sizeof(s->interface)) : NULL;
	round_give_all(s->round, item, s->rounds->n_workers);
}

static void add_clock(struct sharing *s)
{
	round_give_all(s->round, add(s, ITEM_CLOCK), s->rounds->n_workers);
}

static size_t worker_of(const struct sharing *s, uint32_t hash)
{
	return ((uint64_t)hash * s->rounds->n_workers) >> 32;
}

/* Bytes that last as long as the round. */
static const uint8_t *keep(struct sharing *s, struct bytes b, struct chunk *chunk)
{
	if (!chunk)
		return memcpy(round_take(s->round, b.size), b.at, b.size);
	round_hold(s->round, chunk, b.size);
	return b.at;
}

static void add_frame(struct sharing *s, const struct frame *f, uint32_t hash)
{
	struct item *item = add(s, ITEM_FRAME);

	item->link_type = f->link_type;
	item->wire_size = f->wire_size;
	item->time_ns = f->time_ns;
	item->number = f->number;
	item->size = (uint32_t)f->data.size;
	item->at = keep(s, f->data, f->chunk);
	round_give(s->round, item, worker_of(s, hash));
}

static void add_packet(struct sharing *s, const struct packet *packet, enum item_kind kind, uint32_t hash)
{
	struct item *item = add(s, kind);

	item->packet = packet;
	round_give(s->round, item, worker_of(s, hash));
}

/* The pair of the flow that an ICMP error complains about, else its own; ARP is the first worker's. */
static uint32_t hash_of(const struct packet *packet)
{
	if (packet->arp_operation)
		return 0;
	if (packet->has_quoted)
		return pair_hash(&packet->quoted_source, &packet->quoted_destination);
	return pair_hash(&packet->source, &packet->destination);
}

/* Told once, before anything else of this frame. */
static void add_back(struct sharing *s, uint64_t span_ns)
{
	struct item *item = add(s, ITEM_BACK);

	item->time_ns = s->reading.last_ns;
	item->back_ns = span_ns;
	round_give(s->round, item, 0);
}

/* What goes before every packet: where it is from, and the time for all workers where something may be due. */
static void add_occasion(struct sharing *s, const struct frame *f)
{
	add_source(s, f);
	if (unlikely(engine_clock_tells(&s->clock, f->time_ns)))
		add_clock(s);
}

/* What glance cannot tell is decoded here, once for all workers. */
static void add_decoded(struct sharing *s, const struct frame *f)
{
	size_t used = s->round->used;
	struct packet *packet = round_take(s->round, sizeof(*packet));
	enum decoded result = decode(s->decoder, f->link_type, f->data, f->wire_size, f->time_ns, packet);

	if (result != DECODED && result != DECODED_ARP) {
		s->round->used = used;
		return;
	}
	packet->number = f->number;
	if (packet->payload.size)
		packet->payload.at = keep(s, packet->payload, packet->reassembled ? NULL : f->chunk);
	add_occasion(s, f);
	if (packet->has_outer && !packet->arp_operation)
		add_packet(s, packet, ITEM_TUNNEL, pair_hash(&packet->outer_source, &packet->outer_destination));
	add_packet(s, packet, ITEM_PACKET, hash_of(packet));
}

static void count(struct sharing *s, const struct frame *f)
{
	struct sensor_reading *r = &s->reading;

	if (r->frames++ == 0)
		r->first_ns = f->time_ns;
	r->bytes += f->wire_size;
	r->last_ns = f->time_ns > r->last_ns ? f->time_ns : r->last_ns;
}

static void share(struct sharing *s, const struct frame *f)
{
	uint32_t hash;

	s->sequence++;
	if (unlikely(f->time_ns + SENSOR_CLOCK_BACK_NS < s->frame_ns))
		add_back(s, s->frame_ns - f->time_ns);
	s->frame_ns = f->time_ns;
	count(s, f);
	if (unlikely(!glance(f->link_type, f->data, &hash))) {
		add_decoded(s, f);
		return;
	}
	add_occasion(s, f);
	add_frame(s, f, hash);
}

bool sharing_fill(struct sharing *s)
{
	struct frame frame;
	bool goes_on = true;

	s->round = rounds_begin(s->rounds);
	while (round_has_room(s->round) && (goes_on = capture_next(s->capture, &frame) == CAPTURE_FRAME))
		share(s, &frame);
	if (!goes_on)
		add_clock(s); /* what the end tells is told at this time */
	rounds_hand_over(s->rounds);
	return goes_on;
}

const struct sensor_reading *sharing_reading(struct sharing *s)
{
	s->reading.decoder = *decoder_counts(s->decoder);
	s->reading.decoder.frames = s->reading.frames;
	return &s->reading;
}
