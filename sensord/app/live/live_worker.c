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
#include "live_wire.h"
#include "threads/worker.h"

#define FRAMES_A_TURN 1024           /* of one interface before the next one has its turn */
#define BLOCK_MS 100                 /* the kernel hands a block over after this, full or not */
#define SLACK_NS (500 * NS_PER_MS)   /* so far the clock stays behind the wall's: frames of unfinished blocks */
#define PUBLISH_NS (200 * NS_PER_MS) /* counters are shown this often */
#define LOOK_NS NS_PER_S             /* interfaces are looked after this often */
#define RING_LEAST ((size_t)1 << 20)
#define RING_MOST ((size_t)16 << 20)
#define NAP_NS NS_PER_MS             /* a full ring is waited for so long */
#define NAPS 20                      /* and so often */
#define CLOCK_BACK_NS NS_PER_HOUR    /* as the engine: a clock set back further than this is believed */

/* What goes first where detection does not keep up. */
enum worth { WORTH_COMMON, WORTH_PLAIN, WORTH_MOST, WORTHS };
static const uint8_t worth_of[DATASET_COUNT] = {
	[DATASET_FLOW] = WORTH_COMMON, [DATASET_DNS] = WORTH_COMMON,
	[DATASET_HTTP] = WORTH_PLAIN, [DATASET_TLS] = WORTH_PLAIN, [DATASET_SSH] = WORTH_PLAIN, [DATASET_DHCP] = WORTH_PLAIN,
	[DATASET_LDAP] = WORTH_PLAIN, [DATASET_SMB] = WORTH_PLAIN, [DATASET_PROXY] = WORTH_MOST,
	[DATASET_TUNNEL] = WORTH_MOST, [DATASET_AUTH] = WORTH_MOST, [DATASET_KERBEROS] = WORTH_MOST,
	[DATASET_DCE_RPC] = WORTH_MOST, [DATASET_RDP] = WORTH_MOST, [DATASET_WINRM] = WORTH_MOST,
	[DATASET_SOCKS] = WORTH_MOST, [DATASET_BEACON] = WORTH_MOST, [DATASET_SENSOR] = WORTH_MOST,
};

/* Another site, other rules. */
struct renewal {
	struct detect_asker *asker;
	uint32_t datasets;
	const char *observer;
};

struct capture_worker {
	struct live_worker_settings settings;
	struct worker *engine;
	struct detect_asker *asker;
	_Atomic(struct renewal *) renewal; /* to be taken over at the next turn */
	atomic_bool busy;                  /* taking it over */
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
	bool shedding;            /* detection did not keep up: what is worth least is not put on the ring */
	uint64_t lost, shed[WORTHS];
	uint64_t published_ns, looked_ns, turns;
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

static bool is_fuller(const struct capture_worker *w, unsigned eighths)
{
	return ring_used(w->ring) > ring_size(w->ring) / 8 * eighths;
}

/* The kernel's ring takes a burst while this one is waited for. One wait in vain begins the shedding, which ends when
 * half the ring is free: a worker that always waits would lose frames instead. */
static bool has_room(struct capture_worker *w, enum worth worth)
{
	static const struct timespec nap = { 0, NAP_NS };

	if (w->shedding && !is_fuller(w, 4))
		w->shedding = false;
	if (!w->shedding && is_fuller(w, 7)) {
		bell_ring(w->settings.bell);
		for (unsigned i = 0; i < NAPS && is_fuller(w, 6); i++)
			nanosleep(&nap, NULL);
		w->shedding = is_fuller(w, 6);
	}
	return !w->shedding || worth == WORTH_MOST || (worth == WORTH_PLAIN && !is_fuller(w, 6));
}

static void note_put(struct capture_worker *w, bool put, enum worth worth)
{
	if (put)
		return;
	w->lost++;
	w->shed[worth]++;
}

static void on_record(void *context, const struct record *r)
{
	struct capture_worker *w = context;
	enum worth worth = worth_of[r->dataset];

	if (r->time_ns > w->clock_told_ns)
		w->clock_told_ns = r->time_ns;
	note_put(w, has_room(w, worth) && ring_put_record(w->ring, here(w), r, engine_reject_ttl(worker_engine(w->engine))), worth);
}

static void on_contact(void *context, const struct contact *c)
{
	struct capture_worker *w = context;

	if (c->time_ns > w->clock_told_ns)
		w->clock_told_ns = c->time_ns;
	note_put(w, has_room(w, WORTH_COMMON) && ring_put_contact(w->ring, here(w), c, engine_reject_ttl(worker_engine(w->engine))), WORTH_COMMON);
}

/* One that finds no room is told again when the host answers the next time. */
static void on_host(void *context, const struct address *host, uint8_t ttl)
{
	struct capture_worker *w = context;

	(void)ring_put_host(w->ring, here(w), host, ttl);
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
	struct capture_worker *w = ((struct wire *)context)->owner;

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

	for (size_t i = 0; i < w->n_wires; i++) {
		int n = wire_read(&w->wires[i], FRAMES_A_TURN, on_frame);
		all += n > 0 ? (size_t)n : 0;
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

static void look_after_wires(struct capture_worker *w)
{
	uint64_t now_ns = wall_ns();

	if (now_ns - w->looked_ns < LOOK_NS)
		return;
	w->looked_ns = now_ns;
	for (size_t i = 0; i < w->n_wires; i++)
		wire_look(&w->wires[i]);
}

/* ---- another site, other rules ---- */

static void renewal_free(struct renewal *r)
{
	if (!r)
		return;
	detect_asker_free(r->asker);
	free(r);
}

bool capture_worker_renew(struct capture_worker *w)
{
	struct renewal *r = malloc(sizeof(*r));

	if (!r)
		return false;
	r->asker = sensor_asker(w->settings.sensor);
	struct engine_settings engine = sensor_engine_settings(w->settings.sensor, 1);
	r->datasets = engine.datasets;
	r->observer = engine.observer;
	if (!r->asker) {
		free(r);
		return false;
	}
	renewal_free(atomic_exchange(&w->renewal, r));
	return true;
}

/* In the order in which the worker sets them backwards. */
bool capture_worker_renewed(const struct capture_worker *w)
{
	return !atomic_load(&w->renewal) && !atomic_load(&w->busy);
}

/* busy: between the two moments the old asker is still there. */
static void renew(struct capture_worker *w)
{
	if (likely(!atomic_load_explicit(&w->renewal, memory_order_relaxed)))
		return;
	atomic_store(&w->busy, true);
	struct renewal *r = atomic_exchange(&w->renewal, NULL);
	if (r) {
		struct detect_asker *old = w->asker;
		w->asker = r->asker;
		r->asker = old;
		worker_ask_for(w->engine, r->datasets, r->observer);
		renewal_free(r);
	}
	atomic_store(&w->busy, false);
}

/* ---- counters ---- */

static void show(struct capture_worker *w)
{
	w->shown = (struct live_worker){
		.frames = w->frames, .bytes = w->bytes, .engine = *worker_engine_counts(w->engine),
		.decoder = *worker_decoder_counts(w->engine), .ring_size = ring_size(w->ring), .ring_lost = w->lost,
		.shed_common = w->shed[WORTH_COMMON], .shed_plain = w->shed[WORTH_PLAIN], .turns = ++w->turns,
	};
	for (size_t i = 0; i < w->n_wires; i++)
		w->shown_wires[i] = w->wires[i].shown;
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

/* Adds what one worker saw of a wire. All count the same frames that the interface itself dropped. */
static void add_wire(struct live_wire *to, const struct live_wire *from, bool first)
{
	to->up = (first || to->up) && from->up;
	to->received += from->received;
	to->dropped += from->dropped;
	if (from->interface_dropped > to->interface_dropped)
		to->interface_dropped = from->interface_dropped;
	if (from->came_back > to->came_back)
		to->came_back = from->came_back;
	if (!to->problem[0])
		memcpy(to->problem, from->problem, sizeof(to->problem));
}

void capture_worker_stats(struct capture_worker *w, struct live_worker *ret, struct live_wire *wires)
{
	pthread_mutex_lock(&w->lock);
	*ret = w->shown;
	for (size_t i = 0; i < w->n_wires; i++)
		add_wire(&wires[i], &w->shown_wires[i], w->settings.index == 0);
	pthread_mutex_unlock(&w->lock);
	ret->ring_used = ring_used(w->ring);
}

/* ---- life ---- */

static void finish(struct capture_worker *w)
{
	while (read_wires(w) > 0)
		ring_mark(w->ring, w->clock_ns);
	worker_finish(w->engine);
	for (size_t i = 0; i < w->n_wires; i++)
		wire_look(&w->wires[i]);
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
	char name[16]; /* the kernel's limit */

	snprintf(name, sizeof(name), "capture-%u", w->settings.index % 100);
	pthread_setname_np(pthread_self(), name);
	while (!wait_for_frames(w)) {
		renew(w);
		look_after_wires(w);
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
		struct wire *wire = &w->wires[w->n_wires];
		wire->owner = w;
		if (!wire_open(wire, &s->groups[i], &settings, s->index == 0, s->count == 1, err))
			return false;
		w->n_wires++;
		if (s->index == 0 && *capture_live_warning(wire->capture))
			fprintf(stderr, "sensord: %s\n", capture_live_warning(wire->capture));
		wire_look(wire);
	}
	return true;
}

static size_t ring_bytes(const struct live_worker_settings *s)
{
	size_t share = (size_t)site_settings(sensor_site(s->sensor))->memory_mib * ((1 << 20) / 32) / s->count;

	return share < RING_LEAST ? RING_LEAST : share > RING_MOST ? RING_MOST : share;
}

static bool prepare(struct capture_worker *w, struct error *err)
{
	struct engine_settings engine = sensor_engine_settings(w->settings.sensor, w->settings.count);

	engine.wanted = on_interest;
	engine.met = on_met;
	engine.host = on_host;
	engine.contact = on_contact;
	w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	w->asker = sensor_asker(w->settings.sensor);
	w->engine = worker_new(&engine, w->settings.key, on_record, w);
	if (w->engine)
		worker_remember(w->engine, sensor_recent(w->settings.sensor, w->settings.index, w->settings.count));
	w->ring = ring_new(ring_bytes(&w->settings));
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
	atomic_init(&w->busy, false);
	atomic_init(&w->renewal, NULL);
	if (prepare(w, err)) {
		show(w);
		return w;
	}
	capture_worker_free(w);
	return NULL;
}

bool capture_worker_start(struct capture_worker *w, struct error *err)
{
	uint64_t now_ns = wall_ns();

	/* Frames of the time when not every worker had its socket went to the wrong ones. */
	for (size_t i = 0; w->settings.count > 1 && i < w->n_wires; i++)
		capture_live_begin(w->wires[i].capture, now_ns);
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
		wire_close(&w->wires[i]);
	renewal_free(atomic_load(&w->renewal));
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
