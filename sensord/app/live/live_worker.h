/* SPDX-License-Identifier: BSD-2-Clause
 * A capture worker of the sensor on live wires: reads its share of the frames of every interface, runs its engine, and
 * puts the records on its ring. */
#ifndef APP_LIVE_WORKER_H
#define APP_LIVE_WORKER_H

#include "threads/bell.h"
#include "live.h"
#include "live_wire.h"
#include "threads/ring.h"

struct live_worker_settings {
	struct sensor *sensor;            /* outlives the worker; asked only when it is made */
	unsigned index, count;            /* which of how many */
	const char *const *interfaces;
	size_t n_interfaces;
	struct wire_group *groups;        /* one for each; the same for all workers */
	const char *filter;
	unsigned snap_length, ring_mib;   /* of one interface, for all workers */
	const struct hash_key *key;
	struct bell *bell;                /* rung when records are there */
};

struct capture_worker;

struct capture_worker *capture_worker_open(const struct live_worker_settings *s, struct error *err);
bool capture_worker_start(struct capture_worker *w, struct error *err);
/* Asks it to end; capture_worker_join waits for that. What the kernel's rings hold is read before. */
void capture_worker_end(struct capture_worker *w);
void capture_worker_join(struct capture_worker *w);
void capture_worker_free(struct capture_worker *w);
struct ring *capture_worker_ring(struct capture_worker *w);
/* True where it has put its last record. */
bool capture_worker_done(const struct capture_worker *w);
/* The sensor has another site and other rules: the worker takes new ones to ask at its next turn; renewed is then true. */
bool capture_worker_renew(struct capture_worker *w);
bool capture_worker_renewed(const struct capture_worker *w);
/* Adds what this worker knows of the wires. */
void capture_worker_stats(struct capture_worker *w, struct live_worker *ret, struct live_wire *wires);

#endif
