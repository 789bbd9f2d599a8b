/* SPDX-License-Identifier: BSD-2-Clause
 * The packets behind an alert, as a small pcapng file named in the alert (alert.evidence_file). Each capture worker keeps
 * its last packets (app/recent.h); when an alert is made those of its flow are taken, and EVIDENCE_AFTER_NS of the packet
 * clock later those that followed; then the file appears, whole. For an alert about one record the flow is that of the
 * record; for one about several, the traffic between its two addresses, or of the one address it has.
 *
 * With `thread` a thread of its own looks and writes, so that detection never waits for the disk; without, the caller
 * does. Bounded: memory, packets and bytes an alert, alerts on the way, files and bytes in the folder, age. */
#ifndef APP_EVIDENCE_H
#define APP_EVIDENCE_H

#include "base/error.h"
#include "recent.h"
#include "record/record.h"

#define EVIDENCE_MEMORY (128u << 20)     /* at most: half for the last packets of all workers, half for alerts on the way */
#define EVIDENCE_AFTER_NS UINT64_C(5000000000)
#define EVIDENCE_PACKETS 2000            /* of one alert, half of them at most from before */
#define EVIDENCE_BYTES (1u << 20)        /* the same */
#define EVIDENCE_JOBS 64                 /* alerts whose file is on the way, as memory allows; more get none */
#define EVIDENCE_FILES 10000             /* in the folder; the oldest goes */

struct evidence;

struct evidence_settings {
	const char *folder;  /* made where it is not there; its parent must be */
	uint64_t max_bytes;  /* of our files in it; 0: no limit */
	uint64_t max_age_ns; /* by the packet clock; 0: no limit */
	size_t memory;       /* bytes, part of limits.memory_mib; 0: EVIDENCE_MEMORY */
	bool thread;
};

struct evidence *evidence_new(const struct evidence_settings *s, struct error *err) MUST_CHECK;
/* The memory of the index-th of so many workers, made when first asked for, before threads start; owned by the evidence.
 * NULL without memory. */
struct recent *evidence_recent(struct evidence *e, size_t index, size_t count);
/* Starts the thread, where there is one. */
bool evidence_start(struct evidence *e, struct error *err) MUST_CHECK;
/* An alert is made: names its file in it. Not for closing alerts, which have no packets of their own. */
void evidence_alert(struct evidence *e, struct record *alert);
/* Alerts on the way, and the bytes held: those of the last packets are held from the start. */
void evidence_held(struct evidence *e, size_t *ret_alerts, size_t *ret_bytes);
void evidence_tick(struct evidence *e, uint64_t now_ns);
/* Writes what is on the way. False: err says what could not be written since the start. */
bool evidence_finish(struct evidence *e, struct error *err);
/* True where a file could not be written and nobody was told yet: ret says which and why. Told once an outage: a file that
 * can be written ends it. */
bool evidence_failed(struct evidence *e, struct error *ret);
/* Ends the thread first. */
void evidence_free(struct evidence *e);

#endif
