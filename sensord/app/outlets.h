/* SPDX-License-Identifier: BSD-2-Clause
 * All outputs of a sensor together, and the packets kept as evidence: one line to each that wants it, what they tell of
 * themselves, how they begin and end. Of the detection thread, but for outlets_stats. */
#ifndef APP_OUTLETS_H
#define APP_OUTLETS_H

#include "output/output.h"
#include "record/record.h"
#include "site/site.h"

struct outlets;
struct recent;

struct outlets_settings {
	const struct site *site;
	const char *alerts, *events; /* destinations that somebody typed: "-", a file, "none"; NULL: none (live: those of the site) */
	const char *evidence;        /* folder; NULL: none (live: that of the site) */
	size_t evidence_memory;      /* bytes for it, at most */
	bool live;                   /* fed by threads of their own; files are continued */
};

struct outlets *outlets_open(const struct outlets_settings *s, struct error *err);
void outlets_free(struct outlets *o);
/* With `live`: their threads, once privileges are dropped. */
bool outlets_start(struct outlets *o, struct error *err) MUST_CHECK;
bool outlets_want_records(const struct outlets *o);
/* The alert with the name of its evidence, where some is kept; valid until the next one. */
const struct record *outlets_mark(struct outlets *o, const struct record *alert);
/* Returns the line, valid until the next one. What fails is remembered for outlets_fine. */
struct bytes outlets_alert(struct outlets *o, const struct record *alert);
void outlets_record(struct outlets *o, const struct record *r);
/* False where an output failed: err (may be NULL) says which and why. */
bool outlets_fine(const struct outlets *o, struct error *err);
/* Where the index-th of n workers keeps its last packets; NULL where nobody wants them. */
struct recent *outlets_recent(struct outlets *o, size_t index, size_t n);
bool outlets_keep_evidence(const struct outlets *o);
/* False where none is kept. */
bool outlets_evidence_held(struct outlets *o, size_t *ret_alerts, size_t *ret_bytes);
void outlets_tick(struct outlets *o, uint64_t now_ns);
/* Calls see for each thing that they have told since, as a `sensor` record valid during the call. */
void outlets_told(struct outlets *o, uint64_t now_ns, void (*see)(void *to, const struct record *r), void *to);
bool outlets_flush(struct outlets *o, struct error *err) MUST_CHECK;
bool outlets_reopen(struct outlets *o, struct error *err) MUST_CHECK;
/* Everything is written, or err says what was lost. */
bool outlets_finish(struct outlets *o, struct error *err) MUST_CHECK;
/* Counters of the index-th, any thread; false beyond the last one. */
bool outlets_stats(const struct outlets *o, size_t index, struct output_stats *ret);

#endif
