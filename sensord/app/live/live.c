/* SPDX-License-Identifier: BSD-2-Clause */
#include "live.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/instant.h"
#include "threads/bell.h"
#include "live_self.h"
#include "live_worker.h"
#include "threads/mailbox.h"
#include "threads/merge.h"

#define ENTRIES_A_TURN 256            /* between two looks at the mailbox */
#define IDLE_MS 100                   /* detection looks up at the latest after this */
#define PATIENCE_NS (2 * NS_PER_S)    /* so long it waits for a worker that is behind */
#define SELF_NS (5 * NS_PER_S)        /* the sensor looks at itself */
#define WORKERS_AUTO 8                /* more are started only where they are asked for */
#define TICK_NS (200 * NS_PER_MS)     /* outputs write what they hold, counters are shown */

struct live {
	struct sensor *sensor;
	struct capture_worker *workers[LIVE_WORKERS_MAX];
	size_t n_workers, n_running;
	const char *interfaces[LIVE_WIRES_MAX];
	char *texts[LIVE_WIRES_MAX + 1]; /* theirs and of the filter: the site file that says them may be replaced */
	size_t n_texts;
	struct wire_group groups[LIVE_WIRES_MAX];
	size_t n_wires;
	uint64_t started_ns;
	struct bell bell;
	struct mailbox mailbox;
	bool has_bell, has_mailbox;
	pthread_t thread;              /* detection */
	bool runs;
	struct merge merge;
	uint64_t blocked_ns;           /* since when an entry waits for a worker that is behind; 0: none does */
	uint64_t ticked_ns, looked_ns;
	struct self *self;             /* of the detection thread while that runs */
	struct live_stats stats;       /* room for its looks */
	struct self_snapshot snapshot;
	int fd;                        /* eventfd: somebody failed */
	pthread_mutex_t lock;          /* of what follows */
	bool failed, told;
	struct error problem;
	struct live_stats shown;       /* detection's part */
};

static uint64_t now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* ---- failures ---- */

static void fail(void *context, const struct error *err)
{
	struct live *l = context;
	const uint64_t one = 1;

	pthread_mutex_lock(&l->lock);
	if (!l->failed) {
		l->failed = true;
		l->problem = *err;
		(void)!write(l->fd, &one, sizeof(one));
	}
	pthread_mutex_unlock(&l->lock);
}

int live_fd(const struct live *l)
{
	return l->fd;
}

bool live_failed(struct live *l, struct error *ret)
{
	uint64_t count;

	pthread_mutex_lock(&l->lock);
	bool tell = l->failed && !l->told;
	if (tell) {
		l->told = true;
		*ret = l->problem;
		(void)!read(l->fd, &count, sizeof(count));
	}
	pthread_mutex_unlock(&l->lock);
	return tell;
}

/* ---- detection ---- */

static void show(struct live *l)
{
	struct sensor_counts counts = sensor_counts(l->sensor);

	pthread_mutex_lock(&l->lock);
	l->shown.packet_ns = counts.last_ns;
	l->shown.detect = *counts.detect;
	l->shown.n_rules = counts.n_rules;
	l->shown.turns++;
	pthread_mutex_unlock(&l->lock);
}

/* ---- the sensor on itself ---- */

static void on_self(void *context, const struct record *r)
{
	struct live *l = context;
	struct error err;

	if (!sensor_record(l->sensor, r, &err))
		fail(l, &err);
}

static void take_snapshot(struct live *l)
{
	live_stats(l, &l->stats);
	live_self_snapshot(l->sensor, &l->stats, now_ns(CLOCK_MONOTONIC), &l->snapshot);
}

static void look_at_self(struct live *l, uint64_t now)
{
	if (!l->self || now - l->looked_ns < SELF_NS)
		return;
	l->looked_ns = now;
	take_snapshot(l);
	self_look(l->self, &l->snapshot);
}

void live_reloaded(struct live *l, const char *refused)
{
	if (!l->self)
		return;
	self_set_site(l->self, sensor_site(l->sensor));
	take_snapshot(l);
	self_reloaded(l->self, &l->snapshot, refused);
}

static void decide(struct live *l, const struct entry *e)
{
	struct error err;

	if (!sensor_entry(l->sensor, e, &err))
		fail(l, &err);
}

static size_t decide_some(struct live *l, bool impatient)
{
	const struct entry *e;
	size_t n = 0;

	while (n < ENTRIES_A_TURN && (e = merge_next(&l->merge, impatient)) != NULL) {
		decide(l, e);
		merge_drop(&l->merge);
		n++;
	}
	return n;
}

/* A worker that does not get on must not blind the others for ever. */
static bool has_waited(struct live *l)
{
	uint64_t now = now_ns(CLOCK_MONOTONIC);

	if (!l->merge.waiting)
		l->blocked_ns = 0;
	else if (l->blocked_ns == 0)
		l->blocked_ns = now;
	return l->blocked_ns && now - l->blocked_ns >= PATIENCE_NS;
}

/* n: entries just decided; where there were none, everything before merge.until is. */
static void tick(struct live *l, size_t n)
{
	uint64_t now = now_ns(CLOCK_MONOTONIC);
	struct error err;

	if (now - l->ticked_ns < TICK_NS)
		return;
	l->ticked_ns = now;
	if (!sensor_tick(l->sensor, n == 0 && l->merge.until != UINT64_MAX ? l->merge.until : 0, &err))
		fail(l, &err);
	show(l);
	look_at_self(l, now);
}

static bool workers_done(const struct live *l)
{
	for (size_t i = 0; i < l->n_running; i++)
		if (!capture_worker_done(l->workers[i]))
			return false;
	return true;
}

static void *detection(void *context)
{
	struct live *l = context;

	pthread_setname_np(pthread_self(), "detection");
	take_snapshot(l);
	self_started(l->self, &l->snapshot, PACKAGE_VERSION);
	for (;;) {
		uint64_t heard = bell_heard(&l->bell);
		bool done = workers_done(l); /* before the look at the rings: they put nothing more */
		mailbox_serve(&l->mailbox, l->sensor);
		size_t n = decide_some(l, false);
		if (n == 0 && done)
			break;
		if (n < ENTRIES_A_TURN && has_waited(l))
			n += decide_some(l, true);
		tick(l, n);
		if (n == 0)
			bell_wait(&l->bell, heard, IDLE_MS);
	}
	take_snapshot(l);
	self_stopped(l->self, &l->snapshot);
	mailbox_close(&l->mailbox, l->sensor);
	return NULL;
}

/* ---- calls ---- */

struct call {
	void (*work)(struct sensor *s, void *context);
	void *context;
};

static void do_call(void *subject, void *context)
{
	const struct call *c = context;

	c->work(subject, c->context);
}

void live_call(struct live *l, void (*work)(struct sensor *s, void *context), void *context)
{
	struct call call = { work, context };

	if (!mailbox_post(&l->mailbox, do_call, &call)) { /* no thread: the sensor is the caller's */
		work(l->sensor, context);
		return;
	}
	bell_ring(&l->bell);
	mailbox_await(&l->mailbox);
}

/* On the detection thread. A worker waits for detection only for moments, so that neither waits for the other long. */
bool live_renew(struct live *l)
{
	static const struct timespec nap = { 0, NS_PER_MS };

	for (size_t i = 0; i < l->n_running; i++)
		if (!capture_worker_renew(l->workers[i]))
			return false;
	for (size_t i = 0; i < l->n_running; i++)
		while (!capture_worker_renewed(l->workers[i]) && !capture_worker_done(l->workers[i]))
			nanosleep(&nap, NULL);
	return true;
}

void live_stats(struct live *l, struct live_stats *ret)
{
	pthread_mutex_lock(&l->lock);
	*ret = l->shown;
	pthread_mutex_unlock(&l->lock);
	ret->started_ns = l->started_ns;
	ret->n_wires = l->n_wires;
	ret->n_workers = l->n_workers;
	for (size_t i = 0; i < l->n_wires; i++) {
		ret->wire[i] = (struct live_wire){ .up = false };
		snprintf(ret->wire[i].interface, sizeof(ret->wire[i].interface), "%s", l->interfaces[i]);
	}
	for (size_t i = 0; i < l->n_workers; i++) {
		capture_worker_stats(l->workers[i], &ret->worker[i], ret->wire);
		ret->frames += ret->worker[i].frames;
		ret->bytes += ret->worker[i].bytes;
	}
}

/* ---- life ---- */

static const char *keep_text(struct live *l, const char *text)
{
	char *copy = text ? strdup(text) : NULL;

	if (copy)
		l->texts[l->n_texts++] = copy;
	return copy;
}

static bool choose_interfaces(struct live *l, const struct live_settings *s, struct error *err)
{
	const struct site_settings *site = site_settings(sensor_site(l->sensor));
	const char *const *from = s->n_interfaces ? s->interfaces : site->interfaces;
	size_t n = s->n_interfaces ? s->n_interfaces : site->n_interfaces;

	if (n == 0 || n > LIVE_WIRES_MAX)
		return error_set(err, "run: from 1 to %d interfaces are needed (-i IF, or capture.interfaces in the site file)",
				 LIVE_WIRES_MAX);
	for (size_t i = 0; i < n; i++) {
		wire_group_init(&l->groups[i]);
		l->interfaces[l->n_wires] = keep_text(l, from[i]);
		if (!l->interfaces[l->n_wires++])
			return error_set(err, "out of memory");
	}
	return true;
}

static unsigned count_workers(const struct live_settings *s, const struct site_settings *site)
{
	uint64_t n = s->workers ? s->workers : site->workers;
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (n == 0)
		n = processors < 1 ? 1 : processors > WORKERS_AUTO ? WORKERS_AUTO : (uint64_t)processors;
	return n > LIVE_WORKERS_MAX ? LIVE_WORKERS_MAX : (unsigned)n;
}

static bool open_workers(struct live *l, const struct live_settings *s, struct error *err)
{
	const struct site_settings *site = site_settings(sensor_site(l->sensor));
	struct hash_key key; /* who sends the packets must not know the table */
	struct live_worker_settings settings = {
		.sensor = l->sensor, .count = count_workers(s, site), .groups = l->groups, .interfaces = l->interfaces, .n_interfaces = l->n_wires,
		.filter = keep_text(l, s->filter ? s->filter : site->filter), .snap_length = (unsigned)site->snaplen,
		.ring_mib = (unsigned)site->ring_mib, .key = &key, .bell = &l->bell,
	};

	if (getrandom(&key, sizeof(key), 0) != sizeof(key))
		return error_set(err, "no random numbers");
	for (; settings.index < settings.count; settings.index++) {
		struct capture_worker *w = capture_worker_open(&settings, err);
		if (!w)
			return false;
		l->workers[l->n_workers++] = w;
		l->merge.rings[l->merge.n++] = capture_worker_ring(w);
	}
	return true;
}

static bool prepare(struct live *l, const struct live_settings *s, struct error *err)
{
	l->has_bell = bell_init(&l->bell);
	l->has_mailbox = mailbox_init(&l->mailbox);
	l->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!l->has_bell || !l->has_mailbox || l->fd < 0)
		return error_set(err, "out of memory");
	l->sensor = sensor_new(s->sensor, err);
	l->self = l->sensor ? self_new(sensor_site(l->sensor), on_self, l) : NULL;
	if (l->sensor && !l->self)
		return error_set(err, "out of memory");
	return l->sensor && choose_interfaces(l, s, err) && open_workers(l, s, err);
}

struct live *live_open(const struct live_settings *s, struct error *err)
{
	struct live *l = calloc(1, sizeof(*l));

	if (!l || pthread_mutex_init(&l->lock, NULL) != 0) {
		error_set(err, "out of memory");
		free(l);
		return NULL;
	}
	l->fd = -1;
	l->started_ns = now_ns(CLOCK_REALTIME);
	if (prepare(l, s, err)) {
		show(l);
		return l;
	}
	live_free(l);
	return NULL;
}

/* Signals are the loop's: its threads leave them alone. */
bool live_start(struct live *l, struct error *err)
{
	sigset_t all, before;
	bool ok = true;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ok = sensor_start(l->sensor, err);
	while (ok && l->n_running < l->n_workers) {
		ok = capture_worker_start(l->workers[l->n_running], err);
		l->n_running += ok;
	}
	if (ok) {
		mailbox_open(&l->mailbox);
		int why = pthread_create(&l->thread, NULL, detection, l);
		l->runs = why == 0;
		ok = l->runs || error_set(err, "no thread for detection: %s", strerror(why));
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!ok)
		mailbox_close(&l->mailbox, l->sensor);
	return ok;
}

static void join(struct live *l)
{
	for (size_t i = 0; i < l->n_running; i++)
		capture_worker_end(l->workers[i]);
	for (size_t i = 0; i < l->n_running; i++)
		capture_worker_join(l->workers[i]);
	if (l->runs)
		pthread_join(l->thread, NULL);
	l->n_running = 0;
	l->runs = false;
}

bool live_stop(struct live *l, struct error *err)
{
	join(l);
	bool ok = sensor_finish(l->sensor, err);
	show(l);
	if (ok && l->failed)
		*err = l->problem;
	return ok && !l->failed;
}

void live_free(struct live *l)
{
	if (!l)
		return;
	join(l);
	for (size_t i = 0; i < l->n_workers; i++)
		capture_worker_free(l->workers[i]);
	self_free(l->self);
	sensor_free(l->sensor);
	for (size_t i = 0; i < l->n_texts; i++)
		free(l->texts[i]);
	if (l->has_bell)
		bell_release(&l->bell);
	if (l->has_mailbox)
		mailbox_release(&l->mailbox);
	if (l->fd >= 0)
		close(l->fd);
	pthread_mutex_destroy(&l->lock);
	free(l);
}
