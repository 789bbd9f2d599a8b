/* SPDX-License-Identifier: BSD-2-Clause
 * The detection side: enrich, track, match, alert (DESIGN sections 5 and 6). One record at a time, on one thread; the
 * packet clock is the greatest time told so far. */
#include "detect/detect.h"

#include "base/attributes.h"
#include "base/instant.h"
#include "detect/alert.h"
#include "detect/tracker.h"
#include "enrich.h"
#include "identity.h"
#include "interest.h"
#include "tracked.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DETECT_TRACKERS 16                /* room for rows of trackers[] */
#define DETECT_ENTRY_BYTES 1024           /* generous size of one entry of a tracker */
#define DETECT_ENTRIES_LEAST 1024
#define DETECT_ENTRIES_MOST (1u << 20)
#define DETECT_READINGS 256
#define DETECT_GROUPS 65536               /* alert groups open at once */
#define DETECT_TICK_NS (100 * NS_PER_MS)  /* what is due is looked for this often */
#define DETECT_EXPIRE_NS NS_PER_MIN       /* correlations are swept this often */
#define DETECT_MADE_ID (UINT64_C(1) << 63) /* ids of tracker records, apart from those of the engine */

struct tracking {
	struct detect *detect;
	size_t entries;
};

struct running {
	const struct tracker *tracker;
	void *state;
};

/* Is such a record read by rules? Remembered by what decides it. */
struct reading {
	enum dataset dataset;
	char protocol[16];
	bool known, read;
};

struct detect {
	const struct site *site;
	struct rules *rules;
	struct alerts *alerts;
	struct enrich enrich;
	struct hash_key key;
	struct tracking tracking;
	struct running running[DETECT_TRACKERS];
	size_t n_running;
	void *identity;        /* state of that tracker */
	struct record *seen;   /* the record that passes, enriched */
	struct record *made;   /* the record a tracker publishes */
	struct record *asked;  /* what is known of a record that may be made */
	struct interests interests;
	struct reading readings[DETECT_READINGS];
	bool made_open;
	uint64_t made_count;
	uint64_t now_ns, ticked_ns, expired_ns;
	struct detect_counts counts;
	void (*alert)(void *context, const struct record *r);
	void (*show)(void *context, const struct record *r);
	void *context;
};

/* ---- what trackers may ask ---- */

const struct site *tracking_site(const struct tracking *t)
{
	return t->detect->site;
}

const struct hash_key *tracking_key(const struct tracking *t)
{
	return &t->detect->key;
}

size_t tracking_entries(const struct tracking *t)
{
	return t->entries;
}

struct record *tracking_record(struct tracking *t, enum dataset dataset, uint64_t time_ns)
{
	struct detect *d = t->detect;

	if (d->made_open)
		return NULL;
	record_clear(d->made, dataset, time_ns);
	d->made->id = DETECT_MADE_ID | ++d->made_count;
	d->made_open = true;
	return d->made;
}

/* ---- matching ---- */

static void add_account(void *context, struct bytes account)
{
	record_add_text(context, FIELD_RELATED_USER, account);
}

static void take_counts(struct detect *d)
{
	const struct alerts_counts *a = alerts_counts(d->alerts);

	d->counts.alerts = a->opened;
	d->counts.suppressed = a->suppressed;
	d->counts.excepted = a->excepted;
	memcpy(d->counts.by_level, a->by_level, sizeof(d->counts.by_level));
	memcpy(d->counts.by_measure, a->by_measure, sizeof(d->counts.by_measure));
}

static void on_match(void *context, const struct match *m)
{
	struct detect *d = context;
	/* The record is one of ours: what is added reaches the alert made of it. */
	struct record *r = m->record == d->made ? d->made : d->seen;
	const struct address *from = record_ip(r, FIELD_SOURCE_IP);

	d->counts.matches++;
	if (d->identity && from && !record_has(r, FIELD_RELATED_USER))
		identity_accounts(d->identity, from, d->now_ns, add_account, r);
	alerts_match(d->alerts, m);
	take_counts(d);
}

/* Could a rule match such a record of this protocol? What nobody but trackers looks at needs nothing of the site. */
static bool is_read(struct detect *d, const struct record *r)
{
	static const enum field known[] = { FIELD_NETWORK_PROTOCOL };
	struct bytes protocol = record_text(r, FIELD_NETWORK_PROTOCOL);

	if (d->show || protocol.size >= sizeof(d->readings[0].protocol))
		return true;
	struct reading *place = &d->readings[(r->dataset * 8 + protocol.size) % DETECT_READINGS];
	if (place->known && place->dataset == r->dataset && bytes_equal(protocol, bytes_string(place->protocol)))
		return place->read;
	*place = (struct reading){ .known = true, .dataset = r->dataset };
	if (protocol.size)
		memcpy(place->protocol, protocol.at, protocol.size);
	record_clear(d->asked, r->dataset, r->time_ns);
	record_set_text(d->asked, FIELD_NETWORK_PROTOCOL, protocol);
	if (!protocol.size)
		record_unset(d->asked, FIELD_NETWORK_PROTOCOL);
	place->read = rules_interest(d->rules, d->asked, known, ARRAY_SIZE(known)) != 0;
	return place->read;
}

static void match(struct detect *d, const struct record *r, bool read)
{
	d->counts.records++;
	if (read)
		rules_match(d->rules, r, on_match, d);
	if (d->show)
		d->show(d->context, r);
}

void tracking_publish(struct tracking *t, struct record *r)
{
	struct detect *d = t->detect;

	enrich_record(&d->enrich, r);
	match(d, r, true);
	d->made_open = false;
}

static void on_alert(void *context, const struct record *r)
{
	struct detect *d = context;

	d->alert(d->context, r);
}

/* ---- life ---- */

static bool wanted(const struct detect *d, const struct tracker *t)
{
	if (!t->sets || d->show)
		return true;
	for (const enum field *f = t->sets; *f != FIELD_COUNT; f++) {
		if (rules_read_field(d->rules, *f))
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

static bool start_trackers(struct detect *d, size_t memory)
{
	size_t n = count_trackers();
	size_t entries = memory / n / DETECT_ENTRY_BYTES;

	entries = entries < DETECT_ENTRIES_LEAST ? DETECT_ENTRIES_LEAST : entries;
	entries = entries > DETECT_ENTRIES_MOST ? DETECT_ENTRIES_MOST : entries;
	d->tracking = (struct tracking){ d, entries };
	for (size_t i = 0; i < n && d->n_running < DETECT_TRACKERS; i++) {
		if (!wanted(d, trackers[i]))
			continue;
		void *state = trackers[i]->start(&d->tracking);
		if (!state)
			return false;
		d->running[d->n_running++] = (struct running){ trackers[i], state };
		if (trackers[i] == &tracker_identity)
			d->identity = state;
	}
	return true;
}

struct detect *detect_new(const struct detect_settings *s, void (*alert)(void *context, const struct record *r),
			  void (*seen)(void *context, const struct record *r), void *context, struct error *err)
{
	struct detect *d = calloc(1, sizeof(*d));

	if (!d) {
		error_set(err, "out of memory");
		return NULL;
	}
	d->site = s->site;
	d->rules = s->rules;
	d->alert = alert;
	d->show = seen;
	d->context = context;
	/* The key keeps strangers from choosing colliding entries; no result depends on it. */
	(void)!getentropy(&d->key, sizeof(d->key));
	enrich_init(&d->enrich, s->site, s->rules, seen != NULL);
	d->seen = record_new();
	d->made = record_new();
	d->asked = record_new();
	d->interests.site = s->site;
	d->interests.key = d->key;
	uint64_t greatest = rules_greatest(s->rules, FIELD_SOURCE_PORT);
	d->interests.port_max = greatest < UINT16_MAX ? (uint16_t)(greatest + 1) : UINT16_MAX;
	if (!d->seen || !d->made || !d->asked || !start_trackers(d, s->memory_bytes)) {
		error_set(err, "out of memory");
		detect_free(d);
		return NULL;
	}
	struct alerts_settings settings = { s->site, s->catalogue, DETECT_GROUPS, d->key };
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
	free(d);
}

/* ---- running ---- */

uint32_t detect_datasets(const struct detect *d)
{
	uint32_t all = rules_datasets(d->rules);

	for (size_t i = 0; i < d->n_running; i++)
		all |= d->running[i].tracker->reads;
	return all & ~DATASET_BIT(DATASET_BEACON);
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

static bool tracker_wants(struct detect *d, const struct interest *i)
{
	for (size_t k = 0; k < d->n_running; k++) {
		const struct tracker *t = d->running[k].tracker;
		if ((t->reads & DATASET_BIT(i->dataset)) && (!t->wants || t->wants(&d->tracking, i)))
			return true;
	}
	return false;
}

static uint64_t rule_wants(struct detect *d, const struct interest *i)
{
	/* The last one only where no pair of hosts is managed: it is asked of addresses, not of their class. */
	static const enum field known[] = {
		FIELD_EVENT_ACTION, FIELD_FLOW_OUTCOME, FIELD_NETWORK_TRANSPORT, FIELD_NETWORK_PROTOCOL, FIELD_SOURCE_PORT,
		FIELD_DESTINATION_PORT, FIELD_SOURCE_ZONE, FIELD_SOURCE_ROLE, FIELD_DESTINATION_ZONE, FIELD_DESTINATION_ROLE,
		FIELD_POLICY_ACTION, FIELD_SOURCE_ADMIN_PLACE, FIELD_POLICY_MANAGED,
	};
	struct record *r = d->asked;

	record_clear(r, i->dataset, i->time_ns);
	record_set_string(r, FIELD_EVENT_ACTION, i->action);
	record_set_string(r, FIELD_FLOW_OUTCOME, i->outcome);
	record_set_string(r, FIELD_NETWORK_TRANSPORT, i->transport);
	record_set_string(r, FIELD_NETWORK_PROTOCOL, i->protocol);
	record_set_ip(r, FIELD_SOURCE_IP, i->client);
	record_set_ip(r, FIELD_DESTINATION_IP, i->server);
	if (i->has_port) {
		record_set_uint(r, FIELD_SOURCE_PORT, i->client_port);
		record_set_uint(r, FIELD_DESTINATION_PORT, i->server_port);
	}
	enrich_record(&d->enrich, r);
	return rules_interest(d->rules, r, known, ARRAY_SIZE(known) - site_manages(d->site));
}

/* Only the field told is known: nothing needs to be asked of the site. */
static uint64_t text_wanted(struct detect *d, const struct interest *i)
{
	record_clear(d->asked, i->dataset, i->time_ns);
	record_set_text(d->asked, i->field, i->text);
	return tracker_wants(d, i) || rules_interest(d->rules, d->asked, &i->field, 1) ? INTEREST_RECORD : 0;
}

uint64_t detect_wants(struct detect *d, const struct interest *i)
{
	if (d->show)
		return INTEREST_RECORD;
	if (i->text.at)
		return text_wanted(d, i);
	struct interest_answer *answer = interest_find(&d->interests, i);
	if (!answer->known) {
		answer->wanted = tracker_wants(d, i) ? INTEREST_RECORD : rule_wants(d, i);
		answer->known = true;
	}
	if (!answer->wanted)
		detect_tick(d, i->time_ns);
	return answer->wanted;
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
	match(d, r, read);
}

void detect_contact(struct detect *d, const struct contact *c)
{
	detect_tick(d, c->time_ns);
	if (rules_contact(d->rules, c))
		return;
	contact_record(c, d->seen);
	see(d);
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
}

const struct detect_counts *detect_counts(const struct detect *d)
{
	return &d->counts;
}
