/* SPDX-License-Identifier: BSD-2-Clause
 * Clients that are asked by a proxy who they are and never answer (MEASURES 6.2, B-01). A 407 to a request without a
 * credential is the ordinary opening of every handshake, and a browser collects many at once; so each waits here. A
 * credential from the same client and User-Agent within CHALLENGE_WINDOW, before or after, answers it; what stays is
 * published as a copy with the action "gave-up".
 *
 * The wait is longer than the window because the request with the credential is told only when its answer has come:
 * a slow server must not make a browser look like one that gave up. */
#include "tracked.h"

#include "base/instant.h"
#include "base/table.h"

#include <stdlib.h>

#define CHALLENGE_WINDOW_NS (10 * NS_PER_S) /* credential and challenge this close belong together */
#define CHALLENGE_WAIT_NS (30 * NS_PER_S)   /* packet time until a challenge without credential is told */
#define CHALLENGE_WAITING 4096              /* challenges that wait at once; the oldest is told early beyond that */

struct client_key {
	struct address client;
	uint64_t agent; /* hash of the User-Agent */
};

struct client {
	uint64_t credential_ns; /* latest request with a credential; 0: none */
	struct pace pace;       /* of the challenges given up */
};

struct waiting {
	struct client_key key;
	struct record *record;
	bool answered;
};

struct challenges {
	struct table *clients;
	struct waiting *ring; /* CHALLENGE_WAITING */
	uint64_t first, next; /* numbers of the oldest one waiting and of the next */
};

static void challenge_stop(void *state)
{
	struct challenges *s = state;

	for (; s->ring && s->first < s->next; s->first++)
		record_free(s->ring[s->first % CHALLENGE_WAITING].record);
	if (s->clients)
		table_free(s->clients);
	free(s->ring);
	free(s);
}

static void *challenge_start(struct tracking *t)
{
	struct challenges *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->ring = calloc(CHALLENGE_WAITING, sizeof(*s->ring));
	s->clients = table_new(sizeof(struct client_key), sizeof(struct client), tracking_entries(t), tracking_key(t), NULL, NULL);
	if (!s->ring || !s->clients) {
		challenge_stop(s);
		return NULL;
	}
	return s;
}

static void gave_up(struct challenges *s, struct tracking *t, const struct waiting *w)
{
	struct client *c = table_make(s->clients, &w->key, w->record->time_ns, NULL);
	struct record *r = tracking_record(t, DATASET_PROXY, w->record->time_ns);

	if (r) {
		r->partial = w->record->partial;
		record_merge(r, w->record);
		record_set_string(r, FIELD_EVENT_ACTION, "gave-up");
		tracking_publish(t, r);
	}
	if (c && pace_start(&c->pace, tracked_start(w->record)))
		tracked_publish_pace(t, &c->pace, "challenge", w->record);
}

/* Decides on the oldest challenge. */
static void decide(struct challenges *s, struct tracking *t)
{
	struct waiting *w = &s->ring[s->first % CHALLENGE_WAITING];

	if (!w->answered)
		gave_up(s, t, w);
	record_free(w->record);
	w->record = NULL;
	s->first++;
}

static void wait_for_answer(struct challenges *s, struct tracking *t, const struct client_key *key, const struct record *r)
{
	if (s->next - s->first == CHALLENGE_WAITING)
		decide(s, t);
	struct record *copy = record_copy(r);
	if (!copy)
		return;
	s->ring[s->next % CHALLENGE_WAITING] = (struct waiting){ *key, copy, false };
	s->next++;
}

static bool are_close(uint64_t a, uint64_t b)
{
	return (a > b ? a - b : b - a) <= CHALLENGE_WINDOW_NS;
}

/* A credential answers what this client was asked around its time: it may be told late, so all that waits is looked at.
 * any: whatever program it was. */
static void answer(struct challenges *s, const struct client_key *key, uint64_t time_ns, bool any)
{
	for (uint64_t i = s->first; i < s->next; i++) {
		struct waiting *w = &s->ring[i % CHALLENGE_WAITING];
		bool same = address_equal(&w->key.client, &key->client) && (any || w->key.agent == key->agent);
		if (same && are_close(w->record->time_ns, time_ns))
			w->answered = true;
	}
}

static void challenge_see(void *state, struct tracking *t, struct record *r)
{
	struct challenges *s = state;
	const struct address *client = record_ip(r, FIELD_SOURCE_IP);
	bool bare = !record_has(r, FIELD_PROXY_AUTH_SCHEME) || record_text_is(r, FIELD_PROXY_AUTH_SCHEME, "none");
	bool cut = record_bool(r, FIELD_HTTP_REQUEST_CUT); /* credential and program may stand where nothing was captured */
	struct client_key key;

	if (!client)
		return;
	memset(&key, 0, sizeof(key));
	key.client = *client;
	key.agent = tracked_name(t, record_text(r, FIELD_USER_AGENT_ORIGINAL));
	struct client *c = table_make(s->clients, &key, r->time_ns, NULL);
	if (!c)
		return;
	if (!bare || cut || record_bool(r, FIELD_PROXY_AUTHENTICATED)) {
		c->credential_ns = r->time_ns > c->credential_ns ? r->time_ns : c->credential_ns;
		answer(s, &key, r->time_ns, cut);
	} else if (record_uint(r, FIELD_HTTP_RESPONSE_STATUS_CODE) == 407) {
		if (!c->credential_ns || !are_close(r->time_ns, c->credential_ns))
			wait_for_answer(s, t, &key, r);
	}
}

static void challenge_tick(void *state, struct tracking *t, uint64_t now_ns)
{
	struct challenges *s = state;

	while (s->first < s->next) {
		const struct record *oldest = s->ring[s->first % CHALLENGE_WAITING].record;
		if (instant_since(now_ns, oldest->time_ns) < CHALLENGE_WAIT_NS)
			break;
		decide(s, t);
	}
}

static void challenge_finish(void *state, struct tracking *t, uint64_t now_ns)
{
	struct challenges *s = state;

	(void)now_ns;
	while (s->first < s->next)
		decide(s, t);
}

const struct tracker tracker_challenge = {
	.name = "challenge",
	.n_tables = 1,
	.reads = DATASET_BIT(DATASET_PROXY),
	.publishes = DATASET_BIT(DATASET_PROXY) | DATASET_BIT(DATASET_BEACON),
	.start = challenge_start,
	.see = challenge_see,
	.tick = challenge_tick,
	.finish = challenge_finish,
	.stop = challenge_stop,
};
