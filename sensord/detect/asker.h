/* SPDX-License-Identifier: BSD-2-Clause
 * Who answers detect_wants: the parts of detection that do not change while it lives, with room of its own, so that
 * every capture worker has one on its thread. */
#ifndef DETECT_ASKER_H
#define DETECT_ASKER_H

#include "detect/detect.h"
#include "detect/tracker.h"
#include "enrich.h"

#define DETECT_TRACKERS 16 /* room for rows of trackers[] */

struct asker_settings {
	const struct site *site;
	const struct rules *rules;
	const struct enrich *enrich;
	struct hash_key key;
	const struct tracker *trackers[DETECT_TRACKERS]; /* that run */
	size_t n_trackers;
	struct tracking *tracking; /* what their `wants` may ask: the site */
	bool all;                  /* everything is shown */
};

struct detect_asker *asker_new(const struct asker_settings *s);

#endif
