/* SPDX-License-Identifier: BSD-2-Clause
 * Tunnels: what a CONNECT, a SOCKS request or an Upgrade opened. Their age, volume and shape, told when they open, when
 * what is inside becomes known, at a steady tick while they last, and when they close (MEASURES 7.2). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/instant.h"
#include "flow.h"

#define SMALL 600 /* bytes: below this a segment carries a message, not a transfer */

static bool is_wanted(const struct engine *e)
{
	return e->settings.datasets & DATASET_BIT(DATASET_TUNNEL);
}

void tunnel_open(struct engine *e, struct flow *f, const char *kind, const struct record *common)
{
	struct tunnel *t = calloc(1, sizeof(*t));

	if (!t)
		return;
	snprintf(t->kind, sizeof(t->kind), "%s", kind);
	t->flow = f;
	t->outer = f->inside->tunnel;
	t->opened_ns = e->now_ns;
	t->opened_packet = e->packet;
	t->base[CLIENT] = f->side[CLIENT].bytes;
	t->base[SERVER] = f->side[SERVER].bytes;
	t->first_speaker = -1;
	t->common = common ? record_copy(common) : NULL;
	f->inside->tunnel = t;
	flow_charge(e, f, sizeof(*t) + (t->common ? record_memory(t->common) : 0), 0);
	tunnel_tell(e, t, "opened", NULL, ENDED_CAPTURE);
	if (is_wanted(e))
		deadline_set(&e->ticks, &t->tick, e->now_ns + e->settings.tunnel_tick_ns);
}

/* Gaps between bursts of the client tell a heartbeat (Welford's running variance). */
static void note_burst(struct tunnel *t, uint64_t now_ns)
{
	uint64_t gap_ns = instant_since(now_ns, t->last_client_ns);

	if (t->exchanges == 0) {
		t->exchanges = 1;
	} else if (gap_ns >= NS_PER_S) {
		double gap = (double)gap_ns / 1e9, delta = gap - t->mean;
		t->exchanges++;
		t->mean += delta / (double)(t->exchanges - 1);
		t->spread += delta * (gap - t->mean);
	}
	t->last_client_ns = now_ns;
}

void tunnel_name(const struct tunnel *t, struct record *r)
{
	if (!t)
		return;
	record_set_string(r, FIELD_TUNNEL_KIND, t->kind);
	if (t->common && record_has(t->common, FIELD_URL_DOMAIN))
		record_set_text(r, FIELD_URL_DOMAIN, record_text(t->common, FIELD_URL_DOMAIN));
	if (t->common && record_has(t->common, FIELD_URL_PORT))
		record_set_uint(r, FIELD_URL_PORT, record_uint(t->common, FIELD_URL_PORT));
}

void tunnel_segment(struct engine *e, struct flow *f, enum side side, struct bytes b, uint32_t size)
{
	for (struct tunnel *t = flow_tunnel(f); t; t = t->outer) {
		t->segments++;
		t->small += size < SMALL;
		if (side == CLIENT)
			note_burst(t, e->now_ns);
		if (t->first_speaker >= 0)
			continue;
		t->first_speaker = (int8_t)side;
		t->n_first_bytes = (uint8_t)(b.size < sizeof(t->first_bytes) ? b.size : sizeof(t->first_bytes));
		memcpy(t->first_bytes, b.at, t->n_first_bytes);
	}
}

void tunnel_protocol(struct engine *e, struct flow *f, const char *name)
{
	struct tunnel *t = flow_tunnel(f);

	(void)e;
	if (!t->protocol) {
		t->protocol = name;
		f->tell = true;
	}
}

static void tell_protocol(struct engine *e, struct tunnel *t)
{
	if (!t->protocol || t->told_protocol)
		return;
	t->told_protocol = true;
	tunnel_tell(e, t, "progress", "protocol", ENDED_CAPTURE);
}

void tunnel_tell_protocol(struct engine *e, struct flow *f)
{
	tell_protocol(e, flow_tunnel(f));
}

/* Time to say it: bytes went by, and no protocol knew them. */
static void settle_protocol(struct engine *e, struct tunnel *t)
{
	if (!t->protocol && t->first_speaker >= 0)
		t->protocol = "unknown";
	tell_protocol(e, t);
}

static void set_shape(const struct engine *e, const struct tunnel *t, struct record *r)
{
	const struct stream *s = t->flow->side;
	uint64_t up = s[CLIENT].bytes - t->base[CLIENT], down = s[SERVER].bytes - t->base[SERVER];

	record_set_real(r, FIELD_TUNNEL_AGE, (double)instant_since(e->now_ns, t->opened_ns) / 1e9);
	record_set_uint(r, FIELD_SOURCE_BYTES, up);
	record_set_uint(r, FIELD_DESTINATION_BYTES, down);
	record_set_real(r, FIELD_TUNNEL_UPLOAD_RATIO, (double)up / (double)(down ? down : 1));
	record_set_uint(r, FIELD_TUNNEL_SEGMENTS, t->segments);
	if (t->segments)
		record_set_real(r, FIELD_TUNNEL_SMALL_SEGMENTS, (double)t->small / (double)t->segments);
	record_set_uint(r, FIELD_TUNNEL_EXCHANGES, t->exchanges);
	if (t->exchanges >= 3 && t->mean > 0) {
		record_set_real(r, FIELD_TUNNEL_HEARTBEAT_INTERVAL, t->mean);
		record_set_real(r, FIELD_TUNNEL_HEARTBEAT_JITTER, sqrt(t->spread / (double)(t->exchanges - 1)) / t->mean);
	}
}

static const char *closed_by(const struct flow *f, enum ending how)
{
	if (how == ENDED_CAPTURE)
		return "capture-end";
	if (how == ENDED_TIMEOUT || f->closed_by < 0)
		return "timeout";
	return f->closed_by == CLIENT ? "client" : "server";
}

void tunnel_tell(struct engine *e, struct tunnel *t, const char *action, const char *reason, enum ending how)
{
	bool closed = strcmp(action, "closed") == 0;

	if (!is_wanted(e))
		return;
	struct record *r = told_begin(e, t->flow, DATASET_TUNNEL, e->now_ns, e->packet ? e->packet : t->opened_packet, false);
	record_set_string(r, FIELD_EVENT_ACTION, action);
	record_set_string(r, FIELD_EVENT_REASON, reason);
	record_set_uint(r, FIELD_EVENT_START, t->opened_ns);
	record_set_string(r, FIELD_TUNNEL_KIND, t->kind);
	record_set_string(r, FIELD_TUNNEL_PROTOCOL, t->protocol ? t->protocol : t->first_speaker < 0 ? "none" : NULL);
	if (t->first_speaker >= 0)
		record_set_string(r, FIELD_TUNNEL_FIRST_SPEAKER, t->first_speaker == CLIENT ? "client" : "server");
	if (t->n_first_bytes && (!t->protocol || strcmp(t->protocol, "unknown") == 0))
		record_set_hex(r, FIELD_FLOW_FIRST_BYTES, bytes_of(t->first_bytes, t->n_first_bytes));
	if (t->server_name[0])
		record_set_wire(r, FIELD_TLS_CLIENT_SERVER_NAME, bytes_string(t->server_name));
	if (t->framing_broken)
		record_set_bool(r, FIELD_TUNNEL_FRAMING_BROKEN, true);
	if (t->start_cut)
		record_set_bool(r, FIELD_TUNNEL_START_CUT, true);
	set_shape(e, t, r);
	if (closed) {
		record_set_uint(r, FIELD_EVENT_DURATION, instant_since(t->flow->last_ns, t->opened_ns));
		record_set_string(r, FIELD_TUNNEL_CLOSED_BY, closed_by(t->flow, how));
	}
	if (t->common)
		record_merge(r, t->common);
	told_send(e, r);
}

void tunnel_close(struct engine *e, struct flow *f, enum ending how)
{
	while (flow_tunnel(f)) {
		struct tunnel *t = flow_tunnel(f);
		settle_protocol(e, t);
		tunnel_tell(e, t, "closed", NULL, how);
		deadline_clear(&e->ticks, &t->tick);
		flow_charge(e, f, 0, sizeof(*t) + (t->common ? record_memory(t->common) : 0));
		record_free(t->common);
		f->inside->tunnel = t->outer;
		free(t);
	}
}

static void tell_due(struct engine *e, struct tunnel *t, uint64_t now_ns)
{
	uint64_t next_ns = t->tick.due_ns + e->settings.tunnel_tick_ns;

	e->place = (struct engine_place){ .stage = STAGE_TUNNELS_DUE, .flow = flow_number(t->flow) };
	e->packet = t->flow->last_packet; /* the one that brought the time of the tick is of any flow */
	settle_protocol(e, t);
	tunnel_tell(e, t, "progress", "age", ENDED_CAPTURE);
	/* After a silence of the whole capture one tick tells all. */
	deadline_set(&e->ticks, &t->tick, next_ns > now_ns ? next_ns : now_ns + e->settings.tunnel_tick_ns);
}

/* By flow, then as they were opened; as expire_due. */
static int by_flow(const void *a, const void *b)
{
	const struct tunnel *x = *(struct tunnel *const *)a, *y = *(struct tunnel *const *)b;
	uint64_t first = flow_number(x->flow), second = flow_number(y->flow);

	if (first != second)
		return first < second ? -1 : 1;
	return x->tick.order < y->tick.order ? -1 : 1;
}

static bool has_room(struct engine *e, size_t n)
{
	if (n < e->max_due_tunnels)
		return true;
	size_t room = e->max_due_tunnels ? 2 * e->max_due_tunnels : 16;
	struct tunnel **more = realloc(e->due_tunnels, room * sizeof(*more));
	if (!more)
		return false;
	e->due_tunnels = more;
	e->max_due_tunnels = room;
	return true;
}

void tunnel_due(struct engine *e, uint64_t now_ns)
{
	uint64_t packet = e->packet;
	struct deadline *d;
	size_t n = 0;

	while (has_room(e, n) && (d = deadline_due(&e->ticks, now_ns)) != NULL) /* without memory: at the next sweep */
		e->due_tunnels[n++] = (struct tunnel *)d;
	if (n > 1)
		qsort(e->due_tunnels, n, sizeof(struct tunnel *), by_flow);
	for (size_t i = 0; i < n; i++)
		tell_due(e, e->due_tunnels[i], now_ns);
	e->packet = packet;
}
