/* SPDX-License-Identifier: BSD-2-Clause
 * What calls again and again at a steady pace (MEASURES A-03, B-05, C-05): direct flows to the outside, CONNECTs,
 * authentications at the proxy and authenticated requests to one host, answered or not: malware retries when cut. */
#include "tracked.h"

#include "base/table.h"

#include <stdlib.h>

enum kind { KIND_FLOW, KIND_CONNECT, KIND_PROXY_AUTH, KIND_PROXY_REQUEST };
static const char *const kind_names[] = { "flow", "connect", "proxy-auth", "proxy-request" };

struct beacon_key {
	struct address client;
	struct address server; /* flow and proxy-auth: who was addressed */
	uint64_t host;         /* connect and proxy-request: hash of the name in the request */
	uint32_t port;
	uint32_t kind;
};

struct beacon {
	struct table *runs; /* of struct pace */
};

static void *beacon_start(struct tracking *t)
{
	struct beacon *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->runs = table_new(sizeof(struct beacon_key), sizeof(struct pace), tracking_entries(t), tracking_key(t), NULL, NULL);
	if (!b->runs) {
		free(b);
		return NULL;
	}
	return b;
}

static void beacon_stop(void *state)
{
	struct beacon *b = state;

	table_free(b->runs);
	free(b);
}

static bool is_http(const struct record *r, uint64_t first, uint64_t last)
{
	uint64_t status = record_uint(r, FIELD_HTTP_RESPONSE_STATUS_CODE);

	return status >= first && status <= last;
}

/* Counts one start and tells of the pace. */
static void beacon_count(struct beacon *b, struct tracking *t, enum kind kind, const struct record *r, bool succeeded)
{
	const struct address *client = record_ip(r, FIELD_SOURCE_IP);
	const struct address *server = record_ip(r, FIELD_DESTINATION_IP);
	bool by_name = kind == KIND_CONNECT || kind == KIND_PROXY_REQUEST;
	struct beacon_key key;

	if (!client || !server)
		return;
	memset(&key, 0, sizeof(key));
	key.client = *client;
	key.kind = kind;
	if (by_name)
		key.host = tracked_name(t, record_text(r, FIELD_URL_DOMAIN));
	else
		key.server = *server;
	key.port = (uint32_t)record_uint(r, by_name ? FIELD_URL_PORT : FIELD_DESTINATION_PORT);
	uint64_t start = tracked_start(r);
	struct pace *p = table_make(b->runs, &key, start, NULL);
	if (!p || !pace_start(p, start))
		return;
	p->succeeded += succeeded;
	tracked_publish_pace(t, p, kind_names[kind], r);
}

static bool is_start(struct bytes action)
{
	return bytes_equal(action, bytes_string("established")) || bytes_equal(action, bytes_string("attempted")) ||
	       bytes_equal(action, bytes_string("rejected"));
}

/* Inside the site a steady pace is ordinary (polling, monitoring); what leaves it without the proxy is asked for. */
static void see_flow(struct beacon *b, struct tracking *t, const struct record *r)
{
	const struct address *from = record_ip(r, FIELD_SOURCE_IP);
	const struct address *to = record_ip(r, FIELD_DESTINATION_IP);
	bool established = record_text_is(r, FIELD_EVENT_ACTION, "established");

	if (!is_start(record_text(r, FIELD_EVENT_ACTION)))
		return;
	if (!from || !to || record_text_is(r, FIELD_FLOW_OUTCOME, "midstream"))
		return;
	if (site_is_external(tracking_site(t), from) || !site_is_external(tracking_site(t), to))
		return;
	beacon_count(b, t, KIND_FLOW, r, established);
}

/* A 407 is no start: the client comes again with its credential at once. The one that does not is the challenge
 * tracker's. */
static void see_proxy(struct beacon *b, struct tracking *t, const struct record *r)
{
	bool connect = record_text_is(r, FIELD_HTTP_REQUEST_METHOD, "CONNECT");

	if (is_http(r, 407, 407))
		return;
	if (connect)
		beacon_count(b, t, KIND_CONNECT, r, is_http(r, 200, 299));
	else if (record_bool(r, FIELD_PROXY_AUTHENTICATED))
		beacon_count(b, t, KIND_PROXY_REQUEST, r, is_http(r, 200, 399));
	if (record_text_is(r, FIELD_PROXY_AUTH_OUTCOME, "success"))
		beacon_count(b, t, KIND_PROXY_AUTH, r, true);
}

static void beacon_see(void *state, struct tracking *t, struct record *r)
{
	if (r->dataset == DATASET_FLOW)
		see_flow(state, t, r);
	else
		see_proxy(state, t, r);
}

static bool beacon_wants(struct tracking *t, const struct interest *i)
{
	const struct site *site = tracking_site(t);

	if (i->dataset != DATASET_FLOW)
		return true;
	return is_start(bytes_string(i->action)) && !site_is_external(site, i->client) && site_is_external(site, i->server);
}

static const enum field beacon_sets[] = { FIELD_BEACON_KIND, FIELD_BEACON_INTERVAL, FIELD_BEACON_COUNT, FIELD_COUNT };

const struct tracker tracker_beacon = {
	.name = "beacon",
	.n_tables = 1,
	.reads = DATASET_BIT(DATASET_FLOW) | DATASET_BIT(DATASET_PROXY),
	.publishes = DATASET_BIT(DATASET_BEACON),
	.sets = beacon_sets,
	.start = beacon_start,
	.see = beacon_see,
	.wants = beacon_wants,
	.stop = beacon_stop,
};
