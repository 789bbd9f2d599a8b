/* SPDX-License-Identifier: BSD-2-Clause
 * Detection: records in, alerts out. Enriches each record from the site (zones, roles, classes, policy, hours), runs the
 * trackers, matches the rules, makes and groups the alerts. All state across flows lives here, bounded. */
#ifndef DETECT_DETECT_H
#define DETECT_DETECT_H

#include "detect/rule.h"
#include "record/interest.h"
#include "record/meeting.h"
#include "site/site.h"

struct detect;

struct detect_settings {
	const struct site *site;   /* both are kept by the caller and outlive the detection */
	struct rules *rules;
	const char *catalogue;     /* file with Japanese titles and first responses; NULL: none */
	size_t memory_bytes;       /* ceiling of all trackers, and of the alert groups that are open */
	uint64_t alerts_per_minute; /* lines of one rule and level; 0: no ceiling */
};

struct detect_counts {
	uint64_t records, matches, alerts, suppressed, excepted, folded;
	uint64_t by_level[LEVEL_CRITICAL + 1]; /* alerts opened */
	uint64_t by_measure[6];
};

/* alert: receives the alert records. seen: receives every record after enrichment, those made by trackers too (for
 * --events), and may add to it; may be NULL. Records are valid during the call only. */
struct detect *detect_new(const struct detect_settings *s, void (*alert)(void *context, const struct record *r),
			  void (*seen)(void *context, struct record *r), void *context, struct error *err);
void detect_free(struct detect *d);
/* Site, rules and catalogue are replaced while records come. Prepare reads and checks (any thread; it looks at no
 * detection); adopt, between two records, makes the change: correlations whose rule is unchanged go on with what they
 * have counted, trackers keep what they remember, open alerts stay under suppression. False (out of memory) leaves all
 * as it was. Afterwards the caller sets the engines' kinds of record (detect_datasets); c is then what was before, and
 * goes, with the old site and rules, as soon as nobody asks them any more (detect_change_free). memory_bytes of the
 * settings is that of the start. */
struct detect_change;
struct detect_change *detect_prepare(const struct detect_settings *s, struct error *err) MUST_CHECK;
void detect_change_free(struct detect_change *c);
bool detect_adopt(struct detect *d, struct detect_change *c, struct error *err) MUST_CHECK;

/* Kinds of record to ask the engine for: what rules and trackers read. */
uint32_t detect_datasets(const struct detect *d);
/* Would this record change anything: could a rule match it, does a tracker learn from it, is everything shown? Where
 * not, the clock goes on as if it had come. Answers as interest_question does. */
uint64_t detect_wants(struct detect *d, const struct interest *i);
/* The same question on another thread, which remembers answers of its own; it holds site and rules of when it was made,
 * and nothing of the detection. Where the answer is no, the caller lets the clock go on (detect_tick) before
 * the record that comes next. NULL where there is no memory. */
struct detect_asker;
struct detect_asker *detect_asker_new(struct detect *d);
void detect_asker_free(struct detect_asker *a);
uint64_t detect_asker_wants(struct detect_asker *a, const struct interest *i);
void detect_asker_met(struct detect_asker *a, const struct meeting *m); /* as detect_met */
/* For a change: an asker for each worker is made before detect_adopt, so that nothing fails after it, and made ready on
 * the detection thread after it; then the worker may take it instead of its old one. A contact that was on its way
 * becomes a record. */
struct detect_asker *detect_change_asker(const struct detect_change *c);
void detect_asker_renew(struct detect *d, struct detect_asker *a);
void detect_record(struct detect *d, const struct record *r);
/* What detect_wants said is only counted; it becomes a record where a rule's count is reached. */
void detect_contact(struct detect *d, const struct contact *c);
/* Who was on the wire (engine_settings.met); not a record. */
void detect_met(struct detect *d, const struct meeting *m);
/* Packet clock: trackers and alerts run what is due. Called with every record's time, and in live mode by the loop. */
void detect_tick(struct detect *d, uint64_t now_ns);
/* End of the capture: everything that waits is decided; closing alerts are written. */
void detect_finish(struct detect *d, uint64_t now_ns);
const struct detect_counts *detect_counts(const struct detect *d);

/* What the sensor knows of its own sight, so far. */
#define DETECT_BLIND 5
struct detect_blind { const char *reason; uint64_t pairs; }; /* as sensor.reason; pairs of hosts, once a day */
struct detect_view {
	size_t n_declared, n_never, n_silent; /* zones and hosts of the site file; not met yet; told as silent */
	char silent[256];                     /* names of those not met or silent, as many as fit */
	uint64_t flows, one_sided;            /* TCP connections that are over */
	size_t exceptions_expired;
	struct detect_blind blind[DETECT_BLIND];
};
void detect_view(const struct detect *d, struct detect_view *ret);

/* What it holds: a row for each tracker that runs, for the correlations, for the open alerts. */
#define DETECT_HELD 26
struct detect_held { const char *name; size_t entries, bytes; };
size_t detect_held(const struct detect *d, struct detect_held ret[DETECT_HELD]);

#endif
