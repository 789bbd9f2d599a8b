/* SPDX-License-Identifier: BSD-2-Clause
 * Snapshots compared: what went, came back, was lost. Where the sensor cannot keep up it lets go in this order: packets in
 * the ring of the kernel, records on the way to detection (worth least first, see live_worker.c), the oldest flows, the
 * longest streams; each is counted. */
#include "self.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attributes.h"
#include "base/instant.h"
#include "base/text.h"
#include "self_health.h"

#define DROPS_NS (5 * NS_PER_MIN)   /* losses are told for so long together */
#define CALM_NS (5 * NS_PER_MIN)    /* without a further loss for so long, an overload is over */
#define JUMP_NS NS_PER_MIN          /* so far from where the clock should be is a jump */
#define DRIFT_NS (NS_PER_S / 2)     /* a clock may wander so far from one look to the next */

/* What is let go of besides packets, in this order; the first two that grow make an overload. */
static const struct shed { const char *name, *name_ja; size_t offset; } shed[] = {
	{ "records", "レコード", offsetof(struct self_snapshot, records_lost) },
	{ "flows", "フロー", offsetof(struct self_snapshot, flows_evicted) },
	{ "streams", "ストリーム", offsetof(struct self_snapshot, streams_cut) },
};
#define OVERLOADS 2

struct overload {
	uint64_t seen, since_ns, last_ns; /* counter at the last look; steady clock */
	bool on;
	struct self_snapshot before;
};

struct self {
	const struct site *site;
	void (*tell)(void *context, const struct record *r);
	void *context;
	struct record *record;
	uint64_t told;                  /* records, for their ids */
	bool looked;
	struct self_snapshot last, day; /* at the last look; when the day began */
	struct self_snapshot drops;     /* when losses were told last */
	uint64_t down_ns[SELF_WIRES];   /* steady clock, 0: up */
	struct overload overload[OVERLOADS];
	int64_t offset_ns;              /* packet clock minus steady clock, as expected */
	int64_t day_number;
};

struct self *self_new(const struct site *site, void (*tell)(void *context, const struct record *r), void *context)
{
	struct self *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->site = site;
	s->tell = tell;
	s->context = context;
	s->record = record_new();
	if (s->record)
		return s;
	free(s);
	return NULL;
}

void self_free(struct self *s)
{
	if (!s)
		return;
	record_free(s->record);
	free(s);
}

void self_set_site(struct self *s, const struct site *site)
{
	s->site = site;
}

/* ---- records ---- */

static struct record *begin(struct self *s, uint64_t now_ns, const char *action, const char *kind)
{
	struct record *r = s->record;

	record_clear(r, DATASET_SENSOR, now_ns);
	/* Apart from the ids of the engine and of trackers. */
	r->id = UINT64_C(3) << 62 | ++s->told;
	record_set_string(r, FIELD_EVENT_ACTION, action);
	record_set_string(r, FIELD_SENSOR_KIND, kind);
	record_set_string(r, FIELD_OBSERVER_NAME, site_name(s->site));
	return r;
}

static void finish(struct self *s)
{
	s->tell(s->context, s->record);
}

static void set_share(struct record *r, uint64_t count, uint64_t total)
{
	record_set_uint(r, FIELD_SENSOR_COUNT, count);
	record_set_uint(r, FIELD_SENSOR_TOTAL, total);
	record_set_real(r, FIELD_SENSOR_SHARE, total ? (double)count / (double)total : 0);
}

/* ---- start, stop, reload ---- */

static void tell_running(struct self *s, const struct self_snapshot *now, const char *action, const char *version)
{
	struct record *r = begin(s, now->packet_ns, action, "sensor");
	char wires[400];
	struct text t = TEXT_ON(wires);

	for (size_t i = 0; i < now->n_wires; i++)
		text_printf(&t, ", %s", now->wire[i].name);
	text_end(&t);
	record_set_uint(r, FIELD_SENSOR_COUNT, now->n_rules);
	record_printf(r, FIELD_SENSOR_DETAIL, "%s%s%zu rules%s", version ? version : "", version ? ", " : "", now->n_rules, wires);
	record_printf(r, FIELD_SENSOR_DETAIL_JA, "%s%sルール %zu 件%s", version ? version : "", version ? "、" : "", now->n_rules, wires);
	finish(s);
}

static void take_day(struct self *s, const struct self_snapshot *now)
{
	uint32_t second;

	s->day = *now;
	site_local_day(s->site, now->packet_ns, &s->day_number, &second);
}

void self_started(struct self *s, const struct self_snapshot *first, const char *version)
{
	tell_running(s, first, "started", version);
	s->last = s->drops = *first;
	s->offset_ns = (int64_t)(first->packet_ns - first->steady_ns);
	for (size_t i = 0; i < OVERLOADS; i++)
		s->overload[i] = (struct overload){ .before = *first };
	take_day(s, first);
	s->looked = true;
}

void self_stopped(struct self *s, const struct self_snapshot *last)
{
	tell_running(s, last, "stopped", NULL);
}

void self_reloaded(struct self *s, const struct self_snapshot *now, const char *refused)
{
	struct record *r = begin(s, now->packet_ns, "reload", "sensor");

	record_set_string(r, FIELD_SENSOR_REASON, refused ? "refused" : "done");
	record_set_uint(r, FIELD_SENSOR_COUNT, now->n_rules);
	if (refused) {
		record_set_wire(r, FIELD_SENSOR_DETAIL, bytes_string(refused));
		record_set_wire(r, FIELD_SENSOR_DETAIL_JA, bytes_string(refused));
	} else {
		record_printf(r, FIELD_SENSOR_DETAIL, "%zu rules", now->n_rules);
		record_printf(r, FIELD_SENSOR_DETAIL_JA, "ルール %zu 件", now->n_rules);
	}
	finish(s);
}

/* ---- what is lost ---- */

static const struct self_wire *find_wire(const struct self_snapshot *in, const char *name)
{
	for (size_t i = 0; i < in->n_wires; i++)
		if (strcmp(in->wire[i].name, name) == 0)
			return &in->wire[i];
	return NULL;
}

static void look_at_drops(struct self *s, const struct self_snapshot *now)
{
	uint64_t span = instant_since(now->steady_ns, s->drops.steady_ns);

	if (span < DROPS_NS)
		return;
	for (size_t i = 0; i < now->n_wires; i++) {
		const struct self_wire *w = &now->wire[i], *old = find_wire(&s->drops, w->name);
		uint64_t dropped = instant_since(w->dropped, old ? old->dropped : 0);
		uint64_t received = instant_since(w->received, old ? old->received : 0);
		if (!dropped)
			continue;
		struct record *r = begin(s, now->packet_ns, "drops", "interface");
		record_set_string(r, FIELD_SENSOR_SUBJECT, w->name);
		set_share(r, dropped, received > dropped ? received : dropped);
		record_set_uint(r, FIELD_SENSOR_SPAN, span / NS_PER_S);
		finish(s);
	}
	s->drops = *now;
}

static uint64_t counter(const struct self_snapshot *s, size_t i)
{
	return *(const uint64_t *)(const void *)((const char *)s + shed[i].offset);
}

static void tell_overload(struct self *s, const struct self_snapshot *now, size_t i, const char *state)
{
	const struct overload *o = &s->overload[i];
	char en[200], ja[200];
	struct text t = TEXT_ON(en), t_ja = TEXT_ON(ja);
	struct record *r = begin(s, now->packet_ns, "overload", "sensor");

	for (size_t k = 0; k < ARRAY_SIZE(shed); k++) {
		uint64_t n = instant_since(counter(now, k), counter(&o->before, k));
		if (!n)
			continue;
		text_printf(&t, "%s%s %" PRIu64, t.used ? ", " : "", shed[k].name, n);
		text_printf(&t_ja, "%s%s %" PRIu64, t_ja.used ? "、" : "", shed[k].name_ja, n);
	}
	record_set_string(r, FIELD_SENSOR_REASON, shed[i].name);
	record_set_string(r, FIELD_SENSOR_STATE, state);
	record_set_uint(r, FIELD_SENSOR_COUNT, instant_since(counter(now, i), counter(&o->before, i)));
	record_set_uint(r, FIELD_SENSOR_SPAN, instant_since(now->steady_ns, o->since_ns) / NS_PER_S);
	if (t.used) {
		record_set_string(r, FIELD_SENSOR_DETAIL, text_end(&t));
		record_set_string(r, FIELD_SENSOR_DETAIL_JA, text_end(&t_ja));
	}
	finish(s);
}

static void look_at_overload(struct self *s, const struct self_snapshot *now, size_t i)
{
	struct overload *o = &s->overload[i];

	if (counter(now, i) > counter(&s->last, i)) {
		o->last_ns = now->steady_ns;
		if (o->on)
			return;
		o->on = true;
		o->since_ns = now->steady_ns;
		o->before = s->last;
		tell_overload(s, now, i, "begins");
	} else if (o->on && instant_since(now->steady_ns, o->last_ns) >= CALM_NS) {
		o->on = false;
		tell_overload(s, now, i, "ends");
	}
}

/* ---- what goes and comes ---- */

static void look_at_wires(struct self *s, const struct self_snapshot *now)
{
	for (size_t i = 0; i < now->n_wires; i++) {
		const struct self_wire *w = &now->wire[i], *old = find_wire(&s->last, w->name);
		if (old ? old->up == w->up : w->up)
			continue;
		struct record *r = begin(s, now->packet_ns, "interface", "interface");
		record_set_string(r, FIELD_SENSOR_SUBJECT, w->name);
		record_set_string(r, FIELD_SENSOR_STATE, w->up ? "ends" : "begins");
		if (w->up && s->down_ns[i])
			record_set_uint(r, FIELD_SENSOR_SPAN, instant_since(now->steady_ns, s->down_ns[i]) / NS_PER_S);
		s->down_ns[i] = w->up ? 0 : now->steady_ns;
		finish(s);
	}
}

/* ---- the clock ---- */

void self_clock(struct self *s, uint64_t now_ns, bool back, uint64_t span_ns)
{
	struct record *r = begin(s, now_ns, "clock", "clock");

	record_set_string(r, FIELD_SENSOR_REASON, back ? "back" : "forward");
	record_set_uint(r, FIELD_SENSOR_SPAN, span_ns / NS_PER_S);
	finish(s);
}

/* The packet clock goes with the steady one. Where it stands still while time goes on, it was set back. */
static void look_at_clock(struct self *s, const struct self_snapshot *now)
{
	int64_t away = (int64_t)(now->packet_ns - now->steady_ns) - s->offset_ns;
	uint64_t far = away < 0 ? 0 - (uint64_t)away : (uint64_t)away;

	if (far >= JUMP_NS) {
		self_clock(s, now->packet_ns, away < 0, far);
		s->offset_ns += away;
		return;
	}
	s->offset_ns += far <= DRIFT_NS ? away : away < 0 ? -(int64_t)DRIFT_NS : (int64_t)DRIFT_NS;
}

/* ---- the day ---- */

static void look_at_day(struct self *s, const struct self_snapshot *now)
{
	int64_t day;
	uint32_t second;

	site_local_day(s->site, now->packet_ns, &day, &second);
	if (day <= s->day_number)
		return;
	struct record *r = begin(s, now->packet_ns, "health", "sensor");
	r->kind = RECORD_METRIC;
	self_health(&s->day, now, r);
	finish(s);
	take_day(s, now);
}

void self_look(struct self *s, const struct self_snapshot *now)
{
	if (!s->looked)
		return;
	look_at_clock(s, now);
	look_at_wires(s, now);
	look_at_drops(s, now);
	for (size_t i = 0; i < OVERLOADS; i++)
		look_at_overload(s, now, i);
	look_at_day(s, now);
	s->last = *now;
}
