/* SPDX-License-Identifier: BSD-2-Clause
 * A tracker computes what Sigma cannot say (the pace of a beacon, a cut tunnel that comes back, whose terminal this is)
 * and publishes it: as fields of the record that passes, or as records of its own. It never decides: every number that
 * decides stands in a rule. One file a tracker, one row in detect/trackers.c. */
#ifndef DETECT_TRACKER_H
#define DETECT_TRACKER_H

#include "base/hash.h"
#include "record/contact.h"
#include "record/interest.h"
#include "site/site.h"

struct tracking; /* what a tracker may ask of detection */

const struct site *tracking_site(const struct tracking *t);
const struct hash_key *tracking_key(const struct tracking *t);
/* Entries that this tracker's tables may hold together. */
size_t tracking_entries(const struct tracking *t);
/* As site_is_external, remembered; not for `wants`. */
bool tracking_is_external(struct tracking *t, const struct address *a);
/* A blank record to publish; tracking_publish enriches it, shows it to the rules, and empties it. It is not shown to
 * the trackers again. At most one is open at a time. */
struct record *tracking_record(struct tracking *t, enum dataset d, uint64_t time_ns);
void tracking_publish(struct tracking *t, struct record *r);
/* The record that passes is not shown to rules and outputs: the tracker keeps a copy, and publishes it, with its id, once
 * it knows that nothing better comes. The trackers behind see it all the same. */
void tracking_withhold(struct tracking *t);

struct tracker {
	const char *name;
	uint32_t reads;      /* DATASET_BITs of the records it wants to see */
	uint32_t touches;    /* of further ones that it adds fields to where they pass; they are not asked for on its account */
	uint32_t publishes;  /* DATASET_BITs of the records it makes */
	/* Fields it sets in records that pass, or that only its own records carry; ends with FIELD_COUNT. A tracker none of
	 * whose fields is read by a rule is not started, unless all records are shown. NULL: always started. */
	const enum field *sets;
	size_t n_tables;     /* its state begins with so many pointers to tables (base/table.h), whose size is shown */
	/* NULL where there is no memory. */
	void *(*start)(struct tracking *t);
	/* r may be given further fields. It is already enriched from the site where its kind is one that rules or outputs
	 * read; a tracker that needs an answer of the site all the same asks it. */
	void (*see)(void *state, struct tracking *t, struct record *r);
	/* The flow record that it wants as plain data, where nobody else needs more of it; `see` gets it otherwise. NULL: it
	 * needs the record. */
	void (*contact)(void *state, struct tracking *t, const struct contact *c);
	/* Does it learn from such a record, or publish another for it? (Fields set in a record that nobody else wants are no
	 * reason.) Decided by what the site says of the addresses, not by the addresses: the answer is kept for others of
	 * the same site_class. NULL: from all it reads. */
	bool (*wants)(struct tracking *t, const struct interest *i);
	/* Packet clock moved on: decide what is due. May be NULL. */
	void (*tick)(void *state, struct tracking *t, uint64_t now_ns);
	/* Nothing more comes. May be NULL. */
	void (*finish)(void *state, struct tracking *t, uint64_t now_ns);
	void (*stop)(void *state);
};

extern const struct tracker *const trackers[]; /* NULL-terminated */

#endif
