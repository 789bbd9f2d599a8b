/* SPDX-License-Identifier: BSD-2-Clause
 * Who answers detect_wants: the parts of detection that do not change while it lives, with room of its own, so that
 * every capture worker has one on its thread. */
#ifndef DETECT_ASKER_H
#define DETECT_ASKER_H

#include "detect/detect.h"
#include "detect/tracker.h"
#include "enrich.h"
#include "sight.h"

#define DETECT_TRACKERS 24 /* room for rows of trackers[] */

/* What trackers may ask of detection; for `wants` on another thread, the site only. */
struct tracking {
	struct detect *detect;
	const struct site *site;
	size_t entries;
};

struct asker_settings {
	const struct rules *rules;   /* those it was made for */
	const struct enrich *enrich; /* copied */
	struct hash_key key;
	const struct tracker *trackers[DETECT_TRACKERS]; /* that run */
	size_t n_trackers;
	struct tracking tracking;
	struct sight *sight;
	bool all;                  /* everything is shown */
};

/* Takes the memory; asked only once it is set. */
struct detect_asker *asker_new(const struct rules *rules);
void asker_set(struct detect_asker *a, const struct asker_settings *s);

#endif
