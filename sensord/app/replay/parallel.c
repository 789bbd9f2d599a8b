/* SPDX-License-Identifier: BSD-2-Clause */
#include "parallel.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/instant.h"
#include "threads/bell.h"
#include "decode/glance.h"
#include "threads/merge.h"
#include "threads/rounds.h"
#include "threads/worker.h"

#define RING_BYTES ((size_t)8 << 20)
#define NAP_NS (200 * NS_PER_US)      /* a worker waits so long for room in its ring */
#define MARK_ITEMS 512                /* so often it says how far it has come */
#define STAGES 8                      /* numbers that one packet has for what is told at it */
#define AT_END (UINT64_C(1) << 63)
#define PROGRESS_FRAMES 4096

struct engine_thread {
	struct parallel *all;
	size_t index;
	struct worker *worker;
	struct detect_asker *asker;
	struct ring *ring;
	pthread_t thread;
	uint64_t sequence;      /* of the frame under way */
	uint64_t clock_told_ns; /* latest time of what went to the ring */
	atomic_bool done;
};

struct parallel {
	const struct parallel_settings *settings;
	struct sensor *sensor;
	struct capture *capture;
	struct rounds rounds;
	struct bell bell;
	struct merge merge;
	struct engine_thread threads[PARALLEL_JOBS];
	size_t n_threads;
	atomic_bool stopped;
	/* The reader's. */
	pthread_t thread;
	struct decoder *decoder;
	struct round *round;
	struct engine_clock clock;
	uint64_t sequence;
	struct sensor_reading reading;
	const char *file;
	char interface[64];
	bool has_source;
};

/* ---- workers ---- */

static struct place here(const struct engine_thread *t)
{
	struct engine_place place = engine_place(worker_engine(t->worker));

	if (place.stage == STAGE_END)
		return (struct place){ AT_END | place.first_ns, place.flow };
	return (struct place){ t->sequence * STAGES + place.stage, place.flow };
}

/* Offline nothing is lost: who finds no room waits. */
static void nap(struct engine_thread *t)
{
	static const struct timespec while_full = { 0, NAP_NS };

	bell_ring(&t->all->bell);
	nanosleep(&while_full, NULL);
}

static bool goes_on(struct engine_thread *t, bool put)
{
	if (likely(put) || atomic_load(&t->all->stopped))
		return false;
	nap(t);
	return true;
}

static void on_record(void *context, const struct record *r)
{
	struct engine_thread *t = context;
	uint8_t ttl = engine_reject_ttl(worker_engine(t->worker));

	if (r->time_ns > t->clock_told_ns)
		t->clock_told_ns = r->time_ns;
	while (goes_on(t, ring_put_record(t->ring, here(t), r, ttl)))
		;
}

static void on_contact(void *context, const struct contact *c)
{
	struct engine_thread *t = context;
	uint8_t ttl = engine_reject_ttl(worker_engine(t->worker));

	if (c->time_ns > t->clock_told_ns)
		t->clock_told_ns = c->time_ns;
	while (goes_on(t, ring_put_contact(t->ring, here(t), c, ttl)))
		;
}

static void on_met(void *context, const struct meeting *m)
{
	struct engine_thread *t = context;

	while (goes_on(t, ring_put_meeting(t->ring, here(t), m)))
		;
}

static void on_host(void *context, const struct address *host, uint8_t ttl)
{
	struct engine_thread *t = context;

	while (goes_on(t, ring_put_host(t->ring, here(t), host, ttl)))
		;
}

/* Where nobody wants it the clock goes on all the same; what this worker has told already has moved it as far. */
static uint64_t on_interest(void *context, const struct interest *i)
{
	struct engine_thread *t = context;
	uint64_t wanted = detect_asker_wants(t->asker, i);

	if (wanted || i->time_ns <= t->clock_told_ns)
		return wanted;
	t->clock_told_ns = i->time_ns;
	while (goes_on(t, ring_put_clock(t->ring, here(t), i->time_ns)))
		;
	return 0;
}

static void take(struct engine_thread *t, const struct item *item)
{
	struct engine *e = worker_engine(t->worker);

	t->sequence = item->sequence;
	if (item->kind == ITEM_SOURCE) {
		engine_set_source(e, item->file, item->interface);
		return;
	}
	engine_tick(e, item->clock_ns);
	if (item->kind == ITEM_FRAME) {
		struct frame frame = { .data = item->bytes, .wire_size = item->wire_size, .link_type = item->link_type,
				       .time_ns = item->time_ns, .number = item->number };
		worker_decode(t->worker, &frame);
	} else if (item->kind == ITEM_OUTER) {
		engine_outer_packet(e, item->packet);
	} else if (item->kind == ITEM_INNER) {
		engine_inner_packet(e, item->packet);
	}
}

static void take_round(struct engine_thread *t, const struct round *round)
{
	for (size_t i = 0; i < round->n_items; i++) {
		const struct item *item = &round->items[i];
		if (item->worker == t->index || item->kind >= ITEM_CLOCK)
			take(t, item);
		if (i % MARK_ITEMS == MARK_ITEMS - 1 && item->sequence)
			ring_mark(t->ring, item->sequence * STAGES);
	}
	ring_mark(t->ring, (round->sequence + 1) * STAGES);
	bell_ring(&t->all->bell);
}

static void *work(void *context)
{
	struct engine_thread *t = context;
	const struct round *round;
	uint64_t at = 0;

	while ((round = rounds_next(&t->all->rounds, t->index, &at)) != NULL)
		take_round(t, round);
	if (!atomic_load(&t->all->stopped)) {
		ring_mark(t->ring, AT_END);
		worker_finish(t->worker);
	}
	ring_mark(t->ring, UINT64_MAX);
	atomic_store(&t->done, true);
	bell_ring(&t->all->bell);
	return NULL;
}

/* ---- the reader ---- */

/* Room for one more item with so many bytes; NULL: the reading has ended. */
static struct item *add(struct parallel *p, size_t size, void **ret_bytes)
{
	struct item *item = p->round ? round_add(p->round, size, ret_bytes) : NULL;

	if (!item) {
		if (p->round)
			rounds_hand_over(&p->rounds);
		p->round = rounds_begin(&p->rounds);
		item = p->round ? round_add(p->round, size, ret_bytes) : NULL;
	}
	if (!item)
		return NULL;
	*item = (struct item){ .sequence = p->sequence, .clock_ns = p->clock.now_ns };
	p->round->sequence = p->sequence;
	return item;
}

static bool add_source(struct parallel *p, const struct frame *f)
{
	const char *interface = f->interface ? f->interface : "";
	void *bytes;

	if (likely(p->has_source && f->file == p->file && strncmp(interface, p->interface, sizeof(p->interface) - 1) == 0))
		return true;
	struct item *item = add(p, strlen(interface) + 1, &bytes);
	if (!item)
		return false;
	item->kind = ITEM_SOURCE;
	item->file = f->file;
	item->interface = f->interface ? memcpy(bytes, interface, strlen(interface) + 1) : NULL;
	p->file = f->file;
	snprintf(p->interface, sizeof(p->interface), "%s", interface);
	p->has_source = true;
	return true;
}

static bool tell_clock(struct parallel *p)
{
	void *bytes;
	struct item *item = add(p, 0, &bytes);

	if (!item)
		return false;
	item->kind = ITEM_CLOCK;
	return true;
}

static bool add_clock(struct parallel *p, const struct frame *f)
{
	return likely(!engine_clock_tells(&p->clock, f->time_ns)) || tell_clock(p);
}

static uint8_t worker_of(const struct parallel *p, uint32_t hash)
{
	return (uint8_t)(((uint64_t)hash * p->n_threads) >> 32);
}

static bool add_frame(struct parallel *p, const struct frame *f, uint32_t hash)
{
	void *bytes;
	struct item *item = add(p, f->data.size, &bytes);

	if (!item)
		return false;
	item->kind = ITEM_FRAME;
	item->worker = worker_of(p, hash);
	item->link_type = f->link_type;
	item->wire_size = f->wire_size;
	item->time_ns = f->time_ns;
	item->number = f->number;
	item->bytes = bytes_of(memcpy(bytes, f->data.at, f->data.size), f->data.size);
	return true;
}

static bool add_packet(struct parallel *p, const struct packet *packet, enum item_kind kind, uint32_t hash)
{
	void *bytes;
	struct item *item = add(p, sizeof(*packet) + packet->payload.size, &bytes);

	if (!item)
		return false;
	struct packet *copy = bytes;
	*copy = *packet;
	if (packet->payload.size)
		copy->payload.at = memcpy(copy + 1, packet->payload.at, packet->payload.size);
	item->kind = (uint8_t)kind;
	item->worker = worker_of(p, hash);
	item->packet = copy;
	return true;
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

/* What glance cannot tell is decoded here, once for all workers: fragments meet nowhere else. */
static bool add_decoded(struct parallel *p, const struct frame *f)
{
	UNINITIALIZED struct packet packet;
	enum decoded result = decode(p->decoder, f->link_type, f->data, f->wire_size, f->time_ns, &packet);

	if (result != DECODED && result != DECODED_ARP)
		return true;
	packet.number = f->number;
	return add_source(p, f) && add_clock(p, f) &&
	       (!packet.has_outer || packet.arp_operation ||
		add_packet(p, &packet, ITEM_OUTER, pair_hash(&packet.outer_source, &packet.outer_destination))) &&
	       add_packet(p, &packet, ITEM_INNER, hash_of(&packet));
}

static void count(struct parallel *p, const struct frame *f)
{
	struct sensor_reading *r = &p->reading;

	if (r->frames++ == 0)
		r->first_ns = f->time_ns;
	r->bytes += f->wire_size;
	r->last_ns = f->time_ns > r->last_ns ? f->time_ns : r->last_ns;
	if (unlikely(p->settings->progress && r->frames % PROGRESS_FRAMES == 0)) {
		sensor_set_reading(p->sensor, r); /* detection looks at none of it before the end */
		p->settings->progress(p->settings->progress_to, false);
	}
}

static void *read_frames(void *context)
{
	struct parallel *p = context;
	struct frame frame;
	bool goes_on = true;
	uint32_t hash;

	while (goes_on && capture_next(p->capture, &frame) == CAPTURE_FRAME) {
		p->sequence++;
		count(p, &frame);
		if (likely(glance(frame.link_type, frame.data, &hash)))
			goes_on = add_source(p, &frame) && add_clock(p, &frame) && add_frame(p, &frame, hash);
		else
			goes_on = add_decoded(p, &frame);
	}
	if (goes_on && tell_clock(p)) /* what the end tells is told at this time */
		rounds_hand_over(&p->rounds);
	rounds_end(&p->rounds);
	if (p->settings->progress)
		p->settings->progress(p->settings->progress_to, true);
	return NULL;
}

/* ---- detection: the calling thread ---- */

static bool all_done(struct parallel *p)
{
	for (size_t i = 0; i < p->n_threads; i++)
		if (!atomic_load(&p->threads[i].done))
			return false;
	return true;
}

static bool decide_all(struct parallel *p, struct error *err)
{
	for (;;) {
		uint64_t heard = bell_heard(&p->bell);
		bool done = all_done(p); /* before the look at the rings */
		size_t n = 0;
		for (const struct entry *e; (e = merge_next(&p->merge, false)) != NULL; n++) {
			if (!sensor_entry(p->sensor, e, err))
				return false;
			merge_drop(&p->merge);
		}
		if (n == 0 && done)
			return true;
		if (n == 0)
			bell_wait(&p->bell, heard, 100);
	}
}

/* ---- life ---- */

static bool make_thread(struct parallel *p, struct engine_settings *engine)
{
	struct engine_thread *t = &p->threads[p->n_threads];

	t->all = p;
	t->index = p->n_threads;
	atomic_init(&t->done, false);
	t->asker = sensor_asker(p->sensor);
	t->worker = worker_new(engine, NULL, on_record, t);
	t->ring = ring_new(RING_BYTES);
	p->merge.rings[p->merge.n++] = t->ring;
	p->n_threads++;
	return t->asker && t->worker && t->ring;
}

static bool make(struct parallel *p)
{
	struct engine_settings engine = sensor_engine_settings(p->sensor, p->settings->jobs);

	engine.wanted = on_interest;
	engine.contact = on_contact;
	engine.met = on_met;
	engine.host = on_host;
	p->decoder = decoder_new();
	bool ok = p->decoder != NULL;
	while (ok && p->n_threads < p->settings->jobs)
		ok = make_thread(p, &engine);
	return ok;
}

static void stop(struct parallel *p)
{
	atomic_store(&p->stopped, true);
	rounds_stop(&p->rounds);
}

static bool run(struct parallel *p, struct error *err)
{
	size_t n = 0;
	bool ok = true;

	while (ok && n < p->n_threads) {
		ok = pthread_create(&p->threads[n].thread, NULL, work, &p->threads[n]) == 0;
		n += ok;
	}
	bool reads = ok && pthread_create(&p->thread, NULL, read_frames, p) == 0;
	ok = reads ? decide_all(p, err) : error_set(err, "no thread to read with");
	if (!ok)
		stop(p);
	if (reads)
		pthread_join(p->thread, NULL);
	for (size_t i = 0; i < n; i++)
		pthread_join(p->threads[i].thread, NULL);
	return ok;
}

static void tell_counts(struct parallel *p)
{
	struct sensor_reading *r = &p->reading;

	r->decoder = *decoder_counts(p->decoder);
	r->decoder.frames = r->frames;
	for (size_t i = 0; i < p->n_threads; i++)
		engine_counts_add(&r->engine, worker_engine_counts(p->threads[i].worker));
	sensor_set_reading(p->sensor, r);
}

static void release(struct parallel *p)
{
	for (size_t i = 0; i < p->n_threads; i++) {
		worker_free(p->threads[i].worker);
		detect_asker_free(p->threads[i].asker);
		ring_free(p->threads[i].ring);
	}
	decoder_free(p->decoder);
	bell_release(&p->bell);
	rounds_release(&p->rounds);
	free(p);
}

bool parallel_read(struct sensor *s, struct capture *c, const struct parallel_settings *settings, struct error *err)
{
	struct parallel *p = calloc(1, sizeof(*p));

	if (!p)
		return error_set(err, "out of memory");
	p->settings = settings;
	p->sensor = s;
	p->capture = c;
	atomic_init(&p->stopped, false);
	bool ok = bell_init(&p->bell);
	ok = rounds_init(&p->rounds, settings->jobs) && ok;
	ok = (ok && make(p)) || error_set(err, "out of memory");
	ok = ok && run(p, err);
	if (ok) {
		tell_counts(p);
		ok = sensor_finish(s, err);
	}
	release(p);
	return ok;
}
