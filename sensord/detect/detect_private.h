/* SPDX-License-Identifier: BSD-2-Clause
 * Inside of detection: its life and the way of a record (detect.c), what trackers may ask of it (detect_tracking.c), rules
 * and site that are replaced (detect_change.c). */
#ifndef DETECT_PRIVATE_H
#define DETECT_PRIVATE_H

#include "asker.h"
#include "detect/alert.h"
#include "detect/detect.h"
#include "detect/tracker.h"
#include "enrich.h"
#include "interest.h"
#include "visibility.h"

struct running {
	const struct tracker *tracker;
	void *state;
};

struct detect {
	const struct site *site;
	struct rules *rules;
	struct alerts *alerts;
	struct enrich enrich;
	struct hash_key key;
	struct tracking tracking;
	struct running running[DETECT_TRACKERS];
	size_t n_running;
	void *identity;        /* state of that tracker */
	void *visibility;      /* the same */
	struct sight *sight;
	struct record *seen;   /* the record that passes, enriched */
	struct record *made;   /* the record a tracker publishes */
	struct detect_asker *asker;
	struct record *asked;  /* what is known of a record that may be read */
	struct readings readings;
	bool made_open, withheld, reads_accounts; /* a rule asks who was lately seen at an address */
	uint64_t now_ns, ticked_ns, expired_ns;
	struct detect_counts counts;
	void (*alert)(void *context, const struct record *r);
	void (*show)(void *context, struct record *r);
	void *context;
};

/* Shows a record to the rules where they read its kind, and to whoever sees all. */
void detect_match(struct detect *d, struct record *r, bool read);
/* Runs the trackers that these rules need: those that run already go on as they are. False where there is no memory:
 * all is as it was. */
bool detect_run_trackers(struct detect *d, const struct rules *rules);
/* What hangs on the site and the rules, apart from the alerts. */
void detect_look_at(struct detect *d, const struct site *site, struct rules *rules, struct sight *sight);
void detect_take_counts(struct detect *d);

#endif
