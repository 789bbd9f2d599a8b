/* SPDX-License-Identifier: BSD-2-Clause
 * The order of lines is held by three rules. What is in the spool is older than what waits in memory (`fresh`). A line
 * is sent from memory only when the spool holds nothing unacknowledged. Before fresh lines go to the spool, lines from
 * memory that are on the way go there first. So after a connection died everything starts again from one place: the
 * spool's acknowledged place, then the lines in memory. */
#include "feeder.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/instant.h"
#include "line.h"
#include "spool.h"

#define WINDOW_LINES 16384       /* lines on the way */
#define WINDOW_BYTES (8u << 20)
#define FRESH_HIGH (OUTPUT_QUEUE_BYTES / 4) /* above this, lines go to the spool though the far end is there */
#define BACKOFF_MIN_MS 200
#define BACKOFF_MAX_MS 30000
#define SETTLE_MS 50             /* lines are on the way: asked this often what became of them */
#define IDLE_MS 1000             /* rotation and sync by time */
#define PROOF_NS (5 * NS_PER_S)  /* a connection without work that lasts this long counts as one */
#define TOLD_MAX 64              /* events that nobody fetched; more: the oldest goes */

struct feeder {
	const struct output_kind *kind;
	void *state;
	struct output_clock clock;
	struct teller teller;

	pthread_mutex_t mutex; /* of what stands in this group */
	struct lines queue;
	struct output_told told[TOLD_MAX];
	size_t told_first, n_told;
	struct output_stats stats;
	bool rotate, ending;

	int wake;              /* eventfd */
	pthread_t thread;
	bool started;
	uint64_t patience_ns, left_behind;

	/* Of the thread alone. */
	struct spool *spool;
	bool spool_sick;       /* it did not take a line; said once */
	struct lines fresh, under_way;
	uint64_t acknowledged; /* since connect */
	bool connected, proven; /* proven: something was acknowledged since connect, or it has lasted with nothing to do */
	uint64_t connected_ns;
	bool away;             /* told so */
	uint64_t retry_ns, backoff_ms, ending_ns;
	uint64_t lost_told;    /* stats.lost when the outage began */
	bool losing, refusing; /* told so */
};

/* ---- what others see ---- */

static void tell(void *context, enum output_event event, uint64_t count, const char *detail)
{
	struct feeder *f = context;

	pthread_mutex_lock(&f->mutex);
	if (f->n_told == TOLD_MAX) {
		f->told_first = (f->told_first + 1) % TOLD_MAX;
		f->n_told--;
	}
	struct output_told *t = &f->told[(f->told_first + f->n_told++) % TOLD_MAX];
	t->event = event;
	t->count = count;
	snprintf(t->detail, sizeof(t->detail), "%s", detail ? detail : "");
	pthread_mutex_unlock(&f->mutex);
}

bool feeder_told(struct feeder *f, struct output_told *ret)
{
	pthread_mutex_lock(&f->mutex);
	bool some = f->n_told > 0;
	if (some) {
		*ret = f->told[f->told_first];
		f->told_first = (f->told_first + 1) % TOLD_MAX;
		f->n_told--;
	}
	pthread_mutex_unlock(&f->mutex);
	return some;
}

/* The thread writes its part of the statistics once a round. */
static void publish(struct feeder *f)
{
	pthread_mutex_lock(&f->mutex);
	f->stats.away = f->away;
	f->stats.waiting_lines = f->queue.count + f->fresh.count + f->under_way.count;
	f->stats.waiting_bytes = f->queue.bytes + f->fresh.bytes + f->under_way.bytes;
	f->stats.spool_bytes = f->spool ? spool_bytes(f->spool) : 0;
	pthread_mutex_unlock(&f->mutex);
}

static void count(struct feeder *f, uint64_t *counter, uint64_t n)
{
	pthread_mutex_lock(&f->mutex);
	*counter += n;
	pthread_mutex_unlock(&f->mutex);
}

static void remember(struct feeder *f, const struct error *err)
{
	pthread_mutex_lock(&f->mutex);
	snprintf(f->stats.last_error, sizeof(f->stats.last_error), "%.399s", err->text);
	pthread_mutex_unlock(&f->mutex);
}

void feeder_stats(struct feeder *f, struct output_stats *ret)
{
	pthread_mutex_lock(&f->mutex);
	*ret = f->stats;
	pthread_mutex_unlock(&f->mutex);
}

static void wake(struct feeder *f)
{
	ssize_t n = write(f->wake, &(uint64_t){ 1 }, sizeof(uint64_t));

	(void)n; /* a counter that is full wakes as well */
}

void feeder_put(struct feeder *f, const struct output_item *item)
{
	struct line *l = line_new(item), *oldest;
	uint64_t lost = l == NULL;

	pthread_mutex_lock(&f->mutex);
	bool first = f->queue.count == 0;
	f->stats.lines++;
	if (l)
		lines_add(&f->queue, l);
	while (f->queue.bytes > OUTPUT_QUEUE_BYTES && (oldest = lines_take(&f->queue)) != NULL) {
		free(oldest);
		lost++;
	}
	f->stats.lost += lost;
	pthread_mutex_unlock(&f->mutex);
	if (first)
		wake(f);
}

void feeder_rotate(struct feeder *f)
{
	pthread_mutex_lock(&f->mutex);
	f->rotate = true;
	pthread_mutex_unlock(&f->mutex);
	wake(f);
}

/* ---- losing ---- */

static void lose(struct feeder *f, uint64_t n)
{
	if (n)
		count(f, &f->stats.lost, n);
}

static void tell_loss(struct feeder *f)
{
	struct output_stats stats;

	feeder_stats(f, &stats);
	if (f->losing || stats.lost == f->lost_told)
		return;
	f->losing = true;
	tell(f, OUTPUT_LOST, stats.lost - f->lost_told,
	     f->spool ? "memory and spool are full: the oldest lines are given up" :
			"memory is full and there is no spool: the oldest lines are given up");
}

/* ---- the spool ---- */

/* Memory to disk, in order; what the disk does not take stays in memory. */
static bool store(struct feeder *f, struct line *l)
{
	struct output_item item = line_item(l);
	struct error err = { 0 };
	uint64_t lost = 0;
	bool ok = spool_add(f->spool, &item, &l->end, &lost, &err);

	lose(f, lost);
	if (ok) {
		count(f, &f->stats.spooled, 1);
	} else if (!f->spool_sick) {
		remember(f, &err);
		tell(f, OUTPUT_DAMAGED, 0, err.text);
	}
	f->spool_sick = !ok;
	return ok;
}

static bool store_under_way(struct feeder *f)
{
	for (struct line *l = f->under_way.first; l; l = l->next) {
		if (l->end.segment)
			continue;
		if (!store(f, l)) {
			l->end.segment = 0;
			return false;
		}
		spool_skip_to(f->spool, l->end);
	}
	return true;
}

static void store_fresh(struct feeder *f)
{
	struct line *l;

	if (f->spool && store_under_way(f))
		while (f->fresh.first && store(f, f->fresh.first))
			free(lines_take(&f->fresh));
	if (f->fresh.first)
		f->fresh.first->end.segment = 0;
	while (f->fresh.bytes > OUTPUT_QUEUE_BYTES && (l = lines_take(&f->fresh)) != NULL) {
		free(l);
		lose(f, 1);
	}
}

static void take_queue(struct feeder *f)
{
	struct lines taken;

	pthread_mutex_lock(&f->mutex);
	taken = f->queue;
	f->queue = (struct lines){ 0 };
	pthread_mutex_unlock(&f->mutex);
	lines_append(&f->fresh, &taken);
}

/* The next line to send, made a line on the way; NULL where none waits. */
static struct line *next_line(struct feeder *f)
{
	struct output_item item;
	struct spool_place end;
	struct error err;

	while (f->spool && !spool_empty(f->spool)) {
		enum spool_read got = spool_next(f->spool, &item, &end, &err);
		if (got == SPOOL_EMPTY)
			break;
		if (got == SPOOL_DAMAGED) {
			remember(f, &err);
			tell(f, OUTPUT_DAMAGED, 0, err.text);
			continue;
		}
		struct line *l = line_new(&item);
		if (l)
			l->end = end;
		else
			lose(f, 1);
		return l;
	}
	if (f->spool && !spool_settled(f->spool)) {
		if (f->under_way.count)
			return NULL;
		spool_forget(f->spool);
	}
	return lines_take(&f->fresh);
}

/* ---- away and back ---- */

static void lost_connection(struct feeder *f, const struct error *err)
{
	struct lines again = { 0 };
	struct line *l;
	bool first = f->proven; /* peers close idle connections: only where it cannot be had anew it is away */

	if (f->connected)
		f->kind->disconnect(f->state);
	f->connected = f->proven = false;
	count(f, &f->stats.resent, f->under_way.count);
	while ((l = lines_take(&f->under_way)) != NULL) {
		if (!l->end.segment) {
			lines_add(&again, l);
			continue;
		}
		lose(f, !spool_holds(f->spool, l->end));
		free(l);
	}
	lines_prepend(&f->fresh, &again);
	if (f->spool)
		spool_rewind(f->spool);
	f->backoff_ms = f->backoff_ms ? 2 * f->backoff_ms : BACKOFF_MIN_MS;
	if (f->backoff_ms > BACKOFF_MAX_MS)
		f->backoff_ms = BACKOFF_MAX_MS;
	f->retry_ns = first ? 0 : f->clock.steady() + f->backoff_ms * NS_PER_MS;
	remember(f, err);
	if (f->away || first)
		return;
	struct output_stats stats;
	feeder_stats(f, &stats);
	f->lost_told = stats.lost;
	f->away = true;
	tell(f, OUTPUT_AWAY, stats.waiting_lines, err->text);
}

static void is_back(struct feeder *f)
{
	struct output_stats stats;

	f->proven = true;
	f->backoff_ms = 0;
	feeder_stats(f, &stats);
	if (f->away)
		tell(f, OUTPUT_BACK, stats.lost - f->lost_told, "");
	f->lost_told = stats.lost;
	f->away = f->losing = false;
}

/* ---- sending ---- */

/* From when this is known on, there is so much time left. */
static bool is_ending(struct feeder *f)
{
	pthread_mutex_lock(&f->mutex);
	bool ending = f->ending;
	pthread_mutex_unlock(&f->mutex);
	if (ending && f->ending_ns == 0)
		f->ending_ns = f->clock.steady() + f->patience_ns;
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
		struct pollfd polls[2] = { { .fd = fd, .events = events }, { .fd = ending ? -1 : f->wake, .events = POLLIN } };
		int n = poll(polls, 2, (int)(left < 500 ? left : 500));
		if (n > 0 && polls[0].revents)
			return true;
		if (n > 0) {
			uint64_t drained;
			ssize_t got = read(f->wake, &drained, sizeof(drained));
			(void)got;
		}
		take_queue(f);
		if (f->fresh.bytes > FRESH_HIGH)
			store_fresh(f);
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
	count(f, &f->stats.connects, 1);
}

static void refuse(struct feeder *f, struct line *l, const struct error *err)
{
	count(f, &f->stats.refused, 1);
	remember(f, err);
	if (!f->refusing)
		tell(f, OUTPUT_REFUSED, 1, err->text);
	f->refusing = true;
	/* Its place in the spool is acknowledged with the line before it, or now where there is none. */
	if (l->end.segment && f->under_way.last)
		f->under_way.last->end = l->end;
	else if (l->end.segment)
		spool_done(f->spool, l->end);
	free(l);
}

/* Puts back what was taken by next_line and not sent. */
static void put_back(struct feeder *f, struct line *l)
{
	struct lines one = { 0 };

	if (l->end.segment) {
		struct spool_place start = f->under_way.last ? f->under_way.last->end : (struct spool_place){ 0 };
		free(l);
		if (start.segment)
			spool_skip_to(f->spool, start);
		else
			spool_rewind(f->spool);
		return;
	}
	lines_add(&one, l);
	lines_prepend(&f->fresh, &one);
}

static bool room_under_way(const struct feeder *f)
{
	if (!f->proven) /* who is not yet known to be there gets one line to prove it */
		return f->under_way.count == 0;
	return f->under_way.count < WINDOW_LINES && f->under_way.bytes < WINDOW_BYTES;
}

static void send_lines(struct feeder *f)
{
	struct error err = { 0 };
	struct line *l;

	while (f->connected && room_under_way(f) && (l = next_line(f)) != NULL) {
		struct output_item item = line_item(l);
		enum sent sent = f->kind->send(f->state, &item, &err);
		if (sent == SENT) {
			lines_add(&f->under_way, l);
			continue;
		}
		if (sent == SENT_REFUSED) {
			refuse(f, l, &err);
			continue;
		}
		put_back(f, l);
		if (sent == SENT_AWAY)
			lost_connection(f, &err);
		return;
	}
}

static void settle(struct feeder *f)
{
	struct error err = { 0 };
	struct spool_place done = { 0 };
	uint64_t total = f->acknowledged;
	bool ok = f->kind->settle(f->state, &total, &err);
	uint64_t n = 0;

	for (struct line *l; f->acknowledged < total && (l = lines_take(&f->under_way)) != NULL; n++) {
		f->acknowledged++;
		if (l->end.segment)
			done = l->end;
		free(l);
	}
	if (n)
		count(f, &f->stats.sent, n);
	if (done.segment)
		spool_done(f->spool, done);
	if (n && ok)
		is_back(f);
	if (!ok)
		lost_connection(f, &err);
}

static void rotate(struct feeder *f)
{
	struct error err;

	pthread_mutex_lock(&f->mutex);
	bool wanted = f->rotate;
	f->rotate = false;
	pthread_mutex_unlock(&f->mutex);
	if (wanted && f->kind->rotate && !f->kind->rotate(f->state, &err)) {
		remember(f, &err);
		tell(f, OUTPUT_ROTATE_FAILED, 0, err.text);
	}
}

static bool all_sent(const struct feeder *f)
{
	return f->fresh.count == 0 && f->under_way.count == 0 && (!f->spool || spool_settled(f->spool));
}

/* One round; true where it is over. */
static bool round_once(struct feeder *f)
{
	take_queue(f);
	if (f->connected)
		rotate(f);
	if (!f->connected)
		reach(f);
	for (unsigned i = 0; i < 64 && f->connected; i++) { /* as long as lines move on */
		size_t before = f->under_way.count;
		uint64_t acknowledged = f->acknowledged;
		send_lines(f);
		if (f->connected)
			settle(f);
		if (f->under_way.count == before && f->acknowledged == acknowledged)
			break;
	}
	if (f->connected && !f->proven && all_sent(f) && f->clock.steady() > f->connected_ns + PROOF_NS)
		is_back(f);
	if (!f->connected || f->fresh.bytes > FRESH_HIGH)
		store_fresh(f);
	tell_loss(f);
	publish(f);
	bool ending = is_ending(f);
	pthread_mutex_lock(&f->mutex);
	size_t queued = f->queue.count;
	pthread_mutex_unlock(&f->mutex);
	return ending && queued == 0 && (all_sent(f) || f->clock.steady() >= f->ending_ns);
}

static void pause_round(struct feeder *f)
{
	struct pollfd polls[2] = { { .fd = f->wake, .events = POLLIN }, { .fd = -1 } };
	uint64_t now = f->clock.steady();
	int milliseconds = IDLE_MS;

	if (f->connected) {
		polls[1].fd = f->kind->descriptor(f->state, &polls[1].events);
		if (f->under_way.count || f->fresh.count)
			milliseconds = SETTLE_MS;
	} else {
		milliseconds = f->retry_ns > now ? (int)((f->retry_ns - now) / NS_PER_MS) + 1 : 0;
	}
	if (f->ending_ns && milliseconds > SETTLE_MS)
		milliseconds = SETTLE_MS;
	if (poll(polls, 2, milliseconds) > 0 && polls[0].revents) {
		uint64_t drained;
		ssize_t got = read(f->wake, &drained, sizeof(drained));
		(void)got;
	}
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

	if (!f || pthread_mutex_init(&f->mutex, NULL) != 0) {
		free(f);
		error_set(err, "out of memory");
		return NULL;
	}
	f->kind = kind;
	f->clock = s->clock;
	f->teller = (struct teller){ tell, f };
	f->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	snprintf(f->stats.name, sizeof(f->stats.name), "%s %s", s->type, s->target ? s->target : s->path ? s->path : "");
	if (f->wake < 0)
		error_set(err, "no eventfd: %s", strerror(errno));
	else if (!s->spool || (f->spool = spool_open(s->spool, s->spool_bytes, s->sync == OUTPUT_SYNC_ALWAYS, err)) != NULL)
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
		return error_set(err, "%s: cannot start its thread: %s", f->stats.name, strerror(why));
	return f->started = true;
}

bool feeder_finish(struct feeder *f, unsigned patience_ms, uint64_t *ret_lost)
{
	if (f->started) {
		pthread_mutex_lock(&f->mutex);
		f->patience_ns = patience_ms * NS_PER_MS;
		f->ending = true;
		pthread_mutex_unlock(&f->mutex);
		wake(f);
		pthread_join(f->thread, NULL);
		f->started = false;
	}
	take_queue(f);
	if (f->spool && !all_sent(f))
		store_fresh(f);
	uint64_t left = f->fresh.count;
	for (const struct line *l = f->under_way.first; l; l = l->next)
		left += l->end.segment == 0;
	lines_release(&f->fresh);
	lines_release(&f->under_way);
	lose(f, left);
	f->left_behind += left;
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
	spool_close(f->spool);
	if (f->wake >= 0)
		close(f->wake);
	pthread_mutex_destroy(&f->mutex);
	free(f);
}
