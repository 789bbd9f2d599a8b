/* SPDX-License-Identifier: BSD-2-Clause
 * One reading of captures by several engines, with the output that one engine gives, byte for byte: a crew of threads
 * does what is to do next, which is to read and share the frames by their pair of addresses (sharing.h), to work through
 * one engine's share, or to take what the engines told in the order of their places in the whole (packet, what was under
 * way, flow).
 *
 * Only where limits.memory_mib is reached does the number of engines matter: each has its share of it. */
#ifndef APP_PARALLEL_H
#define APP_PARALLEL_H

#include "capture/capture.h"
#include "flow/engine.h"
#include "sensor.h"

#define PARALLEL_JOBS 64

struct parallel_settings {
	unsigned jobs;                 /* engines and threads, 1 to PARALLEL_JOBS */
	struct engine_settings engine; /* of each; its sinks and questions are set here */
	struct sensor *sensor;         /* what its rules want is told; NULL: all records of engine.datasets, and nothing else */
	bool (*keeps)(const struct record *r);  /* on any thread: records for which this is false are not handed on; NULL: none is */
	/* On one thread at a time, in order. False, with err set, ends the reading. */
	bool (*take)(void *to, const struct entry *e, struct error *err);
	void *to;
	/* Called now and then on one thread at a time, and once at the end (last); NULL: nobody. */
	void (*progress)(void *to, const struct sensor_reading *reading, bool last);
	void *progress_to;
};

/* Reads c to its end. ret: what was read. */
bool parallel_read(struct capture *c, const struct parallel_settings *settings, struct sensor_reading *ret, struct error *err);

#endif
