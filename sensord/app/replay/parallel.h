/* SPDX-License-Identifier: BSD-2-Clause
 * One reading of captures by several engines, with the output that one engine gives, byte for byte. A thread reads and
 * shares the frames by their pair of addresses; it keeps the clock for all and puts fragments together. Each worker's
 * records come with their place in the whole (packet, what was under way, flow), by which the calling thread, the one of
 * detection, takes them.
 *
 * Only where limits.memory_mib is reached does the number of engines matter: each has its share of it. */
#ifndef APP_PARALLEL_H
#define APP_PARALLEL_H

#include "sensor.h"

#define PARALLEL_JOBS 64

struct parallel_settings {
	unsigned jobs;       /* engines, 1 to PARALLEL_JOBS */
	/* Called now and then on the reading thread, and once at the end (last); NULL: nobody. */
	void (*progress)(void *to, bool last);
	void *progress_to;
};

/* Reads c to its end into s, which has no worker of its own, and finishes s. */
bool parallel_read(struct sensor *s, struct capture *c, const struct parallel_settings *settings, struct error *err);

#endif
