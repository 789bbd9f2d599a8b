/* SPDX-License-Identifier: BSD-2-Clause */
#include "parallel.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "sharing.h"
#include "threads/crew.h"
#include "threads/merge.h"
#include "threads/worker.h"

#define RING_BYTES ((size_t)512 << 10) /* many of the largest records, and little enough to stay in a cache */
#define STAGES 8                       /* numbers that one packet has for what is told at it */
#define ROUNDS_AHEAD 3                 /* no engine should run dry while somebody reads */
#define AT_END (UINT64_C(1) << 63)

struct share {
	struct parallel *all;
	size_t index;
	struct worker *worker;
	struct detect_asker *asker; /* NULL: everything is told */
	struct ring *ring;
	uint64_t sequence;          /* of the frame under way */
	uint64_t clock_told_ns;     /* latest time of what went to the ring */
	atomic_bool finished;
};

struct parallel {
	const struct parallel_settings *settings;
	struct crew crew;
	size_t taking;              /* number of that task */
	struct rounds rounds;
	struct sharing sharing;
	struct merge merge;
	struct share shares[PARALLEL_JOBS];
	size_t n_shares;
	atomic_uint_least64_t taken; /* rounds */
	atomic_bool all_read, stopped;
	struct error error;         /* why stopped */
};

static bool stopped(const struct parallel *p)
{
	return atomic_load(&p->stopped);
}

/* ---- an engine ---- */

static struct place here(const struct share *t)
{
	struct engine_place place = engine_place(worker_engine(t->worker));

	if (place.stage == STAGE_END)
		return (struct place){ AT_END | place.first_ns, place.flow };
	return (struct place){ t->sequence * STAGES + place.stage, place.flow };
}

static unsigned ended(const struct share *t)
{
	return crew_ended(&t->all->crew);
}

/* Offline nothing is lost: who finds no room sees to it that there is some, and tries again. before: ended() then. */
static bool again(struct share *t, unsigned before, bool put)
{
	if (likely(put) || stopped(t->all))
		return false;
	crew_help(&t->all->crew, t->all->taking, before);
	return true;
}

static void on_record(void *context, const struct record *r)
{
	struct share *t = context;
	uint8_t ttl = engine_reject_ttl(worker_engine(t->worker));
	bool (*keeps)(const struct record *) = t->all->settings->keeps;

	if (keeps && !keeps(r))
		return;
	if (r->time_ns > t->clock_told_ns)
		t->clock_told_ns = r->time_ns;
	for (unsigned n = ended(t); again(t, n, ring_put_record(t->ring, here(t), r, ttl)); n = ended(t))
		;
}

static void on_contact(void *context, const struct contact *c)
{
	struct share *t = context;
	uint8_t ttl = engine_reject_ttl(worker_engine(t->worker));

	if (c->time_ns > t->clock_told_ns)
		t->clock_told_ns = c->time_ns;
	for (unsigned n = ended(t); again(t, n, ring_put_contact(t->ring, here(t), c, ttl)); n = ended(t))
		;
}

static void on_met(void *context, const struct meeting *m)
{
	struct share *t = context;

	for (unsigned n = ended(t); again(t, n, ring_put_meeting(t->ring, here(t), m)); n = ended(t))
		;
}

static void on_host(void *context, const struct address *host, uint8_t ttl)
{
	struct share *t = context;

	for (unsigned n = ended(t); again(t, n, ring_put_host(t->ring, here(t), host, ttl)); n = ended(t))
		;
}

/* Where nobody wants it the clock goes on all the same; what this engine has told already has moved it as far. */
static uint64_t on_interest(void *context, const struct interest *i)
{
	struct share *t = context;
	uint64_t wanted = detect_asker_wants(t->asker, i);

	if (wanted || i->time_ns <= t->clock_told_ns)
		return wanted;
	t->clock_told_ns = i->time_ns;
	for (unsigned n = ended(t); again(t, n, ring_put_clock(t->ring, here(t), i->time_ns)); n = ended(t))
		;
	return 0;
}

/* First of what is told at its packet. */
static void put_back(struct share *t, const struct item *item)
{
	struct place first = { item->sequence * STAGES, 0 };

	if (!t->all->settings->sensor)
		return;
	for (unsigned n = ended(t); again(t, n, ring_put_back(t->ring, first, item->time_ns, item->back_ns)); n = ended(t))
		;
}

static void take_item(struct share *t, const struct item *item)
{
	struct engine *e = worker_engine(t->worker);

	t->sequence = item->sequence;
	if (unlikely(item->kind == ITEM_BACK)) {
		put_back(t, item);
		return;
	}
	if (item->kind == ITEM_SOURCE) {
		engine_set_source(e, item->file, item->interface);
		return;
	}
	/* Most frames move the clock there themselves. */
	if (unlikely(item->kind != ITEM_FRAME || item->clock_ns != item->time_ns))
		engine_tick(e, item->clock_ns);
	if (likely(item->kind == ITEM_FRAME)) {
		struct frame frame = { .data = bytes_of(item->at, item->size), .wire_size = item->wire_size,
				       .link_type = item->link_type, .time_ns = item->time_ns, .number = item->number };
		worker_decode(t->worker, &frame);
	} else if (item->kind == ITEM_TUNNEL)
		engine_outer_packet(e, item->packet);
	else if (item->kind == ITEM_PACKET)
		engine_inner_packet(e, item->packet);
}

static uint64_t waiting(const struct share *t)
{
	const struct rounds *rounds = &t->all->rounds;

	return rounds_filled(rounds) - rounds_done(rounds, t->index);
}

static void work_through(struct share *t)
{
	const struct round *round = rounds_next(&t->all->rounds, t->index);

	for (size_t i = 0; i < round->n_mine[t->index]; i++)
		take_item(t, &round->items[round->mine[t->index][i]]);
	ring_mark(t->ring, (round->sequence + 1) * STAGES);
	rounds_set_done(&t->all->rounds, t->index);
}

static void finish(struct share *t)
{
	ring_mark(t->ring, AT_END);
	worker_finish(t->worker);
	ring_mark(t->ring, UINT64_MAX);
	atomic_store(&t->finished, true);
}

static unsigned engine_wanted(const void *of)
{
	const struct share *t = of;
	uint64_t n = waiting(t);

	if (stopped(t->all) || atomic_load(&t->finished))
		return 0;
	return (unsigned)n * CREW_PIECE + (atomic_load(&t->all->all_read) ? CREW_PIECE : 0);
}

/* all_read may have come true after the look at what waits: then something does. */
static bool engine_piece(void *of)
{
	struct share *t = of;

	if (waiting(t))
		work_through(t);
	else
		finish(t);
	return true;
}

/* ---- reading ---- */

static unsigned reading_wanted(const void *of)
{
	const struct parallel *p = of;
	uint64_t filled = rounds_filled(&p->rounds), least = ROUNDS;

	if (stopped(p) || atomic_load(&p->all_read) || filled - rounds_done_by_all(&p->rounds) == ROUNDS)
		return 0;
	for (size_t i = 0; i < p->n_shares; i++) {
		uint64_t n = waiting(&p->shares[i]);
		least = n < least ? n : least;
	}
	return least < ROUNDS_AHEAD ? (unsigned)(ROUNDS_AHEAD - least) * 3 * CREW_PIECE : 1;
}

static bool reading_piece(void *of)
{
	struct parallel *p = of;
	bool more = sharing_fill(&p->sharing);

	if (p->settings->progress)
		p->settings->progress(p->settings->progress_to, sharing_reading(&p->sharing), !more);
	if (!more)
		atomic_store(&p->all_read, true);
	return true;
}

/* ---- taking what the engines told ---- */

/* Rounds that all have told of; the end counts as one. */
static uint64_t told(const struct parallel *p)
{
	for (size_t i = 0; i < p->n_shares; i++)
		if (!atomic_load(&p->shares[i].finished))
			return rounds_done_by_all(&p->rounds);
	return UINT64_MAX;
}

static unsigned taking_wanted(const void *of)
{
	const struct parallel *p = of;
	uint64_t told_of = told(p), taken = atomic_load(&p->taken);

	if (stopped(p) || told_of == taken)
		return 0;
	return told_of - taken < ROUNDS ? (unsigned)(told_of - taken) * CREW_PIECE : ROUNDS * CREW_PIECE;
}

static bool taking_piece(void *of)
{
	struct parallel *p = of;
	uint64_t until = told(p); /* before the look at the rings */
	bool any = false;

	for (const struct entry *e; !stopped(p) && (e = merge_next(&p->merge, false)) != NULL; merge_drop(&p->merge), any = true)
		if (!p->settings->take(p->settings->to, e, &p->error))
			atomic_store(&p->stopped, true);
	atomic_store(&p->taken, until);
	return any;
}

/* ---- life ---- */

static bool add_share(struct parallel *p, const struct engine_settings *engine)
{
	struct share *t = &p->shares[p->n_shares];
	struct sensor *s = p->settings->sensor;

	t->all = p;
	t->index = p->n_shares;
	atomic_init(&t->finished, false);
	t->asker = s ? sensor_asker(s) : NULL;
	t->worker = worker_new(engine, NULL, on_record, t);
	t->ring = ring_new(RING_BYTES);
	p->merge.rings[p->merge.n++] = t->ring;
	p->n_shares++;
	crew_add(&p->crew, &(struct crew_task){ engine_wanted, engine_piece, t });
	return (t->asker || !s) && t->worker && t->ring;
}

static bool make(struct parallel *p, struct capture *c)
{
	struct engine_settings engine = p->settings->engine;

	if (p->settings->sensor) {
		engine.wanted = on_interest;
		engine.contact = on_contact;
		engine.met = on_met;
		engine.host = on_host;
	}
	p->taking = crew_add(&p->crew, &(struct crew_task){ taking_wanted, taking_piece, p });
	crew_add(&p->crew, &(struct crew_task){ reading_wanted, reading_piece, p });
	bool ok = rounds_init(&p->rounds, p->settings->jobs);
	ok = sharing_init(&p->sharing, c, &p->rounds) && ok;
	while (ok && p->n_shares < p->settings->jobs)
		ok = add_share(p, &engine);
	return ok;
}

static void release(struct parallel *p)
{
	for (size_t i = 0; i < p->n_shares; i++) {
		worker_free(p->shares[i].worker);
		detect_asker_free(p->shares[i].asker);
		ring_free(p->shares[i].ring);
	}
	sharing_release(&p->sharing);
	rounds_release(&p->rounds);
	crew_release(&p->crew);
	free(p);
}

static void tell_counts(struct parallel *p, struct sensor_reading *ret)
{
	*ret = *sharing_reading(&p->sharing);
	for (size_t i = 0; i < p->n_shares; i++)
		engine_counts_add(&ret->engine, worker_engine_counts(p->shares[i].worker));
}

bool parallel_read(struct capture *c, const struct parallel_settings *settings, struct sensor_reading *ret, struct error *err)
{
	struct parallel *p = calloc(1, sizeof(*p));

	if (!p)
		return error_set(err, "out of memory");
	p->settings = settings;
	atomic_init(&p->taken, 0);
	atomic_init(&p->all_read, false);
	atomic_init(&p->stopped, false);
	bool ok = crew_init(&p->crew) && (make(p, c) || error_set(&p->error, "out of memory"));
	ok = ok && (crew_work(&p->crew, settings->jobs) || error_set(&p->error, "no thread to read with")) && !stopped(p);
	if (ok)
		tell_counts(p, ret);
	if (!ok)
		*err = p->error;
	release(p);
	return ok;
}
