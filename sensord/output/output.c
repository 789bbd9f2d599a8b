/* SPDX-License-Identifier: BSD-2-Clause
 * Outputs of any kind: what is the same for all of them, and the table of kinds. Severities: MEASURES 4.6, numbers of
 * RFC 5424 section 6.2.1. */
#include <stdlib.h>

#include "appender.h"
#include "feeder.h"
#include "kind.h"
#include "spool.h"

static const struct output_kind *const kinds[] = { &kind_file, &kind_standard, &kind_syslog, &kind_kafka };

struct output {
	struct feeder *feeder; /* NULL: synchronous, the appender serves */
	unsigned what;
	uint64_t min_severity;
	struct output_stats stats; /* synchronous */
	struct appender appender;
};

const char *output_event_name(enum output_event e)
{
	static const char *const names[] = {
		[OUTPUT_AWAY] = "output_away", [OUTPUT_BACK] = "output_back", [OUTPUT_LOST] = "output_lost",
		[OUTPUT_REFUSED] = "output_refused", [OUTPUT_ROTATE_FAILED] = "output_rotate_failed",
		[OUTPUT_DAMAGED] = "output_damaged", [OUTPUT_NOTED] = "output_noted",
	};
	return names[e];
}

static const struct output_kind *find_kind(const struct output_settings *s, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (s->type && strcmp(kinds[i]->type, s->type) == 0)
			return kinds[i];
	error_set(err, "there is no kind of output `%s`", s->type ? s->type : "");
	return NULL;
}

struct output *output_open(const struct output_settings *s, struct error *err)
{
	const struct output_kind *kind = find_kind(s, err);
	struct output *o = kind ? calloc(1, sizeof(*o)) : NULL;

	if (kind && !o)
		error_set(err, "out of memory");
	if (!o)
		return NULL;
	o->what = s->what ? s->what : OUTPUT_ALERTS;
	o->min_severity = s->min_severity;
	o->appender.fd = -1;
	o->feeder = feeder_new(kind, s, err);
	if (o->feeder)
		return o;
	free(o);
	return NULL;
}

static void tell_nobody(void *context, enum output_event event, uint64_t count, const char *detail)
{
	(void)context;
	(void)event;
	(void)count;
	(void)detail;
}

bool output_check(const struct output_settings *s, struct error *err)
{
	const struct output_kind *kind = find_kind(s, err);
	void *state = kind ? kind->open(s, &(struct teller){ tell_nobody, NULL }, true, err) : NULL;

	if (!state)
		return false;
	kind->close(state);
	return true;
}

struct output *output_open_file(const char *dest, bool fresh, struct error *err)
{
	struct output *o = calloc(1, sizeof(*o));

	if (!o) {
		error_set(err, "out of memory");
		return NULL;
	}
	o->what = OUTPUT_ALERTS | OUTPUT_RECORDS;
	if (appender_init(&o->appender, dest, err) && appender_open(&o->appender, fresh, err))
		return o;
	appender_release(&o->appender);
	free(o);
	return NULL;
}

bool output_start(struct output *o, struct error *err)
{
	return !o->feeder || feeder_start(o->feeder, err);
}

bool output_wants(const struct output *o, enum output_what what, uint64_t event_severity)
{
	return (o->what & what) && (what != OUTPUT_ALERTS || event_severity >= o->min_severity);
}

static bool write_line(struct output *o, struct bytes line, struct error *err)
{
	struct appender *a = &o->appender;

	if (line.size >= APPENDER_BUFFER)
		return error_set(err, "a line of %zu bytes is too long", line.size);
	if (!appender_has_room(a, line.size) && !appender_flush(a, false, err) && !appender_has_room(a, line.size))
		return false;
	appender_add(a, line);
	o->stats.lines++;
	return true;
}

bool output_put(struct output *o, const struct output_item *item, struct error *err)
{
	if (item->line.size && memchr(item->line.at, '\n', item->line.size))
		return error_set(err, "a line feed inside of a line");
	if (!o->feeder)
		return write_line(o, item->line, err);
	if (item->line.size > OUTPUT_LINE_MAX)
		return error_set(err, "a line of %zu bytes is too long", item->line.size);
	feeder_put(o->feeder, item);
	return true;
}

bool output_line(struct output *o, struct bytes line, int severity, struct error *err)
{
	return output_put(o, &(struct output_item){ .line = line, .severity = severity }, err);
}

bool output_flush(struct output *o, struct error *err)
{
	return o->feeder || appender_flush(&o->appender, false, err);
}

bool output_reopen(struct output *o, struct error *err)
{
	if (o->feeder) {
		feeder_rotate(o->feeder);
		return true;
	}
	return appender_flush(&o->appender, false, err) && (!o->appender.path || appender_open(&o->appender, false, err));
}

bool output_told(struct output *o, struct output_told *ret)
{
	return o->feeder && feeder_told(o->feeder, ret);
}

void output_stats(struct output *o, struct output_stats *ret)
{
	if (o->feeder)
		feeder_stats(o->feeder, ret);
	else
		*ret = o->stats;
}

bool output_finish(struct output *o, unsigned patience_ms, struct error *err)
{
	struct output_stats stats;
	uint64_t lost = 0;

	if (!o->feeder)
		return output_flush(o, err);
	if (feeder_finish(o->feeder, patience_ms, &lost))
		return true;
	feeder_stats(o->feeder, &stats);
	return error_set(err, "%s: %llu lines could not be delivered: %s", stats.name, (unsigned long long)lost,
			 *stats.last_error ? stats.last_error : "no time was left");
}

void output_close(struct output *o)
{
	if (!o)
		return;
	if (o->feeder)
		feeder_free(o->feeder);
	else if (!appender_flush(&o->appender, false, NULL))
		appender_forget(&o->appender);
	appender_release(&o->appender);
	free(o);
}

int output_severity(uint64_t event_severity)
{
	static const struct { uint64_t from; int severity; } steps[] = { { 95, 2 }, { 75, 3 }, { 50, 4 }, { 30, 5 } };

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		if (event_severity >= steps[i].from)
			return steps[i].severity;
	return 6;
}
