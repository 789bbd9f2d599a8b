/* SPDX-License-Identifier: BSD-2-Clause
 * One round of the thread: fetch what waits, connect where that is due, send what may be on the way, hear what arrived. */
#include "feeder.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "backlog.h"
#include "base/instant.h"

#define WINDOW_LINES 16384       /* lines on the way */
#define WINDOW_BYTES (8u << 20)
#define FRESH_HIGH (OUTPUT_QUEUE_BYTES / 4) /* above this, lines go to the spool though the far end is there */
#define BACKOFF_MIN_MS 200
#define BACKOFF_MAX_MS 30000
#define SETTLE_MS 50             /* lines are on the way: asked this often what became of them */
#define IDLE_MS 1000             /* rotation and sync by time */
#define PROOF_NS (5 * NS_PER_S)  /* a connection without work that lasts this long counts as one */

struct feeder {
	const struct output_kind *kind;
	void *state;
	struct output_clock clock;
	struct teller teller;
	struct intake intake;
	pthread_t thread;
	bool started;
	uint64_t left_behind;

	/* Of the thread alone. */
	struct backlog backlog;
	uint64_t acknowledged; /* since connect */
	bool connected, proven; /* proven: something was acknowledged since connect, or it has lasted with nothing to do */
	uint64_t connected_ns;
	bool away;             /* told so */
	uint64_t retry_ns, backoff_ms, ending_ns;
	uint64_t lost_told;    /* stats.lost when lines arrived last: what was lost since is told */
	bool losing, refusing; /* told so */
};

/* ---- what others see ---- */

bool feeder_told(struct feeder *f, struct output_told *ret) { return intake_told(&f->intake, ret); }
void feeder_stats(struct feeder *f, struct output_stats *ret) { intake_stats(&f->intake, ret); }
void feeder_put(struct feeder *f, const struct output_item *item) { intake_put(&f->intake, item); }
void feeder_rotate(struct feeder *f) { intake_rotate(&f->intake); }

/* The thread writes its part of the statistics once a round. */
static void publish(struct feeder *f)
{
	const struct backlog *b = &f->backlog;
	struct intake *i = &f->intake;

	pthread_mutex_lock(&i->mutex);
	i->stats.away = f->away;
	i->stats.waiting_lines = i->queue.count + b->fresh.count + b->under_way.count;
	i->stats.waiting_bytes = i->queue.bytes + b->fresh.bytes + b->under_way.bytes;
	i->stats.spool_bytes = b->spool ? spool_bytes(b->spool) : 0;
	pthread_mutex_unlock(&i->mutex);
}

static void tell_loss(struct feeder *f)
{
	struct output_stats stats;

	intake_stats(&f->intake, &stats);
	if (f->losing || stats.lost == f->lost_told)
		return;
	f->losing = true;
	intake_tell(&f->intake, OUTPUT_LOST, stats.lost - f->lost_told,
		    f->backlog.spool ? "memory and spool are full: the oldest lines are given up" :
				       "memory is full and there is no spool: the oldest lines are given up");
}

/* ---- away and back ---- */

static void lost_connection(struct feeder *f, const struct error *err)
{
	bool first = f->proven; /* peers close idle connections: only where it cannot be had anew it is away */
	struct output_stats stats;

	if (f->connected)
		f->kind->disconnect(f->state);
	f->connected = f->proven = false;
	backlog_rewind(&f->backlog);
	f->backoff_ms = f->backoff_ms ? 2 * f->backoff_ms : BACKOFF_MIN_MS;
	if (f->backoff_ms > BACKOFF_MAX_MS)
		f->backoff_ms = BACKOFF_MAX_MS;
	f->retry_ns = first ? 0 : f->clock.steady() + f->backoff_ms * NS_PER_MS;
	intake_remember(&f->intake, err);
	if (f->away || first)
		return;
	intake_stats(&f->intake, &stats);
	f->away = true;
	intake_tell(&f->intake, OUTPUT_AWAY, stats.waiting_lines, err->text);
}

static void is_back(struct feeder *f)
{
	struct output_stats stats;

	f->proven = true;
	f->backoff_ms = 0;
	intake_stats(&f->intake, &stats);
	if (f->away)
		intake_tell(&f->intake, OUTPUT_BACK, stats.lost - f->lost_told, "");
	f->lost_told = stats.lost;
	f->away = f->losing = false;
}

/* ---- sending ---- */

/* From when this is known on, there is so much time left. */
static bool is_ending(struct feeder *f)
{
	uint64_t patience_ns;
	bool ending = intake_is_ending(&f->intake, &patience_ns);

	if (ending && f->ending_ns == 0)
		f->ending_ns = f->clock.steady() + patience_ns;
	return ending;
}

static bool serve_queue(void *context, int fd, short events, unsigned milliseconds)
{
	struct feeder *f = context;
	uint64_t end = f->clock.steady() + milliseconds * NS_PER_MS, now;

	for (;;) {
		bool ending = is_ending(f);
		now = f->clock.steady();
		if (ending && end > f->ending_ns)
			end = f->ending_ns;
		if (now >= end)
			return false;
		uint64_t left = (end - now) / NS_PER_MS + 1;
		struct pollfd polls[2] = { { .fd = fd, .events = events }, { .fd = ending ? -1 : f->intake.wake, .events = POLLIN } };
		int n = poll(polls, 2, (int)(left < 500 ? left : 500));
		if (n > 0 && polls[0].revents)
			return true;
		if (n > 0)
			intake_slept(&f->intake);
		backlog_fetch(&f->backlog);
		if (f->backlog.fresh.bytes > FRESH_HIGH)
			backlog_store(&f->backlog);
		tell_loss(f);
	}
}

static void reach(struct feeder *f)
{
	struct waiter w = { serve_queue, f };
	struct error err = { .text = "no reason given" };

	if (f->clock.steady() < f->retry_ns)
		return;
	f->acknowledged = 0;
	if (!f->kind->connect(f->state, &w, &err)) {
		lost_connection(f, &err);
		return;
	}
	f->connected = true;
	f->connected_ns = f->clock.steady();
	intake_count(&f->intake, &f->intake.stats.connects, 1);
}

static void refuse(struct feeder *f, struct line *l, const struct error *err)
{
	intake_count(&f->intake, &f->intake.stats.refused, 1);
	intake_remember(&f->intake, err);
	if (!f->refusing)
		intake_tell(&f->intake, OUTPUT_REFUSED, 1, err->text);
	f->refusing = true;
	backlog_refused(&f->backlog, l);
}

static bool room_under_way(const struct feeder *f)
{
	const struct lines *under_way = &f->backlog.under_way;

	if (!f->proven) /* who is not yet known to be there gets one line to prove it */
		return under_way->count == 0;
	return under_way->count < WINDOW_LINES && under_way->bytes < WINDOW_BYTES;
}

static void send_lines(struct feeder *f)
{
	struct error err = { 0 };
	struct line *l;

	while (f->connected && room_under_way(f) && (l = backlog_next(&f->backlog)) != NULL) {
		struct output_item item = line_item(l);
		enum sent sent = f->kind->send(f->state, &item, &err);
		if (sent == SENT) {
			backlog_sent(&f->backlog, l);
			continue;
		}
		if (sent == SENT_REFUSED) {
			refuse(f, l, &err);
			continue;
		}
		backlog_put_back(&f->backlog, l);
		if (sent == SENT_AWAY)
			lost_connection(f, &err);
		return;
	}
}

static void settle(struct feeder *f)
{
	struct error err = { 0 };
	uint64_t total = f->acknowledged;
	bool ok = f->kind->settle(f->state, &total, &err);
	uint64_t n = total > f->acknowledged ? backlog_acknowledge(&f->backlog, total - f->acknowledged) : 0;

	f->acknowledged += n;
	if (n && ok)
		is_back(f);
	if (!ok)
		lost_connection(f, &err);
}

static void rotate(struct feeder *f)
{
	struct error err;

	if (!intake_wants_rotation(&f->intake) || !f->kind->rotate || f->kind->rotate(f->state, &err))
		return;
	intake_remember(&f->intake, &err);
	intake_tell(&f->intake, OUTPUT_ROTATE_FAILED, 0, err.text);
}

/* One round; true where it is over. */
static bool round_once(struct feeder *f)
{
	struct backlog *b = &f->backlog;

	backlog_fetch(b);
	if (f->connected)
		rotate(f);
	if (!f->connected)
		reach(f);
	for (unsigned i = 0; i < 64 && f->connected; i++) { /* as long as lines move on */
		size_t before = b->under_way.count;
		uint64_t acknowledged = f->acknowledged;
		send_lines(f);
		if (f->connected)
			settle(f);
		if (b->under_way.count == before && f->acknowledged == acknowledged)
			break;
	}
	if (f->connected && !f->proven && backlog_settled(b) && f->clock.steady() > f->connected_ns + PROOF_NS)
		is_back(f);
	if (!f->connected || b->fresh.bytes > FRESH_HIGH)
		backlog_store(b);
	tell_loss(f);
	publish(f);
	return is_ending(f) && intake_is_empty(&f->intake) && (backlog_settled(b) || f->clock.steady() >= f->ending_ns);
}

static void pause_round(struct feeder *f)
{
	struct pollfd polls[2] = { { .fd = f->intake.wake, .events = POLLIN }, { .fd = -1 } };
	uint64_t now = f->clock.steady();
	int milliseconds = IDLE_MS;

	if (f->connected) {
		polls[1].fd = f->kind->descriptor(f->state, &polls[1].events);
		if (f->backlog.under_way.count || f->backlog.fresh.count)
			milliseconds = SETTLE_MS;
	} else {
		milliseconds = f->retry_ns > now ? (int)((f->retry_ns - now) / NS_PER_MS) + 1 : 0;
	}
	if (f->ending_ns && milliseconds > SETTLE_MS)
		milliseconds = SETTLE_MS;
	if (poll(polls, 2, milliseconds) > 0 && polls[0].revents)
		intake_slept(&f->intake);
}

static void *feed(void *context)
{
	struct feeder *f = context;

	pthread_setname_np(pthread_self(), "output");
	while (!round_once(f))
		pause_round(f);
	return NULL;
}

/* ---- life ---- */

struct feeder *feeder_new(const struct output_kind *kind, const struct output_settings *s, struct error *err)
{
	struct feeder *f = calloc(1, sizeof(*f));

	if (!f || !intake_init(&f->intake, s, err)) {
		if (!f)
			error_set(err, "out of memory");
		free(f);
		return NULL;
	}
	f->kind = kind;
	f->clock = s->clock;
	f->teller = (struct teller){ intake_tell, &f->intake };
	f->backlog.intake = &f->intake;
	if (s->spool)
		f->backlog.spool = spool_open(s->spool, s->spool_bytes, s->sync == OUTPUT_SYNC_ALWAYS, err);
	if (!s->spool || f->backlog.spool)
		f->state = kind->open(s, &f->teller, false, err);
	if (f->state)
		return f;
	feeder_free(f);
	return NULL;
}

bool feeder_start(struct feeder *f, struct error *err)
{
	if (f->started)
		return true;
	int why = pthread_create(&f->thread, NULL, feed, f);
	if (why)
		return error_set(err, "%s: cannot start its thread: %s", f->intake.stats.name, strerror(why));
	return f->started = true;
}

bool feeder_finish(struct feeder *f, unsigned patience_ms, uint64_t *ret_lost)
{
	if (f->started) {
		intake_end(&f->intake, patience_ms * NS_PER_MS);
		pthread_join(f->thread, NULL);
		f->started = false;
	}
	backlog_fetch(&f->backlog);
	if (f->backlog.spool && !backlog_settled(&f->backlog))
		backlog_store(&f->backlog);
	f->left_behind += backlog_abandon(&f->backlog);
	publish(f);
	*ret_lost = f->left_behind;
	return f->left_behind == 0;
}

void feeder_free(struct feeder *f)
{
	uint64_t lost;

	if (!f)
		return;
	(void)feeder_finish(f, 0, &lost);
	if (f->state) {
		if (f->connected)
			f->kind->disconnect(f->state);
		f->kind->close(f->state);
	}
	spool_close(f->backlog.spool);
	intake_release(&f->intake);
	free(f);
}
