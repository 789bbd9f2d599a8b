/* SPDX-License-Identifier: BSD-2-Clause
 * The detection side: enrich, track, match, alert (DESIGN sections 5 and 6). One record at a time, on one thread; the
 * packet clock is the greatest time told so far. */
#include "detect_private.h"

#include "base/attributes.h"
#include "base/instant.h"
#include "base/table.h"
#include "identity.h"
#include "tracked.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DETECT_ENTRY_BYTES 1024           /* generous size of one entry of a tracker */
#define DETECT_ENTRIES_LEAST 1024
#define DETECT_ENTRIES_MOST (1u << 20)
#define DETECT_GROUP_BYTES 8192           /* generous size of an open alert group: a flood opens all there may be */
#define DETECT_GROUPS_LEAST 1024
#define DETECT_GROUPS_MOST 65536
#define DETECT_TICK_NS (100 * NS_PER_MS)  /* what is due is looked for this often */
#define DETECT_EXPIRE_NS NS_PER_MIN       /* correlations are swept this often */

/* ---- matching ---- */

static void add_account(void *context, struct bytes account)
{
	record_add_text(context, FIELD_RELATED_USER, account);
}

void detect_take_counts(struct detect *d)
{
	const struct alerts_counts *a = alerts_counts(d->alerts);

	d->counts.alerts = a->opened;
	d->counts.suppressed = a->suppressed;
	d->counts.excepted = a->excepted;
	d->counts.folded = a->folded;
	memcpy(d->counts.by_level, a->by_level, sizeof(d->counts.by_level));
	memcpy(d->counts.by_measure, a->by_measure, sizeof(d->counts.by_measure));
}

static void add_accounts(struct detect *d, struct record *r)
{
	const struct address *from = record_ip(r, FIELD_SOURCE_IP);

	if (d->identity && from && !record_has(r, FIELD_RELATED_USER))
		identity_accounts(d->identity, from, d->now_ns, add_account, r);
}

static void on_match(void *context, const struct match *m)
{
	struct detect *d = context;

	d->counts.matches++;
	/* The record is one of ours: what is added reaches the alert made of it. */
	add_accounts(d, m->record == d->made ? d->made : d->seen);
	alerts_match(d->alerts, m);
	detect_take_counts(d);
}

/* What nobody but trackers looks at needs nothing of the site. */
static bool is_read(struct detect *d, const struct record *r)
{
	return d->show || readings_ask(&d->readings, d->rules, d->asked,
				       &(struct interest){ .dataset = r->dataset, .field = FIELD_NETWORK_PROTOCOL,
							   .text = record_text(r, FIELD_NETWORK_PROTOCOL) });
}

/* Rules must not see what the match of another one has added. */
void detect_match(struct detect *d, struct record *r, bool read)
{
	d->counts.records++;
	if (read && d->reads_accounts)
		add_accounts(d, r);
	if (read)
		rules_match(d->rules, r, on_match, d);
	if (d->show)
		d->show(d->context, r);
}

static void on_alert(void *context, const struct record *r)
{
	struct detect *d = context;

	d->alert(d->context, r);
}

/* ---- life ---- */

static bool wanted(const struct detect *d, const struct rules *rules, const struct tracker *t)
{
	if (!t->sets || d->show)
		return true;
	for (const enum field *f = t->sets; *f != FIELD_COUNT; f++) {
		if (rules_read_field(rules, *f))
			return true;
	}
	return false;
}

static size_t count_trackers(void)
{
	size_t n = 0;

	while (trackers[n])
		n++;
	return n;
}

static struct running *find_running(struct running *list, size_t n, const struct tracker *t)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].tracker == t)
			return &list[i];
	return NULL;
}

/* Stops those of the list that do not run in the other one. */
static void stop_others(struct running *list, size_t n, struct running *other, size_t n_other)
{
	for (size_t i = 0; i < n; i++)
		if (!find_running(other, n_other, list[i].tracker))
			list[i].tracker->stop(list[i].state);
}

bool detect_run_trackers(struct detect *d, const struct rules *rules)
{
	struct running next[DETECT_TRACKERS];
	size_t n = 0;

	for (size_t i = 0; trackers[i] && n < DETECT_TRACKERS; i++) {
		struct running *now = find_running(d->running, d->n_running, trackers[i]);

		if (!wanted(d, rules, trackers[i]))
			continue;
		next[n].tracker = trackers[i];
		next[n].state = now ? now->state : trackers[i]->start(&d->tracking);
		if (!next[n].state) {
			stop_others(next, n, d->running, d->n_running);
			return false;
		}
		n++;
	}
	stop_others(d->running, d->n_running, next, n);
	memcpy(d->running, next, n * sizeof(*next));
	d->n_running = n;
	struct running *identity = find_running(d->running, n, &tracker_identity);
	d->identity = identity ? identity->state : NULL;
	struct running *visibility = find_running(d->running, n, &tracker_visibility);
	d->visibility = visibility ? visibility->state : NULL;
	return true;
}

static bool start_trackers(struct detect *d, size_t memory)
{
	size_t entries = memory / count_trackers() / DETECT_ENTRY_BYTES;

	entries = entries < DETECT_ENTRIES_LEAST ? DETECT_ENTRIES_LEAST : entries;
	entries = entries > DETECT_ENTRIES_MOST ? DETECT_ENTRIES_MOST : entries;
	d->tracking = (struct tracking){ d, d->site, entries };
	return detect_run_trackers(d, d->rules);
}

static size_t count_groups(size_t memory)
{
	size_t groups = memory / DETECT_GROUP_BYTES;

	return groups < DETECT_GROUPS_LEAST ? DETECT_GROUPS_LEAST : groups > DETECT_GROUPS_MOST ? DETECT_GROUPS_MOST : groups;
}

void detect_look_at(struct detect *d, const struct site *site, struct rules *rules, struct sight *sight)
{
	d->sight = sight;
	d->tracking.site = site;
	d->site = site;
	d->rules = rules;
	d->reads_accounts = rules_read_field(rules, FIELD_RELATED_USER);
	enrich_init(&d->enrich, site, rules, d->show != NULL);
	memset(&d->readings, 0, sizeof(d->readings));
}

void detect_asker_renew(struct detect *d, struct detect_asker *a)
{
	struct asker_settings settings = { .rules = d->rules, .enrich = &d->enrich, .key = d->key, .tracking = d->tracking,
					   .sight = d->sight, .all = d->show != NULL };

	for (size_t i = 0; i < d->n_running; i++)
		settings.trackers[settings.n_trackers++] = d->running[i].tracker;
	asker_set(a, &settings);
}

struct detect_asker *detect_asker_new(struct detect *d)
{
	struct detect_asker *a = asker_new(d->rules);

	if (a)
		detect_asker_renew(d, a);
	return a;
}

struct detect *detect_new(const struct detect_settings *s, void (*alert)(void *context, const struct record *r),
			  void (*seen)(void *context, struct record *r), void *context, struct error *err)
{
	struct detect *d = calloc(1, sizeof(*d));

	if (!d) {
		error_set(err, "out of memory");
		return NULL;
	}
	d->alert = alert;
	d->show = seen;
	d->context = context;
	/* The key keeps strangers from choosing colliding entries; no result depends on it. */
	(void)!getentropy(&d->key, sizeof(d->key));
	detect_look_at(d, s->site, s->rules, sight_new(s->site));
	d->seen = record_new();
	d->made = record_new();
	d->asked = record_new();
	if (!d->sight || !d->seen || !d->made || !d->asked || !start_trackers(d, s->memory_bytes) || !(d->asker = detect_asker_new(d))) {
		error_set(err, "out of memory");
		detect_free(d);
		return NULL;
	}
	struct alerts_settings settings = { s->site, s->catalogue, count_groups(s->memory_bytes), d->key, s->alerts_per_minute };
	d->alerts = alerts_new(&settings, on_alert, d, err);
	if (!d->alerts) {
		detect_free(d);
		return NULL;
	}
	return d;
}

void detect_free(struct detect *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->n_running; i++)
		d->running[i].tracker->stop(d->running[i].state);
	if (d->alerts)
		alerts_free(d->alerts);
	record_free(d->seen);
	record_free(d->made);
	record_free(d->asked);
	detect_asker_free(d->asker);
	sight_free(d->sight);
	free(d);
}

void detect_met(struct detect *d, const struct meeting *m)
{
	detect_asker_met(d->asker, m);
}

void detect_view(const struct detect *d, struct detect_view *ret)
{
	visibility_view(d->visibility, d->sight, d->now_ns, ret);
}

static struct detect_held tracker_held(const struct running *r)
{
	struct table *const *tables = r->state;
	struct detect_held held = { .name = r->tracker->name };

	for (size_t i = 0; i < r->tracker->n_tables; i++) {
		held.entries += table_count(tables[i]);
		held.bytes += table_bytes(tables[i]);
	}
	return held;
}

_Static_assert(DETECT_TRACKERS + 2 <= DETECT_HELD, "room for all");

size_t detect_held(const struct detect *d, struct detect_held ret[DETECT_HELD])
{
	size_t n = 0;

	for (size_t i = 0; i < d->n_running; i++)
		ret[n++] = tracker_held(&d->running[i]);
	ret[n] = (struct detect_held){ .name = "correlations" };
	rules_held(d->rules, &ret[n].entries, &ret[n].bytes);
	n++;
	ret[n] = (struct detect_held){ .name = "alerts" };
	alerts_held(d->alerts, &ret[n].entries, &ret[n].bytes);
	return n + 1;
}

/* ---- running ---- */

uint32_t detect_datasets(const struct detect *d)
{
	uint32_t all = rules_datasets(d->rules);

	for (size_t i = 0; i < d->n_running; i++)
		all |= d->running[i].tracker->reads;
	return all & ~(DATASET_BIT(DATASET_BEACON) | DATASET_BIT(DATASET_RELAY) | DATASET_BIT(DATASET_SENSOR));
}

static void run_due(struct detect *d)
{
	for (size_t i = 0; i < d->n_running; i++) {
		if (d->running[i].tracker->tick)
			d->running[i].tracker->tick(d->running[i].state, &d->tracking, d->now_ns);
	}
	if (instant_since(d->now_ns, d->expired_ns) >= DETECT_EXPIRE_NS) {
		rules_expire(d->rules, d->now_ns);
		d->expired_ns = d->now_ns;
	}
	alerts_tick(d->alerts, d->now_ns);
	d->ticked_ns = d->now_ns;
}

void detect_tick(struct detect *d, uint64_t now_ns)
{
	if (now_ns > d->now_ns)
		d->now_ns = now_ns;
	if (instant_since(d->now_ns, d->ticked_ns) >= DETECT_TICK_NS)
		run_due(d);
}

uint64_t detect_wants(struct detect *d, const struct interest *i)
{
	uint64_t wanted = detect_asker_wants(d->asker, i);

	if (!wanted)
		detect_tick(d, i->time_ns);
	return wanted;
}

/* d->seen as it came, to trackers and rules. */
static void see(struct detect *d)
{
	struct record *r = d->seen;
	bool read = is_read(d, r);
	bool nameless = !record_has(r, FIELD_USER_NAME);

	if (read)
		enrich_record(&d->enrich, r);
	for (size_t i = 0; i < d->n_running; i++) {
		const struct running *run = &d->running[i];
		if ((run->tracker->reads | run->tracker->touches) & DATASET_BIT(r->dataset))
			run->tracker->see(run->state, &d->tracking, r);
	}
	if (read && nameless && record_has(r, FIELD_USER_NAME)) /* a tracker found out who it was: what hangs on that */
		enrich_record(&d->enrich, r);
	if (!d->withheld)
		detect_match(d, r, read);
	d->withheld = false;
}

void detect_contact(struct detect *d, const struct contact *c)
{
	detect_tick(d, c->time_ns);
	if ((c->feeds & ~INTEREST_TRACKER) && !rules_contact(d->rules, c)) {
		contact_record(c, d->seen);
		see(d);
		return;
	}
	for (size_t i = 0; (c->feeds & INTEREST_TRACKER) && i < d->n_running; i++) {
		const struct running *run = &d->running[i];
		if (run->tracker->contact)
			run->tracker->contact(run->state, &d->tracking, c);
	}
}

void detect_record(struct detect *d, const struct record *r)
{
	detect_tick(d, r->time_ns);
	record_assign(d->seen, r);
	see(d);
}

void detect_finish(struct detect *d, uint64_t now_ns)
{
	if (now_ns > d->now_ns)
		d->now_ns = now_ns;
	run_due(d);
	for (size_t i = 0; i < d->n_running; i++) {
		if (d->running[i].tracker->finish)
			d->running[i].tracker->finish(d->running[i].state, &d->tracking, d->now_ns);
	}
	alerts_finish(d->alerts, d->now_ns);
	detect_take_counts(d);
}

const struct detect_counts *detect_counts(const struct detect *d)
{
	return &d->counts;
}
