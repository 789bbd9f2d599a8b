/* SPDX-License-Identifier: BSD-2-Clause
 * The frames of a capture shared among several workers by their pair of addresses, in rounds (threads/rounds.h). Who
 * shares keeps the clock for all workers and puts fragments together: they meet nowhere else. */
#ifndef APP_SHARING_H
#define APP_SHARING_H

#include "capture/capture.h"
#include "decode/packet.h"
#include "flow/engine.h"
#include "sensor.h"
#include "threads/rounds.h"

#define SHARING_INTERFACE 64 /* of the name of an interface; what is longer is cut */

struct sharing {
	struct capture *capture;
	struct rounds *rounds;
	struct decoder *decoder;
	struct round *round;    /* that is being filled */
	struct engine_clock clock;
	uint64_t sequence;      /* of the frame under way */
	uint64_t frame_ns;      /* of the one before it */
	struct sensor_reading reading;
	const char *file;       /* of the last frame */
	char interface[SHARING_INTERFACE];
	bool has_source;
};

/* Borrows both. False where there is no memory; sharing_release has to be called all the same. */
bool sharing_init(struct sharing *s, struct capture *c, struct rounds *rounds);
void sharing_release(struct sharing *s);
/* Fills one round and hands it over. False: it was the last one, which may be empty. */
bool sharing_fill(struct sharing *s);
/* What was read so far. */
const struct sensor_reading *sharing_reading(struct sharing *s);

#endif
