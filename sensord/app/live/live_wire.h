/* SPDX-License-Identifier: BSD-2-Clause
 * One interface as one capture worker has it: a packet socket that shares the frames with those of the other workers.
 * It is looked at every second: an interface that was down comes back by itself; one that was removed and made anew is
 * opened again, by the first worker once all have let the old one go, then by the others. */
#ifndef APP_LIVE_WIRE_H
#define APP_LIVE_WIRE_H

#include <stdatomic.h>

#include "capture/capture_live.h"
#include "live.h"

/* What the workers know of each other; one for each interface. */
struct wire_group {
	atomic_int open;        /* sockets */
	atomic_int number;      /* of the fanout group; -1: none yet */
	atomic_uint generation; /* of the interface: how often it was opened */
};

struct wire {
	struct wire_group *group;
	struct capture_live_settings settings;
	bool first, alone;      /* worker; the only one */
	struct capture_live *capture; /* NULL: the interface is gone */
	unsigned generation;
	bool up;
	struct live_wire shown;
	struct capture_live_stats before; /* of sockets that were closed */
	void *owner;
};

void wire_group_init(struct wire_group *g);
/* settings: but for the group. */
bool wire_open(struct wire *w, struct wire_group *g, const struct capture_live_settings *settings, bool first, bool alone,
	       struct error *err);
void wire_close(struct wire *w);
/* -1: no frames to be had; else how many were handed on. */
int wire_read(struct wire *w, int max, capture_sink *sink);
/* Once a second: is the interface there, up, back? Reads the counters. */
void wire_look(struct wire *w);

#endif
