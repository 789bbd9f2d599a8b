/* SPDX-License-Identifier: BSD-2-Clause
 * The sensor on live wires. Capture workers (ring of the kernel -> decode -> engine) hand their records over bounded
 * rings to one detection thread, which takes them in packet-time order; every output has a thread of its own behind a
 * bounded queue. Whoever holds this (the loop's thread) opens, starts, asks, changes and ends it, and never waits for
 * the network. */
#ifndef APP_LIVE_H
#define APP_LIVE_H

#include "output/output.h"
#include "sensor.h"

#define LIVE_WIRES_MAX 16
#define LIVE_WORKERS_MAX 64

struct live;

struct live_settings {
	const struct sensor_options *sensor;
	const char *const *interfaces; /* none: those of the site file */
	size_t n_interfaces;
	const char *filter;            /* NULL: as the site file says */
	unsigned workers;              /* 0: as the site file says (auto: one a processor, at most 8) */
};

struct live_wire {
	char interface[64];
	bool up;                       /* false: it went away; it is tried again until it is back */
	uint64_t received, dropped, interface_dropped, came_back;
	char problem[160];             /* why it is not up; "" where it is */
};

struct live_worker {
	uint64_t frames, bytes;
	struct engine_counts engine;
	struct decoder_counts decoder;
	size_t ring_used, ring_size;   /* bytes of records on the way to detection */
	uint64_t ring_lost;            /* records that a full ring did not take, all together; these went first: */
	uint64_t shed_common, shed_plain; /* flows and names; then what is no logon, no proxy, no tunnel */
	uint64_t turns;                /* of its housekeeping: a number that stands still tells that it hangs */
};

/* A consistent view of the moment, copied. */
struct live_stats {
	uint64_t started_ns;           /* wall clock */
	uint64_t packet_ns;            /* packet clock of detection */
	uint64_t frames, bytes;        /* all workers */
	size_t n_wires, n_workers;
	struct live_wire wire[LIVE_WIRES_MAX];
	struct live_worker worker[LIVE_WORKERS_MAX];
	struct detect_counts detect;
	size_t n_rules;
	uint64_t turns;                /* of detection's housekeeping: a number that stands still tells that it hangs */
};

/* An interface that was removed and made anew is opened again by the worker's thread: that takes CAP_NET_RAW, or
 * somebody who opens the socket for it. One that was only down needs nothing. */

/* Opens captures and outputs; what needs privileges is done when it returns. No thread runs yet. */
struct live *live_open(const struct live_settings *s, struct error *err);
/* Starts the threads. Privileges may have been dropped in between. */
bool live_start(struct live *l, struct error *err) MUST_CHECK;
/* Becomes readable where live_failed has something to tell. */
int live_fd(const struct live *l);
/* True where a thread met what it cannot go on after; told once. */
bool live_failed(struct live *l, struct error *ret);
/* Runs `work` on the detection thread between two records, and returns when it is done. */
void live_call(struct live *l, void (*work)(struct sensor *s, void *context), void *context);
/* For the `work` of a live_call that gave the sensor another site and other rules, and has not freed the old ones: when
 * it returns, no worker asks those any more. False where there was no memory: the workers go on with the old ones. */
bool live_renew(struct live *l) MUST_CHECK;
/* On the detection thread: the sensor tells of a reload; refused: why not, NULL where it was done. */
void live_reloaded(struct live *l, const char *refused);
void live_stats(struct live *l, struct live_stats *ret);
/* Captures end, what the rings hold is decided and written; threads are gone when it returns. */
bool live_stop(struct live *l, struct error *err) MUST_CHECK;
void live_free(struct live *l);

#endif
