/* SPDX-License-Identifier: BSD-2-Clause
 * The sensor: site, rules, detection and outputs wired together, of one thread. Without `live` it owns a capture worker
 * too: frames in, lines out, no thread. With it, capture workers of other threads (app/live.h) bring the records. */
#ifndef APP_SENSOR_H
#define APP_SENSOR_H

#include "base/instant.h"
#include "capture/capture.h"
#include "daemon/watch.h"
#include "decode/packet.h"
#include "detect/detect.h"
#include "evidence/recent.h"
#include "flow/engine.h"
#include "output/output.h"

struct sensor_options {
	const char *site_path;      /* NULL: built-in defaults */
	const char *rule_paths[32]; /* given with --rules: instead of what the site file or the defaults name */
	size_t n_rule_paths;
	const char *alerts;         /* destination, "-" or a file; "none": nowhere; NULL: with `live`, as the site file says */
	const char *events;         /* the same for records */
	bool no_rules;              /* records alone are asked for: no rule is loaded */
	/* Gets every record of these kinds once it is enriched; valid during the call only. NULL: nobody. */
	void (*see)(void *to, const struct record *r);
	void *see_to;
	uint32_t see_datasets;
	/* Gets every alert that is written, in order; valid during the call only. NULL: nobody. */
	void (*tell)(void *to, const struct record *alert);
	void *tell_to;
	/* Alerts and records for which this is false are not written; detection sees them all. NULL: all are. */
	bool (*shows)(const void *by, const struct record *r);
	const void *shows_by;
	bool every_alert;           /* limits.alerts_per_minute does not count; nor does it with `shows` */
	struct watch *watch;        /* is shown every record and every alert; NULL: nobody */
	const char *evidence;       /* folder of the packets behind alerts; NULL: with `live`, as the site file says, else none */
	bool workers_outside;       /* as with `live`: records come from workers outside (app/parallel.h) */
	bool live;                  /* files are continued, not begun anew; records come from workers outside */
};

struct sensor_counts {
	uint64_t frames, bytes;
	uint64_t first_ns, last_ns;
	const struct decoder_counts *decoder; /* zeros with `live` */
	const struct engine_counts *engine;   /* the same */
	const struct detect_counts *detect;
	size_t n_rules;
};

/* A packet that is so much older than the one before it is told of (replay). */
#define SENSOR_CLOCK_BACK_NS NS_PER_MIN

struct sensor;
struct self_snapshot;
struct entry;

/* What workers outside read, for sensor_counts. */
struct sensor_reading {
	uint64_t frames, bytes, first_ns, last_ns;
	struct decoder_counts decoder;
	struct engine_counts engine;
};

/* NULL with err set; problems of rules are told on standard error, a line each. */
struct sensor *sensor_new(const struct sensor_options *o, struct error *err);
void sensor_free(struct sensor *s);
/* The site has learnt something (site_infer_*) since it was made: rules that name it are filled again. Before the first
 * frame; o as it was. */
bool sensor_learned(struct sensor *s, const struct sensor_options *o, struct error *err);
struct site *sensor_site(struct sensor *s);
/* With `live`: the threads of the outputs, once privileges are dropped. */
bool sensor_start(struct sensor *s, struct error *err) MUST_CHECK;
/* Counters of the index-th output, any thread; false beyond the last one. */
bool sensor_output_stats(struct sensor *s, size_t index, struct output_stats *ret);
/* What detection, hosts and evidence hold. Of the detection thread. */
#define SENSOR_HELD (DETECT_HELD + 2)
size_t sensor_held(struct sensor *s, struct detect_held ret[SENSOR_HELD]);
/* One captured frame (not with `live`). False where an output failed: err says which and why. */
bool sensor_frame(struct sensor *s, const struct frame *frame, struct error *err);

/* A new site file and new rules: read and checked here, by the options of the start, on any thread (problems of rules on
 * standard error, the first in err too); taken by the detection thread between two records. capture, limits and outputs
 * of the site file wait for the next start. False leaves all as it was. Afterwards c is what was before: it goes as soon
 * as no worker asks it any more. */
struct sensor_change;
struct sensor_change *sensor_prepare(const struct sensor_options *o, struct error *err);
void sensor_change_free(struct sensor_change *c);
/* What is older goes with c. */
void sensor_change_keep(struct sensor_change *c, struct sensor_change *older);
bool sensor_adopt(struct sensor *s, struct sensor_change *c, struct error *err);

/* For capture workers outside: how one of n of their engines is set up, but for `wanted`, which is asked on the worker's
 * thread; one asker each for that (NULL where there is no memory). Both are good while the sensor lives. */
struct engine_settings sensor_engine_settings(const struct sensor *s, size_t n);
struct detect_asker *sensor_asker(struct sensor *s);
/* Where the index-th of n workers keeps its last packets; NULL where nobody wants them. */
struct recent *sensor_recent(struct sensor *s, size_t index, size_t n);
/* A record of a worker, and the clock of one that nobody wanted. */
bool sensor_record(struct sensor *s, const struct record *r, struct error *err);
bool sensor_contact(struct sensor *s, const struct contact *c, struct error *err);
/* The same of anything that came over a ring (ring.h). */
bool sensor_entry(struct sensor *s, const struct entry *e, struct error *err);
void sensor_set_reading(struct sensor *s, const struct sensor_reading *r);
void sensor_clock(struct sensor *s, uint64_t time_ns);
/* No record came until now: detection goes on, outputs write what they hold. */
bool sensor_tick(struct sensor *s, uint64_t now_ns, struct error *err);
/* Output files are opened anew (log rotation). False: err says which was not; the others were. */
bool sensor_rotate(struct sensor *s, struct error *err) MUST_CHECK;
/* The capture is over: everything that waits is decided and written. */
bool sensor_finish(struct sensor *s, struct error *err);
struct sensor_counts sensor_counts(const struct sensor *s);
/* What a snapshot of the sensor on itself takes from here: rules, alerts, sight, outputs, the limit of memory. */
void sensor_knows(const struct sensor *s, struct self_snapshot *ret);
/* True where an alert of this level or a higher one was opened. */
bool sensor_alerted(const struct sensor *s, enum level level);

/* The site file, or the defaults where path is NULL. */
struct site *sensor_read_site(const char *path, struct error *err);
/* The rules for a site; problems on standard error. */
struct rules *sensor_load_rules(const struct site *site, const char *const *paths, size_t n_paths, size_t *ret_problems);
/* Folder of the rules that come with the program; "" where there is none. Written into room. */
const char *sensor_rules_folder(char *room, size_t size);

#endif
