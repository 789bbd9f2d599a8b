/* SPDX-License-Identifier: BSD-2-Clause
 * Tunnels of one client to one target over time: opened again right after the far side cut them (MEASURES C-04), and
 * how much went up through all of them in a day of the site (C-09). */
#include "tracked.h"

#include "base/instant.h"
#include "base/table.h"

#include <stdlib.h>

#define RECONNECT_NS (60 * NS_PER_S) /* opened again this soon after the cut */

struct target_key {
	struct address client;
	uint64_t host;
	uint64_t port;
};

struct target {
	uint64_t cut_ns;         /* when the server side closed the last one; 0: it did not */
	double cut_age;          /* seconds which that one had lived */
	double shortest, longest; /* of the cut ones in this row */
	uint64_t reconnects;
	int64_t day;
	uint64_t up, down;       /* bytes in that day */
};

struct pipe_key {
	struct address client, server;
	uint32_t client_port, server_port;
};

/* What was already counted of a tunnel. */
struct pipe {
	uint64_t up, down;
};

struct tunnels {
	struct table *targets;
	struct table *pipes;
};

static void tunnel_stop(void *state)
{
	struct tunnels *s = state;

	table_free(s->targets);
	table_free(s->pipes);
	free(s);
}

static void *tunnel_start(struct tracking *t)
{
	struct tunnels *s = calloc(1, sizeof(*s));
	size_t half = tracking_entries(t) / 2;

	if (!s)
		return NULL;
	s->targets = table_new(sizeof(struct target_key), sizeof(struct target), half, tracking_key(t), NULL, NULL);
	s->pipes = table_new(sizeof(struct pipe_key), sizeof(struct pipe), half, tracking_key(t), NULL, NULL);
	if (!s->targets || !s->pipes) {
		if (s->targets)
			table_free(s->targets);
		if (s->pipes)
			table_free(s->pipes);
		free(s);
		return NULL;
	}
	return s;
}

static void see_opened(struct target *target, struct record *r)
{
	bool again = target->cut_ns && instant_since(r->time_ns, target->cut_ns) <= RECONNECT_NS;

	if (!again) {
		target->reconnects = 0;
		target->cut_ns = 0;
		return;
	}
	double age = target->cut_age;
	target->shortest = target->reconnects == 0 || age < target->shortest ? age : target->shortest;
	target->longest = target->reconnects == 0 || age > target->longest ? age : target->longest;
	target->reconnects++;
	target->cut_ns = 0;
	record_set_uint(r, FIELD_TUNNEL_RECONNECTS, target->reconnects);
	record_set_real(r, FIELD_TUNNEL_CUT_AGE, target->shortest);
	if (target->longest > 0)
		record_set_real(r, FIELD_TUNNEL_CUT_JITTER, (target->longest - target->shortest) / target->longest);
}

static void see_closed(struct target *target, const struct record *r)
{
	bool cut = record_text_is(r, FIELD_TUNNEL_CLOSED_BY, "server");

	target->cut_ns = cut ? r->time_ns : 0;
	target->cut_age = record_real(r, FIELD_TUNNEL_AGE);
}

static bool pipe_of(const struct record *r, struct pipe_key *key)
{
	const struct address *client = record_ip(r, FIELD_SOURCE_IP);
	const struct address *server = record_ip(r, FIELD_DESTINATION_IP);

	if (!client || !server)
		return false;
	memset(key, 0, sizeof(*key));
	key->client = *client;
	key->server = *server;
	key->client_port = (uint32_t)record_uint(r, FIELD_SOURCE_PORT);
	key->server_port = (uint32_t)record_uint(r, FIELD_DESTINATION_PORT);
	return true;
}

static uint64_t grown(uint64_t now, uint64_t before)
{
	return now > before ? now - before : 0;
}

/* Adds what this tunnel carried since its last record to the day of its target. */
static void count_bytes(struct tunnels *s, struct tracking *t, struct target *target, struct record *r)
{
	struct pipe_key key;
	uint32_t second;
	int64_t day;

	if (!pipe_of(r, &key))
		return;
	struct pipe *pipe = table_make(s->pipes, &key, r->time_ns, NULL);
	if (!pipe)
		return;
	if (record_text_is(r, FIELD_EVENT_ACTION, "opened"))
		*pipe = (struct pipe){ 0 };
	uint64_t up = record_uint(r, FIELD_SOURCE_BYTES);
	uint64_t down = record_uint(r, FIELD_DESTINATION_BYTES);
	site_local_day(tracking_site(t), r->time_ns, &day, &second);
	if (day != target->day)
		target->up = target->down = 0;
	target->day = day;
	target->up += grown(up, pipe->up);
	target->down += grown(down, pipe->down);
	*pipe = (struct pipe){ up, down };
	record_set_uint(r, FIELD_TUNNEL_DAY_UPLOAD_BYTES, target->up);
	record_set_real(r, FIELD_TUNNEL_DAY_UPLOAD_RATIO, (double)target->up / (double)(target->down ? target->down : 1));
	if (record_text_is(r, FIELD_EVENT_ACTION, "closed"))
		table_remove(s->pipes, &key);
}

static void tunnel_see(void *state, struct tracking *t, struct record *r)
{
	struct tunnels *s = state;
	const struct address *client = record_ip(r, FIELD_SOURCE_IP);
	struct bytes host = record_text(r, FIELD_URL_DOMAIN);
	struct target_key key;

	if (!client || host.size == 0)
		return;
	memset(&key, 0, sizeof(key));
	key.client = *client;
	key.host = tracked_name(t, host);
	key.port = record_uint(r, FIELD_URL_PORT);
	struct target *target = table_make(s->targets, &key, r->time_ns, NULL);
	if (!target)
		return;
	count_bytes(s, t, target, r);
	if (record_text_is(r, FIELD_EVENT_ACTION, "opened"))
		see_opened(target, r);
	else if (record_text_is(r, FIELD_EVENT_ACTION, "closed"))
		see_closed(target, r);
}

static const enum field tunnel_sets[] = { FIELD_TUNNEL_RECONNECTS, FIELD_TUNNEL_CUT_AGE, FIELD_TUNNEL_CUT_JITTER,
					  FIELD_TUNNEL_DAY_UPLOAD_BYTES, FIELD_TUNNEL_DAY_UPLOAD_RATIO, FIELD_COUNT };

const struct tracker tracker_tunnel = {
	.name = "tunnel",
	.n_tables = 2,
	.reads = DATASET_BIT(DATASET_TUNNEL),
	.sets = tunnel_sets,
	.start = tunnel_start,
	.see = tunnel_see,
	.stop = tunnel_stop,
};
