/* SPDX-License-Identifier: BSD-2-Clause
 * Hosts that pass connections on (MEASURES A-07, JPCERT's HTran): of the connections of a host that have ended, two that
 * began at nearly the same time and of which each carried away what the other had brought. It accepts one and opens the
 * other (accepts), opens both (connects), or accepts both (joins). At least one of them leads outside: what is passed on
 * inside is load balancing more often than not. Each pair is published once, by the one that ends last. */
#include "tracked.h"

#include "base/instant.h"
#include "base/table.h"

#include <stdlib.h>

#define RELAY_LEGS 16                    /* ended connections kept of one host; the oldest goes */
#define RELAY_DELAY_NS (60 * NS_PER_S)   /* starts further apart are not compared */
#define RELAY_LIKENESS_LEAST 0.5         /* pairs less alike are not published */

struct leg {
	uint64_t start_ns;
	uint64_t brought, taken; /* payload bytes to the host, and from it */
	struct address peer;
	uint16_t port[2];        /* of the client, of the server */
	bool accepted, outside;
};

struct host {
	struct leg legs[RELAY_LEGS];
	uint8_t next, count;
};

/* What is read of a connection that ended. */
struct ended {
	uint64_t time_ns, start_ns, sent, answered, packet;
	const struct address *client, *server;
	uint16_t port[2];
	struct bytes file; /* at is NULL where it is not known */
	bool partial;
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

/* As RELAY_LIKENESS_LEAST has it, without dividing: most pairs are not. */
static bool unlike(uint64_t a, uint64_t b)
{
	return a < b ? a < b / 2 : b < a / 2;
}

static double likeness(const struct leg *a, const struct leg *b)
{
	return least(ratio(a->brought, b->taken), ratio(a->taken, b->brought));
}

static const struct leg *best_of(const struct host *host, const struct leg *leg)
{
	const struct leg *best = NULL;
	double best_likeness = RELAY_LIKENESS_LEAST;

	for (size_t i = 0; i < host->count; i++) {
		const struct leg *other = &host->legs[i];
		if ((!leg->outside && !other->outside) || unlike(leg->brought, other->taken) || unlike(leg->taken, other->brought))
			continue;
		double like = likeness(leg, other);
		if (like < best_likeness || apart(leg->start_ns, other->start_ns) > RELAY_DELAY_NS ||
		    address_equal(&leg->peer, &other->peer))
			continue;
		best = other;
		best_likeness = like;
	}
	return best;
}

/* ---- telling ---- */

/* Which of the two leads away: the one that was opened, to the outside before to the inside, at last the later one. */
static bool leads_away(const struct leg *a, const struct leg *b)
{
	if (a->accepted != b->accepted)
		return !a->accepted;
	if (a->outside != b->outside)
		return a->outside;
	return a->start_ns > b->start_ns;
}

static void publish(struct tracking *t, const struct ended *last, const struct address *host, const struct leg *from,
		    const struct leg *to)
{
	struct record *r = tracking_record(t, DATASET_RELAY, last->time_ns);

	if (!r)
		return;
	r->partial = last->partial;
	record_set_ip(r, FIELD_SOURCE_IP, host);
	record_set_uint(r, FIELD_SOURCE_PORT, to->port[to->accepted]);
	record_set_ip(r, FIELD_DESTINATION_IP, &to->peer);
	record_set_uint(r, FIELD_DESTINATION_PORT, to->port[!to->accepted]);
	record_set_string(r, FIELD_NETWORK_TYPE, address_is_v4(host) ? "ipv4" : "ipv6");
	record_set_string(r, FIELD_NETWORK_TRANSPORT, "tcp");
	record_set_uint(r, FIELD_SOURCE_BYTES, to->taken);
	record_set_uint(r, FIELD_DESTINATION_BYTES, to->brought);
	record_set_uint(r, FIELD_EVENT_START, from->start_ns < to->start_ns ? from->start_ns : to->start_ns);
	record_set_string(r, FIELD_RELAY_KIND, from->accepted != to->accepted ? "accepts" : to->accepted ? "joins" : "connects");
	record_set_ip(r, FIELD_RELAY_PEER_IP, &from->peer);
	record_set_uint(r, FIELD_RELAY_PEER_PORT, from->port[1]);
	record_set_real(r, FIELD_RELAY_DELAY, (double)apart(from->start_ns, to->start_ns) / (double)NS_PER_S);
	record_set_real(r, FIELD_RELAY_LIKENESS, likeness(from, to));
	record_set_uint(r, FIELD_RELAY_BYTES, from->brought < from->taken ? from->brought : from->taken);
	if (last->file.at) {
		record_set_text(r, FIELD_SENSOR_CAPTURE_FILE, last->file);
		record_set_uint(r, FIELD_SENSOR_PACKET, last->packet);
	}
	tracking_publish(t, r);
}

static void see_leg(struct relays *s, struct tracking *t, const struct ended *c, const struct address *host, const struct leg *leg)
{
	struct host *h = table_make(s->hosts, host, c->time_ns, NULL);

	if (!h)
		return;
	const struct leg *other = best_of(h, leg);
	if (other && leads_away(leg, other))
		publish(t, c, host, other, leg);
	else if (other)
		publish(t, c, host, leg, other);
	h->legs[h->next] = *leg;
	h->next = (uint8_t)((h->next + 1) % RELAY_LEGS);
	h->count = h->count < RELAY_LEGS ? (uint8_t)(h->count + 1) : RELAY_LEGS;
}

/* ---- seeing ---- */

static void see_ended(struct relays *s, struct tracking *t, const struct ended *c)
{
	struct leg leg = {
		.start_ns = c->start_ns,
		.brought = c->answered, .taken = c->sent,
		.peer = *c->server,
		.port = { c->port[0], c->port[1] },
		.outside = tracking_is_external(t, c->server),
	};
	bool from_outside = tracking_is_external(t, c->client);

	if (!from_outside)
		see_leg(s, t, c, c->client, &leg);
	if (leg.outside)
		return;
	leg.brought = c->sent;
	leg.taken = c->answered;
	leg.peer = *c->client;
	leg.accepted = true;
	leg.outside = from_outside;
	see_leg(s, t, c, c->server, &leg);
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

/* The same for what it asks for and for what comes for the sake of others. */
static bool may_be_half(struct tracking *t, const struct address *client, const struct address *server, uint16_t port)
{
	const struct site *site = tracking_site(t);

	if (is_chatter(port) || (site_is_external(site, client) && site_is_external(site, server)))
		return false;
	return strcmp(site_role(site, client), "proxy") != 0 && strcmp(site_role(site, server), "proxy") != 0;
}

static void relay_see(void *state, struct tracking *t, struct record *r)
{
	struct ended c = {
		.time_ns = r->time_ns, .start_ns = tracked_start(r), .packet = record_uint(r, FIELD_SENSOR_PACKET),
		.sent = record_uint(r, FIELD_SOURCE_BYTES), .answered = record_uint(r, FIELD_DESTINATION_BYTES),
		.client = record_ip(r, FIELD_SOURCE_IP), .server = record_ip(r, FIELD_DESTINATION_IP),
		.port = { (uint16_t)record_uint(r, FIELD_SOURCE_PORT), (uint16_t)record_uint(r, FIELD_DESTINATION_PORT) },
		.file = record_text(r, FIELD_SENSOR_CAPTURE_FILE), .partial = r->partial,
	};

	if (!c.client || !c.server || c.sent == 0 || c.answered == 0 || !record_text_is(r, FIELD_EVENT_ACTION, "closed") ||
	    !record_text_is(r, FIELD_NETWORK_TRANSPORT, "tcp") || record_text_is(r, FIELD_FLOW_OUTCOME, "midstream"))
		return;
	if (may_be_half(t, c.client, c.server, c.port[1]))
		see_ended(state, t, &c);
}

/* The same of plain data, which comes where relay_wants said so. */
static void relay_contact(void *state, struct tracking *t, const struct contact *c)
{
	struct ended ended = {
		.time_ns = c->time_ns, .start_ns = c->start_ns, .packet = c->ends.packet, .sent = c->client_bytes, .answered = c->server_bytes,
		.client = &c->ends.client, .server = &c->ends.server, .port = { c->ends.client_port, c->ends.server_port },
		.file = c->ends.file ? bytes_string(c->ends.file) : (struct bytes){ 0 }, .partial = c->partial,
	};

	if (ended.sent > 0 && ended.answered > 0)
		see_ended(state, t, &ended);
}

static bool relay_wants(struct tracking *t, const struct interest *i)
{
	return i->transport && strcmp(i->transport, "tcp") == 0 && strcmp(i->action, "closed") == 0 && strcmp(i->outcome, "midstream") != 0 &&
	       may_be_half(t, i->client, i->server, i->server_port);
}

static const enum field relay_sets[] = { FIELD_RELAY_KIND, FIELD_RELAY_DELAY, FIELD_RELAY_LIKENESS, FIELD_RELAY_BYTES, FIELD_COUNT };

const struct tracker tracker_relay = {
	.name = "relay",
	.n_tables = 1,
	.reads = DATASET_BIT(DATASET_FLOW),
	.publishes = DATASET_BIT(DATASET_RELAY),
	.sets = relay_sets,
	.start = relay_start,
	.see = relay_see,
	.contact = relay_contact,
	.wants = relay_wants,
	.stop = relay_stop,
};
