/* SPDX-License-Identifier: BSD-2-Clause */
#include "sensor.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output/output.h"
#include "record/community.h"
#include "record/json.h"

#define OUTPUTS_MAX 8

struct sensor {
	struct site *site;
	struct rules *rules;
	struct detect *detect;
	struct engine *engine;
	struct decoder *decoder;
	struct output *alerts[OUTPUTS_MAX]; /* each gets every alert */
	size_t n_alerts;
	struct output *events;
	void (*see)(void *to, const struct record *r);
	void (*see_alert)(void *to, const struct record *alert);
	void *see_to;
	struct record *shown;
	char *line;
	const char *file;   /* of the last frame; only compared */
	char interface[64]; /* the same */
	uint64_t frames, bytes, first_ns, last_ns;
	bool failed;
	struct error problem;
};

/* ---- rules and site ---- */

struct site *sensor_read_site(const char *path, struct error *err)
{
	return path ? site_read(path, err) : site_default();
}

const char *sensor_rules_folder(char *room, size_t size)
{
	/* Installed below a prefix; in the source tree; in a build folder of it. */
	static const char *const beside[] = { "/../share/sensord/rules", "/../rules", "/../../rules", "/../../../rules" };
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	struct stat st;

	if (n > 0) {
		self[n] = '\0';
		*strrchr(self, '/') = '\0';
		for (size_t i = 0; i < ARRAY_SIZE(beside); i++) {
			int used = snprintf(room, size, "%s%s", self, beside[i]);
			if (used > 0 && (size_t)used < size && stat(room, &st) == 0 && S_ISDIR(st.st_mode))
				return room;
		}
	}
	snprintf(room, size, "%s/rules", SENSORD_DATADIR);
	return room;
}

struct complaints {
	size_t count;
};

static void complain(void *to, const struct error *err)
{
	char text[1024];

	((struct complaints *)to)->count++;
	fprintf(stderr, "%s\n", error_format(err, text, sizeof(text)));
}

static bool placeholder(const void *site, const char *name, void (*see)(void *to, const char *value), void *to)
{
	return site_placeholder(site, name, see, to);
}

struct rules *sensor_load_rules(const struct site *site, const char *const *paths, size_t n_paths, size_t *ret_problems)
{
	const struct site_settings *own = site_settings(site);
	struct complaints complaints = { 0 };
	char room[4096];
	const char *fallback = sensor_rules_folder(room, sizeof(room));
	struct rules_settings settings = {
		.paths = n_paths ? paths : own->n_rule_paths ? own->rule_paths : &fallback,
		.n_paths = n_paths ? n_paths : own->n_rule_paths ? own->n_rule_paths : 1,
		.placeholder = placeholder,
		.placeholder_context = site,
		.disabled = own->rules_disabled,
		.n_disabled = own->n_rules_disabled,
		.levels = own->rule_levels,
		.n_levels = own->n_rule_levels,
		.max_state = 1 << 20,
	};
	struct rules *rules = rules_load(&settings, complain, &complaints);

	*ret_problems = complaints.count;
	return rules;
}

/* ---- what comes out ---- */

static void put(struct sensor *s, struct output *const *outputs, size_t n, const struct record *r, int severity)
{
	struct text line = { s->line, JSON_LINE, 0, false };

	record_json(r, &line);
	for (size_t i = 0; i < n; i++)
		if (!s->failed && !output_line(outputs[i], text_bytes(&line), severity, &s->problem))
			s->failed = true;
}

static void on_alert(void *context, const struct record *alert)
{
	struct sensor *s = context;

	if (s->see_alert)
		s->see_alert(s->see_to, alert);
	put(s, s->alerts, s->n_alerts, alert, output_severity(record_uint(alert, FIELD_EVENT_SEVERITY)));
}

static void on_seen(void *context, const struct record *r)
{
	struct sensor *s = context;

	if (s->see)
		s->see(s->see_to, r);
	if (!s->events)
		return;
	record_clear(s->shown, r->dataset, r->time_ns);
	s->shown->id = r->id;
	s->shown->kind = r->kind;
	record_merge(s->shown, r);
	record_identify(s->shown);
	put(s, &s->events, 1, s->shown, 6);
}

static void on_record(void *context, const struct record *r)
{
	struct sensor *s = context;

	detect_record(s->detect, r);
}

static bool on_interest(void *context, const struct interest *i)
{
	struct sensor *s = context;

	return detect_wants(s->detect, i);
}

static bool open_output(const char *dest, bool append, struct output **ret, struct error *err)
{
	*ret = NULL;
	if (!dest || strcmp(dest, "none") == 0)
		return true;
	*ret = output_open_file(dest, !append, err);
	return *ret != NULL;
}

/* What the site file names; other kinds of syslog target than the local socket are not served yet. */
static bool open_site_output(struct sensor *s, const struct site_output *o, struct error *err)
{
	bool file = strcmp(o->type, "file") == 0;
	struct output *opened;

	if (!file && o->target && strcmp(o->target, "local") != 0)
		return error_set(err, "outputs: syslog target \"%s\" is not served yet (local is)", o->target);
	opened = file ? output_open_file(o->path, false, err) : output_open_syslog("/dev/log", "sensord", err);
	if (opened)
		s->alerts[s->n_alerts++] = opened;
	return opened != NULL;
}

static bool open_alerts(struct sensor *s, const struct sensor_options *o, struct error *err)
{
	if (o->alerts || !o->live) {
		if (!open_output(o->alerts, o->live, &s->alerts[0], err))
			return false;
		s->n_alerts = s->alerts[0] != NULL;
		return true;
	}
	for (size_t i = 0; i < site_outputs(s->site) && s->n_alerts < OUTPUTS_MAX; i++) {
		struct site_output output = site_output(s->site, i);
		if (!open_site_output(s, &output, err))
			return false;
	}
	if (s->n_alerts == 0)
		s->n_alerts = open_output("-", true, &s->alerts[0], err);
	return s->n_alerts > 0;
}

/* The catalogue stands in the folder of the rules. */
static const char *find_catalogue(const struct sensor_options *o, char *room, size_t size)
{
	char folder[4096];
	struct stat st;

	for (size_t i = 0; i < o->n_rule_paths; i++) {
		snprintf(room, size, "%s/catalogue.yaml", o->rule_paths[i]);
		if (stat(room, &st) == 0)
			return room;
	}
	snprintf(room, size, "%s/catalogue.yaml", sensor_rules_folder(folder, sizeof(folder)));
	return stat(room, &st) == 0 ? room : NULL;
}

static bool start(struct sensor *s, const struct sensor_options *o, struct error *err)
{
	char room[4200];
	size_t problems = 0;

	s->site = sensor_read_site(o->site_path, err);
	if (!s->site)
		return false;
	s->see = o->see;
	s->see_alert = o->see_alert;
	s->see_to = o->see_to;
	s->rules = o->see && !o->see_alert ? rules_load(&(struct rules_settings){ 0 }, complain, &(struct complaints){ 0 }) :
			    sensor_load_rules(s->site, o->rule_paths, o->n_rule_paths, &problems);
	if (!s->rules)
		return error_set(err, "the rules have errors (%zu)", problems);
	if (!open_alerts(s, o, err) || !open_output(o->events, o->live, &s->events, err))
		return false;
	size_t memory = (size_t)site_settings(s->site)->memory_mib << 20;
	struct detect_settings detection = { s->site, s->rules, find_catalogue(o, room, sizeof(room)), memory / 4 };
	s->detect = detect_new(&detection, on_alert, s->events || s->see ? on_seen : NULL, s, err);
	if (!s->detect)
		return false;
	struct engine_settings engine = engine_defaults;
	engine.memory_bytes = memory / 4 * 3;
	engine.datasets = s->events ? DATASETS_ALL : detect_datasets(s->detect) | o->see_datasets;
	engine.wanted = on_interest;
	engine.observer = site_name(s->site);
	s->engine = engine_new(&engine, on_record, s);
	if (s->engine && o->live) { /* live: who sends the packets must not know the table */
		struct hash_key key;
		if (getrandom(&key, sizeof(key), 0) != sizeof(key))
			return error_set(err, "no random numbers");
		engine_set_key(s->engine, &key);
	}
	s->decoder = decoder_new();
	s->shown = record_new();
	s->line = malloc(JSON_LINE);
	return (s->engine && s->decoder && s->shown && s->line) || error_set(err, "out of memory");
}

struct sensor *sensor_new(const struct sensor_options *o, struct error *err)
{
	struct sensor *s = calloc(1, sizeof(*s));

	if (!s) {
		error_set(err, "out of memory");
		return NULL;
	}
	if (!start(s, o, err)) {
		sensor_free(s);
		return NULL;
	}
	return s;
}

void sensor_free(struct sensor *s)
{
	if (!s)
		return;
	engine_free(s->engine);
	detect_free(s->detect);
	decoder_free(s->decoder);
	rules_free(s->rules);
	site_free(s->site);
	for (size_t i = 0; i < s->n_alerts; i++)
		output_close(s->alerts[i]);
	output_close(s->events);
	record_free(s->shown);
	free(s->line);
	free(s);
}

struct site *sensor_site(struct sensor *s)
{
	return s->site;
}

static bool outcome(struct sensor *s, struct error *err)
{
	if (s->failed && err)
		*err = s->problem;
	return !s->failed;
}

bool sensor_frame(struct sensor *s, const struct frame *frame, struct error *err)
{
	UNINITIALIZED struct packet packet; /* decode fills it */

	if (s->frames++ == 0)
		s->first_ns = frame->time_ns;
	s->bytes += frame->wire_size;
	s->last_ns = frame->time_ns > s->last_ns ? frame->time_ns : s->last_ns;
	if (decode(s->decoder, frame->link_type, frame->data, frame->wire_size, frame->time_ns, &packet) != DECODED)
		return outcome(s, err);
	packet.number = frame->number;
	const char *interface = frame->interface ? frame->interface : "";
	if (unlikely(frame->file != s->file || strncmp(interface, s->interface, sizeof(s->interface) - 1) != 0)) {
		engine_set_source(s->engine, frame->file, frame->interface);
		s->file = frame->file;
		snprintf(s->interface, sizeof(s->interface), "%s", interface);
	}
	engine_packet(s->engine, &packet);
	return outcome(s, err);
}

static bool flush(struct sensor *s, struct error *err)
{
	for (size_t i = 0; i < s->n_alerts; i++)
		if (!output_flush(s->alerts[i], err))
			return false;
	return !s->events || output_flush(s->events, err);
}

bool sensor_tick(struct sensor *s, uint64_t now_ns, struct error *err)
{
	s->last_ns = now_ns > s->last_ns ? now_ns : s->last_ns;
	engine_tick(s->engine, now_ns);
	detect_tick(s->detect, now_ns);
	return outcome(s, err) && flush(s, err);
}

bool sensor_finish(struct sensor *s, struct error *err)
{
	engine_finish(s->engine);
	detect_finish(s->detect, s->last_ns);
	return outcome(s, err) && flush(s, err);
}

struct sensor_counts sensor_counts(const struct sensor *s)
{
	return (struct sensor_counts){
		.frames = s->frames, .bytes = s->bytes, .first_ns = s->first_ns, .last_ns = s->last_ns,
		.decoder = decoder_counts(s->decoder), .engine = engine_counts(s->engine), .detect = detect_counts(s->detect),
		.n_rules = rules_count(s->rules),
	};
}

bool sensor_alerted(const struct sensor *s, enum level level)
{
	const struct detect_counts *c = detect_counts(s->detect);

	for (enum level l = level; l <= LEVEL_CRITICAL; l++)
		if (c->by_level[l])
			return true;
	return false;
}
