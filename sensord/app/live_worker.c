/* SPDX-License-Identifier: BSD-2-Clause */
#include "live_worker.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/instant.h"
#include "capture_live.h"
#include "worker.h"

#define FRAMES_A_TURN 1024           /* of one interface before the next one has its turn */
#define BLOCK_MS 100                 /* the kernel hands a block over after this, full or not */
#define SLACK_NS (500 * NS_PER_MS)   /* so far the clock stays behind the wall's: frames of unfinished blocks */
#define PUBLISH_NS (200 * NS_PER_MS) /* counters are shown this often */
#define RING_BYTES ((size_t)16 << 20)
#define CLOCK_BACK_NS NS_PER_HOUR    /* as the engine: a clock set back further than this is believed */

struct wire {
	struct capture_worker *worker;
	struct capture_live *capture;
	bool up;
	uint64_t came_back;
};

struct capture_worker {
	struct live_worker_settings settings;
	struct worker *engine;
	struct detect_asker *asker;
	struct ring *ring;
	struct wire wires[LIVE_WIRES_MAX];
	size_t n_wires;
	pthread_t thread;
	int wake;                 /* eventfd: it is asked to end */
	atomic_bool done;
	uint64_t frames, bytes;
	uint64_t clock_ns;        /* packet clock */
	uint64_t clock_told_ns;   /* latest time of what went to the ring */
	uint64_t packet;
	uint64_t lost;
	uint64_t published_ns;
	pthread_mutex_t lock;     /* of the two below; the thread itself never waits for it */
	struct live_worker shown;
	struct live_wire shown_wires[LIVE_WIRES_MAX];
};

static uint64_t wall_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* ---- records ---- */

static struct place here(const struct capture_worker *w)
{
	return (struct place){ w->clock_ns, w->packet };
}

static void on_record(void *context, const struct record *r)
{
	struct capture_worker *w = context;

	if (r->time_ns > w->clock_told_ns)
		w->clock_told_ns = r->time_ns;
	if (!ring_put_record(w->ring, here(w), r))
		w->lost++;
}

/* Where the answer is no, the clock of detection goes on all the same, once for each time it would. */
static uint64_t on_interest(void *context, const struct interest *i)
{
	struct capture_worker *w = context;
	uint64_t wanted = detect_asker_wants(w->asker, i);

	if (!wanted && i->time_ns > w->clock_told_ns && ring_put_clock(w->ring, here(w), i->time_ns))
		w->clock_told_ns = i->time_ns;
	return wanted;
}

static void on_met(void *context, const struct meeting *m)
{
	struct capture_worker *w = context;

	detect_asker_met(w->asker, m);
}

/* ---- frames ---- */

static void set_clock(struct capture_worker *w, uint64_t time_ns)
{
	if (time_ns > w->clock_ns || w->clock_ns - time_ns > CLOCK_BACK_NS)
		w->clock_ns = time_ns;
}

static void on_frame(void *context, const struct frame *f)
{
	struct capture_worker *w = ((struct wire *)context)->worker;

	w->frames++;
	w->bytes += f->wire_size;
	w->packet = f->number;
	set_clock(w, f->time_ns);
	worker_frame(w->engine, f);
}

/* Returns how many frames were read. */
static size_t read_wires(struct capture_worker *w)
{
	size_t all = 0;
	struct error err;

	for (size_t i = 0; i < w->n_wires; i++) {
		struct wire *wire = &w->wires[i];
		if (!wire->up)
			continue;
		int n = capture_live_read(wire->capture, FRAMES_A_TURN, on_frame, wire, &err);
		if (n >= 0) {
			all += (size_t)n;
			continue;
		}
		wire->up = false;
		w->settings.tell(w->settings.tell_to, &err);
	}
	return all;
}

static void no_frames(struct capture_worker *w)
{
	set_clock(w, wall_ns() - SLACK_NS);
	worker_tick(w->engine, w->clock_ns);
}

/* True where it shall end. */
static bool wait_for_frames(struct capture_worker *w)
{
	struct pollfd fds[1 + LIVE_WIRES_MAX] = { { .fd = w->wake, .events = POLLIN } };

	for (size_t i = 0; i < w->n_wires; i++)
		fds[1 + i] = (struct pollfd){ .fd = w->wires[i].up ? capture_live_fd(w->wires[i].capture) : -1, .events = POLLIN };
	int n = poll(fds, 1 + w->n_wires, BLOCK_MS);
	return n > 0 && fds[0].revents != 0;
}

/* ---- counters ---- */

static void show_wires(struct capture_worker *w)
{
	struct capture_live_stats stats;

	for (size_t i = 0; i < w->n_wires; i++) {
		struct live_wire *shown = &w->shown_wires[i];
		shown->up = w->wires[i].up;
		shown->came_back = w->wires[i].came_back;
		if (!w->wires[i].up || !capture_live_stats(w->wires[i].capture, &stats))
			continue;
		shown->received = stats.received;
		shown->dropped = stats.dropped;
		shown->interface_dropped = stats.interface_dropped;
	}
}

static void show(struct capture_worker *w)
{
	w->shown = (struct live_worker){
		.frames = w->frames, .bytes = w->bytes, .engine = *worker_engine_counts(w->engine),
		.decoder = *worker_decoder_counts(w->engine), .ring_size = ring_size(w->ring), .ring_lost = w->lost,
	};
	show_wires(w);
}

/* Somebody who is looking is not waited for: there is a next time. */
static void publish(struct capture_worker *w)
{
	uint64_t now_ns = wall_ns();

	if (now_ns - w->published_ns < PUBLISH_NS || pthread_mutex_trylock(&w->lock) != 0)
		return;
	w->published_ns = now_ns;
	show(w);
	pthread_mutex_unlock(&w->lock);
}

void capture_worker_stats(struct capture_worker *w, struct live_worker *ret, struct live_wire *wires)
{
	pthread_mutex_lock(&w->lock);
	*ret = w->shown;
	for (size_t i = 0; i < w->n_wires; i++) {
		const struct live_wire *from = &w->shown_wires[i];
		wires[i].up = (w->settings.index == 0 || wires[i].up) && from->up;
		wires[i].received += from->received;
		wires[i].dropped += from->dropped;
		if (from->interface_dropped > wires[i].interface_dropped) /* all workers count the same */
			wires[i].interface_dropped = from->interface_dropped;
		if (from->came_back > wires[i].came_back)
			wires[i].came_back = from->came_back;
	}
	pthread_mutex_unlock(&w->lock);
	ret->ring_used = ring_used(w->ring);
}

/* ---- life ---- */

static void finish(struct capture_worker *w)
{
	while (read_wires(w) > 0)
		ring_mark(w->ring, w->clock_ns);
	worker_finish(w->engine);
	pthread_mutex_lock(&w->lock);
	show(w);
	pthread_mutex_unlock(&w->lock);
	ring_mark(w->ring, UINT64_MAX);
	atomic_store(&w->done, true);
	bell_ring(w->settings.bell);
}

static void *run(void *context)
{
	struct capture_worker *w = context;

	while (!wait_for_frames(w)) {
		if (read_wires(w) == 0)
			no_frames(w);
		ring_mark(w->ring, w->clock_ns);
		bell_ring(w->settings.bell);
		publish(w);
	}
	finish(w);
	return NULL;
}

static bool open_wires(struct capture_worker *w, struct error *err)
{
	const struct live_worker_settings *s = &w->settings;

	for (size_t i = 0; i < s->n_interfaces; i++) {
		struct capture_live_settings settings = {
			.interface = s->interfaces[i], .filter = s->filter, .snap_length = s->snap_length,
			.buffer_mib = s->ring_mib / s->count ? s->ring_mib / s->count : 1, .timeout_ms = BLOCK_MS, .promiscuous = true,
		};
		struct wire *wire = &w->wires[w->n_wires++];
		wire->worker = w;
		wire->capture = capture_live_open(&settings, err);
		if (!wire->capture)
			return false;
		wire->up = true;
		if (s->index == 0 && *capture_live_warning(wire->capture))
			fprintf(stderr, "sensord: %s\n", capture_live_warning(wire->capture));
	}
	return true;
}

static bool prepare(struct capture_worker *w, struct error *err)
{
	struct engine_settings engine = sensor_engine_settings(w->settings.sensor, w->settings.count);

	engine.wanted = on_interest;
	engine.met = on_met;
	w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	w->asker = sensor_asker(w->settings.sensor);
	w->engine = worker_new(&engine, w->settings.key, on_record, w);
	w->ring = ring_new(RING_BYTES);
	if (w->wake < 0 || !w->asker || !w->engine || !w->ring)
		return error_set(err, "out of memory");
	w->clock_ns = wall_ns() - SLACK_NS;
	ring_mark(w->ring, w->clock_ns);
	return open_wires(w, err);
}

struct capture_worker *capture_worker_open(const struct live_worker_settings *s, struct error *err)
{
	struct capture_worker *w = calloc(1, sizeof(*w));

	if (!w || pthread_mutex_init(&w->lock, NULL) != 0) {
		error_set(err, "out of memory");
		free(w);
		return NULL;
	}
	w->settings = *s;
	atomic_init(&w->done, false);
	if (prepare(w, err)) {
		show(w);
		return w;
	}
	capture_worker_free(w);
	return NULL;
}

bool capture_worker_start(struct capture_worker *w, struct error *err)
{
	int why = pthread_create(&w->thread, NULL, run, w);

	return why == 0 || error_set(err, "no thread for a capture worker: %s", strerror(why));
}

void capture_worker_end(struct capture_worker *w)
{
	const uint64_t one = 1;

	(void)!write(w->wake, &one, sizeof(one));
}

void capture_worker_join(struct capture_worker *w)
{
	pthread_join(w->thread, NULL);
}

void capture_worker_free(struct capture_worker *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->n_wires; i++)
		capture_live_close(w->wires[i].capture);
	worker_free(w->engine);
	detect_asker_free(w->asker);
	ring_free(w->ring);
	if (w->wake >= 0)
		close(w->wake);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

struct ring *capture_worker_ring(struct capture_worker *w)
{
	return w->ring;
}

bool capture_worker_done(const struct capture_worker *w)
{
	return atomic_load(&w->done);
}
