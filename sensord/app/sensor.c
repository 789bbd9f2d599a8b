/* SPDX-License-Identifier: BSD-2-Clause */
#include "sensor.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/instant.h"
#include "evidence/evidence.h"
#include "flow/hosts.h"
#include "outlets.h"
#include "record/community.h"
#include "threads/ring.h"
#include "self.h"
#include "sensor_rules.h"
#include "threads/worker.h"

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
	struct outlets *outlets;
	void (*see)(void *to, const struct record *r);
	void *see_to;
	void (*tell)(void *to, const struct record *alert);
	void *tell_to;
	bool (*shows)(const void *by, const struct record *r);
	const void *shows_by;
	struct watch *watch;
	struct community *community; /* NULL where no record is written */
	uint64_t frames, bytes, first_ns, last_ns, frame_ns;
	struct self *self;     /* NULL with `live` */
};

/* ---- from the engine to detection, from there to the outputs ---- */

static void on_alert(void *context, const struct record *alert)
{
	struct sensor *s = context;

	if (s->shows && !s->shows(s->shows_by, alert))
		return;
	alert = outlets_mark(s->outlets, alert);
	if (s->tell)
		s->tell(s->tell_to, alert);
	struct bytes line = outlets_alert(s->outlets, alert);
	if (s->watch)
		watch_alert(s->watch, alert, line);
}

static void on_seen(void *context, struct record *r)
{
	struct sensor *s = context;

	if (s->see)
		s->see(s->see_to, r);
	if (!outlets_want_records(s->outlets) || (s->shows && !s->shows(s->shows_by, r)))
		return;
	community_identify(s->community, r);
	outlets_record(s->outlets, r);
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

/* ---- life ---- */

static size_t memory_limit(const struct sensor *s)
{
	return (size_t)site_settings(s->site)->memory_mib << 20;
}

/* Of all memory: a quarter for detection, evidence where some is kept, the rest for the engines. */
static size_t evidence_memory(const struct sensor *s)
{
	size_t share = memory_limit(s) / 8;

	return share < EVIDENCE_MEMORY ? share : EVIDENCE_MEMORY;
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

/* Who asks for certain alerts, or needs each of them, must not get their sum. */
static uint64_t ceiling(const struct sensor_options *o, const struct site *site)
{
	return o->shows || o->every_alert ? 0 : site_settings(site)->alerts_per_minute;
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
	s->rules = o->no_rules ? rules_none() : sensor_load_rules(s->site, o->rule_paths, o->n_rule_paths, &problems);
	if (!s->rules)
		return error_set(err, "the rules have errors (%zu)", problems);
	struct outlets_settings outlets = { s->site, o->alerts, o->events, o->evidence, evidence_memory(s), o->live };
	s->outlets = outlets_open(&outlets, err);
	if (!s->outlets)
		return false;
	struct detect_settings detection = { s->site, s->rules, rules_catalogue(o, s->site, room, sizeof(room)), memory_limit(s) / 4,
					     ceiling(o, s->site) };
	s->detect = detect_new(&detection, on_alert, outlets_want_records(s->outlets) || s->see ? on_seen : NULL, s, err);
	if (!s->detect)
		return false;
	if (outlets_want_records(s->outlets) && (s->community = community_new()) == NULL)
		return error_set(err, "out of memory");
	if (!o->live)
		s->self = self_new(s->site, on_record, s);
	bool alone = !o->live && !o->workers_outside;
	if (alone) {
		struct engine_settings engine = sensor_engine_settings(s, 1);
		engine.wanted = on_interest;
		engine.contact = on_contact;
		engine.met = on_met;
		s->worker = worker_new(&engine, NULL, on_record, s);
		if (s->worker)
			worker_remember(s->worker, sensor_recent(s, 0, 1));
	}
	bool ready = alone ? s->worker != NULL : make_hosts(s);
	return ((s->self || o->live) && ready) || error_set(err, "out of memory");
}

struct engine_settings sensor_engine_settings(const struct sensor *s, size_t n)
{
	struct engine_settings engine = engine_defaults;

	size_t held = outlets_keep_evidence(s->outlets) ? evidence_memory(s) : 0;
	engine.memory_bytes = (memory_limit(s) / 4 * 3 - held) / n;
	engine.datasets = outlets_want_records(s->outlets) ? DATASETS_ALL : detect_datasets(s->detect) | s->see_datasets;
	engine.observer = s->observer;
	return engine;
}

struct recent *sensor_recent(struct sensor *s, size_t index, size_t n)
{
	return outlets_recent(s->outlets, index, n);
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
	outlets_free(s->outlets);
	community_free(s->community);
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
	c->rules = rules_of_site(c->site, o->rule_paths, o->n_rule_paths, &complaints);
	if (!c->rules)
		return error_set(err, "%s%s", error_format(&complaints.first, text, sizeof(text)),
				 complaints.count > 1 ? " (and further problems of the rules)" : "");
	struct detect_settings detection = { c->site, c->rules, rules_catalogue(o, c->site, room, sizeof(room)), 0, ceiling(o, c->site) };
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

bool sensor_learned(struct sensor *s, const struct sensor_options *o, struct error *err)
{
	char room[4200];
	size_t problems = 0;
	struct sensor_change c = { .site = s->site };

	if (o->no_rules)
		return true;
	c.rules = sensor_load_rules(s->site, o->rule_paths, o->n_rule_paths, &problems);
	if (!c.rules)
		return error_set(err, "the rules have errors (%zu)", problems);
	struct detect_settings detection = { s->site, c.rules, rules_catalogue(o, s->site, room, sizeof(room)), 0, ceiling(o, s->site) };
	c.detect = detect_prepare(&detection, err);
	bool fine = c.detect && sensor_adopt(s, &c, err);
	detect_change_free(c.detect); /* what was before, or what was not taken */
	rules_free(c.rules);
	return fine;
}

struct site *sensor_site(struct sensor *s)
{
	return s->site;
}

bool sensor_frame(struct sensor *s, const struct frame *frame, struct error *err)
{
	if (s->frames++ == 0)
		s->first_ns = frame->time_ns;
	s->bytes += frame->wire_size;
	if (unlikely(frame->time_ns + SENSOR_CLOCK_BACK_NS < s->frame_ns))
		self_clock(s->self, s->last_ns, true, s->frame_ns - frame->time_ns);
	s->frame_ns = frame->time_ns;
	s->last_ns = frame->time_ns > s->last_ns ? frame->time_ns : s->last_ns;
	worker_frame(s->worker, frame);
	outlets_tick(s->outlets, s->last_ns);
	return outlets_fine(s->outlets, err);
}

bool sensor_record(struct sensor *s, const struct record *r, struct error *err)
{
	if (s->watch)
		watch_record(s->watch, r);
	s->last_ns = r->time_ns > s->last_ns ? r->time_ns : s->last_ns;
	detect_record(s->detect, r);
	return outlets_fine(s->outlets, err);
}

bool sensor_contact(struct sensor *s, const struct contact *c, struct error *err)
{
	detect_contact(s->detect, c);
	return outlets_fine(s->outlets, err);
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
	uint8_t ttl = server ? hosts_ttl(s->hosts, server, (uint8_t)record_uint(r, FIELD_FLOW_REJECT_TTL)) : 0;

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
		if (e->contact->host_ttl)
			e->contact->host_ttl = hosts_ttl(s->hosts, &e->contact->ends.server, e->contact->reject_ttl);
		return sensor_contact(s, e->contact, err);
	case ENTRY_MEETING:
		detect_met(s->detect, e->meeting);
		return true;
	case ENTRY_HOST:
		hosts_note(s->hosts, &e->host, e->ttl, e->place.major);
		return true;
	case ENTRY_CLOCK:
		sensor_clock(s, e->time_ns);
		return true;
	case ENTRY_BACK:
		self_clock(s->self, e->back.latest_ns, true, e->back.span_ns);
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

bool sensor_start(struct sensor *s, struct error *err)
{
	return outlets_start(s->outlets, err);
}

bool sensor_output_stats(struct sensor *s, size_t index, struct output_stats *ret)
{
	return outlets_stats(s->outlets, index, ret);
}

bool sensor_tick(struct sensor *s, uint64_t now_ns, struct error *err)
{
	s->last_ns = now_ns > s->last_ns ? now_ns : s->last_ns;
	detect_tick(s->detect, now_ns);
	outlets_tick(s->outlets, s->last_ns);
	/* What outputs tell of themselves goes the way of every record: to rules, and to the outputs that want records. */
	outlets_told(s->outlets, s->last_ns, on_record, s);
	return outlets_fine(s->outlets, err) && outlets_flush(s->outlets, err);
}

bool sensor_rotate(struct sensor *s, struct error *err)
{
	return outlets_reopen(s->outlets, err);
}

bool sensor_finish(struct sensor *s, struct error *err)
{
	if (s->worker)
		worker_finish(s->worker);
	detect_finish(s->detect, s->last_ns);
	return outlets_finish(s->outlets, err);
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

size_t sensor_held(struct sensor *s, struct detect_held ret[SENSOR_HELD])
{
	size_t n = detect_held(s->detect, ret);
	struct detect_held evidence = { .name = "evidence" }, hosts = { .name = "hosts" };

	if (s->hosts) {
		hosts_held(s->hosts, &hosts.entries, &hosts.bytes);
		ret[n++] = hosts;
	}
	if (outlets_evidence_held(s->outlets, &evidence.entries, &evidence.bytes))
		ret[n++] = evidence;
	return n;
}

void sensor_knows(const struct sensor *s, struct self_snapshot *ret)
{
	ret->detect = *detect_counts(s->detect);
	detect_view(s->detect, &ret->view);
	ret->n_rules = rules_count(s->rules);
	ret->memory_limit = memory_limit(s);
	struct output_stats stats;
	for (; ret->n_outputs < SELF_OUTPUTS && outlets_stats(s->outlets, ret->n_outputs, &stats); ret->n_outputs++) {
		struct self_output *one = &ret->output[ret->n_outputs];
		*one = (struct self_output){ .away = stats.away, .waiting = stats.waiting_lines, .lost = stats.lost };
		snprintf(one->name, sizeof(one->name), "%s", stats.name);
	}
}
