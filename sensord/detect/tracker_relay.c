/* SPDX-License-Identifier: BSD-2-Clause
 * Hosts that pass connections on (MEASURES A-07, JPCERT's HTran): of the connections of a host that have ended, one to
 * the outside and one inside that began at nearly the same time and carried the same bytes. Two shapes: the host accepts
 * the inner connection and opens the outer one (accepts), or it opens both and joins them (connects): then what the one
 * end sends is what the other end receives. Each pair is published once, by the one that ends last. */
#include "tracked.h"

#include "base/instant.h"
#include "base/table.h"

#include <stdlib.h>

#define RELAY_LEGS 8                     /* ended connections kept of one host and kind; the oldest goes */
#define RELAY_DELAY_NS (60 * NS_PER_S)   /* starts further apart are not compared */
#define RELAY_LIKENESS_LEAST 0.5         /* pairs less alike are not published */

enum leg_kind { LEG_ACCEPTED, LEG_OPENED, LEG_OUTER, LEG_KINDS };

struct leg {
	uint64_t start_ns;
	uint64_t bytes[2]; /* of the client, of the server */
	struct address peer;
	uint16_t port[2];  /* of the client, of the server */
	bool used;
};

struct host {
	struct leg legs[LEG_KINDS][RELAY_LEGS];
	uint8_t next[LEG_KINDS];
};

struct relays {
	struct table *hosts; /* address -> struct host */
};

static void *relay_start(struct tracking *t)
{
	struct relays *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	/* An entry is larger than those of other trackers. */
	s->hosts = table_new(sizeof(struct address), sizeof(struct host), tracking_entries(t) / 2 + 1, tracking_key(t), NULL, NULL);
	if (!s->hosts) {
		free(s);
		return NULL;
	}
	return s;
}

static void relay_stop(void *state)
{
	struct relays *s = state;

	table_free(s->hosts);
	free(s);
}

/* ---- comparing ---- */

static uint64_t apart(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

static double ratio(uint64_t a, uint64_t b)
{
	uint64_t less = a < b ? a : b, more = a < b ? b : a;

	return more ? (double)less / (double)more : 0;
}

static double least(double a, double b)
{
	return a < b ? a : b;
}

/* An accepted connection's client speaks to the outer server; an opened one's server does. */
static double likeness(const struct leg *inner, const struct leg *outer, bool accepted)
{
	return least(ratio(inner->bytes[!accepted], outer->bytes[0]), ratio(inner->bytes[accepted], outer->bytes[1]));
}

static const struct leg *best_of(const struct host *host, enum leg_kind kind, const struct leg *leg, bool accepted)
{
	const struct leg *best = NULL;
	double best_likeness = RELAY_LIKENESS_LEAST;

	for (size_t i = 0; i < RELAY_LEGS; i++) {
		const struct leg *other = &host->legs[kind][i];
		if (!other->used || apart(leg->start_ns, other->start_ns) > RELAY_DELAY_NS)
			continue;
		double like = kind == LEG_OUTER ? likeness(leg, other, accepted) : likeness(other, leg, accepted);
		if (like < best_likeness)
			continue;
		best = other;
		best_likeness = like;
	}
	return best;
}

/* ---- telling ---- */

static void publish(struct tracking *t, const struct record *last, const struct address *host, const struct leg *inner,
		    const struct leg *outer, bool accepted)
{
	struct record *r = tracking_record(t, DATASET_RELAY, last->time_ns);

	if (!r)
		return;
	r->partial = last->partial;
	record_set_ip(r, FIELD_SOURCE_IP, host);
	record_set_uint(r, FIELD_SOURCE_PORT, outer->port[0]);
	record_set_ip(r, FIELD_DESTINATION_IP, &outer->peer);
	record_set_uint(r, FIELD_DESTINATION_PORT, outer->port[1]);
	record_set_string(r, FIELD_NETWORK_TYPE, address_is_v4(host) ? "ipv4" : "ipv6");
	record_set_string(r, FIELD_NETWORK_TRANSPORT, "tcp");
	record_set_uint(r, FIELD_SOURCE_BYTES, outer->bytes[0]);
	record_set_uint(r, FIELD_DESTINATION_BYTES, outer->bytes[1]);
	record_set_uint(r, FIELD_EVENT_START, inner->start_ns < outer->start_ns ? inner->start_ns : outer->start_ns);
	record_set_string(r, FIELD_RELAY_KIND, accepted ? "accepts" : "connects");
	record_set_ip(r, FIELD_RELAY_PEER_IP, &inner->peer);
	record_set_uint(r, FIELD_RELAY_PEER_PORT, inner->port[1]);
	record_set_real(r, FIELD_RELAY_DELAY, (double)apart(inner->start_ns, outer->start_ns) / (double)NS_PER_S);
	record_set_real(r, FIELD_RELAY_LIKENESS, likeness(inner, outer, accepted));
	record_set_uint(r, FIELD_RELAY_BYTES, inner->bytes[0] < inner->bytes[1] ? inner->bytes[0] : inner->bytes[1]);
	if (record_has(last, FIELD_SENSOR_CAPTURE_FILE)) {
		record_set_text(r, FIELD_SENSOR_CAPTURE_FILE, record_text(last, FIELD_SENSOR_CAPTURE_FILE));
		record_set_uint(r, FIELD_SENSOR_PACKET, record_uint(last, FIELD_SENSOR_PACKET));
	}
	tracking_publish(t, r);
}

static void see_leg(struct relays *s, struct tracking *t, const struct record *r, const struct address *host, enum leg_kind kind,
		    const struct leg *leg)
{
	struct host *h = table_make(s->hosts, host, r->time_ns, NULL);
	const struct leg *other;

	if (!h)
		return;
	if (kind != LEG_OUTER) {
		other = best_of(h, LEG_OUTER, leg, kind == LEG_ACCEPTED);
		if (other)
			publish(t, r, host, leg, other, kind == LEG_ACCEPTED);
	} else {
		other = best_of(h, LEG_ACCEPTED, leg, true);
		bool accepted = other != NULL;
		if (!other)
			other = best_of(h, LEG_OPENED, leg, false);
		if (other)
			publish(t, r, host, other, leg, accepted);
	}
	h->legs[kind][h->next[kind]] = *leg;
	h->next[kind] = (uint8_t)((h->next[kind] + 1) % RELAY_LEGS);
}

/* ---- seeing ---- */

static void relay_see(void *state, struct tracking *t, struct record *r)
{
	const struct address *from = record_ip(r, FIELD_SOURCE_IP), *to = record_ip(r, FIELD_DESTINATION_IP);
	const struct site *site = tracking_site(t);

	if (!from || !to || !record_text_is(r, FIELD_EVENT_ACTION, "closed") || !record_text_is(r, FIELD_NETWORK_TRANSPORT, "tcp") ||
	    record_text_is(r, FIELD_FLOW_OUTCOME, "midstream") || site_is_external(site, from))
		return;
	struct leg leg = {
		.start_ns = tracked_start(r),
		.bytes = { record_uint(r, FIELD_SOURCE_BYTES), record_uint(r, FIELD_DESTINATION_BYTES) },
		.peer = *to,
		.port = { (uint16_t)record_uint(r, FIELD_SOURCE_PORT), (uint16_t)record_uint(r, FIELD_DESTINATION_PORT) },
		.used = true,
	};
	if (leg.bytes[0] == 0 || leg.bytes[1] == 0)
		return;
	if (site_is_external(site, to)) {
		see_leg(state, t, r, from, LEG_OUTER, &leg);
		return;
	}
	see_leg(state, t, r, from, LEG_OPENED, &leg);
	leg.peer = *from;
	see_leg(state, t, r, to, LEG_ACCEPTED, &leg);
}

/* What every terminal does all day with its domain is no half of a relay worth a record for each. */
static bool is_chatter(uint16_t port)
{
	static const uint16_t ports[] = { 53, 88, 123, 389, 464, 636, 3268, 3269 };

	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		if (ports[i] == port)
			return true;
	return false;
}

static bool relay_wants(struct tracking *t, const struct interest *i)
{
	const struct site *site = tracking_site(t);

	return i->transport && strcmp(i->transport, "tcp") == 0 && strcmp(i->action, "closed") == 0 &&
	       !is_chatter(i->server_port) && !site_is_external(site, i->client) &&
	       strcmp(site_role(site, i->client), "proxy") != 0 && strcmp(site_role(site, i->server), "proxy") != 0;
}

static const enum field relay_sets[] = { FIELD_RELAY_KIND, FIELD_RELAY_DELAY, FIELD_RELAY_LIKENESS, FIELD_RELAY_BYTES, FIELD_COUNT };

const struct tracker tracker_relay = {
	.name = "relay",
	.reads = DATASET_BIT(DATASET_FLOW),
	.publishes = DATASET_BIT(DATASET_RELAY),
	.sets = relay_sets,
	.start = relay_start,
	.see = relay_see,
	.wants = relay_wants,
	.stop = relay_stop,
};
