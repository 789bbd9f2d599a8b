/* SPDX-License-Identifier: BSD-2-Clause
 * Kerberos asked again over TCP because the answer was too big for UDP (RFC 4120 section 7.2.1): two flows, one exchange.
 * The second is marked, so that whoever counts exchanges counts it once; the first is no logon (krb_error_goes_on). */
#include "tracked.h"

#include "base/instant.h"
#include "base/table.h"

#include <stdlib.h>

#define RETRY_NS (30 * NS_PER_S) /* clients ask again at once */

struct retry_key {
	struct address client, kdc;
	uint64_t account, service;
};

struct retries {
	struct table *asked; /* struct retry_key -> uint64_t, when UDP failed */
};

static void *retry_start(struct tracking *t)
{
	struct retries *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->asked = table_new(sizeof(struct retry_key), sizeof(uint64_t), tracking_entries(t), tracking_key(t), NULL, NULL);
	if (!s->asked) {
		free(s);
		return NULL;
	}
	return s;
}

static void retry_stop(void *state)
{
	struct retries *s = state;

	table_free(s->asked);
	free(s);
}

static void retry_see(void *state, struct tracking *t, struct record *r)
{
	enum { RESPONSE_TOO_BIG = 52 };
	struct retries *s = state;
	const struct address *client = record_ip(r, FIELD_SOURCE_IP), *kdc = record_ip(r, FIELD_DESTINATION_IP);
	struct retry_key key;

	if (!client || !kdc)
		return;
	memset(&key, 0, sizeof(key));
	key.client = *client;
	key.kdc = *kdc;
	/* A TGS request names no client: only the reply, which UDP never brought. */
	if (record_text_is(r, FIELD_KERBEROS_TYPE, "AS"))
		key.account = tracked_name(t, record_text(r, FIELD_KERBEROS_CLIENT));
	key.service = tracked_name(t, record_text(r, FIELD_KERBEROS_SERVICE));
	if (record_text_is(r, FIELD_NETWORK_TRANSPORT, "udp")) {
		uint64_t *asked = record_uint(r, FIELD_KERBEROS_ERROR) == RESPONSE_TOO_BIG ? table_make(s->asked, &key, r->time_ns, NULL) : NULL;
		if (asked)
			*asked = r->time_ns;
		return;
	}
	const uint64_t *asked = table_peek(s->asked, &key);
	if (!asked)
		return;
	if (instant_since(r->time_ns, *asked) <= RETRY_NS)
		record_set_bool(r, FIELD_KERBEROS_RETRIED, true);
	table_remove(s->asked, &key);
}

static const enum field retry_sets[] = { FIELD_KERBEROS_RETRIED, FIELD_COUNT };

const struct tracker tracker_retry = {
	.name = "retry",
	.n_tables = 1,
	.reads = DATASET_BIT(DATASET_KERBEROS),
	.sets = retry_sets,
	.start = retry_start,
	.see = retry_see,
	.stop = retry_stop,
};
