/* SPDX-License-Identifier: BSD-2-Clause */
#include "outputs.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/instant.h"

static uint64_t read_clock(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static uint64_t wall(void) { return read_clock(CLOCK_REALTIME); }
static uint64_t steady(void) { return read_clock(CLOCK_MONOTONIC); }

static const struct output_clock clocks = { wall, steady };

static bool is(const char *word, const char *what)
{
	return word && strcmp(word, what) == 0;
}

/* What event.severity an alert of this level has at least. */
static uint64_t severity_of(const char *level)
{
	static const struct { const char *level; uint64_t from; } levels[] = {
		{ "low", 30 }, { "medium", 50 }, { "high", 75 }, { "critical", 95 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(levels); i++)
		if (is(level, levels[i].level))
			return levels[i].from;
	return 0;
}

struct output_settings outputs_settings(const struct site *site, size_t index)
{
	struct site_output o = site_output(site, index);

	return (struct output_settings){
		.type = o.type, .path = o.path, .target = o.target, .format = o.format, .site = site_name(site), .topic = o.topic,
		.framing = o.framing, .facility = o.facility, .ca = o.ca, .certificate = o.certificate, .key = o.key,
		.unverified = !o.verify, .spool = o.spool, .spool_bytes = o.spool_mib << 20,
		.sync = is(o.fsync, "always") ? OUTPUT_SYNC_ALWAYS : is(o.fsync, "never") ? OUTPUT_SYNC_NEVER : OUTPUT_SYNC_INTERVAL,
		.rotate_bytes = o.rotate_mib << 20, .rotate_ns = o.rotate_hours * NS_PER_HOUR, .rotate_keep = (unsigned)o.rotate_keep,
		.rotate_compress = o.rotate_compress, .chain = o.chain,
		.what = is(o.what, "both") ? OUTPUT_ALERTS | OUTPUT_RECORDS : is(o.what, "records") ? OUTPUT_RECORDS : OUTPUT_ALERTS,
		.min_severity = severity_of(o.level), .clock = clocks,
	};
}

struct output *outputs_open_live(const char *dest, struct error *err)
{
	bool standard = is(dest, "-");
	struct output_settings s = { .type = standard ? "stdout" : "file", .path = standard ? NULL : dest, .sync = OUTPUT_SYNC_INTERVAL,
				     .what = OUTPUT_ALERTS | OUTPUT_RECORDS, .clock = clocks };

	return output_open(&s, err);
}

/* ---- sensord check ---- */

struct checker {
	const char *name;
	void (*see)(void *to, const struct error *line);
	void *to;
	size_t wrong;
};

static void say(struct checker *c, const struct site_output *o, bool wrong, const char *format, ...) PRINTF(4, 5);
static void say(struct checker *c, const struct site_output *o, bool wrong, const char *format, ...)
{
	struct error line = { 0 };
	char text[400];
	va_list values;

	va_start(values, format);
	vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	error_at(&line, c->name, o->line, o->column, "%s%s", wrong ? "" : "note: ", text);
	c->see(c->to, &line);
	c->wrong += wrong;
}

/* The folder, or the one that it would be made in. */
static bool folder_serves(const char *path)
{
	char parent[4096];
	struct stat st;

	if (stat(path, &st) == 0)
		return S_ISDIR(st.st_mode) && access(path, W_OK | X_OK) == 0;
	const char *slash = strrchr(path, '/');
	snprintf(parent, sizeof(parent), "%.*s", slash ? (int)(slash - path + 1) : 1, slash ? path : ".");
	return access(parent, W_OK | X_OK) == 0;
}

static void check_one(struct checker *c, const struct site *site, size_t index)
{
	struct site_output o = site_output(site, index);
	struct output_settings s = outputs_settings(site, index);
	struct error err = { 0 };

	/* Who checks may be another user, on another machine: where files cannot be made is only worth saying. */
	if (!output_check(&s, &err))
		say(c, &o, !is(o.type, "file"), "%s", err.text);
	if (s.spool && !folder_serves(s.spool))
		say(c, &o, false, "`spool`: you cannot make or write the folder %s", s.spool);
	if (o.evidence && !folder_serves(o.evidence))
		say(c, &o, false, "`evidence`: you cannot make or write the folder %s", o.evidence);
	if (!o.verify)
		say(c, &o, false, "`verify: false`: whoever answers at %s gets the alerts and can read them", o.target);
	if (o.target && strncmp(o.target, "udp://", 6) == 0)
		say(c, &o, false, "%s: UDP tells neither of loss nor of a dead receiver; tcp:// or tls:// does", o.target);
	if (o.target && !s.spool)
		say(c, &o, false, "no `spool`: while %s is away lines wait in memory only, and are gone when sensord ends", o.target);
}

size_t outputs_check(const struct site *site, const char *name, void (*see)(void *to, const struct error *line), void *to)
{
	struct checker c = { name, see, to, 0 };

	for (size_t i = 0; i < site_outputs(site); i++)
		check_one(&c, site, i);
	for (size_t i = 0; i < site_outputs(site); i++)
		for (size_t k = 0; k < i; k++) {
			struct site_output a = site_output(site, i), b = site_output(site, k);
			if ((a.path && b.path && strcmp(a.path, b.path) == 0) || (a.spool && b.spool && strcmp(a.spool, b.spool) == 0))
				say(&c, &a, true, "the same path or spool as that of the output in line %u", b.line);
		}
	if (site_outputs(site) > OUTPUTS_MAX) {
		struct site_output last = site_output(site, OUTPUTS_MAX);
		say(&c, &last, true, "more than %d outputs", OUTPUTS_MAX);
	}
	return c.wrong;
}

/* ---- records ---- */

struct output_item outputs_item(const struct record *r, struct bytes line)
{
	bool alert = r->kind == RECORD_ALERT;
	uint64_t severity = record_uint(r, FIELD_EVENT_SEVERITY);

	return (struct output_item){
		.line = line, .time_ns = r->time_ns, .what = alert ? OUTPUT_ALERTS : OUTPUT_RECORDS,
		.tag = alert ? record_text(r, FIELD_RULE_ID) : bytes_string(dataset_name(r->dataset)),
		.severity = alert ? output_severity(severity) : 6, .event_severity = severity,
	};
}

bool outputs_told(struct output *o, struct record *r, uint64_t time_ns)
{
	struct output_told told;
	struct output_stats stats;

	if (!output_told(o, &told))
		return false;
	output_stats(o, &stats);
	record_clear(r, DATASET_SENSOR, time_ns);
	record_set_string(r, FIELD_EVENT_ACTION, "output");
	record_set_string(r, FIELD_SENSOR_KIND, "output");
	record_set_string(r, FIELD_SENSOR_SUBJECT, stats.name);
	record_set_string(r, FIELD_SENSOR_REASON, output_event_name(told.event));
	if (told.count)
		record_set_uint(r, FIELD_SENSOR_COUNT, told.count);
	record_printf(r, FIELD_SENSOR_DETAIL, "%s%s%s", stats.name, *told.detail ? ": " : "", told.detail);
	return true;
}

bool outputs_finish(struct output *const *outputs, size_t n, struct error *err)
{
	uint64_t end = steady() + OUTPUTS_PATIENCE_MS * NS_PER_MS;
	bool fine = true;

	for (size_t i = 0; i < n; i++) {
		uint64_t now = steady();
		unsigned left = now < end ? (unsigned)((end - now) / NS_PER_MS) : 0;
		fine = output_finish(outputs[i], left, fine ? err : NULL) && fine;
	}
	return fine;
}
