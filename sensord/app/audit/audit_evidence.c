/* SPDX-License-Identifier: BSD-2-Clause
 * Connections (MEASURES 4.3) as evidence: which cells one belongs to, and whether it came through, was stopped, or says
 * nothing. What depends on the target being alive, or on its TTL, waits until all captures are read. */
#include "audit_evidence.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/instant.h"

#define ALIVE_NS (10 * NS_PER_MIN) /* MEASURES 4.3: seen alive in the last ten minutes */

/* How a connection came out. */
struct attempt {
	enum audit_event event;
	bool waits; /* for the target: unanswered, or refused with this TTL */
	bool own_filter; /* refused by a filter on the target itself */
	uint8_t ttl;
	uint8_t ways; /* which of several ways it tried, see audit_cell */
	struct audit_sight sight;
};

/* ---- hosts ---- */

struct audit_host *audit_host(struct audit *a, const struct address *at, uint64_t now_ns)
{
	struct audit_host *h = table_make(a->hosts, at, now_ns, NULL);

	if (h && !h->known) {
		h->known = true;
		h->subnet = (int16_t)audit_subnet(a, at);
		if (h->subnet >= 0)
			a->subnets[h->subnet].hosts++;
	}
	return h;
}

void audit_alive(struct audit_host *h, uint64_t time_ns)
{
	unsigned oldest = 0;

	for (unsigned i = 0; i < h->n_spans; i++) {
		if (time_ns <= h->to_ns[i] + ALIVE_NS && time_ns + ALIVE_NS >= h->from_ns[i]) {
			h->to_ns[i] = time_ns > h->to_ns[i] ? time_ns : h->to_ns[i];
			h->from_ns[i] = time_ns < h->from_ns[i] ? time_ns : h->from_ns[i];
			return;
		}
		oldest = h->to_ns[i] < h->to_ns[oldest] ? i : oldest;
	}
	/* Joined to a later one it would claim the time between. */
	unsigned i = h->n_spans < HOST_SPANS ? h->n_spans++ : oldest;
	h->from_ns[i] = h->to_ns[i] = time_ns;
}

bool audit_alive_at(const struct audit_host *h, uint64_t time_ns)
{
	for (unsigned i = 0; h && i < h->n_spans; i++)
		if (time_ns + ALIVE_NS >= h->from_ns[i] && time_ns <= h->to_ns[i] + ALIVE_NS)
			return true;
	return false;
}

const char *audit_role(const struct audit *a, int subnet)
{
	return subnet < 0 ? "" : site_zone_view(a->site, a->subnets[subnet].zone).role;
}

/* ---- sights ---- */

static uint16_t file_index(struct audit *a, struct bytes name)
{
	for (size_t i = 0; i < a->n_files; i++)
		if (bytes_equal(bytes_string(a->files[i]), name))
			return (uint16_t)i;
	if (name.size == 0 || a->n_files == AUDIT_FILES_MAX)
		return AUDIT_FILES_MAX;
	a->files[a->n_files] = strndup((const char *)name.at, name.size);
	return a->files[a->n_files] ? (uint16_t)a->n_files++ : AUDIT_FILES_MAX;
}

struct audit_sight audit_sight(struct audit *a, const struct audit_seen *s, const char *format, ...)
{
	struct audit_sight sight = {
		.packet = record_uint(s->record, FIELD_SENSOR_PACKET), .time_ns = s->record->time_ns, .from = *s->from, .to = *s->to,
		.file = file_index(a, record_text(s->record, FIELD_SENSOR_CAPTURE_FILE)), .port = s->port,
	};
	va_list values;

	va_start(values, format);
	vsnprintf(sight.said, sizeof(sight.said), format, values);
	va_end(values);
	return sight;
}

bool audit_excepted(const struct audit *a, const struct audit_cell *c, const struct audit_seen *s)
{
	struct bytes name = record_text(s->record, FIELD_URL_DOMAIN), user = record_text(s->record, FIELD_USER_NAME);
	size_t index;

	if (name.size == 0)
		name = record_text(s->record, FIELD_DESTINATION_DOMAIN);
	for (size_t i = 0; c->kind == AUDIT_DENY && i < AUDIT_RULES && c->rules[i]; i++)
		if (site_exception(a->site, c->rules[i], s->from, s->to, s->port, name, user, s->record->time_ns, &index))
			return true;
	return false;
}

static void mark_ways(struct audit *a, struct audit_cell *c, enum audit_event event, const struct audit_seen *s,
		      const struct audit_sight *sight, uint8_t ways)
{
	if (!c)
		return;
	if (event != AUDIT_TOLD && audit_excepted(a, c, s))
		event = AUDIT_EXEMPTED;
	if (event == AUDIT_STOPPED)
		c->ways_stopped |= ways;
	if (c->count[event]++ == 0)
		c->first[event] = *sight;
}

void audit_mark(struct audit *a, struct audit_cell *c, enum audit_event event, const struct audit_seen *s,
		const struct audit_sight *sight)
{
	mark_ways(a, c, event, s, sight, UINT8_MAX);
}

static void wait_for_target(struct audit *a, struct audit_cell *c, const struct audit_seen *s, const struct attempt *t)
{
	struct audit_waiting_key key;

	memset(&key, 0, sizeof(key));
	key.cell = (uint32_t)(c - a->cells);
	key.ttl = t->ttl;
	key.slot = s->record->time_ns / ALIVE_NS;
	key.to = *s->to;
	struct audit_waiting *w = table_find(a->pending, &key, s->record->time_ns);
	if (!w && table_count(a->pending) < AUDIT_PENDING_MAX)
		w = table_make(a->pending, &key, s->record->time_ns, NULL);
	if (!w) {
		a->quality.left_out++;
		audit_mark(a, c, AUDIT_UNCLEAR, s, &t->sight);
		return;
	}
	if (w->count++ == 0)
		w->sight = t->sight;
	w->ways |= t->ways;
	w->last_ns = s->record->time_ns;
}

static void mark(struct audit *a, struct audit_cell *c, const struct audit_seen *s, const struct attempt *t)
{
	if (c && t->waits && !audit_excepted(a, c, s))
		wait_for_target(a, c, s, t);
	else
		mark_ways(a, c, t->event, s, &t->sight, t->ways);
}

/* ---- outcome ---- */

static struct attempt refused_icmp(struct audit *a, const struct audit_seen *s)
{
	const struct address *by = record_ip(s->record, FIELD_FLOW_REJECT_BY);
	struct bytes name = record_text(s->record, FIELD_FLOW_REJECT);
	char room[ADDRESS_TEXT];
	bool host = by && address_equal(by, s->to), outside = by && !host && site_is_external(a->site, by);
	/* Routers say that a host or net cannot be reached, not that a port cannot: a filter does. */
	bool route = !host && (bytes_starts(name, bytes_string("host-un")) || bytes_starts(name, bytes_string("net-un")) ||
			       bytes_starts(name, bytes_string("no-route")) || bytes_starts(name, bytes_string("address-un")));
	/* Errors carry the address of the interface that they leave by (RFC 1812 section 4.3.2.4): one from outside
	 * may be of the site's own border, or of somebody whom the attempt had reached. */
	struct attempt t = { .event = host	? AUDIT_OPEN
				      : outside ? AUDIT_UNCLEAR
						: AUDIT_STOPPED,
			     .waits = route && !outside,
			     .own_filter = host && record_text_is(s->record, FIELD_FLOW_OUTCOME, "blocked") };

	t.sight = audit_sight(a, s, "ICMP %.*s sent by %s%s", (int)name.size, (const char *)name.at,
			      host ? "the host itself"
			      : by ? address_format(by, room)
				   : "?",
			      outside ? ", outside: it may have got that far" : "");
	return t;
}

static struct attempt refused_rst(struct audit *a, const struct audit_seen *s)
{
	uint64_t ttl = record_uint(s->record, FIELD_FLOW_REJECT_TTL), own = record_uint(s->record, FIELD_FLOW_HOST_TTL);
	struct attempt t = { .event = AUDIT_UNCLEAR, .waits = own == 0, .ttl = (uint8_t)ttl };

	if (own == 0) {
		t.sight = audit_sight(a, s, "RST with TTL %u", (unsigned)ttl);
		return t;
	}
	t.event = ttl == own ? AUDIT_OPEN : AUDIT_STOPPED;
	t.sight = audit_sight(a, s, "RST with TTL %u; the host itself answers with TTL %u", (unsigned)ttl, (unsigned)own);
	return t;
}

static struct attempt outcome(struct audit *a, const struct audit_seen *s)
{
	const struct record *r = s->record;
	struct attempt t = { .event = AUDIT_SUCCEEDED };

	if (record_text_is(r, FIELD_FLOW_OUTCOME, "established") || record_text_is(r, FIELD_FLOW_OUTCOME, "replied")) {
		struct bytes protocol = record_text(r, FIELD_NETWORK_PROTOCOL);
		t.sight = audit_sight(a, s, "%s%s%.*s", record_text_is(r, FIELD_FLOW_OUTCOME, "replied") ? "answered" : "established",
				      protocol.size ? ", " : "", (int)protocol.size, (const char *)protocol.at);
	} else if (record_text_is(r, FIELD_FLOW_OUTCOME, "midstream")) {
		t.event = AUDIT_UNCLEAR;
		t.sight = audit_sight(a, s, "begun before the capture");
	} else if (record_text_is(r, FIELD_FLOW_REJECT, "rst")) {
		t = refused_rst(a, s);
	} else if (record_has(r, FIELD_FLOW_REJECT)) {
		t = refused_icmp(a, s);
	} else {
		t.waits = true;
		t.sight = audit_sight(a, s, "no answer within 10 s");
	}
	return t;
}

/* ---- cells of a connection ---- */

static bool mark_row(struct audit *a, const struct audit_seen *s, const struct attempt *t,
		     const struct site_ruling *ruling, unsigned class)
{
	struct audit_key key = { CELL_ROW, s->version, (uint16_t)ruling->row, (uint16_t)ruling->from, (uint16_t)ruling->to,
				 (uint16_t)ruling->service };
	struct audit_cell *c = audit_find(a, &key);

	if (!c && s->from_net >= 0 && s->to_net >= 0) {
		struct audit_key places = key;
		places.b = (uint16_t)(AUDIT_BY_ZONE | a->subnets[s->from_net].zone);
		places.c = (uint16_t)(AUDIT_BY_ZONE | a->subnets[s->to_net].zone);
		c = audit_find(a, &places);
	}
	if (!c) {
		key.d = (uint16_t)(AUDIT_BY_CLASS | class);
		c = audit_find(a, &key);
	}
	mark(a, c, s, t);
	return c != NULL;
}

static void mark_egress(struct audit *a, const struct audit_seen *s, const struct attempt *t, const char *transport)
{
	mark(a, audit_cell_at(a, CELL_EGRESS, s->version, (size_t)s->from_net, audit_egress_of(transport, s->port)), s,
	     t);
	if (strcmp(audit_role(a, s->from_net), "admin") == 0)
		mark(a, audit_cell_at(a, CELL_AWAY, 0, a->subnets[s->from_net].zone, AWAY_INTERNET), s, t);
}

static bool is_mail(uint16_t port)
{
	static const uint16_t ports[] = { 25, 110, 143, 465, 587, 993, 995 };

	for (size_t i = 0; i < ARRAY_SIZE(ports); i++)
		if (ports[i] == port)
			return true;
	return false;
}

/* What an admin terminal does besides administration. A proxy that is reached may still refuse: its answers tell. */
static void mark_away(struct audit *a, const struct audit_seen *s, const struct attempt *t)
{
	size_t zone = a->subnets[s->from_net].zone;

	if (is_mail(s->port))
		mark(a, audit_cell_at(a, CELL_AWAY, 0, zone, AWAY_MAIL), s, t);
	if (t->event != AUDIT_SUCCEEDED || t->waits)
		if (audit_listener_at(a, s->to, s->port) >= 0)
			mark(a, audit_cell_at(a, CELL_AWAY, 0, zone, AWAY_PROXY), s, t);
}

static void mark_peers(struct audit *a, const struct audit_seen *s, const struct attempt *t)
{
	bool smb = s->port == 445 || s->port == 139;
	struct attempt mine = *t;

	/* Between PCs a filter on the PC is the measure (MEASURES 9.1). */
	if (t->own_filter)
		mine.event = AUDIT_STOPPED;
	if (smb)
		mark(a, audit_cell_at(a, CELL_PEER, s->version, (size_t)s->from_net, s->from_net != s->to_net), s,
		     &mine);
	bool stopped = mine.event != AUDIT_SUCCEEDED && mine.event != AUDIT_OPEN;
	for (unsigned i = 0; (stopped || mine.waits) && i < AUDIT_REMOTE; i++)
		for (size_t k = 0; k < ARRAY_SIZE(audit_remote[i].ports); k++) {
			mine.ways = (uint8_t)(1u << k);
			if (audit_remote[i].ports[k] == s->port && s->port)
				mark(a, audit_cell_at(a, CELL_REMOTE, 0, i, 0), s, &mine);
		}
}

static void mark_flow(struct audit *a, const struct audit_seen *s, const struct attempt *t, const char *protocol,
		      const char *transport)
{
	struct site_ruling ruling = site_ruling(a->site, s->from, s->to, protocol, transport, s->port);
	bool inside = s->from_net >= 0 && s->to_net >= 0;
	bool came = t->event == AUDIT_SUCCEEDED && !t->waits;
	bool outward = site_is_external(a->site, s->to) && !address_is_group(s->to);

	unsigned class = audit_class_of(protocol, transport, s->port);
	bool ruled = ruling.row >= 0 && mark_row(a, s, t, &ruling, class);
	if (s->from_net >= 0 && came && (ruling.action == POLICY_ALLOW || site_policy_rows(a->site) == 0))
		a->subnets[s->from_net].allowed++;
	if (s->from_net < 0)
		return;
	/* A row that lets administration go anywhere does not mean the internet (D-03). */
	bool granted = ruling.action == POLICY_ALLOW && strcmp(audit_role(a, s->from_net), "admin") != 0;
	if (outward && !granted && !site_proxy(a->site, s->from, 0).host_declared)
		mark_egress(a, s, t, transport);
	if (inside && !ruled && ruling.action == POLICY_DENY) {
		struct audit_key key = { CELL_PAIR,
					 s->version,
					 (uint16_t)a->subnets[s->from_net].zone,
					 (uint16_t)a->subnets[s->to_net].zone,
					 (uint16_t) class,
					 0 };
		mark(a, audit_find(a, &key), s, t);
	}
	if (strcmp(audit_role(a, s->from_net), "admin") == 0)
		mark_away(a, s, t);
	if (strcmp(site_role(a->site, s->from), "user") == 0 && strcmp(site_role(a->site, s->to), "user") == 0)
		mark_peers(a, s, t);
	if (inside && (s->port == 445 || s->port == 139) && strcmp(site_role(a->site, s->to), "file_server") == 0)
		mark(a, audit_cell_at(a, CELL_FILES, s->version, (size_t)s->from_net, 0), s, t);
}

/* Midstream the sensor takes the lower port for the server's: where the way back is allowed, that is what it is. */
static bool is_return(const struct audit *a, const struct audit_seen *s, const char *protocol, const char *transport)
{
	uint16_t port = (uint16_t)record_uint(s->record, FIELD_SOURCE_PORT);
	enum policy back = site_policy(a->site, s->to, s->from, protocol, transport, port);

	return back != POLICY_DENY;
}

/* ---- the captures themselves ---- */

static void count_wires(struct audit *a, const struct audit_seen *s)
{
	const char *from = audit_role(a, s->from_net), *to = audit_role(a, s->to_net);
	uint64_t *w = a->quality.wires;

	w[1] += strcmp(from, "user") == 0 && strcmp(to, "user") == 0;
	w[2] += s->from_net >= 0 && site_is_external(a->site, s->to) && !address_is_group(s->to);
	w[4] += strcmp(site_role(a->site, s->to), "dc") == 0;
	w[5] += strcmp(from, "server") == 0 || strcmp(to, "server") == 0;
	w[6] += strcmp(from, "admin") == 0 || strcmp(to, "admin") == 0;
	w[7] += audit_listener_at(a, s->to, s->port) >= 0;
}

static void count_sides(struct audit *a, const struct audit_seen *s)
{
	bool one = record_bool(s->record, FIELD_FLOW_ONE_SIDED);

	if (record_text_is(s->record, FIELD_FLOW_OUTCOME, "midstream"))
		a->quality.midstream++;
	a->quality.one_sided += one;
	a->quality.two_sided += !one;
	if (s->from_net < 0)
		return;
	a->subnets[s->from_net].one_sided += one;
	a->subnets[s->from_net].two_sided += !one;
}

static void note_hosts(struct audit *a, const struct audit_seen *s, bool answered)
{
	struct audit_host *to = audit_host(a, s->to, s->record->time_ns);
	uint64_t ttl = record_uint(s->record, FIELD_FLOW_HOST_TTL);

	if (s->from_host)
		audit_alive(s->from_host, s->record->time_ns);
	if (to && answered)
		audit_alive(to, s->record->time_ns);
	if (to && ttl)
		to->ttl = (uint8_t)ttl;
}

static void flow(struct audit *a, const struct audit_seen *s)
{
	const struct record *r = s->record;
	char protocol_room[64], transport_room[32];
	const char *protocol = record_string(r, FIELD_NETWORK_PROTOCOL, protocol_room, sizeof(protocol_room));
	const char *transport = record_string(r, FIELD_NETWORK_TRANSPORT, transport_room, sizeof(transport_room));
	bool answered = record_text_is(r, FIELD_FLOW_OUTCOME, "established") || record_text_is(r, FIELD_FLOW_OUTCOME, "replied");

	if (record_text_is(r, FIELD_EVENT_ACTION, "closed")) {
		note_hosts(a, s, answered);
		count_sides(a, s);
		return;
	}
	if (address_is_group(s->to))
		return;
	a->quality.flows++;
	note_hosts(a, s, answered);
	count_wires(a, s);
	if (s->from_net < 0 && !site_is_external(a->site, s->from))
		a->quality.unplaced++;
	if (s->from_net >= 0 && s->from_net == s->to_net)
		a->subnets[s->from_net].inside++;
	if (record_text_is(r, FIELD_FLOW_OUTCOME, "midstream") && is_return(a, s, protocol, transport))
		return;
	struct attempt t = outcome(a, s);
	mark_flow(a, s, &t, protocol, transport);
}

void audit_record(void *audit, const struct record *r)
{
	struct audit *a = audit;
	struct audit_seen s = { .record = r, .from = record_ip(r, FIELD_SOURCE_IP), .to = record_ip(r, FIELD_DESTINATION_IP),
				.port = (uint16_t)record_uint(r, FIELD_DESTINATION_PORT) };

	if (!s.from || !s.to)
		return;
	s.from_host = audit_host(a, s.from, r->time_ns);
	s.from_net = s.from_host ? s.from_host->subnet : -1;
	s.to_net = audit_subnet(a, s.to);
	s.version = address_is_v4(s.from) ? 4 : 6;
	switch (r->dataset) {
	case DATASET_FLOW: flow(a, &s); break;
	case DATASET_PROXY: audit_proxy(a, &s); break;
	case DATASET_TUNNEL: audit_tunnel(a, &s); break;
	case DATASET_AUTH: audit_auth(a, &s); break;
	case DATASET_DCE_RPC: audit_rpc(a, &s); break;
	default: break;
	}
}
