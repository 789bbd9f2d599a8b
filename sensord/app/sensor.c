/* SPDX-License-Identifier: BSD-2-Clause */
#include "sensor.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/instant.h"
#include "evidence.h"
#include "outputs.h"
#include "flow/hosts.h"
#include "record/community.h"
#include "record/json.h"
#include "self.h"
#include "ring.h"
#include "worker.h"

#define STATE_BYTES 2048         /* of all memory, for one group of a correlation */
#define CLOCK_BACK_NS NS_PER_MIN /* packets so far behind those before them are told of (replay) */

/* Names of the site so far: records and contacts on their way point to them. */
struct name {
	struct name *older;
	char text[];
};

struct sensor {
	struct site *site;
	struct name *names;
	struct rules *rules;
	struct detect *detect;
	struct worker *worker; /* NULL with `live` */
	const char *observer;  /* the newest of names */
	struct hosts *hosts;   /* what workers outside told of them */
	struct sensor_reading reading;
	uint32_t see_datasets;
	struct output *alerts[OUTPUTS_MAX]; /* each gets the alerts that it wants */
	size_t n_alerts;
	size_t n_from_site;  /* of them; only these may want records */
	bool records_wanted; /* by one of those, or by events */
	struct output *events;
	void (*see)(void *to, const struct record *r);
	void *see_to;
	void (*tell)(void *to, const struct record *alert);
	void *tell_to;
	bool (*shows)(const void *by, const struct record *r);
	const void *shows_by;
	struct watch *watch;
	struct evidence *evidence; /* NULL: none is kept */
	struct record *marked;     /* an alert with the name of its evidence */
	struct record *shown;
	char *line;
	uint64_t frames, bytes, first_ns, last_ns, frame_ns;
	struct self *self;     /* with a worker of its own */
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
	struct error first;
};

static void complain(void *to, const struct error *err)
{
	struct complaints *all = to;
	char text[1024];

	if (all->count++ == 0)
		all->first = *err;
	fprintf(stderr, "%s\n", error_format(err, text, sizeof(text)));
}

static bool placeholder(const void *site, const char *name, void (*see)(void *to, const char *value), void *to)
{
	return site_placeholder(site, name, see, to);
}

static struct rules *load_rules(const struct site *site, const char *const *paths, size_t n_paths, struct complaints *ret)
{
	const struct site_settings *own = site_settings(site);
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
		.max_state = (own->memory_mib << 20) / STATE_BYTES,
	};

	/* Keeps strangers from choosing groups that collide; no result depends on it. */
	(void)!getentropy(&settings.key, sizeof(settings.key));
	*ret = (struct complaints){ 0 };
	return rules_load(&settings, complain, ret);
}

struct rules *sensor_load_rules(const struct site *site, const char *const *paths, size_t n_paths, size_t *ret_problems)
{
	struct complaints complaints;
	struct rules *rules = load_rules(site, paths, n_paths, &complaints);

	*ret_problems = complaints.count;
	return rules;
}

/* ---- what comes out ---- */

/* Returns the line, which stays in the sensor's room. */
static struct bytes put(struct sensor *s, struct output *const *outputs, size_t n, const struct record *r)
{
	struct text line = { s->line, JSON_LINE, 0, false };

	record_json(r, &line);
	struct output_item item = outputs_item(r, text_bytes(&line));
	for (size_t i = 0; i < n; i++)
		if (!s->failed && output_wants(outputs[i], item.what, item.event_severity) && !output_put(outputs[i], &item, &s->problem))
			s->failed = true;
	return text_bytes(&line);
}

static void on_alert(void *context, const struct record *alert)
{
	struct sensor *s = context;

	if (s->shows && !s->shows(s->shows_by, alert))
		return;
	if (s->evidence) {
		record_assign(s->marked, alert);
		evidence_alert(s->evidence, s->marked);
		alert = s->marked;
	}
	if (s->tell)
		s->tell(s->tell_to, alert);
	struct bytes line = put(s, s->alerts, s->n_alerts, alert);
	if (s->watch)
		watch_alert(s->watch, alert, line);
}

static void on_seen(void *context, const struct record *r)
{
	struct sensor *s = context;

	if (s->see)
		s->see(s->see_to, r);
	if (!s->records_wanted || (s->shows && !s->shows(s->shows_by, r)))
		return;
	record_clear(s->shown, r->dataset, r->time_ns);
	s->shown->id = r->id;
	s->shown->kind = r->kind;
	record_merge(s->shown, r);
	record_identify(s->shown);
	put(s, s->alerts, s->n_from_site, s->shown);
	if (s->events)
		put(s, &s->events, 1, s->shown);
}

static void on_record(void *context, const struct record *r)
{
	struct sensor *s = context;

	detect_record(s->detect, r);
}

static void on_contact(void *context, const struct contact *c)
{
	struct sensor *s = context;

	detect_contact(s->detect, c);
}

static uint64_t on_interest(void *context, const struct interest *i)
{
	struct sensor *s = context;

	return detect_wants(s->detect, i);
}

static void on_met(void *context, const struct meeting *m)
{
	struct sensor *s = context;

	detect_met(s->detect, m);
}

static bool open_output(const char *dest, bool live, struct output **ret, struct error *err)
{
	*ret = NULL;
	if (!dest || strcmp(dest, "none") == 0)
		return true;
	*ret = live ? outputs_open_live(dest, err) : output_open_file(dest, true, err);
	return *ret != NULL;
}

/* Alerts of a destination that somebody typed; records go to `events` alone. */
static bool open_typed(struct sensor *s, const struct sensor_options *o, const char *dest, struct error *err)
{
	if (!open_output(dest, o->live, &s->alerts[0], err))
		return false;
	s->n_alerts = s->alerts[0] != NULL;
	return true;
}

static bool open_outputs(struct sensor *s, const struct sensor_options *o, struct error *err)
{
	size_t n = o->alerts || !o->live ? 0 : site_outputs(s->site);

	if (!open_output(o->events, o->live, &s->events, err))
		return false;
	s->records_wanted = s->events != NULL;
	if (n > OUTPUTS_MAX)
		return error_set(err, "the site file names more than %d outputs", OUTPUTS_MAX);
	for (; s->n_alerts < n; s->n_alerts = ++s->n_from_site) {
		struct output_settings settings = outputs_settings(s->site, s->n_alerts);
		struct output *opened = output_open(&settings, err);
		if (!opened)
			return false;
		s->alerts[s->n_alerts] = opened;
		s->records_wanted = s->records_wanted || output_wants(opened, OUTPUT_RECORDS, 0);
	}
	return n > 0 || open_typed(s, o, o->alerts || !o->live ? o->alerts : "-", err);
}

/* One folder serves all outputs: the one that was typed, or the first that the site file names. */
static bool open_evidence(struct sensor *s, const struct sensor_options *o, struct error *err)
{
	struct evidence_settings settings = { .folder = o->evidence, .thread = o->live };

	for (size_t i = 0; !settings.folder && o->live && i < site_outputs(s->site); i++) {
		struct site_output output = site_output(s->site, i);
		settings.folder = output.evidence;
		settings.max_bytes = output.evidence_mib << 20;
		settings.max_age_ns = output.evidence_days * NS_PER_DAY;
	}
	if (!settings.folder)
		return true;
	s->evidence = evidence_new(&settings, err);
	if (s->evidence && !(s->marked = record_new()))
		return error_set(err, "out of memory");
	return s->evidence != NULL;
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

static size_t memory_limit(const struct sensor *s)
{
	return (size_t)site_settings(s->site)->memory_mib << 20;
}

/* The name of the site, where it stays good for the life of the sensor; NULL without memory. */
static const char *lasting_name(struct sensor *s)
{
	const char *name = site_name(s->site);

	for (struct name *n = s->names; n; n = n->older)
		if (strcmp(n->text, name) == 0)
			return n->text;
	struct name *n = malloc(sizeof(*n) + strlen(name) + 1);
	if (!n)
		return NULL;
	memcpy(n->text, name, strlen(name) + 1);
	n->older = s->names;
	s->names = n;
	return n->text;
}

/* Workers outside tell of the hosts; whoever chooses their addresses must not know the table. */
static bool make_hosts(struct sensor *s)
{
	struct hash_key key = { 0 };

	(void)!getrandom(&key, sizeof(key), GRND_NONBLOCK);
	s->hosts = hosts_new(&key);
	return s->hosts != NULL;
}

static bool start(struct sensor *s, const struct sensor_options *o, struct error *err)
{
	char room[4200];
	size_t problems = 0;

	s->site = sensor_read_site(o->site_path, err);
	if (!s->site)
		return false;
	s->observer = lasting_name(s);
	s->see = o->see;
	s->see_to = o->see_to;
	s->watch = o->watch;
	s->see_datasets = o->see_datasets;
	s->tell = o->tell;
	s->tell_to = o->tell_to;
	s->shows = o->shows;
	s->shows_by = o->shows_by;
	s->rules = o->no_rules ? rules_load(&(struct rules_settings){ 0 }, complain, &(struct complaints){ 0 }) :
			    sensor_load_rules(s->site, o->rule_paths, o->n_rule_paths, &problems);
	if (!s->rules)
		return error_set(err, "the rules have errors (%zu)", problems);
	if (!open_outputs(s, o, err) || !open_evidence(s, o, err))
		return false;
	struct detect_settings detection = { s->site, s->rules, find_catalogue(o, room, sizeof(room)), memory_limit(s) / 4 };
	s->detect = detect_new(&detection, on_alert, s->records_wanted || s->see ? on_seen : NULL, s, err);
	if (!s->detect)
		return false;
	s->shown = record_new();
	s->line = malloc(JSON_LINE);
	bool alone = !o->live && !o->workers_outside;
	if (alone) {
		struct engine_settings engine = sensor_engine_settings(s, 1);
		engine.wanted = on_interest;
		engine.contact = on_contact;
		engine.met = on_met;
		s->worker = worker_new(&engine, NULL, on_record, s);
		if (s->worker)
			worker_remember(s->worker, sensor_recent(s, 0, 1));
		s->self = self_new(s->site, on_record, s);
	}
	bool ready = alone ? s->worker && s->self : make_hosts(s);
	return (s->shown && s->line && ready) || error_set(err, "out of memory");
}

struct engine_settings sensor_engine_settings(const struct sensor *s, size_t n)
{
	struct engine_settings engine = engine_defaults;

	engine.memory_bytes = memory_limit(s) / 4 * 3 / n;
	engine.datasets = s->records_wanted ? DATASETS_ALL : detect_datasets(s->detect) | s->see_datasets;
	engine.observer = s->observer;
	return engine;
}

struct recent *sensor_recent(struct sensor *s, size_t index, size_t n)
{
	return s->evidence ? evidence_recent(s->evidence, index, n) : NULL;
}

struct detect_asker *sensor_asker(struct sensor *s)
{
	return detect_asker_new(s->detect);
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
	worker_free(s->worker);
	self_free(s->self);
	hosts_free(s->hosts);
	detect_free(s->detect);
	rules_free(s->rules);
	site_free(s->site);
	for (struct name *n = s->names, *older; n; n = older) {
		older = n->older;
		free(n);
	}
	for (size_t i = 0; i < s->n_alerts; i++)
		output_close(s->alerts[i]);
	output_close(s->events);
	evidence_free(s->evidence);
	record_free(s->marked);
	record_free(s->shown);
	free(s->line);
	free(s);
}

/* ---- another site file, other rules ---- */

struct sensor_change {
	struct site *site;
	struct rules *rules;
	struct detect_change *detect;
	struct sensor_change *older; /* kept with it */
};

static bool prepare(struct sensor_change *c, const struct sensor_options *o, struct error *err)
{
	struct complaints complaints;
	char room[4200], text[1024];

	c->site = sensor_read_site(o->site_path, err);
	if (!c->site)
		return false;
	c->rules = load_rules(c->site, o->rule_paths, o->n_rule_paths, &complaints);
	if (!c->rules)
		return error_set(err, "%s%s", error_format(&complaints.first, text, sizeof(text)),
				 complaints.count > 1 ? " (and further problems of the rules)" : "");
	struct detect_settings detection = { c->site, c->rules, find_catalogue(o, room, sizeof(room)), 0 };
	c->detect = detect_prepare(&detection, err);
	return c->detect;
}

struct sensor_change *sensor_prepare(const struct sensor_options *o, struct error *err)
{
	struct sensor_change *c = calloc(1, sizeof(*c));

	if (!c) {
		error_set(err, "out of memory");
		return NULL;
	}
	if (prepare(c, o, err))
		return c;
	sensor_change_free(c);
	return NULL;
}

void sensor_change_keep(struct sensor_change *c, struct sensor_change *older)
{
	c->older = older;
}

void sensor_change_free(struct sensor_change *c)
{
	while (c) {
		struct sensor_change *older = c->older;

		detect_change_free(c->detect);
		rules_free(c->rules);
		site_free(c->site);
		free(c);
		c = older;
	}
}

bool sensor_adopt(struct sensor *s, struct sensor_change *c, struct error *err)
{
	struct site *site = s->site;
	struct rules *rules = s->rules;

	if (!detect_adopt(s->detect, c->detect, err))
		return false;
	s->site = c->site;
	s->rules = c->rules;
	c->site = site;
	c->rules = rules;
	s->observer = lasting_name(s);
	if (s->worker) {
		struct engine_settings engine = sensor_engine_settings(s, 1);
		self_set_site(s->self, s->site);
		worker_ask_for(s->worker, engine.datasets, engine.observer);
	}
	return true;
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
	if (s->frames++ == 0)
		s->first_ns = frame->time_ns;
	s->bytes += frame->wire_size;
	if (unlikely(frame->time_ns + CLOCK_BACK_NS < s->frame_ns) && s->self)
		self_clock(s->self, s->last_ns, true, s->frame_ns - frame->time_ns);
	s->frame_ns = frame->time_ns;
	s->last_ns = frame->time_ns > s->last_ns ? frame->time_ns : s->last_ns;
	worker_frame(s->worker, frame);
	if (s->evidence)
		evidence_tick(s->evidence, s->last_ns);
	return outcome(s, err);
}

bool sensor_record(struct sensor *s, const struct record *r, struct error *err)
{
	if (s->watch)
		watch_record(s->watch, r);
	s->last_ns = r->time_ns > s->last_ns ? r->time_ns : s->last_ns;
	detect_record(s->detect, r);
	return outcome(s, err);
}

bool sensor_contact(struct sensor *s, const struct contact *c, struct error *err)
{
	detect_contact(s->detect, c);
	return outcome(s, err);
}

void sensor_clock(struct sensor *s, uint64_t time_ns)
{
	s->last_ns = time_ns > s->last_ns ? time_ns : s->last_ns;
	detect_tick(s->detect, time_ns);
}

/* The place for the answer was kept in the record. */
static void judge_record(struct sensor *s, struct record *r, uint8_t ttl)
{
	const struct address *by = record_ip(r, FIELD_FLOW_REJECT_BY);
	int open = by ? hosts_path_open(s->hosts, by, ttl) : -1;

	if (open < 0)
		record_unset(r, FIELD_FLOW_PATH_OPEN);
	else if (record_has(r, FIELD_FLOW_PATH_OPEN))
		record_set_bool(r, FIELD_FLOW_PATH_OPEN, open);
}

/* The same of the distance of the server. */
static void add_host_ttl(struct sensor *s, struct record *r)
{
	const struct address *server = record_ip(r, FIELD_DESTINATION_IP);
	uint8_t ttl = server ? hosts_ttl(s->hosts, server) : 0;

	if (ttl)
		record_set_uint(r, FIELD_FLOW_HOST_TTL, ttl);
	else
		record_unset(r, FIELD_FLOW_HOST_TTL);
}

bool sensor_entry(struct sensor *s, const struct entry *e, struct error *err)
{
	switch ((enum entry_kind)e->kind) {
	case ENTRY_RECORD:
		if (e->ttl)
			judge_record(s, e->record, e->ttl);
		if (record_has(e->record, FIELD_FLOW_HOST_TTL))
			add_host_ttl(s, e->record);
		return sensor_record(s, e->record, err);
	case ENTRY_CONTACT:
		if (e->ttl)
			e->contact->path_open = (int8_t)hosts_path_open(s->hosts, &e->contact->reject_by, e->ttl);
		return sensor_contact(s, e->contact, err);
	case ENTRY_MEETING:
		detect_met(s->detect, e->meeting);
		return true;
	case ENTRY_HOST:
		hosts_note(s->hosts, &e->host, e->ttl, e->place.major);
		return true;
	case ENTRY_CLOCK:
		sensor_clock(s, e->time_ns);
	}
	return true;
}

void sensor_set_reading(struct sensor *s, const struct sensor_reading *r)
{
	s->reading = *r;
	s->frames = r->frames;
	s->bytes = r->bytes;
	s->first_ns = r->first_ns;
	s->last_ns = r->last_ns;
}

static bool flush(struct sensor *s, struct error *err)
{
	for (size_t i = 0; i < s->n_alerts; i++)
		if (!output_flush(s->alerts[i], err))
			return false;
	return !s->events || output_flush(s->events, err);
}

/* What outputs tell of themselves goes the way of every record: to rules, and to the outputs that want records. */
static void hear_outputs(struct sensor *s, uint64_t now_ns)
{
	struct record *r = NULL;

	for (size_t i = 0; i <= s->n_alerts; i++) {
		struct output *o = i < s->n_alerts ? s->alerts[i] : s->events;
		while (o && (r || (r = record_new()) != NULL) && outputs_told(o, r, now_ns))
			detect_record(s->detect, r);
	}
	struct error why;
	if (s->evidence && evidence_failed(s->evidence, &why) && (r || (r = record_new()) != NULL)) {
		record_clear(r, DATASET_SENSOR, now_ns);
		record_set_string(r, FIELD_SENSOR_REASON, "evidence_failed");
		record_set_string(r, FIELD_SENSOR_DETAIL, why.text);
		detect_record(s->detect, r);
	}
	record_free(r);
}

bool sensor_start(struct sensor *s, struct error *err)
{
	for (size_t i = 0; i < s->n_alerts; i++)
		if (!output_start(s->alerts[i], err))
			return false;
	return (!s->events || output_start(s->events, err)) && (!s->evidence || evidence_start(s->evidence, err));
}

bool sensor_output_stats(struct sensor *s, size_t index, struct output_stats *ret)
{
	struct output *o = index < s->n_alerts ? s->alerts[index] : index == s->n_alerts ? s->events : NULL;

	if (o)
		output_stats(o, ret);
	return o != NULL;
}

bool sensor_tick(struct sensor *s, uint64_t now_ns, struct error *err)
{
	s->last_ns = now_ns > s->last_ns ? now_ns : s->last_ns;
	detect_tick(s->detect, now_ns);
	if (s->evidence)
		evidence_tick(s->evidence, s->last_ns);
	hear_outputs(s, s->last_ns);
	return outcome(s, err) && flush(s, err);
}

bool sensor_rotate(struct sensor *s, struct error *err)
{
	bool fine = true;

	for (size_t i = 0; i < s->n_alerts; i++)
		fine = output_reopen(s->alerts[i], err) && fine;
	return (!s->events || output_reopen(s->events, err)) && fine;
}

bool sensor_finish(struct sensor *s, struct error *err)
{
	if (s->worker)
		worker_finish(s->worker);
	detect_finish(s->detect, s->last_ns);
	return outcome(s, err) && flush(s, err) && outputs_finish(s->alerts, s->n_alerts, err) &&
	       (!s->events || outputs_finish(&s->events, 1, err)) && (!s->evidence || evidence_finish(s->evidence, err));
}

struct sensor_counts sensor_counts(const struct sensor *s)
{
	return (struct sensor_counts){
		.frames = s->frames, .bytes = s->bytes, .first_ns = s->first_ns, .last_ns = s->last_ns,
		.decoder = s->worker ? worker_decoder_counts(s->worker) : &s->reading.decoder,
		.engine = s->worker ? worker_engine_counts(s->worker) : &s->reading.engine,
		.detect = detect_counts(s->detect), .n_rules = rules_count(s->rules),
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

static void add_output(struct self_snapshot *to, struct output *o)
{
	struct output_stats stats;

	if (!o || to->n_outputs == SELF_OUTPUTS)
		return;
	output_stats(o, &stats);
	struct self_output *one = &to->output[to->n_outputs++];
	*one = (struct self_output){ .away = stats.away, .waiting = stats.waiting_lines, .lost = stats.lost };
	snprintf(one->name, sizeof(one->name), "%s", stats.name);
}

void sensor_knows(const struct sensor *s, struct self_snapshot *ret)
{
	ret->detect = *detect_counts(s->detect);
	detect_view(s->detect, &ret->view);
	ret->n_rules = rules_count(s->rules);
	ret->memory_limit = memory_limit(s);
	for (size_t i = 0; i < s->n_alerts; i++)
		add_output(ret, s->alerts[i]);
	add_output(ret, s->events);
}
