/* SPDX-License-Identifier: BSD-2-Clause
 * What the sensor tells of itself from its counters (DESIGN 7.4): start and stop, packets lost, overload, jumps of the
 * clock, interfaces that go and come back, reloads, and one line a day for people (outputs tell of themselves). A function of snapshots:
 * it reads no clock and no counter itself, and gives records that go through detection like any other. */
#ifndef APP_SELF_H
#define APP_SELF_H

#include "detect/detect.h"

#define SELF_WIRES 16
#define SELF_OUTPUTS 16

struct self_wire {
	char name[64];
	bool up;
	uint64_t received, dropped; /* since the start; received counts those that were dropped too */
};

struct self_output {
	char name[128];
	bool away;
	uint64_t waiting, lost; /* lines; lost since the start */
};

/* Counters grow from the start of the sensor on. */
struct self_snapshot {
	uint64_t packet_ns;     /* packet clock of detection; the wall clock where no packet came yet */
	uint64_t steady_ns;     /* a clock that nobody sets */
	uint64_t frames, bytes, flows, records;
	uint64_t records_lost;  /* rings to detection were full */
	uint64_t flows_evicted, streams_cut; /* limits.memory_mib, and the hold of one stream */
	size_t memory_bytes, memory_limit;
	size_t n_wires, n_outputs, n_rules;
	struct self_wire wire[SELF_WIRES];
	struct self_output output[SELF_OUTPUTS];
	struct detect_counts detect;
	struct detect_view view;
};

struct self;

/* tell: gets each record, valid during the call. NULL where there is no memory. */
struct self *self_new(const struct site *site, void (*tell)(void *context, const struct record *r), void *context);
void self_free(struct self *s);
/* After a reload: the site whose name and days count from now on. */
void self_set_site(struct self *s, const struct site *site);
void self_started(struct self *s, const struct self_snapshot *first, const char *version);
void self_stopped(struct self *s, const struct self_snapshot *last);
/* To be called every few seconds. */
void self_look(struct self *s, const struct self_snapshot *now);
/* detail: what was refused and why; NULL where it was done. */
void self_reloaded(struct self *s, const struct self_snapshot *now, const char *refused);
/* A jump of the packet clock that the caller noticed itself (replay). */
void self_clock(struct self *s, uint64_t now_ns, bool back, uint64_t span_ns);

#endif
