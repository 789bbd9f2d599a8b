/* SPDX-License-Identifier: BSD-2-Clause
 * The sensor: decoder, engine, detection and outputs wired together, frames in, lines out. Replay and run share it. */
#ifndef APP_SENSOR_H
#define APP_SENSOR_H

#include "capture.h"
#include "decode/packet.h"
#include "detect/detect.h"
#include "flow/engine.h"

struct sensor_options {
	const char *site_path;      /* NULL: built-in defaults */
	const char *rule_paths[32]; /* given with --rules: instead of what the site file or the defaults name */
	size_t n_rule_paths;
	const char *alerts;         /* destination, "-" or a file; "none": nowhere; NULL: with `live`, as the site file says */
	const char *events;         /* the same for records */
	/* Instead of rules: gets every record of these kinds once it is enriched; valid during the call only. NULL: nobody. */
	void (*see)(void *to, const struct record *r);
	void *see_to;
	uint32_t see_datasets;
	/* Gets every alert record as well; with it the rules are loaded although `see` is set. NULL: nobody. */
	void (*see_alert)(void *to, const struct record *alert);
	bool live;                  /* files are continued, not begun anew; the flow table's key is random */
};

struct sensor_counts {
	uint64_t frames, bytes;
	uint64_t first_ns, last_ns;
	const struct decoder_counts *decoder;
	const struct engine_counts *engine;
	const struct detect_counts *detect;
	size_t n_rules;
};

struct sensor;

/* NULL with err set; problems of rules are told on standard error, a line each. */
struct sensor *sensor_new(const struct sensor_options *o, struct error *err);
void sensor_free(struct sensor *s);
struct site *sensor_site(struct sensor *s);
/* One captured frame. False where an output failed: err says which and why. */
bool sensor_frame(struct sensor *s, const struct frame *frame, struct error *err);
/* No packet came: the clock goes on (live). */
bool sensor_tick(struct sensor *s, uint64_t now_ns, struct error *err);
/* The capture is over: everything that waits is decided and written. */
bool sensor_finish(struct sensor *s, struct error *err);
struct sensor_counts sensor_counts(const struct sensor *s);
/* True where an alert of this level or a higher one was opened. */
bool sensor_alerted(const struct sensor *s, enum level level);

/* The site file, or the defaults where path is NULL. */
struct site *sensor_read_site(const char *path, struct error *err);
/* The rules for a site; problems on standard error. */
struct rules *sensor_load_rules(const struct site *site, const char *const *paths, size_t n_paths, size_t *ret_problems);
/* Folder of the rules that come with the program; "" where there is none. Written into room. */
const char *sensor_rules_folder(char *room, size_t size);

#endif
