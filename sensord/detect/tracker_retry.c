/* SPDX-License-Identifier: BSD-2-Clause
 * Kerberos asked again over TCP because the answer was too big for UDP (RFC 4120 section 7.2.1): two flows, one exchange,
 * and one record. That of the first waits; the second, where it comes, is marked and begins when the first did; where none
 * comes (TCP may be blocked) the first is told as it was. Neither is a logon twice (krb_error_goes_on). */
#include "tracked.h"

#include "base/instant.h"

#include <stdlib.h>

#define RETRY_NS (30 * NS_PER_S) /* clients ask again at once */
#define RETRY_WAITING 512        /* records that wait at once; the oldest is told early beyond that */

struct retry_key {
	struct address client, kdc;
	uint64_t account, service;
};

struct waiting {
	struct retry_key key;
	struct record *record; /* NULL: the second came */
};

struct retries {
	struct waiting ring[RETRY_WAITING];
	uint64_t first, next; /* counted up, not folded */
};

static void *retry_start(struct tracking *t)
{
	(void)t;
	return calloc(1, sizeof(struct retries));
}

static void retry_stop(void *state)
{
	struct retries *s = state;

	for (size_t i = 0; i < RETRY_WAITING; i++)
		record_free(s->ring[i].record);
	free(s);
}

/* Tells the oldest, if it still waits. */
static void tell_oldest(struct retries *s, struct tracking *t)
{
	struct waiting *w = &s->ring[s->first++ % RETRY_WAITING];
	struct record *r = w->record ? tracking_record(t, w->record->dataset, w->record->time_ns) : NULL;

	if (r) {
		record_assign(r, w->record);
		tracking_publish(t, r);
	}
	record_free(w->record);
	w->record = NULL;
}

static bool key_of(struct tracking *t, const struct record *r, struct retry_key *ret)
{
	const struct address *client = record_ip(r, FIELD_SOURCE_IP), *kdc = record_ip(r, FIELD_DESTINATION_IP);

	if (!client || !kdc)
		return false;
	memset(ret, 0, sizeof(*ret));
	ret->client = *client;
	ret->kdc = *kdc;
	/* A TGS request names no client: only the reply, which UDP never brought. */
	if (record_text_is(r, FIELD_KERBEROS_TYPE, "AS"))
		ret->account = tracked_name(t, record_text(r, FIELD_KERBEROS_CLIENT));
	ret->service = tracked_name(t, record_text(r, FIELD_KERBEROS_SERVICE));
	return true;
}

static void wait_for_second(struct retries *s, struct tracking *t, const struct retry_key *key, const struct record *r)
{
	if (s->next - s->first == RETRY_WAITING)
		tell_oldest(s, t);
	struct record *copy = record_copy(r);
	if (!copy)
		return; /* then both are told */
	s->ring[s->next++ % RETRY_WAITING] = (struct waiting){ *key, copy };
	tracking_withhold(t);
}

static void retry_see(void *state, struct tracking *t, struct record *r)
{
	enum { RESPONSE_TOO_BIG = 52 };
	struct retries *s = state;
	bool udp = record_text_is(r, FIELD_NETWORK_TRANSPORT, "udp");
	bool first = udp && record_uint(r, FIELD_KERBEROS_ERROR) == RESPONSE_TOO_BIG;
	struct retry_key key;

	if ((!first && (udp || s->first == s->next)) || !key_of(t, r, &key))
		return;
	if (first) {
		wait_for_second(s, t, &key, r);
		return;
	}
	for (uint64_t i = s->first; i < s->next; i++) {
		struct waiting *w = &s->ring[i % RETRY_WAITING];
		if (!w->record || memcmp(&w->key, &key, sizeof(key)) != 0 || instant_since(r->time_ns, w->record->time_ns) > RETRY_NS)
			continue;
		record_set_bool(r, FIELD_KERBEROS_RETRIED, true);
		record_set_uint(r, FIELD_EVENT_START, w->record->time_ns);
		record_free(w->record);
		w->record = NULL;
		return;
	}
}

static void retry_tick(void *state, struct tracking *t, uint64_t now_ns)
{
	struct retries *s = state;

	while (s->first < s->next) {
		const struct record *oldest = s->ring[s->first % RETRY_WAITING].record;
		if (oldest && instant_since(now_ns, oldest->time_ns) <= RETRY_NS)
			return;
		tell_oldest(s, t);
	}
}

static void retry_finish(void *state, struct tracking *t, uint64_t now_ns)
{
	struct retries *s = state;

	(void)now_ns;
	while (s->first < s->next)
		tell_oldest(s, t);
}

const struct tracker tracker_retry = {
	.name = "retry",
	.touches = DATASET_BIT(DATASET_KERBEROS),
	.publishes = DATASET_BIT(DATASET_KERBEROS),
	.start = retry_start,
	.see = retry_see,
	.tick = retry_tick,
	.finish = retry_finish,
	.stop = retry_stop,
};
